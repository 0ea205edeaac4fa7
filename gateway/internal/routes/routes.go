// Package routes knows which RPC stands behind which HTTP method and path, as the protos' HTTP rules say.
package routes

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// Route is one HTTP rule of one RPC.
type Route struct {
	RPC        protoreflect.MethodDescriptor
	HTTPMethod string
	// Template is the path as the proto has it, such as /v1/orders/{order_id}:watch.
	Template string
	// Body is what the HTTP body holds: "*" the whole request, a field's name that field, "" nothing.
	Body string
}

// FullMethod is the RPC as gRPC names it on the wire.
func (r Route) FullMethod() string {
	return fmt.Sprintf("/%s/%s", r.RPC.Parent().FullName(), r.RPC.Name())
}

// BodyMessage is the message that the body holds; nil where it holds none.
func (r Route) BodyMessage() protoreflect.MessageDescriptor {
	if r.Body == "*" {
		return r.RPC.Input()
	}
	if field := r.RPC.Input().Fields().ByName(protoreflect.Name(r.Body)); field != nil {
		return field.Message()
	}
	return nil
}

// Variables lists the parts of the path in braces.
func (r Route) Variables() []string { return variable.FindAllString(r.Template, -1) }

// Table finds routes by what the request asked for.
type Table map[string]Route

// Of reads the rules of the services with these full names.
func Of(services []string) (Table, error) {
	table := Table{}
	for _, name := range services {
		descriptor, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		if err != nil {
			return nil, fmt.Errorf("service %s: %w", name, err)
		}
		methods := descriptor.(protoreflect.ServiceDescriptor).Methods()
		for i := range methods.Len() {
			for _, route := range rules(methods.Get(i)) {
				table[key(route.HTTPMethod, route.Template)] = route
			}
		}
	}
	return table, nil
}

// Find gives the route of a matched pattern, in the runtime's notation or the proto's.
func (t Table) Find(httpMethod, pattern string) (Route, bool) {
	route, found := t[key(httpMethod, pattern)]
	return route, found
}

// Methods lists the HTTP methods that some route has at this path.
func (t Table) Methods(path string) []string {
	var found []string
	for _, route := range t {
		if !slices.Contains(found, route.HTTPMethod) && route.matches(path) {
			found = append(found, route.HTTPMethod)
		}
	}
	slices.Sort(found)
	return found
}

// RPC gives the first route of an RPC by its full name. The protos grow by service, so it may not be there yet.
func (t Table) RPC(name protoreflect.FullName) (Route, bool) {
	for _, route := range t {
		if route.RPC.FullName() == name {
			return route, true
		}
	}
	return Route{}, false
}

func rules(method protoreflect.MethodDescriptor) []Route {
	rule, ok := proto.GetExtension(method.Options(), annotations.E_Http).(*annotations.HttpRule)
	if !ok || rule == nil {
		return nil
	}
	var found []Route
	for _, rule := range append([]*annotations.HttpRule{rule}, rule.GetAdditionalBindings()...) {
		httpMethod, template := verb(rule)
		found = append(found, Route{RPC: method, HTTPMethod: httpMethod, Template: template, Body: rule.GetBody()})
	}
	return found
}

func verb(rule *annotations.HttpRule) (httpMethod, template string) {
	switch pattern := rule.GetPattern().(type) {
	case *annotations.HttpRule_Get:
		return http.MethodGet, pattern.Get
	case *annotations.HttpRule_Put:
		return http.MethodPut, pattern.Put
	case *annotations.HttpRule_Post:
		return http.MethodPost, pattern.Post
	case *annotations.HttpRule_Delete:
		return http.MethodDelete, pattern.Delete
	case *annotations.HttpRule_Patch:
		return http.MethodPatch, pattern.Patch
	default:
		return rule.GetCustom().GetKind(), rule.GetCustom().GetPath()
	}
}

// matches is for telling people what would have been possible; the runtime does the routing.
func (r Route) matches(path string) bool {
	var pattern strings.Builder
	rest := r.Template
	for _, variable := range r.Variables() {
		literal, after, _ := strings.Cut(rest, variable)
		pattern.WriteString(regexp.QuoteMeta(literal) + `[^/]+`)
		rest = after
	}
	pattern.WriteString(regexp.QuoteMeta(rest))
	return regexp.MustCompile("^" + pattern.String() + "$").MatchString(path)
}

var variable = regexp.MustCompile(`\{[^{}]+\}`)

var bareVariable = regexp.MustCompile(`\{([^{}=]+)\}`)

// key writes {name} as the runtime does, {name=*}, so that both notations meet.
func key(httpMethod, template string) string {
	return strings.ToUpper(httpMethod) + " " + bareVariable.ReplaceAllString(template, "{$1=*}")
}

package fields

import (
	"net/url"
	"slices"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/protobuf/reflect/protoreflect"

	"callsheet/gateway/internal/problem"
)

// UnknownParameters lists query parameters that are no field of the message, or that the path or the body holds
// already. The runtime would drop them in silence, and a mistyped filter would then match everything.
func UnknownParameters(message protoreflect.MessageDescriptor, query url.Values, taken []string) []problem.Violation {
	var found []problem.Violation
	for _, name := range sortedKeys(query) {
		switch field, path := resolve(message, name); {
		case field == nil:
			found = append(found, problem.Violation{Field: name, Rule: "is not a parameter of this request"})
		case isTaken(path, taken):
			found = append(found, problem.Violation{Field: name, Rule: "belongs in the path or the body"})
		}
	}
	return found
}

// Parameters lists values of path and query that do not fit their fields.
func Parameters(message protoreflect.MessageDescriptor, values url.Values) []problem.Violation {
	var found []problem.Violation
	for _, name := range sortedKeys(values) {
		one := url.Values{name: values[name]}
		err := runtime.PopulateQueryParameters(empty(message), one, utilities.NewDoubleArray(nil))
		if err == nil {
			continue
		}
		rule := "is not valid here"
		if field, _ := resolve(message, name); field != nil {
			rule = "must be " + expected(field)
		}
		found = append(found, problem.Violation{Field: name, Rule: rule})
	}
	return found
}

// isTaken says whether path or body hold this field, or what contains it. A "*" stands for the whole message.
func isTaken(path string, taken []string) bool {
	return slices.ContainsFunc(taken, func(holder string) bool {
		return holder == "*" || path == holder || strings.HasPrefix(path, holder+".")
	})
}

// resolve follows a dotted path and gives it back in the proto's own names; a key in brackets belongs to the map.
func resolve(message protoreflect.MessageDescriptor, path string) (protoreflect.FieldDescriptor, string) {
	path, _, _ = strings.Cut(path, "[")
	var field protoreflect.FieldDescriptor
	canonical := ""
	for _, name := range strings.Split(path, ".") {
		if message == nil {
			return nil, ""
		}
		if field = lookUp(message, name); field == nil {
			return nil, ""
		}
		canonical = join(canonical, string(field.Name()))
		message = field.Message()
	}
	return field, canonical
}

func sortedKeys(values url.Values) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

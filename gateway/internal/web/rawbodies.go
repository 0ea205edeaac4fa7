package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"callsheet/gateway/internal/problem"
	"callsheet/gateway/internal/routes"
)

// rawHeaders lists, for RPCs that take a body as it is, the headers that a body of this kind is worthless without.
var rawHeaders = map[protoreflect.FullName][]string{
	"callsheet.payments.v1.WebhookService.ReceiveStripeEvent": {"Stripe-Signature"},
}

const rawBody = protoreflect.FullName("google.api.HttpBody")

func takesRawBody(route routes.Route) bool {
	return route.RPC.Input().FullName() == rawBody
}

// registerRawBodies replaces the generated handlers of these RPCs, which would parse the body as JSON: a signature is
// made over bytes, and bytes are what must arrive.
func (g *Gateway) registerRawBodies() error {
	var problems []error
	for _, route := range g.routes {
		if takesRawBody(route) {
			problems = append(problems, g.mux.HandlePath(route.HTTPMethod, route.Template, g.passOn(route)))
		}
	}
	return errors.Join(problems...)
}

func (g *Gateway) passOn(route routes.Route) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, _ map[string]string) {
		x := exchangeOf(r.Context())
		if violations := x.addHeaders(r.Header, rawHeaders[route.RPC.FullName()]); len(violations) > 0 {
			x.fail(x.FieldInvalid(violations...))
			return
		}
		var beside runtime.ServerMetadata
		given := &httpbody.HttpBody{ContentType: r.Header.Get("Content-Type"), Data: x.body}
		taken := &httpbody.HttpBody{}
		err := g.calls.Invoke(r.Context(), route.FullMethod(), given, taken,
			grpc.Header(&beside.HeaderMD), grpc.Trailer(&beside.TrailerMD))
		answerHeaders(w.Header(), beside.HeaderMD, beside.TrailerMD)
		if err != nil {
			x.fail(g.trusted(r.Context(), x, err))
			return
		}
		if taken.GetContentType() != "" {
			w.Header().Set("Content-Type", taken.GetContentType())
		}
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(taken.GetData())
	}
}

// addHeaders passes on what this route alone may; readHeaders has dropped it like everything unknown.
func (x *exchange) addHeaders(header http.Header, names []string) []problem.Violation {
	var violations []problem.Violation
	for _, name := range names {
		value, violation := single(header, name)
		if value == "" && violation == nil {
			violation = []problem.Violation{{Field: name, Rule: "must be sent"}}
		}
		violations = append(violations, violation...)
		x.metadata.Set(strings.ToLower(name), value)
	}
	return violations
}

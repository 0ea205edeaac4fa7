package web

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"callsheet/gateway/internal/fields"
	"callsheet/gateway/internal/problem"
)

// newMux sets up the runtime: our JSON, our errors, and none of its own ways to pass headers or change methods.
func (g *Gateway) newMux() *runtime.ServeMux {
	nothing := func(string) (string, bool) { return "", false }
	return runtime.NewServeMux(
		runtime.WithMarshalerOption(runtime.MIMEWildcard, newLines()),
		runtime.WithMiddlewares(g.matched),
		runtime.WithErrorHandler(g.answerError),
		runtime.WithRoutingErrorHandler(g.answerNoRoute),
		runtime.WithStreamErrorHandler(g.answerStreamError),
		runtime.WithForwardResponseOption(copyAnswered),
		runtime.WithIncomingHeaderMatcher(nothing),
		runtime.WithOutgoingHeaderMatcher(nothing),
		runtime.WithOutgoingTrailerMatcher(nothing),
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
	)
}

// matched runs once the route is known, and refuses what the runtime would let pass or misname.
func (g *Gateway) matched(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
		x := exchangeOf(r.Context())
		pattern, _ := runtime.HTTPPattern(r.Context())
		route, found := g.routes.Find(r.Method, pattern.String())
		if !found {
			x.fail(x.Internal())
			return
		}
		x.route, x.pathParams = route, pathParams
		if failure := x.refusal(r.URL.RawQuery); failure != nil {
			x.fail(failure)
			return
		}
		next(w, r, pathParams)
	}
}

// refusal says what is wrong with a request before its message is built; nil where nothing is.
func (x *exchange) refusal(rawQuery string) *status.Status {
	if takesRawBody(x.route) {
		return nil
	}
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return x.Malformed("the query is not well formed")
	}
	if violations := fields.UnknownParameters(x.route.RPC.Input(), query, x.taken()); len(violations) > 0 {
		return x.FieldInvalid(violations...)
	}
	if x.route.Body == "" || len(x.body) == 0 {
		return nil
	}
	return x.refusalOfBody()
}

// refusalOfBody looks at the body as a whole: the runtime would read a first value and ignore what follows it.
func (x *exchange) refusalOfBody() *status.Status {
	if !utf8.Valid(x.body) {
		return x.Malformed("the body is not UTF-8")
	}
	var violations []problem.Violation
	var err error
	if x.route.RPC.IsStreamingClient() {
		violations, err = fields.Lines(x.route.RPC.Input(), x.body)
	} else if err = json.Unmarshal(x.body, new(json.RawMessage)); err == nil {
		violations = fields.Numbers(x.route.BodyMessage(), x.body)
	}
	switch {
	case err != nil:
		return x.Malformed("the body is not valid JSON: " + err.Error())
	case len(violations) > 0:
		return x.FieldInvalid(violations...)
	}
	return nil
}

// taken names the fields that path and body hold.
func (x *exchange) taken() []string {
	var taken []string
	for name := range x.pathParams {
		taken = append(taken, name)
	}
	if x.route.Body != "" {
		taken = append(taken, x.route.Body)
	}
	return taken
}

// answerError is the runtime's way out for everything that failed before or instead of an answer.
func (g *Gateway) answerError(
	ctx context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, _ http.ResponseWriter, r *http.Request, err error,
) {
	x := exchangeOf(r.Context())
	if beside, ok := runtime.ServerMetadataFromContext(ctx); ok {
		answerHeaders(x.answer.Header(), beside.HeaderMD, beside.TrailerMD)
	}
	if !x.called {
		x.fail(x.explain(r.URL.RawQuery))
		return
	}
	x.fail(g.trusted(ctx, x, err))
}

// explain names the field that kept the request from becoming a message.
func (x *exchange) explain(rawQuery string) *status.Status {
	if x.route.RPC == nil {
		return x.Malformed("the path is not well formed")
	}
	message := x.route.RPC.Input()
	values, _ := url.ParseQuery(rawQuery)
	for name, value := range x.pathParams {
		values.Set(name, value)
	}
	violations := fields.Parameters(message, values)
	switch field := message.Fields().ByName(protoreflect.Name(x.route.Body)); {
	case x.route.Body == "*":
		violations = append(violations, fields.Body(message, x.body)...)
	case field != nil:
		violations = append(violations, fields.Field(field, x.body)...)
	}
	if len(violations) == 0 {
		return x.Malformed("the request is not a valid " + string(message.Name()))
	}
	return x.FieldInvalid(violations...)
}

// answerStreamError ends a stream. Before its first line the answer is that of any failed call; later the status has
// been sent, and a last line tells.
func (g *Gateway) answerStreamError(ctx context.Context, err error) *status.Status {
	x := exchangeOf(ctx)
	failure := g.trusted(ctx, x, err)
	x.fail(failure)
	x.failure = failure
	return failure
}

// trusted keeps what the server said and replaces what a library said, which goes to the log instead.
func (g *Gateway) trusted(ctx context.Context, x *exchange, err error) *status.Status {
	failure := status.Convert(err)
	if failure.Code() == codes.Canceled && g.draining.Err() != nil && problem.Reason(failure) == "" {
		return x.Down("gateway", "the gateway is about to stop; ask again")
	}
	trusted := x.Trusted(failure)
	if trusted != failure && failure.Code() != codes.Canceled {
		g.log.LogAttrs(ctx, slog.LevelWarn, "call failed on the way", slog.String("route", x.route.Template),
			slog.String("code", failure.Code().String()), slog.String("error", failure.Message()),
			slog.String("correlation_id", x.CorrelationID))
	}
	return trusted
}

func (g *Gateway) answerNoRoute(
	_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, httpStatus int,
) {
	x := exchangeOf(r.Context())
	switch httpStatus {
	case http.StatusMethodNotAllowed:
		refuseMethod(w, r, g.routes.Methods(r.URL.Path)...)
	case http.StatusNotFound:
		x.fail(x.NotFound("there is nothing at this path"))
	default:
		x.fail(x.Malformed("the path is not well formed"))
	}
}

// refuseMethod answers 405, which no gRPC code stands for.
func refuseMethod(w http.ResponseWriter, r *http.Request, allowed ...string) {
	x := exchangeOf(r.Context())
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	x.failure = x.NotFound("there is nothing at this path for this method")
	problem.WriteAs(w, http.StatusMethodNotAllowed, x.failure)
}

// copyAnswered runs before an answer's first byte.
func copyAnswered(ctx context.Context, w http.ResponseWriter, _ proto.Message) error {
	if beside, ok := runtime.ServerMetadataFromContext(ctx); ok {
		answerHeaders(w.Header(), beside.HeaderMD, beside.TrailerMD)
	}
	return nil
}

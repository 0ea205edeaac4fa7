package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/metadata"

	"callsheet/gateway/internal/problem"
)

const (
	correlationHeader = "X-Correlation-Id"
	timeoutHeader     = "X-Request-Timeout"
	longestTimeout    = 300 * time.Second
)

// forwarded lists the request headers that become metadata, and nothing else does. x-on-behalf-of above all: it is a
// privilege of services inside, and a caller from outside must not be able to claim it.
var forwarded = []string{"Authorization", "Idempotency-Key", "Traceparent", "Tracestate", "X-Device"}

// answered lists the metadata that becomes response headers; the rest is the servers' own business.
var answered = map[string]string{
	"x-correlation-id":  correlationHeader,
	"idempotent-replay": "Idempotent-Replay",
}

// readHeaders decides what of the request's headers counts.
func (g *Gateway) readHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(r.Context())
		passed, violations := forwardedMetadata(r.Header)
		timeout, violation := requestTimeout(r.Header.Get(timeoutHeader))
		if violations = append(violations, violation...); len(violations) > 0 {
			x.fail(x.FieldInvalid(violations...))
			return
		}
		passed.Set("x-correlation-id", x.CorrelationID)
		x.metadata, x.timeout = passed, timeout
		// The runtime reads these three itself, and would take a deadline from one and an address from the others.
		for _, name := range []string{"Grpc-Timeout", "X-Forwarded-For", "X-Forwarded-Host"} {
			r.Header.Del(name)
		}
		next.ServeHTTP(w, r)
	})
}

func forwardedMetadata(header http.Header) (metadata.MD, []problem.Violation) {
	passed := metadata.MD{}
	var violations []problem.Violation
	for _, name := range forwarded {
		value, violation := single(header, name)
		violations = append(violations, violation...)
		if value != "" {
			passed.Set(strings.ToLower(name), value)
		}
	}
	return passed, violations
}

// single gives a header's one value. gRPC carries printable ASCII only, and fails a call with other text in a way that
// looks like a defect of ours.
func single(header http.Header, name string) (string, []problem.Violation) {
	values := header.Values(name)
	// The standard lets tracestate be sent in pieces.
	value := strings.Join(values, ",")
	switch {
	case len(values) > 1 && name != "Tracestate":
		return "", []problem.Violation{{Field: name, Rule: "must be sent once"}}
	case strings.ContainsFunc(value, func(char rune) bool { return char < ' ' || char > '~' }):
		return "", []problem.Violation{{Field: name, Rule: "must be printable ASCII"}}
	}
	return value, nil
}

func requestTimeout(value string) (time.Duration, []problem.Violation) {
	if value == "" {
		return 0, nil
	}
	seconds, err := strconv.ParseFloat(value, 64)
	// Written so that NaN, which no comparison accepts, is refused too.
	if err != nil || !(seconds >= 0.001 && seconds <= longestTimeout.Seconds()) {
		rule := fmt.Sprintf("must be seconds from 0.001 to %.0f, such as 2.5", longestTimeout.Seconds())
		return 0, []problem.Violation{{Field: timeoutHeader, Rule: rule}}
	}
	return time.Duration(seconds * float64(time.Second)), nil
}

// answerHeaders copies what a server said beside its answer. Failures carry it in the trailer where no message came.
func answerHeaders(header http.Header, sources ...metadata.MD) {
	for name, target := range answered {
		for _, source := range sources {
			if values := source.Get(name); len(values) > 0 {
				header.Set(target, values[0])
			}
		}
	}
}

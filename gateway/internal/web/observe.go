package web

import (
	"context"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"callsheet/gateway/internal/problem"
)

// observe begins the exchange, and at its end writes one line about it: which route, how it went, how long it took.
// No address, no path with its ids, no query and no header's value: those may be somebody's data.
func (g *Gateway) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{
			Maker:  problem.Maker{CorrelationID: correlationOf(r.Header)},
			answer: &answer{ResponseWriter: w},
		}
		x.answer.extend()
		header := x.answer.Header()
		header.Set(correlationHeader, x.CorrelationID)
		header.Set("X-Content-Type-Options", "nosniff")

		began := time.Now()
		g.metrics.Began()
		defer func() {
			// The deadline of the last write may have passed while a stream was silent; its end is still to be sent.
			x.answer.extend()
			g.record(r, x, time.Since(began))
		}()
		defer g.recovered(r.Context(), x)
		next.ServeHTTP(x.answer, r.WithContext(withExchange(r.Context(), x)))
	})
}

// recovered turns a panic into the answer that hides it and a log line that shows it. The server's own way to break
// off a connection is a panic too, and passes.
func (g *Gateway) recovered(ctx context.Context, x *exchange) {
	cause := recover()
	if cause == nil {
		return
	}
	if cause == http.ErrAbortHandler {
		panic(cause)
	}
	g.log.LogAttrs(ctx, slog.LevelError, "panic", slog.Any("cause", cause),
		slog.String("correlation_id", x.CorrelationID), slog.String("stack", string(debug.Stack())))
	x.fail(x.Internal())
}

func (g *Gateway) record(r *http.Request, x *exchange, took time.Duration) {
	route := x.route.Template
	if route == "" {
		route = "unmatched"
	}
	status := x.answer.status
	if status == 0 {
		status = http.StatusOK
	}
	g.metrics.Ended(r.Method, route, status, took)
	g.log.LogAttrs(r.Context(), level(route, status), "request",
		slog.String("method", r.Method),
		slog.String("route", route),
		slog.Int("status", status),
		slog.String("reason", problem.Reason(x.failure)),
		slog.Float64("ms", float64(took.Microseconds())/1000),
		slog.Int64("bytes", x.answer.bytes),
		slog.String("correlation_id", x.CorrelationID))
}

func level(route string, status int) slog.Level {
	switch {
	case status >= http.StatusInternalServerError:
		return slog.LevelError
	case route == "/healthz" || route == "/livez":
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

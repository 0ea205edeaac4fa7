package web

import (
	"net/http"
	"slices"
	"strings"
)

const (
	corsMethods = "GET, POST, PUT, PATCH, DELETE"
	corsHeaders = "Authorization, Content-Type, Idempotency-Key, Traceparent, Tracestate, " +
		correlationHeader + ", " + timeoutHeader
	corsExposed = correlationHeader + ", Idempotent-Replay, Retry-After"
	corsMaxAge  = "600"
)

// allowOrigins lets the configured web origins call. There are no cookies, hence no credentials to allow: a page has
// to hold a token of its own.
func (g *Gateway) allowOrigins(next http.Handler) http.Handler {
	anybody := slices.Contains(g.settings.CORSOrigins, "*")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		allowed := origin != "" && (anybody || slices.Contains(g.settings.CORSOrigins, strings.ToLower(origin)))
		header := w.Header()
		if len(g.settings.CORSOrigins) > 0 && !anybody {
			header.Add("Vary", "Origin")
		}
		if allowed {
			header.Set("Access-Control-Allow-Origin", allowedOrigin(anybody, origin))
			header.Set("Access-Control-Expose-Headers", corsExposed)
		}
		if r.Method != http.MethodOptions {
			next.ServeHTTP(w, r)
			return
		}
		if allowed && r.Header.Get("Access-Control-Request-Method") != "" {
			header.Set("Access-Control-Allow-Methods", corsMethods)
			header.Set("Access-Control-Allow-Headers", corsHeaders)
			header.Set("Access-Control-Max-Age", corsMaxAge)
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

func allowedOrigin(anybody bool, origin string) string {
	if anybody {
		return "*"
	}
	return origin
}

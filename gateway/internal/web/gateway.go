// Package web is the HTTP side: from a request to an RPC and back.
//
// A request passes, outermost first: observe (id, log, panics) → CORS → the gateway's own pages, or: headers → body →
// forms → the runtime's routes → parameters → the RPC.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"

	"callsheet/gateway/gen/registry"
	"callsheet/gateway/internal/config"
	"callsheet/gateway/internal/metrics"
	"callsheet/gateway/internal/routes"
)

// Servers is the way to the RPCs.
type Servers interface {
	grpc.ClientConnInterface
	Healthy(context.Context) (bool, error)
}

// Gateway answers HTTP requests. Draining ends when no new work should come: streams break off with an error line that
// tells their readers to come back, and the health page turns.
type Gateway struct {
	settings config.Config
	servers  Servers
	calls    calls
	draining context.Context
	log      *slog.Logger
	metrics  *metrics.Requests
	routes   routes.Table
	mux      *runtime.ServeMux
}

// New registers every service of the protos. The draining context is done once the gateway is to stop.
func New(
	draining context.Context, settings config.Config, servers Servers, log *slog.Logger, requests *metrics.Requests,
) (*Gateway, error) {
	var names []string
	for _, service := range registry.Services {
		names = append(names, service.Name)
	}
	table, err := routes.Of(names)
	if err != nil {
		return nil, err
	}
	g := &Gateway{
		settings: settings,
		servers:  servers,
		calls:    calls{servers: servers, draining: draining, defaultTimeout: settings.RequestTimeout},
		draining: draining,
		log:      log,
		metrics:  requests,
		routes:   table,
	}
	g.mux = g.newMux()
	for _, service := range registry.Services {
		err = errors.Join(err, service.Register(draining, g.mux, g.calls))
	}
	return g, errors.Join(err, g.registerRawBodies())
}

// Handler is the whole gateway.
func (g *Gateway) Handler() (http.Handler, error) {
	api, err := g.acceptForms(standardForms, g.mux)
	if err != nil {
		return nil, err
	}
	pages := g.pages(g.readHeaders(g.readBody(api)))
	return g.observe(g.allowOrigins(pages)), nil
}

// pages serves what is the gateway's own and leaves the rest to the API.
func (g *Gateway) pages(api http.Handler) http.Handler {
	own := map[string]http.Handler{
		"/":             http.RedirectHandler(docsPath, http.StatusFound),
		"/healthz":      http.HandlerFunc(g.ready),
		"/livez":        http.HandlerFunc(alive),
		"/openapi.json": openAPIDocument(),
		"/docs":         http.RedirectHandler(docsPath, http.StatusFound),
		docsPath:        docsPage(),
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if strings.HasPrefix(path, docsPath) {
			path = docsPath
		}
		page, found := own[path]
		switch {
		case !found:
			api.ServeHTTP(w, r)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			refuseMethod(w, r, http.MethodGet)
		default:
			exchangeOf(r.Context()).route.Template = path
			page.ServeHTTP(w, r)
		}
	})
}

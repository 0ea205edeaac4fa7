package web

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

const healthTimeout = 2 * time.Second

// healthReport is what the health pages say.
type healthReport struct {
	Status  string `json:"status"`
	Gateway string `json:"gateway"`
	Server  string `json:"server,omitempty"`
}

// ready answers 200 where a request would be served: the gateway is not stopping, and a server serves.
func (g *Gateway) ready(w http.ResponseWriter, r *http.Request) {
	if g.draining.Err() != nil {
		writeHealth(w, http.StatusServiceUnavailable, healthReport{Status: "unready", Gateway: "draining"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	switch serving, err := g.servers.Healthy(ctx); {
	case err != nil:
		writeHealth(w, http.StatusServiceUnavailable, healthReport{Status: "unready", Gateway: "serving", Server: "unreachable"})
	case !serving:
		writeHealth(w, http.StatusServiceUnavailable, healthReport{Status: "unready", Gateway: "serving", Server: "not_serving"})
	default:
		writeHealth(w, http.StatusOK, healthReport{Status: "ready", Gateway: "serving", Server: "serving"})
	}
}

// alive answers 200 as long as the process answers at all; restarting the gateway would not bring a server back.
func alive(w http.ResponseWriter, _ *http.Request) {
	writeHealth(w, http.StatusOK, healthReport{Status: "alive", Gateway: "serving"})
}

func writeHealth(w http.ResponseWriter, status int, state healthReport) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(state)
}

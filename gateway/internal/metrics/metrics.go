// Package metrics counts and times requests for Prometheus.
package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Requests is what is measured of every request. Labels come from the protos' routes, so their number is bounded.
type Requests struct {
	registry *prometheus.Registry
	inFlight prometheus.Gauge
	total    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// New registers the metrics in a registry of their own.
func New() *Requests {
	r := &Requests{
		registry: prometheus.NewRegistry(),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "callsheet_gateway_requests_in_flight", Help: "Requests being answered, streams among them.",
		}),
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "callsheet_gateway_requests_total", Help: "Requests answered.",
		}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "callsheet_gateway_request_seconds", Help: "From the first byte of a request to the last of its answer.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2.5, 12),
		}, []string{"method", "route"}),
	}
	r.registry.MustRegister(r.inFlight, r.total, r.seconds,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Began counts a request in.
func (r *Requests) Began() { r.inFlight.Inc() }

// Ended counts it out. A method that no route has would be a label of the caller's choosing.
func (r *Requests) Ended(method, route string, status int, took time.Duration) {
	if route == "unmatched" {
		method = "any"
	}
	r.inFlight.Dec()
	r.total.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	r.seconds.WithLabelValues(method, route).Observe(took.Seconds())
}

// Handler serves them in Prometheus's text format.
func (r *Requests) Handler() http.Handler {
	return promhttp.HandlerFor(r.registry, promhttp.HandlerOpts{})
}

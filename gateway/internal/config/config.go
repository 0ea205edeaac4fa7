// Package config reads the gateway's settings. Nothing else in the gateway looks at the environment.
package config

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Config is everything that differs between one installation and another.
type Config struct {
	Host        string
	Port        string
	MetricsPort string

	Targets     []string
	Connections int
	TLS         TLS

	BodyLimit      int64
	RequestTimeout time.Duration
	DrainTimeout   time.Duration
	CORSOrigins    []string
	LogFormat      string
}

// TLS says how the server is reached: in the clear without a CA, with the gateway's own certificate where one is named.
type TLS struct {
	CA         string
	Cert       string
	Key        string
	ServerName string
}

// Address is where the gateway listens.
func (c Config) Address() string { return net.JoinHostPort(c.Host, c.Port) }

// Load reads the settings through getenv and reports every bad one at once, by its variable.
func Load(getenv func(string) string) (Config, error) {
	r := reader{getenv: getenv}
	config := Config{
		Host:        r.text("CALLSHEET_HTTP_HOST", "127.0.0.1"),
		Port:        r.port("CALLSHEET_HTTP_PORT", "8080"),
		MetricsPort: r.port("CALLSHEET_GATEWAY_METRICS_PORT", ""),
		Targets:     r.targets("CALLSHEET_GRPC_TARGETS", "127.0.0.1:"+r.port("CALLSHEET_GRPC_PORT", "50051")),
		Connections: int(r.number("CALLSHEET_GRPC_CONNECTIONS", 4, 1, 64)),
		TLS: TLS{
			CA:         r.text("CALLSHEET_GRPC_TLS_CA", ""),
			Cert:       r.text("CALLSHEET_GRPC_TLS_CERT", ""),
			Key:        r.text("CALLSHEET_GRPC_TLS_KEY", ""),
			ServerName: r.text("CALLSHEET_GRPC_TLS_NAME", ""),
		},
		BodyLimit:      r.number("CALLSHEET_HTTP_BODY_LIMIT", 1<<20, 1<<10, 4<<20),
		RequestTimeout: r.seconds("CALLSHEET_HTTP_TIMEOUT_SECONDS", 30),
		DrainTimeout:   r.seconds("CALLSHEET_HTTP_DRAIN_SECONDS", 25),
		CORSOrigins:    r.origins("CALLSHEET_CORS_ORIGINS"),
		LogFormat:      r.choice("CALLSHEET_LOG_FORMAT", "json", "console"),
	}
	if (config.TLS.Cert == "") != (config.TLS.Key == "") {
		r.fail("CALLSHEET_GRPC_TLS_CERT", "and CALLSHEET_GRPC_TLS_KEY come together")
	}
	if config.TLS.CA == "" && (config.TLS.Cert != "" || config.TLS.ServerName != "") {
		r.fail("CALLSHEET_GRPC_TLS_CA", "must be set where any other CALLSHEET_GRPC_TLS_ variable is")
	}
	return config, errors.Join(r.problems...)
}

// reader collects what is wrong, so that an operator mends everything in one go.
type reader struct {
	getenv   func(string) string
	problems []error
}

func (r *reader) fail(name, rule string) {
	r.problems = append(r.problems, fmt.Errorf("%s %s", name, rule))
}

func (r *reader) text(name, fallback string) string {
	if value := strings.TrimSpace(r.getenv(name)); value != "" {
		return value
	}
	return fallback
}

func (r *reader) port(name, fallback string) string {
	value := r.text(name, fallback)
	if number, err := strconv.ParseUint(value, 10, 16); value != "" && (err != nil || number == 0) {
		r.fail(name, "must be a port from 1 to 65535")
	}
	return value
}

func (r *reader) number(name string, fallback, least, most int64) int64 {
	value := r.text(name, strconv.FormatInt(fallback, 10))
	number, err := strconv.ParseInt(value, 10, 64)
	if err != nil || number < least || number > most {
		r.fail(name, fmt.Sprintf("must be a whole number from %d to %d", least, most))
	}
	return number
}

func (r *reader) seconds(name string, fallback float64) time.Duration {
	value := r.text(name, strconv.FormatFloat(fallback, 'f', -1, 64))
	number, err := strconv.ParseFloat(value, 64)
	if err != nil || !(number > 0 && number <= 300) {
		r.fail(name, "must be a number of seconds above 0, at most 300")
	}
	return time.Duration(number * float64(time.Second))
}

func (r *reader) choice(name string, options ...string) string {
	value := r.text(name, options[0])
	for _, option := range options {
		if value == option {
			return value
		}
	}
	r.fail(name, "must be one of "+strings.Join(options, ", "))
	return value
}

func (r *reader) list(name, fallback string) []string {
	var values []string
	for _, value := range strings.Split(r.text(name, fallback), ",") {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	return values
}

func (r *reader) targets(name, fallback string) []string {
	targets := r.list(name, fallback)
	if len(targets) == 0 {
		r.fail(name, "must name at least one host:port")
	}
	for _, target := range targets {
		host, port, err := net.SplitHostPort(target)
		if err != nil || host == "" || port == "" {
			r.fail(name, fmt.Sprintf("must list host:port pairs, which %q is not", target))
		}
	}
	return targets
}

func (r *reader) origins(name string) []string {
	origins := r.list(name, "")
	for i, origin := range origins {
		origins[i] = strings.ToLower(origin)
		if origin == "*" {
			continue
		}
		if parsed, err := url.Parse(origin); err != nil || parsed.Host == "" || parsed.Scheme+"://"+parsed.Host != origin {
			r.fail(name, fmt.Sprintf("must list origins such as https://app.example, which %q is not", origin))
		}
	}
	return origins
}

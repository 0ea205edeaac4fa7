// The gateway serves Callsheet's RPCs as JSON over HTTP.
//
// Usage: gateway [healthcheck]. Settings come from the environment; gateway/README.md lists them.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"google.golang.org/grpc/grpclog"

	"callsheet/gateway/gen/assets"
	"callsheet/gateway/internal/config"
	"callsheet/gateway/internal/metrics"
	"callsheet/gateway/internal/upstream"
	"callsheet/gateway/internal/web"
)

func main() {
	settings, err := config.Load(os.Getenv)
	if err == nil {
		err = command(settings, os.Args[1:])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gateway:", err)
		os.Exit(1)
	}
}

func command(settings config.Config, arguments []string) error {
	switch {
	case len(arguments) == 0:
		return serve(settings)
	case len(arguments) == 1 && arguments[0] == "healthcheck":
		return healthcheck(settings)
	default:
		return errors.New("usage: gateway [healthcheck]")
	}
}

// serve runs until SIGTERM or SIGINT and then lets calls under way finish; a second signal ends it at once.
func serve(settings config.Config) error {
	draining, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// The runtime's own log repeats, as plain text, what the access log says; some lines quote requests.
	grpclog.SetLoggerV2(grpclog.NewLoggerV2(io.Discard, io.Discard, io.Discard))
	log := newLog(settings.LogFormat)

	pool, err := upstream.Dial(settings, assets.ServiceConfig)
	if err != nil {
		return err
	}
	defer pool.Close()
	requests := metrics.New()
	gateway, err := web.New(draining, settings, pool, log, requests)
	if err != nil {
		return err
	}
	handler, err := gateway.Handler()
	if err != nil {
		return err
	}

	servers := []server{{address: settings.Address(), handler: handler}}
	if settings.MetricsPort != "" {
		address := net.JoinHostPort(settings.Host, settings.MetricsPort)
		servers = append(servers, server{address: address, handler: requests.Handler()})
	}
	log.Info("serving", slog.String("address", settings.Address()), slog.Any("targets", settings.Targets))
	return runAll(draining, stop, settings.DrainTimeout, servers, log)
}

func newLog(format string) *slog.Logger {
	if format == "console" {
		return slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, nil))
}

// healthcheck asks the gateway on this machine whether it is ready; an image without a shell has no other way to.
func healthcheck(settings config.Config) error {
	host := settings.Host
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	client := http.Client{Timeout: 4 * time.Second}
	answer, err := client.Get("http://" + net.JoinHostPort(host, settings.Port) + "/healthz")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", answer.Status)
	}
	return nil
}

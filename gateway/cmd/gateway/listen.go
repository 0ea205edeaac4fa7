package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"syscall"
	"time"
)

// server is one port and what answers there.
type server struct {
	address string
	handler http.Handler
}

// runAll listens on every port before it serves on any, serves until the context is done, and then drains.
func runAll(done context.Context, stop func(), drain time.Duration, servers []server, log *slog.Logger) error {
	failed := make(chan error, len(servers))
	var running []*http.Server
	for _, each := range servers {
		listener, err := net.Listen("tcp", each.address)
		if errors.Is(err, syscall.EADDRINUSE) {
			return fmt.Errorf("%s is taken by another process", each.address)
		}
		if err != nil {
			return fmt.Errorf("cannot listen: %w", err)
		}
		serving := newServer(each.handler, log)
		running = append(running, serving)
		go func() { failed <- serving.Serve(listener) }()
	}

	select {
	case err := <-failed:
		return err
	case <-done.Done():
	}
	stop()
	log.Info("draining", slog.Float64("seconds_at_most", drain.Seconds()))
	limit, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	var problems []error
	for _, serving := range running {
		problems = append(problems, serving.Shutdown(limit))
	}
	return errors.Join(problems...)
}

// newServer bounds what a client may take its time over. Bodies and answers have deadlines of their own in package
// web, because one for the whole exchange would end streams.
func newServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       120 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

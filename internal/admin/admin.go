// Package admin is the HTTP server for operators: /metrics for Prometheus,
// /healthz and /readyz for whoever restarts or routes, and, when asked for,
// Go's profiler.
//
// Threads: a goroutine for each request, none of them a loop; what a scrape
// reads of the loops are counters (package metrics).
//
// Memory: Go heap, for the time of a request.
//
// Limits: see the constants; a client that sends or reads slowly is cut off.
package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/crucible-cache/crucible/internal/config"
	"github.com/crucible-cache/crucible/internal/metrics"
)

const (
	headerTimeout    = 5 * time.Second
	readTimeout      = 10 * time.Second
	idleTimeout      = 2 * time.Minute
	headerBytesMax   = 16 << 10
	scrapesAtOnceMax = 4
	// writeTimeout leaves room for a CPU profile of the default 30 s.
	writeTimeout = 90 * time.Second
)

// Server is a running admin server.
type Server struct {
	http     *http.Server
	listener net.Listener
}

// Listen binds the configured address, so that a port that is taken is found out
// before any client is served.
func Listen(c config.Metrics) (net.Listener, error) {
	listener, err := net.Listen("tcp", c.Address)
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w: another server has that port; choose another one for metrics.address", err)
	}
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	return listener, nil
}

// Serve starts the admin server on a socket of Listen, which it takes over.
// Requests are served in the background until Close. sources are asked at each
// scrape.
func Serve(listener net.Listener, c config.Metrics, state *State, sources []metrics.Source, log *slog.Logger) (*Server, error) {
	registry, err := newRegistry(sources)
	if err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		MaxRequestsInFlight: scrapesAtOnceMax,
		ErrorLog:            slog.NewLogLogger(log.Handler(), slog.LevelError),
		ErrorHandling:       promhttp.ContinueOnError,
	}))
	mux.HandleFunc("GET /healthz", state.serveHealth)
	mux.HandleFunc("GET /readyz", state.serveReady)
	if c.Pprof {
		addProfiler(mux)
	}
	s := &Server{
		listener: listener,
		http: &http.Server{
			Handler:           mux,
			ReadHeaderTimeout: headerTimeout,
			ReadTimeout:       readTimeout,
			WriteTimeout:      writeTimeout,
			IdleTimeout:       idleTimeout,
			MaxHeaderBytes:    headerBytesMax,
			ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		},
	}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("admin server ended", "error", err)
		}
	}()
	return s, nil
}

// addProfiler serves the handlers that package pprof would otherwise put on
// the default mux, for everybody.
func addProfiler(mux *http.ServeMux) {
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
}

// Addr returns the address it listens on, with the real port.
func (s *Server) Addr() net.Addr { return s.listener.Addr() }

// Close stops the server: requests that are being answered may finish until
// ctx ends, then they are cut off.
func (s *Server) Close(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return s.http.Close()
	}
	return nil
}

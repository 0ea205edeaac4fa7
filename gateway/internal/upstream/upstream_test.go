package upstream

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"callsheet/gateway/internal/config"
)

// counted is a server that counts what reaches it.
type counted struct {
	address string
	calls   *atomic.Int64
	health  *health.Server
}

func serve(t *testing.T) counted {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	calls := new(atomic.Int64)
	server := grpc.NewServer(grpc.UnaryInterceptor(
		func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			calls.Add(1)
			return handler(ctx, request)
		}))
	state := health.NewServer()
	grpc_health_v1.RegisterHealthServer(server, state)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return counted{address: listener.Addr().String(), calls: calls, health: state}
}

func dial(t *testing.T, settings config.Config) *Pool {
	t.Helper()
	pool, err := Dial(settings, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// until asks the servers again and again until the condition holds; the context's end is what fails the test.
func until(t *testing.T, pool *Pool, condition func(healthy bool, err error) bool) {
	t.Helper()
	ctx := within(t)
	for ctx.Err() == nil {
		if condition(pool.Healthy(ctx)) {
			return
		}
	}
	t.Fatal("it never came to that")
}

func TestEveryTargetGetsItsTurn(t *testing.T) {
	first, second := serve(t), serve(t)
	pool := dial(t, config.Config{Targets: []string{first.address, second.address}, Connections: 2})
	until(t, pool, func(bool, error) bool { return first.calls.Load() > 10 && second.calls.Load() > 10 })
}

func TestAServerThatDrainsGetsNoNewCalls(t *testing.T) {
	first, second := serve(t), serve(t)
	pool := dial(t, config.Config{Targets: []string{first.address, second.address}, Connections: 1})
	until(t, pool, func(bool, error) bool { return first.calls.Load() > 0 && second.calls.Load() > 0 })

	first.health.Shutdown()
	// The client learns of it on a stream of its own, so calls made meanwhile may still arrive: wait for a long run.
	before, streak := first.calls.Load(), 0
	until(t, pool, func(bool, error) bool {
		if now := first.calls.Load(); now != before {
			before, streak = now, 0
		}
		streak++
		return streak > 50
	})
}

func TestAServerThatStartsLaterIsFound(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_ = listener.Close()
	pool := dial(t, config.Config{Targets: []string{address}, Connections: 1})
	if _, err := pool.Healthy(within(t)); err == nil {
		t.Fatal("nobody listens, and yet somebody answered")
	}

	listener, err = net.Listen("tcp", address)
	if err != nil {
		t.Skip("the port was taken by another process in between")
	}
	server := grpc.NewServer()
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	until(t, pool, func(healthy bool, err error) bool { return healthy && err == nil })
}

func TestTheServiceConfigKeepsRetriesAndLeavesDeadlinesToTheCaller(t *testing.T) {
	merged, err := ownServiceConfig([]byte(
		`{"retryThrottling":{"maxTokens":9},"methodConfig":[{"name":[{}],"timeout":"3s","retryPolicy":{"maxAttempts":5}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"maxTokens":9`, `"maxAttempts":5`, `round_robin`, `healthCheckConfig`} {
		if !strings.Contains(merged, part) {
			t.Errorf("%s is missing in %s", part, merged)
		}
	}
	if strings.Contains(merged, "timeout") {
		t.Errorf("a deadline is left in %s", merged)
	}
}

func TestAPublishedServiceConfigThatIsWrongStopsTheStart(t *testing.T) {
	if _, err := Dial(config.Config{Targets: []string{"127.0.0.1:1"}, Connections: 1}, []byte(`{"methodConfig":3}`)); err == nil {
		t.Error("accepted")
	}
}

func TestASingleNameIsLeftToDNS(t *testing.T) {
	for target, want := range map[string]string{"server:50051": "dns:///server:50051", "127.0.0.1:1": "callsheet:///servers"} {
		if got, _ := endpoint([]string{target}); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
}

func TestTheGatewayRefusesToBeAService(t *testing.T) {
	for identity, refused := range map[string]bool{
		"spiffe://callsheet/svc/bff": true, "spiffe://callsheet/gateway": false,
	} {
		certificate, key := writeCertificate(t, identity)
		_, err := credentials(config.TLS{CA: certificate, Cert: certificate, Key: key})
		if (err != nil) != refused {
			t.Errorf("%s: %v", identity, err)
		}
	}
}

func TestAMissingAuthorityIsNamed(t *testing.T) {
	_, err := credentials(config.TLS{CA: filepath.Join(t.TempDir(), "none.pem")})
	if err == nil || !strings.Contains(err.Error(), "CALLSHEET_GRPC_TLS_CA") {
		t.Errorf("got %v", err)
	}
}

func writeCertificate(t *testing.T, identity string) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	uri, err := url.Parse(identity)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, URIs: []*url.URL{uri},
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	return writePEM(t, folder, "CERTIFICATE", signed), writePEM(t, folder, "EC PRIVATE KEY", encoded)
}

func writePEM(t *testing.T, folder, kind string, content []byte) string {
	t.Helper()
	path := filepath.Join(folder, strings.ReplaceAll(kind, " ", "-")+".pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

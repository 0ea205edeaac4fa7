// Package upstream reaches the gRPC servers: which ones, over how many connections, and how they are trusted.
package upstream

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/health/grpc_health_v1"

	// Makes every connection watch its server's health, so that a server that drains gets no new calls.
	_ "google.golang.org/grpc/health"

	"callsheet/gateway/internal/config"
)

// Pool spreads calls over several connections, each of which takes turns between all targets. One connection would not
// do where several processes share a port: the kernel deals out connections there, not calls.
type Pool struct {
	conns []*grpc.ClientConn
	next  atomic.Uint64
}

// reconnecting bounds the pause between attempts; the library's own grows to two minutes, long after the server is back.
var reconnecting = grpc.ConnectParams{
	Backoff: backoff.Config{
		BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second,
	},
	MinConnectTimeout: 5 * time.Second,
}

// Dial prepares the connections. Nothing is contacted yet, so servers may start after the gateway.
func Dial(settings config.Config, publishedServiceConfig []byte) (*Pool, error) {
	transport, err := credentials(settings.TLS)
	if err != nil {
		return nil, err
	}
	serviceConfig, err := ownServiceConfig(publishedServiceConfig)
	if err != nil {
		return nil, err
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithDisableServiceConfig(),
		grpc.WithDefaultServiceConfig(serviceConfig),
		grpc.WithConnectParams(reconnecting),
	}
	if settings.TLS.ServerName != "" {
		// Else the name of each address would win over the one that was configured.
		options = append(options, grpc.WithAuthority(settings.TLS.ServerName))
	}
	pool := &Pool{}
	for range settings.Connections {
		target, resolvers := endpoint(settings.Targets)
		conn, err := grpc.NewClient(target, append(options, grpc.WithResolvers(resolvers...))...)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("CALLSHEET_GRPC_TARGETS: %w", err), pool.Close())
		}
		conn.Connect()
		pool.conns = append(pool.conns, conn)
	}
	return pool, nil
}

// Invoke makes a unary call on the connection whose turn it is.
func (p *Pool) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	return p.turn().Invoke(ctx, method, args, reply, opts...)
}

// NewStream starts a stream on the connection whose turn it is.
func (p *Pool) NewStream(
	ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	return p.turn().NewStream(ctx, desc, method, opts...)
}

// Healthy says whether the servers answer and serve.
func (p *Pool) Healthy(ctx context.Context) (bool, error) {
	answer, err := grpc_health_v1.NewHealthClient(p).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	return answer.GetStatus() == grpc_health_v1.HealthCheckResponse_SERVING, err
}

// Close ends every connection; calls under way fail.
func (p *Pool) Close() error {
	var problems []error
	for _, conn := range p.conns {
		problems = append(problems, conn.Close())
	}
	return errors.Join(problems...)
}

func (p *Pool) turn() *grpc.ClientConn {
	return p.conns[p.next.Add(1)%uint64(len(p.conns))]
}

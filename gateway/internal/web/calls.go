package web

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// calls is the last gate before a server. Whatever the runtime collected as metadata is replaced by what readHeaders
// let through, so that no header of the outside world reaches a server by another way.
type calls struct {
	servers        Servers
	draining       context.Context
	defaultTimeout time.Duration
}

// Invoke makes a unary call, bounded by the caller's wish or the default.
func (c calls) Invoke(ctx context.Context, method string, args, reply any, opts ...grpc.CallOption) error {
	x := exchangeOf(ctx)
	x.called = true
	timeout := x.timeout
	if timeout == 0 {
		timeout = c.defaultTimeout
	}
	ctx, cancel := context.WithTimeout(metadata.NewOutgoingContext(ctx, x.metadata), timeout)
	defer cancel()
	return c.servers.Invoke(ctx, method, args, reply, opts...)
}

// NewStream starts a stream that lives until the caller leaves, the deadline it asked for, or the gateway stops.
func (c calls) NewStream(
	ctx context.Context, desc *grpc.StreamDesc, method string, opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	x := exchangeOf(ctx)
	x.called = true
	ctx, cancel := context.WithCancel(metadata.NewOutgoingContext(ctx, x.metadata))
	if x.timeout != 0 {
		ctx, cancel = context.WithTimeout(ctx, x.timeout)
	}
	forget := context.AfterFunc(c.draining, cancel)
	context.AfterFunc(ctx, func() {
		forget()
		cancel()
	})
	return c.servers.NewStream(ctx, desc, method, opts...)
}

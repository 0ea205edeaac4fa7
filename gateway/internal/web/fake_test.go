package web

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	bookingv1 "callsheet/gateway/gen/callsheet/booking/v1"
	paymentsv1 "callsheet/gateway/gen/callsheet/payments/v1"
	"callsheet/gateway/internal/config"
	"callsheet/gateway/internal/metrics"
	"callsheet/gateway/internal/upstream"
)

// fakeServer answers by the order's id and remembers what it was asked.
type fakeServer struct {
	bookingv1.UnimplementedBookingServiceServer
	paymentsv1.UnimplementedWebhookServiceServer

	health *health.Server
	// left is told whenever somebody who watched has gone.
	left chan struct{}

	mu       sync.Mutex
	metadata metadata.MD
	deadline time.Duration
	profile  *bookingv1.UpsertServiceProfileRequest
	event    *httpbody.HttpBody
}

func (f *fakeServer) remember(ctx context.Context) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.metadata, _ = metadata.FromIncomingContext(ctx)
	if deadline, ok := ctx.Deadline(); ok {
		f.deadline = time.Until(deadline)
	}
}

func refused(code codes.Code, reason string) error {
	failure, _ := status.New(code, "said by the server").WithDetails(
		&errdetails.ErrorInfo{Reason: reason, Domain: "callsheet"})
	return failure.Err()
}

func (f *fakeServer) GetOrder(ctx context.Context, request *bookingv1.GetOrderRequest) (*bookingv1.GetOrderResponse, error) {
	f.remember(ctx)
	beside := metadata.Pairs("x-correlation-id", "cor_from_the_server", "idempotent-replay", "true", "x-secret", "1")
	switch request.GetOrderId() {
	case "missing":
		_ = grpc.SetTrailer(ctx, beside)
		return nil, refused(codes.NotFound, "NOT_FOUND")
	case "leaky":
		return nil, status.Error(codes.Internal, `relation "core.secret" does not exist`)
	case "slow":
		<-ctx.Done()
		return nil, ctx.Err()
	}
	_ = grpc.SetHeader(ctx, beside)
	return &bookingv1.GetOrderResponse{Order: &bookingv1.Order{OrderId: request.GetOrderId(), Version: 1 << 60}}, nil
}

func (f *fakeServer) UpsertServiceProfile(
	ctx context.Context, request *bookingv1.UpsertServiceProfileRequest,
) (*bookingv1.UpsertServiceProfileResponse, error) {
	f.remember(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.profile = request
	return &bookingv1.UpsertServiceProfileResponse{}, nil
}

// WatchOrder sends two events; then it ends, breaks or stays, by the order's id.
func (f *fakeServer) WatchOrder(
	request *bookingv1.WatchOrderRequest, stream grpc.ServerStreamingServer[bookingv1.WatchOrderResponse],
) error {
	f.remember(stream.Context())
	if request.GetOrderId() == "missing" {
		return refused(codes.NotFound, "NOT_FOUND")
	}
	for sequence := range int64(2) {
		event := &bookingv1.WatchOrderResponse{Event: &bookingv1.OrderEvent{Sequence: sequence}}
		if err := stream.Send(event); err != nil {
			return err
		}
	}
	switch request.GetOrderId() {
	case "breaks":
		return refused(codes.Unavailable, "DEPENDENCY_DOWN")
	case "stays":
		<-stream.Context().Done()
		f.left <- struct{}{}
		return stream.Context().Err()
	}
	return nil
}

func (f *fakeServer) ReceiveStripeEvent(ctx context.Context, event *httpbody.HttpBody) (*httpbody.HttpBody, error) {
	f.remember(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.event = event
	return &httpbody.HttpBody{}, nil
}

// stage is a gateway on a port of its own before a fake server.
type stage struct {
	*testing.T
	server  *fakeServer
	gateway *Gateway
	url     string
	// drain tells the gateway to stop.
	drain context.CancelFunc
}

func newStage(t *testing.T, change ...func(*config.Config)) stage {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fake := &fakeServer{health: health.NewServer(), left: make(chan struct{}, 8)}
	server := grpc.NewServer()
	bookingv1.RegisterBookingServiceServer(server, fake)
	paymentsv1.RegisterWebhookServiceServer(server, fake)
	grpc_health_v1.RegisterHealthServer(server, fake.health)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)

	settings := config.Config{
		Targets: []string{listener.Addr().String()}, Connections: 1,
		BodyLimit: 1024, RequestTimeout: 30 * time.Second,
	}
	for _, apply := range change {
		apply(&settings)
	}
	pool, err := upstream.Dial(settings, []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pool.Close() })

	draining, drain := context.WithCancel(context.Background())
	t.Cleanup(drain)
	gateway, err := New(draining, settings, pool, slog.New(slog.NewTextHandler(io.Discard, nil)), metrics.New())
	if err != nil {
		t.Fatal(err)
	}
	handler, err := gateway.Handler()
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(handler)
	t.Cleanup(web.Close)
	return stage{T: t, server: fake, gateway: gateway, url: web.URL, drain: drain}
}

// send makes a request whose redirects are not followed. Headers come in pairs.
func (s stage) send(method, path, body string, headers ...string) *http.Response {
	s.Helper()
	request, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	s.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

// failure is the body of every answer of status 400 and above.
type failure struct {
	Code    int
	Status  string
	Reason  string
	Message string
	Details []map[string]any
}

func (f failure) fields() []string {
	var found []string
	for _, detail := range f.Details {
		violations, _ := detail["field_violations"].([]any)
		for _, violation := range violations {
			found = append(found, violation.(map[string]any)["field"].(string))
		}
	}
	return found
}

// refuses sends a request and expects this failure.
func (s stage) refuses(want int, reason string, answer *http.Response) failure {
	s.Helper()
	var body failure
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		s.Fatal(err)
	}
	if answer.StatusCode != want || body.Reason != reason {
		s.Errorf("%d %s (%s), want %d %s", answer.StatusCode, body.Reason, body.Message, want, reason)
	}
	return body
}

func linesOf(s stage, answer *http.Response) []map[string]any {
	s.Helper()
	var found []map[string]any
	scanner := bufio.NewScanner(answer.Body)
	for scanner.Scan() {
		var line map[string]any
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			s.Fatal(err)
		}
		found = append(found, line)
	}
	return found
}

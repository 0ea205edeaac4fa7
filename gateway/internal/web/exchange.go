package web

import (
	"context"
	"crypto/rand"
	"net/http"
	"regexp"
	"strings"
	"time"

	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"callsheet/gateway/internal/problem"
	"callsheet/gateway/internal/routes"
)

// exchange is one request on its way through the gateway, and what its layers tell each other about it.
type exchange struct {
	problem.Maker

	answer   *answer
	metadata metadata.MD
	timeout  time.Duration
	body     []byte

	route      routes.Route
	pathParams map[string]string
	called     bool
	failure    *status.Status
}

type exchangeKey struct{}

func withExchange(ctx context.Context, x *exchange) context.Context {
	return context.WithValue(ctx, exchangeKey{}, x)
}

// exchangeOf gives the exchange that observe put into every request's context.
func exchangeOf(ctx context.Context) *exchange {
	return ctx.Value(exchangeKey{}).(*exchange)
}

// fail answers with a failure, unless an answer has begun.
func (x *exchange) fail(failure *status.Status) {
	if x.answer.began() {
		return
	}
	x.failure = failure
	problem.Write(x.answer, failure)
	x.answer.finished = true
}

var correlationID = regexp.MustCompile(`^[A-Za-z0-9_-]{8,64}$`)

// correlationOf takes the caller's id where it is one, as the server would, and makes one up otherwise.
func correlationOf(header http.Header) string {
	if given := header.Get(correlationHeader); correlationID.MatchString(given) {
		return given
	}
	return "cor_" + strings.ToLower(rand.Text())
}

// answer is the response, with its status and size for the log, and a deadline for every write: a client that stops
// reading must not hold a connection for ever, and a stream must not end because it is long.
type answer struct {
	http.ResponseWriter
	status   int
	bytes    int64
	finished bool
}

const writeTimeout = 30 * time.Second

func (a *answer) began() bool { return a.status != 0 }

func (a *answer) WriteHeader(status int) {
	if a.began() {
		return
	}
	a.status = status
	a.extend()
	a.ResponseWriter.WriteHeader(status)
}

// Write drops what follows a finished answer: the runtime appends a line of its own to a stream that failed.
func (a *answer) Write(data []byte) (int, error) {
	if a.finished {
		return len(data), nil
	}
	a.WriteHeader(http.StatusOK)
	a.extend()
	written, err := a.ResponseWriter.Write(data)
	a.bytes += int64(written)
	return written, err
}

// Unwrap lets http.ResponseController reach the connection, to flush and to set deadlines.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *answer) extend() {
	// A recorder in a test has no connection to set deadlines on, which is why the error is of no interest.
	_ = http.NewResponseController(a.ResponseWriter).SetWriteDeadline(time.Now().Add(writeTimeout))
}

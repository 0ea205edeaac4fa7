package problem

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"
)

var maker = Maker{CorrelationID: "cor_12345678"}

func ours(t *testing.T, code codes.Code, reason string, more ...protoadapt.MessageV1) *status.Status {
	t.Helper()
	info := &errdetails.ErrorInfo{Reason: reason, Domain: Domain}
	failure, err := status.New(code, "said by the server").WithDetails(append([]protoadapt.MessageV1{info}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	return failure
}

func TestWhatTheServerSaysIsPassedOn(t *testing.T) {
	failure := ours(t, codes.FailedPrecondition, "ILLEGAL_TRANSITION")
	if got := maker.Trusted(failure); got != failure {
		t.Errorf("replaced by %v", got)
	}
}

func TestWhatALibrarySaysIsReplaced(t *testing.T) {
	reasons := map[codes.Code]string{
		codes.Unavailable:       "DEPENDENCY_DOWN",
		codes.DeadlineExceeded:  "DEADLINE_EXCEEDED",
		codes.ResourceExhausted: "RATE_LIMITED",
		codes.Unimplemented:     "NOT_FOUND",
		codes.InvalidArgument:   "MALFORMED_REQUEST",
		codes.Unknown:           "INTERNAL",
		codes.Internal:          "INTERNAL",
		codes.NotFound:          "INTERNAL",
	}
	for code, reason := range reasons {
		failure := maker.Trusted(status.New(code, "dial tcp 10.0.0.7:5432: connection refused"))
		if Reason(failure) != reason {
			t.Errorf("%s: reason %q, want %q", code, Reason(failure), reason)
		}
		if strings.Contains(failure.Message(), "10.0.0.7") {
			t.Errorf("%s: a library's text got out: %q", code, failure.Message())
		}
	}
}

func TestReasonsOfOtherDomainsAreNotTrusted(t *testing.T) {
	foreign, err := status.New(codes.PermissionDenied, "secret").WithDetails(
		&errdetails.ErrorInfo{Reason: "ROLE_REQUIRED", Domain: "example.com"})
	if err != nil {
		t.Fatal(err)
	}
	if got := maker.Trusted(foreign); got.Code() != codes.Internal {
		t.Errorf("got %v", got)
	}
}

func TestHTTPStatusFollowsCodeOrReason(t *testing.T) {
	cases := []struct {
		code   codes.Code
		reason string
		want   int
	}{
		{codes.InvalidArgument, "FIELD_INVALID", 400},
		{codes.FailedPrecondition, "ILLEGAL_TRANSITION", 400},
		{codes.Unauthenticated, "TOKEN_MISSING", 401},
		{codes.PermissionDenied, "ROLE_REQUIRED", 403},
		{codes.NotFound, "NOT_FOUND", 404},
		{codes.AlreadyExists, "ALREADY_EXISTS", 409},
		{codes.Aborted, "STALE_VERSION", 409},
		{codes.ResourceExhausted, "MESSAGE_TOO_LARGE", 413},
		{codes.ResourceExhausted, "RATE_LIMITED", 429},
		{codes.Internal, "INTERNAL", 500},
		{codes.ResourceExhausted, "POOL_EXHAUSTED", 503},
		{codes.Unavailable, "DEPENDENCY_DOWN", 503},
		{codes.DeadlineExceeded, "DEADLINE_EXCEEDED", 504},
	}
	for _, each := range cases {
		if got := HTTPStatus(ours(t, each.code, each.reason)); got != each.want {
			t.Errorf("%s %s: %d, want %d", each.code, each.reason, got, each.want)
		}
	}
}

func TestTheBodyHasCodeStatusReasonMessageAndDetails(t *testing.T) {
	recorder := httptest.NewRecorder()
	Write(recorder, maker.FieldInvalid(Violation{"terms.title", "must be a string"}))

	var body struct {
		Code    int
		Status  string
		Reason  string
		Message string
		Details []map[string]any
	}
	if err := json.Unmarshal(recorder.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	if body.Code != 3 || body.Status != "INVALID_ARGUMENT" || body.Reason != "FIELD_INVALID" {
		t.Errorf("got %+v", body)
	}
	if body.Message != "terms.title: must be a string" {
		t.Errorf("message %q", body.Message)
	}
	violations, ok := body.Details[1]["field_violations"].([]any)
	if !ok || violations[0].(map[string]any)["field"] != "terms.title" {
		t.Errorf("details %v", body.Details)
	}
}

func TestRetryAfterIsRoundedUpAndNeverNothing(t *testing.T) {
	for pause, want := range map[time.Duration]string{
		200 * time.Millisecond: "1", time.Second: "1", 1100 * time.Millisecond: "2", 30 * time.Second: "30",
	} {
		recorder := httptest.NewRecorder()
		Write(recorder, ours(t, codes.Aborted, "CONTENTION", &errdetails.RetryInfo{RetryDelay: durationpb.New(pause)}))
		if got := recorder.Header().Get("Retry-After"); got != want {
			t.Errorf("%s: Retry-After %q, want %q", pause, got, want)
		}
	}
}

func TestAMissingAndABadTokenAreChallengedDifferently(t *testing.T) {
	for reason, want := range map[string]string{"TOKEN_MISSING": "Bearer", "TOKEN_EXPIRED": `Bearer error="invalid_token"`} {
		recorder := httptest.NewRecorder()
		Write(recorder, ours(t, codes.Unauthenticated, reason))
		if got := recorder.Header().Get("WWW-Authenticate"); got != want || recorder.Code != http.StatusUnauthorized {
			t.Errorf("%s: %d, challenge %q, want %q", reason, recorder.Code, got, want)
		}
	}
}

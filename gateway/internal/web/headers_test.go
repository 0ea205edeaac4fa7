package web

import (
	"net/http"
	"reflect"
	"testing"

	"callsheet/gateway/internal/config"
)

func TestOnlyTheListedHeadersReachTheServer(t *testing.T) {
	s := newStage(t)
	s.send("GET", "/v1/orders/ord_1", "",
		"Authorization", "Bearer abc", "Idempotency-Key", "key-1", "X-Correlation-Id", "cor_from_the_caller",
		"Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
		"Tracestate", "a=1", "Tracestate", "b=2",
		"X-On-Behalf-Of", "usr_1", "Grpc-Metadata-X-On-Behalf-Of", "usr_1", "Grpc-Timeout", "1n",
		"X-Forwarded-For", "203.0.113.7", "Forwarded", "for=203.0.113.7", "Cookie", "a=b", "Stripe-Signature", "t=1",
		"X-Whatever", "1")
	got := s.server.metadata.Copy()
	for _, own := range []string{":authority", "content-type", "user-agent"} {
		got.Delete(own)
	}
	want := map[string][]string{
		"authorization":    {"Bearer abc"},
		"idempotency-key":  {"key-1"},
		"x-correlation-id": {"cor_from_the_caller"},
		"traceparent":      {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
		"tracestate":       {"a=1,b=2"},
	}
	if !reflect.DeepEqual(map[string][]string(got), want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestHeadersThatGRPCCannotCarryAreRefused(t *testing.T) {
	s := newStage(t)
	for _, headers := range [][]string{
		{"Idempotency-Key", "schlüssel"},
		{"Authorization", "Bearer a", "Authorization", "Bearer b"},
	} {
		body := s.refuses(http.StatusBadRequest, "FIELD_INVALID", s.send("GET", "/v1/orders/ord_1", "", headers...))
		if got := body.fields(); !reflect.DeepEqual(got, headers[:1]) {
			t.Errorf("fields %v, want %v", got, headers[:1])
		}
	}
}

func TestACorrelationIDIsMadeUpWhereNoneIsUsable(t *testing.T) {
	s := newStage(t)
	for _, given := range []string{"", "short", "with spaces in it"} {
		s.send("GET", "/v1/orders/ord_1", "", "X-Correlation-Id", given)
		if got := s.server.metadata.Get("x-correlation-id"); len(got) != 1 || !correlationID.MatchString(got[0]) || got[0] == given {
			t.Errorf("%q became %v", given, got)
		}
	}
}

func TestTheServersMetadataBecomesTheListedHeadersOnly(t *testing.T) {
	header := newStage(t).send("GET", "/v1/orders/ord_1", "", "TE", "trailers").Header
	for name, want := range map[string]string{
		"X-Correlation-Id": "cor_from_the_server", "Idempotent-Replay": "true", "Grpc-Metadata-X-Secret": "", "X-Secret": "",
	} {
		if got := header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestConfiguredOriginsMayCall(t *testing.T) {
	s := newStage(t, func(c *config.Config) { c.CORSOrigins = []string{"https://app.example"} })
	preflight := s.send("OPTIONS", "/v1/orders", "", "Origin", "https://app.example", "Access-Control-Request-Method", "POST")
	if preflight.StatusCode != http.StatusNoContent || preflight.Header.Get("Access-Control-Allow-Origin") != "https://app.example" {
		t.Errorf("%s %v", preflight.Status, preflight.Header)
	}
	failed := s.send("GET", "/v1/nothing", "", "Origin", "https://app.example")
	if failed.Header.Get("Access-Control-Allow-Origin") == "" || failed.Header.Get("Vary") != "Origin" {
		t.Errorf("a page cannot read a failure: %v", failed.Header)
	}
	stranger := s.send("GET", "/v1/orders/ord_1", "", "Origin", "https://evil.example")
	if got := stranger.Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("a stranger is allowed as %q", got)
	}
}

func TestWithoutConfigurationNoOriginMay(t *testing.T) {
	answer := newStage(t).send("OPTIONS", "/v1/orders", "", "Origin", "https://app.example", "Access-Control-Request-Method", "POST")
	if got := answer.Header.Get("Access-Control-Allow-Origin"); got != "" {
		t.Errorf("allowed as %q", got)
	}
}

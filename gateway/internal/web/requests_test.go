package web

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"callsheet/gateway/internal/config"
)

func TestAnAnswerUsesTheProtosNamesAndLeavesNothingOut(t *testing.T) {
	s := newStage(t)
	var body struct{ Order map[string]any }
	if err := json.NewDecoder(s.send("GET", "/v1/orders/ord_1", "").Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]any{
		"order_id": "ord_1", "version": "1152921504606846976", "city": "", "price": nil, "line_items": []any{},
		"status": "BOOKING_STATUS_UNSPECIFIED",
	} {
		if got, found := body.Order[field]; !found || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", field, got, want)
		}
	}
}

func TestABodyBecomesTheMessage(t *testing.T) {
	s := newStage(t)
	answer := s.send("POST", "/v1/serviceProfiles", `{"title": "Studio 7", "hourlyCents": "12000"}`)
	if answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status)
	}
	if s.server.profile.GetTitle() != "Studio 7" || s.server.profile.GetHourlyCents() != 12000 {
		t.Errorf("got %v", s.server.profile)
	}
}

func TestARequestThatIsNoMessageNeverReachesTheServer(t *testing.T) {
	cases := []struct {
		name, method, path, body string
		reason                   string
		fields                   []string
	}{
		{"unknown field", "POST", "/v1/serviceProfiles", `{"title": "x", "rate": 1}`, "FIELD_INVALID", []string{"rate"}},
		{"wrong type", "POST", "/v1/serviceProfiles", `{"hourly_cents": "x"}`, "FIELD_INVALID", []string{"hourly_cents"}},
		{"not JSON", "POST", "/v1/serviceProfiles", `{"title": `, "MALFORMED_REQUEST", nil},
		{"two values", "POST", "/v1/serviceProfiles", `{} {}`, "MALFORMED_REQUEST", nil},
		{"not UTF-8", "POST", "/v1/serviceProfiles", "{\"title\": \"\xff\"}", "MALFORMED_REQUEST", nil},
		{"the same member twice", "POST", "/v1/serviceProfiles", `{"title": "a", "title": "b"}`, "MALFORMED_REQUEST", nil},
		{"unknown parameter", "GET", "/v1/orders?pagesize=3", "", "FIELD_INVALID", []string{"pagesize"}},
		{"wrong parameter", "GET", "/v1/orders?page_size=x", "", "FIELD_INVALID", []string{"page_size"}},
		{"parameter of the path", "GET", "/v1/orders/ord_1?order_id=ord_2", "", "FIELD_INVALID", []string{"order_id"}},
		{"parameter of the body", "POST", "/v1/serviceProfiles?title=x", "{}", "FIELD_INVALID", []string{"title"}},
		{"broken query", "GET", "/v1/orders?page_token=%zz", "", "MALFORMED_REQUEST", nil},
	}
	s := newStage(t)
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			s.T = t
			body := s.refuses(http.StatusBadRequest, each.reason, s.send(each.method, each.path, each.body))
			if got := body.fields(); !reflect.DeepEqual(got, each.fields) {
				t.Errorf("fields %v, want %v", got, each.fields)
			}
		})
	}
	if s.server.profile != nil {
		t.Errorf("the server was asked: %v", s.server.profile)
	}
}

func TestABodyOverTheLimitIsRefused(t *testing.T) {
	s := newStage(t)
	fits := `{"title": "` + strings.Repeat("x", 1024-13) + `"}`
	if answer := s.send("POST", "/v1/serviceProfiles", fits); answer.StatusCode != http.StatusOK {
		t.Errorf("a body of exactly the limit: %s", answer.Status)
	}
	s.refuses(http.StatusRequestEntityTooLarge, "MESSAGE_TOO_LARGE", s.send("POST", "/v1/serviceProfiles", fits+" "))
}

func TestAFailureOfTheServerKeepsItsReason(t *testing.T) {
	s := newStage(t)
	answer := s.send("GET", "/v1/orders/missing", "")
	body := s.refuses(http.StatusNotFound, "NOT_FOUND", answer)
	if body.Code != 5 || body.Status != "NOT_FOUND" || body.Message != "said by the server" {
		t.Errorf("got %+v", body)
	}
	if got := answer.Header.Get("X-Correlation-Id"); got != "cor_from_the_server" {
		t.Errorf("correlation id %q", got)
	}
}

func TestTextThatTheServerDidNotMeanForClientsStaysInside(t *testing.T) {
	s := newStage(t)
	if body := s.refuses(http.StatusInternalServerError, "INTERNAL", s.send("GET", "/v1/orders/leaky", "")); strings.Contains(body.Message, "core.secret") {
		t.Errorf("got out: %q", body.Message)
	}
}

func TestAnRPCThatTheServerLacksIsNotOffered(t *testing.T) {
	s := newStage(t)
	s.refuses(http.StatusNotImplemented, "NOT_FOUND", s.send("GET", "/v1/orders", ""))
}

func TestADeadlineIsTheDefaultOrTheCallersWish(t *testing.T) {
	s := newStage(t)
	s.send("GET", "/v1/orders/ord_1", "")
	if s.server.deadline <= 25*time.Second || s.server.deadline > 30*time.Second {
		t.Errorf("by default %s", s.server.deadline)
	}
	s.send("GET", "/v1/orders/ord_1", "", "X-Request-Timeout", "120.5")
	if s.server.deadline <= 115*time.Second || s.server.deadline > 121*time.Second {
		t.Errorf("on demand %s", s.server.deadline)
	}
	s.refuses(http.StatusGatewayTimeout, "DEADLINE_EXCEEDED",
		s.send("GET", "/v1/orders/slow", "", "X-Request-Timeout", "0.05"))
	for _, bad := range []string{"0", "-1", "301", "NaN", "1s"} {
		s.refuses(http.StatusBadRequest, "FIELD_INVALID", s.send("GET", "/v1/orders/ord_1", "", "X-Request-Timeout", bad))
	}
}

func TestAServerThatIsGoneIsSaidSo(t *testing.T) {
	s := newStage(t, func(c *config.Config) { c.Targets = []string{"127.0.0.1:1"} })
	answer := s.send("GET", "/v1/orders/ord_1", "")
	body := s.refuses(http.StatusServiceUnavailable, "DEPENDENCY_DOWN", answer)
	if strings.Contains(body.Message, "127.0.0.1") {
		t.Errorf("an address got out: %q", body.Message)
	}
	if answer.Header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q", answer.Header.Get("Retry-After"))
	}
}

func TestPathsAndMethodsThatNoRuleHas(t *testing.T) {
	s := newStage(t)
	s.refuses(http.StatusNotFound, "NOT_FOUND", s.send("GET", "/v1/nothing", ""))
	answer := s.send("DELETE", "/v1/orders", "")
	s.refuses(http.StatusMethodNotAllowed, "NOT_FOUND", answer)
	if got := answer.Header.Get("Allow"); got != "GET, POST" {
		t.Errorf("Allow %q", got)
	}
	s.refuses(http.StatusMethodNotAllowed, "NOT_FOUND",
		s.send("POST", "/v1/orders/ord_1", "", "X-HTTP-Method-Override", "GET", "Content-Type", "application/x-www-form-urlencoded"))
}

func TestWebhooksArriveByteForByteWithTheirSignature(t *testing.T) {
	s := newStage(t)
	raw := "{\"id\": \"evt_1\",\r\n  \"amount\": 1e2, \"amount\": \"\xff\" }"
	answer := s.send("POST", "/v1/webhooks/stripe", raw, "Stripe-Signature", "t=1,v1=abc", "Content-Type", "application/json; charset=utf-8")
	if body, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK || len(body) != 0 {
		t.Errorf("%s %q", answer.Status, body)
	}
	if string(s.server.event.GetData()) != raw || s.server.event.GetContentType() != "application/json; charset=utf-8" {
		t.Errorf("got %v", s.server.event)
	}
	if got := s.server.metadata.Get("stripe-signature"); !reflect.DeepEqual(got, []string{"t=1,v1=abc"}) {
		t.Errorf("signature %v", got)
	}
}

func TestAWebhookWithoutASignatureIsRefused(t *testing.T) {
	s := newStage(t)
	body := s.refuses(http.StatusBadRequest, "FIELD_INVALID", s.send("POST", "/v1/webhooks/stripe", "{}"))
	if got := body.fields(); !reflect.DeepEqual(got, []string{"Stripe-Signature"}) {
		t.Errorf("fields %v", got)
	}
}

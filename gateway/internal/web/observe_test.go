package web

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"callsheet/gateway/internal/metrics"
)

// logged answers one request and gives the lines about it.
func logged(t *testing.T, handler http.HandlerFunc, request *http.Request) (*httptest.ResponseRecorder, []map[string]any) {
	t.Helper()
	var written bytes.Buffer
	g := &Gateway{log: slog.New(slog.NewJSONHandler(&written, nil)), metrics: metrics.New(), draining: context.Background()}
	recorder := httptest.NewRecorder()
	g.observe(handler).ServeHTTP(recorder, request)
	var lines []map[string]any
	for line := range strings.Lines(written.String()) {
		var decoded map[string]any
		if err := json.Unmarshal([]byte(line), &decoded); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, decoded)
	}
	return recorder, lines
}

func TestTheAccessLogSaysWhatHappenedAndNotToWhom(t *testing.T) {
	request := httptest.NewRequest("POST", "/v1/users/usr_anna:erase?token=secret", strings.NewReader("anna@example.com"))
	request.Header.Set("Authorization", "Bearer secret")
	request.Header.Set("X-Correlation-Id", "cor_12345678")
	_, lines := logged(t, func(w http.ResponseWriter, r *http.Request) {
		exchangeOf(r.Context()).route.Template = "/v1/users/{user_id}:erase"
		exchangeOf(r.Context()).fail(exchangeOf(r.Context()).NotFound("usr_anna does not exist"))
	}, request)

	if len(lines) != 1 {
		t.Fatalf("%d lines", len(lines))
	}
	for name, want := range map[string]any{
		"route": "/v1/users/{user_id}:erase", "status": 404.0, "reason": "NOT_FOUND", "correlation_id": "cor_12345678",
	} {
		if lines[0][name] != want {
			t.Errorf("%s: %v, want %v", name, lines[0][name], want)
		}
	}
	whole, _ := json.Marshal(lines)
	for _, private := range []string{"anna", "secret", "192.0.2.1"} {
		if strings.Contains(string(whole), private) {
			t.Errorf("%q is in the log: %s", private, whole)
		}
	}
}

func TestAPanicIsLoggedAndAnswered(t *testing.T) {
	recorder, lines := logged(t, func(http.ResponseWriter, *http.Request) { panic("a defect") },
		httptest.NewRequest("GET", "/v1/orders", nil))
	if recorder.Code != http.StatusInternalServerError || strings.Contains(recorder.Body.String(), "a defect") {
		t.Errorf("%d %s", recorder.Code, recorder.Body)
	}
	if len(lines) != 2 || lines[0]["cause"] != "a defect" {
		t.Errorf("got %v", lines)
	}
}

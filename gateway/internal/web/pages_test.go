package web

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
)

func TestHealthSpeaksForTheGatewayAndTheServer(t *testing.T) {
	s := newStage(t)
	page := func() (int, healthReport) {
		answer := s.send("GET", "/healthz", "")
		var state healthReport
		if err := json.NewDecoder(answer.Body).Decode(&state); err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, state
	}
	if code, state := page(); code != http.StatusOK || state != (healthReport{"ready", "serving", "serving"}) {
		t.Errorf("serving: %d %+v", code, state)
	}
	s.server.health.SetServingStatus("", grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	if code, state := page(); code != http.StatusServiceUnavailable || state.Status != "unready" {
		t.Errorf("server not serving: %d %+v", code, state)
	}
	s.drain()
	if code, state := page(); code != http.StatusServiceUnavailable || state.Gateway != "draining" {
		t.Errorf("draining: %d %+v", code, state)
	}
	if answer := s.send("GET", "/livez", ""); answer.StatusCode != http.StatusOK {
		t.Errorf("alive: %s", answer.Status)
	}
}

func TestTheDocumentationComesFromTheBinary(t *testing.T) {
	s := newStage(t)
	if answer := s.send("GET", "/docs", ""); answer.Header.Get("Location") != "/docs/" {
		t.Errorf("%s %v", answer.Status, answer.Header)
	}
	page, _ := io.ReadAll(s.send("GET", "/docs/", "").Body)
	if !strings.Contains(string(page), "/openapi.json") {
		t.Error("the page does not show our document")
	}
	for _, asset := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(string(page), -1) {
		if answer := s.send("GET", asset[1], ""); !strings.HasPrefix(asset[1], "/") || answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", asset[1], answer.Status)
		}
	}
}

func TestTheDocumentDescribesEveryRoute(t *testing.T) {
	s := newStage(t)
	var document struct {
		Paths map[string]map[string]any
	}
	if err := json.NewDecoder(s.send("GET", "/openapi.json", "").Body).Decode(&document); err != nil {
		t.Fatal(err)
	}
	for _, route := range s.gateway.routes {
		if document.Paths[route.Template][strings.ToLower(route.HTTPMethod)] == nil {
			t.Errorf("%s %s is missing", route.HTTPMethod, route.Template)
		}
	}
}

// A pattern without a verb also matches a path with one, and of two that match the later in the proto wins. A service
// that declares `get /v1/things/{id}` after `get /v1/things/{id}:watch` would make the latter unreachable.
func TestEveryRouteReachesItsOwnRPC(t *testing.T) {
	s := newStage(t)
	for _, route := range s.gateway.routes {
		path := route.Template
		for _, variable := range route.Variables() {
			path = strings.Replace(path, variable, "x1", 1)
		}
		request := httptest.NewRequest(route.HTTPMethod, path, nil)
		x := &exchange{metadata: metadata.MD{}, answer: &answer{ResponseWriter: httptest.NewRecorder()}}
		// A parameter that no message has ends the request as soon as its route is known.
		request.URL.RawQuery = "no_such_parameter=1"
		ctx := withExchange(request.Context(), x)
		s.gateway.mux.ServeHTTP(x.answer, request.WithContext(ctx))
		if x.route.RPC == nil || x.route.RPC.FullName() != route.RPC.FullName() {
			t.Errorf("%s %s reaches %v", route.HTTPMethod, path, fmt.Sprint(x.route.Template))
		}
	}
}

func TestAnOrderlyFormBecomesItsRPC(t *testing.T) {
	s := newStage(t)
	handler := s.withForm(form{
		path: "/v1/click", rpc: "callsheet.booking.v1.BookingService.UpsertServiceProfile",
		query: "token", field: "title", member: "List-Unsubscribe", value: "One-Click",
	})
	click := func(path, contentType, body string) int {
		request := httptest.NewRequest("POST", path, strings.NewReader(body))
		request.Header.Set("Content-Type", contentType)
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		return recorder.Code
	}
	const encoded = "application/x-www-form-urlencoded"
	if code := click("/v1/click?token=abc", encoded, "List-Unsubscribe=One-Click"); code != http.StatusOK {
		t.Errorf("%d", code)
	}
	if s.server.profile.GetTitle() != "abc" {
		t.Errorf("got %v", s.server.profile)
	}
	multipart := "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"
	if code := click("/v1/click?token=def", "multipart/form-data; boundary=b", multipart); code != http.StatusOK {
		t.Errorf("multipart: %d", code)
	}
	if code := click("/v1/click?token=abc", encoded, "List-Unsubscribe=No"); code != http.StatusBadRequest {
		t.Errorf("another value: %d", code)
	}
	if code := click("/v1/click", encoded, "List-Unsubscribe=One-Click"); code != http.StatusBadRequest {
		t.Errorf("no token: %d", code)
	}
}

func TestAFormWhoseRPCMovedStopsTheStart(t *testing.T) {
	s := newStage(t)
	for _, moved := range []form{
		{path: "/x", rpc: "callsheet.booking.v1.BookingService.UpsertServiceProfile", field: "nothing"},
		{path: "/x", rpc: "callsheet.booking.v1.BookingService.GetOrder", field: "order_id"},
	} {
		if _, err := s.gateway.acceptForms([]form{moved}, s.gateway.mux); err == nil {
			t.Errorf("%+v: accepted", moved)
		}
	}
}

func (s stage) withForm(accepted form) http.Handler {
	s.Helper()
	handler, err := s.gateway.acceptForms([]form{accepted}, s.gateway.mux)
	if err != nil {
		s.Fatal(err)
	}
	return s.gateway.observe(s.gateway.readHeaders(s.gateway.readBody(handler)))
}

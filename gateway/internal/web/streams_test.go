package web

import (
	"bufio"
	"net/http"
	"testing"
	"time"
)

func TestAStreamIsOneObjectOnEachLine(t *testing.T) {
	s := newStage(t)
	answer := s.send("GET", "/v1/orders/ord_1:watch", "")
	if got := answer.Header.Get("Content-Type"); got != "application/x-ndjson" {
		t.Errorf("Content-Type %q", got)
	}
	lines := linesOf(s, answer)
	if len(lines) != 2 || lines[1]["result"] == nil {
		t.Errorf("got %v", lines)
	}
}

func TestAStreamThatBreaksSaysSoOnItsLastLine(t *testing.T) {
	s := newStage(t)
	answer := s.send("GET", "/v1/orders/breaks:watch", "")
	lines := linesOf(s, answer)
	last, _ := lines[len(lines)-1]["error"].(map[string]any)
	if answer.StatusCode != http.StatusOK || len(lines) != 3 || last["reason"] != "DEPENDENCY_DOWN" {
		t.Errorf("%s %v", answer.Status, lines)
	}
}

func TestAStreamThatNeverBeganFailsLikeAnyCall(t *testing.T) {
	s := newStage(t)
	s.refuses(http.StatusNotFound, "NOT_FOUND", s.send("GET", "/v1/orders/missing:watch", ""))
}

func TestAStreamHasADeadlineOnDemandOnly(t *testing.T) {
	s := newStage(t)
	answer := s.send("GET", "/v1/orders/stays:watch", "")
	reader := bufio.NewReader(answer.Body)
	if _, err := reader.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	if s.server.deadline != 0 {
		t.Errorf("deadline %s", s.server.deadline)
	}
	_ = answer.Body.Close()

	lines := linesOf(s, s.send("GET", "/v1/orders/stays:watch", "", "X-Request-Timeout", "0.2"))
	last, _ := lines[len(lines)-1]["error"].(map[string]any)
	if last["reason"] != "DEADLINE_EXCEEDED" {
		t.Errorf("got %v", lines)
	}
}

func TestAReaderThatLeavesEndsTheStreamOnTheServer(t *testing.T) {
	s := newStage(t)
	_ = s.send("GET", "/v1/orders/stays:watch", "").Body.Close()
	select {
	case <-s.server.left:
	case <-time.After(10 * time.Second):
		t.Error("the server still sends")
	}
}

func TestAGatewayThatStopsTellsItsStreamsToComeBack(t *testing.T) {
	s := newStage(t)
	answer := s.send("GET", "/v1/orders/stays:watch", "")
	s.drain()
	lines := linesOf(s, answer)
	last, _ := lines[len(lines)-1]["error"].(map[string]any)
	if last["status"] != "UNAVAILABLE" || last["message"] != "the gateway is about to stop; ask again" {
		t.Errorf("got %v", lines)
	}
}

// Package problem is the shape of every failure over HTTP, and the rule that no text of a driver leaves.
package problem

import (
	"encoding/json"
	"math"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Domain marks an ErrorInfo as ours.
const Domain = "callsheet"

// Body is what a client reads. It branches on Reason.
type Body struct {
	Code    int32             `json:"code"`
	Status  string            `json:"status"`
	Reason  string            `json:"reason"`
	Message string            `json:"message"`
	Details []json.RawMessage `json:"details"`
}

// BodyOf renders a status that Trusted let through.
func BodyOf(failure *status.Status) Body {
	body := Body{
		Code:    int32(failure.Code()),
		Status:  code.Code(failure.Code()).String(),
		Reason:  Reason(failure),
		Message: failure.Message(),
		Details: []json.RawMessage{},
	}
	names := protojson.MarshalOptions{UseProtoNames: true}
	for _, detail := range failure.Proto().GetDetails() {
		// A detail of a type this binary does not know cannot be shown as JSON; the others still help.
		if rendered, err := names.Marshal(detail); err == nil {
			body.Details = append(body.Details, rendered)
		}
	}
	return body
}

// Write answers with a failure under the HTTP status that its code and reason stand for.
func Write(w http.ResponseWriter, failure *status.Status) {
	WriteAs(w, HTTPStatus(failure), failure)
}

// WriteAs answers with a failure: HTTP status, headers that tell a client what to do next, body.
func WriteAs(w http.ResponseWriter, httpStatus int, failure *status.Status) {
	rendered, err := json.Marshal(BodyOf(failure))
	if err != nil {
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	header := w.Header()
	header.Del("Trailer")
	header.Del("Transfer-Encoding")
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	if pause, ok := find[*errdetails.RetryInfo](failure); ok {
		header.Set("Retry-After", strconv.Itoa(wholeSeconds(pause)))
	}
	if failure.Code() == codes.Unauthenticated {
		header.Set("WWW-Authenticate", challenge(Reason(failure)))
	}
	w.WriteHeader(httpStatus)
	_, _ = w.Write(append(rendered, '\n'))
}

// HTTPStatus follows the usual table, except where the reason says more than the code.
func HTTPStatus(failure *status.Status) int {
	switch Reason(failure) {
	case reasonMessageTooLarge:
		return http.StatusRequestEntityTooLarge
	case reasonPoolExhausted:
		return http.StatusServiceUnavailable
	}
	return runtime.HTTPStatusFromCode(failure.Code())
}

// Reason is what the failure's ErrorInfo says, empty without one of ours.
func Reason(failure *status.Status) string {
	if info, ok := find[*errdetails.ErrorInfo](failure); ok && info.GetDomain() == Domain {
		return info.GetReason()
	}
	return ""
}

// find gives the first detail of a type.
func find[T proto.Message](failure *status.Status) (T, bool) {
	for _, detail := range failure.Details() {
		if typed, ok := detail.(T); ok {
			return typed, true
		}
	}
	var none T
	return none, false
}

// wholeSeconds rounds up: a client that comes back early is refused again.
func wholeSeconds(pause *errdetails.RetryInfo) int {
	return max(1, int(math.Ceil(pause.GetRetryDelay().AsDuration().Seconds())))
}

func challenge(reason string) string {
	if reason == reasonTokenMissing {
		return "Bearer"
	}
	return `Bearer error="invalid_token"`
}

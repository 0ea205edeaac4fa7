package problem

import (
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	commonv1 "callsheet/gateway/gen/callsheet/common/v1"
)

// retryPause is how long a client waits before it asks again for what the gateway could not reach.
const retryPause = time.Second

// The reasons that the gateway itself gives or treats apart; the enum documents each.
var (
	reasonFieldInvalid    = name(commonv1.ErrorReason_ERROR_REASON_FIELD_INVALID)
	reasonMalformed       = name(commonv1.ErrorReason_ERROR_REASON_MALFORMED_REQUEST)
	reasonTokenMissing    = name(commonv1.ErrorReason_ERROR_REASON_TOKEN_MISSING)
	reasonNotFound        = name(commonv1.ErrorReason_ERROR_REASON_NOT_FOUND)
	reasonRateLimited     = name(commonv1.ErrorReason_ERROR_REASON_RATE_LIMITED)
	reasonPoolExhausted   = name(commonv1.ErrorReason_ERROR_REASON_POOL_EXHAUSTED)
	reasonMessageTooLarge = name(commonv1.ErrorReason_ERROR_REASON_MESSAGE_TOO_LARGE)
	reasonDependencyDown  = name(commonv1.ErrorReason_ERROR_REASON_DEPENDENCY_DOWN)
	reasonDeadline        = name(commonv1.ErrorReason_ERROR_REASON_DEADLINE_EXCEEDED)
	reasonInternal        = name(commonv1.ErrorReason_ERROR_REASON_INTERNAL)
)

func name(reason commonv1.ErrorReason) string {
	return strings.TrimPrefix(reason.String(), "ERROR_REASON_")
}

// Maker makes failures of the call with this correlation id.
type Maker struct{ CorrelationID string }

// Violation is one rule that one field breaks.
type Violation struct{ Field, Rule string }

// FieldInvalid lists fields that break a rule; there is at least one.
func (m Maker) FieldInvalid(violations ...Violation) *status.Status {
	bad := &errdetails.BadRequest{}
	for _, violation := range violations {
		bad.FieldViolations = append(bad.FieldViolations,
			&errdetails.BadRequest_FieldViolation{Field: violation.Field, Description: violation.Rule})
	}
	message := violations[0].Field + ": " + violations[0].Rule
	return m.failure(codes.InvalidArgument, reasonFieldInvalid, message, nil, bad)
}

// Malformed says that the bytes are no such request at all.
func (m Maker) Malformed(message string) *status.Status {
	return m.failure(codes.InvalidArgument, reasonMalformed, message, nil)
}

// NotFound says that there is nothing at this path, or not for this method.
func (m Maker) NotFound(message string) *status.Status {
	return m.failure(codes.NotFound, reasonNotFound, message, nil)
}

// TooLarge says that the body is over the limit.
func (m Maker) TooLarge(message string) *status.Status {
	return m.failure(codes.ResourceExhausted, reasonMessageTooLarge, message, nil)
}

// Deadline says that time ran out.
func (m Maker) Deadline(message string) *status.Status {
	return m.failure(codes.DeadlineExceeded, reasonDeadline, message, nil)
}

// Down says that something does not answer at the moment.
func (m Maker) Down(dependency, message string) *status.Status {
	return m.failure(codes.Unavailable, reasonDependencyDown, message,
		map[string]string{"dependency": dependency}, retryInfo())
}

// Internal says that something is wrong on our side, and nothing more.
func (m Maker) Internal() *status.Status {
	return m.failure(codes.Internal, reasonInternal, "something went wrong on our side", nil)
}

// Trusted lets through what the server said itself. Anything else comes from a library (a refused connection, a
// reset stream); its text names addresses and versions, so a constant one takes its place.
func (m Maker) Trusted(failure *status.Status) *status.Status {
	if Reason(failure) != "" {
		return failure
	}
	switch failure.Code() {
	case codes.Unavailable:
		return m.Down("server", "the server does not answer")
	case codes.DeadlineExceeded:
		return m.Deadline("the deadline passed before the answer came")
	case codes.Canceled:
		return m.failure(codes.Canceled, reasonDeadline, "the call was cancelled before the answer came", nil)
	case codes.ResourceExhausted:
		return m.failure(codes.ResourceExhausted, reasonRateLimited, "the server takes no more calls right now", nil, retryInfo())
	case codes.Unimplemented:
		return m.failure(codes.Unimplemented, reasonNotFound, "the server does not offer this", nil)
	case codes.InvalidArgument:
		return m.Malformed("the request is not what this method takes")
	default:
		return m.Internal()
	}
}

func (m Maker) failure(
	code codes.Code, reason, message string, metadata map[string]string, details ...protoadapt.MessageV1,
) *status.Status {
	info := &errdetails.ErrorInfo{Reason: reason, Domain: Domain, Metadata: map[string]string{"correlation_id": m.CorrelationID}}
	for key, value := range metadata {
		info.Metadata[key] = value
	}
	plain := status.New(code, message)
	detailed, err := plain.WithDetails(append([]protoadapt.MessageV1{info}, details...)...)
	if err != nil {
		return plain
	}
	return detailed
}

func retryInfo() *errdetails.RetryInfo {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(retryPause)}
}

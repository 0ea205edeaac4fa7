package web

import (
	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"callsheet/gateway/internal/problem"
)

// lines is the JSON of the API: the protos' own names, every field present, nothing unknown accepted; in a stream one
// object on each line, and a failure on the last.
type lines struct{ runtime.HTTPBodyMarshaler }

func newLines() *lines {
	return &lines{runtime.HTTPBodyMarshaler{Marshaler: &runtime.JSONPb{
		MarshalOptions:   protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true},
		UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false},
	}}}
}

// StreamContentType tells a reader of a stream that it comes in lines.
func (l *lines) StreamContentType(any) string { return "application/x-ndjson" }

// Marshal gives a stream's failure the shape that every other failure has.
func (l *lines) Marshal(value any) ([]byte, error) {
	if chunk, ok := value.(map[string]proto.Message); ok {
		if failure, ok := chunk["error"].(*spb.Status); ok {
			return l.Marshaler.Marshal(map[string]problem.Body{"error": problem.BodyOf(status.FromProto(failure))})
		}
	}
	return l.HTTPBodyMarshaler.Marshal(value)
}

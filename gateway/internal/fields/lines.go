package fields

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"

	"callsheet/gateway/internal/problem"
)

// Lines looks at every object of a body that is a stream of messages. The runtime sends what it could read and drops
// the rest in silence, so a bad object has to be found before the first is sent. An error means that it is not JSON.
func Lines(message protoreflect.MessageDescriptor, body []byte) ([]problem.Violation, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	for number := 0; ; number++ {
		var raw json.RawMessage
		if err := decoder.Decode(&raw); errors.Is(err, io.EOF) {
			return nil, nil
		} else if err != nil {
			return nil, err
		}
		place := fmt.Sprintf("[%d]", number)
		search := &search{everywhere: looseNumber.Match(raw)}
		if search.everywhere || protojson.Unmarshal(raw, empty(message)) != nil {
			search.object(message, raw, place, 0)
		}
		if len(search.found) > 0 {
			return search.found, nil
		}
	}
}

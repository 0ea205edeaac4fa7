// Package fields finds which field of a request does not fit its message, and which rule of Protobuf's JSON it breaks.
// It runs only after a request was refused as a whole: the decoder says that something is wrong, not reliably where.
package fields

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/dynamicpb"

	"callsheet/gateway/internal/problem"
)

const (
	// deepest bounds the work on a hostile body, since every level is decoded once for each level above it.
	deepest = 16
	// most keeps the answer readable.
	most = 20

	unknown = "is not a field of this message"
)

// Body lists what is wrong with a JSON body that should hold this message.
func Body(message protoreflect.MessageDescriptor, body []byte) []problem.Violation {
	search := &search{}
	search.object(message, body, "", 0)
	return search.found
}

// Field lists what is wrong with a JSON body that should hold this one field.
func Field(field protoreflect.FieldDescriptor, body []byte) []problem.Violation {
	search := &search{}
	search.value(field, body, string(field.Name()), 0)
	return search.found
}

// looseNumber is text that begins with a number and goes on with something else.
var looseNumber = regexp.MustCompile(`"-?[0-9]+[^"0-9.eE+-]`)

// Numbers lists numbers in quotes that are more than a number. The decoder reads "12,500" as 12, and what is read here
// is money. Nothing is decoded unless the body has such a text somewhere.
func Numbers(message protoreflect.MessageDescriptor, body []byte) []problem.Violation {
	if message == nil || !looseNumber.Match(body) {
		return nil
	}
	search := &search{everywhere: true}
	search.object(message, body, "", 0)
	return search.found
}

type search struct {
	found []problem.Violation
	// everywhere looks into what decodes as a whole, too.
	everywhere bool
}

func (s *search) add(path, rule string) {
	if len(s.found) < most {
		s.found = append(s.found, problem.Violation{Field: path, Rule: rule})
	}
}

func (s *search) object(message protoreflect.MessageDescriptor, raw json.RawMessage, path string, depth int) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(raw, &members); err != nil {
		s.add(orBody(path), "must be a JSON object")
		return
	}
	for _, name := range sorted(members) {
		field := lookUp(message, name)
		if field == nil {
			s.add(join(path, name), unknown)
			continue
		}
		s.value(field, members[name], join(path, string(field.Name())), depth)
	}
}

func (s *search) value(field protoreflect.FieldDescriptor, raw json.RawMessage, path string, depth int) {
	fits := decodes(field, raw)
	switch {
	case fits && !s.everywhere, string(raw) == "null":
	case depth >= deepest && fits:
	case depth >= deepest:
		s.add(path, "must be "+expected(field))
	case field.IsList():
		s.list(field, raw, path, depth)
	case field.Message() != nil && !field.IsMap() && isPlain(field.Message()):
		s.object(field.Message(), raw, path, depth+1)
	case !fits:
		s.add(path, "must be "+expected(field))
	}
}

func (s *search) list(field protoreflect.FieldDescriptor, raw json.RawMessage, path string, depth int) {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		s.add(path, "must be a list")
		return
	}
	for index, element := range elements {
		place := fmt.Sprintf("%s[%d]", path, index)
		one, _ := json.Marshal([]json.RawMessage{element})
		fits := decodes(field, one)
		switch {
		case fits && !s.everywhere:
		case field.Message() != nil && isPlain(field.Message()) && depth < deepest:
			s.object(field.Message(), element, place, depth+1)
		case !fits:
			s.add(place, "must be "+expected(field))
		}
	}
}

// decodes tries the one field on its own, in an otherwise empty message.
func decodes(field protoreflect.FieldDescriptor, raw json.RawMessage) bool {
	if strings.HasPrefix(kinds[field.Kind()], "a whole number") && !field.IsMap() && looseNumber.Match(raw) {
		return false
	}
	object, err := json.Marshal(map[string]json.RawMessage{string(field.Name()): raw})
	return err == nil && protojson.Unmarshal(object, empty(field.ContainingMessage())) == nil
}

// empty makes a message of the generated type, which knows the types that its fields may hold.
func empty(message protoreflect.MessageDescriptor) proto.Message {
	if generated, err := protoregistry.GlobalTypes.FindMessageByName(message.FullName()); err == nil {
		return generated.New().Interface()
	}
	return dynamicpb.NewMessage(message)
}

func lookUp(message protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if field := message.Fields().ByTextName(name); field != nil {
		return field
	}
	return message.Fields().ByJSONName(name)
}

// isPlain tells a message written as an object of its fields from Timestamp, Struct and their like.
func isPlain(message protoreflect.MessageDescriptor) bool {
	return message.ParentFile().Package() != "google.protobuf"
}

func sorted(members map[string]json.RawMessage) []string {
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func orBody(path string) string {
	if path == "" {
		return "body"
	}
	return path
}

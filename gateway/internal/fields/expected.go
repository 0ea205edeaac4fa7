package fields

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

var kinds = map[protoreflect.Kind]string{
	protoreflect.BoolKind:     "true or false",
	protoreflect.StringKind:   "a string",
	protoreflect.BytesKind:    "bytes in base64",
	protoreflect.Int32Kind:    "a whole number of 32 bits",
	protoreflect.Sint32Kind:   "a whole number of 32 bits",
	protoreflect.Sfixed32Kind: "a whole number of 32 bits",
	protoreflect.Uint32Kind:   "a whole number of 32 bits, not negative",
	protoreflect.Fixed32Kind:  "a whole number of 32 bits, not negative",
	protoreflect.Int64Kind:    "a whole number of 64 bits",
	protoreflect.Sint64Kind:   "a whole number of 64 bits",
	protoreflect.Sfixed64Kind: "a whole number of 64 bits",
	protoreflect.Uint64Kind:   "a whole number of 64 bits, not negative",
	protoreflect.Fixed64Kind:  "a whole number of 64 bits, not negative",
	protoreflect.FloatKind:    "a number",
	protoreflect.DoubleKind:   "a number",
}

var wellKnown = map[protoreflect.FullName]string{
	"google.protobuf.Timestamp": "a time such as 2026-03-01T09:30:00Z",
	"google.protobuf.Duration":  "a duration such as 3.5s",
	"google.protobuf.FieldMask": "field names separated by commas",
	"google.protobuf.Struct":    "a JSON object",
}

// expected says what would have been right.
func expected(field protoreflect.FieldDescriptor) string {
	if field.Kind() == protoreflect.EnumKind {
		return "one of " + strings.Join(names(field.Enum()), ", ")
	}
	if field.IsMap() {
		return "a JSON object"
	}
	if message := field.Message(); message != nil {
		if text, ok := wellKnown[message.FullName()]; ok {
			return text
		}
		return "a valid " + string(message.Name())
	}
	return kinds[field.Kind()]
}

func names(enum protoreflect.EnumDescriptor) []string {
	var found []string
	for i := range enum.Values().Len() {
		if value := enum.Values().Get(i); value.Number() != 0 {
			found = append(found, string(value.Name()))
		}
	}
	return found
}

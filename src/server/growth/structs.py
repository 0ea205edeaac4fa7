"""JSON in messages: free-form parts of requests and answers."""

from collections.abc import Mapping

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct, Value


def struct(content: Mapping[str, object]) -> Struct:
    """JSON as a message."""
    return json_format.ParseDict(dict(content), Struct())


def json_object(message: Struct) -> dict[str, object]:
    """A message as it would be read from JSON."""
    return {name: _json(value) for name, value in message.fields.items()}


def _json(value: Value) -> object:
    """One value; one that was never set is null."""
    match value.WhichOneof("kind"):
        case "struct_value":
            return json_object(value.struct_value)
        case "list_value":
            return [_json(item) for item in value.list_value.values]
        case "number_value":
            return value.number_value
        case "string_value":
            return value.string_value
        case "bool_value":
            return value.bool_value
        case _:
            return None

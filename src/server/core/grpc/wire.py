"""What Protobuf lets through and PostgreSQL does not."""

from collections.abc import Iterator, Mapping

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message


def strings_with_nul(message: Message, prefix: str = "") -> Iterator[str]:
    """The paths of strings that contain NUL: legal in Protobuf, refused by text and jsonb columns."""
    for field, value in message.ListFields():
        path = prefix + field.name
        for suffix, item in _items(value):
            if isinstance(item, Message):
                yield from strings_with_nul(item, f"{path}{suffix}.")
            elif field.type == FieldDescriptor.TYPE_STRING and isinstance(item, str) and "\x00" in item:
                yield path + suffix


def _items(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, str | bytes | Message):
        yield "", value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield f"[{key}]", item
            yield "", str(key)
    elif hasattr(value, "__iter__"):
        for index, item in enumerate(value):
            yield f"[{index}]", item

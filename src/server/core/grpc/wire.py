"""What Protobuf lets through and PostgreSQL does not."""

from collections.abc import Iterator, Mapping
from typing import cast

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message


def strings_with_nul(message: Message, prefix: str = "") -> Iterator[str]:
    """The paths of strings that contain NUL: legal in Protobuf, refused by text and jsonb columns."""
    for field, value in message.ListFields():
        for suffix, item in _items(field, value):
            path = prefix + field.name + suffix
            if isinstance(item, Message):
                yield from strings_with_nul(item, f"{path}.")
            elif isinstance(item, str) and "\x00" in item:
                yield path


def _items(field: FieldDescriptor, value: object) -> Iterator[tuple[str, object]]:
    if not field.is_repeated:
        yield "", value
    elif field.message_type is not None and field.message_type.GetOptions().map_entry:
        for key, item in cast("Mapping[object, object]", value).items():
            yield f"[{key}]", item
            yield "", key
    else:
        for index, item in enumerate(cast("list[object]", value)):
            yield f"[{index}]", item

"""What is wrong with a message: rules that it breaks, and what Protobuf lets through and PostgreSQL does not."""

from collections.abc import Iterator, Mapping
from typing import cast

import protovalidate
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from buf.validate import validate_pb2

_IGNORED = validate_pb2.IGNORE_ALWAYS


def strings_with_nul(message: Message, prefix: str = "") -> Iterator[str]:
    """The paths of strings that contain NUL: legal in Protobuf, refused by text and jsonb columns. Items that are
    judged one by one later, as their list's rule says, are not looked into.
    """
    for field, value in message.ListFields():
        if field.is_repeated and _judged_later(field):
            continue
        for suffix, item in _items(field, value):
            path = prefix + field.name + suffix
            if isinstance(item, Message):
                yield from strings_with_nul(item, f"{path}.")
            elif isinstance(item, str) and "\x00" in item:
                yield path


def _judged_later(field: FieldDescriptor) -> bool:
    return field.GetOptions().Extensions[validate_pb2.field].repeated.items.ignore == _IGNORED


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


def field_path(violation: protovalidate.Violation) -> str:
    """The field as a client would write it: `terms.start_ts`, `users[2].email`."""
    field = violation.proto.field
    path = ""
    for element in field.elements if field else ():
        path += ("." if path else "") + element.field_name
        if element.subscript is not None:
            path += f"[{element.subscript.value}]"
    return path or "request"

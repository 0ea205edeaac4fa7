"""What every RPC and every request field must say of itself."""

import pytest
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor

from buf.validate import validate_pb2
from callsheet.options.v1 import access_pb2
from tests.architecture.api import access, methods, request_fields

RPCS = [pytest.param(method, id=f"{method.containing_service.name}.{method.name}") for method in methods()]

# Fields whose every value is welcome, and why. A flag needs no entry: both of its values are.
WITHOUT_RULE: dict[str, str] = {}


@pytest.mark.parametrize("method", RPCS)
def test_every_rpc_says_who_may_call_it(method: MethodDescriptor) -> None:
    assert method.GetOptions().HasExtension(access_pb2.access), "no access option"
    option = access(method)
    assert bool(option.roles) != option.anonymous, "name roles, or say that anybody may"
    assert access_pb2.ROLE_UNSPECIFIED not in option.roles
    assert len(set(option.roles)) == len(option.roles)
    assert option.own != access_pb2.OWN_UNSPECIFIED, "say how ownership is checked, if only that it is not"


@pytest.mark.parametrize("method", RPCS)
def test_a_field_that_must_be_the_caller_exists(method: MethodDescriptor) -> None:
    option = access(method)
    if option.own != access_pb2.OWN_SELF:
        assert option.own_field == "", "only OWN_SELF names a field"
        return
    field = method.input_type.fields_by_name.get(option.own_field)
    assert field is not None, f"{method.input_type.name} has no field {option.own_field!r}"
    assert field.type == FieldDescriptor.TYPE_STRING


def test_every_request_field_has_a_rule() -> None:
    without = {
        name
        for name, field in request_fields().items()
        if field.type != FieldDescriptor.TYPE_BOOL and not field.GetOptions().HasExtension(validate_pb2.field)
    }
    assert without - WITHOUT_RULE.keys() == set(), "give these a buf.validate rule, or a reason above"
    assert WITHOUT_RULE.keys() - without == set(), "these have a rule now; drop their exceptions"


def test_every_text_and_list_of_a_request_is_bounded() -> None:
    unbounded = {name for name, field in request_fields().items() if name not in WITHOUT_RULE and not _bounded(field)}
    assert unbounded == set(), "bound the length of these"


def _bounded(field: FieldDescriptor) -> bool:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    if field.is_repeated:
        return rules.map.HasField("max_pairs") if rules.HasField("map") else rules.repeated.HasField("max_items")
    if field.type == FieldDescriptor.TYPE_BYTES:
        return any(rules.bytes.HasField(name) for name in ("len", "max_len"))
    if field.type == FieldDescriptor.TYPE_STRING:
        text = rules.string
        bounded_by_list = bool(getattr(text, "in")) or text.HasField("const")
        return bounded_by_list or any(text.HasField(name) for name in ("len", "max_len", "max_bytes", "pattern"))
    return True


def test_enums_of_requests_take_known_values_only() -> None:
    open_ended = {
        name
        for name, field in request_fields().items()
        if field.type == FieldDescriptor.TYPE_ENUM and name not in WITHOUT_RULE and not _known_only(field)
    }
    assert open_ended == set(), "say defined_only, or list the values"


def _known_only(field: FieldDescriptor) -> bool:
    rules = field.GetOptions().Extensions[validate_pb2.field]
    enum = rules.repeated.items.enum if field.is_repeated else rules.enum
    return enum.defined_only or bool(getattr(enum, "in"))

"""The API's description says what a stranger needs."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import MethodDescriptor

from callsheet.common.v1.error_reason_pb2 import ErrorReason
from callsheet.options.v1 import access_pb2
from callsheet.payments.v1 import webhook_pb2
from devstack.codegen.layout import DOCS

Json = dict[str, Any]


@pytest.fixture(scope="module")
def document() -> Json:
    read: Json = json.loads((DOCS / "openapi" / "callsheet.json").read_text(encoding="utf-8"))
    return read


def operations(document: Json) -> Iterator[Json]:
    for path in document["paths"].values():
        yield from path.values()


def references(node: object) -> Iterator[str]:
    match node:
        case dict():
            for key, value in node.items():
                if key == "$ref":
                    yield str(value)
                else:
                    yield from references(value)
        case list():
            for value in node:
                yield from references(value)


def test_every_operation_has_a_name_a_summary_a_tag_and_the_error_that_all_share(document: Json) -> None:
    for operation in operations(document):
        assert operation["summary"], operation["operationId"]
        assert operation["tags"], operation["operationId"]
        assert operation["responses"]["default"] == {"$ref": "#/responses/Error"}
    names = [operation["operationId"] for operation in operations(document)]
    assert len(set(names)) == len(names)


def test_every_reference_leads_somewhere(document: Json) -> None:
    for reference in references(document):
        section, name = reference.removeprefix("#/").split("/")
        assert name in document[section], reference


def test_every_tag_is_explained(document: Json) -> None:
    explained = {tag["name"] for tag in document["tags"] if tag["description"]}
    assert {tag for operation in operations(document) for tag in operation["tags"]} <= explained


def test_the_error_lists_every_documented_reason(document: Json) -> None:
    reason = document["definitions"]["Error"]["properties"]["reason"]
    assert reason["enum"] == [name.removeprefix("ERROR_REASON_") for name, number in ErrorReason.items() if number != 0]


def test_only_anonymous_operations_are_without_a_lock(document: Json) -> None:
    method: MethodDescriptor = webhook_pb2.DESCRIPTOR.services_by_name["WebhookService"].methods_by_name[
        "ReceiveStripeEvent"
    ]
    assert method.GetOptions().Extensions[access_pb2.access].anonymous
    open_to_all = {each["operationId"] for each in operations(document) if each.get("security") == []}
    assert "Webhook_ReceiveStripeEvent" in open_to_all
    assert "Booking_CreateOrder" not in open_to_all


def test_nothing_in_it_speaks_to_the_linter(document: Json) -> None:
    assert "buf:lint" not in json.dumps(document)


def test_a_stream_says_that_it_comes_in_lines(document: Json) -> None:
    watch = document["paths"]["/v1/orders/{order_id}:watch"]["get"]
    assert watch["produces"] == ["application/x-ndjson"]


def test_what_changes_something_takes_an_idempotency_key(document: Json) -> None:
    create = document["paths"]["/v1/orders"]["post"]
    assert {"$ref": "#/parameters/IdempotencyKey"} in create["parameters"]
    read = document["paths"]["/v1/orders/{order_id}"]["get"]
    assert {"$ref": "#/parameters/IdempotencyKey"} not in read["parameters"]

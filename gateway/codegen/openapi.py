"""Turns the plugin's Swagger document into one that is pleasant to read: access, errors, streams, headers, tags."""

import json
import re
from collections.abc import Iterator
from typing import Any

from descriptors import Api, Rpc
from google.protobuf import descriptor_pb2

# A JSON document is the one thing here whose shape only its own standard knows.
Json = dict[str, Any]

VERBS = {"get", "put", "post", "patch", "delete"}
# A sentence ends at a full stop before a capital; "e.g." and "v1.2" do not end one.
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z`])")

DESCRIPTION = """\
JSON over HTTP for every RPC of Callsheet. Names, statuses and errors are those of the gRPC API.

**Access.** Send `Authorization: Bearer <token>`. Operations without a lock need none.

**Errors.** Every answer of status 400 and above has the body `Error`. Branch on `reason`, never on `message`. Where
trying again helps, `Retry-After` says when. Fields that are not part of a message are refused.

**Retries.** Send `Idempotency-Key` with what changes something: the same key and body has one effect, and a repeated
answer carries `Idempotent-Replay: true`.

**Streams.** `application/x-ndjson`: one JSON object per line. Each line is `{"result": …}`; a stream that breaks after
its first line ends with `{"error": …}`.

**Correlation.** `X-Correlation-Id` names a call in every log; one is made up where none is sent.

**Deadlines.** `X-Request-Timeout: 2.5` (seconds) bounds a call. Sixty-four bit integers travel as strings.
"""


def document(swagger: str, files: descriptor_pb2.FileDescriptorSet) -> str:
    """The finished document, indented and in a stable order, so that a change of it reads well in a diff."""
    api = Api(files)
    rpcs = api.rpcs()
    raw: Json = json.loads(swagger)
    raw["info"] = {"title": "Callsheet", "version": "v1", "description": DESCRIPTION}
    raw["tags"] = [{"name": tag(name), "description": text} for name, text in api.services()]
    raw["securityDefinitions"] = {
        "bearer": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "`Bearer <token>`"}
    }
    raw["security"] = [{"bearer": []}]
    raw["parameters"] = {"IdempotencyKey": IDEMPOTENCY_KEY}
    raw["responses"] = {"Error": ERROR_RESPONSE}
    for operation in operations(raw):
        describe(operation, rpcs[operation["operationId"]])
    raw["definitions"] = {
        name: schema for name, schema in raw["definitions"].items() if name not in {"Status", "HttpBody"}
    }
    raw["definitions"]["Error"] = error_schema(api)
    return json.dumps(without_lint_comments(raw), indent=2, ensure_ascii=False) + "\n"


def operations(raw: Json) -> Iterator[Json]:
    """Each operation of each path."""
    for path in raw["paths"].values():
        yield from (operation for verb, operation in path.items() if verb in VERBS)


def describe(operation: Json, rpc: Rpc) -> None:
    """Says of one operation what its RPC's options and types say."""
    operation["tags"] = [tag(name) for name in operation["tags"]]
    operation["operationId"] = operation["operationId"].replace("Service_", "_")
    split_summary(operation)
    success = operation["responses"]["200"]
    success["description"] = "One line per message." if rpc.streams else "Success."
    operation["responses"]["default"] = {"$ref": "#/responses/Error"}
    if rpc.anonymous:
        operation["security"] = []
    if rpc.idempotent_by_key:
        operation.setdefault("parameters", []).append({"$ref": "#/parameters/IdempotencyKey"})
    if rpc.streams:
        operation["produces"] = ["application/x-ndjson"]
        success["schema"]["properties"]["error"] = {"$ref": "#/definitions/Error"}
    if rpc.raw_body:
        operation["parameters"] = [RAW_BODY, SIGNATURE]
        success.pop("schema")
    elif rpc.raw_answer:
        # The handler names the media type with each answer, so none can be promised here.
        operation["produces"] = ["*/*"]
        success["schema"] = {"type": "file"}


def split_summary(operation: Json) -> None:
    """The first sentence is the summary; the whole text is the description where there is more."""
    text = " ".join(f"{operation.get('summary', '')} {operation.pop('description', '')}".split())
    sentences = SENTENCE.split(without_lint_lines(text), maxsplit=1)
    operation["summary"] = sentences[0].rstrip(".")
    if len(sentences) > 1:
        operation["description"] = sentences[1]


def tag(service: str) -> str:
    """BookingService is shown as Booking."""
    return service.removesuffix("Service")


def error_schema(api: Api) -> Json:
    """The body of every failure, with the documented reasons."""
    reasons = api.reasons()
    meanings = "\n".join(f"- `{name}`: {text}" for name, text in reasons.items())
    return {
        "type": "object",
        "description": "Why a call failed.",
        "required": ["code", "status", "reason", "message", "details"],
        "properties": {
            "code": {"type": "integer", "format": "int32", "description": "The gRPC status code."},
            "status": {"type": "string", "description": "The code's name, such as INVALID_ARGUMENT."},
            "reason": {"type": "string", "enum": list(reasons), "description": f"What to branch on.\n\n{meanings}"},
            "message": {"type": "string", "description": "For people; it may change at any time."},
            "details": {
                "type": "array",
                "description": "google.rpc.ErrorInfo, and BadRequest or RetryInfo where they apply.",
                "items": {"$ref": "#/definitions/Any"},
            },
        },
        "example": {
            "code": 3,
            "status": "INVALID_ARGUMENT",
            "reason": "FIELD_INVALID",
            "message": "page_size: must be greater than or equal to 0",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                    "reason": "FIELD_INVALID",
                    "domain": "callsheet",
                    "metadata": {},
                },
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "field_violations": [{"field": "page_size", "description": "must be greater than or equal to 0"}],
                },
            ],
        },
    }


def without_lint_comments(node: Any) -> Any:
    """Comments that address the linter are none of the reader's business."""
    match node:
        case dict():
            return {key: without_lint_comments(value) for key, value in node.items()}
        case list():
            return [without_lint_comments(value) for value in node]
        case str():
            return without_lint_lines(node)
    return node


def without_lint_lines(text: str) -> str:
    """Drops `buf:lint:ignore RULE` wherever it stands."""
    return re.sub(r"\s*buf:lint:ignore \w+", "", text)


IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "type": "string",
    "maxLength": 128,
    "description": "Names this attempt, so that a retry has no second effect. Takes the place of the body's field.",
}
SIGNATURE: Json = {"name": "Stripe-Signature", "in": "header", "type": "string", "required": True}
RAW_BODY: Json = {
    "name": "body",
    "in": "body",
    "required": True,
    "description": "Passed on byte for byte.",
    "schema": {"type": "string", "format": "binary"},
}
ERROR_RESPONSE: Json = {
    "description": "The call failed; branch on `reason`.",
    "schema": {"$ref": "#/definitions/Error"},
    "headers": {
        "Retry-After": {"type": "integer", "description": "Seconds, where trying again helps."},
        "X-Correlation-Id": {"type": "string", "description": "Finds the call in the logs."},
    },
}

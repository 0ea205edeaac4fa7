"""The catalogue of error reasons, from the comments of `callsheet.common.v1.ErrorReason`.

A comment has a fixed shape: the status code, a full stop, what it means, and optionally a line `Example:` with JSON,
which is the error's metadata or, where it says `violations`, the content of its BadRequest.
"""

import json
from dataclasses import dataclass

from grpc import StatusCode

from devstack.docs.api import Api, EnumValue
from devstack.docs.text import WRITTEN, one_line, table

ENUM = "callsheet.common.v1.ErrorReason"
PREFIX = "ERROR_REASON_"
_INTRODUCTION = """
# Errors

Every error is a `google.rpc.Status`. Its details begin with an `ErrorInfo` of domain `callsheet` whose `reason` is one
of these. Branch on the reason; the message is for people and may change. `BadRequest` names fields and rules;
`RetryInfo` is there where trying again makes sense.

"""
_SAMPLES = """
## Samples

As the HTTP gateway shows them; over gRPC the same details travel in `grpc-status-details-bin`.
"""
_TYPE = "type.googleapis.com/google.rpc."


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, taken apart."""

    name: str
    code: StatusCode
    meaning: str
    example: dict[str, object] | None


def reasons(api: Api) -> list[Reason]:
    """Every reason that is ever sent, by name."""
    values = [value for value in api.enums[ENUM] if value.name != f"{PREFIX}UNSPECIFIED"]
    return sorted((_reason(value) for value in values), key=lambda reason: reason.name)


def render(api: Api) -> str:
    """`docs/errors.md`."""
    found = reasons(api)
    rows = [(f"`{reason.name}`", f"`{reason.code.name}`", reason.meaning) for reason in found]
    samples = "".join(_sample(reason) for reason in found if reason.example is not None)
    return f"{WRITTEN}{_INTRODUCTION}{table(('reason', 'code', 'when'), rows)}{_SAMPLES}{samples}"


def _reason(value: EnumValue) -> Reason:
    text, _, example = value.comment.partition("Example:")
    code, _, meaning = one_line(text).partition(". ")
    if code not in StatusCode.__members__ or not meaning:
        raise ValueError(f"{value.name}: its comment must begin with a status code and a full stop, then say when")
    sample = json.loads(example) if example else None
    return Reason(value.name.removeprefix(PREFIX), StatusCode[code], meaning, sample)


def _sample(reason: Reason) -> str:
    example = dict(reason.example or {})
    violations = example.pop("violations", None)
    metadata = {**example, "correlation_id": "…"}
    info: dict[str, object] = {
        "@type": f"{_TYPE}ErrorInfo",
        "reason": reason.name,
        "domain": "callsheet",
        "metadata": metadata,
    }
    details: list[dict[str, object]] = [info]
    if violations is not None:
        details.append({"@type": f"{_TYPE}BadRequest", "fieldViolations": violations})
    number: int = reason.code.value[0]
    body = json.dumps({"code": number, "message": "…", "details": details}, indent=2, ensure_ascii=False)
    return f"\n### {reason.name}\n\n```json\n{body}\n```\n"

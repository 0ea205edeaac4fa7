"""Whatever bytes come, to whichever method: a documented refusal or an answer, and never a defect of ours."""

import random

import grpc
import pytest
from google.protobuf.message import Message

from devstack.roles import DatabaseUrls
from server.core.call import Role
from server.core.grpc.methods import Method, methods_of
from tests.rpc.harness import Running, as_user, read_refusal, running_server

ROUNDS = 25
NEVER = {grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNIMPLEMENTED}
TEXTS = [
    "",
    "\x00",
    "usr_a",
    "ord_01jd3x0000000000000000000",
    "é" * 300,
    "-1",
    "../../etc",
    "'; drop table x; --",
    "😀",
]
NUMBERS = [0, 1, -1, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63)]


def scribbled(message: Message, chance: random.Random, depth: int = 0) -> Message:
    """Fills fields with values that are legal on the wire and seldom elsewhere."""
    for field in message.DESCRIPTOR.fields:
        if chance.random() < 0.3:
            continue
        if field.message_type is not None:
            if depth < 3 and not field.is_repeated:
                scribbled(getattr(message, field.name), chance, depth + 1)
            continue
        value = _value(field.cpp_type, chance)
        try:
            if field.is_repeated:
                getattr(message, field.name).append(value)
            else:
                setattr(message, field.name, value)
        except (ValueError, TypeError):
            continue
    return message


def _value(kind: int, chance: random.Random) -> object:
    match kind:
        case 9:
            return chance.choice(TEXTS)
        case 7:
            return chance.random() < 0.5
        case 5 | 6:
            return chance.choice([0.0, -1.5, float("inf"), float("nan")])
        case _:
            return chance.choice(NUMBERS)


def damaged(raw: bytes, chance: random.Random) -> bytes:
    """The bytes with some of them changed, doubled or missing."""
    if not raw or chance.random() < 0.3:
        return chance.randbytes(chance.randrange(1, 60))
    at = chance.randrange(len(raw))
    return chance.choice([raw[:at], raw[:at] + chance.randbytes(2) + raw[at:], raw[:at] + raw[at + 1 :], raw * 2])


@pytest.mark.parametrize("seed", range(2))
async def test_no_bytes_are_a_defect(database: DatabaseUrls, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  a test's dice
    async with running_server(database, default_deadline_seconds=5) as server:
        methods = [method for service in server.app.services for method in methods_of(service.descriptor)]
        for method in methods:
            if method.unary:
                await _tried(server, method, chance)


async def _tried(server: Running, method: Method, chance: random.Random) -> None:
    roles = tuple(Role)
    for turn in range(ROUNDS):
        raw = scribbled(method.request_type(), chance).SerializeToString()
        if turn % 3 == 2:
            raw = damaged(raw, chance)
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = server.channel.unary_unary(method.path)
        try:
            await call(raw, metadata=as_user("usr_a", *roles))
        except grpc.aio.AioRpcError as error:
            refused = read_refusal(error)
            assert refused.code not in NEVER, f"{method.path} answered {refused} to {raw!r}"
            assert refused.reason, f"{method.path} gave no reason for {refused.code} to {raw!r}"

"""Protobuf and domain, in both directions."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct

from callsheet.directory.v1 import directory_pb2
from server.core.call import Actor
from server.core.grpc.proto import EnumMap, timestamp
from server.directory.domain import Export, UserKind, UserProfile, UserUpsert
from server.directory.usecases import EraseUser

KINDS = EnumMap(directory_pb2.UserKind, UserKind, "USER_KIND_", directory_pb2.UserKind.ValueType)
DEFAULT_LOCALE = "en"


def upserts(request: directory_pb2.UpsertUsersRequest) -> list[UserUpsert]:
    return [
        UserUpsert(
            user_id=user.user_id,
            email=user.email,
            kinds=frozenset(KINDS.member(kind) for kind in user.kinds),
            time_zone=user.time_zone,
            locale=user.locale or DEFAULT_LOCALE,
            nsfw_preference=user.nsfw_preference,
        )
        for user in request.users
    ]


def erase_user(request: directory_pb2.EraseUserRequest, actor: Actor) -> EraseUser:
    return EraseUser(actor=actor, user_id=request.user_id)


def upsert_users_response(users: Sequence[UserProfile]) -> directory_pb2.UpsertUsersResponse:
    return directory_pb2.UpsertUsersResponse(users=map(_profile, users))


def get_user_response(user: UserProfile) -> directory_pb2.GetUserResponse:
    return directory_pb2.GetUserResponse(user=_profile(user))


def export_user_response(export: Export) -> directory_pb2.ExportUserResponse:
    return directory_pb2.ExportUserResponse(
        user_id=export.user_id,
        exported_at=timestamp(export.exported_at),
        sections=[
            directory_pb2.ExportSection(name=section.name, rows=map(_struct, section.rows))
            for section in export.sections
        ],
    )


def erase_user_response(pseudonym: str) -> directory_pb2.EraseUserResponse:
    return directory_pb2.EraseUserResponse(pseudonym=pseudonym)


def _profile(user: UserProfile) -> directory_pb2.UserProfile:
    return directory_pb2.UserProfile(
        user_id=user.user_id,
        kinds=[KINDS.number(kind) for kind in sorted(user.kinds)],
        time_zone=user.time_zone,
        locale=user.locale,
        nsfw_preference=user.nsfw_preference,
        erased=user.erased,
        created_at=timestamp(user.created_at),
        updated_at=timestamp(user.updated_at),
    )


def _struct(row: Mapping[str, object]) -> Struct:
    """A row as JSON: what JSON has no form for is written as text."""
    return json_format.Parse(json.dumps(row, default=_text), Struct())


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)

"""What tests of growth share: people with profiles, documents, and a morning in a zone of their own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from google.protobuf.json_format import ParseDict
from google.protobuf.struct_pb2 import Struct

from callsheet.directory.v1 import directory_pb2
from callsheet.directory.v1.directory_pb2_grpc import DirectoryServiceStub
from callsheet.growth.v1 import saved_search_pb2 as pb
from callsheet.growth.v1 import search_document_pb2
from callsheet.growth.v1.growth_pb2_grpc import GrowthServiceStub
from server.core.call import Role
from server.core.jobs import JobKind
from tests.rpc.harness import Running, token

SERVICE = "svc_accounts"


def lasting(user_id: str, *roles: Role) -> tuple[tuple[str, str], ...]:
    """Call metadata with a token that outlives a clock which is moved on by weeks."""
    return (("authorization", f"Bearer {token(user_id, *roles, lifetime=timedelta(days=400))}"),)


def service() -> tuple[tuple[str, str], ...]:
    return lasting(SERVICE, Role.SERVICE)


def zone_at(hour: int, now: datetime) -> str:
    """A zone where it is that hour now."""
    offset = (hour - now.astimezone(UTC).hour + 11) % 24 - 11
    return f"Etc/GMT{-offset:+d}" if offset else "Etc/GMT"


def struct(tree: Mapping[str, object]) -> Struct:
    return ParseDict(dict(tree), Struct())


async def person(
    server: Running,
    user_id: str,
    *,
    email: str = "",
    kinds: tuple[directory_pb2.UserKind.ValueType, ...] = (directory_pb2.USER_KIND_BUYER,),
    nsfw_preference: int = 0,
) -> None:
    """Stores a profile."""
    user = directory_pb2.UserUpsert(
        user_id=user_id,
        email=email or f"{user_id.removeprefix('usr_')}@example.org",
        kinds=kinds,
        time_zone="Europe/Berlin",
        nsfw_preference=nsfw_preference,
    )
    await DirectoryServiceStub(server.channel).UpsertUsers(
        directory_pb2.UpsertUsersRequest(users=[user]), metadata=service()
    )


def document(name: str, **changes: object) -> pb.SearchDocument:
    """A model in Berlin for 200 an hour, unless told otherwise."""
    values: dict[str, object] = {
        "document_id": f"srv_{name}",
        "scope": pb.SEARCH_SCOPE_PEOPLE,
        "owner_user_id": "usr_provider",
        "city": "berlin",
        "title": name.title(),
        "roles": ["Model"],
        "price_cents": 20_000,
        **changes,
    }
    return ParseDict(values, pb.SearchDocument())


async def stored(server: Running, *documents: pb.SearchDocument) -> int:
    """Stores documents as the catalogue does; how many changed."""
    answer = await GrowthServiceStub(server.channel).UpsertSearchDocuments(
        search_document_pb2.UpsertSearchDocumentsRequest(documents=documents), metadata=service()
    )
    return answer.changed


async def enqueue(server: Running, kind: JobKind) -> None:
    """What the schedule would do now."""
    core = server.app.core
    await core.database.run(lambda tx: core.jobs.enqueue(tx, kind, key=core.clock.now().isoformat()))

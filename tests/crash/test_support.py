"""Points of support: between a locked copy and its row, and between a legal hold that is lifted and its row."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import grpc
import pytest

from callsheet.support.v1 import evidence_pb2 as pb
from callsheet.support.v1.support_pb2_grpc import SupportServiceStub
from devstack.s3 import ObjectStorage
from tests.crash.victim import Workplace, killed
from tests.rpc.harness import running_server
from tests.rpc.support_callers import Support, as_buyer, as_provider, support_on
from tests.rpc.test_support_evidence import stored, uploaded
from tests.rpc.test_support_legal import filed, publish

TIMES = pytest.mark.parametrize("kills", [1, pytest.param(6, marks=pytest.mark.crash)])


@pytest.fixture
def place(workplace: Workplace, s3: ObjectStorage) -> Workplace:
    return replace(workplace, settings=s3.environment())


@TIMES
async def test_a_file_whose_server_dies_after_locking_it_is_locked_once(
    place: Workplace, s3: ObjectStorage, kills: int
) -> None:
    """Nobody could delete a second copy for years, so whoever completes the upload again has to find the first."""
    async with support_beside(place, s3) as support:
        case = await support.open()
        completing = pb.CompleteEvidenceUploadRequest(evidence_id=await uploaded(support, case.case_id))
        for _ in range(kills):
            async with place.server(dies_at="evidence.locked") as server, server.channel() as channel:
                with pytest.raises(grpc.aio.AioRpcError) as refused:
                    await SupportServiceStub(channel).CompleteEvidenceUpload(completing, metadata=as_buyer())
                await killed(server)
            assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
            assert await support.events(case.case_id) == ["open"]
        evidence = (await support.stub.CompleteEvidenceUpload(completing, metadata=as_buyer())).evidence
        assert await support.events(case.case_id) == ["open", "evidence_attached"]
    [version] = s3.client().list_object_versions(Bucket=s3.bucket, Prefix="support-evidence/")["Versions"]
    [row] = await place.rows("select s3_key, version_id, retention_until from evidence_object")
    locked = s3.client().get_object_retention(Bucket=s3.bucket, Key=version["Key"], VersionId=version["VersionId"])
    assert evidence.status == pb.EVIDENCE_STATUS_STORED
    assert (row["s3_key"], row["version_id"]) == (version["Key"], version["VersionId"])
    assert row["retention_until"].replace(microsecond=0) == locked["Retention"]["RetainUntilDate"].replace(
        microsecond=0
    )


@TIMES
async def test_a_hold_whose_worker_dies_after_lifting_it_is_written_as_lifted(
    place: Workplace, s3: ObjectStorage, kills: int
) -> None:
    """The row comes last: it says `held` for as long as anybody has yet to make sure."""
    await publish(place.database)
    async with support_beside(place, s3) as support:
        case_id = await filed(support)
        held = await stored(support, case_id, as_provider())
        assert held.legal_hold
        assert await holds(place, s3) == ("ON", True)
        await support.close(case_id, reason="Withdrawn.")
    for _ in range(kills):
        await place.dies_at("evidence.held")
        assert await holds(place, s3) == ("OFF", True)

    async def settled() -> bool:
        return not await place.rows("select from evidence_object where legal_hold")

    await place.works_until(settled, "the hold to be lifted")
    assert await holds(place, s3) == ("OFF", False)


@asynccontextmanager
async def support_beside(place: Workplace, s3: ObjectStorage) -> AsyncIterator[Support]:
    """Support in the test's own process, before and after whoever dies."""
    keys: dict[str, Any] = {"AWS_ACCESS_KEY_ID": s3.access_key, "AWS_SECRET_ACCESS_KEY": s3.secret_key}
    async with running_server(place.database, s3_endpoint=s3.endpoint, s3_bucket=s3.bucket, **keys) as running:
        yield await support_on(running)


async def holds(place: Workplace, s3: ObjectStorage) -> tuple[str, bool]:
    """What the storage says of the one file's hold, and what its row says."""
    [row] = await place.rows("select s3_key, version_id, legal_hold from evidence_object")
    found = s3.client().get_object_legal_hold(Bucket=s3.bucket, Key=row["s3_key"], VersionId=row["version_id"])
    return found["LegalHold"]["Status"], row["legal_hold"]

"""Evidence over a socket, with a storage that enforces what it was told."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import asyncpg
import pytest
from grpc import StatusCode

from callsheet.support.v1 import evidence_pb2 as pb
from devstack.roles import DatabaseUrls
from devstack.s3 import ObjectStorage
from tests.domain.test_support_evidence import PNG, archive
from tests.rpc.harness import Running, refusal, running_server
from tests.rpc.support_callers import Metadata, Support, as_agent, as_buyer, as_provider, as_stranger, support_on


@pytest.fixture
async def server(database: DatabaseUrls, s3: ObjectStorage) -> AsyncIterator[Running]:
    keys: dict[str, Any] = {"AWS_ACCESS_KEY_ID": s3.access_key, "AWS_SECRET_ACCESS_KEY": s3.secret_key}
    async with running_server(database, s3_endpoint=s3.endpoint, s3_bucket=s3.bucket, **keys) as running:
        yield running


@pytest.fixture
async def support(server: Running) -> Support:
    return await support_on(server)


def promise(case_id: str, body: bytes = PNG, mime: str = "image/png") -> pb.CreateEvidenceUploadRequest:
    return pb.CreateEvidenceUploadRequest(
        case_id=case_id, mime=mime, bytes=len(body), sha256=hashlib.sha256(body).digest()
    )


async def uploaded(
    support: Support, case_id: str, body: bytes = PNG, mime: str = "image/png", metadata: Metadata | None = None
) -> str:
    """The file of the buyer or of whoever is given, uploaded and not yet checked; its id."""
    created = await support.stub.CreateEvidenceUpload(promise(case_id, body, mime), metadata=metadata or as_buyer())
    async with (
        aiohttp.ClientSession() as session,
        session.put(created.upload_url, data=body, headers=dict(created.upload_headers)) as answer,
    ):
        assert answer.status == 200
    return created.evidence.evidence_id


async def stored(support: Support, case_id: str, metadata: Metadata | None = None) -> pb.Evidence:
    """The file of the buyer or of whoever is given, checked and locked."""
    completing = pb.CompleteEvidenceUploadRequest(evidence_id=await uploaded(support, case_id, metadata=metadata))
    return (await support.stub.CompleteEvidenceUpload(completing, metadata=metadata or as_buyer())).evidence


async def test_a_file_is_uploaded_checked_locked_and_read(support: Support, server: Running, s3: ObjectStorage) -> None:
    case = await support.open()
    evidence = await stored(support, case.case_id)
    link = await support.stub.GetEvidenceUrl(
        pb.GetEvidenceUrlRequest(evidence_id=evidence.evidence_id), metadata=as_agent()
    )
    async with aiohttp.ClientSession() as session, session.get(link.url) as answer:
        body = await answer.read()
    await server.worker().run_due()
    keys = [version["Key"] for version in s3.client().list_object_versions(Bucket=s3.bucket)["Versions"]]

    assert (evidence.status, evidence.legal_hold) == (pb.EVIDENCE_STATUS_STORED, False)
    assert body == PNG
    assert keys == [f"support-evidence/{case.case_id}/{evidence.evidence_id}"]
    assert await support.events(case.case_id) == ["open", "evidence_attached", "evidence_linked"]
    assert await support.events(case.case_id, as_buyer()) == ["open", "evidence_attached"]


async def test_completing_twice_is_completing_once(support: Support) -> None:
    case = await support.open()
    evidence = await stored(support, case.case_id)
    again = await support.stub.CompleteEvidenceUpload(
        pb.CompleteEvidenceUploadRequest(evidence_id=evidence.evidence_id), metadata=as_buyer()
    )
    assert again.evidence == evidence
    assert await support.events(case.case_id) == ["open", "evidence_attached"]


@pytest.mark.parametrize(
    ("body", "mime"), [(archive(), "image/png"), (PNG + b"<script>", "image/png"), (PNG, "application/pdf")]
)
async def test_what_is_not_what_it_claims_is_refused_for_good(
    support: Support, server: Running, s3: ObjectStorage, body: bytes, mime: str
) -> None:
    case = await support.open()
    completing = pb.CompleteEvidenceUploadRequest(evidence_id=await uploaded(support, case.case_id, body, mime))
    refused = await refusal(support.stub.CompleteEvidenceUpload(completing, metadata=as_buyer()))
    again = await refusal(support.stub.CompleteEvidenceUpload(completing, metadata=as_buyer()))
    await server.worker().run_due()

    assert (refused.code, refused.reason) == (StatusCode.FAILED_PRECONDITION, "EVIDENCE_REJECTED")
    assert refused.metadata["problem"] == f"is not {mime} by its content"
    assert (again.reason, again.metadata["status"]) == ("ILLEGAL_TRANSITION", "rejected")
    assert "Versions" not in s3.client().list_object_versions(Bucket=s3.bucket)


async def test_what_was_not_uploaded_cannot_be_completed(support: Support) -> None:
    case = await support.open()
    created = await support.stub.CreateEvidenceUpload(promise(case.case_id), metadata=as_buyer())
    refused = await refusal(
        support.stub.CompleteEvidenceUpload(
            pb.CompleteEvidenceUploadRequest(evidence_id=created.evidence.evidence_id), metadata=as_buyer()
        )
    )
    assert (refused.code, refused.reason) == (StatusCode.FAILED_PRECONDITION, "EVIDENCE_MISSING")


async def test_anothers_evidence_does_not_exist(support: Support) -> None:
    case = await support.open()
    evidence = await stored(support, case.case_id)
    for caller in (as_provider(), as_stranger()):
        for call in (
            support.stub.GetEvidenceUrl(pb.GetEvidenceUrlRequest(evidence_id=evidence.evidence_id), metadata=caller),
            support.stub.CompleteEvidenceUpload(
                pb.CompleteEvidenceUploadRequest(evidence_id=evidence.evidence_id), metadata=caller
            ),
        ):
            refused = await refusal(call)
            assert (refused.code, refused.reason) == (StatusCode.NOT_FOUND, "NOT_FOUND")
    foreign = await refusal(support.stub.CreateEvidenceUpload(promise(case.case_id), metadata=as_stranger()))
    assert foreign.code is StatusCode.NOT_FOUND


async def test_each_sees_what_they_brought_and_staff_see_everything(support: Support) -> None:
    case = await support.open()
    evidence = await stored(support, case.case_id)
    listed = {
        name: [
            found.evidence_id
            for found in (
                await support.stub.ListEvidence(pb.ListEvidenceRequest(case_id=case.case_id), metadata=caller)
            ).evidence
        ]
        for name, caller in {"buyer": as_buyer(), "provider": as_provider(), "agent": as_agent()}.items()
    }
    assert listed == {"buyer": [evidence.evidence_id], "provider": [], "agent": [evidence.evidence_id]}


async def test_a_file_that_never_comes_is_given_up(support: Support, server: Running, database: DatabaseUrls) -> None:
    case = await support.open()
    created = await support.stub.CreateEvidenceUpload(promise(case.case_id), metadata=as_buyer())
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute("update core.job set run_at = now() where kind = 'support.evidence_abandonment'")
    finally:
        await connection.close()
    await server.worker().run_due()
    refused = await refusal(
        support.stub.CompleteEvidenceUpload(
            pb.CompleteEvidenceUploadRequest(evidence_id=created.evidence.evidence_id), metadata=as_buyer()
        )
    )
    assert (refused.reason, refused.metadata["status"]) == ("ILLEGAL_TRANSITION", "abandoned")


async def test_a_closed_case_takes_no_files(support: Support) -> None:
    case = await support.open()
    await support.close(case.case_id, reason="Spam.")
    refused = await refusal(support.stub.CreateEvidenceUpload(promise(case.case_id), metadata=as_buyer()))
    assert (refused.reason, refused.metadata["event"]) == ("ILLEGAL_TRANSITION", "evidence_attached")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"mime": "application/zip"}, "mime"),
        ({"mime": "image/svg+xml"}, "mime"),
        ({"bytes": 0}, "bytes"),
        ({"bytes": 26_214_401}, "bytes"),
        ({"sha256": b"short"}, "sha256"),
    ],
)
async def test_a_bad_promise_names_its_field(support: Support, changes: dict[str, object], field: str) -> None:
    case = await support.open()
    request = promise(case.case_id)
    for name, value in changes.items():
        setattr(request, name, value)
    refused = await refusal(support.stub.CreateEvidenceUpload(request, metadata=as_buyer()))
    assert list(refused.violations) == [field]


async def test_a_storage_that_is_away_is_said_so(database: DatabaseUrls) -> None:
    keys: dict[str, Any] = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    async with running_server(database, s3_endpoint="http://127.0.0.1:9", **keys) as server:
        support = await support_on(server)
        case = await support.open()
        created = await support.stub.CreateEvidenceUpload(promise(case.case_id), metadata=as_buyer())
        refused = await refusal(
            support.stub.CompleteEvidenceUpload(
                pb.CompleteEvidenceUploadRequest(evidence_id=created.evidence.evidence_id), metadata=as_buyer()
            )
        )
    assert (refused.code, refused.reason) == (StatusCode.UNAVAILABLE, "DEPENDENCY_DOWN")
    assert refused.metadata["dependency"] == "s3"

"""Object storage against a server that enforces what it was told."""

import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from rich.console import Console

from devstack.s3 import REGION
from devstack.s3 import ObjectStorage as Embedded
from server.adapters.objects import bucket
from server.adapters.objects.bucket import Bucket, lifecycle
from server.adapters.objects.port import ObjectStorage, Upload, UploadLink
from server.adapters.objects.s3 import Place, connect
from server.core.errors import DependencyDown

BODY = b"what was agreed"
UPLOAD = Upload("quarantine/evo_1", "text/plain", len(BODY), hashlib.sha256(BODY).digest())
MINUTE = timedelta(minutes=1)


def place_of(embedded: Embedded) -> Place:
    return Place(embedded.bucket, REGION, embedded.endpoint, embedded.access_key, embedded.secret_key)


@pytest.fixture
async def storage(s3: Embedded) -> AsyncIterator[ObjectStorage]:
    async with connect(place_of(s3)) as storage:
        yield storage


async def put(link: UploadLink, body: bytes = BODY, url: str = "", **headers: str) -> int:
    """Uploads as a browser would; the HTTP status."""
    sent = {**link.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
    async with aiohttp.ClientSession() as session, session.put(url or link.url, data=body, headers=sent) as answer:
        return answer.status


async def test_exactly_what_was_promised_can_be_uploaded(storage: ObjectStorage) -> None:
    link = await storage.upload_link(UPLOAD, MINUTE)
    assert await put(link) == 200
    sample = await storage.sample(UPLOAD.key, 1000)
    assert sample is not None
    assert (sample.length, sample.sha256, sample.head, sample.is_text) == (len(BODY), UPLOAD.sha256, BODY, True)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"what was agreee", {}),
        (BODY + b"!", {"content_length": str(len(BODY) + 1)}),
        (BODY[:-1], {"content_length": str(len(BODY) - 1)}),
        (BODY, {"content_type": "text/html"}),
        (BODY, {"x_amz_checksum_sha256": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}),
    ],
    ids=["other content", "longer", "shorter", "other type", "other checksum"],
)
async def test_anything_else_is_refused(storage: ObjectStorage, body: bytes, headers: dict[str, str]) -> None:
    link = await storage.upload_link(UPLOAD, MINUTE)
    assert await put(link, body, **headers) in {400, 403}
    assert await storage.sample(UPLOAD.key, 1000) is None


async def test_a_link_is_good_for_one_key(storage: ObjectStorage) -> None:
    link = await storage.upload_link(UPLOAD, MINUTE)
    assert await put(link, url=link.url.replace("evo_1", "evo_2")) == 403
    assert await storage.sample("quarantine/evo_2", 1000) is None


async def test_a_long_object_is_not_read_to_its_end(storage: ObjectStorage) -> None:
    await put(await storage.upload_link(UPLOAD, MINUTE))
    sample = await storage.sample(UPLOAD.key, 3)
    assert sample is not None
    assert (sample.length > 3, sample.sha256 == UPLOAD.sha256) == (True, False)


async def locked(storage: ObjectStorage, *, legal_hold: bool = False) -> tuple[str, str]:
    """An object that nobody can delete for an hour; key and version."""
    await put(await storage.upload_link(UPLOAD, MINUTE))
    sample = await storage.sample(UPLOAD.key, 1000)
    assert sample is not None
    until = datetime.now(UTC) + timedelta(hours=1)
    key = "support-evidence/sca_1/evo_1"
    return key, await storage.copy_locked(UPLOAD.key, sample.version_id, key, until=until, legal_hold=legal_hold)


async def test_a_locked_object_cannot_be_deleted(storage: ObjectStorage, s3: Embedded) -> None:
    key, version = await locked(storage)
    client = s3.client()
    with pytest.raises(ClientError) as refused:
        client.delete_object(Bucket=s3.bucket, Key=key, VersionId=version)
    with pytest.raises(ClientError):
        client.delete_object(Bucket=s3.bucket, Key=key, VersionId=version, BypassGovernanceRetention=True)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


async def test_what_was_locked_is_not_locked_again(storage: ObjectStorage, s3: Embedded) -> None:
    """It could not be deleted. What is asked for last is held or not."""
    first = await locked(storage)
    again = await locked(storage, legal_hold=True)
    key, version = again
    hold = s3.client().get_object_legal_hold(Bucket=s3.bucket, Key=key, VersionId=version)
    kept = s3.client().list_object_versions(Bucket=s3.bucket, Prefix=key)["Versions"]
    assert (again, len(kept), hold["LegalHold"]["Status"]) == (first, 1, "ON")


async def test_overwriting_leaves_the_locked_version_as_it_was(storage: ObjectStorage, s3: Embedded) -> None:
    key, version = await locked(storage)
    s3.client().put_object(Bucket=s3.bucket, Key=key, Body=b"something else")
    kept = s3.client().get_object(Bucket=s3.bucket, Key=key, VersionId=version)["Body"].read()
    assert kept == BODY


async def test_a_legal_hold_is_set_and_lifted(storage: ObjectStorage, s3: Embedded) -> None:
    key, version = await locked(storage)
    states = []
    for on in (True, False):
        await storage.hold(key, version, on=on)
        found = s3.client().get_object_legal_hold(Bucket=s3.bucket, Key=key, VersionId=version)
        states.append(found["LegalHold"]["Status"])
    assert states == ["ON", "OFF"]


async def test_a_link_shows_one_version_as_a_download(storage: ObjectStorage) -> None:
    key, version = await locked(storage)
    url = await storage.download_link(key, version, "evo_1", "text/plain", MINUTE)
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert (answer.status, await answer.read()) == (200, BODY)
        assert answer.headers["content-disposition"] == 'attachment; filename="evo_1"'
    async with aiohttp.ClientSession() as session, session.get(url.replace("evo_1", "evo_2", 1)) as other:
        assert other.status == 403


async def test_a_quarantined_object_is_deleted_with_every_version(storage: ObjectStorage, s3: Embedded) -> None:
    for _ in range(2):
        await put(await storage.upload_link(UPLOAD, MINUTE))
    await storage.delete(UPLOAD.key)
    await storage.delete(UPLOAD.key)
    listed = s3.client().list_object_versions(Bucket=s3.bucket)
    assert (listed.get("Versions", []), listed.get("DeleteMarkers", [])) == ([], [])


async def test_a_storage_that_does_not_answer_is_a_dependency_that_is_down(s3: Embedded) -> None:
    async with connect(replace(place_of(s3), endpoint="http://127.0.0.1:9")) as away:
        with pytest.raises(DependencyDown, match="s3 does not answer"):
            await away.sample("quarantine/evo_1", 10)


@pytest.fixture
def aws() -> Iterator[Bucket]:
    """A bucket on the one fake that knows lifecycles."""
    with mock_aws():
        yield Bucket(Place("callsheet", REGION, access_key="tests", secret_key="tests"))


def test_a_bucket_is_made_as_it_must_be(aws: Bucket) -> None:
    missing = aws.verify()
    aws.create()
    aws.create()
    assert [(finding.what, finding.right) for finding in missing] == [("bucket callsheet", False)]
    assert [(finding.what, finding.right) for finding in aws.verify()] == [
        ("bucket callsheet", True),
        ("versions", True),
        ("object lock", True),
        ("lifecycle", True),
        ("no public access", True),
    ]


def test_a_bucket_that_was_changed_is_found_out(aws: Bucket) -> None:
    aws.create()
    aws._client.delete_bucket_lifecycle(Bucket="callsheet")
    aws._client.delete_public_access_block(Bucket="callsheet")
    wrong = {finding.what for finding in aws.verify() if not finding.right}
    assert wrong == {"lifecycle", "no public access"}


def test_evidence_ages_into_storage_that_answers_at_once() -> None:
    ages, empties = lifecycle()
    assert [(step["Days"], step["StorageClass"]) for step in ages["Transitions"]] == [
        (30, "INTELLIGENT_TIERING"),
        (180, "GLACIER_IR"),
    ]
    assert (ages["Filter"], empties["Filter"]) == ({"Prefix": bucket.EVIDENCE}, {"Prefix": bucket.QUARANTINE})


def test_the_command_says_what_a_storage_does_not_offer(s3: Embedded) -> None:
    from server import storage
    from server.config import Settings

    settings = Settings.model_validate(
        {
            "s3_bucket": s3.bucket,
            "s3_endpoint": s3.endpoint,
            "AWS_ACCESS_KEY_ID": s3.access_key,
            "AWS_SECRET_ACCESS_KEY": s3.secret_key,
        }
    )
    output = Console(record=True, width=200)
    assert storage.create(settings, output)
    text = output.export_text()
    assert "✓ object lock" in text
    assert "– lifecycle: this storage does not offer it" in text


def test_the_command_says_where_to_look_when_nothing_answers(s3: Embedded) -> None:
    from server import storage
    from server.config import Settings

    settings = Settings.model_validate(
        {"s3_endpoint": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
    )
    output = Console(record=True, width=200)
    assert not storage.verify(settings, output)
    assert "s3 does not answer" in output.export_text()

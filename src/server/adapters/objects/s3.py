"""Object storage behind boto3."""

import asyncio
import codecs
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from server.adapters.objects.port import ObjectStorage, Sample, Upload, UploadLink
from server.core.errors import DependencyDown

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")
THREADS = 8
HEAD_BYTES = 64
TAIL_BYTES = 66_000
_CHUNK = 1 << 16
_MISSING = frozenset({"NoSuchKey", "404", "NotFound"})


@dataclass(frozen=True, slots=True)
class Place:
    """Which bucket, and what lets one in; without an endpoint it is AWS, without keys boto3 looks for them itself."""

    bucket: str
    region: str
    endpoint: str = ""
    access_key: str = ""
    secret_key: str = ""

    def client(self) -> "S3Client":
        return boto3.client(
            "s3",
            region_name=self.region,
            endpoint_url=self.endpoint or None,
            aws_access_key_id=self.access_key or None,
            aws_secret_access_key=self.secret_key or None,
            config=Config(
                signature_version="s3v4",
                connect_timeout=2,
                read_timeout=10,
                retries={"mode": "standard", "max_attempts": 3},
                max_pool_connections=THREADS,
                # A checksum that we did not ask for would have to be sent by whoever uses an upload link.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )


class S3Storage:
    """One bucket. Its client is made with the first call, because making one costs a good part of a start."""

    def __init__(self, place: Place, threads: ThreadPoolExecutor) -> None:
        self._place = place
        self._threads = threads
        self._client: S3Client | None = None

    async def upload_link(self, upload: Upload, lifetime: timedelta) -> UploadLink:
        checksum = b64encode(upload.sha256).decode()

        def sign(client: "S3Client") -> str:
            return client.generate_presigned_url(
                "put_object",
                Params={
                    "Bucket": self._place.bucket,
                    "Key": upload.key,
                    "ContentType": upload.mime,
                    "ContentLength": upload.length,
                    "ChecksumSHA256": checksum,
                },
                ExpiresIn=int(lifetime.total_seconds()),
            )

        headers = {
            "content-type": upload.mime,
            "content-length": str(upload.length),
            "x-amz-checksum-sha256": checksum,
        }
        return UploadLink(await self._call(sign), headers)

    async def download_link(self, key: str, version_id: str, file_name: str, mime: str, lifetime: timedelta) -> str:
        def sign(client: "S3Client") -> str:
            return client.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self._place.bucket,
                    "Key": key,
                    "VersionId": version_id,
                    "ResponseContentType": mime,
                    # Saved and not shown: a browser is not to run what somebody uploaded.
                    "ResponseContentDisposition": f'attachment; filename="{file_name}"',
                },
                ExpiresIn=int(lifetime.total_seconds()),
            )

        return await self._call(sign)

    async def sample(self, key: str, longest: int) -> Sample | None:
        def read(client: "S3Client") -> Sample | None:
            try:
                found = client.get_object(Bucket=self._place.bucket, Key=key)
            except ClientError as error:
                if error.response["Error"]["Code"] in _MISSING:
                    return None
                raise
            with closing(found["Body"]) as body:
                return _sampled(found.get("VersionId", ""), body.iter_chunks(_CHUNK), longest)

        return await self._call(read)

    async def copy_locked(
        self, source: str, source_version: str, target: str, *, until: datetime, legal_hold: bool
    ) -> str:
        def copy(client: "S3Client") -> str:
            made = self._version_of(client, target)
            if made is not None:
                self._set_hold(client, target, made, on=legal_hold)
                return made
            copied = client.copy_object(
                Bucket=self._place.bucket,
                Key=target,
                CopySource={"Bucket": self._place.bucket, "Key": source, "VersionId": source_version},
                ObjectLockMode="COMPLIANCE",
                ObjectLockRetainUntilDate=until,
                ObjectLockLegalHoldStatus="ON" if legal_hold else "OFF",
            )
            return copied["VersionId"]

        return await self._call(copy)

    async def hold(self, key: str, version_id: str, *, on: bool) -> None:
        await self._call(lambda client: self._set_hold(client, key, version_id, on=on))

    async def delete(self, key: str) -> None:
        def delete(client: "S3Client") -> None:
            listed = client.list_object_versions(Bucket=self._place.bucket, Prefix=key)
            for version in (*listed.get("Versions", ()), *listed.get("DeleteMarkers", ())):
                if version["Key"] == key:
                    client.delete_object(Bucket=self._place.bucket, Key=key, VersionId=version["VersionId"])

        await self._call(delete)

    def _version_of(self, client: "S3Client", key: str) -> str | None:
        """The newest version of an object, where there is one."""
        listed = client.list_object_versions(Bucket=self._place.bucket, Prefix=key)
        return next((version["VersionId"] for version in listed.get("Versions", ()) if version["Key"] == key), None)

    def _set_hold(self, client: "S3Client", key: str, version_id: str, *, on: bool) -> None:
        client.put_object_legal_hold(
            Bucket=self._place.bucket, Key=key, VersionId=version_id, LegalHold={"Status": "ON" if on else "OFF"}
        )

    async def _call(self, work: "Callable[[S3Client], T]") -> T:
        """Runs one piece of work in the pool. Driver text stays here."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(self._connected()))
        except (BotoCoreError, ClientError) as error:
            raise DependencyDown("s3") from error

    def _connected(self) -> "S3Client":
        # Two threads may make one at the same time; either will do.
        if self._client is None:
            self._client = self._place.client()
        return self._client


@asynccontextmanager
async def connect(place: Place) -> AsyncIterator[ObjectStorage]:
    """The storage for the block."""
    threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="s3")
    try:
        yield S3Storage(place, threads)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


def _sampled(version_id: str, chunks: Iterator[bytes], longest: int) -> Sample:
    """Reads in one pass and keeps little."""
    length, digest, head, tail = 0, hashlib.sha256(), b"", b""
    decoder, is_text = codecs.getincrementaldecoder("utf-8")(), True
    for chunk in chunks:
        length += len(chunk)
        if length > longest:
            break
        digest.update(chunk)
        head = (head + chunk)[:HEAD_BYTES] if len(head) < HEAD_BYTES else head
        tail = (tail + chunk)[-TAIL_BYTES:]
        is_text = is_text and _decodes(decoder, chunk)
    return Sample(version_id, length, digest.digest(), head, tail, is_text and _decodes(decoder, b"", last=True))


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, last: bool = False) -> bool:
    try:
        return "\x00" not in decoder.decode(chunk, last)
    except UnicodeDecodeError:
        return False

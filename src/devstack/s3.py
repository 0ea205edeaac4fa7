"""Embedded object storage: versitygw where Go can build it, else moto, which forgets and enforces less.

Either way the bucket has versions and object lock, as the one in production must.
"""

import asyncio
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from devstack.golang import GoUnavailable, build_s3_gateway
from devstack.ports import LOOPBACK
from devstack.probes import http_answers
from devstack.program import Probe, Program

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"
BUCKET = "callsheet"
_HEALTH = "/healthz"


@dataclass(frozen=True, slots=True)
class ObjectStorage:
    """Where objects are and what lets one in; the names are those the environment gives them."""

    endpoint: str
    access_key: str
    secret_key: str
    bucket: str = BUCKET

    def environment(self) -> dict[str, str]:
        return {
            "CALLSHEET_S3_ENDPOINT": self.endpoint,
            "CALLSHEET_S3_BUCKET": self.bucket,
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": REGION,
        }

    def client(self) -> "S3Client":
        import boto3  # noqa: PLC0415 - takes half a second, in which the supervisor starts everything else

        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name=REGION,
        )

    def ensure_bucket(self) -> None:
        """Make the bucket where it is missing; object lock can only be asked for now, and brings versions."""
        client = self.client()
        try:
            with suppress(client.exceptions.BucketAlreadyOwnedByYou, client.exceptions.BucketAlreadyExists):
                client.create_bucket(Bucket=self.bucket, ObjectLockEnabledForBucket=True)
        finally:
            client.close()


@dataclass(frozen=True, slots=True)
class EmbeddedS3:
    """A server of ours for object storage. `forgetful` tells why it is only moto, or is empty."""

    storage: ObjectStorage
    program: Program
    forgetful: str


def embedded_s3(directory: Path, port: int, access_key: str, secret_key: str) -> EmbeddedS3:
    """The best object storage that this machine can run; the first call may build it."""
    storage = ObjectStorage(f"http://{LOOPBACK}:{port}", access_key, secret_key)
    try:
        binary = build_s3_gateway()
    except GoUnavailable as reason:
        return EmbeddedS3(storage, _moto(port, storage), forgetful=str(reason))
    return EmbeddedS3(storage, _versitygw(binary, directory, port, storage), forgetful="")


def _versitygw(binary: Path, directory: Path, port: int, storage: ObjectStorage) -> Program:
    objects, versions, metadata = (directory / name for name in ("objects", "versions", "metadata"))
    for needed in (objects, versions, metadata):
        needed.mkdir(parents=True, exist_ok=True)
    # Metadata in files of its own: not every file system has the extended attributes it would use otherwise.
    places = ("--sidecar", str(metadata), "--versioning-dir", str(versions), str(objects))
    return Program(
        name="s3",
        argv=(str(binary), "--port", f"{LOOPBACK}:{port}", "--health", _HEALTH, "--quiet", "posix", *places),
        probe=_has_its_bucket(storage, _HEALTH),
        environment=_without_settings_of_versitygw()
        | {"ROOT_ACCESS_KEY": storage.access_key, "ROOT_SECRET_KEY": storage.secret_key},
    )


def _moto(port: int, storage: ObjectStorage) -> Program:
    return Program(
        name="s3",
        argv=(sys.executable, "-m", "moto.server", "--host", LOOPBACK, "--port", str(port)),
        probe=_has_its_bucket(storage, "/moto-api/"),
    )


def _has_its_bucket(storage: ObjectStorage, health: str) -> Probe:
    """Making the bucket is part of every start: moto forgets it."""
    answers = http_answers(f"{storage.endpoint}{health}")

    async def probe() -> None:
        await answers()
        await asyncio.to_thread(storage.ensure_bucket)

    return probe


def _without_settings_of_versitygw() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("VGW_", "ROOT_"))}

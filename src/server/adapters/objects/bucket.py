"""How the bucket must be set up, and whether it is: versions and object lock, who may see it, and what ages where."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from server.adapters.objects.s3 import Place
from server.core.errors import DependencyDown

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import LifecycleRuleTypeDef, PublicAccessBlockConfigurationTypeDef

EVIDENCE = "support-evidence/"
QUARANTINE = "quarantine/"

_NOT_THERE = frozenset({"404", "NoSuchBucket", "NotFound"})
_NOT_OFFERED = frozenset({"NotImplemented", "MethodNotAllowed", "501"})


def lifecycle() -> "list[LifecycleRuleTypeDef]":
    """Evidence moves to cheaper storage that still answers at once: a chargeback's deadline waits for no restore."""
    return [
        {
            "ID": "evidence-ages",
            "Status": "Enabled",
            "Filter": {"Prefix": EVIDENCE},
            "Transitions": [
                {"Days": 30, "StorageClass": "INTELLIGENT_TIERING"},
                {"Days": 180, "StorageClass": "GLACIER_IR"},
            ],
        },
        {
            "ID": "quarantine-empties",
            "Status": "Enabled",
            "Filter": {"Prefix": QUARANTINE},
            "Expiration": {"Days": 1},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 1},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
        },
    ]


_PRIVATE: "PublicAccessBlockConfigurationTypeDef" = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `offered` is false where the storage does not know it at all."""

    what: str
    right: bool
    offered: bool = True


class Bucket:
    """Creates the bucket and says whether it is as it must be. For commands: it blocks."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._client = place.client()

    def create(self) -> None:
        """Makes the bucket where there is none, and sets up what can be set up later."""
        name = self._place.bucket
        try:
            if not self._exists():
                self._make()
            self._offered(
                lambda: self._client.put_bucket_lifecycle_configuration(
                    Bucket=name, LifecycleConfiguration={"Rules": lifecycle()}
                )
            )
            self._offered(
                lambda: self._client.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=_PRIVATE)
            )
        except (BotoCoreError, ClientError) as error:
            raise DependencyDown("s3") from error

    def verify(self) -> list[Finding]:
        """What was looked at, and whether it is right."""
        try:
            if not self._exists():
                return [Finding(f"bucket {self._place.bucket}", right=False)]
            return [Finding(f"bucket {self._place.bucket}", right=True), *self._findings()]
        except (BotoCoreError, ClientError) as error:
            raise DependencyDown("s3") from error

    def _findings(self) -> Iterator[Finding]:
        name = self._place.bucket
        yield self._finding(
            "versions", lambda: self._client.get_bucket_versioning(Bucket=name).get("Status") == "Enabled"
        )
        yield self._finding(
            "object lock",
            lambda: (
                self._client.get_object_lock_configuration(Bucket=name)["ObjectLockConfiguration"].get(
                    "ObjectLockEnabled"
                )
                == "Enabled"
            ),
        )
        yield self._finding("lifecycle", self._ages_right)
        yield self._finding(
            "no public access",
            lambda: self._client.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"] == _PRIVATE,
        )

    def _ages_right(self) -> bool:
        found = self._client.get_bucket_lifecycle_configuration(Bucket=self._place.bucket)["Rules"]
        wanted = {rule["ID"]: rule for rule in lifecycle()}
        return {rule.get("ID"): rule for rule in found} == wanted

    def _finding(self, what: str, look: Callable[[], bool]) -> Finding:
        try:
            return Finding(what, look())
        except ClientError as error:
            offered = error.response["Error"]["Code"] not in _NOT_OFFERED
            return Finding(what, right=False, offered=offered)

    def _offered(self, set_up: Callable[[], object]) -> None:
        """Does it where the storage knows it; `verify` tells where it does not."""
        try:
            set_up()
        except ClientError as error:
            if error.response["Error"]["Code"] not in _NOT_OFFERED:
                raise

    def _exists(self) -> bool:
        try:
            self._client.head_bucket(Bucket=self._place.bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                return False
            raise
        return True

    def _make(self) -> None:
        """Object lock can only be asked for when a bucket is made; it brings versions along."""
        bucket, region = self._place.bucket, self._place.region
        if region == "us-east-1":
            self._client.create_bucket(Bucket=bucket, ObjectLockEnabledForBucket=True)
        else:
            self._client.create_bucket(
                Bucket=bucket,
                ObjectLockEnabledForBucket=True,
                CreateBucketConfiguration={"LocationConstraint": region},  # type: ignore[typeddict-item]  # any region
            )

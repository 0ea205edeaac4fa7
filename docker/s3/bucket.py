"""Makes the bucket where it is missing. Object lock, which evidence needs, can only be asked for at this moment."""

import os

import boto3
from botocore.exceptions import ClientError


def main() -> None:
    """The client reads its keys and its region from the environment, as the server does."""
    client = boto3.client("s3", endpoint_url=os.environ["CALLSHEET_S3_ENDPOINT"])
    try:
        client.create_bucket(Bucket=os.environ["CALLSHEET_S3_BUCKET"], ObjectLockEnabledForBucket=True)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
            raise


if __name__ == "__main__":
    main()

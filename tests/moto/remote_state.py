"""Looks at the bucket of a state and at what the workspace made, by boto3.

  remote_state.py bucket NAME [versioned]  makes a bucket
  remote_state.py has BUCKET KEY           fails unless the object is there
  remote_state.py lock BUCKET KEY          prints the id of the lock; fails where there is none
  remote_state.py silent BUCKET KEY SECONDS  rewrites the lock as if its last sign of life was so long ago
  remote_state.py begun                    fails unless a run made at least one app
  remote_state.py once                     fails unless all that remote_state.toml asks for is there, each once
  remote_state.py none                     fails unless nothing of that is there
  remote_state.py archived BUCKET PREFIX   fails unless both roles and all three event streams are archived

The endpoint and credentials come from the standard environment.
"""

import json
import sys
from collections import Counter
from datetime import datetime, timedelta, timezone

import boto3
from botocore.exceptions import ClientError

REGION = "us-east-1"
s3 = boto3.client("s3", region_name=REGION)
iam = boto3.client("iam", region_name=REGION)
pinpoint = boto3.client("pinpoint", region_name=REGION)
ROLES = ["PinpointEventStream-shared", "PinpointEventStream-shop"]


def bucket(name: str, versioned: bool) -> None:
    s3.create_bucket(Bucket=name)
    if versioned:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})


def content(name: str, key: str) -> bytes:
    try:
        return s3.get_object(Bucket=name, Key=key)["Body"].read()
    except ClientError as error:
        raise SystemExit(f"remote_state.py: {name}/{key}: {error}") from None


def silent(name: str, key: str, seconds: int) -> None:
    lock = json.loads(content(name, key))
    past = datetime.now(timezone.utc) - timedelta(seconds=seconds)
    lock["heartbeat_at"] = past.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    s3.put_object(Bucket=name, Key=key, Body=json.dumps(lock).encode())


def apps() -> dict[str, str]:
    """Names by id."""
    found, page = {}, {}
    while True:
        answer = pinpoint.get_apps(**page)["ApplicationsResponse"]
        found.update({app["Id"]: app["Name"] for app in answer["Item"]})
        if "NextToken" not in answer:
            return found
        page = {"Token": answer["NextToken"]}


def roles() -> list[str]:
    pages = iam.get_paginator("list_roles").paginate()
    return sorted(role["RoleName"] for page in pages for role in page["Roles"])


def streaming_role(app: str) -> str | None:
    try:
        return pinpoint.get_event_stream(ApplicationId=app)["EventStream"]["RoleArn"].rpartition("/")[2]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return None


def must_be(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise SystemExit(f"remote_state.py: {what}: {found}, not {wanted}")


def once() -> None:
    there = apps()
    must_be("apps", Counter(there.values()), Counter(["Shop", "Blog", "News"]))
    must_be("roles", roles(), ROLES)
    role = {"Shop": "PinpointEventStream-shop", "Blog": "PinpointEventStream-shared", "News": "PinpointEventStream-shared"}
    streams = {name: streaming_role(app) for app, name in there.items()}
    must_be("event streams", streams, role)


def none() -> None:
    must_be("apps", list(apps().values()), ["Shop"])
    must_be("roles", roles(), [])
    must_be("event streams", [streaming_role(app) for app in apps()], [None])


def archived(name: str, prefix: str) -> None:
    found = s3.list_objects_v2(Bucket=name, Prefix=prefix).get("Contents", [])
    addresses = {each["Key"].rpartition("/")[2].removesuffix(".json") for each in found if each["Key"].endswith(".json")}
    wanted = {f"event_stream.{key}" for key in ("shop", "blog", "news")} | {"role.shared", "role.shop"}
    must_be("archives", sorted(wanted - addresses), [])


def main(command: str, *arguments: str) -> None:
    match (command, *arguments):
        case ("bucket", name, *rest):
            bucket(name, rest == ["versioned"])
        case ("has", name, key):
            content(name, key)
        case ("lock", name, key):
            print(json.loads(content(name, key))["id"])
        case ("silent", name, key, seconds):
            silent(name, key, int(seconds))
        case ("begun",):
            assert len(apps()) > 1, "no app was made yet"
        case ("once",):
            once()
        case ("none",):
            none()
        case ("archived", name, prefix):
            archived(name, prefix)
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["help"]))

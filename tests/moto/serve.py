"""Starts moto's server on the loopback, mended where it differs from AWS in what pinpoint-streams rests on.

The mends, all of them:

  dates    an app's CreationDate is an ISO 8601 string. moto 5.2.5 sends a number, which the Rust SDK refuses.
  stream   DeleteEventStream on an app that has none answers 404 NotFoundException. moto fails with 500.
  role     PutEventStream answers 400 BadRequestException where it names no role of the account, and, with
           --role-delay SECONDS, while that role, its trust or an inline policy of it changed less than that ago.
           moto takes any role at once.
  pages    GetApps heeds page-size and token, and with --most-on-a-page N shows no more than that. moto answers with
           one page.
  assume   AssumeRole of a role that the account does not have answers AccessDenied. moto lets anyone assume
           anything.
  stacks   DescribeStackResources heeds PhysicalResourceId, and says of a name that is in no stack what CloudFormation
           says. moto ignores it and fails.
  regions  Account ListRegions names five enabled regions and one that is disabled. moto does not have the call.
  versions GetBucketVersioning answers with a VersioningConfiguration. moto names it otherwise, which the Rust SDK
           refuses.
  turns    one request at a time: moto's tables are not made for threads.

And three things that are made up, only where they are asked for: with --history FILE the first role made under a name gets the
dates of that file, which moto cannot be told over HTTP. FILE is JSON, by role name: "created", "last_used" (dates),
"last_used_region", "template" (the ARN of an IAM role template). A role made later under that name has moto's own.
With --selected FILE AWS Config's SelectResourceConfig gives what FILE holds for the region, as moto does not run queries:
JSON, by region, a list of results. And with --closed FILE S3 answers every write of an object with AccessDenied for as long as that file is there; with --unread KEY every read of an object of that key.

And bad weather, only where it is asked for, and only for calls whose user agent is the SDK for Rust, so that boto3, which
checks, sees what is there. What strikes is drawn from --luck, call by call:

  --refuse SHARE  of all calls are refused and not done: two thirds as the service throttles (IAM, STS and
                  CloudFormation: 400 Throttling as XML; Pinpoint: 429 TooManyRequestsException; Kinesis and Firehose: 400
                  ThrottlingException), one third with 503 and nothing else.
  --lose SHARE    of all calls are done, and the connection is closed without an answer.

GET /weather says how many calls there were, and how many of them were refused and lost.

Nothing else of moto is changed, and nothing but the loopback is listened to.
"""

import argparse
import json
import os
import random
import re
import signal
import socket
import sys
import threading
import time
from datetime import datetime, timezone
from pathlib import Path

import boto3
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.responses import CloudFormationResponse, StackResourceDTO
from moto.config.models import ConfigBackend
from moto.core import DEFAULT_ACCOUNT_ID
from moto.core.responses import ActionResult
from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.pinpoint.exceptions import EventStreamNotFound, PinpointExceptions
from moto.pinpoint.models import App, PinpointBackend, pinpoint_backends
from moto.pinpoint.responses import PinpointResponse
from moto.s3.responses import S3Response
from moto.sts.exceptions import STSClientError
from moto.sts.models import STSBackend
from moto.utilities.utils import get_partition
from werkzeug.serving import make_server

HOST = "127.0.0.1"


class BadRequest(PinpointExceptions):
    code = 400

    def __init__(self, message: str) -> None:
        super().__init__("BadRequestException", message)


def mend_dates() -> None:
    def to_json(app: App) -> dict[str, object]:
        created = datetime.fromtimestamp(app.created, timezone.utc)
        date = created.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {**original(app), "CreationDate": date}

    original = App.to_json
    App.to_json = to_json


def mend_stream() -> None:
    def delete_event_stream(app: App):
        if app.event_stream is None:
            raise EventStreamNotFound()
        return original(app)

    original = App.delete_event_stream
    App.delete_event_stream = delete_event_stream


def mend_role(delay: float) -> None:
    """A role is told apart by its RoleId, so that one made anew under an old name is a new one."""
    changed_at: dict[str, float] = {}

    def noting(name: str) -> None:
        def change(backend: IAMBackend, role_name: str, *args, **kwargs):
            answer = original(backend, role_name, *args, **kwargs)
            changed_at[backend.get_role(role_name).id] = time.monotonic()
            return answer

        original = getattr(IAMBackend, name)
        setattr(IAMBackend, name, change)

    for name in ("create_role", "update_assume_role_policy", "put_role_policy", "delete_role_policy"):
        noting(name)

    def put_event_stream(backend: PinpointBackend, application_id: str, stream_arn: str, role_arn: str):
        backend.get_app(application_id)
        roles = iam_backends[backend.account_id][get_partition(backend.region_name)]
        try:
            role = roles.get_role_by_arn(role_arn)
        except NotFoundException:
            role = None
        if role is None or time.monotonic() - changed_at.get(role.id, -delay) < delay:
            raise BadRequest(
                "Destination stream validation failed. Please make sure the IAM Role is configured correctly "
                "and that the stream exists."
            )
        return original_put(backend, application_id, stream_arn, role_arn)

    original_put = PinpointBackend.put_event_stream
    PinpointBackend.put_event_stream = put_event_stream


def mend_pages(most: int) -> None:
    """A token is the id of the last app shown."""

    def get_apps(response: PinpointResponse) -> str:
        asked = response.querystring
        size = min(most, int(asked.get("page-size", [most])[0]))
        after = asked.get("token", [""])[0]
        apps = sorted(response.pinpoint_backend.get_apps(), key=lambda app: app.application_id)
        rest = [app for app in apps if app.application_id > after]
        answer = {"Item": [app.to_json() for app in rest[:size]]}
        if len(rest) > size:
            answer["NextToken"] = rest[size - 1].application_id
        return json.dumps(answer)

    PinpointResponse.get_apps = get_apps


def mend_assume() -> None:
    def assume_role(backend: STSBackend, region_name: str, role_session_name: str, role_arn: str, **rest):
        roles = iam_backends[role_arn.split(":")[4]][get_partition(region_name)]
        try:
            roles.get_role_by_arn(role_arn)
        except NotFoundException:
            said = f"The caller is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
            raise STSClientError("AccessDenied", said) from None
        return original(
            backend, region_name=region_name, role_session_name=role_session_name, role_arn=role_arn, **rest
        )

    original = STSBackend.assume_role
    STSBackend.assume_role = assume_role


def mend_stacks() -> None:
    def describe_stack_resources(response: CloudFormationResponse) -> ActionResult:
        asked = response._get_param("PhysicalResourceId")
        if asked is None:
            return original(response)
        for stack in response.cloudformation_backend.stacks.values():
            resources = list(stack.stack_resources)
            if any(resource.physical_resource_id == asked for resource in resources):
                return ActionResult({"StackResources": [StackResourceDTO(stack, each) for each in resources]})
        raise ValidationError(message=f"Stack for {asked} does not exist")

    original = CloudFormationResponse.describe_stack_resources
    CloudFormationResponse.describe_stack_resources = describe_stack_resources


def mend_versions() -> None:
    def get_bucket_versioning(response: S3Response):
        status, headers, body = original(response)
        body = body.decode() if isinstance(body, bytes) else body
        return status, headers, body.replace("GetBucketVersioningResponse", "VersioningConfiguration")

    original = S3Response.get_bucket_versioning
    S3Response.get_bucket_versioning = get_bucket_versioning


def mend_regions() -> None:
    enabled = ["ap-south-1", "eu-north-1", "eu-west-1", "us-east-1", "us-west-2"]
    regions = [{"RegionName": region, "RegionOptStatus": "ENABLED_BY_DEFAULT"} for region in enabled]
    regions.append({"RegionName": "af-south-1", "RegionOptStatus": "DISABLED"})
    body = json.dumps({"Regions": regions})

    def call(app: DomainDispatcherApplication, environ, start_response):
        if environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/listRegions":
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            return answer(start_response, "200 OK", "application/json", body)
        return original(app, environ, start_response)

    original = DomainDispatcherApplication.__call__
    DomainDispatcherApplication.__call__ = call


def make_up_history(file: Path) -> None:
    histories: dict[str, dict[str, str]] = json.loads(file.read_text())

    def create_role(backend: IAMBackend, role_name: str, *args, **kwargs):
        role = original(backend, role_name, *args, **kwargs)
        history = histories.pop(role_name, {})
        if "created" in history:
            role.create_date = datetime.fromisoformat(history["created"])
        if "last_used" in history:
            role.last_used = datetime.fromisoformat(history["last_used"])
            role.last_used_region = history["last_used_region"]
        if "template" in history:
            role.source_role_template = {"TemplateArn": history["template"], "TemplateMinorVersion": 1}
        return role

    original = IAMBackend.create_role
    IAMBackend.create_role = create_role


def close_buckets(while_there: Path | None, unread: str | None) -> None:
    refusal = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"

    def call(app: DomainDispatcherApplication, environ, start_response):
        is_s3 = "/s3/aws4_request" in environ.get("HTTP_AUTHORIZATION", "")
        is_closed = environ["REQUEST_METHOD"] == "PUT" and while_there is not None and while_there.exists()
        is_unread = environ["REQUEST_METHOD"] == "GET" and unread is not None and environ["PATH_INFO"].endswith(unread)
        if is_s3 and (is_closed or is_unread):
            environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            start_response("403 Forbidden", [("Content-Type", "application/xml"), ("Content-Length", str(len(refusal)))])
            return [refusal]
        return original(app, environ, start_response)

    original = DomainDispatcherApplication.__call__
    DomainDispatcherApplication.__call__ = call


def select_from(file: Path) -> None:
    def select_resource_config(backend: ConfigBackend, expression: str, limit=None, next_token=None):
        results = json.loads(file.read_text()).get(backend.region_name, [])
        return results, {"SelectFields": []}, None

    ConfigBackend.select_resource_config = select_resource_config


def mend_turns() -> None:
    turn = threading.Lock()

    def call(app: DomainDispatcherApplication, environ, start_response):
        with turn:
            return original(app, environ, start_response)

    original = DomainDispatcherApplication.__call__
    DomainDispatcherApplication.__call__ = call


class Weather:
    """Refuses a share of the calls, and loses the answers of another."""

    def __init__(self, app: DomainDispatcherApplication, refuse: float, lose: float, luck: int) -> None:
        self.app, self.refuse, self.lose = app, refuse, lose
        self.luck = random.Random(luck)
        self.drawing = threading.Lock()
        self.seen = {"calls": 0, "throttled": 0, "unavailable": 0, "lost": 0}

    def fate(self) -> str:
        with self.drawing:
            drawn, third = self.luck.random(), self.luck.random()
            self.seen["calls"] += 1
            if drawn < self.refuse:
                fate = "unavailable" if third < 1 / 3 else "throttled"
            elif drawn < self.refuse + self.lose:
                fate = "lost"
            else:
                return "fair"
            self.seen[fate] += 1
            return fate

    def __call__(self, environ, start_response):
        if environ["PATH_INFO"] == "/weather":
            return answer(start_response, "200 OK", "application/json", json.dumps(self.seen))
        agent = environ.get("HTTP_X_AMZ_USER_AGENT", "") + environ.get("HTTP_USER_AGENT", "")
        fate = self.fate() if "aws-sdk-rust" in agent else "fair"
        if fate == "throttled":
            return throttled(environ, start_response)
        if fate == "unavailable":
            return answer(start_response, "503 Service Unavailable", "text/plain", "")
        if fate == "fair":
            return self.app(environ, start_response)
        for _ in self.app(environ, lambda *_: None):
            pass
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError("lost")


def throttled(environ, start_response):
    signed_for = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", environ.get("HTTP_AUTHORIZATION", ""))
    service = signed_for.group(1) if signed_for else ""
    said = {"message": "Rate exceeded"}
    if service == "mobiletargeting":
        code = ("x-amzn-ErrorType", "TooManyRequestsException")
        return answer(start_response, "429 Too Many Requests", "application/json", json.dumps(said), code)
    if service in ("kinesis", "firehose"):
        said["__type"] = "ThrottlingException"
        return answer(start_response, "400 Bad Request", "application/x-amz-json-1.1", json.dumps(said))
    error = "<Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message></Error>"
    body = f"<ErrorResponse>{error}<RequestId>weather</RequestId></ErrorResponse>"
    return answer(start_response, "400 Bad Request", "text/xml", body)


def answer(start_response, status: str, kind: str, body: str, *more: tuple[str, str]):
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body))), *more])
    return [body.encode()]


def seed_app(region: str, app_id: str, name: str) -> None:
    """The one thing that no call of AWS can do: an app with an id of our choice."""
    backend = pinpoint_backends[DEFAULT_ACCOUNT_ID][region]
    app = App(DEFAULT_ACCOUNT_ID, region, name)
    app.arn = app.arn.replace(app.application_id, app_id)
    app.application_id = app_id
    backend.apps[app_id] = app


def seed(session: boto3.Session, endpoint: str, wish: str) -> None:
    kind, region, what = wish.split(":", 2)
    if kind == "kinesis":
        session.client("kinesis", region, endpoint_url=endpoint).create_stream(StreamName=what, ShardCount=1)
    elif kind == "firehose":
        name, _, key = what.partition(":")
        encryption = {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key}
        session.client("firehose", region, endpoint_url=endpoint).create_delivery_stream(
            DeliveryStreamName=name,
            DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration={
                "RoleARN": f"arn:aws:iam::{DEFAULT_ACCOUNT_ID}:role/delivery",
                "BucketARN": "arn:aws:s3:::events",
                # AWS's defaults, without which moto answers less than the service model requires.
                "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300},
                "CompressionFormat": "UNCOMPRESSED",
                "EncryptionConfiguration": {"NoEncryptionConfig": "NoEncryption"},
            },
            **({"DeliveryStreamEncryptionConfigurationInput": encryption} if key else {}),
        )
    elif kind == "app":
        seed_app(region, *what.split(":", 1))
    else:
        raise SystemExit(f"serve.py: no such seed: {wish}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0, help="a free one by default")
    parser.add_argument("--ready-file", type=Path, help="where pid and endpoint are written, as JSON, once all is seeded")
    parser.add_argument("--role-delay", type=float, default=0, metavar="SECONDS", help="how long a changed role is refused")
    parser.add_argument("--most-on-a-page", type=int, default=100, metavar="N", help="of the apps that GetApps shows")
    parser.add_argument("--history", type=Path, metavar="FILE", help="dates of roles, by their names")
    parser.add_argument("--refuse", type=float, default=0, metavar="SHARE", help="of the calls that are not done")
    parser.add_argument("--lose", type=float, default=0, metavar="SHARE", help="of the calls whose answer is lost")
    parser.add_argument("--luck", type=int, default=0, metavar="N", help="what refuse and lose are drawn from")
    parser.add_argument("--selected", type=Path, metavar="FILE", help="what SelectResourceConfig gives, by region")
    parser.add_argument("--closed", type=Path, metavar="FILE", help="while it is there, no object is written")
    parser.add_argument("--unread", metavar="KEY", help="an object that is not read, by the end of its key")
    parser.add_argument(
        "--seed",
        action="append",
        default=[],
        metavar="WHAT",
        help="kinesis:REGION:NAME, firehose:REGION:NAME[:KMS_KEY_ARN] or app:REGION:ID:NAME; repeatable",
    )
    asked = parser.parse_args()

    mend_dates()
    mend_stream()
    mend_role(asked.role_delay)
    mend_pages(asked.most_on_a_page)
    mend_assume()
    mend_stacks()
    mend_regions()
    mend_versions()
    if asked.history:
        make_up_history(asked.history)
    if asked.selected:
        select_from(asked.selected)
    if asked.closed or asked.unread:
        close_buckets(asked.closed, asked.unread)
    mend_turns()

    # Heard only while it is waited for, so that no signal comes between the server's start and its end.
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    app = Weather(DomainDispatcherApplication(create_backend_app), asked.refuse, asked.lose, asked.luck)
    server = make_server(HOST, asked.port, app, threaded=True, request_handler=MotoRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://{HOST}:{server.port}"
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")
    for wish in asked.seed:
        seed(session, endpoint, wish)
    print(endpoint, flush=True)
    if asked.ready_file:
        unfinished = asked.ready_file.with_name(asked.ready_file.name + ".unfinished")
        unfinished.write_text(json.dumps({"pid": os.getpid(), "endpoint": endpoint}) + "\n")
        unfinished.rename(asked.ready_file)
    signal.sigwait(ends)
    server.shutdown()


if __name__ == "__main__":
    sys.exit(main())

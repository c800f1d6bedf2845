"""Looks at moto by boto3, and is the other hand that changes things behind pinpoint-streams' back.

  check.py mends                fails unless moto is mended as serve.py says
  check.py strangers            makes what belongs to somebody else
  check.py snapshot FILE        writes down all that is there
  check.py same FILE            fails unless all is as it was written down
  check.py alike FILE           fails unless all is as it was written down, but for IDs, times and tags of ownership
  check.py applied              fails unless all is as manifest.toml asks
  check.py disturb DRIFT        changes something (one of DRIFTS)
  check.py named DRIFT PLAN     fails unless the plan (JSON) names what DRIFT changed, and nothing else

The endpoint and credentials come from the standard environment.
"""

import difflib
import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
REGIONS = ("us-east-1", "eu-west-1")
# As in run.sh and manifest.toml.
SHOP, NEWS, MAIL, STRANGER = "5a0b", "6b1c", "7c2d", "8d3e"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1f0c2d3e-0000-4000-8000-000000000001"
POLICY = "PinpointEventStreamPermissionsPolicy"
WORKSPACE_TAG = "pinpoint-streams:workspace"
SHOP_ROLE, BLOG_ROLE, SHARED_ROLE = (f"PinpointEventStream-{key}" for key in ("shop", "blog", "shared"))

iam = boto3.client("iam", region_name="us-east-1")
pinpoint = {region: boto3.client("pinpoint", region_name=region) for region in REGIONS}


def role_arn(name: str, path: str = "/pinpoint-streams/") -> str:
    return f"arn:aws:iam::{ACCOUNT}:role{path}{name}"


def kinesis_arn(region: str, name: str = "clicks") -> str:
    return f"arn:aws:kinesis:{region}:{ACCOUNT}:stream/{name}"


def app_arn(region: str, app: str) -> str:
    return f"arn:aws:mobiletargeting:{region}:{ACCOUNT}:apps/{app}"


def text(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True, default=str)


def must_be_equal(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        lines = difflib.unified_diff(text(wanted).splitlines(), text(found).splitlines(), "wanted", "found", lineterm="")
        raise SystemExit("\n".join([f"check.py: {what} is not as it should be:", *lines]))


# What is there.


def event_stream(region: str, app: str) -> dict | None:
    try:
        return pinpoint[region].get_event_stream(ApplicationId=app)["EventStream"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NotFoundException":
            raise
        return None


def tags_of_app(region: str, arn: str) -> dict:
    return pinpoint[region].list_tags_for_resource(ResourceArn=arn)["TagsModel"]["tags"]


def apps(region: str) -> dict[str, dict]:
    found, page = {}, {}
    while True:
        answer = pinpoint[region].get_apps(**page)["ApplicationsResponse"]
        found.update({app["Id"]: app for app in answer["Item"]})
        if "NextToken" not in answer:
            return found
        page = {"Token": answer["NextToken"]}


def role(name: str) -> dict:
    found = iam.get_role(RoleName=name)["Role"]
    found.pop("RoleLastUsed", None)
    found["Tags"] = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}
    found["Inline"] = {
        policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
    }
    found["Attached"] = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    return found


def everything() -> dict:
    found: dict = {"roles": {}}
    for page in iam.get_paginator("list_roles").paginate():
        found["roles"].update({each["RoleName"]: role(each["RoleName"]) for each in page["Roles"]})
    for region in REGIONS:
        found[region] = {
            "apps": {
                app: {**said, "tags": tags_of_app(region, said["Arn"]), "stream": event_stream(region, app)}
                for app, said in apps(region).items()
            },
            "kinesis": boto3.client("kinesis", region_name=region).list_streams()["StreamNames"],
            "firehose": boto3.client("firehose", region_name=region).list_delivery_streams()["DeliveryStreamNames"],
        }
    return json.loads(text(found))


def alike(found: dict) -> dict:
    """The same without what differs whenever it is made."""
    changing = {"RoleId", "CreateDate", "CreationDate", "LastModifiedDate", "LastUpdatedBy", "Arn", "Id", "ApplicationId"}

    def without(value: object) -> object:
        if isinstance(value, dict):
            kept = {name: each for name, each in value.items() if name not in changing and not name.startswith("pinpoint-streams:")}
            return {name: without(each) for name, each in kept.items()}
        return [without(each) for each in value] if isinstance(value, list) else value

    ids = {id: app["Name"] for region in REGIONS for id, app in found[region]["apps"].items()}
    as_text = text(found)
    for id, name in ids.items():
        as_text = as_text.replace(id, f"the app {name}")
    return without(json.loads(as_text))


def blog() -> str:
    """The id of the app that the workspace created."""
    ours = [id for id, app in apps("eu-west-1").items() if app["Name"] == "Blog"]
    assert len(ours) == 1, f"apps of the name Blog: {ours}"
    return ours[0]


# What should be there.


def statements_of(document: dict) -> list[dict]:
    return document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]


def trust(*admitted: str) -> dict:
    arns = sorted(admitted)
    return {
        "Principal": {"Service": "pinpoint.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "SourceAccount": ACCOUNT,
        "SourceArn": arns if len(arns) > 1 else arns[0],
    }


def trust_of(document: dict) -> dict:
    """A trust of one statement, whatever the order of its parts."""
    (statement,) = statements_of(document)
    arns = statement["Condition"]["ArnLike"]["aws:SourceArn"]
    assert set(statement["Condition"]) == {"ArnLike", "StringEquals"}, statement
    assert (document["Version"], statement["Effect"]) == ("2012-10-17", "Allow"), document
    return {
        "Principal": statement["Principal"],
        "Action": statement["Action"],
        "SourceAccount": statement["Condition"]["StringEquals"]["aws:SourceAccount"],
        "SourceArn": sorted(arns) if isinstance(arns, list) else arns,
    }


def many(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def grants(document: dict) -> set[tuple[str, str]]:
    statements = statements_of(document)
    assert all(set(each) <= {"Sid", "Effect", "Action", "Resource"} and each["Effect"] == "Allow" for each in statements)
    return {(act, on) for each in statements for act in many(each["Action"]) for on in many(each["Resource"])}


def to_kinesis(*regions: str) -> set[tuple[str, str]]:
    return {(act, kinesis_arn(each)) for each in regions for act in ("kinesis:PutRecords", "kinesis:DescribeStream")}


LAKE = f"arn:aws:firehose:eu-west-1:{ACCOUNT}:deliverystream/lake"
TO_LAKE = {
    ("firehose:PutRecordBatch", LAKE),
    ("firehose:DescribeDeliveryStream", LAKE),
    ("kms:GenerateDataKey", KEY),
    ("kms:Decrypt", KEY),
}


def applied() -> None:
    created = blog()
    streams = {
        ("us-east-1", SHOP): (kinesis_arn("us-east-1"), SHOP_ROLE),
        ("us-east-1", NEWS): (kinesis_arn("us-east-1"), SHARED_ROLE),
        ("eu-west-1", MAIL): (kinesis_arn("eu-west-1"), SHARED_ROLE),
        ("eu-west-1", created): (LAKE, BLOG_ROLE),
    }
    for (region, app), (destination, name) in streams.items():
        found = event_stream(region, app) or {}
        wanted = (destination, role_arn(name))
        must_be_equal(f"the event stream of {app}", (found.get("DestinationStreamArn"), found.get("RoleArn")), wanted)
    roles = {
        SHOP_ROLE: ("role.shop", trust(app_arn("us-east-1", SHOP)), to_kinesis("us-east-1")),
        BLOG_ROLE: ("role.blog", trust(app_arn("eu-west-1", created)), TO_LAKE),
        SHARED_ROLE: (
            "role.shared",
            trust(app_arn("us-east-1", NEWS), app_arn("eu-west-1", MAIL)),
            to_kinesis("us-east-1", "eu-west-1"),
        ),
    }
    lineages = set()
    for name, (address, admits, grants_wanted) in roles.items():
        found = role(name)
        must_be_equal(f"the trust of {name}", trust_of(found["AssumeRolePolicyDocument"]), admits)
        must_be_equal(f"the policies of {name}", sorted(found["Inline"]), [POLICY])
        must_be_equal(f"what {name} grants", sorted(grants(found["Inline"][POLICY])), sorted(grants_wanted))
        must_be_equal(f"the attached policies of {name}", found["Attached"], [])
        lineages.add(owned(f"the tags of {name}", found["Tags"], address, {"team": "growth"}))
    tags = tags_of_app("eu-west-1", app_arn("eu-west-1", created))
    lineages.add(owned("the tags of the app Blog", tags, "app.blog", {"site": "blog"}))
    must_be_equal("the number of lineages", len(lineages), 1)


def owned(what: str, tags: dict, address: str, further: dict) -> str:
    """Compares the tags that say whose it is, and returns the lineage."""
    ours = {WORKSPACE_TAG: "moto", "pinpoint-streams:address": address, "pinpoint-streams:origin": "created"}
    wanted = {**ours, **further}
    must_be_equal(what, {key: tags.get(key) for key in wanted}, wanted)
    return tags["pinpoint-streams:lineage"]


# The mends.


def refused(code: str, call: Callable, **request: object) -> None:
    try:
        call(**request)
    except ClientError as error:
        must_be_equal(f"the refusal of {call.__name__}", error.response["Error"]["Code"], code)
    else:
        raise SystemExit(f"check.py: {call.__name__} is not refused with {code}")


def mends() -> None:
    here = pinpoint["us-east-1"]
    first = here.get_apps()["ApplicationsResponse"]
    assert "NextToken" in first and len(first["Item"]) < len(apps("us-east-1")), "the apps are on one page"
    datetime.fromisoformat(first["Item"][0]["CreationDate"])
    refused("NotFoundException", here.delete_event_stream, ApplicationId=SHOP)
    nobody = {"DestinationStreamArn": kinesis_arn("us-east-1"), "RoleArn": role_arn("nobody")}
    refused("BadRequestException", here.put_event_stream, ApplicationId=SHOP, WriteEventStream=nobody)


# The other hand.


def strangers() -> None:
    """An app that streams by a role of its own, as people made them by hand before this tool was there."""
    old = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "pinpoint.us-east-1.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
    iam.create_role(RoleName="PinpointEventStreamRole", AssumeRolePolicyDocument=json.dumps(old))
    wide = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kinesis:Put*", "Resource": "*"}}
    iam.put_role_policy(RoleName="PinpointEventStreamRole", PolicyName=POLICY, PolicyDocument=json.dumps(wide))
    pinpoint["us-east-1"].tag_resource(
        ResourceArn=app_arn("us-east-1", STRANGER), TagsModel={"tags": {WORKSPACE_TAG: "elsewhere"}}
    )
    point("us-east-1", STRANGER, kinesis_arn("us-east-1", "others"), role_arn("PinpointEventStreamRole", "/"))
    # An app of the manifest has a tag that is none of ours.
    pinpoint["us-east-1"].tag_resource(ResourceArn=app_arn("us-east-1", SHOP), TagsModel={"tags": {"owner": "web"}})


def point(region: str, app: str, destination: str, role: str) -> None:
    """Points an app's event stream elsewhere, once the role is ready."""
    for left in range(40, -1, -1):
        try:
            pinpoint[region].put_event_stream(
                ApplicationId=app, WriteEventStream={"DestinationStreamArn": destination, "RoleArn": role}
            )
            return
        except ClientError as error:
            if error.response["Error"]["Code"] != "BadRequestException" or left == 0:
                raise
            time.sleep(0.25)


def an_action_less() -> None:
    document = role(SHOP_ROLE)["Inline"][POLICY]
    for statement in statements_of(document):
        statement["Action"] = [act for act in many(statement["Action"]) if act != "kinesis:DescribeStream"]
    iam.put_role_policy(RoleName=SHOP_ROLE, PolicyName=POLICY, PolicyDocument=json.dumps(document))


def a_condition_less() -> None:
    document = role(SHARED_ROLE)["AssumeRolePolicyDocument"]
    for statement in statements_of(document):
        del statement["Condition"]["StringEquals"]
    iam.update_assume_role_policy(RoleName=SHARED_ROLE, PolicyDocument=json.dumps(document))


def pointed_elsewhere() -> None:
    point("us-east-1", NEWS, kinesis_arn("us-east-1", "others"), role_arn(SHOP_ROLE))


def stream_deleted() -> None:
    pinpoint["eu-west-1"].delete_event_stream(ApplicationId=MAIL)


def tags_gone() -> None:
    iam.untag_role(RoleName=BLOG_ROLE, TagKeys=["team"])
    pinpoint["eu-west-1"].untag_resource(ResourceArn=app_arn("eu-west-1", blog()), TagKeys=[WORKSPACE_TAG])


def role_deleted() -> None:
    iam.delete_role_policy(RoleName=SHOP_ROLE, PolicyName=POLICY)
    iam.delete_role(RoleName=SHOP_ROLE)


def saying(action: str, reason: str, *fields: str) -> tuple[str, str, frozenset[str]]:
    return (action, reason, frozenset(fields))


# Each with what a plan must then say: address, action, reason, and the fields it names.
DRIFTS: dict[str, tuple[Callable[[], None], dict[str, tuple[str, str, frozenset[str]]]]] = {
    "an-action-less": (an_action_less, {"role.shop": saying("update", "drifted", f"inline_policies.{POLICY}")}),
    "a-condition-less": (a_condition_less, {"role.shared": saying("update", "drifted", "trust_policy")}),
    "pointed-elsewhere": (
        pointed_elsewhere,
        {"event_stream.news": saying("update", "drifted", "destination", "role_arn")},
    ),
    "stream-deleted": (stream_deleted, {"event_stream.mail": saying("create", "vanished")}),
    "tags-gone": (
        tags_gone,
        {
            "role.blog": saying("update", "drifted", "tags.team"),
            "app.blog": saying("update", "drifted", f"tags.{WORKSPACE_TAG}"),
        },
    ),
    "role-deleted": (role_deleted, {"role.shop": saying("create", "vanished")}),
}


def named(drift: str, plan: dict) -> None:
    _, wanted = DRIFTS[drift]
    found = {
        change["address"]: (
            change["action"],
            change["reason"],
            # All fields of what is made anew change; what counts there is that it is.
            frozenset(field["path"] for field in change["fields"]) if change["action"] == "update" else frozenset(),
        )
        for change in plan["changes"]
    }
    shown = {address: (action, reason, sorted(fields)) for address, (action, reason, fields) in found.items()}
    asked = {address: (action, reason, sorted(fields)) for address, (action, reason, fields) in wanted.items()}
    must_be_equal("what the plan says", shown, asked)


def main(command: str, *arguments: str) -> None:
    match (command, *arguments):
        case ("mends",):
            mends()
        case ("strangers",):
            strangers()
        case ("snapshot", file):
            Path(file).write_text(text(everything()))
        case ("same", file):
            must_be_equal("the account", everything(), json.loads(Path(file).read_text()))
        case ("alike", file):
            must_be_equal("the account", alike(everything()), alike(json.loads(Path(file).read_text())))
        case ("applied",):
            applied()
        case ("disturb", drift):
            DRIFTS[drift][0]()
        case ("named", drift, plan):
            named(drift, json.loads(Path(plan).read_text()))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["help"]))

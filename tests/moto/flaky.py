"""What flaky.sh applies, and what it looks for in moto by boto3.

  flaky.py manifest       prints a manifest of a hundred created apps, each with its own role
  flaky.py strangers      makes an app, named as one of the hundred, and a role that belong to somebody else
  flaky.py there          fails unless each of the hundred is there once, with its role, and the strangers beside them
  flaky.py gone           fails unless the strangers are all that is there
  flaky.py weather        fails unless the weather was as bad as it was asked to be; prints it

The endpoint and credentials come from the standard environment.
"""

import json
import os
import sys
import urllib.request
from collections import Counter

import boto3
from botocore.exceptions import ClientError

ACCOUNT, APPS = "123456789012", 100
# Two, since a region takes no more than 100 apps and the strangers' is one too.
REGIONS = ("us-east-1", "eu-west-1")
KEYS = {f"app{number:03}": REGIONS[number % 2] for number in range(APPS)}
STRANGER_APP, STRANGER_ROLE = "App app042", "somebody-elses"
TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"Service": "pinpoint.amazonaws.com"}, "Action": "sts:AssumeRole"},
}


def manifest() -> None:
    print('version = 1\nworkspace = "flaky"\n')
    print('[defaults]\naccount = "main"\nregion = "us-east-1"\n')
    print(f'[accounts.main]\nid = "{ACCOUNT}"\n\n[streams.clicks]\nkinesis = "clicks"')
    for key, region in KEYS.items():
        print(f'\n[apps.{key}]\nname = "App {key}"\nregion = "{region}"\nstream = "clicks"')


iam = boto3.client("iam", region_name=REGIONS[0])


def strangers() -> None:
    pinpoint = boto3.client("pinpoint", region_name=KEYS["app042"])
    pinpoint.create_app(CreateApplicationRequest={"Name": STRANGER_APP})
    iam.create_role(RoleName=STRANGER_ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))


def apps_of(pinpoint) -> list[dict]:
    found, page = [], {}
    while True:
        answer = pinpoint.get_apps(**page)["ApplicationsResponse"]
        found += answer["Item"]
        if "NextToken" not in answer:
            return found
        page = {"Token": answer["NextToken"]}


def world() -> tuple[Counter, dict[str, dict], dict[str, str]]:
    """How often each app's name is there, the event streams by app name, and the roles' names by ARN."""
    names, streams = Counter(), {}
    for region in REGIONS:
        pinpoint = boto3.client("pinpoint", region_name=region)
        for app in apps_of(pinpoint):
            names[app["Name"]] += 1
            try:
                streams[app["Name"]] = pinpoint.get_event_stream(ApplicationId=app["Id"])["EventStream"]
            except ClientError as error:
                assert error.response["Error"]["Code"] == "NotFoundException", error
    pages = iam.get_paginator("list_roles").paginate()
    return names, streams, {role["Arn"]: role["RoleName"] for page in pages for role in page["Roles"]}


def there() -> None:
    apps, streams, roles = world()
    assert apps == Counter([f"App {key}" for key in KEYS] + [STRANGER_APP]), f"apps: {apps}"
    assert len(roles) == APPS + 1, f"{len(roles)} roles"
    assert len(streams) == APPS, f"{len(streams)} event streams"
    named = [roles[stream["RoleArn"]] for stream in streams.values()]
    assert sorted(named) == sorted(set(roles.values()) - {STRANGER_ROLE}), "event streams and roles do not fit"
    for name in named:
        policies = iam.list_role_policies(RoleName=name)["PolicyNames"]
        assert len(policies) == 1, f"{name} has the policies {policies}"


def gone() -> None:
    apps, streams, roles = world()
    assert (apps, streams) == (Counter([STRANGER_APP]), {}), f"{apps} {streams}"
    assert list(roles.values()) == [STRANGER_ROLE], f"{roles}"


def weather() -> None:
    with urllib.request.urlopen(f"{os.environ['AWS_ENDPOINT_URL']}/weather") as answered:
        seen = json.load(answered)
    refused = (seen["throttled"] + seen["unavailable"]) / seen["calls"]
    lost = seen["lost"] / seen["calls"]
    print(f"{seen['calls']} calls, of which {refused:.0%} refused and {lost:.1%} lost their answer")
    assert 0.25 < refused < 0.35 and 0.03 < lost < 0.07 and seen["calls"] > 4 * APPS, seen


if __name__ == "__main__":
    {"manifest": manifest, "strangers": strangers, "there": there, "gone": gone, "weather": weather}[sys.argv[1]]()

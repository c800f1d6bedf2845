"""What years with Pinpoint leave in an account: 200 roles, and what a sweep should say of each.

The kinds and counts are those of the builder in crates/testkit/src/leftovers/account.rs, made by boto3 on moto, but
for two things: roles that the state records (kind `recorded`) are made by the program itself, and an event stream names
its role in IAM's own letters.

  leftovers.py seeds              prints what serve.py is to seed, one a line
  leftovers.py history FILE       writes what serve.py is to make up: dates, and role templates
  leftovers.py state FILE         writes the Terraform state that holds four of the roles
  leftovers.py build LINEAGE      makes the account; LINEAGE is that of the workspace's state
  leftovers.py judged SWEEP       fails unless a sweep (JSON) gives each role its verdict and purpose; prints the counts
  leftovers.py idle SWEEP         fails if a sweep (JSON) would do anything
  leftovers.py snapshot FILE      writes down all that is there
  leftovers.py same FILE          fails unless all is as it was written down, the ids of roles too
  leftovers.py quarantined FILE PLAN   fails unless all is as it was, but for the quarantines of that plan
  leftovers.py deleted FILE PLAN       fails unless all is as it was, but that the roles of that plan are gone
  leftovers.py restored FILE PLAN      fails unless all is as it was, but that the roles of that plan are new
  leftovers.py organization COUNT      makes an organization of so many accounts, of which two cannot be read
  leftovers.py together SWEEP          fails unless a sweep (JSON) of that organization is one document of ten accounts

The endpoint and credentials come from the standard environment.
"""

import copy
import difflib
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import boto3
from botocore.exceptions import ClientError

ACCOUNT = "123456789012"
PINPOINT = "pinpoint.amazonaws.com"
REGIONS = ("us-east-1", "eu-west-1")
READ = (*REGIONS, "ap-south-1")
READ_S3 = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
LOGS = f"arn:aws:iam::{ACCOUNT}:policy/team-logs"
STATE = "infra.tfstate"
LINEAGE, ROLE_ID = "{lineage}", "{role_id}"
TAG = "pinpoint-streams:"
QUARANTINE = "pinpoint-streams-quarantine"
QUARANTINE_TAGS = {f"{TAG}quarantined-{what}" for what in ("at", "by", "id")}
DENY_ALL = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
MEMBER_ROLE = "OrganizationAccountAccessRole"
AMONG_ALL = 200


# The account as data.


@dataclass
class Role:
    kind: str
    name: str
    # None where the sweep should say nothing, because the role does not trust Pinpoint.
    verdict: str | None
    trust: dict
    inline: dict[str, dict]
    path: str = "/"
    purpose: str = "event_stream"
    attached: list[str] = field(default_factory=list)
    profile: str | None = None
    boundary: str | None = None
    tags: dict[str, str] = field(default_factory=lambda: {"team": "growth"})
    created: str | None = "2024-03-01T12:00:00+00:00"
    last_used: tuple[str, str] | None = None
    template: str | None = None
    stack_region: str | None = None
    in_terraform: bool = False
    by_the_program: bool = False

    @property
    def arn(self) -> str:
        return f"arn:aws:iam::{ACCOUNT}:role{self.path}{self.name}"


@dataclass
class App:
    region: str
    id: str
    name: str
    role: Role | None


def stream(region: str) -> str:
    return f"arn:aws:kinesis:{region}:{ACCOUNT}:stream/clicks"


def app_id(name: str) -> str:
    return hashlib.md5(name.encode()).hexdigest()


def app_arn(region: str, name: str) -> str:
    return any_app(region).replace("*", app_id(name))


def any_app(region: str) -> str:
    return f"arn:aws:mobiletargeting:{region}:{ACCOUNT}:apps/*"


def statement(principal: object, condition: dict | None = None) -> dict:
    one = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return {**one, "Condition": condition} if condition else one


def document(*statements: dict) -> dict:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def service(name: str) -> dict:
    return {"Service": name}


def trusting(source: str) -> dict:
    """The trust policy of the developer guide."""
    condition = {"StringEquals": {"aws:SourceAccount": ACCOUNT}, "ArnLike": {"aws:SourceArn": source}}
    return document(statement(service(PINPOINT), condition))


def policy(action: object, resource: object) -> dict:
    return {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": action, "Resource": resource}}


class Leftovers:
    def __init__(self) -> None:
        self.roles: list[Role] = []
        self.apps: list[App] = []
        self.in_use()
        self.obsolete()
        self.unknown()
        self.for_something_else()
        self.managed()
        self.quarantined()
        self.hung_with()
        self.not_pinpoints()
        assert len(self.roles) == AMONG_ALL and len({role.name for role in self.roles}) == AMONG_ALL

    def many(
        self, count: int, kind: str, verdict: str | None, change: Callable[[Role, str], None] = lambda *_: None
    ) -> None:
        """So many roles of a kind: leftovers of an app that is gone, but for what `change` changes."""
        for n in range(1, count + 1):
            name, region = f"{kind.replace(' ', '-')}-{n}", REGIONS[n % len(REGIONS)]
            writes = policy(["kinesis:PutRecords", "kinesis:DescribeStream"], stream(region))
            role = Role(kind, name, verdict, trusting(app_arn(region, f"gone-{name}")), {"permissions": writes})
            change(role, region)
            self.roles.append(role)

    def in_use(self) -> None:
        def used(role: Role, region: str) -> None:
            role.trust = trusting(app_arn(region, role.name))
            role.last_used = ("2026-10-29T08:00:00+00:00", region)
            self.apps.append(App(region, app_id(role.name), role.name, role))

        def region_wide(role: Role, region: str) -> None:
            role.trust = trusting(any_app(region))
            self.apps.append(App(region, app_id(role.name), role.name, role))

        def alive(role: Role, region: str) -> None:
            role.last_used = ("2026-11-10T08:00:00+00:00", region)

        self.many(12, "in use", "in_use", used)
        self.many(3, "in use region wide", "in_use", region_wide)
        self.many(6, "alive", "alive", alive)

    def obsolete(self) -> None:
        def firehose(role: Role, region: str) -> None:
            lake = f"arn:aws:firehose:{region}:{ACCOUNT}:deliverystream/lake"
            role.inline = {"permissions": policy(["firehose:PutRecordBatch", "firehose:DescribeDeliveryStream"], lake)}

        def idle(role: Role, region: str) -> None:
            role.trust = trusting(app_arn(region, role.name))
            self.apps.append(App(region, app_id(role.name), role.name, None))

        def elsewhere(role: Role, region: str) -> None:
            role.trust = trusting(app_arn(region, "in-use-2" if region == "us-east-1" else "in-use-1"))

        def long_ago(role: Role, region: str) -> None:
            role.last_used = ("2026-05-01T08:00:00+00:00", region)

        def granting(document: Callable[[str], dict]) -> Callable[[Role, str], None]:
            return lambda role, region: role.inline.update(permissions=document(region))

        def not_action(region: str) -> dict:
            one = {"Effect": "Allow", "NotAction": "iam:*", "Resource": stream(region)}
            return {"Version": "2012-10-17", "Statement": one}

        def regional(role: Role, region: str) -> None:
            condition = {"ArnEquals": {"AWS:sourcearn": app_arn(region, f"gone-{role.name}")}}
            role.trust = document(statement(service(f"pinpoint.{region}.amazonaws.com"), condition))

        def region_wide(role: Role, region: str) -> None:
            role.trust = trusting(any_app(region))

        def external_id(role: Role, region: str) -> None:
            condition = {
                "StringEquals": {"sts:ExternalId": ACCOUNT},
                "ArnLike": {"aws:SourceArn": app_arn(region, f"gone-{role.name}")},
            }
            role.trust = document(statement(service(PINPOINT), condition))

        def young(role: Role, _: str) -> None:
            role.created = None

        self.many(30, "obsolete", "obsolete")
        self.many(6, "obsolete firehose", "obsolete", firehose)
        self.many(4, "obsolete app idle", "obsolete", idle)
        self.many(2, "obsolete app elsewhere", "obsolete", elsewhere)
        self.many(6, "obsolete used long ago", "obsolete", long_ago)
        self.many(3, "obsolete kinesis star", "obsolete", granting(lambda _: policy("kinesis:*", "*")))
        odd = granting(lambda _: policy("KINESIS:putRecord?", "arn:aws:kinesis:*:*:*/*"))
        self.many(1, "obsolete odd letters", "obsolete", odd)
        self.many(1, "obsolete not action", "obsolete", granting(not_action))
        self.many(3, "obsolete regional", "obsolete", regional)
        self.many(3, "obsolete region wide", "obsolete", region_wide)
        self.many(2, "obsolete external id", "obsolete", external_id)
        self.many(3, "too young", "obsolete", young)

    def unknown(self) -> None:
        def everything(role: Role, _: str) -> None:
            role.trust = document(statement(service(PINPOINT)))

        def regional(role: Role, region: str) -> None:
            role.trust = document(statement(service(f"pinpoint.{region}.amazonaws.com")))

        def no_control(role: Role, _: str) -> None:
            role.trust = trusting(any_app("ap-south-1"))

        def unread_region(role: Role, _: str) -> None:
            role.trust = trusting(app_arn("ca-central-1", role.name))

        def unread_account(role: Role, region: str) -> None:
            other = app_arn(region, role.name).replace(ACCOUNT, "999999999999")
            role.trust = document(statement(service(PINPOINT), {"ArnLike": {"aws:SourceArn": other}}))

        self.many(3, "everything", "unknown", everything)
        self.many(2, "everything regional", "unknown", regional)
        self.many(2, "no control", "unknown", no_control)
        self.many(1, "unread region", "unknown", unread_region)
        self.many(1, "unread account", "unknown", unread_account)
        self.apps.append(App("ap-south-1", app_id("idle"), "idle", None))

    def for_something_else(self) -> None:
        def other(count: int, kind: str, purpose: str, grants: dict | None, *attached: str) -> None:
            def change(role: Role, _: str) -> None:
                role.purpose, role.attached = purpose, list(attached)
                role.inline = {"permissions": grants} if grants else {}

            self.many(count, kind, "not_ours", change)

        def shared(role: Role, _: str) -> None:
            role.trust = document(statement({"Service": [PINPOINT, "lambda.amazonaws.com"]}))

        def deleted_principal(role: Role, _: str) -> None:
            role.trust = document(statement(service(PINPOINT)), statement({"AWS": "AROAEXAMPLEDELETED000"}))

        def other_source(role: Role, _: str) -> None:
            role.trust = trusting(f"arn:aws:social-messaging:us-east-1:{ACCOUNT}:waba/one")

        def service_linked(role: Role, _: str) -> None:
            role.path, role.purpose = f"/aws-service-role/{PINPOINT}/", "unclear"

        denied = document(
            {"Effect": "Allow", "Action": "kinesis:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "*", "Resource": "*"},
        )
        other(5, "import", "import", None, READ_S3)
        other(3, "export", "export", policy(["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::bucket/*"))
        recommends = policy(["personalize:GetRecommendations", "personalize:DescribeCampaign"], "*")
        other(3, "recommender", "recommender", recommends)
        other(3, "email", "email", policy(["ses:SendEmail", "ses:SendRawEmail"], "*"))
        other(1, "administrator", "unclear", policy("*", "*"))
        other(1, "without permissions", "unclear", None)
        other(1, "denied streams", "unclear", denied)
        self.many(4, "shared", "not_ours", shared)
        self.many(2, "deleted principal", "not_ours", deleted_principal)
        self.many(1, "other source", "not_ours", other_source)
        self.many(1, "service linked to pinpoint", "not_ours", service_linked)

    def managed(self) -> None:
        def in_stack(role: Role, region: str) -> None:
            role.stack_region = region

        def in_terraform(role: Role, _: str) -> None:
            role.in_terraform = True

        def from_template(role: Role, _: str) -> None:
            role.template = "arn:aws:iam::aws:role-template/analytics"

        def recorded(role: Role, _: str) -> None:
            # leftovers.toml has them made.
            role.by_the_program, role.path = True, "/pinpoint-streams/"

        def tagged(workspace: str, lineage: str) -> Callable[[Role, str], None]:
            def change(role: Role, _: str) -> None:
                address = f"role.{role.name}"
                ours = {"workspace": workspace, "lineage": lineage, "address": address, "origin": "created"}
                role.tags.update({f"{TAG}{key}": value for key, value in ours.items()})

            return change

        self.many(5, "in a stack", "managed_elsewhere", in_stack)
        self.many(4, "in terraform", "managed_elsewhere", in_terraform)
        self.many(2, "from a template", "managed_elsewhere", from_template)
        self.many(2, "recorded", "managed", recorded)
        self.many(2, "lost by the state", "managed", tagged("growth", LINEAGE))
        self.many(3, "of another workspace", "managed", tagged("retail", "2e1d"))
        self.many(2, "of another lineage", "managed", tagged("growth", "77aa"))

    def quarantined(self) -> None:
        def locked(role: Role, _: str) -> None:
            role.inline[QUARANTINE] = DENY_ALL
            role.tags[f"{TAG}quarantined-at"] = "2026-11-01T06:00:00Z"
            role.tags[f"{TAG}quarantined-by"] = "run-1"
            role.tags[f"{TAG}quarantined-id"] = ROLE_ID

        def used_since(role: Role, region: str) -> None:
            locked(role, region)
            role.last_used = ("2026-11-05T06:00:00+00:00", region)

        self.many(4, "quarantined", "quarantined", locked)
        self.many(2, "tripped", "tripped", used_since)

    def hung_with(self) -> None:
        def foreign_policy(role: Role, _: str) -> None:
            role.attached = [LOGS]

        def foreign_inline(role: Role, _: str) -> None:
            role.inline["team-logs"] = policy("logs:*", "*")

        def in_profile(role: Role, _: str) -> None:
            role.profile = f"web-{role.name}"

        def bounded(role: Role, _: str) -> None:
            role.boundary = LOGS

        self.many(2, "with a foreign policy", "obsolete", foreign_policy)
        self.many(2, "with a foreign inline policy", "obsolete", foreign_inline)
        self.many(2, "in an instance profile", "obsolete", in_profile)
        self.many(1, "with a boundary", "obsolete", bounded)

    def not_pinpoints(self) -> None:
        def plain(count: int, kind: str, principal: object, path: str = "/") -> None:
            def change(role: Role, _: str) -> None:
                role.path, role.trust = path, document(statement(principal))

            self.many(count, kind, None, change)

        saml = {"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/sso"}
        support = "support.amazonaws.com"
        plain(8, "sms voice", service("sms-voice.amazonaws.com"))
        plain(3, "PinpointEventStreamRole of SES", service("ses.amazonaws.com"))
        plain(4, "single sign on", saml, "/aws-reserved/sso.amazonaws.com/")
        plain(5, "service linked", service(support), f"/aws-service-role/{support}/")
        plain(1, "trusting everyone", "*")
        plain(6, "cross account", {"AWS": "999999999999"})
        rest = AMONG_ALL - len(self.roles)
        plain(rest // 2, "lambda", service("lambda.amazonaws.com"))
        plain(rest - rest // 2, "ec2", service("ec2.amazonaws.com"))


# Making it.


def client(name: str, region: str = "us-east-1"):
    return boto3.client(name, region_name=region)


def tag_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def seeds() -> list[str]:
    # Two apps of the workspace itself, in leftovers.toml.
    own = [f"app:{REGIONS[n % 2]}:{app_id(f'recorded-{n}')}:recorded-{n}" for n in (1, 2)]
    apps = [f"app:{app.region}:{app.id}:{app.name}" for app in Leftovers().apps]
    return [*(f"kinesis:{region}:clicks" for region in REGIONS), *own, *apps]


def history() -> dict[str, dict[str, str]]:
    histories = {}
    for role in Leftovers().roles:
        known: dict[str, str | None] = {"created": role.created, "template": role.template}
        if role.last_used:
            known["last_used"], known["last_used_region"] = role.last_used
        histories[role.name] = {key: value for key, value in known.items() if value}
    return histories


def terraform_state() -> dict:
    names = [role for role in Leftovers().roles if role.in_terraform]
    instances = [{"index_key": at, "attributes": {"arn": role.arn, "name": role.name}} for at, role in enumerate(names)]
    resource = {"mode": "managed", "type": "aws_iam_role", "name": "pinpoint", "instances": instances}
    return {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "3f2a", "resources": [resource]}


def build(lineage: str) -> None:
    iam, left = client("iam"), Leftovers()
    iam.create_policy(PolicyName="team-logs", PolicyDocument=json.dumps(policy("logs:*", "*")))
    for role in left.roles:
        if role.by_the_program:
            continue
        tags = {key: value.replace(LINEAGE, lineage) for key, value in role.tags.items()}
        asked = {
            "RoleName": role.name,
            "Path": role.path,
            "Description": f"{role.kind}: it's {role.name}",
            "AssumeRolePolicyDocument": json.dumps(role.trust),
        }
        if role.stack_region:
            properties = {**asked, "AssumeRolePolicyDocument": role.trust, "Tags": tag_list(tags)}
            template = {"Resources": {"Role": {"Type": "AWS::IAM::Role", "Properties": properties}}}
            client("cloudformation", role.stack_region).create_stack(
                StackName=f"stack-of-{role.name}", TemplateBody=json.dumps(template)
            )
        else:
            boundary = {"PermissionsBoundary": role.boundary} if role.boundary else {}
            id = iam.create_role(**asked, **boundary)["Role"]["RoleId"]
            iam.tag_role(RoleName=role.name, Tags=tag_list({key: at.replace(ROLE_ID, id) for key, at in tags.items()}))
        # Of a stack's role too, whose inline policies moto keeps as Python writes them.
        for name, content in role.inline.items():
            iam.put_role_policy(RoleName=role.name, PolicyName=name, PolicyDocument=json.dumps(content))
        for arn in role.attached:
            iam.attach_role_policy(RoleName=role.name, PolicyArn=arn)
        if role.profile:
            iam.create_instance_profile(InstanceProfileName=role.profile)
            iam.add_role_to_instance_profile(InstanceProfileName=role.profile, RoleName=role.name)
    for app in left.apps:
        if app.role:
            client("pinpoint", app.region).put_event_stream(
                ApplicationId=app.id,
                WriteEventStream={"DestinationStreamArn": stream(app.region), "RoleArn": app.role.arn},
            )


# Looking at it.


def text(value: object) -> str:
    return json.dumps(value, indent=2, sort_keys=True, default=str)


def must_be_equal(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        lines = difflib.unified_diff(text(wanted).splitlines(), text(found).splitlines(), "wanted", "found", lineterm="")
        raise SystemExit("\n".join([f"leftovers.py: {what} is not as it should be:", *lines]))


def everything() -> dict:
    """All roles whole, instance profiles, and all apps with their event streams."""
    iam, found = client("iam"), {"roles": {}, "apps": {}}
    names = [role["RoleName"] for page in iam.get_paginator("list_roles").paginate() for role in page["Roles"]]
    for name in names:
        role = iam.get_role(RoleName=name)["Role"]
        role["Tags"] = {tag["Key"]: tag["Value"] for tag in role.get("Tags", [])}
        role["Inline"] = {
            policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        }
        role["Attached"] = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        profiles = iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"]
        role["Profiles"] = [profile["InstanceProfileName"] for profile in profiles]
        found["roles"][name] = role
    found["profiles"] = [each["InstanceProfileName"] for each in iam.list_instance_profiles()["InstanceProfiles"]]
    for region in READ:
        pinpoint, page = client("pinpoint", region), {}
        while True:
            answer = pinpoint.get_apps(**page)["ApplicationsResponse"]
            for app in answer["Item"]:
                try:
                    target = pinpoint.get_event_stream(ApplicationId=app["Id"])["EventStream"]
                except ClientError as error:
                    if error.response["Error"]["Code"] != "NotFoundException":
                        raise
                    target = None
                found["apps"][f"{region}/{app['Id']}"] = {**app, "stream": target}
            if "NextToken" not in answer:
                break
            page = {"Token": answer["NextToken"]}
    return json.loads(text(found))


def judged(sweep: dict) -> None:
    roles = {role.arn: role for role in Leftovers().roles}
    found = {finding["role"]: finding for finding in sweep["findings"]}
    must_be_equal("what a sweep could not read", sweep["unread"], [])
    said = {arn: (found[arn]["verdict"] if arn in found else None) for arn in roles}
    must_be_equal("what a sweep says", said, {arn: role.verdict for arn, role in roles.items()})
    must_be_equal("what a sweep names beside", sorted(set(found) - set(roles)), [])
    # Of a role that the state records no permissions are read.
    purposes = {arn: finding["purpose"] for arn, finding in found.items() if not roles[arn].by_the_program}
    must_be_equal("what the roles are for", purposes, {arn: roles[arn].purpose for arn in purposes})
    must_be_equal("roles without evidence", [arn for arn, finding in found.items() if not finding["evidence"]], [])
    silent = "(not asked about)"
    counts = Counter(verdict or silent for verdict in said.values())
    for verdict, count in sorted(counts.items()):
        print(f"{count:>4} {verdict}")
        for kind, of_kind in sorted(Counter(r.kind for a, r in roles.items() if (said[a] or silent) == verdict).items()):
            print(f"      {of_kind:>4} {kind}")
    print(f"{sum(counts.values()):>4} roles")


def written_by(plan: dict) -> set[str]:
    """The names of the roles that a plan changes. An address is iam.ACCOUNT/NAME."""
    names = {change["address"].rsplit("/", 1)[1] for change in plan["changes"]}
    assert names, "the plan changes nothing"
    return names


def idle(sweep: dict) -> None:
    must_be_equal("what would be done", sweep["plan"]["changes"], [])


def quarantined(before: dict, plan: dict) -> None:
    now, wanted = everything(), copy.deepcopy(before)
    for name in written_by(plan):
        role = now["roles"][name]
        must_be_equal(f"the quarantine of {name}", role["Inline"].pop(QUARANTINE, None) is not None, True)
        tags = {key: role["Tags"].pop(key, None) for key in QUARANTINE_TAGS}
        must_be_equal(f"whom {name}'s tags name", tags[f"{TAG}quarantined-id"], role["RoleId"])
        assert all(tags.values()), tags
    must_be_equal("the account", now, wanted)


def deleted(before: dict, plan: dict) -> None:
    wanted = copy.deepcopy(before)
    for name in written_by(plan):
        del wanted["roles"][name]
    must_be_equal("the account", everything(), wanted)


def canonical(value: object) -> object:
    """A policy document in one form: an archive keeps its meaning, not whether one thing stood alone or in a list, nor
    which of IAM's two names for one comparison of ARNs it used."""
    if isinstance(value, dict):
        return {"ArnLike" if key == "ArnEquals" else key: canonical(each) for key, each in value.items()}
    if isinstance(value, list):
        each = sorted((canonical(one) for one in value), key=text)
        return each[0] if len(each) == 1 else each
    return value


def restored(before: dict, plan: dict) -> None:
    now, wanted = everything(), copy.deepcopy(before)
    for name in written_by(plan):
        old, new = wanted["roles"][name], now["roles"][name]
        assert old["RoleId"] != new["RoleId"], name
        for what in ("RoleId", "CreateDate", "RoleLastUsed"):
            old.pop(what, None), new.pop(what, None)
        for role in (old, new):
            for what in ("AssumeRolePolicyDocument", "Inline"):
                role[what] = canonical(role[what])
    must_be_equal("the account", now, wanted)


# The organization.


def organization(count: int) -> None:
    """One account of it is closed, another does not have the role to assume."""
    organizations = client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    trust = json.dumps(document(statement({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})))
    client("iam").create_role(RoleName=MEMBER_ROLE, AssumeRolePolicyDocument=trust)
    for n in range(1, count):
        made = organizations.create_account(AccountName=f"member-{n}", Email=f"member-{n}@example.com")
        id = made["CreateAccountStatus"]["AccountId"]
        if n == 1:
            organizations.close_account(AccountId=id)
            continue
        assumed = client("sts").assume_role(RoleArn=f"arn:aws:iam::{id}:role/{MEMBER_ROLE}", RoleSessionName="hand")
        keys = assumed["Credentials"]
        session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], "us-east-1")
        iam = session.client("iam")
        if n == 2:
            iam.delete_role(RoleName=MEMBER_ROLE)
            continue
        there = f"arn:aws:mobiletargeting:us-east-1:{id}:apps/{app_id('gone')}"
        condition = {"StringEquals": {"aws:SourceAccount": id}, "ArnLike": {"aws:SourceArn": there}}
        iam.create_role(
            RoleName="PinpointLeftover",
            AssumeRolePolicyDocument=json.dumps(document(statement(service(PINPOINT), condition))),
        )
        writes = policy("kinesis:PutRecords", stream("us-east-1").replace(ACCOUNT, id))
        iam.put_role_policy(RoleName="PinpointLeftover", PolicyName="p", PolicyDocument=json.dumps(writes))


def together(sweep: dict) -> None:
    listed = [each for page in client("organizations").get_paginator("list_accounts").paginate() for each in page["Accounts"]]
    must_be_equal("the accounts", sorted(each["id"] for each in sweep["accounts"]), sorted(each["Id"] for each in listed))
    unreachable = {each["alias"] for each in sweep["accounts"] if each.get("unreachable")}
    must_be_equal("those that were not read", sorted(unreachable), ["member-1", "member-2"])
    must_be_equal("how many were read", sweep["read"], len(listed) - len(unreachable))
    holding = Counter(finding["role"].split(":")[4] for finding in sweep["findings"])
    read = {each["id"] for each in sweep["accounts"] if not each.get("unreachable") and each["id"] != ACCOUNT}
    must_be_equal("the accounts with a leftover", holding, {id: 1 for id in read})


def main(command: str, *arguments: str) -> None:
    def load(file: str) -> dict:
        return json.loads(Path(file).read_text())

    match (command, *arguments):
        case ("seeds",):
            print("\n".join(seeds()))
        case ("history", file):
            Path(file).write_text(text(history()))
        case ("state", file):
            Path(file).write_text(text(terraform_state()))
        case ("build", lineage):
            build(lineage)
        case ("judged", sweep):
            judged(load(sweep))
        case ("idle", sweep):
            idle(load(sweep))
        case ("snapshot", file):
            Path(file).write_text(text(everything()))
        case ("same", file):
            must_be_equal("the account", everything(), load(file))
        case ("quarantined", file, plan):
            quarantined(load(file), load(plan))
        case ("deleted", file, plan):
            deleted(load(file), load(plan))
        case ("restored", file, plan):
            restored(load(file), load(plan))
        case ("organization", count):
            organization(int(count))
        case ("together", sweep):
            together(load(sweep))
        case _:
            raise SystemExit(__doc__)


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["help"]))

"""The accounts that are measured: the endpoint's seed, and the manifest of the program."""

import json
from dataclasses import dataclass

REGIONS = """us-east-1 us-east-2 us-west-2 ap-south-1 ap-northeast-1 ap-northeast-2 ap-southeast-1 ap-southeast-2
ca-central-1 eu-central-1 eu-west-1 eu-west-2""".split()
# Role in every account; the caller's own account is the first.
ADMIN = "OrganizationAccountAccessRole"
LONG_AGO = "2020-01-01T00:00:00Z"
HEADER = """version = 1
workspace = "bench"

[notices]
end_of_support = false

[streams.clicks]
kinesis = "clicks"
"""


@dataclass(frozen=True)
class World:
    seed: dict
    manifest: str | None = None

    @property
    def accounts(self) -> list[str]:
        return [account["id"] for account in self.seed["accounts"]]


def account_id(nth: int) -> str:
    return f"{100000000000 + nth}"


def app_id(nth: int) -> str:
    return f"{nth:032x}"


def stream_arn(account: str, region: str) -> str:
    return f"arn:aws:kinesis:{region}:{account}:stream/clicks"


def with_apps(apps: int, accounts: int = 1, regions: list[str] = REGIONS, exist: bool = True) -> World:
    """Apps, the same number in every account, spread over the regions. The manifest gives each its own role, and creates the
    apps that do not exist."""
    seeds, blocks = [], []
    for nth in range(accounts):
        account = account_id(nth)
        numbers = range(nth * apps // accounts, (nth + 1) * apps // accounts)
        ids = [(regions[number % len(regions)], app_id(number)) for number in numbers]
        seeds.append(_account(account, ids if exist else [], regions))
        assumed = f'assume_role = "arn:aws:iam::{account}:role/{ADMIN}"\n' if nth else ""
        blocks.append(f'[accounts.a{nth}]\nid = "{account}"\n{assumed}')
        for region, app in ids:
            identity = f'id = "{app}"' if exist else f'name = "App {app}"'
            place = f'account = "a{nth}"\nregion = "{region}"'
            blocks.append(f'[apps.a{nth}-{app[-4:]}]\n{identity}\n{place}\nstream = "clicks"\n')
    return World({"accounts": seeds}, HEADER + "\n" + "\n".join(blocks))


def with_leftovers(accounts: list[tuple[int, int, int]]) -> World:
    """An organization, by account: roles, those of them that trust Pinpoint, those of these that an event stream uses."""
    seeds = [_leftovers(account_id(nth), *sizes) for nth, sizes in enumerate(accounts)]
    members = [{"id": seed["id"], "name": f"Account {nth}"} for nth, seed in enumerate(seeds)]
    seeds[0]["organization"] = members
    return World({"accounts": seeds})


def _leftovers(account: str, roles: int, trusting: int, used: int) -> dict:
    apps = [(REGIONS[nth % len(REGIONS)], app_id(nth)) for nth in range(trusting)]
    seed = _account(account, apps[:used], REGIONS)
    for nth, (region, app) in enumerate(apps):
        role = _role(account, f"PinpointKinesis-{nth:05}", "pinpoint.amazonaws.com", _source(account, region, app))
        role["inline"] = [["Kinesis", _policy({"Action": "kinesis:PutRecords", "Resource": stream_arn(account, region)})]]
        seed["roles"].append(role)
    for nth, (region, app) in enumerate(apps[:used]):
        stream = {"region": region, "app": app, "destination": stream_arn(account, region)}
        seed["event_streams"].append({**stream, "role": f"arn:aws:iam::{account}:role/PinpointKinesis-{nth:05}"})
    others = (_role(account, f"Function-{nth:05}", "lambda.amazonaws.com") for nth in range(trusting, roles))
    seed["roles"].extend(others)
    return seed


def _account(account: str, apps: list[tuple[str, str]], regions: list[str]) -> dict:
    return {
        "id": account,
        "partition": "aws",
        "apps": [{"region": region, "id": app, "name": f"App {app}"} for region, app in apps],
        "streams": [{"arn": stream_arn(account, region)} for region in regions],
        "roles": [_role(account, ADMIN, "ec2.amazonaws.com")],
        "event_streams": [],
    }


def _role(account: str, name: str, service: str, condition: dict | None = None) -> dict:
    trust = {"Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    trust |= {"Condition": condition} if condition else {}
    return {"arn": f"arn:aws:iam::{account}:role/{name}", "trust_json": _policy(trust), "created": LONG_AGO}


def _source(account: str, region: str, app: str) -> dict:
    arn = f"arn:aws:mobiletargeting:{region}:{account}:apps/{app}"
    return {"StringEquals": {"aws:SourceAccount": account}, "ArnLike": {"aws:SourceArn": arn}}


def _policy(statement: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})

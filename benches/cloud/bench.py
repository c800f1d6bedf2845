"""The runs that rows are measured from."""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import worlds
from harness import Binaries, Cloud, Limits, Run

APPLY = "apply --auto-approve"
APPS = 1200
SEVERAL_ACCOUNTS = 10
PINPOINT_OPERATIONS = ("GetApps", "GetApp", "GetEventStream", "PutEventStream")
READS = Limits(50, {**dict.fromkeys(PINPOINT_OPERATIONS, 300), "DescribeStreamSummary": 20})
WRITES = Limits(50, {**READS.operations, "CreateRole": 15, "PutRolePolicy": 15})
HIDDEN = Limits(50, services={"iam": 20, "mobiletargeting": 20, "kinesis": 20})
IAM_READS = ("GetRole", "GetRolePolicy", "ListRolePolicies", "ListAttachedRolePolicies", "ListInstanceProfilesForRole")
SWEEP = Limits(50, {**READS.operations, **dict.fromkeys(IAM_READS, 100), "DescribeStackResources": 40})
# Some roles are unused.
FINDINGS = (2,)


@dataclass
class Bench:
    """The runs that several rows share, each made when the first of them asks for it."""

    binaries: Binaries
    without_sandbox: Path | None
    open: ExitStack = field(default_factory=ExitStack)

    def cloud(self, world: worlds.World) -> Cloud:
        return self.open.enter_context(Cloud(self.binaries, world))

    def applied(self, apps: int) -> Cloud:
        cloud = self.cloud(worlds.with_apps(apps))
        cloud.program(APPLY)
        return cloud

    @cached_property
    def full_account(self) -> Cloud:
        return self.applied(APPS)

    @cached_property
    def created_apps(self) -> Cloud:
        """Apps that the workspace created, as `app.*` selects only these."""
        cloud = self.cloud(worlds.with_apps(APPS, exist=False))
        cloud.program(APPLY)
        return cloud

    @cached_property
    def limited_plan(self) -> Run:
        return plan(self.full_account)

    @cached_property
    def obvious_reads(self) -> Run:
        return self.full_account.baseline("read", limits=READS)

    @cached_property
    def hidden_limit(self) -> Run:
        cloud = self.cloud(worlds.with_apps(600, regions=["us-east-1"]))
        cloud.program(APPLY)
        return cloud.program("plan", HIDDEN)

    @cached_property
    def several_accounts(self) -> tuple[Cloud, Run]:
        """12,000 apps, and the first apply."""
        cloud = self.cloud(worlds.with_apps(SEVERAL_ACCOUNTS * APPS, SEVERAL_ACCOUNTS))
        return cloud, cloud.program(APPLY)

    @cached_property
    def plan_of_several_accounts(self) -> Run:
        cloud, _ = self.several_accounts
        return min((cloud.program("plan") for _ in range(3)), key=lambda run: run.cpu)

    @cached_property
    def calls_alone(self) -> Run:
        """The same calls as the plan makes, but for the few of each account that say who calls and what its quotas are."""
        cloud, _ = self.several_accounts
        plan = self.plan_of_several_accounts
        runs = [cloud.baseline("calls") for _ in range(3)]
        for name in ("GetEventStream", "GetApps", "GetAccountAuthorizationDetails", "ListRoles"):
            calls = [run.answered(name) for run in (plan, *runs)]
            assert min(calls) == max(calls) > 0, f"{name}: {calls}"
        return min(runs, key=lambda run: run.cpu)

    @cached_property
    def sweep(self) -> Run:
        cloud = self.cloud(worlds.with_leftovers([(5000, 1000, 120)]))
        return cloud.program("sweep", SWEEP, FINDINGS)


def fastest(runs: Iterable[Run]) -> Run:
    return min(runs, key=lambda run: run.seconds)


def plan(cloud: Cloud) -> Run:
    return median([cloud.program("plan", READS) for _ in range(3)])


def median(runs: list[Run]) -> Run:
    return sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]

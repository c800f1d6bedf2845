"""What is measured, row by row, with its target."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import worlds
from bench import APPLY, APPS, FINDINGS, SWEEP, WRITES, Bench, fastest
from harness import Limits, Run

MB = 1024 * 1024


@dataclass(frozen=True)
class Outcome:
    reached: str
    target: str
    ok: bool
    figures: dict[str, float]
    note: str = ""


@dataclass(frozen=True)
class Row:
    what: str
    measure: Callable[[Bench], Outcome]


def at_most(value: float, most: float, unit: str, note: str = "", about: str = "", **figures: float) -> Outcome:
    digits = {"calls": 0, "MB": 0, "s": 3 if most < 1 else 2, "×": 2}.get(unit, 1)
    target = f"≤ {most:,.{digits}f} {unit}{about}"
    return Outcome(f"{value:,.{digits}f} {unit}", target, value <= most, {"value": value, "most": most, **figures}, note)


def at_least(value: float, least: float, unit: str, note: str = "", **figures: float) -> Outcome:
    reached, target = f"{value:.1f} {unit}", f"≥ {least:g} {unit}"
    return Outcome(reached, target, value >= least, {"value": value, "least": least, **figures}, note)


def calls_of_plan(bench: Bench) -> Outcome:
    return at_most(bench.full_account.program("plan").answered(), 1.05 * APPS + 40, "calls")


def time_of_plan(bench: Bench) -> Outcome:
    run = bench.limited_plan
    return at_most(run.seconds, 1.0, "s", run.note(), refused=run.refused())


def against_obvious_reads(bench: Bench) -> Outcome:
    obvious, ours = bench.obvious_reads, bench.limited_plan
    note = f"{obvious.seconds:.1f} s for {obvious.answered():,} calls"
    return at_least(obvious.seconds / ours.seconds, 40, "×", note, obvious=obvious.seconds, plan=ours.seconds)


def time_of_limited_apply(bench: Bench) -> Outcome:
    run = bench.cloud(worlds.with_apps(APPS)).program(APPLY, WRITES)
    return to_bound(run, 1.1, chain=6)


def time_of_apply(bench: Bench) -> Outcome:
    run = bench.cloud(worlds.with_apps(APPS)).program(APPLY, Limits(50))
    return at_most(run.seconds, 5.0, "s", run.note(), calls=run.answered())


def to_bound(run: Run, ratio: float, chain: int) -> Outcome:
    bound = run.bound(chain)
    about = f" = {ratio:g} × the bound of {bound:.1f} s"
    return at_most(run.seconds, ratio * bound, "s", run.note(), about, bound=bound, refused=run.refused())


def use_of_hidden_limit(bench: Bench) -> Outcome:
    run = bench.hidden_limit
    bound = run.bound(chain=0)
    return at_least(100 * bound / run.seconds, 90, "%", run.note(), seconds=run.seconds, bound=bound)


def refusals_of_hidden_limit(bench: Bench) -> Outcome:
    run = bench.hidden_limit
    return at_most(100 * run.refused() / (run.refused() + run.answered()), 5, "%")


def cpu_of_plan(bench: Bench) -> Outcome:
    ours, alone = bench.plan_of_several_accounts.cpu, bench.calls_alone.cpu
    note = f"{ours:.2f} s; the calls alone {alone:.2f} s"
    return at_most(ours / alone, 1.5, "×", note, plan=ours, calls=alone)


def memory_of_plan(bench: Bench) -> Outcome:
    return at_most(bench.plan_of_several_accounts.memory / MB, 200, "MB")


def memory_of_apply(bench: Bench) -> Outcome:
    return at_most(bench.several_accounts[1].memory / MB, 300, "MB")


def size_of_state(bench: Bench) -> Outcome:
    cloud, _ = bench.several_accounts
    return at_most((cloud.folder / "pinpoint-streams.state.json").stat().st_size / MB, 8, "MB")


def time_to_read_state(bench: Bench) -> Outcome:
    """With a manifest that declares no app: the time to read the state, without that to read 12,000 apps of a manifest."""
    cloud, _ = bench.several_accounts
    address = next(iter(json.loads((cloud.folder / "pinpoint-streams.state.json").read_text())["resources"]))
    with cloud.other_manifest(worlds.HEADER):
        show, every = (fastest(cloud.program(line) for _ in range(10)) for line in (f"state show {address}", "state list"))
    note = f"state list, 36,000 lines: {every.seconds:.2f} s"
    return at_most(show.seconds, 0.15, "s", note, state_list=every.seconds)


def selected(flag: str) -> Callable[[Bench], Outcome]:
    def measure(bench: Bench) -> Outcome:
        # In turns: another load on the machine slows down both.
        lines = ("plan", f"plan {flag}")
        runs = [[bench.created_apps.program(line) for line in lines] for _ in range(5)]
        full, part = (fastest(each) for each in zip(*runs))
        return at_most(part.seconds, 1.1 * full.seconds, "s", about=" = 1.1 × the full plan", full=full.seconds)

    return measure


def time_of_sweep(bench: Bench) -> Outcome:
    # GetCallerIdentity, five pages of roles, the role, its policies, its event stream, its stacks.
    return to_bound(bench.sweep, 1.3, chain=11)


def memory_of_sweep(bench: Bench) -> Outcome:
    return at_most(bench.sweep.memory / MB, 150, "MB")


def calls_of_sweep(bench: Bench) -> Outcome:
    run = bench.sweep
    apps, roles = run.answered("GetApps"), run.answered("GetRole")
    reached = f"{apps} GetApps, {roles:,} GetRole"
    target = f"= {len(worlds.REGIONS)} GetApps, ≤ 1,000 GetRole"
    return Outcome(reached, target, apps == len(worlds.REGIONS) and roles <= 1000, {"apps": apps, "roles": roles})


def time_of_organization(bench: Bench) -> Outcome:
    """The first account is the largest, and alone takes the longest."""
    cloud = bench.cloud(worlds.with_leftovers([(2000, 400, 24)] + 39 * [(250, 15, 12)]))
    alone = cloud.program("sweep", SWEEP, FINDINGS)
    together = cloud.program(f"sweep --organization --role {worlds.ADMIN}", SWEEP, FINDINGS)
    about = f" = 1.2 × the {alone.seconds:.1f} s of the slowest account alone"
    return at_most(together.seconds, 1.2 * alone.seconds, "s", together.note(), about, alone=alone.seconds)


def time_of_version(bench: Bench) -> Outcome:
    return at_most(1000 * best_of_ten([bench.binaries.program, "--version"], None), 10, "ms")


def time_of_validate(bench: Bench) -> Outcome:
    return at_most(1000 * best_of_ten([bench.binaries.program, "validate"], bench.full_account.folder), 40, "ms")


def best_of_ten(command: list, folder: Path | None) -> float:
    def once() -> float:
        began = time.monotonic()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        return time.monotonic() - began

    return min(once() for _ in range(10))


def size_without_sandbox(bench: Bench) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "stripped"
        shutil.copy(bench.without_sandbox, copy)
        subprocess.run(["strip", copy], check=True)
        return at_most(copy.stat().st_size / MB, 25, "MB")


def all_rows(bench: Bench) -> list[Row]:
    rows = [
        Row("--version", time_of_version),
        Row("validate, 1,200 apps", time_of_validate),
        Row("plan, 1,200 apps: calls", calls_of_plan),
        Row("plan, 1,200 apps, 50 ms, 300 calls/s: time", time_of_plan),
        Row("plan, 1,200 apps: obvious pattern / program", against_obvious_reads),
        Row("plan --exclude, 1,200 apps: time", selected("--exclude app.*7")),
        Row("plan --target, 1,200 apps: time", selected("--target event_stream.*")),
        Row("apply, 1,200 apps, 50 ms, no limit: time", time_of_apply),
        Row("apply, 1,200 apps, 50 ms, 15 IAM writes/s: time", time_of_limited_apply),
        Row("plan, hidden limit of 20 calls/s: used", use_of_hidden_limit),
        Row("plan, hidden limit of 20 calls/s: refused", refusals_of_hidden_limit),
        Row("plan, 12,000 apps: CPU / CPU of the calls alone", cpu_of_plan),
        Row("plan, 12,000 apps: memory", memory_of_plan),
        Row("apply, 12,000 apps: memory", memory_of_apply),
        Row("state of 12,000 apps: size", size_of_state),
        Row("state of 12,000 apps: state show", time_to_read_state),
        Row("sweep, 1,000 of 5,000 roles: time", time_of_sweep),
        Row("sweep, 1,000 of 5,000 roles: memory", memory_of_sweep),
        Row("sweep, 1,000 of 5,000 roles: calls", calls_of_sweep),
        Row("sweep, 40 accounts: time", time_of_organization),
    ]
    return rows + ([Row("binary without the sandbox: size", size_without_sandbox)] if bench.without_sandbox else [])

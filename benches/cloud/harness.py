"""Runs the program and the baseline against the endpoint, each in a process of its own, and reports what a run took."""

import json
import os
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from worlds import World

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Binaries:
    program: Path
    endpoint: Path
    baseline: Path

    @staticmethod
    def find(program: Path | None, endpoint_folder: Path | None) -> "Binaries":
        """Release builds, except of what is given."""
        program = program or _built(ROOT / "Cargo.toml")["pinpoint-streams"]
        if endpoint_folder:
            bench = {name: endpoint_folder / name for name in ("endpoint", "baseline")}
        else:
            bench = _built(ROOT / "benches/cloud/Cargo.toml")
        return Binaries(program.resolve(), bench["endpoint"].resolve(), bench["baseline"].resolve())


def _built(manifest: Path) -> dict[str, Path]:
    command = ["cargo", "build", "--release", "--quiet", "--manifest-path", manifest, "--message-format=json"]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    artifacts = [json.loads(line) for line in lines]
    return {each["target"]["name"]: Path(each["executable"]) for each in artifacts if each.get("executable")}


@dataclass(frozen=True)
class Limits:
    """Latency in milliseconds; limits in calls a second, for each account and region, with a burst of one second."""

    latency: int = 0
    operations: dict[str, int] = field(default_factory=dict)
    services: dict[str, int] = field(default_factory=dict)

    def flags(self) -> str:
        flags = [f"--latency {self.latency}"]
        flags += [f"--limit {name}={rate}" for name, rate in self.operations.items()]
        flags += [f"--service-limit {name}={rate}" for name, rate in self.services.items()]
        return " ".join(flags)


@dataclass(frozen=True)
class Run:
    limits: Limits
    seconds: float
    # User and system time in seconds.
    cpu: float
    endpoint_cpu: float
    # Peak resident memory in bytes.
    memory: int
    # The endpoint's counts, by operation, account and region.
    calls: list[dict]

    def answered(self, operation: str | None = None) -> int:
        return sum(each["answered"] for each in self.calls if operation in (None, each["operation"]))

    def refused(self) -> int:
        return sum(each["refused"] for each in self.calls)

    def bound(self, chain: int) -> float:
        """The seconds that the calls of this run take at least: the busiest limit, and `chain` calls one after the other."""
        buckets: dict[tuple, int] = {}
        rates: dict[tuple, int] = {}
        for each in self.calls:
            for kind, limits in (("operation", self.limits.operations), ("service", self.limits.services)):
                if each[kind] in limits:
                    key = (each[kind], each["account"], each["region"])
                    buckets[key] = buckets.get(key, 0) + each["answered"]
                    rates[key] = limits[each[kind]]
        busiest = max((calls / rates[key] - 1 for key, calls in buckets.items()), default=0.0)
        return max(busiest, 0.0) + chain * self.limits.latency / 1000

    def note(self) -> str:
        """Says so if the processors were the limit."""
        share = (self.cpu + self.endpoint_cpu) / self.seconds / (os.cpu_count() or 1)
        if share < 0.8:
            return ""
        return f"{share:.0%} of the processors used: program {self.cpu:.1f} s, endpoint {self.endpoint_cpu:.1f} s of CPU"


class Cloud:
    """An endpoint with a world in it, and a folder with the manifest and the state."""

    def __init__(self, binaries: Binaries, world: World) -> None:
        self.binaries, self.world = binaries, world
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)
        self.seed = self.folder / "seed.json"
        self.seed.write_text(json.dumps(world.seed))
        if world.manifest:
            (self.folder / "pinpoint-streams.toml").write_text(world.manifest)
        self.server = subprocess.Popen([binaries.endpoint, self.seed], stdout=subprocess.PIPE, text=True)
        self.url = self.server.stdout.readline().strip()

    def __enter__(self) -> "Cloud":
        return self

    def __exit__(self, *_: object) -> None:
        self.server.kill()
        self.server.wait()
        self.temporary.cleanup()

    @contextmanager
    def other_manifest(self, text: str) -> Iterator[None]:
        manifest = self.folder / "pinpoint-streams.toml"
        manifest.write_text(text)
        try:
            yield
        finally:
            manifest.write_text(self.world.manifest)

    def program(self, line: str, limits: Limits = Limits(), codes: tuple[int, ...] = (0,), caller: str | None = None) -> Run:
        return self._run([self.binaries.program, *line.split(), "-q"], limits, codes, caller)

    def baseline(self, command: str, *arguments: str, limits: Limits = Limits()) -> Run:
        return self._run([self.binaries.baseline, command, self.seed, *arguments], limits)

    def _run(self, command: list, limits: Limits, codes: tuple[int, ...] = (0,), caller: str | None = None) -> Run:
        reset = urllib.request.Request(self.url + "/reset", data=limits.flags().encode(), method="POST")
        urllib.request.urlopen(reset).close()
        keys = {"AWS_ACCESS_KEY_ID": f"SANDBOX{caller or self.world.accounts[0]}", "AWS_SECRET_ACCESS_KEY": "any"}
        settings = {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true"}
        files = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
        others = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment = {**others, **keys, **settings, **files}
        endpoint_cpu, began = self._endpoint_cpu(), time.monotonic()
        with (self.folder / "errors.txt").open("w+") as errors:
            process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
            _, status, usage = os.wait4(process.pid, 0)
            seconds, code = time.monotonic() - began, os.waitstatus_to_exitcode(status)
            process.returncode = code
            if code not in codes:
                errors.seek(0)
                raise SystemExit(f"{' '.join(map(str, command))}: exit code {code}\n{errors.read()[:2000]}")
        with urllib.request.urlopen(self.url + "/calls") as answer:
            calls = json.load(answer)
        cpu, memory = usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024
        return Run(limits, seconds, cpu, self._endpoint_cpu() - endpoint_cpu, memory, calls)

    def _endpoint_cpu(self) -> float:
        """Source: proc_pid_stat(5), fields `utime` and `stime`."""
        fields = Path(f"/proc/{self.server.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

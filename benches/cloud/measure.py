"""Times the program against AWS over HTTP in a process of its own (see src/main.rs), release builds of both.

    python3 benches/cloud/measure.py [APPS]      1,200 apps unless told: a full account, 100 apps in each of 12 regions

Prints what each command took, its calls, its memory, and the bound that the limits set; exits with 1 if a row misses its
target. Nothing else should run on the machine meanwhile.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT = "123456789012"
REGIONS = """us-east-1 us-east-2 us-west-2 ap-south-1 ap-northeast-1 ap-northeast-2 ap-southeast-1 ap-southeast-2
ca-central-1 eu-central-1 eu-west-1 eu-west-2""".split()
MANIFEST = f"""version = 1
workspace = "bench"

[accounts.default]
id = "{ACCOUNT}"

[notices]
end_of_support = false

[streams.clicks]
kinesis = "clicks"
"""


def built(manifest: Path, name: str) -> Path:
    command = ["cargo", "build", "--release", "--quiet", "--manifest-path", manifest, "--message-format=json"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    artifacts = (json.loads(line) for line in lines)
    return next(Path(each["executable"]) for each in artifacts if each.get("executable") and each["target"]["name"] == name)


class Bench:
    def __init__(self, folder: Path, apps: int) -> None:
        self.folder, self.missed = folder, False
        self.program = built(ROOT / "Cargo.toml", "pinpoint-streams")
        endpoint = built(ROOT / "benches/cloud/Cargo.toml", "pinpoint-streams-cloud-bench")
        ids = [(REGIONS[nth % len(REGIONS)], f"{nth:032x}") for nth in range(apps)]
        seed = {
            "id": ACCOUNT,
            "partition": "aws",
            "apps": [{"region": region, "id": app, "name": f"App {app}"} for region, app in ids],
            "streams": [{"arn": f"arn:aws:kinesis:{region}:{ACCOUNT}:stream/clicks"} for region in REGIONS],
        }
        (folder / "seed.json").write_text(json.dumps({"accounts": [seed]}))
        blocks = [f'[apps.app{app[-5:]}]\nid = "{app}"\nregion = "{region}"\nstream = "clicks"\n' for region, app in ids]
        (folder / "pinpoint-streams.toml").write_text(MANIFEST + "\n" + "\n".join(blocks))
        self.server = subprocess.Popen([endpoint, folder / "seed.json"], stdout=subprocess.PIPE, text=True)
        self.url = self.server.stdout.readline().strip()
        keys = {"AWS_ACCESS_KEY_ID": f"SANDBOX{ACCOUNT}", "AWS_SECRET_ACCESS_KEY": "any", "AWS_REGION": "us-east-1"}
        self.environment = {**os.environ, **keys, "AWS_ENDPOINT_URL": self.url, "AWS_EC2_METADATA_DISABLED": "true"}

    def row(self, what: str, line: str, flags: str, most: float | None = None) -> None:
        """`most` is the target in seconds."""
        urllib.request.urlopen(urllib.request.Request(self.url + "/reset", data=flags.encode(), method="POST")).close()
        began = time.monotonic()
        process = subprocess.Popen([self.program, *line.split(), "-q"], cwd=self.folder, env=self.environment,
                                   stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        took, code = time.monotonic() - began, os.waitstatus_to_exitcode(status)
        if code != 0:
            sys.exit(f"{what}: exit code {code}")
        with urllib.request.urlopen(self.url + "/calls") as answer:
            counts = json.load(answer).values()
        calls, refused = sum(each["answered"] for each in counts), sum(each["refused"] for each in counts)
        verdict = "" if most is None else f", at most {most:.1f} s: {'reached' if took <= most else 'MISSED'}"
        self.missed |= most is not None and took > most
        cpu = usage.ru_utime + usage.ru_stime
        print(f"{what}: {took:.2f} s{verdict}; {calls} calls, {refused} refused; CPU {cpu:.2f} s, {usage.ru_maxrss // 1024} MB")


def main() -> None:
    apps = int(sys.argv[1]) if len(sys.argv) > 1 else 1200
    writes = "--limit CreateRole=15 --limit PutRolePolicy=15 --limit PutEventStream=300 --limit GetEventStream=300"
    reads = "--limit GetEventStream=300 --limit GetApps=300 --limit DescribeStreamSummary=300"
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), apps)
        try:
            bench.row("first apply, no latency", "apply --auto-approve", "")
            bench.row("plan, no latency", "plan", "")
            full = apps <= 1200
            bench.row("plan, 50 ms, 300 reads/s", "plan", f"--latency 50 {reads}", 1.0 if full else None)
            bench.row("the same, --parallelism 10", "plan --parallelism 10", f"--latency 50 {reads}")
            bench.row("destroy, no latency", "destroy --auto-approve --allow-mass-delete", "")
            bench.row("apply, 50 ms", "apply --auto-approve", "--latency 50", 5.0 if full else None)
            bench.row("destroy, no latency", "destroy --auto-approve --allow-mass-delete", "")
            # Both IAM operations take a call for each app, side by side.
            bench.row("apply, 50 ms, 15 IAM writes/s", "apply --auto-approve", f"--latency 50 {writes}", 1.1 * apps / 15)
        finally:
            bench.server.kill()
    sys.exit(1 if bench.missed else 0)


if __name__ == "__main__":
    main()

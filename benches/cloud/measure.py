"""Measures the program against an AWS endpoint on the loopback (see src/bin/endpoint), and checks the targets.

    python3 benches/cloud/measure.py [--only WORD] [--json FILE] [--plot FILE.svg]

Linux only. Nothing else should run on the machine meanwhile. Exits with 1 if a row misses its target. See
docs/performance.md.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import plot
from bench import Bench
from harness import Binaries
from rows import all_rows


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measures pinpoint-streams against an AWS endpoint on the loopback.")
    program = os.environ.get("PINPOINT_STREAMS")
    parser.add_argument("--program", type=Path, default=program and Path(program), metavar="PATH",
                        help="a binary to measure, also by PINPOINT_STREAMS [default: a release build]")
    parser.add_argument("--endpoint-folder", type=Path, metavar="DIR",
                        help="where the binaries endpoint and baseline are [default: a release build]")
    parser.add_argument("--without-sandbox", type=Path, metavar="PATH", help="a binary without the sandbox, for its size")
    parser.add_argument("--only", action="append", default=[], metavar="WORD",
                        help="only rows with this text in their name; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="plot the time of a plan over the number of apps")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    bench = Bench(Binaries.find(options.program, options.endpoint_folder), options.without_sandbox)
    rows = [row for row in all_rows(bench) if not options.only or any(word in row.what for word in options.only)]
    if not rows:
        sys.exit(f"no row is named {' or '.join(options.only)}")
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    if load > processors / 4:
        print(f"warning: the load average is {load:.1f}: times will be too long", file=sys.stderr)
    outcomes = []
    with bench.open:
        print("| row | reached | target | |\n| --- | ---: | --- | --- |")
        for row in rows:
            outcome = row.measure(bench)
            outcomes.append((row, outcome))
            verdict = "ok" if outcome.ok else "MISSED"
            note = f" ({outcome.note})" if outcome.note else ""
            print(f"| {row.what} | {outcome.reached}{note} | {outcome.target} | {verdict} |", flush=True)
        if options.plot:
            options.plot.write_text(plot.svg(plot.measure(bench)))
    if options.json:
        figures = [{"row": row.what, **vars(outcome)} for row, outcome in outcomes]
        options.json.write_text(json.dumps(figures, indent=1) + "\n")
    sys.exit(any(not outcome.ok for _, outcome in outcomes))


if __name__ == "__main__":
    main()

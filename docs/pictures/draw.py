#!/usr/bin/env python3
"""Draws the pictures of the documentation from what the program prints.

    python3 docs/pictures/draw.py target/debug/pinpoint-streams

Each picture is the output of commands in an empty directory, with color, at 100 columns. The embedded AWS account makes
them the same on every machine.
"""
import html
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COLUMNS = 100
CHARACTER, LINE, MARGIN = 8.4, 19, 16
COLORS = {31: "#f97583", 32: "#85e89d", 33: "#ffdf5d", 36: "#79c0ff"}

# Name, manifest, commands that prepare, and the command that is shown.
PICTURES = [
    ("plan", ROOT / "pinpoint-streams.toml", [], ["--sandbox", "plan"]),
    ("sweep", None, [["--sandbox", "sandbox", "seed", str(ROOT / "examples/leftovers.json")]], ["--sandbox", "sweep"]),
]


def output(program, manifest, preparing, shown):
    with tempfile.TemporaryDirectory() as directory:
        if manifest:
            (Path(directory) / "pinpoint-streams.toml").write_text(manifest.read_text())
        environment = {**os.environ, "COLUMNS": str(COLUMNS), "CLICOLOR_FORCE": "1"}
        environment.pop("NO_COLOR", None)
        for arguments in preparing:
            subprocess.run([program, *arguments], cwd=directory, env=environment, check=True, capture_output=True)
        answer = subprocess.run([program, *shown], cwd=directory, env=environment, capture_output=True, text=True)
        if answer.returncode not in (0, 2, 6):
            sys.exit(f"{' '.join(shown)} exits with {answer.returncode}:\n{answer.stderr}")
        return answer.stdout


def spans(line):
    """The pieces of a line, each with the codes of its style."""
    codes = set()
    for piece in re.split(r"(\x1b\[[0-9;]*m)", line):
        if piece.startswith("\x1b["):
            for code in (int(code or 0) for code in piece[2:-1].split(";")):
                codes = set() if code == 0 else codes | {code}
        elif piece:
            yield piece, frozenset(codes)


def styled(piece, codes):
    color = next((COLORS[code] for code in codes if code in COLORS), "#8b949e" if 2 in codes else None)
    style = (f' fill="{color}"' if color else "") + (' font-weight="bold"' if 1 in codes else "")
    return f"<tspan{style}>{html.escape(piece)}</tspan>"


def drawn(command, text):
    lines = ["\x1b[2m$\x1b[0m \x1b[1m" + command + "\x1b[0m", *text.rstrip("\n").split("\n")]
    width = 2 * MARGIN + round(COLUMNS * CHARACTER)
    height = 2 * MARGIN + len(lines) * LINE
    rows = "\n".join(
        f'<text x="{MARGIN}" y="{MARGIN + (at + 1) * LINE - 5}">{"".join(styled(*span) for span in spans(line))}</text>'
        for at, line in enumerate(lines)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="#e6edf3" '
        f'xml:space="preserve">\n<rect width="100%" height="100%" rx="8" fill="#0d1117"/>\n{rows}\n</svg>\n'
    )


def main():
    program = str(Path(sys.argv[1]).resolve()) if len(sys.argv) == 2 else sys.exit(__doc__)
    for name, manifest, preparing, shown in PICTURES:
        text = output(program, manifest, preparing, shown)
        (HERE / f"{name}.svg").write_text(drawn("pinpoint-streams " + " ".join(shown), text))


main()

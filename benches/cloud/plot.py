"""The time of a plan over the number of apps, for the program and the obvious pattern, as an SVG."""

import math

from bench import APPS, READS, Bench, plan

SIZES = (100, 200, 400, 800, APPS)
PROGRAM, OBVIOUS = "pinpoint-streams plan", "one call after the other, 10 apps at a time"
WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 80, 40, 80, 70
STYLE = """
  .paper { fill: #ffffff } text { font: 14px system-ui, sans-serif; fill: #24292f } .grid { stroke: #d0d7de }
  .program { stroke: #0550ae; fill: #0550ae } .obvious { stroke: #bc4c00; fill: #bc4c00 }
  .line { fill: none; stroke-width: 2.5 }
  text.program, text.obvious { stroke: none; font-weight: 600 } .heading { font-size: 16px; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #3d444d }
    .program { stroke: #79c0ff; fill: #79c0ff } .obvious { stroke: #ffa657; fill: #ffa657 }
    .line { fill: none } text.program, text.obvious { stroke: none }
  }"""

Points = list[tuple[int, float]]


def measure(bench: Bench) -> dict[str, Points]:
    """Seconds by number of apps."""
    points: dict[str, Points] = {PROGRAM: [], OBVIOUS: []}
    for apps in SIZES:
        if apps == APPS:
            ours, obvious = bench.limited_plan, bench.obvious_reads
        else:
            cloud = bench.applied(apps)
            ours, obvious = plan(cloud), cloud.baseline("read", limits=READS)
        points[PROGRAM].append((apps, ours.seconds))
        points[OBVIOUS].append((apps, obvious.seconds))
    return points


def svg(points: dict[str, Points]) -> str:
    """Both axes are logarithmic: the times are a factor of a hundred apart."""
    seconds = [second for line in points.values() for _, second in line]
    low, high = 10 ** math.floor(math.log10(min(seconds))), 10 ** math.ceil(math.log10(max(seconds)))
    first, last = SIZES[0] / 1.15, SIZES[-1] * 1.15

    def x(apps: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * math.log(apps / first) / math.log(last / first)

    def y(second: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * math.log(second / low) / math.log(high / low)

    parts = []
    for apps in SIZES:
        parts.append(f'<line class="grid" x1="{x(apps):.1f}" x2="{x(apps):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        parts.append(f'<text x="{x(apps):.1f}" y="{HEIGHT - BOTTOM + 22}" text-anchor="middle">{apps:,}</text>')
    for tick in (digit * 10**power for power in range(-3, 4) for digit in (1, 2, 5)):
        if low <= tick <= high:
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}"/>')
            parts.append(f'<text x="{LEFT - 10}" y="{y(tick) + 5:.1f}" text-anchor="end">{tick:g}</text>')
    for kind, name, legend in (("program", PROGRAM, LEFT), ("obvious", OBVIOUS, LEFT + 230)):
        line = [(x(apps), y(second)) for apps, second in points[name]]
        drawn = " ".join(f"{across:.1f},{down:.1f}" for across, down in line)
        parts.append(f'<polyline class="line {kind}" points="{drawn}"/>')
        for (across, down), (_, second) in zip(line, points[name]):
            parts.append(f'<circle class="{kind}" cx="{across:.1f}" cy="{down:.1f}" r="4"/>')
            place = f'x="{across:.1f}" y="{down - 12:.1f}" text-anchor="middle"'
            parts.append(f'<text class="{kind}" {place}>{rounded(second)}</text>')
        parts.append(f'<circle class="{kind}" cx="{legend + 6}" cy="51" r="4"/>')
        parts.append(f'<text class="{kind}" x="{legend + 18}" y="56">{name}</text>')
    middle = (TOP + HEIGHT - BOTTOM) / 2
    body = "\n".join(f"  {part}" for part in parts)
    root = f'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f"""<svg {root} role="img" aria-labelledby="title desc">
  <title id="title">Time of a plan over the number of apps</title>
  <desc id="desc">{description(points)}</desc>
  <style>{STYLE}
  </style>
  <rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>
  <text class="heading" x="{LEFT}" y="28">Time of a plan at 50 ms a call, nothing to change</text>
  <text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 18}" text-anchor="middle">apps (logarithmic)</text>
  <text transform="translate(24 {middle}) rotate(-90)" text-anchor="middle">seconds (logarithmic)</text>
{body}
</svg>
"""


def description(points: dict[str, Points]) -> str:
    def listed(line: Points) -> str:
        return ", ".join(f"{rounded(second)} for {apps:,} apps" for apps, second in line)

    return "Both axes are logarithmic. " + "; ".join(f"{name}: {listed(line)}" for name, line in points.items()) + "."


def rounded(second: float) -> str:
    return f"{second:.2f} s" if second < 10 else f"{second:.0f} s"

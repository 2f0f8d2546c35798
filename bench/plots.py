"""The picture of docs/search.svg: how long a search takes here and in other engines, by how many claims are on file.

    python -m bench.plots --write FIGURES.json ...     # figures of bench.search_at_scale --json, one file for each size; kept in docs/search.json
    python -m bench.plots                              # draws those that are kept, and prints them as a table

Everything in it is measured; where the load of the machine was above one half at the start of a measurement, it says so.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Sequence
from html import escape
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.measuring import table

DOCS = Path(__file__).resolve().parent.parent / "docs"
OWN = {"Claimtrail, ranked and explained": "candidates, ranked and explained", "Claimtrail, vectors alone": "limit: encoding and vectors alone"}
COLOURS = ("#1d4ed8", "#60a5fa", "#9a3412", "#ca8a04", "#15803d", "#7e22ce", "#be185d")
WIDE, HIGH, LEFT, TOP, RIGHT = 460, 300, 60, 40, 240
IDLE = 0.5  # load up to which nothing else ran
Line = list[tuple[int, float, float]]  # (claims, p50 in ms, p99 in ms), by claims


def lines(figures: Sequence[dict]) -> dict[str, Line]:
    """Of each engine what was measured; how far it looks is no part of its name. Where no engines were compared, our own are those of the searches."""
    found: dict[str, Line] = {}
    for told in figures:
        peers = told.get("peers") or {name: told[key] for name, key in OWN.items() if key in told}
        for name, measured in peers.items():
            short = name.partition(", efSearch")[0].partition(", expansion")[0]
            found.setdefault(short, []).append((told["claims"], 1000 * measured["p50"], 1000 * measured["p99"]))
    return {name: sorted(points) for name, points in found.items()}


def chosen(figures: Sequence[dict]) -> list[dict]:
    """One measurement for each number of claims, that with the fewest statements; by claims."""
    by_claims: dict[int, dict] = {}
    for told in sorted(figures, key=lambda told: (told["claims"], told["statements"])):
        by_claims.setdefault(told["claims"], told)
    return list(by_claims.values())


def draw(figures: Sequence[dict]) -> str:
    """Both axes logarithmic; p50 as a line, p99 as dashes of the same colour."""
    found = lines(figures)
    sizes, times = [n for points in found.values() for n, _, _ in points], [ms for points in found.values() for _, *both in points for ms in both]
    low_x, high_x = math.floor(math.log10(min(sizes))), max(math.ceil(math.log10(max(sizes))), math.floor(math.log10(min(sizes))) + 1)
    low_y, high_y = math.floor(math.log10(min(times))), max(math.ceil(math.log10(max(times))), math.floor(math.log10(min(times))) + 1)

    def x(claims: float) -> float:
        return LEFT + WIDE * (math.log10(claims) - low_x) / (high_x - low_x)

    def y(ms: float) -> float:
        return TOP + HIGH * (1 - (math.log10(ms) - low_y) / (high_y - low_y))

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDE + RIGHT} {TOP + HIGH + 60}" role="img" font-family="sans-serif" font-size="12" fill="#333">',
        '<title>Time of a search by claims on file, here and in other engines</title><rect width="100%" height="100%" fill="#fff"/>',
        f'<text x="14" y="18">ms from a text to ten claims: p50 as a line, p99 as dashes{_under_load(figures)}</text>',
        f'<text x="{LEFT + WIDE / 2}" y="{TOP + HIGH + 44}" text-anchor="middle">claims on file</text>',
    ]
    for power in range(low_x, high_x + 1):
        parts.append(f'<path d="M{x(10**power):.0f} {TOP}v{HIGH}" stroke="#ddd"/><text x="{x(10**power):.0f}" y="{TOP + HIGH + 18}" text-anchor="middle">{10**power:,}</text>')
    for power in range(low_y, high_y + 1):
        parts.append(f'<path d="M{LEFT} {y(10.0**power):.0f}h{WIDE}" stroke="#ddd"/><text x="{LEFT - 6}" y="{y(10.0**power) + 4:.0f}" text-anchor="end">{10**power:,}</text>')
    for number, (name, points) in enumerate(found.items()):
        colour, row = COLOURS[number % len(COLOURS)], TOP + 14 + 20 * number
        for place, look in ((1, ""), (2, ' stroke-dasharray="3 4"')):
            way = " ".join(f"{x(point[0]):.1f},{y(point[place]):.1f}" for point in points)
            parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="{3 - place}"{look}/>')
        parts += [f'<circle cx="{x(n):.1f}" cy="{y(ms):.1f}" r="{3 if which == 0 else 2}" fill="{colour}"/>' for n, *both in points for which, ms in enumerate(both)]
        parts.append(f'<path d="M{LEFT + WIDE + 14} {row - 4}h18" stroke="{colour}" stroke-width="2"/><text x="{LEFT + WIDE + 38}" y="{row}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _under_load(figures: Sequence[dict]) -> str:
    sizes = [f"{told['claims']:,}" for told in figures if told.get("load", 0) > IDLE]
    return f"; other work ran beside that of {', '.join(sizes)}" if sizes else ""


def summary(figures: Sequence[dict]) -> str:
    rows = [(name, f"{n:,}", f"{p50:.1f}", f"{p99:.1f}") for name, points in lines(figures).items() for n, p50, p99 in points]
    return table(("from a text to ten claims", "claims", "p50, ms", "p99, ms"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", nargs="+", type=Path, metavar="FIGURES", help="Keep these figures instead.")
    given = parser.parse_args()
    kept = DOCS / "search.json"
    if given.write:
        found = chosen([json.loads(f.read_text(encoding="utf-8")) for f in given.write])
        wanted = [{k: told[k] for k in ("claims", "statements", "load", "peers", *OWN.values()) if k in told} for told in found]
        kept.write_text(json.dumps(wanted, indent=1) + "\n", encoding="utf-8")
    figures = json.loads(kept.read_text(encoding="utf-8"))
    (DOCS / "search.svg").write_text(draw(figures), encoding="utf-8")
    print(summary(figures))


if __name__ == "__main__":
    main()

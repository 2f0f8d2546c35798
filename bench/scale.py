"""From measured cost per row to ten million, a hundred million and a billion: writes the tables and the plot of docs/scale.md.

    python -m bench.scale --write FIGURES.json ...     # figures of bench.search_at_scale --json, one file per size, smallest first
    python -m bench.scale                              # prints the tables from the figures kept in docs/scale.json

What is measured and what is worked out stands apart in both. The assumptions: time and bytes grow with the rows but for what does not depend
on them; cores share the comparing of sketches and words evenly; a shard is a machine of 16 cores and 64 GB and answers in its own time, plus
``GATHER`` milliseconds for putting the answers of all together.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.measuring import table  # noqa: E402

DOCS = Path(__file__).resolve().parent.parent / "docs"
SIZES = (10**7, 10**8, 10**9)
CORES, SHARD_CORES, SHARD_GB, GATHER = 2, 16, 64, 5.0
TEXTS_A_SECOND = 150  # and two cores; measured by bench.encoder
PRICE = 0.6  # an hour of such a machine, in euros: an assumption, look at what yours costs
PAGE = "page of results, with counts"


def costs(figures: list[dict]) -> dict[str, float]:
    """Milliseconds that do not depend on the rows, milliseconds and bytes a row: a line through the smallest and the largest store."""
    first, last = figures[0], figures[-1]
    rows = [f["claims"] + f["statements"] for f in (first, last)]
    times = [1000 * f[PAGE]["cpu"] for f in (first, last)]
    slope = max((times[1] - times[0]) / (rows[1] - rows[0]), 0.0)
    size = {name.removeprefix("MB "): 1e6 * value / rows[1] for name, value in last.items() if name.startswith("MB ")}
    return {"fixed": times[0] - slope * rows[0], "a row": slope, **{f"bytes {name}": value for name, value in size.items()}}


def cost_table(figures: list[dict]) -> str:
    found = costs(figures)
    last = figures[-1]
    told = {"own": "memory of the process", "mapped": "memory that files are mapped to"}
    names = {name: name.removeprefix("bytes ") for name in found if name.startswith("bytes ") and found[name] >= 1}
    rows = [(f"of each row, {told.get(short, 'the file ' + short)}", f"{found[name]:,.0f} bytes", "measured") for name, short in names.items()]
    rows += [(f"processor time of a page, {f['claims']:,} claims and {f['statements']:,} statements", f"{1000 * f[PAGE]['cpu']:.0f} ms", "measured") for f in figures]
    rows += [
        ("of it, whatever the number of rows", f"{found['fixed']:.0f} ms", "worked out"),
        ("of it, for each million rows", f"{1e6 * found['a row']:.0f} ms", "worked out"),
        ("recall@10 against an exact comparison", f"{last['recall all']:.3f}", "measured"),
    ]
    return table(("what", "how much", "how it is known"), rows)


def size_table(figures: list[dict]) -> str:
    found = costs(figures)
    stored = sum(v for n, v in found.items() if n.startswith("bytes ") and n not in ("bytes own", "bytes mapped"))
    memory = found["bytes own"] + found["bytes mapped"]
    rows = []
    for size in SIZES:
        shards = max(1, math.ceil(size * memory / (SHARD_GB * 0.6 * 1e9)), math.ceil(size / shard_rows(found)))
        one = found["fixed"] + found["a row"] * size * CORES / SHARD_CORES / shards
        rows.append(
            (
                f"{size:,}", f"{size * stored / 1e9:,.0f} GB", f"{size * memory / 1e9:,.0f} GB", f"{found['fixed'] + found['a row'] * size:,.0f} ms", f"{shards}",
                f"{one + (GATHER if shards > 1 else 0):,.0f} ms", f"{size / TEXTS_A_SECOND / 86_400:,.0f} days", f"{shards * PRICE * 24 * 30:,.0f} €",
            )
        )  # fmt: skip
    head = ("rows", "on disk", "in memory", "a page on 2 cores", f"shards of {SHARD_CORES} cores", "a page then", "encoding them on 2 cores", "a month, about")
    return table(head, rows) + f"\nAll of this table is worked out, none of it measured; a machine is taken to cost {PRICE} € an hour.\n"


def shard_rows(found: dict[str, float], most: float = 100.0) -> float:
    """How many rows a shard may hold if the part of a page that grows with them is to stay under so many milliseconds."""
    return max(most / max(found["a row"] * CORES / SHARD_CORES, 1e-12), 1.0)


def plot(figures: list[dict]) -> str:
    """Time of a page by rows, both axes logarithmic: dots are measured, lines are worked out."""
    found = costs(figures)
    left, top, width, height = 60, 20, 560, 260
    spot = lambda rows, ms: (left + width * (math.log10(rows) - 4) / 5, top + height * (1 - (math.log10(max(ms, 10)) - 1) / 4.5))  # noqa: E731
    one = [spot(10 ** (4 + i / 8), found["fixed"] + found["a row"] * 10 ** (4 + i / 8)) for i in range(41)]
    sharded = []
    for i in range(41):
        rows = 10 ** (4 + i / 8)
        shards = max(1, math.ceil(rows / shard_rows(found)))
        sharded.append(spot(rows, found["fixed"] + found["a row"] * rows * CORES / SHARD_CORES / shards + (GATHER if shards > 1 else 0)))
    line = lambda points: " ".join(f"{x:.1f},{y:.1f}" for x, y in points)  # noqa: E731
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 680 340" role="img" font-family="sans-serif" font-size="12" fill="#333">', '<rect width="680" height="340" fill="#fff"/>']
    for power in range(4, 10):
        x = spot(10**power, 10)[0]
        parts.append(f'<path d="M{x:.0f} {top}V{top + height}" stroke="#ddd"/><text x="{x:.0f}" y="{top + height + 18}" text-anchor="middle">{10**power:,}</text>')
    for ms in (10, 100, 1_000, 10_000, 100_000):
        y = spot(1e4, ms)[1]
        parts.append(f'<path d="M{left} {y:.0f}H{left + width}" stroke="#ddd"/><text x="{left - 6}" y="{y + 4:.0f}" text-anchor="end">{ms:,}</text>')
    parts.append(f'<polyline points="{line(one)}" fill="none" stroke="#9a3412" stroke-width="2" stroke-dasharray="6 4"/>')
    parts.append(f'<polyline points="{line(sharded)}" fill="none" stroke="#1d4ed8" stroke-width="2" stroke-dasharray="2 4"/>')
    for f in figures:
        x, y = spot(f["claims"] + f["statements"], 1000 * f[PAGE]["cpu"])
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="#9a3412"/>')
    parts += [
        f'<text x="{left + width / 2}" y="325" text-anchor="middle">rows</text><text x="14" y="12">ms of processor for a page of results</text>',
        f'<text x="{left + 12}" y="{top + 16}" fill="#9a3412">dots: measured; dashes: worked out, one machine with {CORES} cores</text>',
        f'<text x="{left + 12}" y="{top + 32}" fill="#1d4ed8">dotted: worked out, shards of {SHARD_CORES} cores</text></svg>',
    ]
    return "\n".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", nargs="+", type=Path, metavar="FIGURES", help="Take these figures and write docs/scale.md, .json and .svg anew.")
    given = parser.parse_args()
    kept = DOCS / "scale.json"
    if given.write:
        kept.write_text(json.dumps([json.loads(f.read_text(encoding="utf-8")) for f in given.write], indent=1) + "\n", encoding="utf-8")
    figures = json.loads(kept.read_text(encoding="utf-8"))
    tables = {"--costs": cost_table(figures), "--sizes": size_table(figures)}
    if given.write:
        text = (DOCS / "scale.md").read_text(encoding="utf-8")
        for name, made in tables.items():
            text = re.sub(rf"(<!-- begin: python -m bench.scale {name} -->\n).*?(<!-- end -->)", lambda m, made=made: m[1] + made + m[2], text, flags=re.S)
        (DOCS / "scale.md").write_text(text, encoding="utf-8")
        (DOCS / "scale.svg").write_text(plot(figures) + "\n", encoding="utf-8")
    print("\n".join(tables.values()))


if __name__ == "__main__":
    main()

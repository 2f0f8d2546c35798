"""The picture of a soak: memory and open files by the second, waiting times by the minute, as a small SVG."""

from __future__ import annotations

from collections.abc import Sequence

WIDE, HIGH, LEFT, TOP = 720, 150, 60, 24


def soak(samples: Sequence[tuple[float, float, int]], minutes: Sequence[tuple[float, float]]) -> str:
    """Three panels over one time axis: memory (MB), open files, p99 of each minute (ms)."""
    length = max(samples[-1][0], 1.0)
    panels = (
        ("Memory of the server, MB", [(at, mb) for at, mb, _ in samples]),
        ("Open files of the server", [(at, float(files)) for at, _, files in samples]),
        ("p99 of each minute, ms", [((minute + 0.5) * 60, ms) for minute, ms in minutes if (minute + 0.5) * 60 <= length]),
    )
    height = TOP + len(panels) * (HIGH + 44)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE + LEFT + 20} {height}" font-family="sans-serif" font-size="12">',
        "<style>svg{background:#fff}text{fill:#333}.line{fill:none;stroke:#1f5aa6;stroke-width:1.5}.axis{stroke:#999}</style>",
    ]
    for n, (title, points) in enumerate(panels):
        top = TOP + n * (HIGH + 44)
        most = max([value for _, value in points], default=1.0) * 1.1 or 1.0
        line = " ".join(f"{LEFT + at / length * WIDE:.1f},{top + HIGH - value / most * HIGH:.1f}" for at, value in points)
        parts += [
            f'<text x="{LEFT}" y="{top - 8}">{title}</text>',
            f'<line class="axis" x1="{LEFT}" y1="{top + HIGH}" x2="{LEFT + WIDE}" y2="{top + HIGH}"/>',
            f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end">{most:,.0f}</text><text x="{LEFT - 6}" y="{top + HIGH}" text-anchor="end">0</text>',
            f'<text x="{LEFT + WIDE}" y="{top + HIGH + 16}" text-anchor="end">{length / 60:.0f} min</text>',
            f'<polyline class="line" points="{line}"/>',
        ]
    return "\n".join([*parts, "</svg>"]) + "\n"

"""How long the second stage takes for 100 candidates: ``python -m bench.second_stage``. Limit of the design: 30 ms."""

from __future__ import annotations

import time

from factcheck import secondstage
from factcheck.pairfeatures import Asked, Found, Offered

BODY = "He said that the country had never had so few people out of work, and he repeated it at a rally in Ohio. " * 11
NEAR = Found(0.9, 0.92, 0.91, 0.95, 0.5, 0.25, 0.75, 2)


def main() -> None:
    pairs = [(Offered(f"Unemployment is the lowest in {i} years.", "Is it the lowest?", BODY, "A B"), NEAR) for i in range(100)]
    taken = []
    for i in range(20):
        asked = Asked(f"The unemployment rate is the lowest in {i + 40} years, the lowest ever.", "Donald Trump", "We won.", "Big.")
        began = time.process_time()
        secondstage.judge(asked, pairs)
        taken.append((time.process_time() - began) * 1000)
    print(f"100 candidates: best {min(taken):.1f} ms, median {sorted(taken)[len(taken) // 2]:.1f} ms of processor time")


if __name__ == "__main__":
    main()

"""Count in how many texts each word stem stands, and write how much a word tells: ``factcheck/data/word_weights.tsv``.

    python training/count_words.py --claims FILE... --german FILE...

German articles are cut into sentences of a claim's length, so that the counts of the two languages can be compared.
"""

from __future__ import annotations

import argparse
import collections
import math
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from factcheck.training.pairs import passage, read_claims, read_rows  # noqa: E402
from factcheck.wordings import WEIGHTS_FILE, short_forms  # noqa: E402

KEPT = 4000  # stems; all others are rare and weigh the most


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=Path, nargs="+", required=True, help="claim files (English)")
    parser.add_argument("--german", type=Path, nargs="+", required=True, help="files of German articles with a text")
    args = parser.parse_args()
    lines = ["# How much a word tells: stem (six letters, folded), natural logarithm of texts by texts that hold it. Counted by training/count_words.py."]
    weights: dict[str, float] = {}
    for texts in ([passage(c) for c in read_claims(args.claims).values()], _sentences(args.german)):
        counts = collections.Counter(form for text in texts for form in set(short_forms(text)))
        for form, count in counts.most_common(KEPT):
            weight = math.log(len(texts) / count)
            weights[form] = min(weight, weights.get(form, weight))
    lines += [f"{form}\t{weight:.1f}" for form, weight in sorted(weights.items())]
    WEIGHTS_FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(weights)} stems")


def _sentences(paths: list[Path]) -> list[str]:
    return [s for path in paths for row in read_rows(path) for s in re.split(r"(?<=[.!?])\s+", row["text"]) if len(s) > 20]


if __name__ == "__main__":
    main()

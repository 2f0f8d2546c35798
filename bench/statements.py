"""Articles to statements in a second, beside the network alone over the same words.

    python -m bench.statements [ARTICLES.jsonl]

Reads JSON Lines with a ``text`` (by default the articles of the tests), cut or joined to 400 words each. Prints articles a second of the
whole extraction, of the network alone over the same windows, and of the rules alone. Run it while nothing else runs.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from factcheck import embed, language, statements
from factcheck.embed import Encoder, open_encoder
from factcheck.extraction import first_reading, judging
from factcheck.extraction.reader import tagger_of
from factcheck.records import Article
from factcheck.settings import read_settings

WORDS, ARTICLES, ROUNDS, AT_ONCE = 400, 40, 3, 2
OWN = Path(__file__).resolve().parent.parent / "tests" / "articles"

def articles(path: Path | None) -> list[Article]:
    """Texts of 400 words: whole paragraphs, one after the other, cut where it is enough."""
    if path:
        texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()]
    else:
        texts = [p.read_text(encoding="utf-8") for p in sorted(OWN.glob("*.txt")) if not p.stem.startswith(("debate", "fernseh"))]
    spoken: dict[str, list[str]] = {}
    for text in texts:
        spoken.setdefault(language.detect(text) or "", []).append(text)
    found = []
    for code, some in spoken.items():
        parts: list[str] = []
        for paragraph in "\n\n".join(some * (1 if path else 20)).split("\n\n"):
            parts.append(paragraph)
            if sum(len(p.split()) for p in parts) >= WORDS:
                words = "\n\n".join(parts)
                found.append(Article(id=0, text=words, language=code, published_at="2026-03-12"))
                parts = []
    step = max(1, len(found) // ARTICLES)
    return found[::step][:ARTICLES]

def rate(work: Callable[[Article], object], some: Sequence[Article]) -> float:
    """Articles a second, the best of a few rounds: two at once."""
    best = 0.0
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for _ in range(ROUNDS):
            began = time.perf_counter()
            list(threads.map(work, some))
            best = max(best, len(some) / (time.perf_counter() - began))
    return best

def judged(some: Sequence[Article], encoder: Encoder) -> float:
    """Extraction with check-worthiness, nature and promises: all that an article goes through before it is matched."""
    return rate(lambda a: judging.judge(statements.extract(a, (), encoder), a.language, encoder), some)


def main() -> None:
    some = articles(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    encoder = open_encoder(read_settings())
    tagger = tagger_of(encoder)
    assert tagger
    words = [first_reading.words(a.text, a.language or "") for a in some]
    by_text = {a.text: w for a, w in zip(some, words, strict=True)}
    statements.extract(some[0], (), encoder)
    mean = sum(len(a.text.split()) for a in some) / len(some)
    print(f"read with {type(tagger).__name__}; encoder: {embed.engine(encoder)}")
    print(f"{len(some)} articles of {mean:.0f} words")
    print(f"the network alone            {rate(lambda a: tagger.encode(a.text, by_text[a.text]), some):6.2f} articles/s")
    print(f"article to statements        {rate(lambda a: statements.extract(a, (), encoder), some):6.2f} articles/s")
    print(f"with what they are judged to be {judged(some, encoder):6.2f} articles/s")
    print(f"the rules alone              {rate(lambda a: statements.extract(a), some):6.2f} articles/s")

if __name__ == "__main__":
    main()

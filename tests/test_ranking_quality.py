"""The quality gate: matching on the dev sets must not get worse than what was measured, with the same data.

A subset keeps it short: the right claims of all dev queries and every 25th other claim. Full figures are in docs/BENCHMARKS.md.
The floors stand in floors.json.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from factcheck.evaluation import matching
from factcheck.evaluation.matching import calibration_error
from tests.floors import assert_same_data, ceiling, floor
from tests.prepared import kept_vectors

OWN = Path(__file__).parent / "pairs" / "german_dev.jsonl"
EVERY = 25
SETS = ("tweets-snopes", "debates-politifact", "german_dev")


@pytest.fixture(scope="module")
def corpus(shared_data, tmp_path_factory) -> dict[str, tuple[Path, Path]]:
    """Set name -> (claim file, query file), cut to the subset."""
    folder = tmp_path_factory.mktemp("quality")
    german = folder / "german_dev.jsonl"
    rows = [json.loads(line) for line in OWN.read_text(encoding="utf-8").splitlines()]
    german.write_text("".join(json.dumps(row | {"claim_ids": [row["claim_id"]]}) + "\n" for row in rows), encoding="utf-8")
    queries = {name: shared_data / "matching" / name / "dev.jsonl" for name in ("tweets-snopes", "debates-politifact")}
    queries["german_dev"] = german
    right = {key for file in queries.values() for query in matching.read_queries(file) for key in query.claim_ids}
    kept = {}
    for publisher in ("snopes", "politifact"):
        with (shared_data / "claims" / f"{publisher}.jsonl").open(encoding="utf-8") as file:
            lines = file.readlines()  # not splitlines(): texts hold U+2028, which ends no line of JSON Lines
        kept[publisher] = [line for i, line in enumerate(lines) if i % EVERY == 0 or json.loads(line)["id"] in right]
    files = {name: folder / f"{name}.jsonl" for name in queries}
    files["tweets-snopes"].write_text("".join(kept["snopes"]), encoding="utf-8")
    files["debates-politifact"].write_text("".join(kept["politifact"]), encoding="utf-8")
    both = folder / "both.jsonl"
    both.write_text("".join(kept["snopes"] + kept["politifact"]), encoding="utf-8")
    return {
        "tweets-snopes": (files["tweets-snopes"], queries["tweets-snopes"]),
        "debates-politifact": (files["debates-politifact"], queries["debates-politifact"]),
        "german_dev": (both, german),
    }


@pytest.fixture(scope="module")
def results(corpus, encoder) -> dict[str, list[matching.Ranked]]:
    with kept_vectors(encoder) as kept:
        return {name: matching.run_matching(kept, [claims], matching.read_queries(queries)) for name, (claims, queries) in corpus.items()}


def test_the_data_are_those_the_floors_were_measured_on(corpus):
    def digest(*names: str) -> str:
        return hashlib.sha256(b"".join(file.read_bytes() for name in names for file in corpus[name])).hexdigest()

    for name in SETS:
        assert_same_data("matching", name, digest(name))
    assert_same_data("matching", "all-dev", digest(*SETS))


@pytest.mark.parametrize("name", SETS)
def test_matching_is_no_worse_than_measured(results, name):
    assert matching.matching_figures(results[name]).map_at_5 >= floor("matching", name, "map_at_5")


def test_the_probability_shown_is_a_probability(results):
    shown = [
        (probability, key in ranked.query.claim_ids)
        for ranked in (r for found in results.values() for r in found)
        for key, probability in list(zip(ranked.keys, ranked.probabilities, strict=True))[:10]
    ]
    assert calibration_error(*zip(*shown, strict=True)) <= ceiling("matching", "all-dev", "calibration_error")


def test_no_german_training_sentence_is_about_a_claim_of_the_dev_set():
    training = OWN.parent.parent.parent / "training" / "german_pairs.jsonl"
    claims = [{json.loads(line)["claim_id"] for line in file.read_text(encoding="utf-8").split("\n") if line} for file in (OWN, training)]
    assert len(claims[0]) == 60 and len(claims[1]) == 390
    assert not claims[0] & claims[1]


def test_vectors_are_kept_for_the_next_time_and_beside_those_of_another(fake_encoder, tmp_path):
    one, other = (matching.KeptVectors(fake_encoder, tmp_path) for _ in range(2))
    made = [one.encode_passages(["the bridge"]), other.encode_passages(["the tunnel"])]
    one.keep()
    other.keep()
    again = matching.KeptVectors(fake_encoder, tmp_path)
    fake_encoder.encode_passages = None  # nothing is made again
    assert np.allclose(again.encode_passages(["the bridge", "the tunnel"]), np.concatenate(made), atol=1e-3)

"""The fast reading of articles: what the network written in torch reads, without torch, in little memory, and honest where it cannot be used."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from factcheck import adapter as adapters
from factcheck import embed
from factcheck.errors import ModelUnavailable
from factcheck.extraction import first_reading, reader
from factcheck.extraction.annotation import ROLES
from factcheck.extraction.tagging import converted, trained
from factcheck.extraction.tagging.labels import DIRECT, INDIRECT, Span
from factcheck.extraction.tagging.pairs import STATES
from factcheck.extraction.tagging.pieces import HubCutter, pieces_of
from factcheck.extraction.tagging.quick import QuickTagger
from factcheck.extraction.tagging.scorer import Scorer, gelu
from factcheck.fastencoder import body, files

ROOT = Path(__file__).resolve().parent.parent
ARTICLES = {code: (ROOT / "tests" / "articles" / f"{name}.txt").read_text(encoding="utf-8") for code, name in (("de", "klinikum-de"), ("en", "clinic-en"))}
ODD = "„Nein“,sagte sie .\n\n»½ ﬁnde 🍿 e\u0301« — https://example.org/a?b=" + "x" * 300 + " \u200b\ufeff <s> Ле́то 桥梁 \x01 ENDE!!!"


@pytest.fixture(scope="module")
def quick(encoder) -> QuickTagger:
    return reader._quick(encoder, adapters.READING)


@pytest.fixture(scope="module")
def plain(encoder):
    return reader._plain(embed._ShippedEncoder(encoder._cache, fast=False), adapters.READING)


def test_the_shipped_reading_goes_the_fast_way(encoder):
    assert isinstance(reader.tagger_of(encoder), QuickTagger)


@pytest.mark.parametrize("code", ARTICLES)
def test_it_reads_what_the_network_in_torch_reads(quick, plain, code):
    words = first_reading.words(ARTICLES[code], code)
    ours, theirs = (tagger.annotate(ARTICLES[code], words) for tagger in (quick, plain))
    assert len(theirs) > 10
    common = {a.quote for a in ours} & {a.quote for a in theirs}
    assert len(common) >= 0.85 * max(len(ours), len(theirs))
    speakers = [{a.quote: a.speaker for a in found} for found in (ours, theirs)]
    assert sum(speakers[0][quote] == speakers[1][quote] for quote in common) >= 0.9 * len(common)


@pytest.mark.parametrize("text", [*ARTICLES.values(), ODD], ids=[*ARTICLES, "odd"])
def test_words_are_cut_as_they_were_in_training(quick, plain, text):
    words = first_reading.words(text, "de")
    ours, theirs = (pieces_of(cutter, text, words) for cutter in (quick._vocabulary, plain._cutter))
    assert isinstance(plain._cutter, HubCutter)
    assert ours.counts.tolist() == theirs.counts.tolist()
    assert ours.ids.tolist() == theirs.ids.tolist()


def test_a_text_of_many_windows_is_read_to_its_end(quick):
    text = "\n\n".join(ARTICLES["de"] for _ in range(4))
    found = quick.annotate(text, first_reading.words(text, "de"))
    quarters = [sum(len(text) * n / 4 <= a.quote[0][0] < len(text) * (n + 1) / 4 for a in found) for n in range(4)]
    assert min(quarters) > 0.8 * max(quarters) > 0


@pytest.mark.parametrize("text", ["", " \n", "?", "🍿", "Ja."])
def test_short_and_empty_texts_hold_nothing_that_breaks_it(quick, text):
    assert quick.annotate(text, first_reading.words(text, "de")) == []


def test_tags_and_links_are_those_of_the_network_in_torch(quick, plain):
    import torch

    words = first_reading.words(ARTICLES["en"], "en")
    states = np.random.default_rng(4).normal(size=(len(words), STATES)).astype(np.float32)
    quotes = [Span(DIRECT, ((3, 9),)), Span(INDIRECT, ((30, 40), (44, 50))), Span(DIRECT, ((270, 280),))]
    spans = [Span("speaker", ((n, n + 2),)) for n in range(0, len(words) - 2, 7)]
    with torch.inference_mode():
        tags = plain._heads.tags(torch.from_numpy(states))
        for name, values in quick._scorer.tags(states).items():
            np.testing.assert_allclose(values, tags[name].numpy(), atol=1e-4)
        for role in ROLES:
            for some in (spans, []):
                expected = plain._heads.links(role, torch.from_numpy(states), words, quotes, some).numpy()
                np.testing.assert_allclose(quick._scorer.links(role, states, words, quotes, some), expected, atol=1e-4)
        values = np.linspace(-9, 9, 2_001, dtype=np.float32)
        np.testing.assert_allclose(gelu(values), torch.nn.functional.gelu(torch.from_numpy(values)).numpy(), atol=2e-6)


def test_a_server_that_read_an_article_has_neither_torch_nor_much_memory(quick, settings):
    code = f"""
import json, sys
from pathlib import Path
from db import open_store
from factcheck import pipeline, searching
from factcheck.embed import open_encoder
from factcheck.records import Article
from factcheck.settings import Settings
from app import create_app
settings = Settings(home=Path({str(settings.home)!r}), cache_folder=Path({str(settings.cache)!r}))
create_app(settings)
store, encoder = open_store(settings.home / "read.db"), open_encoder(settings)
searching.search_claims(store, encoder, "The bridge has cost nothing")
article, _ = pipeline.add_article(store, Article(id=0, text={ARTICLES["de"]!r}, language="de"))
found = pipeline.process(store, encoder, article.id)
status = Path("/proc/self/status").read_text()
heavy = ("torch", "transformers", "sentence_transformers", "onnx", "tokenizers", "scipy", "sklearn")
print(json.dumps([len(found), [n for n in heavy if n in sys.modules], *(int(status.split(n)[1].split()[0]) // 1024 for n in ("VmRSS:", "VmHWM:"))]))
"""
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert said.returncode == 0, said.stderr
    statements, heavy, resident, peak = json.loads(said.stdout)
    assert statements > 10
    assert heavy == []
    assert resident <= peak < 400


def test_small_matrix_products_take_one_thread_unless_the_operator_says_otherwise():
    code = "import app, os, numpy; numpy.ones((500, 500)) @ numpy.ones((500, 500)); print(len(os.listdir('/proc/self/task')))"
    plain = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    for said, threads in (({}, {1}), ({"OPENBLAS_NUM_THREADS": "2"}, {1, 2})):
        run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=plain | said, capture_output=True, text=True, timeout=120)
        assert int(run.stdout) in threads, run.stderr


# The file


def test_a_damaged_file_is_made_again_and_one_that_reads_otherwise_is_not_used(encoder, tmp_path, monkeypatch):
    """Over the weights of the shipped model with the calibration cut short."""
    monkeypatch.setattr(converted.calibration, "texts", lambda: [ARTICLES["de"][:800]])
    (tmp_path / "cache").mkdir()
    for folder in encoder._cache.glob("*-fast-*"):
        if "+" not in folder.name:
            (tmp_path / "cache" / folder.name).symlink_to(folder)
    reading, steps = adapters.open_file(adapters.READING), []
    made = converted.ready(tmp_path / "cache", reading, lambda done, total: steps.append((done, total)))
    assert steps[0][0] == 0 and steps[-1][0] == steps[-1][1] > 0
    sound = made.read_bytes()
    steps.clear()
    assert converted.ready(tmp_path / "cache", reading, lambda done, total: steps.append((done, total))) == made
    assert steps == []
    made.write_bytes(sound[:1_000] + bytes([sound[1_000] ^ 1]) + sound[1_001:])
    alike = converted.LEAST_ALIKE
    monkeypatch.setattr(converted, "LEAST_ALIKE", 1.1)
    with pytest.raises(files.Unconvertible, match="the reading of articles comes out too different"):
        converted.ready(tmp_path / "cache", reading)
    monkeypatch.setattr(converted, "LEAST_ALIKE", alike)
    assert converted.ready(tmp_path / "cache", reading).read_bytes() == sound


@pytest.mark.parametrize("spoil", [lambda matrices: matrices.pop("between.bias"), lambda matrices: matrices.clear()], ids=["one matrix gone", "none"])
def test_a_reading_for_another_network_is_one_clear_error(encoder, tmp_path, monkeypatch, spoil):
    file = tmp_path / "statements.safetensors"
    file.write_bytes(adapters.READING.read_bytes())
    parts = trained.parts

    def fewer(reading):
        change, matrices = parts(reading)
        spoil(matrices)
        return change, matrices

    monkeypatch.setattr(trained, "parts", fewer)
    with pytest.raises(ModelUnavailable, match="The trained reading .* is missing, damaged or made for another model"):
        reader._quick(encoder, file)


def test_where_it_cannot_be_used_articles_are_read_in_torch_and_it_is_told(encoder, plain, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("no such operator")

    monkeypatch.setattr(body, "session", broken)
    monkeypatch.setattr(reader, "_plain", lambda *_: plain)
    with caplog.at_level(logging.WARNING, "claimtrail.reading"):
        assert reader._made(encoder) is plain
    assert "The fast reading of articles cannot be used (RuntimeError: no such operator)" in caplog.text


def test_who_wants_the_plain_encoder_has_the_plain_reading(encoder, caplog):
    assert reader._quick(embed._ShippedEncoder(encoder._cache, fast=False), adapters.READING) is None
    assert caplog.text == ""
    named = embed._NamedEncoder("some/model", encoder._cache)
    named.reading = adapters.READING
    assert isinstance(reader._made(named), QuickTagger)


def test_the_scorer_wants_all_its_matrices():
    with pytest.raises(KeyError):
        Scorer({})

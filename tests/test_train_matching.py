"""Training on a newsroom's own decisions: what is trained on, what is kept out, and that nothing worse is ever installed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from db import Store, open_store
from factcheck import adapter as adapters
from factcheck import embed, importing, model_folder, pipeline, setting_up
from factcheck.cli import cli
from factcheck.errors import BadInput, ClaimtrailError, ModelUnavailable, NothingToUndo
from factcheck.evaluation import matching as evaluation
from factcheck.evaluation.matching import MatchingQuery
from factcheck.records import Article, Claim, Kind, Relation, Role, Statement
from factcheck.settings import Settings
from factcheck.training import gate, installing, matching, newsroom
from factcheck.training.encoder import TextEncoder
from factcheck.training.pairs import Pair
from factcheck.training.trainer import Check, CheckSet, Plan, Step, Trainer
from tests.floors import floor

REJECTED = "matching.rejected.safetensors"
TOWNS = "Seltenbach Lindenau Moorwede Felsing Auental Grunewinkel Haselried Ottersbek Kranzburg Wildenau".split()
THEMES = (
    ("{} has sold its waterworks to a bank.", "Die Wasserversorgung von {} gehört jetzt einem Geldhaus."),
    ("The swimming pool in {} will stay closed for good.", "In {} macht das Bad nie wieder auf."),
    ("{} paid 900,000 euros for a roundabout.", "Für einen Kreisel gab {} fast eine Million aus."),
    ("Every street lamp in {} is switched off at midnight.", "In {} brennt nach zwölf keine Laterne mehr."),
)
QUICK = Plan(steps=4, minutes=5, check_every=2, batch=8, rate=1e-6, rank=4, threads=1, never_worse=True)


@dataclass
class Desk:
    """A newsroom with forty claims and a statement confirmed for each, and one rejected candidate for each."""

    settings: Settings
    store: Store
    confirm: Callable[[int], None]

    @property
    def models(self) -> list[str]:
        """What lies in the home's folder of models beside the lock."""
        return sorted(path.name for path in (self.settings.home / adapters.FOLDER).iterdir() if path.name != installing.LOCK)


@pytest.fixture
def desk(settings, encoder, monkeypatch, tmp_path):
    store = open_store(settings.database)
    setting_up.add_user(store, "anna", Role.EDITOR)
    user = store.users.by_name("anna")
    texts = [(claim.format(town), said.format(town)) for town in TOWNS for claim, said in THEMES]
    with store.write():
        claims = [
            store.claims.put(Claim(id=0, key=f"own-{i}", text=text, title=f"Really? {text}", language="en"))[0]
            for i, (text, _) in enumerate(texts)
        ]
    text = " ".join(said for _, said in texts)
    article, _ = pipeline.add_article(store, Article(id=0, text=text, title="Gerüchte", language="de"))
    made, at = [], 0
    for _, said in texts:
        made.append(Statement(said, at, at + len(said), Kind.DIRECT, speaker="Hanna Brückner"))
        at += len(said) + 1
    statements = store.articles.put_statements(article.id, "de", made)

    def confirm(count: int) -> None:
        for i in range(store.decisions.count() // 2, count):
            store.decisions.add(statements[i].id, claims[i - 1], Relation.NOT_A_MATCH, user)
            store.decisions.add(statements[i].id, claims[i], Relation.SAME, user)

    # The set that comes with the product, cut to its first fifteen statements, so that measuring takes seconds.
    whole = gate.SHIPPED.read_text(encoding="utf-8").splitlines()
    small = tmp_path / "pinned.jsonl"
    rows = [line for line in whole if '"claim":' in line] + [line for line in whole if '"statement":' in line][:15]
    small.write_text("\n".join(rows) + "\n", encoding="utf-8")
    monkeypatch.setattr(gate, "SHIPPED", small)
    yield Desk(settings, store, confirm)
    store.close()


@pytest.fixture
def run(settings):
    """The command line on the same home."""
    runner = CliRunner(env={"CLAIMTRAIL_HOME": str(settings.home), "CLAIMTRAIL_CACHE": str(settings.cache)})

    def call(*arguments, code=0):
        result = runner.invoke(cli, [str(a) for a in arguments])
        assert result.exit_code == code, result.output
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return call


# The pinned set


def test_the_pinned_set_is_whole_and_half_german():
    pinned = gate.shipped_set()
    ids = [row["id"] for row in pinned.claims]
    assert len(set(ids)) == len(ids) == 124
    assert len({q.id for q in pinned.queries}) == len(pinned.queries) == 175
    assert {key for q in pinned.queries for key in q.claim_ids} <= set(ids)
    rows = [json.loads(line) for line in gate.SHIPPED.read_text(encoding="utf-8").splitlines()]
    language = {r["claim"]: r["language"] for r in rows if "claim" in r}
    asked = [(r["language"], language[r["claim_ids"][0]]) for r in rows if "statement" in r]
    assert {pair: asked.count(pair) for pair in sorted(set(asked))} == {
        ("de", "de"): 25, ("de", "en"): 63, ("en", "de"): 58, ("en", "en"): 29,
    }  # fmt: skip
    assert len({r["text"] for r in rows}) == len(rows)


def test_the_pinned_set_is_hard_and_the_shipped_adapter_good_at_it(encoder, tmp_path):
    pinned = gate.shipped_set()
    store = open_store(tmp_path / "claimtrail.db")
    file = tmp_path / "claims.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in pinned.claims))
    importing.import_claims(store, encoder, [file])
    figures = evaluation.matching_figures(evaluation.rank(store, encoder, pinned.queries))
    store.close()
    assert figures.queries == 175
    assert floor("matching", "pinned_pairs", "map_at_5") <= figures.map_at_5 < 0.99


# What is trained on


def test_what_is_held_out_stays_held_out(desk):
    desk.confirm(30)
    early = newsroom.gather(desk.store, random.Random(1))
    desk.confirm(40)
    late = newsroom.gather(desk.store, random.Random(2))
    assert {q.id for q in early.held_out} < {q.id for q in late.held_out}
    assert {q.id for q in early.watched} <= {q.id for q in late.watched}
    kept = {key for q in (*late.held_out, *late.watched) for key in q.claim_ids}
    trained = {pair.claim for pair in late.pairs}
    assert not trained & kept
    assert len(trained) + len(kept) == 40


def test_the_parts_are_drawn_by_key_alone():
    def query(*keys: str) -> MatchingQuery:
        return MatchingQuery("any", "text", keys)

    parts = {key: newsroom.part_of(query(key)) for key in ("a", "b", "c", "d", "e", "f", "g")}
    assert parts == {
        "a": "train", "b": "held out", "c": "train", "d": "train", "e": "train", "f": "train", "g": "train",
    }  # fmt: skip
    assert newsroom.part_of(query("a", "b")) == "held out"
    drawn = [newsroom.part_of(query(f"claim-{i}")) for i in range(10_000)]
    assert [drawn.count(part) // 100 for part in ("held out", "watched", "train")] == pytest.approx([20, 10, 70], abs=2)


def test_only_confirmed_links_make_pairs(desk):
    desk.confirm(40)
    material = newsroom.gather(desk.store, random.Random(1))
    decided = [pair for pair in material.pairs if pair.source == "decision"]
    said = {f"own-{i}": s.format(town) for i, (town, s) in enumerate((town, s) for town in TOWNS for _, s in THEMES)}
    trained = [key for key in said if newsroom.part_of(MatchingQuery("", "", (key,))) == "train"]
    assert material.links == len(trained) >= newsroom.ENOUGH
    assert [(p.claim, p.query) for p in decided] == [
        (key, text) for key in trained for text in (said[key], f"Hanna Brückner: {said[key]}")
    ]


def test_too_few_decisions_say_how_many_are_needed(desk, run):
    for confirmed in (0, 12):
        desk.confirm(confirmed)
        said = run("train", "matching", code=1).stderr
        assert "There are too few decisions to train on" in said
        assert f"{newsroom.ENOUGH} are needed" in said
    assert "There are too few decisions to train on: 11 statements confirmed as a claim (and 1 more that are kept" in said
    assert "Traceback" not in said


# Training, the gate, going back


def test_a_trained_adapter_is_installed_used_and_taken_back(desk, run, encoder, monkeypatch):
    desk.confirm(40)
    pipeline.embed_statements(desk.store, encoder)
    monkeypatch.setattr(matching, "_plan", lambda *_: QUICK)
    told = json.loads(run("train", "matching", "--json").stdout)
    assert told["installed"] and told["not_worse"], told
    assert [s["name"] for s in told["sets"]] == [gate.SHIPPED_NAME, gate.DECISIONS_NAME]
    assert all(s["after"] >= s["before"] and not s["worse"] for s in told["sets"])
    assert told["sets"][1]["queries"] == told["held_out"] > 0
    assert desk.models == [adapters.FILE.name]

    mine = embed.open_encoder(desk.settings)
    assert mine is not encoder and mine.passage_id == encoder.passage_id and mine.model_id != encoder.model_id
    own, shipped = adapters.read(Path(told["file"])), adapters.read(adapters.FILE)
    name = next(iter(shipped))
    assert own[name][0].shape[1] == shipped[name][0].shape[1] + QUICK.rank
    assert not np.array_equal(own[name][0] @ own[name][1], shipped[name][0] @ shipped[name][1])
    assert desk.store.vectors.missing("claim", mine.passage_id) == 0
    assert desk.store.vectors.missing("statement", mine.model_id) == 40
    assert "40 statement vectors are missing" in run("check", code=1).stderr
    pipeline.catch_up(desk.store, mine)
    checked = json.loads(run("check", "--json", code=0).stdout)
    assert (checked["model"], checked["adapter"]) == (mine.model_id, f"trained here, {told['file']}")
    statement = desk.store.articles.statements(1)[0]
    pipeline.match(desk.store, encoder, statement)
    assert pipeline.match_again_if_stale(desk.store, mine, statement)

    said = run("train", "matching", "--undo").stdout
    assert "The adapter in use is now: shipped" in said
    assert embed.open_encoder(desk.settings) is encoder
    assert [e["action"] for e in desk.store.audit.of("newsroom", 0)] == [
        "installed a matching adapter", "took back a matching adapter",
    ]  # fmt: skip
    assert "there is none to go back to" in run("train", "matching", "--undo", code=1).stderr


def spoiled(path: Path, strength: float) -> Path:
    """The shipped adapter with noise on every matrix."""
    chance = np.random.default_rng(1)
    change = {
        name: (up + strength * chance.normal(size=up.shape), down + strength * chance.normal(size=down.shape))
        for name, (up, down) in adapters.read(adapters.FILE).items()
    }
    adapters.write(path, change, {})
    return path


def test_a_worse_adapter_is_refused_and_kept_aside(desk, encoder, tmp_path):
    desk.confirm(40)
    pipeline.embed_claims(desk.store, encoder)
    held_out = newsroom.gather(desk.store, random.Random(1)).held_out
    folder = desk.settings.home / adapters.FOLDER
    verdict = matching.judge(desk.store, desk.settings, spoiled(folder / "new.safetensors", 0.2), held_out)
    assert not verdict.installed
    assert gate.SHIPPED_NAME in verdict.worse_on
    pinned = verdict.comparisons[0]
    assert pinned.after < pinned.before - 0.1
    assert verdict.file == folder / REJECTED
    assert desk.models == [REJECTED]
    assert embed.open_encoder(desk.settings) is encoder
    assert desk.store.audit.of("newsroom", 0) == []


def test_a_set_of_ones_own_can_refuse_it_too(desk, encoder, tmp_path, monkeypatch, run):
    """The same adapter is no worse anywhere; with a set on which it is made worse, it is refused for that one by name."""
    claims, queries = tmp_path / "claims.jsonl", tmp_path / "mine.jsonl"
    rows = [{"id": f"m{i}", "text": f"{town} bans fireworks.", "language": "en"} for i, town in enumerate(TOWNS)]
    claims.write_text("".join(json.dumps(row) + "\n" for row in rows))
    queries.write_text("".join(json.dumps({"id": f"q{i}", "text": f"Kein Feuerwerk in {t}", "claim_id": f"m{i}"}) + "\n" for i, t in enumerate(TOWNS)))
    new = spoiled(tmp_path / "new.safetensors", 0.0)
    same = gate.compare(desk.store, encoder, embed.with_adapter(encoder, new), (), [(claims, queries)], tmp_path)
    assert [(c.name, c.queries, c.is_worse) for c in same] == [(gate.SHIPPED_NAME, 15, False), ("mine.jsonl", 10, False)]
    assert all(c.before == c.after for c in same)
    assert installing.Comparison("any", 10, 0.9, 0.8999).is_worse and not installing.Comparison("any", 10, 0.9, 0.9).is_worse
    queries.write_text("no query\n")
    desk.confirm(40)
    assert "mine.jsonl, line 1: not a query" in run("train", "matching", "--pinned", claims, queries, code=1).stderr


def test_a_dry_run_installs_nothing(desk, run, monkeypatch):
    desk.confirm(40)
    monkeypatch.setattr(matching, "_plan", lambda *_: QUICK)
    said = run("train", "matching", "--dry-run").stdout
    assert "Nothing was installed: this was a dry run." in said
    assert gate.SHIPPED_NAME in said and gate.DECISIONS_NAME in said
    assert desk.models == []


def test_stopping_leaves_the_adapter_in_use(desk, run, encoder, monkeypatch):
    desk.confirm(40)

    def interrupted(trainer, on_step, on_check):
        on_check(Check(0, {"any": 0.5}, trainer._encoder.lora()))
        on_step(Step(1, 1.0, 1.0, 0.1))
        raise KeyboardInterrupt

    monkeypatch.setattr(Trainer, "run", interrupted)
    assert "Stopped. The adapter in use stays as it was." in run("train", "matching", code=1).stderr
    assert desk.models == []
    assert embed.open_encoder(desk.settings) is encoder


def test_two_trainings_do_not_meet_and_what_a_killed_one_left_is_removed(tmp_path):
    (tmp_path / f"{installing.DRAFT}killed").mkdir()
    with installing.workplace(tmp_path) as first:
        assert {path.name for path in tmp_path.iterdir()} == {installing.LOCK, first.name}
        with pytest.raises(ClaimtrailError, match="Another training is running"), installing.workplace(tmp_path):
            pass
        assert first.is_dir()
    with installing.workplace(tmp_path):
        assert not first.exists()


def test_another_model_cannot_be_trained(desk):
    with pytest.raises(BadInput, match="Only the shipped model can be trained. Leave CLAIMTRAIL_MODEL out"):
        matching.train(desk.store, Settings(home=desk.settings.home, model="another/model"))


def test_training_teaches_what_the_statements_mean(encoder, settings):
    """With a rate that does something, ten steps on statements that few words link to their claims lower the loss and raise MAP@5."""
    pinned = gate.shipped_set()
    asked = pinned.queries[:32]
    keys = [row["id"] for row in pinned.claims]
    vectors = encoder.encode_passages([row["text"] for row in pinned.claims])
    text = TextEncoder(model_folder.ready_folder(settings.cache))
    text.merge(adapters.read(adapters.FILE))
    pairs = [Pair(q.text, q.claim_ids[0], "pinned") for q in asked]
    watched = CheckSet("pinned", [q.text for q in asked], [frozenset(q.claim_ids) for q in asked], keys, vectors)
    losses: list[float] = []
    checks: list[Check] = []
    plan = Plan(steps=10, check_every=10, batch=32, rate=1e-3, rank=4, threads=1)
    Trainer(plan, text, keys, vectors, pairs, [watched], random.Random(1)).run(lambda s: losses.append(s.loss), checks.append)
    assert np.mean(losses[-3:]) < 0.7 * np.mean(losses[:3])
    assert [check.step for check in checks] == [0, 10]
    assert checks[1].mean > checks[0].mean and checks[1].change is not None
    with text.part(0.5):
        half = text.lora()
    for name, (up, down) in text.lora().items():
        np.testing.assert_allclose(half[name][0] @ half[name][1], up @ down / 2, atol=1e-6)
    with text.part(0.0):
        before = text.queries(watched.texts[:3])
    np.testing.assert_allclose((before * encoder.encode_queries(watched.texts[:3])).sum(1), 1, atol=2e-3)


@pytest.mark.parametrize(
    ("figures", "kept"),
    [
        ({1.0: (0.9, 0.9)}, 1.0),
        ({1.0: (0.79, 0.99), 0.5: (0.8, 0.8)}, 0.5),
        ({1.0: (0.79, 0.99), 0.5: (0.79, 0.95), 0.25: (0.81, 0.79), 0.1: (0.8, 0.81)}, 0.1),
        ({1.0: (0.79, 0.99), 0.5: (0.79, 0.95), 0.25: (0.81, 0.79), 0.1: (0.79, 0.81)}, None),
    ],
)
def test_of_what_was_learned_as_much_is_kept_as_makes_nothing_worse(figures, kept):
    """Against .8 and .8 before: the largest share that is below on neither set."""

    class Encoder:
        share = 1.0

        @contextmanager
        def part(self, share):
            self.share = share
            yield

        def add_lora(self, rank):
            return []

        def lora(self):
            return {"share": (np.array([[self.share]]), np.array([[1.0]]))}

    encoder = Encoder()
    trainer = Trainer(QUICK, encoder, [], np.empty((0, 4), np.float32), [], [], random.Random(1))
    trainer._measure = lambda: dict(zip("ab", figures[encoder.share], strict=True))
    check = trainer._check(1, Check(0, {"a": 0.8, "b": 0.8}, None), 0.8)
    assert (check.change["share"][0][0, 0] if check.change else None) == kept


# Files


def test_installing_keeps_the_one_before_and_undo_goes_back(tmp_path):
    home, new = tmp_path / "home", tmp_path / "new"
    place = adapters.installed(home)
    for content in (b"first", b"second", b"third"):
        new.write_bytes(content)
        assert adapters.install(new, home) == place
    assert place.read_bytes() == b"third"
    assert adapters.undo(home) == place
    assert place.read_bytes() == b"second"
    assert adapters.beside(place, "undone").read_bytes() == b"third"
    assert adapters.undo(home) == adapters.FILE
    with pytest.raises(NothingToUndo):
        adapters.undo(home)
    new.write_bytes(b"fourth")
    adapters.install(new, home)
    assert adapters.undo(home) == adapters.FILE  # not to the third, which was taken back
    assert sorted(path.name for path in place.parent.iterdir()) == ["matching.undone.safetensors"]


def test_a_failing_copy_leaves_the_installed_one(tmp_path, monkeypatch):
    home, new = tmp_path / "home", tmp_path / "new"
    new.write_bytes(b"first")
    place = adapters.install(new, home)

    def full(source, target):
        Path(target).write_bytes(b"se")
        raise OSError("no space left")

    monkeypatch.setattr(adapters.shutil, "copyfile", full)
    with pytest.raises(OSError, match="no space left"):
        adapters.install(new, home)
    assert place.read_bytes() == b"first"
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_damaged_adapter_of_ones_own_says_how_to_go_back(settings, encoder, tmp_path):
    new = tmp_path / "new"
    new.write_bytes(b"not an adapter")
    adapters.install(new, settings.home)
    with pytest.raises(ModelUnavailable, match="Take it back with: claimtrail train matching --undo"):
        embed.open_encoder(settings).encode_queries(["text"])
    chance = np.random.default_rng(1)
    adapters.write(new, {"encoder.layer.99.attention.self.query.weight": (chance.normal(size=(4, 1)), chance.normal(size=(1, 4)))}, {})
    with pytest.raises(ModelUnavailable, match="made for another model"):
        embed.with_adapter(encoder, new)


def test_an_encoder_keeps_the_adapter_it_was_opened_with(desk, encoder, tmp_path):
    """Its name and its weights belong together, whatever is installed before it loads."""
    adapters.install(spoiled(tmp_path / "one", 0.1), desk.settings.home)
    opened = embed.open_encoder(desk.settings)
    name = opened.model_id
    adapters.install(adapters.FILE, desk.settings.home)
    spoiled_vectors = opened.encode_queries(["Das Bad bleibt zu."])
    assert opened.model_id == name
    again = embed.open_encoder(desk.settings)
    assert again.model_id == encoder.model_id  # by content, wherever it lies
    assert float((spoiled_vectors * again.encode_queries(["Das Bad bleibt zu."])).sum()) < 0.999


def test_a_rank_that_suffices_changes_nothing_and_a_smaller_one_comes_near():
    chance = np.random.default_rng(1)
    exact = {"m": (chance.normal(size=(20, 6)), chance.normal(size=(6, 30)))}
    padded = adapters.total([exact, {"m": (np.zeros((20, 6)), np.zeros((6, 30)))}])
    up, down = adapters.of_rank(padded, 6)["m"]
    assert up.shape == (20, 6) and down.shape == (6, 30)
    whole = exact["m"][0] @ exact["m"][1]
    np.testing.assert_allclose(up @ down, whole, atol=1e-9)
    assert adapters.of_rank(exact, 6)["m"][0] is exact["m"][0]
    up, down = adapters.of_rank(exact, 5)["m"]
    lost = np.linalg.norm(whole - up @ down)
    assert lost == pytest.approx(np.linalg.svd(whole)[1][5])

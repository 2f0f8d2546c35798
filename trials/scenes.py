"""Scenes in which a process is killed: what it works on, what it acknowledges, and what must be true afterwards.

``prepare`` makes the state before; ``work`` is what is killed, and is called again afterwards until it ends; ``judge`` then compares what was
acknowledged with what is there, and says what is wrong. Batches are small here, so that a kill meets many commits.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlite_utils import Database

from db import Store, open_store, vectorfile, vectorindex
from db import migrations as history
from factcheck import adapter, backups, importing, importjobs, model_folder, pipeline, review, setting_up, worker
from factcheck.embed import FakeEncoder
from factcheck.errors import ClaimtrailError
from factcheck.records import Article, Claim, Kind, Relation, Role, Statement
from factcheck.settings import Settings
from factcheck.worker import Bench

Ack = Callable[[str], None]
SCHEMAS = Path(__file__).resolve().parent.parent / "tests" / "schemas"
ENCODER = FakeEncoder()
LINES, PER_COMMIT = 120, 20
ARTICLES, STATEMENTS, PAIRS = 6, 40, 12
MODEL = {f"layer-{n}.bin": bytes([n]) * 60_000 for n in range(6)}


@dataclass(frozen=True)
class Scene:
    name: str
    prepare: Callable[[Path], None]
    work: Callable[[Path, Ack], None]
    judge: Callable[[Path, Sequence[str]], Iterable[str]]


def settings(home: Path) -> Settings:
    return Settings(home=home, backup_hours=0)


def opened(home: Path) -> Store:
    return open_store(settings(home).database)


def sound(store: Store) -> list[str]:
    """What ``claimtrail check`` finds wrong."""
    return setting_up.check(store, ENCODER).problems


def _rows(store: Store, sql: str) -> list[tuple]:
    with store.write() as db:
        return [tuple(r) for r in db.execute(sql).fetchall()]


def _newsroom(home: Path) -> None:
    store = opened(home)
    store.users.create("ada", "no hash", Role.ADMINISTRATOR)
    store.close()


# Import by command


def _claim_line(n: int) -> str:
    review = {"publisher": f"Desk {n % 3}", "url": f"https://example.org/check/{n}", "title": f"Check {n}", "rating": "false", "published": "2025-03-04"}
    return json.dumps(
        {
            "@context": "https://schema.org", "@type": "ClaimReview", "url": review["url"], "datePublished": review["published"],
            "claimReviewed": f"The bridge number {n} over the river {n % 7} was closed for {n} days.", "author": {"@type": "Organization", "name": review["publisher"]},
            "reviewRating": {"@type": "Rating", "alternateName": "False"},
            "itemReviewed": {"@type": "Claim", "author": {"@type": "Person", "name": f"Person Number{n % 9}"}, "datePublished": "2025-03-01"},
        }
    )  # fmt: skip


def _prepare_import(home: Path) -> None:
    _newsroom(home)
    (home / "claims.jsonl").write_text("\n".join(map(_claim_line, range(LINES))) + "\n")


def _import(home: Path, ack: Ack) -> None:
    importing.LINES_A_COMMIT, pipeline.CHUNK = PER_COMMIT, PER_COMMIT
    store = opened(home)
    importing.import_claims(store, ENCODER, [home / "claims.jsonl"], lambda step, done, of: ack(f"{step} {done}"))
    store.close()


def _judge_import(home: Path, acked: Sequence[str]) -> Iterable[str]:
    store = opened(home)
    yield from sound(store)
    claims, reviews = store.claims.count(), _rows(store, "SELECT count(*), count(DISTINCT url) FROM reviews")[0]
    if (claims, reviews) != (LINES, (LINES, LINES)):
        yield f"{claims} claims and {reviews} reviews after an import of {LINES} lines"
    if doubled := _rows(store, "SELECT claim_id FROM occurrences GROUP BY claim_id HAVING count(*) > 1"):
        yield f"{len(doubled)} occurrences doubled"
    store.close()


def _judge_import_at_once(home: Path, acked: Sequence[str]) -> Iterable[str]:
    """Right after the kill, before anything is taken up again."""
    done = max((int(a.split()[1]) for a in acked if a.startswith("lines")), default=0)
    store = opened(home)
    yield from (p for p in sound(store) if "vectors are missing" not in p)
    if store.claims.count() < done:
        yield f"{done} lines were acknowledged, {store.claims.count()} are there"
    if store.claims.count() % PER_COMMIT:
        yield f"half a batch: {store.claims.count()} claims"
    store.close()


# Import in the background


def _prepare_job(home: Path) -> None:
    _newsroom(home)
    store = opened(home)
    content = ("\n".join(map(_claim_line, range(LINES))) + "\n").encode()
    user = store.users.by_name("ada")
    importjobs.start(store, store.uploads.get(importjobs.take(store, "claims.jsonl", content, user)), user)
    store.close()


def _job(home: Path, ack: Ack) -> None:
    importjobs.AT_ONCE = PER_COMMIT
    store = opened(home)
    pipeline.catch_up(store, ENCODER)  # as a worker does when it starts
    while importjobs.step(store, ENCODER):
        ack(f"lines {store.jobs.get(1).done}")
    store.close()


def _judge_job(home: Path, acked: Sequence[str]) -> Iterable[str]:
    yield from _judge_import(home, acked)
    store = opened(home)
    job = store.jobs.get(1)
    if (job.state, job.done, job.result.get("new"), job.result.get("changed")) != ("done", LINES, LINES, 0):
        yield f"the job says {job.state}, {job.done} done, {job.result}"
    told = _rows(store, "SELECT count(*) FROM audit WHERE action = 'imported claims'")[0][0]
    if told != 1:
        yield f"the log tells {told} times of the import"
    store.close()


# Articles read


def _article(n: int) -> Article:
    text = (
        f"Die Stadt {n} beriet am Montag.\n\n„Wir werden die Brücke {n} bis 2030 erneuern“, sagte Bürgermeisterin Hanna Brückner. "
        f"Sie habe dafür {n + 40} Millionen Euro gesichert.\n\nDer Abgeordnete Karl Beispiel erklärte, die Schule {n} sei seit drei Jahren geschlossen."
    )
    return Article(0, text, "de", f"Artikel {n}", url=f"https://example.org/{n}", published_at="2025-03-04")


def _prepare_articles(home: Path) -> None:
    _newsroom(home)
    store = opened(home)
    for n in range(ARTICLES):
        store.claims.put(Claim(0, f"c-{n}", f"Die Brücke {n} wird bis 2030 erneuert.", "de"))
    pipeline.embed_claims(store, ENCODER)
    store.close()


def _articles(home: Path, ack: Ack) -> None:
    store = opened(home)
    desk = worker.Worker(Bench(store, ENCODER, settings(home)))
    for n in range(ARTICLES):
        article, _ = pipeline.add_article(store, _article(n))
        ack(f"article {article.id} {n}")
        if n % 2:
            store.articles.requeue_interrupted()  # as at the start of a worker
            desk.turn()
    store.articles.requeue_interrupted()
    while desk.turn():
        pass
    store.close()


def _judge_articles(home: Path, acked: Sequence[str]) -> Iterable[str]:
    store = opened(home)
    yield from sound(store)
    for _, article_id, n in map(str.split, acked):
        found = store.articles.get(int(article_id))
        if found is None or found.url != f"https://example.org/{n}":
            yield f"article {n} was acknowledged and is gone"
    states = Counter(r[0] for r in _rows(store, "SELECT state FROM articles"))
    if states != {"ready": ARTICLES}:
        yield f"articles are {dict(states)}"
    each = {r[0] for r in _rows(store, "SELECT count(*) FROM statements WHERE is_gone = 0 GROUP BY article_id")}
    if len(each) != 1:
        yield f"articles of one form hold {sorted(each)} statements"
    if lacking := _rows(store, "SELECT count(*) FROM statements WHERE matched_seq < 0 AND is_gone = 0")[0][0]:
        yield f"{lacking} statements were never matched"
    if (told := _rows(store, "SELECT count(*) FROM audit WHERE action = 'added an article'")[0][0]) != ARTICLES:
        yield f"the log tells of {told} articles"
    store.close()


# Decisions


def _prepare_desk(home: Path) -> None:
    _newsroom(home)
    store = opened(home)
    for n in range(4):
        store.claims.put(Claim(0, f"c-{n}", f"The road number {n} is safe.", "en"))
    pipeline.embed_claims(store, ENCODER)
    text = " ".join(f"“The road number {n % 4} is safe on day {n}.”" for n in range(STATEMENTS))
    article = store.articles.add(Article(0, text, "en"), "hash")
    found, at = [], 0
    for n in range(STATEMENTS):
        words = f"The road number {n % 4} is safe on day {n}."
        at = text.index(words, at)
        found.append(Statement(words, at, at + len(words), Kind.DIRECT, "Ann Example", check_worthy=0.9))
    store.articles.put_statements(article.id, "en", found)
    pipeline.embed_statements(store, ENCODER)
    for statement in store.articles.statements(article.id):
        pipeline.match(store, ENCODER, statement)
    store.articles.set_state(article.id, "ready")
    store.close()


def _decide(home: Path, ack: Ack) -> None:
    store = opened(home)
    ada = store.users.by_name("ada")
    for statement in store.articles.statements(1):
        if store.decisions.of_statement(statement.id):
            continue
        if statement.id % 5 == 0 and not _rows(store, f"SELECT 1 FROM decisions WHERE statement_id = {statement.id}"):
            made = review.decide(store, statement.id, 2, Relation.RELATED, ada)
            ack(f"decided {made.id}")
            ack(f"undone {review.undo(store, ada, made.id).id}")
        if statement.id % 7 == 0:
            made = review.new_claim(store, ENCODER, statement.id, ada)
            ack(f"claim {made.id}")
        else:
            ack(f"decided {review.decide(store, statement.id, statement.id % 4 + 1, Relation.SAME, ada).id}")
    pipeline.embed_claims(store, ENCODER)
    store.close()


def _judge_desk(home: Path, acked: Sequence[str]) -> Iterable[str]:
    store = opened(home)
    yield from sound(store)
    for act, number in map(str.split, acked):
        if act == "claim" and store.claims.get(int(number)) is None:
            yield f"claim {number} was acknowledged and is gone"
        elif act != "claim":
            decision = store.decisions.get(int(number))
            if decision is None or (act == "undone" and not decision.undone_at):
                yield f"decision {number} was acknowledged as {act} and is not"
    standing = _rows(store, "SELECT statement_id, count(*) FROM decisions WHERE undone_at IS NULL GROUP BY statement_id")
    if sorted(standing) != [(n, 1) for n in range(1, STATEMENTS + 1)]:
        yield f"{len(standing)} of {STATEMENTS} statements are decided once"
    made, taken_back = _rows(store, "SELECT count(*), count(undone_at) FROM decisions")[0]
    told = dict(_rows(store, "SELECT action, count(*) FROM audit WHERE object_type = 'statement' GROUP BY action"))
    if (told.get("decided"), told.get("undid", 0)) != (made, taken_back):
        yield f"the log tells {told}, on file are {made} decisions, {taken_back} taken back"
    counted = _rows(
        store,
        "SELECT c.id FROM claims c WHERE c.occurrence_count <> (SELECT count(*) FROM decisions d WHERE d.claim_id = c.id AND d.relation = 'same' "
        "AND d.undone_at IS NULL) AND c.occurrence_count < 1",
    )
    if counted:
        yield f"claims {counted} do not count what is linked to them"
    store.close()


# Files that take each other's place: the index of vectors, the unpacked model, a trained adapter


def _prepare_index(home: Path) -> None:
    _newsroom(home)
    store = opened(home)
    for n in range(80):
        store.claims.put(Claim(0, f"c-{n}", f"The tram line {n} runs every {n} minutes.", "en"))
    store.close()
    (home / "trained").mkdir()
    for name in "ab":
        (home / "trained" / name).write_bytes(name.encode() * 200_000)


def _swap(home: Path, ack: Ack) -> None:
    vectorindex.SMALL = 20  # so that the few vectors here lie in a file, and renew it
    store = opened(home)
    index = store.vectors.index("claim", ENCODER.passage_id)
    while rows := store.vectors.take_missing("claim", ENCODER.passage_id, 10):
        texts = [c.text for c in store.claims.many([i for i, _ in rows]).values()]
        store.vectors.put("claim", ENCODER.passage_id, rows, ENCODER.encode_passages(texts))
        len(index)
        index.renewed()
        ack(f"vectors {rows[-1][0]}")
    for name in "ab":
        adapter.install(home / "trained" / name, home)
        ack(f"adapter {name}")
    model_folder.made_whole(home / "cache" / "model-1", lambda draft: [(draft / n).write_bytes(c) for n, c in MODEL.items()])
    ack("model 1")
    store.close()


def _judge_swap(home: Path, acked: Sequence[str]) -> Iterable[str]:
    vectorindex.SMALL = 20
    store = opened(home)
    yield from sound(store)
    index = store.vectors.index("claim", ENCODER.passage_id)
    if len(index) != 80 or not index.in_file:
        yield f"the index holds {len(index)} of 80 vectors, {index.in_file} in its file"
    for claim in store.claims.many(range(1, 81)).values():
        found = index.search(ENCODER.encode_queries([claim.text])[0], 1)
        if found[0][0] != claim.id:
            yield f"the index gives {found} for claim {claim.id}"
            break
    if left := [p.name for p in (home / "index").iterdir() if p.name.startswith(".")]:
        yield f"drafts of an index are left: {left}"
    if adapter.installed(home).read_bytes() != b"b" * 200_000:
        yield "the adapter in use is not the one installed last"
    if not model_folder.is_whole(home / "cache" / "model-1") or list((home / "cache").glob(".model-1*")):
        yield "the unpacked model is not whole, or drafts are left"
    store.close()


def _judge_swap_at_once(home: Path, acked: Sequence[str]) -> Iterable[str]:
    place = adapter.installed(home)
    if place.exists() and place.read_bytes() not in (b"a" * 200_000, b"b" * 200_000):
        yield "half an adapter is in use"
    for file in (home / "index").glob("*.vectors"):
        if vectorfile.read(file) is None:
            yield "the file of an index is not whole"
    if any(a.startswith("model") for a in acked) and not model_folder.is_whole(home / "cache" / "model-1"):
        yield "the model was acknowledged and is not whole"


# Migrations


def _prepare_old(schema: str) -> Callable[[Path], None]:
    def prepare(home: Path) -> None:
        home.mkdir(exist_ok=True)
        database = Database(str(settings(home).database))
        names = [m.name for m in history.migrations._migrations]
        history.migrations.apply(database, stop_before=[n for n in names if n > schema])
        database.execute("PRAGMA foreign_keys = off")
        database.conn.executescript((SCHEMAS / f"{schema}.sql").read_text(encoding="utf-8"))
        database.execute("PRAGMA journal_mode = wal").fetchall()
        database.close()

    return prepare


def _migrate(home: Path, ack: Ack) -> None:
    store = opened(home)
    ack("migrated 1")
    pipeline.embed_claims(store, ENCODER)
    pipeline.embed_statements(store, ENCODER)
    store.close()


def _judge_migrated_at_once(home: Path, acked: Sequence[str]) -> Iterable[str]:
    database = Database(str(settings(home).database))
    names = [m.name for m in history.migrations._migrations]
    has = [m.name for m in history.migrations.applied(database)]
    kept = [database.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in ("claims", "statements", "decisions", "audit")]
    problems = database.execute("PRAGMA integrity_check").fetchone()[0]
    merged = "merged_into" in {c.name for c in database["claims"].columns}
    database.close()
    if problems != "ok":
        yield problems
    if merged != ("m003" in has) or (acked and has != names):
        yield f"half migrated: {has}"
    if kept[0] != 2 or kept[1] < 3 or kept[2] != 3 or kept[3] < 5:
        yield f"rows are lost: {kept}"


def _judge_migrated(home: Path, acked: Sequence[str]) -> Iterable[str]:
    store = opened(home)
    yield from sound(store)
    if not store.claims.by_key("c-1") or store.decisions.count() < 1:
        yield "claims or decisions are gone"
    store.close()


# Backups and restoring


def _prepare_backup(home: Path) -> None:
    _prepare_desk(home)


def _backup(home: Path, ack: Ack) -> None:
    store = opened(home)
    for n in range(PAIRS):
        with store.write():  # two claims or none: a backup must never hold one without the other
            if store.claims.by_key(f"pair-{n}-a"):
                continue
            for half in "ab":
                store.claims.put(Claim(0, f"pair-{n}-{half}", f"Pair {n} {half}", "en"))
        ack(f"pair {n}")
        if n % 4 == 3:
            ack(f"backup {backups.make(store, settings(home)).file.name}")
    pipeline.embed_claims(store, ENCODER)
    if not backups.listing(home / "backups"):
        ack(f"backup {backups.make(store, settings(home)).file.name}")
    store.close()


def _judge_backup_at_once(home: Path, acked: Sequence[str]) -> Iterable[str]:
    there = {b.file.name for b in backups.listing(home / "backups")}
    for act, what in map(str.split, acked):
        if act == "backup" and what not in there:
            yield f"{what} was acknowledged and is gone"
    for name in there:
        try:
            content = backups.check(home / "backups" / name)
        except ClaimtrailError as error:
            yield f"{name}: {error}"
        else:
            if content.rows["claims"] % 2:
                yield f"{name} holds half a transaction"


def _judge_backup(home: Path, acked: Sequence[str]) -> Iterable[str]:
    yield from _judge_backup_at_once(home, acked)
    store = opened(home)
    yield from sound(store)
    pairs = _rows(store, "SELECT count(*) FROM claims WHERE key LIKE 'pair-%'")[0][0]
    if pairs != 2 * PAIRS:
        yield f"{pairs} claims of {PAIRS} pairs"
    store.close()
    newest = backups.listing(home / "backups")[0]
    backups.restore(settings(home), newest.file)
    store = opened(home)
    yield from (p for p in sound(store) if "vectors are missing" not in p)
    store.close()


def _prepare_restore(home: Path) -> None:
    _prepare_desk(home)
    store = opened(home)
    store.claims.put(Claim(0, "in the backup", "Said before the backup.", "en"))
    pipeline.embed_claims(store, ENCODER)
    backups.make(store, settings(home))
    store.claims.put(Claim(0, "since", "Said since.", "en"))
    store.close()


def _restore(home: Path, ack: Ack) -> None:
    backups.restore(settings(home), backups.listing(home / "backups")[0].file)
    ack("restored 1")


def _judge_restore_at_once(home: Path, acked: Sequence[str]) -> Iterable[str]:
    if not settings(home).database.exists():
        yield "there is no database"
        return
    store = opened(home)
    yield from (p for p in sound(store) if "vectors are missing" not in p)
    if not store.claims.by_key("in the backup"):
        yield "what was on file is gone"
    if acked and store.claims.by_key("since"):
        yield "the restore was acknowledged and is not there"
    store.close()


def _judge_restore(home: Path, acked: Sequence[str]) -> Iterable[str]:
    yield from _judge_restore_at_once(home, ["restored 1"])
    if left := list(home.glob(".restore-*")):
        yield f"drafts are left: {left}"


def _nothing(home: Path, acked: Sequence[str]) -> Iterable[str]:
    return ()


SCENES = (
    Scene("import by command", _prepare_import, _import, _judge_import),
    Scene("import in the background", _prepare_job, _job, _judge_job),
    Scene("articles read and matched", _prepare_articles, _articles, _judge_articles),
    Scene("decisions", _prepare_desk, _decide, _judge_desk),
    Scene("index, adapter and model swapped", _prepare_index, _swap, _judge_swap),
    Scene("migration from m001", _prepare_old("m001"), _migrate, _judge_migrated),
    Scene("migration from m002", _prepare_old("m002"), _migrate, _judge_migrated),
    Scene("backup", _prepare_backup, _backup, _judge_backup),
    Scene("restore", _prepare_restore, _restore, _judge_restore),
)
# What is looked at right after the kill, before the work is taken up again.
AT_ONCE: dict[str, Callable[[Path, Sequence[str]], Iterable[str]]] = {
    "import by command": _judge_import_at_once,
    "index, adapter and model swapped": _judge_swap_at_once,
    "migration from m001": _judge_migrated_at_once,
    "migration from m002": _judge_migrated_at_once,
    "backup": _judge_backup_at_once,
    "restore": _judge_restore_at_once,
}

"""What is found, narrowed and counted: every number is checked against a plain look at every row, and pages never skip or repeat one."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest

from db import Filters, Store, open_store
from factcheck import finding, merging, pipeline, searching
from factcheck.embed import FakeEncoder
from factcheck.errors import BadInput, NotFound
from factcheck.extraction.checkworthy import WORTHY
from factcheck.records import (
    Article,
    Claim,
    Kind,
    Occurrence,
    Person,
    Promise,
    PromiseStatus,
    Rating,
    Relation,
    Review,
    Role,
    Statement,
    User,
)
from factcheck.wanted import Wanted

TOPICS = ("war", "bridge", "hospital", "energy", "school")


@dataclass
class Desk:
    store: Store
    encoder: FakeEncoder

    def find(self, wanted: str | Wanted, **options) -> finding.Found:
        return finding.find(self.store, self.encoder, Wanted.from_args(wanted) if isinstance(wanted, str) else wanted, **options)

    def found(self, wanted: str) -> list[tuple[str, int]]:
        return [(r.kind, r.id) for r in finding.everything(self.store, self.encoder, Wanted.from_args(wanted), 1_000)]

    def claim(self, key: str, text: str, **fields) -> int:
        return pipeline.add_claim(self.store, self.encoder, Claim(0, key, text, **{"language": "en"} | fields)).id

    def statement(self, text: str, *, speaker: str = "", kind: Kind = Kind.DIRECT, article: dict | None = None, **fields) -> int:
        about = {"language": "en", "source": "Daily Sample", "published_at": "2024-03-05"} | (article or {})
        stored, _ = pipeline.add_article(self.store, Article(0, f"Said: {text} {self.store.articles.count()}", **about))
        made = self.store.articles.put_statements(
            stored.id, about["language"], [Statement(text, 6, 6 + len(text), kind, speaker, **fields)]
        )
        pipeline.embed_statements(self.store, self.encoder)
        return made[0].id

    @property
    def editor(self) -> User:
        return self.store.users.by_name("anna") or self.store.users.create("anna", "x", Role.EDITOR)

    def merge(self, root: int, other: int) -> None:
        merging.merge(self.store, root, other, self.editor, saw=merging.state(self.store, [root, other]), confirmed=True)

    def link(self, statement_id: int, claim_id: int) -> None:
        with self.store.write():
            self.store.decisions.add(statement_id, claim_id, Relation.SAME, self.editor)
            self.store.claims.recount(claim_id)


@pytest.fixture
def desk(tmp_path):
    store = open_store(tmp_path / "claimtrail.db")
    yield Desk(store, FakeEncoder())
    store.close()


def review(publisher: str, rating: Rating, day: str) -> Review:
    return Review(publisher, str(rating), rating, published_at=day)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Two hundred rows with every property drawn at random, a third of the statements linked to claims, some claims merged."""
    rng = random.Random(5)
    store = open_store(tmp_path_factory.mktemp("archive") / "claimtrail.db")
    desk = Desk(store, FakeEncoder())
    people = [store.people.put(Person(0, name)) for name in ("Jane Sample", "Erika Beispiel", "Max Muster")]
    claims = []
    for i in range(60):
        person = rng.choice([*people, None])
        words = " ".join(rng.sample(TOPICS, 2))
        claims.append(
            store.claims.put(
                Claim(
                    0,
                    f"c{i}",
                    f"The {words} number {i}",
                    rng.choice(["de", "en"]),
                    speaker=person.name if person else "Somebody Else",
                    person_id=person.id if person else None,
                    first_said_at=rng.choice([None, "2019", "2023-05", "2024-02-03", "2023-12-28/2024-01-03"]),
                    promise=Promise(status=rng.choice(list(PromiseStatus))) if rng.random() < 0.3 else None,
                    reviews=tuple(review(rng.choice(["Desk A", "Desk B"]), rng.choice(list(Rating)), f"2022-01-0{n + 1}") for n in range(rng.randint(0, 2))),
                )
            )[0]
        )
    for n in range(40):
        article = store.articles.add(
            Article(0, f"text {n}", rng.choice(["de", "en"]), source=rng.choice(["Daily Sample", "Radio Muster", ""]), published_at="2024-03-05"), f"h{n}"
        )
        made = [
            Statement(
                f"the {rng.choice(TOPICS)} again {k}", k * 50, k * 50 + 20, rng.choice(list(Kind)),
                (person := rng.choice([*people, None])) and person.name or "", said_at=rng.choice([None, "2018-07", "2024-01-09"]),
                check_worthy=rng.random(), is_promise=rng.random() < 0.2, nature=rng.choice(["", "fact", "opinion"]), person_id=person and person.id,
            )
            for k in range(4)
        ]  # fmt: skip
        for statement in store.articles.put_statements(article.id, article.language, made):
            if rng.random() < 0.35:
                desk.link(statement.id, rng.choice(claims))
    with store.write() as db:
        db.execute("INSERT INTO topics (id, name, description, created_at, changed_at) VALUES (901, 'Our war', 'w', '', ''), (902, 'Our roads', 'r', '', '')")
        for kind, ids in (("claim", claims), ("statement", range(1, 161))):
            for i in ids:
                if rng.random() < 0.3:
                    db.execute("INSERT INTO topic_assignments (topic_id, kind, object_id, score) VALUES (?, ?, ?, .5)", [rng.randint(901, 902), kind, i])
    plain = [i for i in claims if not store.claims.get(i).promise]
    for merged, root in ((plain[1], plain[0]), (plain[2], plain[0]), (plain[9], plain[8])):
        desk.merge(root, merged)
    pipeline.embed_claims(store, desk.encoder)
    pipeline.embed_statements(store, desk.encoder)
    yield desk
    store.close()


ADDRESSES = [
    "",
    "kind=statement",
    "kind=claim&rating=false&rating=true",
    "language=de",
    "language=de&language=en&speaker=Jane+Sample",
    "speaker=jane+sample&speaker=ERIKA+beispiel",
    "publisher=Desk+A",
    "source=radio+muster",
    "topic=901",
    "topic=901&topic=902&rating=not+rated",
    "status=broken&status=kept",
    "form=direct&nature=fact",
    "since=2023&until=2023",
    "since=2024-01-09",
    "worth=0.43&promise=1",
    "q=war",
    "q=war&language=de",
    "q=war&kind=statement&form=indirect",
    "q=bridge+school",
    'q="bridge"',
    "q=war+-bridge",
    "q=the+war+again",
    "q=war&since=2024",
    "q=war&topic=902",
    "like=claim:5",
    "like=statement:7&language=en",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_count_is_what_choosing_the_value_finds(archive, address):
    """The number beside a value, and the rows there are when it is the one value chosen, under all other filters."""
    found = archive.find(address)
    assert found.total == len(archive.found(address))
    checked = 0
    for name, counts in found.counts.items():
        for count in counts[:6]:
            f = found.wanted.filters
            if name == "kind":
                wanted = replace(found.wanted, kind=count.value)
            elif name == "year":
                wanted = replace(found.wanted, filters=replace(f, since=count.value, until=count.value))
            elif name in ("promise", "worth"):
                wanted = replace(found.wanted, filters=replace(f, **({"promises": True} if name == "promise" else {"worth": WORTHY})))
            else:
                value = int(count.value) if name == "topic" else count.value
                wanted = replace(found.wanted, filters=replace(f, **{name: (value,)}))
            assert archive.find(wanted, counted=False).total == count.n, (name, count)
            checked += 1
    assert checked > 3 or not found.total


def passes(store: Store, row: finding.FoundRow, f: Filters) -> bool:
    """The filters in plain words over records, for comparison."""
    claim = row.claim or row.of_claim
    group = store.claims.many(store.claims.group(claim.id)).values() if claim else ()
    linked = {s: c for s, c in store.decisions.links(range(1, 161)).items()} if row.claim else {}
    mine = [s for s, c in linked.items() if claim and store.claims.root(c) == claim.id]
    statements = store.articles.statements_by_id(mine)
    articles = store.articles.many({s.article_id for s in statements.values()})
    owner = row.claim or row.statement
    language = row.claim.language if row.claim else row.article.language
    sources = {articles[s.article_id].source for s in statements.values()} if row.claim else {row.article.source}
    worth = max((s.check_worthy for s in statements.values()), default=-1) if row.claim else row.statement.check_worthy
    return all(
        (
            not f.language or language in f.language,
            not f.speaker or owner.speaker.lower() in [s.lower() for s in f.speaker],
            not f.publisher or any(r.publisher in f.publisher for c in group for r in c.reviews),
            not f.source or any(s.lower() in [x.lower() for x in f.source] for s in sources),
            not f.rating or (claim is not None and str(claim.rating) in f.rating),
            not f.status or bool(claim and claim.promise and str(claim.promise.status) in f.status),
            not f.form or bool(row.statement and str(row.statement.kind) in f.form),
            not f.nature or bool(row.statement and row.statement.nature in f.nature),
            f.worth is None or worth >= f.worth,
            not f.promises or bool(row.claim.promise if row.claim else row.statement.is_promise),
        )
    )


@pytest.mark.parametrize("address", [a for a in ADDRESSES if "since" not in a and "topic" not in a])
def test_filters_take_exactly_the_rows_that_have_what_they_ask_for(archive, address):
    wanted = Wanted.from_args(address)
    kinds = ("claim", "statement") if not wanted.kind else (wanted.kind,)
    for kind in kinds:  # one kind at a time: no statement then stands in a claim's row
        narrowed = {(r.kind, r.id) for r in finding.everything(archive.store, archive.encoder, replace(wanted, kind=kind), 1_000)}
        every = finding.everything(archive.store, archive.encoder, replace(wanted, kind=kind, filters=Filters()), 1_000)
        assert narrowed == {(r.kind, r.id) for r in every if passes(archive.store, r, wanted.filters)}, kind


@pytest.mark.parametrize("sort", ["", "best", "said", "reviewed", "often", "worth", "added"])
@pytest.mark.parametrize("query", ["", "q=war", "kind=statement&q=again"])
def test_pages_put_together_are_the_whole_list_in_its_order(archive, query, sort):
    address = f"{query}&sort={sort}" if sort else query
    whole = archive.found(address)
    wanted, paged, firsts = Wanted.from_args(f"{address}&size=7"), [], []
    while True:
        found = archive.find(wanted)
        paged += [(r.kind, r.id) for r in found.rows]
        firsts.append(found.first)
        assert found.total == len(whole)
        if not found.next_cursor:
            break
        wanted = replace(wanted, cursor=found.next_cursor)
    assert paged == whole and len(set(paged)) == len(paged)
    assert firsts == list(range(1, len(whole) + 1, 7))


@pytest.mark.parametrize("query", ["sort=added", "q=bridge", "q=bridge&sort=added"])
def test_rows_that_come_in_between_move_no_page(desk, query):
    for i in range(12):
        desk.claim(f"c{i}", f"the bridge number {i}")
    first = desk.find(f"{query}&size=5")
    desk.claim("new", "the bridge")
    second = desk.find(f"{query}&size=5&cursor={first.next_cursor}")
    third = desk.find(f"{query}&size=5&cursor={second.next_cursor}")
    ids = [r.id for page in (first, second, third) for r in page.rows]
    assert len(ids) == len(set(ids)) == 12 and sorted(ids) == list(range(1, 13))


def test_a_cursor_that_is_none_is_a_clear_error(desk):
    for cursor in ("x", "1.zz", ".", "0."):
        with pytest.raises(BadInput, match="first page"):
            desk.find(f"cursor={cursor}")


def test_what_changes_is_found_and_counted_at_once(desk):
    claim = desk.claim("c", "the bridge is finished", speaker="Jane Sample")
    statement = desk.statement("bridge finished soon", speaker="Jane Sample", check_worthy=0.9)
    assert desk.found("speaker=jane+sample") == [("statement", statement), ("claim", claim)]
    assert desk.found("rating=false") == []
    desk.link(statement, claim)
    stored = desk.store.claims.get(claim)
    desk.store.claims.put(replace(stored, reviews=(review("Desk A", Rating.FALSE, "2024-05-06"),)))
    assert set(desk.found("rating=false&publisher=Desk+A")) == {("claim", claim), ("statement", statement)}
    assert desk.found("rating=false&source=Daily+Sample&kind=claim") == [("claim", claim)]
    assert desk.found("worth=0.8&kind=claim") == [("claim", claim)]
    [decision] = desk.store.decisions.of_statement(statement)
    desk.store.decisions.undo(decision.id, desk.editor)
    assert desk.found("rating=false") == [("claim", claim)]
    person = desk.store.people.put(Person(0, "Jane Sample", ("J. Sample",)))
    desk.store.claims.adopt(person)
    assert ("claim", claim) in desk.found("speaker=j.+sample")
    desk.store.articles.hide_statement(statement)
    assert desk.found("kind=statement") == []
    desk.store.claims.add_occurrence(Occurrence(claim, "bridge", "2021-05-04", source="Old Radio"))
    assert desk.found("since=2021&until=2021") == [("claim", claim)] == desk.found("source=old+radio")


def test_two_processes_see_each_others_changes(desk, tmp_path):
    other = open_store(tmp_path / "claimtrail.db")
    assert desk.find("").total == 0
    pipeline.add_claim(other, desk.encoder, Claim(0, "c", "the bridge", "en"))
    assert desk.find("").total == 1 and desk.find("q=bridge").total == 1
    other.close()


def test_exact_words_are_looked_for_in_text_title_and_body(desk):
    ids = {
        place: desk.claim(place, **{"text": f"plain {place}"} | {place: "said: Within  24-HOURS, so"})
        for place in ("text", "title", "body")
    }
    desk.claim("other", "24 long hours", body="hours 24")
    said = desk.statement("within 24 hours")
    assert set(desk.found('q="24 hours"')) == {("claim", i) for i in ids.values()} | {("statement", said)}
    assert set(desk.found('q="24 hours" -plain')) == {("claim", ids["text"]), ("statement", said)}
    assert desk.found('q="24 hours" -"within 24"') == []


def test_a_phrase_with_other_words_wants_what_they_mean_too(desk):
    both = desk.claim("a", "the north gate of the bridge opens at 24 o'clock")
    desk.claim("b", "24 onions on a low fire is what a soup needs, with carrots, garlic, pepper, celery and plenty of cold water")
    assert desk.found('q="24" bridge north gate opens') == [("claim", both)]
    assert len(desk.found('q="24"')) == 2


def test_merged_claims_are_one_row_with_the_wording_that_was_nearer(desk):
    root = desk.claim("a", "the crossing is complete")
    merged = desk.claim("b", "the bridge is finished")
    said = desk.statement("bridge finished")
    desk.link(said, merged)
    desk.merge(root, merged)
    found = desk.find("q=the+bridge+is+finished")
    row = found.rows[0]
    assert (row.kind, row.id, row.variant.claim.id) == ("claim", root, merged)
    assert found.total == 1 and desk.find("kind=claim").total == 1
    assert [(r.kind, r.id) for r in desk.find("q=the+bridge+is+finished&kind=statement").rows] == [("statement", said)]
    assert desk.find("kind=statement").rows[0].of_claim.id == root


def test_a_linked_statement_lends_its_place_to_its_claim_and_stands_in_its_row(desk):
    claim = desk.claim("bridge", "The new bridge will be finished soon.")
    desk.claim("ferry", "Das Boot sinkt bald.", language="de")
    article, _ = pipeline.add_article(desk.store, Article(0, "Die Brücke wird bald fertig, sagte sie. Die Brücke wird rot.", "de"))
    first, second = desk.store.articles.put_statements(
        article.id,
        "de",
        [Statement("Die Brücke wird bald fertig", 0, 27, Kind.INDIRECT), Statement("Die Brücke wird rot", 40, 59, Kind.INDIRECT)],
    )
    pipeline.embed_statements(desk.store, desk.encoder)
    query = "q=Die+Brücke+wird+bald+fertig"
    apart = desk.find(query).rows
    assert (apart[0].kind, apart[0].id) == ("statement", first.id)
    desk.link(first.id, claim)
    together = desk.find(query).rows
    assert (together[0].kind, together[0].id, together[0].wording.statement.id) == ("claim", claim, first.id)
    assert [r.id for r in together if r.kind == "statement"] == [second.id]
    assert [r.id for r in desk.find(f"{query}&kind=statement").rows] == [first.id, second.id]


def test_more_like_this_leaves_out_the_thing_itself(desk):
    claim = desk.claim("a", "the bridge is finished soon")
    other = desk.claim("b", "the bridge is finished soon now")
    said = desk.statement("the bridge is finished soon")
    assert {(r.kind, r.id) for r in desk.find(f"like=claim:{claim}").rows} == {("claim", other), ("statement", said)}
    assert {(r.kind, r.id) for r in desk.find(f"like=statement:{said}").rows} == {("claim", claim), ("claim", other)}
    assert desk.find(f"like=claim:{claim}").about.id == claim
    for gone in ("like=claim:999", "like=statement:999"):
        with pytest.raises(NotFound):
            desk.find(gone)


def test_the_order_and_the_probabilities_are_those_of_the_search_itself(desk):
    for i, text in enumerate(("end the war in 24 hours", "end the war", "the war in Ukraine", "hours of war")):
        desk.claim(f"c{i}", text)
    hits = {h.claim.id: h.candidate.probability for h in searching.search_claims(desk.store, desk.encoder, "end the war in 24 hours")}
    rows = desk.find("q=end+the+war+in+24+hours").rows
    assert rows and {r.id: r.probability for r in rows} == {r.id: hits[r.id] for r in rows}
    assert [r.probability for r in rows] == sorted((r.probability for r in rows), reverse=True)


def test_a_text_is_encoded_once(desk, monkeypatch):
    desk.claim("a", "the bridge")
    desk.statement("the bridge")
    asked: list[str] = []
    encode = desk.encoder.encode_queries
    monkeypatch.setattr(desk.encoder, "encode_queries", lambda texts: asked.extend(texts) or encode(texts))
    monkeypatch.setattr(desk.encoder, "encode_passages", lambda texts: encode(texts))
    found = desk.find("q=bridge+now&size=1")
    desk.find(f"q=bridge+now&size=1&cursor={found.next_cursor}")
    desk.find("q=bridge+now&language=en")
    assert asked == ["bridge now"]


def test_nothing_found_shows_the_nearest_that_pass_the_filters(desk):
    desk.claim("a", "cows like clover", language="de")
    desk.claim("b", "cows like grass")
    found = desk.find("q=zebrafish&language=de")
    assert found.total == 0 and [(r.claim.key) for r in found.near] == ["a"]


MATCHED = [a for a in ADDRESSES if "like" not in a] + ["q=-war", "kind=claim&q=war"]


@pytest.mark.parametrize("address", MATCHED)
def test_matches_tells_of_given_rows_what_the_search_finds(archive, address):
    wanted = Wanted.from_args(address)
    alone = [replace(wanted, kind=kind) for kind in ("claim", "statement") if wanted.kind in ("", kind)]
    everything = {(r.kind, r.id) for w in alone for r in finding.everything(archive.store, archive.encoder, w, 1_000)}
    told = finding.matches(archive.store, archive.encoder, wanted, range(1, 61), range(1, 161))
    assert told == everything
    assert finding.matches(archive.store, archive.encoder, wanted, [5], [7, 8]) == everything & {("claim", 5), ("statement", 7), ("statement", 8)}


def test_matches_encodes_nothing_when_filters_already_say_no(desk, monkeypatch):
    claim = desk.claim("a", "the bridge")
    monkeypatch.setattr(desk.encoder, "encode_queries", lambda texts: pytest.fail("encoded"))
    assert finding.matches(desk.store, desk.encoder, Wanted.from_args("q=bridge&language=de"), [claim]) == set()
    assert finding.matches(desk.store, desk.encoder, Wanted.from_args('q="long bridge"'), [claim]) == set()
    assert finding.matches(desk.store, desk.encoder, Wanted.from_args("language=en"), [claim, 99]) == {("claim", claim)}

"""The word index of a large store finds what the database's own finds, with the same ranks, and is never behind."""

from __future__ import annotations

import random

import pytest

from db import Store, derivedfile, open_store, wordcolumns, wordfile
from factcheck.records import Claim

WORDS = (
    "wall border taxes school schools teacher Lehrer Schule Schulen Krieg Angriffskrieg Häuser Haus Größe climate coal Kohlekraftwerk don't 5,000 2030 3.5 "
    "river bridge minister Ministerin health hospital Krankenhaus vote voting election Wahl Wahlkampf price prices percent million Millionen"
).split()
QUERIES = ("school taxes", "Krieg und Häuser", "5,000 schools", "don't vote", "the election in 2030 and the price of coal", "Wahl", "zebra", "Lehrer an Schulen 3.5")


def claim(i: int, chance: random.Random) -> Claim:
    some = lambda n: " ".join(chance.choices(WORDS, [1 / (w + 2) for w in range(len(WORDS))], k=n))  # noqa: E731
    return Claim(0, f"c{i}", some(chance.randint(4, 18)), chance.choice(("en", "de")), title=some(chance.randint(0, 6)), body=some(chance.choice((0, 0, 40))))


@pytest.fixture
def large(tmp_path, monkeypatch) -> Store:
    """300 claims, where 100 are many."""
    for name, value in (("LARGE", 100), ("NEW", 30), ("REST", 0)):
        monkeypatch.setattr(wordcolumns, name, value)
    store = open_store(tmp_path / "store.db")
    chance = random.Random(3)
    with store.write():
        for i in range(300):
            store.claims.put(claim(i, chance))
    assert not store.claim_words._large.ready()
    store.claim_words.made()
    assert store.claim_words._large.ready()
    yield store
    store.close()


def both(store: Store, ask) -> tuple[list, list]:
    """What the file answers, and what the database's own index does."""
    words = store.claim_words
    ours = ask(words)
    assert words._large.ready()
    kept, words._large = words._large, type("Never", (), {"ready": lambda self: False})()
    theirs = ask(words)
    words._large = kept
    return ours, theirs


def assert_alike(ours: list, theirs: list, near: float = 0.002) -> None:
    """The same rows with the same ranks; those of one rank, to the rounding, in any order and cut off anywhere."""
    assert len(ours) == len(theirs)
    assert [rank for _, rank in ours] == pytest.approx([rank for _, rank in theirs], rel=near, abs=1e-5)
    last = theirs[-1][1] * (1 + 2 * near) if theirs else 0
    assert {i for i, rank in ours if rank > last} == {i for i, rank in theirs if rank > last}


@pytest.mark.parametrize("query", QUERIES)
def test_ranks_are_those_of_the_database(large, query):
    ours, theirs = both(large, lambda w: w.words(query, 40))
    assert_alike(ours, theirs)
    assert ours or query == "zebra"


@pytest.mark.parametrize("query", (*QUERIES, "Krank", "schools krieg"))
def test_words_inside_words_are_found_as_by_the_database(large, query):
    assert_alike(*both(large, lambda w: w.parts(query, 40)))


@pytest.mark.parametrize("query", QUERIES)
def test_what_holds_all_words_any_word_or_a_phrase_is_the_same(large, query):
    for ask in (lambda w: w.holding_all(query), lambda w: w.holding_any(query.split()), lambda w: w.holding_phrase(query)):
        ours, theirs = both(large, ask)
        assert ours == theirs


def test_narrowed_to_some_rows_the_same(large):
    some = list(range(1, 300, 7))
    assert_alike(*both(large, lambda w: w.words("school taxes Krieg", 10, some)))
    assert_alike(*both(large, lambda w: w.parts("school taxes Krieg", 10, some)))
    ours, theirs = both(large, lambda w: w.holding_all("school", some))
    assert ours == theirs and set(ours) < set(some)


def test_new_changed_and_deleted_rows_count_at_once(large):
    new, _ = large.claims.put(Claim(0, "new", "An unheard zebra in the Angriffskriegsmuseum", "en"))
    assert [i for i, _ in large.claim_words.words("zebras", 5)] == [new]
    assert [i for i, _ in large.claim_words.parts("kriegsmuseum", 5)] == [new]
    assert large.claim_words.holding_all("unheard zebra") == [new] and large.claim_words.holding_phrase("unheard zebra") == ([new], True)
    large.claims.put(Claim(0, "new", "An unheard quagga", "en"))
    assert large.claim_words.words("zebras", 5) == [] and [i for i, _ in large.claim_words.words("quagga", 5)] == [new]
    old = large.claim_words.words("school", 1)[0][0]
    large.claims.delete(old)
    assert old not in {i for i, _ in large.claim_words.words("school", 400)} | set(large.claim_words.holding_all("school"))
    assert large.claim_words._large.ready() and large.claim_words._large._making is None
    assert_alike(*both(large, lambda w: w.words("school", 40)), near=0.02)  # how rare a word is, is told by the file


def test_parts_in_new_rows_rank_as_by_the_database(large):
    for i, text in enumerate(("Kriegsrecht und Angriffskrieg im Krieg", "Der Krieg und der Krieg, Krieg", "Bürgerkriegsflüchtlinge", "Vom Frieden")):
        large.claims.put(Claim(0, f"new{i}", text, "de"))
    ours, theirs = both(large, lambda w: w.parts("Krieg", 400))
    assert_alike(ours, theirs, near=0.05)
    assert {301, 302, 303} <= {i for i, _ in ours} and 304 not in {i for i, _ in ours} and large.claim_words._large._new.rows


def test_what_changed_much_goes_into_a_new_file(large):
    chance = random.Random(9)
    with large.write():
        for i in range(1000, 1040):
            large.claims.put(claim(i, chance))
    large.claims.delete(3)
    assert large.claim_words._large.ready()
    large.claim_words.made()
    assert large.claim_words._large.ready() and not large.claim_words._large._new.rows and len(large.claim_words._large._file.ids) == 339
    assert_alike(*both(large, lambda w: w.words("school taxes Krieg", 40)), near=0.03)  # FTS5 keeps counting the words of a deleted row


def test_more_than_can_be_kept_in_memory_is_asked_of_the_database_meanwhile(large, monkeypatch):
    monkeypatch.setattr(wordcolumns, "MOST_NEW", 20)
    chance = random.Random(9)
    with large.write():
        for i in range(1000, 1030):
            large.claims.put(claim(i, chance))
    monkeypatch.setattr(wordcolumns.WordColumns, "_make", lambda self: None)
    assert not large.claim_words._large.ready()
    assert {i for i, _ in large.claim_words.words("school", 400)} & set(range(301, 331))


@pytest.mark.parametrize("harm", ["one bit", "another version", "another database"])
def test_a_file_that_does_not_fit_is_made_anew(large, tmp_path, harm):
    file = tmp_path / "index" / "claims.words"
    data = bytearray(file.read_bytes())
    path = tmp_path / "store.db"
    if harm == "another database":
        path = tmp_path / "other" / "store.db"
        other = open_store(path)
        with other.write():
            for i in range(400):
                other.claims.put(Claim(0, f"d{i}", f"unlike all others {i}", "en"))
        other.close()
        file = tmp_path / "other" / "index" / "claims.words"
        file.parent.mkdir()
    elif harm == "one bit":
        data[-3] ^= 1
    else:
        data[: derivedfile.HEADER] = data[: derivedfile.HEADER].replace(b"words 1", b"words 0")
    file.unlink(missing_ok=True)
    file.write_bytes(data)
    again = open_store(path)
    assert not again.claim_words._large.ready()
    again.claim_words.made()
    assert again.claim_words._large.ready() and wordfile.read(file) is not None
    assert_alike(*both(again, lambda w: w.words("school taxes others", 40)))
    again.close()


def test_a_small_store_has_no_file(tmp_path):
    store = open_store(tmp_path / "store.db")
    store.claims.put(Claim(0, "c", "A claim about a bridge", "en"))
    assert store.claim_words.words("bridge", 3) and not (tmp_path / "index").exists()
    store.close()

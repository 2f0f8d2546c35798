"""What was typed is understood as it was meant, and nothing that can be typed breaks a search."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db import Filters, open_store
from factcheck import finding, pipeline
from factcheck.errors import BadInput
from factcheck.querying import CHOICES, understand
from factcheck.records import Article, Claim, Kind, Statement
from factcheck.wanted import SORTS, Wanted
from factcheck.words import holds, plain_words

QUOTE = "„Wir werden die Brücke bis zum Jahr 2030 erneuern“"


@pytest.mark.parametrize(
    ("query", "text", "words", "phrases", "without", "without_phrases"),
    [
        ("end the war", "end the war", "end the war", (), (), ()),
        ('"24 hours"', "24 hours", "", ("24 hours",), (), ()),
        ('"24 hours" war', "24 hours war", "war", ("24 hours",), (), ()),
        ("“24 hours” war", "24 hours war", "war", ("24 hours",), (), ()),
        ("„24 Stunden“ Krieg", "24 Stunden Krieg", "Krieg", ("24 Stunden",), (), ()),
        ("«24 heures» guerre", "24 heures guerre", "guerre", ("24 heures",), (), ()),
        ("»24 Stunden« Krieg", "24 Stunden Krieg", "Krieg", ("24 Stunden",), (), ()),
        ("war -Ukraine", "war", "war", (), ("Ukraine",), ()),
        ('war -"24 hours"', "war", "war", (), (), ("24 hours",)),
        ("-war", "", "", (), ("war",), ()),
    ],
)
def test_phrases_and_exclusions(query, text, words, phrases, without, without_phrases):
    meant = understand(query)
    assert (meant.text, meant.words, meant.phrases, meant.without, meant.without_phrases) == (text, words, phrases, without, without_phrases)


@pytest.mark.parametrize(
    "query",
    [QUOTE, f'"{QUOTE[1:-1]}"', "Sie sagte, „die Brücke kommt“, und fuhr danach zurück in die Stadt", "it is -5 degrees - or so", 'a " b', "-", '""', "well-known"],
)  # fmt: skip
def test_a_pasted_quote_a_number_below_zero_and_a_dash_are_only_text(query):
    meant = understand(query)
    assert (meant.text, meant.phrases, meant.without, meant.exact) == (query, (), (), False)


def test_the_reader_decides_how_marks_are_meant():
    assert understand(QUOTE, exact=True).phrases == (QUOTE[1:-1],)
    assert understand(QUOTE).has_marks and not understand("end the war").has_marks
    by_meaning = understand('"24 hours" -war', exact=False)
    assert (by_meaning.text, by_meaning.phrases, by_meaning.without) == ('"24 hours" -war', (), ())


def test_fields_narrow_and_what_no_field_can_be_stays_text():
    meant, wanted = Wanted(q='speaker:"Jane Sample" bridge RATING:false rating:true since:2024-03 kind:claim').read()
    assert (meant.text, wanted.q, wanted.kind) == ("bridge", "bridge", "claim")
    assert wanted.filters == Filters(speaker="Jane Sample", rating=("false", "true"), since="2024-03")
    for query in ("rating:rubbish bridge", "since:yesterday", "source: Reuters", "http://speaker:x", "resource:x"):
        meant, wanted = Wanted(q=query).read()
        assert (meant.text, wanted.filters) == (query, Filters()), query


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("24 hours", "within 24 hours.", True),
        ("24 hours", "within 24-hours", True),
        ("grosse brucke", "Die GROSSE Brücke", True),
        ("Große Brücke", "die grosse brucke", True),
        ("end the war", "end that war", False),
        ("war", "warm", False),
        ("the war", "the\nwar", True),
        ("don't", "We DON’T know", True),
    ],
)
def test_exact_words_are_compared_without_case_accents_and_punctuation(phrase, text, found):
    assert holds([text], phrase) is found


names = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=20).map(lambda s: " ".join(s.split())).filter(bool)
listed = st.fixed_dictionaries(
    {},
    optional={
        "language": st.lists(st.sampled_from(["de", "en", "fr"]), unique=True),
        "rating": st.lists(st.sampled_from(CHOICES["rating"]), unique=True),
        "status": st.lists(st.sampled_from(CHOICES["status"]), unique=True),
        "form": st.lists(st.sampled_from(CHOICES["form"]), unique=True),
        "nature": st.lists(st.sampled_from(CHOICES["nature"]), unique=True),
        "speaker": st.lists(names, unique=True, max_size=3),
        "publisher": st.lists(names, unique=True, max_size=3),
        "source": st.lists(names, unique=True, max_size=3),
        "topic": st.lists(st.integers(0, 10**9), unique=True, max_size=3),
        "person_id": st.none() | st.integers(1, 10**9),
        "since": st.sampled_from(["", "2024", "2024-02", "2024-02-29"]),
        "promises": st.booleans(),
        "worth": st.none() | st.integers(0, 100).map(lambda n: n / 100),
    },
)
wishes = st.builds(
    Wanted,
    q=st.just("") | names,
    like=st.sampled_from(["", "claim:12", "statement:7"]),
    exact=st.sampled_from([None, True, False]),
    kind=st.sampled_from(["", "claim", "statement"]),
    filters=listed.map(lambda given: Filters(**given)),
    sort=st.sampled_from(["", *SORTS]),
    size=st.integers(1, 1000),
)


@given(wishes)
def test_a_search_comes_back_from_its_address_as_it_was(wanted):
    assert Wanted.from_args(wanted.to_query()) == wanted
    assert Wanted.from_args(dict(_lists(wanted))) == wanted


def _lists(wanted):
    found: dict[str, list[str]] = {}
    for name, value in wanted.to_args():
        found.setdefault(name, []).append(value)
    return found


@pytest.mark.parametrize(
    "query",
    ["rating=rubbish", "kind=person", "since=soon", "until=2024-02-30", "topic=x", "worth=2", "worth=nan", "sort=magic", "like=claim:0", "like=x", "size=-1", "person=1e3", "exact=yes", "language=klingon"],
)  # fmt: skip
def test_what_a_filter_cannot_be_is_a_clear_error(query):
    with pytest.raises(BadInput, match=f"{query.split('=')[0]} cannot be"):
        Wanted.from_args(query)


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    from factcheck.embed import FakeEncoder

    store, encoder = open_store(tmp_path_factory.mktemp("syntax") / "claimtrail.db"), FakeEncoder()
    pipeline.add_claim(store, encoder, Claim(0, "war", "I will end the war within 24 hours.", "en", speaker="Jane Sample"))
    article, _ = pipeline.add_article(store, Article(0, "She said the bridge is finished.", "en"))
    store.articles.put_statements(article.id, "en", [Statement("the bridge is finished", 9, 31, Kind.INDIRECT, "Jane Sample")])
    pipeline.embed_statements(store, encoder)
    yield store, encoder
    store.close()


pieces = st.lists(
    st.sampled_from(['"', "-", "“", "„", "«", "»", "(", ")", "*", "^", ":", "NEAR(", "AND", "OR", "NOT", "text:", "speaker:", "rating:", "since:2024", "war", "24 hours", "'; --", "{text}", "+", "ß", "½", "💥", "é", "٣"])
    | st.text(max_size=6),
    max_size=12,
)  # fmt: skip


@given(parts=pieces, glue=st.sampled_from(["", " "]), exact=st.sampled_from([None, True, False]))
def test_nothing_that_can_be_typed_breaks_a_search(desk, parts, glue, exact):
    store, encoder = desk
    wanted = Wanted.from_args(urlencode({"q": glue.join(parts)}))
    found = finding.find(store, encoder, Wanted(q=wanted.q, exact=exact))
    assert found.total >= len(found.rows)
    assert store.claims.count() == 1 and store.articles.count_statements() == 1


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
def test_exact_words_find_every_text_that_holds_them(desk, text):
    store, encoder = desk
    words = plain_words(text).split()
    if not words:
        return
    with store.write():
        claim_id, _ = store.claims.put(Claim(0, "any", f"Then {' '.join(words)} now", "de"))
        ids, read = store.claim_words.holding_phrase(" ".join(words[:4]))
        assert claim_id in ids and read
        store.claims.delete(claim_id)

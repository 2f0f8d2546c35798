"""Yes and no: negations, denials, opposite words and changed places add up over both texts, in German, in English and across."""

from __future__ import annotations

import pytest

from factcheck.differences import compare


@pytest.mark.parametrize(
    ("statement", "claim"),
    [
        ("The baker sells bread.", "The baker does not sell bread."),
        ("Der Bäcker verkauft kein Brot mehr.", "The baker sells bread."),
        ("The actor denies that he owns a boat.", "The actor owns a boat."),
        ("Der Trainer bestreitet, dass er Geld bekam.", "Der Trainer bekam Geld."),
        ("It is a myth that cats can fly.", "Cats can fly."),
        ("Dass Katzen fliegen, ist falsch.", "Cats fly."),
        ("Rents are falling.", "Die Mieten steigen."),
        ("Der Park ist geschlossen.", "The park is open."),
        ("Eva never walks to work.", "Eva always walks to work."),
        ("The runner came in after the horse.", "The runner came in before the horse."),
        ("Norway is larger than Sweden.", "Sweden is larger than Norway."),
        ("Schweden ist kleiner als Norwegen.", "Sweden is larger than Norway."),
        ("France was defeated by Germany.", "Germany was defeated by France."),
        ("Kaum jemand kam zum Fest.", "Alle kamen zum Fest."),
    ],
)
def test_sees_that_one_turns_the_other(statement, claim):
    assert compare(statement, claim).polarity.turned
    assert compare(claim, statement).polarity.turned


@pytest.mark.parametrize(
    ("statement", "claim"),
    [
        ("It is not true that the baker sells no bread.", "The baker sells bread."),
        ("Der Trainer bestreitet nicht, dass er Geld bekam.", "The coach got money."),
        ("The park is not closed.", "The park is open."),
        ("Die Mieten sinken nicht.", "Rents are not falling."),
        ("Norway is smaller than Sweden.", "Sweden is larger than Norway."),
        ("France was defeated by Germany.", "Germany defeated France."),
        ("Bread has never been more expensive.", "Bread prices are at a record high."),
        ("Not only cats fly.", "Cats fly."),
        ("The horse came in before the runner.", "The runner came in after the horse."),
    ],
)
def test_two_turns_undo_each_other(statement, claim):
    assert not compare(statement, claim).polarity.contradicting
    assert not compare(claim, statement).polarity.contradicting


def test_what_else_a_long_text_denies_is_another_matter():
    statement = "I could not sleep. Nobody called me. The baker in our street sells bread on Sundays. It never rains."
    assert not compare(statement, "The baker sells bread on Sundays.").polarity.turned
    assert compare(statement.replace("sells", "does not sell"), "The baker sells bread on Sundays.").polarity.turned

"""Articles of our own with many statements worth checking, for a long sitting at the queue. Nobody in them exists."""

from __future__ import annotations

from itertools import cycle, islice

SPEAKERS = ("Ida Specimen", "Paul Sample", "Nora Exempel", "Theo Muster", "Greta Probe", "Oskar Beispiel")
FACTS = (
    "The city spent {n} million euros on new trams last year",
    "Unemployment in our district fell by {n} percent since 2019",
    "More than {n} thousand people wait for a flat in this town",
    "The harbour handled {n} percent more containers than in 2020",
    "Every school here has lost {n} teachers within two years",
    "The hospital closed {n} of its wards in January",
    "Rents have risen by {n} percent in only three years",
    "The police counted {n} burglaries in the old town in March",
    "Our farms used {n} percent less water than in 2018",
    "The new bridge costs {n} million euros more than planned",
)
CLOSING = "Then the council went on to the next item on its list."


def sentences(n: int, first: int = 11) -> list[str]:
    """``n`` quotations, each with a number of its own."""
    facts, speakers = islice(cycle(FACTS), n), islice(cycle(SPEAKERS), n)
    return [
        f"“{fact.format(n=first + 3 * i)},” said {speaker} on Tuesday."
        for i, (fact, speaker) in enumerate(zip(facts, speakers, strict=True))
    ]


def article(said: list[str]) -> str:
    """The sentences as an article, two to a paragraph."""
    return "\n\n".join(" ".join(said[i : i + 2]) for i in range(0, len(said), 2)) + "\n\n" + CLOSING

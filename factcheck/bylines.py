"""Whom a file of claims names as the speaker: a person who may be put on file, or "Facebook posts", a party, a web site.

A person is who is named in full, with a given name that is known as one, or with an office before the name where the review speaks of
them ("Sen. Wera Lindkvist"). In doubt it is nobody: the speaker's words stand beside the claim all the same, and an editor decides.
"""

from __future__ import annotations

import re

from factcheck.extraction.names import full_names, gender_of, is_title

MOST_READ = 20_000  # characters of a review in which an office is looked for
_WORD = r"(?:[A-ZÀ-ÖØ-ÞŁŚŻŽČŠĐ][\w’'-]*\w|(?:[A-Z]\.){1,3}|[A-Z]{2})"
_PARTICLE = r"(?:van der|van den|von der|von den|van de|Van de|vanden|van|von|de la|de las|de los|de|del|della|di|da|dos|du|bin|ibn|al|el|ter|zu)"
_FORM = re.compile(rf"(?P<first>{_WORD})(?P<rest>(?: {_PARTICLE})?(?: {_WORD}){{1,3}}(?: {_PARTICLE} {_WORD})?)(?:,? (?:Jr\.?|Sr\.?|II|III|IV))?")
_NICKNAME = re.compile(r" [\"“„(][\w .'’-]{1,20}[\"”“)](?= )")
_PLACES = {"U.S.", "U.N.", "U.K.", "D.C.", "E.U.", "UN", "US", "UK", "EU"}
# Given names that are words too, so that they tell less in a running text than as the first word of a name.
_ALSO_WORDS = frozenset(
    "Al Art Barney Ben Bernie Beto Bill Billy Bob Bud Buddy Cal Chet Chip Chuck Clay Cliff Clint Deb Dick Don Doug Drew Ed Frank Gene Ginny"
    " Grant Gus Guy Hal Hank Herb Jack Jeb Jess Kip Kit Kris Lamar Lon Lou Mac Max Nan Nate Ned Nick Norm Pat Phil Pierce Ray Reed Rex"
    " Rob Rod Rosa Rose Russ Rusty Sal Sandy Sid Skip Stan Stu Sue Tad Ted Tim Tom Trey Val Vern Wade Wes Will Woody Zell".split()
)
# Words that stand in the names of bodies, lists and places and in no name of a person.
_NO_PERSON = frozenset(
    "action advertisement advertisements agency ad ads alliance america american americans assembly association authority band bank blog bloggers board bureau"
    " campaign care caucus center centre channel charity church city claims chronicle club coalition college commission committee community company"
    " conference congress conservative conservatives council county court daily democrat democratic democrats department editorial editors"
    " email emails facebook families family federation first foundation freedom friends front fund future government group groups health hospital house"
    " image images inc instagram institute internet journal league liberty list local ltd magazine majority media gazette herald meme memes message ministry"
    " movement multiple national network news now observer office online organization organisation outlets pac page pages parents party patriot paper people photo photos police"
    " post poster posts press progress project public radio report reports republican republicans research rights school schools senate"
    " service services show site social society sources state states students studio taxpayers teachers team telegram television texts the tiktok times tribune tv tweet tweets"
    " twitter superpac uncut union united university usa user users utility utilities various video videos viral voice vote voters watch web website websites whatsapp women workers world youtube"
    " aktion amt bank behörde beiträge bund bundesamt bündnis bürger fraktion freunde gewerkschaft gruppe initiative institut internetseite"
    " kanal kanzlei kettenbrief medien medienberichte ministerium nachrichten nutzer partei presse rat regierung seite sender stiftung"
    " verband verein verlag verschiedene video videos zeitung".split()
)


def is_a_person(speaker: str, text: str = "") -> bool:
    """True when ``speaker`` is plainly the full name of a person; ``text`` is what the review says."""
    plain = _NICKNAME.sub("", speaker)
    form = _FORM.fullmatch(plain)
    if form is None or len(plain) > 60 or plain.isupper():
        return False
    words = re.findall(r"[^\W\d_]+", plain.casefold())
    first = form["first"]
    if _NO_PERSON.intersection(words) or first in _PLACES or is_title(first):
        return False
    if gender_of(first) or first in _ALSO_WORDS:
        return True
    return _is_named_with_an_office(speaker, text[:MOST_READ])


def gender(speaker: str) -> str:
    """ "m", "f" or "" where the given name does not tell."""
    found = gender_of(speaker.split()[0])
    return found if found in ("m", "f") else ""


def _is_named_with_an_office(speaker: str, text: str) -> bool:
    at = text.find(speaker)
    while at >= 0:
        around = text[max(0, at - 40) : at + len(speaker) + 1]
        if any(n.text == speaker and n.title for n in full_names(around, frozenset(), "en")):
            return True
        at = text.find(speaker, at + 1)
    return False

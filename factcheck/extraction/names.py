"""Names of persons in a text: full names, the titles before them and the age after them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

_DATA = Path(__file__).parent.parent / "data"

# No name has more letters than that, and one without a blank that goes on for pages must not be looked through from each of its capitals.
_CAPITAL = r"(?:[^\W\d_a-zß-öø-ÿ][\w’'-]{0,60}[\w]|[^\W\d_a-zß-öø-ÿ])"
_PARTICLE = (
    r"(?:von der|von den|van der|van den|von|van|de la|de|del|della|di|da|du|bin|ibn|al|el|zu|ter|Al|El|bin|Abu|Mc|Mac|O’|St\.)"
)
_NAME = re.compile(
    rf"(?<![^\W_])(?<![-’'])(?P<first>{_CAPITAL}"
    rf"|[A-Z]\.(?:\s?[A-Z]\.)?)(?P<middle>(?:[ \u00a0](?:[A-Z]\.)){{0,2}})(?P<rest>(?:[ \u00a0]{_PARTICLE})?[ \u00a0]{_CAPITAL})"
    r"(?P<junior>,? (?:Jr|Sr)\.)?"
)
_WORD_BEFORE = re.compile(r"([\w’'./-]+)[ \u00a0]+$")
_DEGREES = re.compile(r"(?:\b(?:Dr|Prof|Dipl|med|h\.c)\.[ \u00a0]*)+$")
_WRITTEN_OUT = {
    "Sen": "senator",
    "Gov": "governor",
    "Rep": "representative",
    "Gen": "general",
    "Lt": "lieutenant",
    "Sgt": "sergeant",
}
_AGE = re.compile(r"^\s?(?:\(|, )(\d{2})(?:\)|,| Jahre)")

# Endings of German nouns for what somebody is; a name may follow them.
TITLE_ENDINGS = (
    "minister", "ministerin", "präsident", "präsidentin", "präsidenten", "chef", "chefin", "kanzler", "kanzlerin",
    "sprecher", "sprecherin",
    "sekretär", "sekretärin", "vorsitzende", "vorsitzender", "vorsitzenden", "diktator", "herrscher", "machthaber",
    "senator", "senatorin",
    "abgeordnete", "abgeordneter", "politiker", "politikerin", "professor", "professorin", "direktor", "direktorin",
    "leiter", "leiterin",
    "trainer", "trainerin", "anwalt", "anwältin", "experte", "expertin", "forscher", "forscherin", "könig", "königin",
    "papst", "kardinal",
    "bischof", "bischöfin", "meister", "meisterin", "rat", "rätin", "richter", "richterin", "general", "oberst", "kommissar",
    "kommissarin",
    "kandidat", "kandidatin", "führer", "führerin", "gouverneur", "gouverneurin", "landrat", "landrätin", "premier",
    "botschafter",
    "botschafterin", "beauftragte", "beauftragter", "unternehmer", "unternehmerin", "ökonom", "ökonomin", "analyst",
    "analystin", "astronaut",
    "manager", "managerin", "sänger", "sängerin", "autor", "autorin", "journalist", "journalistin", "historiker",
    "historikerin", "ärztin",
    "arzt", "wissenschaftler", "wissenschaftlerin", "geschäftsführer", "geschäftsführerin", "vorstand", "kommandeur", "herr",
    "frau", "dr",
    "prof", "spitzenkandidat", "spitzenkandidatin", "fraktionschef", "fraktionschefin", "aktivist", "aktivistin",
    "intendant", "intendantin",
    "bürgermeister", "bürgermeisterin", "ministerpräsident", "bewohner", "bewohnerin", "lehrer", "lehrerin", "landwirt",
    "landwirtin",
    "stadtrat", "stadträtin", "kollege", "kollegin", "amtsinhaber", "amtsinhaberin", "rivale", "rivalin", "staatschef",
    "boss", "obmann", "vertreter", "vertreterin", "förster", "försterin", "imker", "imkerin", "pfarrer", "pfarrerin", "händler", "händlerin",
    "bauer", "bäuerin", "wirt", "wirtin", "loge", "login", "physiker", "physikerin", "chemiker", "chemikerin", "berater", "beraterin",
    "planer", "planerin", "architekt", "architektin", "ingenieur", "ingenieurin", "künstler", "künstlerin", "maler", "malerin",
    "regisseur", "regisseurin", "schauspieler", "schauspielerin", "moderator", "moderatorin", "kapitän", "kapitänin", "apotheker",
    "apothekerin", "reeder", "reederin", "gründer", "gründerin", "inhaber", "inhaberin", "züchter", "züchterin", "ermittler", "ermittlerin",
    "anwohner", "anwohnerin", "mitarbeiter", "mitarbeiterin", "angestellte", "angestellter", "torwart", "torhüter", "torhüterin", "spieler", "spielerin", "kassenwart", "kurator", "orin", "istin", "erin", "entin", "antin", "schatzmeister", "schatzmeisterin",
)  # fmt: skip
ENGLISH_TITLES = frozenset(
    "president minister senator sen rep gov governor mayor chancellor secretary spokesman spokeswoman spokesperson dr prof"
    " professor mr mrs ms"
    " miss sir dame lord lady general gen colonel col judge justice chairman chairwoman chair chief ceo director analyst"
    " economist king queen"
    " prince princess pope cardinal bishop attorney lawyer ambassador commissioner councillor councilman councilwoman"
    " congressman congresswoman"
    " representative lieutenant lt sheriff officer sgt sergeant capt captain premier leader candidate nominee deputy manager"
    " strategist adviser"
    " advisor aide activist author journalist reporter editor historian scientist farmer teacher democrat republican counsel"
    " founder head vice"
    " spokesperson treasurer billionaire businessman pollster rapper actor actress singer coach star host"
    " anchor columnist teammate goalkeeper midfielder neighbor neighbour resident student engineer architect pastor priest rabbi imam curator librarian"
    " principal dean owner organizer organiser treasurer secretary-general".split()
)
_NOT_NAMES = frozenset(
    "der die das den dem des ein eine einer und oder aber mit nach bei von vom zum zur aus für gegen über unter um durch"
    " seit während wegen im am"
    " in an auf als wie wenn da dass weil ob er sie es wir ihr ich sein ihre auch so doch zudem laut the a an and but or if"
    " when while as in on at"
    " by for from with he she it they we you his her their its this that these those there here what who why how where after"
    " before since until"
    " januar februar märz april mai juni juli august september oktober november dezember january february march june july"
    " october december"
    " montag dienstag mittwoch donnerstag freitag samstag sonntag monday tuesday wednesday thursday friday saturday sunday"
    " herr frau mr mrs ms dr"
    " prof nicht kein keine heute gestern morgen frankfurt universität street avenue university party house institute news"
    " times post county city"
    " state states court bank company group center centre school college hospital council committee department"
    " office church street road park foundation campaign administration tower towers research association organization society"
    " journal tribune press magazine media network channel club team union act bill law day night week award prize project fund"
    " ministry agency bureau authority board commission parliament embassy police army corps force airport station building bridge"
    " stiftung ministerium verlag verein verband gesellschaft klinik schule kirche straße platz allee haus preis".split()
)


class Name(NamedTuple):
    """A full name in the text: ``text[start:end]``, the title before it ("Kreml-Diktator"), an age if one follows."""

    text: str
    start: int
    end: int
    title: str
    age: str
    gender: str


def full_names(text: str, known: frozenset[str] | set[str], language: str) -> Iterator[Name]:
    """Full names in text order: by a known first name, a title before, an age after, or because ``known`` (folded) has them."""
    position = 0
    while True:
        match = _NAME.search(text, position)
        if match is None:
            return
        position = match.start("first") + len(match.group("first"))
        name = _longest(text, match, known)
        if name is None:
            continue
        start, end = name
        title = _title_before(text, start)
        age = _AGE.match(text[end : end + 12])
        words = text[start:end].split()
        first = match.group("first")
        if words[0].casefold() in _NOT_NAMES or words[-1].casefold() in _NOT_NAMES or is_title(words[0]) or (
            is_title(words[-1]) and not gender_of(first)  # "Sonja Bauer" is a name, "Der Bauer" is none
        ):
            if fold(text[start:end]) not in known:
                continue
        sure = fold(text[start:end]) in known or gender_of(first) or (age is not None) or (title and is_title(title))
        if not sure or not _own_words(words, known):
            continue
        yield Name(text[start:end], start, end, title if is_title(title) else "", age.group(1) if age else "", gender_of(first))
        position = end


def _longest(text: str, match: re.Match[str], known: frozenset[str] | set[str]) -> tuple[int, int] | None:
    """The name at the match, with a third word where the second is a first name too or the file knows it so."""
    start, end = match.span()
    if start and (text[start - 1].isalnum() or text[start - 1] in "-’'"):
        return None
    further = re.compile(rf"[ \u00a0]{_CAPITAL}").match(text, end)
    if further and not match.group("junior"):
        longer = text[start : further.end()]
        second = match.group("rest").split()[-1]
        if fold(longer) in known or (
            fold(text[start:end]) not in known and gender_of(second) and gender_of(match.group("first")) and longer[-1] not in "."
        ):
            end = further.end()
    for suffix in ("’s", "'s", "’", "'"):
        if text[start:end].endswith(suffix):
            end -= len(suffix)
    if not match.group("junior"):
        return start, end
    return start, end


def _own_words(words: list[str], known: frozenset[str] | set[str]) -> bool:
    return fold(" ".join(words)) in known or not any(w.isupper() and len(w) > 3 for w in words) or all(w.isupper() for w in words)


def _title_before(text: str, start: int) -> str:
    before = _DEGREES.sub("", text[max(0, start - 60) : start])
    found = _WORD_BEFORE.search(before)
    word = found.group(1).rstrip(".") if found else ""
    return _WRITTEN_OUT.get(word, word)


def is_title(word: str) -> bool:
    """Is ``word`` what somebody is or does ("Kreml-Diktator", "Sen.", "Verteidigungsministerin")?"""
    lower = word.casefold().rstrip(".")
    return bool(lower) and (lower in ENGLISH_TITLES or (word[0].isupper() and lower.endswith(TITLE_ENDINGS) and not gender_of(word)))


@lru_cache(maxsize=1)
def _first_names() -> dict[str, str]:
    lines = (_DATA / "first_names.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split() for line in lines if line and not line.startswith("#"))


def gender_of(first_name: str) -> str:
    """ "m", "f", "mf" (given to both) or "" (not known as a first name)."""
    names = _first_names()
    if first_name in names:
        return names[first_name]
    if first_name.isupper() and len(first_name) > 3:
        return names.get(first_name.title(), "")
    part = first_name.partition("-")[0]
    return names.get(part, "") if part != first_name else ""


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """A name for comparison, without accents, initials and punctuation; "Recep T. Erdoğan" gives "recep erdogan"."""
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss").replace("ı", "i"))
    letters = "".join(c if c.isalnum() or c == "-" else " " for c in plain if not unicodedata.combining(c) and c not in "’'")
    words = [word for word in letters.split() if len(word) > 1 or not word.isascii()]
    while len(words) > 1 and words[-1] in {"jr", "sr", "ii", "iii"}:
        words.pop()
    return " ".join(words)

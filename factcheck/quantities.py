"""Numbers and dates in German and English text, as values that can be compared across the two languages.

"24 Stunden" and "one day" are the same duration, "zwei Drittel" and "two out of three" the same share, "180 Mio. Euro" and
"180 million euros" the same sum. Pure functions; the text is only read, never parsed as a language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:[-'’][^\W\d_]+)*|[%$€£]")

_ONES = {
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "dozen": 12,
    "null": 0, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11,
    "zwölf": 12, "dreizehn": 13, "vierzehn": 14, "fünfzehn": 15, "sechzehn": 16, "siebzehn": 17, "achtzehn": 18, "neunzehn": 19,
    "zwanzig": 20, "dreißig": 30, "vierzig": 40, "fünfzig": 50, "sechzig": 60, "siebzig": 70, "achtzig": 80, "neunzig": 90,
    "dutzend": 12,
}  # fmt: skip
_ONE = frozenset("one ein eine einen einem einer eines a an".split())
_MAGNITUDES = {
    "hundred": 100, "hundert": 100, "thousand": 1e3, "tausend": 1e3, "k": 1e3, "million": 1e6, "millions": 1e6, "millionen": 1e6,
    "mio": 1e6, "milliarde": 1e9, "milliarden": 1e9, "mrd": 1e9, "bn": 1e9, "trillion": 1e12, "trillions": 1e12,
    "billionen": 1e12, "billions": 1e9,
}  # fmt: skip
_SHARES = {
    "drittel": 3, "viertel": 4, "fünftel": 5, "sechstel": 6, "achtel": 8, "zehntel": 10, "third": 3, "thirds": 3, "quarter": 4,
    "quarters": 4, "fourth": 4, "fifth": 5, "fifths": 5, "tenth": 10, "tenths": 10, "dritte": 3, "vierte": 4, "fünfte": 5,
    "sechste": 6, "achte": 8, "zehnte": 10, "zweite": 2, "half": 2, "hälfte": 2,
}  # fmt: skip
_TIMES = {
    "doubl": 2, "twice": 2, "twofold": 2, "verdoppel": 2, "doppelt": 2, "zweimal": 2, "tripl": 3, "threefold": 3, "verdreifach": 3,
    "dreimal": 3, "quadrupl": 4, "vervierfach": 4, "viermal": 4, "halved": 0.5, "halving": 0.5, "halbier": 0.5,
}  # fmt: skip
_HOURS = {
    "second": 1 / 3600, "sekunde": 1 / 3600, "minute": 1 / 60, "hour": 1, "stunde": 1, "day": 24, "tag": 24, "week": 168,
    "woche": 168, "month": 730, "monat": 730, "year": 8766, "jahr": 8766, "decade": 87660, "jahrzehnt": 87660,
}  # fmt: skip
_MEASURES = {  # unit -> (what it measures, in its base unit)
    "kilometer": ("length", 1e3), "kilometre": ("length", 1e3), "km": ("length", 1e3), "meter": ("length", 1), "metre": ("length", 1),
    "mile": ("length", 1609), "meile": ("length", 1609), "foot": ("length", 0.305), "feet": ("length", 0.305),
    "centimeter": ("length", 0.01), "zentimeter": ("length", 0.01),
    "ton": ("mass", 1e3), "tonne": ("mass", 1e3), "kilogram": ("mass", 1), "kilogramm": ("mass", 1), "kilo": ("mass", 1),
    "kg": ("mass", 1), "gram": ("mass", 1e-3), "gramm": ("mass", 1e-3),
    "liter": ("volume", 1), "litre": ("volume", 1), "barrel": ("volume", 159), "gallon": ("volume", 3.785), "gallone": ("volume", 3.785),
    "degree": ("degrees", 1), "grad": ("degrees", 1),
    "megawatt": ("power", 1e6), "gigawatt": ("power", 1e9), "kilowatt": ("power", 1e3),
}  # fmt: skip
_MONEY = frozenset("$ € £ dollar dollars euro euros pound pounds pfund franken rubel rouble roubles cent cents".split())
_PERCENT = frozenset("% percent prozent percentage prozentpunkte prozentpunkten".split())
_EACH = frozenset("a an per pro je im am each every jeden jede jedes in der".split())
_ADVERBS_PER = {
    "daily": "day", "täglich": "day", "weekly": "week", "wöchentlich": "week", "monthly": "month", "monatlich": "month",
    "annually": "year", "yearly": "year", "annual": "year", "jährlich": "year",
}  # fmt: skip
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january januar jan jänner", "february februar feb", "march märz", "april apr", "may mai", "june juni", "july juli",
         "august aug", "september sept sep", "october oktober oct okt", "november nov", "december dezember dec dez"), 1
    )
    for name in names.split()
}  # fmt: skip
_DAYS = {
    name: day
    for day, names in enumerate(
        ("monday montag", "tuesday dienstag", "wednesday mittwoch", "thursday donnerstag", "friday freitag",
         "saturday samstag sonnabend", "sunday sonntag"), 1
    )
    for name in names.split()
}  # fmt: skip
_FEASTS = {
    "easter": "easter", "ostern": "easter", "christmas": "christmas", "weihnachten": "christmas", "pfingsten": "whitsun",
    "thanksgiving": "thanksgiving", "ramadan": "ramadan",
}  # fmt: skip
_ORDINALS = {"ersten": 1, "first": 1, "zweiten": 2, "second": 2, "dritten": 3, "third": 3}
_UMLAUTS = frozenset("äöüß")
_GERMAN = frozenset("der die das und nicht ein eine von zu mit sei habe werde ist im den dem des für auf sich es er sie bis".split())


@dataclass(frozen=True)
class Quantity:
    """A number with what it counts. ``kind``: count, percent, money, duration (hours), times, length (metres), mass (kg),
    volume (litres), degrees or power (watts); ``per`` is "day", "week", "month", "year" or ""; ``numeral`` the bare number."""

    text: str
    value: float
    kind: str
    per: str = ""
    numeral: float = 0.0


@dataclass(frozen=True)
class When:
    """A point in time as far as the words name it. ``kind``: year, month, day (month and day), weekday or feast."""

    text: str
    kind: str
    value: str


@dataclass(frozen=True)
class Numbers:
    quantities: tuple[Quantity, ...]
    dates: tuple[When, ...]


@lru_cache(maxsize=2048)
def numbers_in(text: str) -> Numbers:
    """All quantities and dates of a text, in order."""
    return _Reader(text).read()


@lru_cache(maxsize=2_048)
def is_german(text: str) -> bool:
    """True when more German function words and umlauts than nothing stand in the text; decides how "Billion" is read."""
    words = [word.lower() for word in _TOKEN.findall(text)]
    return sum([w in _GERMAN or not (w.isascii() or _UMLAUTS.isdisjoint(w)) for w in words]) > len(words) * 0.12


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.matches = list(_TOKEN.finditer(text))
        self.words = [m.group().lower() for m in self.matches]
        self.german = is_german(text)
        self.quantities: list[Quantity] = []
        self.dates: list[When] = []

    def read(self) -> Numbers:
        i = 0
        while i < len(self.words):
            i = i + 1 if not _may_count(self.words[i]) else self.date(i) or self.quantity(i) or self.times(i) or i + 1
        return Numbers(tuple(self.quantities), tuple(self.dates))

    def word(self, i: int) -> str:
        return self.words[i] if 0 <= i < len(self.words) else ""

    def span(self, first: int, last: int) -> str:
        return self.text[self.matches[first].start() : self.matches[last].end()]

    def date(self, i: int) -> int | None:
        """Read a date at token ``i``; the token after it, or None."""
        word = self.words[i]
        named = self.matches[i].group()[0].isupper()  # "may" and "march" are verbs, too
        if word.isdecimal() and len(word) == 4 and 1800 <= int(word) <= 2100 and not self._counts_something(i):
            self.dates.append(When(word, "year", word))
            return i + 1
        if word in _DAYS and named:
            self.dates.append(When(self.span(i, i), "weekday", str(_DAYS[word])))
            return i + 1
        if word in _FEASTS:
            self.dates.append(When(self.span(i, i), "feast", _FEASTS[word]))
            return i + 1
        day = _ORDINALS.get(word) or (int(word) if len(word) <= 2 and word.isdecimal() and 1 <= int(word) <= 31 else None)
        month = _MONTHS.get(self.word(i + 1))
        if day and month and self.matches[i + 1].group()[0].isupper():
            self.dates.append(When(self.span(i, i + 1), "day", f"{month}-{day}"))
            self.dates.append(When(self.span(i + 1, i + 1), "month", str(month)))
            return i + 2
        if word in _MONTHS and named:
            after = self.word(i + 1)
            self.dates.append(When(self.span(i, i), "month", str(_MONTHS[word])))
            if after.isdecimal() and int(after) <= 31:
                self.dates.append(When(self.span(i, i + 1), "day", f"{_MONTHS[word]}-{int(after)}"))
                return i + 2
            return i + 1
        return None

    def _counts_something(self, i: int) -> bool:
        after = self.word(i + 1)
        return (
            self.word(i - 1) in _MONEY or after in _MONEY or after in _PERCENT or after in _MAGNITUDES or _singular(after) in _HOURS
            or _singular(after) in _MEASURES
        )  # fmt: skip

    def quantity(self, i: int) -> int | None:
        """Read a number with its unit at token ``i``; the token after it, or None."""
        value, end = self._number(i)
        if value is None:
            return self._share(i)
        share = self._share_after(value, i, end)
        if share is not None:
            return share
        numeral = value
        while (magnitude := self._magnitude(end)) is not None:
            value, end = value * magnitude, end + 1
        last, kind = end - 1, "count"
        unit = self.word(end)
        if unit == "per" and self.word(end + 1) == "cent":
            kind, last = "percent", end + 1
        elif unit in _PERCENT:
            kind, last = "percent", end
        elif unit in _MONEY:
            kind, last = "money", end
            value /= 100 if unit in {"cent", "cents"} else 1
        elif self.word(i - 1) in {"$", "€", "£"}:
            kind = "money"
        else:
            for place in (end, end + 1):  # "24 hours", "24 volle Stunden"
                name = _singular(self.word(place))
                if name in _HOURS:
                    kind, value, last = "duration", value * _HOURS[name], place
                    break
                if name in _MEASURES:
                    kind, last = _MEASURES[name][0], place
                    value *= _MEASURES[name][1]
                    break
        if kind == "count" and self.words[i] in _ONE:
            return None  # an article
        first = i - 1 if kind == "money" and self.word(i - 1) in {"$", "€", "£"} else i
        self.quantities.append(Quantity(self.span(first, last), value, kind, self._per(i, last), numeral))
        return last + 1

    def _number(self, i: int) -> tuple[float | None, int]:
        word = self.words[i]
        if word[0].isdecimal():
            return _digits(word), i + 1
        if word in _ONE and _singular(self.word(i + 1)) in _HOURS and not self._is_rate(i):
            return 1.0, i + 1
        if word in {"a", "one", "eine"} and self.word(i + 1) in _MAGNITUDES | {"billion": 0}:
            return 1.0, i + 1
        if word == "one" and self.word(i + 1) in {"in", "out"}:
            return 1.0, i + 1
        if word in _ONE and (self.word(i + 1) in _PERCENT or self.word(i + 1) in {"dollar", "euro"}):
            return 1.0, i + 1
        value = _spelled(word)
        return (float(value), i + 1) if value is not None else (None, i)

    def _is_rate(self, i: int) -> bool:
        """True for "a day" in "300 tons a day": an article before a time unit that follows a number closely."""
        return self.words[i] in {"a", "an"} and any(
            w[0].isdecimal() or w in _MAGNITUDES or w == "billion" or _spelled(w) is not None for w in self.words[max(0, i - 4) : i]
        )

    def _magnitude(self, i: int) -> float | None:
        word = self.word(i)
        if word == "billion":
            return 1e12 if self.german else 1e9
        return _MAGNITUDES.get(word)

    def _share_after(self, value: float, first: int, end: int) -> int | None:
        """ "zwei Drittel", "two out of three", "one in ten", "zwei von drei"."""
        word = self.word(end)
        if word in _SHARES and word not in {"half", "hälfte"} and value < 10:
            self._add_share(value / _SHARES[word], first, end)
            return end + 1
        gap = 2 if word == "out" and self.word(end + 1) == "of" else 1 if word in {"in", "von"} else 0
        if gap and end + gap < len(self.words):
            of, after = self._number(end + gap)
            if of and value < of <= 100 and not self._counts_something(end + gap) and self.word(after) not in _MAGNITUDES:
                self._add_share(value / of, first, after - 1)
                return after
        return None

    def _share(self, i: int) -> int | None:
        """ "half", "ein Drittel", "a fifth", "jeder vierte", "every fourth"."""
        word, before, after = self.words[i], self.word(i - 1), self.word(i + 1)
        if word not in _SHARES:
            return None
        sure = word in {"half", "hälfte", "drittel", "viertel", "fünftel", "zehntel"}
        if sure or before in {"jeder", "jede", "jedes", "every", "a"} or (before == "one" and after == "of"):
            self._add_share(1 / _SHARES[word], max(0, i - 1) if not sure else i, i)
            return i + 1
        return None

    def _add_share(self, share: float, first: int, last: int) -> None:
        self.quantities.append(Quantity(self.span(first, last), share * 100, "percent", "", share * 100))

    def times(self, i: int) -> int | None:
        for stem, factor in _TIMES.items():
            if self.words[i].startswith(stem):
                self.quantities.append(Quantity(self.span(i, i), float(factor), "times", "", float(factor)))
                return i + 1
        return None

    def _per(self, first: int, last: int) -> str:
        for place in range(last + 1, min(last + 5, len(self.words) - 1)):
            unit = _singular(self.words[place + 1])
            if self.words[place] in _EACH and unit in {"day", "tag", "week", "woche", "month", "monat", "year", "jahr"}:
                return {"tag": "day", "woche": "week", "monat": "month", "jahr": "year"}.get(unit, unit)
        for place in range(max(0, first - 4), min(last + 4, len(self.words))):
            if self.words[place] in _ADVERBS_PER:
                return _ADVERBS_PER[self.words[place]]
            if self.words[place] in {"each", "every", "pro"} and _singular(self.word(place + 1)) in _HOURS:
                unit = _singular(self.word(place + 1))
                return {"tag": "day", "woche": "week", "monat": "month", "jahr": "year"}.get(unit, unit)
        return ""


@lru_cache(maxsize=4_096)
def _may_count(word: str) -> bool:
    """False for most words: no date and no quantity begins with one like it."""
    return (
        word[0].isdecimal() or word in _ONE or word in _SHARES or word in _MONTHS or word in _DAYS or word in _FEASTS
        or word in _ORDINALS or word.startswith(tuple(_TIMES)) or _spelled(word) is not None
    )  # fmt: skip


def _singular(word: str) -> str:
    """A unit's dictionary form: "Stunden", "hours", "Tages", "Monaten"."""
    if word in _HOURS or word in _MEASURES:
        return word
    for ending in ("s", "n", "en", "es", "e", "ren"):
        if word.endswith(ending) and (word[: -len(ending)] in _HOURS or word[: -len(ending)] in _MEASURES):
            return word[: -len(ending)]
    return word


def _digits(word: str) -> float:
    """ "1.000" and "1,000" are a thousand, "10,4" and "10.4" a little over ten."""
    if re.fullmatch(r"\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*", word) and not word.startswith("0"):
        return float(re.sub(r"[.,]", "", word))
    whole, _, part = word.replace(",", ".").rpartition(".")
    return float(f"{whole.replace('.', '')}.{part}") if whole else float(part)


@lru_cache(maxsize=2048)
def _spelled(word: str) -> int | None:
    """The value of a number word other than "one": "zwanzig", "einundzwanzig", "zweihundert", "twenty-one"."""
    if word in _ONES:
        return _ONES[word]
    if "-" in word:
        tens, ones = word.split("-", 1)
        if tens in _ONES and (ones in _ONES or ones == "one"):
            return _ONES[tens] + _ONES.get(ones, 1)
    if (found := re.fullmatch(r"(ein|[a-zäöüß]+?)und([a-zäöüß]+zig|dreißig)", word)) and found[2] in _ONES:
        ones = 1 if found[1] == "ein" else _ONES.get(found[1])
        return None if ones is None else _ONES[found[2]] + ones
    for name, size in (("tausend", 1000), ("hundert", 100)):
        head, found_name, tail = word.partition(name)
        if found_name and word != name:
            left = 1 if head in {"", "ein"} else _spelled(head)
            right = 0 if not tail else _spelled(tail)
            if left is not None and right is not None:
                return left * size + right
    return None

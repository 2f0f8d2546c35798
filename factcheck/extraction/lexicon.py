"""The verbs of saying in their forms: any form in a text -> verb, what it can do, and whether it is finite or a participle."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_DATA = Path(__file__).parent.parent / "data"
_INSEPARABLE = ("be", "ge", "er", "ver", "zer", "ent", "emp", "miss", "unter", "über", "wider", "prophe")
_VOWELS = "aeiouäöüy"


@dataclass(frozen=True)
class Verb:
    """``lemma`` is the infinitive; ``uses`` are the letters explained at the head of the data files."""

    lemma: str
    prefix: str
    uses: str

    def takes(self, use: str) -> bool:
        return use in self.uses


@dataclass(frozen=True)
class Form:
    """One form of a verb. ``prefix`` is the separable prefix that has to follow for the form to be this verb, or ""."""

    verb: Verb
    shape: str  # "finite", "participle", "infinitive" or "present participle"
    prefix: str = ""


@lru_cache(maxsize=2)
def cue_forms(language: str) -> dict[str, tuple[Form, ...]]:
    """Word form in small letters -> the verbs of saying it can be, for "de" or "en"."""
    table: dict[str, list[Form]] = {}
    inflect = _german_forms if language == "de" else _english_forms
    for line in (_DATA / f"cue_verbs_{language}.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        parts, uses = (half.split() for half in line.split(":"))
        for word, shape, prefix in inflect(parts):
            lemma = parts[0]
            verb = Verb(lemma.replace("|", ""), lemma.partition("|")[0] if "|" in lemma else "", uses[0] if uses else "")
            form = Form(verb, shape, prefix)
            if form not in table.setdefault(word, []):
                table[word].append(form)
    return {word: tuple(forms) for word, forms in table.items()}


def weak_stem(infinitive: str) -> str:
    """ "fordern" gives "forder", "sagen" gives "sag"."""
    return infinitive[:-2] if infinitive.endswith("en") else infinitive[:-1]


def _german_forms(parts: list[str]) -> list[tuple[str, str, str]]:
    lemma, given = parts[0], parts[1:]
    if "-" in lemma:  # "sich-äußern": the reflexive is not needed to know the verb
        lemma = lemma.removeprefix("sich-")
        if "-" in lemma:
            return []
    prefix, _, base = lemma.rpartition("|")
    stem = weak_stem(base)
    link = "e" if stem.endswith(("t", "d", "chn", "ffn", "gn")) else ""
    if given:
        present, past, participle = given
        plural = past + ("n" if past.endswith("e") else "en")
        finite = [present, past, plural, base, stem + "e"]
    else:
        past = stem + link + "te"
        finite = [stem + link + "t", past, past + "n", base, stem + "e"]
        bare = base.startswith(_INSEPARABLE) or base.endswith("ieren")
        participle = ("" if bare and not (prefix and base.startswith("ge")) else "ge") + stem + link + "t"
    forms = [(word, "finite", prefix) for word in finite]
    if prefix:
        forms += [(prefix + word, "finite", "") for word in finite]
        forms += [(prefix + participle, "participle", ""), (prefix + "zu" + base, "infinitive", "")]
    else:
        forms.append((participle, "participle", ""))
    forms.append((prefix + base + "d", "present participle", ""))
    return forms


def _english_forms(parts: list[str]) -> list[tuple[str, str, str]]:
    lemma, given = parts[0], parts[1:]
    if lemma == "go-on":
        return [(word, "finite", "on") for word in ("goes", "went", "go")] + [("going", "present participle", "on")]
    base = lemma + lemma[-1] if lemma in {"commit", "admit", "quip", "brag", "slam"} else lemma
    if base.endswith("ee"):
        past, present_participle = base + "d", base + "ing"
    elif base.endswith("e"):
        past, present_participle = base + "d", base[:-1] + "ing"
    elif base.endswith("y") and base[-2] not in _VOWELS:
        past, present_participle = base[:-1] + "ied", base + "ing"
    else:
        past, present_participle = base + "ed", base + "ing"
    third = lemma + "es" if lemma.endswith(("s", "sh", "ch", "x", "z")) else lemma + "s"
    if lemma.endswith("y") and lemma[-2] not in _VOWELS:
        third = lemma[:-1] + "ies"
    past, participle = given if given else (past, past)
    return [
        (lemma, "finite", ""),
        (third, "finite", ""),
        (past, "finite", ""),
        (participle, "participle", ""),
        (present_participle, "present participle", ""),
    ]

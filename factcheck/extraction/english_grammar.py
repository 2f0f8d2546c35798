"""Word classes of English that the rules need, as closed lists."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETERMINERS = _words(
    "the a an this that these those his her their its our my your some many several few other another both all most no any"
    " one two three four"
    " five six seven eight nine ten each every more former"
)
PRONOUNS = _words("he she they it we i you who him her them us")
SUBJECT_PRONOUNS = _words("he she they it we i you who")
PREPOSITIONS = _words(
    "in on at by for from with of to about after before during against under over between into through as since until"
    " without within among"
    " amid despite toward towards like near inside outside via per regarding concerning following including than"
)
ADVERBS = _words(
    "also then later again already now never ever still just even only repeatedly recently previously once earlier often"
    " always publicly flatly"
    " reportedly allegedly further once-again too however meanwhile instead therefore simply clearly openly strongly sharply"
    " long soon initially"
    " subsequently privately quickly immediately not today yesterday eventually finally reluctantly actually"
)
COMPLEMENTISERS = _words("that whether if how why what who where when which")
RELATIVES = _words("who which that whose whom where")
SUBORDINATORS = _words(
    "while although though because since after before when if as unless until whereas once where but and or so yet"
)
AUXILIARIES = _words(
    "is are was were be been being am has have had having do does did will would can could may might must shall should 's 've 'd"
    " isn't aren't wasn't weren't hasn't haven't hadn't won't wouldn't can't couldn't shouldn't doesn't don't didn't cannot"
    " isn’t aren’t wasn’t weren’t hasn’t haven’t hadn’t won’t wouldn’t can’t couldn’t shouldn’t doesn’t don’t didn’t"
)
HAVE = _words("has have had having 've")
BE = _words("is are was were be been being am")
MODALS = _words(
    "will would can could may might must shall should cannot to did does do didn't don't doesn't didn’t don’t doesn’t"
)
ADDRESSEES = _words(
    "reporters supporters journalists them him her us me lawmakers voters investigators people police officials crowds"
)
# Lower-case words that can be inside a noun phrase are all but these.
CLOSED = PREPOSITIONS | AUXILIARIES | SUBORDINATORS | _words("not n't there here than")

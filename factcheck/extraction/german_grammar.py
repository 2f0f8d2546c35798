"""Word classes of German that the rules need: closed lists, and the forms of the Konjunktiv."""

from __future__ import annotations

from collections.abc import Sequence

from factcheck.extraction.sentences import Token


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETERMINERS = _words(
    "der die das den dem des ein eine einer eines einem einen dieser diese dieses diesem diesen jener jene jenes jeder jede"
    " kein keine"
    " sein seine seiner seinem seinen seines ihr ihre ihrer ihrem ihren ihres unser unsere mehrere viele einige beide"
    " zahlreiche manche"
    " alle andere zwei drei vier fünf sechs sieben acht neun zehn dessen deren mein meine weitere verschiedene etliche"
)
PRONOUNS = _words("er sie es man dieser diese jener letzterer letztere beide ihm ihr ihn ihnen wir ich")
ARTICLES = _words("der die das den dem des ein eine einer eines einem einen")
GENITIVE = _words(
    "der des eines einer seiner seines ihrer ihres dieser dieses deren dessen mehrerer vieler aller zweier dreier beider"
)
PREPOSITIONS = _words(
    "in im am an auf bei beim mit nach vor von vom zu zum zur aus für gegen über unter um durch seit während wegen trotz"
    " ohne bis ab laut"
    " gemäß gegenüber angesichts anlässlich aufgrund außer binnen dank entgegen infolge innerhalb mangels mittels neben"
    " statt zwischen"
    " hinter ins ans aufs übers unterm vorm zufolge hinsichtlich bezüglich namens seitens zugunsten"
)
ADVERBS = _words(
    "heute gestern vorgestern morgen zuvor zudem auch außerdem allerdings jedoch aber doch dann danach daraufhin"
    " anschließend später"
    " gleichzeitig zugleich dabei dazu darauf darüber damit hier dort so ebenfalls ferner weiter weiterhin bereits schon"
    " noch erst nun jetzt"
    " inzwischen mittlerweile unterdessen derweil dagegen hingegen demgegenüber dennoch trotzdem deshalb daher darum somit"
    " folglich"
    " zunächst zuletzt schließlich kürzlich jüngst früher damals einst mehrmals mehrfach wiederholt immer wieder stets oft"
    " erneut offen"
    " öffentlich ausdrücklich klar deutlich scharf lediglich nur sogar selbst vielmehr insbesondere besonders  offiziell"
    " schriftlich mündlich telefonisch wörtlich kurz lange bisher bislang gerade eben ebenso sonst überdies entsprechend wie"
    " da als"
    " vergangene vergangenen letzte letzten zwar etwa rund laut demnach hierzu dafür dadurch davon deswegen indes offenbar mehr"
    " zusammen gemeinsam parallel gegenwärtig derzeit aktuell passend stattdessen nicht nie niemals kaum einmal  vergeblich"
    " gern gerne sehr sofort umgehend sich weder entweder sowohl"
)
SUBORDINATORS = _words(
    "dass daß ob weil wenn als nachdem bevor obwohl während damit sodass indem seit bis falls sobald solange sofern wie da"
    " wo weshalb"
    " warum wieso wann wer was wem wen wessen welche welcher welches welchen woher wohin wozu wofür womit wodurch worauf"
    " worüber inwieweit inwiefern"
)
COMPLEMENTISERS = _words(
    "dass daß ob warum weshalb wieso wann wie wer was wem wen wessen welche welcher welches welchen wo woher wohin wozu"
    " wofür womit worauf"
    " inwieweit inwiefern"
)
NOT_A_COMPLEMENT = _words(
    "weil wenn als nachdem bevor obwohl während damit sodass indem falls sobald sofern da denn um ohne statt anstatt sondern"
    " deren dessen dem denen darunter also etwa wobei wodurch wonach zumal nämlich"
)
CONJUNCTIONS = _words("und oder aber sowie sondern doch")
HAVE = _words("hat haben hatte hatten habe hätte hätten")
BECOME = _words("wird werden wurde wurden worden werde würde würden ist sind war waren sei seien")
MODALS = _words(
    "will wollen wollte wollten kann können konnte konnten muss müssen musste mussten soll sollen sollte sollten darf dürfen"
    " durfte durften"
    " mag mögen mochte möchte möchten würde würden lässt lassen ließ ließen"
)
SUBJUNCTIVE_AUXILIARIES = _words("habe hätte hätten sei seien werde würde würden wäre wären")
AUXILIARIES = HAVE | BECOME | MODALS

_SURE_KONJUNKTIV = _words("sei seien seist habe werde könne müsse solle dürfe wolle möge wisse")
_KONJUNKTIV_II = _words("wäre wären hätte hätten würde würden")
_STEMS = _words(
    "arbeit bedeut bedroh beabsichtig beding befind befürcht begeh beginn behandel behalt bekomm bekämpf beleg benötig beruh"
    " beschäftig"
    " besteh betracht betrag betreff betreib bevorzug bezieh biet bild bitt bleib brauch brech bring dank denk dien droh eign"
    " end entfall enthalt entscheid entsprech entsteh entwickl erfolg erfüll ergeb erhalt erhöh erinner erklär erlaub"
    " ermöglich erreich"
    " erschein erwart erzeug existier fahr fall fehl find flieg flieh folg forder führ funktionier fürcht gefährd geh gehör"
    " gelang gelt genieß genüg gewinn geb geschäh gescheh glaub greif halt handl häng helf herrsch hinder hoff interessier"
    " kämpf kenn"
    " klag komm konzentrier kontrollier kost kümmer lass lauf leb leg lehn leid leist leugn lern lieb liefer lieg lohn lös mach"
    " nehm nenn nutz nütz passier pass plan profitier prüf rechn red reg reich richt ruf schad schaff schein schick schließ"
    " schreib schütz schweb seh send setz sink spar spiel sprech steh steig stell sterb stimm stoß streb streit such teil"
    " trag tret treff"
    " treib tu umfass unterlieg unterscheid unterstütz untersuch verbiet verbind verbleib verbreit verdien verdräng"
    " vereinbar verfolg"
    " verfüg vergess verhalt verhandl verhinder verlang verlass verlauf verletz verlier vermeid verpflicht versprech versteh"
    " verstoß"
    " versuch verteidig vertret verursach verwend verzicht vorlieg wachs wart wechsl weiger werb wiederhol wirk wohn wünsch"
    " zahl zähl"
    " zeig zieh ziel zweif zwing überleg übernehm überschreit überzeug sorg bestimm  stamm"
)
# Forms that are more often something else: "meine Frau", "lange", "reiche Länder", "(an) Stelle".
_NOT_KONJUNKTIV = _words("reiche rege liebe teile rede lehne lerne  bitte danke weise lange ende einige")
KONJUNKTIV = _SURE_KONJUNKTIV | {stem + "e" for stem in _STEMS} - _NOT_KONJUNKTIV

_FIRST_PERSON = _words("ich wir mich uns")


def konjunktiv_at(tokens: Sequence[Token]) -> int | None:
    """Place of the first form of Konjunktiv I in ``tokens``; None when there is none or the words are in the first person."""
    if any(t.lower in _FIRST_PERSON for t in tokens):
        return None
    for place, token in enumerate(tokens):
        if token.text in KONJUNKTIV or (place == 0 and token.lower in _SURE_KONJUNKTIV):
            return place
    return None


def has_konjunktiv_ii(tokens: Sequence[Token]) -> bool:
    return any(t.text in _KONJUNKTIV_II for t in tokens)


def is_adjective_like(token: Token) -> bool:
    """Could be an attributive adjective or participle: "ukrainische", "zuständigen"; never a verb of the closed lists."""
    word = token.text
    return (
        len(word) > 3
        and word.islower()
        and word.endswith(("e", "en", "er", "es", "em"))
        and word not in AUXILIARIES
        and word not in KONJUNKTIV
        and word not in ADVERBS
        and word not in PREPOSITIONS
        and word not in SUBORDINATORS
        and (not word.endswith(("te", "ten")) or word in _TE_ADJECTIVES)
    )


_TE_ADJECTIVES = _words(
    "zweite dritte vierte erste gute guten rechte rechten alte alten letzte letzten bekannte bekannten verletzte verletzten"
    " gesamte gesamten beauftragte ernannte gewählte wiedergewählte designierte gestürzte inhaftierte amtierende stellvertretende"
    " verantwortliche ehemaliger bunte spätere nächste höchste oberste obersten neunte zehnte sogenannte  befragte befragten"
    " leichte harte tote toten erwartete weite private privaten konkrete vorbestrafte angeklagte geplante geplanten"
)

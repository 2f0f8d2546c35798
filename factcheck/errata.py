"""Correcting in public: what the newsroom got wrong is put right and told at once, with the reason, on the claim's page, in a log of the
whole site, in the feeds and in the ClaimReview.

Who quietly changes a rating of their own does so by editing it; what readers have relied on is corrected here. A correction is never
changed or taken away: one that was wrong itself is followed by another.
"""

from __future__ import annotations

from dataclasses import replace

from db import Store
from factcheck import editing, language, merging, ratings, review
from factcheck.errors import BadInput, NotAllowed, NotFound
from factcheck.records import Claim, Erratum, ErratumKind, Rating, Relation, Review, Role, Statement, User

LEAST, LONGEST = 10, 2_000  # characters of a reason


def correct_rating(
    store: Store, claim_id: int, review_id: int, rating: Rating | None, rating_text: str, reason: str, user: User
) -> Erratum:
    """Give a review of the newsroom's own another rating. ``rating`` None: what the words mean. Raises BadInput, NotFound, NotAllowed."""
    _may(user)
    reason = _reason(reason)
    rating_text = " ".join(rating_text.split())
    with store.write():
        claim = merging.standing(store, claim_id)
        wrong = next((r for r in own_reviews(claim) if r.id == review_id), None)
        if wrong is None:
            raise NotFound("This is no fact check of the newsroom's own on this claim.", key="erratum_review")
        new = replace(wrong, rating=rating or ratings.normalise(rating_text, store.rating_words.table()), rating_text=rating_text or wrong.rating_text)
        if (new.rating, new.rating_text) == (wrong.rating, wrong.rating_text):
            raise BadInput("Give the rating that is right; this one stands there already.", key="erratum_same")
        editing.put_review(store, new, user)
        return _tell(store, Erratum(claim.id, ErratumKind.RATING, reason, _rated(wrong), _rated(new), review_id=wrong.id), user)


def correct_link(store: Store, claim_id: int, statement_id: int, reason: str, user: User) -> Erratum:
    """Take away that a statement makes a claim. Raises BadInput, NotFound, NotAllowed."""
    _may(user)
    reason = _reason(reason)
    with store.write():
        claim = merging.standing(store, claim_id)
        statement = next((s for s in linked(store, claim.id) if s.id == statement_id), None)
        if statement is None:
            raise NotFound("This statement is not linked to the claim.", key="erratum_link")
        made = _tell(store, Erratum(claim.id, ErratumKind.LINK, reason, statement.text, "", statement_id=statement.id), user)
        for decision in store.decisions.of_claim(claim.id):  # after the correction is on file: a claim that was corrected stays
            if decision.statement_id == statement_id and decision.relation is Relation.SAME and not decision.undone_at:
                review.undo(store, user, decision.id)
        return made


def correct_text(store: Store, claim_id: int, before: str, after: str, reason: str, user: User) -> Erratum:
    """Tell that words were wrong which have been put right already: a quote, a name, a date. Raises BadInput, NotFound, NotAllowed."""
    _may(user)
    reason, before, after = _reason(reason), before.strip(), after.strip()
    if not before or max(len(before), len(after)) > LONGEST:
        raise BadInput(f"Say what stood there, in at most {LONGEST} characters.", key="erratum_before", most=LONGEST)
    if before == after:
        raise BadInput("Before and after are the same.", key="erratum_unchanged")
    with store.write():
        claim = merging.standing(store, claim_id)
        return _tell(store, Erratum(claim.id, ErratumKind.TEXT, reason, before, after), user)


def of_claim(store: Store, claim_id: int) -> list[Erratum]:
    """The corrections of a claim and of those merged into it, newest first."""
    return store.errata.of_claims(store.claims.group(store.claims.root(claim_id)))


def own_reviews(claim: Claim) -> list[Review]:
    return [r for r in claim.reviews if r.added_at]


def linked(store: Store, claim_id: int) -> list[Statement]:
    """The statements confirmed to make a claim, the newest decision first."""
    ids = [d.statement_id for d in store.decisions.of_claim(claim_id) if d.relation is Relation.SAME and not d.undone_at]
    found = store.articles.statements_by_id(ids)
    return [found[i] for i in dict.fromkeys(ids) if i in found]


def _tell(store: Store, told: Erratum, user: User) -> Erratum:
    made = store.errata.add(replace(told, language=language.detect(told.reason)), user)
    after = {"correction": made.id, "what": str(made.what), "reason": made.reason, "now": made.after}
    store.audit.add(user.name, "corrected in public", "claim", made.claim_id, before={"was": made.before}, after=after)
    return made


def _rated(review: Review) -> str:
    """A rating in a line, as it is kept: the normalised one, and the review's own words where it has some."""
    return f"{review.rating}|{review.rating_text}"


def _reason(text: str) -> str:
    text = text.strip()
    if not LEAST <= len(text) <= LONGEST:
        raise BadInput(f"Say in {LEAST} to {LONGEST} characters what was wrong and why. Readers see it.", key="erratum_reason", least=LEAST, most=LONGEST)
    return text


def _may(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors correct in public. Ask an administrator to make you one.", key="only_editors_errata")

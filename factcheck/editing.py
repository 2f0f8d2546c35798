"""What editors change of a claim by hand: its words, and reviews, coverage, occurrences and relations of the newsroom's own."""

from __future__ import annotations

from dataclasses import asdict, replace
from uuid import uuid4

from db import Store
from factcheck import merging, pipeline
from factcheck.embed import Encoder
from factcheck.errors import BadInput, NotAllowed, NotFound, NothingToUndo
from factcheck.records import (
    Claim,
    ClaimRelation,
    Coverage,
    Occurrence,
    Promise,
    Relation,
    Review,
    Role,
    User,
)

LONGEST = 2_000  # characters of a claim, quote or summary
_SHOWN = ("text", "title", "language", "speaker", "first_said_at")


def new_claim(store: Store, encoder: Encoder, claim: Claim, user: User) -> Claim:
    """Put a claim on file by hand, findable at once. Raises BadInput, NotAllowed."""
    _may(user)
    claim = _checked(replace(claim, id=0, key=f"claim-{uuid4().hex[:12]}", person_id=_person(store, claim.speaker)))
    with store.write():
        claim_id, _ = store.claims.put(claim, created_by=user.id)
        store.audit.add(user.name, "made a claim", "claim", claim_id, after=_said(claim))
    pipeline.embed_claims(store, encoder, [claim_id])
    stored = store.claims.get(claim_id)
    assert stored is not None
    return stored


def change_claim(store: Store, encoder: Encoder, claim: Claim, user: User, *, saw: str) -> None:
    """Change a claim's text, title, language, speaker, first date, or whether it is a promise; what an import says later changes none of it.

    Raises ChangedMeanwhile when the claim is not as the editor ``saw`` it, BadInput, NotFound, NotAllowed.
    """
    _may(user)
    with store.write():
        stored = merging.standing(store, claim.id)
        merging.refuse_if_changed(store, [claim.id], saw)
        claim = _checked(replace(stored, **{f: getattr(claim, f) for f in _SHOWN}))
        if claim.speaker != stored.speaker:
            claim = replace(claim, person_id=_person(store, claim.speaker))
        before, after = _said(stored), _said(claim)
        changed = {k for k in after if before[k] != after[k]}
        if not changed:
            return
        store.claims.change(claim)
        store.audit.add(
            user.name, "changed a claim", "claim", claim.id,
            before={k: before[k] for k in sorted(changed)}, after={k: after[k] for k in sorted(changed)},
        )  # fmt: skip
    pipeline.embed_claims(store, encoder, [claim.id])


def put_review(store: Store, review: Review, user: User) -> int:
    """Add a review of the newsroom's own, or correct one (``id`` set). Raises BadInput for an imported one, NotFound, NotAllowed."""
    _web_address(review.url)
    if not review.publisher.strip() or not (review.rating_text.strip() or review.title.strip()):
        raise BadInput("A fact check needs a publisher and its rating or title.", key="review_needs")
    return put(store, "review", review, user)


def put_coverage(store: Store, item: Coverage, user: User) -> int:
    """Add or correct a report on the claim."""
    _web_address(item.url)
    if not item.title.strip():
        raise BadInput("A report needs a title.", key="coverage_needs")
    return put(store, "coverage", item, user)


def put_occurrence(store: Store, occurrence: Occurrence, user: User) -> int:
    """Add or correct a time the claim was made, entered by hand."""
    _web_address(occurrence.url)
    if not occurrence.quote.strip():
        raise BadInput("An occurrence needs the words that were said.", key="occurrence_needs")
    if not occurrence.person_id or occurrence.speaker:
        occurrence = replace(occurrence, person_id=_person(store, occurrence.speaker))
    return put(store, "occurrence", replace(occurrence, added_by=user.name), user)


def take_back(store: Store, what: str, part_id: int, user: User) -> None:
    """Take back a review, report or occurrence of the newsroom's own. ``what``: "review", "coverage", "occurrence"."""
    _may(user)
    with store.write():
        stored = _own(store, what, part_id)
        store.claim_parts.remove(what, part_id)
        store.audit.add(user.name, f"took back: {what}", "claim", stored.claim_id, before=content(stored))
        store.claims.refresh(stored.claim_id, by=user.name)


def relate(store: Store, claim_id: int, other_id: int, relation: Relation, user: User) -> ClaimRelation:
    """Call two claims related or opposite, instead of what was said of them before. Raises BadInput, NotFound, NotAllowed."""
    _may(user)
    if relation not in (Relation.RELATED, Relation.OPPOSITE):
        raise BadInput("Two claims are related or opposite; two that are the same are merged.", key="relation_kind")
    with store.write():
        claim, other = merging.standing(store, claim_id), merging.standing(store, other_id)
        if claim.id == other.id:
            raise BadInput("This is the same claim. Choose another one.", key="split_same")
        known = _between(store, claim.id, other.id)
        if known and known.relation is relation:
            return known
        if known:
            store.claim_relations.undo(known.id, user)
        made = store.claim_relations.add(claim.id, other.id, relation, user)
        before = {"relation": known.relation} if known else None
        for one, two in ((claim, other), (other, claim)):
            store.audit.add(
                user.name, "related claims", "claim", one.id, before=before, after={"relation": relation, "claim": two.id, "text": two.text}
            )
    return made


def unrelate(store: Store, relation_id: int, user: User) -> ClaimRelation:
    """Take back that two claims are related or opposite. Raises NothingToUndo, NotFound, NotAllowed."""
    _may(user)
    with store.write():
        made = store.claim_relations.get(relation_id)
        if made is None:
            raise NotFound("These two claims are not related.", key="no_such_relation")
        if made.undone_at:
            raise NothingToUndo(f"{made.undone_by} already took this back.", key="already_rearranged", name=made.undone_by)
        store.claim_relations.undo(relation_id, user)
        for one, two in ((made.claim_id, made.other_id), (made.other_id, made.claim_id)):
            other = store.claims.get(two)
            before = {"relation": made.relation, "claim": two, "text": other.text if other else ""}
            store.audit.add(user.name, "unrelated claims", "claim", one, before=before)
    return made


def put(store: Store, what: str, part: Review | Coverage | Occurrence, user: User) -> int:
    """Add a part as it is, or put it in the place of the one with its id; its id. ``what`` as for ``take_back``."""
    _may(user)
    with store.write():
        claim = merging.standing(store, part.claim_id)
        before = _own(store, what, part.id) if part.id else None
        part = replace(part, claim_id=before.claim_id if before else claim.id)
        if before and content(before) == content(part):
            return part.id
        part_id = store.claim_parts.put(what, part, user)
        after = content(replace(part, id=part_id))
        action = f"changed: {what}" if before else f"added: {what}"
        store.audit.add(user.name, action, "claim", part.claim_id, before=content(before) if before else None, after=after)
        store.claims.refresh(part.claim_id, by=user.name)
        if isinstance(part, Review) and not before:
            store.claims.tell_review(part.claim_id, part, by=user.name)
    return part_id


def part(store: Store, what: str, part_id: int) -> Review | Coverage | Occurrence:
    """A review, report or occurrence, to be changed. Raises NotFound."""
    found = store.claim_parts.get(what, part_id)
    if found is None:
        raise NotFound("This is no longer on file. Reload the page.", key="part_gone")
    return found


def _web_address(text: str) -> None:
    if text and not text.startswith(("https://", "http://")):
        raise BadInput("The address must begin with http:// or https://.", key="url_scheme")


def _own(store: Store, what: str, part_id: int) -> Review | Coverage | Occurrence:
    found = part(store, what, part_id)
    if not found.added_at:
        raise BadInput("This was imported and stays as it was published. Add one of your own beside it.", key="part_imported")
    return found


def _between(store: Store, one: int, two: int) -> ClaimRelation | None:
    """The relation of two claims, by whichever of those merged with them it was made."""
    for made in store.claim_relations.of(store.claims.group(one)):
        if {store.claims.root(made.claim_id), store.claims.root(made.other_id)} == {one, two}:
            return made
    return None


def _checked(claim: Claim) -> Claim:
    claim = replace(claim, text=" ".join(claim.text.split()), title=" ".join(claim.title.split()), speaker=" ".join(claim.speaker.split()))
    if not claim.text:
        raise BadInput("A claim needs words. Type what is claimed.", key="claim_needs_words")
    if len(claim.text) > LONGEST or len(claim.title) > LONGEST:
        raise BadInput(f"That is longer than {LONGEST} characters.", key="claim_too_long", longest=LONGEST)
    return claim


def _person(store: Store, speaker: str) -> int | None:
    person = store.people.by_name(speaker) if speaker else None
    return person.id if person else None


def _said(claim: Claim) -> dict[str, object]:
    said: dict[str, object] = {f: getattr(claim, f) for f in _SHOWN}
    return said | ({"promise": _terms(claim.promise)} if claim.promise else {})


def _terms(promise: Promise) -> dict[str, object]:
    return {"criterion": promise.criterion, "deadline": promise.deadline, "deadline_text": promise.deadline_text}


def content(part: Review | Coverage | Occurrence) -> dict[str, object]:
    """What a person would say of it; everything, so that the log can tell it in full."""
    kept = {k: str(v) if hasattr(v, "value") else v for k, v in asdict(part).items() if v not in ("", None, False)}
    return {k: v for k, v in kept.items() if k not in ("claim_id", "added_at", "added_by", "raw")}


def _may(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors change claims. Ask an administrator to make you one.", key="only_editors")

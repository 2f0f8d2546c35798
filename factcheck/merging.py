"""Two claims that are one, and one that is two: merging, splitting, and taking either back without losing a link."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from db import Store
from factcheck import pipeline
from factcheck.embed import Encoder
from factcheck.errors import BadInput, ChangedMeanwhile, NotAllowed, NotFound, NothingToUndo
from factcheck.records import Claim, EventKind, Rating, Rearrangement, Relation, Role, User


@dataclass(frozen=True)
class Difference:
    """Why two claims may not be one. ``kind``: "person", "rating", "promise status", "deadline", "relation", "decisions"; ``here`` and
    ``there`` are what the two say, empty where the kind says it all."""

    kind: str
    here: str = ""
    there: str = ""


@dataclass(frozen=True)
class Chosen:
    """What a split takes out: linked statements, and occurrences entered by hand, reviews and coverage by id."""

    statements: tuple[int, ...] = ()
    occurrences: tuple[int, ...] = ()
    reviews: tuple[int, ...] = ()
    coverage: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return self != Chosen()


def differences(store: Store, root: Claim, other: Claim) -> list[Difference]:
    """What speaks against two claims being one: asked about before they are merged."""
    found = []
    if root.person_id and other.person_id and store.people.root(root.person_id) != store.people.root(other.person_id):
        found.append(Difference("person", root.speaker, other.speaker))
    elif root.speaker and other.speaker and not (root.person_id and other.person_id) and root.speaker != other.speaker:
        found.append(Difference("person", root.speaker, other.speaker))
    if Rating.NOT_RATED not in (root.rating, other.rating) and root.rating != other.rating:
        found.append(Difference("rating", root.rating, other.rating))
    if root.promise and other.promise:
        if root.promise.status != other.promise.status:
            found.append(Difference("promise status", root.promise.status, other.promise.status))
        if root.promise.deadline and other.promise.deadline and root.promise.deadline != other.promise.deadline:
            found.append(Difference("deadline", root.promise.deadline, other.promise.deadline))
    known = [r for r in store.claim_relations.of(store.claims.group(root.id)) if _across(store, r.claim_id, r.other_id, root, other)]
    found += [Difference("relation", r.relation) for r in known]
    disputed = _decided_differently(store, root.id, other.id)
    if disputed:
        found.append(Difference("decisions", str(disputed)))
    return found


def merge(store: Store, root_id: int, other_id: int, user: User, *, saw: str, confirmed: bool = False) -> Rearrangement:
    """Let the claim ``root_id`` stand for ``other_id`` too. Nothing is moved: what hangs on the other is read through the first.

    ``saw`` is ``state`` of the two as the editor saw them, raises ChangedMeanwhile when it is no longer that. Raises BadInput when
    ``differences`` are not ``confirmed``, or when only the other is a promise; NotFound, NotAllowed.
    """
    _may(user)
    with store.write():
        root, other = standing(store, root_id), standing(store, other_id)
        if root.id == other.id:
            raise BadInput("These two are one claim already.", key="merge_same")
        refuse_if_changed(store, [root_id, other_id], saw)
        if other.promise and not root.promise:
            raise BadInput("Only the other one is a promise. Merge this claim into that one.", key="merge_promise")
        found = differences(store, root, other)
        if found and not confirmed:
            raise BadInput("These two differ. Look at what differs and confirm that they are one.", key="merge_differs")
        before = {"text": root.text, "other": other.text, "rating": root.rating, "times": root.occurrence_count}
        made = store.rearrangements.merge(root.id, other.id, user)
        store.claims.refresh(root.id, by=user.name)
        after = {"act": made.id, "other": other.id, "differences": [d.kind for d in found], "times": _times(store, root.id)}
        for claim_id in (root.id, other.id):
            store.audit.add(user.name, "merged", "claim", claim_id, before=before, after={**after, "claim": root.id})
            store.events.add(
                EventKind.MERGED, f"merge {made.id}", claim_id=claim_id, person_id=root.person_id, before=other.text, after=root.text,
                by=user.name,
            )  # fmt: skip
    return made


def split(
    store: Store, encoder: Encoder, claim_id: int, chosen: Chosen, user: User, *, saw: str, into: int | None = None, text: str = ""
) -> Rearrangement:
    """Take part of what hangs on a claim over to another on file, ``into``, or to a new one worded ``text``.

    Raises ChangedMeanwhile as ``merge`` does, BadInput when nothing is chosen or no wording is given; NotFound, NotAllowed.
    """
    _may(user)
    with store.write():
        claim = standing(store, claim_id)
        refuse_if_changed(store, [claim_id], saw)
        if not chosen:
            raise BadInput("Choose what belongs to the other claim.", key="split_nothing")
        target = standing(store, into).id if into else _new(store, claim, text, user)
        if target == claim.id:
            raise BadInput("This is the same claim. Choose another one.", key="split_same")
        parts = {"occurrences": chosen.occurrences, "reviews": chosen.reviews, "coverage": chosen.coverage}
        made = store.rearrangements.split(claim.id, target, user, statements=chosen.statements, parts=parts)
        if not len(made.moved):
            raise BadInput("What you chose is no longer here. Reload the page.", key="split_gone")
        _after_split(store, made, user)
        content = {"act": made.id, "from": claim.id, "to": target, "text": claim.text, "moved": len(made.moved)}
        for one in (claim.id, target):
            store.audit.add(user.name, "split", "claim", one, after=content)
    pipeline.embed_claims(store, encoder, [target])
    return made


def undo(store: Store, rearrangement_id: int, user: User) -> Rearrangement:
    """Take back a merge or a split: everything is where it was, but for what somebody decided otherwise since.

    Raises NothingToUndo when it is taken back already, or when a later split has to be taken back first; NotFound, NotAllowed.
    """
    _may(user)
    with store.write():
        made = store.rearrangements.get(rearrangement_id)
        if made is None:
            raise NotFound("There is no such merge or split.", key="no_such_rearrangement")
        if made.undone_at:
            raise NothingToUndo(f"{made.undone_by} already took this back.", key="already_rearranged", name=made.undone_by)
        if made.act == "merged":
            root = store.claims.root(made.claim_id)
            store.rearrangements.undo_merge(made, user)
            touched = {root, made.claim_id, made.other_id}
            for claim_id in touched:
                store.claims.refresh(claim_id, by=user.name)
        else:
            if later := store.rearrangements.later_moves(made):
                raise NothingToUndo(
                    f"{later[0].user_name} moved some of it on since. Take that back first.", key="moved_on", name=later[0].user_name
                )
            store.rearrangements.undo_split(made, user)
            _after_split(store, made, user)
        for claim_id in (made.claim_id, made.other_id):
            content = {"act": made.id, "claim": made.claim_id, "other": made.other_id}
            store.audit.add(user.name, f"took back: {made.act}", "claim", claim_id, before=content)
    undone = store.rearrangements.get(made.id)
    assert undone is not None
    return undone


def state(store: Store, claim_ids: Iterable[int]) -> str:
    """A short word that changes whenever one of these claims, in whichever order, does: what hangs on it, its words, what it is merged with."""
    seen: list[object] = []
    for claim_id in sorted(claim_ids):
        claim = store.claims.get(claim_id)
        group = store.claims.group(claim_id)
        said = sorted((o.statement_id or 0, o.id) for o in store.claims.occurrences(claim_id))
        if claim:
            parts = sorted((r.id, r.rating, r.rating_text, r.publisher) for r in claim.reviews), sorted(c.id for c in claim.coverage)
            seen.append((group, claim.text, claim.title, claim.speaker, claim.first_said_at, said, parts, claim.promise and claim.promise.status))
    return hashlib.sha256(repr(seen).encode()).hexdigest()[:16]


def refuse_if_changed(store: Store, claim_ids: Iterable[int], saw: str) -> None:
    """Raises ChangedMeanwhile, naming who did what last, when the claims are not as the editor saw them."""
    ids = list(claim_ids)
    if saw == state(store, ids):
        return
    entries = [e for i in ids for e in store.audit.of("claim", i)]
    last = max(entries, key=lambda e: e["at"], default=None)
    raise ChangedMeanwhile(
        f"{last['user_name'] if last else 'Somebody'} changed this claim since you opened the page. Look at it as it is now, then decide.",
        key="claim_changed",
        name=last["user_name"] if last else "?",
    )


def standing(store: Store, claim_id: int) -> Claim:
    """The claim that stands for this one. Raises NotFound."""
    found = store.claims.get(store.claims.root(claim_id))
    if found is None:
        raise NotFound("This claim is no longer on file. Reload the page.", key="claim_gone")
    return found


def _new(store: Store, source: Claim, text: str, user: User) -> int:
    wording = " ".join(text.split())
    if not wording:
        raise BadInput("A claim needs words. Type what is claimed.", key="claim_needs_words")
    claim = Claim(
        id=0, key=f"claim-{uuid4().hex[:12]}", text=wording, language=source.language, speaker=source.speaker, person_id=source.person_id
    )  # fmt: skip
    claim_id, _ = store.claims.put(claim, created_by=user.id)
    store.audit.add(user.name, "made a claim", "claim", claim_id, after={"text": wording})
    return claim_id


def _after_split(store: Store, made: Rearrangement, user: User) -> None:
    sources = {source for rows in (made.moved.occurrences, made.moved.reviews, made.moved.coverage) for _, source, _ in rows}
    for claim_id in {made.claim_id, made.other_id} | sources:
        store.claims.refresh(claim_id, by=user.name)
    for old, _ in made.moved.links:
        decision = store.decisions.get(old)
        statement = store.articles.statement(decision.statement_id) if decision else None
        if statement:
            pipeline.settle(store, statement)


def _times(store: Store, claim_id: int) -> int:
    claim = store.claims.get(claim_id)
    return claim.occurrence_count if claim else 0


def _across(store: Store, one: int, two: int, root: Claim, other: Claim) -> bool:
    return {store.claims.root(one), store.claims.root(two)} == {root.id, other.id}


def _decided_differently(store: Store, one: int, two: int) -> int:
    """How many statements were decided to make one of the two and not the other."""
    sides = [{d.statement_id: d.relation for d in store.decisions.of_claim(i) if not d.undone_at} for i in (one, two)]
    return sum(
        Relation.SAME in (sides[0][s], sides[1][s]) and sides[0][s] != sides[1][s] for s in sides[0].keys() & sides[1].keys()
    )


def _may(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors merge and split claims. Ask an administrator to make you one.", key="only_editors")

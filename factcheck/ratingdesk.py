"""The newsroom's own table of rating words: what editors say of words no table knows, or understand in another way.

A change holds at once: the imported reviews in these words and their claims are rated anew in the same transaction.
"""

from __future__ import annotations

from dataclasses import replace

from db import Store
from factcheck import claimreview, ratings
from factcheck.errors import BadInput, NotAllowed, NothingToUndo
from factcheck.records import Rating, Role, UnknownRating, User

LONGEST = 200  # characters of rating words


def unknown(store: Store) -> list[UnknownRating]:
    """Words no table knows, most frequent first; those that differ in case or marks only are one."""
    decided, found = store.rating_words.table(), {}
    for item in store.rating_words.not_understood():
        key = ratings.key(item.words)
        if key and key not in decided and ratings.normalise(item.words) is Rating.NOT_RATED:
            known = found.get(key)
            found[key] = replace(known, times=known.times + item.times) if known else item
    return sorted(found.values(), key=lambda u: (-u.times, u.words))


def understand(store: Store, words: str, rating: str, user: User) -> int:
    """Understand these words as a rating from now on; how many reviews are rated anew. Raises BadInput, NotAllowed."""
    _may(user)
    words = " ".join(words.split())
    key = ratings.key(words)
    if not key or len(words) > LONGEST:
        raise BadInput(f"Type the words of a rating, at most {LONGEST} characters.", key="rating_words_needed", longest=LONGEST)
    if rating not in set(Rating):
        raise BadInput("Choose what the words mean.", key="rating_needed")
    with store.write():
        before = store.rating_words.get(key)
        if before and before.rating == rating:
            return 0
        store.rating_words.set(key, words, Rating(rating), user.name)
        changed = _rate_anew(store, key, user)
        was = {"words": words, "rating": str(before.rating)} if before else None
        store.audit.add(user.name, "understood a rating", "newsroom", 0, before=was, after={"words": words, "rating": rating, "reviews": changed})
    return changed


def take_back(store: Store, key: str, user: User) -> int:
    """Let the words mean what they meant without the newsroom's entry; how many reviews are rated anew. Raises NothingToUndo, NotAllowed."""
    _may(user)
    with store.write():
        entry = store.rating_words.get(key)
        if entry is None:
            raise NothingToUndo("This was already taken back.", key="rating_words_gone")
        store.rating_words.remove(key)
        changed = _rate_anew(store, key, user)
        was = {"words": entry.words, "rating": str(entry.rating), "reviews": changed}
        store.audit.add(user.name, "took back a rating's meaning", "newsroom", 0, before=was)
    return changed


def _rate_anew(store: Store, key: str, user: User) -> int:
    own, claims, changed = store.rating_words.table(), set(), 0
    for review in store.rating_words.reviews(text for text in store.rating_words.texts() if ratings.key(text) == key):
        rating = claimreview.rating_of(review, own)
        if rating is not review.rating:
            store.rating_words.rate(review, rating)
            claims.add(review.claim_id)
            changed += 1
    for claim_id in sorted(claims):
        store.claims.refresh(claim_id, by=user.name)
    return changed


def _may(user: User) -> None:
    if not user.role.includes(Role.EDITOR):
        raise NotAllowed("Only editors say what rating words mean.", key="only_editors_ratings")

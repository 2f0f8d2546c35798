"""The newsroom's own table of rating words, and imported reviews by their words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from db.claimparts import review
from db.clock import now
from db.connection import Connection
from factcheck.records import Rating, RatingWord, Review, UnknownRating


class RatingWords:
    def __init__(self, connection: Connection):
        self._c = connection

    def table(self) -> dict[str, Rating]:
        """``ratings.key`` of the words -> rating, as ``ratings.normalise`` takes it."""
        return {r["key"]: Rating(r["rating"]) for r in self._c.db.execute("SELECT key, rating FROM rating_words")}

    def all(self) -> list[RatingWord]:
        """The newest entry first."""
        rows = self._c.db.execute("SELECT * FROM rating_words ORDER BY at DESC, key")
        return [RatingWord(**{**dict(r), "rating": Rating(r["rating"])}) for r in rows]

    def get(self, key: str) -> RatingWord | None:
        row = self._c.db.execute("SELECT * FROM rating_words WHERE key = ?", [key]).fetchone()
        return RatingWord(**{**dict(row), "rating": Rating(row["rating"])}) if row else None

    def set(self, key: str, words: str, rating: Rating, by: str) -> None:
        with self._c.write() as db:
            db.execute(
                "INSERT INTO rating_words (key, words, rating, by, at) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (key) DO UPDATE SET words = excluded.words, rating = excluded.rating, by = excluded.by, at = excluded.at",
                [key, words, str(rating), by, now()],
            )

    def remove(self, key: str) -> None:
        with self._c.write() as db:
            db.execute("DELETE FROM rating_words WHERE key = ?", [key])

    def not_understood(self) -> list[UnknownRating]:
        """The words of imported reviews that are rated in no known words, most frequent first, each with a claim as an example."""
        rows = self._c.db.execute(
            "SELECT rating_text AS words, count(*) AS times, min(claim_id) AS claim_id, min(publisher) AS publisher FROM reviews "
            "WHERE rating = ? AND rating_text <> '' AND added_at = '' GROUP BY rating_text ORDER BY times DESC, words",
            [str(Rating.NOT_RATED)],
        )
        return [UnknownRating(**dict(r)) for r in rows]

    def texts(self) -> list[str]:
        """Every rating text of imported reviews, once."""
        return [r["rating_text"] for r in self._c.db.execute("SELECT DISTINCT rating_text FROM reviews WHERE added_at = ''")]

    def reviews(self, texts: Iterable[str]) -> list[Review]:
        """The imported reviews rated in these words."""
        found = []
        for text in texts:
            rows = self._c.db.execute("SELECT * FROM reviews WHERE rating_text = ? AND added_at = '' ORDER BY id", [text])
            found += [review(r) for r in rows]
        return found

    def rate(self, item: Review, rating: Rating) -> Review:
        """Store how the words of an imported review are understood now."""
        with self._c.write() as db:
            db.execute("UPDATE reviews SET rating = ? WHERE id = ?", [str(rating), item.id])
        return replace(item, rating=rating)

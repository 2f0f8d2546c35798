"""What a search may be narrowed to. The same record serves claims and statements; a filter one of them lacks finds none there."""

from __future__ import annotations

from dataclasses import dataclass

from factcheck.words import fold


@dataclass(frozen=True)
class Filters:
    """``language`` ISO 639-1; ``speaker`` any spelling of a full name; ``rating`` normalised; dates ISO, inclusive."""

    language: str = ""
    speaker: str = ""
    person_id: int | None = None
    rating: str = ""
    since: str = ""
    until: str = ""
    promises: bool = False

    def __bool__(self) -> bool:
        return self != Filters()

    def condition(self, table: str) -> tuple[str, list]:
        """(SQL condition over ``table`` "claims" or "statements", bound values); an empty string when nothing narrows."""
        parts: list[str] = []
        values: list = []

        def add(sql: str, *bound: object) -> None:
            parts.append(sql)
            values.extend(bound)

        claims = table == "claims"
        if self.language:
            in_article = "article_id IN (SELECT id FROM articles WHERE language = ?)"
            add("language = ?" if claims else in_article, self.language)
        if self.speaker:
            same = "person_id IN (SELECT id FROM people WHERE folded = ? UNION SELECT person_id FROM person_aliases WHERE folded = ?)"
            name = fold(self.speaker)
            if claims:
                add(f"(speaker_folded = ? OR {same})", name, name, name)
            else:
                add(same, name, name)
        if self.person_id is not None:
            add("person_id = ?", self.person_id)
        if self.rating:
            add("rating = ?", self.rating) if claims else add("0")
        date = "first_said_at" if claims else "said_at"
        if self.since:
            add(f"{date} >= ?", self.since)
        if self.until:
            add(f"substr({date}, 1, 10) <= ?", self.until)
        if self.promises:
            add("is_promise = 1")
        return " AND ".join(parts), values

"""What claims and statements are about."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """``description`` holds a line for each side of the topic, in any language. ``name_de`` is "" where the name serves for both."""

    id: int
    name: str
    description: str
    name_de: str = ""

    def named(self, language: str) -> str:
        return self.name_de if language == "de" and self.name_de else self.name

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(line.strip() for line in self.description.splitlines() if line.strip())


@dataclass(frozen=True)
class TopicMark:
    """That something is about a topic: by its description (``score`` 0..1, how likely), or because an editor says so.

    ``by_hand`` is "given", "removed" or "", which outlasts every new assignment.
    """

    topic_id: int
    score: float
    by_hand: str = ""

    @property
    def stands(self) -> bool:
        return self.by_hand != "removed"

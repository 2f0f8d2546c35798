"""Records as JSON shows them, on the command line and in the API: one shape for each."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from factcheck.extraction.criteria import criterion
from factcheck.extraction.reasons import reasons
from factcheck.language import quality
from factcheck.records import Article, CheckedDraft, ClaimHit, Standing, Statement, StatementHit


def statement_row(s: Statement, language: str) -> dict[str, Any]:
    """``language`` is that of the article: how well statements are found is known for some only."""
    return {
        "text": s.text,
        "start": s.start,
        "end": s.end,
        "kind": str(s.kind),
        "speaker": s.speaker,
        "mention": s.mention,
        "cue": s.cue,
        "said_at": s.said_at,
        "check_worthy": s.check_worthy,
        "is_promise": s.is_promise,
        "deadline": s.deadline.text if s.deadline else None,
        "deadline_hours": s.deadline.hours if s.deadline else None,
        "deadline_by": s.deadline.by if s.deadline else None,
        "deadline_since": s.deadline.since if s.deadline else None,
        "nature": s.nature,
        "reasons": list(reasons(s.text, s.nature, language)),
        "criterion": criterion(s, language),
        "said_at_precision": s.said_at_precision,
        "suggestions": [asdict(suggestion) for suggestion in s.suggestions],
        "quality": quality(language),
    }


def article_row(article: Article, is_new: bool, made: list[Statement]) -> dict[str, Any]:
    return {
        "article_id": article.id,
        "new": is_new,
        "title": article.title,
        "url": article.url,
        "language": article.language,
        "published_at": article.published_at,
        "quality": quality(article.language),
        "statements": [{"statement_id": s.id, **statement_row(s, article.language)} for s in made],
    }


def claim_row(hit: ClaimHit) -> dict[str, Any]:
    return {
        "claim_id": hit.claim.key,
        "text": hit.claim.text,
        "speaker": hit.claim.speaker,
        "score": hit.candidate.score,
        "probability": hit.candidate.probability,
        "relation": str(hit.candidate.relation),
        "evidence": asdict(hit.candidate.evidence),
        "reviews": [
            {
                "publisher": r.publisher, "rating": str(r.rating), "rating_text": r.rating_text, "title": r.title, "url": r.url,
                "published_at": r.published_at, "language": r.language,
            }
            for r in hit.claim.reviews
        ],
    }  # fmt: skip


def past_row(hit: StatementHit) -> dict[str, Any]:
    return {
        "statement_id": hit.statement.id,
        **statement_row(hit.statement, hit.article.language),
        "article_id": hit.article.id,
        "title": hit.article.title,
        "url": hit.article.url,
        "source": hit.article.source,
        "published_at": hit.article.published_at,
        "score": hit.score,
        "probability": hit.probability,
        "evidence": asdict(hit.evidence),
    }


def draft_row(checked: CheckedDraft) -> dict[str, Any]:
    """A checked draft; each statement's ``number`` is its place in the text, and ``standings`` list the numbers at a glance."""
    article = checked.article
    return {
        "title": article.title,
        "language": article.language,
        "published_at": article.published_at,
        "quality": quality(article.language),
        "standings": {str(standing): [c.statement.id for c in checked.of(standing)] for standing in Standing},
        "statements": [
            {
                "number": c.statement.id,
                **statement_row(c.statement, article.language),
                "standing": str(c.standing),
                "claims": [claim_row(hit) for hit in c.claims],
                "past_statements": [past_row(hit) for hit in c.past],
            }
            for c in checked.statements
        ],
    }

"""Records as the command line shows them to people, one or two lines each."""

from __future__ import annotations

from factcheck.records import ClaimHit, Statement, StatementHit


def statement_line(s: Statement) -> str:
    promise = f" · promise{f' ({s.deadline.text})' if s.deadline else ''}" if s.is_promise else ""
    return f"{s.speaker or s.mention or '?'} · {s.kind} · {s.said_at or 'undated'} · {s.check_worthy:.2f}{promise}\n    {s.text}"


def claim_line(hit: ClaimHit) -> str:
    who = f" · {hit.claim.speaker}" if hit.claim.speaker else ""
    return f"{hit.candidate.probability:.2f}  {hit.claim.rating}{who}  [{hit.claim.key}]\n      {hit.claim.text}"


def past_line(hit: StatementHit) -> str:
    where = hit.article.source or hit.article.title or f"article {hit.article.id}"
    return f"{hit.probability:.2f}  {hit.statement.speaker or '?'} · {hit.statement.said_at or 'undated'} · {where}\n      {hit.statement.text}"

"""The words as pages use them; they are made one floor below, since mails speak with them too."""

from __future__ import annotations

from factcheck.wording import LANGUAGES, Words, catalogue, choose, until

__all__ = ["LANGUAGES", "Words", "catalogue", "choose", "until"]

"""The words and forms that all requests and answers share."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

Id = Annotated[int, Field(ge=1, le=2**53)]
Words = Annotated[str, Field(max_length=2_000)]
Line = Annotated[str, Field(max_length=500)]
Day = Annotated[str, Field(pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$", description="As exact as it is known: 2024-05-01, 2024-05 or 2024")]
Rating = Literal["true", "mostly true", "mixed", "misleading", "mostly false", "false", "satire", "unproven", "outdated", "not rated"]
PromiseStatus = Literal["not yet rated", "in the works", "stalled", "compromise", "kept", "broken"]
Relation = Literal["same", "related", "opposite", "not a match"]
Kind = Literal["direct", "indirect", "reported"]


class Given(BaseModel):
    """What is sent here; a field that is not known is refused, so that a slip of the pen does not go unnoticed.

    Blanks around a text are taken off after it was held against its limits, which are those of what is sent.
    """

    model_config = ConfigDict(extra="forbid")

    @field_validator("*", mode="after")
    @classmethod
    def _tidy(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, list):
            return [v.strip() if type(v) is str else v for v in value]
        if type(value) is not str:
            return value
        limits = cls.model_fields[info.field_name or ""].metadata
        if not value.strip() and any(getattr(limit, "min_length", None) for limit in limits):
            raise ValueError("there is nothing but blanks")
        return value.strip()


class Told(BaseModel):
    """What is answered."""

    model_config = ConfigDict(extra="forbid")


class Failure(Told):
    status: int
    kind: str = Field(description="What went wrong, in one word that does not change")
    message: str = Field(description="What went wrong and what to do, in the language asked for")


class Error(Told):
    """Every failure has this shape."""

    error: Failure


class Made(Told):
    id: int


class Page(Given):
    cursor: Annotated[str, Field(max_length=200)] = ""
    size: Annotated[int, Field(ge=1, le=200)] = 50

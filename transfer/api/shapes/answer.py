"""What every answer is made of, and why something is on record."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from transfer.core.words import Basis


def absent(value: object) -> bool:
    """Whether a part has nothing to say, and is left out of the answer."""
    return not value


class Answer(BaseModel):
    """An answer or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class BasisTold(Answer):
    """Why: rulebook edition, clause and document; every assumption that it rests on, if any."""

    rulebook: str | None
    clause: str | None
    document: str | None
    confidence: str | None = Field(None, exclude_if=absent)
    assumptions: tuple[str, ...] = Field((), exclude_if=absent)

    @classmethod
    def of(cls, basis: Basis | None) -> Self | None:
        """The same from the record's words."""
        if basis is None:
            return None
        return cls(
            rulebook=basis.rulebook,
            clause=basis.clause,
            document=basis.document,
            confidence=basis.confidence,
            assumptions=basis.assumptions,
        )

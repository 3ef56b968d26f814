"""The parts that a rulebook is made of: each a frozen value, checked as it is made.

Clause                   a requirement in our words, with its value, sources and confidence
RouteRule                a route of assignment, in the order in which routes are tried
Step                     a window of time and the milestone that it feeds
Milestone                a date of the plan, and when it became known
Offer                    a term held out to staff and what it requires
ChronicleEntry           what happened and when, for a rehearsal to replay
PublishedRate            a figure that a rehearsal draws by
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Self

from pydantic import (
    Field,
    StringConstraints,
    ValidationInfo,
    field_serializer,
    field_validator,
    model_validator,
)

from transfer.core.dating.calendars import Period, Unit
from transfer.core.refusals import Malformed
from transfer.core.words import (
    Confidence,
    Frozen,
    Happening,
    MilestoneName,
    OfferStatus,
    Route,
)
from transfer.rulebooks.values import Value, ValueType, parse_value, print_value, type_of

ClauseId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}-[0-9]{2}[a-z]?(-[a-z]+)*$")]
"""The name of a clause, e.g. `TR-11b` or `TR-11b-panel`."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class ClauseKind(StrEnum):
    """What a clause does."""

    RULE = "rule"
    PARAMETER = "parameter"
    HISTORY = "history"
    FIGURE = "figure"


class Clause(Frozen):
    """One clause: what it requires, in our words, its value if any, and how surely it is known.

    `value_type`, `unit` and the limits say what a value must be, whether or not one is known:
    `accepts` are the units of a period, `least` and `most` bound a number, both included.
    `rests_on` names the clauses whose values this one is applied with, and `disputes` the clause
    whose account this one contradicts; neither account is merged into the other.
    """

    id: ClauseId
    title: Words
    text: Words
    kind: ClauseKind = ClauseKind.RULE
    confidence: Confidence
    sources: tuple[Words, ...] = Field(min_length=1)
    value_type: ValueType | None = None
    value: Value | None = None
    unit: Words | None = None
    accepts: tuple[Unit, ...] = ()
    least: Decimal | None = None
    most: Decimal | None = None
    unknown_because: Words | None = None
    document_needed: Words | None = None
    needed: bool = False
    rests_on: tuple[ClauseId, ...] = ()
    disputes: ClauseId | None = None

    @field_validator("value", mode="plain")
    @classmethod
    def _typed(cls, value: object, info: ValidationInfo) -> Value | None:
        wanted: ValueType | None = info.data.get("value_type")
        if value is None:
            return None
        if wanted is None:
            raise ValueError("a clause with a value says of which type it is")
        if isinstance(value, str) and wanted is not ValueType.TEXT:
            try:
                return parse_value(value, wanted)
            except Malformed as malformed:
                raise ValueError(malformed.reason) from None
        if type_of(value) is not wanted:
            raise ValueError(f"{value!r} is not of the type {wanted}")
        return value  # type: ignore[return-value]  # type_of has just said that it is a Value

    @field_serializer("value")
    def _written(self, value: Value | None) -> str | None:
        return None if value is None else print_value(value)

    @model_validator(mode="after")
    def _says_what_it_does_not_know(self) -> Self:
        if self.kind is ClauseKind.PARAMETER:
            if self.value_type is None:
                raise ValueError(f"{self.id}: a parameter says of which type its value is")
            if self.value is None and not (self.unknown_because and self.document_needed):
                raise ValueError(
                    f"{self.id}: an unknown parameter says why, and which document would tell"
                )
        elif self.needed:
            raise ValueError(f"{self.id}: only a parameter can be needed")
        if self.value is not None and (self.needed or self.unknown_because):
            raise ValueError(f"{self.id}: a value that is known is neither needed nor unknown")
        if self.confidence is Confidence.NOT_FOUND and not self.unknown_because:
            raise ValueError(f"{self.id}: what was looked for and not found says so")
        return self

    def why_not(self, value: Value) -> str | None:
        """Why the clause cannot take that value, as the end of a sentence; `None` if it can."""
        if type_of(value) is not self.value_type:
            return f"is not a {self.value_type}"
        if isinstance(value, Period) and self.accepts and value.unit not in self.accepts:
            return f"is not in a unit that it takes ({', '.join(self.accepts)})"
        if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
            if self.least is not None and value < self.least:
                return f"is less than {self.least}"
            if self.most is not None and value > self.most:
                return f"is more than {self.most}"
        return None


class RouteRule(Frozen):
    """One route of assignment: when it is tried, on what evidence, and for whom alone."""

    route: Route
    clause: ClauseId
    when: Words
    rests_on: tuple[ClauseId, ...] = ()
    only_roles: ClauseId | None = None


class Milestone(Frozen):
    """A date of the plan as it was announced; a later announcement of the same name replaces it.

    `announced_on` is the first day on which the sources show it known. `superseded_by` is the
    clause that moved it.
    """

    name: MilestoneName
    on: date
    clause: ClauseId
    announced_on: date
    confidence: Confidence
    superseded_by: ClauseId | None = None


class StepStart(StrEnum):
    """What a window of time starts to run from."""

    LETTER = "letter"
    APPEAL_LODGED = "appeal-lodged"


class Step(Frozen):
    """A window of time, and the milestone by which it must be over for the plan to hold."""

    clause: ClauseId
    starts_with: StepStart
    feeds: MilestoneName


class ChronicleEntry(Frozen):
    """One happening on its day, with the document that tells of it and how surely."""

    on: date
    happening: Happening
    clause: ClauseId
    document: Words
    confidence: Confidence
    bodies: tuple[Words, ...] = ()
    account: Words


class Requirement(StrEnum):
    """What an offer needs before it can be made."""

    NOTHING_FURTHER = "nothing-further"
    COLLECTIVE_ENDORSEMENT = "collective-endorsement"


class OfferStanding(Frozen):
    """How an offer stands once something has happened, and by which clause."""

    after: Happening
    status: OfferStatus
    clause: ClauseId


class Offer(Frozen):
    """A term held out to staff. `until` is the first day on which it no longer holds.

    `employed_on` names the clause whose date one must be employed on, `employed_on_moved_by` the
    clause that is taken to have moved it.
    """

    term: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
    title: Words
    clause: ClauseId
    requires: Requirement
    condition: Words
    until: date | None = None
    employed_on: ClauseId | None = None
    employed_on_moved_by: ClauseId | None = None
    standings: tuple[OfferStanding, ...] = Field(min_length=1)


class PublishedRate(Frozen):
    """So many out of so many, as published; what is weak about it stands in `caveat`."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
    count: int = Field(ge=0)
    out_of: int = Field(gt=0)
    clause: ClauseId
    confidence: Confidence
    caveat: Words | None = None

    @property
    def share(self) -> Decimal:
        """`count` out of `out_of`, between 0 and 1."""
        return Decimal(self.count) / Decimal(self.out_of)

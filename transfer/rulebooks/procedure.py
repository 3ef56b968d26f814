"""How an exercise runs: the parts of an edition that say what is decided, sent, due and granted.

Route, Path              how it is decided where somebody goes; whose letters share a date
Letter, Window           what is sent and what it opens; until when somebody may act
Milestone, Gate          the days of the plan, and what must be on record before a step
Grant, Offer             what a move gives; terms held out and how they stand
Happening, Chronicle     what can happen between the sides, and what did
Rate, PayScale           figures that a rehearsal draws by; what is paid
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from transfer.core.dating.calendars import Period
from transfer.core.editions.parts import ClauseId, FieldName, Length, Name, Part, Words
from transfer.core.editions.values import PeriodInWords
from transfer.core.words import (
    Confidence,
    Effect,
    Late,
    MilestoneRole,
    OfferStatus,
    WindowKind,
)
from transfer.rulebooks.parties import Condition

Template = Words
"""A text with names in braces, e.g. `{employer} goes to {to}`."""


class Draw(Part):
    """A random allocation among transferees, from a seed that is recorded.

    `between` are their ids. Where a transferee has `places`, one that is full is drawn no more.
    """

    between: tuple[Name, ...] = Field(min_length=2)


class Sift(Part):
    """Who comes first where more want a place than there are places: by evidence, highest first."""

    by: FieldName
    then: tuple[FieldName, ...] = ()


class RouteRule(Part):
    """One row of the table by which it is decided where somebody goes; tried in order.

    `when` is a condition; the first route whose condition holds decides. `to` is an expression for
    a transferee's id, or the row draws. `otherwise` is what is said where `when` fails and the row
    is the last word; the person's case then goes to a panel.
    """

    id: Name
    title: Words | None = None
    clause: ClauseId
    when: Condition
    to: Condition | None = None
    draw: Draw | None = None
    sift: Sift | None = None
    because: Template | None = None
    otherwise: Words | None = None
    rests_on: tuple[ClauseId, ...] = ()

    @model_validator(mode="after")
    def _decides_in_one_way(self) -> Self:
        if (self.to is None) == (self.draw is None):
            raise ValueError(f"route {self.id}: give to, or draw, and not both")
        if self.sift is not None and self.draw is not None:
            raise ValueError(f"route {self.id}: sift orders those whom `to` names; it cannot draw")
        return self


class Path(Part):
    """Routes whose letters go out on one day; `letters_after` is a rehearsal's assumption."""

    id: Name
    title: Words | None = None
    routes: tuple[Name, ...] = Field(min_length=1)
    letters_after: PeriodInWords = Period(amount=10, unit="wd")
    panel: bool = False


Approval = Literal["administrator", "automatic"]
"""Whether a step waits for somebody's approval."""


class Letter(Part):
    """A letter: what it must contain, who approves it, which windows it opens.

    It goes out when somebody is told where they go, or later: with the day of the milestone that
    `goes_with` names.
    """

    id: Name
    title: Words | None = None
    clause: ClauseId | None = None
    contents: tuple[Words, ...] = ()
    approval: Approval = "administrator"
    opens: tuple[Name, ...] = ()
    paths: tuple[Name, ...] = ()
    goes_with: Name | None = None


class Panel(Part):
    """Who determines an appeal, and how long they have from the day after it was lodged."""

    length: Length
    title: Words | None = None


class Reset(Part):
    """A new end of a window: a clause whose value is the day, known from the clause's `known_from`.

    `to` are the transferees whose people it holds for, all of them unless said.
    """

    clause: ClauseId
    to: tuple[Name, ...] = ()


class WindowRule(Part):
    """A span of days in which somebody may act; its length is a clause's.

    `counted` says whether it runs from the letter's being sent or received. `feeds` names the
    milestone by which it must be over for the plan to hold. `answers` are what may be answered.
    `resets` are the ends that were published instead, in their order.
    """

    id: Name
    title: Words | None = None
    kind: WindowKind
    right_of: Words = "staff"
    length: Length
    counted: Literal["sent", "received"] = "sent"
    late: Late = Late.ADMIT
    answers: tuple[Name, ...] = ()
    panel: Panel | None = None
    feeds: Name | None = None
    clause: ClauseId | None = None
    resets: tuple[Reset, ...] = Field(default=(), alias="reset")

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if self.panel is not None and self.kind not in (WindowKind.APPEAL, WindowKind.REVIEW):
            raise ValueError(f"window {self.id}: only an appeal or a review has a panel")
        if self.kind is WindowKind.APPEAL and self.panel is None:
            raise ValueError(f"window {self.id}: an appeal needs a panel = {{ length = … }}")
        return self


class Milestone(Part):
    """A date of the plan as it was announced; a later announcement of the same id replaces it.

    `announced_on` is the first day on which the sources show it known. `superseded_by` is the
    clause that moved it. `transferors` are those whose day it is, where each has its own.
    """

    name: Name = Field(alias="id")
    title: Words | None = None
    on: date
    clause: ClauseId
    role: MilestoneRole | None = None
    announced_on: date
    confidence: Confidence = Confidence.SOURCE
    superseded_by: ClauseId | None = Field(default=None, alias="moved_by")
    transferors: tuple[Words, ...] = ()


class Guarded(StrEnum):
    """The steps before which a gate can stand."""

    OPENING = "opening"
    LETTERS = "letters"
    CONFIRMATION = "confirmation"
    TRANSFER = "transfer"
    DISSOLUTION = "dissolution"


class GateFact(StrEnum):
    """What a gate can ask of the record."""

    CONSULTATION_BEGUN = "consultation begun"
    APPEALS_DETERMINED = "appeals determined"


class Gate(Part):
    """What must be on record before a step: facts, or documents in the register."""

    before: Guarded
    facts: tuple[GateFact, ...] = ()
    documents: tuple[Words, ...] = ()
    clause: ClauseId | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.facts and not self.documents:
            raise ValueError(f"the gate before {self.before} asks for nothing")
        return self


class Steps(Part):
    """Which steps wait for approval; `automatic` steps are taken on their day."""

    letters: Approval = "administrator"
    confirmation: Approval = "automatic"
    transfer: Approval = "automatic"
    dissolution: Approval = "administrator"


class Grant(Part):
    """A term that a move gives, from the day of the transfer.

    It holds until the day given, or for as long as a clause says, or without an end. `to` names
    the transferees that it is given by, all of them unless said; `routes` are those by which
    somebody must have been decided on to be given it, any of them unless said.
    """

    term: FieldName
    title: Words | None = None
    value: Words
    clause: ClauseId
    until: date | None = None
    length: Length | None = None
    to: tuple[Name, ...] = ()
    routes: tuple[Name, ...] = ()

    @model_validator(mode="after")
    def _ends_once(self) -> Self:
        if self.until is not None and self.length is not None:
            raise ValueError(f"the grant of {self.term} ends in one way: until, or length")
        return self


class ObjectionPath(Part):
    """One way in which somebody objects to a move: to which transferees, and whom they may tell.

    Without any, everybody objects under the clause that `[under]` names.
    """

    id: Name
    title: Words | None = None
    clause: ClauseId
    to: tuple[Name, ...] = Field(min_length=1)
    told_to: tuple[Words, ...] = Field(min_length=1)
    effect: Words | None = None


class Happening(Part):
    """What can happen between the sides, or to the plan, in the course of an exercise."""

    id: Name
    title: Words | None = None
    effect: Effect = Effect.NOTICE


class ChronicleEntry(Part):
    """One happening on its day, with the document that tells of it and how surely.

    Where the sources give no day but days between which it happened, these are `earliest` and
    `latest`; `on` is then one of them, and is inferred.
    """

    on: date
    happening: Name
    clause: ClauseId
    document: Words
    confidence: Confidence = Confidence.SOURCE
    bodies: tuple[Words, ...] = ()
    account: Words
    earliest: date | None = None
    latest: date | None = None

    @model_validator(mode="after")
    def _lies_between(self) -> Self:
        if (self.earliest or self.on) > self.on or self.on > (self.latest or self.on):
            raise ValueError(
                f"{self.happening}: {self.on} does not lie between earliest and latest"
            )
        if (self.earliest or self.latest) and self.confidence is Confidence.SOURCE:
            raise ValueError(
                f"{self.happening}: a day that a source gives needs no earliest and latest; one "
                'that is taken from between them is inferred: confidence = "I"'
            )
        return self


class Requirement(StrEnum):
    """What an offer needs before it can be made."""

    NOTHING_FURTHER = "nothing-further"
    COLLECTIVE_ENDORSEMENT = "collective-endorsement"


class OfferStanding(Part):
    """How an offer stands once something has happened, and by which clause."""

    after: Name
    status: OfferStatus
    clause: ClauseId


class Offer(Part):
    """A term held out to staff. `until` is the first day on which it no longer holds.

    `employed_on` names the clause whose date one must be employed on, `employed_on_moved_by` the
    clause that is taken to have moved it.
    """

    term: FieldName
    title: Words
    clause: ClauseId
    requires: Requirement = Requirement.NOTHING_FURTHER
    condition: Words
    until: date | None = None
    employed_on: ClauseId | None = None
    employed_on_moved_by: ClauseId | None = None
    standings: tuple[OfferStanding, ...] = Field(alias="standing", min_length=1)


class Obligation(Part):
    """What somebody owes somebody by a day of the plan."""

    id: Name
    title: Words
    owner: Words
    owed_to: Words = "staff"
    clause: ClauseId
    before: Name | None = None
    after: Name | None = None
    length: Length | None = None

    @model_validator(mode="after")
    def _falls_due_once(self) -> Self:
        if (self.before is None) == (self.after is None):
            raise ValueError(f"obligation {self.id}: say before or after which milestone")
        return self


class PublishedRate(Part):
    """So many out of so many, as published; what is weak about it stands in `caveat`."""

    name: FieldName
    count: int = Field(ge=0)
    out_of: int = Field(gt=0)
    clause: ClauseId
    confidence: Confidence = Confidence.SOURCE
    caveat: Words | None = None

    @property
    def share(self) -> Decimal:
        """`count` out of `out_of`, between 0 and 1."""
        return Decimal(self.count) / Decimal(self.out_of)


Amount = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}\.[0-9]{2}$")]
"""A sum in pounds and pence, written `24500.00`."""


class PayScale(Part):
    """What is paid in each band at each point, for how many hours, from when.

    `bands` is a table: band, then point, then the amount of a year.
    """

    id: Name
    title: Words | None = None
    clause: ClauseId
    effective_from: date = Field(alias="from")
    hours: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,2}(\.[0-9]{1,2})?$")]
    currency: Literal["GBP"] = "GBP"
    bands: Mapping[str, Mapping[str, Amount]] = Field(min_length=1)

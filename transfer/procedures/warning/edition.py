"""What an edition says of who may issue a formal warning: the table `[warning]` of its file."""

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from transfer.core.editions.parts import ClauseId, Name, Part, Words
from transfer.core.words import Facet


class Relation(StrEnum):
    """What somebody is to a member of staff by that person's record."""

    LINE_MANAGER = "line_manager"
    HR_PROCESS_OWNER = "hr_process_owner"
    PROFESSIONAL_SUPERVISOR = "professional_supervisor"

    @property
    def facet(self) -> Facet:
        """The part of a position that names them."""
        return Facet(self.value)


class Stage(Part):
    """How far a change of line management has come, from a day on.

    `starts` is the clause of that day. Where a source gives the month alone, `not_before` and
    `holds_by` are the clauses of the first day on which it may be so and of the day by which it is.
    """

    id: Name
    title: Words
    clause: ClauseId
    starts: ClauseId | None = None
    not_before: ClauseId | None = None
    holds_by: ClauseId | None = None

    @model_validator(mode="after")
    def _has_a_day(self) -> Self:
        if self.starts is None and (self.not_before is None or self.holds_by is None):
            raise ValueError("give starts, or not_before and holds_by")
        return self


class WarningRules(Part):
    """Who may issue a formal warning.

    `procedures` is the clause on the formal procedures that govern. `decided_by` is the clause
    whose value lists the relations (see `Relation`) by which somebody decides a formal case. The
    stages stand in their order.
    """

    procedures: ClauseId
    decided_by: ClauseId
    stages: tuple[Stage, ...] = Field(alias="stage", min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        ids = [each.id for each in self.stages]
        if len(set(ids)) < len(ids):
            raise ValueError("two entries of [[warning.stage]] have the same id")
        return self

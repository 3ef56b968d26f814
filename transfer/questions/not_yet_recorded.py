"""Steps of a procedure that are due by law for a person, but not recorded: they wait for approval.

Nothing that ends employment, or lowers pay back in time, is recorded before a second person has
approved it. Until then the position of that day does not change, and its answer lists the step.
"""

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from projections.deadlines import deadlines
from projections.keeping_up.copying import Conn
from transfer.core.dating.instants import Instant
from transfer.procedures.known_facts import KnownFacts
from transfer.questions.answer import Answer, BasisShown, absent


class NotYetRecorded(Answer):
    """A step of a procedure that has been due by law since `by_law_on`, and waits for approval.

    `says` names the step in words: end the employment of somebody who objects. `asked_by` is the
    event that asked for the approval, and `asked_at` its instant.
    """

    exercise: str
    step: str
    says: str
    by_law_on: date
    basis: BasisShown | None = Field(None, exclude_if=absent)
    asked_by: UUID
    asked_at: Instant


def not_yet_recorded(
    conn: Conn, known: KnownFacts, staff_number: str, effective_at: date, known_at: datetime
) -> tuple[NotYetRecorded, ...]:
    """A person's steps that are due by a day and wait for approval, earliest first."""
    return tuple(
        NotYetRecorded(
            exercise=each.exercise,
            step=each.step,
            says=_says(known, each),
            by_law_on=each.by_law_on,
            basis=BasisShown.model_validate(each.basis),
            asked_by=each.asked_by,
            asked_at=each.asked_at,
        )
        for each in deadlines.awaited(conn, staff_number, effective_at, known_at)
    )


def _says(known: KnownFacts, awaited: deadlines.Awaited) -> str:
    kind = known.kind(awaited.matter)
    step = None if kind is None else kind.step(awaited.step)
    return awaited.step if step is None else step.act.says

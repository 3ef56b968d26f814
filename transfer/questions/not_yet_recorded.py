"""What the law makes of somebody on a day, and no entry says yet: it waits for approval.

Nothing that ends employment, or lowers pay back in time, is recorded before somebody has approved
it. Until then the values of that day stand as they are, and the answer says what is to come.
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
    """A step of a procedure that is due by law since a day, and waits for approval.

    `says` tells what is to be done (end the employment of somebody who objects). `asked_by` is the
    event that asked for the approval, at `asked_at`.
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
    """What is due by law from one person by a day, as known at an instant, the earliest first."""
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

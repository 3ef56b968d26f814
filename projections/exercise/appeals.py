"""The appeals of exercises as known at an instant: which are open, came late or are decided.

The fold is pure; `appeals` reads the steps of appeals (`steps.py`), of one exercise or of all, and
folds them. How many there are says `outcome.py`, from the same steps.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from psycopg.rows import tuple_row

from projections.exercise.outcome import undone_by
from projections.exercise.steps import Step, StepKind
from projections.keeping_up.copying import Conn, from_text, to_text


class Stands(StrEnum):
    """What became of an appeal. `late`: it was refused as late, and nobody has admitted it."""

    OPEN = "open"
    LATE = "late"
    UPHELD = "upheld"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(slots=True)
class Appeal:
    """One appeal. `due_on` was its last day when it came; `panel_on` is the last day by which a
    panel decides, `None` where none has to. `withdrawn` is also one that needs no decision any
    more."""

    exercise: str
    staff_number: str
    appeal: str
    lodged_on: date
    due_on: date
    stands: Stands
    panel_on: date | None = None
    is_overdue: bool = False

    @property
    def came_late(self) -> bool:
        """Whether it came after what was its last day then, whatever was done with it."""
        return self.lodged_on > self.due_on


def appeals_of(steps: Iterable[Step]) -> tuple[Appeal, ...]:
    """The appeals that these steps, in log order, came to; in the order in which they came."""
    found: dict[tuple[str, str], Appeal] = {}
    steps = list(steps)
    undone = undone_by(steps)
    for step in steps:
        if step.event_id not in undone and step.appeal is not None:
            _take(found, step)
    return tuple(found.values())


def _take(found: dict[tuple[str, str], Appeal], step: Step) -> None:
    staff_number, name = step.staff_number or "", step.appeal or ""
    if step.kind in (StepKind.APPEAL_LODGED, StepKind.APPEAL_REFUSED):
        if step.happened_on is not None and step.due_on is not None:
            is_open = step.kind is StepKind.APPEAL_LODGED
            found[staff_number, name] = Appeal(
                exercise=step.exercise,
                staff_number=staff_number,
                appeal=name,
                lodged_on=step.happened_on,
                due_on=step.due_on,
                stands=Stands.OPEN if is_open else Stands.LATE,
                panel_on=step.panel_on,
            )
        return
    appeal = found.get((staff_number, name))
    if appeal is None:
        return
    match step.kind:
        case StepKind.APPEAL_ACCEPTED_LATE:
            appeal.stands, appeal.panel_on = Stands.OPEN, step.panel_on
        case StepKind.PANEL_OVERDUE:
            appeal.is_overdue = True
        case StepKind.APPEAL_DETERMINED:
            appeal.stands = Stands(step.about or "")
        case StepKind.APPEAL_WITHDRAWN:
            appeal.stands = Stands.WITHDRAWN
        case _:
            pass


# --- the question ------------------------------------------------------------------------------

_STEPS = """
SELECT exercise, staff_number, step, event_id, about, due_on, of_event,
       appeal, happened_on, panel_on
FROM exercise_step
WHERE (appeal IS NOT NULL OR step = 'undone') AND recorded_from <= %(known_at)s
  AND (%(exercise)s::text IS NULL OR exercise = %(exercise)s)
ORDER BY place
"""


def appeals(conn: Conn, exercise: str | None, known_at: datetime) -> Sequence[Appeal]:
    """The appeals of an exercise, of all where none is named, as known at K (resolved before)."""
    values = {"exercise": None if exercise is None else to_text(exercise), "known_at": known_at}
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_STEPS, values).fetchall()
    return appeals_of(
        Step(
            exercise=of_exercise,
            staff_number=staff_number,
            kind=StepKind(kind),
            event_id=event_id,
            about=None if about is None else from_text(about),
            due_on=due_on,
            of=of_event,
            appeal=None if appeal is None else from_text(appeal),
            happened_on=happened_on,
            panel_on=panel_on,
        )
        for (
            of_exercise,
            staff_number,
            kind,
            event_id,
            about,
            due_on,
            of_event,
            appeal,
            happened_on,
            panel_on,
        ) in rows
    )

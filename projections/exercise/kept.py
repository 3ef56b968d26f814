"""What exercises came to, kept folded: only those of whom something is new are folded again.

What was on record at an instant that is over never changes. So it is kept by the instant of the
last fact that is in it, and is the same at every later one until there is another fact.
"""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import tuple_row

from projections.exercise.outcome import (
    ExerciseOutcome,
    Fold,
    fold,
    steps_of_exercise,
    steps_of_people,
    steps_since,
)
from projections.keeping_up.copying import Conn
from transfer.core.refusals import NotOnRecord

_MOST_PEOPLE = 30_000
"""In all that is kept: some 30 MB. One exercise is kept however many are in it."""

_LAST = """
SELECT 'exercise_step'::regclass::oid, recorded_from FROM exercise_step
WHERE exercise = %s AND recorded_from <= %s ORDER BY recorded_from DESC LIMIT 1
"""
"""The table too: one that was made again takes its place, and what came of the other is void."""


@dataclass(frozen=True, slots=True)
class _Kept:
    table: int
    until: datetime
    folded: Fold
    outcome: ExerciseOutcome


class KeptOutcomes:
    """The exercises that were asked for last; safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[str, datetime], _Kept] = OrderedDict()
        self._latest: dict[str, datetime] = {}

    def outcome(self, conn: Conn, exercise: str, known_at: datetime) -> ExerciseOutcome:
        """See `outcome.outcome`: the same answer."""
        with conn.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(_LAST, (exercise, known_at)).fetchone()
        if row is None:
            raise NotOnRecord(f"nothing of exercise {exercise} was on record then")
        table, until = row
        with self._lock:
            found = self._kept.get((exercise, until))
            latest = self._latest.get(exercise)
            before = None if latest is None else self._kept.get((exercise, latest))
        if found is None or found.table != table:
            folded = self._folded(conn, exercise, table, until, before)
            found = _Kept(table, until, folded, folded.outcome(exercise))
            self._keep(exercise, found)
        return found.outcome

    def _folded(
        self, conn: Conn, exercise: str, table: int, until: datetime, before: _Kept | None
    ) -> Fold:
        """What is on record until then: read on from the latest that is kept, where that is of the
        same table and earlier."""
        if before is None or before.table != table or before.until >= until:
            return fold(steps_of_exercise(conn, exercise, until))
        new = steps_since(conn, exercise, before.until, until)
        people = {step.staff_number for step in new if step.staff_number is not None}
        again = fold(steps_of_people(conn, exercise, until, sorted(people)))
        of_whole = fold(steps_of_people(conn, exercise, until, None))
        others = {n: each for n, each in before.folded.people.items() if n not in people}
        return Fold(others | dict(again.people), of_whole.milestones)

    def _keep(self, exercise: str, found: _Kept) -> None:
        with self._lock:
            self._kept[exercise, found.until] = found
            self._kept.move_to_end((exercise, found.until))
            self._latest[exercise] = max(found.until, self._latest.get(exercise, found.until))
            size = sum(len(each.folded.people) for each in self._kept.values())
            while size > _MOST_PEOPLE and len(self._kept) > 1:
                _, dropped = self._kept.popitem(last=False)
                size -= len(dropped.folded.people)

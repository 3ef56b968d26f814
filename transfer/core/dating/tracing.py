"""How a value came to be known: which entries made the record say what it says of a day.

A *trace* follows one key through a stream's entries in log order, by the effective-dating rule
(`projection.py`): after every command that touched the key, which statements there were. Of one day
it tells since when, and by which entries, the record has given today's answer, and what it said
until then.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from transfer.core.dating.effective_dating import (
    Entry,
    Key,
    Period,
    Resolution,
    Statement,
    Stretch,
    overlaid_stretches,
    period_of,
    standing_stretches,
)


@dataclass(slots=True)
class Step:
    """One command that touched a key: when, by which of its entries, and what that changed."""

    since: datetime
    by: list[UUID] = field(default_factory=list)
    changes: list[tuple[UUID, Statement | None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Why:
    """How the record came to say what it says of a day.

    Since `known_since` it has said so, by the entries `brought_by`. `replaced` is what it said of
    the day until then, `preceded_by` what is in force on the day before the period; `None`: no
    value.
    """

    known_since: datetime
    brought_by: tuple[UUID, ...]
    replaced: Period | None
    preceded_by: Period | None


class Trace:
    """One key through all its entries."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._stretches: dict[tuple[int, bool], list[Stretch[Statement]]] = {}

    def why(self, on: date, *, standing_only: bool = False) -> Why | None:
        """Why the key reads as it does on a day; `None` if it has no value.

        `standing_only`: the standing value, whatever temporary one overlays it.
        """
        since = self._since(on, standing_only)
        last = len(self.steps) - 1
        now = None if since is None else self._period(last, on, standing_only)
        if since is None or now is None:
            return None
        began = now.effective_from
        step = self.steps[since]
        return Why(
            known_since=step.since,
            brought_by=tuple(step.by),
            replaced=self._period(since - 1, on, standing_only),
            preceded_by=(
                None
                if began == date.min
                else self._period(last, began - timedelta(days=1), standing_only)
            ),
        )

    def _since(self, on: date, standing_only: bool) -> int | None:
        """The step since which today's content supplies the day; `None` where nothing does.

        One pass: only what a step changed is looked at, unless it takes the supplier away.
        """
        covering: dict[UUID, Statement] = {}
        best: Statement | None = None
        supplier: UUID | None = None
        since: int | None = None
        for n, step in enumerate(self.steps):
            for root, said in step.changes:
                removed = covering.pop(root, None)
                if said is not None and _covers(said, on, standing_only):
                    covering[root] = said
                    if best is None or _rank(said) > _rank(best):
                        best = said
                if removed is not None and best is removed:
                    best = max(covering.values(), key=_rank, default=None)
            has_value = best is not None and best.piece.value is not None
            content = best.source.event_id if best is not None and has_value else None
            if content != supplier:
                supplier, since = content, n
        return since if supplier is not None else None

    def _period(self, step: int, on: date, standing_only: bool) -> Period | None:
        """The period that holds on a day after a step."""
        for said, start, end in self._all_stretches(step, standing_only):
            if start <= on and (end is None or on < end):
                return None if said.piece.value is None else period_of(said, start, end)
        return None

    def _all_stretches(self, step: int, standing_only: bool) -> list[Stretch[Statement]]:
        found = self._stretches.get((step, standing_only))
        if found is None:
            stated: dict[UUID, Statement] = {}
            for each in self.steps[: step + 1]:
                for root, said in each.changes:
                    stated.pop(root, None)
                    if said is not None:
                        stated[root] = said
            found = standing_stretches(stated.values())
            temporary = [said for said in stated.values() if said.effective_to is not None]
            if temporary and not standing_only:
                found = list(overlaid_stretches(found, temporary))
            self._stretches[step, standing_only] = found
        return found


def traces(entries: Iterable[Entry], wanted: frozenset[Key]) -> Mapping[Key, Trace]:
    """The traces of these keys, from a stream's entries in log order.

    Between the entries of one command there is no instant: each command is one step.
    """
    resolution: Resolution[Entry] = Resolution()
    held: dict[UUID, tuple[Key, ...]] = {}
    found = {key: Trace() for key in wanted}
    for recorded_at, command in groupby(entries, key=lambda each: each.recorded_at):
        touched: dict[Key, Step] = {}
        for entry in command:
            root, order, source = resolution.add(entry)
            before = held.get(root, ())
            says = (
                {}
                if source is None
                else {each.key: Statement(order, each, root, source) for each in source.content}
            )
            held[root] = tuple(says)
            for key in wanted.intersection({*before, *says}):
                step = touched.get(key)
                if step is None:
                    step = touched[key] = Step(recorded_at)
                    found[key].steps.append(step)
                step.by.append(entry.event_id)
                step.changes.append((root, says.get(key)))
    return found


def _covers(said: Statement, on: date, standing_only: bool) -> bool:
    if said.effective_to is None:
        return said.effective_from <= on
    return not standing_only and said.effective_from <= on < said.effective_to


def _rank(said: Statement) -> tuple[bool, date, int]:
    """Temporary over standing; of temporary ones the last recorded, of standing ones the latest
    by day, then the last recorded (rules 1 and 2)."""
    if said.effective_to is not None:
        return True, date.min, said.order
    return False, said.effective_from, said.order

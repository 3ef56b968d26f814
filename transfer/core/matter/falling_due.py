"""What the clock has still to do, by what is on record so far, and what of that comes first."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from heapq import heappop, heappush

from transfer.core.matter import book as b
from transfer.core.matter.deciding import RulesOfMatter
from transfer.core.matter.folding import State
from transfer.core.matter.kind import Step, Waits
from transfer.core.matter.words import Nature, Over, Whom

DueKey = tuple[str, str, str, str | None]
"""A matter, a step of it, what that is about, and the group that it is due from, if from one."""


def open_acts(state: State, whom: Whom | None = None) -> Iterator[b.Due]:
    """What the clock has still to do: for the person, or for the matter and each of its groups (for
    `whom` alone, where one of these is named)."""
    if state.own is not None:
        found = state.book.of(state.whom, Nature.ACT)
    elif whom is not None:
        found = state.book.of(whom, Nature.ACT)
    else:
        found = (due for due in state.whole.book.everything() if due.nature is Nature.ACT)
    for due in found:
        step = state.kind.step(due.slot.what)
        if due.is_open and step is not None and _is_over(step, due):
            yield due


def _is_over(step: Step, due: b.Due) -> bool:
    slot, over = due.slot, step.act.over
    if over is Over.PERSON:
        return slot.person is not None
    return slot.person is None and (slot.group is None) == (over is Over.MATTER)


def dues_of(state: State, step: Step) -> Iterator[b.Due]:
    """What is due that a step would take: of the person, of the matter, or of any group."""
    return (due for due in open_acts(state) if due.slot.what == step.name)


def days_of_acts(states: Mapping[str, State]) -> Iterator[date]:
    """The days on which the clock has something to do."""
    for state in states.values():
        for due in () if state.is_over else open_acts(state):
            day = state.book.days(due)[0]
            if day is not None:
                yield day


def needs_approval(rules: RulesOfMatter, state: State, step: Step, due: b.Due) -> bool:
    """Whether a step that is due has still to be approved: by the kind always, or by the edition.

    What is approved for a group is approved for each of its people.
    """
    if step.waits is not Waits.FOR_APPROVAL and not rules.waits(step.name):
        return False
    name, about, group = step.name, due.slot.about, due.slot.group
    if (name, about, group) in state.mine.timing.approved:
        return False
    shared = state.own is not None and state.group is not None
    return not (shared and (name, about, state.group) in state.whole.timing.approved)


# --- the earliest first ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ready:
    """A step that may be taken, and the day on which it is due."""

    day: date
    state: State
    step: Step
    due: b.Due


@dataclass(frozen=True, slots=True)
class _Looked:
    """What was found when a part of a matter was looked at last."""

    look: int
    ready: Ready | None
    waiting: Mapping[DueKey, tuple[b.Due, date]]


_Order = tuple[date, str, str, str, str]
"""In which order steps are taken: by day; on the same day by matter, name, what it is about, and
group."""


def _order(ready: Ready) -> _Order:
    slot = ready.due.slot
    return ready.day, slot.matter, slot.what, slot.about, slot.group or ""


class FallingDue:
    """The steps that follow from the rules alone and fall due while facts are folded into `states`.

    Each group of a matter is looked at by itself, and again only where something has changed that
    bears on it (`look_again`): a matter may have a thousand groups. What is due from a matter as a
    whole bears on all of its groups. In the history of a person all that bears on them in one
    matter is looked at together. `is_passed_by` says that a step is not to be taken as things
    stand.
    """

    def __init__(
        self,
        states: Mapping[str, State],
        rules: Mapping[str, RulesOfMatter],
        is_passed_by: Callable[[b.Due], bool],
    ) -> None:
        self._states, self._rules, self._is_passed_by = states, rules, is_passed_by
        self._found: dict[str, dict[str | None, _Looked]] = {matter: {} for matter in states}
        self._again: dict[tuple[str, str | None], None] = {(m, None): None for m in states}
        self._queue: list[tuple[_Order, int, str | None]] = []
        self._looks = 0

    def look_again(self, matter: str, group: str | None) -> None:
        """Something has changed that bears on a group, or (`None`) on the whole of a matter."""
        is_of_one = self._states[matter].own is not None
        self._again[matter, None if is_of_one else group] = None

    def first(self) -> Ready | None:
        """The step that comes first, on whichever day; `None` where there is none."""
        self._look()
        while self._queue:
            (_, matter, *_), look, group = self._queue[0]
            found = self._found[matter].get(group)
            if found is not None and found.look == look:
                return found.ready
            heappop(self._queue)
        return None

    def waiting(self) -> Mapping[DueKey, tuple[b.Due, date]]:
        """What waits for an approval, with the day on which it is due."""
        self._look()
        found: dict[DueKey, tuple[b.Due, date]] = {}
        for of_matter in self._found.values():
            for each in of_matter.values():
                found |= each.waiting
        return found

    def _look(self) -> None:
        for matter, group in self._again:
            state, found = self._states[matter], self._found[matter]
            if state.is_over:
                found.clear()
            elif group is not None:
                self._note(matter, group, open_acts(state, Whom(matter, group)))
            else:
                found.clear()
                of_group: dict[str | None, list[b.Due]] = {}
                for due in open_acts(state):
                    of_group.setdefault(due.slot.group, []).append(due)
                for each, dues in of_group.items():
                    self._note(matter, each, dues)
        self._again.clear()

    def _note(self, matter: str, group: str | None, dues: Iterable[b.Due]) -> None:
        """Keep the first of these steps, and what of them waits for an approval."""
        state, first = self._states[matter], None
        waiting: dict[DueKey, tuple[b.Due, date]] = {}
        for due in dues:
            slot, step, day = due.slot, state.kind.step(due.slot.what), state.book.days(due)[0]
            if step is None or not step.is_replayed or day is None:
                continue
            if state.is_held(slot.group) or self._is_passed_by(due):
                continue
            if needs_approval(self._rules[matter], state, step, due):
                waiting[matter, step.name, slot.about, slot.group] = (due, day)
            else:
                ready = Ready(day, state, step, due)
                first = ready if first is None else min(first, ready, key=_order)
        self._looks += 1
        self._found[matter][group] = _Looked(self._looks, first, waiting)
        if first is not None:
            heappush(self._queue, (_order(first), self._looks, group))

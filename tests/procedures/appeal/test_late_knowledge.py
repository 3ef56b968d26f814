"""What somebody did, learned of late: it comes out as if it had been known on its day.

Each history is played twice, in time and with one act learned later. Once everything that is to be
settled has been redone, both say the same.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.played_2013 import EXERCISE, FIRST, SECOND, Played
from tests.support.rules_2013 import LETTERS, TRANSFER
from tests.support.words_2013 import Destination
from transfer.core.matter import facts as t
from transfer.core.matter.falling_due import open_acts
from transfer.core.matter.folding import stated
from transfer.core.matter.replaying import standing
from transfer.core.matter.words import Outcome

_LODGE: dict[str, Any] = {"against": EXERCISE, "grounds": "the caseload"}
_UPHELD: dict[str, Any] = {
    "outcome": "upheld",
    "to": Destination.NPS,
    "reason": "heard",
}
_REJECTED: dict[str, Any] = {"outcome": "rejected", "reason": "heard"}
ACTS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "lodge": (FIRST, "lodge", _LODGE),
    "lodge again": (SECOND, "lodge", _LODGE),
    "admit": (FIRST, "admit-late", {"reason": "no fault"}),
    "uphold": (FIRST, "determine", _UPHELD),
    "reject": (FIRST, "determine", _REJECTED),
    "reject again": (SECOND, "determine", _REJECTED),
    "withdraw": (FIRST, "withdraw", {}),
    "object": (EXERCISE, "object", {"told_to": "transferor"}),
}
LAST = TRANSFER + timedelta(days=10)


@dataclass(frozen=True)
class Doing:
    on: date
    name: str


class Clocked:
    """S1, with a clock that takes everything on its day."""

    def __init__(self) -> None:
        self.s1 = Played()
        self.s1.letter()
        self.today = LETTERS

    def to(self, day: date) -> None:
        """Let the clock run to a day, and on it."""
        while self.today < day:
            self.today = min(self._next(), day)
            self.s1.clock(self.today)
        self.s1.clock(day)

    def _next(self) -> date:
        states = standing(self.s1.office.world("S1")).values()
        days = [
            day
            for state in states
            for due in open_acts(state)
            if (day := state.book.days(due)[0]) is not None and day > self.today
        ]
        return min(days, default=LAST)

    def do(self, doing: Doing) -> bool:
        """Do it, or record today what was done before; whether it was taken."""
        matter, act, needs = ACTS[doing.name]
        self.to(max(doing.on, self.today))
        asked = self.s1.do(matter, act, doing.on, today=self.today, **needs)
        return asked.refusal is None

    def redo(self) -> None:
        self.s1.office.redo_everything(self.today)
        self.s1.clock(self.today)

    def answers(self) -> Iterator[object]:
        """What is on record, for every day in force."""
        for name, state in sorted(standing(self.s1.office.world("S1", FIRST, SECOND)).items()):
            own = state.mine.substance
            yield name, {each.name: _plain(getattr(own, each.name)) for each in fields(own)}
            for due in sorted(state.book.of(state.whom), key=lambda due: due.slot[3:]):
                if due.slot.what not in ("settle", "approve", "refused-step"):
                    is_over = due.outcome is Outcome.SUPERSEDED
                    yield due.slot, None if is_over else (state.book.days(due), due.is_open)


def _plain(value: object) -> object:
    if isinstance(value, t.MatterFact):
        return {name: each for name, each in stated(value).items() if name != "happened_on"}
    return value


def in_time(doings: Sequence[Doing]) -> Clocked:
    played = Clocked()
    for doing in doings:
        played.do(doing)
    played.to(LAST)
    return played


def late(doings: Sequence[Doing], which: Doing, learned_on: date) -> Clocked:
    """The same, but for one act that the office learned of later. What was refused meanwhile is
    recorded after it, as of its own day."""
    played = Clocked()
    meanwhile = [each for each in doings if each is not which and each.on <= learned_on]
    refused = [each for each in meanwhile if not played.do(each)]
    played.to(learned_on)
    for each in (which, *refused):
        played.do(each)
    played.redo()
    for other in doings:
        if other is not which and other.on > learned_on:
            played.do(other)
            played.redo()
    played.to(LAST)
    return played


DAYS = st.integers(1, 50).map(lambda n: LETTERS + timedelta(days=n))
DOINGS = st.lists(
    st.builds(Doing, DAYS, st.sampled_from(sorted(ACTS))),
    min_size=1,
    max_size=4,
    unique_by=(lambda doing: doing.on, lambda doing: doing.name),
).map(lambda doings: sorted(doings, key=lambda doing: doing.on))


@pytest.mark.thorough
@settings(max_examples=25, deadline=None)
@given(DOINGS, st.integers(0, 3), st.integers(1, 200))
def test_what_is_learned_late_comes_out_as_if_in_time(
    doings: list[Doing], which: int, after: int
) -> None:
    doing = doings[which % len(doings)]
    learned_on = min(doing.on + timedelta(days=after), LAST - timedelta(days=1))
    once, again = in_time(doings), late(doings, doing, learned_on)
    assert again.s1.office.duties() == {}
    assert list(again.answers()) == list(once.answers())

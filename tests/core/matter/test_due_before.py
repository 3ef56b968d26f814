"""What was due to a group before its day was moved is due since then, and nothing else is.

That whatever the clock has to do for somebody with their group is found due there is asserted by
`tests.core.matter.playing` after every step, in every history that the tests play.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from tests.core.matter.desks import MATTER, Rules
from tests.core.matter.histories import D, Played, spring
from tests.core.matter.playing import Office
from transfer.core.matter import clock
from transfer.core.matter import facts as t
from transfer.core.matter.late import New
from transfer.core.matter.reckoning import fixed
from transfer.core.matter.words import Whom
from transfer.core.words import Basis


def fix(office: Office, today: date, day: date, happened_on: date | None = None) -> None:
    office.act(
        None,
        "fix-day",
        today=today,
        happened_on=happened_on,
        milestone="move",
        on=day,
        reason="moved",
    )


def move_window(office: Office) -> None:
    """The last day to object had been 11 February."""
    longer: dict[str, Any] = {
        "group": "A",
        "window": "object",
        "until": D(2014, 2, 14),
        "reason": "strike",
    }
    office.act(None, "move-window", today=D(2014, 2, 13), **longer)


def put_off_when_it_had_passed(played: Played) -> None:
    played.to(D(2014, 3, 31))
    fix(played.office, D(2014, 4, 3), D(2014, 4, 12))


def put_off_on_its_very_day(played: Played) -> None:
    """Another day had been moved when it had passed."""
    played.to(D(2014, 2, 12))
    move_window(played.office)
    played.to(D(2014, 3, 31))
    fix(played.office, D(2014, 4, 1), D(2014, 4, 12))


def put_forward_learned_after_it_was_put_off(played: Played) -> None:
    played.to(D(2014, 3, 27))
    fix(played.office, D(2014, 3, 27), D(2014, 4, 12))
    fix(played.office, D(2014, 4, 3), D(2014, 3, 20), happened_on=D(2014, 2, 13))


def held_when_it_passed(played: Played) -> None:
    """The group was held on the former day, and goes on after it was put off."""
    played.to(D(2014, 3, 31))
    office, of_group = played.office, dict[str, Any](group="A", reason="court")
    office.act(None, "hold", today=D(2014, 3, 31), **of_group)
    fix(office, D(2014, 4, 2), D(2014, 4, 12))
    office.act(None, "resume", today=D(2014, 4, 3), **of_group)


def held_after_it_passed(played: Played) -> None:
    put_off_when_it_had_passed(played)
    played.office.act(None, "hold", today=D(2014, 4, 3), group="A", reason="court")


def waiting_when_it_passed(played: Played) -> None:
    """The step waited for approval on the former day; it is approved after it was put off."""
    put_off_when_it_had_passed(played)
    played.office.act(None, "approve", today=D(2014, 4, 3), by="head", step="move", group="A")


def taken_then_sent_again(played: Played) -> None:
    """The floors were made final on their day, and a window moved then. The letters are sent again,
    so the floors are to be made final once more, after the new windows."""
    played.to(D(2014, 2, 12))
    office = played.office
    move_window(office)
    (sent,) = (
        fact
        for each in office.records
        if isinstance(fact := each.fact, t.NoticeGiven) and fact.group == "A"
    )
    windows = dict.fromkeys(("answer", "object"), fixed(D(2014, 3, 3), Basis()))
    again = {"happened_on": D(2014, 2, 20), "windows": windows}
    office.append((New(None, sent.model_copy(update=again)),))


@dataclass(frozen=True)
class Case:
    """A history, and what is due on a day to each of the people of a group, since when."""

    play: Callable[[Played], None]
    on: date
    due: dict[str, date]
    rules: Rules = field(default_factory=Rules)


CASES = (
    Case(put_off_when_it_had_passed, D(2014, 4, 3), {"move": D(2014, 4, 1)}),
    Case(put_off_on_its_very_day, D(2014, 4, 3), {}),
    Case(put_forward_learned_after_it_was_put_off, D(2014, 4, 3), {"move": D(2014, 3, 20)}),
    Case(held_when_it_passed, D(2014, 4, 3), {}),
    Case(held_after_it_passed, D(2014, 4, 3), {}),
    Case(waiting_when_it_passed, D(2014, 4, 3), {}, Rules(approved=frozenset({"move"}))),
    Case(taken_then_sent_again, D(2014, 2, 20), {}),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.play.__name__)
def test_case(case: Case) -> None:
    office = spring()
    office.rules = case.rules
    case.play(Played(office))
    found = clock.shared_due(office.world(None), Whom(MATTER, "A"), today=case.on)
    assert {step.name: day for step, _, day, _ in found} == case.due
    assert all(may_be_taken for *_, may_be_taken in found)

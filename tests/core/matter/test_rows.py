"""What rows of deadlines say of the book: one rule after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from uuid import UUID

import pytest

from tests.core.matter.desks import DESKS, MATTER, GroupPlanned, QuitChosen
from transfer.core.matter import facts as t
from transfer.core.matter.book import (
    MILESTONE,
    Book,
    By,
    Closes,
    ClosesAll,
    Effect,
    Forms,
    Moves,
    Opens,
)
from transfer.core.matter.folding import OnRecord, deeds
from transfer.core.matter.reckoning import Reckoned, fixed, hanging
from transfer.core.matter.rows import (
    Ended,
    Line,
    Published,
    Reading,
    Row,
    Told,
    changes,
    concerned,
    lines,
    told,
)
from transfer.core.matter.words import Made, Nature, Outcome, Phase, Slot, Whom
from transfer.core.words import Basis

GROUP, PEOPLE = "A", ("S1", "S2")
RIGHT, DUTY, ACT = Nature.RIGHT, Nature.DUTY, Nature.ACT
START = date(2014, 1, 6)
OF_GROUP, OF_MATTER = Whom(MATTER, GROUP), Whom(MATTER)
S1, S2 = (Whom(MATTER, None, person) for person in PEOPLE)
BASIS = Basis(rulebook="desks-1")


def on(day: int, month: int = 2) -> Reckoned:
    return fixed(date(2014, month, day), BASIS)


class Scene:
    """A book, and the rows that were written of it."""

    def __init__(self, *effects: tuple[Whom, Effect]) -> None:
        self.book = Book()
        self.number = 0
        self.written: dict[Slot, Line] = {}
        for whom, effect in ((OF_GROUP, Forms(GROUP, PEOPLE)), *effects):
            self.rows(whom, effect)

    def rows(self, whom: Whom, effect: Effect) -> list[tuple[object, ...]]:
        """What is written once an effect was taken: of whom, what, and what of it."""
        self.number += 1
        self.book.enter(whom, By(UUID(int=self.number), START, "office"), (effect,))
        now = {s: line for who in (OF_MATTER, OF_GROUP, S1, S2)
               for s, line in lines(self.book, who).items()}  # fmt: skip
        found = changes(self.written, now)
        self.written = now
        return [_shown(row) for row in found]


def _shown(row: Row) -> tuple[object, ...]:
    if isinstance(row, Published):
        return (row.line.slot.person, row.line.slot.what, row.line.later or row.line.on)
    return (row.slot.person, row.slot.what, row.outcome.value)


# --- what has lines -----------------------------------------------------------------------------


def test_what_a_group_is_given_each_of_its_people_has_and_the_group_has_nothing() -> None:
    rows = Scene().rows(OF_GROUP, Opens("object", RIGHT, "staff", on(11)))
    assert rows == [("S1", "object", date(2014, 2, 11)), ("S2", "object", date(2014, 2, 11))]


def test_acts_of_the_clock_are_no_deadlines() -> None:
    scene = Scene()
    assert scene.rows(OF_GROUP, Opens("move", ACT, "employer", on(1, 4))) == []
    assert scene.rows(S1, Closes("move", Outcome.MET)) == []


def test_what_is_due_once_from_a_group_is_one_line_of_the_whole_group() -> None:
    scene = Scene()
    rows = scene.rows(OF_GROUP, Opens("approve", DUTY, "employer", on(11), "draw", once=True))
    assert rows == [(None, "approve", date(2014, 2, 11))]
    assert scene.rows(OF_GROUP, Closes("approve", Outcome.MET, about="draw")) == [
        (None, "approve", "met")
    ]


@pytest.mark.parametrize(
    ("fact", "states"),
    [
        (t.ApprovalAsked, {"lawful_on": START, "proposed_by": "office"}),
        (t.StepRefused, {"due_on": START, "reasons": ("no floor",), "clauses": ()}),
        (
            t.DutyToSettleOpened,
            {"decision": UUID(int=9), "decided_on": START, "because_of": "r", "would_state": ()},
        ),
    ],
)
def test_a_duty_of_the_office_about_a_group_is_one_duty(
    fact: type[t.MatterFact], states: dict[str, object]
) -> None:
    each = record(fact, 1, START, states={"group": GROUP, "step": "draw", **states})
    ((person, _, _),) = Scene().rows(OF_GROUP, each.effects[0])
    assert person is None


def test_what_each_is_told_singly_is_published_with_their_own_letter() -> None:
    window = Opens("object", RIGHT, "staff", on(11), told_singly=True)
    scene = Scene()
    assert scene.rows(OF_GROUP, window) == []
    own = replace(window, told_singly=False)
    assert scene.rows(S1, own) == [("S1", "object", date(2014, 2, 11))]
    assert scene.rows(OF_GROUP, Moves("object", on(20))) == [
        ("S1", "object", "superseded"),
        ("S1", "object", date(2014, 2, 20)),
    ]


def test_what_is_due_in_another_matter_is_published_there_alone() -> None:
    scene = Scene()
    hold = Opens("panel", DUTY, "panel", on(11), elsewhere=True)
    assert scene.rows(S1, hold) == []
    waits = hanging(BASIS, once_done=("panel",))
    scene.rows(S1, Opens("settled", DUTY, "employer", waits))
    assert scene.rows(S1, Closes("panel", Outcome.MET, date(2014, 2, 10))) == [
        ("S1", "settled", "superseded"),
        ("S1", "settled", date(2014, 2, 10)),
    ]


def test_what_is_due_to_the_matter_is_not_due_to_its_people() -> None:
    rows = Scene().rows(OF_MATTER, Opens(MILESTONE, DUTY, "employer", on(1, 4), "move"))
    assert rows == [(None, MILESTONE, date(2014, 4, 1))]


# --- what moves ---------------------------------------------------------------------------------


def test_a_groups_window_moves_for_whom_it_is_later_and_whose_line_is_open() -> None:
    scene = Scene((OF_GROUP, Opens("object", RIGHT, "staff", on(11))))
    assert len(scene.rows(S1, Moves("object", on(20)))) == 2
    assert scene.rows(OF_GROUP, Moves("object", on(15))) == [
        ("S2", "object", "superseded"),
        ("S2", "object", date(2014, 2, 15)),
    ]
    assert scene.rows(S2, Closes("object", Outcome.MET)) == [("S2", "object", "met")]
    assert scene.rows(OF_GROUP, Moves("object", on(28))) == [
        ("S1", "object", "superseded"),
        ("S1", "object", date(2014, 2, 28)),
    ]


def test_longer_for_who_has_used_a_right_leaves_what_was_published_and_met() -> None:
    scene = Scene((OF_GROUP, Opens("object", RIGHT, "staff", on(11))))
    scene.rows(S1, Closes("object", Outcome.MET))
    assert scene.rows(S1, Moves("object", on(20))) == []
    assert scene.rows(S1, Closes("object", Outcome.MET)) == []


def test_a_duty_of_a_group_moves_either_way() -> None:
    scene = Scene((OF_GROUP, Opens("return-key", DUTY, "staff", on(11))))
    assert scene.rows(OF_GROUP, Moves("return-key", on(5)))[1::2] == [
        ("S1", "return-key", date(2014, 2, 5)),
        ("S2", "return-key", date(2014, 2, 5)),
    ]


def test_what_hangs_on_a_milestone_moves_with_it_for_everybody() -> None:
    day = hanging(BASIS, milestone="move")
    scene = Scene((OF_GROUP, Opens("pack", DUTY, "staff", day)))
    assert scene.rows(OF_MATTER, Opens(MILESTONE, DUTY, "employer", on(1, 4), "move")) == [
        ("S1", "pack", "superseded"),
        ("S1", "pack", date(2014, 4, 1)),
        ("S2", "pack", "superseded"),
        ("S2", "pack", date(2014, 4, 1)),
        (None, MILESTONE, date(2014, 4, 1)),
    ]
    rows = scene.rows(OF_MATTER, Moves(MILESTONE, on(12, 4), "move"))
    assert set(rows[1::2]) == {
        ("S1", "pack", date(2014, 4, 12)),
        ("S2", "pack", date(2014, 4, 12)),
        (None, MILESTONE, date(2014, 4, 12)),
    }


# --- what ends ----------------------------------------------------------------------------------


def test_a_matter_that_is_abandoned_closes_everybodys_lines() -> None:
    scene = Scene(
        (OF_GROUP, Opens("object", RIGHT, "staff", on(11))),
        (S1, Moves("object", on(20))),
        (OF_MATTER, Opens(MILESTONE, DUTY, "employer", on(1, 4), "move")),
    )
    scene.book.enter(S1, By(None, START, "office"), (ClosesAll(),))  # as the engine does for each
    assert scene.rows(OF_MATTER, ClosesAll()) == [
        (None, MILESTONE, "superseded"),
        ("S1", "object", "superseded"),
        ("S2", "object", "superseded"),
    ]


def test_what_was_missed_may_still_be_met() -> None:
    scene = Scene((S1, Opens("panel", DUTY, "panel", on(11))))
    assert scene.rows(S1, Closes("panel", Outcome.MISSED)) == [("S1", "panel", "missed")]
    assert scene.rows(S1, Closes("panel", Outcome.MET)) == [("S1", "panel", "met")]


def test_what_is_due_again_leaves_what_was_done_as_done() -> None:
    scene = Scene((S1, Opens("panel", DUTY, "panel", on(11))), (S1, Closes("panel", Outcome.MET)))
    assert scene.rows(S1, Opens("panel", DUTY, "panel", on(11))) == [
        ("S1", "panel", date(2014, 2, 11))
    ]


def test_what_says_the_same_as_before_writes_nothing() -> None:
    scene = Scene((S1, Opens("panel", DUTY, "panel", on(11))))
    assert scene.rows(S1, Opens("panel", DUTY, "panel", on(11))) == []


# --- read anew ----------------------------------------------------------------------------------

SLOT = Slot(MATTER, None, "S1", "panel")
OPEN = Line(SLOT, DUTY, "panel", "staff", date(2014, 2, 11), None, None, BASIS)
MET = replace(OPEN, outcome=Outcome.MET, outcome_on=date(2014, 2, 3))
MOVED = replace(OPEN, on=date(2014, 2, 20))
GONE = Ended(SLOT, Outcome.SUPERSEDED, None, None)


@pytest.mark.parametrize(
    ("before", "now", "rows"),
    [
        (MET, OPEN, (GONE, Published(OPEN))),
        (MET, None, (GONE,)),
        (OPEN, None, (GONE,)),
        (None, MET, (Published(MET), Ended(SLOT, Outcome.MET, MET.outcome_on, None))),
        (MET, replace(MET, outcome_on=START), (Ended(SLOT, Outcome.MET, START, None),)),
        (MET, MOVED, (Published(MOVED),)),
        (OPEN, replace(MOVED, outcome=Outcome.SUPERSEDED), (GONE,)),
        (None, replace(OPEN, outcome=Outcome.SUPERSEDED), ()),
        (replace(OPEN, outcome=Outcome.SUPERSEDED), None, ()),
    ],
)
def test_what_was_never_so_is_superseded(
    before: Line | None, now: Line | None, rows: tuple[Row, ...]
) -> None:
    was = {} if before is None else {SLOT: before}
    is_now = {} if now is None else {SLOT: now}
    assert changes(was, is_now, anew=True) == rows


# --- one fact after another ---------------------------------------------------------------------


def record(
    fact: type[t.MatterFact],
    number: int,
    day: date,
    person: str | None = None,
    *,
    states: Mapping[str, object] = MappingProxyType({}),
    phase: Phase = Phase.COURSE,
    in_place_of: UUID | None = None,
) -> Told:
    made = Made(act="act", by="office", phase=phase, in_place_of=in_place_of)
    stamp = {"matter": MATTER, "happened_on": day, "basis": BASIS, "made": made}
    stated = fact.model_validate({**stamp, **states})
    found = told(
        DESKS, MATTER, OnRecord(UUID(int=number), number, UUID(int=number), person, stated)
    )
    assert found is not None
    return found


def test_facts_are_in_order_by_their_days_and_the_parts_of_a_day() -> None:
    reading = Reading(DESKS, MATTER)
    reading.take(record(QuitChosen, 2, date(2014, 2, 3), "S1"))
    later = record(QuitChosen, 3, date(2014, 2, 3), "S1")
    before = record(QuitChosen, 3, date(2014, 2, 2), "S1")
    earlier_that_day = record(QuitChosen, 3, date(2014, 2, 3), "S1", phase=Phase.PLAN)
    of_another = record(QuitChosen, 3, date(2014, 2, 2), "S2")
    instead = record(QuitChosen, 3, date(2014, 2, 4), "S1", in_place_of=UUID(int=2))
    in_order = [later, of_another], [before, earlier_that_day, instead]
    assert [[reading.is_in_order(each) for each in some] for some in in_order] == [
        [True, True],
        [False, False, False],
    ]
    milestone = {"milestone": "move", "when": on(1, 4), "owner": "employer"}
    plan = record(t.DayFixed, 4, date(2014, 2, 3), states=milestone, phase=Phase.PLAN)
    assert reading.is_in_order(plan)
    assert reading.stands_before(plan, "S1")
    assert not reading.stands_before(plan, "S2")


def test_a_fact_of_the_whole_matter_concerns_whom_it_reaches() -> None:
    window = {"notice": "letter", "windows": {"object": on(11)}, "group": GROUP}
    letter = concerned(DESKS, record(t.NoticeGiven, 1, START, states=window))
    assert (letter.groups, letter.everybody) == ({GROUP}, False)
    over = concerned(DESKS, record(t.Abandoned, 2, START, states={"reason": "r"}))
    assert over.everybody
    planned = {"group": GROUP, "letters_on": on(1), "draw_on": None}
    acts_alone = concerned(DESKS, record(GroupPlanned, 3, START, states=planned))
    assert (acts_alone.groups, acts_alone.names) == (set(), {"letters"})


def test_read_anew_it_is_what_it_is_in_order() -> None:
    window = {"notice": "letter", "windows": {"object": on(11)}, "group": GROUP}
    formed = record(t.GroupFormed, 1, START, states={"group": GROUP, "people": PEOPLE})
    letter = record(t.NoticeGiven, 2, START, states=window)
    left = record(t.TakenOut, 3, START, "S1", states={"reason": "r"})
    reading, late = Reading(DESKS, MATTER), Reading(DESKS, MATTER)
    for each in (formed, letter, left):
        reading.take(each)
    context = deeds([formed.record, letter.record])
    late.take_anew(None, context, ())
    late.take_anew("S1", context, deeds([left.record], context))
    for whom in (S1, S2):
        assert lines(reading.of(whom.person or ""), whom) == lines(late.of(whom.person or ""), whom)
    assert [line.outcome for line in lines(late.of("S1"), S1).values()] == [Outcome.SUPERSEDED]

"""A step of a procedure that is decided twice yields nothing the second time, whatever came before.

Histories are made by the acts themselves and by the clock, in the order of their days; an act that
is refused leaves no trace. That something happened between the sides of a consultation
(`record-happening`) is outside: it is an entry, and is always recorded.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.exercise_scene import Whole
from tests.support.matters import Matters, ask
from tests.support.played_2013 import EXERCISE, FIRST, GROUP, SECOND, TRUST, Played
from tests.support.rules_2013 import CLOSED, LETTERS, RULES, TR_2013
from tests.support.words_2013 import Destination, Response
from transfer.core.matter.clock import several_due
from transfer.core.refusals import Refusal
from transfer.kinds import KNOWN

CONSULTATION, TERM = "consultation:tr-2013", "enhanced_voluntary_redundancy"

Doing = tuple[str, str, Mapping[str, Any]]
"""Of which matter an act is, its name, and what it needs."""

_LODGE = {"against": EXERCISE, "grounds": "the caseload"}
_UPHOLD = {"outcome": "upheld", "to": Destination.NPS, "reason": "heard"}
_REJECT = {"outcome": "rejected", "reason": "heard"}

OF_A_PERSON: Mapping[str, Doing] = {
    "answer": (EXERCISE, "record-answer", {"answer": Response.ACKNOWLEDGED}),
    "object": (EXERCISE, "object", {"told_to": "transferor"}),
    "no longer object": (EXERCISE, "withdraw-objection", {"told_to": "transferor"}),
    "longer": (
        EXERCISE,
        "extend-window",
        {"window": "appeal", "until": date(2014, 1, 20), "reason": "on leave"},
    ),
    "longer to answer": (
        EXERCISE,
        "extend-window",
        {"window": "response", "until": date(2014, 1, 20), "reason": "on leave"},
    ),
    "letter back": (EXERCISE, "letter-returned", {"reason": "gone away"}),
    "letter again": (EXERCISE, "reissue-letter", {}),
    "letter corrected": (EXERCISE, "reissue-letter", {"corrects": "the salary"}),
    **{
        f"{name} {matter[-1]}": (matter, act, needs)
        for matter in (FIRST, SECOND)
        for name, act, needs in (
            ("lodge", "lodge", _LODGE),
            ("admit", "admit-late", {"reason": "no fault"}),
            ("uphold", "determine", _UPHOLD),
            ("reject", "determine", _REJECT),
            ("withdraw", "withdraw", {}),
        )
    },
}

DAYS = st.integers(0, 60).map(lambda n: LETTERS + timedelta(days=n))
ACTS = st.lists(st.tuples(DAYS, st.sampled_from(sorted(OF_A_PERSON))), max_size=8)
MEETINGS = st.lists(st.tuples(DAYS, DAYS), max_size=6)


@pytest.mark.thorough
@settings(max_examples=60, deadline=None)
@given(ACTS)
def test_a_persons_steps(acts: list[tuple[date, str]]) -> None:
    s1 = Played()
    s1.letter()
    for on, name in sorted(acts):
        s1.clock(on)
        assert s1.clock(on) == []
        matter, act, needs = OF_A_PERSON[name]
        if s1.do(matter, act, on, **needs).refusal is None:
            again = s1.do(matter, act, on, **needs)
            assert (again.facts, again.refusal) == ((), None), name
        assert sum(appeal.is_open for appeal in s1.exercise.appeals) <= 1


@settings(max_examples=60, deadline=None)
@given(MEETINGS)
def test_a_consultations_steps(meetings: list[tuple[date, date]]) -> None:
    office = Matters(KNOWN.kinds, RULES)
    opening: dict[str, Any] = {
        "edition": TR_2013.edition,
        "against": EXERCISE,
        "bodies": ["NNC"],
        "agreement": "framework",
    }
    ask(office, CONSULTATION, "begin", on=LETTERS, **opening)
    for on, meeting_on in sorted(meetings):
        office.run_clock(on, CONSULTATION)
        assert office.run_clock(on, CONSULTATION) == ()
        meeting: dict[str, Any] = {"held_on": meeting_on, "purpose": "to endorse"}
        ask(office, CONSULTATION, "call-meeting", on=on, **meeting)
        ask(office, CONSULTATION, "call-meeting", on=on, **meeting).then_nothing()


OF_THE_SIDES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "a further body": ("add-body", {"body": "GMB"}),
    "elected": ("elect", {"representatives": ["S1"]}),
    "others elected": ("elect", {"representatives": ["S1", "S2"]}),
    "measures": ("state-measures", {"measures": "new kit"}),
    "a question": ("ask", {"question": "Who keeps the cases?"}),
    "the same of a body": ("ask", {"question": "Who keeps the cases?", "asked_by": "NNC"}),
    "an answer": ("reply", {"question": "Who keeps the cases?", "answer": "you"}),
    "another answer": ("reply", {"question": "Who keeps the cases?", "answer": "they"}),
    "a meeting": ("record-meeting", {"outcome": "talks go on"}),
    "a meeting that ratified": ("record-meeting", {"outcome": "ratification"}),
    "NNC endorses": ("endorse", {"body": "NNC"}),
    "SCCOG endorses": ("endorse", {"body": "SCCOG"}),
    "NNC refuses": ("refuse", {"body": "NNC"}),
    "NNC votes for it": ("ballot", {"body": "NNC", "result": "accepted"}),
    "SCCOG votes against": ("ballot", {"body": "SCCOG", "result": "rejected"}),
    "ACAS": ("refer", {"to": "ACAS"}),
    "off": ("state-offer", {"offer": TERM, "status": "not-on-offer"}),
    "on": ("state-offer", {"offer": TERM, "status": "on-offer"}),
}
SIDES = st.lists(st.tuples(DAYS, st.sampled_from(sorted(OF_THE_SIDES))), max_size=10)


@settings(max_examples=60, deadline=None)
@given(SIDES)
def test_what_the_sides_do(acts: list[tuple[date, str]]) -> None:
    office = Matters(KNOWN.kinds, RULES)
    opening: dict[str, Any] = {
        "edition": TR_2013.edition,
        "against": EXERCISE,
        "bodies": ["NNC", "SCCOG"],
        "agreement": "framework",
    }
    ask(office, CONSULTATION, "begin", on=LETTERS, **opening)
    for on, name in sorted(acts):
        act, needs = OF_THE_SIDES[name]
        if ask(office, CONSULTATION, act, on=on, **needs).refusal is None:
            ask(office, CONSULTATION, act, on=on, **needs).then_nothing()


OF_THE_WHOLE: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "scope": ("set-scope", {"members": ["S1", "S2"], "criterion": "employed"}),
    "another scope": ("set-scope", {"members": ["S1"], "criterion": "employed"}),
    "transfer in April": ("move-milestone", {"milestone": "transfer", "to": date(2014, 4, 1)}),
    "transfer in June": ("move-milestone", {"milestone": "transfer", "to": date(2014, 6, 1)}),
    "dissolution": ("move-milestone", {"milestone": "dissolution", "to": date(2014, 1, 31)}),
    "transfer in January": ("move-milestone", {"milestone": "transfer", "to": date(2014, 1, 9)}),
    "complete by January": (
        "move-milestone",
        {"milestone": "people-transition-complete", "to": date(2014, 1, 6)},
    ),
    "group": (
        "form-group",
        {
            "group": GROUP,
            "transferor": "LDN",
            "path": "sifted",
            "letters_on": LETTERS,
            "people": ["S1", "S2"],
        },
    ),
    "longer": ("move-window", {"group": GROUP, "window": "appeal", "until": CLOSED, "reason": "x"}),
    "abandoned": ("abandon", {"reason": "the plan was withdrawn"}),
}
OVER_SEVERAL = ("reach", "dissolve", "complete")
PLANS = st.lists(st.tuples(DAYS, st.sampled_from(sorted(OF_THE_WHOLE))), max_size=8)


@settings(max_examples=60, deadline=None)
@given(PLANS)
def test_an_exercises_steps(plans: list[tuple[date, str]]) -> None:
    whole = Whole(RULES, TRUST)
    whole.do("join", person="S1")
    for on, name in sorted(plans):
        whole.clock(on)
        whole.clock(on).then_nothing()
        due = several_due(whole.office.world(None, EXERCISE), matter=EXERCISE, today=on)
        for step, slot in ((step.name, due.slot) for step, due, _ in due):
            assert step in OVER_SEVERAL
            whole.over_several(step, on, "S1", about=slot.about)
            whole.over_several(step, on, "S1", about=slot.about).then_nothing()
        act, needs = OF_THE_WHOLE[name]
        if whole.do(act, on, **needs).refusal is None:
            whole.do(act, on, **needs).then_nothing()


def test_an_act_that_is_refused_leaves_no_trace() -> None:
    s1 = Played()
    before = s1.office.facts(EXERCISE)
    assert isinstance(s1.lodge(LETTERS).refusal, Refusal)
    assert (s1.office.facts(EXERCISE), s1.office.facts(FIRST)) == (before, ())

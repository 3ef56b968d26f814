"""The same history under other rules: what nothing is supposed of comes out as it is, and what is
supposed reaches every decision that follows from it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.matter.cases import CASES, Case
from tests.core.matter.desks import MATTER, Rules
from tests.core.matter.histories import D, Doing, afterwards, histories, late
from tests.core.matter.playing import Office
from transfer.core.matter.replaying import World
from transfer.core.matter.supposing import Both, judged_both
from transfer.core.refusals import Refused

TODAY = D(2014, 7, 1)


def both(office: Office, person: str | None, rules: Rules, whole: Both | None = None) -> Both:
    """A matter or somebody in it, as it is and under other rules."""
    now = office.world(person)
    supposed: World = replace(now, rules={MATTER: rules})
    return judged_both(now, whole.before(supposed) if whole else supposed, TODAY)


def nothing_differs(office: Office) -> None:
    whole = both(office, None, office.rules)
    assert whole.differences() == ()
    for person in office.people:
        world = office.world(person)
        assert whole.before(world).context == world.context
        assert both(office, person, office.rules, whole).differences() == ()


@given(history=histories(), which=st.integers(0, 4), delay=st.integers(0, 60))
@settings(max_examples=10, deadline=None)
def test_after_any_history_the_same_rules_come_to_the_same(
    history: list[Doing], which: int, delay: int
) -> None:
    which %= len(history)
    learned_on = min(history[which].on + timedelta(days=delay), D(2014, 4, 20))
    office = late(history, which, learned_on)
    afterwards(office, history, learned_on)
    nothing_differs(office)


@pytest.mark.parametrize("case", CASES[::4], ids=[case.name for case in CASES[::4]])
def test_case(case: Case) -> None:
    office = late(case.doings, case.late, case.learned_on)
    afterwards(office, case.doings, case.learned_on)
    nothing_differs(office)


def test_a_longer_window_reaches_the_group_and_each_person_in_it() -> None:
    longer = Rules(days={"answer": "5d", "object": "40d", "panel": "10d"})
    case = CASES[0]
    office = late(case.doings, case.late, case.learned_on)
    afterwards(office, case.doings, case.learned_on)
    whole = both(office, None, longer)
    letters = [each for each in whole.differences() if each.act == "letters"]
    assert letters
    for each in letters:
        assert not isinstance(each.supposed, Refused)
        assert [name for name, _, _ in each.fields()]
    differing = {
        person: both(office, person, longer, whole).differences() for person in office.people
    }
    assert any(differing.values())

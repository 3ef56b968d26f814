"""What is learned late comes out as if it had been known in time, once it has been settled.

Each history is played once as it happened and once with an act learned late. Then one duty is open
for each decision that states something else than in time, and none elsewhere; no step of those
people is taken while it is; what was answered before stays; and once everything is redone, the
answers are those of the history played in time, with what is done in the world (an approval, a
letter) done when it could be.
"""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.matter.cases import CASES, Case
from tests.core.matter.desks import DESKS
from tests.core.matter.histories import (
    LAST_DAY,
    D,
    Doing,
    afterwards,
    differing,
    done_late,
    histories,
    in_time,
    late,
)
from tests.core.matter.playing import Office
from transfer.core.matter import late as engine
from transfer.core.matter import replaying
from transfer.core.matter.folding import Deed


def duties_of_all(office: Office, today: date) -> set[tuple[str | None, UUID]]:
    """Every decision to be settled: a group's first, and what then comes of it for its people.

    Approvals are left out: here they are given on the day asked, which is another day in time.
    """
    found = {each for each in office.duties() if each[0] is None}
    office.redo_everything(today, of_groups_alone=True)
    found |= set(office.duties())
    return {each for each in found if office.act_of(*each) != "approve"}


def check(history: list[Doing], which: int, learned_on: date) -> None:
    """The statement of the whole: see the module's docstring."""
    office = late(history, which, learned_on)
    late_ones = done_late(office, history, which, learned_on)
    expected = differing(office, in_time(history, learned_on, late_ones))
    before = len(office.records)
    office.run_clock(learned_on)
    held = {person for person, _ in office.duties()}
    taken = {each.person for each in office.records[before:] if each.person}
    assert not taken & held, "a step was taken while a duty was open"
    assert duties_of_all(office, learned_on) == expected
    afterwards(office, history, learned_on)
    assert office.answers() == in_time(history, LAST_DAY, late_ones).answers()


@pytest.mark.thorough
@settings(max_examples=25, deadline=None)
@given(history=histories(), which=st.integers(0, 4), delay=st.integers(1, 60))
def test_any_history_late_is_as_in_time(history: list[Doing], which: int, delay: int) -> None:
    which %= len(history)
    learned_on = min(history[which].on + timedelta(days=delay), D(2014, 4, 20))
    check(history, which, learned_on)


def differs(case: Case) -> Counter[str]:
    """Which decisions are to be settled, a group's and what comes of it for its people."""
    office = late(case.doings, case.late, case.learned_on)
    found = {each: office.act_of(*each) for each in office.duties() if each[0] is None}
    office.redo_everything(case.learned_on, of_groups_alone=True)
    found |= {each: office.act_of(*each) for each in office.duties()}
    return Counter(found.values())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: Case) -> None:
    assert differs(case) == Counter(case.differs)
    check(list(case.doings), case.late, case.learned_on)


NEVER_DIFFERENT = {"begin", "plan-group", "join", "settle"}
"""Acts whose decisions read nothing that could have been otherwise, and the one that says what
becomes of such a decision, which is none itself."""


@pytest.mark.parametrize("act", sorted({act.name for act in DESKS.acts} - NEVER_DIFFERENT))
def test_a_decision_that_is_not_made_again_is_noticed(
    act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every decision of the kind has a case that fails if that one were simply kept."""
    decided, would_be = replaying.decided, engine._would_be

    def kept(*given: object, **named: object) -> object:
        deed = given[2]
        assert isinstance(deed, Deed)
        if deed.act == act and deed.facts:
            return deed.facts
        return decided(*given, **named)  # type: ignore[arg-type]

    def as_it_was(deed: Deed, *given: object) -> object:
        return deed.facts if deed.act == act else would_be(deed, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(replaying, "decided", kept)
    monkeypatch.setattr(engine, "_would_be", as_it_was)
    concerned = [case for case in CASES if act in case.differs]
    assert concerned, f"no case in which {act} would be decided otherwise"
    assert any(differs(case) != Counter(case.differs) for case in concerned)

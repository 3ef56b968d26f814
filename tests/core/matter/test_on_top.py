"""Of many people a matter as a whole is folded once, and each one's own facts on top of it: what is
read off that is the same as when everything is folded in the order of its days.

The matter itself is folded on from what it was before, where what is new comes after all the rest:
that is the same as well, and what was folded before stays as it was.

And what the clock would do next is looked for only where something has changed: that is the same as
when all matters and groups are looked through each time."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.matter.cases import CASES, Case, of
from tests.core.matter.desks import MATTER, DeskConfirmed, DeskMoved
from tests.core.matter.histories import START, D, Doing, Played, afterwards, histories, late, spring
from tests.core.matter.playing import Office
from transfer.core.matter import falling_due
from transfer.core.matter.book import Due
from transfer.core.matter.falling_due import FallingDue, open_acts
from transfer.core.matter.folding import Deeds, State
from transfer.core.matter.replaying import Lawful, World, on_top, replay, standing
from transfer.core.matter.words import Nature, Whom


def same_on_top(office: Office) -> None:
    whole = {name: state.whole for name, state in standing(office.world(None)).items()}
    for person in office.people:
        world = office.world(person)
        by_day, apart = standing(world), on_top(world, whole)
        assert apart.keys() == by_day.keys()
        for matter, state in by_day.items():
            assert apart[matter].mine.substance == state.mine.substance
            assert apart[matter].group == state.group
            rights = [due.slot for due in state.book.of(state.whom, Nature.RIGHT)]
            for slot in rights:
                last_day = state.last_day(slot.what, slot.about)
                assert apart[matter].last_day(slot.what, slot.about) == last_day


def same_gone_on(office: Office) -> None:
    """Fold the matter again after each of its facts."""
    reading, now = Deeds({}), office.world(None)
    folded: list[tuple[World, date | None, dict[str, State]]] = []
    times = 0
    for nth, each in enumerate(each for each in office.records if each.person is None):
        world = World(now.kinds, now.rules, now.position, deeds=reading.read([each]))
        days = sorted({deed.place.day for deed in world.deeds})
        until = (None, days[-1], days[nth % len(days)])[nth % 3]
        if folded:
            world.goes_on_from(folded[-1][0])
            times += _shares(standing(world, until), folded[-1][2])
        folded.append((world, until, standing(world, until)))
    assert times > 2
    for world, until, states in folded:
        alone = World(world.kinds, world.rules, world.position, deeds=world.deeds)
        assert states == standing(alone, until)


def same_everywhere(office: Office) -> None:
    for person in (None, *office.people):
        world = office.world(person)
        found = replay(world, D(2014, 5, 1))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(FallingDue, "look_again", _everywhere)
            looked_through = replay(world, D(2014, 5, 1))
        assert _steps_of(found) == _steps_of(looked_through)


def _everywhere(due: FallingDue, matter: str, group: str | None) -> None:
    """Look through all the matters again, whatever has changed."""
    del matter, group
    due._again.update(dict.fromkeys((each, None) for each in due._states))


def _steps_of(lawful: Lawful) -> tuple[object, ...]:
    """The steps in their order, and what could not be taken; a refusal by what it says."""
    refused = {key: (str(refusal), day) for key, (refusal, day) in lawful.refused.items()}
    return lawful.steps, refused, lawful.waiting


def _shares(one: dict[str, State], other: dict[str, State]) -> bool:
    """Whether something that is due is the very same in both: it was not folded again."""
    ids = [{id(due) for due in each[MATTER].book.everything()} for each in (one, other)]
    return bool(ids[0] & ids[1])


@given(history=histories(), which=st.integers(0, 4), delay=st.integers(0, 60))
@settings(max_examples=20, deadline=None)
def test_after_any_history_it_is_the_same(history: list[Doing], which: int, delay: int) -> None:
    which %= len(history)
    learned_on = min(history[which].on + timedelta(days=delay), D(2014, 4, 20))
    office = late(history, which, learned_on)
    afterwards(office, history, learned_on)
    same_on_top(office)
    same_gone_on(office)
    same_everywhere(office)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: Case) -> None:
    office = late(case.doings, case.late, case.learned_on)
    afterwards(office, case.doings, case.learned_on)
    same_on_top(office)
    same_gone_on(office)
    same_everywhere(office)


_QUITS = of(D(2014, 1, 31), "quit")
_AFTER_THE_LETTERS = [_QUITS, of(D(2014, 2, 1), "stay"), of(D(2014, 2, 2), "object")]
_AT_THE_CONFIRMATION = [_QUITS, of(D(2014, 2, 1), "withdraw"), of(D(2014, 2, 12), "stay")]


@pytest.mark.parametrize(
    ("history", "which", "learned_on"),
    [(_AFTER_THE_LETTERS, 0, D(2014, 1, 31)), (_AT_THE_CONFIRMATION, 2, D(2014, 2, 13))],
    ids=[
        "what the letters opened for the group is not closed by what came before them",
        "a step that came to nothing first is not taken twice",
    ],
)
def test_history(history: list[Doing], which: int, learned_on: date) -> None:
    office = late(history, which, learned_on)
    afterwards(office, history, learned_on)
    same_on_top(office)
    confirmed = [each for each in office.records if type(each.fact) is DeskConfirmed]
    assert len([each for each in confirmed if each.person == "S1"]) <= 1


def test_a_day_that_had_passed_when_it_was_put_off_is_the_day_of_the_step_that_was_not_taken() -> (
    None
):
    played = Played(spring())
    played.to(D(2014, 3, 31))
    office, today = played.office, D(2014, 4, 3)
    office.act(None, "fix-day", today=today, milestone="move", on=D(2014, 4, 12), reason="later")
    office.run_clock(today)
    facts = [each.fact for each in office.records]
    days = [fact.effective_from for fact in facts if isinstance(fact, DeskMoved)]
    assert days == [D(2014, 4, 1)] * 3


def _looks(groups: int, patch: pytest.MonkeyPatch) -> int:
    """At how many of the things to be done one replay looks, in a matter of so many groups."""
    office = Office(people=tuple(f"S{n}" for n in range(groups)))
    office.act(None, "begin", today=START, edition="desks-1")
    for n in range(groups):
        office.act(
            None,
            "plan-group",
            today=START,
            group=f"G{n:02}",
            people=(f"S{n}",),
            letters_on=D(2014, 2, 1),
        )
    looked_at: list[Due] = []

    def counted(state: State, whom: Whom | None = None) -> Iterator[Due]:
        for due in open_acts(state, whom):
            looked_at.append(due)
            yield due

    with patch.context() as patched:
        patched.setattr(falling_due, "open_acts", counted)
        replay(office.world(None), D(2014, 1, 20))
    return len(looked_at)


def test_ten_times_the_groups_are_ten_times_the_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    few, many = (_looks(groups, monkeypatch) for groups in (3, 30))
    assert few < many <= 10 * few

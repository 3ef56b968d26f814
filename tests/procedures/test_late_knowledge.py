"""Late knowledge in the exercise, its appeals and its consultation.

Each history is played once as it happened and once with an act learned late. Then one duty is open
for each decision that states something else than in time, and none elsewhere; no step of those
people is taken while it is; what was answered before stays; and once everything is redone, the
answers are those of the history played in time.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.procedures.late_cases import (
    CASES,
    Case,
    appeal,
    extend,
    lodge,
    milestone,
    move_window,
    object_,
    of,
    uphold,
    withdraw_objection,
)
from tests.support.clocked_2013 import (
    LAST,
    Clocked,
    Doing,
    acts,
    afterwards,
    alike,
    differing,
    in_time,
    learned_late,
    went_on,
)
from tests.support.rules_2013 import LETTERS
from transfer.core.matter import late as engine
from transfer.core.matter import replaying
from transfer.core.matter.folding import Deed
from transfer.kinds import KNOWN


def to_settle(played: Clocked) -> dict[tuple[str | None, UUID], str]:
    """Every decision to be settled, with its act: those of the whole first, and what then comes of
    it for its people. Approvals are given on the day asked, which is another day in time."""
    found = {each: act for each, act in played.duties().items() if each[0] is None}
    played.redo_everything(of_all_alone=True)
    return found | played.duties()


def check(case: Case) -> Counter[str]:
    """The statement of the whole: see the module's docstring. Answers what is to be settled."""
    start, doings = alike(case.doings, case.late)
    once = in_time(start.copy(), doings, case.learned_on)
    late = learned_late(start, doings, case.doings[case.late], case.learned_on)
    expected = acts(late, differing(late, once))
    before = len(late.office.records)
    late.run()
    held = {person for person, _ in late.duties()}
    taken = {each.person for each in late.office.records[before:] if each.person}
    assert not taken & held, "a step was taken while a duty was open"
    found = to_settle(late)
    assert _but(acts(late, found), "approve", *case.by_approval) == _but(
        expected, *case.by_approval
    )
    afterwards(late, case.doings)
    if not case.in_the_world:
        people = bool(case.by_approval)
        again = list(went_on(once, case.doings).answers(of_people_alone=people))
        assert list(late.answers(of_people_alone=people)) == again
    return Counter(found.values())


def _but(found: Counter[str], *left_out: str) -> Counter[str]:
    return Counter({act: n for act, n in found.items() if act.split()[0] not in left_out})


def differs(case: Case, kept: Callable[[], AbstractContextManager[object]]) -> Counter[str]:
    """Which decisions are to be settled, where some are `kept` from the late act on."""
    start, doings = alike(case.doings, case.late)
    with kept():
        found = to_settle(learned_late(start, doings, case.doings[case.late], case.learned_on))
    return Counter(found.values())


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case(case: Case) -> None:
    assert check(case) == Counter([*case.differs, *case.by_approval])


# --- every decision is made again ---------------------------------------------------------------

NEVER_DIFFERENT = {
    ("exercise", "begin"): "reads nothing but the edition, and is the first of all",
    ("exercise", "set-scope"): "is said once: another one before it could not be",
    ("exercise", "allocate"): "is given everything that it looks at",
    ("exercise", "file-document"): "reads the edition, and whether that was said already",
    ("consultation", "begin"): "is the first of all",
    ("exercise", "settle"): "says what becomes of a decision, and is none itself",
    ("appeal", "settle"): "the same",
    ("consultation", "settle"): "the same",
}
"""Acts whose decisions nothing that is learned can make otherwise, and why."""

# What goes by no edition, or by a part for it alone, stands outside the exercise that is played
# here; its own tests have its late knowledge (`tests/procedures/representation`).
EVERY = [
    (kind.name, act.name)
    for kind in KNOWN.kinds
    if kind.rules is None and kind.part is None
    for act in kind.acts
]


def test_every_act_has_a_case_or_a_reason_why_there_is_none() -> None:
    assert set(NEVER_DIFFERENT) <= set(EVERY)
    assert len(_mutated()) >= 30
    assert [each for each in _mutated() if not _cases_of(*each)] == []


def _mutated() -> list[tuple[str, str]]:
    return [each for each in EVERY if each not in NEVER_DIFFERENT]


def _cases_of(kind: str, act: str) -> list[Case]:
    """The cases in which a decision of that act differs, the quickest first."""
    found = [
        case
        for case in CASES
        if act in (*case.differs, *case.by_approval)
        and (kind == "exercise" or any(each.matter.startswith(kind) for each in case.doings))
    ]
    return sorted(found, key=lambda case: case.learned_on)


@pytest.mark.thorough
@pytest.mark.parametrize(("kind", "act"), _mutated(), ids=[" ".join(each) for each in _mutated()])
def test_a_decision_that_is_not_made_again_is_noticed(
    kind: str, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every decision has a case that fails if that one were simply kept."""
    decided, would_be = replaying.decided, engine._would_be

    def is_kept(deed: Deed) -> bool:
        return deed.matter.startswith(f"{kind}:") and deed.act == act and bool(deed.facts)

    def kept(*given: Any, **named: Any) -> Any:
        return given[2].facts if is_kept(given[2]) else decided(*given, **named)

    def as_it_was(deed: Deed, *given: Any) -> Any:
        return deed.facts if is_kept(deed) else would_be(deed, *given)

    @contextmanager
    def keeping() -> Iterator[None]:
        with monkeypatch.context() as changed:
            changed.setattr(replaying, "decided", kept)
            changed.setattr(engine, "_would_be", as_it_was)
            yield

    assert any(
        differs(case, keeping) != Counter([*case.differs, *case.by_approval])
        for case in _cases_of(kind, act)
    )


# --- drawn --------------------------------------------------------------------------------------

ACTS: Mapping[str, Callable[[date], Doing]] = {
    "lodge": lodge,
    "uphold": uphold,
    "withdraw": lambda on: appeal(on, "withdraw"),
    "object": object_,
    "no longer object": withdraw_objection,
    "extend": lambda on: extend(on, LETTERS + timedelta(days=40)),
    "move a window": lambda on: move_window(on, LETTERS + timedelta(days=45)),
    "move the transfer": lambda on: milestone(on, date(2014, 7, 1)),
    "hold": lambda on: of(on, "hold", reason="ill"),
    "resume": lambda on: of(on, "resume", reason="back"),
}
DAYS = st.sampled_from([3, 10, 17, 19, 20, 25, 31, 38, 47, 60, 150, 163]).map(
    lambda n: LETTERS + timedelta(days=n)
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Doing, ...]:
    """Some acts about S1 and about the plan, each on a day of its own."""
    days = sorted(draw(st.sets(DAYS, min_size=1, max_size=4)))
    names = draw(st.lists(st.sampled_from(sorted(ACTS)), min_size=len(days), max_size=len(days)))
    return tuple(ACTS[name](day) for name, day in zip(names, days, strict=True))


@pytest.mark.thorough
@settings(max_examples=8, deadline=None, derandomize=True, database=None)
@given(histories(), st.integers(0, 3), st.integers(1, 180))
def test_any_history_late_is_as_in_time(doings: tuple[Doing, ...], which: int, delay: int) -> None:
    which %= len(doings)
    learned_on = min(doings[which].on + timedelta(days=delay), LAST - timedelta(days=1))
    # An end of employment is approved on another day than in time: who counts people sees it.
    counting = (
        ("reach", "complete", "dissolve") if any(each.act == "object" for each in doings) else ()
    )
    check(Case("drawn", doings, which, learned_on, (), by_approval=counting))

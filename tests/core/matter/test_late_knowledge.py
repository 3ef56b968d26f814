"""What is learned late comes out as if it had been known in time, once it has been settled."""

from datetime import date, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.matter.histories import (
    LAST_DAY,
    D,
    Doing,
    afterwards,
    differing,
    in_time,
    late,
)
from tests.core.matter.playing import Office

DAYS = st.integers(0, 95).map(lambda n: D(2014, 1, 8) + timedelta(days=n))
Given = tuple[str, dict[str, object]]
PERSON_ACTS: st.SearchStrategy[Given] = st.sampled_from(
    [
        ("object", {}),
        ("object", {}),
        ("withdraw", {}),
        ("admit", {}),
        ("decide", {"upheld": True, "floor": "5"}),
        ("decide", {"upheld": False}),
        ("answer", {}),
        ("quit", {}),
        ("stay", {}),
        ("extend-window", {"window": "object", "until": D(2014, 2, 20), "reason": "leave"}),
        ("take-out", {"reason": "left"}),
        ("hold", {"reason": "ill"}),
        ("resume", {"reason": "back"}),
    ]
)
MATTER_ACTS: st.SearchStrategy[Given] = st.sampled_from(
    [
        ("fix-day", {"milestone": "move", "on": D(2014, 3, 20), "reason": "sooner"}),
        ("fix-day", {"milestone": "move", "on": D(2014, 4, 12), "reason": "later"}),
        (
            "move-window",
            {"group": "A", "window": "object", "until": D(2014, 2, 24), "reason": "strike"},
        ),
        ("hold", {"group": "A", "reason": "court"}),
        ("resume", {"group": "A", "reason": "court"}),
    ]
)


@st.composite
def doings(draw: st.DrawFn) -> list[Doing]:
    found = []
    for _ in range(draw(st.integers(1, 5))):
        person = draw(st.sampled_from(["S1", "S1", "S1", "S3", None]))
        act, inputs = draw(MATTER_ACTS if person is None else PERSON_ACTS)
        found.append(Doing(draw(DAYS), person, act, inputs))
    return sorted(found, key=lambda doing: doing.on)


def check(history: list[Doing], which: int, learned_on: date) -> None:
    """The statement of the whole: see the module's docstring."""
    office = late(history, which, learned_on)
    lawful = in_time(history, learned_on)
    expected = differing(office, lawful)
    assert duties_of_all(office, learned_on) == expected
    afterwards(office, history, learned_on)
    assert office.answers() == in_time(history, LAST_DAY).answers()


def duties_of_all(office: Office, today: date) -> set[tuple[str | None, UUID]]:
    """Every decision to be settled: a group's first, and what then comes of it for its people.

    What approvals come to is not told from the days on which they are given here.
    """
    found = {each for each in office.duties() if each[0] is None}
    office.redo_everything(today, of_groups_alone=True)
    found |= set(office.duties())
    return {each for each in found if office.act_of(*each) != "approve"}


@settings(max_examples=60, deadline=None)
@given(history=doings(), which=st.integers(0, 4), delay=st.integers(1, 60))
def test_late_as_in_time(history: list[Doing], which: int, delay: int) -> None:
    which %= len(history)
    learned_on = min(history[which].on + timedelta(days=delay), D(2014, 4, 20))
    check(history, which, learned_on)

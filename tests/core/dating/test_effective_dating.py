"""The effective-dating rule by the table of cases. Its property tests are with the projections."""

from datetime import date
from pathlib import Path

import pytest

from tests.support.cases import cases
from tests.support.entries import (
    entry,
    id_of,
    key,
    recorded_at,
)
from transfer.core.dating.effective_dating import Entry, Piece, position_at, timelines
from transfer.core.words import Basis

RULE = Path(__file__).parent / "cases" / "effective-dating.md"

HEADINGS = (
    *("Rule 1", "Rule 2", "Rule 3", "Several entries on one day", "Back-dated under later-dated"),
    *("Temporary over standing", "Overlapping temporary changes", "Chains of corrections"),
    *("Plans that move", "Leaving and coming back", "Two concurrent jobs"),
)
ROWS = [row for heading in HEADINGS for row in cases(RULE, heading)]


@pytest.mark.parametrize(("events", "known_after", "asked", "value", "supplied_by"), ROWS)
def test_the_rule(events: str, known_after: str, asked: str, value: str, supplied_by: str) -> None:
    entries = [entry(number, text) for number, text in enumerate(events.split("; "), start=1)]
    name, _, day = asked.partition(" on ")
    found = position_at(
        timelines(entries, known_at=recorded_at(int(known_after))), date.fromisoformat(day)
    )
    period = found.get(key(name))
    if value == "nothing":
        assert period is None
        return
    assert period is not None
    original, _, correction = supplied_by.partition(" corrected by ")
    content = int(correction or original)
    assert period.value == value
    assert period.event_id == id_of(int(original))
    assert period.corrected_by == (id_of(int(correction)) if correction else None)
    assert period.recorded_at == recorded_at(content)


def test_under_a_temporary_value_stands_another() -> None:
    entries = [
        entry(1, "band 3 from 2012-01-01"),
        entry(2, "band 5 from 2013-01-01 to 2013-04-01"),
        entry(3, "band 4 from 2013-02-01"),
    ]
    timeline = timelines(entries)[key("band")]
    for day, beneath in [("2012-06-01", None), ("2013-01-15", "3"), ("2013-03-01", "4")]:
        standing = timeline.standing_at(date.fromisoformat(day))
        in_force = timeline.at(date.fromisoformat(day))
        assert in_force is not None
        if in_force.temporary:
            assert standing is not None
            assert standing.value == beneath
        else:
            assert beneath is None


def test_under_a_temporary_nothing_there_is_a_gap_and_nothing_beneath() -> None:
    timeline = timelines(
        [
            entry(1, "band 3 from 2012-01-01"),
            entry(2, "band nothing from 2013-01-01 to 2013-04-01"),
        ]
    )[key("band")]
    assert [(p.value, p.effective_from, p.effective_to) for p in timeline.in_force] == [
        ("3", date(2012, 1, 1), date(2013, 1, 1)),
        ("3", date(2013, 4, 1), None),
    ]
    assert timeline.beneath == ()


def test_a_period_says_from_when_until_when_and_on_what_it_rests() -> None:
    own, shared = Basis(clause="TR-05"), Basis(clause="TR-01")
    stated = Entry(
        id_of(1),
        recorded_at(1),
        content=(
            Piece(key("band"), "4", date(2012, 1, 1), basis=own),
            Piece(key("unit"), "Lambeth", date(2012, 1, 1)),
        ),
        basis=shared,
    )
    ended = entry(2, "band nothing from 2014-01-01")
    found = timelines([stated, ended])
    [band] = found[key("band")].in_force
    [unit] = found[key("unit")].in_force
    assert (band.effective_from, band.effective_to) == (date(2012, 1, 1), date(2014, 1, 1))
    assert (band.basis, unit.basis) == (own, shared)
    assert unit.effective_to is None

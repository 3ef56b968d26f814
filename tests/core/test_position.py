"""The effective-dating rule by the table of cases. Its property tests are with the projections."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import pytest

from tests.support.cases import cases
from transfer.core.dating.effective_dating import Entry, Key, Kind, Piece, position_at, timelines
from transfer.core.words import MAIN, Basis

RULE = Path(__file__).parent / "cases" / "effective-dating.md"
START = datetime(2014, 6, 10, 9, tzinfo=UTC)

HEADINGS = (
    *("Rule 1", "Rule 2", "Rule 3", "Several entries on one day", "Back-dated under later-dated"),
    *("Temporary over standing", "Overlapping temporary changes", "Chains of corrections"),
    *("Plans that move", "Leaving and coming back", "Two concurrent jobs"),
)
ROWS = [row for heading in HEADINGS for row in cases(RULE, heading)]

_CONTENT = re.compile(r"(?P<values>.+) from (?P<since>\S+)(?: to (?P<until>\S+))?")


def id_of(number: int) -> UUID:
    return uuid5(NAMESPACE_URL, f"event {number}")


def recorded_at(number: int) -> datetime:
    return START + timedelta(minutes=number)


def key(name: str) -> Key:
    """What a row names: `band`, `evenings:band` of another job, or `term:allowance`."""
    job, _, rest = name.rpartition(":")
    return Key(Kind.TERM, "", rest) if job == "term" else Key(Kind.FACET, job or MAIN, rest)


def entry(number: int, text: str) -> Entry:
    """One event of the table, e.g. `band 3 and unit Lambeth from 2012-01-01 to 2013-01-01`."""
    if text.startswith("annulment of "):
        named = id_of(int(text.removeprefix("annulment of ")))
        return Entry(id_of(number), recorded_at(number), of=named, annuls=True)
    of = None
    if text.startswith("correction of "):
        about, _, text = text.removeprefix("correction of ").partition(": ")
        of = id_of(int(about))
    found = _CONTENT.fullmatch(text)
    assert found is not None, text
    pieces = []
    for each in found["values"].split(" and "):
        name, _, value = each.partition(" ")
        pieces.append(
            Piece(
                key(name),
                None if value == "nothing" else value,
                date.fromisoformat(found["since"]),
                date.fromisoformat(found["until"]) if found["until"] else None,
            )
        )
    return Entry(id_of(number), recorded_at(number), content=tuple(pieces), of=of)


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

"""Two readings of one thing compared: on which days they differ, and in what."""

import itertools
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from transfer.core.dating.differences import (
    Changed,
    Days,
    stretches,
    touched_keys,
    value_of,
    what_changed,
)
from transfer.core.dating.effective_dating import Entries, Entry, Key, Kind, Period, Piece

FIRST = date(2014, 1, 1)
BAND = Key(Kind.FACET, "main", "band")
UNIT = Key(Kind.FACET, "main", "unit")


def day(number: int) -> date:
    """A day by its place."""
    return FIRST + timedelta(days=number)


def period(value: str, start: int, end: int | None = None, event: int = 1) -> Period:
    """A period of the band."""
    return Period(
        key=BAND,
        value=value,
        effective_from=day(start),
        effective_to=None if end is None else day(end),
        event_id=UUID(int=event),
        corrected_by=None,
        recorded_at=datetime(2014, 1, 1, tzinfo=UTC),
        basis=None,
        temporary=end is not None,
    )


def days_of(*periods: Period) -> list[Days[Period]]:
    """Periods as a reading."""
    return [(each.effective_from, each.effective_to, each) for each in periods]


def entry(event: int, *pieces: Piece, of: int | None = None, annuls: bool = False) -> Entry:
    """An entry of one stream."""
    return Entry(
        UUID(int=event),
        datetime(2014, 1, event, tzinfo=UTC),
        pieces,
        None if of is None else UUID(int=of),
        annuls,
    )


@st.composite
def readings(draw: st.DrawFn) -> list[Days[str]]:
    """Values on stretches of days that do not overlap, the last perhaps open."""
    edges = sorted(draw(st.lists(st.integers(0, 12), max_size=8, unique=True)))
    found: list[Days[str]] = [
        (day(start), day(end), draw(st.sampled_from("ab")))
        for start, end in itertools.pairwise(edges)
        if draw(st.booleans())
    ]
    is_open = draw(st.booleans())
    if edges and is_open:
        found.append((day(edges[-1]), None, draw(st.sampled_from("ab"))))
    return found


def on(reading: list[Days[str]], asked: date) -> str | None:
    """What a reading says of a day."""
    return next(
        (value for start, end, value in reading if start <= asked and (end is None or asked < end)),
        None,
    )


@given(before=readings(), after=readings())
def test_stretches_are_the_days_that_differ(
    before: list[Days[str]], after: list[Days[str]]
) -> None:
    found = stretches(before, after)
    for number in range(-1, 15):
        asked = day(number)
        told = [
            (each.before, each.after)
            for each in found
            if each.effective_from <= asked
            and (each.effective_to is None or asked < each.effective_to)
        ]
        was, now = on(before, asked), on(after, asked)
        assert told == ([] if was == now else [(was, now)])
    for one, next_one in itertools.pairwise(found):
        assert one.effective_to is not None
        assert one.effective_to <= next_one.effective_from
        joined = one.effective_to == next_one.effective_from
        assert not (joined and (one.before, one.after) == (next_one.before, next_one.after))


def test_an_aspect_leaves_out_what_is_not_asked() -> None:
    before = days_of(period("4", 0, 9, event=1), period("5", 9, event=2))
    after = days_of(period("4", 0, 5, event=3), period("5", 5, event=2))
    by_value = stretches(before, after, value_of)
    assert [(s.effective_from, s.effective_to) for s in by_value] == [(day(5), day(9))]
    whole = stretches(before, after)
    assert [(s.effective_from, s.effective_to) for s in whole] == [
        (day(0), day(5)),
        (day(5), day(9)),
        (day(9), None),
    ]
    assert stretches([], before, value_of)[0].before is None


def test_what_changed_names_each_part() -> None:
    was = period("4", 0)
    assert what_changed(was, period("4", 0)) == ()
    assert what_changed(was, period("5", 0)) == (Changed.VALUE,)
    assert what_changed(was, period("4", 0, 9)) == (Changed.PERIOD,)
    assert what_changed(was, period("4", 0, event=2)) == (Changed.SOURCE,)
    assert what_changed(None, was) == (Changed.VALUE, Changed.PERIOD, Changed.SOURCE)
    assert what_changed(was, None) == (Changed.VALUE, Changed.PERIOD, Changed.SOURCE)


def test_an_entry_touches_what_it_states_and_what_it_takes_the_place_of() -> None:
    band, unit = Piece(BAND, "4", FIRST), Piece(UNIT, "A", FIRST)
    stream = [
        entry(1, band),
        entry(2, unit),
        entry(3, unit, of=1),
        entry(4, of=3, annuls=True),
        entry(5, of=2, annuls=True),
    ]
    assert [set(keys) for keys in touched_keys(stream).values()] == [
        {BAND},
        {UNIT},
        {BAND, UNIT},
        {BAND, UNIT},
        {UNIT},
    ]
    assert Entries(stream).timeline(BAND).at(FIRST) is not None

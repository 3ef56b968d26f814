"""Days found once: the vectors of the rules catalogue, worked by hand, and both readings."""

from datetime import date

import pytest

from transfer.core.dating.calendars import Calendar, Period
from transfer.core.matter.reckoning import (
    Counting,
    HangsOn,
    Reckoned,
    Reckoning,
    fixed,
    latest,
    reckon,
)
from transfer.core.refusals import Refused
from transfer.core.words import Basis

D = date
BASIS = Basis(clause="X-1")
AFTER, BEFORE = Counting.AFTER, Counting.NOT_LESS_THAN_BEFORE
BEGINNING = Counting.BEGINNING_WITH

VECTORS = [
    # length, counted, event, calendar, day, cautious day, later reading
    ("15wd", AFTER, D(2020, 8, 25), "ew-2019-06", D(2020, 9, 16), None, None),
    ("10wd", AFTER, D(2013, 12, 20), "ew-2013-11", D(2014, 1, 8), None, None),
    ("10wd", AFTER, D(2013, 11, 13), "ew-2013-11", D(2013, 11, 27), None, None),
    ("10wd", AFTER, D(2022, 9, 9), "ew-2020-11", D(2022, 9, 23), None, None),
    ("10wd", AFTER, D(2022, 9, 9), "ew-2022-09", D(2022, 9, 26), None, None),
    # Employee liability information: the day of the transfer is left out; read as clear days it
    # is a day earlier.
    ("28d", BEFORE, D(2014, 6, 1), "ew-2013-11", D(2014, 5, 4), D(2014, 5, 3), None),
    ("28d", BEFORE, D(2021, 6, 26), "ew-2020-11", D(2021, 5, 29), D(2021, 5, 28), None),
    ("28d", BEFORE, D(2019, 2, 15), "ew-2013-11", D(2019, 1, 18), D(2019, 1, 17), None),
    ("28d", BEFORE, D(2014, 5, 1), "ew-2013-11", D(2014, 4, 3), D(2014, 4, 2), None),
    ("14d", BEFORE, D(2014, 4, 30), "ew-2013-11", D(2014, 4, 16), D(2014, 4, 15), None),
    ("10w", BEFORE, D(2014, 5, 31), "ew-2013-11", D(2014, 3, 22), D(2014, 3, 21), None),
    ("3wd", BEFORE, D(2014, 4, 23), "ew-2013-11", D(2014, 4, 16), D(2014, 4, 15), None),
    # Three months less a day, with no rolling off a weekend.
    ("3m", BEGINNING, D(2014, 6, 1), "ew-2013-11", D(2014, 8, 31), None, None),
    ("3m", BEGINNING, D(2021, 6, 26), "ew-2020-11", D(2021, 9, 25), None, None),
    ("3m", BEGINNING, D(2014, 11, 30), "ew-2013-11", D(2015, 2, 28), None, None),
    ("3m", BEGINNING, D(2015, 11, 30), "ew-2013-11", D(2016, 2, 29), None, None),
    ("3m", BEGINNING, D(2015, 3, 1), "ew-2013-11", D(2015, 5, 28), None, D(2015, 5, 31)),
    # A protection for three years (CN-3), and a notice of so many months (CN-4).
    ("3y", BEGINNING, D(2021, 6, 26), "ew-2020-11", D(2024, 6, 25), None, None),
    ("1m", AFTER, D(2014, 6, 1), "ew-2013-11", D(2014, 7, 1), None, None),
    ("1m", AFTER, D(2015, 1, 31), "ew-2013-11", D(2015, 2, 28), None, None),
    ("1m", BEFORE, D(2014, 3, 31), "ew-2013-11", D(2014, 2, 28), D(2014, 2, 27), None),
    ("5d", BEGINNING, D(2014, 6, 1), "ew-2013-11", D(2014, 6, 5), None, None),
]


@pytest.mark.parametrize(("length", "counting", "event", "edition", "on", "safe", "later"), VECTORS)
def test_a_day_is_found(
    length: str,
    counting: Counting,
    event: date,
    edition: str,
    on: date,
    safe: date | None,
    later: date | None,
) -> None:
    reckoning = Reckoning(length=Period.parse(length), counting=counting)
    found = reckon(reckoning, event, calendar=Calendar(edition), basis=BASIS)
    assert (found.on, found.safe, found.later) == (on, safe, later)
    assert found.last == (later or on)
    assert found.basis == BASIS
    assert found.calendar == (edition if length.endswith("wd") or later else None)


def test_days_without_a_unit_show_the_working_day_reading_beside() -> None:
    days = Reckoning(length=Period.parse("5d"), unit_stated=False)
    found = reckon(days, D(2021, 5, 28), calendar=Calendar("ew-2020-11"), basis=BASIS)
    # 31 May 2021 was a bank holiday; 4 June is what was published in the end.
    assert (found.on, found.later) == (D(2021, 6, 2), D(2021, 6, 7))


def test_nobody_loses_a_day_that_was_published() -> None:
    ten = Reckoning(length=Period.parse("10d"))
    calendar = Calendar("ew-2013-11")
    sooner = reckon(ten, D(2014, 2, 1), calendar=calendar, basis=BASIS, published=[D(2014, 2, 9)])
    assert sooner.on == D(2014, 2, 11)
    later = reckon(ten, D(2014, 2, 1), calendar=calendar, basis=BASIS, published=[D(2014, 2, 28)])
    assert later.on == D(2014, 2, 28)
    assert latest(fixed(D(2014, 2, 1), BASIS), later, Reckoned()) == later
    with pytest.raises(ValueError, match="none of these is a day"):
        latest(Reckoned())


HELD = [
    # length, from, held, last day
    ("10d", D(2014, 2, 1), [], D(2014, 2, 11)),
    ("10d", D(2014, 2, 1), [(D(2014, 2, 3), D(2014, 2, 5))], D(2014, 2, 14)),
    ("10d", D(2014, 2, 1), [(D(2014, 2, 12), D(2014, 2, 20))], D(2014, 2, 11)),
    # A weekend in the hold takes no working day.
    ("5wd", D(2014, 2, 3), [(D(2014, 2, 7), D(2014, 2, 10))], D(2014, 2, 12)),
]


@pytest.mark.parametrize(("length", "event", "held", "on"), HELD)
def test_a_hold_stops_the_clock(
    length: str, event: date, held: list[tuple[date, date]], on: date
) -> None:
    reckoning = Reckoning(length=Period.parse(length))
    calendar = Calendar("ew-2013-11")
    assert reckon(reckoning, event, calendar=calendar, basis=BASIS, held=held).on == on


def test_a_hold_ends_after_it_begins() -> None:
    with pytest.raises(Refused, match="cannot begin"):
        reckon(
            Reckoning(length=Period.parse("5d")),
            D(2014, 2, 1),
            calendar=Calendar("ew-2013-11"),
            basis=BASIS,
            held=[(D(2014, 2, 3), D(2014, 2, 2))],
        )


def test_what_is_no_day_is_refused() -> None:
    with pytest.raises(ValueError, match="hangs on"):
        HangsOn()
    with pytest.raises(ValueError, match="is earlier than"):
        Reckoned(on=D(2014, 1, 1), safe=D(2014, 1, 1))
    with pytest.raises(ValueError, match="is later than"):
        Reckoned(on=D(2014, 1, 1), later=D(2014, 1, 1))
    with pytest.raises(ValueError, match="readings are of a day"):
        Reckoned(later=D(2014, 1, 1))


def test_it_stores_and_loads_as_it_was() -> None:
    reckoning = Reckoning(length=Period.parse("3m"), counting=BEGINNING)
    found = reckon(reckoning, D(2015, 3, 1), calendar=Calendar("ew-2013-11"), basis=BASIS)
    assert Reckoned.model_validate_json(found.model_dump_json()) == found


def test_a_day_says_where_its_calendar_was_carried_on() -> None:
    ten = Reckoning(length=Period.parse("10wd"))
    calendar = Calendar("ew-2013-11")
    last = calendar.last_proclaimed_year
    within = reckon(ten, D(last, 11, 3), calendar=calendar, basis=BASIS)
    beyond = reckon(ten, D(last, 12, 28), calendar=calendar, basis=BASIS)
    assert (within.calendar, beyond.calendar) == (
        "ew-2013-11",
        f"ew-2013-11, computed beyond {last}",
    )

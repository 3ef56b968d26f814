"""Working days and notice periods, against dates worked out by hand and two other calendars."""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

# The package ships no type information.
import govuk_bank_holidays.bank_holidays as govuk  # type: ignore[import-untyped]
import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from transfer.core.computed_holidays import computed_holidays, easter_sunday
from transfer.core.dating.calendars import (
    EDITIONS,
    LATEST_EDITION,
    Calendar,
    LastDay,
    Period,
    count_anew,
    edition_known_on,
    end_of_day_london,
    last_day_of_months_beginning_with,
    months_after,
    not_less_than_days_before,
    start_of_day_london,
)
from transfer.core.refusals import Malformed, Refused

LATEST = Calendar(LATEST_EDITION)

# Periods ----------------------------------------------------------------------------------

DUE = [
    # period, after the event of, as known in, is due on, weekday
    ("10wd", date(2013, 11, 13), "ew-2013-11", date(2013, 11, 27), "Wed"),
    ("10wd", date(2013, 12, 20), "ew-2013-11", date(2014, 1, 8), "Wed"),
    ("15wd", date(2020, 8, 25), "ew-2019-06", date(2020, 9, 16), "Wed"),
    ("10wd", date(2022, 9, 9), "ew-2020-11", date(2022, 9, 23), "Fri"),
    ("10wd", date(2022, 9, 9), "ew-2022-09", date(2022, 9, 26), "Mon"),
    # Sent on a Saturday: the first working day after it is Monday.
    ("1wd", date(2013, 11, 16), "ew-2013-11", date(2013, 11, 18), "Mon"),
    # Days are calendar days and nothing rolls off a weekend (1 October and 28 is 29 October).
    ("28d", date(2013, 10, 1), "ew-2013-11", date(2013, 10, 29), "Tue"),
    ("4d", date(2013, 11, 13), "ew-2013-11", date(2013, 11, 17), "Sun"),
    ("2w", date(2013, 12, 20), "ew-2013-11", date(2014, 1, 3), "Fri"),
    # The corresponding date, or the month's last day.
    ("1m", date(2014, 6, 1), "ew-2013-11", date(2014, 7, 1), "Tue"),
    ("1m", date(2015, 1, 31), "ew-2013-11", date(2015, 2, 28), "Sat"),
    ("1m", date(2015, 6, 30), "ew-2013-11", date(2015, 7, 30), "Thu"),
    ("3y", date(2021, 6, 26), "ew-2020-11", date(2024, 6, 26), "Wed"),
    ("1y", date(2016, 2, 29), "ew-2013-11", date(2017, 2, 28), "Tue"),
]


@pytest.mark.parametrize(("period", "on", "edition", "due", "weekday"), DUE)
def test_a_period_is_due(period: str, on: date, edition: str, due: date, weekday: str) -> None:
    assert Period.parse(period).due_after(on, Calendar(edition)) == due
    assert f"{due:%a}" == weekday


NOTICE = [
    # notice of not less than, before, can be given up to
    ("28d", date(2014, 6, 1), date(2014, 5, 4)),
    ("28d", date(2021, 6, 26), date(2021, 5, 29)),
    ("28d", date(2019, 2, 15), date(2019, 1, 18)),
    ("28d", date(2014, 5, 1), date(2014, 4, 3)),
    ("14d", date(2014, 4, 30), date(2014, 4, 16)),
    ("7d", date(2013, 10, 8), date(2013, 10, 1)),
    ("4w", date(2014, 6, 1), date(2014, 5, 4)),
    # 21 April 2014 is Easter Monday and 18 April Good Friday.
    ("3wd", date(2014, 4, 23), date(2014, 4, 16)),
    ("1m", date(2014, 3, 31), date(2014, 2, 28)),
    ("1y", date(2015, 6, 1), date(2014, 6, 1)),
]


@pytest.mark.parametrize(("period", "before", "last_day"), NOTICE)
def test_the_last_day_of_notice(period: str, before: date, last_day: date) -> None:
    assert Period.parse(period).latest_notice_of(before, LATEST) == last_day


MONTHS_BEGINNING_WITH = [
    # months, beginning with, safe day, later reading
    (3, date(2014, 6, 1), date(2014, 8, 31), date(2014, 8, 31)),  # a Sunday, and it does not roll
    (3, date(2021, 6, 26), date(2021, 9, 25), date(2021, 9, 25)),
    (3, date(2014, 11, 30), date(2015, 2, 28), date(2015, 2, 28)),
    (3, date(2015, 11, 30), date(2016, 2, 29), date(2016, 2, 29)),
    (3, date(2015, 3, 1), date(2015, 5, 28), date(2015, 5, 31)),
    (3, date(1991, 4, 30), date(1991, 7, 29), date(1991, 7, 29)),
]


@pytest.mark.parametrize(("months", "start", "safe", "later"), MONTHS_BEGINNING_WITH)
def test_the_last_day_of_months_that_begin_with_a_day(
    months: int, start: date, safe: date, later: date
) -> None:
    assert last_day_of_months_beginning_with(start, months) == LastDay(safe, later)


@pytest.mark.parametrize("months", [1, 3, 6, 12])
def test_the_safe_reading_is_the_day_before_carried_on(months: int) -> None:
    """On every day of four years, so that an answer with both readings can say which is which."""
    for number in range(1461):
        start = date(2013, 1, 1) + timedelta(days=number)
        found = last_day_of_months_beginning_with(start, months)
        assert found.safe == months_after(start - timedelta(days=1), months)


@pytest.mark.parametrize(
    ("period", "safe", "later"),
    [
        ("3m", date(2015, 5, 28), date(2015, 5, 31)),
        ("1y", date(2016, 2, 28), date(2016, 2, 29)),
        ("2w", date(2015, 3, 14), date(2015, 3, 14)),
        ("5d", date(2015, 3, 5), date(2015, 3, 5)),
        ("5wd", date(2015, 3, 6), date(2015, 3, 6)),  # 1 March 2015 is a Sunday
    ],
)
def test_a_period_begins_with_a_day(period: str, safe: date, later: date) -> None:
    found = Period.parse(period).beginning_with(date(2015, 3, 1), LATEST)
    assert found == LastDay(safe, later)


def test_only_working_days_need_a_calendar() -> None:
    start = date(2015, 3, 2)
    for text in ("3m", "1y", "2w", "5d"):
        period = Period.parse(text)
        assert period.beginning_with(start) == period.beginning_with(start, LATEST)
        assert period.due_after(start) == period.due_after(start, LATEST)
    with pytest.raises(Refused, match="counted by a calendar"):
        Period.parse("5wd").beginning_with(start)


def test_the_methods_that_need_no_edition_agree_with_the_functions() -> None:
    assert LATEST.months_after(date(2015, 1, 31), 1) == months_after(date(2015, 1, 31), 1)
    assert LATEST.not_less_than_days_before(date(2014, 6, 1), 28) == date(2014, 5, 4)
    assert not_less_than_days_before(date(2014, 6, 1), 28) == date(2014, 5, 4)


@pytest.mark.parametrize("text", ["1wd", "10wd", "15d", "2w", "6m", "3y", "999d"])
def test_a_period_prints_as_it_was_written(text: str) -> None:
    assert str(Period.parse(text)) == text
    json = TypeAdapter(Period).dump_json(Period.parse(text))
    assert json == f'"{text}"'.encode()
    assert TypeAdapter(Period).validate_json(json) == Period.parse(text)


@pytest.mark.parametrize(
    "text", ["", "10", "wd", "0d", "-1d", "1.5m", "10 wd", "1000d", "٣d", "3Y"]
)
def test_what_is_no_period_is_malformed(text: str) -> None:
    with pytest.raises(Malformed, match="is not a period") as malformed:
        Period.parse(text)
    assert malformed.value.field == "period"
    with pytest.raises(ValidationError, match="is not a period"):
        TypeAdapter(Period).validate_python(text)


def test_a_period_in_words() -> None:
    assert Period.parse("10wd").words == "10 working days"
    assert Period.parse("1m").words == "1 month"


# The days ---------------------------------------------------------------------------------

DAYS = st.dates(date(2012, 3, 1), date(2035, 10, 1))
COUNTS = st.integers(0, 40)
EDITION_IDS = st.sampled_from(sorted(EDITIONS))


@settings(derandomize=True, max_examples=300, deadline=None)
@given(on=DAYS, count=COUNTS, edition=EDITION_IDS)
def test_counting_forward_back_and_between_agree(on: date, count: int, edition: str) -> None:
    calendar = Calendar(edition)
    due = calendar.add_working_days(on, count)
    assert calendar.working_days_between(on, due) == count
    assert calendar.working_days_between(due, on) == -count
    notice = calendar.not_less_than_working_days_before(due, count)
    if count and calendar.is_working_day(on):
        assert notice == on
    if count:
        assert calendar.is_working_day(due)
        assert calendar.is_working_day(notice)
        assert calendar.add_working_days(notice, count) == due


def test_a_privilege_day_is_no_working_day() -> None:
    closed = Calendar("ew-2013-11", privilege_days=frozenset({date(2013, 12, 24)}))
    assert not closed.is_working_day(date(2013, 12, 24))
    assert closed.add_working_days(date(2013, 12, 20), 10) == date(2014, 1, 9)


@pytest.mark.parametrize(
    "ask",
    [
        lambda: LATEST.is_working_day(date(2011, 12, 30)),
        lambda: LATEST.not_less_than_working_days_before(date(2012, 1, 3), 5),
        lambda: LATEST.working_days_between(date(2011, 12, 1), date(2012, 1, 10)),
    ],
)
def test_a_year_before_the_first_edition_is_refused(ask: Callable[[], object]) -> None:
    with pytest.raises(Refused, match=r"edition ew-2026 has no year 2011 .*: add an edition"):
        ask()


# Past the end -----------------------------------------------------------------------------

PAST_THE_END = [
    # period, after the event of, is due on, weekday, and what the deadline says of its calendar
    ("10wd", date(2027, 12, 10), date(2027, 12, 24), "Fri", "ew-2026"),
    # 27, 28 December and Monday 3 January are holidays.
    ("20wd", date(2027, 12, 10), date(2028, 1, 12), "Wed", "ew-2026, computed beyond 2027"),
    # Good Friday of 2028 is 14 April, Easter Monday the 17th.
    ("5wd", date(2028, 4, 12), date(2028, 4, 21), "Fri", "ew-2026, computed beyond 2027"),
    # No holiday plays a part in months and days.
    ("2m", date(2027, 12, 10), date(2028, 2, 10), "Thu", "ew-2026"),
    ("28d", date(2027, 12, 10), date(2028, 1, 7), "Fri", "ew-2026"),
]


@pytest.mark.parametrize(("period", "on", "due", "weekday", "calendar"), PAST_THE_END)
def test_a_calendar_goes_on_as_computed_and_says_so(
    period: str, on: date, due: date, weekday: str, calendar: str
) -> None:
    parsed = Period.parse(period)
    assert parsed.due_after(on, LATEST) == due
    assert f"{due:%a}" == weekday
    assert parsed.calendar_of(on, due, LATEST) == calendar


def test_notice_is_counted_back_from_past_the_end() -> None:
    notice = Period.parse("10wd")
    last_day = notice.latest_notice_of(date(2028, 1, 5), LATEST)
    assert last_day == date(2027, 12, 17)
    assert notice.calendar_of(date(2028, 1, 5), last_day, LATEST) == "ew-2026, computed beyond 2027"


def test_the_two_readings_of_months_go_on_past_the_end() -> None:
    assert last_day_of_months_beginning_with(date(2028, 3, 1), 3) == LastDay(
        date(2028, 5, 29), date(2028, 5, 31)
    )


YEARS = range(2012, 2036)
# Moved or added by proclamation, or by the statute of one year: what nobody can compute.
PROCLAIMED = {2012, 2020, 2022, 2023}


@pytest.mark.parametrize("year", YEARS)
def test_computed_holidays_are_those_of_a_second_calendar(year: int) -> None:
    theirs = {
        day
        for day in holidays.country_holidays("GB", subdiv="ENG", years=year)
        if day.weekday() < 5
    }
    assert (computed_holidays(year) == theirs) == (year not in PROCLAIMED)


def test_computed_holidays_are_the_governments_where_nothing_was_proclaimed() -> None:
    published = govuk.BankHolidays(use_cached_holidays=True).get_holidays(
        division=govuk.BankHolidays.ENGLAND_AND_WALES
    )
    days = {holiday["date"] for holiday in published}
    whole = {year for year in YEARS if len([day for day in days if day.year == year]) >= 8}
    assert max(whole) >= 2027
    for year in whole - PROCLAIMED:
        assert computed_holidays(year) == {day for day in days if day.year == year}


@pytest.mark.parametrize(
    ("year", "easter"),
    [
        (1981, date(1981, 4, 19)),
        (2008, date(2008, 3, 23)),
        (2011, date(2011, 4, 24)),
        (2038, date(2038, 4, 25)),
        (2049, date(2049, 4, 18)),
        (2285, date(2285, 3, 22)),
    ],
)
def test_easter(year: int, easter: date) -> None:
    """The earliest and the latest day that it can be among them, and the two exceptions."""
    assert easter_sunday(year) == easter


@pytest.mark.parametrize(
    ("year", "kept"),
    [(2027, {27, 28}), (2032, {27, 28}), (2033, {26, 27}), (2026, {25, 28}), (2028, {25, 26})],
)
def test_christmas_on_a_weekend_is_kept_on_the_next_weekdays(year: int, kept: set[int]) -> None:
    assert {day.day for day in computed_holidays(year) if day.month == 12} == kept


def test_a_new_edition_says_the_old_day_and_the_new_one() -> None:
    """An edition that knew of the coronation counts a window of May 2023 a day longer."""
    anew = count_anew(
        Period.parse("10wd"),
        date(2023, 5, 2),
        pinned=Calendar("ew-2022-09"),
        known=Calendar("ew-2022-11"),
    )
    assert (anew.before, anew.after, anew.moves) == (date(2023, 5, 16), date(2023, 5, 17), True)
    assert not anew.rested_on_computed_days
    back = count_anew(
        Period.parse("5wd"),
        date(2028, 1, 5),
        pinned=Calendar("ew-2013-11"),
        known=LATEST,
        before_it=True,
    )
    assert back.rested_on_computed_days
    assert not back.moves


def test_an_unknown_edition_is_refused_with_the_known_ones() -> None:
    with pytest.raises(Refused, match="no calendar edition ew-1999; there are ew-2012-01, "):
        Calendar("ew-1999")


def test_counts_cannot_be_negative() -> None:
    with pytest.raises(Refused, match="cannot be fewer"):
        LATEST.add_working_days(date(2014, 1, 1), -1)


# Editions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "edition"),
    [
        (date(2012, 1, 1), "ew-2012-01"),
        (date(2013, 10, 31), "ew-2012-01"),
        (date(2013, 11, 13), "ew-2013-11"),
        (date(2019, 6, 6), "ew-2013-11"),
        (date(2020, 5, 8), "ew-2019-06"),
        (date(2022, 9, 9), "ew-2020-11"),
        (date(2022, 9, 10), "ew-2022-09"),
        (date(2022, 11, 5), "ew-2022-09"),
        (date(2022, 11, 6), "ew-2022-11"),
        (date(2026, 11, 22), "ew-2026"),
        (date(2031, 1, 1), "ew-2026"),
    ],
)
def test_the_edition_known_on_a_day(on: date, edition: str) -> None:
    assert edition_known_on(on).id == edition


def test_before_the_first_edition_nothing_is_known() -> None:
    with pytest.raises(Refused, match="known from 2012-01-01; add an edition"):
        edition_known_on(date(2011, 12, 31))


def test_editions_are_in_the_order_in_which_they_were_known() -> None:
    known = [edition.known_from for edition in EDITIONS.values()]
    assert known == sorted(set(known))
    assert known[-1] == EDITIONS[LATEST_EDITION].known_from


@pytest.mark.parametrize("on", sorted(EDITIONS[LATEST_EDITION].days))
def test_a_bank_holiday_falls_on_a_weekday(on: date) -> None:
    assert on.weekday() < 5


def test_the_latest_edition_is_the_governments_list() -> None:
    """The government's list, as packaged, covers the same years and more; ours ends with 2027."""
    published = govuk.BankHolidays(use_cached_holidays=True).get_holidays(
        division=govuk.BankHolidays.ENGLAND_AND_WALES
    )
    ours = EDITIONS[LATEST_EDITION].days
    years = {day.year for day in ours}
    assert ours == {holiday["date"] for holiday in published if holiday["date"].year in years}


def test_the_latest_edition_against_a_second_calendar() -> None:
    """`holidays` lists the feast day itself as well where it falls on a weekend (Boxing Day of
    2015 was a Saturday, its substitute Monday the 28th). Saturdays and Sundays are no working
    days anyway, so ours lists the substitute alone. There is no other difference."""
    ours = EDITIONS[LATEST_EDITION].days
    theirs = set(holidays.country_holidays("GB", subdiv="ENG", years={day.year for day in ours}))
    assert ours <= theirs
    assert theirs - ours == {day for day in theirs if day.weekday() >= 5}


FROZEN = {
    "ew-2012-01": "cddf7b79424fcdd4",
    "ew-2013-11": "9aaf1c3296004bb5",
    "ew-2019-06": "4b479a3b3134cae2",
    "ew-2020-11": "1ac354a49b686233",
    "ew-2022-09": "93ffc8a49bcef23b",
    "ew-2022-11": "e5c48932899f0a64",
    "ew-2026": "a40498ce3d1eef4e",
}


def test_no_edition_has_changed_since_it_was_published() -> None:
    """A deadline pins its edition: put a newly announced holiday into a new one."""

    def digest(edition: str) -> str:
        known = EDITIONS[edition]
        content = ",".join([str(known.known_from), *map(str, sorted(known.days))])
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    assert {edition: digest(edition) for edition in EDITIONS} == FROZEN


# London -----------------------------------------------------------------------------------


def test_a_summer_day_begins_an_hour_earlier_in_utc() -> None:
    assert start_of_day_london(date(2014, 6, 1)) == datetime(2014, 5, 31, 23, tzinfo=UTC)
    assert start_of_day_london(date(2013, 11, 13)) == datetime(2013, 11, 13, tzinfo=UTC)
    assert start_of_day_london(date(2014, 6, 1)).tzinfo is UTC


def test_a_day_ends_a_microsecond_before_the_next_begins() -> None:
    assert end_of_day_london(date(2014, 6, 10)) == datetime(
        2014, 6, 10, 22, 59, 59, 999999, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("on", "hours"),
    [(date(2014, 3, 30), 23), (date(2014, 10, 26), 25), (date(2014, 6, 1), 24)],
)
def test_the_days_on_which_the_clocks_change(on: date, hours: int) -> None:
    lasted = end_of_day_london(on) - start_of_day_london(on) + timedelta(microseconds=1)
    assert lasted == timedelta(hours=hours)

"""What a file as a whole leaves open is asked before anything of it is read."""

from collections.abc import Callable
from datetime import date

import pytest

from transfer.imports.meaning import Reading
from transfer.imports.staff_return import read_staff_return
from transfer.imports.staff_return.people import StaffReturn

MakeReturn = Callable[..., bytes]
Row = dict[str, str]


def rows_of(*cells: tuple[str, str, str]) -> list[Row]:
    """Rows given as staff number, first day and end."""
    return [{"staff_number": n, "in_post_from": a, "in_post_to": z} for n, a, z in cells]


def asked(found: StaffReturn) -> list[str]:
    return [each.options[0] for each in found.asks]


ONE_DAY = rows_of(
    ("S1", "2007-09-21", "2011-10-27"),
    ("S1", "2011-10-28", "2015-03-15"),
    ("S1", "2015-03-16", ""),
)
TOUCHING = rows_of(("S2", "2009-01-01", "2010-01-01"), ("S2", "2010-01-01", ""))
A_BREAK = rows_of(("S3", "2009-01-01", "2010-01-01"), ("S3", "2012-03-01", ""))
IN_WORDS_OF_MANY = rows_of(
    ("S4", "21/9/2007", "27/10/2011"),
    ("s4", "28/10/2011", "42078"),
    ("S4", "2015-03-16", ""),
)
FAR = [("31/12/4712", "4712-12-31"), ("2958465", "9999-12-31"), ("2200-01-01", "2200-01-01")]


@pytest.mark.parametrize(
    ("rows", "is_asked"),
    [
        pytest.param(ONE_DAY, True, id="every gap is one day"),
        pytest.param([*ONE_DAY, *TOUCHING], True, id="so is every gap, where others touch"),
        pytest.param([*ONE_DAY, *A_BREAK], True, id="a break says nothing against it"),
        pytest.param(IN_WORDS_OF_MANY, True, id="dates and numbers in other spellings"),
        pytest.param(TOUCHING, False, id="rows that touch"),
        pytest.param(A_BREAK, False, id="a break"),
        pytest.param([*TOUCHING, *A_BREAK, *ONE_DAY[:1]], False, id="a leaver"),
        pytest.param(
            [ONE_DAY[0], ONE_DAY[1] | {"staff_number": "S9"}], False, id="different people"
        ),
        pytest.param(
            [ONE_DAY[0], ONE_DAY[1] | {"assignment": "second"}], False, id="different jobs"
        ),
    ],
)
def test_ends_that_may_be_last_days(
    make_return: MakeReturn, rows: list[Row], is_asked: bool
) -> None:
    found = read_staff_return(make_return(*rows), partial=True)
    assert asked(found) == (["--last-day-included"] if is_asked else [])
    assert [(it.line, it.field) for it in found.rejected] == [(1, "in_post_to")] * is_asked
    assert (found.people == ()) == is_asked


def test_the_last_day_is_in_post_or_is_not_as_it_is_said(make_return: MakeReturn) -> None:
    data = make_return(*ONE_DAY)
    for included, ends in ((True, date(2011, 10, 28)), (False, date(2011, 10, 27))):
        found = read_staff_return(data, reading=Reading(last_day_included=included))
        assert (found.asks, found.people[0].periods[0].in_post_to) == ((), ends)
    overlapping = make_return(*TOUCHING)
    found = read_staff_return(overlapping, reading=Reading(last_day_included=True))
    assert [it.line for it in found.rejected] == [3]


@pytest.mark.parametrize(("text", "day"), FAR)
def test_a_far_end_stands_for_no_end(make_return: MakeReturn, text: str, day: str) -> None:
    data = make_return({"in_post_to": text})
    found = read_staff_return(data, partial=True)
    assert (asked(found), found.people) == ([f"--open-end {day}"], ())
    settled = read_staff_return(data, reading=Reading(open_end=frozenset([date(2200, 1, 1)])))
    assert settled.people[0].periods[0].in_post_to is None


def test_an_open_end_stands_for_itself_and_a_far_one_for_later_ones_too(
    make_return: MakeReturn,
) -> None:
    data = make_return(
        {"in_post_to": "2050-12-31"}, {"staff_number": "S2", "in_post_to": "2051-01-01"}
    )
    found = read_staff_return(data, reading=Reading(open_end=frozenset([date(2050, 12, 31)])))
    assert [each.periods[0].in_post_to for each in found.people] == [None, date(2051, 1, 1)]
    far = make_return(
        {"in_post_to": "4712-12-31"}, {"staff_number": "S2", "in_post_to": "2999-12-31"}
    )
    found = read_staff_return(far, reading=Reading(open_end=frozenset([date(4712, 12, 31)])))
    assert asked(found) == ["--open-end 2999-12-31"]


def begun(*days: str) -> list[Row]:
    return [{"staff_number": f"S{n}", "in_post_from": day} for n, day in enumerate(days)]


@pytest.mark.parametrize(
    ("rows", "is_asked"),
    [
        pytest.param(begun("04/13/2009", "04/01/2009"), True, id="no day otherwise"),
        pytest.param(begun("04.13.2009"), True, id="with stops"),
        pytest.param(begun("13/04/2009", "04/13/2009"), True, id="as many each way"),
        pytest.param(begun("13/04/2009", "14/04/2009", "04/13/2009"), False, id="one slip"),
        pytest.param(begun("04/01/2009", "10/01/2010", "07/01/2012"), True, id="all of January"),
        pytest.param(begun("04/01/2009", "10/01/2010"), False, id="too few to tell"),
        pytest.param(begun("01/04/2009", "01/10/2010", "01/07/2012"), False, id="first days"),
        pytest.param(
            [{"in_post_from": "05/06/2010", "in_post_to": "06/05/2010"}],
            True,
            id="an end before its beginning otherwise",
        ),
        pytest.param(
            [{"date_of_birth": "12/25/1970"}], True, id="a date of birth, which is not repeated"
        ),
        pytest.param(begun("2009-04-13", "39904"), False, id="other forms"),
        pytest.param(begun("13/13/2009"), False, id="no day either way"),
    ],
)
def test_dates_that_may_have_the_month_first(
    make_return: MakeReturn, rows: list[Row], is_asked: bool
) -> None:
    found = read_staff_return(make_return(*rows), partial=True)
    assert asked(found) == (["--month-first"] if is_asked else [])
    assert not any("1970" in it.reason for it in found.rejected)


def test_the_month_or_the_day_is_first_as_it_is_said(make_return: MakeReturn) -> None:
    data = make_return(*begun("04/13/2009", "04/01/2009"))
    found = read_staff_return(data, reading=Reading(month_first=True))
    days = [each.periods[0].in_post_from for each in found.people]
    assert days == [date(2009, 4, 13), date(2009, 4, 1)]
    found = read_staff_return(data, reading=Reading(month_first=False))
    assert [it.line for it in found.rejected] == [2]
    assert [each.periods[0].in_post_from for each in found.people] == [date(2009, 1, 4)]


def test_several_questions_are_asked_at_once(make_return: MakeReturn) -> None:
    rows = rows_of(
        ("S1", "04/13/2009", "04/30/2010"),
        ("S1", "05/01/2010", "12/31/9999"),
    )
    found = read_staff_return(make_return(*rows))
    assert asked(found) == ["--month-first", "--open-end 9999-12-31", "--last-day-included"]

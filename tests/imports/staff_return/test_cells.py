"""What one cell means."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer.imports.staff_return.cells import (
    CellFault,
    clean,
    parse_date,
    parse_fte,
    parse_staff_number,
    parse_whole,
)

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(9999, 12, 31))
SERIAL_DAYS = st.dates(min_value=date(1927, 5, 18), max_value=date(2100, 12, 31))


@given(DAYS)
def test_every_day_is_read_the_same_in_iso_and_day_first(day: date) -> None:
    assert parse_date(day.isoformat()) == day
    for separator in "/-.":
        padded = f"{day.day:02}{separator}{day.month:02}{separator}{day.year}"
        assert parse_date(padded) == day
        assert parse_date(f"{day.day}{separator}{day.month}{separator}{day.year}") == day


@given(SERIAL_DAYS)
def test_a_serial_number_counts_days_as_a_spreadsheet_does(day: date) -> None:
    # Day 61 is 1 March 1900, because day 60 is the 29 February 1900 that never was.
    serial = (day - date(1900, 3, 1)).days + 61
    assert parse_date(str(serial)) == day
    assert parse_date(f"{serial}.0") == day


@pytest.mark.parametrize(
    ("serial", "day"),
    [
        ("10000", date(1927, 5, 18)),
        ("36526", date(2000, 1, 1)),
        ("39904", date(2009, 4, 1)),
        ("41591", date(2013, 11, 13)),
        ("73415", date(2100, 12, 31)),
    ],
)
def test_serial_numbers_known_from_spreadsheets(serial: str, day: date) -> None:
    assert parse_date(serial) == day


@pytest.mark.parametrize(
    "text",
    [
        "31/02/2009",
        "2009-02-29",
        "04/13/2009",
        "2009-13-01",
        "1/4/09",
        "01/04-2009",
        "2009/04/01",
        "01-Apr-2009",
        "yesterday",
        "2009-04-01T00:00:00",
        "2013",
        "9999",
        "73416",
        "20090401",
        "-39904",
        "39904.5",
        "1899-12-31",
        "0209-04-01",
        "\N{ARABIC-INDIC DIGIT ONE}/04/2009",
        "2009-04-01\n",
    ],
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(CellFault):
        parse_date(text)


@given(st.decimals(min_value=0, max_value=1, places=4))
def test_every_decimal_from_0_to_1_is_a_part_of_full_time(value: Decimal) -> None:
    assert Decimal(parse_fte(str(value))) == value


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("1", "1"),
        ("1.0", "1.0"),
        ("0", "0"),
        ("0.0", "0.0"),
        ("1.", "1"),
        ("0.60", "0.60"),
        (".6", "0.6"),
        ("00.6", "0.6"),
        ("01", "1"),
    ],
)
def test_a_part_of_full_time_keeps_its_digits(text: str, kept: str) -> None:
    assert parse_fte(text) == kept


@pytest.mark.parametrize(
    "text", ["1.01", "2", "10", "-0.5", "0,6", "60%", ".", "1e-1", "full", "½", "nan"]
)
def test_what_is_no_part_of_full_time(text: str) -> None:
    with pytest.raises(CellFault):
        parse_fte(text)


@pytest.mark.parametrize(("text", "number"), [("4", 4), ("0", 0), ("4.0", 4), ("007", 7)])
def test_whole_numbers(text: str, number: int) -> None:
    assert parse_whole(text) == number


@pytest.mark.parametrize("text", ["4.5", "-1", "four", "1e3", "٤", "1,000", "1234567890", "4b"])
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(CellFault):
        parse_whole(text)


@pytest.mark.parametrize("text", ["S10442", "7", "a.b_c-d", "x" * 64])
def test_staff_numbers(text: str) -> None:
    assert parse_staff_number(text) == text


@pytest.mark.parametrize("text", ["S 1", "-1", "S/1", "Ś1", "x" * 65, "S1\n", "../etc"])
def test_what_is_no_staff_number(text: str) -> None:
    with pytest.raises(CellFault):
        parse_staff_number(text)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  Lambeth ", "Lambeth"),
        ("\u00a0Lambeth\u00a0", "Lambeth"),
        ("Floor 2\r\nUnit A\tEast", "Floor 2 Unit A East"),
        ("Zoë  O'Brien", "Zoë  O'Brien"),
        (" \t ", ""),
    ],
)
def test_blanks_around_go_and_line_breaks_inside_become_one_blank(cell: str, text: str) -> None:
    assert clean(cell) == text


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("a\0b", "NUL"),
        ("a\x07b", r"U\+0007"),
        ("a\x85b", r"U\+0085"),
        ("x" * 201, "201 characters"),
    ],
)
def test_what_no_cell_may_hold(cell: str, reason: str) -> None:
    with pytest.raises(CellFault, match=reason):
        clean(cell)


def test_the_longest_value_and_the_range_of_serials_are_taken_whole() -> None:
    assert clean("x" * 200) == "x" * 200
    assert parse_date("73415") - parse_date("10000") == timedelta(days=63_415)

"""A row for itself: every bad cell by line, field and reason, and what a good row says."""

import json
import time
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer.core.words import Facet
from transfer.imports.staff_return import read_staff_return, rejections_as_dicts
from transfer.imports.staff_return.columns import NEEDED, columns_for
from transfer.imports.staff_return.on_record import OnRecord
from transfer.rulebooks import rulebook

MakeReturn = Callable[..., bytes]
Recording = Callable[..., OnRecord]

FULL = {
    "staff_number": "S1",
    "assignment": "Second",
    "name": "Ann Example",
    "date_of_birth": "28/02/1970",
    "employer": "ldn",
    "unit": "Lambeth",
    "role": "Probation officer",
    "band": "4",
    "post": "P-7",
    "pay_point": "3",
    "terms_set": "NNC",
    "workplace": "High Street",
    "line_manager": "S2",
    "hr_process_owner": "S3",
    "professional_supervisor": "S4",
    "fte": "0.60",
    "in_post_from": "39904",
    "in_post_to": "2014-06-01",
    "continuous_service_from": "1/4/2001",
    "caseload_total": "40",
    "caseload_high_risk": "12",
    "preference": "nps",
    "automatic": "CRC",
}


def test_a_full_row_says_all_of_this(make_return: MakeReturn, recorded: Recording) -> None:
    found = read_staff_return(make_return(FULL), record=recorded("S2"))
    assert found.rejected == ()
    (person,) = found.people
    assert (person.staff_number, person.name) == ("S1", "Ann Example")
    assert person.date_of_birth == date(1970, 2, 28)
    (row,) = person.periods
    assert (row.assignment, row.continuous_service_from) == ("second", date(2001, 4, 1))
    assert (row.line, row.in_post_from, row.in_post_to) == (2, date(2009, 4, 1), date(2014, 6, 1))
    assert row.facets() == {
        Facet.EMPLOYER: "London Probation Trust",
        Facet.UNIT: "Lambeth",
        Facet.POST: "P-7",
        Facet.ROLE: "Probation officer",
        Facet.BAND: "4",
        Facet.PAY_POINT: "3",
        Facet.TERMS_SET: "NNC",
        Facet.WORKPLACE: "High Street",
        Facet.FTE: "0.60",
        Facet.LINE_MANAGER: "S2",
        Facet.HR_PROCESS_OWNER: "S3",
        Facet.PROFESSIONAL_SUPERVISOR: "S4",
    }
    assert row.evidence == {
        "caseload_total": "40",
        "caseload_high_risk": "12",
        "preference": "NPS",
        "automatic": "CRC",
    }


def test_the_test_above_uses_every_column_of_the_contract() -> None:
    assert tuple(FULL) == tuple(column.name for column in columns_for(rulebook("tr-2013")))


def test_what_is_left_blank_is_absent(make_return: MakeReturn) -> None:
    (person,) = read_staff_return(make_return({"post": "", "preference": " "})).people
    row = person.periods[0]
    assert (person.date_of_birth, row.continuous_service_from) == (None, None)
    assert row.assignment == "main"
    assert row.evidence == {}
    assert set(row.facets()) == {
        Facet.EMPLOYER,
        Facet.UNIT,
        Facet.ROLE,
        Facet.BAND,
        Facet.FTE,
    }


BAD_CELLS = [
    ({"staff_number": "S 1"}, "staff_number", "'S 1' is not a staff number"),
    ({"name": "An\0n"}, "name", "holds a NUL"),
    ({"name": "An\x1bn"}, "name", "U+001B"),
    ({"name": "x" * 201}, "name", "201 characters"),
    ({"date_of_birth": "30/02/1970"}, "date_of_birth", "not a day of the calendar"),
    ({"date_of_birth": "2009-04-01"}, "date_of_birth", "not before in_post_from"),
    ({"unit": "x" * 201}, "unit", "201 characters"),
    ({"assignment": "job 2"}, "assignment", "not a name of letters"),
    ({"fte": "-0.5"}, "fte", "not a decimal"),
    ({"fte": "1.2"}, "fte", "not from 0 (on call) to 1"),
    ({"fte": "0,6"}, "fte", "decimal comma (here it is written 0.6)"),
    ({"fte": "60%"}, "fte", "is a percentage"),
    ({"fte": "22.2/37"}, "fte", "is a fraction"),
    ({"fte": "full"}, "fte", "not a decimal"),
    ({"in_post_from": "31/02/2009"}, "in_post_from", "the day comes first"),
    ({"in_post_from": "2200-01-01"}, "in_post_from", "not a beginning"),
    ({"in_post_to": "2009-04-01"}, "in_post_to", "not after in_post_from"),
    ({"in_post_to": "2009-03-31"}, "in_post_to", "not after in_post_from"),
    ({"in_post_to": "never"}, "in_post_to", "not a date"),
    ({"continuous_service_from": "2009-04-02"}, "continuous_service_from", "after in_post_from"),
    ({"line_manager": "s1"}, "line_manager", "own staff number"),
    ({"line_manager": "S9"}, "line_manager", "neither in the file nor on record"),
    ({"line_manager": "S 9"}, "line_manager", "not a staff number"),
    ({"caseload_total": "-1"}, "caseload_total", "below the least that is taken, 0"),
    ({"caseload_high_risk": "some"}, "caseload_high_risk", "not a whole number"),
    ({"caseload_total": "7,5"}, "caseload_total", "has a decimal comma"),
    (
        {"caseload_total": "3", "caseload_high_risk": "4"},
        "caseload_high_risk",
        "above the caseload_total of 3",
    ),
    ({"preference": "either"}, "preference", "neither NPS nor CRC"),
    ({"automatic": "yes"}, "automatic", "neither NPS nor CRC"),
    *(({name: " "}, name, "is blank") for name in NEEDED),
]


@pytest.mark.parametrize(("cells", "field", "reason"), BAD_CELLS)
def test_a_bad_cell_is_rejected_by_line_field_and_reason(
    make_return: MakeReturn, cells: dict[str, str], field: str, reason: str
) -> None:
    found = read_staff_return(make_return({"staff_number": "S7"}, cells))
    assert [(it.line, it.field) for it in found.rejected] == [(3, field)]
    assert reason in found.rejected[0].reason
    assert [person.staff_number for person in found.people] == ["S7"]


@pytest.mark.parametrize(
    "cells",
    [
        {"in_post_to": "2009-04-02"},
        {"continuous_service_from": "2009-04-01"},
        {"caseload_total": "4", "caseload_high_risk": "4"},
        {"caseload_high_risk": "4"},
        {"band": "0"},
        {"name": "x" * 200},
        {"unit": "Zażółć 日本"},
    ],
)
def test_the_limits_themselves_are_taken(make_return: MakeReturn, cells: dict[str, str]) -> None:
    assert read_staff_return(make_return(cells)).rejected == ()


def test_every_bad_cell_of_a_row_has_its_own_entry(make_return: MakeReturn) -> None:
    bad = {"name": "", "fte": "9", "in_post_from": "soon", "line_manager": "S9", "unit": ""}
    found = read_staff_return(make_return(bad))
    assert {it.field for it in found.rejected} == set(bad)
    assert {it.line for it in found.rejected} == {2}
    assert (found.people, found.accepted) == ((), 0)


def test_rejections_are_in_order_of_lines(make_return: MakeReturn) -> None:
    rows = [{"staff_number": "S1", "line_manager": "S9"}, {"staff_number": "S2", "fte": "9"}]
    found = read_staff_return(make_return(*rows, {"staff_number": "S3", "line_manager": "S8"}))
    assert [it.line for it in found.rejected] == [2, 3, 4]


def test_no_reason_repeats_personal_data(make_return: MakeReturn) -> None:
    row = {"name": "Ann\x07Secret", "date_of_birth": "31/02/1971"}
    found = read_staff_return(make_return(row))
    assert {it.field for it in found.rejected} == {"name", "date_of_birth"}
    assert not any("Secret" in it.reason or "1971" in it.reason for it in found.rejected)


def test_rejections_as_the_contract_prints_them(make_return: MakeReturn) -> None:
    found = read_staff_return(make_return({"fte": "x"}))
    printed = json.loads(json.dumps(rejections_as_dicts(found.rejected)))
    assert printed == [
        {"line": 2, "field": "fte", "reason": "'x' is not a decimal number such as 0.6"}
    ]


def test_progress_is_told_and_ends_at_the_end(make_return: MakeReturn) -> None:
    told: list[tuple[int, int]] = []
    rows = [{"staff_number": f"S{number}"} for number in range(1_500)]
    read_staff_return(make_return(*rows), progress=lambda done, of: told.append((done, of)))
    assert told == [(1_001, 1_501), (1_501, 1_501)]


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    found = read_staff_return(data)
    assert found.rejected
    assert found.rejected[0].line == 1


HEADER = b"staff_number,name,employer,unit,role,band,fte,in_post_from,line_manager\n"


@given(st.text(alphabet='S1,";\t\n\r\0\x1a9-/ é', max_size=200), st.booleans())
def test_no_rows_break_the_reader_and_all_are_accounted_for(text: str, partial: bool) -> None:
    found = read_staff_return(HEADER + text.encode(), partial=partial)
    lines = {period.line for person in found.people for period in person.periods}
    assert not lines & {it.line for it in found.rejected}
    if text.strip(',;\t\n\r "'):
        assert found.rejected or found.people


def test_unpaired_quotation_marks_do_not_make_reading_quadratic() -> None:
    # From every one of these lines a reader without a limit would run on to the end of the file.
    count = 20_000
    began = time.process_time()  # of the processor: a machine that is busy otherwise does not count
    found = read_staff_return(HEADER + b'x","y\n' * count)
    assert [it.line for it in found.rejected] == list(range(2, count + 2))
    # Measured at 0.13 s; without the limit 8.7 s.
    assert time.process_time() - began < 3

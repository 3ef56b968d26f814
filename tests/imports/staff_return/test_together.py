"""Rows held against each other and against the record, and what follows in a partial import."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer.core.record.names import StaffNamed
from transfer.imports.meaning import Reading
from transfer.imports.staff_return import read_staff_return
from transfer.imports.staff_return.facts import facts_of
from transfer.imports.staff_return.on_record import OnRecord
from transfer.imports.staff_return.people import StaffReturn

MakeReturn = Callable[..., bytes]


class Recorded(OnRecord, Protocol):
    """A record that says who was asked for."""

    asked: list[str]


def rejected(found: StaffReturn) -> list[tuple[int, str]]:
    return [(it.line, it.field) for it in found.rejected]


def test_dated_periods_of_one_person_in_any_order(make_return: MakeReturn) -> None:
    rows = (
        {"in_post_from": "2012-01-01", "unit": "C"},
        {"in_post_from": "2009-01-01", "in_post_to": "2010-01-01", "unit": "A"},
        {"in_post_from": "2010-01-01", "in_post_to": "2011-06-01", "unit": "B"},
    )
    found = read_staff_return(make_return(*rows))
    (person,) = found.people
    assert [period.unit for period in person.periods] == ["A", "B", "C"]
    assert [period.line for period in person.periods] == [3, 4, 2]
    assert (found.accepted, found.staff) == (3, 1)


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ({}, {}, "staff_number"),
        ({}, {"in_post_from": "2011-01-01"}, "staff_number"),
        ({}, {"in_post_from": "2007-01-01"}, "staff_number"),
        ({}, {"name": "Somebody Else"}, "staff_number"),
        ({}, {"staff_number": "s1"}, "staff_number"),
        ({"in_post_to": "2010-01-01"}, {"in_post_to": "2010-01-01"}, "staff_number"),
        ({"in_post_to": "2010-01-01"}, {"in_post_from": "2009-12-31"}, "in_post_from"),
        ({"in_post_to": "2010-01-01"}, {}, "in_post_from"),
        ({}, {"in_post_from": "2010-01-01", "in_post_to": "2011-01-01"}, "in_post_from"),
        (
            {"in_post_from": "2010-01-01"},
            {"in_post_from": "2009-01-01", "in_post_to": "2010-01-02"},
            "in_post_from",
        ),
    ],
)
def test_of_two_repeated_or_overlapping_rows_only_the_later_is_rejected(
    make_return: MakeReturn, first: dict[str, str], second: dict[str, str], field: str
) -> None:
    found = read_staff_return(make_return(first, {"staff_number": "S2"}, second))
    assert rejected(found) == [(4, field)]
    assert "line 2" in found.rejected[0].reason
    assert found.accepted == 2


def test_a_rejected_row_stands_in_nobodys_way(make_return: MakeReturn) -> None:
    rows = (
        {"in_post_from": "2009-01-01", "in_post_to": "2010-01-01"},
        {"in_post_from": "2009-06-01", "in_post_to": "2012-01-01"},
        {"in_post_from": "2011-01-01"},
    )
    found = read_staff_return(make_return(*rows))
    assert rejected(found) == [(3, "in_post_from")]
    assert found.accepted == 2


DAY_0 = date(2010, 1, 1)


@given(
    st.lists(st.tuples(st.integers(0, 40), st.one_of(st.none(), st.integers(1, 15))), max_size=8)
)
def test_overlaps_are_found_as_by_comparing_every_day(spans: list[tuple[int, int | None]]) -> None:
    lines = ["staff_number,name,employer,unit,role,band,fte,in_post_from,in_post_to"]
    taken: set[int] = set()
    expected = []
    for line, (start, length) in enumerate(spans, start=2):
        begins = DAY_0 + timedelta(days=start)
        ends = "" if length is None else str(begins + timedelta(days=length))
        lines.append(f"S1,Ann,LDN,U,R,4,1,{begins},{ends}")
        days = set(range(start, 100 if length is None else start + length))
        if days & taken:
            expected.append(line)
        else:
            taken |= days
    as_it_stands = Reading(last_day_included=False)
    found = read_staff_return("\n".join(lines).encode(), reading=as_it_stands)
    assert [it.line for it in found.rejected] == expected
    assert found.accepted == len(spans) - len(expected)


FIRST = {"in_post_to": "2010-01-01"}
LATER = {"in_post_from": "2010-01-01"}


@pytest.mark.parametrize(
    ("first", "later", "field"),
    [
        ({"date_of_birth": "1970-01-01"}, {"date_of_birth": "1970-01-10"}, "date_of_birth"),
        ({}, {"continuous_service_from": "2010-01-02"}, "continuous_service_from"),
        (
            {"name": "Ann"},
            {"name": "Bo", "in_post_from": "2009-04-01", "assignment": "second"},
            "name",
        ),
    ],
)
def test_rows_of_one_person_agree_on_the_person(
    make_return: MakeReturn, first: dict[str, str], later: dict[str, str], field: str
) -> None:
    found = read_staff_return(make_return(FIRST | first, LATER | later))
    assert rejected(found) == [(3, field)]
    assert found.accepted == 1


def test_a_blank_says_nothing_and_letter_case_no_more(make_return: MakeReturn) -> None:
    said = {"date_of_birth": "1970-01-01"}
    found = read_staff_return(make_return(FIRST, LATER | said | {"name": "ANN EXAMPLE"}))
    assert found.rejected == ()
    (person,) = found.people
    assert (person.name, person.date_of_birth) == ("Ann Example", date(1970, 1, 1))
    assert not any(isinstance(fact, StaffNamed) for fact, _ in facts_of(person, "a", "b"))


def test_a_person_on_record_is_not_imported_again(
    make_return: MakeReturn, recorded: Callable[..., Recorded]
) -> None:
    record = recorded("S1")
    rows = (FIRST, LATER, {"staff_number": "S2", "line_manager": "S1"})
    found = read_staff_return(make_return(*rows), record=record)
    assert rejected(found) == [(2, "staff_number"), (3, "staff_number")]
    assert "already on record: record a change instead" in found.rejected[0].reason
    assert [person.staff_number for person in found.people] == ["S2"]
    assert sorted(record.asked) == ["S1", "S2"]


def test_a_manager_may_come_later_in_the_file_or_be_on_record(
    make_return: MakeReturn, recorded: Callable[..., Recorded]
) -> None:
    rows = (
        {"staff_number": "S1", "line_manager": "S2"},
        {"staff_number": "S2", "line_manager": "S3"},
    )
    assert read_staff_return(make_return(*rows), record=recorded("S3")).rejected == ()
    assert rejected(read_staff_return(make_return(*rows))) == [(3, "line_manager")]


CHAIN = (
    {"staff_number": "S1", "fte": "9"},
    {"staff_number": "S2", "line_manager": "S1"},
    {"staff_number": "S3", "line_manager": "S2", "in_post_to": "2010-01-01"},
    {"staff_number": "S3", "in_post_from": "2010-01-01"},
    {"staff_number": "S4"},
)


def test_all_or_nothing_reports_causes_and_not_what_follows(make_return: MakeReturn) -> None:
    assert rejected(read_staff_return(make_return(*CHAIN))) == [(2, "fte")]


def test_a_partial_return_is_consistent_in_itself(make_return: MakeReturn) -> None:
    found = read_staff_return(make_return(*CHAIN), partial=True)
    assert rejected(found) == [
        (2, "fte"),
        (3, "line_manager"),
        (4, "line_manager"),
        (5, "staff_number"),
    ]
    assert "line 2" in found.rejected[1].reason
    assert "line 4 of the same person" in found.rejected[3].reason
    assert [person.staff_number for person in found.people] == ["S4"]
    assert found.accepted == 1


def test_a_partial_return_keeps_the_person_whose_row_was_merely_repeated(
    make_return: MakeReturn,
) -> None:
    report = {"staff_number": "S2", "line_manager": "S1"}
    found = read_staff_return(make_return({}, {}, report), partial=True)
    assert rejected(found) == [(3, "staff_number")]
    assert found.accepted == 2


def test_a_manager_on_record_stays_one_when_the_row_in_the_file_is_rejected(
    make_return: MakeReturn, recorded: Callable[..., Recorded]
) -> None:
    data = make_return({"staff_number": "S1"}, {"staff_number": "S2", "line_manager": "S1"})
    found = read_staff_return(data, record=recorded("S1"), partial=True)
    assert rejected(found) == [(2, "staff_number")]


def test_the_team_of_a_row_with_cells_missing_is_not_blamed(make_return: MakeReturn) -> None:
    data = make_return({"staff_number": "S2", "line_manager": "S1"}) + b"S1,Ann\n"
    assert rejected(read_staff_return(data)) == [(3, "row")]
    assert rejected(read_staff_return(data, partial=True)) == [(2, "line_manager"), (3, "row")]


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans(), st.integers(0, 3)),
        max_size=14,
    )
)
def test_whatever_a_partial_return_accepts_holds_together(
    drawn: list[tuple[int, int, bool, int]],
) -> None:
    lines = ["staff_number,name,employer,unit,role,band,fte,in_post_from,in_post_to,line_manager"]
    for who, manager, good, year in drawn:
        period = f"200{year}-01-01,200{year + 1}-01-01"
        lines.append(f"S{who},Ann,LDN,U,R,4,{1 if good else 9},{period},S{manager}")
    data = "\n".join(lines).encode()
    found = read_staff_return(data, partial=True)
    taken = {person.staff_number for person in found.people}
    managers = {period.line_manager for person in found.people for period in person.periods}
    assert managers <= taken
    judged = {it.line for it in found.rejected}
    judged |= {period.line for person in found.people for period in person.periods}
    assert judged == set(range(2, len(lines) + 1))
    causes = read_staff_return(data).rejected
    assert set(causes) <= set(found.rejected)

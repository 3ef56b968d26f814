"""What one person's rows become: jobs at a time, later names, service from each row's own day."""

from collections.abc import Callable
from datetime import date

import pytest

from transfer.core.record.names import StaffNamed
from transfer.core.record.staff import (
    PositionChanged,
    StaffRegistered,
    TermEnded,
    TermVaried,
)
from transfer.core.words import Facet
from transfer.imports.staff_return import read_staff_return
from transfer.imports.staff_return.facts import Stated, facts_of
from transfer.imports.staff_return.on_record import OnRecord
from transfer.imports.staff_return.people import StaffReturn

MakeReturn = Callable[..., bytes]
Recording = Callable[..., OnRecord]

FIRST = {"in_post_from": "2005-01-01", "in_post_to": "2010-01-01"}
NEXT = {"in_post_from": "2010-01-01", "unit": "Sutton"}
AGAIN = {"in_post_from": "2012-03-01", "unit": "Sutton"}
SECOND = {"in_post_from": "2008-09-01", "assignment": "second", "unit": "Sutton", "fte": "0.4"}


def facts(found: StaffReturn) -> list[Stated]:
    (person,) = found.people
    return list(facts_of(person, "a.csv", "tr-2013"))


def test_two_jobs_at_a_time_are_two_assignments(make_return: MakeReturn) -> None:
    found = read_staff_return(make_return({"fte": "0.5"}, SECOND))
    assert found.rejected == ()
    (second, _), (main, _) = facts(found)
    assert isinstance(second, StaffRegistered)
    assert isinstance(main, PositionChanged)
    assert (second.assignment, main.assignment) == ("second", "main")
    assert main.changes[Facet.UNIT] == "Lambeth"


def test_one_job_may_end_while_the_other_goes_on(make_return: MakeReturn) -> None:
    found = read_staff_return(make_return(FIRST, SECOND))
    *_, (ended, _) = facts(found)
    assert isinstance(ended, PositionChanged)
    assert (ended.assignment, ended.effective_from) == ("main", date(2010, 1, 1))
    assert set(ended.changes.values()) == {None}


def test_a_second_job_without_a_name_of_its_own_keeps_the_person_out(
    make_return: MakeReturn,
) -> None:
    unnamed = {name: cell for name, cell in SECOND.items() if name != "assignment"}
    data = make_return(FIRST, unnamed, {"staff_number": "S2"})
    found = read_staff_return(data)
    assert [(it.line, it.field) for it in found.rejected] == [(3, "in_post_from")]
    assert "column assignment" in found.rejected[0].reason
    partly = read_staff_return(data, partial=True)
    assert [it.line for it in partly.rejected] == [2, 3]
    assert [each.staff_number for each in partly.people] == ["S2"]


def test_a_later_name_holds_from_the_day_of_its_row(make_return: MakeReturn) -> None:
    rows = (FIRST | {"name": "Ann Example"}, NEXT | {"name": "Ann Sample"})
    named = [
        (fact.effective_from, name)
        for fact, name in facts(read_staff_return(make_return(*rows)))
        if isinstance(fact, StaffNamed)
    ]
    assert named == [(date(2010, 1, 1), "Ann Sample")]


@pytest.mark.parametrize("later", ["ANN  EXAMPLE", "Ann Example"])
def test_another_spelling_is_no_other_name(make_return: MakeReturn, later: str) -> None:
    data = make_return(FIRST, NEXT | {"name": later})
    assert not any(isinstance(fact, StaffNamed) for fact, _ in facts(read_staff_return(data)))


SERVICE = "continuous_service_from"


@pytest.mark.parametrize(
    ("rows", "said", "warned"),
    [
        pytest.param(
            (FIRST | {SERVICE: "2005-01-01"}, AGAIN | {SERVICE: "2012-03-01"}),
            [("2012-03-01", "2012-03-01")],
            False,
            id="a later start after a break",
        ),
        pytest.param(
            (FIRST | {SERVICE: "2005-01-01"}, AGAIN | {SERVICE: ""}),
            [("2010-01-01", None)],
            True,
            id="a blank after a break says that nothing is known",
        ),
        pytest.param(
            (FIRST | {SERVICE: "2005-01-01"}, AGAIN | {SERVICE: "2005-01-01"}),
            [],
            False,
            id="a break that does not count",
        ),
        pytest.param(
            (FIRST | {SERVICE: "2005-01-01"}, NEXT | {SERVICE: ""}),
            [],
            False,
            id="a blank where there is no break says nothing",
        ),
        pytest.param(
            (FIRST | {SERVICE: ""}, NEXT | {SERVICE: "2001-01-01"}),
            [("2010-01-01", "2001-01-01")],
            False,
            id="said by the later row alone",
        ),
        pytest.param(
            (
                {SERVICE: "2001-01-01", "in_post_from": "2005-01-01"},
                SECOND | {SERVICE: "2008-09-01"},
            ),
            [],
            True,
            id="a second job does not shorten the first one's",
        ),
    ],
)
def test_each_rows_service_is_from_its_own_day(
    make_return: MakeReturn,
    rows: tuple[dict[str, str], ...],
    said: list[tuple[str, str | None]],
    warned: bool,
) -> None:
    found = read_staff_return(make_return(*rows))
    assert found.rejected == ()
    terms = [
        (str(fact.effective_from), fact.value if isinstance(fact, TermVaried) else None)
        for fact, _ in facts(found)
        if isinstance(fact, TermVaried | TermEnded)
    ]
    assert terms == said
    assert [each.field for each in found.warnings] == [SERVICE] * warned


@pytest.mark.parametrize(
    ("manager", "reason"),
    [
        ({"in_post_from": "2001-04-01", "in_post_to": "2008-04-01"}, "left with effect from 2008"),
        ({"in_post_from": "2013-01-01"}, None),
        ({"in_post_from": "2014-01-01"}, "begins on 2014-01-01"),
        ({"in_post_from": "2012-04-01"}, None),
    ],
)
def test_a_manager_who_is_not_employed_on_the_rows_day_nor_comes_during_it_is_named(
    make_return: MakeReturn, manager: dict[str, str], reason: str | None
) -> None:
    report = {"staff_number": "S2", "line_manager": "s1"}
    report |= {"in_post_from": "2012-04-01", "in_post_to": "2014-01-01"}
    found = read_staff_return(make_return(manager, report))
    assert found.rejected == ()
    assert found.people[1].periods[0].line_manager == "S1"
    assert [each.line for each in found.warnings] == ([] if reason is None else [3])
    assert all(reason in each.reason for each in found.warnings if reason)


def test_a_manager_who_has_left_by_the_record_is_named(
    make_return: MakeReturn, recorded: Recording
) -> None:
    record = recorded("S9", left={"S9": date(2008, 4, 1)})
    found = read_staff_return(make_return({"line_manager": "S9"}), record=record)
    assert [(each.line, each.field) for each in found.warnings] == [(2, "line_manager")]


def test_an_employer_that_nobody_knows_is_taken_and_named(make_return: MakeReturn) -> None:
    found = read_staff_return(make_return({"employer": "Lundon"}))
    assert found.people[0].periods[0].employer == "Lundon"
    (warned,) = found.warnings
    assert (warned.line, warned.field) == (2, "employer")
    assert "nearest: London Probation Trust (LDN)" in warned.reason


@pytest.mark.parametrize(
    ("band", "kept"), [("SCS1", "SCS1"), ("4.0", "4"), ("007", "7"), ("4", "4"), ("4a", "4a")]
)
def test_a_grade_is_a_text(make_return: MakeReturn, band: str, kept: str) -> None:
    (person,) = read_staff_return(make_return({"band": band})).people
    assert person.periods[0].facets()[Facet.BAND] == kept

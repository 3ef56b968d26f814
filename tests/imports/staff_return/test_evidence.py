"""The columns that an edition declares: what each type takes, its bounds, its document."""

from collections.abc import Callable

import pytest

from tests.support.harbour import EDITION, EVIDENCE
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.words import Basis, Facet
from transfer.imports.staff_return import read_staff_return
from transfer.imports.staff_return.columns import COLUMNS, columns_for
from transfer.imports.staff_return.facts import facts_of
from transfer.imports.staff_return.on_record import OnRecord
from transfer.rulebooks import rulebook
from transfer.rulebooks.loading import load_edition
from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.parties import RESERVED

MakeReturn = Callable[..., bytes]


@pytest.fixture
def make_return(make_return: MakeReturn) -> MakeReturn:
    """A return of people whom the edition's own transferors employ."""
    return lambda *rows: make_return(*({"employer": "Fen District Council"} | row for row in rows))


@pytest.fixture(scope="module")
def book() -> Rulebook:
    return load_edition((EDITION + EVIDENCE).encode())


@pytest.mark.parametrize(
    ("column", "cell", "kept"),
    [
        ("cases", "7.0", "7"),
        ("cases", "50", "50"),
        ("change", "-3", "-3"),
        ("port_cases", ".50", "0.50"),
        ("served", "0.6", "0.6"),
        ("served", "1", "1"),
        ("pay", "24500", "24500.00"),
        ("pay", "£24,500.5", "24500.50"),
        ("keen", "TRUE", "yes"),
        ("keen", "No", "no"),
        ("since", "01/04/2009", "2009-04-01"),
        ("remark", "as agreed", "as agreed"),
        ("grade", "upper GRADE", "Upper grade"),
        ("came_from", "london borough of moor", "London Borough of Moor"),
        ("new_manager", "S1", "S1"),
    ],
)
def test_a_cell_is_kept_in_its_written_form(
    make_return: MakeReturn, book: Rulebook, column: str, cell: str, kept: str
) -> None:
    found = read_staff_return(make_return({column: cell}), book=book)
    assert found.rejected == ()
    assert found.people[0].periods[0].evidence == {column: kept}


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("cases", "0", "'0' is below the least that is taken, 1"),
        ("cases", "51", "'51' is above the most that is taken, 50"),
        ("cases", "4.5", "'4.5' is not a whole number"),
        ("port_cases", "1e3", "is not a decimal number"),
        ("port_cases", "--1", "is not a decimal number"),
        ("served", "60%", "'60%' is a percentage, and is not a share from 0 to 1"),
        ("served", "1.1", "is not a share from 0 to 1"),
        ("served", "-0.1", "is not a share from 0 to 1"),
        ("pay", "24.5k", "is not a sum of money"),
        ("pay", "24,50", "is not a sum of money"),
        ("pay", "1.999", "is not a sum of money"),
        ("keen", "perhaps", "is neither yes nor no"),
        ("since", "31/02/2009", "is not a day of the calendar"),
        ("grade", "middle", "is neither Upper grade nor lower"),
        ("goes_to", "elsewhere", "is none of port, town, none"),
        ("came_from", "Port Authority", "is no transferor of harbour-2030"),
        ("new_manager", "S 1", "is not a staff number"),
    ],
)
def test_a_bad_cell_is_told_with_line_field_and_rule(
    make_return: MakeReturn, book: Rulebook, column: str, cell: str, reason: str
) -> None:
    found = read_staff_return(make_return({}, {"staff_number": "S2", column: cell}), book=book)
    (rejection,) = found.rejected
    assert (rejection.line, rejection.field) == (3, column)
    assert reason in rejection.reason


def test_a_field_is_not_above_another(make_return: MakeReturn, book: Rulebook) -> None:
    found = read_staff_return(make_return({"cases": "3", "port_cases": "3.1"}), book=book)
    (rejection,) = found.rejected
    assert (rejection.field, rejection.reason) == (
        "port_cases",
        "3.1 is above the cases of 3",
    )


@pytest.mark.parametrize("cell", ["PORT", "port authority", "Port  Authority"])
def test_a_transferee_by_id_or_name_with_the_document_behind_it(
    make_return: MakeReturn, book: Rulebook, cell: str
) -> None:
    row = {"goes_to": cell, "goes_to_document": "letter of 4 May 2030"}
    (person,) = read_staff_return(make_return(row), book=book).people
    assert person.periods[0].evidence == {"goes_to": "port"}
    assert person.periods[0].documents == {"goes_to": "letter of 4 May 2030"}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ({"goes_to": "port"}, [("goes_to_document", "is blank: goes_to needs the document")]),
        (
            {"goes_to": "port", "goes_to_document": " "},
            [("goes_to_document", "is blank: goes_to needs the document")],
        ),
        (
            {"goes_to": "", "goes_to_document": "a letter"},
            [("goes_to_document", "names a document, and goes_to has no value")],
        ),
        (
            {"goes_to": "x", "goes_to_document": "a letter"},
            [("goes_to", "is none of port, town, none")],
        ),
    ],
)
def test_a_document_goes_with_its_value(
    make_return: MakeReturn, book: Rulebook, row: dict[str, str], told: list[tuple[str, str]]
) -> None:
    found = read_staff_return(make_return(row), book=book).rejected
    assert [(it.field, said in it.reason) for it, (_, said) in zip(found, told, strict=True)] == [
        (field, True) for field, _ in told
    ]


def test_a_needed_field_must_be_in_the_first_row_and_in_every_row(make_return: MakeReturn) -> None:
    needed = EVIDENCE.replace('type = "share"', 'type = "share"\nneeded = true')
    book = load_edition((EDITION + needed).encode())
    (missing,) = read_staff_return(make_return({}), book=book).rejected
    assert (missing.line, missing.field) == (1, "served")
    rows = make_return({"served": "0.5"}, {"staff_number": "S2", "served": ""})
    (blank,) = read_staff_return(rows, book=book).rejected
    assert (blank.line, blank.field, blank.reason) == (
        3,
        "served",
        "is blank, and needed in every row",
    )


def test_a_column_of_another_edition_is_unknown_unless_passed_over(
    make_return: MakeReturn, book: Rulebook
) -> None:
    data = make_return({"caseload_total": "3"})
    (rejection,) = read_staff_return(data, book=book).rejected
    assert "no such column: caseload_total" in rejection.reason
    (person,) = read_staff_return(data, book=book, ignore_unknown=True).people
    assert person.periods[0].evidence == {}


def test_employers_are_those_of_the_edition(make_return: MakeReturn, book: Rulebook) -> None:
    data = make_return({}, {"staff_number": "S2", "employer": "London"})
    found = read_staff_return(data, book=book)
    (warned,) = found.warnings
    assert (found.rejected, warned.line, warned.field) == ((), 3, "employer")
    assert "'London' is no employer known here" in warned.reason
    assert found.people[1].periods[0].employer == "London"
    assert [it.line for it in read_staff_return(data).warnings] == [2]


def test_where_people_move_by_another_facet_any_employer_is_taken(make_return: MakeReturn) -> None:
    units = EDITION.replace("[parties]", '[parties]\nby = "unit"')
    units = units.replace('{ employer = "', '{ unit = "').replace("employer in", "unit in")
    book = load_edition(units.encode())
    some = {"employer": "Some Board"}
    data = make_return(some, {"staff_number": "S2", "employer": "fen district council"})
    found = read_staff_return(data, book=book)
    assert [each.periods[0].employer for each in found.people] == [
        "Some Board",
        "Fen District Council",
    ]


def test_no_edition_can_take_the_name_of_a_column_of_every_return() -> None:
    assert {it.name for it in COLUMNS} <= RESERVED | {facet.value for facet in Facet}


def test_the_columns_of_the_edition_stand_last(book: Rulebook) -> None:
    names = [it.name for it in columns_for(book)]
    assert names[: len(COLUMNS)] == [it.name for it in COLUMNS]
    assert names[-4:] == ["goes_to", "goes_to_document", "came_from", "new_manager"]
    assert [it.name for it in columns_for(rulebook("tr-2013"))][-4:] == [
        "caseload_total",
        "caseload_high_risk",
        "preference",
        "automatic",
    ]


def test_who_is_named_as_evidence_is_in_the_file_or_on_record(
    make_return: MakeReturn, book: Rulebook, recorded: Callable[..., OnRecord]
) -> None:
    data = make_return({"new_manager": "S2"}, {"staff_number": "S2", "new_manager": "S9"})
    (rejection,) = read_staff_return(data, book=book).rejected
    assert (rejection.line, rejection.field) == (3, "new_manager")
    assert rejection.reason == "'S9' is neither in the file nor on record"
    assert read_staff_return(data, book=book, record=recorded("S9")).rejected == ()
    partly = read_staff_return(data, book=book, partial=True)
    assert [(it.line, it.field) for it in partly.rejected] == [
        (2, "new_manager"),
        (3, "new_manager"),
    ]
    assert partly.people == ()


def test_what_goes_on_record_says_whose_evidence_it_is(
    make_return: MakeReturn, book: Rulebook
) -> None:
    earlier = {"in_post_to": "2012-04-01", "cases": "9"}
    later = {"in_post_from": "2012-04-01", "cases": "3", "goes_to": "Port Authority"}
    data = make_return(earlier, later | {"goes_to_document": "minute 7"})
    (person,) = read_staff_return(data, book=book).people
    *_, (last, _) = facts_of(person, "staff return a.csv", book.edition)
    assert last == EvidenceReturned(
        values={"cases": "3", "goes_to": "port"},
        documents={"goes_to": "minute 7"},
        basis=Basis(rulebook="harbour-2030", document="staff return a.csv"),
    )
    (nothing,) = read_staff_return(make_return({"cases": ""}), book=book).people
    assert not any(isinstance(each, EvidenceReturned) for each, _ in facts_of(nothing, "a", "b"))

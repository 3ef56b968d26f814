"""From bytes to rows: one test for each flaw of real exports, and for faults of the whole file."""

import codecs

import pytest

from transfer.imports.staff_return import read_staff_return
from transfer.imports.staff_return.people import StaffReturn

HEADER = "staff_number,name,employer,unit,role,band,fte,in_post_from"
ROW = "S1,Zoë Example,London,Lambeth,Probation officer,4,1,2009-04-01"
GOOD = f"{HEADER}\r\n{ROW}\r\n"


def rejected(data: bytes | str, *, ignore_unknown: bool = False) -> list[tuple[int, str]]:
    data = data.encode() if isinstance(data, str) else data
    found = read_staff_return(data, ignore_unknown=ignore_unknown)
    return [(it.line, it.field) for it in found.rejected]


def accepted(data: bytes | str, *, ignore_unknown: bool = False) -> StaffReturn:
    data = data.encode() if isinstance(data, str) else data
    found = read_staff_return(data, ignore_unknown=ignore_unknown)
    assert found.rejected == ()
    return found


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("utf-16"),
        codecs.BOM_UTF16_BE + GOOD.encode("utf-16-be"),
        GOOD.encode("cp1252"),
        GOOD.replace("\r\n", "\n").encode(),
        GOOD.replace("\r\n", "\r").encode(),
        GOOD.removesuffix("\r\n").encode(),
        GOOD.replace(",", ";").encode(),
        GOOD.replace(",", "\t").encode(),
        GOOD.replace(",", ", ").encode(),
        GOOD.replace("Zoë Example", '"Zoë Example"').encode(),
        "\r\n".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) for line in GOOD.splitlines()
        ).encode(),
    ],
    ids=[
        "utf-8",
        "utf-8 with a byte order mark",
        "utf-16 little end first",
        "utf-16 big end first",
        "windows-1252",
        "lf",
        "cr",
        "no end of the last line",
        "semicolons",
        "tabs",
        "blanks after commas",
        "one cell quoted",
        "all cells quoted",
    ],
)
def test_the_same_return_however_it_was_saved(data: bytes) -> None:
    (person,) = accepted(data).people
    assert person.name == "Zoë Example"
    assert person.periods[0].line == 2


def test_one_line_in_windows_1252_does_not_garble_the_utf8_of_the_others() -> None:
    other = ROW.replace("S1", "S2").replace("Zoë", "Renée").encode("cp1252")
    people = accepted(GOOD.encode() + other).people
    assert [person.name for person in people] == ["Zoë Example", "Renée Example"]


def test_column_names_in_any_order_case_and_blanks() -> None:
    data = (
        " FTE ,In_Post_From,BAND,role,unit,employer,Name,Staff_Number\n"
        "0.5,2010-01-01,3,PSO,Leeds,YSW,Bo,S9\n"
    )
    (person,) = accepted(data).people
    assert (person.staff_number, person.periods[0].fte) == ("S9", "0.5")


@pytest.mark.parametrize("blank", ["\r\n", ",,,,,,,\r\n", ",,\r\n", "  , \r\n", '"",""\r\n'])
def test_rows_without_content_are_skipped_and_still_counted(blank: str) -> None:
    assert accepted(GOOD + blank * 3).accepted == 1
    found = accepted(f"{HEADER}\r\n{blank * 3}{ROW}\r\n")
    assert found.people[0].periods[0].line == 5


def test_a_row_is_numbered_by_the_line_on_which_it_starts() -> None:
    data = (
        f"{HEADER}\n"
        'S1,Ann,London,"Lambeth\nfirst floor\nback",PO,4,1,2009-04-01\n'
        "S2,Bo,London,Lambeth,PO,4,3,2009-04-01\n"
    )
    found = read_staff_return(data.encode())
    assert [(it.line, it.field) for it in found.rejected] == [(5, "fte")]
    assert found.people[0].periods[0].unit == "Lambeth first floor back"


def test_a_header_over_two_lines_moves_the_numbers_too() -> None:
    data = HEADER.replace("unit", '"unit\n"') + "\n" + ROW.replace(",1,", ",2,")
    assert rejected(data) == [(3, "fte")]


def test_separators_within_quotation_marks_and_doubled_marks_are_content() -> None:
    (person,) = accepted(GOOD.replace("Zoë Example", '"Example, Zoë ""Zo"""')).people
    assert person.name == 'Example, Zoë "Zo"'


def test_trailing_nameless_columns_are_padding_unless_something_stands_there() -> None:
    padded = "".join(f"{line},,\r\n" for line in GOOD.splitlines())
    assert accepted(padded).accepted == 1
    assert rejected(f"{HEADER},,\r\n{ROW},,note\r\n") == [(2, "row")]


def test_empty_cells_past_the_last_column_are_padding_too() -> None:
    assert accepted(f"{HEADER}\r\n{ROW},, \r\n").accepted == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("S1,Ann,London", "too few cells: 3, where the first row names 8"),
        (ROW + ",more", "too many cells: 9, where the first row names 8"),
        ("S1,An\0n,London", "too few cells: 3, where the first row names 8, and holds a NUL"),
        ('S1,"Ann"x,London,Lambeth,PO,4,1,2009-04-01', "follows a closing quotation mark"),
        ('S1,"Ann,London,Lambeth,PO,4,1,2009-04-01', "never closed"),
    ],
)
def test_a_row_that_does_not_fit_the_columns_is_rejected_as_a_row(row: str, reason: str) -> None:
    found = read_staff_return(f"{HEADER}\n{row}\n".encode())
    assert [(it.line, it.field) for it in found.rejected] == [(2, "row")]
    assert reason in found.rejected[0].reason


def test_an_open_quotation_mark_costs_its_own_row_alone() -> None:
    bad = ROW.replace("S1,Zoë", 'S0,"Zoë')
    found = read_staff_return(f"{HEADER}\n{bad}\n{ROW}\n".encode())
    assert [(it.line, it.field) for it in found.rejected] == [(2, "row")]
    assert [person.staff_number for person in found.people] == ["S1"]


def test_a_cell_beyond_all_measure_is_one_rejection() -> None:
    huge = ROW.replace("Zoë Example", '"' + "x" * 200_000 + '"')
    assert rejected(f"{HEADER}\n{huge}\n") == [(2, "row")]


@pytest.mark.parametrize(
    ("data", "field", "reason"),
    [
        (b"", "file", "empty"),
        (b"\xef\xbb\xbf", "file", "empty"),
        (b"\r\n\r\n,,,\r\n", "file", "empty"),
        (b"\n" + GOOD.encode(), "file", "first row is blank"),
        (b"PK\x03\x04rest of a workbook", "file", "workbook"),
        (b"\xd0\xcf\x11\xe0rest", "file", "workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x81", "file", "line 3 is neither"),
        (GOOD.encode("utf-16-le"), "file", "control characters"),
        (codecs.BOM_UTF16_LE + b"\x00", "file", "damaged"),
        (b"\0\0\0\0", "file", "control characters"),
        (b'"staff_number,name\n', "file", "first row cannot be read"),
        (GOOD.replace("band", "bnad").encode(), "band", "no such column: bnad"),
        (GOOD.replace("in_post_from", "from").encode(), "in_post_from", "does not name"),
        (b"hello\nworld\n", "staff_number", "staff_number, name, employer"),
        (f"{HEADER},shoe_size\n{ROW},9\n".encode(), "shoe_size", "no such column: shoe_size"),
        (f"{HEADER},unit\n{ROW},x\n".encode(), "unit", "more than once: unit"),
    ],
)
def test_a_fault_of_the_whole_file_is_one_entry_on_line_1(
    data: bytes, field: str, reason: str
) -> None:
    found = read_staff_return(data)
    assert [(it.line, it.field) for it in found.rejected] == [(1, field)]
    assert reason in found.rejected[0].reason
    assert (found.people, found.accepted) == ((), 0)


def test_unknown_columns_can_be_ignored_but_missing_ones_cannot() -> None:
    data = f"{HEADER},shoe_size,\n{ROW},9,x\n"
    assert rejected(f"{HEADER},shoe_size\n{ROW},9\n", ignore_unknown=False) == [(1, "shoe_size")]
    assert accepted(f"{HEADER},shoe_size\n{ROW},9\n", ignore_unknown=True).accepted == 1
    assert accepted(data, ignore_unknown=True).accepted == 1
    assert rejected(GOOD.replace("band", "bnad"), ignore_unknown=True) == [(1, "band")]


def test_a_header_alone_is_a_return_of_nobody() -> None:
    found = accepted(HEADER + "\n")
    assert (found.accepted, found.staff, found.people) == (0, 0, ())

"""One line of a history read for itself: what it says, or every bad cell of it."""

import json
from datetime import date

import pytest

from transfer.core.words import Attested, Basis, Facet
from transfer.imports.history.columns import HistoricAct
from transfer.imports.history.lines import (
    BadLine,
    HistoryLine,
    Layout,
    LineReader,
    layout_of_header,
    looks_like_a_history,
    staff_number_finder,
)
from transfer.imports.staff_return.people import Rejection
from transfer.imports.staff_return.sheet import FileFault

TODAY = date(2014, 6, 1)
CHANGE: dict[str, object] = {
    "staff_number": "S1",
    "act": "change",
    "recorded_on": "2009-04-02",
    "source": "old system",
    "effective_from": "01/04/2009",
    "band": "4",
}


def read(said: dict[str, object]) -> tuple[HistoryLine | None, list[tuple[str, str]]]:
    rejections: list[Rejection] = []
    found = LineReader(Layout(), TODAY, rejections).read(7, json.dumps(said).encode())
    assert all(each.line == 7 for each in rejections)
    return found, [(each.field, each.reason) for each in rejections]


def read_rows(header: str, *rows: str) -> tuple[list[HistoryLine | None], list[Rejection]]:
    rejections: list[Rejection] = []
    layout = layout_of_header(header.encode(), source="old", ignore_unknown=False)
    reader = LineReader(layout, TODAY, rejections)
    return [reader.read(n, row.encode()) for n, row in enumerate(rows, start=2)], rejections


def test_an_object_says_an_act() -> None:
    found, rejections = read(
        CHANGE
        | {"effective_to": "2009-07-01", "unit": None, "paid_band": 5, "ref": "a", "clause": "7"}
    )
    assert rejections == []
    assert found == HistoryLine(
        line=7,
        act=HistoricAct.CHANGE,
        staff_number="S1",
        attested=Attested(source="old system", recorded_on=date(2009, 4, 2), ref="a"),
        ref="a",
        of=None,
        effective_from=date(2009, 4, 1),
        effective_to=date(2009, 7, 1),
        assignment="main",
        facets={Facet.BAND: "4", Facet.PAID_BAND: "5", Facet.UNIT: None},
        terms={},
        reason="on record in old system",
        basis=Basis(clause="7"),
        personal={},
        continuous_service_from=None,
    )


def test_a_row_says_the_same_as_an_object() -> None:
    (found,), rejections = read_rows(
        "Staff_Number;ACT; recorded_on ;effective_from;band;ends;reason",
        'S1;Change;2009-04-02;2009-04-01;4;"unit, post";"he said ""no""; twice"',
    )
    assert rejections == []
    assert found is not None
    assert found.facets == {Facet.BAND: "4", Facet.UNIT: None, Facet.POST: None}
    assert (found.reason, found.attested.source) == ('he said "no"; twice', "old")


@pytest.mark.parametrize(
    ("differs", "field", "reason"),
    [
        ({"staff_number": None}, "staff_number", "is blank, and needed on this line"),
        ({"staff_number": "S 1"}, "staff_number", "not a staff number"),
        ({"act": "amendment"}, "act", "'amendment' is not one of registration, change, term"),
        ({"recorded_on": "2009-02-30"}, "recorded_on", "not a day of the calendar"),
        ({"recorded_on": "2014-06-02"}, "recorded_on", "2014-06-02 is after today, 2014-06-01"),
        ({"source": ""}, "source", "name the older system here, or with --source"),
        ({"effective_from": None}, "effective_from", "is blank, and needed on this line"),
        ({"fte": "1.2"}, "fte", "'1.2' is not from 0 (on call) to 1"),
        ({"ends": "band"}, "band", "has a value and ends on one line"),
        ({"ends": "grade"}, "ends", "'grade' is not a facet"),
        ({"assignment": "job 2"}, "assignment", "not a name of letters"),
        ({"name": "Ann"}, "name", "says nothing on a line whose act is change"),
        ({"of": "1"}, "of", "says nothing on a line whose act is change"),
        ({"value": "x"}, "value", "says nothing on a line whose act is change"),
        ({"act": "annulment", "of": "1"}, "band", "says nothing on a line whose act is annulment"),
        ({"grade": "4"}, "grade", "no such field"),
        ({"band": ["4"]}, "band", "is neither text, number nor null"),
        ({"staff_number": 7}, "staff_number", "must be text in quotes"),
        ({"name": 7}, "name", "must be text in quotes"),
        ({"unit": "a\x00b"}, "unit", "holds a NUL character"),
        ({"unit": "x" * 201}, "unit", "is 201 characters long"),
        ({"act": "term"}, "term", "is blank, and needed on this line"),
        ({"act": "correction"}, "of", "is blank, and needed on this line"),
        ({"act": "registration"}, "name", "is blank, and needed on this line"),
        (
            {"act": "registration", "name": "A", "continuous_service_from": "2010-01-01"},
            "continuous_service_from",
            "is after effective_from",
        ),
    ],
)
def test_a_bad_cell_is_named(differs: dict[str, object], field: str, reason: str) -> None:
    found, rejections = read(CHANGE | differs)
    assert found is None
    assert any(f == field and reason in r for f, r in rejections), rejections


def test_what_is_personal_is_never_repeated() -> None:
    _, rejections = read(
        CHANGE | {"act": "registration", "name": "Ann", "date_of_birth": "the first of May"}
    )
    ((field, reason),) = rejections
    assert field == "date_of_birth"
    assert "May" not in reason


def test_every_bad_cell_of_a_line_is_told() -> None:
    _, rejections = read(CHANGE | {"effective_from": "x", "recorded_on": "y", "fte": "z"})
    assert {field for field, _ in rejections} == {"effective_from", "recorded_on", "fte"}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("S1,change", "too few cells: 2, where the first row names 5"),
        ("S1,change,2009-04-02,2009-04-01,4,5", "too many cells: 6"),
        ('S1,change,2009-04-02,2009-04-01,"4', "quotation mark"),
    ],
)
def test_a_row_that_cannot_be_laid_out_is_told(row: str, reason: str) -> None:
    found, rejections = read_rows("staff_number,act,recorded_on,effective_from,band", row)
    assert found == [None]
    assert [(each.line, each.field) for each in rejections] == [(2, "row")]
    assert reason in rejections[0].reason


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b'{"a', "is not a JSON object on one line"),
        (b"[1]", "is not a JSON object"),
        (b"\xff", "UTF"),
    ],
)
def test_a_line_that_is_no_object_is_told(raw: bytes, reason: str) -> None:
    rejections: list[Rejection] = []
    assert LineReader(Layout(), TODAY, rejections).read(1, raw) is None
    assert reason in rejections[0].reason


@pytest.mark.parametrize(
    ("header", "field", "reason"),
    [
        ("staff_number,act", "recorded_on", "does not name recorded_on"),
        ("staff_number,act,recorded_on", "source", "--source names it"),
        ("staff_number,act,recorded_on,source,grade", "grade", "no such column: grade"),
        ("staff_number,act,recorded_on,source,act", "act", "named more than once: act"),
    ],
)
def test_a_header_that_will_not_do_is_a_fault_of_the_file(
    header: str, field: str, reason: str
) -> None:
    with pytest.raises(FileFault) as caught:
        layout_of_header(header.encode(), source=None, ignore_unknown=False)
    assert caught.value.field == field
    assert reason in caught.value.reason


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"change, S1 ,x", b"S1"),
        (b'"chan,ge","S1",x', b"S1"),
        (b"change", b""),
        (b"change,not one,x", b""),
    ],
)
def test_whose_line_it_is_shows_without_reading_all_of_it(raw: bytes, found: bytes) -> None:
    assert staff_number_finder(Layout(("act", "staff_number", "unit")))(raw) == found


def test_whose_object_it_is_shows_too() -> None:
    find = staff_number_finder(Layout())
    assert [find(b'{"staff_number": " S1 "}'), find(b"{"), find(b"[]"), find(b"{}")] == [
        b"S1",
        b"",
        b"",
        b"",
    ]


@pytest.mark.parametrize(
    ("name", "beginning", "is_one"),
    [
        ("a.csv", b"act,Recorded_On,x\n", True),
        ("a.csv", b'"staff_number";"act";"recorded_on"\r\n', True),
        ("a.csv", b"staff_number,name\n", False),
        ("a.NDJSON", b"", True),
        ("-", b'\xef\xbb\xbf {"a":1}', True),
    ],
)
def test_a_history_is_told_from_a_staff_return(name: str, beginning: bytes, is_one: bool) -> None:
    assert looks_like_a_history(name, beginning) is is_one


@pytest.mark.parametrize(
    ("more", "named_twice"),
    [
        ('"band": "5"', ["band"]),
        ('"band": "4"', ["band"]),
        ('"band": "5", "band": "6", "unit": "a", "unit": "b"', ["band", "unit"]),
        ('"unit": "a: b", "document": "c: d"', []),
    ],
)
def test_a_name_that_stands_twice_on_a_line_is_told(more: str, named_twice: list[str]) -> None:
    rejections: list[Rejection] = []
    raw = f"{json.dumps(CHANGE)[:-1]}, {more}}}".encode()
    found = LineReader(Layout(), TODAY, rejections).read(7, raw)
    assert [each.field for each in rejections] == named_twice
    assert all("more than once" in each.reason for each in rejections)
    assert (found is None) == bool(named_twice)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("S1,change,2099-01-01,2001-01-01,a", BadLine(2, HistoricAct.CHANGE, "a", False)),
        ("S1,chnage,2001-01-01,2001-01-01,", BadLine(2, None, None, False)),
        ("S1,change,2001-01-01,x,a\x00", BadLine(2, HistoricAct.CHANGE, None, True)),
        ("S1,change", BadLine(2, None, None, True)),
    ],
)
def test_of_a_bad_line_it_is_told_what_others_rest_on(row: str, told: BadLine) -> None:
    layout = layout_of_header(
        b"staff_number,act,recorded_on,effective_from,ref", source="old", ignore_unknown=False
    )
    reader = LineReader(layout, TODAY, [])
    assert reader.read(2, row.encode()) is None
    assert reader.bad_line() == told

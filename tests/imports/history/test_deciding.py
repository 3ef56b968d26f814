"""One person's lines in order: each a fact, by the decisions that any entry goes through."""

from datetime import date
from uuid import UUID

import pytest

from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffRecord,
    StaffRegistered,
    TermEnded,
    TermGranted,
    TermVaried,
)
from transfer.imports.history.deciding import Decided, decide_person, in_order
from transfer.imports.history.lines import BadLine, HistoryLine, Layout, LineReader
from transfer.imports.staff_return.people import Rejection

BASE = "staff_number,act,recorded_on,effective_from,effective_to,ref,of,band,term,value"
REGISTERED = "S1,registration,2001-01-10,2001-01-01,,r,,3,,"


def read(*rows: str) -> tuple[list[HistoryLine], list[BadLine], list[Rejection]]:
    """The rows as lines from 2 on: those that can be read, in order, and those that cannot."""
    rejections: list[Rejection] = []
    layout = Layout((*BASE.split(","), "name"), ",", "old")
    reader = LineReader(layout, date(2014, 1, 1), rejections)
    good, bad = [], []
    for n, row in enumerate(rows, start=2):
        line = reader.read(n, f"{row},{'Ann' if 'registration' in row else ''}".encode())
        if line is None:
            bad.append(reader.bad_line())
        else:
            good.append(line)
    return in_order(good), bad, rejections


def decide(*rows: str, record: StaffRecord | None = None) -> tuple[list[Decided], list[Rejection]]:
    lines, bad, rejections = read(*rows)
    assert rejections == []
    assert bad == []
    return decide_person(
        lines, record or StaffRecord(), [UUID(int=n) for n in range(9)], rejections
    ), rejections


def test_the_order_is_that_of_the_day_recorded_and_then_of_the_line() -> None:
    decided, rejections = decide(
        "S1,change,2003-01-01,2001-06-01,,,,5,,",
        "S1,change,2002-01-01,2009-06-01,,,,4,,",
        REGISTERED,
        "S1,change,2002-01-01,2008-06-01,,,,6,,",
    )
    assert rejections == []
    facts = [fact for fact, _ in decided]
    assert isinstance(facts[0], StaffRegistered)
    bands = [fact.changes for fact in facts if isinstance(fact, PositionChanged)]
    assert [list(each.values()) for each in bands] == [["4"], ["6"], ["5"]]
    assert [claim.recorded_on.year for _, claim in decided] == [2001, 2002, 2002, 2003]


def test_a_line_names_an_earlier_one_by_its_ref() -> None:
    decided, rejections = decide(
        REGISTERED,
        "S1,correction,2002-01-01,2001-02-01,,c,r,4,,",
        "S1,annulment,2003-01-01,,,,c,,,",
    )
    assert rejections == []
    corrected, annulled = decided[1][0], decided[2][0]
    assert isinstance(corrected, EntryCorrected)
    assert isinstance(annulled, EntryAnnulled)
    assert (corrected.of, annulled.of) == (UUID(int=0), UUID(int=1))


def test_a_term_is_granted_varied_and_ended() -> None:
    decided, _ = decide(
        REGISTERED,
        "S1,term,2002-01-01,2002-01-01,,,,,pay protection,100",
        "S1,term,2002-01-01,2003-01-01,,,,,pay protection,200",
        "S1,term,2002-01-01,2004-01-01,,,,,pay protection,",
    )
    assert [type(fact) for fact, _ in decided[1:]] == [TermGranted, TermVaried, TermEnded]


@pytest.mark.parametrize(
    ("rows", "line", "field", "reason"),
    [
        (("S1,change,2000-01-01,2001-01-01,,,,4,,", REGISTERED), 2, "act", "is not registered"),
        ((REGISTERED, REGISTERED.replace(",r,", ",,")), 3, "act", "is registered already"),
        ((REGISTERED, "S1,annulment,2002-01-01,,,,x,,,"), 3, "of", "has the ref 'x'"),
        (
            (
                REGISTERED,
                "S1,annulment,2002-01-01,,,,x,,,",
                "S1,change,2003-01-01,2001-01-01,,x,,4,,",
            ),
            3,
            "of",
            "before this one, in the order of recorded_on",
        ),
        (
            (REGISTERED, "S1,annulment,2002-01-01,,,,r,,,", "S1,annulment,2002-01-02,,,,r,,,"),
            4,
            "of",
            "was annulled",
        ),
        ((REGISTERED, "S1,change,2002-01-01,2002-01-01,,r,,4,,"), 3, "ref", "an earlier line"),
        (
            (REGISTERED, "S1,change,2002-01-01,2002-01-01,2001-01-01,,,4,,"),
            3,
            "effective_to",
            "is not after",
        ),
        ((REGISTERED, "S1,change,2002-01-01,2002-01-01,,,,,,"), 3, "changes", "at least one"),
    ],
)
def test_what_the_record_would_refuse_is_rejected(
    rows: tuple[str, ...], line: int, field: str, reason: str
) -> None:
    _, rejections = decide(*rows)
    ((found_line, found_field, found_reason),) = [
        (each.line, each.field, each.reason) for each in rejections
    ]
    assert (found_line, found_field) == (line, field)
    assert reason in found_reason


LATE = "S1,change,2099-01-01,2002-01-01,,{ref},,4,,"
"""A bad line, for its `recorded_on`."""


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        pytest.param(
            (
                REGISTERED,
                "S1,change,2002-01-01,2002-01-01,,r,,4,,",
                LATE.format(ref=""),
                "S1,correction,2003-01-01,2002-01-01,,,zz,4,,",
            ),
            [
                (3, "ref", "'r' names an earlier line"),
                (4, "recorded_on", "after today"),
                (5, "of", "has the ref 'zz'"),
            ],
            id="what rests on no bad line is judged",
        ),
        pytest.param(
            (
                REGISTERED,
                "S1,change,2002-01-01,2002-01-01,2001-01-01,bad,,4,,",
                "S1,correction,2003-01-01,2002-01-01,,,bad,4,,",
            ),
            [(3, "effective_to", "is not after"), (4, "of", "not judged, because of line 3")],
            id="a line about one that is refused",
        ),
        pytest.param(
            (REGISTERED, LATE.format(ref="a"), "S1,annulment,2003-01-01,,,,a,,,"),
            [(3, "recorded_on", "after today"), (4, "of", "not judged, because of line 3")],
            id="a line about one that cannot be read",
        ),
        pytest.param(
            (
                REGISTERED,
                LATE.format(ref="a"),
                "S1,correction,2003-01-01,2002-01-01,2001-01-01,,a,4,,",
            ),
            [(3, "recorded_on", "after today"), (4, "effective_to", "is not after")],
            id="a line about a bad one, which is wrong by itself",
        ),
        pytest.param(
            (REGISTERED, LATE.format(ref="a"), "S1,change,2003-01-01,2002-01-01,,a,,4,,"),
            [(3, "recorded_on", "after today"), (4, "ref", "'a' names line 3 too")],
            id="a ref of a bad line once more",
        ),
        pytest.param(
            (REGISTERED, "S1,change", "S1,annulment,2003-01-01,,,,zz,,,"),
            [(3, "row", "too few cells"), (4, "of", "not judged, because of line 3")],
            id="a ref that an unreadable line may have",
        ),
        pytest.param(
            (
                REGISTERED.replace("2001-01-10", "2099-01-10"),
                "S1,change,2002-01-01,2002-01-01,,,,4,,",
                "S1,change,2002-01-01,2002-01-01,,,,,,",
                "S1,correction,2003-01-01,2002-01-01,,,r,4,,",
            ),
            [
                (2, "recorded_on", "after today"),
                (4, "changes", "at least one"),
                (5, "of", "not judged, because of line 2"),
            ],
            id="under a bad registration the others are judged",
        ),
        pytest.param(
            (
                "S1,regstration,2001-01-10,2001-01-01,,r,,3,,",
                "S1,change,2002-01-01,2002-01-01,,,,4,,",
            ),
            [(2, "act", "is not one of")],
            id="an act that cannot be read may be the registration",
        ),
        pytest.param(
            ("S1,chnage,2000-01-10,2001-01-01,,,,3,,", REGISTERED, REGISTERED.replace(",r,", ",,")),
            [(2, "act", "is not one of"), (4, "act", "is registered already")],
            id="an act that cannot be read is not the registration where there is one",
        ),
    ],
)
def test_every_bad_line_that_can_be_judged_is_told(
    rows: tuple[str, ...], told: list[tuple[int, str, str]]
) -> None:
    lines, bad, rejections = read(*rows)
    decide_person(lines, StaffRecord(), [UUID(int=n) for n in range(9)], rejections, bad)
    found = sorted(rejections, key=lambda each: each.line)
    assert [(each.line, each.field) for each in found] == [(line, field) for line, field, _ in told]
    for each, (_, _, reason) in zip(found, told, strict=True):
        assert reason in each.reason


def test_what_was_annulled_is_named_as_the_file_names_it() -> None:
    annulment = "S1,annulment,2002-01-01,,,{ref},{of},,,"
    _, rejections = decide(
        REGISTERED,
        annulment.format(ref="n", of="r"),
        annulment.format(ref="", of="r"),
        annulment.format(ref="", of="n"),
    )
    assert [(each.line, each.field) for each in rejections] == [(4, "of"), (5, "of")]
    assert "the line with the ref 'r' was annulled" in rejections[0].reason
    assert "the line with the ref 'n' is an annulment" in rejections[1].reason


def test_more_can_be_said_of_somebody_on_record_already() -> None:
    record = StaffRecord(staff_number="S1")
    decided, rejections = decide("S1,change,2002-01-01,2002-01-01,,,,4,,", record=record)
    assert rejections == []
    assert len(decided) == 1
    _, rejections = decide(REGISTERED, record=StaffRecord(staff_number="S1"))
    assert "leave the registration out" in rejections[0].reason

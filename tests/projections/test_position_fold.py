"""The rows of positions and terms, worked out without a database."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings

from projections.position import (
    BENEATH,
    IN_FORCE,
    OverlapError,
    Row,
    rows_of,
    slots_of,
)
from projections.texts import from_text, to_text
from tests.oracle import Answer, Name
from tests.projections.histories import History, event_id, histories, instant, on_record
from transfer.core.position import Key, Kind, Period, Timeline
from transfer.core.staff import EntryAnnulled, EntryCorrected, PositionChanged, StaffRegistered
from transfer.core.words import Facet

JAN, FEB, MAR, APR = (date(2014, month, 1) for month in (1, 2, 3, 4))
REGISTERED = StaffRegistered(
    staff_number="S1", effective_from=JAN, position={Facet.EMPLOYER: "LDN", Facet.BAND: "4"}
)


def _change(start: date, end: date | None = None, **values: str | None) -> PositionChanged:
    changes = {Facet(name): value for name, value in values.items()}
    return PositionChanged(effective_from=start, effective_to=end, changes=changes, reason="r")


def _answer(rows: list[Row], name: Name, at: date, known: datetime) -> Answer | None:
    def find(layer: str) -> Row | None:
        held = [
            row
            for row in rows
            if tuple(map(str, row.period.key)) == name
            and row.layer == layer
            and row.recorded_from <= known
            and (row.recorded_to is None or known < row.recorded_to)
            and row.period.effective_from <= at
            and (row.period.effective_to is None or at < row.period.effective_to)
        ]
        assert len(held) <= 1, held
        return held[0] if held else None

    def tell(row: Row, standing: Answer | None) -> Answer:
        p = row.period
        return Answer(
            p.value,
            p.effective_from,
            p.effective_to,
            p.event_id,
            p.corrected_by,
            p.recorded_at,
            p.temporary,
            standing,
        )

    row = find(IN_FORCE)
    if row is None:
        return None
    beneath = find(BENEATH) if row.period.temporary else None
    return tell(row, None if beneath is None else tell(beneath, None))


@given(history=histories())
@settings(max_examples=300, deadline=None)
def test_rows_answer_every_pair_of_times_as_the_rule_reads(history: History) -> None:
    rows = rows_of(on_record(history.facts))
    oracle = history.oracle
    for known in [datetime(2014, 1, 1, tzinfo=UTC), *history.instants]:
        for name in oracle.names():
            for day in oracle.days():
                assert _answer(rows, name, day, known) == oracle.answer(name, day, known)


@given(history=histories())
@settings(max_examples=100, deadline=None)
def test_what_is_recorded_later_only_ends_rows(history: History) -> None:
    events = on_record(history.facts)
    for known in history.instants:
        before = {_content(row) for row in rows_of([e for e in events if e.recorded_at <= known])}
        after = [row for row in rows_of(events) if row.recorded_from <= known]
        for row in after:
            if row.recorded_to is not None and row.recorded_to > known:
                row.recorded_to = None
        assert {_content(row) for row in after} == before


def _content(row: Row) -> tuple[object, ...]:
    return (row.subject, row.layer, row.period, row.recorded_from, row.recorded_to)


def test_a_change_ends_a_row_and_begins_two() -> None:
    rows = rows_of(on_record([(REGISTERED,), (_change(MAR, employer="NPS"),)]))
    assert {
        (r.period.value, r.period.effective_from, r.period.effective_to, r.recorded_to)
        for r in rows
        if r.period.key.name == Facet.EMPLOYER
    } == {("LDN", JAN, None, instant(1)), ("LDN", JAN, MAR, None), ("NPS", MAR, None, None)}


def test_a_temporary_change_keeps_the_standing_period_beneath_it_whole() -> None:
    rows = rows_of(on_record([(REGISTERED,), (_change(FEB, MAR, band="5"),)]))
    now = {
        (r.layer, r.period.value, r.period.effective_from, r.period.effective_to)
        for r in rows
        if r.period.key.name == Facet.BAND and r.recorded_to is None
    }
    assert now == {
        (IN_FORCE, "4", JAN, FEB),
        (IN_FORCE, "5", FEB, MAR),
        (IN_FORCE, "4", MAR, None),
        (BENEATH, "4", JAN, None),
    }


def test_a_state_within_one_command_is_never_a_row() -> None:
    mistake = _change(FEB, employer="wrong")
    rows = rows_of(on_record([(REGISTERED, mistake, EntryAnnulled(of=event_id(2), reason="r"))]))
    assert {r.period.value for r in rows} == {"LDN", "4"}
    assert all(r.recorded_to is None for r in rows)


def test_a_correction_keeps_its_place_and_says_where_the_content_is_from() -> None:
    corrected = EntryCorrected(
        of=event_id(1), effective_from=JAN, changes={Facet.BAND: "3"}, reason="misread"
    )
    rows = rows_of(on_record([(REGISTERED,), (_change(FEB, band="5"),), (corrected,)]))
    now = {r.period.value: r.period for r in rows if r.recorded_to is None}
    assert set(now) == {"3", "5"}
    assert (now["3"].event_id, now["3"].corrected_by) == (event_id(1), event_id(3))
    assert (now["3"].effective_to, now["3"].recorded_at) == (FEB, instant(2))


def test_two_periods_on_one_day_are_refused() -> None:
    key = Key(Kind.FACET, "main", "band")
    one = Period(key, "4", JAN, MAR, event_id(1), None, instant(0), None, False)
    other = Period(key, "5", FEB, None, event_id(2), None, instant(0), None, False)
    with pytest.raises(OverlapError):
        slots_of(Timeline(in_force=(one, other)))


@pytest.mark.parametrize(
    "value", ["", "a\x00b", "\x01", "\x01\x00\x01\x02", "\x00\x01\x01", "é\\n"]
)
def test_a_text_comes_back_as_it_was(value: str) -> None:
    assert "\x00" not in to_text(value)
    assert from_text(to_text(value)) == value

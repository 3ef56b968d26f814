"""Somebody's sheets, worked out without a database."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projections.keeping_up.copying import from_text, to_text
from projections.position import sheets
from projections.position.collective_terms import OverlapError, slots_of
from projections.position.rows import Rows, rows_of
from projections.position.sheets import FIRST_DAY, Sheet
from projections.position.spans import OWN, Span
from tests.oracle import Answer, Name
from tests.support.histories import History, event_id, histories, instant, on_record
from transfer.core.dating.effective_dating import Entries, Key, Kind, Period, Timeline
from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffRegistered,
)
from transfer.core.words import MAIN, Facet
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import NO_KINDS

JAN, FEB, MAR, APR = (date(2014, month, 1) for month in (1, 2, 3, 4))
REGISTERED = StaffRegistered(
    staff_number="S1", effective_from=JAN, position={Facet.EMPLOYER: "LDN", Facet.BAND: "4"}
)


def _change(
    start: date, end: date | None = None, assignment: str = MAIN, **values: str | None
) -> PositionChanged:
    changes = {Facet(name): value for name, value in values.items()}
    return PositionChanged(
        effective_from=start, effective_to=end, assignment=assignment, changes=changes, reason="r"
    )


def _sheets(*commands: tuple[Fact, ...]) -> list[Sheet]:
    return _begun(rows_of(on_record(commands)))


def _begun(rows: Rows) -> list[Sheet]:
    return [sheet for _, sheet in rows.begun]


def _now(found: Sequence[Sheet], assignment: str = MAIN) -> list[Sheet]:
    held = [s for s in found if s.recorded_to is None and s.assignment == assignment]
    return sorted(held, key=lambda sheet: sheet.start)


def _at(found: Sequence[Sheet], assignment: str, day: date, known: datetime) -> Sheet | None:
    held = [
        sheet
        for sheet in found
        if sheet.assignment == assignment
        and sheet.recorded_from <= known
        and (sheet.recorded_to is None or known < sheet.recorded_to)
        and sheet.start <= day
        and (sheet.end is None or day < sheet.end)
    ]
    assert len(held) <= 1, held
    if held:
        # Where it is looked for: among those of the last epoch that has begun.
        epochs = {s.epoch for s in found if s.assignment == assignment and s.epoch <= known}
        assert held[0].epoch == max(epochs)
    return held[0] if held else None


def _answer(found: Sequence[Sheet], name: Name, day: date, known: datetime) -> Answer | None:
    kind, assignment, key = name
    sheet = _at(found, OWN if kind == "term" else assignment, day, known)
    if sheet is None or key not in sheet.in_force:
        return None
    beneath = sheet.beneath.get(key)
    return _told(sheet.in_force[key], key, None if beneath is None else _told(beneath, key, None))


def _told(span: Span, key: str, standing: Answer | None) -> Answer:
    part = span.part
    value = part.values[key]
    assert value is not None
    return Answer(
        value,
        span.start,
        span.end,
        part.event_id,
        part.corrected_by,
        part.recorded_at,
        span.is_temporary,
        standing,
    )


@pytest.mark.thorough
@given(history=histories(), epoch=st.sampled_from([0, 2, 64]))
@settings(max_examples=300, deadline=None)
def test_sheets_answer_every_pair_of_times_as_the_rule_reads(history: History, epoch: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheets, "EPOCH_LEAST", epoch)
        patch.setattr(sheets, "EPOCH_FACTOR", 0)
        found = _sheets(*history.facts)
    oracle = history.oracle
    for known in [datetime(2014, 1, 1, tzinfo=UTC), *history.instants]:
        for name in oracle.names():
            for day in oracle.days():
                assert _answer(found, name, day, known) == oracle.answer(name, day, known)


@given(history=histories())
@settings(max_examples=100, deadline=None)
def test_what_is_recorded_later_only_ends_sheets(history: History) -> None:
    events = on_record(history.facts)
    for known in history.instants:
        before = {
            _content(s) for s in _begun(rows_of([e for e in events if e.recorded_at <= known]))
        }
        after = [s for s in _begun(rows_of(events)) if s.recorded_from <= known]
        for sheet in after:
            if sheet.recorded_to is not None and sheet.recorded_to > known:
                sheet.recorded_to = None
        assert {_content(sheet) for sheet in after} == before


def _content(sheet: Sheet) -> tuple[object, ...]:
    def told(spans: dict[str, Span]) -> tuple[object, ...]:
        return tuple(_told(span, name, None) for name, span in sorted(spans.items()))

    return (
        sheet.assignment,
        sheet.start,
        sheet.end,
        sheet.recorded_from,
        sheet.recorded_to,
        told(sheet.in_force),
        told(sheet.beneath),
    )


@given(history=histories())
@settings(max_examples=200, deadline=None)
def test_the_sheets_that_hold_are_those_that_the_rule_makes_from_nothing(history: History) -> None:
    """What is kept up neighbour by neighbour is no more cut than it must be."""
    events = on_record(history.facts)
    found = _begun(rows_of(events))
    entries = Entries()
    for event in events:
        entry = NO_KINDS.entry_of(event.event_id, event.recorded_at, event.fact)
        if entry is not None:
            entries.add(entry)
    timelines = {key: entries.timeline(key) for key in entries.stated_keys()}
    for assignment in {key.assignment for key in timelines}:
        of_it = {key: t for key, t in timelines.items() if key.assignment == assignment}
        days = {FIRST_DAY} | {
            day
            for timeline in of_it.values()
            for period in (*timeline.in_force, *timeline.beneath)
            for day in (period.effective_from, period.effective_to)
            if day is not None
        }
        expected: list[tuple[date, object]] = []
        for day in sorted(days):
            held = {
                (key.name, period, timeline.standing_at(day) if period.temporary else None)
                for key, timeline in of_it.items()
                if (period := timeline.at(day)) is not None
            }
            if not expected or expected[-1][1] != held:
                expected.append((day, held))
        starts = [day for day, held in expected if held or assignment == OWN]
        held_now = _now(found, assignment)
        if assignment == OWN:
            # These are cut as well where another assignment begins or ends.
            held_now = [
                sheet
                for n, sheet in enumerate(held_now)
                if n == 0
                or not held_now[n - 1].says(sheet.in_force, sheet.beneath, held_now[n - 1].jobs)
            ]
        assert [sheet.start for sheet in held_now] == starts


def test_a_change_ends_a_sheet_and_begins_two() -> None:
    found = _sheets((REGISTERED,), (_change(MAR, employer="NPS"),))
    assert {
        (s.in_force["employer"].part.values["employer"], s.start, s.end, s.recorded_to)
        for s in found
        if s.assignment == MAIN
    } == {("LDN", JAN, None, instant(1)), ("LDN", JAN, MAR, None), ("NPS", MAR, None, None)}


def test_the_persons_own_sheet_says_from_when_on_they_are_known() -> None:
    found = _sheets((REGISTERED,), (_change(MAR, employer="NPS"),))
    (own,) = (sheet for sheet in found if sheet.assignment == OWN)
    assert (own.start, own.end, own.recorded_from) == (FIRST_DAY, None, instant(0))
    assert own.in_force == {}


def test_who_is_not_registered_has_no_sheets_until_they_are() -> None:
    assert _sheets((_change(JAN, band="4"),)) == []
    found = _sheets((_change(MAR, band="5"),), (REGISTERED,))
    assert {sheet.recorded_from for sheet in found} == {instant(1)}
    assert [s.in_force["band"].part.values["band"] for s in _now(found)] == ["4", "5"]


def test_a_temporary_change_keeps_the_standing_period_beneath_it_whole() -> None:
    found = _sheets((REGISTERED,), (_change(FEB, MAR, band="5"),))
    before, during, after = _now(found)
    assert (before.end, during.end, after.end) == (FEB, MAR, None)
    assert before.beneath == after.beneath == {}
    assert during.in_force["band"].is_temporary
    beneath = during.beneath["band"]
    assert (beneath.start, beneath.end, beneath.part.values["band"]) == (JAN, None, "4")
    # The employer reads alike on all three.
    assert len({sheet.in_force["employer"] for sheet in (before, during, after)}) == 1


def test_a_state_within_one_command_is_never_a_sheet() -> None:
    mistake = _change(FEB, employer="wrong")
    found = _sheets((REGISTERED, mistake, EntryAnnulled(of=event_id(2), reason="r")))
    assert len(found) == 2
    assert all(sheet.recorded_to is None for sheet in found)


def test_a_correction_keeps_its_place_and_says_where_the_content_is_from() -> None:
    corrected = EntryCorrected(
        of=event_id(1), effective_from=JAN, changes={Facet.BAND: "3"}, reason="misread"
    )
    now = _now(_sheets((REGISTERED,), (_change(FEB, band="5"),), (corrected,)))
    first, second = (sheet.in_force["band"] for sheet in now)
    assert (first.part.values["band"], second.part.values["band"]) == ("3", "5")
    assert (first.part.event_id, first.part.corrected_by) == (event_id(1), event_id(3))
    assert (first.end, first.part.recorded_at) == (FEB, instant(2))
    assert set(now[0].in_force) == {"band"}


def test_assignments_that_run_at_once_are_told_of_on_the_persons_own_sheet() -> None:
    found = _sheets(
        (REGISTERED, _change(JAN, fte="0.6")),
        (_change(FEB, MAR, assignment="evenings", employer="KNT", fte="0.5"),),
        (_change(FEB, fte="0.5"),),
    )
    assert [(sheet.start, sheet.jobs) for sheet in _now(found, OWN)] == [
        (FIRST_DAY, ()),
        (FEB, (("evenings", "KNT", None, "0.5"), (MAIN, "LDN", None, "0.5"))),
        (MAR, ()),
    ]
    known = _at(found, OWN, FEB, instant(1))
    assert known is not None
    assert known.jobs == (("evenings", "KNT", None, "0.5"), (MAIN, "LDN", None, "0.6"))


def test_a_restated_value_is_a_boundary_and_an_annulled_one_is_none() -> None:
    again = _change(FEB, band="4")
    assert [sheet.start for sheet in _now(_sheets((REGISTERED,), (again,)))] == [JAN, FEB]
    undone = EntryAnnulled(of=event_id(2), reason="r")
    assert [s.start for s in _now(_sheets((REGISTERED,), (again,), (undone,)))] == [JAN]


def _forward(count: int) -> list[tuple[Fact, ...]]:
    changes = [(_change(JAN + timedelta(days=n), band=str(n)),) for n in range(1, count)]
    return [(REGISTERED,), *changes]


def test_what_a_long_record_costs_grows_little_faster_than_the_record() -> None:
    """By count, not by time: sheets begun, and sheets passed over to find the oldest answer."""
    lengths = (250, 1_000)
    begun, searched = [], []
    for length in lengths:
        found = [sheet for sheet in _sheets(*_forward(length)) if sheet.assignment == MAIN]
        begun.append(len(found))
        by_epoch: dict[datetime, int] = {}
        for sheet in found:
            if sheet.recorded_from != sheet.epoch:
                by_epoch[sheet.epoch] = by_epoch.get(sheet.epoch, 0) + 1
        searched.append(max(by_epoch.values()))
    assert begun[1] < 8 * begun[0]
    assert searched[1] < 3 * searched[0]


def test_two_periods_on_one_day_are_refused() -> None:
    key = Key(Kind.TERM, "", "evr")
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

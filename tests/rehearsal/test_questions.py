"""The dated questions of a dispute, asked of a rehearsed exercise (questions 1, 3 and 4)."""

from datetime import date, datetime

import pytest

from projections.exercise.outcome import Participant, outcome
from projections.position.queries import HeldTerm, PositionAt, position_at
from tests.rehearsal.conftest import Rehearsed
from transfer.core.dating.calendars import end_of_day_london
from transfer.core.record.staff import EntryCorrected
from transfer.core.record.terms import CONTINUOUS_SERVICE
from transfer.core.streams import staff_stream
from transfer.core.words import Confidence, Facet
from transfer.procedures.exercise.facts import EmploymentEnded
from transfer.questions.appeals import Treatment, appeal_timeliness
from transfer.questions.published_days import PublishedBy

pytestmark = [pytest.mark.engines, pytest.mark.thorough]

TRANSFER = date(2014, 6, 1)


def ask(rehearsed: Rehearsed, staff: str, on: date, known: date | datetime) -> PositionAt:
    known_at = known if isinstance(known, datetime) else end_of_day_london(known)
    with rehearsed.record.log.connection() as conn:
        return position_at(conn, staff, on, known_at)


def participants(rehearsed: Rehearsed) -> tuple[Participant, ...]:
    with rehearsed.record.log.connection() as conn:
        return outcome(conn, "tr-2013", rehearsed.report.clock_stopped_at).participants


def evr(rehearsed: Rehearsed, staff: str, on: date) -> HeldTerm:
    answer = ask(rehearsed, staff, on, on)
    return next(t for t in answer.terms if t.term == "enhanced_voluntary_redundancy")


@pytest.mark.parametrize(
    ("on", "value", "clause", "confidence"),
    [
        (date(2013, 11, 14), "off", "TR-06", Confidence.SOURCE),
        (date(2013, 11, 21), "off: referred to conciliation", "TR-06b", Confidence.SOURCE),
        (date(2013, 12, 20), "conditional on ratification", "TR-06c", Confidence.SOURCE),
        (
            date(2014, 1, 30),
            "on: Enhanced voluntary redundancy, 4.5 weeks a year up to 67.5",
            "TR-06d",
            Confidence.INFERRED,
        ),
    ],
)
def test_question_4_enhanced_voluntary_redundancy_and_on_what_authority(
    rehearsed: Rehearsed, on: date, value: str, clause: str, confidence: Confidence
) -> None:
    someone = participants(rehearsed)[0].staff_number
    term = evr(rehearsed, someone, on)
    assert term.held.value == value
    assert term.held.basis is not None
    assert (term.held.basis.clause, term.held.basis.confidence) == (clause, confidence)
    assert term.held.basis.document
    # The answer names an event, and that event is on the log.
    assert rehearsed.record.log.get(term.held.event_id) is not None
    # With all that was learned since, that day's value is the same; only its end is known now.
    later = ask(rehearsed, someone, on, rehearsed.report.clock_stopped_at)
    same = next(t for t in later.terms if t.held.event_id == term.held.event_id)
    assert same.held.value == value


def test_question_4_nobody_had_an_answer_before_the_letter(rehearsed: Rehearsed) -> None:
    someone = participants(rehearsed)[0].staff_number
    asked = ask(rehearsed, someone, date(2013, 11, 12), date(2013, 11, 12))
    assert _terms_of_an_exercise(asked) == []


def test_question_1_employer_and_band_then_and_after_a_correction(rehearsed: Rehearsed) -> None:
    staff, corrected_at = _somebody_corrected(rehearsed)
    then = ask(rehearsed, staff, TRANSFER, date(2014, 6, 10))
    now = ask(rehearsed, staff, TRANSFER, corrected_at)
    for answer in (then, now):
        employer = answer.position[Facet.EMPLOYER]
        assert employer.value in (
            "Secretary of State for Justice",
            "London Community Rehabilitation Company",
        )
        assert employer.effective_from == TRANSFER
        assert employer.basis is not None
        assert employer.basis.clause == "TR-12"
        # It rests on the assumed appeal window, and says so.
        assert "TR-11b=10wd" in employer.basis.assumptions
    assert corrected_at > end_of_day_london(date(2014, 6, 10))
    band_then, band_now = then.position[Facet.BAND], now.position[Facet.BAND]
    assert band_then.value != band_now.value
    assert band_then.corrected_by is None
    assert band_now.corrected_by is not None
    assert band_then.event_id == band_now.event_id


def _somebody_corrected(rehearsed: Rehearsed) -> tuple[str, datetime]:
    log = rehearsed.record.log
    for event in log.page(0, 100_000, ["entry-corrected.v1"]):
        assert isinstance(event.fact, EntryCorrected)
        return event.stream.partition(":")[2], event.recorded_at
    raise AssertionError("a rehearsal corrects at least one entry")


def test_question_3_in_time_under_the_reset_deadline_but_not_the_published_one(
    rehearsed: Rehearsed,
) -> None:
    found = [
        appeal
        for p in participants(rehearsed)
        if p.lodged_in_time
        for appeal in appeal_timeliness(rehearsed.record.log, p.staff_number)
        if not appeal.deadlines[0].in_time
    ]
    assert found, "this seed has somebody who appealed between the two deadlines"
    (appeal,) = found
    published, reset = appeal.deadlines
    assert (published.published_by, published.in_time) == (PublishedBy.LETTER, False)
    assert (reset.published_by, reset.in_time, reset.in_force) == (PublishedBy.RESET, True, True)
    assert published.due_on < appeal.lodged_on <= reset.due_on
    assert published.published_at < reset.published_at
    for deadline in (published, reset):
        assert deadline.basis.clause == "TR-11b"
        assert deadline.basis.assumptions == ("TR-11b=10wd",)
        assert rehearsed.record.log.get(deadline.event_id) is not None


def test_a_late_appeal_is_refused_on_record_and_one_is_heard_for_a_reason(
    rehearsed: Rehearsed,
) -> None:
    treated = {
        appeal.treatment
        for p in participants(rehearsed)
        for appeal in appeal_timeliness(rehearsed.record.log, p.staff_number)
    }
    assert treated >= {Treatment.REFUSED_OUT_OF_TIME, Treatment.ACCEPTED_OUT_OF_TIME}


def test_question_6_an_objector_is_employed_by_nobody_from_the_transfer_date(
    rehearsed: Rehearsed,
) -> None:
    objector = next(p.staff_number for p in participants(rehearsed) if p.objected)
    events = rehearsed.record.log.read(staff_stream(objector))
    ended = next(e.fact for e in events if isinstance(e.fact, EmploymentEnded))
    assert (ended.basis.clause, ended.treated_as_dismissed) == ("TR-14", False)
    eve = ask(rehearsed, objector, date(2014, 5, 31), rehearsed.report.clock_stopped_at)
    day = ask(rehearsed, objector, TRANSFER, rehearsed.report.clock_stopped_at)
    assert eve.position[Facet.EMPLOYER].value == "London Probation Trust"
    assert day.position == {}
    assert _terms_of_an_exercise(day) == []


def _terms_of_an_exercise(asked: PositionAt) -> list[str]:
    """All but the date that service is counted from, which no exercise sets or takes away."""
    return [each.term for each in asked.terms if each.term != CONTINUOUS_SERVICE]

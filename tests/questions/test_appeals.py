"""Was the appeal in time, on the deadline first published and on every later one?"""

import pytest

from tests.support.due import (
    ACCEPTED_LATE,
    COHORT,
    DEC_4,
    DEC_11,
    DEC_18,
    EXERCISE,
    LETTER,
    LODGED,
    REFUSED_LATE,
    S1,
    appeal,
    extended,
    reset,
)
from tests.support.histories import instant
from tests.support.logs import LogInMemory
from tests.support.words_2013 import Window
from transfer.core.matter.facts import Undone
from transfer.core.refusals import NotOnRecord
from transfer.questions.appeals import Treatment, appeal_timeliness
from transfer.questions.published_days import PublishedBy


def test_a_late_appeal_was_in_time_under_the_reset_deadline_alone() -> None:
    log = LogInMemory(
        (EXERCISE, COHORT), (S1, LETTER), (S1, REFUSED_LATE), (EXERCISE, reset(DEC_11))
    )
    (before,) = appeal_timeliness(log, "S1", instant(2))
    assert [(d.due_on, d.in_time) for d in before.deadlines] == [(DEC_4, False)]
    (now,) = appeal_timeliness(log, "S1")
    assert now.treatment is Treatment.REFUSED_OUT_OF_TIME
    assert [(d.published_by, d.due_on, d.in_time, d.in_force) for d in now.deadlines] == [
        (PublishedBy.LETTER, DEC_4, False, False),
        (PublishedBy.RESET, DEC_11, True, True),
    ]
    assert [(d.event_id, d.published_at) for d in now.deadlines] == [
        (log.events[1].event_id, instant(1)),
        (log.events[3].event_id, instant(3)),
    ]
    assert all(d.basis.assumptions == ("TR-11b=10wd",) for d in now.deadlines)


def test_an_appeal_in_time_shows_what_was_reset_after_it_too() -> None:
    log = LogInMemory(
        (EXERCISE, COHORT),
        (S1, LETTER),
        (S1, LODGED),
        (EXERCISE, reset(DEC_18)),
        (EXERCISE, reset(DEC_11, Window.RESPONSE)),
    )
    (appeal,) = appeal_timeliness(log, "S1")
    assert appeal.treatment is Treatment.LODGED
    assert [(d.due_on, d.in_time) for d in appeal.deadlines] == [(DEC_4, True), (DEC_18, True)]


def test_an_appeal_accepted_out_of_time_says_by_which_event() -> None:
    log = LogInMemory((S1, LETTER), (S1, REFUSED_LATE), (S1, ACCEPTED_LATE))
    (refused,) = appeal_timeliness(log, "S1", instant(1))
    assert (refused.treatment, refused.accepted_by) == (Treatment.REFUSED_OUT_OF_TIME, None)
    (accepted,) = appeal_timeliness(log, "S1")
    assert accepted.treatment is Treatment.ACCEPTED_OUT_OF_TIME
    assert accepted.accepted_by == log.events[2].event_id


def test_an_appeal_that_was_treated_again_is_told_once_as_it_is_treated_now() -> None:
    refused = LogInMemory((S1, LETTER), (S1, REFUSED_LATE)).events[1].event_id
    undone = Undone(**appeal(DEC_18), decision=refused, facts=(refused,), reason="a reset")
    log = LogInMemory((S1, LETTER), (S1, REFUSED_LATE), (S1, undone), (S1, LODGED))
    (before,) = appeal_timeliness(log, "S1", instant(1))
    assert before.treatment is Treatment.REFUSED_OUT_OF_TIME
    (now,) = appeal_timeliness(log, "S1")
    assert (now.treatment, now.event_id) == (Treatment.LODGED, log.events[3].event_id)


def test_an_extension_is_published_to_the_person_alone() -> None:
    log = LogInMemory(
        (S1, LETTER), (S1, extended(DEC_18)), (EXERCISE, reset(DEC_11)), (S1, REFUSED_LATE)
    )
    (appeal,) = appeal_timeliness(log, "S1")
    assert [(d.published_by, d.due_on, d.in_force) for d in appeal.deadlines] == [
        (PublishedBy.LETTER, DEC_4, False),
        (PublishedBy.EXTENSION, DEC_18, True),
        (PublishedBy.RESET, DEC_11, False),
    ]


def test_a_person_unknown_then_is_not_on_record() -> None:
    with pytest.raises(NotOnRecord):
        appeal_timeliness(LogInMemory(), "S1")

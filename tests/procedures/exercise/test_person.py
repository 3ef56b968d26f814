"""One person's way through the exercise of 2013: each decision does it, refuses it, or stays quiet.

What the clock does is asked of the clock where the day matters, and of the decision itself
(`would`) where it is about every clause that fails.
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.cases import cases
from tests.support.exercise_scene import Whole, put_right, would
from tests.support.matters import Asked
from tests.support.played_2013 import (
    EXERCISE,
    GROUP,
    REJECTED,
    SECOND,
    START,
    TRUST,
    UPHELD,
    Played,
    employed,
)
from tests.support.rules_2013 import (
    APPEAL_DUE,
    CLOSED,
    LETTERS,
    PANEL_DUE,
    RESPONSE_DUE,
    RULES,
    TR_2013,
    TRANSFER,
)
from tests.support.words_2013 import Destination, Response
from transfer.core.dating.effective_dating import Key, Kind
from transfer.core.matter import facts as t
from transfer.core.matter import late
from transfer.core.matter.late import Done
from transfer.core.matter.words import Outcome
from transfer.core.refusals import Malformed
from transfer.core.rules import WindowInForce
from transfer.core.words import MAIN, Facet, Late, Mechanism
from transfer.procedures.appeal import facts as p
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise.participation import participation_of
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import BindingRules, binding
from transfer.rulebooks.loading import load_edition

CASES = Path(__file__).parent / "cases"
HARBOUR = Path(__file__).parents[2] / "rehearsal" / "editions" / "harbour-2031.toml"
DAY = timedelta(days=1)
DISSOLUTION = date(2014, 10, 31)
ANSWERED = date(2013, 12, 24)
LATER = date(2014, 1, 15)
OBJECTED = date(2014, 5, 28)
SOLD = date(2014, 5, 1)


@pytest.fixture
def s1() -> Played:
    """With a letter, and nothing done about it."""
    played = Played()
    played.letter()
    return played


def confirmed() -> Played:
    """Whose assignment is final."""
    played = Played()
    played.letter()
    assert played.clock(CLOSED) == [f.AssignmentConfirmed]
    return played


def answer(s1: Played, on: date, said: str = Response.RIGHTS_RESERVED, **more: Any) -> Asked:
    return s1.do(EXERCISE, "record-answer", on, answer=said, **more)


def object_(s1: Played, on: date = OBJECTED) -> Asked:
    return s1.do(EXERCISE, "object", on, told_to="transferor")


def withdraw_objection(s1: Played, on: date) -> Asked:
    return s1.do(EXERCISE, "withdraw-objection", on, told_to="transferor")


def approve(s1: Played, step: str, on: date) -> Asked:
    return s1.do(EXERCISE, "approve", on, step=step, by="another officer")


def put_right_by(s1: Played, step: str) -> Outcome | None:
    """What became of a step that could not be taken; `None`: it is to be put right."""
    due = s1.office.state(EXERCISE, "S1").due("refused-step", step)
    assert due is not None
    return due.outcome


def reasons(asked: Asked) -> tuple[str, ...]:
    [fact] = asked.facts
    assert isinstance(fact, t.StepRefused)
    return fact.reasons


# --- scope, proposal, letter --------------------------------------------------------------------


def test_bringing_into_scope() -> None:
    s1 = Played(is_proposed=False)
    outcome = s1.do(EXERCISE, "join", START).then(f.BroughtIntoScope)
    outcome.saying(effective_from=START, transferor=TRUST)
    s1.do(EXERCISE, "join", START + DAY).then_nothing()


def test_proposing_by_the_table_once() -> None:
    s1 = Played(is_proposed=False)
    s1.do(EXERCISE, "propose", START, seed="1").then_refused("TR-01", because="does not cover")
    s1.do(EXERCISE, "join", START)
    outcome = s1.do(EXERCISE, "propose", START, seed="1").then(t.StepRefused)
    outcome.saying(step="propose", clauses=("TR-08",))
    assert s1.exercise.not_proposed == "; ".join(reasons(outcome))
    assert put_right_by(s1, "propose") is None
    panel: dict[str, Any] = {"to": Destination.NPS, "reason": "the panel read the team's work"}
    decided = s1.do(EXERCISE, "decide-by-panel", START, **panel).then(f.AssignmentProposed)
    decided.saying(route="local-evidence", destination="NPS", reason=panel["reason"])
    assert participation_of(s1.office.state(EXERCISE, "S1")).not_proposed is None
    assert put_right_by(s1, "propose") is Outcome.MET
    s1.do(EXERCISE, "decide-by-panel", START, **panel).then_nothing()
    s1.do(EXERCISE, "propose", START, seed="1").then_nothing()


def test_a_panel_sends_people_only_where_the_edition_does() -> None:
    s1 = Played(is_proposed=False)
    s1.do(EXERCISE, "join", START)
    elsewhere: dict[str, Any] = {"to": "nowhere", "reason": "so"}
    s1.do(EXERCISE, "decide-by-panel", START, **elsewhere).then_refused(
        TR_2013.mechanism_clause, because="it has NPS, CRC"
    )


def test_the_letter_publishes_both_windows_by_the_calendar_of_the_opening() -> None:
    s1 = Played()
    s1.letter()
    letter = s1.exercise.letter
    assert letter is not None
    published = {each.window: (each.when.on, each.when.calendar) for each in letter.windows}
    calendar = RULES.calendar.edition
    assert published == {
        "response": (RESPONSE_DUE, calendar),
        "appeal": (APPEAL_DUE, calendar),
    }
    assert (letter.letters, letter.contents) == (("assignment",), TR_2013.letters[0].contents)
    assert (letter.group, letter.destination) == (GROUP, Destination.CRC)
    assert s1.clock(LETTERS + DAY) == []


def test_a_panel_says_who_sat_on_it_or_why_it_decided_so() -> None:
    s1 = Played(is_proposed=False)
    s1.do(EXERCISE, "join", START)
    unsaid: tuple[dict[str, Any], ...] = ({}, {"panel": " "}, {"reason": " "})
    for said in unsaid:
        decided = s1.do(EXERCISE, "decide-by-panel", START, to=Destination.NPS, **said)
        decided.then_refused(kind=Malformed)
    sat = s1.do(EXERCISE, "decide-by-panel", START, to=Destination.NPS, panel="two managers")
    sat.then(f.AssignmentProposed)
    sat.saying(panel="two managers", reason="decided by a panel: two managers")


def test_a_panels_decision_cites_the_document_that_shows_it() -> None:
    s1 = Played(is_proposed=False)
    s1.do(EXERCISE, "join", START)
    done = Done("office", START, START, document="minutes of the panel")
    inputs = {"to": "NPS", "panel": "two managers"}
    world = s1.office.world("S1", EXERCISE)
    new = late.record(world, matter=EXERCISE, act="decide-by-panel", inputs=inputs, done=done)
    [fact] = s1.office.append(new)
    assert (fact.basis.clause, fact.basis.document) == ("TR-08", "minutes of the panel")


def test_nobody_is_written_to_without_a_group_or_a_proposal() -> None:
    s1 = Played()
    s1.do(EXERCISE, "issue-letters", LETTERS).then_refused(because="in no group")
    nobody = Played(is_proposed=False)
    nobody.do(EXERCISE, "join", START)
    group: dict[str, Any] = {
        "group": GROUP,
        "transferor": "LDN",
        "path": "sifted",
        "people": ["S1"],
    }
    nobody.do(EXERCISE, "form-group", START, person=None, letters_on=LETTERS, **group)
    assert nobody.clock(LETTERS) == [t.StepRefused]
    [refused] = [x for x in nobody.office.facts(EXERCISE) if isinstance(x, t.StepRefused)]
    assert refused.clauses == ("TR-08",)
    assert nobody.clock(LETTERS) == []
    panel: dict[str, Any] = {"to": Destination.CRC, "reason": "the caseload"}
    nobody.do(EXERCISE, "decide-by-panel", LETTERS + DAY, **panel)
    assert nobody.clock(LETTERS + DAY) == [f.AssignmentLetterIssued]


# --- answers and longer windows -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "in_time"), [(LETTERS + DAY, True), (RESPONSE_DUE, True), (RESPONSE_DUE + DAY, False)]
)
def test_a_late_answer_is_kept_and_says_so(s1: Played, on: date, in_time: bool) -> None:
    answer(s1, on).then(f.ResponseRecorded).saying(in_time=in_time, happened_on=on)
    answer(s1, on).then_nothing()


def test_another_answer_is_recorded_beside_the_first(s1: Played) -> None:
    answer(s1, ANSWERED)
    answer(s1, ANSWERED, Response.ACKNOWLEDGED).then(f.ResponseRecorded)
    answer(s1, ANSWERED + DAY, Response.ACKNOWLEDGED).then(f.ResponseRecorded)


def test_what_is_no_answer(s1: Played) -> None:
    answer(Played(), ANSWERED).then_refused("TR-10", because="no letter")
    answer(s1, LETTERS - DAY, today=LETTERS).then_refused("TR-10", because="no letter")
    answer(s1, ANSWERED, "delighted").then_refused("TR-10", because="none of the answers")
    answer(s1, ANSWERED, window="choice").then_refused(
        TR_2013.mechanism_clause, because="no window 'choice'"
    )


def late_answers_are(late: Late) -> BindingRules:
    class Others(BindingRules):
        def window_of(self, kind: object) -> WindowInForce:
            return replace(super().window_of(kind), late=late)  # type: ignore[arg-type]

    return Others(
        rulebook=RULES.rulebook, calendar_edition=RULES.calendar_edition, given=RULES.given
    )


def test_what_becomes_of_a_late_answer_is_the_editions_to_say() -> None:
    on = RESPONSE_DUE + DAY
    refusing, admitting = (
        Played(late_answers_are(Late.REFUSE)),
        Played(late_answers_are(Late.ADMIT)),
    )
    for s1 in (refusing, admitting):
        s1.letter()
    answer(refusing, on).then_refused("TR-10-response", because="what comes late is refused")
    answer(admitting, on).then_refused("TR-10-response", because="say why")
    answer(admitting, on, admitted_because="  ").then_refused("TR-10-response", because="say why")
    admitted = answer(admitting, on, admitted_because="the post was late")
    admitted.then(f.ResponseRecorded)
    admitted.saying(in_time=False, admitted_because="the post was late")
    answer(refusing, RESPONSE_DUE, admitted_because="x").saying(in_time=True, admitted_because=None)


def test_extending_a_window(s1: Played) -> None:
    s1.extend(LATER, LETTERS).then(t.WindowExtended).saying(before=APPEAL_DUE)
    s1.extend(LATER, LETTERS + DAY).then_nothing()
    s1.extend(APPEAL_DUE, LETTERS).then_refused("TR-11b", because="published as closing on")
    assert s1.clock(CLOSED) == []
    s1.lodge(LATER).then(t.MatterBegun, p.AppealLodged).saying(due_on=LATER)


def test_no_window_is_extended_before_there_is_a_letter_or_once_all_is_final() -> None:
    Played().extend(LATER, LETTERS).then_refused("TR-10", because="no letter")
    confirmed().extend(LATER, CLOSED).then_refused("TR-11b", because="have closed")


def test_who_has_answered_and_is_given_longer_to_appeal_may_appeal_until_then(s1: Played) -> None:
    answer(s1, ANSWERED)
    s1.extend(LATER, ANSWERED).then(t.WindowExtended)
    assert s1.clock(CLOSED) == []
    s1.lodge(LATER).then(t.MatterBegun, p.AppealLodged)


def test_who_has_answered_and_is_given_longer_to_answer_may_answer_again(s1: Played) -> None:
    answer(s1, ANSWERED)
    longer: dict[str, Any] = {
        "window": "response",
        "until": LATER,
        "reason": "the letter was corrected",
    }
    s1.do(EXERCISE, "extend-window", ANSWERED, **longer).then(t.WindowExtended)
    s1.do(EXERCISE, "extend-window", ANSWERED + DAY, **longer).then_nothing()
    shorter: dict[str, Any] = {**longer, "until": LATER - DAY}
    s1.do(EXERCISE, "extend-window", ANSWERED, **shorter).then_refused("TR-10-response")
    answer(s1, LATER, Response.ACKNOWLEDGED).saying(in_time=True)
    assert s1.due(EXERCISE, "response") == (LATER, Outcome.MET)
    assert s1.clock(LATER) == [], "not final before the longer window has closed"
    assert s1.clock(LATER + DAY) == [f.AssignmentConfirmed]


def test_longer_to_answer_again_that_is_known_late_counts_from_its_day(s1: Played) -> None:
    second = date(2014, 1, 13)
    answer(s1, ANSWERED)
    assert s1.clock(CLOSED) == [f.AssignmentConfirmed]
    answer(s1, second, Response.ACKNOWLEDGED).saying(in_time=False)
    longer: dict[str, Any] = {"window": "response", "until": LATER, "reason": "a new letter"}
    on, today = ANSWERED + DAY, second + DAY
    known = s1.do(EXERCISE, "extend-window", on, today=today, **longer)
    known.then(t.WindowExtended, t.DutyToSettleOpened, t.DutyToSettleOpened)
    s1.office.redo_everything(today)
    last = s1.exercise.responses["response"]
    assert (last.happened_on, last.in_time) == (second, True)
    assert s1.goes_to() is None
    assert s1.clock(LATER + DAY) == [f.AssignmentConfirmed]


def test_who_withdrew_an_appeal_and_is_given_longer_may_appeal_again(s1: Played) -> None:
    s1.lodge(LETTERS + DAY)
    s1.withdraw(LETTERS + 2 * DAY)
    s1.extend(LATER, LETTERS + 3 * DAY).then(t.WindowExtended)
    s1.extend(LATER, LETTERS + 4 * DAY).then_nothing()
    assert s1.clock(CLOSED) == []
    s1.lodge(LATER, SECOND).then(t.MatterBegun, p.AppealLodged).saying(due_on=LATER)


# --- letters that come back, or go out again ------------------------------------------------------

BACK = date(2013, 12, 30)
AGAIN = date(2014, 1, 6)
AGAIN_RESPONSE, AGAIN_APPEAL = date(2014, 1, 13), date(2014, 1, 20)
"""Five and ten working days after `AGAIN`."""


def returned(s1: Played, on: date = BACK, **more: Any) -> Asked:
    return s1.do(EXERCISE, "letter-returned", on, **more)


def reissue(s1: Played, on: date = AGAIN, **more: Any) -> Asked:
    return s1.do(EXERCISE, "reissue-letter", on, **more)


def windows(asked: Asked) -> dict[str, date | None]:
    """Until when the windows run anew that a letter opens which goes out again."""
    [fact] = asked.then(t.NoticeReissued).facts
    assert isinstance(fact, t.NoticeReissued)
    return {window: when.on for window, when in fact.windows.items()}


def send_again(s1: Played) -> tuple[str, bool]:
    """To whom the duty to send the letter again is owed, and whether it is open."""
    due = s1.office.state(EXERCISE, "S1").due("send-again", "assignment")
    assert due is not None
    return due.owed_to, due.is_open


def test_a_letter_that_came_back_is_owed_again(s1: Played) -> None:
    returned(Played()).then_refused("TR-10", because="no letter has been issued")
    returned(s1, letter="contract").then_refused(because="was not sent to them: assignment was")
    returned(s1, reason=" ").then_refused(kind=Malformed)
    back = returned(s1, reason="gone away").then(t.NoticeReturned)
    back.saying(notice="assignment", reason="gone away")
    assert back.facts[0].basis.clause == "TR-10"
    assert send_again(s1) == ("staff", True)
    returned(s1, BACK + DAY, letter="assignment").then_nothing()


def test_nothing_is_final_before_a_letter_that_came_back_has_gone_out_again(s1: Played) -> None:
    returned(s1)
    assert s1.clock(CLOSED) == []
    would(s1.office, "confirm", CLOSED).then_refused("TR-10", because="has not been sent again")
    s1.do(EXERCISE, "move-milestone", CLOSED, person=None, milestone="dissolution", to=DISSOLUTION)
    assert s1.clock(TRANSFER) == []
    would(s1.office, "end-by-dissolution", DISSOLUTION).then_refused(
        "TR-10", because="has not been sent again"
    )
    again = reissue(s1, TRANSFER).saying(corrects="it came back")
    assert windows(again) == {"response": date(2014, 6, 6), "appeal": date(2014, 6, 13)}
    assert s1.clock(date(2014, 6, 13)) == []
    assert s1.clock(date(2014, 6, 14)) == [f.AssignmentConfirmed, f.StaffTransferred]


def test_the_windows_of_a_letter_that_goes_out_again_run_anew(s1: Played) -> None:
    reissue(Played()).then_refused("TR-10", because="no letter has been issued")
    reissue(s1, letter="contract").then_refused(because="was not sent to them")
    again = reissue(s1, corrects="the salary").saying(notice="assignment", corrects="the salary")
    assert windows(again) == {"response": AGAIN_RESPONSE, "appeal": AGAIN_APPEAL}
    reissue(s1).then_nothing()
    reissue(s1, corrects="the salary").then_nothing()
    assert windows(reissue(s1, corrects="the band")) == {}, "another letter of the same day"
    assert s1.clock(CLOSED) == []
    s1.lodge(AGAIN_APPEAL).then(t.MatterBegun, p.AppealLodged).saying(due_on=AGAIN_APPEAL)
    s1.withdraw(AGAIN_APPEAL)
    assert s1.clock(AGAIN_APPEAL) == []
    assert s1.clock(AGAIN_APPEAL + DAY) == [f.AssignmentConfirmed]


def test_a_letter_that_came_back_after_its_windows_closed_opens_them_again(s1: Played) -> None:
    returned(s1)
    on, until = date(2014, 1, 13), date(2014, 1, 27)
    s1.clock(on)
    assert windows(reissue(s1, on)) == {"response": date(2014, 1, 20), "appeal": until}
    assert send_again(s1) == ("staff", False)
    s1.lodge(until).saying(due_on=until)


def test_a_letter_may_come_back_twice(s1: Played) -> None:
    returned(s1)
    reissue(s1).saying(corrects="it came back")
    returned(s1, AGAIN + DAY, reason="refused at the door").then(t.NoticeReturned)
    assert send_again(s1) == ("staff", True)
    assert s1.clock(AGAIN_APPEAL + DAY) == []
    reissue(s1, AGAIN_APPEAL + DAY).then(t.NoticeReissued)
    assert s1.due(EXERCISE, "appeal") == (date(2014, 2, 4), None)
    assert s1.clock(date(2014, 2, 4)) == []
    assert s1.clock(date(2014, 2, 5)) == [f.AssignmentConfirmed]


def test_once_all_is_final_only_a_letter_that_came_back_goes_out_again() -> None:
    s1 = confirmed()
    reissue(s1, CLOSED).then_refused("TR-10", because="its windows have closed")
    returned(s1, CLOSED).then(t.NoticeReturned)
    assert windows(reissue(s1, CLOSED + DAY)) == {}
    assert send_again(s1) == ("staff", False)
    assert s1.clock(AGAIN_APPEAL) == []
    assert s1.goes_to() == Destination.CRC
    returned(s1, AGAIN_APPEAL).then(t.NoticeReturned)
    assert s1.clock(TRANSFER) == [f.StaffTransferred]
    assert send_again(s1) == ("staff", False)
    reissue(s1, TRANSFER).then_refused("TR-10", because="they have transferred")
    returned(s1, TRANSFER).then_refused("TR-10", because="they have transferred")


def test_who_has_answered_may_answer_the_letter_that_went_out_again(s1: Played) -> None:
    answer(s1, ANSWERED)
    assert windows(reissue(s1)) == {"response": AGAIN_RESPONSE, "appeal": AGAIN_APPEAL}
    assert s1.due(EXERCISE, "response") == (AGAIN_RESPONSE, Outcome.MET), "it stays answered"
    answer(s1, AGAIN_RESPONSE, Response.ACKNOWLEDGED).saying(in_time=True)
    assert s1.clock(AGAIN_APPEAL) == []
    assert s1.clock(AGAIN_APPEAL + DAY) == [f.AssignmentConfirmed]


def test_who_has_appealed_has_one_appeal_open_whatever_goes_out_again(s1: Played) -> None:
    s1.lodge(LETTERS + DAY)
    reissue(s1).then(t.NoticeReissued)
    assert s1.due(EXERCISE, "appeal") == (AGAIN_APPEAL, Outcome.MET)
    s1.lodge(AGAIN + DAY, SECOND).then_refused("TR-11", because="an appeal is open already")
    s1.determine(REJECTED, None, on=AGAIN + DAY)
    assert s1.clock(AGAIN_APPEAL) == [], "not before the windows of the second letter"
    assert s1.clock(AGAIN_APPEAL + DAY) == [f.AssignmentConfirmed]


def test_a_longer_window_is_never_shorter_for_a_letter_that_goes_out_again(s1: Played) -> None:
    until = date(2014, 1, 31)
    s1.extend(until, LETTERS + DAY)
    assert windows(reissue(s1)) == {"response": AGAIN_RESPONSE}
    assert s1.due(EXERCISE, "appeal") == (until, None)
    of_group: dict[str, Any] = {"group": GROUP, "window": "response", "until": LATER, "reason": "x"}
    s1.do(EXERCISE, "move-window", AGAIN + DAY, person=None, **of_group).then(t.WindowMoved)
    assert windows(reissue(s1, AGAIN + 2 * DAY)) == {}
    assert s1.due(EXERCISE, "response") == (LATER, None)
    assert s1.clock(until) == []
    assert s1.clock(until + DAY) == [f.AssignmentConfirmed]


def test_a_letter_that_goes_out_again_on_its_own_day_moves_nothing(s1: Played) -> None:
    assert windows(reissue(s1, LETTERS, corrects="the name")) == {}
    reissue(s1, LETTERS).then_nothing()
    assert s1.clock(CLOSED) == [f.AssignmentConfirmed]


def test_nobody_who_has_left_is_written_to_again(s1: Played) -> None:
    returned(s1)
    s1.office.entries = employed(BACK)
    reissue(s1).then_refused("TR-10", because="nobody is written to")
    s1.office.entries = employed(TRANSFER)
    reissue(s1).then(t.NoticeReissued)


def test_a_letter_of_somebody_who_has_left_is_owed_no_more() -> None:
    s1 = confirmed()
    returned(s1, CLOSED)
    s1.office.entries = employed(OBJECTED)
    assert s1.clock(TRANSFER) == [f.LeaverPassedBy]
    assert send_again(s1) == ("staff", False)


def test_no_letter_goes_out_in_what_was_abandoned(s1: Played) -> None:
    returned(s1)
    s1.do(EXERCISE, "abandon", AGAIN, person=None, reason="no money")
    assert send_again(s1) == ("staff", False)
    reissue(s1, AGAIN + DAY).then_refused(because="nothing is due")
    returned(s1, AGAIN + DAY).then_refused(because="nothing is due")


def test_a_letter_that_came_back_known_late_leaves_the_confirmation_to_be_settled(
    s1: Played,
) -> None:
    s1.clock(CLOSED)
    known = returned(s1, BACK, today=CLOSED + DAY)
    known.then(t.NoticeReturned, t.DutyToSettleOpened).saying(step="confirm", would_state=())
    s1.office.redo_everything(CLOSED + DAY)
    assert s1.goes_to() is None
    reissue(s1, CLOSED + DAY).then(t.NoticeReissued)
    assert s1.clock(date(2014, 1, 24)) == []
    assert s1.clock(date(2014, 1, 25)) == [f.AssignmentConfirmed]


def test_a_letter_again_cites_the_document_that_shows_it(s1: Played) -> None:
    done = Done("office", AGAIN, AGAIN, reason="wrong salary", document="letter of 6 January")
    new = late.record(
        s1.office.world("S1", EXERCISE), matter=EXERCISE, act="reissue-letter", inputs={}, done=done
    )
    [fact] = s1.office.append(new)
    assert (fact.made.reason, fact.basis.document) == ("wrong salary", "letter of 6 January")


# --- confirmation -------------------------------------------------------------------------------


def play(s1: Played, acts: str) -> None:
    match acts:
        case "answered":
            answer(s1, ANSWERED)
        case "appealed":
            s1.lodge()
        case "appealed, panel overdue":
            s1.lodge()
            assert s1.clock(PANEL_DUE + DAY) == [p.PanelOverdue]
        case "appealed, upheld for the NPS":
            s1.lodge()
            s1.determine(UPHELD)
        case "appealed, rejected":
            s1.lodge()
            s1.determine(REJECTED, None)
        case "appealed, withdrawn":
            s1.lodge()
            s1.withdraw()
        case "appeal window extended to 2014-01-15":
            s1.extend(LATER, LETTERS)
        case "response window extended to 2014-01-15":
            longer: dict[str, Any] = {"window": "response", "until": LATER, "reason": "on leave"}
            s1.do(EXERCISE, "extend-window", LETTERS, **longer)
        case _:
            assert acts == ""


@pytest.mark.parametrize(
    ("on", "acts", "expected"), cases(CASES / "appeals.md", "Never confirmed before")
)
def test_confirmation_by_the_table(s1: Played, on: str, acts: str, expected: str) -> None:
    """The decision says which clause fails; the clock takes it on the first day on which none
    does."""
    play(s1, acts)
    day = date.fromisoformat(on)
    outcome = would(s1.office, "confirm", day)
    if expected.startswith("confirmed to the "):
        destination = Destination(expected.removeprefix("confirmed to the "))
        outcome.then(f.AssignmentConfirmed).saying(destination=destination)
        assert s1.clock(day) == [f.AssignmentConfirmed]
        assert s1.goes_to() == destination
        would(s1.office, "confirm", day).then_nothing()
    else:
        outcome.then_refused(*expected.removeprefix("refused by ").split(", "))
        assert s1.clock(day) == []


def test_confirming_names_every_failing_clause(s1: Played) -> None:
    s1.lodge(LETTERS + DAY)
    would(s1.office, "confirm", LETTERS + DAY).then_refused("TR-10-response", "TR-11b", "TR-11")
    would(Played().office, "confirm", CLOSED).then_refused("TR-10", because="no assignment letter")


# --- objection ----------------------------------------------------------------------------------


def with_objection(on_record: str) -> Played:
    if on_record == "not in scope":
        return Played(is_proposed=False)
    s1 = Played()
    if on_record == "in scope, no letter yet":
        return s1
    s1.letter()
    if not on_record.startswith("letter"):
        assert s1.clock(CLOSED) == [f.AssignmentConfirmed]
    if on_record == "transferred":
        assert s1.clock(TRANSFER) == [f.StaffTransferred]
    if "objection" in on_record:
        object_(s1, APPEAL_DUE if on_record.startswith("letter") else OBJECTED)
    if "withdrawn" in on_record:
        withdraw_objection(s1, OBJECTED + DAY).then(f.ObjectionWithdrawn)
    if "approved" in on_record or on_record.startswith("ended"):
        approve(s1, "end-by-objection", OBJECTED + DAY).then(t.ApprovalGiven)
    if on_record.startswith("ended"):
        assert s1.clock(TRANSFER) == [f.EmploymentEnded]
    return s1


@pytest.mark.parametrize(
    ("on_record", "act", "on", "expected"), cases(CASES / "objections.md", "Objection")
)
def test_objections_by_the_table(on_record: str, act: str, on: str, expected: str) -> None:
    s1, day = with_objection(on_record), date.fromisoformat(on)
    if act == "the clock":
        kinds: dict[str, list[type[t.MatterFact]]] = {
            "nothing": [],
            "transferred": [f.StaffTransferred],
            "approval asked for": [t.ApprovalAsked],
            "contract ends, not a dismissal": [f.EmploymentEnded],
        }
        assert s1.clock(day) == kinds[expected]
        ending = s1.exercise.ending
        if ending is not None:
            assert (ending.effective_from, ending.treated_as_dismissed) == (TRANSFER, False)
        return
    outcome = object_(s1, day) if act == "object" else withdraw_objection(s1, day)
    match expected.split(" by "):
        case ["refused", clauses]:
            outcome.then_refused(*clauses.split(", "))
        case ["nothing"]:
            outcome.then_nothing()
        case ["objection on record"]:
            outcome.then(f.ObjectionRaised).saying(milestone="transfer", told_to="transferor")
        case _:
            assert expected == "objection withdrawn"
            outcome.then(f.ObjectionWithdrawn)


def test_what_ends_employment_is_approved_by_somebody_else_or_not_for_now() -> None:
    s1 = confirmed()
    object_(s1)
    step: dict[str, Any] = {"step": "end-by-objection"}
    s1.do(EXERCISE, "approve", OBJECTED, **step).then_refused(because="somebody else has to")
    assert s1.clock(TRANSFER) == [t.ApprovalAsked]
    declined = s1.do(EXERCISE, "decline", TRANSFER, reason="she is on leave", **step)
    declined.then(t.ApprovalDeclined)
    assert s1.clock(TRANSFER + DAY) == []
    approve(s1, "end-by-objection", TRANSFER + 9 * DAY).then(t.ApprovalGiven)
    assert s1.clock(TRANSFER + 9 * DAY) == [f.EmploymentEnded]
    assert s1.exercise.ending is not None
    assert s1.exercise.ending.effective_from == TRANSFER, "it takes effect on its day"


def test_another_objection_needs_another_approval() -> None:
    s1 = confirmed()
    object_(s1)
    approve(s1, "end-by-objection", OBJECTED)
    withdraw_objection(s1, OBJECTED + DAY)
    object_(s1, OBJECTED + 2 * DAY).then(f.ObjectionRaised)
    assert s1.clock(TRANSFER) == [t.ApprovalAsked]


def test_an_edition_may_give_no_right_to_object() -> None:
    spo = rulebook("spo-2022")
    rules = binding(spo.with_values(assumed=spo.suggested()))
    assert not rules.allows("objection")
    s1 = Played(is_proposed=False)
    s1.office.rules = rules
    s1.do(EXERCISE, "object", START, told_to="transferor").then_refused(
        rules.clause_for("objection"), because="nobody a right to object"
    )


def test_an_ended_employment_leaves_no_facet_behind() -> None:
    s1 = with_objection("ended by objection")
    assert s1.exercise.ending is not None
    pieces = f.ending_pieces(s1.exercise.ending)
    assert {piece.key.name for piece in pieces} == set(Facet)
    assert {(piece.value, piece.effective_from) for piece in pieces} == {(None, TRANSFER)}


# --- the move -----------------------------------------------------------------------------------


@pytest.mark.parametrize("on", [TRANSFER, TRANSFER + 9 * DAY])
def test_a_move_takes_effect_on_its_day_even_where_it_is_recorded_later(on: date) -> None:
    s1 = confirmed()
    assert s1.clock(TRANSFER - DAY) == []
    assert s1.clock(on) == [f.StaffTransferred]
    moved = s1.exercise.transfer
    assert moved is not None
    assert (moved.effective_from, moved.destination) == (TRANSFER, Destination.CRC)
    assert moved.mechanism is Mechanism.OMA_STS
    assert s1.clock(on) == []


def test_a_move_changes_exactly_what_the_edition_says() -> None:
    s1 = confirmed()
    s1.clock(TRANSFER)
    moved = s1.exercise.transfer
    assert moved is not None
    assert set(moved.changes) == {Facet.EMPLOYER}
    [piece] = f.transfer_pieces(moved)
    assert piece.key == Key(Kind.FACET, MAIN, Facet.EMPLOYER)
    assert (piece.value, piece.effective_from, piece.effective_to) == (
        "London Community Rehabilitation Company",
        TRANSFER,
        None,
    )


def test_who_is_no_transferors_on_the_day_is_not_moved_and_stays_due() -> None:
    s1 = confirmed()
    theirs = s1.office.entries
    s1.office.entries = employed(SOLD, then_by="A Company Ltd")
    assert s1.clock(TRANSFER) == [t.StepRefused]
    [refused] = [x for x in s1.office.facts(EXERCISE) if isinstance(x, t.StepRefused)]
    assert (refused.step, refused.clauses) == ("move", ("TR-12",))
    assert refused.reasons == (
        "employed by A Company Ltd on 2014-06-01, which is not a transferor",
    )
    assert s1.clock(TRANSFER + DAY) == [], "said once"
    assert s1.due(EXERCISE, "move") == (TRANSFER, None)
    s1.office.entries = employed(SOLD, then_by="B Company Ltd")
    assert s1.clock(TRANSFER + DAY) == [t.StepRefused], "for another reason"
    s1.office.entries = theirs
    assert s1.clock(TRANSFER + 2 * DAY) == [f.StaffTransferred]
    assert put_right_by(s1, "move") is Outcome.MET


def test_a_move_gives_the_terms_of_its_edition_for_as_long_as_that_says() -> None:
    book = load_edition(HARBOUR.read_bytes())
    rules = binding(book.with_values(assumed=book.suggested()))
    whole, on, letters_on = Whole(rules, "North Board"), date(2031, 5, 1), date(2031, 3, 3)
    whole.office.entries = employed(by="North Board")
    whole.day("north-day", on)
    whole.do("join", person="S1")
    whole.do("decide-by-panel", person="S1", to="pilot", reason="the hours")
    path = rules.path_of("by-hours")
    whole.group("G", "S1", letters_on=letters_on, transferor="North Board", path=path)
    whole.do("approve", person="S1", by="other", step="issue-letters").then(t.ApprovalGiven)
    whole.clock(letters_on, "S1").then(f.AssignmentLetterIssued)
    assert whole.office.through(EXERCISE, "issue-letters", "G", letters_on)
    whole.clock(letters_on)
    whole.clock(date(2031, 4, 1), "S1").then(f.AssignmentConfirmed)
    moved, given = whole.clock(on, "S1").then(f.StaffTransferred, f.TermGivenByMove).facts
    assert isinstance(moved, f.StaffTransferred)
    assert moved.changes == {Facet.EMPLOYER: "Pilots", Facet.LINE_MANAGER: None}
    assert isinstance(given, f.TermGivenByMove)
    assert (given.term, given.value, given.basis.clause) == ("pay_kept", "as before", "keep")
    [piece] = f.term_pieces(given)
    assert (piece.effective_from, piece.effective_to) == (on, date(2033, 5, 1))


# --- left behind --------------------------------------------------------------------------------


def test_ending_by_dissolution_counts_as_a_dismissal_and_is_approved() -> None:
    s1 = Played(is_proposed=False)
    s1.do(EXERCISE, "move-milestone", START, person=None, milestone="dissolution", to=DISSOLUTION)
    assert s1.clock(DISSOLUTION) == [t.ApprovalAsked]
    approve(s1, "end-by-dissolution", DISSOLUTION).then(t.ApprovalGiven)
    assert s1.clock(DISSOLUTION) == [f.EmploymentEnded]
    ended = s1.exercise.ending
    assert ended is not None
    assert (ended.effective_from, ended.treated_as_dismissed) == (DISSOLUTION, True)
    assert s1.clock(DISSOLUTION + DAY) == []


def test_nobody_who_was_moved_is_dismissed() -> None:
    s1 = confirmed()
    s1.do(EXERCISE, "move-milestone", CLOSED, person=None, milestone="dissolution", to=DISSOLUTION)
    assert s1.clock(TRANSFER) == [f.StaffTransferred]
    assert s1.clock(DISSOLUTION) == []


def test_nobody_is_dismissed_while_a_step_is_still_due_or_undecided() -> None:
    s1 = confirmed()
    s1.do(EXERCISE, "move-milestone", CLOSED, person=None, milestone="dissolution", to=DISSOLUTION)
    s1.office.entries = employed(SOLD, then_by="A Company Ltd")
    assert s1.clock(TRANSFER) == [t.StepRefused]
    approve(s1, "end-by-dissolution", TRANSFER).then(t.ApprovalGiven)
    would(s1.office, "end-by-dissolution", DISSOLUTION).then_refused(
        "TR-16", because="move was due on 2014-06-01 and is not done"
    )
    assert s1.clock(DISSOLUTION) == [t.StepRefused]

    undecided = Played(is_proposed=False)
    undecided.do(EXERCISE, "join", START)
    would(undecided.office, "end-by-dissolution", DISSOLUTION).then_refused(
        "TR-16", because="a panel must"
    )


# --- who has left -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "on", "step"),
    [
        (LETTERS, LETTERS, "issue-letters"),
        (CLOSED, CLOSED, "confirm"),
        (TRANSFER, TRANSFER, "move"),
    ],
)
def test_who_is_employed_no_more_is_passed_by_and_taken_again_if_they_are(
    left: date, on: date, step: str
) -> None:
    s1 = Played()
    if step == "issue-letters":
        group: dict[str, Any] = {
            "group": GROUP,
            "transferor": "LDN",
            "path": "sifted",
            "people": ["S1"],
        }
        s1.do(EXERCISE, "form-group", START, person=None, letters_on=LETTERS, **group)
    else:
        s1.letter()
    if step == "move":
        s1.clock(CLOSED)
    s1.office.entries = employed(left)
    assert s1.clock(on) == [f.LeaverPassedBy]
    passed = s1.exercise.passed_by
    assert passed is not None
    assert (passed.step, passed.left_on) == (step, left)
    assert s1.exercise.is_settled
    assert s1.clock(on + DAY) == []
    assert put_right(s1.office, employed(), on + DAY).facts != ()
    s1.office.redo_everything(on + DAY)
    taken = {
        "issue-letters": f.AssignmentLetterIssued,
        "confirm": f.AssignmentConfirmed,
        "move": f.StaffTransferred,
    }
    s1.clock(on + DAY)
    assert taken[step] in map(type, s1.office.facts(EXERCISE))
    assert s1.exercise.passed_by is None


def test_nobody_is_dismissed_who_had_left() -> None:
    s1 = Played(is_proposed=False)
    s1.do(EXERCISE, "move-milestone", START, person=None, milestone="dissolution", to=DISSOLUTION)
    approve(s1, "end-by-dissolution", START)
    s1.office.entries = employed(date(2014, 3, 1))
    assert s1.clock(DISSOLUTION) == [f.LeaverPassedBy]
    assert s1.exercise.ending is None


def test_an_objection_of_somebody_who_has_left_ends_nothing() -> None:
    s1 = confirmed()
    object_(s1)
    approve(s1, "end-by-objection", OBJECTED)
    s1.office.entries = employed(OBJECTED + DAY)
    assert s1.clock(TRANSFER) == [f.LeaverPassedBy]
    assert s1.due(EXERCISE, "end-of-employment") == (TRANSFER, Outcome.SUPERSEDED)

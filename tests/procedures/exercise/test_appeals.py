"""Appeals: lodged, refused as late, heard after all, determined; by tables an official reads."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.cases import cases
from tests.support.scenario import Stream, given
from tests.support.tr_2013 import (
    APPEAL_DUE,
    CLOSED,
    COHORT,
    DUE,
    LETTERS,
    PANEL_DUE,
    RULES,
    UP_TO_LETTER,
    accepted_late,
    appealed,
    confirmed,
    determined,
    extended,
    in_scope,
    overdue,
    participation,
    proposed,
    refused_late,
    transferred,
)
from tests.support.words_2013 import Destination, Response
from transfer.core.words import AppealOutcome
from transfer.procedures.exercise import appeals
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise import person as decide
from transfer.procedures.exercise.person import Participation

CASES = Path(__file__).parent / "cases"
DAY = timedelta(days=1)

person = Stream(participation, decide.evolve)


def lodge(
    p: Participation, *, on: date = APPEAL_DUE, due_on: date = APPEAL_DUE
) -> tuple[f.AppealLodged | f.AppealRefusedOutOfTime, ...]:
    return appeals.lodge_appeal(p, on=on, grounds="the caseload", due_on=due_on, rules=RULES)


def accept(p: Participation, *, reason: str = "no fault") -> tuple[f.AppealAcceptedOutOfTime, ...]:
    return appeals.accept_out_of_time(p, on=date(2014, 1, 13), reason=reason, rules=RULES)


def determine(
    p: Participation,
    *,
    outcome: AppealOutcome = AppealOutcome.UPHELD,
    destination: Destination | None = Destination.NPS,
    on: date = date(2014, 2, 4),
) -> tuple[f.AppealDetermined, ...]:
    return appeals.determine_appeal(
        p, on=on, outcome=outcome, destination=destination, reason="heard", rules=RULES
    )


def test_an_appeal_in_time_says_until_when_its_panel_has() -> None:
    outcome = given(person, *UP_TO_LETTER).when(lodge).then(f.AppealLodged)
    outcome.saying(lodged_on=APPEAL_DUE, due_on=APPEAL_DUE, panel_due_on=PANEL_DUE)
    outcome.resting_on("TR-11b=10wd", "TR-11b-panel=20wd")
    outcome.then_done_once()


def test_a_late_appeal_is_refused_and_the_refusal_is_on_record() -> None:
    outcome = given(person, *UP_TO_LETTER, confirmed()).when(lambda p: lodge(p, on=CLOSED))
    outcome.then(f.AppealRefusedOutOfTime).saying(lodged_on=CLOSED, due_on=APPEAL_DUE)
    outcome.then_done_once()


def test_there_must_be_something_to_appeal_against_and_once() -> None:
    given(person, in_scope(), proposed()).when(lodge).then_refused("TR-11")
    open_ = given(person, *UP_TO_LETTER, appealed(LETTERS + DAY))
    open_.when(lodge).then_refused("TR-11", because="open already")
    heard = given(
        person,
        *UP_TO_LETTER,
        appealed(LETTERS + DAY),
        determined(AppealOutcome.REJECTED, Destination.CRC),
    )
    heard.when(lodge).then_refused("TR-11", because="determined already")
    heard.when(lambda p: lodge(p, on=LETTERS + DAY)).then_nothing()


@pytest.mark.parametrize(
    ("issued", "acts", "on", "expected"), cases(CASES / "appeals.md", "In time, late")
)
def test_appeals_by_the_table(issued: str, acts: str, on: str, expected: str) -> None:
    """Each row: a letter of ten working days, what came between, and what becomes of an appeal."""
    sent = decide.issue_letter(
        given(person, in_scope(), proposed()).state,
        cohort=COHORT,
        path="sifted",
        transferor="LDN",
        on=date.fromisoformat(issued),
        rules=RULES,
    )
    history: list[f.AssignmentFact] = [in_scope(), proposed(), *sent]
    due_on = sent[0].due_on("appeal")
    assert due_on is not None
    if acts.startswith("extended to "):
        due_on = date.fromisoformat(acts.removeprefix("extended to "))
        history.append(extended(due_on))
    outcome = given(person, *history).when(
        lambda p: lodge(p, on=date.fromisoformat(on), due_on=due_on)
    )
    verdict, _, last_day = expected.partition(", last day ")
    kinds: dict[str, type[f.AppealLodged | f.AppealRefusedOutOfTime]] = {
        "in time": f.AppealLodged,
        "refused out of time": f.AppealRefusedOutOfTime,
    }
    outcome.then(kinds[verdict]).saying(due_on=date.fromisoformat(last_day))


@pytest.mark.parametrize(
    ("on_record", "reason", "expected"), cases(CASES / "appeals.md", "Accepted out of time")
)
def test_accepting_late_appeals_by_the_table(on_record: str, reason: str, expected: str) -> None:
    histories: dict[str, tuple[f.AssignmentFact, ...]] = {
        "no appeal": (),
        "an appeal in time": (appealed(),),
        "a late appeal, refused": (refused_late(),),
        "a late appeal, refused; then one in time, after an extension": (
            refused_late(),
            extended(date(2014, 1, 15)),
            appealed(date(2014, 1, 10)),
        ),
        "a late appeal, refused and accepted": (refused_late(), accepted_late()),
        "a late appeal, refused; assignment confirmed": (confirmed(), refused_late()),
        "a late appeal, refused; transferred": (confirmed(), refused_late(), transferred()),
    }
    outcome = given(person, *UP_TO_LETTER, *histories[on_record]).when(
        lambda p: accept(p, reason=reason)
    )
    match expected.split(" ", 1):
        case ["accepted", _]:
            outcome.then(f.AppealAcceptedOutOfTime).saying(panel_due_on=date(2014, 2, 10))
            outcome.then_done_once()
        case ["nothing", _]:
            outcome.then_nothing()
        case ["refused", because]:
            clause, _, words = because.partition(": ")
            outcome.then_refused(clause, because=words)
        case _:
            raise AssertionError(expected)


def test_a_late_appeal_keeps_its_refusal_and_reopens_what_was_final() -> None:
    state = given(person, *UP_TO_LETTER, confirmed(), refused_late(), accepted_late()).state
    assert state.confirmation is None
    assert state.open_appeal is not None
    given(
        person,
        *UP_TO_LETTER,
        confirmed(),
        refused_late(),
        accepted_late(),
        determined(AppealOutcome.UPHELD),
    ).when(
        lambda p: decide.confirm(
            p,
            on=date(2014, 2, 5),
            due=DUE,
            rules=RULES,
        )
    ).then(f.AssignmentConfirmed).saying(destination=Destination.NPS)


def test_an_overdue_panel_is_noted_the_day_after_its_day() -> None:
    waiting = given(person, *UP_TO_LETTER, appealed())

    def note(p: Participation, on: date = PANEL_DUE + DAY) -> tuple[f.PanelOverdue, ...]:
        return appeals.note_panel_overdue(p, on=on, rules=RULES)

    waiting.when(note).then(f.PanelOverdue).saying(panel_due_on=PANEL_DUE).then_done_once()
    waiting.when(lambda p: note(p, on=PANEL_DUE)).then_nothing()
    given(person, *UP_TO_LETTER, appealed(), overdue()).when(note).then_nothing()
    given(person, *UP_TO_LETTER).when(note).then_nothing()


def test_determining_an_appeal() -> None:
    waiting = given(person, *UP_TO_LETTER, appealed())
    waiting.when(determine).then(f.AppealDetermined).saying(
        destination=Destination.NPS
    ).then_done_once()
    waiting.when(lambda p: determine(p, outcome=AppealOutcome.REJECTED)).then(
        f.AppealDetermined
    ).saying(destination=Destination.CRC)
    waiting.when(lambda p: determine(p, destination=None)).then_refused(
        "TR-11", because="names another destination"
    )
    waiting.when(lambda p: determine(p, destination=Destination.CRC)).then_refused(
        "TR-11", because="names another destination"
    )
    waiting.when(lambda p: determine(p, on=APPEAL_DUE - DAY)).then_refused(
        "TR-11", because="before it was lodged"
    )
    given(person, *UP_TO_LETTER).when(determine).then_refused("TR-11", because="no appeal is open")
    given(
        person, *UP_TO_LETTER, appealed(), determined(AppealOutcome.REJECTED, Destination.CRC)
    ).when(determine).then_refused("TR-11")


def test_an_overdue_appeal_can_still_be_determined() -> None:
    given(person, *UP_TO_LETTER, appealed(), overdue()).when(determine).then(f.AppealDetermined)


@pytest.mark.parametrize("act", ["appeal", "answer"])
def test_nobody_answers_or_appeals_before_their_letter(act: str) -> None:
    eve = LETTERS - timedelta(days=1)

    def early(p: Participation) -> tuple[f.AssignmentFact, ...]:
        if act == "appeal":
            return lodge(p, on=eve)
        return decide.record_response(
            p,
            on=eve,
            response=Response.ACKNOWLEDGED,
            window="response",
            due_on=LETTERS,
            rules=RULES,
        )

    given(person, *UP_TO_LETTER).when(early).then_refused("TR-11" if act == "appeal" else "TR-10")

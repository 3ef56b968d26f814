"""One person's way through the exercise: each decision does it, refuses it, or stays quiet."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.cases import cases
from tests.support.scenario import Stream, given
from tests.support.tr_2013 import (
    APPEAL_DUE,
    CLOSED,
    COHORT,
    DISSOLUTION,
    DUE,
    EXERCISE,
    LETTERS,
    RESPONSE_DUE,
    RULES,
    TR_2013,
    TRANSFER,
    UP_TO_LETTER,
    appealed,
    assign,
    cohort,
    confirmed,
    determined,
    extended,
    in_scope,
    letter,
    objected,
    overdue,
    participation,
    proposed,
    refused,
    responded,
    transferred,
)
from tests.support.words_2013 import Destination, Response, Window
from transfer.core.dating.effective_dating import Key, Kind
from transfer.core.refusals import Failure, Refused
from transfer.core.words import MAIN, AppealOutcome, Facet, Mechanism
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise import person as decide
from transfer.procedures.exercise.next_for_person import window_due_for, windows_due_for
from transfer.procedures.exercise.person import Participation

CASES = Path(__file__).parent / "cases"
DAY = timedelta(days=1)

person = Stream(participation, decide.evolve)


def confirm(p: Participation, *, on: date = CLOSED) -> tuple[f.AssignmentConfirmed, ...]:
    return decide.confirm(p, on=on, due=DUE, rules=RULES)


def transfer(p: Participation, *, on: date = TRANSFER) -> tuple[f.StaffTransferred, ...]:
    return decide.transfer(
        p,
        on=on,
        transfer_on=TRANSFER,
        mechanism=Mechanism.OMA_STS,
        changes={Facet.EMPLOYER: "C17"},
        rules=RULES,
    )


def object_(p: Participation) -> tuple[f.ObjectionRaised, ...]:
    return decide.raise_objection(
        p,
        on=date(2014, 5, 28),
        told_to="transferor",
        learned_on=date(2014, 5, 29),
        milestone="transfer",
        rules=RULES,
    )


def end_by_objection(p: Participation, *, on: date = TRANSFER) -> tuple[f.EmploymentEnded, ...]:
    return decide.end_by_objection(p, on=on, transfer_on=TRANSFER, rules=RULES)


def extend(p: Participation, *, due_on: date) -> tuple[f.WindowExtended, ...]:
    return decide.extend_window(
        p,
        window=Window.APPEAL,
        due_on_before=window_due_for(p, cohort(), Window.APPEAL, RULES),
        due_on=due_on,
        reason="on leave",
        rules=RULES,
    )


# --- scope, proposal, letter --------------------------------------------------------------------


def test_bringing_into_scope() -> None:
    def bring(p: Participation) -> tuple[f.BroughtIntoScope, ...]:
        return decide.bring_into_scope(p, on=date(2013, 11, 13), rules=RULES)

    given(person).when(bring).then(f.BroughtIntoScope).then_done_once()
    given(person, in_scope()).when(bring).then_nothing()


def test_proposing() -> None:
    choice = assign({"automatic": Destination.NPS})

    def propose(p: Participation) -> tuple[f.AssignmentProposed, ...]:
        return decide.propose(p, choice, on=date(2013, 12, 2), rules=RULES)

    outcome = given(person, in_scope()).when(propose).then(f.AssignmentProposed)
    outcome.saying(route=choice.route, destination=Destination.NPS, evidence=choice.evidence)
    outcome.then_done_once()
    given(person).when(propose).then_refused("TR-01")
    given(person, in_scope(), proposed()).when(propose).then_nothing()


def test_the_letter_publishes_both_windows_and_the_calendar() -> None:
    def issue(p: Participation) -> tuple[f.AssignmentLetterIssued, ...]:
        return decide.issue_letter(
            p, cohort=COHORT, path="sifted", transferor="LDN", on=LETTERS, rules=RULES
        )

    outcome = given(person, in_scope(), proposed()).when(issue).then(f.AssignmentLetterIssued)
    outcome.saying(
        windows=letter().windows,
        letters=("assignment",),
        contents=TR_2013.letters[0].contents,
        calendar="ew-2013-11",
        destination=Destination.CRC,
        cohort=COHORT,
    )
    outcome.then_done_once()
    given(person, in_scope()).when(issue).then_refused("TR-08")
    given(person, *UP_TO_LETTER).when(issue).then_nothing()


# --- responses and extensions -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "in_time"), [(LETTERS + DAY, True), (RESPONSE_DUE, True), (RESPONSE_DUE + DAY, False)]
)
def test_a_late_response_is_kept_and_says_so(on: date, in_time: bool) -> None:
    def respond(p: Participation) -> tuple[f.ResponseRecorded, ...]:
        return decide.record_response(
            p,
            on=on,
            response=Response.RIGHTS_RESERVED,
            window=Window.RESPONSE,
            due_on=RESPONSE_DUE,
            rules=RULES,
        )

    outcome = given(person, *UP_TO_LETTER).when(respond).then(f.ResponseRecorded)
    outcome.saying(in_time=in_time, responded_on=on).then_done_once()
    given(person, in_scope(), proposed()).when(respond).then_refused("TR-10")


def test_another_response_is_recorded_beside_the_first() -> None:
    def acknowledge(p: Participation) -> tuple[f.ResponseRecorded, ...]:
        return decide.record_response(
            p,
            on=date(2013, 12, 24),
            response=Response.ACKNOWLEDGED,
            window=Window.RESPONSE,
            due_on=RESPONSE_DUE,
            rules=RULES,
        )

    given(person, *UP_TO_LETTER, responded()).when(acknowledge).then(f.ResponseRecorded)


def test_extending_a_window() -> None:
    later = date(2014, 1, 15)
    outcome = given(person, *UP_TO_LETTER).when(lambda p: extend(p, due_on=later))
    outcome.then(f.WindowExtended).saying(due_on_before=APPEAL_DUE, due_on=later)
    outcome.then_done_once()
    given(person, *UP_TO_LETTER).when(lambda p: extend(p, due_on=APPEAL_DUE)).then_nothing()
    given(person, *UP_TO_LETTER, extended(later)).when(
        lambda p: extend(p, due_on=APPEAL_DUE)
    ).then_refused("TR-11b", because="published as closing on 2014-01-15")
    given(person, *UP_TO_LETTER, confirmed()).when(lambda p: extend(p, due_on=later)).then_refused(
        "TR-11b", because="confirmed"
    )


def test_no_window_is_extended_before_there_is_a_letter() -> None:
    def extend_early(p: Participation) -> tuple[f.WindowExtended, ...]:
        return decide.extend_window(
            p,
            window=Window.RESPONSE,
            due_on_before=RESPONSE_DUE,
            due_on=CLOSED,
            reason="on leave",
            rules=RULES,
        )

    given(person, in_scope(), proposed()).when(extend_early).then_refused("TR-10")


# --- confirmation -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "acts", "expected"), cases(CASES / "appeals.md", "Never confirmed before")
)
def test_confirmation_by_the_table(on: str, acts: str, expected: str) -> None:
    histories: dict[str, tuple[f.AssignmentFact, ...]] = {
        "": (),
        "answered": (responded(),),
        "appealed": (appealed(),),
        "appealed, panel overdue": (appealed(), overdue()),
        "appealed, upheld for the NPS": (appealed(), determined(AppealOutcome.UPHELD)),
        "appealed, rejected": (appealed(), determined(AppealOutcome.REJECTED, Destination.CRC)),
        "appeal window extended to 2014-01-15": (extended(date(2014, 1, 15)),),
        "response window extended to 2014-01-15": (extended(date(2014, 1, 15), Window.RESPONSE),),
    }

    def confirm_by_own_windows(p: Participation) -> tuple[f.AssignmentConfirmed, ...]:
        return decide.confirm(
            p,
            on=date.fromisoformat(on),
            due=windows_due_for(p, cohort(), RULES),
            rules=RULES,
        )

    outcome = given(person, *UP_TO_LETTER, *histories[acts]).when(confirm_by_own_windows)
    if expected.startswith("confirmed to the "):
        destination = Destination(expected.removeprefix("confirmed to the "))
        outcome.then(f.AssignmentConfirmed).saying(destination=destination).then_done_once()
    else:
        outcome.then_refused(*expected.removeprefix("refused by ").split(", "))


def test_confirming_names_every_failing_clause() -> None:
    given(person, *UP_TO_LETTER, appealed(LETTERS + DAY)).when(
        lambda p: confirm(p, on=LETTERS + DAY)
    ).then_refused("TR-10-response", "TR-11b", "TR-11")
    given(person, in_scope(), proposed()).when(confirm).then_refused("TR-10")
    given(person, *UP_TO_LETTER, confirmed()).when(confirm).then_nothing()


# --- objection, transfer, ending ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("on_record", "act", "on", "expected"), cases(CASES / "objections.md", "Objection")
)
def test_objections_by_the_table(on_record: str, act: str, on: str, expected: str) -> None:
    histories: dict[str, tuple[f.AssignmentFact, ...]] = {
        "not in scope": (),
        "in scope, no letter yet": (in_scope(),),
        "confirmed": (*UP_TO_LETTER, confirmed()),
        "confirmed, objection": (*UP_TO_LETTER, confirmed(), objected()),
        "letter, objection": (*UP_TO_LETTER, objected()),
        "transferred": (*UP_TO_LETTER, confirmed(), transferred()),
    }
    day = date.fromisoformat(on)

    def take(p: Participation) -> tuple[f.AssignmentFact, ...]:
        match act:
            case "object":
                return object_(p)
            case "transfer":
                return transfer(p, on=day)
            case "end by objection":
                return end_by_objection(p, on=day)
            case _:
                raise AssertionError(act)

    outcome = given(person, *histories[on_record]).when(take)
    match expected.split(" by "):
        case ["nothing"]:
            outcome.then_nothing()
        case ["refused", clauses]:
            outcome.then_refused(*clauses.split(", "))
        case ["objection on record"]:
            outcome.then(f.ObjectionRaised).saying(learned_on=date(2014, 5, 29)).then_done_once()
        case ["contract ends, not a dismissal"]:
            outcome.then(f.EmploymentEnded).saying(
                effective_from=TRANSFER, treated_as_dismissed=False
            ).then_done_once()
        case ["transferred"]:
            outcome.then(f.StaffTransferred).then_done_once()
        case _:
            raise AssertionError(expected)


def test_transferring_on_the_day_or_later_and_never_before() -> None:
    final = given(person, *UP_TO_LETTER, confirmed())
    final.when(transfer).then(f.StaffTransferred).saying(
        effective_from=TRANSFER, destination=Destination.CRC, mechanism=Mechanism.OMA_STS
    ).then_done_once()
    final.when(lambda p: transfer(p, on=TRANSFER + 9 * DAY)).then(f.StaffTransferred).saying(
        effective_from=TRANSFER
    )
    final.when(lambda p: transfer(p, on=TRANSFER - DAY)).then_refused("TR-12")


def test_transferring_names_every_failing_clause() -> None:
    given(person, *UP_TO_LETTER, appealed(), objected()).when(
        lambda p: transfer(p, on=TRANSFER - DAY)
    ).then_refused("TR-12", "TR-14", "TR-11", because="an appeal awaits its panel")


def test_a_transfer_states_only_what_moves() -> None:
    [fact] = transfer(given(person, *UP_TO_LETTER, confirmed()).state)
    [piece] = f.transfer_pieces(fact)
    assert piece.key == Key(Kind.FACET, MAIN, Facet.EMPLOYER)
    assert (piece.value, piece.effective_from, piece.effective_to) == ("C17", TRANSFER, None)


def test_ending_by_dissolution_counts_as_a_dismissal() -> None:
    def end(p: Participation) -> tuple[f.EmploymentEnded, ...]:
        return decide.end_by_dissolution(p, dissolved_on=DISSOLUTION, rules=RULES)

    left_over = given(person, in_scope()).when(end).then(f.EmploymentEnded)
    left_over.saying(treated_as_dismissed=True, effective_from=DISSOLUTION).then_done_once()
    given(person, *UP_TO_LETTER, confirmed(), transferred()).when(end).then_nothing()


def test_an_ended_employment_leaves_no_facet_behind() -> None:
    [fact] = end_by_objection(given(person, *UP_TO_LETTER, objected()).state)
    pieces = f.ending_pieces(fact)
    assert {piece.key.name for piece in pieces} == set(Facet)
    assert {(piece.value, piece.effective_from) for piece in pieces} == {(None, TRANSFER)}


# --- obligations --------------------------------------------------------------------------------


def test_a_step_that_could_not_be_taken_is_on_record_once_with_every_reason() -> None:
    refusal = Refused.all_of(
        (Failure("an objection stands", "TR-14"), Failure("not confirmed", "TR-11"))
    )

    def refuse(p: Participation) -> tuple[f.StepRefused, ...]:
        return decide.refuse_step(
            p, step="transfer", on=TRANSFER, refusal=refusal, basis=RULES.basis("TR-12")
        )

    outcome = given(person, *UP_TO_LETTER).when(refuse).then(f.StepRefused)
    outcome.saying(
        reasons=("an objection stands", "not confirmed"), clauses=("TR-14", "TR-11")
    ).then_done_once()


def test_other_reasons_are_recorded_anew_and_a_step_taken_is_refused_no_more() -> None:
    other = given(person, *UP_TO_LETTER, refused("transfer", "employed by A Company Ltd"))
    other.when(
        lambda p: decide.refuse_step(
            p,
            step="transfer",
            on=TRANSFER,
            refusal=Refused("employed by B Company Ltd", clause="TR-12"),
            basis=RULES.basis("TR-12"),
        )
    ).then(f.StepRefused)
    assert set(other.state.refused) == {"transfer"}
    closed = (*UP_TO_LETTER, refused("close-windows"), confirmed())
    assert given(person, *closed).state.refused == {}
    moved = (*closed, refused("transfer"), refused("dissolve"), transferred())
    assert given(person, *moved).state.refused == {}


def test_nobody_is_dismissed_while_a_refused_step_is_due() -> None:
    history = (*UP_TO_LETTER, refused("transfer", "no Trust"), refused("dissolve", "as above"))
    given(person, *history).when(
        lambda p: decide.end_by_dissolution(p, dissolved_on=DISSOLUTION, rules=RULES)
    ).then_refused("TR-16", because="transfer was refused and is still due: no Trust")


def test_what_the_staff_return_said_changes_nothing_of_the_procedure() -> None:
    before = given(person, *UP_TO_LETTER).state
    after = given(person, *UP_TO_LETTER, f.EvidenceReturned(values={"preference": "NPS"})).state
    assert after == before


def test_letters_state_the_destination_proposed() -> None:
    state = given(person, in_scope(), proposed(Destination.NPS), letter(Destination.NPS)).state
    assert state.destination == Destination.NPS
    assert state.exercise == EXERCISE

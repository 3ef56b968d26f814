"""The exercise of 2013 in one Trust, with assumed windows: facts for tests to begin from.

Letters go out on 20 December 2013; five working days to respond end on 31 December, ten to appeal
on 8 January 2014; a panel has twenty. The transfer is on 1 June 2014.
"""

from collections.abc import Mapping
from datetime import date

from transfer.procedures.exercise.exercise import Cohort, CohortStep
from transfer.procedures.exercise.person import Participation
from transfer.procedures.exercise.routes import Choice

from tests.support.words_2013 import Destination, MilestoneName, Response, Route, Window
from transfer.commands.exercises import choice_of
from transfer.core.words import AppealOutcome, Mechanism, WindowKind
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.rulebooks import TermsOfExercise, rulebook
from transfer.rulebooks.deciding import case_of, decide

TR_2013 = rulebook("tr-2013")

EXERCISE = "tr-2013.london"
COHORT = "LDN.sifted"

LETTERS = date(2013, 12, 20)
RESPONSE_DUE = date(2013, 12, 31)
APPEAL_DUE = date(2014, 1, 8)
CLOSED = date(2014, 1, 9)
PANEL_DUE = date(2014, 2, 5)
TRANSFER = date(2014, 6, 1)
DISSOLUTION = date(2014, 10, 31)

RULES = TR_2013.with_values(
    assumed={
        "TR-11b": "10wd",
        "TR-11b-panel": "20wd",
        "TR-10-response": "5wd",
        "TR-09b": "2013-11-11",
        "TR-09-share": "0.5",
    }
)


def assign(
    evidence: Mapping[str, str],
    *,
    role: str | None = "probation officer",
    staff_number: str = "S1",
    seed: str = "1",
    rules: TermsOfExercise = RULES,
) -> Choice:
    """What the table of 2013 comes to for somebody of a Trust."""
    facets = {"employer": "London Probation Trust", "role": role, "band": "4"}
    case = case_of(rules, facets=facets, evidence=evidence, on=date(2013, 12, 2))
    return choice_of(decide(rules, case, staff_number=staff_number, seed=seed), rules)


def participation() -> Participation:
    """Somebody of whom nothing is on record in this exercise."""
    return Participation(EXERCISE)


def in_scope() -> a.BroughtIntoScope:
    """Covered from the chief executive's letter on."""
    return a.BroughtIntoScope(
        exercise=EXERCISE, effective_from=date(2013, 11, 13), basis=RULES.basis("TR-01")
    )


def proposed(destination: Destination = Destination.CRC) -> a.AssignmentProposed:
    """Proposed by the evidence of a caseload."""
    return a.AssignmentProposed(
        exercise=EXERCISE,
        route=Route.LOCAL_EVIDENCE,
        destination=destination,
        proposed_on=date(2013, 12, 2),
        reason="10 of 40 cases high risk",
        evidence=a.Evidence(
            matched=TR_2013.route("local-evidence").when,
            saw={"caseload_total": "40", "caseload_high_risk": "10", "TR-09-share": "0.5"},
        ),
        basis=RULES.basis("TR-09"),
    )


def letter(destination: Destination = Destination.CRC) -> a.AssignmentLetterIssued:
    """The letter of 20 December 2013."""
    return a.AssignmentLetterIssued(
        exercise=EXERCISE,
        cohort=COHORT,
        letters=("assignment",),
        contents=TR_2013.letters[0].contents,
        issued_on=LETTERS,
        destination=destination,
        windows=(
            a.WindowOpened(
                window="response",
                kind=WindowKind.RESPONSE,
                due_on=RESPONSE_DUE,
                basis=RULES.basis("TR-10-response"),
            ),
            a.WindowOpened(
                window="appeal",
                kind=WindowKind.APPEAL,
                due_on=APPEAL_DUE,
                basis=RULES.basis("TR-11b"),
            ),
        ),
        calendar=RULES.calendar.edition,
        basis=RULES.basis("TR-10"),
    )


DUE = {"response": RESPONSE_DUE, "appeal": APPEAL_DUE}
"""The last days of both windows, as the letter has them."""


UP_TO_LETTER = (in_scope(), proposed(), letter())
"""In scope, proposed, told."""


def responded(on: date = date(2013, 12, 24)) -> a.ResponseRecorded:
    """Answered with a reservation of rights."""
    return a.ResponseRecorded(
        exercise=EXERCISE,
        window="response",
        kind=WindowKind.RESPONSE,
        responded_on=on,
        response=Response.RIGHTS_RESERVED,
        in_time=on <= RESPONSE_DUE,
        basis=RULES.basis("TR-10"),
    )


def extended(due_on: date, window: Window = Window.APPEAL) -> a.WindowExtended:
    """Given longer than the letter said."""
    return a.WindowExtended(
        exercise=EXERCISE,
        window=window,
        kind=WindowKind(window.value),
        due_on_before=APPEAL_DUE if window == Window.APPEAL else RESPONSE_DUE,
        due_on=due_on,
        reason="on sick leave",
        basis=RULES.basis("TR-11b"),
    )


def appealed(on: date = APPEAL_DUE) -> a.AppealLodged:
    """Appealed in time."""
    return a.AppealLodged(
        exercise=EXERCISE,
        lodged_on=on,
        due_on=APPEAL_DUE,
        grounds="the caseload",
        panel_due_on=PANEL_DUE,
        basis=RULES.basis("TR-11"),
    )


def refused_late(on: date = CLOSED) -> a.AppealRefusedOutOfTime:
    """Appealed after the window."""
    return a.AppealRefusedOutOfTime(
        exercise=EXERCISE,
        lodged_on=on,
        due_on=APPEAL_DUE,
        grounds="the caseload",
        basis=RULES.basis("TR-11b"),
    )


def accepted_late(on: date = date(2014, 1, 13)) -> a.AppealAcceptedOutOfTime:
    """Heard after all."""
    return a.AppealAcceptedOutOfTime(
        exercise=EXERCISE,
        lodged_on=CLOSED,
        due_on=APPEAL_DUE,
        accepted_on=on,
        reason="the letter went to an old address",
        panel_due_on=date(2014, 2, 10),
        basis=RULES.basis("TR-11b"),
    )


def overdue() -> a.PanelOverdue:
    """The panel's day passed."""
    return a.PanelOverdue(
        exercise=EXERCISE, panel_due_on=PANEL_DUE, basis=RULES.basis("TR-11b-panel")
    )


def determined(
    outcome: AppealOutcome, destination: Destination = Destination.NPS
) -> a.AppealDetermined:
    """The panel's decision."""
    return a.AppealDetermined(
        exercise=EXERCISE,
        determined_on=date(2014, 2, 4),
        outcome=outcome,
        destination=destination,
        reason="heard",
        basis=RULES.basis("TR-11"),
    )


def confirmed(destination: Destination = Destination.CRC) -> a.AssignmentConfirmed:
    """Final."""
    return a.AssignmentConfirmed(
        exercise=EXERCISE,
        confirmed_on=CLOSED,
        destination=destination,
        route=Route.LOCAL_EVIDENCE,
        windows_closed_on=APPEAL_DUE,
        basis=RULES.basis("TR-08"),
    )


def objected() -> a.ObjectionRaised:
    """Objected on 28 May 2014, which the employer learned a day later."""
    return a.ObjectionRaised(
        exercise=EXERCISE,
        raised_on=date(2014, 5, 28),
        told_to="transferor",
        milestone="transfer",
        learned_on=date(2014, 5, 29),
        basis=RULES.basis("TR-14"),
    )


def transferred() -> a.StaffTransferred:
    """The contract went over."""
    return a.StaffTransferred(
        exercise=EXERCISE,
        mechanism=Mechanism.OMA_STS,
        destination=Destination.CRC,
        effective_from=TRANSFER,
        changes={},
        basis=RULES.basis("TR-12"),
    )


def refused(step: str, *reasons: str) -> a.StepRefused:
    """A step that the rules refused."""
    return a.StepRefused(
        exercise=EXERCISE,
        step=step,
        refused_on=TRANSFER,
        reasons=reasons or ("employed by nobody",),
        clauses=("TR-12",),
        basis=RULES.basis("TR-08"),
    )


def opened() -> e.ExerciseOpened:
    """The exercise, as a rehearsal."""
    return e.ExerciseOpened(
        exercise=EXERCISE,
        rulebook=TR_2013.edition,
        rulebook_digest=TR_2013.digest(),
        mechanism=TR_2013.mechanism,
        transferors=("LDN",),
        opened_on=date(2013, 11, 13),
        calendar=RULES.calendar.edition,
        values=RULES.given,
        rehearsed=True,
        basis=RULES.basis("TR-01"),
    )


def milestone(name: MilestoneName, due_on: date) -> e.MilestoneSet:
    """A day of the plan."""
    role, transferors = RULES.milestone_role(name)
    return e.MilestoneSet(
        exercise=EXERCISE,
        milestone=name,
        role=role,
        transferors=transferors,
        due_on=due_on,
        basis=RULES.milestone_basis(name, due_on),
    )


def cohort_formed(members: tuple[str, ...] = ("S1", "S2")) -> e.CohortFormed:
    """The people whose letters go out on 20 December 2013."""
    return e.CohortFormed(
        exercise=EXERCISE,
        cohort=COHORT,
        transferor="LDN",
        path="sifted",
        routes=(Route.LOCAL_EVIDENCE, Route.EXPRESSION_OF_INTEREST),
        letters_on=LETTERS,
        members=members,
        basis=RULES.basis("TR-08"),
    )


def cohort(*taken: str, reset: Mapping[Window, date] | None = None) -> Cohort:
    """The cohort with these steps behind it."""
    return Cohort(
        cohort_formed(),
        reset={str(name): day for name, day in (reset or {}).items()},
        taken={step: step_taken(step) for step in taken},
    )


def step_taken(step: str) -> e.CohortStepTaken:
    """A step over the cohort is through: the letters on their day."""
    return e.CohortStepTaken(
        exercise=EXERCISE,
        cohort=COHORT,
        step=step,
        taken_on=LETTERS if step == CohortStep.ISSUE_LETTERS else CLOSED,
        done=2,
        left_to_their_own=0,
        refused=0,
    )

"""A step of a procedure that is decided twice yields nothing the second time, whatever came before.

Histories are made by the decisions themselves, in any order; an act that is refused leaves no
trace. What a person or the office does at will (an entry) is outside: it is always recorded.
"""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.tr_2013 import (
    COHORT,
    EXERCISE,
    LETTERS,
    RULES,
    TRANSFER,
    assign,
    cohort,
    opened,
)
from tests.support.words_2013 import Destination, MilestoneName, Response, Route, Window
from transfer.core.refusals import Refusal, Refused
from transfer.core.words import AppealOutcome, Mechanism
from transfer.procedures.consultation import consultation
from transfer.procedures.consultation import facts as c
from transfer.procedures.consultation.consultation import Consultation
from transfer.procedures.exercise import appeals, exercise
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as a
from transfer.procedures.exercise import person as assignment
from transfer.procedures.exercise.exercise import CohortStep, Exercise
from transfer.procedures.exercise.next_for_person import window_due_for, windows_due_for
from transfer.procedures.exercise.person import Participation

CHOICE = assign({"automatic": Destination.CRC})
BASIS = RULES.basis("TR-01")

PersonDecision = Callable[[Participation], tuple[a.AssignmentFact, ...]]
ExerciseDecision = Callable[[Exercise], tuple[e.ExerciseFact, ...]]
ConsultationDecision = Callable[[Consultation], tuple[c.ConsultationFact, ...]]


def person_steps(on: date, later: date) -> dict[str, PersonDecision]:
    """Every step of a person's procedure, as it would be taken on a day."""

    def due(p: Participation, window: Window) -> date:
        return window_due_for(p, cohort(), window, RULES)

    return {
        "scope": lambda p: assignment.bring_into_scope(p, on=on, rules=RULES),
        "propose": lambda p: assignment.propose(p, CHOICE, on=on, rules=RULES),
        "letter": lambda p: assignment.issue_letter(
            p, cohort=COHORT, path="sifted", transferor="LDN", on=LETTERS, rules=RULES
        ),
        "respond": lambda p: assignment.record_response(
            p,
            on=on,
            response=Response.ACKNOWLEDGED,
            window=Window.RESPONSE,
            due_on=due(p, Window.RESPONSE),
            rules=RULES,
        ),
        "extend": lambda p: assignment.extend_window(
            p,
            window=Window.APPEAL,
            due_on_before=due(p, Window.APPEAL),
            due_on=later,
            reason="leave",
            rules=RULES,
        ),
        "appeal": lambda p: appeals.lodge_appeal(
            p, on=on, grounds="caseload", due_on=due(p, Window.APPEAL), rules=RULES
        ),
        "accept late": lambda p: appeals.accept_out_of_time(
            p, on=on, reason="no fault", rules=RULES
        ),
        "overdue": lambda p: appeals.note_panel_overdue(p, on=on, rules=RULES),
        "uphold": lambda p: appeals.determine_appeal(
            p,
            on=on,
            outcome=AppealOutcome.UPHELD,
            destination=Destination.NPS,
            reason="heard",
            rules=RULES,
        ),
        "reject": lambda p: appeals.determine_appeal(
            p,
            on=on,
            outcome=AppealOutcome.REJECTED,
            destination=None,
            reason="heard",
            rules=RULES,
        ),
        "object": lambda p: assignment.raise_objection(
            p, on=on, told_to="transferor", learned_on=on, milestone="transfer", rules=RULES
        ),
        "confirm": lambda p: assignment.confirm(
            p,
            on=on,
            due=windows_due_for(p, cohort(), RULES),
            rules=RULES,
        ),
        "transfer": lambda p: assignment.transfer(
            p,
            on=on,
            transfer_on=TRANSFER,
            mechanism=Mechanism.OMA_STS,
            changes={},
            rules=RULES,
        ),
        "end by objection": lambda p: assignment.end_by_objection(
            p, on=on, transfer_on=TRANSFER, rules=RULES
        ),
        "end by dissolution": lambda p: assignment.end_by_dissolution(
            p, dissolved_on=on, rules=RULES
        ),
        "refuse": lambda p: assignment.refuse_step(
            p, step="transfer", on=on, refusal=Refused("no", clause="TR-11"), basis=BASIS
        ),
    }


def _cohort_step(step: CohortStep, on: date) -> ExerciseDecision:
    return lambda x: exercise.take_cohort_step(
        x, cohort=COHORT, step=step, on=on, done=1, left_to_their_own=0, refused=0
    )


def exercise_steps(on: date) -> dict[str, ExerciseDecision]:
    """Every step of an exercise's own procedure."""
    return {
        "scope": lambda x: exercise.set_scope(
            x, members=("S1",), criterion="employed", on=on, rules=RULES
        ),
        "cohort": lambda x: exercise.form_cohort(
            x,
            cohort=COHORT,
            transferor="LDN",
            path="automatic",
            routes=(Route.AUTOMATIC,),
            letters_on=LETTERS,
            members=("S1",),
            rules=RULES,
        ),
        "transfer on": lambda x: exercise.reset_milestone(
            x, milestone=MilestoneName.TRANSFER, due_on=on, reason="moved", rules=RULES
        ),
        "dissolution on": lambda x: exercise.reset_milestone(
            x, milestone=MilestoneName.DISSOLUTION, due_on=on, reason="moved", rules=RULES
        ),
        "window": lambda x: exercise.reset_window(
            x, cohort=COHORT, window=Window.APPEAL, due_on=on, reason="no form", rules=RULES
        ),
        **{step: _cohort_step(step, on) for step in CohortStep if step is not CohortStep.STOP},
        "begin": lambda x: exercise.begin_step(
            x, cohort=COHORT, step=CohortStep.TRANSFER, due_on=on, on=on
        ),
        "stop": lambda x: exercise.stop_step(
            x,
            cohort=COHORT,
            step=CohortStep.TRANSFER,
            on=on,
            due_on=on,
            done=("S1",),
            rules=RULES,
        ),
        "dissolve": lambda x: exercise.dissolve(x, on=on, rules=RULES),
        "reach": lambda x: (
            exercise.reach_milestone(
                x, milestone=MilestoneName.TRANSFER, outstanding=0, rules=RULES
            )
            if MilestoneName.TRANSFER in x.milestones
            else ()
        ),
        "complete": lambda x: exercise.complete(
            x,
            on=on,
            in_scope=1,
            transferred={Destination.CRC: 1},
            objected=0,
            not_transferred=0,
            rules=RULES,
        ),
    }


def consultation_steps(on: date) -> dict[str, ConsultationDecision]:
    """The steps of a consultation; what happens between the sides is an entry, not a step."""
    return {
        "call": lambda k: consultation.call_meeting(k, on=on, purpose="endorse", basis=BASIS),
        "missing": lambda k: consultation.note_outcome_missing(k, meeting_on=on, basis=BASIS),
    }


DAYS = st.integers(0, 330).map(lambda n: date(2013, 12, 21) + timedelta(days=n))
PERSON_ACTS = st.lists(
    st.tuples(st.sampled_from(sorted(person_steps(LETTERS, LETTERS))), DAYS, DAYS), max_size=25
)
EXERCISE_ACTS = st.lists(st.tuples(st.sampled_from(sorted(exercise_steps(LETTERS))), DAYS))
CONSULTATION_ACTS = st.lists(st.tuples(st.sampled_from(["call", "missing"]), DAYS))


@settings(max_examples=300, deadline=None)
@given(PERSON_ACTS, st.booleans())
def test_a_persons_steps(acts: list[tuple[str, date, date]], begun: bool) -> None:
    p = Participation(EXERCISE)
    if begun:
        acts = [("scope", LETTERS, LETTERS), ("propose", LETTERS, LETTERS), *acts]
        acts.insert(2, ("letter", LETTERS, LETTERS))
    for name, on, later in acts:
        decision = person_steps(on, later)[name]
        try:
            facts = decision(p)
        except Refusal:
            continue
        settled_by = (p.transfer, p.ending) if p.is_settled else None
        for fact in facts:
            assignment.evolve(p, fact)
        # What settled somebody stays: a count of everybody does not go out of date meanwhile.
        assert settled_by in (None, (p.transfer, p.ending)), name
        before = deepcopy(p)
        assert decision(p) == (), name
        assert p == before
        assert sum(appeal.is_open for appeal in p.appeals) <= 1


@settings(max_examples=200, deadline=None)
@given(EXERCISE_ACTS)
def test_an_exercises_steps(acts: list[tuple[str, date]]) -> None:
    x = exercise.fold([opened()])
    for name, on in acts:
        decision = exercise_steps(on)[name]
        try:
            facts = decision(x)
        except Refusal:
            continue
        for fact in facts:
            exercise.evolve(x, fact)
        assert decision(x) == (), name


@settings(max_examples=100, deadline=None)
@given(CONSULTATION_ACTS)
def test_a_consultations_steps(acts: list[tuple[str, date]]) -> None:
    k = consultation.fold(
        [
            c.ConsultationOpened(
                exercise=EXERCISE,
                bodies=("NNC",),
                agreement="framework",
                opened_on=LETTERS,
                basis=BASIS,
            )
        ]
    )
    for name, on in acts:
        decision = consultation_steps(on)[name]
        for fact in decision(k):
            consultation.evolve(k, fact)
        assert decision(k) == (), name

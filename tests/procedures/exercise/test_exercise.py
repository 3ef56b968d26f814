"""One exercise as a whole: opening, milestones, cohorts, completion, and what is next and when."""

from collections.abc import Mapping
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
    EXERCISE,
    LETTERS,
    RESPONSE_DUE,
    RULES,
    TR_2013,
    TRANSFER,
    cohort_formed,
    milestone,
    opened,
    step_taken,
)
from tests.support.words_2013 import Destination, MilestoneName, Route, Window
from transfer.core.refusals import AlreadyOnRecord, NotOnRecord
from transfer.core.words import WindowKind
from transfer.procedures.exercise import exercise as decide
from transfer.procedures.exercise import exercise_facts as f
from transfer.procedures.exercise.exercise import CohortStep, Exercise, ExerciseStep, Next

MILESTONES = Path(__file__).parent / "cases" / "milestones.md"
DAY = timedelta(days=1)
APRIL = date(2014, 4, 1)

exercise = Stream(Exercise, decide.evolve)

OPEN = (opened(), milestone(MilestoneName.TRANSFER, APRIL))


def milestone_reached(name: str) -> f.MilestoneReached:
    return f.MilestoneReached(
        exercise=EXERCISE,
        milestone=name,
        due_on=APRIL,
        met=True,
        outstanding=0,
        basis=RULES.basis("TR-01"),
    )


def open_(x: Exercise, *, rehearsed: bool = True) -> tuple[f.ExerciseFact, ...]:
    return decide.open_exercise(
        x,
        exercise=EXERCISE,
        rulebook=TR_2013.edition,
        rulebook_digest=TR_2013.digest(),
        mechanism=TR_2013.mechanism,
        transferors=("LDN",),
        on=date(2013, 11, 13),
        values=RULES.given,
        milestones={MilestoneName.TRANSFER: APRIL},
        collisions=(),
        rehearsed=rehearsed,
        rules=RULES,
    )


def reset(
    x: Exercise, *, due_on: date = TRANSFER, name: MilestoneName = MilestoneName.TRANSFER
) -> tuple[f.MilestoneReset | f.MilestoneSet, ...]:
    return decide.reset_milestone(
        x, milestone=name, due_on=due_on, reason="notice moved", rules=RULES
    )


def test_opening_with_its_milestones() -> None:
    outcome = given(exercise).when(open_).then(f.ExerciseOpened, f.MilestoneSet)
    first, second = outcome.facts
    assert isinstance(first, f.ExerciseOpened)
    assert first.calendar == "ew-2013-11"
    assert isinstance(second, f.MilestoneSet)
    assert (second.due_on, second.basis.clause) == (APRIL, "TR-03")
    given(exercise, *OPEN).when(open_).then_refused(kind=AlreadyOnRecord)


def test_a_real_exercise_does_not_open_on_assumptions() -> None:
    given(exercise).when(lambda x: open_(x, rehearsed=False)).then_refused(
        "TR-09-share", because="TR-09-share, TR-09b, TR-10-response, TR-11b, TR-11b-panel"
    )


def test_nothing_happens_to_an_exercise_that_was_never_opened() -> None:
    given(exercise).when(reset).then_refused(kind=NotOnRecord)


def test_setting_the_scope_once() -> None:
    def set_scope(x: Exercise, members: tuple[str, ...] = ("S1", "S2")) -> tuple[f.ScopeSet, ...]:
        return decide.set_scope(
            x, members=members, criterion="employed", on=date(2013, 11, 13), rules=RULES
        )

    outcome = given(exercise, *OPEN).when(set_scope).then(f.ScopeSet)
    outcome.then_done_once()
    given(exercise, *OPEN, *outcome.facts).when(
        lambda x: set_scope(x, ("S1", "S2", "S3"))
    ).then_refused(because="set already")


def test_forming_a_cohort_once() -> None:
    def form(x: Exercise) -> tuple[f.CohortFormed, ...]:
        return decide.form_cohort(
            x,
            cohort=COHORT,
            transferor="LDN",
            path="sifted",
            routes=(Route.LOCAL_EVIDENCE,),
            letters_on=LETTERS,
            members=("S1", "S2"),
            rules=RULES,
        )

    given(exercise, *OPEN).when(form).then(f.CohortFormed).then_done_once()
    given(exercise, *OPEN, cohort_formed()).when(form).then_nothing()


# --- milestones ---------------------------------------------------------------------------------


def test_a_milestone_that_moves_keeps_the_day_it_had() -> None:
    outcome = given(exercise, *OPEN).when(reset).then(f.MilestoneReset)
    outcome.saying(due_on_before=APRIL, due_on=TRANSFER).then_done_once()
    assert RULES.milestone_basis(MilestoneName.TRANSFER, TRANSFER).clause == "TR-03b"


def test_a_milestone_that_was_never_set_is_set() -> None:
    def announce(x: Exercise) -> tuple[f.MilestoneReset | f.MilestoneSet, ...]:
        return reset(x, due_on=DISSOLUTION, name=MilestoneName.DISSOLUTION)

    given(exercise, *OPEN).when(announce).then(f.MilestoneSet).then_done_once()


def test_the_transfer_cannot_move_once_staff_have_transferred_on_it() -> None:
    done = given(exercise, *OPEN, cohort_formed(), step_taken(CohortStep.TRANSFER))
    done.when(reset).then_refused("TR-12")
    done.when(lambda x: reset(x, due_on=APRIL)).then_nothing()
    done.when(lambda x: reset(x, due_on=DISSOLUTION, name=MilestoneName.DISSOLUTION)).then(
        f.MilestoneSet
    )


def reach(x: Exercise, outstanding: int = 0) -> tuple[f.MilestoneReached, ...]:
    return decide.reach_milestone(
        x, milestone=MilestoneName.TRANSFER, outstanding=outstanding, rules=RULES
    )


@pytest.mark.parametrize(("outstanding", "met"), [(0, True), (3, False)])
def test_reaching_a_milestone_says_whether_it_was_met(outstanding: int, met: bool) -> None:
    outcome = given(exercise, *OPEN).when(lambda x: reach(x, outstanding))
    outcome.then(f.MilestoneReached).saying(due_on=APRIL, met=met, outstanding=outstanding)
    outcome.then_done_once()


def test_a_milestone_reset_after_it_was_judged_is_judged_anew() -> None:
    judged = given(exercise, *OPEN).when(reach).facts
    moved = given(exercise, *OPEN, *judged).when(reset).then(f.MilestoneReset).facts
    given(exercise, *OPEN, *judged, *moved).when(reach).then(f.MilestoneReached).saying(
        due_on=TRANSFER
    )


# --- windows of a cohort ------------------------------------------------------------------------


def reset_window(x: Exercise, due_on: date) -> tuple[f.WindowReset, ...]:
    return decide.reset_window(
        x,
        cohort=COHORT,
        window=Window.APPEAL,
        due_on=due_on,
        reason="sent without a form",
        rules=RULES,
    )


def test_a_cohorts_window_moves_later_and_never_earlier() -> None:
    later = date(2014, 1, 15)
    sent = given(exercise, *OPEN, cohort_formed(), step_taken(CohortStep.ISSUE_LETTERS))
    outcome = sent.when(lambda x: reset_window(x, later)).then(f.WindowReset)
    outcome.saying(due_on_before=APPEAL_DUE, due_on=later).then_done_once()
    sent.when(lambda x: reset_window(x, APPEAL_DUE)).then_nothing()
    sent.when(lambda x: reset_window(x, APPEAL_DUE - DAY)).then_refused("TR-11b")
    given(exercise, *OPEN, cohort_formed(), step_taken(CohortStep.CLOSE_WINDOWS)).when(
        lambda x: reset_window(x, later)
    ).then_refused("TR-11b", because="have closed")
    given(exercise, *OPEN).when(lambda x: reset_window(x, later)).then_refused(kind=NotOnRecord)


def test_a_step_over_a_cohort_is_noted_once() -> None:
    def take(x: Exercise) -> tuple[f.CohortStepTaken, ...]:
        return decide.take_cohort_step(
            x,
            cohort=COHORT,
            step=CohortStep.ISSUE_LETTERS,
            on=LETTERS,
            done=2,
            left_to_their_own=0,
            refused=0,
        )

    given(exercise, *OPEN, cohort_formed()).when(take).then(f.CohortStepTaken).then_done_once()


# --- dissolution and completion -----------------------------------------------------------------


def test_dissolving_on_the_day() -> None:
    def dissolve(x: Exercise, on: date = DISSOLUTION) -> tuple[f.TransferorDissolved, ...]:
        return decide.dissolve(x, on=on, rules=RULES)

    due = milestone(MilestoneName.DISSOLUTION, DISSOLUTION)
    outcome = given(exercise, *OPEN, due).when(dissolve).then(f.TransferorDissolved)
    outcome.saying(transferors=("LDN",), dissolved_on=DISSOLUTION).then_done_once()
    given(exercise, *OPEN, due).when(lambda x: dissolve(x, DISSOLUTION - DAY)).then_refused("TR-17")
    given(exercise, *OPEN).when(dissolve).then_refused("TR-17", because="not yet set")


def test_a_body_that_ends_on_the_eve_of_the_transfer_hands_everybody_on_first() -> None:
    eve = milestone(MilestoneName.DISSOLUTION, APRIL - DAY)
    x = decide.fold([*OPEN, eve])
    assert x.dissolution_falls_due() == APRIL + DAY
    steps = [decide.next_for_exercise(x)]
    while steps[-1] is not None and steps[-1].step == ExerciseStep.REACH_MILESTONE:
        decide.evolve(x, milestone_reached(steps[-1].about))
        steps.append(decide.next_for_exercise(x))
    assert steps[-1] == Next(ExerciseStep.DISSOLVE, APRIL + DAY)
    (dissolved,) = decide.dissolve(x, on=APRIL + DAY, rules=RULES)
    assert dissolved.dissolved_on == APRIL - DAY


@pytest.mark.parametrize(
    ("flows", "objected", "left", "adds_up"),
    [
        ({Destination.NPS: 5, Destination.CRC: 3}, 1, 1, True),
        ({Destination.NPS: 5, Destination.CRC: 3}, 1, 0, False),
        ({Destination.NPS: 9, Destination.CRC: 3}, 1, 1, False),
        ({}, 0, 10, True),
    ],
)
def test_completing_only_when_everybody_is_accounted_for(
    flows: Mapping[str, int], objected: int, left: int, adds_up: bool
) -> None:
    def complete(x: Exercise) -> tuple[f.ExerciseCompleted, ...]:
        return decide.complete(
            x,
            on=DISSOLUTION,
            in_scope=10,
            transferred=flows,
            objected=objected,
            not_transferred=left,
            rules=RULES,
        )

    outcome = given(exercise, *OPEN).when(complete)
    if adds_up:
        outcome.then(f.ExerciseCompleted).then_done_once()
    else:
        outcome.then_refused(because="10 are in scope")


# --- what is next, and when ---------------------------------------------------------------------


def test_a_cohorts_procedure_waits_for_one_thing_after_another() -> None:
    facts: list[f.ExerciseFact] = [*OPEN, cohort_formed()]

    def next_() -> Next | None:
        return decide.next_for_cohort(decide.fold(facts), COHORT, RULES)

    assert next_() == Next(CohortStep.ISSUE_LETTERS, LETTERS)
    facts.append(step_taken(CohortStep.ISSUE_LETTERS))
    assert next_() == Next(CohortStep.CLOSE_WINDOWS, CLOSED)
    facts.append(step_taken(CohortStep.CLOSE_WINDOWS))
    assert next_() == Next(CohortStep.TRANSFER, APRIL)
    facts.extend(reset(decide.fold(facts)))
    assert next_() == Next(CohortStep.TRANSFER, TRANSFER)
    facts.append(step_taken(CohortStep.TRANSFER))
    assert next_() is None


def test_a_window_that_moves_moves_what_the_cohort_waits_for() -> None:
    facts: list[f.ExerciseFact] = [
        *OPEN,
        cohort_formed(),
        step_taken(CohortStep.ISSUE_LETTERS),
    ]
    x = decide.fold(facts)
    assert decide.window_due(x.cohort(COHORT), Window.RESPONSE, RULES) == RESPONSE_DUE
    moved = decide.fold([*facts, *reset_window(x, date(2014, 1, 15))])
    assert decide.next_for_cohort(moved, COHORT, RULES) == Next(
        CohortStep.CLOSE_WINDOWS, date(2014, 1, 16)
    )


def test_two_due_dates_of_one_step_are_told_apart() -> None:
    assert Next("transfer", APRIL).version == "transfer/2014-04-01"
    assert Next("reach-milestone", APRIL, "transfer").version == (
        "reach-milestone/transfer/2014-04-01"
    )
    assert Next("complete", None).version == "complete"


@pytest.mark.parametrize(
    ("set_", "behind", "step", "due_on"), cases(MILESTONES, "What an exercise waits for")
)
def test_what_an_exercise_waits_for(set_: str, behind: str, step: str, due_on: str) -> None:
    facts: list[f.ExerciseFact] = [opened()]
    for each in filter(None, set_.split(", ")):
        name, _, due = each.partition(" ")
        facts.append(milestone(MilestoneName(name), date.fromisoformat(due)))
    for each in filter(None, behind.split(", ")):
        x = decide.fold(facts)
        if each == "dissolved":
            facts.extend(decide.dissolve(x, on=DISSOLUTION, rules=RULES))
        elif each == "completed":
            facts.extend(
                decide.complete(
                    x,
                    on=DISSOLUTION,
                    in_scope=0,
                    transferred={},
                    objected=0,
                    not_transferred=0,
                    rules=RULES,
                )
            )
        else:
            facts.extend(
                decide.reach_milestone(x, milestone=MilestoneName(each), outstanding=0, rules=RULES)
            )
    found = decide.next_for_exercise(decide.fold(facts))
    if not step:
        assert found is None
        return
    name, _, about = step.partition(" ")
    day = date.fromisoformat(due_on) if due_on != "a fact" else None
    assert found == Next(ExerciseStep(name), day, about)


STEP_BEGUN = f.StepBegun(
    exercise=EXERCISE,
    cohort=COHORT,
    step=CohortStep.CLOSE_WINDOWS,
    begun_on=CLOSED,
    due_on=CLOSED,
)
LATER = date(2014, 1, 20)
WINDOW_MOVED = f.WindowReset(
    exercise=EXERCISE,
    window=Window.APPEAL,
    kind=WindowKind.APPEAL,
    cohort=COHORT,
    due_on_before=APPEAL_DUE,
    due_on=LATER,
    reason="offices closed",
    basis=RULES.basis("TR-11b"),
)
CLOSING = (*OPEN, cohort_formed(), step_taken(CohortStep.ISSUE_LETTERS), STEP_BEGUN)


def begin(x: Exercise, due_on: date = CLOSED) -> tuple[f.StepBegun, ...]:
    return decide.begin_step(
        x, cohort=COHORT, step=CohortStep.CLOSE_WINDOWS, due_on=due_on, on=CLOSED
    )


def stop(x: Exercise, due_on: date = LATER + DAY) -> tuple[f.StepStopped, ...]:
    return decide.stop_step(
        x,
        cohort=COHORT,
        step=CohortStep.CLOSE_WINDOWS,
        on=CLOSED,
        due_on=due_on,
        done=("S1",),
        rules=RULES,
    )


def test_a_step_over_many_begins_once_by_each_plan() -> None:
    given(exercise, *CLOSING[:-1]).when(begin).then(f.StepBegun)
    given(exercise, *CLOSING).when(begin).then_nothing()
    given(exercise, *CLOSING).when(lambda x: begin(x, LATER)).then(f.StepBegun)
    over = (*CLOSING, step_taken(CohortStep.CLOSE_WINDOWS))
    given(exercise, *over).when(lambda x: begin(x, LATER)).then_nothing()


def test_a_step_whose_day_moves_while_it_is_under_way_is_stopped_first() -> None:
    under_way = given(exercise, *CLOSING).state
    assert decide.next_for_cohort(under_way, COHORT, RULES) == Next("close-windows", CLOSED)
    moved = given(exercise, *CLOSING, WINDOW_MOVED)
    assert decide.next_for_cohort(moved.state, COHORT, RULES) == Next(
        CohortStep.STOP, CLOSED, "close-windows"
    )
    (stopped,) = moved.when(stop).then(f.StepStopped).facts
    assert isinstance(stopped, f.StepStopped)
    assert stopped.reason == "close-windows was due on 2014-01-09 and is now due on 2014-01-21"
    after = given(exercise, *CLOSING, WINDOW_MOVED, stopped).state
    assert decide.next_for_cohort(after, COHORT, RULES) == Next("close-windows", LATER + DAY)
    assert after.reconsidered == {"S1": stopped}


def test_what_was_not_begun_or_has_kept_its_day_is_not_stopped() -> None:
    given(exercise, *CLOSING[:-1]).when(stop).then_nothing()
    given(exercise, *CLOSING).when(lambda x: stop(x, CLOSED)).then_nothing()


def test_a_copy_stays_as_it_was() -> None:
    before = given(exercise, *CLOSING).state
    copied = before.copy()
    assert copied == before
    for fact in (WINDOW_MOVED, *given(exercise, *CLOSING, WINDOW_MOVED).when(stop).facts):
        decide.evolve(copied, fact)
    assert before == given(exercise, *CLOSING).state
    assert copied != before


def test_nothing_is_complete_while_something_is_to_be_reconsidered() -> None:
    stopped = given(exercise, *CLOSING, WINDOW_MOVED).when(stop).facts
    given(exercise, *CLOSING, WINDOW_MOVED, *stopped).when(
        lambda x: decide.complete(
            x,
            on=DISSOLUTION,
            in_scope=1,
            transferred={Destination.CRC: 1},
            objected=0,
            not_transferred=0,
            rules=RULES,
        )
    ).then_refused(because="to be reconsidered")

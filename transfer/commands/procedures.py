"""The steps that fall due: what the workflows ask (`next_…`) and do (`take_…_step`).

A workflow waits for the day that `next_…` answers and then asks for the step to be taken. Each
step decides anew from the log whether it is still to be taken, so that asking twice, late, or for
a date that has moved meanwhile does no harm.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from transfer.commands.exercises import over_people
from transfer.commands.office import Act, Office, Person
from transfer.core.dating.effective_dating import Key, Kind
from transfer.core.organisations import (
    crc_of,
    division_of,
    find_employer,
    legal_employer,
)
from transfer.core.refusals import Refused
from transfer.core.words import MAIN, Destination, Facet, MilestoneName, Window
from transfer.procedures.consultation import consultation
from transfer.procedures.exercise import appeals, exercise
from transfer.procedures.exercise import person as assignment
from transfer.procedures.exercise.exercise import Cohort, CohortStep, ExerciseStep, Next
from transfer.procedures.exercise.next_for_person import (
    PersonStep,
    next_for_person,
    runs_on_their_own,
    window_due_for,
    windows_close_on,
)
from transfer.procedures.exercise.person import Participation
from transfer.procedures.facts import Fact
from transfer.rulebooks import TermsOfExercise

Progress = Callable[[int, int], None]


def _quiet(_done: int, _of: int) -> None:
    return None


# --- the exercise ------------------------------------------------------------------------------


def next_exercise_step(office: Office, name: str) -> Next | None:
    """What the exercise's procedure waits for: its own next step or its consultation's."""
    state, _ = office.exercise(name)
    state.require_open()
    sides, _ = office.consultation(name)
    steps = [exercise.next_for_exercise(state), consultation.next_for_consultation(sides)]
    if state.completed is not None:
        return None
    dated = [step for step in steps if step is not None and step.due_on is not None]
    waiting = [step for step in steps if step is not None]
    return min(dated, key=lambda step: step.due_on or date.max) if dated else waiting[0]


def take_exercise_step(
    office: Office, act: Act, *, name: str, step: Next, on: date, progress: Progress = _quiet
) -> None:
    """Take a step of the exercise as a whole, if it still falls due; `on` is today in London."""
    current = next_exercise_step(office, name)
    if current != step or step.due_on is None or on < step.due_on:
        return
    rules = office.rules(name)
    match step.step:
        case ExerciseStep.REACH_MILESTONE:
            milestone = MilestoneName(step.about)
            outstanding = _outstanding(office, name, milestone)
            office.record_exercise(
                name,
                act,
                lambda x: exercise.reach_milestone(
                    x, milestone=milestone, outstanding=outstanding, rules=rules
                ),
            )
        case ExerciseStep.DISSOLVE:
            _dissolve(office, act, name, on, rules, progress)
        case ExerciseStep.COMPLETE:
            _complete(office, act, name, on, rules)
        case consultation.OUTCOME_DUE:
            meeting_on = date.fromisoformat(step.about)
            basis = rules.basis("TR-06")
            office.record_consultation(
                name,
                act,
                lambda c: consultation.note_outcome_missing(c, meeting_on=meeting_on, basis=basis),
            )
        case _:
            raise ValueError(f"the exercise has no step {step.step}")


def _outstanding(office: Office, name: str, milestone: MilestoneName) -> int:
    """How many people in scope still lack what the milestone asks for."""
    if milestone in (MilestoneName.ASSIGNMENT_STARTS, MilestoneName.DISSOLUTION):
        return 0
    # Until the transfer itself it is enough to know where everybody goes.
    known = milestone is not MilestoneName.TRANSFER
    return sum(
        not (p.is_settled or (known and (p.confirmation or p.objection)))
        for p in _everybody(office, name)
    )


def _dissolve(
    office: Office, act: Act, name: str, on: date, rules: TermsOfExercise, progress: Progress
) -> None:
    """End what is left (TR-16), then the Trusts themselves (TR-17)."""
    state, _ = office.exercise(name)
    dissolved_on = state.milestones[MilestoneName.DISSOLUTION]

    def decide(person: Person) -> Sequence[Fact]:
        return assignment.end_by_dissolution(
            person.in_exercise(name), dissolved_on=dissolved_on, rules=rules
        )

    members = state.scope.members if state.scope else ()
    over_people(office, act.part("people"), members, decide, progress)
    office.record_exercise(name, act, lambda x: exercise.dissolve(x, on=on, rules=rules))


def _complete(office: Office, act: Act, name: str, on: date, rules: TermsOfExercise) -> None:
    everybody = _everybody(office, name)
    transferred: Counter[Destination] = Counter(
        p.transfer.destination for p in everybody if p.transfer is not None
    )
    objected = sum(p.ending is not None and not p.ending.treated_as_dismissed for p in everybody)
    not_transferred = sum(p.ending is not None and p.ending.treated_as_dismissed for p in everybody)
    office.record_exercise(
        name,
        act,
        lambda x: exercise.complete(
            x,
            on=on,
            in_scope=len(everybody),
            transferred=transferred,
            objected=objected,
            not_transferred=not_transferred,
            rules=rules,
        ),
    )


def _everybody(office: Office, name: str) -> list[Participation]:
    state, _ = office.exercise(name)
    members = state.scope.members if state.scope else ()
    return [
        person.in_exercise(name)
        for start in range(0, len(members), 1_000)
        for person in office.people(members[start : start + 1_000])
    ]


# --- a cohort ----------------------------------------------------------------------------------


def next_cohort_step(office: Office, name: str, cohort: str) -> Next | None:
    """What a cohort's procedure waits for."""
    state, _ = office.exercise(name)
    return exercise.next_for_cohort(state, cohort, office.rules(name))


def take_cohort_step(
    office: Office,
    act: Act,
    *,
    name: str,
    cohort: str,
    step: Next,
    on: date,
    progress: Progress = _quiet,
) -> None:
    """Take a step for everybody in a cohort, person by person, in chunks; resumable.

    Whoever has something of their own running is left to their own procedure. Whom the rules
    refuse has the refusal on their record, as an open obligation; the others go on.
    """
    if next_cohort_step(office, name, cohort) != step or step.due_on is None or on < step.due_on:
        return
    state, _ = office.exercise(name)
    rules = office.rules(name)
    group = state.cohort(cohort)
    came_to: dict[str, str] = {}
    decide_one = _COHORT_DECISIONS[CohortStep(step.step)]

    def decide(person: Person) -> Sequence[Fact]:
        p = person.in_exercise(name)
        alone = step.step != CohortStep.ISSUE_LETTERS and runs_on_their_own(p, group, rules, on=on)
        came_to[person.staff_number] = "alone" if alone else "done"
        if alone:
            return ()
        try:
            return decide_one(office, person, group, name, on, rules)
        except Refused as refusal:
            came_to[person.staff_number] = "refused"
            return assignment.refuse_step(
                p, step=step.step, on=on, refusal=refusal, basis=rules.basis("TR-08")
            )

    over_people(office, act.part("people"), group.formed.members, decide, progress)
    counts = Counter(came_to.values())
    office.record_exercise(
        name,
        act,
        lambda x: exercise.take_cohort_step(
            x,
            cohort=cohort,
            step=CohortStep(step.step),
            on=on,
            done=counts["done"],
            left_to_their_own=counts["alone"],
            refused=counts["refused"],
        ),
    )


def _issue_letter(
    _office: Office, person: Person, group: Cohort, name: str, on: date, rules: TermsOfExercise
) -> Sequence[Fact]:
    return assignment.issue_letter(
        person.in_exercise(name), cohort=group.formed.cohort, on=on, rules=rules
    )


def _confirm(
    _office: Office, person: Person, group: Cohort, name: str, on: date, rules: TermsOfExercise
) -> Sequence[Fact]:
    p = person.in_exercise(name)
    return assignment.confirm(
        p,
        on=on,
        response_due_on=window_due_for(p, group, Window.RESPONSE, rules),
        appeal_due_on=window_due_for(p, group, Window.APPEAL, rules),
        rules=rules,
    )


def _transfer(
    office: Office, person: Person, _c: Cohort, name: str, on: date, rules: TermsOfExercise
) -> Sequence[Fact]:
    state, _ = office.exercise(name)
    transfer_on = state.milestones[MilestoneName.TRANSFER]
    p = person.in_exercise(name)
    destination = p.confirmation.destination if p.confirmation else Destination.CRC
    return assignment.transfer(
        p,
        on=on,
        transfer_on=transfer_on,
        mechanism=rules.rulebook.mechanism,
        changes=employer_at(person, destination, transfer_on),
        rules=rules,
    )


_COHORT_DECISIONS = {
    CohortStep.ISSUE_LETTERS: _issue_letter,
    CohortStep.CLOSE_WINDOWS: _confirm,
    CohortStep.TRANSFER: _transfer,
}


def employer_at(person: Person, destination: Destination, on: date) -> Mapping[Facet, str | None]:
    """What a transfer changes: the legal employer, and for the NPS the division too.

    The NPS is an organisation; its staff's legal employer is the Secretary of State (rules 11).
    Raises `Refused` where the present employer is not one of the Trusts.
    """
    period = person.entries.timeline(Key(Kind.FACET, MAIN, Facet.EMPLOYER)).at(on)
    trust = find_employer(period.value) if period else None
    if trust is None:
        held = period.value if period else "nobody"
        raise Refused(f"employed by {held} on {on}, which is not a Trust", clause="TR-12")
    if destination is Destination.CRC:
        return {Facet.EMPLOYER: crc_of(trust).organisation.name}
    division = division_of(trust).organisation
    return {Facet.EMPLOYER: legal_employer(division).name, Facet.UNIT: division.name}


# --- one person --------------------------------------------------------------------------------


def next_person_step(office: Office, name: str, staff_number: str) -> Next | None:
    """What one person's own procedure waits for; `None` when they go with their cohort again."""
    return _next_for(office, office.person(staff_number), name)


def _next_for(office: Office, person: Person, name: str) -> Next | None:
    state, _ = office.exercise(name)
    p = person.in_exercise(name)
    return next_for_person(
        p,
        state.cohorts.get(p.letter.cohort) if p.letter else None,
        state.milestones.get(MilestoneName.TRANSFER),
        office.rules(name),
    )


def take_person_step(
    office: Office, act: Act, *, name: str, staff_number: str, step: Next, on: date
) -> None:
    """Take a step of one person's own, if it still falls due."""
    rules = office.rules(name)

    def decide(person: Person) -> Sequence[Fact]:
        if _next_for(office, person, name) != step or step.due_on is None or on < step.due_on:
            return ()
        state, _ = office.exercise(name)
        p = person.in_exercise(name)
        match PersonStep(step.step):
            case PersonStep.NOTE_PANEL_OVERDUE:
                return appeals.note_panel_overdue(p, on=on, rules=rules)
            case PersonStep.END_BY_OBJECTION:
                transfer_on = state.milestones[MilestoneName.TRANSFER]
                return assignment.end_by_objection(p, on=on, transfer_on=transfer_on, rules=rules)
            case PersonStep.CONFIRM | PersonStep.TRANSFER:
                if p.letter is None or on < windows_close_on(
                    p, state.cohort(p.letter.cohort), rules
                ):
                    return ()
                take = _confirm if step.step == PersonStep.CONFIRM else _transfer
                return take(office, person, state.cohort(p.letter.cohort), name, on, rules)
            case PersonStep.AWAIT_DETERMINATION:
                return ()

    office.record_person(staff_number, act, decide)

"""What staff, panels and administrators do about one assignment: answer, appeal, decide, object."""

from collections.abc import Mapping, Sequence
from datetime import date

from transfer.commands.exercises import over_people, transferor_of
from transfer.commands.office import Act, Office, Person, Plan
from transfer.core.refusals import NotOnRecord, Refused
from transfer.core.words import (
    Answer,
    AppealOutcome,
    Destination,
    MilestoneRole,
    Side,
    WindowKind,
    WindowName,
)
from transfer.log.envelope import Receipt
from transfer.procedures.exercise import appeals
from transfer.procedures.exercise import person as assignment
from transfer.procedures.exercise.exercise import Cohort
from transfer.procedures.exercise.next_for_person import window_due_for
from transfer.procedures.exercise.person import Participation
from transfer.procedures.facts import Fact


def record_responses(
    office: Office,
    act: Act,
    *,
    name: str,
    on: date,
    responses: Mapping[str, Answer],
    window: WindowName | None = None,
    admitted_because: str | None = None,
) -> int:
    """Record what many people answered on one day; answers how many were new.

    `window` is the one for responses unless another is named.
    """

    def decide(person: Person, plan: Plan) -> Sequence[Fact]:
        p = person.in_exercise(name)
        answered = window or plan.rules.window_of(WindowKind.RESPONSE).name
        return assignment.record_response(
            p,
            on=on,
            response=responses[person.staff_number],
            window=answered,
            due_on=window_due_for(p, cohort_of(plan, p), answered, plan.rules),
            rules=plan.rules,
            admitted_because=admitted_because,
        )

    return over_people(office, act, name, tuple(responses), decide)


def extend_window(
    office: Office,
    act: Act,
    *,
    name: str,
    staff_number: str,
    window: WindowName,
    due_on: date,
    reason: str,
) -> Receipt | None:
    """Give one person longer to respond or appeal."""

    def decide(person: Person, plan: Plan) -> Sequence[Fact]:
        p = person.in_exercise(name)
        before = window_due_for(p, cohort_of(plan, p), window, plan.rules)
        return assignment.extend_window(
            p, window=window, due_on_before=before, due_on=due_on, reason=reason, rules=plan.rules
        )

    return office.record_by_plan(name, staff_number, act, decide)


def lodge_appeal(
    office: Office, act: Act, *, name: str, staff_number: str, on: date, grounds: str
) -> Receipt | None:
    """Take an appeal; one that is out of time is refused, and the refusal is on record."""

    def decide(person: Person, plan: Plan) -> Sequence[Fact]:
        p = person.in_exercise(name)
        window = plan.rules.window_of(WindowKind.APPEAL).name
        due_on = window_due_for(p, cohort_of(plan, p), window, plan.rules)
        return appeals.lodge_appeal(p, on=on, grounds=grounds, due_on=due_on, rules=plan.rules)

    return office.record_by_plan(name, staff_number, act, decide)


def accept_out_of_time(
    office: Office, act: Act, *, name: str, staff_number: str, on: date, reason: str
) -> Receipt | None:
    """Hear a late appeal after all, for a stated reason."""
    rules = office.rules(name)
    return office.record_person(
        staff_number,
        act,
        lambda person: appeals.accept_out_of_time(
            person.in_exercise(name), on=on, reason=reason, rules=rules
        ),
    )


def determine_appeal(
    office: Office,
    act: Act,
    *,
    name: str,
    staff_number: str,
    on: date,
    outcome: AppealOutcome,
    destination: Destination | None,
    reason: str,
) -> Receipt | None:
    """Record what the panel decided."""
    rules = office.rules(name)
    return office.record_person(
        staff_number,
        act,
        lambda person: appeals.determine_appeal(
            person.in_exercise(name),
            on=on,
            outcome=outcome,
            destination=destination,
            reason=reason,
            rules=rules,
        ),
    )


def raise_objection(
    office: Office,
    act: Act,
    *,
    name: str,
    staff_number: str,
    on: date,
    told_to: Side,
    learned_on: date,
) -> Receipt | None:
    """Record that somebody objects to the transfer, where the edition gives that right."""

    def decide(person: Person, plan: Plan) -> Sequence[Fact]:
        p = person.in_exercise(name)
        whose = transferor_of(person, p, plan, on)
        milestone = plan.rules.milestone_of(MilestoneRole.TRANSFER, whose)
        if milestone is None:
            raise AssertionError("every edition has a day of transfer: it was checked for that")
        return assignment.raise_objection(
            p,
            on=on,
            told_to=told_to,
            learned_on=learned_on,
            milestone=milestone,
            rules=plan.rules,
        )

    return office.record_by_plan(name, staff_number, act, decide)


def cohort_of(plan: Plan, p: Participation) -> Cohort:
    """The cohort whose letter this person has.

    Raises `Refused` before a letter is issued: no window is open then.
    """
    if p.letter is None:
        raise Refused(
            "no assignment letter has been issued to this person",
            clause=plan.rules.clause_for("letter"),
        )
    if p.letter.cohort not in plan.state.cohorts:
        raise NotOnRecord(f"no cohort {p.letter.cohort} in {p.exercise}")
    return plan.state.cohorts[p.letter.cohort]

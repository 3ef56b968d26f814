"""The steps that fall due: what the workflows ask (`next_…`) and do (`take_…_step`).

A workflow waits for the day that `next_…` answers and then asks for the step to be taken. Each
step decides anew from the log whether it is still to be taken, so that asking twice, late, or for
a date that has moved meanwhile does no harm.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date

from transfer.commands.exercises import over_people, position_on
from transfer.commands.office import Act, Office, Person, Plan
from transfer.core.employed import why_not_employed
from transfer.core.record.staff import TermGranted
from transfer.core.refusals import Failure, Refused
from transfer.core.streams import exercise_stream
from transfer.core.words import Destination, Facet, MilestoneName, MilestoneRole
from transfer.log.envelope import Receipt
from transfer.procedures.consultation import consultation
from transfer.procedures.consultation.consultation import Consultation
from transfer.procedures.exercise import appeals, exercise
from transfer.procedures.exercise import person as assignment
from transfer.procedures.exercise.exercise import Cohort, CohortStep, Exercise, ExerciseStep, Next
from transfer.procedures.exercise.next_for_person import (
    COHORT_STEPS,
    PersonStep,
    next_for_person,
    runs_on_their_own,
    windows_close_on,
    windows_due_for,
)
from transfer.procedures.exercise.person import Participation
from transfer.procedures.facts import Fact
from transfer.rulebooks.procedure import GateFact, Guarded

Progress = Callable[[int, int], None]

_READ_AT_ONCE = 1_000


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
    """Take a step of the exercise as a whole, if it still falls due; `on` is today in London.

    What is recorded is decided by the plan that it is recorded under: one that moves meanwhile
    makes the step be decided again, or not be taken.
    """
    current = next_exercise_step(office, name)
    if current != step or step.due_on is None or on < step.due_on:
        return
    with suppress(_NotDueError):
        match step.step:
            case ExerciseStep.REACH_MILESTONE:
                _reach_milestone(office, act, name, step, progress)
            case ExerciseStep.DISSOLVE:
                _dissolve(office, act, name, step, on, progress)
            case ExerciseStep.STOP:
                _stop(office, act, name, None, ExerciseStep(step.about), on)
            case ExerciseStep.COMPLETE:
                _complete(office, act, name, step, on, progress)
            case consultation.OUTCOME_DUE:
                _note_outcome_missing(office, act, name, step)
            case _:
                raise ValueError(f"the exercise has no step {step.step}")


class _NotDueError(Exception):
    """The plan has moved, or somebody else has taken the step: it does not fall due any more."""


def _require_due(step: Next) -> Callable[[Exercise], None]:
    def require(x: Exercise) -> None:
        if exercise.next_for_exercise(x) != step:
            raise _NotDueError

    return require


def _reach_milestone(office: Office, act: Act, name: str, step: Next, progress: Progress) -> None:
    """Put on record how a milestone was met: by a count that is as good as its moment."""
    rules, milestone = office.rules(name), step.about
    outstanding = _outstanding(office, name, milestone, progress)

    def decide(x: Exercise) -> Sequence[Fact]:
        _require_due(step)(x)
        return exercise.reach_milestone(
            x, milestone=milestone, outstanding=outstanding, rules=rules
        )

    office.record_exercise(name, act, decide)


def _note_outcome_missing(office: Office, act: Act, name: str, step: Next) -> None:
    meeting_on = date.fromisoformat(step.about)
    basis = office.rules(name).basis_for("meeting")

    def decide(sides: Consultation) -> Sequence[Fact]:
        if consultation.next_for_consultation(sides) != step:
            raise _NotDueError
        return consultation.note_outcome_missing(sides, meeting_on=meeting_on, basis=basis)

    office.record_consultation(name, act, decide)


def _outstanding(office: Office, name: str, milestone: MilestoneName, progress: Progress) -> int:
    """How many people in scope still lack what the milestone asks for."""
    state, _ = office.exercise(name)
    role, transferors = state.roles[milestone]
    if role in (None, MilestoneRole.START, MilestoneRole.DISSOLUTION):
        return 0
    # Until the transfer itself it is enough to know where everybody goes.
    known = role is not MilestoneRole.TRANSFER
    return sum(
        not (p.is_settled or (known and (p.confirmation or p.objection)))
        for p in _everybody(office, name, progress)
        if not transferors or p.transferor in transferors
    )


def _dissolve(
    office: Office, act: Act, name: str, step: Next, on: date, progress: Progress
) -> None:
    """End what is left, where the edition says so, then the transferors themselves.

    Nobody is dismissed who has a refused step that is still due, or something to be reconsidered:
    the dissolution is refused for them, with the reason, and that stays open.
    """
    require = _require_due(step)
    _require_gates(office, name, Guarded.DISSOLUTION)

    def decide(person: Person, plan: Plan) -> Sequence[Fact]:
        require(plan.state)
        p = person.in_exercise(name)
        dissolved_on = plan.state.day_of(MilestoneRole.DISSOLUTION) or _day_of(step)
        gone = _passed_by(person, name, ExerciseStep.DISSOLVE, on, plan)
        if gone is not None:
            return gone
        try:
            if not p.is_settled:
                _require_nothing_to_reconsider(person, plan)
            return assignment.end_by_dissolution(p, dissolved_on=dissolved_on, rules=plan.rules)
        except Refused as refusal:
            return assignment.refuse_step(
                p,
                step=ExerciseStep.DISSOLVE,
                on=on,
                refusal=refusal,
                basis=plan.rules.basis_for("left_behind"),
            )

    def begin(x: Exercise) -> Sequence[Fact]:
        require(x)
        return exercise.begin_step(x, cohort=None, step=step.step, due_on=_day_of(step), on=on)

    def finish(x: Exercise) -> Sequence[Fact]:
        require(x)
        return exercise.dissolve(x, on=on, rules=office.rules(name))

    state, _ = office.exercise(name)
    try:
        over_people(
            office,
            act,
            name,
            _members(state),
            decide,
            progress,
            begin=begin,
            finish=finish,
        )
    except _NotDueError:
        _stop(office, act, name, None, ExerciseStep.DISSOLVE, on)


def _complete(
    office: Office, act: Act, name: str, step: Next, on: date, progress: Progress
) -> None:
    """Close the exercise on a count of everybody.

    The count cannot go out of date while it is made: who is in scope is said once and for all, and
    a transfer or an ending, once on record in an exercise, stays what settled that person there.
    """
    rules = office.rules(name)
    everybody = _everybody(office, name, progress)
    transferred: Counter[Destination] = Counter(
        p.transfer.destination for p in everybody if p.transfer is not None
    )
    ended = [p.ending for p in everybody if p.transfer is None and p.ending is not None]
    still_there = sum(not p.is_settled for p in everybody)
    stayed = 0 if rules.allows("left_behind") else still_there
    not_transferred = sum(ending.treated_as_dismissed for ending in ended)

    left = sum(not p.is_moved_or_ended and p.passed_by is not None for p in everybody)

    def decide(x: Exercise) -> Sequence[Fact]:
        _require_due(step)(x)
        return exercise.complete(
            x,
            on=on,
            in_scope=len(everybody),
            transferred=transferred,
            objected=len(ended) - not_transferred,
            not_transferred=not_transferred,
            left=left,
            stayed=stayed,
            rules=rules,
        )

    office.record_exercise(name, act, decide)


def _everybody(office: Office, name: str, progress: Progress) -> list[Participation]:
    state, _ = office.exercise(name)
    members = _members(state)
    found: list[Participation] = []
    for start in range(0, len(members), _READ_AT_ONCE):
        people = office.people(members[start : start + _READ_AT_ONCE])
        found += [person.in_exercise(name) for person in people]
        progress(len(found), len(members))
    return found


def _members(state: Exercise) -> tuple[str, ...]:
    return state.scope.members if state.scope else ()


# --- a step that was under way when its day moved -----------------------------------------------


def _stop(
    office: Office,
    act: Act,
    name: str,
    cohort: str | None,
    step: CohortStep | ExerciseStep,
    on: date,
) -> None:
    """Stop a step whose day has moved since it was begun, if there is one to stop.

    Whom it has reached is read from their own records, so that nobody is missed, whoever took the
    step and however far they got. The step itself is due again on its new day, for the others.
    """
    piece = act.part("stop", step)

    def attempt() -> Receipt | None:
        plan = office.plan(name)
        due_on = _day_by_plan(plan, cohort, step)
        if exercise.stop_due(plan.state, cohort, step, due_on) is None:
            return None
        members = plan.state.cohort(cohort).formed.members if cohort else _members(plan.state)
        reached = tuple(
            person.staff_number
            for start in range(0, len(members), _READ_AT_ONCE)
            for person in office.people(members[start : start + _READ_AT_ONCE])
            if _REACHED_BY_ANOTHER_PLAN[step](person.in_exercise(name), plan)
        )
        stopped = exercise.stop_step(
            plan.state,
            cohort=cohort,
            step=step,
            on=on,
            due_on=due_on,
            done=reached,
            rules=plan.rules,
        )
        ((stream, version),) = plan.reads.items()
        return office.append([(stream, version, fact) for fact in stopped], piece)

    office.persist(attempt, about=exercise_stream(name))


def _day_by_plan(plan: Plan, cohort: str | None, step: CohortStep | ExerciseStep) -> date | None:
    if step == ExerciseStep.DISSOLVE:
        return plan.state.dissolution_falls_due()
    due = exercise.due_for_cohort(plan.state, cohort or "", plan.rules)
    return due.due_on if due else None


def _was_written_to(_p: Participation, _plan: Plan) -> bool:
    """A letter's day is that of its cohort, which never moves."""
    return False


def _was_confirmed_before(p: Participation, plan: Plan) -> bool:
    """Whether a confirmation took windows for closed that by the present plan are open longer."""
    if p.confirmation is None or p.letter is None or p.is_settled:
        return False
    cohort = plan.state.cohort(p.letter.cohort)
    return p.confirmation.confirmed_on < windows_close_on(p, cohort, plan.rules)


def _moved_on_another_day(p: Participation, plan: Plan) -> bool:
    """Whether the contract went over, or ended by an objection, on another day than the plan's."""
    transfer_on = plan.state.day_of(MilestoneRole.TRANSFER, p.transferor)
    if p.transfer is not None:
        return p.transfer.effective_from != transfer_on
    return (
        p.ending is not None
        and not p.ending.treated_as_dismissed
        and p.ending.effective_from != transfer_on
    )


def _was_dismissed_on_another_day(p: Participation, plan: Plan) -> bool:
    """Whether employment ended with the body on another day than the plan's."""
    return (
        p.ending is not None
        and p.ending.treated_as_dismissed
        and p.ending.effective_from != plan.state.day_of(MilestoneRole.DISSOLUTION)
    )


_REACHED_BY_ANOTHER_PLAN: Mapping[str, Callable[[Participation, Plan], bool]] = {
    CohortStep.ISSUE_LETTERS: _was_written_to,
    CohortStep.CLOSE_WINDOWS: _was_confirmed_before,
    CohortStep.TRANSFER: _moved_on_another_day,
    ExerciseStep.DISSOLVE: _was_dismissed_on_another_day,
}


def _require_nothing_to_reconsider(person: Person, plan: Plan) -> None:
    stopped = plan.state.reconsidered.get(person.staff_number)
    if stopped is not None:
        raise Refused(
            f"what was done to them is to be reconsidered first: {stopped.reason}",
            clause=stopped.basis.clause,
        )


# --- what must be on record before a step --------------------------------------------------------

_GUARDED: Mapping[CohortStep, Guarded] = {
    CohortStep.ISSUE_LETTERS: Guarded.LETTERS,
    CohortStep.CLOSE_WINDOWS: Guarded.CONFIRMATION,
    CohortStep.TRANSFER: Guarded.TRANSFER,
}


def _require_gates(office: Office, name: str, before: Guarded) -> None:
    """Raise `Refused` with every gate of the edition that still stands before a step.

    The step stays due, and is tried again when something is recorded, or the next day. An appeal
    that is not determined holds up the person alone until the dissolution, which is for everybody.
    """
    rules = office.rules(name)
    failures = []
    for gate in rules.rulebook.gates:
        if gate.before is not before:
            continue
        clause = gate.clause or rules.clause_for("consultation")
        if GateFact.CONSULTATION_BEGUN in gate.facts:
            sides, _ = office.consultation(name)
            if sides.opened is None:
                failures.append(Failure(f"no consultation was begun before {before}", clause))
        if GateFact.APPEALS_DETERMINED in gate.facts and before is Guarded.DISSOLUTION:
            waiting = sum(p.open_appeal is not None for p in _everybody(office, name, _quiet))
            if waiting:
                failures.append(Failure(f"{waiting} appeals await their panel", clause))
    if failures:
        raise Refused.all_of(tuple(failures))


# --- a cohort ----------------------------------------------------------------------------------


def next_cohort_step(office: Office, name: str, cohort: str) -> Next | None:
    """What a cohort's procedure waits for."""
    plan = office.plan(name)
    return exercise.next_for_cohort(plan.state, cohort, plan.rules)


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

    Whoever has something of their own running is left to their own procedure, and whoever is not
    employed on the day is passed by. Whom the rules refuse has the refusal on their record, as an
    open obligation; the others go on.

    Each chunk is decided by the plan under which it is recorded. Where the step's day moves, it
    stops there: it is due again on the new day for those whom it has not reached, and what was done
    to the others is listed to be reconsidered.
    """
    rules = office.rules(name)

    def require_due(x: Exercise) -> None:
        if exercise.next_for_cohort(x, cohort, rules) != step:
            raise _NotDueError

    state, _ = office.exercise(name)
    if exercise.next_for_cohort(state, cohort, rules) != step or on < (step.due_on or date.max):
        return
    taken = CohortStep(step.step)
    if taken is CohortStep.STOP:
        _stop(office, act, name, cohort, CohortStep(step.about), on)
        return
    _require_gates(office, name, _GUARDED[taken])
    came_to: dict[str, str] = {}

    def decide(person: Person, plan: Plan) -> Sequence[Fact]:
        require_due(plan.state)
        p, group = person.in_exercise(name), plan.state.cohort(cohort)
        gone = _passed_by(person, name, taken, on, plan)
        if gone is not None:
            came_to[person.staff_number] = "left"
            return gone
        alone = _goes_alone(person, p, group, plan, taken, on)
        came_to[person.staff_number] = "alone" if alone else "done"
        if alone:
            return ()
        try:
            _require_nothing_to_reconsider(person, plan)
            return _COHORT_DECISIONS[taken](person, p, group, plan, on)
        except Refused as refusal:
            came_to[person.staff_number] = "refused"
            return assignment.refuse_step(
                p, step=taken, on=on, refusal=refusal, basis=plan.rules.basis_for("proposal")
            )

    def begin(x: Exercise) -> Sequence[Fact]:
        require_due(x)
        return exercise.begin_step(x, cohort=cohort, step=taken, due_on=_day_of(step), on=on)

    def finish(x: Exercise) -> Sequence[Fact]:
        require_due(x)
        counts = Counter(came_to.values())
        return exercise.take_cohort_step(
            x,
            cohort=cohort,
            step=taken,
            on=on,
            done=counts["done"],
            left_to_their_own=counts["alone"],
            refused=counts["refused"],
            left=counts["left"],
        )

    members = state.cohort(cohort).formed.members
    try:
        over_people(office, act, name, members, decide, progress, begin=begin, finish=finish)
    except _NotDueError:
        _stop(office, act, name, cohort, taken, on)


def _goes_alone(
    person: Person, p: Participation, group: Cohort, plan: Plan, step: CohortStep, on: date
) -> bool:
    """Whether a cohort's step passes this person by: something of their own runs, or the step
    reached them before it was stopped."""
    if step is CohortStep.ISSUE_LETTERS:
        return False
    if person.staff_number in plan.state.reconsidered:
        return p.is_settled or (step is CohortStep.CLOSE_WINDOWS and p.confirmation is not None)
    return runs_on_their_own(p, group, plan.rules, on=on)


def _day_of(step: Next) -> date:
    if step.due_on is None:
        raise AssertionError("what has no day does not fall due")
    return step.due_on


def _issue_letter(
    _person: Person, p: Participation, group: Cohort, plan: Plan, on: date
) -> Sequence[Fact]:
    return assignment.issue_letter(
        p,
        cohort=group.formed.cohort,
        path=group.formed.path,
        transferor=group.formed.transferor,
        on=on,
        rules=plan.rules,
    )


def _confirm(
    _person: Person, p: Participation, group: Cohort, plan: Plan, on: date
) -> Sequence[Fact]:
    due = windows_due_for(p, group, plan.rules)
    return assignment.confirm(p, on=on, due=due, rules=plan.rules)


def _transfer(person: Person, p: Participation, c: Cohort, plan: Plan, on: date) -> Sequence[Fact]:
    transfer_on = plan.state.day_of(MilestoneRole.TRANSFER, c.formed.transferor)
    if transfer_on is None:
        raise Refused("no day of transfer is set", clause=plan.rules.clause_for("transfer"))
    # Without a confirmation the transfer is refused for that: no move is worked out then.
    destination = p.confirmation.destination if p.confirmation else None
    moved = assignment.transfer(
        p,
        on=on,
        transfer_on=transfer_on,
        mechanism=plan.rules.rulebook.mechanism,
        changes={} if destination is None else changes_at(person, destination, transfer_on, plan),
        rules=plan.rules,
    )
    granted = [
        grant for fact in moved for grant in _granted(p, fact.destination, transfer_on, plan)
    ]
    return (*moved, *granted)


def _granted(
    p: Participation, destination: Destination, on: date, plan: Plan
) -> Iterator[TermGranted]:
    """The terms that a move gives from its day on.

    A protection of some length begins on the day of the move; the first day without it is the
    corresponding date, so that its last day is the safe one, the day before.
    """
    rules = plan.rules
    for grant in rules.rulebook.grants:
        route = p.confirmation.route if p.confirmation else None
        if (grant.to and destination not in grant.to) or (
            grant.routes and route not in grant.routes
        ):
            continue
        until = grant.until
        if grant.length is not None:
            length = rules.period(grant.length.clause, p.transferor)
            until = length.due_after(on, rules.calendar)
        yield TermGranted(
            term=grant.term,
            value=grant.value,
            effective_from=on,
            effective_to=until,
            reason=f"given by the move to {destination}",
            basis=rules.basis(grant.clause, *([grant.length.clause] if grant.length else [])),
        )


def _passed_by(person: Person, name: str, step: str, on: date, plan: Plan) -> Sequence[Fact] | None:
    """What is recorded of somebody whom nobody employs on a step's day; `None`: they are employed.

    Nothing, where the exercise has moved them or ended their employment already.
    """
    p = person.in_exercise(name)
    found = why_not_employed(person.entries, _employed_on(p, plan, step, on))
    if found is None:
        return None
    return assignment.pass_by(p, step=step, on=on, found=found, basis=plan.rules.basis_for("scope"))


def _employed_on(p: Participation, plan: Plan, step: str, on: date) -> date:
    """The day on which one must be employed for a step: that of the plan, else today."""
    if step == ExerciseStep.DISSOLVE:
        return plan.state.day_of(MilestoneRole.DISSOLUTION) or on
    if step in (CohortStep.TRANSFER, PersonStep.END_BY_OBJECTION):
        return plan.state.day_of(MilestoneRole.TRANSFER, p.transferor) or on
    return on


_COHORT_DECISIONS = {
    CohortStep.ISSUE_LETTERS: _issue_letter,
    CohortStep.CLOSE_WINDOWS: _confirm,
    CohortStep.TRANSFER: _transfer,
}


def changes_at(
    person: Person, destination: Destination, on: date, plan: Plan
) -> Mapping[Facet, str | None]:
    """Exactly what a move to that destination changes for the person, by the edition.

    Raises `Refused` where the person is no transferor's on the day before the move takes effect, or
    the move hangs on evidence that the return does not carry.
    """
    book = plan.rules.rulebook
    position = position_on(person, on)
    transferor = book.whose(position)
    if transferor is None:
        by = Facet.EMPLOYER if book.parties is None else book.parties.by
        held = position[by] or "nobody"
        who = f"employed by {held}" if by is Facet.EMPLOYER else f"of the {by} {held}"
        raise Refused(
            f"{who} on {on}, which is not a transferor", clause=plan.rules.clause_for("transfer")
        )
    return book.changes(destination, transferor, person.evidence.values)


# --- one person --------------------------------------------------------------------------------


def next_person_step(office: Office, name: str, staff_number: str) -> Next | None:
    """What one person's own procedure waits for; `None` when they go with their cohort again."""
    plan = office.plan(name)
    return _next_for(office.person(staff_number), plan, name)


def people_with_a_step(office: Office, name: str, staff_numbers: Sequence[str]) -> list[str]:
    """Those of them whose own procedure has something to wait for, read together."""
    plan = office.plan(name)
    return [
        person.staff_number
        for start in range(0, len(staff_numbers), _READ_AT_ONCE)
        for person in office.people(staff_numbers[start : start + _READ_AT_ONCE])
        if _next_for(person, plan, name) is not None
    ]


def _next_for(person: Person, plan: Plan, name: str) -> Next | None:
    """As `next_for_person`; but a refused step is due again only if it would come out otherwise.

    So nobody tries every day what the record as it stands must refuse: the procedure waits for the
    fact that changes that, be it the person's own record or the plan.
    """
    p, state = person.in_exercise(name), plan.state
    cohort = p.letter.cohort if p.letter else state.cohort_of.get(person.staff_number)
    group = state.cohorts.get(cohort) if cohort is not None else None
    whose = group.formed.transferor if group is not None else p.transferor
    following = next_for_person(
        p,
        group,
        state.day_of(MilestoneRole.TRANSFER, whose),
        plan.rules,
        reconsidered=person.staff_number in state.reconsidered,
    )
    if following is None or following.due_on is None or group is None:
        return following
    step = COHORT_STEPS.get(PersonStep(following.step))
    refused = p.refused.get(step) if step is not None else None
    if step is None or refused is None:
        return following
    on = max(following.due_on, refused.refused_on)
    try:
        _COHORT_DECISIONS[step](person, p, group, plan, on)
    except Refused as refusal:
        if assignment.is_refused_so(p, step, refusal):
            return Next(PersonStep.AWAIT_REMEDY, None, step)
    return following


def take_person_step(
    office: Office, act: Act, *, name: str, staff_number: str, step: Next, on: date
) -> None:
    """Take a step of one person's own, if it still falls due by the plan that it is recorded under.

    What the rules refuse is on their record, with the reasons, and stays due.
    """

    def decide(person: Person, plan: Plan) -> Sequence[Fact]:
        if _next_for(person, plan, name) != step or step.due_on is None or on < step.due_on:
            return ()
        p = person.in_exercise(name)
        gone = _passed_by(person, name, step.step, on, plan)
        if gone is not None:
            return gone
        match taken := PersonStep(step.step):
            case PersonStep.NOTE_PANEL_OVERDUE:
                return appeals.note_panel_overdue(p, on=on, rules=plan.rules)
            case PersonStep.END_BY_OBJECTION:
                transfer_on = _day_of(step)
                return assignment.end_by_objection(
                    p, on=on, transfer_on=transfer_on, rules=plan.rules
                )
            case PersonStep.ISSUE_LETTER | PersonStep.CONFIRM | PersonStep.TRANSFER:
                return _take_alone(person, p, plan, COHORT_STEPS[taken], on)
            case (
                PersonStep.AWAIT_DETERMINATION
                | PersonStep.AWAIT_REMEDY
                | PersonStep.AWAIT_RECONSIDERATION
            ):
                return ()

    office.record_by_plan(name, staff_number, act, decide)


def _take_alone(
    person: Person, p: Participation, plan: Plan, step: CohortStep, on: date
) -> Sequence[Fact]:
    cohort = p.letter.cohort if p.letter else plan.state.cohort_of[person.staff_number]
    group = plan.state.cohort(cohort)
    if step is not CohortStep.ISSUE_LETTERS and on < windows_close_on(p, group, plan.rules):
        return ()
    try:
        return _COHORT_DECISIONS[step](person, p, group, plan, on)
    except Refused as refusal:
        return assignment.refuse_step(
            p, step=step, on=on, refusal=refusal, basis=plan.rules.basis_for("proposal")
        )

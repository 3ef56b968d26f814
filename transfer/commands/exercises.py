"""Opening and steering an exercise: its rules, scope, cohorts, milestones and consultation."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import count

from transfer.commands.office import Act, Office, Person, Plan
from transfer.core.dating.effective_dating import Key, Kind
from transfer.core.employed import employer_on, why_not_employed
from transfer.core.organisations import find_employer
from transfer.core.refusals import Refused
from transfer.core.streams import exercise_stream, staff_stream
from transfer.core.words import (
    MAIN,
    Destination,
    Facet,
    Happening,
    MilestoneName,
    Route,
    Window,
)
from transfer.log.envelope import Receipt
from transfer.procedures.consultation import consultation
from transfer.procedures.exercise import exercise
from transfer.procedures.exercise import person as assignment
from transfer.procedures.exercise import routes as assigning
from transfer.procedures.exercise.exercise_facts import Collision
from transfer.procedures.exercise.routes import Choice
from transfer.procedures.facts import Fact
from transfer.rulebooks import TermsOfExercise
from transfer.rulebooks.in_force import offers_after, offers_moved_with

CHUNK = 250
"""People decided on in one append of an act over many."""

Progress = Callable[[int, int], None]

ExerciseDecision = Callable[[exercise.Exercise], Sequence[Fact]]

PATHS: Mapping[str, tuple[Route, ...]] = {
    "automatic": (Route.AUTOMATIC,),
    "sifted": (Route.LOCAL_EVIDENCE, Route.EXPRESSION_OF_INTEREST),
    "drawn": (Route.RANDOM_ADMINISTRATIVE,),
}
"""The paths that a letter can come by; people of one path share a letter date."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody whom the scope leaves out, and why; `has_left` where they had been employed."""

    staff_number: str
    reason: str
    has_left: bool


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Somebody whom no route assigns: their Trust's panel must decide."""

    staff_number: str
    reason: str


def open_exercise(
    office: Office,
    act: Act,
    *,
    name: str,
    terms: TermsOfExercise,
    transferors: tuple[str, ...],
    on: date,
    milestones: Mapping[MilestoneName, date],
    collisions: tuple[Collision, ...] = (),
    rehearsed: bool = False,
) -> Receipt | None:
    """Open an exercise under the terms that its rulebook and the supplied values make (TR-01).

    Raises `AlreadyOnRecord`, and `Refused` where a real exercise would rest on an assumption.
    """
    return office.record_exercise(
        name,
        act,
        lambda x: exercise.open_exercise(
            x,
            exercise=name,
            rulebook=terms.edition,
            rulebook_digest=terms.rulebook.digest(),
            mechanism=terms.rulebook.mechanism,
            transferors=transferors,
            on=on,
            values=terms.given,
            milestones=milestones,
            collisions=collisions,
            rehearsed=rehearsed,
            rules=terms,
        ),
        alongside=office.editions.keep_opened(terms.rulebook, act.by),
    )


def open_consultation(
    office: Office, act: Act, *, name: str, bodies: tuple[str, ...], agreement: str, on: date
) -> Receipt | None:
    """Begin the consultation on an open exercise (TR-18)."""
    basis = office.rules(name).basis("TR-18")
    return office.record_consultation(
        name,
        act,
        lambda c: consultation.open_consultation(
            c, exercise=name, bodies=bodies, agreement=agreement, on=on, basis=basis
        ),
    )


def call_meeting(office: Office, act: Act, *, name: str, on: date, purpose: str) -> Receipt | None:
    """Put a meeting's day on record: its outcome is due then (TR-06)."""
    basis = office.rules(name).basis("TR-06")
    return office.record_consultation(
        name, act, lambda c: consultation.call_meeting(c, on=on, purpose=purpose, basis=basis)
    )


def record_happening(
    office: Office,
    act: Act,
    *,
    name: str,
    happening: Happening,
    on: date,
    clause: str,
    document: str,
    account: str,
    conciliator: str = "",
) -> Receipt | None:
    """Record what happened between the sides, with every offer that stands otherwise after it."""
    rules = office.rules(name)
    return office.record_consultation(
        name,
        act,
        lambda c: consultation.record_happening(
            c,
            happening=happening,
            on=on,
            account=account,
            basis=rules.basis(clause).model_copy(update={"document": document}),
            offers=offers_after(rules, happening, document),
            conciliator=conciliator,
        ),
    )


def reset_milestone(
    office: Office, act: Act, *, name: str, milestone: MilestoneName, due_on: date, reason: str
) -> Receipt | None:
    """Move a milestone, or set one that was not set; every procedure that waits for it follows.

    So do the terms whose day of employment moves with the transfer.
    """
    rules = office.rules(name)
    receipt = office.record_exercise(
        name,
        act,
        lambda x: exercise.reset_milestone(
            x, milestone=milestone, due_on=due_on, reason=reason, rules=rules
        ),
    )
    if milestone is MilestoneName.TRANSFER:
        moved = offers_moved_with(rules, due_on)
        office.record_consultation(
            name,
            act.part("day of employment"),
            lambda c: consultation.move_day_of_employment(c, moved),
        )
    return receipt


def reset_window(
    office: Office,
    act: Act,
    *,
    name: str,
    cohort: str,
    window: Window,
    due_on: date,
    reason: str,
) -> Receipt | None:
    """Move the last day of a cohort's window to a later one (TR-11b)."""
    rules = office.rules(name)
    return office.record_exercise(
        name,
        act,
        lambda x: exercise.reset_window(
            x, cohort=cohort, window=window, due_on=due_on, reason=reason, rules=rules
        ),
    )


def set_scope(
    office: Office,
    act: Act,
    *,
    name: str,
    members: tuple[str, ...],
    criterion: str,
    on: date,
    progress: Progress = lambda _done, _of: None,
) -> tuple[LeftOut, ...]:
    """Say who the exercise covers, then bring each of them into scope, in chunks (TR-01).

    Of `members` those whom one of the transferors employs on the day. Whoever is not employed then,
    or by what is on record will have left before the transfer, is left out, and answered with the
    reason. Resumable: whoever is in scope already is passed by.
    """
    rules = office.rules(name)
    state, _ = office.exercise(name)
    left_out: tuple[LeftOut, ...] = ()
    if state.scope is None:
        left_out = tuple(_left_out(office, state, members, on))
        out = {each.staff_number for each in left_out}
        members = tuple(number for number in members if number not in out)
    office.record_exercise(
        name,
        act.part("scope"),
        lambda x: exercise.set_scope(x, members=members, criterion=criterion, on=on, rules=rules),
    )

    def decide(person: Person, plan: Plan) -> Sequence[Fact]:
        person.require_registered()
        return assignment.bring_into_scope(person.in_exercise(name), on=on, rules=plan.rules)

    over_people(office, act, name, members, decide, progress)
    return left_out


def _left_out(
    office: Office, state: exercise.Exercise, members: Sequence[str], on: date
) -> Iterator[LeftOut]:
    transferors = state.require_open().transferors
    organisations = {find_employer(each) for each in transferors} - {None}
    transfer_on = state.milestones.get(MilestoneName.TRANSFER, on)
    for _, chunk in _chunks(members):
        for person in office.people(chunk):
            employer = employer_on(person.entries, on)
            found = why_not_employed(person.entries, on)
            if found is None and transfer_on > on:
                found = why_not_employed(person.entries, transfer_on)
            if found is not None:
                left = found.left_on is not None
                yield LeftOut(person.staff_number, found.reason, has_left=left)
            elif employer not in transferors and find_employer(employer or "") not in organisations:
                reason = f"employed by {employer} on {on}, which is none of the transferors"
                yield LeftOut(person.staff_number, reason, has_left=False)


def propose_assignments(
    office: Office,
    act: Act,
    *,
    name: str,
    on: date,
    seed: str,
    progress: Progress = lambda _done, _of: None,
) -> tuple[Unresolved, ...]:
    """Try the routes, in order, for everybody in scope, and propose where they go (TR-08).

    `seed` is the draw's, and is recorded with each draw. Answers whom no route reached: a panel
    decides for them (`decide_by_panel`) before the cohorts are formed.
    """
    state, _ = office.exercise(name)
    unresolved: dict[str, Unresolved] = {}

    def decide(person: Person, plan: Plan) -> Sequence[Fact]:
        p, rules = person.in_exercise(name), plan.rules
        unresolved.pop(person.staff_number, None)
        if p.proposal is not None:
            return ()
        found = why_not_employed(person.entries, on)
        if found is not None:
            return assignment.pass_by(
                p, step=assignment.PROPOSE, on=on, found=found, basis=rules.basis("TR-01")
            )
        try:
            choice = assigning.choose(
                person.evidence,
                staff_number=person.staff_number,
                role=facet_on(person, Facet.ROLE, on),
                band=facet_on(person, Facet.BAND, on),
                rules=rules,
                seed=seed,
            )
        except Refused as refusal:
            unresolved[person.staff_number] = Unresolved(person.staff_number, refusal.reason)
            return assignment.refuse_step(
                p, step=assignment.PROPOSE, on=on, refusal=refusal, basis=rules.basis("TR-08")
            )
        return assignment.propose(p, choice, on=on)

    over_people(office, act, name, state.scope.members if state.scope else (), decide, progress)
    return tuple(unresolved.values())


def form_cohorts(
    office: Office, act: Act, *, name: str, on: date, letters_on: Mapping[str, date]
) -> tuple[str, ...]:
    """Put everybody who has a proposal and no cohort yet into one, by Trust and path (TR-08).

    `letters_on` gives the letter date of each of `PATHS`. Answers the names of the cohorts formed;
    who is proposed later gets a further cohort when this is called again.
    """
    state, _ = office.exercise(name)
    rules = office.rules(name)
    placed = {number for cohort in state.cohorts.values() for number in cohort.formed.members}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for _, chunk in _chunks(state.scope.members if state.scope else ()):
        for person in office.people([number for number in chunk if number not in placed]):
            proposal = person.in_exercise(name).proposal
            if proposal is not None:
                transferor = facet_on(person, Facet.EMPLOYER, on) or "unknown"
                groups[transferor, _path(proposal.route)].append(person.staff_number)
    formed = []
    for (transferor, path), members in sorted(groups.items()):
        cohort = _free_name(state, transferor, path)
        decide = partial(
            exercise.form_cohort,
            cohort=cohort,
            transferor=transferor,
            path=PATHS[path],
            letters_on=letters_on[path],
            members=tuple(members),
            rules=rules,
        )
        office.record_exercise(name, act.part("cohort", cohort), decide)
        formed.append(cohort)
    return tuple(formed)


def decide_by_panel(
    office: Office,
    act: Act,
    *,
    name: str,
    staff_number: str,
    on: date,
    destination: Destination,
    reason: str,
) -> Receipt | None:
    """A panel assigns somebody whom no route reached (TR-08); they join the sifted path."""
    rules = office.rules(name)

    def decide(person: Person) -> Sequence[Fact]:
        choice: Choice = assigning.choose_by_panel(
            person.evidence,
            role=facet_on(person, Facet.ROLE, on),
            band=facet_on(person, Facet.BAND, on),
            destination=destination,
            reason=reason,
            rules=rules,
        )
        return assignment.propose(person.in_exercise(name), choice, on=on)

    return office.record_person(staff_number, act, decide)


def over_people(
    office: Office,
    act: Act,
    name: str,
    staff_numbers: Sequence[str],
    decide: Callable[[Person, Plan], Sequence[Fact]],
    progress: Progress = lambda _done, _of: None,
    *,
    begin: ExerciseDecision = lambda _exercise: (),
    finish: ExerciseDecision = lambda _exercise: (),
) -> int:
    """Decide on many people, an append a chunk, under one correlation; answers how many wrote.

    Each chunk is decided by the exercise's plan as it then is, and recorded only if that has not
    moved: else it is decided again. What `begin` and `finish` decide on the exercise is recorded
    with the first and the last chunk; whoever fits into one chunk is done in one append, which is
    never half done. A chunk that somebody else wrote into first is loaded and decided again; a
    chunk that is through already decides to write nothing, so a broken run is simply run again.
    """
    wrote = 0
    stream_of_exercise = exercise_stream(name)
    # Nobody at all is one chunk: the act is still begun and finished.
    chunks = list(_chunks(staff_numbers)) or [(0, ())]
    last = chunks[-1][0]
    for done, chunk in chunks:

        def attempt(chunk: Sequence[str] = chunk, done: int = done) -> Receipt | None:
            plan = office.plan(name)
            version = plan.reads[stream_of_exercise]
            new: list[tuple[str, int, Fact]] = []
            if done == 0 < last:
                new += [(stream_of_exercise, version, fact) for fact in begin(plan.state)]
            new += [
                (staff_stream(person.staff_number), person.version, fact)
                for person in office.people(chunk)
                for fact in decide(person, plan)
            ]
            if done == last:
                new += [(stream_of_exercise, version, fact) for fact in finish(plan.state)]
            piece = act.part(str(done), *(f"{stream}@{version}" for stream, version, _ in new))
            return office.append(new, piece, reads=plan.reads)

        receipt = office.persist(attempt, about=stream_of_exercise)
        if receipt is not None:
            wrote += len({stream for stream, _, _ in receipt.events} - {stream_of_exercise})
        progress(min(done + CHUNK, len(staff_numbers)), len(staff_numbers))
    return wrote


def facet_on(person: Person, facet: Facet, on: date) -> str | None:
    """The value of a facet of the person's main assignment on a day, as now on record."""
    period = person.entries.timeline(Key(Kind.FACET, MAIN, facet)).at(on)
    return period.value if period else None


def _free_name(state: exercise.Exercise, transferor: str, path: str) -> str:
    """A new cohort's name: the Trust's code and the path, numbered from the second one on."""
    organisation = find_employer(transferor)
    code = organisation.key if organisation else transferor.replace(" ", "-")
    names = (f"{code}.{path}" + (f".{number}" if number > 1 else "") for number in count(1))
    return next(name for name in names if name not in state.cohorts)


def _path(route: Route) -> str:
    return next(path for path, routes in PATHS.items() if route in routes)


def _chunks(staff_numbers: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    for start in range(0, len(staff_numbers), CHUNK):
        yield start, staff_numbers[start : start + CHUNK]

"""Opening and steering an exercise: its rules, scope, cohorts, milestones and consultation."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import count

from transfer.commands.office import Act, Office, Person, Plan
from transfer.core.dating.effective_dating import Key, Kind
from transfer.core.employed import employer_on, why_not_employed
from transfer.core.refusals import Malformed, Refused
from transfer.core.streams import exercise_stream, staff_stream
from transfer.core.words import (
    MAIN,
    Destination,
    Facet,
    Happening,
    MilestoneName,
    MilestoneRole,
    WindowName,
)
from transfer.log.envelope import Receipt
from transfer.procedures.consultation import consultation
from transfer.procedures.exercise import exercise
from transfer.procedures.exercise import person as assignment
from transfer.procedures.exercise import routes as assigning
from transfer.procedures.exercise.exercise_facts import Collision
from transfer.procedures.exercise.facts import Draw, Evidence
from transfer.procedures.exercise.person import Participation
from transfer.procedures.exercise.routes import Choice
from transfer.procedures.facts import Fact
from transfer.rulebooks import TermsOfExercise
from transfer.rulebooks.conditions import Case
from transfer.rulebooks.deciding import Decision, allocate, case_of, decide, why_not_covered
from transfer.rulebooks.honoured import require_honoured
from transfer.rulebooks.in_force import offers_after, offers_moved_with

CHUNK = 250
"""People decided on in one append of an act over many."""

Progress = Callable[[int, int], None]

ExerciseDecision = Callable[[exercise.Exercise], Sequence[Fact]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Somebody whom the scope leaves out, and why; `has_left` where they had been employed."""

    staff_number: str
    reason: str
    has_left: bool


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Somebody whom no route assigns: a panel must decide."""

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
    """Open an exercise under the terms that its rulebook and the supplied values make.

    Raises `Refused` where the edition has something that the program cannot follow yet.

    Raises `AlreadyOnRecord`, and `Refused` where a real exercise would rest on an assumption.
    """
    require_honoured(terms.rulebook, rehearsed=rehearsed)
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
    """Begin the consultation on an open exercise."""
    basis = office.rules(name).basis_for("consultation")
    return office.record_consultation(
        name,
        act,
        lambda c: consultation.open_consultation(
            c, exercise=name, bodies=bodies, agreement=agreement, on=on, basis=basis
        ),
    )


def call_meeting(office: Office, act: Act, *, name: str, on: date, purpose: str) -> Receipt | None:
    """Put a meeting's day on record: its outcome is due then."""
    basis = office.rules(name).basis_for("meeting")
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
    effect = rules.rulebook.happening(happening).effect
    return office.record_consultation(
        name,
        act,
        lambda c: consultation.record_happening(
            c,
            happening=happening,
            effect=effect,
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
    if rules.milestone_role(milestone)[0] is MilestoneRole.TRANSFER:
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
    window: WindowName,
    due_on: date,
    reason: str,
) -> Receipt | None:
    """Move the last day of a cohort's window to a later one."""
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
    """Say who the exercise covers, then bring each of them into scope, in chunks.

    Of `members` those who are one of the transferors' on the day and whom the edition's scope
    covers. Whoever is not employed then, or by what is on record will have left before the
    transfer, is left out, and answered with the reason. Resumable: whoever is in scope already is
    passed by.
    """
    rules = office.rules(name)
    state, _ = office.exercise(name)
    left_out: tuple[LeftOut, ...] = ()
    if state.scope is None:
        left_out = tuple(_left_out(office, state, rules, members, on))
        out = {each.staff_number for each in left_out}
        members = tuple(number for number in members if number not in out)
    office.record_exercise(
        name,
        act.part("scope"),
        lambda x: exercise.set_scope(x, members=members, criterion=criterion, on=on, rules=rules),
    )

    def decide(person: Person, plan: Plan) -> Sequence[Fact]:
        person.require_registered()
        return assignment.bring_into_scope(
            person.in_exercise(name),
            on=on,
            transferor=transferor_on(person, plan.rules, on),
            rules=plan.rules,
        )

    over_people(office, act, name, members, decide, progress)
    return left_out


def _left_out(
    office: Office,
    state: exercise.Exercise,
    rules: TermsOfExercise,
    members: Sequence[str],
    on: date,
) -> Iterator[LeftOut]:
    named = rules.rulebook.register.named
    transferors = {named(each) for each in state.require_open().transferors}
    for _, chunk in _chunks(members):
        for person in office.people(chunk):
            whose = transferor_on(person, rules, on)
            transfer_on = state.day_of(MilestoneRole.TRANSFER, whose)
            found = why_not_employed(person.entries, on)
            if found is None and transfer_on is not None and transfer_on > on:
                found = why_not_employed(person.entries, transfer_on)
            if found is not None:
                left = found.left_on is not None
                yield LeftOut(person.staff_number, found.reason, has_left=left)
            elif whose not in transferors:
                employer = employer_on(person.entries, on)
                reason = f"employed by {employer} on {on}, which is none of the transferors"
                yield LeftOut(person.staff_number, reason, has_left=False)
            elif (why := why_not_covered(rules, case_for(person, rules, on))) is not None:
                reason = f"not covered by the scope on {on}: {why}"
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
    """Try the routes, in order, for everybody in scope, and propose where they go.

    `seed` is the draw's, and is recorded with each draw. Answers whom no route reached: a panel
    decides for them (`decide_by_panel`) before the cohorts are formed. Where places are limited,
    everybody is looked at together before anybody is proposed.
    """
    state, _ = office.exercise(name)
    members = state.scope.members if state.scope else ()
    placed = _placed(office, name, members, on, seed)
    unresolved: dict[str, Unresolved] = {}

    def decided(person: Person, rules: TermsOfExercise) -> Decision:
        if placed is None:
            case = case_for(person, rules, on)
            return decide(rules, case, staff_number=person.staff_number, seed=seed)
        answer = placed[person.staff_number]
        if isinstance(answer, Refused):
            raise answer
        return answer

    def decide_on(person: Person, plan: Plan) -> Sequence[Fact]:
        p, rules = person.in_exercise(name), plan.rules
        unresolved.pop(person.staff_number, None)
        if p.proposal is not None:
            return ()
        found = why_not_employed(person.entries, on)
        if found is not None:
            return assignment.pass_by(
                p, step=assignment.PROPOSE, on=on, found=found, basis=rules.basis_for("scope")
            )
        try:
            choice = choice_of(decided(person, rules), rules)
        except Refused as refusal:
            unresolved[person.staff_number] = Unresolved(person.staff_number, refusal.reason)
            return assignment.refuse_step(
                p,
                step=assignment.PROPOSE,
                on=on,
                refusal=refusal,
                basis=rules.basis_for("proposal"),
            )
        return assignment.propose(p, choice, on=on, rules=rules)

    over_people(office, act, name, members, decide_on, progress)
    return tuple(unresolved.values())


def _placed(
    office: Office, name: str, members: Sequence[str], on: date, seed: str
) -> Mapping[str, Decision | Refused] | None:
    """Where everybody goes who has no proposal yet; `None` where no places are limited."""
    rules = office.rules(name)
    if all(each.places is None for each in rules.rulebook.transferees.values()):
        return None
    taken: Counter[str] = Counter()
    cases: dict[str, Case] = {}
    for _, chunk in _chunks(members):
        for person in office.people(chunk):
            proposal = person.in_exercise(name).proposal
            if proposal is None:
                cases[person.staff_number] = case_for(person, rules, on)
            else:
                taken[proposal.destination] += 1
    return allocate(rules, cases, seed=seed, taken=taken)


def choice_of(decision: Decision, rules: TermsOfExercise) -> Choice:
    """What the edition's table came to, as a decision takes it."""
    drawn = decision.drawn
    return Choice(
        route=decision.route,
        destination=decision.to,
        reason=decision.because,
        evidence=Evidence(
            matched=decision.matched,
            saw=dict(decision.saw),
            draw=drawn
            and Draw(
                seed=drawn.seed, drawn=drawn.digest, between=drawn.among, outcome=drawn.outcome
            ),
        ),
        basis=rules.basis(*decision.clauses),
    )


def form_cohorts(
    office: Office, act: Act, *, name: str, on: date, letters_on: Mapping[str, date]
) -> tuple[str, ...]:
    """Put everybody who has a proposal and no cohort yet into one, by transferor and path.

    `letters_on` gives the letter date of each path of the edition. Answers the names of the cohorts
    formed; who is proposed later gets a further cohort when this is called again.
    """
    state, _ = office.exercise(name)
    rules = office.rules(name)
    book = rules.rulebook
    routes = {path.id: path.routes for path in book.ways}
    placed = {number for cohort in state.cohorts.values() for number in cohort.formed.members}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for _, chunk in _chunks(state.scope.members if state.scope else ()):
        for person in office.people([number for number in chunk if number not in placed]):
            proposal = person.in_exercise(name).proposal
            if proposal is not None:
                transferor = transferor_on(person, rules, on) or "unknown"
                path = book.path_of(proposal.route).id
                groups[transferor, path].append(person.staff_number)
    formed = []
    for (transferor, path), members in sorted(groups.items()):
        if path not in letters_on:
            raise Malformed(f"no day is given for the letters of the path {path}", field=path)
        cohort = _free_name(state, rules, transferor, path)
        form = partial(
            exercise.form_cohort,
            cohort=cohort,
            transferor=transferor,
            path=path,
            routes=routes[path],
            letters_on=letters_on[path],
            members=tuple(members),
            rules=rules,
        )
        office.record_exercise(name, act.part("cohort", cohort), form)
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
    """A panel assigns somebody whom no route reached; they join the path that panels join."""
    rules = office.rules(name)
    path = rules.rulebook.panel_path if rules.rulebook.paths else None

    def decide_on(person: Person) -> Sequence[Fact]:
        held = {facet.value: facet_on(person, facet, on) for facet in (Facet.ROLE, Facet.BAND)}
        choice = assigning.choose_by_panel(
            route=assigning.BY_PANEL if path is None else path.routes[0],
            destination=destination,
            reason=reason,
            saw={name: value for name, value in held.items() if value}
            | dict(person.evidence.values),
            rules=rules,
        )
        return assignment.propose(person.in_exercise(name), choice, on=on, rules=rules)

    return office.record_person(staff_number, act, decide_on)


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


def position_on(person: Person, on: date) -> Mapping[Facet, str | None]:
    """The person's main assignment on a day, as now on record."""
    return {facet: facet_on(person, facet, on) for facet in Facet}


def case_for(person: Person, terms: TermsOfExercise, on: date) -> Case:
    """A person's case on a day, as the edition's conditions see it."""
    return case_of(
        terms,
        facets={facet.value: value for facet, value in position_on(person, on).items()},
        evidence=person.evidence.values,
        on=on,
    )


def transferor_on(person: Person, terms: TermsOfExercise, on: date) -> str | None:
    """The name of the transferor whose the person is on a day; `None` where it is none."""
    book = terms.rulebook
    by = Facet.EMPLOYER if book.parties is None else book.parties.by
    whose = book.whose({by: facet_on(person, by, on)})
    return None if whose is None else whose.name


def transferor_of(person: Person, p: Participation, plan: Plan, on: date) -> str | None:
    """Whose somebody was when the exercise began to cover them, or is now."""
    return p.transferor or transferor_on(person, plan.rules, on)


def _free_name(state: exercise.Exercise, rules: TermsOfExercise, transferor: str, path: str) -> str:
    """A new cohort's name: the transferor's code and the path, numbered from the second one on."""
    organisation = rules.rulebook.register.find(transferor)
    code = organisation.key if organisation else transferor.replace(" ", "-")
    names = (f"{code}.{path}" + (f".{number}" if number > 1 else "") for number in count(1))
    return next(name for name in names if name not in state.cohorts)


def _chunks(staff_numbers: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    for start in range(0, len(staff_numbers), CHUNK):
        yield start, staff_numbers[start : start + CHUNK]

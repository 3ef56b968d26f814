"""Opening and steering an exercise: its rules, scope, cohorts, milestones and consultation."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from transfer.commands.office import Act, Office, Person
from transfer.core import assigning, assignment, consultation, exercise
from transfer.core.assigning import Choice
from transfer.core.exercise_facts import Collision
from transfer.core.facts import Fact
from transfer.core.organisations import find_employer
from transfer.core.position import Key, Kind
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
from transfer.rulebooks import TermsOfExercise
from transfer.rulebooks.in_force import offers_after

CHUNK = 250
"""People decided on in one append of an act over many."""

Progress = Callable[[int, int], None]

PATHS: Mapping[str, tuple[Route, ...]] = {
    "automatic": (Route.AUTOMATIC,),
    "sifted": (Route.LOCAL_EVIDENCE, Route.EXPRESSION_OF_INTEREST),
    "drawn": (Route.RANDOM_ADMINISTRATIVE,),
}
"""The paths that a letter can come by; people of one path share a letter date."""


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
    """Move a milestone, or set one that was not set; every procedure that waits for it follows."""
    rules = office.rules(name)
    return office.record_exercise(
        name,
        act,
        lambda x: exercise.reset_milestone(
            x, milestone=milestone, due_on=due_on, reason=reason, rules=rules
        ),
    )


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
) -> None:
    """Say who the exercise covers, then bring each of them into scope, in chunks (TR-01).

    Resumable: whoever is in scope already is passed by.
    """
    rules = office.rules(name)
    office.record_exercise(
        name,
        act.part("scope"),
        lambda x: exercise.set_scope(x, members=members, criterion=criterion, on=on, rules=rules),
    )

    def decide(person: Person) -> Sequence[Fact]:
        person.require_registered()
        return assignment.bring_into_scope(person.in_exercise(name), on=on, rules=rules)

    over_people(office, act, members, decide, progress)


def propose_assignments(
    office: Office,
    act: Act,
    *,
    name: str,
    on: date,
    letters_on: Mapping[str, date],
    seed: str,
    progress: Progress = lambda _done, _of: None,
) -> tuple[Unresolved, ...]:
    """Try the routes for everybody in scope, propose where they go, and form the cohorts (TR-08).

    `letters_on` gives the letter date of each of `PATHS`; `seed` is the draw's. A cohort is formed
    when all of its members are proposed, so its procedure never starts half. Answers whom no
    route reached; call `decide_by_panel` for them, then this again.
    """
    state, _ = office.exercise(name)
    rules = office.rules(name)
    members = state.scope.members if state.scope else ()
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    unresolved: list[Unresolved] = []

    def decide(person: Person) -> Sequence[Fact]:
        p = person.in_exercise(name)
        transferor = facet_on(person, Facet.EMPLOYER, on) or "unknown"
        if p.proposal is not None:
            groups[transferor, _path(p.proposal.route)].append(person.staff_number)
            return ()
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
            unresolved.append(Unresolved(person.staff_number, refusal.reason))
            return assignment.refuse_step(
                p, step="propose", on=on, refusal=refusal, basis=rules.basis("TR-08")
            )
        path = _path(choice.route)
        groups[transferor, path].append(person.staff_number)
        return assignment.propose(p, choice, cohort=cohort_name(transferor, path), on=on)

    over_people(office, act, members, decide, progress)
    _form_cohorts(office, act, name, groups, letters_on, rules)
    return tuple(unresolved)


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
        transferor = facet_on(person, Facet.EMPLOYER, on) or "unknown"
        cohort = cohort_name(transferor, _path(choice.route))
        return assignment.propose(person.in_exercise(name), choice, cohort=cohort, on=on)

    return office.record_person(staff_number, act, decide)


def over_people(
    office: Office,
    act: Act,
    staff_numbers: Sequence[str],
    decide: Callable[[Person], Sequence[Fact]],
    progress: Progress = lambda _done, _of: None,
) -> int:
    """Decide on many people, an append a chunk, under one correlation; answers how many wrote.

    A chunk that somebody else wrote into first is loaded and decided again; a chunk that is
    through already decides to write nothing, so a broken run is simply run again.
    """
    wrote = 0
    for done, chunk in _chunks(staff_numbers):

        def attempt(chunk: Sequence[str] = chunk, done: int = done) -> Receipt | None:
            new = [
                (staff_stream(person.staff_number), person.version, fact)
                for person in office.people(chunk)
                for fact in decide(person)
            ]
            piece = act.part(str(done), *(f"{stream}@{version}" for stream, version, _ in new))
            return office.append(new, piece)

        receipt = office.persist(attempt)
        wrote += len({stream for stream, _, _ in receipt.events}) if receipt else 0
        progress(min(done + CHUNK, len(staff_numbers)), len(staff_numbers))
    return wrote


def facet_on(person: Person, facet: Facet, on: date) -> str | None:
    """The value of a facet of the person's main assignment on a day, as now on record."""
    period = person.entries.timeline(Key(Kind.FACET, MAIN, facet)).at(on)
    return period.value if period else None


def cohort_name(transferor: str, path: str) -> str:
    """The name of a cohort: the Trust's code and the path, e.g. `LDN.sifted`."""
    organisation = find_employer(transferor)
    code = organisation.key if organisation else transferor.replace(" ", "-")
    return f"{code}.{path}"


def _form_cohorts(
    office: Office,
    act: Act,
    name: str,
    groups: Mapping[tuple[str, str], Sequence[str]],
    letters_on: Mapping[str, date],
    rules: TermsOfExercise,
) -> None:
    for (transferor, path), members in sorted(groups.items()):
        cohort = cohort_name(transferor, path)

        def attempt(
            cohort: str = cohort,
            transferor: str = transferor,
            path: str = path,
            members: Sequence[str] = members,
        ) -> Receipt | None:
            state, version = office.exercise(name)
            new = exercise.form_cohort(
                state,
                cohort=cohort,
                transferor=transferor,
                path=PATHS[path],
                letters_on=letters_on[path],
                members=tuple(members),
                rules=rules,
            )
            stream = exercise_stream(name)
            return office.append([(stream, version, f) for f in new], act.part("cohort", cohort))

        office.persist(attempt)


def _path(route: Route) -> str:
    return next(path for path, routes in PATHS.items() if route in routes)


def _chunks(staff_numbers: Sequence[str]) -> Iterator[tuple[int, Sequence[str]]]:
    for start in range(0, len(staff_numbers), CHUNK):
        yield start, staff_numbers[start : start + CHUNK]

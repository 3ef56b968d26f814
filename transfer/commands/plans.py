"""The plan of an exercise before it is opened: what is lacking, what collides, and by when at last.

`terms_asked` finds the edition and gives it the values; it refuses with everything that is lacking.
`plan_asked` dates it. Nothing is written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from pydantic import BaseModel

from transfer.commands.office import Office
from transfer.core.editions.values import Value
from transfer.core.refusals import Failure, Refused
from transfer.core.words import MilestoneRole
from transfer.procedures.exercise.exercise_facts import Collision
from transfer.rulebooks import Rulebook, TermsOfExercise
from transfer.rulebooks.planning import collisions, latest_letters
from transfer.rulebooks.supplying import SuppliedValue

Supplied = tuple[str, str, str | None, str | None, str | None]
"""A value: its clause, the value, its document, its transferor, why it departs from the source."""


@dataclass(frozen=True, slots=True)
class PlanAsked:
    """What an exercise is to be opened with. `assumes`: values may be assumed on this record."""

    edition: str
    on: date
    values: tuple[Supplied, ...] = ()
    suggested: bool = False
    assumes: bool = False
    transferors: tuple[str, ...] | None = None
    milestones: Mapping[str, date] = field(default_factory=dict)
    starts_on: date | None = None
    letters_on: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LatestDay:
    """The latest day on which the letters of a path may go out for everything after to fit.

    `on` is `None` where no day fits any more; `because` is what would collide a day later.
    """

    path: str
    step: str
    on: date | None
    because: str
    clause: str | None


@dataclass(frozen=True, slots=True)
class PlanMade:
    """A plan: its days, what collides, and the latest lawful day of each path's letters."""

    edition: str
    transferors: tuple[str, ...]
    milestones: Mapping[str, date]
    latest: tuple[LatestDay, ...]
    collisions: tuple[Collision, ...]
    assumptions: tuple[str, ...]


def terms_asked(
    office: Office, asked: PlanAsked, part: type[BaseModel] | None = None
) -> TermsOfExercise:
    """The edition with its values: those that an exercise needs, or one `part` of the edition.

    Raises `Refused` with every failing clause: each value that is lacking with the document that
    would tell, each that does not fit.
    """
    book = office.editions.find(asked.edition)
    if part is None:
        book.require_exercise()
    supplied: dict[str, SuppliedValue] = {}
    assumed: dict[str, Value] = dict(book.suggested()) if asked.suggested else {}
    failures: list[Failure] = []
    if asked.suggested and not asked.assumes:
        failures.append(Failure("values are assumed on a practised record alone: give each one"))
    for clause, value, document, transferor, overriding in asked.values:
        key = clause if transferor is None else f"{clause}@{transferor}"
        if document is not None:
            supplied[key] = SuppliedValue(value=value, document=document, overriding=overriding)
            assumed.pop(key, None)
        elif asked.assumes:
            assumed[key] = value
        else:
            failures.append(Failure(f"{key}: say which document it comes from", clause))
    if failures:
        raise Refused.all_of(tuple(failures))
    return book.with_values(supplied, assumed, part=None if part is None else book.part(part))


def plan_asked(terms: TermsOfExercise, asked: PlanAsked) -> PlanMade:
    """The days of the plan and what collides. Raises `Refused` for a milestone, a path or a
    transferor that the edition does not have."""
    book = terms.rulebook
    milestones = _milestones(book, asked)
    for name in asked.milestones:
        terms.milestone_role(name)
    paths = {each.id for each in book.ways}
    unknown = [path for path in asked.letters_on if path not in paths]
    if unknown:
        known = ", ".join(sorted(paths))
        raise Refused(f"{terms.edition} has no path {', '.join(unknown)}: it has {known}")
    starts_on = asked.starts_on or milestones.get(book.milestone_of(MilestoneRole.START) or "")
    found = collisions(
        terms,
        starts_on=starts_on or asked.on,
        letters_on=asked.letters_on,
        milestones=milestones,
    )
    latest = []
    for path in sorted(paths):
        day, first = latest_letters(terms, path, milestones, starts_on=starts_on or asked.on)
        latest.append(
            LatestDay(
                path=path,
                step="issue-letters",
                on=day,
                because=""
                if first is None
                else f"{first.what}: {first.first} on {first.first_on}, "
                f"{first.second} on {first.second_on}",
                clause=None if first is None else first.clause,
            )
        )
    named = asked.transferors
    return PlanMade(
        edition=terms.edition,
        transferors=tuple(map(book.transferor_named, named))
        if named is not None
        else tuple(each.name for each in book.transferors),
        milestones=milestones,
        latest=tuple(latest),
        collisions=found,
        assumptions=terms.assumptions,
    )


def _milestones(book: Rulebook, asked: PlanAsked) -> dict[str, date]:
    """The days that the edition has announced by then, and those that are given instead."""
    known = {name: each.on for name, each in book.milestones_known_on(asked.on).items()}
    return known | dict(asked.milestones)

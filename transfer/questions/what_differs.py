"""What one person's record says differently between two knowledge times, as it is answered."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Self

from pydantic import Field

from projections.keeping_up.runner import resolve_known_at
from projections.position import projection as position
from projections.position.queries import HeldTerm
from transfer.core.dating.differences import Changed
from transfer.core.dating.instants import Instant
from transfer.core.words import Facet
from transfer.log.application import Log
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer, absent
from transfer.questions.differences import Cause, Difference, differences_on, differences_over_time
from transfer.questions.values import InForce, TermInForce


class FacetDiffers(Answer):
    """A facet that reads differently; `before` or `after` null: it has no value then.

    `changed` says in what: its `value`, the `period` for which its entry supplies it, its `source`
    (entry, correction or basis), or the `standing` value beneath a temporary one.
    """

    assignment: str
    facet: Facet
    changed: tuple[Changed, ...]
    before: InForce | None
    after: InForce | None
    causes: tuple[Cause, ...]

    @classmethod
    def of(cls, found: Difference) -> Self:
        """The same from what the projection found."""
        return cls(
            assignment=found.item.assignment or "",
            facet=Facet(found.item.name),
            changed=found.changed,
            before=found.before,
            after=found.after,
            causes=found.causes,
        )


class TermDiffers(Answer):
    """A term that reads differently, as `FacetDiffers`; `exercise` of a collective one."""

    term: str
    exercise: str | None = Field(None, exclude_if=absent)
    changed: tuple[Changed, ...]
    before: TermInForce | None
    after: TermInForce | None
    causes: tuple[Cause, ...]

    @classmethod
    def of(cls, found: Difference) -> Self:
        """The same from what the projection found."""
        name, exercise = found.item.name, found.item.exercise
        before, after = found.before, found.after
        return cls(
            term=name,
            exercise=exercise,
            changed=found.changed,
            before=before and TermInForce.of(HeldTerm(name, before, exercise)),
            after=after and TermInForce.of(HeldTerm(name, after, exercise)),
            causes=found.causes,
        )


class FacetDays(FacetDiffers):
    """The days on which a facet reads differently; `effective_to` is excluded, null is open."""

    effective_from: date
    effective_to: date | None

    @classmethod
    def of(cls, found: Difference) -> Self:
        """The same from what the projection found."""
        told = dict(FacetDiffers.of(found))
        return cls(**told, effective_from=found.effective_from, effective_to=found.effective_to)


class TermDays(TermDiffers):
    """The days on which a term reads differently; `effective_to` is excluded, null is open."""

    effective_from: date
    effective_to: date | None

    @classmethod
    def of(cls, found: Difference) -> Self:
        """The same from what the projection found."""
        told = dict(TermDiffers.of(found))
        return cls(**told, effective_from=found.effective_from, effective_to=found.effective_to)


class DaysThatDiffer(Answer):
    """Every stretch of days that reads differently, oldest first of each facet and term."""

    position: tuple[FacetDays, ...]
    terms: tuple[TermDays, ...]


class Differences(Answer):
    """What reads differently on `effective_at` between two knowledge times, both as resolved.

    `known_before` is false where the person was not on record at `known_from`: all is new then.
    """

    staff_number: str
    effective_at: date
    known_from: Instant
    known_to: Instant
    known_before: bool
    position: tuple[FacetDiffers, ...]
    terms: tuple[TermDiffers, ...]
    days: DaysThatDiffer | None = Field(None, exclude_if=absent)


def what_differs(
    log: Log[Fact],
    number: str,
    effective_at: date,
    known_from: datetime,
    known_to: datetime | None,
    *,
    assignment: str | None = None,
    every_day: bool = False,
) -> Differences:
    """The answer, both instants resolved to what the read models have seen.

    Raises `NotOnRecord` for a person whom the record did not know at `known_to`.
    """
    with log.connection() as conn:
        known_to = resolve_known_at(conn, position.NAME, known_to)
    known_from = min(known_from, known_to)
    found = differences_on(log, number, effective_at, known_from, known_to, assignment)
    over_time = None
    if every_day:
        over_time = differences_over_time(log, number, known_from, known_to, assignment)
    return Differences(
        staff_number=number,
        effective_at=effective_at,
        known_from=known_from,
        known_to=known_to,
        known_before=found.known_before,
        position=tuple(map(FacetDiffers.of, _facets(found.items))),
        terms=tuple(map(TermDiffers.of, _terms(found.items))),
        days=over_time
        and DaysThatDiffer(
            position=tuple(map(FacetDays.of, _facets(over_time.items))),
            terms=tuple(map(TermDays.of, _terms(over_time.items))),
        ),
    )


def _facets(found: Iterable[Difference]) -> Iterable[Difference]:
    return (each for each in found if each.item.assignment is not None)


def _terms(found: Iterable[Difference]) -> Iterable[Difference]:
    return (each for each in found if each.item.assignment is None)

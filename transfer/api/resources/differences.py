"""GET /v1/staff/{no}/differences: what the record says differently between two knowledge times."""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from projections.keeping_up.runner import resolve_known_at
from projections.position import projection as position
from projections.position.queries import HeldTerm
from transfer.api.http.openapi import reads
from transfer.api.http_service import V1, HttpService, known_number
from transfer.api.parameters import DifferencesQuestion
from transfer.core.dating.differences import Changed
from transfer.core.dating.instants import Instant
from transfer.core.refusals import Malformed
from transfer.core.words import Facet
from transfer.identity import Role
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


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(
        prefix=V1,
        tags=["positions"],
        dependencies=[
            Depends(service.allow(Role.ADMIN, Role.AUDIT, own_record=True)),
            Depends(service.up_to(position.NAME)),
        ],
    )

    @router.get("/staff/{staff_number}/differences", **reads(Differences, "not-on-record"))
    def read_differences(
        staff_number: str, asked: Annotated[DifferencesQuestion, Query()]
    ) -> Response:
        """What the record says differently about one day between two knowledge times, and why.

        Each facet and term that reads differently has the answer before and after, and every
        event in between that changed it: actor, reason, clause, document, and what it replaced.
        A person whom the record did not know at `known_to` is 404; `known_from` after `known_to`
        is 422."""
        number = known_number(staff_number)
        effective_at = asked.effective_at or service.today()
        if asked.known_to is not None and asked.known_to < asked.known_from:
            raise Malformed("it is after known_to: ask the other way round", field="known_from")
        with service.reading() as conn:
            known_to = resolve_known_at(conn, position.NAME, asked.known_to)
        known_from = min(asked.known_from, known_to)
        log, which = service.office.log, asked.assignment
        found = differences_on(log, number, effective_at, known_from, known_to, which)
        over_time = None
        if asked.every_day:
            over_time = differences_over_time(log, number, known_from, known_to, which)
        return service.answer(
            Differences(
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
        )

    return router


def _facets(found: Iterable[Difference]) -> Iterable[Difference]:
    return (each for each in found if each.item.assignment is not None)


def _terms(found: Iterable[Difference]) -> Iterable[Difference]:
    return (each for each in found if each.item.assignment is None)

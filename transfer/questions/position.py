"""Where is somebody, under what terms, on which day, known when, and why?

`position` and `timeline` put an answer together from the read models, or by the attested clock from
the log, with what stands beside the record: linked staff numbers, objections, concurrent jobs.
"""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import TypeVar

from pydantic import Field

from projections.deadlines import deadlines
from projections.keeping_up.runner import complete_until, resolve_known_at
from projections.links_and_objections import projection as links_and_objections
from projections.position import projection as position_projection
from projections.position import queries as position_queries
from projections.position.queries import Lane, PositionAt, TimelineAt
from transfer.core.dating.clocks import Clock
from transfer.core.dating.instants import Instant
from transfer.core.streams import staff_stream
from transfer.core.words import MAIN, Facet
from transfer.log.application import Log
from transfer.procedures.facts import Fact
from transfer.questions import attested
from transfer.questions.answer import Answer, Clocked, absent, by_clock
from transfer.questions.attested import AttestedLog
from transfer.questions.differences import Item
from transfer.questions.full_time import FullTimeShown, full_time
from transfer.questions.history import remarks_among
from transfer.questions.links_and_objections import LinksAndObjectionsShown, LinkShown
from transfer.questions.names import field_of_name
from transfer.questions.not_yet_recorded import NotYetRecorded, not_yet_recorded
from transfer.questions.values import InForce, Stretch, TermInForce, TermNotHeld, Why
from transfer.questions.why import ReadsStreams, Reasons
from transfer.vault import Vault

SEEN_BY = (position_projection.NAME, links_and_objections.NAME, deadlines.NAME)
"""The read models that these answers rest on."""

A = TypeVar("A", bound=Answer)
P = TypeVar("P", "FacetPeriods", "TermPeriods")


# --- answers -----------------------------------------------------------------------------------


class Position(Clocked):
    """Where one person is and under what terms, on a day, as known at an instant.

    With `name=true`, `name` is the one that they go by on that day, as known then; it is left out
    where their personal data was erased. `linked` names the other staff numbers of the same person,
    where there are any. `full_time` is there for who has several jobs on that day: what their parts
    of a full time add up to. With `why=true`, `terms_not_held` are the collective terms of an
    exercise in whose scope the person is that do not reach them, because they were not employed on
    the day that the term names.
    `not_yet_recorded` lists steps that are due by law on that day and wait for approval, such as an
    end of employment.
    """

    staff_number: str
    name: str | None = Field(None, exclude_if=absent)
    effective_at: date
    known_at: Instant
    assignment: str
    position: dict[Facet, InForce]
    terms: tuple[TermInForce, ...]
    terms_not_held: tuple[TermNotHeld, ...] = Field((), exclude_if=absent)
    full_time: FullTimeShown | None = Field(None, exclude_if=absent)
    linked: tuple[LinkShown, ...] = Field((), exclude_if=absent)
    not_yet_recorded: tuple[NotYetRecorded, ...] = Field((), exclude_if=absent)


class FacetPeriods(Answer):
    """The periods of one facet, oldest first; `beneath`, the standing ones that are overlaid.

    A temporary `null` is a gap between periods, and puts none beneath it.
    """

    assignment: str
    facet: Facet
    periods: tuple[Stretch, ...]
    beneath: tuple[Stretch, ...]


class TermPeriods(Answer):
    """The periods of one term, oldest first."""

    term: str
    exercise: str | None = Field(None, exclude_if=absent)
    periods: tuple[Stretch, ...]
    beneath: tuple[Stretch, ...]


class Timeline(Clocked):
    """Every period of one person's facets and terms, as known at an instant."""

    staff_number: str
    known_at: Instant
    facets: tuple[FacetPeriods, ...]
    terms: tuple[TermPeriods, ...]
    linked: tuple[LinkShown, ...] = Field((), exclude_if=absent)


# --- position ----------------------------------------------------------------------------------


def position(
    log: Log[Fact],
    vault: Vault,
    staff_number: str,
    effective_at: date,
    known_at: datetime | None,
    *,
    assignment: str = MAIN,
    clock: Clock = Clock.LOG,
    why: bool = False,
    name: bool = False,
) -> Position:
    """The answer as known at an instant, or as far as the read models have seen (`None`, or later).

    With `why`, every value says what it rests on; with `name`, by what name the person went. Raises
    `NotOnRecord` for a person whom the record did not know then.
    """
    by_attested: AttestedLog | None = None
    awaited: tuple[NotYetRecorded, ...] = ()
    called: str | None = None
    if clock is Clock.LOG:
        with log.connection() as conn:
            found = position_queries.position_known(
                conn, SEEN_BY, staff_number, effective_at, known_at, assignment
            )
            jobs = full_time(log, found, partial(position_queries.position_at, conn))
            noted = links_and_objections.NOTHING
            if found.is_remarked:
                noted = links_and_objections.links_and_objections(
                    conn, staff_number, found.known_at
                )
                awaited = not_yet_recorded(
                    conn, log.known, staff_number, effective_at, found.known_at
                )
            if name:
                called = vault.read(conn, staff_number, field_of_name(noted.names, effective_at))
    else:
        with log.connection() as conn:
            resolved = resolve_known_at(conn, SEEN_BY, known_at)
            noted = links_and_objections.links_and_objections(conn, staff_number, resolved)
            awaited = not_yet_recorded(conn, log.known, staff_number, effective_at, resolved)
            by_attested = AttestedLog(log, complete_until(conn, SEEN_BY))
        at = partial(attested.position_at, log, by_attested)
        found = at(staff_number, effective_at, resolved, assignment)
        jobs = full_time(log, found, at)
        if name:
            # Names by the same clock; links and objections go by the log's alone.
            events = by_attested.read(staff_stream(staff_number), up_to_recorded=resolved)
            field = field_of_name(remarks_among(events).names, effective_at)
            with log.connection() as conn:
                called = vault.read(conn, staff_number, field)
    shown = LinksAndObjectionsShown.of(vault, staff_number, noted)
    answer = position_answer(found, called, shown, jobs, awaited, by_attested)
    return _explained_position(by_attested or log, found, answer) if why else answer


def position_answer(
    found: PositionAt,
    name: str | None,
    noted: LinksAndObjectionsShown,
    jobs: FullTimeShown | None,
    awaited: tuple[NotYetRecorded, ...] = (),
    by_attested: AttestedLog | None = None,
) -> Position:
    """One person's position on a day, with links and objections, the sum of their jobs, and the
    steps that wait for approval."""
    return Position(
        **by_clock(by_attested),
        staff_number=found.staff_number,
        name=name,
        effective_at=found.effective_at,
        known_at=found.known_at,
        assignment=found.assignment,
        position={
            facet: InForce.model_validate(held).with_objections(noted)
            for facet, held in found.position.items()
        },
        terms=tuple(TermInForce.of(term).with_objections(noted) for term in found.terms),
        full_time=jobs,
        linked=noted.linked,
        not_yet_recorded=awaited,
    )


# --- timeline ----------------------------------------------------------------------------------


def timeline(
    log: Log[Fact],
    vault: Vault,
    staff_number: str,
    known_at: datetime | None,
    *,
    assignment: str | None = None,
    clock: Clock = Clock.LOG,
    why: bool = False,
) -> Timeline:
    """Every period, of one assignment or of all; `known_at`, `why` and errors as of `position`."""
    by_attested: AttestedLog | None = None
    with log.connection() as conn:
        resolved = resolve_known_at(conn, SEEN_BY, known_at)
        noted = links_and_objections.links_and_objections(conn, staff_number, resolved)
        if clock is Clock.LOG:
            found = position_queries.timeline(conn, staff_number, resolved, assignment)
        else:
            by_attested = AttestedLog(log, complete_until(conn, SEEN_BY))
    if by_attested is not None:
        found = attested.timeline(log, by_attested, staff_number, resolved, assignment)
    shown = LinksAndObjectionsShown.of(vault, staff_number, noted)
    answer = Timeline(
        **by_clock(by_attested),
        staff_number=staff_number,
        known_at=resolved,
        facets=tuple(
            FacetPeriods(
                assignment=lane.assignment or "",
                facet=Facet(lane.name),
                periods=_stretches(lane.in_force, shown),
                beneath=_stretches(lane.beneath, shown),
            )
            for lane in found.facets
        ),
        terms=tuple(
            TermPeriods(
                term=lane.name,
                exercise=lane.exercise,
                periods=_stretches(lane.in_force, shown),
                beneath=_stretches(lane.beneath, shown),
            )
            for lane in found.terms
        ),
        linked=shown.linked,
    )
    return _explained_timeline(by_attested or log, found, answer) if why else answer


def _stretches(
    held: tuple[position_queries.Held, ...], noted: LinksAndObjectionsShown
) -> tuple[Stretch, ...]:
    return tuple(Stretch.model_validate(each).with_objections(noted) for each in held)


# --- why ---------------------------------------------------------------------------------------

# The reasons are read after the answer itself and as known at its instant, so they are of that
# answer whatever is recorded meanwhile.


def _explained_position(log: ReadsStreams, found: PositionAt, answer: Position) -> Position:
    on, job = found.effective_at, found.assignment
    of_terms = [Item(None, each.term, each.exercise) for each in found.terms]
    items = [*(Item(job, facet) for facet in found.position), *of_terms]
    reasons = Reasons(log, found.staff_number, found.known_at, items)
    values = {}
    for facet, held in found.position.items():
        item = Item(job, facet)
        value = _with(answer.position[facet], reasons.of(item, held, on))
        if value.standing is not None and held.standing is not None:
            beneath = reasons.of_standing(item, held.standing, on)
            value = value.model_copy(update={"standing": _with(value.standing, beneath)})
        values[facet] = value
    terms = tuple(
        _with(term, reasons.of(item, each.held, on))
        for term, item, each in zip(answer.terms, of_terms, found.terms, strict=True)
    )
    missed = tuple(map(TermNotHeld.of, found.not_reached))
    return answer.model_copy(update={"position": values, "terms": terms, "terms_not_held": missed})


def _explained_timeline(log: ReadsStreams, found: TimelineAt, answer: Timeline) -> Timeline:
    lanes = (*found.facets, *found.terms)
    reasons = Reasons(log, found.staff_number, found.known_at, map(_item, lanes))
    facets = (
        _explained_lane(reasons, lane, of)
        for lane, of in zip(found.facets, answer.facets, strict=True)
    )
    terms = (
        _explained_lane(reasons, lane, of)
        for lane, of in zip(found.terms, answer.terms, strict=True)
    )
    return answer.model_copy(update={"facets": tuple(facets), "terms": tuple(terms)})


def _explained_lane(reasons: Reasons, lane: Lane, answer: P) -> P:
    """Each period explained on its first day."""
    item = _item(lane)

    def explained(
        stretches: tuple[Stretch, ...],
        held: tuple[position_queries.Held, ...],
        ask: Callable[[Item, position_queries.Held, date], Why],
    ) -> tuple[Stretch, ...]:
        return tuple(
            _with(stretch, ask(item, each, each.effective_from))
            for stretch, each in zip(stretches, held, strict=True)
        )

    periods = explained(answer.periods, lane.in_force, reasons.of)
    beneath = explained(answer.beneath, lane.beneath, reasons.of_standing)
    return answer.model_copy(update={"periods": periods, "beneath": beneath})


def _item(lane: Lane) -> Item:
    return Item(lane.assignment, lane.name, lane.exercise)


def _with(value: A, why: Why) -> A:
    return value.model_copy(update={"why": why})

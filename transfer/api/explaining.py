"""`why=true`: the answers about position and timeline, each value with what it rests on.

The reasons are read after the answer itself and as known at its instant, so they are of that
answer whatever is recorded meanwhile.
"""

from typing import TypeVar

from projections.position.queries import Lane, PositionAt, TimelineAt
from transfer.api.shapes.answers import (
    Answer,
    FacetPeriods,
    Position,
    TermPeriods,
    Timeline,
    Why,
)
from transfer.questions.differences import Item
from transfer.questions.why import ReadsStreams, Reasons

A = TypeVar("A", bound=Answer)
P = TypeVar("P", FacetPeriods, TermPeriods)


def explain_position(log: ReadsStreams, found: PositionAt, told: Position) -> Position:
    """The answer about a position, explained; `told` is the same as `found`."""
    on, job = found.effective_at, found.assignment
    of_terms = [Item(None, each.term, each.exercise) for each in found.terms]
    items = [*(Item(job, facet) for facet in found.position), *of_terms]
    reasons = Reasons(log, found.staff_number, found.known_at, items)
    position = {}
    for facet, held in found.position.items():
        item = Item(job, facet)
        value = _with(told.position[facet], Why.explaining(reasons.of(item, held, on)))
        if value.standing is not None and held.standing is not None:
            beneath = Why.explaining(reasons.of_standing(item, held.standing, on))
            value = value.model_copy(update={"standing": _with(value.standing, beneath)})
        position[facet] = value
    terms = tuple(
        _with(term, Why.explaining(reasons.of(item, each.held, on)))
        for term, item, each in zip(told.terms, of_terms, found.terms, strict=True)
    )
    return told.model_copy(update={"position": position, "terms": terms})


def explain_timeline(log: ReadsStreams, found: TimelineAt, told: Timeline) -> Timeline:
    """The answer about a timeline, each period explained on its first day."""
    lanes = (*found.facets, *found.terms)
    reasons = Reasons(log, found.staff_number, found.known_at, map(_item, lanes))
    facets = (
        _explain_lane(reasons, lane, of) for lane, of in zip(found.facets, told.facets, strict=True)
    )
    terms = (
        _explain_lane(reasons, lane, of) for lane, of in zip(found.terms, told.terms, strict=True)
    )
    return told.model_copy(update={"facets": tuple(facets), "terms": tuple(terms)})


def _explain_lane(reasons: Reasons, lane: Lane, told: P) -> P:
    item = _item(lane)

    periods = tuple(
        _with(stretch, Why.explaining(reasons.of(item, held, held.effective_from)))
        for stretch, held in zip(told.periods, lane.in_force, strict=True)
    )
    beneath = tuple(
        _with(stretch, Why.explaining(reasons.of_standing(item, held, held.effective_from)))
        for stretch, held in zip(told.beneath, lane.beneath, strict=True)
    )
    return told.model_copy(update={"periods": periods, "beneath": beneath})


def _item(lane: Lane) -> Item:
    return Item(lane.assignment, lane.name, lane.exercise)


def _with(value: A, why: Why) -> A:
    return value.model_copy(update={"why": why})

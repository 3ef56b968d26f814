"""What is answered of positions and terms: of one person, and of everybody.

`Held`, a value with its period and its source, is in `stored.py`, where it is read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, NamedTuple

from pydantic import PlainSerializer

from projections.position.stored import Held, Job
from transfer.core.words import Facet


@dataclass(frozen=True, slots=True)
class HeldTerm:
    """A term that somebody has; `exercise` names the one in whose scope they have it, if it is
    a collective term and not their own."""

    term: str
    held: Held
    exercise: str | None = None


@dataclass(frozen=True, slots=True)
class NotReached:
    """A collective term that somebody in scope does not have: they were not employed on its day."""

    term: str
    exercise: str
    employed_on: date
    held: Held


@dataclass(frozen=True, slots=True)
class PositionAt:
    """Who somebody is, where, under what terms, on one day as known at one instant.

    `at_once` are the person's assignments on that day, where they have several. `not_reached` are
    the collective terms in force that do not reach them, though they are in scope. `is_remarked`
    says that something stands beside the record then, or was to be approved, as far as their own
    projections have seen.
    """

    staff_number: str
    assignment: str
    effective_at: date
    known_at: datetime
    position: Mapping[Facet, Held]
    terms: tuple[HeldTerm, ...]
    at_once: tuple[Job, ...] = ()
    is_remarked: bool = True
    not_reached: tuple[NotReached, ...] = ()


class Positions(NamedTuple):
    """All that somebody holds on one day as known at one instant: every assignment in which they
    are employed, by name, and their own terms."""

    jobs: dict[str, dict[Facet, Held]]
    terms: tuple[HeldTerm, ...]


@dataclass(frozen=True, slots=True)
class Lane:
    """The periods of one facet of one assignment, or of one term, oldest first.

    `beneath` holds the standing periods that temporary ones overlay, whole.
    """

    name: str
    in_force: tuple[Held, ...]
    beneath: tuple[Held, ...]
    assignment: str | None = None
    exercise: str | None = None


@dataclass(frozen=True, slots=True)
class TimelineAt:
    """All periods of somebody's facets and terms as known at one instant."""

    staff_number: str
    known_at: datetime
    facets: tuple[Lane, ...]
    terms: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """How many people have one value; `fte` is the sum of their parts of a full time."""

    value: str
    headcount: int
    fte: Annotated[Decimal, PlainSerializer(lambda fte: f"{fte:f}", return_type=str)]


@dataclass(frozen=True, slots=True)
class Total:
    """Everybody in any group, each person once, however many assignments and values they have."""

    headcount: int
    fte: Annotated[Decimal, PlainSerializer(lambda fte: f"{fte:f}", return_type=str)]


@dataclass(frozen=True, slots=True)
class HeadCount:
    """A head count by a facet: its groups, and everybody in any of them."""

    groups: tuple[Group, ...]
    total: Total


@dataclass(frozen=True, slots=True)
class Member:
    """One assignment of one person, with every facet of it that has a value then."""

    staff_number: str
    assignment: str
    position: Mapping[Facet, str]


@dataclass(frozen=True, slots=True)
class Members:
    """A page of members; `next_cursor` is `None` on the last."""

    items: tuple[Member, ...]
    next_cursor: str | None

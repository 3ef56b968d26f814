"""Who is somebody, where do they work on a day, and what is open for them, known when?

`InBrief` is the part that a list of people shows too.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import Field

from projections.deadlines.deadlines import State
from projections.keeping_up.copying import Conn
from projections.links_and_objections import projection as links_and_objections
from projections.links_and_objections.projection import ObjectionState
from projections.position import projection as position_projection
from projections.position import queries as position_queries
from projections.position.queries import Member
from transfer.core.dating.instants import Instant
from transfer.core.refusals import NotOnRecord
from transfer.core.words import MAIN, Facet
from transfer.questions import deadlines as of_deadlines
from transfer.questions.answer import Answer, absent
from transfer.questions.deadlines import Due
from transfer.questions.names import field_of_name
from transfer.questions.procedures import Found, Looking, running_with

SEEN_BY = (position_projection.NAME, links_and_objections.NAME, of_deadlines.SEEN_BY)
"""The read models that a summary rests on."""

_MOST_DEADLINES = 20


class Job(Answer):
    """One of a person's assignments on a day; temporary values count."""

    assignment: str
    employer: str
    unit: str | None
    role: str | None
    band: str | None
    line_manager: str | None

    @classmethod
    def of(cls, member: Member) -> Self:
        """The same from what the projection found."""
        held = member.position
        return cls(
            assignment=member.assignment,
            employer=held[Facet.EMPLOYER],
            unit=held.get(Facet.UNIT),
            role=held.get(Facet.ROLE),
            band=held.get(Facet.BAND),
            line_manager=held.get(Facet.LINE_MANAGER),
        )


class InBrief(Answer):
    """One person on a day: their name, whether anybody employs them, and where.

    `name` is the one that they go by on that day; it is left out where their personal data was
    erased. `employer` and what follows it are of the assignment `main`, or, where that has no
    employer on the day, of the first by name that has one; `other_jobs` are the rest. Who is not
    employed has null there. `line_manager` is a staff number.
    """

    staff_number: str
    name: str | None = Field(None, exclude_if=absent)
    employed: bool
    assignment: str | None
    employer: str | None
    unit: str | None
    role: str | None
    band: str | None
    line_manager: str | None
    other_jobs: tuple[Job, ...] = Field((), exclude_if=absent)


class ProcedureOpen(Answer):
    """A procedure that runs and has something of the person on record."""

    kind: str
    id: str
    title: str
    begun_on: date

    @classmethod
    def of(cls, found: Found) -> Self:
        """The same from the procedure."""
        return cls(
            kind=found.kind.name,
            id=found.matter.partition(":")[2],
            title=found.kind.title,
            begun_on=found.begun.happened_on,
        )


class ObjectionOpen(Answer):
    """An objection of the person's that nobody has answered; `of` is the entry objected to."""

    event_id: UUID
    of: UUID
    recorded_at: Instant


class Summary(InBrief):
    """One person in brief, with what is open for them, as known at an instant.

    `linked` are the other staff numbers of the same person. `next_deadlines` are what is still due
    about the person, the earliest day first and what has no day last, 20 at most;
    `more_deadlines` says that there are others. A deadline is open or not by the London date of
    `known_at`, whatever `effective_at` is.
    """

    effective_at: date
    known_at: Instant
    linked: tuple[str, ...] = Field((), exclude_if=absent)
    next_deadlines: tuple[Due, ...]
    more_deadlines: bool
    open_procedures: tuple[ProcedureOpen, ...]
    open_objections: tuple[ObjectionOpen, ...]


def summary(
    conn: Conn, looking: Looking, staff_number: str, effective_at: date, known_at: datetime
) -> Summary:
    """One person in brief (K resolved before, and that of `looking`).

    Raises `NotOnRecord` for a person whom the record did not know then.
    """
    jobs = position_queries.jobs(conn, [staff_number], effective_at, known_at).get(staff_number)
    if jobs is None:
        raise NotOnRecord(f"{staff_number} was not on record at {known_at.isoformat()}")
    noted = links_and_objections.links_and_objections(conn, staff_number, known_at)
    field = field_of_name(noted.names, effective_at)
    due = of_deadlines.deadlines(
        conn,
        known_at,
        state=State.OPEN,
        staff=staff_number,
        limit=_MOST_DEADLINES,
        near_days=looking.near_days,
    )
    return Summary(
        **dict(in_brief(staff_number, looking.office.vault.read(conn, staff_number, field), jobs)),
        effective_at=effective_at,
        known_at=known_at,
        linked=tuple(link.staff_number for link in noted.links),
        next_deadlines=due.items,
        more_deadlines=due.next_cursor is not None,
        open_procedures=tuple(map(ProcedureOpen.of, running_with(looking, staff_number))),
        open_objections=tuple(
            ObjectionOpen.model_validate(
                {"event_id": each.event_id, "of": each.of, "recorded_at": each.recorded_at}
            )
            for each in noted.objections
            if each.state is ObjectionState.OPEN
        ),
    )


def in_brief(staff_number: str, name: str | None, jobs: Sequence[Member]) -> InBrief:
    """One person with the name that they go by and the assignments that employ them, by name."""
    ordered = sorted(map(Job.of, jobs), key=lambda job: (job.assignment != MAIN, job.assignment))
    first = ordered[0] if ordered else None
    return InBrief(
        staff_number=staff_number,
        name=name,
        employed=first is not None,
        assignment=first and first.assignment,
        employer=first and first.employer,
        unit=first and first.unit,
        role=first and first.role,
        band=first and first.band,
        line_manager=first and first.line_manager,
        other_jobs=tuple(ordered[1:]),
    )

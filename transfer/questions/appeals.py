"""Was an appeal in time, under each deadline that was ever published to the person?

Read straight from the log: the person's stream has the letter, the appeals and what was extended
for them alone; the exercise's has what was reset for their cohort. Nothing that was published goes
away, so the first deadline and every later one can be compared (question 3).
"""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from transfer.core.dating.instants import Instant
from transfer.core.matter.facts import MatterFact, Undone
from transfer.core.matter.words import id_of
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import WindowKind
from transfer.log.envelope import Recorded
from transfer.procedures.appeal import facts as p
from transfer.procedures.exercise import facts as a
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer, BasisShown
from transfer.questions.history import ReadsStreams
from transfer.questions.published_days import PublishedBy, published_days


class Treatment(StrEnum):
    """What was done with an appeal when it came."""

    LODGED = "lodged"
    REFUSED_OUT_OF_TIME = "refused-out-of-time"
    ACCEPTED_OUT_OF_TIME = "accepted-out-of-time"


class PublishedDeadline(Answer):
    """A last day for appeals, the event that published it, and whether the appeal kept it.

    `in_force` marks the one that counts: the latest day that the person was told, for nobody loses
    a day that they were told they had. `basis.assumptions` says what it assumes.
    """

    published_by: PublishedBy
    event_id: UUID
    published_at: Instant
    due_on: date
    in_time: bool
    in_force: bool
    basis: BasisShown


class AppealTimeliness(Answer):
    """One appeal against a letter, what was done with it, and every deadline published for it."""

    staff_number: str = Field(exclude=True)
    exercise: str
    event_id: UUID
    lodged_on: date
    recorded_at: Instant
    treatment: Treatment
    accepted_by: UUID | None
    deadlines: tuple[PublishedDeadline, ...]


def appeal_timeliness(
    log: ReadsStreams, staff_number: str, known_at: datetime | None = None
) -> tuple[AppealTimeliness, ...]:
    """Every appeal of a person, oldest first, as known at an instant (now, if `None`).

    Raises `NotOnRecord` for a person whom the record did not know at that instant.
    """
    person = log.read(staff_stream(staff_number), up_to_recorded=known_at)
    if not person:
        raise NotOnRecord(f"{staff_number} was not on record")
    exercises = {
        event.fact.matter: log.read(matter_stream(event.fact.matter), up_to_recorded=known_at)
        for event in person
        if isinstance(event.fact, a.AssignmentLetterIssued)
    }
    return timeliness_of(
        staff_number, person, [event for events in exercises.values() for event in events]
    )


def timeliness_of(
    staff_number: str, person: Sequence[Recorded[Fact]], exercises: Sequence[Recorded[Fact]]
) -> tuple[AppealTimeliness, ...]:
    """The same of events that were read: the person's, and those of their exercises."""
    found = []
    undone = undone_in(person)
    for event in person:
        fact = event.fact
        if not isinstance(fact, p.AppealLodged | p.AppealRefusedOutOfTime):
            continue
        if event.event_id in undone:
            continue
        accepted = _acceptance(person, event, fact)
        if isinstance(fact, p.AppealLodged):
            treatment = Treatment.LODGED
        elif accepted is None:
            treatment = Treatment.REFUSED_OUT_OF_TIME
        else:
            treatment = Treatment.ACCEPTED_OUT_OF_TIME
        found.append(
            AppealTimeliness(
                staff_number=staff_number,
                exercise=id_of(fact.against),
                event_id=event.event_id,
                lodged_on=fact.happened_on,
                recorded_at=event.recorded_at,
                treatment=treatment,
                accepted_by=None if accepted is None else accepted.event_id,
                deadlines=_deadlines(fact.against, fact.happened_on, person, exercises),
            )
        )
    return tuple(found)


def undone_in(events: Sequence[Recorded[Fact]]) -> set[UUID]:
    """What has no effect any more: an appeal that was treated again is told as it is treated now.
    What takes a fact's place names it as it was first recorded; the last to name it counts."""
    found: set[UUID] = set()
    last: dict[UUID, UUID] = {}
    for event in events:
        fact = event.fact
        if isinstance(fact, Undone):
            found |= {*fact.facts}
        elif isinstance(fact, MatterFact) and fact.made.replaces is not None:
            first = fact.made.replaces
            found |= {first, last.get(first, first)}
            last[first] = event.event_id
    return found


def _acceptance(
    person: Sequence[Recorded[Fact]],
    refused: Recorded[Fact],
    fact: p.AppealLodged | p.AppealRefusedOutOfTime,
) -> Recorded[Fact] | None:
    if isinstance(fact, p.AppealLodged):
        return None
    return next(
        (
            event
            for event in person
            if event.position > refused.position
            and isinstance(event.fact, p.AppealAcceptedOutOfTime)
            and event.fact.matter == fact.matter
        ),
        None,
    )


def _deadlines(
    exercise: str,
    lodged_on: date,
    person: Sequence[Recorded[Fact]],
    exercises: Sequence[Recorded[Fact]],
) -> tuple[PublishedDeadline, ...]:
    published = published_days(WindowKind.APPEAL, exercise, person, exercises)
    latest = max((each.last for each in published), default=None)
    return tuple(
        PublishedDeadline(
            published_by=each.by,
            event_id=each.event.event_id,
            published_at=each.event.recorded_at,
            due_on=each.last,
            in_time=lodged_on <= each.last,
            in_force=each.last == latest,
            basis=each.when.basis,
        )
        for each in published
    )

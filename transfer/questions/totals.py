"""How many people, by employer: a representative's own members, and those of a consultation.

Nobody is named. A representative knows their members, so every number of them is shown; of the
people whom a consultation is about, small numbers are not (`small_groups`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from projections.exercise import steps as exercise_steps
from projections.keeping_up.copying import Conn
from projections.position import projection as position_projection
from projections.position import queries as position_queries
from projections.position.spellings import most_usual, same_as
from transfer.access.identity import Caller
from transfer.access.reach import Appointment, What
from transfer.core.dating.instants import Instant
from transfer.core.refusals import NotOnRecord
from transfer.core.words import Facet
from transfer.questions.answer import Answer
from transfer.questions.consultations import my_consultation
from transfer.questions.procedures import Looking, came_of
from transfer.questions.small_groups import Shown, without_small_numbers
from transfer.questions.who_may_read import appointments_of

SEEN_BY: Final = (position_projection.NAME, exercise_steps.NAME)
"""The read models that these answers rest on."""


class EmployerTotal(Answer):
    """How many people an employer has; null: nobody employs them on the day."""

    employer: str | None
    people: int


class PlaceTotal(Answer):
    """How many of the members are where in an exercise: with a transferee (its id), `left`,
    `ended-by-objection`, `ended-by-dissolution` or `with-transferor`."""

    exercise: str
    state: str
    people: int


class MembersTotals(Answer):
    """Totals of a representative's members, by employer on a day as known at an instant.

    `members` counts all for whom the caller acts today. Only those who have appointed them for the
    record are in `employers`, somebody with two employers in both, and once in `employed`; only
    those who have for procedures are in `exercises`. `without_record` counts the others of the
    former.
    """

    effective_at: date
    known_at: Instant
    members: int
    without_record: int
    employed: int
    employers: tuple[EmployerTotal, ...]
    exercises: tuple[PlaceTotal, ...]


class GroupTotal(Answer):
    """How many people an employer has (null: nobody employs them), as it may be shown: `people` is
    null where they are fewer than the threshold, or where the number is withheld for the sake of
    another group."""

    employer: str | None
    shown: Shown
    people: int | None


class ConsultationTotals(Answer):
    """Totals of the people whom a consultation is about, by employer on a day as known at an
    instant. A group of fewer than `threshold` people has no number; then the `total` has none
    either, nor has one further group."""

    consultation: str
    exercise: str
    effective_at: date
    known_at: Instant
    threshold: int
    groups: tuple[GroupTotal, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class MembersCounted:
    """The answer, and whose records it rests on, each with the appointment by which it does."""

    totals: MembersTotals
    read_by: Mapping[str, str]


def totals_of_members(
    conn: Conn, looking: Looking, representative: str, effective_at: date
) -> MembersCounted:
    """A representative's members in numbers, by employer and by where they are in exercises."""
    held: defaultdict[str, list[Appointment]] = defaultdict(list)
    for each in appointments_of(conn, representative):
        if each.runs_on(looking.today):
            held[each.staff_number].append(each)

    def by_appointment(what: What) -> dict[str, str]:
        found = {
            number: [each.id for each in theirs if what in each.scopes]
            for number, theirs in held.items()
        }
        return {number: min(ids) for number, ids in sorted(found.items()) if ids}

    record, procedures = by_appointment(What.RECORD), by_appointment(What.PROCEDURES)
    counts = _by_employer(conn, [*record], effective_at, looking.known_at)
    employed = len(record) - counts.get(None, 0)
    return MembersCounted(
        MembersTotals(
            effective_at=effective_at,
            known_at=looking.known_at,
            members=len(held),
            without_record=len(held) - len(record),
            employed=employed,
            employers=tuple(
                EmployerTotal(employer=employer, people=people)
                for employer, people in counts.items()
            ),
            exercises=_by_place(conn, looking, [*procedures]),
        ),
        read_by=procedures | record,
    )


def totals_of_consultation(
    conn: Conn, looking: Looking, caller: Caller, id_: str, effective_at: date, threshold: int
) -> ConsultationTotals:
    """The people whom a consultation of the caller's body is about, in numbers, by employer.

    Raises `NotOnRecord` for a consultation that the body does not take part in, as for one that
    there is not.
    """
    exercise = my_consultation(looking, caller, id_).exercise
    if exercise is None:
        raise NotOnRecord(f"no consultation {id_} on record")
    came = came_of(conn, looking, looking.find(looking.kind("exercise"), exercise))
    people = [each.staff_number for each in came.participants if each.in_scope] if came else []
    counts = _by_employer(conn, people, effective_at, looking.known_at)
    table = without_small_numbers(counts, len(people), threshold)
    return ConsultationTotals(
        consultation=id_,
        exercise=exercise,
        effective_at=effective_at,
        known_at=looking.known_at,
        threshold=threshold,
        groups=tuple(
            GroupTotal(employer=each.group, shown=each.shown, people=each.people)
            for each in table.groups
        ),
        total=table.total,
    )


def _by_employer(
    conn: Conn, people: Collection[str], effective_at: date, known_at: datetime
) -> dict[str | None, int]:
    """How many of these people each employer has on a day, by its name; spellings of one are one.
    Last, under `None`, whom nobody employs."""
    same = same_as(Facet.EMPLOYER)
    heads: defaultdict[Hashable, set[str]] = defaultdict(set)
    called: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
    found = position_queries.employers_of(conn, people, effective_at, known_at)
    for number, employers in found.items():
        for employer in employers:
            heads[same(employer)].add(number)
            called[same(employer)][employer] += 1
    counts: dict[str | None, int] = dict(
        sorted((most_usual(Facet.EMPLOYER, called[key]), len(who)) for key, who in heads.items())
    )
    nobody = len(set(people)) - len(found)
    return counts | ({None: nobody} if nobody else {})


def _by_place(conn: Conn, looking: Looking, people: Collection[str]) -> tuple[PlaceTotal, ...]:
    """How many of these people are where, in each exercise that has one of them."""
    found: list[PlaceTotal] = []
    kind, members = looking.kind("exercise"), set(people)
    for matter, _ in looking.names(kind, None) if members else ():
        exercise = matter.partition(":")[2]
        try:
            came = came_of(conn, looking, looking.find(kind, exercise))
        except NotOnRecord:
            continue  # not known yet at that instant
        theirs = came.participants if came else ()
        places = Counter(
            str(each.place) for each in theirs if each.in_scope and each.staff_number in members
        )
        found += (
            PlaceTotal(exercise=exercise, state=state, people=number)
            for state, number in sorted(places.items())
        )
    return tuple(found)

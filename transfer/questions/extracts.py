"""A question that is answered once and kept: about these people, on these days, as known then.

A panel or a court cites it by its reference, and everybody who may read it reads the same bytes,
whatever is recorded later. The answers are those of the other questions, each with the entries that
it rests on beside it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from uuid import UUID

from pydantic import BaseModel, Field

from projections.position import queries as position_queries
from transfer.access.extracts import ExtractStore, reference_of
from transfer.commands.office import Office
from transfer.core.dating.instants import Instant
from transfer.core.refusals import Malformed
from transfer.core.words import MAIN
from transfer.questions.answer import TITLE_OF, Answer, absent
from transfer.questions.documents import titles
from transfer.questions.history import HistoryItem, full_history
from transfer.questions.position import SEEN_BY as SEEN_BY  # what the answers rest on
from transfer.questions.position import Position, position
from transfer.questions.what_differs import Differences, what_differs

MOST_ANSWERS = 500
"""How many people, days and knowledge times there may be at most, multiplied."""


class ExtractHead(Answer):
    """Who asked what, when and why. `known_at` are the knowledge times as they were resolved."""

    reference: str
    asked_by: str
    role: str
    asked_at: Instant
    reason: str | None
    staff_numbers: tuple[str, ...]
    effective_at: tuple[date, ...]
    known_at: tuple[Instant, ...]
    rehearsed: str | None = Field(None, exclude_if=absent)


class OnDay(Answer):
    """What the record said of one day at one instant: a position for each of the person's jobs.

    `on_record` says whether the record knew the person then at all."""

    effective_at: date
    known_at: Instant
    on_record: bool
    positions: tuple[Position, ...]


class ExtractOfPerson(Answer):
    """What an extract says of one person.

    `differences` compares each knowledge time with the next, day by day, where something reads
    differently. `evidence` has every entry that is cited, and what became of it, as known at the
    last of the knowledge times. Of somebody who was `erased` since, only the number is left.
    """

    staff_number: str
    on_days: tuple[OnDay, ...] = ()
    differences: tuple[Differences, ...] = ()
    evidence: tuple[HistoryItem, ...] = ()
    erased: bool = Field(False, exclude_if=absent)


class Extract(ExtractHead):
    """A question and its answers as they were given, for each person by staff number."""

    answers: tuple[ExtractOfPerson, ...]


@dataclass(frozen=True, slots=True)
class Points:
    """Whom an extract is about, on which days, as known when (resolved before); each once."""

    staff_numbers: Sequence[str]
    effective_at: Sequence[date]
    known_at: Sequence[datetime]

    @classmethod
    def of(
        cls,
        staff_numbers: Sequence[str],
        effective_at: Sequence[date],
        known_at: Sequence[datetime],
    ) -> "Points":
        """The same in order, each once. Raises `Malformed` for too many."""
        points = cls(sorted(set(staff_numbers)), sorted(set(effective_at)), sorted(set(known_at)))
        asked = len(points.staff_numbers) * len(points.effective_at) * len(points.known_at)
        if asked > MOST_ANSWERS:
            raise Malformed(
                f"these are {asked} answers; an extract has {MOST_ANSWERS} at most",
                field="staff_numbers",
            )
        return points


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for an extract, in which role, when and why; `text` is the question as it was sent,
    `rehearsed` the edition, where the record is a rehearsal's, and `dispute_case` the procedure by
    which a panel asks."""

    command_id: UUID
    text: str
    by: str
    role: str
    at: datetime
    reason: str | None
    rehearsed: str | None
    dispute_case: str | None = None


def pin(office: Office, store: ExtractStore, asked: Asked, points: Points) -> None:
    """Answer a question and keep the answers; nothing, where this command has done so before.

    Raises `NotOnRecord` for somebody whom the record knew at none of the instants, and `Conflict`
    where somebody was erased meanwhile.
    """
    plain = {*points.staff_numbers} - office.vault.get_many(points.staff_numbers).keys()
    context = {TITLE_OF: titles(office.log, points.known_at[-1])}
    parts = {
        number: _of_person(office, number, points).model_dump_json(context=context).encode()
        for number in points.staff_numbers
    }
    head = ExtractHead(
        reference=reference_of(asked.command_id),
        asked_by=asked.by,
        role=asked.role,
        asked_at=asked.at,
        reason=asked.reason,
        staff_numbers=tuple(points.staff_numbers),
        effective_at=tuple(points.effective_at),
        known_at=tuple(points.known_at),
        rehearsed=asked.rehearsed,
    )
    store.keep(
        asked.command_id,
        asked.text,
        asked.by,
        head.model_dump_json(),
        parts,
        plain=plain,
        dispute_case=asked.dispute_case,
    )


def asked_in(store: ExtractStore, dispute_case: str, asked_by: str) -> list[ExtractHead]:
    """What somebody has asked by a dispute case, the last first."""
    heads = map(ExtractHead.model_validate_json, store.heads_of_case(dispute_case, asked_by))
    return sorted(heads, key=lambda each: (each.asked_at, each.reference), reverse=True)


def _of_person(office: Office, number: str, points: Points) -> ExtractOfPerson:
    last = points.known_at[-1]
    told = full_history(office.log, office.vault, number, last, name=True)
    on_days = tuple(
        _on_day(office, number, day, known_at)
        for day in points.effective_at
        for known_at in points.known_at
    )
    known = [each for each in points.known_at if _is_on_record(on_days, each)]
    compared = (
        what_differs(office.log, number, day, earlier, later)
        for day in points.effective_at
        for earlier, later in pairwise(known)
    )
    differences = tuple(each for each in compared if each.position or each.terms)
    cited = {*_cited([*on_days, *differences])}
    return ExtractOfPerson(
        staff_number=number,
        on_days=on_days,
        differences=differences,
        evidence=tuple(_with_what_became(told.items, cited)),
    )


def _on_day(office: Office, number: str, effective_at: date, known_at: datetime) -> OnDay:
    with office.log.connection() as conn:
        found = position_queries.jobs(conn, [number], effective_at, known_at).get(number)
    jobs = [] if found is None else sorted({MAIN, *(each.assignment for each in found)})
    return OnDay(
        effective_at=effective_at,
        known_at=known_at,
        on_record=found is not None,
        positions=tuple(
            position(
                office.log,
                office.vault,
                number,
                effective_at,
                known_at,
                assignment=job,
                why=True,
                name=True,
            )
            for job in sorted(jobs, key=lambda job: job != MAIN)
        ),
    )


def _is_on_record(on_days: Sequence[OnDay], known_at: datetime) -> bool:
    return any(each.on_record for each in on_days if each.known_at == known_at)


def _cited(part: object) -> Iterator[UUID]:
    """The ids of the events that an answer names."""
    match part:
        case UUID():
            yield part
        case BaseModel():
            for name in type(part).model_fields:
                yield from _cited(getattr(part, name))
        case Mapping():
            yield from _cited(tuple(part.values()))
        case tuple() | list():
            for each in part:
                yield from _cited(each)
        case _:
            pass


def _with_what_became(items: Sequence[HistoryItem], cited: set[UUID]) -> Iterator[HistoryItem]:
    """The entries that are cited, those that they are about, and those that were made upon them."""
    wanted = set(cited)
    by_id = {each.event_id: each for each in items}
    waiting = [each for each in wanted if each in by_id]
    while waiting:
        item = by_id[waiting.pop()]
        beside = {item.of, item.corrected_by, item.annulled_by, item.replaced, item.replaced_by}
        more = {each for each in beside if each is not None and each in by_id} - wanted
        wanted |= more
        waiting += more
    return (each for each in items if each.event_id in wanted)

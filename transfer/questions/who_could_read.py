"""Who could read somebody's record on a day, by what, and did they?

Administrators and the audit read everybody's record, and a member of staff their own. Others are
let in by something that is on record: an appointment, or a case. Both have two clocks. What the
record says by now of a day (`in_force`) may differ from what it said on that day (`let_in`): a
dismissal that was recorded late did not keep anybody out before (contract, "Who may read and act").
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from pydantic import Field

from transfer.access.identity import Role
from transfer.access.reach import RECORD, What
from transfer.access.reads import ReadsBy, RegisterOfReads
from transfer.core.dating.calendars import date_in_london, end_of_day_london, start_of_day_london
from transfer.core.dating.instants import Instant
from transfer.core.matter.facts import MatterFact
from transfer.core.streams import staff_stream
from transfer.questions.answer import Answer, absent
from transfer.questions.procedures import Looking
from transfer.questions.representatives import representatives
from transfer.questions.who_may_read import CASES, cases_about, read_by

_UNION: Final = Role.UNION.name.lower()
_DISPUTE: Final = Role.DISPUTE.name.lower()
_KINDS: Final = ("representation", "dispute-case")


class LetIn(Answer):
    """Somebody whom an appointment or a case lets read a record: in which role, by which of them,
    and what.

    `since` is its first day, `until` the first day after it, null where none is known. `reads`
    counts what they read by it on the day asked about, `last_read_at` says when they last did.
    """

    reader: str = Field(description="Who may read, as their token names them.")
    role: str = Field(description="`union`: a representative; `dispute`: a member of a panel.")
    appointment: str | None = Field(None, exclude_if=absent)
    case: str | None = Field(None, exclude_if=absent)
    what: tuple[What, ...]
    since: date
    until: date | None
    in_force: bool = Field(description="So it was on that day, as known at `known_at`.")
    let_in: bool = Field(description="So the record said at some instant of that day itself.")
    reads: int
    last_read_at: Instant | None


class ReadBesides(Answer):
    """Somebody who read the record on the day by something else: their role, or an appointment or
    case that is not among those of the day."""

    reader: str
    role: str
    appointment: str | None = Field(None, exclude_if=absent)
    case: str | None = Field(None, exclude_if=absent)
    reads: int
    last_read_at: Instant


class WhoCouldRead(Answer):
    """Who was let in to read one person's record on a day, and who read it besides.

    Not listed are administrators, the audit and the person, who need nothing on record for it,
    unless they did read.
    """

    staff_number: str
    effective_at: date
    known_at: Instant
    items: tuple[LetIn, ...]
    besides: tuple[ReadBesides, ...]


@dataclass(slots=True)
class _Held:
    """What lets one reader in: an appointment or a case, what it reaches, and its days."""

    what: frozenset[What]
    since: date
    until: date | None
    in_force: bool = field(default=False)
    let_in: bool = field(default=False)


_By = tuple[str, str, str | None, str | None]
"""Reader, role, appointment, case: by what the register tells reads apart."""


def who_could_read(
    looking: Looking, register: RegisterOfReads, staff_number: str, on: date
) -> WhoCouldRead:
    """Who was let in to read somebody's record on a day, as known at the instant of `looking`.

    Reads are those of the register, by the clock of the machine. Raises `NotOnRecord` for somebody
    whom the record did not know then.
    """
    looking.office.person(staff_number).require_registered()
    held: dict[_By, _Held] = {}
    for by, found in _let_in(looking, staff_number, on):
        found.in_force = True
        held[by] = found
    for instant in _instants(looking, staff_number, on):
        then = Looking(looking.office, looking.worlds, instant, on)
        for by, found in _let_in(then, staff_number, on):
            held.setdefault(by, found).let_in = True
    began, ended = start_of_day_london(on), end_of_day_london(on)
    counted = {_by(each): each for each in register.by_reader(staff_number, began, ended)}
    return WhoCouldRead(
        staff_number=staff_number,
        effective_at=on,
        known_at=looking.known_at,
        items=tuple(
            _shown(by, found, counted.get(by))
            for by, found in sorted(held.items(), key=lambda each: [part or "" for part in each[0]])
        ),
        besides=tuple(
            ReadBesides(
                reader=each.subject,
                role=each.role,
                appointment=each.appointment,
                case=each.dispute_case,
                reads=each.between,
                last_read_at=each.last_read_at,
            )
            for by, each in counted.items()
            if each.between and by not in held
        ),
    )


def _let_in(looking: Looking, staff_number: str, on: date) -> Iterator[tuple[_By, _Held]]:
    """Whom appointments and cases let in on a day, as known at an instant."""
    for each in representatives(looking, staff_number):
        if each.runs:
            by: _By = (each.representative, _UNION, f"representation:{each.id}", None)
            yield by, _Held(read_by(each.scopes), each.effective_from, each.until)
    for found in cases_about(looking.office, looking.worlds, staff_number, on):
        case = found.reach
        for member in sorted(case.members):
            if case.is_open_to(member, on):
                by = (member, _DISPUTE, None, case.id)
                yield by, _Held(RECORD, case.opened_on, case.closed_on)


def _instants(looking: Looking, staff_number: str, on: date) -> Sequence[datetime]:
    """The start of a day, and each instant of it at which who may read became another; none later
    than what `looking` knows."""
    log = looking.office.log
    streams = [staff_stream(staff_number), *log.streams_under(CASES)]
    recorded = {
        event.recorded_at
        for events in log.read_many(streams).values()
        for event in events
        if isinstance(event.fact, MatterFact)
        and event.fact.matter.partition(":")[0] in _KINDS
        and date_in_london(event.recorded_at) == on
    }
    return sorted({min(start_of_day_london(on), looking.known_at), *recorded})


def _by(read: ReadsBy) -> _By:
    return read.subject, read.role, read.appointment, read.dispute_case


def _shown(by: _By, held: _Held, read: ReadsBy | None) -> LetIn:
    reader, role, appointment, case = by
    return LetIn(
        reader=reader,
        role=role,
        appointment=appointment,
        case=case,
        what=tuple(what for what in What if what in held.what),
        since=held.since,
        until=held.until,
        in_force=held.in_force,
        let_in=held.let_in,
        reads=0 if read is None else read.between,
        last_read_at=None if read is None else read.last_read_at,
    )

"""Taking a history from an older system: dated acts of many people, each with its source's claim.

    split    every line into its person's part of a spool on disk          (one pass, this process)
    judge    each part by itself: rejections, or encoded events            (several processes)
    follow   what is to be settled in procedures because of it             (usually nothing)
    stage    the personal data into the database, unseen, piece by piece   (resumes where it was)
    commit   the events from the spool onto the log, as one command        (one transaction)

The file is judged whole before anything is staged, and memory stays small at any size. A run that
was stopped at any point is gone on with by the same command on the same file. The file's digest is
the command's id: the same file again writes nothing.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import accumulate, islice
from pathlib import Path
from typing import get_args

import psycopg
from psycopg.rows import DictRow, tuple_row

from transfer.commands.office import Act, Following, Office, key_id, person_of
from transfer.core.matter.facts import DutyToSettleOpened
from transfer.core.record.staff import StaffFact
from transfer.core.refusals import Conflict, StaleVersion
from transfer.core.streams import staff_stream
from transfer.imports.history.following import what_follows
from transfer.imports.history.judging import KnownPerson, OnRecord, PartToJudge, judge_all
from transfer.imports.history.known import known_lines
from transfer.imports.history.lines import Dates
from transfer.imports.history.spool import DamagedError, Judged, Plan, Spool, layout_of, split
from transfer.imports.meaning import AS_IT_STANDS, Finding, Reading
from transfer.imports.staff_return.people import Rejection
from transfer.imports.staff_return.sheet import WHOLE_FILE, FileFault
from transfer.log.answers import Begun
from transfer.log.envelope import Command
from transfer.log.staging import ImportBatch

MOST_TOLD = 10_000
"""Rejections that are told one by one; the rest are counted."""

PROCESSES = min(4, os.cpu_count() or 1)

Progress = Callable[[str, int, int], None]
"""What is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class HistoryOutcome:
    """What became of a history.

    `accepted` counts lines, `rejections` every reason of every bad line, of which `rejected` has
    the first `MOST_TOLD` by line. `written` is `None` where nothing was ever written; `already`:
    it was written earlier. `to_settle` counts what was decided of these people in procedures and is
    to be settled because of the history. `passed_over` counts lines that were on record before,
    from another file. `asks` are the questions that the file as a whole raises.
    """

    accepted: int
    rejected: tuple[Rejection, ...]
    rejections: int
    staff: int
    written: Begun | None = None
    already: bool = False
    to_settle: int = 0
    passed_over: int = 0
    asks: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """One import as asked for."""

    path: Path
    spool: Spool
    act: Act
    command: Command
    sha256: bytes
    today: date
    partial: bool
    processes: int
    progress: Progress
    reading: Reading


def import_history(
    office: Office,
    act: Act,
    path: Path,
    *,
    folder: Path,
    today: date,
    source: str | None = None,
    partial: bool = False,
    ignore_unknown: bool = False,
    dry_run: bool = False,
    reading: Reading = AS_IT_STANDS,
    processes: int = PROCESSES,
    progress: Progress = lambda _what, _done, _of: None,
) -> HistoryOutcome:
    """Judge a history and, if it is whole (or `partial`), put all of it on record.

    `folder` is where it may wait (a private one, the same at every run); `source` names the older
    system where the lines do not; `today` is the last day on which it can have recorded anything.
    `reading` settles what the file leaves open; what it leaves open still is in `asks`, with one
    rejection on line 1 for each, and nothing is written.
    A bad line is an entry of `rejected`, never an exception. Raises `Conflict` where the record of
    somebody in it moved on after they were judged or the file was written to while it was read (run
    it again), or another process is at it.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    sha = digest.hexdigest()
    act = replace(act, command_id=key_id("import", sha), request=sha)
    asked = _Asked(
        path,
        Spool(folder / sha),
        act,
        act.command(),
        digest.digest(),
        today,
        partial,
        processes,
        progress,
        reading,
    )
    with asked.spool.held():
        return _import(
            office,
            asked,
            source=source,
            ignore_unknown=ignore_unknown,
            dry_run=dry_run,
        )


def _import(
    office: Office,
    asked: _Asked,
    *,
    source: str | None,
    ignore_unknown: bool,
    dry_run: bool,
) -> HistoryOutcome:
    written = office.log.first_place(asked.command)
    if written is not None:
        # Also where the run that wrote it was stopped just after that.
        office.vault.forget_staged(asked.command.command_id)
        asked.spool.remove()
        lines, staff, to_settle = _counts(office, written)
        return HistoryOutcome(lines, (), 0, staff, written, already=True, to_settle=to_settle)
    try:
        plan = _plan(office, asked, source=source, ignore_unknown=ignore_unknown)
    except FileFault as fault:
        return HistoryOutcome(0, (Rejection(1, fault.field, fault.reason),), 1, 0)
    judged = _judge(office, asked, plan)
    asks = _asks(asked, judged)
    if asks:
        _give_up(office, asked)
        told = tuple(Rejection(1, each.field, each.reason) for each in asks)
        return HistoryOutcome(0, told, len(told), 0, asks=asks)
    outcome = HistoryOutcome(
        accepted=sum(each.facts for each in judged),
        rejected=tuple(islice(asked.spool.rejections(len(judged)), MOST_TOLD)),
        rejections=sum(each.rejections for each in judged),
        staff=sum(each.people for each in judged),
        passed_over=sum(each.passed_over for each in judged),
    )
    if not outcome.staff or (outcome.rejections and not asked.partial):
        _give_up(office, asked)
        return outcome
    with _as_judged(office, asked):
        following = what_follows(office, asked.act, asked.spool, judged)
        outcome = replace(outcome, to_settle=_opened(following))
        if dry_run:
            _give_up(office, asked)
            return outcome
        batch = _stage(office, asked, judged)
        return replace(outcome, written=_commit(office, asked, judged, batch, following))


@contextmanager
def _as_judged(office: Office, asked: _Asked) -> Iterator[None]:
    """Give up what waits of an import where a record has moved on since the file was judged, or
    where a file of its folder is damaged."""
    try:
        yield
    except StaleVersion:
        _give_up(office, asked)
        raise Conflict(
            "somebody in this file was recorded, or their record or a procedure that they are in"
            " moved on, after the file was judged; nothing was written: run the import again"
        ) from None
    except DamagedError as error:
        _give_up(office, asked)
        raise Conflict(f"{error}; nothing was written: run the import again") from None


def _opened(following: Following) -> int:
    return sum(isinstance(fact, DutyToSettleOpened) for _, _, fact in following.new)


# --- judging -----------------------------------------------------------------------------------


def _plan(office: Office, asked: _Asked, *, source: str | None, ignore_unknown: bool) -> Plan:
    """Where a stopped run of the same import had got to, or a new beginning."""
    how: dict[str, str | bool | None] = {
        "source": source,
        "ignore_unknown": ignore_unknown,
        "partial": asked.partial,
        "by": asked.act.by,
        "month_first": asked.reading.month_first,
        "open_end": " ".join(sorted(map(str, asked.reading.open_end))),
    }
    plan = asked.spool.plan(how, asked.reading)
    if plan is not None:
        return plan
    # What a stopped run has staged was judged otherwise.
    _give_up(office, asked)
    layout = layout_of(
        asked.path, source=source, ignore_unknown=ignore_unknown, reading=asked.reading
    )
    for lines in split(asked.path, asked.spool, layout, how, asked.sha256):
        asked.progress("lines read", lines, 0)
    plan = asked.spool.plan(how, asked.reading)
    if plan is None:
        raise AssertionError("the plan of the import was not written")
    if not any(plan.lines):
        _give_up(office, asked)
        raise FileFault(WHOLE_FILE, "the file has no lines: nothing stands after its first row")
    return plan


def _judge(office: Office, asked: _Asked, plan: Plan) -> list[Judged]:
    """Judge every part; once more where lines are left out, for the places of all after them."""
    before = [asked.spool.judged(number) for number in range(len(plan.lines))]
    judged = [each for each in before if each is not None]
    if len(judged) < len(plan.lines) or not _follow_on(judged):
        judged = _judged_at(office, asked, plan, _starts(plan.lines))
    is_taken = asked.partial or not any(each.rejections for each in judged)
    if is_taken and not _follow_on(judged):
        judged = _judged_at(office, asked, plan, _starts([each.facts for each in judged]))
    return judged


def _asks(asked: _Asked, judged: list[Judged]) -> tuple[Finding, ...]:
    """What the file as a whole leaves open, from what the dates of its parts show."""
    dates = Dates()
    for each in judged:
        dates.add(each.dates)
    return dates.findings(asked.reading)


def _starts(lengths: list[int]) -> list[int]:
    return [0, *accumulate(lengths)][: len(lengths)]


def _follow_on(judged: list[Judged]) -> bool:
    """Whether the events of each part have the places just after those of the part before."""
    starts = _starts([each.facts for each in judged])
    return [each.first_ordinal for each in judged] == starts


def _judged_at(
    office: Office, asked: _Asked, plan: Plan, first_ordinals: list[int]
) -> list[Judged]:
    total = sum(plan.lines)
    waiting = [
        number
        for number, first in enumerate(first_ordinals)
        if (known := asked.spool.judged(number)) is None or known.first_ordinal != first
    ]
    if waiting:
        # A stopped run may have staged personal data of parts that are judged again now.
        _discard_batch(office, asked)
    done = total - sum(plan.lines[number] for number in waiting)
    parts = (_part(office, asked, plan, number, first_ordinals[number]) for number in waiting)
    for lines in judge_all(parts, min(asked.processes, len(waiting))):
        done += lines
        asked.progress("lines judged", done, total)
    found = [asked.spool.judged(number) for number in range(len(plan.lines))]
    return [each for each in found if each is not None]


def _part(office: Office, asked: _Asked, plan: Plan, number: int, first: int) -> PartToJudge:
    keys = {key.decode() for key, _, _ in asked.spool.lines(number) if key}
    return PartToJudge(
        folder=str(asked.spool.folder),
        number=number,
        lines=plan.lines[number],
        first_ordinal=first,
        layout=plan.layout,
        today=asked.today,
        command=asked.command,
        partial=asked.partial,
        on_record=_on_record(office, keys),
    )


def _on_record(office: Office, keys: set[str]) -> OnRecord:
    """Those who are on record of the people with these staff numbers, in small letters."""
    numbers = office.spellings(keys)
    found = office.log.read_many([staff_stream(number) for number in numbers])
    people: OnRecord = {}
    for number in numbers:
        events = found[staff_stream(number)]
        person = person_of(number, events, office.known)
        lines = known_lines((each.event_id, each.attested, each.fact) for each in events)
        people[number.lower()] = KnownPerson(number, person.version, person.record, lines)
    return people


# --- recording ---------------------------------------------------------------------------------


def _stage(office: Office, asked: _Asked, judged: list[Judged]) -> ImportBatch:
    facts = sum(each.facts for each in judged)
    command = asked.command
    batch = office.log.open_import(command.command_id, asked.sha256, command, facts)
    done = batch.staged_to
    for number, part in enumerate(judged):
        if part.first_ordinal + part.facts <= done:
            continue
        for first, count, people in asked.spool.people(number, done):
            sealed = office.vault.seal(dict(people))
            store = partial(
                office.vault.stage, batch_id=batch.batch_id, from_ordinal=first, sealed=sealed
            )
            done = office.log.stage(batch, first, count, store)
            asked.progress("lines staged", done, facts)
    return replace(batch, staged_to=done)


def _commit(
    office: Office,
    asked: _Asked,
    judged: list[Judged],
    batch: ImportBatch,
    following: Following,
) -> Begun:
    def alongside(cursor: psycopg.Cursor[DictRow]) -> None:
        office.vault.store_staged(cursor, batch.batch_id)

    count = batch.expected + len(following.new)
    asked.progress("lines being recorded", 0, count)
    written = office.log.commit_import(
        batch,
        asked.command,
        lambda: asked.spool.blocks(judged),
        following.new,
        alongside,
        reads=following.reads,
    )
    office.vault.forget_staged(batch.batch_id)
    asked.spool.remove()
    asked.progress("lines recorded", count, count)
    return written


def _give_up(office: Office, asked: _Asked) -> None:
    """Forget what waits of an import, in the folder and in the database."""
    _discard_batch(office, asked)
    asked.spool.remove()


def _discard_batch(office: Office, asked: _Asked) -> None:
    batch = office.log.find_import(asked.sha256)
    if batch is not None:
        office.log.discard_import(batch)


_COUNTS = """
SELECT count(*) FILTER (WHERE is_line) AS lines,
       count(DISTINCT originator_id) FILTER (WHERE is_line) AS staff,
       count(*) FILTER (WHERE topic = ANY(%s)) AS to_settle
FROM (SELECT originator_id, topic, topic = ANY(%s) AS is_line FROM events
      WHERE notification_id BETWEEN %s AND %s) AS written
"""


def _counts(office: Office, written: Begun) -> tuple[int, int, int]:
    """The lines and the people of a history on record, and what was to be settled because of it."""
    names = office.known.names_of
    topics = (list(names((DutyToSettleOpened,))), list(names(get_args(StaffFact))))
    with office.log.connection() as connection, connection.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(_COUNTS, (*topics, written.positions[0], written.positions[-1]))
        lines, staff, to_settle = found.fetchone() or (0, 0, 0)
    return lines, staff, to_settle

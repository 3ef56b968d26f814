"""Judging the parts of a history, in several processes: lines in, encoded events or rejections out.

A part is the whole of some people's lines (`history_spool`). Nothing here touches the database:
what is on record of the people comes with the task.
"""

from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from uuid import UUID

from transfer.core.record.staff import StaffRecord
from transfer.core.streams import staff_stream
from transfer.imports.history.deciding import Decided, decide_person, in_order
from transfer.imports.history.known import KnownLine, KnownLines
from transfer.imports.history.lines import BadLine, Dates, HistoryLine, Layout, LineReader
from transfer.imports.history.spool import Judged, Personal, Spool, SpooledPiece
from transfer.imports.staff_return.people import Rejection
from transfer.log.answers import Entry
from transfer.log.envelope import Command
from transfer.log.helping_processes import helping_processes
from transfer.log.mapper import mapper_of_facts
from transfer.log.packing import EventIds

_PIECE = 5_000


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Somebody who is on record already: how they are spelled there, their version and record, and
    the lines of histories that are on record of them."""

    staff_number: str
    version: int
    record: StaffRecord
    lines: tuple[KnownLine, ...]


OnRecord = dict[str, KnownPerson]
"""Those people who are on record already, by their staff numbers in small letters."""


@dataclass(frozen=True, slots=True)
class PartToJudge:
    """One part of a history, and all that judging it takes."""

    folder: str
    number: int
    lines: int
    first_ordinal: int
    layout: Layout
    today: date
    command: Command
    partial: bool
    on_record: OnRecord


def judge_all(parts: Iterator[PartToJudge], processes: int) -> Iterator[int]:
    """Judge parts, several at a time; yields the number of lines of each part that is done.

    No more parts are taken than can be worked on, so that what comes with them stays small.
    """
    if processes <= 1:
        for part in parts:
            judge_part(part)
            yield part.lines
        return
    with helping_processes(processes) as pool:
        under_way: dict[Future[None], int] = {}
        try:
            for part in parts:
                under_way[pool.submit(judge_part, part)] = part.lines
                if len(under_way) > processes:
                    yield _next_done(under_way)
            while under_way:
                yield _next_done(under_way)
        finally:
            pool.shutdown(cancel_futures=True)


def _next_done(under_way: dict[Future[None], int]) -> int:
    done, _ = wait(under_way, return_when=FIRST_COMPLETED)
    lines = 0
    for each in done:
        each.result()
        lines += under_way.pop(each)
    return lines


def judge_part(part: PartToJudge) -> None:
    """Judge one part and write what it becomes into its spool."""
    spool = Spool(Path(part.folder))
    judging = _Judging(part)
    spool.write_pieces(part.number, judging.pieces(spool))
    spool.write_judged(
        part.number,
        Judged(
            part.first_ordinal,
            judging.facts,
            judging.people,
            judging.on_record,
            len(judging.rejections),
            judging.passed_over,
            judging.dates,
        ),
        judging.rejections,
    )


class _Judging:
    """One part under judgement: what was found so far."""

    def __init__(self, part: PartToJudge) -> None:
        self.rejections: list[Rejection] = []
        self.facts = 0
        self.people = 0
        self.on_record = 0
        self.passed_over = 0
        self._part = part
        self._reader = LineReader(part.layout, part.today, self.rejections)
        self._mapper = mapper_of_facts()
        self._ids = EventIds(part.command.command_id)

    @property
    def dates(self) -> Dates:
        """What the dates of the part show of what the file means."""
        return self._reader.dates

    def pieces(self, spool: Spool) -> Iterator[SpooledPiece]:
        """The pieces of the part; none for people who are left out."""
        events: list[Entry] = []
        people: list[Personal] = []
        lines = sorted(spool.lines(self._part.number))
        for key, group in groupby(lines, key=itemgetter(0)):
            events += self._person(key.decode(), [(line, raw) for _, line, raw in group], people)
            if len(events) >= _PIECE:
                yield self._piece(events, people)
                events, people = [], []
        if events:
            yield self._piece(events, people)

    def _piece(self, events: list[Entry], people: list[Personal]) -> SpooledPiece:
        return SpooledPiece(self._part.first_ordinal + self.facts - len(events), events, people)

    def _person(
        self, key: str, lines: list[tuple[int, bytes]], people: list[Personal]
    ) -> list[Entry]:
        before = len(self.rejections)
        read, bad = self._read(key, lines)
        # Of those whose staff number cannot be told it cannot be told what belongs together.
        if key:
            known = self._part.on_record.get(key)
            # Spelled as on record, or else as on the person's first line.
            staff_number = known.staff_number if known else read[0].staff_number if read else key
            read = [_spelled(each, staff_number) for each in read]
            record = StaffRecord() if known is None else known.record
            lines_known = KnownLines(() if known is None else known.lines)
            ordered = in_order(read)
            first, ids = self._part.first_ordinal + self.facts, self._ids
            event_ids = [UUID(bytes=ids.packed(first + n)) for n in range(len(ordered))]
            decided = decide_person(ordered, record, event_ids, self.rejections, bad, lines_known)
            if len(self.rejections) == before:
                self.passed_over += len(lines_known.passed_over)
                if not decided:
                    return []
                self.people += 1
                self.on_record += known is not None
                people += [
                    (staff_number, dict(each.personal))
                    for each in ordered
                    if each.personal and each.line not in lines_known.passed_over
                ]
                version = 0 if known is None else known.version
                return self._encoded(staff_number, version, decided, event_ids)
        if self._part.partial:
            self._leave_out(lines, before)
        return []

    def _read(
        self, key: str, lines: list[tuple[int, bytes]]
    ) -> tuple[list[HistoryLine], list[BadLine]]:
        """The lines that say something, and those with a bad cell, which are rejected."""
        read: list[HistoryLine] = []
        bad: list[BadLine] = []
        for line, raw in lines:
            found = self._reader.read(line, raw)
            if found is None:
                bad.append(self._reader.bad_line())
            elif found.staff_number.lower() != key:
                self._reject(line, "staff_number", "cannot be told apart from the other cells")
                bad.append(self._reader.bad_line())
            else:
                read.append(found)
        return read, bad

    def _encoded(
        self, staff_number: str, version: int, decided: list[Decided], event_ids: list[UUID]
    ) -> list[Entry]:
        command = self._part.command
        stream = staff_stream(staff_number).encode()
        events: list[Entry] = []
        for n, (fact, attested) in enumerate(decided):
            name, state = self._mapper.stored_form(fact, command, attested)
            events.append((stream, version + n + 1, name, state, event_ids[n].bytes))
        self.facts += len(events)
        return events

    def _leave_out(self, lines: list[tuple[int, bytes]], before: int) -> None:
        """Say of every other line of a person that it stays out with the bad ones."""
        bad = {each.line for each in self.rejections[before:]}
        # The first that was found: what is not judged because of another comes after that.
        wrong = self.rejections[before].line
        for line, _ in lines:
            if line not in bad:
                self._reject(
                    line,
                    "staff_number",
                    f"the person is left out whole, for what is wrong on line {wrong}",
                )

    def _reject(self, line: int, field: str, reason: str) -> None:
        self.rejections.append(Rejection(line, field, reason))


def _spelled(line: HistoryLine, staff_number: str) -> HistoryLine:
    """The line under the one spelling that a person's number has."""
    return line if line.staff_number == staff_number else replace(line, staff_number=staff_number)

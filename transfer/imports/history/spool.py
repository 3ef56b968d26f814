"""The folder in which a large history waits between being read and being on the log.

    imports/DIGEST.lock   held by the process that is at it
    imports/standard-input-N   what came by a pipe, held by the process that takes it
    imports/DIGEST/
      plan.json      which file, asked for how, and how many lines each part has
      part-N         the lines of one share of the people: staff number, line number, the line
      events-N       what that part becomes: blocks of rows, as the log takes them in
      people-N       the personal data of the people who begin in it, a piece at a time
      rejected-N     its rejections, in order of line
      judged-N.json  written last of the five, whole: that part has been judged

Everybody's lines are in one part, so a part is judged by itself, in little memory. A run that was
stopped finds here what was done; the folder goes when the import is on the log or given up. Events
and personal data carry checksums: what a disk has spoilt does not get onto the log. The folder
holds names as the file does, and is as private as the data folder.
"""

import fcntl
import hashlib
import heapq
import json
import marshal
import os
import secrets
import shutil
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from transfer.core.refusals import Conflict
from transfer.imports.history.lines import (
    Dates,
    Layout,
    layout_of_header,
    staff_number_finder,
)
from transfer.imports.meaning import AS_IT_STANDS, Reading
from transfer.imports.staff_return.people import Rejection
from transfer.imports.staff_return.sheet import WHOLE_FILE, FileFault
from transfer.log.answers import Entry
from transfer.log.packing import Block, blocks_of, packed_places, unpacked_places

BYTES_A_PART = 6_000_000
MOST_PARTS = 500

_FORMAT = 4
"""Of the files here: a folder that another version of the program left is made anew."""

_HEAD, _CHECKSUM = struct.Struct(">QIQ"), struct.Struct(">I")
# Events in one block: while it is made ready the server has enough to do with those before.
_BLOCK_EVENTS = 1_000
_HELD_BACK = 32_000_000
_BLANK = b",;\t\r\n "
_BEGINNING = 1 << 20
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

Personal = tuple[str, dict[str, str]]
"""A staff number and what goes to the vault."""


class DamagedError(Exception):
    """A file of an import's folder is not as it was written."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} is not as it was written")


@dataclass(frozen=True, slots=True)
class SpooledPiece:
    """Some of the events of a part, and the personal data of the people they begin."""

    first_ordinal: int
    events: list[Entry]
    people: list[Personal]


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one part; its events have the ordinals from `first_ordinal` on.

    `on_record` counts those of its people whose record was begun before, `passed_over` lines that
    are on record already. `dates` is what its dates show of what the file means.
    """

    first_ordinal: int
    facts: int
    people: int
    on_record: int
    rejections: int
    passed_over: int
    dates: Dates


@dataclass(frozen=True, slots=True)
class Plan:
    """How many lines each part has; made when the file has been read through once."""

    asked: dict[str, str | bool | None]
    layout: Layout
    lines: list[int]


class Spool:
    """One import's folder; made when it is first written to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the import alone; raises `Conflict` where another process does."""
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with held_alone(self.folder.with_suffix(".lock")) as lock:
            if lock is None:
                raise Conflict("another process is importing this file: wait for it")
            yield

    def plan(self, asked: dict[str, str | bool | None], reading: Reading) -> Plan | None:
        """The plan of a run that was asked for the same, if it got as far as having one."""
        try:
            found = json.loads((self.folder / "plan.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        if found["format"] != _FORMAT or found["asked"] != asked:
            return None
        # As it was asked for the same, it is read the same.
        layout = {**found["layout"], "names": tuple(found["layout"]["names"]), "reading": reading}
        return Plan(asked, Layout(**layout), found["lines"])

    def write_plan(self, plan: Plan) -> None:
        """Say that every line is in its part."""
        layout = {**asdict(plan.layout), "reading": None}
        content = {"format": _FORMAT, "asked": plan.asked, "layout": layout, "lines": plan.lines}
        _write_whole(self.folder / "plan.json", content)

    def remove(self) -> None:
        """Forget the import."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def part(self, number: int) -> Path:
        """The lines of one part."""
        return self.folder / f"part-{number}"

    def lines(self, number: int) -> Iterator[tuple[bytes, int, bytes]]:
        """Staff number in small letters (b"" where it cannot be told), line number and line, in the
        file's order."""
        with self.part(number).open("rb") as file:
            for stored in file:
                key, line, raw = stored.split(b"\t", 2)
                yield key, int(line), raw[:-1]

    def judged(self, number: int) -> Judged | None:
        """What became of a part, if it has been judged."""
        try:
            found = json.loads((self.folder / f"judged-{number}.json").read_text("utf-8"))
            return Judged(**{**found, "dates": Dates(**found["dates"])})
        except (OSError, ValueError):
            return None

    def write_judged(self, number: int, judged: Judged, rejections: Sequence[Rejection]) -> None:
        """Say that a part has been judged; its events are written already."""
        with (self.folder / f"rejected-{number}").open("w", encoding="utf-8") as file:
            for each in sorted(rejections, key=lambda rejection: rejection.line):
                file.write(json.dumps([each.line, each.field, each.reason]) + "\n")
        _write_whole(self.folder / f"judged-{number}.json", asdict(judged))

    def rejections(self, parts: int) -> Iterator[Rejection]:
        """Every rejection of the file in order of line."""

        def of_part(number: int) -> Iterator[Rejection]:
            with (self.folder / f"rejected-{number}").open(encoding="utf-8") as file:
                for stored in file:
                    line, field, reason = json.loads(stored)
                    yield Rejection(line, field, reason)

        return heapq.merge(*map(of_part, range(parts)), key=lambda rejection: rejection.line)

    def write_pieces(self, number: int, pieces: Iterable[SpooledPiece]) -> None:
        """Keep what a part becomes."""
        with (
            (self.folder / f"events-{number}").open("wb") as events,
            (self.folder / f"people-{number}").open("wb") as people,
        ):
            for piece in pieces:
                first = piece.first_ordinal
                _write_frame(people, first, len(piece.events), piece.people)
                for block in blocks_of(piece.events, _BLOCK_EVENTS):
                    count = len(block.places)
                    content = (block.rows, packed_places(block.places), list(block.unchecked))
                    _write_frame(events, first, count, content)
                    first += count
            for file in (events, people):
                file.flush()
                os.fsync(file.fileno())

    def people(self, number: int, from_ordinal: int) -> Iterator[tuple[int, int, list[Personal]]]:
        """The personal data of a part, from an ordinal on: first ordinal and number of the events
        that it goes with, and the data of the people whom they begin.
        """
        yield from _frames(self.folder / f"people-{number}", from_ordinal)

    def blocks(self, judged: Sequence[Judged]) -> Iterator[Block]:
        """All that the parts become, in order, as the log takes it.

        Raises `DamagedError` where it is not all there.
        """
        for number, part in enumerate(judged):
            yield from self.blocks_of_part(number, part)

    def blocks_of_part(self, number: int, part: Judged) -> Iterator[Block]:
        """What one part becomes; as `blocks`."""
        reached = part.first_ordinal
        path = self.folder / f"events-{number}"
        for first, count, (rows, places, unchecked) in _frames(path, reached):
            if first != reached:
                raise DamagedError(path)
            yield Block(rows, unpacked_places(places), unchecked)
            reached += count
        if reached != part.first_ordinal + part.facts:
            raise DamagedError(path)


def _write_frame(file: BinaryIO, first_ordinal: int, count: int, content: Any) -> None:
    stored = marshal.dumps(content)
    head = _HEAD.pack(first_ordinal, count, len(stored))
    file.write(head + _CHECKSUM.pack(zlib.crc32(stored, zlib.crc32(head))))
    file.write(stored)


def _frames(path: Path, from_ordinal: int) -> Iterator[tuple[int, int, Any]]:
    """The frames of a file: first ordinal, number of events, content.

    Raises `DamagedError` for one that is not as it was written, and where there is no file.
    """
    try:
        opened = path.open("rb")
    except FileNotFoundError:
        raise DamagedError(path) from None
    with opened as file:
        while head := file.read(_HEAD.size):
            checksum = file.read(_CHECKSUM.size)
            if len(head) + len(checksum) != _HEAD.size + _CHECKSUM.size:
                raise DamagedError(path)
            first, count, length = _HEAD.unpack(head)
            if first < from_ordinal:
                file.seek(length, os.SEEK_CUR)
                continue
            stored = file.read(length)
            if _CHECKSUM.unpack(checksum) != (zlib.crc32(stored, zlib.crc32(head)),):
                raise DamagedError(path)
            # Our own file, in a folder that is this user's alone.
            yield first, count, marshal.loads(stored)  # noqa: S302


@contextmanager
def held_alone(path: Path) -> Iterator[BinaryIO | None]:
    """A file, made where there is none, that goes at the end; `None` where another process has it.

    The lock is of the file and not of its name: who has waited for one that went meanwhile holds
    nothing, and tries again.
    """
    while True:
        with path.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield None
                return
            if not _is_at(path, file):
                continue
            try:
                yield file
            finally:
                # Before the lock is given up, so that nobody else's file is taken away.
                path.unlink(missing_ok=True)
            return


def _is_at(path: Path, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False


@contextmanager
def kept_input(source: BinaryIO, folder: Path) -> Iterator[Path]:
    """What comes in by a pipe as a file of its own, which can be read twice; it goes at the end.

    What killed processes have left of theirs is swept away first.
    """
    for left in folder.glob("standard-input*"):
        with held_alone(left):
            pass  # it goes, unless another process has it
    while True:
        path = folder / f"standard-input-{secrets.token_hex(8)}"
        with held_alone(path) as file:
            if file is None:
                # Swept by another process in the moment before it was held: by another name, then.
                continue
            shutil.copyfileobj(source, file)
            file.flush()
            yield path
            return


def layout_of(
    path: Path, *, source: str | None, ignore_unknown: bool, reading: Reading = AS_IT_STANDS
) -> Layout:
    """How a file's lines are to be read; raises `FileFault` for one that is no history."""
    with path.open("rb") as file:
        beginning = file.read(_BEGINNING)
    if beginning.startswith(_WORKBOOKS):
        raise FileFault(WHOLE_FILE, "not text but a spreadsheet workbook: save it as CSV first")
    if not beginning.strip(_BLANK + b"\xef\xbb\xbf"):
        raise FileFault(WHOLE_FILE, "the file is empty")
    if b"\0" in beginning:
        raise FileFault(WHOLE_FILE, "not text in UTF-8: it holds NUL characters")
    first, ended, _ = beginning.partition(b"\n")
    if not ended and len(beginning) == _BEGINNING:
        raise FileFault(WHOLE_FILE, "not one act a line: the first megabyte has no end of a line")
    if beginning.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return Layout(source=source, ignore_unknown=ignore_unknown, reading=reading)
    return layout_of_header(first, source=source, ignore_unknown=ignore_unknown, reading=reading)


def split(
    path: Path, spool: Spool, layout: Layout, asked: dict[str, str | bool | None], sha256: bytes
) -> Iterator[int]:
    """Read a file once and put every line into its person's part; yields the lines read so far.

    Raises `Conflict` where it is not the file of that digest: it was written to meanwhile.
    """
    spool.remove()
    spool.folder.mkdir(parents=True, mode=0o700)
    count = max(1, min(MOST_PARTS, path.stat().st_size // BYTES_A_PART))
    held: list[list[bytes]] = [[] for _ in range(count)]
    lines = [0] * count
    find = staff_number_finder(layout)
    size = 0
    with path.open("rb") as file:
        digest = hashlib.sha256(file.readline() if layout.is_csv else b"")
        number = 1
        for number, stored in enumerate(file, start=2 if layout.is_csv else 1):
            digest.update(stored)
            raw = (stored.removeprefix(b"\xef\xbb\xbf") if number == 1 else stored).rstrip(b"\r\n")
            if not raw.strip(_BLANK):
                continue
            key = find(raw).lower()
            part = zlib.crc32(key) % count
            held[part].append(b"%b\t%d\t%b\n" % (key, number, raw))
            lines[part] += 1
            size += len(raw)
            if size > _HELD_BACK:
                _write_parts(spool, held)
                size = 0
                yield number
    if digest.digest() != sha256:
        spool.remove()
        raise Conflict("the file was written to while it was read: run the import again")
    _write_parts(spool, held)
    spool.write_plan(Plan(asked, layout, lines))
    yield number


def _write_parts(spool: Spool, held: list[list[bytes]]) -> None:
    for number, lines in enumerate(held):
        with spool.part(number).open("ab") as file:
            file.writelines(lines)
        lines.clear()


def _write_whole(path: Path, content: dict[str, object]) -> None:
    """Write a small file so that it is there whole or not at all."""
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)

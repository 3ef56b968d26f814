"""The files of the server's log of changes (WAL), as `pg_receivewal` keeps them.

A file has 16 MB and a name of 24 hexadecimal digits: its timeline and its place. Until it is full
it is called NAME.partial, and padded. A timeline begins where a database was restored; the file
TIMELINE.history says where it left the one before. Which files lead from a backup to the end of
the newest timeline that goes through it, and whether any is missing or cut short, is found here,
before anything is copied.
"""

from __future__ import annotations

import filecmp
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.processes import EngineError

SEGMENT_BYTES = 16 << 20
"""The size of one file: the server's default, which the embedded one keeps."""

_NAME = re.compile(r"([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(\.partial)?")
_HISTORY = re.compile(r"([0-9A-F]{8})\.history")
_PIECE = 1 << 16
_SEGMENTS_IN_A_FILE_ID = (1 << 32) // SEGMENT_BYTES


class ArchiveDamaged(EngineError):  # noqa: N818 - reads as what was found
    """A file of the log of changes is missing or cut short; the message names it."""


def lsn(text: str) -> int:
    """A place in the log of changes from the server's form of it, such as 0/2000028."""
    high, _, low = text.partition("/")
    return (int(high, 16) << 32) + int(low, 16)


def segment_of(place: int) -> int:
    """The number of the file that a place lies in."""
    return place // SEGMENT_BYTES


def segment_name(timeline: int, number: int) -> str:
    """The name of a file."""
    high, low = divmod(number, _SEGMENTS_IN_A_FILE_ID)
    return f"{timeline:08X}{high:08X}{low:08X}"


@dataclass(frozen=True)
class Chain:
    """The files that lead from a backup to the end of a timeline.

    Attributes:
        timeline: the one that they end in.
        files: each under the name that the server gives it, first to last.
        histories: where each timeline left the one before.
        breaks_off: why they end before the log does; None where they do not.
        ends_at: the place in the last file from where on it belongs to what was given up; None
            where all of it counts.
    """

    timeline: int
    files: Mapping[str, Path]
    histories: Mapping[str, Path]
    breaks_off: str | None = None
    ends_at: int | None = None


def chain(
    folders: Sequence[Path],
    timeline: int,
    begin: int,
    until: int,
    taken: Mapping[int, Path] | None = None,
) -> Chain:
    """The files from the place where a backup begins on, as far as they are whole.

    Args:
        folders: where files lie; of two with one name, the one that goes further is taken.
        timeline: that of the backup.
        begin: where the backup begins.
        until: where it ends: a timeline that left before goes another way.
        taken: histories besides those in the folders, which are not gone by. A server that begins a
            timeline gives it a number that none of the histories has.

    Raises:
        ArchiveDamaged: one of those that the backup needs itself is missing, or cut short; or two
            restorations went on under one number.
    """
    files: dict[str, Path] = {}
    histories = histories_in(folders)
    for folder in folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            if _NAME.fullmatch(path.name):
                name = path.name.removesuffix(".partial")
                files[name] = _better(files.get(name), path)
    way = _way(histories, timeline, until)
    wanted: dict[str, Path] = {}
    why = None
    for name, is_needed in _names(way, files, segment_of(begin)):
        why = _wrong_with(name, files.get(name))
        if why is None:
            wanted[name] = files[name]
        elif name in files or is_needed:
            # Of a file in which one timeline leaves another, the first has what the backup needs.
            reached = max((_number(each) for each in wanted), default=0)
            if segment_of(until) >= _number(name) > reached:
                raise ArchiveDamaged(f"the backup's own log of changes is damaged: {why}")
            break
        why = None
    histories = {**(taken or {}), **histories}
    named = {f"{number:08X}.history": path for number, path in histories.items()}
    if why is None:
        return Chain(way[-1][0], wanted, named)
    # Cut short, it ends in the timeline of its last file, where that was left at the latest.
    last = max(wanted)
    end = _timeline(last)
    left_at = dict(way)[end]
    if segment_name(end, segment_of(left_at)) != last:
        return Chain(end, wanted, named, why)
    why += (
        ". That is what was recorded after the record was restored to a point before, and it has "
        "not arrived"
    )
    if left_at % SEGMENT_BYTES == 0:
        del wanted[last]
        return Chain(end, wanted, named, why)
    return Chain(end, wanted, named, why, left_at)


def histories_in(folders: Iterable[Path]) -> dict[int, Path]:
    """The histories that lie in some folders, by the number of the timeline.

    Raises:
        ArchiveDamaged: two that differ have one number.
    """
    found: dict[int, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.history")):
            if named := _HISTORY.fullmatch(path.name):
                number = int(named[1], 16)
                _require_alike(found.get(number, path), path)
                found[number] = path
    return found


def is_on_the_way(histories: Mapping[int, Path], timeline: int, place: int) -> bool:
    """Whether the newest timeline that there is a history of went through a place of another one.

    What it did not go through was given up when the database was restored to a point before.
    """
    newest = max(histories, default=timeline)
    return timeline >= newest or any(
        of == timeline and at >= place for of, at in _steps(histories[newest])
    )


def where_it_is(path: Path) -> Path:
    """The path of a file that may have become full, and lost the end of its name, since it was
    found."""
    return path if path.exists() else path.with_name(path.name.removesuffix(".partial"))


def _require_alike(one: Path, other: Path) -> None:
    if one != other and not filecmp.cmp(one, other, shallow=False):
        raise ArchiveDamaged(
            f"{one} and {other} are not the same: either one is damaged, or two restored records "
            f"went on under one number. Move away the one that is wrong: where two records went "
            "on, with its whole folder"
        )


def _names(
    way: Sequence[tuple[int, int]], files: Mapping[str, Path], number: int
) -> Iterator[tuple[str, bool]]:
    """The files on a way, and which of them there has to be: where one timeline leaves another,
    the file has both names, and either will do."""
    for place, (of, left_at) in enumerate(way):
        is_last = place == len(way) - 1
        last = max((_number(name) for name in files if _timeline(name) == of), default=number)
        end = last if is_last else segment_of(left_at)
        for each in range(number, end + 1):
            yield segment_name(of, each), is_last or each < end
        number = end


def _wrong_with(name: str, path: Path | None) -> str | None:
    if path is None:
        return f"{name} is missing"
    if (size := where_it_is(path).stat().st_size) != SEGMENT_BYTES:
        return f"{path} holds {size:,} bytes where {SEGMENT_BYTES:,} are needed"
    return None


def begins_with_records(path: Path) -> bool:
    """Whether anything was written into a file: its pages begin with a mark that is not zero."""
    with where_it_is(path).open("rb") as file:
        return any(file.read(2))


def _way(histories: Mapping[int, Path], timeline: int, until: int) -> list[tuple[int, int]]:
    """Timelines from the backup's on, to the newest that goes through it, each with the place at
    which it was left."""
    for newest in sorted(histories, reverse=True):
        steps = _steps(histories[newest])
        if newest > timeline and any(of == timeline and at >= until for of, at in steps):
            later = [(of, at) for of, at in steps if of >= timeline]
            return [*later, (newest, 0)]
    return [(timeline, 0)]


def timelines_of(history: str) -> list[int]:
    """The timelines that one went through, by the content of its history."""
    return [of for of, _ in _steps_in(history)]


def _steps(history: Path) -> list[tuple[int, int]]:
    return _steps_in(history.read_text(encoding="utf-8"))


def _steps_in(history: str) -> list[tuple[int, int]]:
    lines = (line.split() for line in history.splitlines())
    return [(int(words[0]), lsn(words[1])) for words in lines if words and words[0].isdecimal()]


def _better(one: Path | None, other: Path) -> Path:
    """Of two files with one name the whole one; of two that are not full the one that goes on."""
    if one is None:
        return other
    whole = [each for each in (one, other) if not each.name.endswith(".partial")]
    full = [each for each in whole if each.stat().st_size == SEGMENT_BYTES]
    if len(full) == 2:
        _require_alike(one, other)
    if whole:
        return (full or whole)[-1]
    return other if _written(other) > _written(one) else one


def _written(path: Path) -> int:
    """Up to where something stands in a file that is padded with zeros."""
    with where_it_is(path).open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end > 0:
            begin = max(0, end - _PIECE)
            file.seek(begin)
            if left := file.read(end - begin).rstrip(b"\0"):
                return begin + len(left)
            end = begin
    return 0


def _timeline(name: str) -> int:
    return int(name[:8], 16)


def _number(name: str) -> int:
    return int(name[8:16], 16) * _SEGMENTS_IN_A_FILE_ID + int(name[16:24], 16)

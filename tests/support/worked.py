"""The worked cases of docs/time-travel.md, read from its tables: what was recorded and is answered.

A date as a day of knowledge is the end of that day in London; entries are recorded at ten in the
morning, those of one day a minute apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from transfer.core.words import Facet

DOCUMENT = Path(__file__).parents[2] / "docs" / "time-travel.md"
_NAMESPACE = UUID("6ba7b813-9dad-11d1-80b4-00c04fd430c8")
_LONDON = ZoneInfo("Europe/London")
_TICK = timedelta(microseconds=1)

_PICTURE = re.compile(r"!\[(?P<title>[^\]]+)\]\(pictures/(?P<name>[a-z-]+)\.svg\)")
_CORRECTS = re.compile(r"corrects (?P<of>\d+): (?P<says>.+)")
_ANNULS = re.compile(r"annuls (?P<of>\d+)")
_IN_FORCE = re.compile(r"from (?P<since>\d+ \w+ \d+)(?: until (?P<until>\d+ \w+ \d+))?")


@dataclass(frozen=True)
class WorkedEntry:
    """One row of what was recorded."""

    number: int
    recorded_at: datetime
    claimed_on: date | None
    of: int | None = None
    annuls: bool = False
    facet: Facet | None = None
    value: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None


@dataclass(frozen=True)
class WorkedAnswer:
    """One row of what is answered; no value: the record says nothing."""

    effective_at: date
    known_at: datetime
    attested: bool
    value: str | None
    beneath: str | None
    entry: int | None
    corrected_by: int | None


@dataclass(frozen=True)
class WorkedDifference:
    """One row of what reads differently, by which entries; without any, nothing does."""

    effective_at: date
    known_from: datetime
    known_to: datetime
    before: str | None
    after: str | None
    because_of: tuple[int, ...]


@dataclass(frozen=True)
class Worked:
    """One case: a heading of the document, its tables and its picture."""

    name: str
    title: str
    facet: Facet
    entries: tuple[WorkedEntry, ...]
    answers: tuple[WorkedAnswer, ...]
    differences: tuple[WorkedDifference, ...]

    def event_id(self, number: int) -> UUID:
        """The id that stands for an entry's number, where ids are free to choose."""
        return uuid5(_NAMESPACE, f"{self.name} {number}")


def worked_cases() -> list[Worked]:
    """Every case of the document, in its order."""
    sections = DOCUMENT.read_text(encoding="utf-8").split("\n## ")[1:]
    return [_case(section) for section in sections if _PICTURE.search(section)]


def end_of_day(day: date) -> datetime:
    """The last instant of a day in London."""
    midnight = datetime.combine(day + timedelta(days=1), time(), _LONDON)
    return midnight.astimezone(UTC) - _TICK


def day_of(text: str) -> date:
    """A day as the document writes it, e.g. `1 Jun 2014`."""
    return datetime.strptime(text, "%d %b %Y").date()  # noqa: DTZ007  # a day has no zone


def _case(section: str) -> Worked:
    picture = _PICTURE.search(section)
    assert picture is not None
    entries: list[WorkedEntry] = []
    answers: list[WorkedAnswer] = []
    differences: list[WorkedDifference] = []
    for row in _rows(section):
        if "entry" in row:
            entries.append(_entry(row, entries))
        elif "before" in row:
            differences.append(_difference(row))
        else:
            answers.append(_answer(row))
    [facet] = {each.facet for each in entries if each.facet is not None}
    return Worked(
        picture["name"],
        picture["title"],
        facet,
        tuple(entries),
        tuple(answers),
        tuple(differences),
    )


def _rows(section: str) -> Iterator[dict[str, str]]:
    """The rows of every table, under the names of its columns."""
    columns: list[str] = []
    for line in section.splitlines():
        if not line.startswith("|"):
            columns = []
            continue
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not columns:
            columns = cells
        elif not set(line) <= set("|-"):
            yield dict(zip(columns, cells, strict=True))


def _entry(row: dict[str, str], before: list[WorkedEntry]) -> WorkedEntry:
    number = int(row["entry"])
    assert number == len(before) + 1, "entries are numbered in the order of the record"
    local = datetime.combine(day_of(row["recorded on"]), time(10, number), _LONDON)
    recorded_at = local.astimezone(UTC)
    claimed_on = day_of(row["claimed"]) if "claimed" in row else None
    if annulled := _ANNULS.fullmatch(row["says"]):
        return WorkedEntry(number, recorded_at, claimed_on, int(annulled["of"]), annuls=True)
    corrected = _CORRECTS.fullmatch(row["says"])
    facet, value = _says(corrected["says"] if corrected else row["says"])
    dates = _IN_FORCE.fullmatch(row["in force"])
    assert dates is not None, row
    return WorkedEntry(
        number,
        recorded_at,
        claimed_on,
        of=int(corrected["of"]) if corrected else None,
        facet=facet,
        value=None if value == "none" else value,
        effective_from=day_of(dates["since"]),
        effective_to=day_of(dates["until"]) if dates["until"] else None,
    )


def _says(text: str) -> tuple[Facet, str]:
    """`line manager S20011`: the facet in words, and its value."""
    for facet in sorted(Facet, key=len, reverse=True):
        words = facet.value.replace("_", " ") + " "
        if text.startswith(words):
            return facet, text.removeprefix(words)
    raise ValueError(f"{text!r} names no facet")


def _answer(row: dict[str, str]) -> WorkedAnswer:
    value = beneath = entry = corrected_by = None
    if row["the record says"] != "nothing":
        _, said = _says(row["the record says"])
        value, _, under = said.partition(", over ")
        beneath = under or None
        original, _, correction = row["by entry"].partition(", corrected by ")
        entry, corrected_by = int(original), int(correction) if correction else None
    return WorkedAnswer(
        day_of(row["asked about"]),
        end_of_day(day_of(row["as known on"])),
        row.get("by clock") == "attested",
        value,
        beneath,
        entry,
        corrected_by,
    )


def _difference(row: dict[str, str]) -> WorkedDifference:
    because = tuple(int(number) for number in re.findall(r"\d+", row["because of"]))
    before, after = (_says(row[c])[1] if because else None for c in ("before", "after"))
    return WorkedDifference(
        day_of(row["asked about"]),
        end_of_day(day_of(row["known on"])),
        end_of_day(day_of(row["and on"])),
        before,
        after,
        because,
    )

"""One line of a history read for itself: every bad cell of it, or what it says.

CSV and NDJSON come to the same: texts under the names of `columns`. In NDJSON a facet that is
`null` ends, as one named in `ends` does; other values that are null or absent are blank.

One line of the file is one act, so a cell holds no line break. That is what lets a file of any
size be read in pieces.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import TypeVar

from pydantic_core import from_json

from transfer.core.record.staff import END_OF_TIME
from transfer.core.record.terms import service_fault
from transfer.core.words import MAIN, Attested, Basis, Facet
from transfer.imports.history.columns import (
    ACTS,
    COLUMN_NAMES,
    FACETS,
    NEEDED,
    PERSONAL,
    HistoricAct,
)
from transfer.imports.meaning import (
    AS_IT_STANDS,
    Finding,
    Reading,
    month_first_finding,
    open_end_finding,
)
from transfer.imports.staff_return import cells
from transfer.imports.staff_return.cells import CellFault
from transfer.imports.staff_return.columns import LONGEST_VALUE
from transfer.imports.staff_return.people import Rejection
from transfer.imports.staff_return.sheet import WHOLE_FILE, WHOLE_ROW, FileFault

Parsed = TypeVar("Parsed")

_STAFF_NUMBER = re.compile(rb"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LONGEST = {"reason": 2_000, "ends": 2_000}
_SEPARATORS = (",", ";", "\t")
_MONTHS = 12
_MOST_FAR = 20
_KNOWN = frozenset(COLUMN_NAMES)
_TEXTS_ALONE = frozenset({"staff_number", "name"})
"""A number that stands for one of these has lost its leading zeros, or is no name."""


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One act of one person, its cells read; what they mean together is for `deciding`."""

    line: int
    act: HistoricAct
    staff_number: str
    attested: Attested
    ref: str | None
    of: str | None
    effective_from: date | None
    effective_to: date | None
    assignment: str
    facets: Mapping[Facet, str | None]
    terms: Mapping[str, str | None]
    reason: str
    basis: Basis | None
    personal: Mapping[str, str]
    continuous_service_from: date | None


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line with a bad cell: what can be told of it all the same, for judging the others.

    `act` is `None` where it cannot be read, and `ref` where there is none, or (then the line
    `may_have_a_ref`) none that can be read.
    """

    line: int
    act: HistoricAct | None
    ref: str | None
    may_have_a_ref: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """How the lines of one file are read: as objects (no `names`), or as cells under `names`."""

    names: tuple[str, ...] = ()
    separator: str = ","
    source: str | None = None
    ignore_unknown: bool = False
    reading: Reading = AS_IT_STANDS

    @property
    def is_csv(self) -> bool:
        """Whether the file has a header and rows."""
        return bool(self.names)


def layout_of_header(
    first_line: bytes,
    *,
    source: str | None,
    ignore_unknown: bool,
    reading: Reading = AS_IT_STANDS,
) -> Layout:
    """The layout of a CSV from its first line; raises `FileFault` for a header that will not do."""
    try:
        text = first_line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise FileFault(WHOLE_FILE, "not text: the first row is not valid UTF-8") from None

    def named(separator: str) -> tuple[str, ...]:
        row = next(csv.reader([text], delimiter=separator), [])
        return tuple(cell.strip().casefold() for cell in row)

    separator = max(_SEPARATORS, key=lambda each: len(set(named(each)) & set(COLUMN_NAMES)))
    names = named(separator)
    needed = NEEDED if source is not None else (*NEEDED, "source")
    missing = [name for name in needed if name not in names]
    unknown = [] if ignore_unknown else [n for n in names if n and n not in COLUMN_NAMES]
    twice = [name for name in COLUMN_NAMES if names.count(name) > 1]
    reasons = []
    if missing:
        hint = " (--source names it for the whole file)" if "source" in missing else ""
        reasons.append(f"the first row does not name {', '.join(missing)}{hint}")
    if unknown:
        shown = ", ".join(name[:60] for name in unknown[:8])
        reasons.append(f"no such column: {shown} (--ignore-unknown reads on without)")
    if twice:
        reasons.append(f"named more than once: {', '.join(twice)}")
    if reasons:
        raise FileFault((missing or unknown or twice)[0][:60], "; ".join(reasons))
    return Layout(names, separator, source, ignore_unknown, reading)


def looks_like_a_history(name: str, beginning: bytes) -> bool:
    """Whether a file is a history and no staff return: by its name, its `{`, or its columns."""
    if name.lower().endswith((".ndjson", ".jsonl")):
        return True
    text = beginning.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text.startswith(b"{"):
        return True
    header = text.split(b"\n", 1)[0].decode("utf-8", "replace").casefold()
    named = {cell.strip(' "\r') for cell in re.split(r"[,;\t]", header)}
    return {"act", "recorded_on"} <= named


def staff_number_finder(layout: Layout) -> Callable[[bytes], bytes]:
    """Finds whose line it is without reading the rest; b"" where that cannot be told."""
    if not layout.is_csv:
        return _staff_number_of_object
    at = layout.names.index("staff_number")
    separator = layout.separator.encode()

    def find(raw: bytes) -> bytes:
        if b'"' in raw:
            row = next(_csv_rows(raw, layout.separator), [])
            cell = row[at].encode() if at < len(row) else b""
        else:
            row_of_bytes = raw.split(separator, at + 1)
            cell = row_of_bytes[at] if at < len(row_of_bytes) else b""
        cell = cell.strip()
        return cell if _STAFF_NUMBER.fullmatch(cell) else b""

    return find


def _staff_number_of_object(raw: bytes) -> bytes:
    try:
        parsed = from_json(raw)
    except ValueError:
        return b""
    found = parsed.get("staff_number") if isinstance(parsed, dict) else None
    number = found.strip().encode("utf-8", "replace") if isinstance(found, str) else b""
    return number if _STAFF_NUMBER.fullmatch(number) else b""


def _csv_rows(raw: bytes, separator: str) -> Iterator[list[str]]:
    # A row that cannot be told apart is a fault when it is read; here only its owner is wanted.
    try:
        yield from csv.reader([raw.decode("utf-8", "replace")], delimiter=separator)
    except csv.Error:
        return


@dataclass(slots=True)
class Dates:
    """What the dates of some lines show of what the file means.

    `month_first` counts dates that are days only with the month first, `day_first` those that are
    days only with the day first; `example` says where the first of the former stands. `far` are
    ends that stand for no end, each with its first line.
    """

    month_first: int = 0
    day_first: int = 0
    example: str = ""
    far: dict[str, int] = field(default_factory=dict)

    def note_order(self, line: int, name: str, text: str | None, day: date | None) -> None:
        """Note which way round a date is written, where only one way makes it a day."""
        if text is None or (day is not None and day.day <= _MONTHS):
            return
        parts = cells.day_and_month(text)
        if parts is None:
            return
        first, second, _ = parts
        if first <= _MONTHS < second:
            shown = "a date" if name in PERSONAL else repr(text)
            self.example = self.example or f"{shown} on line {line} is no day otherwise"
            self.month_first += 1
        elif second <= _MONTHS < first:
            self.day_first += 1

    def note_far(self, line: int, day: date) -> None:
        """Note an end that stands for no end."""
        if len(self.far) < _MOST_FAR:
            self.far.setdefault(str(day), line)

    def add(self, other: "Dates") -> None:
        """Take in what other lines show."""
        self.month_first += other.month_first
        self.day_first += other.day_first
        self.example = self.example or other.example
        for day, line in other.far.items():
            self.far[day] = min(line, self.far.get(day, line))

    def findings(self, reading: Reading) -> tuple[Finding, ...]:
        """The questions that the file raises and the reading does not settle."""
        found: list[Finding] = []
        if reading.month_first is None and self.month_first and self.month_first >= self.day_first:
            found.append(month_first_finding("effective_from", self.example))
        if self.far:
            far = sorted(
                ((date.fromisoformat(day), line) for day, line in self.far.items()),
                key=itemgetter(1),
            )
            found.append(open_end_finding("effective_to", far))
        return tuple(found)


class LineReader:
    """Reads lines one at a time; `read` answers `None` where a cell of the line is bad.

    `rejections` grows by every bad cell. `today` is the day of the import: nothing was recorded
    in an older system after it.
    """

    def __init__(self, layout: Layout, today: date, rejections: list[Rejection]) -> None:
        self._layout = layout
        self._today = today
        self._rejections = rejections
        self._line = self._before = 0
        self._good = True
        self._said: dict[str, str] = {}
        self._ended: set[str] = set()
        self._attested: dict[tuple[str, date], Attested] = {}
        self.dates = Dates()

    def read(self, line: int, raw: bytes) -> HistoryLine | None:
        """What one line says; its faults are told of in `rejections`."""
        self._line, self._good, self._said, self._ended = line, True, {}, set()
        self._before = len(self._rejections)
        self._lay_out(raw)
        found = self._read_cells() if self._is_good() else None
        return found if self._is_good() else None

    def bad_line(self) -> BadLine:
        """What can be told of the line that was read last, if it was bad."""
        try:
            act = _parse_act(self._said.get("act", ""))
        except CellFault:
            act = None
        unread = any(each.field in (WHOLE_ROW, "ref") for each in self._rejections[self._before :])
        return BadLine(self._line, act, None if unread else self._said.get("ref"), unread)

    def _is_good(self) -> bool:
        return self._good

    # --- from the line to texts by name --------------------------------------------------------

    def _lay_out(self, raw: bytes) -> None:
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            self._reject(WHOLE_ROW, "is not valid UTF-8")
            return
        if self._layout.is_csv:
            self._lay_out_row(text)
        else:
            self._lay_out_object(text)

    def _lay_out_row(self, text: str) -> None:
        layout = self._layout
        if '"' in text:
            try:
                row = next(
                    csv.reader(
                        [text], delimiter=layout.separator, strict=True, skipinitialspace=True
                    )
                )
            except csv.Error:
                self._reject(WHOLE_ROW, "a quotation mark is not closed in this line, or misplaced")
                return
        else:
            row = text.split(layout.separator)
        if len(row) > len(layout.names) and not any(c.strip() for c in row[len(layout.names) :]):
            row = row[: len(layout.names)]
        if len(row) != len(layout.names):
            few = "few" if len(row) < len(layout.names) else "many"
            self._reject(
                WHOLE_ROW,
                f"too {few} cells: {len(row)}, where the first row names {len(layout.names)}",
            )
            return
        for name, cell in zip(layout.names, row, strict=True):
            if cell and (name in _KNOWN or not layout.ignore_unknown):
                if not name and cell.strip():
                    self._reject(WHOLE_ROW, "a cell stands under no column name")
                    continue
                self._take_text(name, cell)

    def _lay_out_object(self, text: str) -> None:
        try:
            found = from_json(text)
        except ValueError as error:
            self._reject(WHOLE_ROW, f"is not a JSON object on one line: {error}"[:200])
            return
        if not isinstance(found, dict):
            self._reject(WHOLE_ROW, "is not a JSON object")
            return
        if text.count(":") > len(found):
            # With no more colons than names none stands twice, and there is no need to look.
            for name in _named_twice(text):
                self._reject(name[:60] or WHOLE_ROW, "is named more than once in this line")
        for name, value in found.items():
            if name not in _KNOWN:
                if not self._layout.ignore_unknown:
                    self._reject(
                        name[:60] or WHOLE_ROW,
                        "no such field (--ignore-unknown reads on without)",
                    )
            elif value is None:
                if name in FACETS:
                    self._ended.add(name)
            elif name == "ends" and isinstance(value, list):
                self._take_text(name, " ".join(map(str, value)))
            elif isinstance(value, str):
                self._take_text(name, value)
            elif name in _TEXTS_ALONE:
                self._reject(name, 'must be text in quotes, as in "7"')
            elif isinstance(value, int | float) and not isinstance(value, bool):
                # A band or a part of full time, written as the number that it is.
                self._take_text(name, str(value))
            else:
                self._reject(name, "is neither text, number nor null")

    def _take_text(self, name: str, cell: str) -> None:
        try:
            text = cells.clean(cell, longest=_LONGEST.get(name, LONGEST_VALUE))
        except CellFault as fault:
            self._reject(name, str(fault))
            return
        if text:
            self._said[name] = text

    # --- from texts to what they mean ----------------------------------------------------------

    def _read_cells(self) -> HistoryLine | None:
        said = self._said
        act = self._take("act", _parse_act, needed=True)
        staff_number = self._take("staff_number", cells.parse_staff_number, needed=True)
        recorded_on = self._take_date("recorded_on", needed=True)
        if recorded_on is not None and recorded_on > self._today:
            self._reject("recorded_on", f"{recorded_on} is after today, {self._today}")
        source = said.get("source") or self._layout.source
        if source is None:
            self._reject("source", "is blank: name the older system here, or with --source")
        if act is None:
            return None
        self._judge_what_the_act_may_say(act)
        dated = act is not HistoricAct.ANNULMENT
        names_another = act in (HistoricAct.CORRECTION, HistoricAct.ANNULMENT)
        effective_from = self._take_date("effective_from", needed=dated)
        effective_to = self._take_end()
        of = self._take("of", cells.parse_text, needed=names_another)
        assignment = self._take("assignment", cells.parse_assignment) or MAIN
        facets = self._facets()
        terms = self._terms(act)
        service = self._take_date("continuous_service_from")
        fault = service_fault(service, effective_from) if effective_from is not None else None
        if fault is not None:
            self._reject("continuous_service_from", fault)
        personal = self._personal(act)
        if staff_number is None or recorded_on is None or source is None:
            return None
        return HistoryLine(
            line=self._line,
            act=act,
            staff_number=staff_number,
            attested=self._claim(source, recorded_on, said.get("ref")),
            ref=said.get("ref"),
            of=of,
            effective_from=effective_from,
            effective_to=effective_to,
            assignment=assignment,
            facets=facets,
            terms=terms,
            reason=said.get("reason", f"on record in {source}"),
            basis=self._basis(),
            personal=personal,
            continuous_service_from=service,
        )

    def _judge_what_the_act_may_say(self, act: HistoricAct) -> None:
        for name in self._said.keys() | self._ended:
            if name not in ACTS[act]:
                self._reject(name, f"says nothing on a line whose act is {act}: leave it blank")

    def _facets(self) -> dict[Facet, str | None]:
        found: dict[Facet, str | None] = {
            facet: text for name, facet in FACETS.items() if (text := self._said.get(name))
        }
        if found.get(Facet.FTE) is not None:
            found[Facet.FTE] = self._take("fte", cells.parse_fte)
        for name in [*self._ended, *self._said.get("ends", "").replace(",", " ").split()]:
            facet = FACETS.get(name)
            if facet is None:
                self._reject("ends", f"{name[:40]!r} is not a facet")
            elif facet in found:
                self._reject(name, "has a value and ends on one line")
            else:
                found[facet] = None
        return found

    def _terms(self, act: HistoricAct) -> dict[str, str | None]:
        term = self._take("term", cells.parse_text, needed=act is HistoricAct.TERM)
        if term is None:
            if "value" in self._said:
                self._reject("value", "is the value of no term: name the term")
            return {}
        return {term: self._said.get("value")}

    def _personal(self, act: HistoricAct) -> dict[str, str]:
        name = self._take("name", cells.parse_text, needed=act is HistoricAct.REGISTRATION)
        born = self._take_date("date_of_birth")
        found = {"name": name} if name else {}
        return found | ({"date_of_birth": born.isoformat()} if born else {})

    def _basis(self) -> Basis | None:
        said = self._said
        if not ("rulebook" in said or "clause" in said or "document" in said):
            return None
        return Basis(
            rulebook=said.get("rulebook"),
            clause=said.get("clause"),
            document=said.get("document"),
        )

    def _claim(self, source: str, recorded_on: date, ref: str | None) -> Attested:
        if ref is not None:
            return Attested(source=source, recorded_on=recorded_on, ref=ref)
        # Few sources and days stand on many lines.
        claim = self._attested.get((source, recorded_on))
        if claim is None:
            claim = Attested(source=source, recorded_on=recorded_on)
            self._attested[source, recorded_on] = claim
        return claim

    def _take_date(
        self, name: str, *, needed: bool = False, parse: Callable[..., date] = cells.parse_date
    ) -> date | None:
        month_first = bool(self._layout.reading.month_first)
        day = self._take(name, lambda text: parse(text, month_first=month_first), needed=needed)
        self.dates.note_order(self._line, name, self._said.get(name), day)
        return day

    def _take_end(self) -> date | None:
        """The first day after the end; a day that stands for no end is noted, or read as none."""
        day = self._take_date("effective_to", parse=cells.parse_end)
        if day is None or self._layout.reading.is_open(day):
            return None
        if day >= END_OF_TIME:
            self.dates.note_far(self._line, day)
        return day

    def _take(
        self, name: str, parse: Callable[[str], Parsed], *, needed: bool = False
    ) -> Parsed | None:
        text = self._said.get(name)
        if text is None:
            if needed:
                self._reject(name, "is blank, and needed on this line")
            return None
        try:
            return parse(text)
        except CellFault as fault:
            shown = "" if name in PERSONAL else f"{text[:40]!r} "
            self._reject(name, f"{shown}{fault}")
            return None

    def _reject(self, field: str, reason: str) -> None:
        self._good = False
        self._rejections.append(Rejection(self._line, field, reason))


def _named_twice(text: str) -> list[str]:
    """The names that stand more than once in a JSON object, which holds no other."""
    # Numbers stay texts: only the names are wanted, and nothing of a number can be a fault.
    pairs = json.loads(text, object_pairs_hook=list, parse_int=str, parse_float=str)
    counted = Counter(str(name) for name, _ in pairs)
    return [name for name, times in counted.items() if times > 1]


def _parse_act(text: str) -> HistoricAct:
    try:
        return HistoricAct(text.casefold())
    except ValueError:
        raise CellFault(f"is not one of {', '.join(HistoricAct)}") from None

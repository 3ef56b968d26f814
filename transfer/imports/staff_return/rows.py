"""One row of a staff return read for itself: each cell's meaning, and what cells say together.

Every bad cell is a rejection of its own, not only the first of a row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

from transfer.core.record.staff import END_OF_TIME
from transfer.core.record.terms import service_fault
from transfer.core.texts import caseless
from transfer.core.words import MAIN, Facet
from transfer.imports.meaning import AS_IT_STANDS, Reading
from transfer.imports.staff_return import cells
from transfer.imports.staff_return.cells import CellFault
from transfer.imports.staff_return.columns import DOCUMENT, NEEDED, PERSONAL
from transfer.imports.staff_return.evidence import EvidenceCell
from transfer.imports.staff_return.people import Rejection, ReturnRow, Warned
from transfer.imports.staff_return.sheet import WHOLE_ROW, RawRow
from transfer.rulebooks.model import Rulebook
from transfer.rulebooks.organisations import Register

Parsed = TypeVar("Parsed")

_ONE_DAY = timedelta(days=1)

_SUGGESTIONS = 50
"""Unknown employers for which nearest names are looked up; beyond that it costs too long."""


@dataclass(frozen=True, slots=True)
class ReadRow:
    """A row as the first pass leaves it; `row` only where every cell of it is good."""

    line: int
    staff_number: str | None
    line_manager: str | None
    date_of_birth: date | None
    row: ReturnRow | None


class RowReader:
    """Reads rows one at a time, each for itself; every bad cell is its own rejection."""

    def __init__(
        self,
        names: tuple[str, ...],
        rejections: list[Rejection],
        *,
        book: Rulebook,
        employers: Register,
        ignore_unknown: bool,
        reading: Reading = AS_IT_STANDS,
    ) -> None:
        self._needed = frozenset((*NEEDED, *(it.name for it in book.evidence if it.needed)))
        # What stands in no column is not asked for row by row.
        month_first = bool(reading.month_first)
        self._evidence = [
            EvidenceCell(it, book, month_first=month_first)
            for it in book.evidence
            if it.name in names
        ]
        self._reading = reading
        self._parse_date = partial(cells.parse_date, month_first=month_first)
        self._parse_end = partial(cells.parse_end, month_first=month_first)
        self._documents = [it for it in self._evidence if it.declared.document]
        self._width = len(names)
        self._at = {name: index for index, name in enumerate(names) if name}
        # A column without a name is padding; what stands there anyway is in no known column.
        nameless = [index for index, name in enumerate(names) if not name]
        self._padding = [] if ignore_unknown else nameless
        self._rejections = rejections
        self.warnings: list[Warned] = []
        self._register = employers
        # An edition whose people move by another facet need not know who employs them.
        self._moves_by = Facet.EMPLOYER if book.parties is None else book.parties.by
        self._employers: dict[str, str] = {}
        self._unknown: dict[str, str] = {}
        self._line = 0
        self._cells: list[str] = []
        self._good = True

    def read(self, raw: RawRow) -> ReadRow:
        # Spreadsheets pad rows with empty cells past the last column.
        padding = len(raw.cells) > self._width and not any(
            c.strip() for c in raw.cells[self._width :]
        )
        kept = raw.cells[: self._width] if padding else raw.cells
        self._line, self._cells, self._good = raw.line, kept, True
        if (fault := raw.fault or self._misfit()) is not None:
            self._reject(WHOLE_ROW, fault)
            return ReadRow(raw.line, self._staff_number_of_misfit(), None, None, None)
        for index in self._padding:
            if self._cells[index].strip():
                self._reject(WHOLE_ROW, f"cell {index + 1} stands under no column name")
        return self._read_cells()

    def _misfit(self) -> str | None:
        count = len(self._cells)
        if count == self._width:
            return None
        few = "few" if count < self._width else "many"
        nul = ", and holds a NUL character" if any("\0" in cell for cell in self._cells) else ""
        return f"too {few} cells: {count}, where the first row names {self._width}{nul}"

    def _staff_number_of_misfit(self) -> str | None:
        """Whose row it seems to be, so that those whom the person manages are not blamed too."""
        index = self._at["staff_number"]
        if index >= len(self._cells):
            return None
        try:
            return cells.parse_staff_number(self._cells[index].strip())
        except CellFault:
            return None

    def _read_cells(self) -> ReadRow:
        take = self._take
        staff_number = take("staff_number", cells.parse_staff_number)
        assignment = take("assignment", cells.parse_assignment) or MAIN
        name = take("name", cells.parse_text)
        born = take("date_of_birth", self._parse_date)
        employer = take("employer", self._employer)
        unit = take("unit", cells.parse_text)
        role = take("role", cells.parse_text)
        band = take("band", cells.parse_grade)
        post = take("post", cells.parse_text)
        pay_point = take("pay_point", cells.parse_text)
        terms_set = take("terms_set", cells.parse_text)
        workplace = take("workplace", cells.parse_text)
        manager = take("line_manager", cells.parse_staff_number)
        owner = take("hr_process_owner", cells.parse_text)
        supervisor = take("professional_supervisor", cells.parse_text)
        fte = take("fte", cells.parse_fte)
        begins = take("in_post_from", self._parse_date)
        ends = self._end(take("in_post_to", self._parse_end))
        service = take("continuous_service_from", self._parse_date)
        evidence = self._read_evidence()
        documents = self._read_documents(evidence)

        if manager and staff_number and caseless(manager) == caseless(staff_number):
            self._reject("line_manager", "is the person's own staff number")
            manager = None
        if begins is not None:
            if begins >= END_OF_TIME:
                self._reject("in_post_from", f"{begins} stands for an end of time, not a beginning")
            if ends is not None and ends <= begins:
                self._reject("in_post_to", "is not after in_post_from")
            fault = service_fault(service, begins, called="in_post_from")
            if fault is not None:
                self._reject("continuous_service_from", fault)
            if born is not None and born >= begins:
                self._reject("date_of_birth", "is not before in_post_from")

        row: ReturnRow | None = None
        if (
            self._good
            and name is not None
            and employer is not None
            and unit is not None
            and role is not None
            and band is not None
            and fte is not None
            and begins is not None
        ):
            row = ReturnRow(
                line=self._line,
                in_post_from=begins,
                in_post_to=ends,
                employer=employer,
                unit=unit,
                role=role,
                band=band,
                fte=fte,
                name=name,
                assignment=assignment,
                continuous_service_from=service,
                post=post,
                pay_point=pay_point,
                terms_set=terms_set,
                workplace=workplace,
                line_manager=manager,
                hr_process_owner=owner,
                professional_supervisor=supervisor,
                evidence=evidence,
                documents=documents,
            )
            if employer in self._unknown:
                self.warnings.append(Warned(self._line, "employer", self._unknown[employer]))
        return ReadRow(self._line, staff_number, manager, born, row)

    def _end(self, said: date | None) -> date | None:
        """The first day after the end that a row says, as the file is read."""
        if said is None or self._reading.is_open(said):
            return None
        return said + _ONE_DAY if self._reading.last_day_included else said

    def _read_evidence(self) -> dict[str, str]:
        """What the edition's columns say, each in its written form; blank ones are absent."""
        found: dict[str, str] = {}
        for cell in self._evidence:
            value = self._take(cell.declared.name, cell.parse)
            if value is not None:
                found[cell.declared.name] = value
        for cell in self._evidence:
            fault = cell.above(found)
            if fault is not None:
                self._reject(cell.declared.name, fault)
        return found

    def _read_documents(self, evidence: dict[str, str]) -> dict[str, str]:
        """The document behind each field that has a value and must name one."""
        found: dict[str, str] = {}
        for cell in self._documents:
            name, column = cell.declared.name, cell.declared.name + DOCUMENT
            document = self._take(column, cells.parse_text)
            if document is not None and name in evidence:
                found[name] = document
            elif document is not None and not self._cells[self._at[name]].strip():
                self._reject(column, f"names a document, and {name} has no value")
            elif name in evidence:
                self._reject(column, f"is blank: {name} needs the document that it rests on")
        return found

    def _take(self, column: str, parse: Callable[[str], Parsed]) -> Parsed | None:
        """The value of one cell; `None` where it is blank, or bad and rejected."""
        index = self._at.get(column)
        if index is None:
            return None
        cell = self._cells[index]
        try:
            text = cells.clean(cell)
            if text:
                return parse(text)
        except CellFault as fault:
            shown = (
                "" if column in PERSONAL or not cell.isprintable() else f"{cell.strip()[:40]!r} "
            )
            self._reject(column, f"{shown}{fault}")
            return None
        if column in self._needed:
            self._reject(column, "is blank, and needed in every row")
        return None

    def _employer(self, text: str) -> str:
        """The full name of an employer that is known; any other stands as it was typed."""
        if text not in self._employers:
            organisation = self._register.find(text)
            self._employers[text] = text if organisation is None else organisation.name
            if organisation is None and self._moves_by is Facet.EMPLOYER:
                suggest = len(self._unknown) < _SUGGESTIONS
                unknown = self._register.unknown(text, suggest=suggest)
                self._unknown[text] = f"{text[:40]!r} {unknown}"
        return self._employers[text]

    def _reject(self, field: str, reason: str) -> None:
        self._good = False
        self._rejections.append(Rejection(self._line, field, reason))

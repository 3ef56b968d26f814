"""Sheets in the tables: how one is written as a line of COPY, and how an answer is read out of it.

The values lie in a column for each facet. Where they come from lies in `why`, a short JSON text, in
which facets go by a letter (`LETTERS`) and a span is told once for all facets that share it:

    of an assignment    [["abc", SPAN…], ["d", SPAN…, [standing value]], …]
    a person's own      [["term", "value", SPAN…], …, and for a temporary one
                         ["term", "value", SPAN…, "standing value", [SPAN…]]]
                        and where several assignments run at once, {"terms": the same,
                        "jobs": [["main", employer, line manager, fte], …]}
    SPAN                first day, end or null, event id, corrected by or null, recorded at,
                        basis or null, 1 if temporary
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import from_json, to_json

from projections.keeping_up.copying import (
    INFINITY,
    NULL,
    day_for_copy,
    escaped_for_copy,
    for_copy,
    from_text,
    instant_for_copy,
)
from projections.position.sheets import FIRST_DAY, Sheet
from projections.position.spans import Part, Span
from transfer.core.words import Basis, Facet

FACETS: tuple[Facet, ...] = tuple(Facet)
FACET_NAMES: tuple[str, ...] = tuple(facet.value for facet in FACETS)
LETTERS: Mapping[str, str] = {name: "abcdefghijklm"[n] for n, name in enumerate(FACET_NAMES)}
"""Under which letter a facet goes in `why`: by its place in the contract, for ever."""

SHEET_COLUMNS = (
    "assignment",
    "effective_from",
    "effective_to",
    "recorded_from",
    "recorded_to",
    "epoch",
    *FACET_NAMES,
    "amount",
    "why",
    "staff_number",
    "at_once",
)
NOTHING_HELD = "[]"

# --- writing -----------------------------------------------------------------------------------

_LETTERED = tuple(LETTERS.items())
_OWN_CELLS = "\t".join([NULL] * (len(FACETS) + 1))


def sheet_line(staff_number: str, sheet: Sheet) -> str:
    """The line of COPY for a sheet: the columns of `SHEET_COLUMNS`, in order."""
    if sheet.assignment:
        cells = _cells_and_why(sheet)
    else:
        cells = f"{_OWN_CELLS}\t{escaped_for_copy(_own_why(sheet))}"
    start, ended = sheet.start, sheet.recorded_to
    return (
        f"{sheet.assignment}\t{'-infinity' if start == FIRST_DAY else day_for_copy(start)}"
        f"\t{day_for_copy(sheet.end)}\t{instant_for_copy(sheet.recorded_from)}"
        f"\t{INFINITY if ended is None else instant_for_copy(ended)}"
        f"\t{instant_for_copy(sheet.epoch)}\t{cells}\t{staff_number}\t{len(sheet.jobs)}"
    )


def sheet_cells(sheet: Sheet) -> tuple[str, ...]:
    """The values of an assignment's sheet as COPY reads them: each facet's, and `amount`."""
    in_force = sheet.in_force
    cells = [
        NULL if span is None else (span.part.written or _cells(span.part))[name]
        for name, span in ((name, in_force.get(name)) for name in FACET_NAMES)
    ]
    fte = in_force.get("fte")
    return (*cells, NULL if fte is None else _amount(fte.part.values["fte"]))


def _cells_and_why(sheet: Sheet) -> str:
    cells: list[str] = []
    letters: dict[Span, str] = {}
    in_force = sheet.in_force
    for name, letter in _LETTERED:
        span = in_force.get(name)
        if span is None:
            cells.append(NULL)
        else:
            cells.append((span.part.written or _cells(span.part))[name])
            letters[span] = letters.get(span, "") + letter
    fte = in_force.get("fte")
    cells.append(NULL if fte is None else _amount(fte.part.values["fte"]))
    groups = [f'["{spelt}",{span.written or _written(span)}]' for span, spelt in letters.items()]
    if sheet.beneath:
        groups += _standing_groups(sheet.beneath)
    cells.append(f"[{','.join(groups)}]")
    return "\t".join(cells)


def _cells(part: Part) -> Mapping[str, str]:
    """A part's values as COPY reads them; kept, because several sheets hold them."""
    part.written = {
        name: for_copy(value) for name, value in part.values.items() if value is not None
    }
    return part.written


def _standing_groups(beneath: Mapping[str, Span]) -> Iterable[str]:
    together: dict[Span, list[str]] = {}
    for name in FACET_NAMES:
        span = beneath.get(name)
        if span is not None:
            together.setdefault(span, []).append(name)
    for span, names in together.items():
        spelt = "".join(LETTERS[name] for name in names)
        values = escaped_for_copy(_json([span.part.values[name] for name in names]))
        yield f'["{spelt}",{span.written or _written(span)},{values}]'


def _written(span: Span) -> str:
    """A span as `why` has it, escaped for COPY; kept, because several sheets tell it."""
    span.written = escaped_for_copy(_span(span))
    return span.written


def _span(span: Span) -> str:
    part = span.part
    end = "null" if span.end is None else f'"{day_for_copy(span.end)}"'
    corrected_by = "null" if part.corrected_by is None else f'"{part.corrected_by.hex}"'
    basis = "null" if part.basis is None else part.basis.model_dump_json(exclude_defaults=True)
    return (
        f'"{day_for_copy(span.start)}",{end},"{part.event_id.hex}",{corrected_by},'
        f'"{instant_for_copy(part.recorded_at)}",{basis},{"0" if part.effective_to is None else 1}'
    )


def _own_why(sheet: Sheet) -> str:
    if not sheet.in_force and not sheet.jobs:
        return NOTHING_HELD
    terms = []
    for term, span in sorted(sheet.in_force.items()):
        told = f"{_json(term)},{_json(span.part.values[term])},{_span(span)}"
        standing = sheet.beneath.get(term)
        if standing is not None:
            told += f",{_json(standing.part.values[term])},[{_span(standing)}]"
        terms.append(f"[{told}]")
    held = f"[{','.join(terms)}]"
    return f'{{"terms":{held},"jobs":{_json(sheet.jobs)}}}' if sheet.jobs else held


def _json(value: object) -> str:
    return to_json(value).decode()


@lru_cache(maxsize=4096)
def _amount(fte: str | None) -> str:
    """A full-time equivalent as a number, for sums; the value itself is kept as it was given."""
    try:
        amount = Decimal(fte or "")
    except InvalidOperation:
        return NULL
    # Not more digits than PostgreSQL's numeric can hold, whatever exponent was given.
    return f"{amount:.20f}" if amount.is_finite() and 0 < amount <= 1 else NULL


@lru_cache(maxsize=65536)
def value_key(facet: str, value: str) -> int:
    """The key under which those of whom a value of a facet was ever stated are found."""
    text = f"{facet}={value}".encode(errors="surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), signed=True)


# --- reading -----------------------------------------------------------------------------------


class Held(NamedTuple):
    """A value and the period for which one event supplies it.

    `effective_to` is excluded, `None` is open. `event_id` is the registration or change that it
    comes from, `corrected_by` the correction whose content is in force, `recorded_at` when that
    content was recorded. `standing` is what a temporary value overlays on the day asked for.
    """

    value: str
    effective_from: date
    effective_to: date | None
    event_id: UUID
    corrected_by: UUID | None
    recorded_at: datetime
    basis: Basis | None
    temporary: bool
    standing: "Held | None" = None


class Job(NamedTuple):
    """One of several assignments that somebody has at once."""

    assignment: str
    employer: str | None
    line_manager: str | None
    fte: str | None


_Told = tuple[date, date | None, UUID, UUID | None, datetime, Basis | None, bool]
"""All of a `Held` between its value and its standing."""

_ALPHABETICAL = tuple(
    (LETTERS[name], FACET_NAMES.index(name), Facet(name)) for name in sorted(FACET_NAMES)
)
# What `Held._make` does, without its detour: most of the time that an answer takes in here.
_new = tuple.__new__


def read_position(cells: Sequence[str | None], why: str) -> dict[Facet, Held]:
    """What the sheet of an assignment says: its facet columns and its `why`, by facet's name."""
    told: dict[str, _Told] = {}
    standing: dict[str, Held] = {}
    for group in from_json(why):
        span = _read_span(group, 1)
        if len(group) == _FACET_GROUP:
            told.update(dict.fromkeys(group[0], span))
        else:
            for letter, value in zip(group[0], group[_FACET_GROUP], strict=True):
                standing[letter] = Held(value, *span)
    position: dict[Facet, Held] = {}
    for letter, n, facet in _ALPHABETICAL:
        cell = cells[n]
        if cell is not None:
            value = from_text(cell) if "\x01" in cell else cell
            position[facet] = _new(Held, (value, *told[letter], standing.get(letter)))
    return position


def read_own(why: str) -> tuple[list[tuple[str, Held]], tuple[Job, ...]]:
    """What a person's own sheet says: terms by name, and the assignments that run at once."""
    if why == NOTHING_HELD:
        return [], ()
    told = from_json(why)
    jobs: tuple[Job, ...] = ()
    if isinstance(told, dict):
        jobs = tuple(Job(*each) for each in told["jobs"])
        told = told["terms"]
    terms = []
    for term in told:
        held = Held(term[1], *_read_span(term, 2))
        if len(term) > _TERM_GROUP:
            standing = Held(term[_TERM_GROUP], *_read_span(term[_TERM_GROUP + 1], 0))
            held = held._replace(standing=standing)
        terms.append((term[0], held))
    return terms, jobs


_FACET_GROUP = 8
_TERM_GROUP = 9


def _read_span(told: Sequence[Any], first: int) -> _Told:
    start, end, event_id, corrected_by, recorded_at, basis, temporary = told[first : first + 7]
    return (
        date.fromisoformat(start),
        None if end is None else date.fromisoformat(end),
        UUID(event_id),
        None if corrected_by is None else UUID(corrected_by),
        datetime.fromisoformat(recorded_at),
        None if basis is None else read_basis(basis),
        temporary == 1,
    )


def read_basis(told: Mapping[str, Any]) -> Basis:
    """A basis from its JSON; the same object for the same words."""
    assumptions = told.get("assumptions")
    assertions = told.get("assertions")
    return _basis(
        told.get("rulebook"),
        told.get("clause"),
        told.get("document"),
        told.get("confidence"),
        () if assumptions is None else tuple(assumptions),
        () if assertions is None else tuple(assertions),
    )


@lru_cache(maxsize=4096)
def _basis(
    rulebook: str | None,
    clause: str | None,
    document: str | None,
    confidence: str | None,
    assumptions: tuple[str, ...],
    assertions: tuple[str, ...],
) -> Basis:
    return Basis.model_validate(
        {
            "rulebook": rulebook,
            "clause": clause,
            "document": document,
            "confidence": confidence,
            "assumptions": assumptions,
            "assertions": assertions,
        }
    )

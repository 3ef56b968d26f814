"""Terms that hold for everybody in the scope of an exercise: rows, and how they are kept up.

They are stated on the stream of a consultation. A row is a period of one term: the days on which
one event supplies its value, between two instants of knowledge. After each command the terms that
it touched are worked out anew by the effective-dating rule; rows that no longer hold end at the
command's instant, and new ones begin there. There are few.

A term may name a day on which one must be employed to have it (`employed_on`); it does not reach
whoever was not.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from pydantic_core import from_json

from projections.keeping_up.copying import (
    INFINITY,
    NULL,
    Conn,
    basis_for_copy,
    copy_lines,
    day_for_copy,
    for_copy,
    from_text,
    instant_for_copy,
    to_text,
)
from projections.position.stored import Held, read_basis
from transfer.core.dating.effective_dating import Entries, Entry, Key, Period, Timeline

IN_FORCE = "in_force"
BENEATH = "beneath"
"""The layer of a standing period that a temporary one overlays."""

Slot = tuple[str, date]
"""Layer and `effective_from`: one row of a term that holds at one instant of knowledge."""


class OverlapError(Exception):
    """Two periods of one key cover one day: the rule was broken, so nothing is written."""


def slots_of(timeline: Timeline) -> dict[Slot, Period]:
    """The rows that a term's timeline asks for. Raises `OverlapError`."""
    found: dict[Slot, Period] = {}
    for layer, periods in ((IN_FORCE, timeline.in_force), (BENEATH, timeline.beneath)):
        previous: Period | None = None
        for period in periods:
            if previous is not None and (
                previous.effective_to is None or previous.effective_to > period.effective_from
            ):
                raise OverlapError(f"{previous} and {period}")
            found[layer, period.effective_from] = period
            previous = period
    return found


class Row:
    """One period on two clocks; `recorded_to` is excluded, `None` while it holds."""

    __slots__ = ("layer", "of", "period", "recorded_from", "recorded_to")

    def __init__(
        self, of: "Consultation", layer: str, period: Period, recorded_from: datetime
    ) -> None:
        self.of = of
        self.layer = layer
        self.period = period
        self.recorded_from = recorded_from
        self.recorded_to: datetime | None = None


class Consultation:
    """The entries of one consultation, and the rows that hold after them.

    `exercise` is the one whose scope its terms reach; a consultation is about one. `employed_on`
    has the day on which one must be employed, by the entry that names one.
    """

    __slots__ = ("employed_on", "entries", "exercise", "holding", "stream")

    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.exercise = ""
        self.entries = Entries()
        self.employed_on: dict[UUID, date] = {}
        self.holding: dict[Key, dict[Slot, Row]] = {}

    def take(self, entries: Iterable[Entry], at: datetime) -> tuple[list[Row], list[Row]]:
        """Let one command's entries change the rows: those that end, and those that begin."""
        touched: set[Key] = set()
        for entry in entries:
            touched |= self.entries.add(entry)
        ended: list[Row] = []
        begun: list[Row] = []
        for key in sorted(touched):
            before = self.holding.get(key, _NONE)
            now: dict[Slot, Row] = {}
            for slot, period in slots_of(self.entries.timeline(key)).items():
                row = before.get(slot)
                if row is None or row.period != period:
                    row = Row(self, slot[0], period, at)
                    begun.append(row)
                now[slot] = row
            for slot, row in before.items():
                if now.get(slot) is not row:
                    row.recorded_to = at
                    ended.append(row)
            self.holding[key] = now
        return ended, begun


_NONE: Mapping[Slot, Row] = {}

_COLUMNS = (
    "consultation",
    "exercise",
    "term",
    "layer",
    "effective_from",
    "effective_to",
    "recorded_from",
    "recorded_to",
    "value",
    "event_id",
    "corrected_by",
    "content_recorded_at",
    "basis",
    "temporary",
    "employed_on",
)
_END = """
UPDATE collective_term AS c SET recorded_to = ended.at
FROM unnest(%s::text[], %s::text[], %s::text[], %s::date[], %s::timestamptz[])
     AS ended (consultation, term, layer, effective_from, at)
WHERE c.consultation = ended.consultation AND md5(c.term) = md5(ended.term)
  AND c.layer = ended.layer AND c.effective_from = ended.effective_from
  AND c.recorded_to = 'infinity'
"""


def end_rows(conn: Conn, rows: Iterable[Row]) -> None:
    """Give rows that are in the table the instant at which they end.

    Raises `LookupError` where they are not there: the read model must be made anew.
    """
    ended = [
        (
            row.of.stream,
            to_text(row.period.key.name),
            row.layer,
            row.period.effective_from,
            row.recorded_to,
        )
        for row in rows
    ]
    if not ended:
        return
    found = conn.execute(_END, [list(column) for column in zip(*ended, strict=True)]).rowcount
    if found != len(ended):
        raise LookupError(f"{len(ended)} rows were to end, {found} are there: rebuild")


def write_rows(conn: Conn, rows: Iterable[Row]) -> None:
    """Write rows as they are in the end."""
    copy_lines(conn, "collective_term", _COLUMNS, map(_line, rows))


def _line(row: Row) -> str:
    period = row.period
    return "\t".join(
        (
            row.of.stream,
            row.of.exercise,
            for_copy(period.key.name),
            row.layer,
            day_for_copy(period.effective_from),
            day_for_copy(period.effective_to),
            instant_for_copy(row.recorded_from),
            INFINITY if row.recorded_to is None else instant_for_copy(row.recorded_to),
            for_copy(period.value),
            period.event_id.hex,
            NULL if period.corrected_by is None else period.corrected_by.hex,
            instant_for_copy(period.recorded_at),
            basis_for_copy(period.basis),
            "t" if period.temporary else "f",
            _day(row.of.employed_on.get(period.event_id)),
        )
    )


def _day(employed_on: date | None) -> str:
    return NULL if employed_on is None else employed_on.isoformat()


# --- reading -----------------------------------------------------------------------------------

TERMS_TOLD = """json_agg(json_build_array(
        term, exercise, layer, value, effective_from, effective_to, event_id, corrected_by,
        content_recorded_at, basis, temporary, employed_on,
        employed_on IS NULL OR EXISTS (
            SELECT FROM position_sheet AS s
            WHERE s.staff_number = %(staff_number)s
              AND s.assignment <> '' AND s.employer IS NOT NULL
              AND s.effective_from <= employed_on AND employed_on < s.effective_to
              AND s.recorded_from <= %(known_at)s AND %(known_at)s < s.recorded_to)
        ) ORDER BY effective_from)::text"""
"""Rows of the table as one text, for `read_terms`; last in each, whether it reaches the person."""


@dataclass(frozen=True, slots=True)
class CollectiveTerm:
    """A row as an answer takes it; `reached`: it does reach the person who was asked about."""

    term: str
    exercise: str
    is_beneath: bool
    held: Held
    employed_on: date | None
    reached: bool


def read_terms(rows: str) -> Iterator[CollectiveTerm]:
    """The rows that `TERMS_TOLD` made one text of."""
    for row in from_json(rows):
        term, exercise, layer, value, start, end, event_id, corrected_by, at, *rest = row
        basis, temporary, employed_on, reached = rest
        yield CollectiveTerm(
            from_text(term),
            exercise,
            layer == BENEATH,
            Held(
                from_text(value),
                date.fromisoformat(start),
                None if end == INFINITY else date.fromisoformat(end),
                UUID(event_id),
                None if corrected_by is None else UUID(corrected_by),
                datetime.fromisoformat(at).astimezone(UTC),
                None if basis is None else read_basis(basis),
                temporary,
            ),
            None if employed_on is None else date.fromisoformat(employed_on),
            reached,
        )

"""What one line of a history may say: the columns of a CSV, the fields of an NDJSON object.

One line is one act of one person in an older system. The facets are columns under the contract's
own names. Which act may say what is in `ACTS`; anything else on such a line is a fault, because
it would otherwise be lost without a word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from transfer.core.words import Facet


class HistoricAct(StrEnum):
    """What an older system recorded of somebody."""

    REGISTRATION = "registration"
    CHANGE = "change"
    TERM = "term"
    CORRECTION = "correction"
    ANNULMENT = "annulment"


@dataclass(frozen=True, slots=True)
class HistoryColumn:
    """One column: its name, its meaning, and whether what stands in it is never repeated."""

    name: str
    meaning: str
    personal: bool = False


COLUMNS: tuple[HistoryColumn, ...] = (
    HistoryColumn("staff_number", "whose act; on every line"),
    HistoryColumn("act", "registration, change, term, correction or annulment; on every line"),
    HistoryColumn("recorded_on", "the day on which the source says it recorded this; every line"),
    HistoryColumn("source", "the older system; on every line unless --source names it"),
    HistoryColumn("ref", "a name for this line, once per person, for a later line's `of`"),
    HistoryColumn("of", "the ref of the line that a correction or an annulment is about"),
    HistoryColumn("effective_from", "the first day in force; on every line but an annulment"),
    HistoryColumn("effective_to", "makes a change or term temporary: the first day after it"),
    HistoryColumn("assignment", "which of concurrent jobs; main unless given"),
    *(HistoryColumn(facet.value, "a facet's value, taken as it stands") for facet in Facet),
    HistoryColumn("ends", "facets that end from that day, their names parted by blanks"),
    HistoryColumn("term", "the term that is granted, varied or ended"),
    HistoryColumn("value", "the term's value; blank ends the term"),
    HistoryColumn("reason", "why, in the source's words"),
    HistoryColumn("rulebook", "the rulebook that it rests on"),
    HistoryColumn("clause", "its clause"),
    HistoryColumn("document", "the document that it rests on"),
    HistoryColumn("name", "the person's name, on the registration alone", personal=True),
    HistoryColumn("date_of_birth", "on the registration alone", personal=True),
    HistoryColumn("continuous_service_from", "on the registration alone; not after effective_from"),
)

COLUMN_NAMES: tuple[str, ...] = tuple(column.name for column in COLUMNS)
PERSONAL: frozenset[str] = frozenset(column.name for column in COLUMNS if column.personal)
NEEDED: tuple[str, ...] = ("staff_number", "act", "recorded_on")
"""Without these columns a CSV is no history."""

FACETS: Mapping[str, Facet] = MappingProxyType({facet.value: facet for facet in Facet})

_ALWAYS = frozenset({*NEEDED, "source", "ref", "reason", "rulebook", "clause", "document"})
_DATED = _ALWAYS | {"effective_from", "effective_to"}
_FACETS = frozenset({"assignment", "ends", *FACETS})
_TERM = frozenset({"term", "value"})

ACTS: Mapping[HistoricAct, frozenset[str]] = MappingProxyType(
    {
        HistoricAct.REGISTRATION: (
            (_DATED | _FACETS | PERSONAL | {"continuous_service_from"})
            - {"effective_to", "ends", "reason"}
        ),
        HistoricAct.CHANGE: _DATED | _FACETS,
        HistoricAct.TERM: _DATED | _TERM,
        HistoricAct.CORRECTION: _DATED | _FACETS | _TERM | {"of"},
        HistoricAct.ANNULMENT: _ALWAYS | {"of"},
    }
)
"""What a line of each act may say."""

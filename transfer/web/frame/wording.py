"""Dates, instants and the record's names as the office writes them."""

import re
from datetime import date, datetime, timedelta

from transfer.core.dating.calendars import end_of_day_london, in_london
from transfer.core.words import MAIN, Confidence
from transfer.questions.history import ValueChanged

_NAMES = {"fte": "FTE", "hr_process_owner": "HR process owner"}
_FACTS = {"entry-annulled": "Entry cancelled"}
"""What happened, where the stored name has a word that the pages do not use."""

_CONFIDENCE = {
    Confidence.SOURCE: "read in a source",
    Confidence.GENERAL: "general knowledge, not read in a source",
    Confidence.INFERRED: "inferred, not read in a source",
    Confidence.NOT_FOUND: "no document seen",
}

PLACES = {
    "with-transferor": "with the old employer",
    "left": "left before the transfer",
    "ended-by-objection": "employment ended after an objection",
    "ended-by-dissolution": "employment ended when the old employer was dissolved",
}
"""Where somebody is who was not moved; anything else is the id of a new employer."""


_DAY = re.compile(r"(?<![\w-])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![\w-])", re.ASCII)


def facet_text(name: str) -> str:
    """What a facet or a term is called, e.g. `Paid band`."""
    return _NAMES.get(name) or name.replace("_", " ").replace("-", " ").capitalize()


def fact_text(stored_name: str) -> str:
    """What happened, from a fact's stored name: `position-changed.v1` is `Position changed`."""
    name = stored_name.partition(".")[0]
    return _FACTS.get(name) or name.replace("-", " ").capitalize()


def confidence_text(confidence: Confidence) -> str:
    """How surely something is known, in words."""
    return _CONFIDENCE[confidence]


def day_text(day: date) -> str:
    """A date as the office writes it, e.g. `1 Jun 2014`."""
    return f"{day.day} {day:%b} {day.year}"


def days_worded(text: str) -> str:
    """A text of the record with its days as the office writes them: `on 2014-06-01` is `on 1 Jun
    2014`. What has the form of a day and is none stays."""

    def worded(found: re.Match[str]) -> str:
        try:
            return day_text(date.fromisoformat(found[0]))
        except ValueError:
            return found[0]

    return _DAY.sub(worded, text)


def days_text(start: date, end: date | None) -> str:
    """The days of a period, told by its last day: the record keeps the first day after it."""
    since = f"from {day_text(start)}"
    if end is None:
        return f"{since} onward"
    return f"{since} to the end of {day_text(end - timedelta(days=1))}"


def stood_text(known_at: datetime) -> str:
    """How far an answer goes by what was known then; the end of a day is that day."""
    local = in_london(known_at)
    if known_at == end_of_day_london(local.date()):
        return f"as the record stood on {day_text(local.date())}"
    return f"as the record stood on {day_text(local.date())} at {local:%H:%M}"


def instant_text(instant: datetime) -> str:
    """An instant as London's clocks showed it, to the minute, e.g. `10 Jun 2014, 09:30`."""
    local = in_london(instant)
    return f"{day_text(local.date())}, {local:%H:%M}"


def time_text(instant: datetime) -> str:
    """The time of day of an instant in London, e.g. `09:30`."""
    return f"{in_london(instant):%H:%M}"


def knowledge_text(start: datetime, end: datetime | None) -> str:
    """From when until when the record said something."""
    since = f"from {instant_text(start)}"
    return f"{since} to this day" if end is None else f"{since} until {instant_text(end)}"


def value_text(value: str | None) -> str:
    """A value, or that there is none; a day as the office writes it."""
    if value is None:
        return "no value"
    return days_worded(value) if _DAY.fullmatch(value) else value


def changed_text(change: ValueChanged) -> str:
    """Days that read otherwise since an entry, e.g. `Band: 4 → 5, from 1 Jun 2014 onward`."""
    name = facet_text(change.facet.value if change.facet else change.term or "")
    if change.assignment not in (None, MAIN):
        name += f" ({change.assignment})"
    values = f"{value_text(change.before)} → {value_text(change.after)}"
    return f"{name}: {values}, {days_text(change.effective_from, change.effective_to)}"

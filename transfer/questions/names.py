"""By what name does somebody go, on which day, known when? The names are read from the vault."""

from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from transfer.core.record.names import (
    REGISTERED_NAME,
    NameEntry,
    NamePeriod,
    StaffNamed,
    name_of,
    name_on,
    name_periods,
)
from transfer.core.record.staff import StaffRegistered
from transfer.procedures.facts import Fact


def field_of_name(entries: Iterable[NameEntry], on: date) -> str:
    """The field of the person's vault that has their name on a day; `entries` are what the record
    said of names at the instant that was asked about."""
    given = name_on(name_periods(entries), on)
    return REGISTERED_NAME if given is None else name_of(given)


def field_of_period(period: NamePeriod) -> str:
    """The field of the person's vault that has the name of these days."""
    return REGISTERED_NAME if period.event_id is None else name_of(period.event_id)


def name_given_by(personal: Mapping[str, str] | None, event_id: UUID, fact: Fact) -> str | None:
    """The name that one event gives, for the history; `None` for any other event, or erased."""
    match fact:
        case StaffRegistered():
            return (personal or {}).get(REGISTERED_NAME)
        case StaffNamed():
            return (personal or {}).get(name_of(event_id))
        case _:
            return None

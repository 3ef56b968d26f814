"""By what name somebody goes on which day. The names themselves lie in the vault.

A name is dated like a standing value: it holds from its day until the next one, and of two for one
day the one recorded last holds. Before the first of them the name given at registration holds.

Order of the file: where a name lies, the fact, then what is asked of several.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from transfer.core.dating.effective_dating import Resolution, standing_stretches
from transfer.core.words import Basis, Commitment, Frozen

# --- where a name lies -------------------------------------------------------------------------

REGISTERED_NAME = "name"
"""The field of the person's vault that has the name given at registration."""


def name_of(event_id: UUID) -> str:
    """The field of the person's vault that has the name that an event gives."""
    return f"{REGISTERED_NAME}.{event_id}"


def is_name(field: str) -> bool:
    """Whether a field of the person's vault has a name of theirs."""
    return field.partition(".")[0] == REGISTERED_NAME


# --- fact --------------------------------------------------------------------------------------


class StaffNamed(Frozen):
    """The person goes by another name from a day.

    The name is in the vault, under this event. `of` is the earlier such event whose place this one
    takes, where it was mistaken.
    """

    effective_from: date
    commitment: Commitment
    of: UUID | None = None
    reason: str
    basis: Basis | None = None


# --- the name on a day -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameEntry:
    """One event about names: it gives one, puts one right (`of`), or annuls (no day)."""

    event_id: UUID
    effective_from: date | None
    of: UUID | None = None

    @property
    def annuls(self) -> bool:
        """Whether it takes the effect of `of` away."""
        return self.effective_from is None


class NamePeriod(NamedTuple):
    """The days on which a name holds; `event_id` has it, `None` is the registration.

    `effective_from` is `None` for the name given at registration, which holds before all others.
    """

    event_id: UUID | None
    effective_from: date | None
    effective_to: date | None


@dataclass(frozen=True, slots=True)
class _Dated:
    order: int
    effective_from: date
    event_id: UUID
    effective_to: None = None


def name_periods(entries: Iterable[NameEntry]) -> tuple[NamePeriod, ...]:
    """By which name somebody goes from when until when, from events in log order.

    An annulment of anything else than a name must not be among them.
    """
    resolution: Resolution[NameEntry] = Resolution()
    given: dict[UUID, _Dated] = {}
    for entry in entries:
        root, order, content = resolution.add(entry)
        given.pop(root, None)
        if content is not None and content.effective_from is not None:
            given[root] = _Dated(order, content.effective_from, content.event_id)
    periods = [
        NamePeriod(each.event_id, start, end)
        for each, start, end in standing_stretches(given.values())
    ]
    registered = NamePeriod(None, None, periods[0].effective_from if periods else None)
    return (registered, *periods)


def name_on(periods: Iterable[NamePeriod], on: date) -> UUID | None:
    """The event that gives the name of a day; `None`: the registration."""
    return next(
        (
            each.event_id
            for each in periods
            if each.effective_from is not None
            and each.effective_from <= on
            and (each.effective_to is None or on < each.effective_to)
        ),
        None,
    )

"""Give duties to somebody, take them back, excuse that they are not done, withdraw the excuse.

Several duties are one command: all of it is recorded, or none.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from transfer.commands.documents import require_registered
from transfer.commands.office import Act, New, Office
from transfer.core import duties
from transfer.core.documents import DOCUMENT_ID
from transfer.core.duties import Care, Duty, DutyFact
from transfer.core.streams import duty_stream
from transfer.log.envelope import Receipt, Recorded
from transfer.procedures.facts import Fact


@dataclass(frozen=True, slots=True)
class DutiesEntered:
    """What such a command answers: the first of its events, and when they were recorded."""

    event_id: UUID
    recorded_at: datetime


def delegate(
    office: Office,
    act: Act,
    of: Sequence[Duty],
    *,
    to: str | None,
    until: date | None,
    reason: str,
    today: date,
) -> DutiesEntered:
    """Give duties to a subject of tokens up to a day and on it; `to=None` takes them back.

    Raises `Conflict`, `Malformed`, `KeyReused`.
    """

    def decide(care: Care, duty: Duty) -> DutyFact:
        if to is None:
            return duties.take_back(care, duty, reason)
        return duties.delegate(duty, to, until, reason, today)

    return _record(office, act, of, decide)


def excuse(
    office: Office,
    act: Act,
    of: Sequence[Duty],
    *,
    reason: str,
    document: str | None,
    withdrawn: bool,
) -> DutiesEntered:
    """Excuse duties, or withdraw their excuses. A `document` may be one of the register.

    Raises `Conflict`, `Malformed` (also for a document that the register does not have),
    `KeyReused`.
    """

    def decide(care: Care, duty: Duty) -> DutyFact:
        if withdrawn:
            return duties.withdraw(care, duty, reason)
        if document is not None and re.fullmatch(DOCUMENT_ID, document):
            require_registered(office, document)
        return duties.excuse(duty, reason, document)

    return _record(office, act, of, decide)


def care_of(duty: Duty, events: Sequence[Recorded[Fact]]) -> Care:
    """Who takes care of a duty, from the events of its stream."""
    care = Care()
    for recorded in events:
        if isinstance(recorded.fact, DutyFact) and recorded.position > duty.first_place:
            duties.evolve(care, recorded.fact)
    return care


def _record(
    office: Office, act: Act, of: Sequence[Duty], decide: Callable[[Care, Duty], DutyFact]
) -> DutiesEntered:
    by_stream = {duty_stream(duty.named.id): duty for duty in of}

    def attempt() -> Receipt | None:
        before = office.log.read_many([*by_stream])
        new: list[New] = [
            (stream, len(before[stream]), decide(care_of(duty, before[stream]), duty))
            for stream, duty in by_stream.items()
        ]
        return office.append(new, act)

    receipt = office.first_answer(act) or office.persist(attempt, about="duties")
    if receipt is None:
        raise AssertionError("a delegation or an excuse always comes to a fact")
    return DutiesEntered(receipt.events[0][2], receipt.recorded_at)

"""Leaving: the end of an assignment, and of what would bring the person back, in one command."""

from dataclasses import dataclass

from transfer.commands.office import Act, Office
from transfer.commands.record import Entered
from transfer.core.dating.effective_dating import Entries
from transfer.core.record import leaving as leavings
from transfer.core.record.entries import Leaving
from transfer.core.record.leaving import Later, LaterEntry, warnings_of_leaving


@dataclass(frozen=True, slots=True)
class Left:
    """What a leaving came to; `back` is what would have brought the person back, as it was found.

    `after` are the person's entries once the leaving is on record.
    """

    entered: Entered
    back: tuple[LaterEntry, ...]
    warnings: tuple[str, ...]
    after: Entries


def leave(
    office: Office, act: Act, staff_number: str, leaving: Leaving, later: Later | None
) -> Entered:
    """Record that somebody leaves an assignment, and what becomes of what would bring them back.

    Raises what the decision raises, `KeyReused` and `StaleVersion`.
    """
    receipt = office.record_person(
        staff_number,
        act,
        lambda person: leavings.leave(person.record, person.entries, leaving, later),
    )
    return Entered.from_receipt(staff_number, receipt)


def came_to(office: Office, entered: Entered, leaving: Leaving, later: Later | None) -> Left:
    """What a leaving that is on record came to, by the record as it found it.

    So a repeated command is told what it was told the first time.
    """
    number = entered.staff_number
    before = office.person_at(number, entered.version - 1)
    return Left(
        entered,
        leavings.brings_back(before.entries, leaving),
        warnings_of_leaving(before.entries, leaving, later),
        # What it ended besides is recorded after the leaving itself.
        office.person_known(number, entered.recorded_at).entries,
    )

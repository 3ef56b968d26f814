"""What is put on record of the cases of a register.

A case is known by its reference alone; nothing of the person whom it is about is on record here.
"""

from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.words import StaffNumber

CaseReference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""The reference of a case in the office's own system, e.g. `LDN-204471`; never a name."""


class CaseRegisterBegun(BegunUnderEdition):
    """A register of cases begins, such as that of a unit."""

    title: str


class CasesOpened(MatterFact):
    """Cases are live from a day on, held by an organisation; `manager` where they have one."""

    cases: tuple[CaseReference, ...]
    held_by: str
    manager: StaffNumber | None = None
    effective_from: date


class CasesAllocated(MatterFact):
    """Another organisation holds these cases from a day on. Their managers stay as they are."""

    cases: tuple[CaseReference, ...]
    held_by: str
    effective_from: date


class HandoverOffered(MatterFact):
    """Cases are offered to another manager, who is not responsible before accepting them.

    `effective_from` is the first day from which it may hold, `answer_by` the last day to answer.
    """

    handover: str
    cases: tuple[CaseReference, ...]
    manager: StaffNumber
    effective_from: date | None = None
    answer_by: date | None = None


class HandoverAccepted(MatterFact):
    """The other manager accepts, and is responsible from a day on."""

    handover: str
    cases: tuple[CaseReference, ...]
    manager: StaffNumber
    effective_from: date


class HandoverRefused(MatterFact):
    """The other manager does not accept: nothing changes."""

    handover: str
    reason: str


class HandoverLapsed(MatterFact):
    """The day to answer is over without an answer: nothing changes."""

    handover: str


class CoverArranged(MatterFact):
    """Somebody is responsible in place of the manager for a time; `effective_to` is excluded."""

    cases: tuple[CaseReference, ...]
    manager: StaffNumber
    effective_from: date
    effective_to: date | None = None


class ManagerStated(MatterFact):
    """It is found that somebody was responsible on these days; `effective_to` is excluded.

    `in_place_of` was not, on those days. Without it, both are on record.
    """

    cases: tuple[CaseReference, ...]
    manager: StaffNumber
    in_place_of: StaffNumber | None = None
    effective_from: date
    effective_to: date | None = None


class ManagerRemoved(MatterFact):
    """It is found that somebody was not responsible on these days; `effective_to` is excluded.

    `left_without` are the cases that nobody has on the day of the act.
    """

    cases: tuple[CaseReference, ...]
    manager: StaffNumber
    effective_from: date
    effective_to: date | None = None
    left_without: tuple[CaseReference, ...] = ()


class CasesWithoutManager(MatterFact):
    """The record of a manager shows that they cannot be responsible from a day on."""

    cases: tuple[CaseReference, ...]
    manager: StaffNumber
    effective_from: date
    because: str


class ManagerInPlace(MatterFact):
    """The record of a manager shows that they can be responsible after all."""

    cases: tuple[CaseReference, ...]
    manager: StaffNumber


class CasesClosed(MatterFact):
    """Cases are closed: nobody is responsible for them from a day on."""

    cases: tuple[CaseReference, ...]
    effective_from: date

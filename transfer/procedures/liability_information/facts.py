"""What is put on record of liability information.

The values that were given are not kept here: a draft says which day it describes and up to which
instant the record was known, so that the same can be asked again (`as_at`, `known_at`).
"""

from datetime import date

from pydantic import AwareDatetime

from transfer.core.editions.rules import BegunUnderEdition
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned
from transfer.core.words import StaffNumber


class LiabilityInformationBegun(BegunUnderEdition):
    """The old employer owes the new one information about the people who move.

    `due` is the last day to give it, by the law for transfers on `transfer_on`; `owner` and
    `owed_to` are who they are in the edition's words.
    """

    transferor: str
    transferee: str
    transfer_on: date
    owner: str
    owed_to: str
    due: Reckoned


class LiabilityTransferMoved(MatterFact):
    """The transfer is on another day, and so is the last day to give the information."""

    before: date
    transfer_on: date
    due: Reckoned


class SpecialCircumstancesNoted(MatterFact):
    """It could not be given in time: it is owed as soon as can reasonably be done, without a day.

    `would_have_been` is the last day that it replaces.
    """

    because: str
    would_have_been: Reckoned
    due: Reckoned


class LiabilityDraftPrepared(MatterFact):
    """A draft was drawn from the record, as at a day and as known at an instant.

    `held` has a digest of what is held of each person, `missing` who lacks what, by the edition's
    ids; `documents_missing` are titles of documents that would be there for everybody.
    """

    draft: int
    as_at: date
    known_at: AwareDatetime | None
    held: dict[StaffNumber, str]
    not_employed: tuple[StaffNumber, ...] = ()
    missing: dict[str, tuple[StaffNumber, ...]]
    documents_missing: tuple[str, ...] = ()


class LiabilityDraftChecked(MatterFact):
    """Somebody checked a draft: what it lacks is named, and how many it lacks it of."""

    draft: int
    lacks: dict[str, int]
    remarks: str = ""


class LiabilityInformationDelivered(MatterFact):
    """Items of a draft were given to the new employer, `via` somebody else where that is so.

    `items` are those given now, `outstanding` those that are still owed; `digest` is the SHA-256
    of what was sent, in hexadecimal.
    """

    delivery: int
    draft: int
    items: tuple[str, ...]
    outstanding: tuple[str, ...] = ()
    via: str = ""
    received_on: date | None = None
    digest: str | None = None


class LiabilityReceiptNoted(MatterFact):
    """The new employer received a delivery on a day."""

    delivery: int
    received_on: date


class LiabilityChangesFound(MatterFact):
    """Of these people the record says otherwise now than what was given: that is to be notified.

    `held` has the digest of what is held of each now; `gone` are those whom the old employer does
    not employ any more.
    """

    as_at: date
    held: dict[StaffNumber, str]
    gone: tuple[StaffNumber, ...] = ()


class LiabilityChangesNotified(MatterFact):
    """The new employer was told of the changes that were found."""

    people: tuple[StaffNumber, ...]
    via: str = ""
    received_on: date | None = None
    digest: str | None = None

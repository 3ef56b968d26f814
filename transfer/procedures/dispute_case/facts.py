"""What is put on record of a dispute before a panel, on the stream of the case.

People are named by staff number, members of the panel by the subject of their token, and nobody by
name. What the panel may read follows from these facts: whose record (`people`), of which days in
force, and as known on which days (`DatesInScope`); and who may not read by it (`InterestFound`,
`InterestDeclared`, `InterestDecided`).
"""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import StringConstraints

from transfer.core.matter.facts import MatterBegun, MatterFact
from transfer.core.words import Frozen, StaffNumber, Subject

# --- what the facts are made of -----------------------------------------------------------------


class DatesInScope(Frozen):
    """Which days the panel may ask about, the first and the last included; `None`: without end.

    `first_day` to `last_day` are days on which something is in force, `known_from` to `known_until`
    days on which the record is asked as it stood.
    """

    first_day: date
    last_day: date | None = None
    known_from: date
    known_until: date | None = None


class Side(StrEnum):
    """As what a party is in the dispute."""

    CLAIMANT = "claimant"
    RESPONDENT = "respondent"
    REPRESENTATIVE = "representative"
    WITNESS = "witness"


class KnownBy(StrEnum):
    """By what a party is known: a staff number, the subject of a token, or as an organisation."""

    STAFF_NUMBER = "staff-number"
    SUBJECT = "subject"
    ORGANISATION = "organisation"


PartyId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=255)]


class Party(Frozen):
    """Somebody in the dispute (`party`): a member of staff or a user by number or subject, an
    employer or a union as an organisation. Never the name of a person."""

    side: Side
    known_by: KnownBy
    party: PartyId


class Member(Frozen):
    """A member of the panel: the subject of their token, and the staff number that they have, or
    the subject again where they are not staff."""

    subject: Subject
    staff_number: str


class Interest(StrEnum):
    """Why a member of the panel may not be free to judge.

    `on-the-case`: it is about their own record.
    """

    ON_THE_CASE = "on-the-case"
    PARTY = "party"
    WITNESS = "witness"
    LINE_MANAGER = "line-manager"
    REPRESENTATIVE = "representative"
    OTHER = "other"


# --- the facts ----------------------------------------------------------------------------------


class DisputeCaseOpened(MatterBegun):
    """A dispute is before a panel: about whom, between whom, who judges, and which days they may
    ask about."""

    people: tuple[StaffNumber, ...]
    parties: tuple[Party, ...]
    members: tuple[Member, ...]
    dates: DatesInScope


class PeopleAddedToCase(MatterFact):
    """The dispute is about these people as well."""

    people: tuple[StaffNumber, ...]


class PeopleRemovedFromCase(MatterFact):
    """The dispute is about these people no more: the panel reads nothing of them from now on."""

    people: tuple[StaffNumber, ...]


class PartiesAddedToCase(MatterFact):
    """These are parties or witnesses as well."""

    parties: tuple[Party, ...]


class PartiesRemovedFromCase(MatterFact):
    """These are parties or witnesses no more."""

    parties: tuple[Party, ...]


class MembersAddedToCase(MatterFact):
    """These judge as well."""

    members: tuple[Member, ...]


class MembersRemovedFromCase(MatterFact):
    """These judge no more."""

    subjects: tuple[Subject, ...]


class DatesOfCaseChanged(MatterFact):
    """The panel may ask about other days than `before`."""

    before: DatesInScope
    dates: DatesInScope


class InterestFact(MatterFact):
    """A member of the panel has an interest: in the record of whom, where it is somebody's.

    From then on they may not read by the case, until it is decided.
    """

    subject: Subject
    interest: Interest
    concerning: str = ""


class InterestDeclared(InterestFact):
    """The member said so, or the office for them."""


class InterestFound(InterestFact):
    """The record says so: they are a party, line manager or representative of somebody."""


class InterestDecided(MatterFact):
    """Whether a member may sit all the same; that they are barred holds whatever they declared."""

    subject: Subject
    may_sit: bool


class DisputeCaseClosed(MatterFact):
    """The dispute is over: nobody reads by it from now on."""


class DisputeCaseReopened(MatterFact):
    """The dispute goes on."""

    closed_on: date

"""What is put on record of an appointment, on the stream of the member who appoints.

A representative is known by the subject of their token, and by no name. The instant from which
somebody may read because of an appointment, and the one at which that ends, are those of the
record; the days say besides when the appointment itself runs.
"""

from datetime import date
from enum import StrEnum

from transfer.core.matter.facts import MatterBegun, MatterFact
from transfer.core.words import Subject


class Scope(StrEnum):
    """What somebody is appointed for."""

    EVERYTHING = "everything"
    RECORD = "record"
    PROCEDURES = "procedures"


class RepresentativeAppointed(MatterBegun):
    """A member of staff lets somebody act for them, from a day on, up to and excluding another."""

    representative: Subject
    scopes: tuple[Scope, ...]
    effective_from: date
    effective_to: date | None = None


class RepresentativeDismissed(MatterFact):
    """They act for the member no more: from the day on which it happened, and for nobody who reads
    from the instant on at which it is on record."""

    representative: Subject

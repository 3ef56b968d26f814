"""The words of `tr-2013` by name, for tests: a slip of the pen is then found by the type checker.

The program knows none of them: to it they are texts that an edition gives a meaning to.
"""

from enum import StrEnum


class Destination(StrEnum):
    """Where the assignment of 2013 could send somebody."""

    NPS = "NPS"
    CRC = "CRC"


class Route(StrEnum):
    """The rows of its table."""

    AUTOMATIC = "automatic"
    LOCAL_EVIDENCE = "local-evidence"
    EXPRESSION_OF_INTEREST = "expression-of-interest"
    RANDOM_ADMINISTRATIVE = "random-administrative"


class Window(StrEnum):
    """Its windows."""

    RESPONSE = "response"
    APPEAL = "appeal"


class Response(StrEnum):
    """What staff could answer."""

    ACKNOWLEDGED = "acknowledged"
    RIGHTS_RESERVED = "rights-reserved"


class MilestoneName(StrEnum):
    """The days of its plan."""

    ASSIGNMENT_STARTS = "assignment-starts"
    PEOPLE_TRANSITION_COMPLETE = "people-transition-complete"
    TRUSTS_CEASE_TO_EMPLOY = "trusts-cease-to-employ"
    TRANSFER = "transfer"
    DISSOLUTION = "dissolution"


class Happening(StrEnum):
    """What happened between the sides, and to the plan."""

    ENDORSEMENT_REFUSED = "endorsement-refused"
    IMPLEMENTATION_REQUIRED = "implementation-required"
    MEETING_WITHOUT_AGREEMENT_REFERRED_TO_CONCILIATION = (
        "meeting-without-agreement-referred-to-conciliation"
    )
    IMPROVED_DRAFT = "improved-draft"
    CIRCULARS_ISSUED_OFFER_CONDITIONAL = "circulars-issued-offer-conditional"
    TRANSFER_DATE_RESET = "transfer-date-reset"
    RATIFICATION = "ratification"
    TRUSTS_CEASE_TO_EMPLOY = "trusts-cease-to-employ"
    TRANSFER = "transfer"
    DISSOLUTION = "dissolution"

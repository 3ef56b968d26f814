"""The words of the field: the value types and enumerations that every other module speaks.

Two clocks run through all of it. `effective_…` says when something is in force (a date);
`recorded_at` says when the record learned it (an instant, kept on the log's envelope).
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints


class Frozen(BaseModel):
    """A value: immutable, and closed to fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


StaffNumber = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""The stable public name of one staff member's stream, e.g. `S10442`; never personal data."""

ExerciseId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""The name of one transfer exercise, e.g. `tr-2013.london`."""

AssignmentName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""Which of a person's concurrent jobs: `main` unless they hold several."""

MAIN: AssignmentName = "main"


class Facet(StrEnum):
    """One independently dated part of a position (contract, "Words")."""

    EMPLOYER = "employer"
    UNIT = "unit"
    POST = "post"
    ROLE = "role"
    BAND = "band"
    PAID_BAND = "paid_band"
    PAY_POINT = "pay_point"
    TERMS_SET = "terms_set"
    WORKPLACE = "workplace"
    FTE = "fte"
    LINE_MANAGER = "line_manager"
    HR_PROCESS_OWNER = "hr_process_owner"
    PROFESSIONAL_SUPERVISOR = "professional_supervisor"


FacetValues = Mapping[Facet, str | None]
"""Facet values as given; `None` ends the facet from the day it takes effect."""


class Confidence(StrEnum):
    """How surely a value is known (the rules catalogue's own letters)."""

    SOURCE = "S"
    GENERAL = "G"
    INFERRED = "I"
    NOT_FOUND = "X"


class Basis(Frozen):
    """Why: the rulebook edition, clause and document that something rests on.

    `assumptions` names every clause value that a rehearsal assumed and this rests on
    (`"TR-11b=10wd"`): whoever shows the thing shows these too.
    """

    rulebook: str | None = None
    clause: str | None = None
    document: str | None = None
    confidence: Confidence | None = None
    assumptions: tuple[str, ...] = ()


class Attested(Frozen):
    """What an older system claims about when it recorded something (architecture, 3)."""

    source: str
    recorded_on: date


class Mechanism(StrEnum):
    """What kind of move it is in law; decides which clauses bite (rules 0.1)."""

    OMA_STS = "OMA_STS"
    TUPE = "TUPE"
    COSOP_ONLY = "COSOP_ONLY"
    LINE_MGMT_ONLY = "LINE_MGMT_ONLY"
    REGRADE = "REGRADE"
    REDEPLOY = "REDEPLOY"
    VOLUNTARY_MOVE = "VOLUNTARY_MOVE"
    STATUTORY_SCHEME = "STATUTORY_SCHEME"


class Destination(StrEnum):
    """Where the 2013 assignment could send somebody."""

    NPS = "NPS"
    CRC = "CRC"


class Route(StrEnum):
    """By which route an assignment was made, in the order in which they are tried (TR-08)."""

    AUTOMATIC = "automatic"
    LOCAL_EVIDENCE = "local-evidence"
    EXPRESSION_OF_INTEREST = "expression-of-interest"
    RANDOM_ADMINISTRATIVE = "random-administrative"


class Window(StrEnum):
    """A span of days after the letter in which the person may act."""

    RESPONSE = "response"
    APPEAL = "appeal"


class MilestoneName(StrEnum):
    """The days that the plan of an exercise is made of."""

    ASSIGNMENT_STARTS = "assignment-starts"
    PEOPLE_TRANSITION_COMPLETE = "people-transition-complete"
    TRUSTS_CEASE_TO_EMPLOY = "trusts-cease-to-employ"
    TRANSFER = "transfer"
    DISSOLUTION = "dissolution"


class Happening(StrEnum):
    """What can happen between the sides, or to the plan, in the course of an exercise."""

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


class OfferStatus(StrEnum):
    """Whether a term was on offer."""

    NOT_ON_OFFER = "not-on-offer"
    REFERRED_TO_CONCILIATION = "not-on-offer-referred-to-conciliation"
    CONDITIONAL = "conditional-on-ratification"
    ON_OFFER = "on-offer"


class Response(StrEnum):
    """What staff did on receiving the letter (TR-10)."""

    ACKNOWLEDGED = "acknowledged"
    RIGHTS_RESERVED = "rights-reserved"


class AppealOutcome(StrEnum):
    """What the panel decided (TR-11)."""

    UPHELD = "upheld"
    REJECTED = "rejected"


JsonScalar = str | int | float | bool | None
Side = Literal["transferor", "transferee"]
"""To whom an objection may be told (TR-14)."""

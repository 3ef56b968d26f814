"""The words of the field: the value types and enumerations that every other module speaks.

Two clocks run through all of it. `effective_…` says when something is in force (a date);
`recorded_at` says when the record learned it (an instant, kept on the log's envelope).
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)


class Frozen(BaseModel):
    """A value: immutable, and closed to fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


StaffNumber = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""The stable public name of one staff member's stream, e.g. `S10442`; never personal data."""

_STAFF_NUMBER = TypeAdapter(StaffNumber)


def is_staff_number(text: str) -> bool:
    """Whether a text has the form of a staff number."""
    try:
        _STAFF_NUMBER.validate_python(text)
    except ValidationError:
        return False
    return True


ExerciseId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""The name of one transfer exercise, e.g. `tr-2013.london`."""

CaseId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""The name of one dispute before a panel, e.g. `ET-2201234-2014`."""


def _printable(subject: str) -> str:
    if not subject.isprintable() or subject != subject.strip():
        raise ValueError("give printable characters, with no blank before or after them")
    return subject


Subject = Annotated[
    str, StringConstraints(min_length=1, max_length=255), AfterValidator(_printable)
]
"""The subject (`sub`) of somebody's token, 1 to 255 printable characters."""

AssignmentName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")]
"""Which of a person's concurrent jobs: `main` unless they hold several."""

MAIN: AssignmentName = "main"


Commitment = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""HMAC-SHA256 of words in the vault, in hexadecimal: opened by the salt that lies with them."""


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


class _WrittenAsText:
    """For an enumeration of texts: to write each as the text that it is, without a look at it.

    What is written is the same; facts, which have many, are written in half the time.
    """

    # Any: the schema types of pydantic_core are not for a module that imports nothing else.
    def __get_pydantic_core_schema__(
        self, source: type[StrEnum], handler: GetCoreSchemaHandler
    ) -> Any:
        """The schema of the enumeration, written as text."""
        return {**handler(source), "serialization": {"type": "str"}}


FacetKey = Annotated[Facet, _WrittenAsText()]
"""A facet as a key of what a fact says."""

FacetValues = Mapping[Facet, str | None]
"""Facet values as given; `None` ends the facet from the day it takes effect."""


class Confidence(StrEnum):
    """How surely a value is known (the rules catalogue's own letters)."""

    SOURCE = "S"
    GENERAL = "G"
    INFERRED = "I"
    NOT_FOUND = "X"


AssertionRef = Annotated[
    str,
    StringConstraints(
        pattern=r"^assertion:[A-Za-z0-9][A-Za-z0-9._-]{0,63}/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
    ),
]
"""What one side says about a contested fact, by the fact's id and the assertion's name:
`assertion:vlo-back-pay/unions`."""


def _none_named(names: tuple[str, ...]) -> bool:
    return not names


class Basis(Frozen):
    """Why: the rulebook edition, clause and document that something rests on.

    `assumptions` names every clause value that a rehearsal assumed and this rests on, each as
    `CLAUSE=VALUE`: whoever shows the thing shows these too. `assertions` names in the same way what
    one side says and others do not.
    """

    rulebook: str | None = None
    clause: str | None = None
    document: str | None = None
    confidence: Confidence | None = None
    assumptions: tuple[str, ...] = ()
    assertions: tuple[AssertionRef, ...] = Field((), exclude_if=_none_named)

    def resting_on(self, assertions: tuple[str, ...]) -> "Basis":
        """The same, resting on these assertions besides."""
        if not assertions:
            return self
        both = tuple(dict.fromkeys((*self.assertions, *assertions)))
        return self.model_copy(update={"assertions": both})


class Attested(Frozen):
    """What an older system claims about when it recorded something (architecture, 3).

    `ref` is its own name for that line, where it gives one.
    """

    source: str
    recorded_on: date
    ref: str | None = Field(None, exclude_if=lambda ref: ref is None)


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


PartName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""A name that an edition gives to one of its parts. The record keeps the name; what it may be is
the edition's to say, and is asked when an act is decided."""

Destination = PartName
"""Where somebody is sent: the id of a transferee of the edition."""

Route = PartName
"""By which row of the edition's table somebody is assigned."""

PathName = PartName
"""Whose letters go out together."""

WindowName = PartName
"""A span of days in which somebody may act, by its name in the edition."""

MilestoneName = PartName
"""A day of the plan, by its name in the edition."""

Happening = PartName
"""What can happen between the sides, by its name in the edition."""

Answer = PartName
"""What somebody answered to a letter, in the words that the window allows."""


class WindowKind(StrEnum):
    """What somebody may do within a window.

    An appeal is against where somebody is sent; a review is asked of anything else that a letter
    states, such as the role or the pay.
    """

    RESPONSE = "response"
    APPEAL = "appeal"
    CHOICE = "choice"
    REVIEW = "review"


class Late(StrEnum):
    """What becomes of an act that comes late."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    ADMIT = "refuse, may be admitted with a reason"


class MilestoneRole(StrEnum):
    """Which day of the procedure a milestone is."""

    START = "start"
    PEOPLE_COMPLETE = "people-complete"
    TRANSFER = "transfer"
    CEASE_TO_EMPLOY = "cease-to-employ"
    DISSOLUTION = "dissolution"


class Effect(StrEnum):
    """What a happening is to the consultation."""

    REFUSED = "endorsement refused"
    ENDORSED = "endorsement given"
    DRAFT = "draft issued"
    MEETING = "meeting"
    NOTICE = "notice"
    PLAN = "plan moved"
    DAY = "day of the plan"


class OfferStatus(StrEnum):
    """Whether a term was on offer."""

    NOT_ON_OFFER = "not-on-offer"
    REFERRED_TO_CONCILIATION = "not-on-offer-referred-to-conciliation"
    CONDITIONAL = "conditional-on-ratification"
    ON_OFFER = "on-offer"


class AppealOutcome(StrEnum):
    """What the panel decided."""

    UPHELD = "upheld"
    REJECTED = "rejected"


JsonScalar = str | int | float | bool | None
Side = Literal["transferor", "transferee"]
"""To whom an objection may be told."""

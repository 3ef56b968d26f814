"""The values that the engine speaks in: who something is about, what is due, what made a fact."""

from datetime import date
from enum import IntEnum, StrEnum
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import Field, StringConstraints

from transfer.core.words import AssertionRef, Frozen, StaffNumber

MatterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]*:[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""The name of a matter, which is also that of its stream: its kind and its id, as in `appeal:7`."""


def id_of(matter: str) -> str:
    """The id of a matter within its kind: `tr-2013` of `exercise:tr-2013`."""
    return matter.partition(":")[2]


GroupName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""The name of a group of people within a matter."""


class Named(StrEnum):
    """What a field of an act names: something that the procedure, its edition or the record has.

    It stands beside the field's type: `window: Annotated[WindowName, Named.WINDOW]`. A form lists
    what there is; the decision has the last word.
    """

    ANSWER = "answer"
    BODY = "body"
    DESTINATION = "destination"
    DOCUMENT = "document"
    DUTY = "duty"
    EDITION = "edition"
    EXERCISE = "exercise"
    GROUP = "group"
    HAPPENING = "happening"
    LETTER = "letter"
    MILESTONE = "milestone"
    OFFER = "offer"
    PATH = "path"
    QUESTION = "question"
    ROUTE = "route"
    STEP = "step"
    TRANSFEROR = "transferor"
    WINDOW = "window"


JsonObject = dict[str, Any]  # JSON has no narrower type


class Over(StrEnum):
    """What one taking of an act or a step is about."""

    MATTER = "matter"
    GROUP = "group"
    PERSON = "person"


class Nature(StrEnum):
    """What is due may be something one may do, something one must, or something the clock does."""

    RIGHT = "right"
    DUTY = "duty"
    ACT = "act"


class Outcome(StrEnum):
    """What became of something that was due, by a fact."""

    MET = "met"
    MISSED = "missed"
    SUPERSEDED = "superseded"


class Whom(NamedTuple):
    """The whole matter, one group of it, or one person in it."""

    matter: str
    group: str | None = None
    person: str | None = None


class Slot(NamedTuple):
    """What one thing after another may be due in; at most one of a slot is current."""

    matter: str
    group: str | None
    person: str | None
    what: str
    about: str = ""


class Phase(IntEnum):
    """The parts of a day, in order."""

    PLAN = 0
    """What changes the plan counts for the whole of its day."""
    OPENING = 1
    """What the clock does in the world on that day: letters go out."""
    CLOCK = 2
    """What falls due at the beginning of the day."""
    COURSE = 3
    """What people do, and what falls due because of it."""


def _unsaid(said: object) -> bool:
    return not said


class Made(Frozen):
    """What made a fact, so that it can be made again: the act, its inputs, and by whom.

    `about` tells several of one act apart (which milestone, which meeting). `in_place_of` is the
    decision that this one replaces, by its first fact; `replaces` the very fact that this one
    does, as it was first recorded, however often it was made again since.

    The last three say where it stands in its day: in which part, and for a step of the clock after
    what somebody did (`follows`), and as which step there (`nth`).

    `reason` is why somebody did it, `document` what shows it, and `rests_on` which assertions of
    one side they went by, where they said so.
    """

    act: str
    by: str
    about: str = ""
    reason: str = Field("", exclude_if=_unsaid)
    document: str = Field("", exclude_if=_unsaid)
    rests_on: tuple[AssertionRef, ...] = Field((), exclude_if=_unsaid)
    inputs: JsonObject = Field(default_factory=dict)
    in_place_of: UUID | None = None
    replaces: UUID | None = None
    phase: Phase = Phase.COURSE
    follows: UUID | None = None
    nth: int = 0


class Settlement(StrEnum):
    """How a duty to settle ends: as an act says, or because nothing differs any more."""

    STANDS = "stands"
    REDO = "redo"
    REVIEW = "review"
    MOOT = "moot"


class Place(NamedTuple):
    """Where a fact stands in the order of the days on which things happened.

    Within the course of a day what people did is in the order in which it was recorded first
    (`order`), and what the clock does because of it follows it (`nth`).
    """

    day: date
    phase: Phase
    order: int
    nth: int = 0


__all__ = [
    "GroupName",
    "JsonObject",
    "Made",
    "MatterName",
    "Nature",
    "Outcome",
    "Over",
    "Phase",
    "Place",
    "Settlement",
    "Slot",
    "StaffNumber",
    "Whom",
    "id_of",
]

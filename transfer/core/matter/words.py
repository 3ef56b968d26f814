"""The values that the engine speaks in: who something is about, what is due, what made a fact."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import Field, StringConstraints

from transfer.core.words import Frozen, StaffNumber

MatterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z-]*:[A-Za-z0-9][A-Za-z0-9._-]*$")]
"""The name of a matter, which is also that of its stream: its kind and its id, as in `appeal:7`."""

GroupName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""The name of a group of people within a matter."""

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


class Made(Frozen):
    """What made a fact, so that it can be made again: the act, its inputs, and by whom.

    `about` tells several of one act apart (which milestone, which meeting). `in_place_of` is the
    decision that this one replaces, by its first fact; `replaces` the very fact that this one
    does. `opening` says that it stands at the very beginning of its day, before anything that
    somebody did on that day.
    """

    act: str
    by: str
    about: str = ""
    inputs: JsonObject = Field(default_factory=dict)
    in_place_of: UUID | None = None
    replaces: UUID | None = None
    opening: bool = False


class Settlement(StrEnum):
    """How a duty to settle ends: as an act says, or because nothing differs any more."""

    STANDS = "stands"
    REDO = "redo"
    REVIEW = "review"
    MOOT = "moot"


class Place(NamedTuple):
    """Where a fact stands in the order of the days on which things happened.

    Beginning of the day first, the matter's own before a person's; within the day as recorded.
    """

    day: date
    phase: int
    level: int
    order: int


__all__ = [
    "GroupName",
    "JsonObject",
    "Made",
    "MatterName",
    "Nature",
    "Outcome",
    "Over",
    "Place",
    "Settlement",
    "Slot",
    "StaffNumber",
    "Whom",
]

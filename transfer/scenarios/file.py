"""What a scenario's file may hold: one model a table, in the words of `docs/scenarios.md`.

The fields of an act stand beside its name. Which they are is the declaration's to say, so that an
act that a kind gains can be written here at once; `reading` judges them by it.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from transfer.core.words import Facet, Frozen, StaffNumber
from transfer.procedures.assertion.decisions import as_text

OFFICE, SECOND = "office", "second person"
"""Who acts where a file does not say: the second approves and settles what the first brought up."""

EXERCISE = "exercise"
"""The kind of procedure that is meant where a file names none, and its edition is for exercises."""

NOTHING = "nothing"
"""What is said where a procedure waits for nothing, or a facet has no value."""


def listed(value: object) -> object:
    """A list of one, where a file gives one text alone."""
    return [value] if isinstance(value, str) else value


Texts = Annotated[tuple[str, ...], BeforeValidator(listed)]
"""One text, or several."""

GivenValue = date | bool | int | Decimal | str | tuple[str, ...]


class ClauseGiven(Frozen):
    """The value of a clause that the edition leaves open: from a document, assumed, or unknown."""

    value: GivenValue | None = None
    document: str | None = None
    overriding: str | None = None
    assumed: GivenValue | None = None
    unknown: Literal[True] | None = None

    @model_validator(mode="after")
    def _one_of_three(self) -> "ClauseGiven":
        given = [self.value is not None, self.assumed is not None, self.unknown is not None]
        if sum(given) != 1:
            raise ValueError("give one of value (with its document), assumed, unknown = true")
        if (self.value is None) != (self.document is None):
            raise ValueError("a value and the document that it comes from go together")
        return self


class ExpectedRefusal(Frozen):
    """That an act is refused: the clauses that fail, and words of the reason."""

    clauses: Texts = ()
    because: Texts = ()


class ActDone(BaseModel):
    """An act: what is done on which day, by whom and for whom; its fields beside it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    happened_on: date
    learned_on: date | None = None
    kind: str = EXERCISE
    id: str | None = None
    act: str
    staff_number: StaffNumber | None = None
    staff_numbers: tuple[StaffNumber, ...] | None = None
    by: str | None = None
    entry: str | None = None
    refused: ExpectedRefusal | None = None
    done_already: bool = False

    @property
    def entered_on(self) -> date:
        """The day on which the office puts it on record."""
        return self.learned_on or self.happened_on

    @property
    def fields(self) -> Mapping[str, Any]:
        """What the act needs beside that."""
        return self.model_extra or {}


# --- what is asked -------------------------------------------------------------------------------


class FacetSaid(Frozen):
    """A facet that has a value, and which assertions of one side that rests on."""

    value: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    rests_on: Texts | None = None


class AssertionSaid(Frozen):
    """What a party asserts of a contested fact, and how that stands; `clause` is the fact's."""

    assertion: str | None = None
    party: str | None = None
    side: str | None = None
    value: Annotated[str | None, BeforeValidator(as_text)] = None
    status: Literal["asserted", "disputed", "clarified", "superseded", "withdrawn"] | None = None
    asserted_on: date | None = None
    since: date | None = None
    known_since: date | None = None
    disputed_by: Texts | None = None
    clause: str | None = None
    superseded_by: str | None = None


class TermSaid(Frozen):
    """A term that somebody holds."""

    value: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    clause: str | None = None
    confidence: str | None = None
    assumptions: Texts | None = None
    rests_on: Texts | None = None


class DeadlineSaid(Frozen):
    """Something that is or was due."""

    what: str
    about: str | None = None
    due_on: date | None = None
    state: Literal["open", "met", "missed", "lapsed"] | None = None
    owner: str | None = None
    clause: str | None = None
    met_on: date | None = None
    late: bool | None = None
    assumptions: Texts | None = None
    rests_on: Texts | None = None


class OutcomeSaid(Frozen):
    """How far an exercise has come with somebody: where they go and by which route, and the days on
    which it was done. `NOTHING` says that it was not."""

    to: str | None = None
    route: str | None = None
    because: str | None = None
    clause: str | None = None
    assumptions: Texts | None = None
    rests_on: Texts | None = None
    not_proposed: str | None = None
    letter_on: date | Literal["nothing"] | None = None
    confirmed_on: date | Literal["nothing"] | None = None
    moved_on: date | Literal["nothing"] | None = None
    ended_on: date | Literal["nothing"] | None = None
    dismissed: bool | None = None
    passed_by: str | None = None


class WaitingSaid(Frozen):
    """What a procedure waits for next, and until when."""

    step: str
    until: date | None = None


class DutySaid(Frozen):
    """A decision that is to be settled."""

    step: str
    decided_on: date | None = None


class CountedSaid(Frozen):
    """What a length of time of the edition comes to, by each reading of the count."""

    clause: str
    transferor: str | None = None
    after: date | None = None
    before: date | None = None
    beginning_with: date | None = None
    on: date
    safe: date | None = None
    later: date | None = None

    @model_validator(mode="after")
    def _from_one_day(self) -> "CountedSaid":
        if sum(each is not None for each in (self.after, self.before, self.beginning_with)) != 1:
            raise ValueError("count from one day: after, before or beginning_with")
        return self


class ChangeSaid(Frozen):
    """What was held of somebody before, and what is."""

    was: Texts = ()
    now: Texts = ()


class LiabilitySaid(Frozen):
    """The liability information of an exercise, or of one person in it, on a day.

    `missing` counts the people of whom a thing is not held, by its id; of one person it lists the
    ids. `became` and `changes` compare with the information as known at the end of `since`.
    """

    since: date | None = None
    clause: str | None = None
    last_day: date | None = None
    safe_last_day: date | None = None
    given_until: date | None = None
    people: int | None = None
    complete: int | None = None
    others: int | None = None
    missing: dict[str, int] | Texts | None = None
    employed: bool | None = None
    transferee: str | None = None
    held: dict[str, Texts] = Field(default_factory=dict)
    became: Literal["joined", "gone", "changed", "nothing"] | None = None
    changes: dict[str, ChangeSaid] = Field(default_factory=dict)


class Asked(Frozen):
    """What is asked at the end of a day, and the right answers."""

    on: date
    kind: str = EXERCISE
    id: str | None = None
    group: str | None = None
    staff_number: StaffNumber | None = None
    effective_at: date | None = None
    since: date | None = None
    about: str | None = None
    position: dict[Facet, str | FacetSaid] = Field(default_factory=dict)
    terms: dict[str, str | TermSaid] = Field(default_factory=dict)
    terms_not_held: Texts = ()
    deadlines: tuple[DeadlineSaid, ...] = ()
    not_due: Texts = ()
    outcome: OutcomeSaid | None = None
    waits_for: WaitingSaid | Literal["nothing"] | None = None
    to_settle: tuple[DutySaid, ...] | None = None
    asserted: tuple[AssertionSaid, ...] | None = None
    says: Texts = ()
    counted: tuple[CountedSaid, ...] = ()
    needs_document: dict[str, str] = Field(default_factory=dict)
    edition_says: dict[str, Texts] = Field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = Field(default_factory=dict)
    liability_information: LiabilitySaid | None = None

    @model_validator(mode="after")
    def _of_somebody(self) -> "Asked":
        of_person = {
            "position": self.position,
            "terms": self.terms,
            "terms_not_held": self.terms_not_held,
            "outcome": self.outcome,
        }
        if self.staff_number is None:
            for name, asked in of_person.items():
                if asked:
                    raise ValueError(f"{name} is somebody's: say whose with staff_number")
        elif self.group is not None:
            raise ValueError("ask of a group or of a person")
        return self


# --- the file ------------------------------------------------------------------------------------


class ScenarioFile(Frozen):
    """A whole file. People are rows of a staff return, with the columns of their edition."""

    scenario: str = Field(min_length=1)
    edition: str
    about: str = ""
    assume: Literal["suggested"] | None = None
    values: dict[str, ClauseGiven] = Field(default_factory=dict)
    person: tuple[dict[str, Any], ...] = ()
    act: tuple[ActDone, ...] = ()
    then: tuple[Asked, ...] = ()

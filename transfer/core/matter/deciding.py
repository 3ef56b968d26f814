"""One act or one step, decided: what a decision is given, and how it is called.

A decision is a pure function of its `Case` and of what the act needs. It answers facts, `()` where
the step is taken already, or raises `Refused` with every failing clause. It reads the state as of
the day on which the act happened, whatever was recorded since; so it can be made again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from transfer.core.dating.calendars import Calendar, Period
from transfer.core.dating.effective_dating import Entries
from transfer.core.matter import facts as t
from transfer.core.matter.folding import State
from transfer.core.matter.kind import Act, Seen
from transfer.core.matter.reckoning import Reckoned, Reckoning, reckon
from transfer.core.matter.words import JsonObject, Made
from transfer.core.refusals import Failure, Malformed, Refused
from transfer.core.words import MAIN, Basis, Facet

N = TypeVar("N", bound=BaseModel)


class RulesOfMatter(Protocol):
    """What a decision asks of the edition that binds its matter; the rulebooks answer it."""

    @property
    def calendar(self) -> Calendar:
        """The calendar edition that the matter's deadlines are pinned to."""

    @property
    def office_of_one(self) -> bool:
        """Whether one person may approve what they proposed themselves, in an act of its own."""

    def waits(self, step: str) -> bool:
        """Whether the edition lets a step wait for somebody's approval, where the kind does not."""

    def period(self, clause: str) -> Period:
        """A length of time; raises `Refused` if the clause has no value."""

    def reckoning(self, name: str) -> tuple[Reckoning, Basis]:
        """How a window, a notice or a day of that name is counted, and by which clause; raises
        `Refused` if the edition does not know."""

    def basis(self, *clauses: str) -> Basis:
        """Edition, clause (the first named), document and confidence."""


class Position(Protocol):
    """The record of the person, as it is known now."""

    @property
    def entries(self) -> Entries:
        """Every entry of the person, for what has to be read by dates."""

    @property
    def evidence(self) -> Mapping[str, str]:
        """What the staff return said beside the position, by the names that the edition gives."""

    def on(self, facet: Facet, day: date, assignment: str = MAIN) -> str | None:
        """The value of a facet on a day, if it has one."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a decision is given.

    `on` is the day on which the act happened, `due_on` the lawful day of a step (the same day,
    unless the step had to wait), `others` the other matters of the same person by name.
    """

    state: State
    others: Mapping[str, State]
    rules: RulesOfMatter
    position: Position
    on: date
    made: Made
    learned_on: date | None = None
    due_on: date | None = None
    group: str | None = None

    @property
    def lawful_day(self) -> date:
        """The day from which the step holds."""
        return self.due_on or self.on

    @property
    def by(self) -> str:
        """Who acts."""
        return self.made.by

    @property
    def known_on(self) -> date:
        """The day on which the office knew of the act."""
        return self.learned_on or self.on

    def stamp(self, *clauses: str) -> t.Stamp:
        """The fields that every fact carries, resting on these clauses, and on the document and
        the assertions that were given with the act."""
        return self.resting_on(self.rules.basis(*clauses))

    def resting_on(self, basis: Basis) -> t.Stamp:
        """The same, resting on what the edition says of a route, a letter or a day."""
        if self.made.document:
            basis = basis.model_copy(update={"document": self.made.document})
        return t.Stamp(
            matter=self.state.matter,
            happened_on=self.on,
            learned_on=self.learned_on,
            made=self.made,
            basis=basis.resting_on(self.made.rests_on),
        )

    def reckon(self, name: str, event_on: date, *, published: Iterable[date] = ()) -> Reckoned:
        """A day of the edition, found once (see `reckoning.reckon`)."""
        reckoning, basis = self.rules.reckoning(name)
        return reckon(
            reckoning,
            event_on,
            calendar=self.rules.calendar,
            basis=basis.resting_on(self.made.rests_on),
            published=published,
        )


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer of a kind is worked out from (`kind.Answer`).

    `on` is the day asked about, `known_on` the day on which it is asked, by what was on record
    then. `since` is the first day, where a stretch of days is asked about, `about` the one thing of
    several that is asked about. `others` are the other matters of the same person by name, `seen`
    what the answer reads of each person in the matter, `records` the records of other people that
    it reads, both by staff number, and `of_kind` what it reads of each matter of the kind, by name.
    """

    state: State
    others: Mapping[str, State]
    rules: RulesOfMatter
    position: Position
    on: date
    known_on: date
    since: date | None = None
    about: str | None = None
    seen: Mapping[str, Seen] = field(default_factory=dict)
    records: Mapping[str, Position] = field(default_factory=dict)
    of_kind: Mapping[str, Seen] = field(default_factory=dict)


def require(failures: Iterable[Failure | None]) -> None:
    """Raise `Refused` with every failure that there is."""
    found = tuple(failure for failure in failures if failure is not None)
    if found:
        raise Refused.all_of(found)


def decide(case: Case, act: str, inputs: JsonObject) -> tuple[t.MatterFact, ...]:
    """Decide one act of the case's kind; raises `Refused`, and `Malformed` for inputs of another
    form than the act needs."""
    declared = case.state.kind.act(act)
    return declared.decide(case, needs_of(declared, inputs))


def needs_of(act: Act[N], inputs: Mapping[str, object]) -> N:
    """What an act needs, from its inputs; raises `Malformed` for another form."""
    try:
        return act.needs.model_validate(inputs)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        where = ".".join(map(str, first["loc"])) or act.name
        raise Malformed(first["msg"], field=where) from None

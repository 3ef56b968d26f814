"""The declaration of a kind of procedure: one table that tells its story from top to bottom.

    acts         what somebody may do: who, what it needs, the pure decision
    steps        what the clock does: when it falls due in words, the act it takes, whether it
                 waits for somebody's approval
    obligations  which fact opens, moves, meets or ends what
    effects      which facets and terms a fact states
    sentences    each fact in plain words
    facts        the substance facts under the office's names, with the names they are stored under

Everything else is derived from it by plain code. `faults` says what a declaration lacks.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from transfer.core.dating.effective_dating import Piece
from transfer.core.matter import book as b
from transfer.core.matter import facts as t
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import JsonObject, Nature, Outcome, Over, Whom

if TYPE_CHECKING:
    from transfer.core.matter.folding import State

F = TypeVar("F", bound=t.MatterFact)
N = TypeVar("N", bound=BaseModel)


class NeedsNothing(BaseModel):
    """An act that needs nothing beside its day."""

    model_config = {"frozen": True, "extra": "forbid"}


Seen = JsonObject | str
"""What a step over several people reads of one of them."""

PEOPLE = "people"
"""The input that keeps it for each."""

COUNTS = "counts"
"""The input that keeps how many there were of each."""

RELY_ON = "rely-on"
"""The act by which a kind notes what rests on one of its grounds (`Grounds`)."""


# --- acts and steps -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Act(Generic[N]):
    """Something that somebody may do.

    `who` are the roles that may; `needs` what it takes beside its day, as a model; `decide` the
    pure decision: facts, `()` where it is done already, or `Refused` with every failing clause.
    `or_person`: what is done for the whole matter may be done for one person alone as well.
    `from_opening`: it counts for the whole of its day, so that a plan that moves while a step of
    that day is being taken stops it there. `several`: its inputs hold something of each of several
    people, so that it can be made again when one of them changes. Where the caller does not give
    that, it is read from the record of everybody in the matter; `asks` is then the model of what
    the caller gives: `needs` without that field. `part_of`: it is done within that larger act, and
    offered to nobody by itself. `for_body` is the field of `needs` that names the body which does
    it: a representative does it for the body that they act for, and for no other.
    """

    name: str
    over: Over
    who: tuple[str, ...]
    needs: type[N]
    decide: Callable[["Case", N], tuple[t.MatterFact, ...]]
    says: str
    or_person: bool = False
    from_opening: bool = False
    several: "Several | None" = None
    part_of: str = ""
    for_body: str = ""
    asks: type[BaseModel] | None = None

    @property
    def asked(self) -> type[BaseModel]:
        """The model of what the caller gives."""
        return self.asks or self.needs


class Dated(StrEnum):
    """Which day the fact of a step carries."""

    WHEN_DUE = "due"
    """It holds by rule from the day on which it fell due, whenever it is recorded."""
    WHEN_TAKEN = "taken"
    """It is something that is done in the world (a letter goes out) on the day it is done."""


class Waits(StrEnum):
    """Whether a step is taken by the clock alone."""

    AUTOMATIC = "automatic"
    FOR_APPROVAL = "for-approval"


@dataclass(frozen=True, slots=True)
class Several:
    """What a step or act over several people reads of each, and what it comes to for each.

    `sees` answers `None` for somebody who does not take part. What it saw is an input of the act,
    and so is kept in the fact: where somebody reads otherwise, the step can be made again without
    the others. It is kept for each person under `PEOPLE`, or where only numbers matter (`counted`)
    as how many there were of each under `COUNTS`: `sees` then answers one word. `looks_at`
    takes the place of `sees` for an act that also reads the person's record, or the day.
    """

    sees: "Callable[[State], Seen | None]" = lambda _: None
    comes_to: Callable[[tuple[t.MatterFact, ...]], Mapping[str, object]] = lambda _: {}
    counted: bool = False
    looks_at: "Callable[[Case], Seen | None] | None" = None

    def inputs(self, seen: Mapping[str, "Seen"]) -> JsonObject:
        """What the act is given, from what the step sees of each person."""
        if self.counted:
            counts = Counter(str(each) for each in seen.values())
            return {COUNTS: dict(sorted(counts.items()))}
        return {PEOPLE: dict(sorted(seen.items()))}

    def seen(self, inputs: JsonObject, person: str, before: "Seen | None") -> "Seen | None":
        """What it saw of one person; where only numbers are kept, what it is known to have seen."""
        if self.counted:
            return before
        found: Seen | None = inputs.get(PEOPLE, {}).get(person)
        return found

    def instead(
        self, inputs: JsonObject, person: str, before: "Seen | None", now: "Seen | None"
    ) -> JsonObject:
        """The same inputs, where one person reads otherwise than before."""
        if self.counted:
            counts: Counter[str] = Counter(inputs.get(COUNTS, {}))
            counts[str(before)] -= before is not None
            counts[str(now)] += now is not None
            return {**inputs, COUNTS: {word: n for word, n in sorted(counts.items()) if n}}
        people = {who: each for who, each in inputs.get(PEOPLE, {}).items() if who != person}
        if now is not None:
            people[person] = now
        return {**inputs, PEOPLE: dict(sorted(people.items()))}


@dataclass(frozen=True, slots=True)
class Step:
    """What the clock does: it takes an act of the kind when that falls due.

    The day is the one of the thing to be done of the same name in the book of what is due;
    `falls_due` says it in words. `over` is what one taking of it is about: the whole matter, a
    group as a whole, or each person (with their group, or alone where a day of theirs differs).
    """

    act: Act[Any]
    falls_due: str
    dated: Dated = Dated.WHEN_DUE
    waits: Waits = Waits.AUTOMATIC
    several: "Several | None" = None

    @property
    def name(self) -> str:
        """Its name, which is the act's."""
        return self.act.name

    @property
    def is_replayed(self) -> bool:
        """Whether its day and content follow from the facts of one matter or person alone."""
        return self.dated is Dated.WHEN_DUE and self.several is None


# --- obligations --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Does(Generic[F]):
    """One thing that a fact does to what is due: a line of the table of obligations."""

    what: str
    nature: Nature | None
    of: Callable[[F], b.Effect | Iterable[b.Effect] | None]


@dataclass(frozen=True, slots=True)
class Row(Generic[F]):
    """A fact, and all that it does to what is due."""

    fact: type[F]
    does: tuple[Does[F], ...]


def on(fact: type[F], *does: Does[F]) -> Row[F]:
    """A row of the table: this fact does that."""
    return Row(fact, does)


def opens(
    what: str,
    nature: Nature,
    *,
    owner: str,
    when: Callable[[F], Reckoned | None],
    about: Callable[[F], str] = lambda _: "",
    owed_to: str = "",
    told_singly: bool = False,
    elsewhere: bool = False,
) -> Does[F]:
    """Something is due from then on; nothing is where `when` answers `None`.

    `elsewhere`: it is due in the matter whose fact is heard, and published there alone.
    """

    def effect(fact: F) -> b.Effect | None:
        day = when(fact)
        if day is None:
            return None
        return b.Opens(
            what,
            nature,
            owner,
            day,
            about(fact),
            owed_to,
            told_singly=told_singly,
            elsewhere=elsewhere,
        )

    return Does(what, nature, effect)


def closes(
    what: str,
    outcome: Outcome = Outcome.MET,
    *,
    day: Callable[[F], date | None] = lambda _: None,
    about: Callable[[F], str | None] = lambda _: "",
    if_: Callable[[F], bool] = lambda _: True,
) -> Does[F]:
    """It was done, was missed, or need not be any more."""

    def effect(fact: F) -> b.Effect | None:
        return b.Closes(what, outcome, day(fact), about(fact)) if if_(fact) else None

    return Does(what, None, effect)


def opens_windows(
    *,
    windows: Callable[[F], Mapping[str, Reckoned]],
    owner: str = "staff",
    told_singly: bool = False,
) -> Does[F]:
    """Rights open that the edition names: until when, by name."""

    def effects(fact: F) -> Iterator[b.Effect]:
        for what, when in windows(fact).items():
            yield b.Opens(what, Nature.RIGHT, owner, when, told_singly=told_singly)

    return Does("windows", Nature.RIGHT, effects)


def closes_windows(
    outcome: Outcome = Outcome.MET, *, windows: Callable[[F], Iterable[str]]
) -> Does[F]:
    """What the edition names was done, or need not be any more."""

    def effects(fact: F) -> Iterator[b.Effect]:
        for what in windows(fact):
            yield b.Closes(what, outcome)

    return Does("windows", None, effects)


def moves(
    what: str, *, when: Callable[[F], Reckoned], about: Callable[[F], str] = lambda _: ""
) -> Does[F]:
    """It is due on another day."""
    return Does(what, None, lambda fact: b.Moves(what, when(fact), about(fact)))


# --- the declaration ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Substance:
    """What a kind itself knows of one matter, or of one person in it: its start and its fold.

    `evolve` changes what it is given; it is total and never judges.
    """

    begin: Callable[[], Any]
    evolve: Callable[[Any, t.MatterFact], None]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What decisions elsewhere may rest on in a matter of a kind, such as what one side asserts.

    Each of them reads what the kind knows of the matter: the `names` that there are; which of them
    have `fallen`, so that they hold no more, and why; what is `resting` on one of them. The kind
    has an act `rely-on`, by which the last is noted; nobody does it by itself.
    """

    names: Callable[[Any], Collection[str]]
    fallen: Callable[[Any], Mapping[str, str]]
    resting: Callable[[Any, str], Collection[Whom]]


@dataclass(frozen=True, slots=True)
class CallsFor:
    """What begins from a fact about a person: a matter of another `kind`, by an act of it, `by`.

    `asks` answers, of what is on record of the person in the matter that it comes out of, what it
    is to begin with; `None` where nothing is to begin, or no longer. The act finds it there again
    (`calling.asked_of`), and so is made again with what changes there.
    """

    kind: str
    by: str
    asks: "Callable[[State], BaseModel | None]"


NOTHING = Substance(lambda: None, lambda _state, _fact: None)


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that a kind answers of its matters, beside how far they have come.

    `over` says of what it is asked: of the whole matter, or of one person in it. `gives` is the
    shape of the answer; `work_out` makes it of what is on record, and is pure. It raises `Refused`
    where the edition does not know what it needs. `sees` is what it reads of each person who has
    something of theirs in the matter, where it is asked of the whole and counts (`Asked.seen`).
    `reads` says of which other people it reads the record, by what is on record of the matter
    (`Asked.records`): all of them are read together. `of_one` says what it is asked of, where that
    is one thing of several (`Asked.about`), as a case of a register.
    `sees_each` is what it reads of every matter of the kind, where it is asked of one and sets that
    beside the others (`Asked.of_kind`).

    It is given what had happened by the end of the day asked about. `of_all_known`: it is given all
    that is on record, since what is stated later counts for earlier days.
    """

    name: str
    over: Over
    says: str
    gives: type[BaseModel]
    work_out: Callable[["Asked"], BaseModel]
    of_all_known: bool = False
    sees: "Callable[[State], Seen | None] | None" = None
    reads: "Callable[[State], Collection[str]] | None" = None
    of_one: str = ""
    sees_each: "Callable[[State], Seen | None] | None" = None


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of procedure.

    `hears` names facts of other kinds that this one takes into account, with the matter that each
    concerns: an appeal's outcome feeds the exercise. `beside` are kinds whose matter of the same id
    is read with a matter of this one, as the consultation on an exercise. `grave` marks a fact that
    ends employment or lowers pay back in time. `rules` are those of a kind that goes by no edition.
    `bodies` says which bodies take part in a matter, by what the kind knows of it: their
    representatives may read it. `about` says in the same way whom a matter is about without a line
    on their record, as a dispute: it is not theirs to see. `is_over` says, of what the kind knows
    of one matter, whether it is over on a day; left out, one person's is over once nothing of it is
    due. `begins` is the act with which a matter begins: where that is over one person, the matter
    lies on their stream. `part` is the model of the part that an edition has for the kind
    (`transfer.core.editions.rules`). `answers` are what it can be asked. `grounds` says
    what decisions elsewhere may rest on in a matter. `leads_to` says, of what the kind knows of one
    matter, before which day everything has to be done that is due without a day of its own.
    `calls_for` says from which of its facts a matter of another kind begins. `reopens` are facts
    whose dated values the person's other matters read: what was decided there is decided again.
    """

    name: str
    title: str
    facts: Mapping[type[t.MatterFact], str]
    acts: Sequence[Act[Any]]
    steps: Sequence[Step]
    obligations: Sequence[Row[Any]]
    sentences: Mapping[type[t.MatterFact], Callable[[Any], str]]
    effects: Mapping[type[t.MatterFact], Callable[[Any], tuple[Piece, ...]]] = field(
        default_factory=dict
    )
    hears: Mapping[type[t.MatterFact], Callable[[Any], str | None]] = field(default_factory=dict)
    beside: tuple[str, ...] = ()
    whole: Substance = NOTHING
    person: Substance = NOTHING
    grave: Callable[[t.MatterFact], bool] = lambda _: False
    rules: "RulesOfMatter | None" = None
    is_over: Callable[[Any, date], bool] | None = None
    bodies: Callable[[Any], Collection[str]] | None = None
    about: Callable[[Any], Collection[str]] | None = None
    begins: str = "begin"
    part: type[BaseModel] | None = None
    answers: Sequence[Answer] = ()
    grounds: Grounds | None = None
    leads_to: Callable[[Any], date | None] | None = None
    calls_for: Mapping[type[t.MatterFact], CallsFor] = field(default_factory=dict)
    reopens: tuple[type[t.MatterFact], ...] = ()
    _does: Mapping[type[t.MatterFact], tuple[Does[Any], ...]] = field(
        init=False, repr=False, compare=False
    )
    _steps: Mapping[str, Step] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look the rows of each fact and the step of each name up once."""
        does: dict[type[t.MatterFact], tuple[Does[Any], ...]] = {}
        for row in self.obligations:
            does[row.fact] = (*does.get(row.fact, ()), *row.does)
        object.__setattr__(self, "_does", does)
        object.__setattr__(self, "_steps", {step.name: step for step in self.steps})

    def act(self, name: str) -> Act[Any]:
        """One act by name; raises `KeyError`."""
        return next_or_raise(self.acts, name)

    @property
    def lies_with_person(self) -> bool:
        """Whether a matter of the kind lies on one person's stream, so that its id says whose."""
        return any(act.name == self.begins and act.over is Over.PERSON for act in self.acts)

    def step(self, name: str) -> Step | None:
        """The step of that name, if it is one of the clock's."""
        return self._steps.get(name)

    def several(self, act: str) -> Several | None:
        """How the step or act of that name reads several people; `None` if it does not."""
        step = self.step(act)
        if step is not None:
            return step.several
        return next((each.several for each in self.acts if each.name == act), None)

    def does(self, fact: t.MatterFact) -> Iterator[b.Effect]:
        """What a fact does to what is due."""
        yield from t.timing_effects(fact)
        yield from self._rows(fact)

    def hears_in(self, fact: t.MatterFact) -> str | None:
        """The matter of this kind that takes a fact of another one into account."""
        heard = self.hears.get(type(fact))
        return None if heard is None else heard(fact)

    def hears_of(self, fact: t.MatterFact) -> Iterator[b.Effect]:
        """What a fact of another kind does to what is due here."""
        return self._rows(fact)

    def _rows(self, fact: t.MatterFact) -> Iterator[b.Effect]:
        for each in self._does.get(type(fact), ()):
            found = each.of(fact)
            for effect in (
                () if found is None else found if isinstance(found, Iterable) else (found,)
            ):
                yield self._once(effect)

    def _once(self, effect: b.Effect) -> b.Effect:
        """A step over the matter or a group as a whole is due once, not from each of its people."""
        if isinstance(effect, b.Opens) and effect.nature is Nature.ACT:
            step = self.step(effect.what)
            if step is not None and step.act.over is not Over.PERSON:
                return replace(effect, once=True)
        return effect

    def pieces(self, fact: t.MatterFact) -> tuple[Piece, ...]:
        """The dated values that a fact states."""
        stated = self.effects.get(type(fact))
        return () if stated is None else stated(fact)

    def sentence(self, fact: t.MatterFact) -> str:
        """The fact in plain words."""
        return (self.sentences.get(type(fact)) or SENTENCES[type(fact)])(fact)


def next_or_raise(acts: Iterable[Act[Any]], name: str) -> Act[Any]:
    """The act of that name; raises `KeyError`."""
    for act in acts:
        if act.name == name:
            return act
    raise KeyError(name)


def _until(when: Reckoned) -> str:
    if when.on is None:
        return "without a day"
    return f"{when.on}" + (f" (by another reading {when.later})" if when.later else "")


def _for(group: str | None) -> str:
    return f" for {group}" if group else ""


SENTENCES: Mapping[type[t.MatterFact], Callable[[Any], str]] = {
    t.MatterBegun: lambda f: f"begun under {f.edition}",
    t.DayFixed: lambda f: f"{f.milestone} is on {_until(f.when)}",
    t.DayMoved: lambda f: f"{f.milestone} moved from {f.before} to {_until(f.when)}: {f.reason}",
    t.GroupFormed: lambda f: f"{len(f.people)} people put together in {f.group}",
    t.Abandoned: lambda f: f"abandoned: {f.reason}",
    t.Completed: lambda _: "completed",
    t.Joined: lambda f: f"brought in{_for(f.group)}",
    t.TakenOut: lambda f: f"taken out: {f.reason}",
    t.NoticeGiven: lambda f: (
        f"{f.notice} given{_for(f.group)}"
        + "".join(f"; {window} until {_until(when)}" for window, when in f.windows.items())
    ),
    t.NoticeReturned: lambda f: f"{f.notice} came back: {f.reason}",
    t.NoticeReissued: lambda f: (
        f"{f.notice} sent again: {f.corrects}"
        + "".join(f"; {window} until {_until(when)}" for window, when in f.windows.items())
    ),
    t.WindowExtended: lambda f: (
        f"{f.window} until {_until(f.when)} instead of {f.before}: {f.reason}"
    ),
    t.WindowMoved: lambda f: (
        f"{f.window}{_for(f.group)} until {_until(f.when)} instead of {f.before}: {f.reason}"
    ),
    t.Held: lambda f: f"held{_for(f.group)}: {f.reason}",
    t.Resumed: lambda f: f"goes on{_for(f.group)}: {f.reason}",
    t.StepTaken: lambda f: (
        f"{f.step} done{_for(f.group)}"
        + "".join(f", {count} {what}" for what, count in f.counts.items())
    ),
    t.StepRefused: lambda f: f"{f.step} not possible: {'; '.join(f.reasons)}",
    t.StepStopped: lambda f: f"{f.step} stopped after {len(f.done)}: {f.reason}",
    t.ApprovalAsked: lambda f: f"{f.step}, due by law on {f.lawful_on}, waits for approval",
    t.ApprovalGiven: lambda f: (
        f"{f.step} approved by {f.approved_by}"
        + (", who had proposed it (an office of one person)" if f.same_person else "")
    ),
    t.ApprovalDeclined: lambda f: f"{f.step} not approved: {f.reason}",
    t.DutyToSettleOpened: lambda f: (
        f"{f.step} of {f.decided_on} would "
        + ("state something else" if f.would_state else "not have been taken")
        + f", because of {f.because_of}: to be settled"
    ),
    t.DutySettled: lambda f: f"settled ({f.how}): {f.reason}",
    t.Undone: lambda f: f"has no effect any more: {f.reason}",
}
"""The generic facts in plain words; a kind may say one better."""


# The case is what a decision is given; it stands with the fold that it reads.
if TYPE_CHECKING:
    from transfer.core.matter.deciding import Asked, Case, RulesOfMatter

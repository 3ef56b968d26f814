"""What rows of deadlines say of the book of what is due, for whoever keeps them.

    lines      what the book says of somebody now: a line for each right and duty
    changes    the rows that lead from the lines that were written to those that hold now
    Reading    one matter's book, taken on fact by fact
    concerned  whose lines a fact may change
    read_anew  the book from every fact, in the order of the days on which they happened

A line is of one person, of the matter as a whole, or of a group as a whole where something is due
from it once. What is due to a group is published to each of its people, unless each is told in a
letter of their own. Acts of the clock are no deadlines: they have no lines.

Rows are kept in the order in which facts were recorded. Where a fact stands before one that was
taken already, or replaces or undoes one, its own effects do not say what becomes of what followed:
then the book is read anew, and the rows follow from the difference all the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from transfer.core.matter import facts as t
from transfer.core.matter.book import (
    MILESTONE,
    Book,
    By,
    Closes,
    ClosesAll,
    Due,
    Effect,
    Forms,
    Moves,
    Opens,
)
from transfer.core.matter.folding import Deed, Level, OnRecord, State, hand_out, place_of
from transfer.core.matter.kind import NOTHING, Kind
from transfer.core.matter.words import Nature, Outcome, Phase, Place, Slot, Whom
from transfer.core.words import Basis

# --- lines --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A right or a duty as the book says it now.

    `on` is its day, `later` the later reading where there are two. `opened_by` is the fact that
    published it, as the book knows it, `closed_by` the one that says what became of it.
    """

    slot: Slot
    nature: Nature
    owner: str
    owed_to: str
    on: date | None
    later: date | None
    calendar: str | None
    basis: Basis
    opened_by: UUID | None = None
    outcome: Outcome | None = None
    outcome_on: date | None = None
    closed_by: UUID | None = None

    @property
    def says(self) -> tuple[object, ...]:
        """What was published: everything beside what became of it, and which facts said so."""
        return (
            self.nature,
            self.owner,
            self.owed_to,
            self.on,
            self.later,
            self.calendar,
            self.basis,
        )

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done; what was missed may still be met."""
        return self.outcome is None or self.outcome is Outcome.MISSED


def lines(book: Book, whom: Whom) -> dict[Slot, Line]:
    """What the book says of somebody: of a person with what they share, of the matter as a whole,
    or of a group what is due from it once."""
    found: dict[Slot, Line] = {}
    for due in book.of(whom):
        if due.nature is Nature.ACT or (whom.group is not None and not due.once):
            continue
        if due.elsewhere:
            continue  # the matter in which it is due says so
        if whom.person is not None and due.told_singly and book.own(due.slot) is None:
            continue  # they have not had their letter
        on, later = book.days(due)
        found[due.slot] = Line(
            slot=due.slot,
            nature=due.nature,
            owner=due.owner,
            owed_to=due.owed_to,
            on=on,
            later=later,
            calendar=due.when.calendar,
            basis=due.when.basis,
            opened_by=due.opened_by,
            outcome=due.outcome,
            outcome_on=None if due.outcome is Outcome.SUPERSEDED else due.outcome_on,
            closed_by=due.closed_by,
        )
    return found


# --- rows ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Published:
    """Something became due, or is due otherwise than was published before."""

    line: Line


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of what was published last in a slot; `by` as far as the book knows the fact."""

    slot: Slot
    outcome: Outcome
    on: date | None
    by: UUID | None


Row = Published | Ended


def changes(
    written: Mapping[Slot, Line], now: Mapping[Slot, Line], *, anew: bool = False
) -> tuple[Row, ...]:
    """The rows that lead from the lines that were written last to those that hold now.

    `anew`: the book was read anew, so that what was written as met may never have been.
    """
    rows: list[Row] = []
    for slot in [*written, *(slot for slot in now if slot not in written)]:
        old, new = written.get(slot), now.get(slot)
        if old is None:
            if new is not None and new.outcome is not Outcome.SUPERSEDED:
                rows += _published(new)
        elif new is None:
            rows += _superseded(old, None, also_met=anew)
        elif old.says == new.says:
            rows += _of_the_same(old, new, anew=anew)
        elif new.outcome is Outcome.SUPERSEDED:
            rows += _superseded(old, new.closed_by, also_met=anew)
        else:
            rows += _superseded(old, None, also_met=anew and not new.is_open)
            rows += _published(new)
    return tuple(rows)


def _of_the_same(old: Line, new: Line, *, anew: bool) -> Iterator[Row]:
    """Where what was published still holds: what became of it."""
    if (old.outcome, old.outcome_on) == (new.outcome, new.outcome_on):
        return
    if new.outcome is None:
        # Due again, in the same words: what was done before stays done, unless it never was.
        yield from _superseded(old, None, also_met=anew)
        yield from _published(new)
    elif old.outcome is Outcome.MET and new.is_open:
        yield from _superseded(old, None, also_met=anew)
        yield from _published(new)
    else:
        yield Ended(new.slot, new.outcome, new.outcome_on, new.closed_by)


def _published(line: Line) -> Iterator[Row]:
    yield Published(line)
    if line.outcome is not None:
        yield Ended(line.slot, line.outcome, line.outcome_on, line.closed_by)


def _superseded(line: Line, by: UUID | None, *, also_met: bool) -> Iterator[Row]:
    if line.is_open or (also_met and line.outcome is Outcome.MET):
        yield Ended(line.slot, Outcome.SUPERSEDED, None, by)


# --- taking facts -------------------------------------------------------------------------------


class Told(NamedTuple):
    """A fact as one matter takes it: whose stream it lies on, and what it does there."""

    record: OnRecord
    effects: tuple[Effect, ...]

    @property
    def group(self) -> str | None:
        """The group that it is about."""
        fact = self.record.fact
        return fact.group if isinstance(fact, t.GroupFact) and self.record.person is None else None

    @property
    def bears(self) -> bool:
        """Whether the book can read otherwise because of it."""
        fact = self.record.fact
        joins = isinstance(fact, t.Joined) and fact.group is not None
        return bool(self.effects) or joins or self.replaces

    @property
    def replaces(self) -> bool:
        """Whether it takes the place of a decision on record, or takes one away."""
        fact = self.record.fact
        return isinstance(fact, t.Undone) or fact.made.in_place_of is not None


def told(kind: Kind, matter: str, record: OnRecord) -> Told | None:
    """A fact as a matter takes it, whether its own or heard of; `None` where it does not."""
    fact = record.fact
    if fact.matter == matter:
        return Told(record, tuple(kind.does(fact)))
    if kind.hears_in(fact) == matter:
        return Told(record, tuple(kind.hears_of(fact)))
    return None


@dataclass(slots=True)
class Reading:
    """What is due in one matter, as the engine reads it, as far as it was loaded.

    `last` and `last_of` say how far the order of days has come: of the matter, of each person.
    """

    kind: Kind
    matter: str
    whole: Book = field(default_factory=Book)
    own: dict[str, Book] = field(default_factory=dict)
    last: Place | None = None
    last_of: dict[str, Place] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """What the kind knows beside days is not read here."""
        self.kind = without_substance(self.kind)

    def of(self, person: str) -> Book:
        """The person's book, on top of the matter's."""
        found = self.own.get(person)
        if found is None:
            found = self.own[person] = Book(self.whole)
        return found

    def take(self, each: Told) -> None:
        """Take the next fact, in its order."""
        fact, person = each.record.fact, each.record.person
        whole = Level(self.whole, None)
        own = None if person is None else Level(self.of(person), None)
        State(self.kind, self.matter, whole, person, own).take(fact, person, each.record.event_id)
        is_over = isinstance(fact, t.Abandoned | t.Completed) and fact.matter == self.matter
        if person is None and is_over:
            by = By(each.record.event_id, fact.happened_on, fact.made.by)
            for other, book in self.own.items():
                book.enter(Whom(self.matter, None, other), by, (ClosesAll(),))
        self._stands(each)

    def take_anew(
        self, person: str | None, context: Iterable[Deed], deeds_of_person: Iterable[Deed]
    ) -> None:
        """Read one level anew, from all the decisions that bear on it."""
        whole, own = read_anew(self.kind, self.matter, person, context, deeds_of_person)
        if person is None:
            self.whole = whole
            for book in self.own.values():
                book.base = whole
        elif own is not None:
            own.base = self.whole
            self.own[person] = own

    def is_in_order(self, each: Told) -> bool:
        """Whether a fact follows everything that was taken of the matter and of its person.

        That a step is through for a group bears on nobody's lines, wherever in the day it stands.
        """
        if isinstance(each.record.fact, t.StepTaken):
            return True
        place = standing_place(each.record)
        person = each.record.person
        before = [self.last, None if person is None else self.last_of.get(person)]
        return not each.replaces and all(b is None or _follows(place, b, each) for b in before)

    def stands_before(self, each: Told, person: str) -> bool:
        """Whether a fact of the whole matter comes before something of a person's."""
        last = self.last_of.get(person)
        return last is not None and not _follows(standing_place(each.record), last, each)

    def note(self, each: Told) -> None:
        """Note where a fact stands that was read with all the others."""
        self._stands(each)

    def _stands(self, each: Told) -> None:
        place, person = standing_place(each.record), each.record.person
        if isinstance(each.record.fact, t.StepTaken):
            return
        if person is None:
            self.last = place if self.last is None else max(self.last, place)
        else:
            before = self.last_of.get(person)
            self.last_of[person] = place if before is None else max(before, place)


def standing_place(record: OnRecord) -> Place:
    """Where a fact stands; of what the clock does because of somebody's act, at most as late."""
    return place_of(record.fact, record.order)


def _follows(place: Place, before: Place, each: Told) -> bool:
    made = each.record.fact.made
    follows_another = made.nth > 0 and made.phase is not Phase.CLOCK
    if follows_another and (place.day, place.phase) == (before.day, before.phase):
        return False  # it stands just after what it follows, wherever that is in the day
    return before <= place


def without_substance(kind: Kind) -> Kind:
    """The kind as far as it says what is due."""
    return replace(kind, whole=NOTHING, person=NOTHING)


def read_anew(
    kind: Kind,
    matter: str,
    person: str | None,
    context: Iterable[Deed],
    deeds_of_person: Iterable[Deed] = (),
) -> tuple[Book, Book | None]:
    """The matter's book and the person's, from every decision in the order of its day."""
    whole = Level(Book(), None)
    own = None if person is None else Level(Book(whole.book), None)
    state = State(without_substance(kind), matter, whole, person, own)
    everything: list[tuple[Deed, str | None]] = [
        *((deed, None) for deed in context),
        *((deed, person) for deed in deeds_of_person),
    ]
    for deed, whose in sorted(everything, key=lambda each: each[0].place):
        for fact, event_id in deed.each():
            hand_out({matter: state}, fact, whose, event_id)
    return whole.book, None if own is None else own.book


# --- whom a fact concerns -----------------------------------------------------------------------


@dataclass(slots=True)
class Concerned:
    """Whose lines facts of the whole matter may change: everybody's, those of groups, of people by
    name, and of whoever has something that hangs on one of `names`."""

    everybody: bool = False
    groups: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return self.everybody or bool(self.groups or self.people or self.names)

    def add(self, other: "Concerned") -> None:
        """Those of another as well."""
        self.everybody = self.everybody or other.everybody
        self.groups |= other.groups
        self.people |= other.people
        self.names |= other.names


def concerned(kind: Kind, each: Told) -> Concerned:
    """Whose lines a fact of the whole matter may change, beside the matter's own."""
    found = Concerned()
    for effect in each.effects:
        match effect:
            case ClosesAll():
                found.everybody = True
            case Forms():
                found.people |= set(effect.people)
            case Opens() | Moves() | Closes():
                names_day = effect.what == MILESTONE
                found.names.add(effect.about or "" if names_day else effect.what)
                if each.group is not None and not _is_act(kind, effect):
                    found.groups.add(each.group)
    return found


def _is_act(kind: Kind, effect: Opens | Moves | Closes) -> bool:
    if isinstance(effect, Opens):
        return effect.nature is Nature.ACT or effect.once
    return kind.step(effect.what) is not None


def hanging_names(due: Due) -> tuple[str, ...]:
    """What the day of something due hangs on, by name."""
    on = due.when.hangs_on
    if on is None:
        return ()
    milestone = () if on.milestone is None else (on.milestone,)
    return tuple(dict.fromkeys((*milestone, *on.after, *on.day_after, *on.once_done)))


__all__ = [
    "Concerned",
    "Ended",
    "Line",
    "Published",
    "Reading",
    "Row",
    "Told",
    "changes",
    "concerned",
    "hanging_names",
    "lines",
    "read_anew",
    "told",
]

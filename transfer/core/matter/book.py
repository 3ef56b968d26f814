"""The book of what is due: to whom, from whom, when; folded from facts, asking no edition.

    opened ─► met (in time or late)        a duty whose day passes unmet is missed, a right
       │  └─► missed ─► met late           lapses: that is read off its day, and recorded only
       └────► superseded, another opened   where a fact says so itself

Every window, every next step and every deadline is read here and nowhere else. A thing is found by
its slot: whose it is, what is due, about what; at most one of a slot is current.

**Groups share.** What is due to a group is due to each of its people (unless it is due `once` from
the group as a whole), without a line of their own;
somebody who has a day of their own keeps it, and of two days for one right the later holds. So a
window that is moved for a group reaches everybody in it and shortens nobody's own. Only the *day*
is shared: whether it was done is each person's own. A right that was used stays used, by the day
that was published then; where longer is given since, it may be used *again* until that day. **Days
may hang** on a milestone or on other things that are due (`HangsOn`): they are read when asked for,
so that what moves moves them.

A book may lie on top of another (`base`): a person's on that of the whole matter, which is shared.
Which rows to write for deadlines follows from what a book says before and after (`rows`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from transfer.core.matter.reckoning import HangsOn, Reckoned, fixed
from transfer.core.matter.words import Nature, Outcome, Slot, Whom

_ONE_DAY = timedelta(days=1)

MILESTONE = "milestone"
"""What a milestone is due as: `about` is its name."""

REFUSED_STEP = "refused-step"
"""A step that could not be taken, to be put right: `about` is the step."""


@dataclass(frozen=True)
class Due:
    """Something that is due, and what became of it so far.

    `owner` is from whom it is due (whose right it is), `owed_to` to whom a duty is owed, where
    that is said. `opened_by` is the fact that published it, `None` while that is only considered.
    `again` is until when a right that was used may be used once more, where longer was given since.
    """

    slot: Slot
    nature: Nature
    owner: str
    when: Reckoned
    owed_to: str = ""
    opened_by: UUID | None = None
    opened_on: date | None = None
    proposed_by: str = ""
    once: bool = False
    told_singly: bool = False
    elsewhere: bool = False
    outcome: Outcome | None = None
    outcome_on: date | None = None
    closed_by: UUID | None = None
    again: Reckoned | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done; what was missed may still be met."""
        return self.outcome is None or self.outcome is Outcome.MISSED

    @property
    def is_used(self) -> bool:
        """Whether it is a right that was used."""
        return self.nature is Nature.RIGHT and self.outcome is Outcome.MET

    def but(self, **changed: object) -> "Due":
        """A copy with these fields changed: a faster `dataclasses.replace`, which took a tenth of
        the time of a replay."""
        other = object.__new__(Due)
        other.__dict__.update(self.__dict__, **changed)
        return other


# --- what a fact does ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opens:
    """Something is due. `once`: from the matter or a group as a whole, and not from each of its
    people. `told_singly`: each of its people is told in a letter of their own, so that nothing is
    published to the group. `elsewhere`: the matter in which it is due publishes it; here it only
    holds up what waits for it."""

    what: str
    nature: Nature
    owner: str
    when: Reckoned
    about: str = ""
    owed_to: str = ""
    once: bool = False
    told_singly: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Closes:
    """It was done, was not, or need not be any more. `about=None`: whatever it is about."""

    what: str
    outcome: Outcome
    on: date | None = None
    about: str | None = ""


@dataclass(frozen=True, slots=True)
class Moves:
    """It is due on another day; the day it had is superseded."""

    what: str
    when: Reckoned
    about: str = ""


@dataclass(frozen=True, slots=True)
class Forms:
    """People belong to a group from now on, and share what is due to it."""

    group: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClosesAll:
    """Nothing of it is due any more: a matter was abandoned, somebody was taken out."""


Effect = Opens | Closes | Moves | Forms | ClosesAll


@dataclass(frozen=True, slots=True)
class By:
    """The fact that has an effect: its id, its day, and who is behind it."""

    event_id: UUID | None
    on: date
    who: str


_Name = tuple[str, str]
"""What is due, and about what."""


@dataclass(slots=True)
class Book:
    """What is current of one or more matters. It may know only the slots that it is asked about."""

    base: "Book | None" = None
    group_of: dict[tuple[str, str], str] = field(default_factory=dict)
    _dues: dict[tuple[str, str | None, str | None], dict[_Name, Due]] = field(default_factory=dict)
    lines_met: list[Due] = field(default_factory=list, compare=False)
    """What is due to a group or the whole matter and was closed or moved for one person by a fact
    of theirs. `replaying.on_top` checks whether it was due already when that fact happened."""
    moved_past: bool = False
    """Whether a day was moved when it had passed: what fell due on it was due, and no day in this
    book shows that."""

    def copy(self) -> "Book":
        """A copy. Entering into it leaves this book as it is: what is due is replaced there, and
        never changed in place."""
        dues = {whom: dict(theirs) for whom, theirs in self._dues.items()}
        return Book(self.base, dict(self.group_of), dues, moved_past=self.moved_past)

    # --- entering --------------------------------------------------------------------------

    def enter(self, whom: Whom, by: By, effects: Iterable[Effect]) -> None:
        """Take the effects of one fact that is about `whom`."""
        for effect in effects:
            match effect:
                case Opens():
                    self._open(slot_of(whom, effect.what, effect.about), effect, by)
                case Closes(about=None):
                    for what, about in [*self._dues.get(whom, ())]:
                        if what == effect.what:
                            self._close(slot_of(whom, what, about), effect.outcome, effect.on, by)
                case Closes():
                    slot = slot_of(whom, effect.what, effect.about or "")
                    self._close(slot, effect.outcome, effect.on, by)
                case Moves():
                    self._move(slot_of(whom, effect.what, effect.about), effect.when, by)
                case Forms():
                    for person in effect.people:
                        self.group_of[whom.matter, person] = effect.group
                case ClosesAll():
                    for slot in self._all_of(whom, by.on):
                        self._close(slot, Outcome.SUPERSEDED, by.on, by)

    def know(self, due: Due) -> None:
        """Take what is current in a slot, as it was kept."""
        self._put(due)

    def _put(self, due: Due) -> None:
        self._dues.setdefault(due.slot[:3], {})[due.slot[3:]] = due

    def _open(self, slot: Slot, effect: Opens, by: By) -> None:
        due = Due(
            slot=slot,
            nature=effect.nature,
            owner=effect.owner,
            when=effect.when,
            owed_to=effect.owed_to,
            opened_by=by.event_id,
            opened_on=by.on,
            proposed_by=by.who,
            once=effect.once,
            told_singly=effect.told_singly,
            elsewhere=effect.elsewhere,
        )
        if slot.what == REFUSED_STEP:
            before, step = self._here(slot), self._here(slot._replace(what=slot.about, about=""))
            if before is not None and before.is_open:
                return  # refused before: it is the same thing that is due
            if step is not None and step.outcome is Outcome.MET:
                # Taken since, as of an earlier day: it has been put right.
                on = max(by.on, step.outcome_on or by.on)
                due = due.but(outcome=step.outcome, outcome_on=on, closed_by=step.closed_by)
        self._put(due)

    def _close(self, slot: Slot, outcome: Outcome, on: date | None, by: By) -> None:
        # Where only the group has a day, that it is done is still one's own.
        due = self._here(slot) or self._met(slot)
        if due is not None and due.nature is Nature.RIGHT and due.is_open:
            # What was done is measured by the latest day that was published to them.
            self._met(slot)
            due = self.due(Whom(*slot[:3]), slot.what, slot.about) or due
        if due is None or not due.is_open or due.outcome is outcome:
            return
        on = on or by.on
        self._put(due.but(slot=slot, outcome=outcome, outcome_on=on, closed_by=by.event_id))
        if due.nature is Nature.ACT:
            # A refusal is put right by the act, and there is nothing to put right without it.
            self._close(slot._replace(what=REFUSED_STEP, about=slot.what), outcome, on, by)

    def _move(self, slot: Slot, when: Reckoned, by: By) -> None:
        due = self._here(slot) or self._met(slot)
        last = None if due is None else self.last(due)
        self.moved_past |= last is not None and last < by.on
        if due is not None and due.is_used:
            self._put(due.but(again=when))
        if due is None or not due.is_open or due.when == when:
            return
        self._put(due.but(slot=slot, when=when, opened_by=by.event_id, opened_on=by.on))

    def _all_of(self, whom: Whom, on: date) -> list[Slot]:
        """What is still due on a day; what has lapsed or was missed before is over already, but
        what the clock had yet to do is not done any more either."""
        if whom == Whom(whom.matter):
            found = (due for due in self.everything() if due.slot.matter == whom.matter)
        else:
            found = (due for due in self.of(whom) if due.is_open)
        return [
            due.slot
            for due in found
            if self.state(due, on - _ONE_DAY) == "open"
            or (due.nature is Nature.ACT and due.is_open)
        ]

    # --- reading ---------------------------------------------------------------------------

    def group(self, matter: str, person: str) -> str | None:
        """The group that somebody belongs to."""
        found = self.group_of.get((matter, person))
        return found if found or self.base is None else self.base.group(matter, person)

    def own(self, slot: Slot) -> Due | None:
        """What is due in exactly that slot."""
        whose, name = slot[:3], slot[3:]
        book: Book | None = self
        while book is not None:
            theirs = book._dues.get(whose)  # noqa: SLF001 - of the same class
            if theirs is not None and name in theirs:
                return theirs[name]
            book = book.base
        return None

    def _here(self, slot: Slot) -> Due | None:
        theirs = self._dues.get(slot[:3])
        return None if theirs is None else theirs.get(slot[3:])

    def everything(self) -> Iterator[Due]:
        """All that lies in this book itself, nothing shared."""
        for theirs in self._dues.values():
            yield from theirs.values()

    def due(self, whom: Whom, what: str, about: str = "") -> Due | None:
        """What is due to somebody, whether of their own or shared with their group.

        Of two days for one right the later holds: nobody loses a day that was published to them.
        """
        slot = slot_of(whom, what, about)
        own = self.own(slot)
        if own is not None and (own.nature is not Nature.RIGHT or not (own.is_open or own.is_used)):
            return own
        shared = self._shared_with(slot)
        if own is None or shared is None:
            return own or shared
        ours, theirs = self.last(own), self.last(shared)
        if own.is_used:
            if ours is None or theirs is None or theirs <= ours:
                return own
            return own.but(again=fixed(theirs, shared.when.basis))
        if ours is None or (theirs is not None and theirs > ours):
            return own.but(when=shared.when, opened_by=shared.opened_by)
        return own

    def _met(self, slot: Slot) -> Due | None:
        """As `_shared_with`, for a fact of theirs that is about to change it for them: noted in
        `lines_met`."""
        line = self._line(slot)
        if line is not None:
            self.lines_met.append(line)
        return _reaching(slot, line)

    def _shared_with(self, slot: Slot) -> Due | None:
        """The group's, or else the matter's, as it reaches one of its people; what the group has
        done is not theirs. Of the matter's only what the clock is to do for each is shared."""
        return _reaching(slot, self._line(slot))

    def _line(self, slot: Slot) -> Due | None:
        matter, _, person, what, about = slot
        if person is None:
            return None
        group = self.group(matter, person)
        found = self.own(Slot(matter, group, None, what, about)) if group else None
        if not found or found.once:
            found = self.own(Slot(matter, None, None, what, about))
            if found is not None and found.nature is not Nature.ACT:
                return None
        return None if found is None or found.once else found

    def of(self, whom: Whom, nature: Nature | None = None) -> Iterator[Due]:
        """Everything that is or was due to somebody, as `due` reads it."""
        names: dict[_Name, None] = {}
        for source in self._sources(whom):
            for name, due in source.items():
                if nature is not None and due.nature is not nature:
                    continue
                # What is due once from the matter or a group is not due from each of its people.
                if whom.person is not None and due.slot.person is None and not _is_shared(due):
                    continue
                names[name] = None
        for what, about in names:
            found = self.due(whom, what, about)
            if found is not None:
                yield found

    def _named(self, whom: Whom, names: set[str]) -> Iterator[Due]:
        """What of those names is or was due to somebody, about whatever."""
        found = {
            name: None for source in self._sources(whom) for name in source if name[0] in names
        }
        for what, about in found:
            due = self.due(whom, what, about)
            if due is not None:
                yield due

    def _sources(self, whom: Whom) -> Iterator[dict[_Name, Due]]:
        group = whom.person and self.group(whom.matter, whom.person)
        book: Book | None = self
        while book is not None:
            yield book._dues.get(whom, {})  # noqa: SLF001 - of the same class
            if group:
                yield book._dues.get(Whom(whom.matter, group), {})  # noqa: SLF001
            if whom.person:
                yield book._dues.get(Whom(whom.matter), {})  # noqa: SLF001
            book = book.base

    def days(self, due: Due) -> tuple[date | None, date | None]:
        """The day of what is due and its later reading, where that differs; both `None`: none.

        A day that hangs is that of what it hangs on, as that stands now.
        """
        if due.when.hangs_on is None:
            return due.when.on, due.when.later
        return self._hanging(due.slot, due.when.hangs_on), None

    def last(self, due: Due) -> date | None:
        """The last day on which it can be done, or done again, under any reading."""
        on, later = self.days(due)
        again = None if due.again is None else due.again.last
        return max((day for day in (later or on, again) if day is not None), default=None)

    def _hanging(self, slot: Slot, hangs_on: HangsOn) -> date | None:
        days: list[date | None] = []
        if hangs_on.milestone is not None:
            milestone = self.own(Slot(slot.matter, None, None, MILESTONE, hangs_on.milestone))
            days.append(None if milestone is None else self.last(milestone))
        for name in hangs_on.after:
            milestone = self.own(Slot(slot.matter, None, None, MILESTONE, name))
            last = None if milestone is None else self.last(milestone)
            days.append(None if last is None else last + _ONE_DAY)
        if hangs_on.day_after or hangs_on.once_done:
            for due in self._named(Whom(*slot[:3]), {*hangs_on.day_after, *hangs_on.once_done}):
                if due.outcome is Outcome.SUPERSEDED:
                    continue
                if due.slot.what in hangs_on.day_after:
                    last = self.last(due)
                    days.append(None if last is None else last + _ONE_DAY)
                if due.slot.what in hangs_on.once_done:
                    days.append(None if due.is_open else due.outcome_on)
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None

    def state(self, due: Due, on: date) -> str:
        """Where it stands at the end of a day: open, met, missed, lapsed or superseded."""
        if due.outcome is not None:
            return due.outcome.value
        last = self.last(due)
        if last is None or on <= last:
            return "open"
        return "lapsed" if due.nature is Nature.RIGHT else "missed"


def _reaching(slot: Slot, line: Due | None) -> Due | None:
    if line is None or line.outcome is Outcome.SUPERSEDED:
        return None
    return line.but(slot=slot, outcome=None, outcome_on=None, closed_by=None)


def _is_shared(due: Due) -> bool:
    """Whether what is due to a group, or to the matter, is due from each of its people."""
    return not due.once and (due.slot.group is not None or due.nature is Nature.ACT)


def next_act(book: Book, whom: Whom) -> tuple[Due, date] | None:
    """The next thing for the clock to do, with its day: the earliest open act that has one."""
    dated = [
        (day, due.slot.what, due.slot.about, due)
        for due in book.of(whom, Nature.ACT)
        if due.is_open and (day := book.days(due)[0]) is not None
    ]
    if not dated:
        return None
    day, _, _, due = min(dated, key=lambda each: each[:3])
    return due, day


def slot_of(whom: Whom, what: str, about: str) -> Slot:
    return Slot(whom.matter, whom.group, whom.person, what, about)

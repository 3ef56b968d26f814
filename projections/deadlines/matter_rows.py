"""Deadlines of every kind that is declared for the engine: from a page of facts to rows.

The engine reads what is due (`transfer.core.matter.book`); this loads of its book what a page may
touch, takes the page's facts on, and writes the rows that lead from what was written before to what
is due now (`transfer.core.matter.rows`). It knows no kind and no name of anything that is due.

Facts are taken stream by stream within a command: a page holds all of a command's facts on each
stream that it has, so that the rows are the same wherever pages are cut.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import NamedTuple
from uuid import UUID, uuid5

from projections.deadlines import matter_tables as tables
from projections.deadlines.matter_tables import (
    KeptMatter,
    KeptPerson,
    ObligationRow,
    OutcomeRow,
    Person,
    Runner,
    Written,
)
from projections.keeping_up.copying import Conn
from projections.keeping_up.runner import Page
from transfer.core.matter import facts as t
from transfer.core.matter.book import Book, Due
from transfer.core.matter.folding import Deed, OnRecord, deeds
from transfer.core.matter.kind import Kind
from transfer.core.matter.replaying import CLOCK
from transfer.core.matter.rows import (
    Concerned,
    Line,
    Published,
    Reading,
    Told,
    changes,
    concerned,
    hanging_names,
    lines,
    told,
)
from transfer.core.matter.words import Made, Nature, Outcome, Slot, Whom
from transfer.core.streams import matter_of, matter_stream, staff_stream, take_apart
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

ReadStreams = Callable[[Sequence[str]], Mapping[str, Sequence[Recorded[Fact]]]]
"""The facts of several streams, each oldest first (`Log.read_many`)."""

_ROLES_THAT_RUN_NOTHING = frozenset({"staff", "union"})
"""Roles outside the office: who does what these may do does not run the matter for that."""

_AT_ONCE = 500
"""People whose streams are read at once, where everybody's have to be."""


def facts_of(known: KnownFacts) -> tuple[type[Fact], ...]:
    """The facts that deadlines of kinds are read from; none where there is no kind."""
    if not known.kinds:
        return ()
    return (*t.STORED_NAMES, *(fact for kind in known.kinds for fact in kind.facts))


def apply(conn: Conn, page: Page, known: KnownFacts, read_streams: ReadStreams) -> None:
    """Write the rows that a page makes."""
    units = _units(page, known)
    if not units:
        return
    streams = _Streams(page, read_streams)
    runs = _load(conn, units, known, streams)
    for unit in units:
        for matter in unit.told:
            runs[matter].take(unit)
    opened = [row for run in runs.values() for row in run.opened]
    ended = [row for run in runs.values() for row in run.ended]
    tables.write(conn, opened, ended)
    tables.keep_matters(conn, [run.kept() for run in runs.values()])
    tables.keep_people(conn, [row for run in runs.values() for row in run.kept_people()])
    for run in runs.values():
        changed, gone = run.changed_dues()
        tables.drop_dues(conn, gone)
        tables.keep_dues(conn, changed)


# --- the facts of a page, stream by stream ------------------------------------------------------


@dataclass(slots=True)
class _Unit:
    """The facts of one command on one stream, as each matter takes them."""

    stream: str
    events: list[Recorded[Fact]] = field(default_factory=list)
    told: dict[str, list[Told]] = field(default_factory=dict)

    @property
    def person(self) -> str | None:
        """Whose stream it is."""
        kind, name = take_apart(self.stream)
        return name if kind == "staff" else None


def _on_record(event: Recorded[Fact]) -> OnRecord | None:
    if not isinstance(event.fact, t.MatterFact):
        return None
    kind, name = take_apart(event.stream)
    person = name if kind == "staff" else None
    return OnRecord(event.event_id, event.position, event.command_id, person, event.fact)


def _units(page: Page, known: KnownFacts) -> list[_Unit]:
    found: dict[tuple[UUID, str], _Unit] = {}
    for event in page:
        record = _on_record(event)
        if record is None:
            continue
        of_each = dict(_told(record, known))
        if of_each:
            of_one = (event.command_id, event.stream)
            unit = found.setdefault(of_one, _Unit(event.stream))
            unit.events.append(event)
            for matter, each in of_each.items():
                unit.told.setdefault(matter, []).append(each)
    return list(found.values())


def _told(record: OnRecord, known: KnownFacts) -> Iterator[tuple[str, Told]]:
    """A fact as the matters take it whose lines it may change, or that it begins."""
    fact = record.fact
    names = {fact.matter: known.kind(fact.matter)}
    for kind in known.kinds:
        heard = kind.hears_in(fact)
        if heard is not None:
            names[heard] = known.kind(heard)
    for matter, kind_of_it in names.items():
        each = None if kind_of_it is None else told(kind_of_it, matter, record)
        if each is not None and (each.bears or isinstance(fact, t.MatterBegun)):
            yield matter, each


class _Streams:
    """The streams that have to be read from their beginning, each up to a position."""

    def __init__(self, page: Page, read_streams: ReadStreams) -> None:
        self._first = page[0].position
        self._read_streams = read_streams
        self._before: dict[str, list[OnRecord]] = {}
        self._of_page: dict[str, list[OnRecord]] = {}
        for event in page:
            record = _on_record(event)
            if record is not None:
                self._of_page.setdefault(event.stream, []).append(record)

    def have(self, streams: Iterable[str]) -> None:
        """Read those that were not read yet, all at once."""
        missing = [stream for stream in dict.fromkeys(streams) if stream not in self._before]
        if missing:
            for stream, events in self._read_streams(missing).items():
                before = (_on_record(event) for event in events if event.position < self._first)
                self._before[stream] = [each for each in before if each is not None]

    def drop(self, streams: Iterable[str]) -> None:
        """Keep them no longer."""
        for stream in streams:
            self._before.pop(stream, None)

    def upto(self, stream: str, position: int) -> list[OnRecord]:
        """The facts of procedures on a stream, up to a position in the log."""
        self.have([stream])
        of_page = self._of_page.get(stream, ())
        return [*self._before[stream], *(each for each in of_page if each.order <= position)]


# --- loading ------------------------------------------------------------------------------------


def _load(
    conn: Conn, units: Sequence[_Unit], known: KnownFacts, streams: _Streams
) -> dict[str, "_Run"]:
    """Every matter of the page, with what its facts may touch."""
    names = dict.fromkeys(matter for unit in units for matter in unit.told)
    kept = tables.matters(conn, names)
    runs: dict[str, _Run] = {}
    for matter in names:
        kind = known.kind(matter)
        if kind is not None:
            before = kept.get(matter) or KeptMatter(matter, _id_of(matter))
            runs[matter] = _Run(Reading(kind, matter, last=before.last), before, streams)
    _learn(conn, runs, [(matter, "") for matter in names])
    loaded: dict[Person, None] = {}
    for matter, run in runs.items():
        of_whole = run.plan(units)
        people = {unit.person for unit in units if unit.person and matter in unit.told}
        people |= _people_of(conn, run, of_whole)
        loaded |= dict.fromkeys((matter, person) for person in sorted(people))
    for person in tables.people(conn, loaded):
        runs[person.matter].know_person(person)
    _learn(conn, runs, loaded)
    _exercises(conn, runs, units)
    streams.have(stream for run in runs.values() for stream in run.to_read(units))
    return runs


def _learn(conn: Conn, runs: Mapping[str, "_Run"], wanted: Iterable[Person]) -> None:
    wanted = list(wanted)
    if wanted:
        for due in tables.dues(conn, wanted):
            runs[due.slot.matter].know(due)
        for each in tables.written(conn, wanted):
            runs[each.line.slot.matter].know_written(each)


def _people_of(conn: Conn, run: "_Run", whom: Concerned) -> set[str]:
    """The people whose lines facts of the whole matter may change."""
    if not whom:
        return set()
    if whom.everybody:
        return whom.people | tables.everybody(conn, run.matter)
    people, groups, names = set(whom.people), set(whom.groups), set(whom.names)
    while True:
        hanging = tables.hanging(conn, run.matter, names)
        people |= {person for person, _, _ in hanging if person}
        groups |= {group for _, group, _ in hanging if group}
        more = {what for _, _, what in hanging} - names
        if not more:
            break
        names |= more
    whom.names |= names
    whom.groups |= groups
    return people | (tables.members(conn, run.matter, groups) if groups else set())


def _exercises(conn: Conn, runs: Mapping[str, "_Run"], units: Sequence[_Unit]) -> None:
    """Which exercise a matter that begins was begun against, and who runs that exercise by then, or
    else the matter."""
    in_order = [
        (event, event.fact)
        for unit in units
        for event in unit.events
        if isinstance(event.fact, t.MatterFact) and event.fact.matter in unit.told
    ]
    against = {fact.against for _, fact in in_order if isinstance(fact, t.MatterBegun)} - {None}
    kept = tables.matters(conn, [other for other in against if other and other not in runs])
    for event, fact in in_order:
        run = runs.get(fact.matter)
        if run is None:
            continue
        if run.runner is None and run.is_done_by_the_office(fact.made):
            run.runner = Runner(event.recorded_by, event.recorded_at)
        if isinstance(fact, t.MatterBegun) and fact.against is not None:
            root = runs.get(fact.against) or kept.get(fact.against)
            run.exercise = _id_of(fact.against) if root is None else root.exercise
            if root is not None and root.runner is not None:
                run.runner = Runner(root.runner.run_by, event.recorded_at)


def _id_of(matter: str) -> str:
    return matter.partition(":")[2]


# --- one matter ---------------------------------------------------------------------------------


class _Cause(NamedTuple):
    """The facts that rows follow from: the last of them, and all by their ids."""

    last: Recorded[Fact]
    events: Mapping[UUID, Recorded[Fact]]


class _Run:
    """One matter while a page is taken."""

    def __init__(self, reading: Reading, kept: KeptMatter, streams: _Streams) -> None:
        self.reading = reading
        self.matter = reading.matter
        self.exercise = kept.exercise
        self.runner = kept.runner
        self.heard = set(kept.heard)
        self.streams = streams
        self.opened: list[ObligationRow] = []
        self.ended: list[OutcomeRow] = []
        self._known: dict[Slot, Due] = {}
        self._people: dict[str, KeptPerson] = {}
        self._written: dict[Whom, dict[Slot, Written]] = {}
        self._context: tuple[int, tuple[Deed, ...]] | None = None

    @property
    def _kind(self) -> Kind:
        return self.reading.kind

    def is_done_by_the_office(self, made: Made) -> bool:
        """Whether only somebody in the office can have made a fact.

        Staff and unions may begin some matters, and do not run them. The person runs such a matter
        who is first to do something in it that staff and unions may not do.
        """
        act = next((each for each in self._kind.acts if each.name == made.act), None)
        return made.by != CLOCK and (act is None or _ROLES_THAT_RUN_NOTHING.isdisjoint(act.who))

    # --- what was kept -------------------------------------------------------------------------

    def know(self, due: Due) -> None:
        """Take what is due from the tables."""
        self._known[due.slot] = due
        person = due.slot.person
        (self.reading.whole if person is None else self.reading.of(person)).know(due)

    def know_person(self, person: KeptPerson) -> None:
        """Take what is known of somebody from the tables."""
        name = person.staff_number
        self._people[name] = person
        book = self.reading.of(name)
        if person.formed_in is not None:
            self.reading.whole.group_of[self.matter, name] = person.formed_in
        if person.joined_to is not None:
            book.group_of[self.matter, name] = person.joined_to
        if person.last is not None:
            self.reading.last_of[name] = person.last

    def know_written(self, each: Written) -> None:
        """Take what was written last from the tables."""
        slot = each.line.slot
        self._written.setdefault(Whom(*slot[:3]), {})[slot] = each

    def kept(self) -> KeptMatter:
        """How the matter stands now."""
        heard = frozenset(self.heard)
        return KeptMatter(self.matter, self.exercise, self.runner, heard, self.reading.last)

    def kept_people(self) -> Iterator[KeptPerson]:
        """How its people stand now, where that has changed."""
        whole = self.reading.whole.group_of
        names = {*self.reading.own, *(person for _, person in whole)}
        for name in sorted(names):
            own = self.reading.own.get(name)
            now = KeptPerson(
                self.matter,
                name,
                whole.get((self.matter, name)),
                None if own is None else own.group_of.get((self.matter, name)),
                self.reading.last_of.get(name),
            )
            if now != self._people.get(name):
                yield now

    def changed_dues(self) -> tuple[list[Due], list[Slot]]:
        """What is due otherwise than was kept, and what was never due."""
        books = (self.reading.whole, *self.reading.own.values())
        now = {due.slot: due for book in books for due in book.everything()}
        changed = [due for slot, due in now.items() if self._known.get(slot) != due]
        return changed, [slot for slot in self._known if slot not in now]

    # --- what will be asked for ----------------------------------------------------------------

    def plan(self, units: Sequence[_Unit]) -> Concerned:
        """Whose lines the page's facts of the whole matter may change."""
        found = Concerned()
        last = self.reading.last
        for unit in units:
            for each in unit.told.get(self.matter, ()) if unit.person is None else ():
                if each.bears:
                    found.everybody |= not self.reading.is_in_order(each)
                    found.add(concerned(self._kind, each))
                    self.reading.note(each)
        self.reading.last = last
        # What hangs in the matter or a group itself; what hangs of people is asked for.
        for due in self.reading.whole.everything():
            if due.nature is not Nature.ACT and found.names.intersection(hanging_names(due)):
                found.names.add(due.slot.what)
                if due.slot.group is not None:
                    found.groups.add(due.slot.group)
        return found

    def to_read(self, units: Sequence[_Unit]) -> Iterator[str]:
        """The streams that the page's facts make it read from their beginning."""
        last, last_of = self.reading.last, dict(self.reading.last_of)
        for unit in units:
            for each in unit.told.get(self.matter, ()):
                if not each.bears:
                    continue
                if not self.reading.is_in_order(each):
                    yield from self._streams_of_matter()
                    if unit.person is not None:
                        yield unit.stream
                elif unit.person is None and concerned(self._kind, each):
                    before = [
                        person
                        for person in self.reading.own
                        if self.reading.stands_before(each, person)
                    ]
                    if len(before) <= _AT_ONCE:
                        yield from map(staff_stream, before)
                        yield from self._streams_of_matter() if before else ()
                self.reading.note(each)
        self.reading.last, self.reading.last_of = last, last_of

    def _streams_of_matter(self) -> tuple[str, ...]:
        return (matter_stream(self.matter), *map(matter_stream, sorted(self.heard)))

    # --- taking --------------------------------------------------------------------------------

    def take(self, unit: _Unit) -> None:
        """Take the facts of one command on one stream, and write what they change."""
        of_matter = [each for each in unit.told[self.matter] if each.bears]
        if not of_matter:
            return
        ids = {each.record.event_id for each in of_matter}
        events = {event.event_id: event for event in unit.events if event.event_id in ids}
        cause = _Cause(list(events.values())[-1], events)
        if unit.person is None:
            self._take_whole(unit, of_matter, cause)
        else:
            self._take_person(unit.person, of_matter, cause)

    def _take_person(self, person: str, of_person: Sequence[Told], cause: _Cause) -> None:
        anew = False
        for each in of_person:
            anew = anew or not self.reading.is_in_order(each)
            if anew:
                self.reading.note(each)
            else:
                self.reading.take(each)
        if anew:
            self._read_anew(person, cause.last.position)
        self._write(Whom(self.matter, None, person), cause, anew=anew)

    def _take_whole(self, unit: _Unit, of_matter: Sequence[Told], cause: _Cause) -> None:
        whom, anew = Concerned(), False
        before: set[str] = set()
        heard = matter_of(unit.stream)
        if heard is not None and heard != self.matter:
            self.heard.add(heard)
        for each in of_matter:
            of_fact = concerned(self._kind, each)
            anew = anew or not self.reading.is_in_order(each)
            if of_fact:
                before |= {p for p in self.reading.own if self.reading.stands_before(each, p)}
            before |= self._reopened_by(each.record.fact)
            whom.add(of_fact)
            if anew:
                self.reading.note(each)
            else:
                self.reading.take(each)
        groups = {None, *(each.group for each in of_matter), *self._groups_with_lines()}
        if anew:
            self.reading.take_anew(None, self._decisions(cause.last.position), ())
            groups |= self._groups_with_lines()
        for group in sorted(groups, key=lambda name: name or ""):
            self._write(Whom(self.matter, group), cause, anew=anew)
        people = self._whom(whom, anew=anew)
        # Only who has something of that day or later may have been read otherwise then.
        late = before.intersection(people)
        for person in people:
            if person not in late:
                self._write(Whom(self.matter, None, person), cause, anew=False)
        left = iter(sorted(late))
        while chunk := list(islice(left, _AT_ONCE)):
            streams = list(map(staff_stream, chunk))
            self.streams.have(streams)
            for person in chunk:
                self._read_anew(person, cause.last.position)
                self._write(Whom(self.matter, None, person), cause, anew=True)
            if len(late) > _AT_ONCE:
                self.streams.drop(streams)

    def _reopened_by(self, fact: t.MatterFact) -> set[str]:
        """The people whose individual duties and rights are open again: the end of the matter had
        closed them, and this fact undoes that end."""
        if not isinstance(fact, t.Undone):
            return set()
        undone = {fact.decision, *fact.facts}
        return {
            person
            for person, book in self.reading.own.items()
            if any(due.closed_by in undone for due in book.everything())
        }

    def _groups_with_lines(self) -> set[str | None]:
        """The groups of which something is due from them once."""
        return {
            due.slot.group
            for due in self.reading.whole.everything()
            if due.once and due.nature is not Nature.ACT
        }

    def _whom(self, whom: Concerned, *, anew: bool) -> list[str]:
        """Those of the people who were loaded whose lines may have changed."""
        formed = self.reading.whole.group_of
        everybody = sorted({*self.reading.own, *whom.people, *(person for _, person in formed)})
        if anew or whom.everybody:
            return everybody
        names, groups = self._names(whom)
        return [
            person
            for person in everybody
            if person in whom.people
            or self.reading.of(person).group(self.matter, person) in groups
            or _hangs(self.reading.of(person), names)
        ]

    def _names(self, whom: Concerned) -> tuple[set[str], set[str]]:
        """What has moved, and what hangs on that in turn; and the groups that this concerns."""
        names, groups = set(whom.names), set(whom.groups)
        books = (self.reading.whole, *self.reading.own.values())
        hanging = [
            due
            for book in books
            for due in book.everything()
            if due.nature is not Nature.ACT and due.when.hangs_on is not None
        ]
        while True:
            moved = [due for due in hanging if names.intersection(hanging_names(due))]
            groups |= {due.slot.group for due in moved if due.slot.group is not None}
            more = {due.slot.what for due in moved} - names
            if not more:
                return names, groups
            names |= more

    # --- reading anew --------------------------------------------------------------------------

    def _decisions(self, position: int) -> tuple[Deed, ...]:
        """The decisions of the whole matter, as on record at a position."""
        records = [
            each
            for stream in self._streams_of_matter()
            for each in self.streams.upto(stream, position)
        ]
        if self._context is None or self._context[0] != len(records):
            found = deeds(sorted(records, key=lambda each: each.order))
            self._context = len(records), found
        return self._context[1]

    def _read_anew(self, person: str, position: int) -> None:
        context = self._decisions(position)
        theirs = self.streams.upto(staff_stream(person), position)
        self.reading.take_anew(person, context, deeds(theirs, context))

    # --- writing -------------------------------------------------------------------------------

    def _write(self, whom: Whom, cause: _Cause, *, anew: bool) -> None:
        """Write what leads from the rows of somebody to what is due to them now."""
        book = self.reading.whole if whom.person is None else self.reading.of(whom.person)
        mine = self._written.setdefault(whom, {})
        before = {slot: each.line for slot, each in mine.items()}
        for row in changes(before, lines(book, whom), anew=anew):
            if isinstance(row, Published):
                mine[row.line.slot] = self._publish(row.line, cause, mine.get(row.line.slot))
                continue
            obligation_id, first_place, line = mine[row.slot]
            self.ended.append(
                OutcomeRow(
                    obligation_id=obligation_id,
                    outcome=row.outcome,
                    outcome_on=row.on,
                    event_id=row.by or cause.last.event_id,
                    recorded_from=cause.last.recorded_at,
                    place=cause.last.position,
                )
            )
            became = replace(line, outcome=row.outcome, outcome_on=row.on)
            mine[row.slot] = Written(obligation_id, first_place, became)

    def _publish(self, line: Line, cause: _Cause, before: Written | None) -> Written:
        event = cause.events.get(line.opened_by) if line.opened_by else None
        event = event or cause.last
        first = event.position
        if before is not None and before.line.outcome is not Outcome.MET:
            first = before.first_place
        row = ObligationRow(
            obligation_id=uuid5(event.event_id, "/".join(map(str, line.slot))),
            exercise=self.exercise,
            line=line,
            opened_by=event.event_id,
            recorded_from=event.recorded_at,
            place=event.position,
            first_place=first,
        )
        self.opened.append(row)
        left = replace(line, outcome=None, outcome_on=None)
        return Written(row.obligation_id, first, left)


def _hangs(book: Book, names: set[str]) -> bool:
    return any(
        due.nature is not Nature.ACT and names.intersection(hanging_names(due))
        for due in book.everything()
    )

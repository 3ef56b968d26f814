"""What procedures there are, how one of them stands, and what may be done in it.

Read from the log itself, as it was at the knowledge time asked for; what is due from whom is that
of the deadlines, which never differ (`projections.deadlines`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import Field

from projections.deadlines.deadlines import Deadline, State, deadlines, waiting
from projections.deadlines.kept import KeptWaiting
from projections.exercise import outcome as exercise_outcome
from projections.exercise.kept import KeptOutcomes
from projections.exercise.outcome import ExerciseOutcome, MilestoneOutcome, Participant
from projections.keeping_up.copying import Conn
from transfer.commands.due_steps import DueSteps, Following
from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.commands.office import Office
from transfer.core.dating.calendars import date_in_london
from transfer.core.dating.instants import Instant
from transfer.core.duties import NEAR_DAYS
from transfer.core.matter import facts as t
from transfer.core.matter.book import Due
from transfer.core.matter.folding import State as MatterState
from transfer.core.matter.kind import Kind
from transfer.core.matter.no_edition import NONE
from transfer.core.matter.replaying import standing
from transfer.core.matter.words import Nature, Whom
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.streams import matter_stream, staff_stream, take_apart
from transfer.log.envelope import Receipt, Recorded
from transfer.log.views import LogAt
from transfer.procedures.exercise.plan import plan_of
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer, Cites, absent
from transfer.questions.asserted import (
    Contested,
    KeptContests,
    Resting,
    contested_in,
    people_resting,
    resting_in,
)
from transfer.questions.table import Row

MOST_LISTED = 1_000
_MOST_WAITING = 200
_ROWS = 1_000
_STREAMS = 500

RUNNING, COMPLETED, ABANDONED, OVER = "running", "completed", "abandoned", "over"
STATES = (RUNNING, COMPLETED, ABANDONED, OVER)


class WaitsFor(Answer):
    """Something that a procedure waits for: what, from whom, until when (no day: until somebody
    does it), since when, and about whom."""

    what: str
    about: str
    owner: str
    due_on: date | None
    since: Instant
    staff_number: str | None
    clause: str | None


class ProcedureListed(Answer):
    """One procedure. `next_step` is what the clock does next, and `next_on` when."""

    kind: str
    id: str
    title: str
    state: str
    edition: str
    against: str | None
    staff_number: str | None
    begun_on: date
    next_step: str | None
    next_on: date | None


class Procedures(Answer):
    """Procedures that run or ran, by kind and id, as known at an instant."""

    known_at: Instant
    items: tuple[ProcedureListed, ...]
    next_cursor: str | None


class GroupShown(Answer):
    """A group: its people, when its letters go out or went, until when its windows are open."""

    group: str
    people: int
    transferor: str
    path: str
    letters_on: date | None
    sent_on: date | None
    windows: dict[str, date | None]
    next_step: str | None
    next_on: date | None


class StepNotTaken(Answer):
    """A step that the rules refuse, and why; it stays due."""

    step: str
    clauses: tuple[str, ...]
    reasons: tuple[str, ...]
    people: int


class ToSettle(Answer):
    """A decision that would state something else by now. `duty` names it in the act `settle`."""

    duty: UUID
    procedure: str
    step: str
    decided_on: date
    because_of: str
    would_state: tuple[dict[str, Any], ...]
    group: str | None
    staff_number: str | None


class ToApprove(Answer):
    """A step that is due by law since a day and waits for somebody's approval."""

    step: str
    by_law_on: date
    proposed_by: str
    group: str | None
    staff_number: str | None


class Sentence(Cites):
    """A fact of the procedure in plain words: on which day it happened, when it was recorded."""

    happened_on: date
    recorded_at: Instant
    recorded_by: str
    sentence: str
    clause: str | None
    document: str | None
    document_title: str | None = Field(None, exclude_if=absent)
    reason: str | None = Field(None, exclude_if=absent)


class ProcedureStands(ProcedureListed):
    """One procedure as it stands: in words, in numbers, by plan and fact.

    `version` is its own stream's, for `If-Match`. `waiting` counts what is open by what it is.
    `values` are those that it was begun with. `resting` has its acts that rest on what one side
    asserts. Of a contested fact, `contested` has what each side asserts, side by side.
    """

    known_at: Instant
    version: int
    says: str
    held: bool
    values: tuple[dict[str, Any], ...]
    counts: dict[str, int]
    plan: tuple[MilestoneOutcome, ...]
    groups: tuple[GroupShown, ...]
    waiting: dict[str, int]
    refused: tuple[StepNotTaken, ...]
    sentences: tuple[Sentence, ...]
    resting: tuple[Resting, ...] = Field((), exclude_if=absent)
    contested: Contested | None = Field(None, exclude_if=absent)


class ProcedureShown(ProcedureStands):
    """The same, with what it waits for one by one.

    `waits_for` lists what `waiting` counts, the earliest first: at most 200 that are missed, and
    200 that are not.
    """

    waits_for: tuple[WaitsFor, ...]
    to_settle: tuple[ToSettle, ...]
    to_approve: tuple[ToApprove, ...]


class PersonInExercise(Answer):
    """Somebody in an exercise: where to, by which route and why; letter, answer, appeal, outcome.

    `rests_on` names what one side asserts and an act for them rests on. `state` is where they are:
    with a transferee, ended, left, or still with the transferor.
    """

    staff_number: str
    state: str
    route: str | None
    destination: str | None
    because: str | None
    clauses: tuple[str, ...]
    group: str | None
    letter: bool
    answer: str | None
    appeals: int
    appeal: str | None
    objects: bool
    confirmed: str | None
    refused: dict[str, str]
    rests_on: tuple[str, ...] = Field((), exclude_if=absent)


class PersonRow(PersonInExercise, Row):
    """Somebody in an exercise, as a row; see `PersonInExercise`."""

    exercise: str
    known_at: Instant


class PeopleOfExercise(Answer):
    """The people of an exercise, by staff number, as known at an instant."""

    known_at: Instant
    items: tuple[PersonInExercise, ...]
    next_cursor: str | None


# --- looking at a matter ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Found:
    """A procedure as the record knew it at an instant: its kind, whose it is, its facts."""

    kind: Kind
    matter: str
    person: str | None
    events: Sequence[Recorded[Fact]]
    state: MatterState
    today: date

    @property
    def begun(self) -> t.MatterBegun:
        """The fact that it began with."""
        return next(each.fact for each in self.events if isinstance(each.fact, t.MatterBegun))

    @property
    def standing(self) -> str:
        """One of `STATES`."""
        ended: dict[UUID, str] = {}
        for each in self.events:
            match each.fact:
                case t.Abandoned() | t.Completed() as fact:
                    how = ABANDONED if isinstance(fact, t.Abandoned) else COMPLETED
                    ended[fact.made.in_place_of or each.event_id] = how
                case t.Undone(decision=decision):
                    ended.pop(decision, None)
                case _:
                    pass
        for how in (ABANDONED, COMPLETED):
            if how in ended.values():
                return how
        if self.kind.is_over is not None:
            return OVER if self.kind.is_over(self.state.mine.substance, self.today) else RUNNING
        if self.person is None:
            return RUNNING
        open_ = any(due.is_open for due in self.state.book.of(self.state.whom) if _counts(due))
        return RUNNING if open_ and not self.state.is_over else OVER


def _counts(due: Due) -> bool:
    return due.nature in (Nature.DUTY, Nature.ACT)


class Looking:
    """Reads procedures as the record knew them at an instant; for one request.

    `today` is the day by which things are due, that of the instant unless it is given; a duty is
    near `near_days` before its day.
    """

    def __init__(
        self,
        office: Office,
        worlds: Worlds,
        known_at: datetime,
        today: date | None = None,
        *,
        near_days: int = NEAR_DAYS,
    ) -> None:
        self.known_at = known_at
        self.near_days = near_days
        self.today = today or date_in_london(known_at)
        self.office = Office(LogAt(office.log, known_at), office.vault)
        self.worlds = worlds.at(self.office, known_at)
        self.due = DueSteps(self.office, self.worlds)
        self._next: dict[Whom, Following | None] = {}

    @property
    def kinds(self) -> Sequence[Kind]:
        """The kinds of procedure that the program has."""
        return self.office.known.kinds

    @property
    def contests(self) -> Sequence[str]:
        """The contested facts that there are by now."""
        return self.worlds.beside(KeptContests).matters(self.office.log)

    def kind(self, name: str) -> Kind:
        """The kind of that name; raises `NotOnRecord`."""
        for kind in self.kinds:
            if kind.name == name:
                return kind
        raise NotOnRecord(f"no kind of procedure {name}: {', '.join(k.name for k in self.kinds)}")

    def facts_of(self, streams: Sequence[str]) -> Iterator[tuple[str, Sequence[Recorded[Fact]]]]:
        """Each of these streams with its facts, in this order, some hundred streams a query."""
        for start in range(0, len(streams), _STREAMS):
            some = streams[start : start + _STREAMS]
            yield from self.office.log.read_many(some).items()

    def names(
        self, kind: Kind, staff: str | None, *, about_them: bool = False
    ) -> Iterator[tuple[str, str | None]]:
        """Every matter of a kind, and whose it is where it is one person's; in order.

        With `staff` those that have something of that person, and with `about_them` those that are
        about them besides.
        """
        if kind.lies_with_person:
            for matter, person in self.worlds.matters_of(kind.name, staff):
                yield matter, person
            return
        theirs = None
        if staff is not None:
            theirs = {matter for matter, _ in self.worlds.matters_of(kind.name, staff)}
        for stream in self.office.log.streams_under(f"matter:{kind.name}/"):
            matter = f"{kind.name}:{stream.partition('/')[2]}"
            is_theirs = theirs is None or matter in theirs
            if is_theirs or (about_them and staff in self._about(kind, matter)):
                yield matter, None

    def _about(self, kind: Kind, matter: str) -> Collection[str]:
        """Whom a matter is about; nobody, where the record did not know it then."""
        if kind.about is None:
            return ()
        try:
            found = self.find(kind, matter.partition(":")[2])
        except NotOnRecord:
            return ()
        return kind.about(found.state.whole.substance)

    def find(self, kind: Kind, id_: str, person: str | None = None) -> Found:
        """One procedure; raises `NotOnRecord` where the record did not know it then."""
        if not id_.isprintable():
            raise NotOnRecord(f"no {kind.name} of that id on record")  # no stream can be called so
        matter = f"{kind.name}:{id_}"
        if kind.lies_with_person and person is None:
            people = self.worlds.people_with(matter)
            if len(people) != 1:
                raise NotOnRecord(f"no {kind.name} {id_} on record")
            person = people[0]
        stream = matter_stream(matter) if person is None else staff_stream(person)
        events = [
            each
            for each in self.worlds.read(Loaded(), stream)
            if isinstance(each.fact, t.MatterFact) and each.fact.matter == matter
        ]
        if not any(isinstance(each.fact, t.MatterBegun) for each in events):
            raise NotOnRecord(f"no {kind.name} {id_} on record")
        world = self.worlds.world(Loaded(), matter, person)
        state = standing(world)[matter]
        return Found(kind, matter, person, events, state, self.today)

    def listed(self, found: Found) -> ProcedureListed:
        """A procedure as the list has it."""
        begun, step, on = found.begun, None, None
        if found.standing == RUNNING:
            step, on = self.next_of(Whom(found.matter, None, found.person))
            for group in self.worlds.groups(Loaded(), found.matter) if found.person is None else ():
                theirs, day = self.next_of(Whom(found.matter, group))
                if day is not None and (on is None or day < on):
                    step, on = theirs, day
        return ProcedureListed(
            kind=found.kind.name,
            id=found.matter.partition(":")[2],
            title=found.kind.title,
            state=found.standing,
            edition=begun.edition,
            against=begun.against,
            staff_number=found.person,
            begun_on=begun.happened_on,
            next_step=step,
            next_on=on,
        )

    def next_of(self, whom: Whom) -> tuple[str | None, date | None]:
        """What the clock does next of these, and when."""
        if whom not in self._next:
            self._next[whom] = self.due.following(whom, self.today)
        found = self._next[whom]
        return (None, None) if found is None else (found.step, found.day)


# --- the list -----------------------------------------------------------------------------------


def procedures(
    looking: Looking,
    *,
    kind: str | None = None,
    state: str | None = None,
    staff: str | None = None,
    due_before: date | None = None,
    limit: int = 100,
    cursor: str | None = None,
    about_them: bool = False,
) -> Procedures:
    """What runs or ran, by kind and id. `due_before` keeps those of which something is due before
    that day; `about_them` lists those as well that are about `staff`, such as disputes. Raises
    `Malformed` for a kind or state that there is not."""
    kinds = {each.name: each for each in looking.kinds}
    if kind is not None and kind not in kinds:
        raise Malformed(f"no such kind: {', '.join(kinds)}", field="kind")
    if state is not None and state not in STATES:
        raise Malformed(f"no such state: {', '.join(STATES)}", field="state")
    items: list[ProcedureListed] = []
    for name in sorted(kinds) if kind is None else [kind]:
        for matter, person in looking.names(kinds[name], staff, about_them=about_them):
            if cursor is not None and matter <= cursor:
                continue
            try:
                found = looking.find(kinds[name], matter.partition(":")[2], person)
            except NotOnRecord:
                continue  # not known yet at that instant
            if state is not None and found.standing != state:
                continue
            listed = looking.listed(found)
            if due_before is not None and (listed.next_on is None or listed.next_on >= due_before):
                continue
            if len(items) == limit:
                last = f"{items[-1].kind}:{items[-1].id}"
                return Procedures(known_at=looking.known_at, items=tuple(items), next_cursor=last)
            items.append(listed)
    return Procedures(known_at=looking.known_at, items=tuple(items), next_cursor=None)


def every_one_with(looking: Looking, staff_number: str) -> Iterator[Found]:
    """The procedures that have something of this person, by kind and id, whatever their state."""
    for kind in sorted(looking.kinds, key=lambda each: each.name):
        for matter, person in looking.names(kind, staff_number):
            try:
                yield looking.find(kind, matter.partition(":")[2], person)
            except NotOnRecord:
                continue  # not known yet at that instant


def running_with(looking: Looking, staff_number: str) -> Iterator[Found]:
    """Those of them that run."""
    found = every_one_with(looking, staff_number)
    return (each for each in found if each.standing == RUNNING)


# --- one of them --------------------------------------------------------------------------------


def procedure(looking: Looking, conn: Conn, kind: str, id_: str) -> ProcedureShown:
    """How one procedure stands, and what it waits for. Raises `NotOnRecord`."""
    found = looking.find(looking.kind(kind), id_)
    came = stands(looking, conn, found, came_of(conn, looking, found))
    open_, missed = (
        deadlines(
            conn, looking.known_at, matter=found.matter, state=state, limit=_MOST_WAITING
        ).items
        for state in (State.OPEN, State.MISSED)
    )
    world = looking.worlds.world(Loaded(), found.matter, found.person)
    return ProcedureShown(
        **dict(came),
        waits_for=tuple(map(_waits_for, (*missed, *open_))),
        to_settle=(
            *_to_settle(world.duties, found.person),
            *_of_people(looking, found, _waiting_of(conn, looking, found, came.waiting, t.SETTLE)),
        ),
        to_approve=tuple(
            to_approve(looking, found, _waiting_of(conn, looking, found, came.waiting, t.APPROVE))
        ),
    )


def procedure_stands(looking: Looking, conn: Conn, kind: str, id_: str) -> ProcedureStands:
    """How one procedure stands, without the list of what it waits for. Raises `NotOnRecord`."""
    found = looking.find(looking.kind(kind), id_)
    return stands(looking, conn, found, came_of(conn, looking, found))


def came_of(conn: Conn, looking: Looking, found: Found) -> ExerciseOutcome | None:
    """What an exercise has come to; `None` for another kind, or with nobody and no day in it."""
    if found.kind.name != "exercise":
        return None
    try:
        kept = looking.worlds.beside(KeptOutcomes)
        return kept.outcome(conn, found.matter.partition(":")[2], looking.known_at)
    except NotOnRecord:
        return None


def stands(
    looking: Looking, conn: Conn, found: Found, came: ExerciseOutcome | None
) -> ProcedureStands:
    """How a procedure that was found stands, and what it has come to."""
    listed = looking.listed(found)
    waits = _waiting(looking, conn, found)
    counts, plan, refused = _of_exercise(found, came)
    contested = contested_in(looking.office.log, found.matter)
    return ProcedureStands(
        **dict(listed),
        known_at=looking.known_at,
        version=_version(looking, found),
        says=_says(found.kind, listed, counts, sum(waits.values()))
        if contested is None
        else _contested_says(found, contested),
        held=found.state.is_held(),
        values=tuple(each.model_dump(mode="json") for each in getattr(found.begun, "values", ())),
        counts=counts,
        plan=plan,
        groups=tuple(_groups(looking, found)),
        waiting=waits,
        refused=refused,
        sentences=tuple(_sentences(looking, found)),
        resting=resting_in(looking.office.log, looking.contests, found.matter),
        contested=contested,
    )


def _waiting(looking: Looking, conn: Conn, found: Found) -> dict[str, int]:
    """How much is waited for; of an exercise, which only those who read everybody may see, as it
    was counted before where nothing is new."""
    if found.kind.name != "exercise":
        return waiting(conn, found.matter, looking.known_at)
    return looking.worlds.beside(KeptWaiting).waiting(conn, found.matter, looking.known_at)


def _version(looking: Looking, found: Found) -> int:
    stream = matter_stream(found.matter) if found.person is None else staff_stream(found.person)
    events = looking.worlds.read(Loaded(), stream)
    return events[-1].version if events else 0


def _contested_says(found: Found, contested: Contested) -> str:
    return f"{found.kind.title}, begun on {found.begun.happened_on}. {contested.says}"


def _says(kind: Kind, listed: ProcedureListed, counts: Mapping[str, int], waiting: int) -> str:
    people = f", {counts['in_scope']} people in scope" if "in_scope" in counts else ""
    under = "" if listed.edition == NONE else f" under {listed.edition}"
    said = f"{listed.title}{under}, begun on {listed.begun_on}: {listed.state}"
    if listed.state != RUNNING:
        return f"{said}{people}."
    waits = "1 thing is waited for" if waiting == 1 else f"{waiting} things are waited for"
    if listed.next_step is not None:
        on = f" on {listed.next_on}" if listed.next_on else ", which has no day yet"
        says = next((act.says for act in kind.acts if act.name == listed.next_step), "")
        step = f"to {says}" if says else listed.next_step
        return f"{said}{people}; next is {step}{on}; {waits}."
    return f"{said}{people}; {waits}."


def _of_exercise(
    found: Found, came: ExerciseOutcome | None
) -> tuple[dict[str, int], tuple[MilestoneOutcome, ...], tuple[StepNotTaken, ...]]:
    if came is None:
        return ({"in_scope": 0} if found.kind.name == "exercise" else {}), (), ()
    tally = came.tally
    counts = {
        "in_scope": came.in_scope,
        "proposed": tally.proposed,
        "letters": came.letters,
        "answered": tally.answered,
        "appeals": came.appeals.lodged,
        "appeals_open": came.appeals.open,
        "objections": came.objections,
        "confirmed": tally.confirmed,
        "transferred": tally.transferred,
        "ended": tally.ended,
        "left": tally.left,
    }
    still = tuple(
        StepNotTaken(
            step=each.step, clauses=each.clauses, reasons=(each.reason,), people=each.headcount
        )
        for each in tally.refused_steps
    )
    return counts, came.milestones, still


def groups_of(looking: Looking, id_: str) -> tuple[GroupShown, ...]:
    """The groups of an exercise. Raises `NotOnRecord`."""
    return tuple(_groups(looking, looking.find(looking.kind("exercise"), id_)))


def _groups(looking: Looking, found: Found) -> Iterator[GroupShown]:
    if found.kind.name != "exercise":
        return
    plan = plan_of(found.state)
    for name, group in plan.groups.items():
        whom = Whom(found.matter, name)
        sent = plan.sent.get(name)
        book = found.state.book
        windows = {} if sent is None else dict(sent.windows)
        last = {}
        for window in windows:
            due = book.due(whom, window)
            last[str(window)] = None if due is None else book.last(due)
        goes = book.due(whom, "issue-letters")
        step, on = looking.next_of(whom)
        yield GroupShown(
            group=name,
            people=len(group.people),
            transferor=group.transferor,
            path=group.path,
            letters_on=None if goes is None else book.days(goes)[0],
            sent_on=None if sent is None else sent.happened_on,
            windows=last,
            next_step=step,
            next_on=on,
        )


def _waits_for(due: Deadline) -> WaitsFor:
    return WaitsFor(
        what=due.what,
        about=due.about,
        owner=due.owner,
        due_on=due.due_on,
        since=due.published_at,
        staff_number=due.staff_number,
        clause=due.basis.clause,
    )


def duties_opened(office: Office, receipts: Iterable[Receipt]) -> Iterator[ToSettle]:
    """The duties to settle that commands have opened and not settled themselves."""
    names = [office.known.names[each] for each in (t.DutyToSettleOpened, t.DutySettled)]
    yield from duties_left(
        (event.stream, event.fact)
        for receipt in receipts
        for event in office.log.page(
            receipt.last_position - len(receipt.events), len(receipt.events), names
        )
        if event.position <= receipt.last_position
    )


def duties_left(facts: Iterable[tuple[str, Fact]]) -> Iterator[ToSettle]:
    """The duties to settle that these facts leave open, each fact with its stream, in order: what
    the same act opens and settles is none of them."""
    left: dict[tuple[str, UUID], ToSettle] = {}
    for stream, fact in facts:
        match fact:
            case t.DutyToSettleOpened():
                of, whose = take_apart(stream)
                (duty,) = _to_settle({fact.decision: fact}, whose if of == "staff" else None)
                left[stream, fact.decision] = duty
            case t.DutySettled():
                left.pop((stream, fact.decision), None)
            case _:
                pass
    yield from left.values()


def _to_settle(
    duties: Mapping[UUID, t.DutyToSettleOpened], person: str | None
) -> Iterator[ToSettle]:
    for decision, duty in duties.items():
        yield ToSettle(
            duty=decision,
            procedure=duty.matter,
            step=duty.step,
            decided_on=duty.decided_on,
            because_of=duty.because_of,
            would_state=duty.would_state,
            group=duty.group,
            staff_number=person,
        )


def _waiting_of(
    conn: Conn, looking: Looking, found: Found, waits: Mapping[str, int], what: str
) -> Sequence[str]:
    """The people with something that waits for the office: a few hundred at most."""
    if found.person is not None or what not in waits:
        return ()
    dues = (
        deadlines(
            conn, looking.known_at, matter=found.matter, state=state, what=what, limit=_MOST_WAITING
        ).items
        for state in (State.MISSED, State.OPEN)
    )
    return sorted({due.staff_number for each in dues for due in each if due.staff_number})


def _of_people(looking: Looking, found: Found, people: Sequence[str]) -> Iterator[ToSettle]:
    loaded = Loaded()
    looking.worlds.read_many(loaded, [staff_stream(number) for number in people])
    for number in people:
        yield from _to_settle(looking.worlds.world(loaded, found.matter, number).duties, number)


def to_approve(looking: Looking, found: Found, people: Sequence[str]) -> Iterator[ToApprove]:
    """What waits for somebody's approval, of the procedure as a whole and of these people."""
    yield from _asked(found.state, None)
    if found.person is not None:
        return
    loaded = Loaded()
    looking.worlds.read_many(loaded, [staff_stream(number) for number in people])
    for number in people:
        world = looking.worlds.world(loaded, found.matter, number)
        yield from _asked(standing(world)[found.matter], number)


def _asked(state: MatterState, person: str | None) -> Iterator[ToApprove]:
    level = state.mine
    for (step, about, group), asked in level.timing.asked.items():
        due = level.book.due(state.whom._replace(group=group), step, about)
        if (step, about, group) in level.timing.approved or due is None or not due.is_open:
            continue
        yield ToApprove(
            step=step,
            by_law_on=asked.lawful_on,
            proposed_by=asked.proposed_by,
            group=group,
            staff_number=person,
        )


def _sentences(looking: Looking, found: Found) -> Iterator[Sentence]:
    for each in found.events:
        fact = each.fact
        if not isinstance(fact, t.MatterFact):
            continue
        yield Sentence(
            happened_on=fact.happened_on,
            recorded_at=each.recorded_at,
            recorded_by=each.recorded_by,
            sentence=looking.office.known.sentence(fact) or "",
            clause=fact.basis.clause,
            document=fact.basis.document,
            reason=fact.made.reason or None,
        )


# --- its people ---------------------------------------------------------------------------------


def people_of_exercise(
    looking: Looking,
    conn: Conn,
    id_: str,
    *,
    state: str | None = None,
    route: str | None = None,
    destination: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> PeopleOfExercise:
    """The people of an exercise, by staff number. Raises `NotOnRecord`."""
    groups = _group_of_each(looking, id_)
    people = exercise_outcome.participants(
        conn,
        id_,
        looking.known_at,
        place=state,
        route=route,
        destination=destination,
        after=cursor or "",
        limit=limit + 1,
    )
    resting = people_resting(looking.office.log, looking.contests, f"exercise:{id_}")
    items = tuple(
        _person(each, groups.get(each.staff_number), resting.get(each.staff_number, ()))
        for each in people[:limit]
    )
    return PeopleOfExercise(
        known_at=looking.known_at,
        items=items,
        next_cursor=items[-1].staff_number if len(people) > limit else None,
    )


def rows_of_people(
    looking: Looking,
    connect: Callable[[], AbstractContextManager[Conn]],
    id_: str,
    *,
    state: str | None = None,
    route: str | None = None,
    destination: str | None = None,
) -> Iterator[tuple[PersonRow, ...]]:
    """All the people of an exercise, by staff number, page by page. Raises `NotOnRecord`.

    A connection is held for one page at a time: the reader of the rows may be slow.
    """
    groups = _group_of_each(looking, id_)
    resting = people_resting(looking.office.log, looking.contests, f"exercise:{id_}")
    more = {"exercise": id_, "known_at": looking.known_at}
    after = ""
    while True:
        with connect() as conn:
            people = exercise_outcome.participants(
                conn,
                id_,
                looking.known_at,
                place=state,
                route=route,
                destination=destination,
                after=after,
                limit=_ROWS,
            )
        yield tuple(
            PersonRow(
                **dict(
                    _person(each, groups.get(each.staff_number), resting.get(each.staff_number, ()))
                ),
                **more,
            )
            for each in people
        )
        if len(people) < _ROWS:
            return
        after = people[-1].staff_number


def _group_of_each(looking: Looking, id_: str) -> dict[str, str]:
    """By staff number, the group of an exercise that somebody is in. Raises `NotOnRecord`."""
    found = looking.find(looking.kind("exercise"), id_)
    return {n: g.group for g in plan_of(found.state).groups.values() for n in g.people}


def _person(found: Participant, group: str | None, resting: tuple[str, ...]) -> PersonInExercise:
    appeal = None
    if found.upheld or found.rejected:
        appeal = "upheld" if found.upheld else "rejected"
    elif found.open_appeals:
        appeal = "panel overdue" if found.panel_overdue else "open"
    elif found.refused_out_of_time:
        appeal = "refused as late"
    elif found.withdrawn:
        appeal = "withdrawn"
    return PersonInExercise(
        staff_number=found.staff_number,
        state=found.place,
        route=found.route,
        destination=found.destination,
        because=found.reason,
        clauses=found.clauses,
        group=group,
        letter=found.letter,
        answer=found.response,
        appeals=found.lodged_in_time + found.accepted_late + found.refused_out_of_time,
        appeal=appeal,
        objects=found.objected,
        confirmed=found.confirmed,
        refused={step: each.reason or "" for step, each in found.refused_steps.items()},
        rests_on=resting,
    )

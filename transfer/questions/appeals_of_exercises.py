"""The appeals of an exercise, or of all: which are to be decided, which came late, what a decision
would change?

For the office. Which appeals there are, their order and where each stands comes from the read model
of exercises; the days, the decision and where the person goes are read, for one page of people
together, from the log. What an appeal would change is decided by its kind, not guessed: it is tried
for each place where the edition sends people. Whether one appeal was in time under every deadline
that was ever published is in `appeals.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final, cast
from uuid import UUID

from projections.exercise import steps as exercise_steps
from projections.exercise.appeals import Appeal, Stands, appeals
from projections.keeping_up.copying import Conn
from projections.keeping_up.cursors import read_cursor, write_cursor
from projections.links_and_objections import projection as links_and_objections
from projections.links_and_objections.projection import NOTHING
from transfer.commands.links_and_objections import words_of
from transfer.commands.matter_worlds import Loaded
from transfer.core.dating.instants import Instant
from transfer.core.matter import facts as t
from transfer.core.matter import late
from transfer.core.matter.folding import Level
from transfer.core.matter.late import Done, New
from transfer.core.matter.replaying import World, on_top
from transfer.core.matter.words import JsonObject
from transfer.core.refusals import Malformed, Refused
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import AppealOutcome, WindowKind
from transfer.log.envelope import Recorded
from transfer.procedures.appeal import decisions
from transfer.procedures.appeal import facts as p
from transfer.procedures.exercise.participation import participation_of
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer
from transfer.questions.appeals import (
    AppealTimeliness,
    PublishedDeadline,
    timeliness_of,
    undone_in,
)
from transfer.questions.names import field_of_name
from transfer.questions.procedures import Looking
from transfer.rulebooks.in_force import BindingRules

SEEN_BY: Final = (exercise_steps.NAME, links_and_objections.NAME)
"""The read models that this answer rests on, beside the log."""

MOST_LISTED: Final = 1_000

_KEY = 5
_TRIED_BY = "a preview"
_SOME_REASON = "a reason that would be given"


class AppealState(StrEnum):
    """Which appeals: a panel has to decide (`open`); they came after their last day, whatever was
    done with them then (`late`); a panel has decided (`decided`)."""

    OPEN = "open"
    LATE = "late"
    DECIDED = "decided"


class Goes(Answer):
    """A place where the edition sends people, and its name."""

    destination: str
    name: str


class UpheldWouldBe(Goes):
    """Where the person would go if the appeal were upheld, and how many decisions that were made
    since would have to be looked at."""

    to_settle: int


class DecisionShown(Answer):
    """What a panel decided, on which day, and why."""

    outcome: AppealOutcome
    decided_on: date
    recorded_at: Instant
    goes_to: Goes
    panel: str
    reason: str


class AppealListed(Answer):
    """One appeal. `appeal` is its id as a procedure of that kind.

    `assigned_to` is where the letter that it is against sends the person, by `route`; `goes_to`
    where they go as things stand. `last_day` is the latest day that was published to them,
    `in_time` whether the appeal kept it, `came_late` whether it missed the day that counted when it
    came. `clause` gives the time to appeal; `panel_clause` the time that the panel has, until
    `decide_by`. Of one that a panel has to decide, `if_upheld` has every place where it could send
    the person. Of one that was refused as late, `may_be_admitted` says whether it may still be
    heard, else `not_admitted_because`. `grounds` are the person's own words, as long as there is
    something to decide.
    """

    exercise: str
    appeal: str
    staff_number: str
    name: str | None
    stands: Stands
    is_overdue: bool
    lodged_on: date
    recorded_at: Instant
    event_id: UUID
    letter_sent_on: date | None
    assigned_to: Goes | None
    route: str | None
    grounds: str | None
    came_late: bool
    in_time: bool
    last_day: date
    deadlines: tuple[PublishedDeadline, ...]
    clause: str | None
    clause_title: str | None
    admitted_because: str | None
    may_be_admitted: bool
    not_admitted_because: str | None
    decide_by: date | None
    panel_clause: str | None
    panel_clause_title: str | None
    decision: DecisionShown | None
    goes_to: Goes | None
    if_upheld: tuple[UpheldWouldBe, ...]


class AppealCountsShown(Answer):
    """How many appeals there are in all, and how many of them stand how; `late` counts those that
    came late, `overdue` those of the open ones whose panel's day has passed."""

    appeals: int
    open: int
    overdue: int
    late: int
    decided: int


class AppealsListed(Answer):
    """A page of appeals: those that a panel has to decide by the day by which it has to, then those
    that were refused as late, then the others. `counts` is of the whole exercise, or of all."""

    known_at: Instant
    counts: AppealCountsShown
    items: tuple[AppealListed, ...]
    next_cursor: str | None


def appeals_listed(
    looking: Looking,
    conn: Conn,
    exercise: str | None = None,
    *,
    state: AppealState | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> AppealsListed:
    """A page of the appeals of an exercise, of all exercises where none is named.

    Raises `NotOnRecord` for an exercise that there is not, `Malformed` for a limit or a cursor.
    """
    if not 1 <= limit <= MOST_LISTED:
        raise Malformed(f"{limit} is not between 1 and {MOST_LISTED}", field="limit")
    if exercise is not None:
        looking.find(looking.kind("exercise"), exercise)
    found = appeals(conn, exercise, looking.known_at)
    wanted = sorted((each for each in found if _is_in(each, state)), key=_key)
    if cursor is not None:
        after = read_cursor(cursor, _KEY)
        wanted = [each for each in wanted if _key(each) > after]
    page = wanted[:limit]
    return AppealsListed(
        known_at=looking.known_at,
        counts=AppealCountsShown(
            appeals=len(found),
            open=sum(_is_in(each, AppealState.OPEN) for each in found),
            overdue=sum(_is_overdue(each, looking.today) for each in found),
            late=sum(each.came_late for each in found),
            decided=sum(_is_in(each, AppealState.DECIDED) for each in found),
        ),
        items=tuple(_Read.of(looking, conn, page).rows(page)),
        next_cursor=write_cursor(_key(page[-1])) if len(wanted) > limit else None,
    )


def _is_in(appeal: Appeal, state: AppealState | None) -> bool:
    match state:
        case None:
            return True
        case AppealState.OPEN:
            return appeal.stands is Stands.OPEN
        case AppealState.LATE:
            return appeal.came_late
        case AppealState.DECIDED:
            return appeal.stands in (Stands.UPHELD, Stands.REJECTED)


def _is_overdue(appeal: Appeal, today: date) -> bool:
    if appeal.stands is not Stands.OPEN:
        return False
    return appeal.is_overdue or (appeal.panel_on is not None and appeal.panel_on < today)


def _key(appeal: Appeal) -> tuple[str, ...]:
    """By what appeals are put in order: what there is to do first, and by which day."""
    ranks = {Stands.OPEN: "0", Stands.LATE: "1"}
    rank = ranks.get(appeal.stands, "2")
    day = appeal.lodged_on
    if appeal.stands is Stands.OPEN:
        day = appeal.panel_on or date.max
    return rank, day.isoformat(), appeal.exercise, appeal.staff_number, appeal.appeal


# --- one page of them ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Read:
    """The records of the people of one page, read together."""

    looking: Looking
    loaded: Loaded
    personal: Mapping[str, Mapping[str, str]]
    name_fields: Mapping[str, str]
    levels: dict[str, Mapping[str, Level]] = field(default_factory=dict)

    @classmethod
    def of(cls, looking: Looking, conn: Conn, page: Sequence[Appeal]) -> "_Read":
        people = sorted({each.staff_number for each in page})
        loaded = Loaded()
        looking.worlds.read_many(loaded, [staff_stream(number) for number in people])
        beside = links_and_objections.beside_each(conn, people, looking.known_at)
        return cls(
            looking,
            loaded,
            personal=looking.office.vault.read_many(conn, people),
            name_fields={
                number: field_of_name(beside.get(number, NOTHING).names, looking.today)
                for number in people
            },
        )

    def rows(self, page: Sequence[Appeal]) -> Iterator[AppealListed]:
        """The appeals of the page, in their order."""
        for appeal in page:
            yield self._row(appeal)

    def _row(self, appeal: Appeal) -> AppealListed:
        number, matter = appeal.staff_number, f"appeal:{appeal.appeal}"
        exercise = f"exercise:{appeal.exercise}"
        worlds = self.looking.worlds
        person = worlds.read(self.loaded, staff_stream(number))
        shared = worlds.read(self.loaded, matter_stream(exercise))
        rules = cast(BindingRules, worlds.rules_of(self.loaded, exercise))
        world = worlds.world(self.loaded, exercise, number)
        states = on_top(world, worlds.levels(self.loaded, exercise))
        own, mine = participation_of(states[exercise]), states[matter].mine.substance
        came, since = _came(matter, person)
        (timely,) = (
            each
            for each in timeliness_of(number, person, shared)
            if each.event_id == since.event_id
        )
        last_day, clause = _last_day(timely, since)
        heard = _last(matter, person, p.AppealHeard)
        panel_by = heard.fact.panel_by if heard and isinstance(heard.fact, p.AppealHeard) else None
        route = own.proposal.route if own.proposal else None
        personal = self.personal.get(number, {})
        is_open, was_refused = appeal.stands is Stands.OPEN, appeal.stands is Stands.LATE
        why_not = self._why_not_admitted(world, exercise, matter) if was_refused else None
        admitted = _last(matter, person, p.AppealAcceptedOutOfTime)
        panel_clause = rules.window_of(WindowKind.APPEAL).panel_clause if panel_by else None
        return AppealListed(
            exercise=appeal.exercise,
            appeal=appeal.appeal,
            staff_number=number,
            name=personal.get(self.name_fields[number]),
            stands=appeal.stands,
            is_overdue=_is_overdue(appeal, self.looking.today),
            lodged_on=timely.lodged_on,
            recorded_at=timely.recorded_at,
            event_id=timely.event_id,
            letter_sent_on=own.letter_issued_on,
            assigned_to=_goes(rules, own.letter.destination if own.letter else None),
            route=next((r.title or r.id for r in rules.rulebook.routes if r.id == route), route),
            grounds=personal.get(words_of(came)) if is_open or was_refused else None,
            came_late=appeal.came_late,
            in_time=timely.lodged_on <= last_day,
            last_day=last_day,
            deadlines=timely.deadlines,
            clause=clause,
            clause_title=_title(rules, clause),
            admitted_because=admitted.fact.reason
            if admitted and isinstance(admitted.fact, p.AppealAcceptedOutOfTime)
            else None,
            may_be_admitted=was_refused and why_not is None,
            not_admitted_because=why_not,
            decide_by=panel_by.on if panel_by else None,
            panel_clause=panel_clause,
            panel_clause_title=_title(rules, panel_clause),
            decision=_decision(matter, person, rules),
            goes_to=_goes(rules, own.destination),
            if_upheld=tuple(self._upheld(world, exercise, matter, rules, own.destination))
            if is_open and isinstance(mine, decisions.Appeal)
            else (),
        )

    # --- what would be ---------------------------------------------------------------------------

    def _upheld(
        self, world: World, exercise: str, matter: str, rules: BindingRules, now: str | None
    ) -> Iterator[UpheldWouldBe]:
        """Where the person could go instead: what the decision itself allows, place by place."""
        for destination, transferee in rules.rulebook.transferees.items():
            if destination == now:
                continue
            inputs: JsonObject = {"outcome": AppealOutcome.UPHELD, "to": destination}
            try:
                new = self._tried(world, exercise, matter, "determine", inputs)
            except Refused:
                continue
            yield UpheldWouldBe(
                destination=destination,
                name=transferee.name,
                to_settle=sum(isinstance(each.fact, t.DutyToSettleOpened) for each in new),
            )

    def _why_not_admitted(self, world: World, exercise: str, matter: str) -> str | None:
        """Why an appeal that was refused as late can no longer be heard; `None`: it can."""
        try:
            self._tried(world, exercise, matter, "admit-late", {"reason": _SOME_REASON})
        except Refused as refusal:
            return refusal.reason
        return None

    def _tried(
        self, world: World, exercise: str, matter: str, act: str, inputs: JsonObject
    ) -> tuple[New, ...]:
        today = self.looking.today
        if exercise not in self.levels:
            self.levels[exercise] = self.looking.worlds.levels(self.loaded, exercise, today)
        done = Done(by=_TRIED_BY, today=today, happened_on=today)
        return late.record_at_hand(
            world, self.levels[exercise], matter=matter, act=act, inputs=inputs, done=done
        )


def _of(matter: str, person: Sequence[Recorded[Fact]]) -> Iterator[Recorded[Fact]]:
    """The facts of one appeal that hold, in the order of the log."""
    undone = undone_in(person)
    for event in person:
        is_its = isinstance(event.fact, p.AppealFact) and event.fact.matter == matter
        if is_its and event.event_id not in undone:
            yield event


def _came(matter: str, person: Sequence[Recorded[Fact]]) -> tuple[UUID, Recorded[Fact]]:
    """The event under which the grounds are kept, and the one that says how the appeal came."""
    kinds = (p.AppealLodged, p.AppealRefusedOutOfTime)
    first = next(
        event.event_id
        for event in person
        if isinstance(event.fact, kinds) and event.fact.matter == matter
    )
    return first, [each for each in _of(matter, person) if isinstance(each.fact, kinds)][-1]


def _last_day(timely: AppealTimeliness, came: Recorded[Fact]) -> tuple[date, str | None]:
    """The latest day that was published for an appeal, and the clause that gives it; else the day
    that counted when it came."""
    published = [each for each in timely.deadlines if each.in_force]
    if published:
        return published[-1].due_on, published[-1].basis.clause
    fact = came.fact
    if not isinstance(fact, p.AppealLodged | p.AppealRefusedOutOfTime):
        raise TypeError("an appeal comes by one of these")
    return fact.due_on, fact.basis.clause


def _last(
    matter: str, person: Sequence[Recorded[Fact]], kind: type[p.AppealFact]
) -> Recorded[Fact] | None:
    found = [each for each in _of(matter, person) if isinstance(each.fact, kind)]
    return found[-1] if found else None


def _decision(
    matter: str, person: Sequence[Recorded[Fact]], rules: BindingRules
) -> DecisionShown | None:
    found = _last(matter, person, p.AppealDetermined)
    if found is None or not isinstance(found.fact, p.AppealDetermined):
        return None
    fact = found.fact
    to = _goes(rules, fact.destination)
    if to is None:
        raise AssertionError("a panel's decision names a place")
    return DecisionShown(
        outcome=fact.outcome,
        decided_on=fact.happened_on,
        recorded_at=found.recorded_at,
        goes_to=to,
        panel=fact.panel,
        reason=fact.reason,
    )


def _goes(rules: BindingRules, destination: str | None) -> Goes | None:
    if destination is None:
        return None
    transferee = rules.rulebook.transferees.get(destination)
    return Goes(destination=destination, name=transferee.name if transferee else destination)


def _title(rules: BindingRules, clause: str | None) -> str | None:
    found = rules.rulebook.by_id.get(clause) if clause else None
    return found.title if found else None

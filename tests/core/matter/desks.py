"""A kind of procedure that lives in the tests alone: people and their desks move to other floors.

It has everything that a kind may have: a group with a letter and two windows, an objection that may
come late and is heard by a panel, somebody who would rather quit (and whose badge ends, once that
is approved), a draw for a group, a move on a milestone that may move, a lamp granted with it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from transfer.core.dating.calendars import Calendar, Period, months_after
from transfer.core.dating.effective_dating import Key, Piece
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.matter import common
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case, require
from transfer.core.matter.folding import State
from transfer.core.matter.kind import (
    PEOPLE,
    Act,
    Dated,
    Kind,
    NeedsNothing,
    Several,
    Step,
    Substance,
    Waits,
    closes,
    on,
    opens,
)
from transfer.core.matter.reckoning import Counting, Reckoned, Reckoning, fixed, hanging
from transfer.core.matter.words import JsonObject, Nature, Outcome, Over
from transfer.core.refusals import Failure, Refused
from transfer.core.words import MAIN, Basis, Facet, Frozen

MATTER = "desk-move:spring"
ADMIN, STAFF, PANEL = ("admin",), ("staff",), ("panel",)

# --- facts --------------------------------------------------------------------------------------


class GroupPlanned(t.GroupFact):
    """A group's letters go out on a day, after a draw where one is needed."""

    letters_on: Reckoned
    draw_on: Reckoned | None
    seed: str = ""


class FloorsDrawn(t.GroupFact):
    """Who of a group goes to which floor, drawn from a seed."""

    outcome: dict[str, str]


class FloorProposed(t.MatterFact):
    """A floor is proposed for somebody."""

    floor: str


class Answered(t.MatterFact):
    """Somebody answered the letter."""

    in_time: bool


class ObjectionMade(t.MatterFact):
    """An objection in time: a panel hears it."""

    panel_by: Reckoned


class ObjectionTooLate(t.MatterFact):
    """An objection that came after its window."""

    last_day: date


class ObjectionAdmitted(t.MatterFact):
    """One that came too late is heard after all."""

    panel_by: Reckoned


class ObjectionWithdrawn(t.MatterFact):
    """The person no longer objects."""


class PanelDecided(t.MatterFact):
    """The panel decided; an objection that is upheld gives another floor."""

    upheld: bool
    floor: str


class DeskConfirmed(t.MatterFact):
    """The floor is final."""

    floor: str


class QuitChosen(t.MatterFact):
    """Somebody would rather leave than move."""


class QuitTakenBack(t.MatterFact):
    """They stay after all."""

    confirmed: bool


class DeskMoved(t.MatterFact):
    """The desk moved, from a floor to another; a lamp comes with it for a year."""

    before: str
    floor: str
    effective_from: date
    lamp_until: date


class BadgeEnded(t.MatterFact):
    """Somebody leaves on the eve of a day."""

    effective_from: date


# --- what is on record --------------------------------------------------------------------------


@dataclass(slots=True)
class Floors:
    """The draws of the whole move: the seed of each group, and who was drawn for which floor."""

    seeds: dict[str | None, str] = field(default_factory=dict)
    drawn: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Desk:
    """One person's way through."""

    floor: str | None = None
    answered: bool = False
    objection: str = ""
    upheld: bool = False
    confirmed: str | None = None
    quitting: bool = False
    moved: DeskMoved | None = None
    ended: BadgeEnded | None = None

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing left to do."""
        return self.moved is not None or self.ended is not None


def _evolve_floors(floors: Floors, fact: t.MatterFact) -> None:
    if isinstance(fact, GroupPlanned):
        floors.seeds[fact.group] = fact.seed
    elif isinstance(fact, FloorsDrawn):
        floors.drawn |= fact.outcome


def _evolve_desk(desk: Desk, fact: t.MatterFact) -> None:
    match fact:
        case FloorProposed():
            desk.floor = fact.floor
        case Answered():
            desk.answered = True
        case ObjectionMade() | ObjectionAdmitted():
            desk.objection = "open"
            desk.confirmed = None
        case ObjectionTooLate():
            desk.objection = "late"
        case ObjectionWithdrawn():
            desk.objection = "withdrawn"
        case PanelDecided():
            desk.objection = "heard"
            desk.upheld, desk.floor = fact.upheld, fact.floor
        case DeskConfirmed():
            desk.confirmed = fact.floor
        case QuitChosen():
            desk.quitting = True
        case QuitTakenBack():
            desk.quitting = False
        case DeskMoved():
            desk.moved = fact
        case BadgeEnded():
            desk.ended = fact
        case _:
            pass


def desk_of(state: State) -> Desk:
    """The person's way through."""
    assert state.own is not None
    desk = state.own.substance
    assert isinstance(desk, Desk)
    return desk


def floor_of(state: State) -> str | None:
    """Where somebody goes as things stand: as proposed or decided, else as drawn."""
    floors = state.whole.substance
    assert isinstance(floors, Floors)
    return desk_of(state).floor or floors.drawn.get(state.person or "")


# --- what acts need -----------------------------------------------------------------------------


class Begin(Frozen):
    edition: str


class Plan(Frozen):
    group: str
    people: tuple[str, ...]
    letters_on: date
    draw_on: date | None = None
    seed: str = "seven"


class Floor(Frozen):
    floor: str


class Decision(Frozen):
    upheld: bool
    floor: str = ""


class Draw(Frozen):
    people: dict[str, JsonObject]


# --- decisions ----------------------------------------------------------------------------------


def begin(case: Case, needs: Begin) -> tuple[t.MatterFact, ...]:
    edition = case.rules.calendar.edition
    return (t.MatterBegun(**case.stamp(), edition=needs.edition, digest="", calendar=edition),)


def plan_group(case: Case, needs: Plan) -> tuple[t.MatterFact, ...]:
    basis = case.rules.basis()
    draw_on = None if needs.draw_on is None else fixed(needs.draw_on, basis)
    letters_on = fixed(needs.letters_on, basis)
    return (
        t.GroupFormed(**case.stamp(), group=needs.group, people=needs.people),
        GroupPlanned(
            **case.stamp(),
            group=needs.group,
            letters_on=letters_on,
            draw_on=draw_on,
            seed=needs.seed,
        ),
    )


def takes_part(state: State) -> JsonObject | None:
    """What the draw sees of somebody; nothing of who quits or has a floor already."""
    desk = desk_of(state)
    return None if desk.quitting or desk.floor or state.is_over else {"objects": desk.objection}


def draw(case: Case, needs: Draw) -> tuple[t.MatterFact, ...]:
    floors_of = case.state.whole.substance
    assert isinstance(floors_of, Floors)
    seed = floors_of.seeds.get(case.group, "")

    def drawn(person: str) -> str:
        return hashlib.sha256(f"{seed}\n{person}".encode()).hexdigest()

    order = sorted(needs.people, key=drawn)
    floors = {person: "3" if n < (len(order) + 1) // 2 else "4" for n, person in enumerate(order)}
    return (FloorsDrawn(**case.stamp(), group=case.group, outcome=dict(sorted(floors.items()))),)


def floors_drawn(facts: tuple[t.MatterFact, ...]) -> Mapping[str, str]:
    """What a draw comes to for each."""
    return facts[0].outcome if facts and isinstance(facts[0], FloorsDrawn) else {}


def send_letters(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    windows = {name: case.reckon(name, case.on) for name in ("answer", "object")}
    return (
        t.NoticeGiven(**case.stamp("DK-1"), group=case.group, notice="letter", windows=windows),
    )


def propose(case: Case, needs: Floor) -> tuple[t.MatterFact, ...]:
    if desk_of(case.state).floor is not None:
        return ()
    return (FloorProposed(**case.stamp(), floor=needs.floor),)


def answer(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    last = _window(case, "answer")
    if desk_of(case.state).answered:
        return ()
    return (Answered(**case.stamp(), in_time=case.on <= last),)


def _window(case: Case, window: str) -> date:
    last = case.state.last_day(window)
    if last is None:
        raise Refused("no letter has been sent", clause="DK-1")
    return last


def object_(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    desk = desk_of(case.state)
    last = _window(case, "object")
    require(
        [
            Failure("there is an objection already") if desk.objection else None,
            Failure("the desk has moved") if desk.is_settled else None,
        ]
    )
    if case.on > last:
        return (ObjectionTooLate(**case.stamp("DK-2"), last_day=last),)
    return (ObjectionMade(**case.stamp("DK-2"), panel_by=case.reckon("panel", case.on)),)


def admit(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    desk = desk_of(case.state)
    require(
        [
            None if desk.objection == "late" else Failure("no objection came too late"),
            Failure("the desk has moved") if desk.is_settled else None,
        ]
    )
    return (ObjectionAdmitted(**case.stamp("DK-2"), panel_by=case.reckon("panel", case.on)),)


def withdraw(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    if desk_of(case.state).objection != "open":
        raise Refused("no objection is open", clause="DK-2")
    return (ObjectionWithdrawn(**case.stamp("DK-2")),)


def panel_decides(case: Case, needs: Decision) -> tuple[t.MatterFact, ...]:
    floor = floor_of(case.state)
    if desk_of(case.state).objection != "open" or floor is None:
        raise Refused("no objection is open", clause="DK-3")
    floor = needs.floor if needs.upheld else floor
    return (PanelDecided(**case.stamp("DK-3"), upheld=needs.upheld, floor=floor),)


def confirm(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    desk, floor = desk_of(case.state), floor_of(case.state)
    if desk.confirmed is not None or desk.quitting or desk.is_settled:
        return ()
    if floor is None:
        raise Refused("no floor is proposed", clause="DK-4")
    return (DeskConfirmed(**case.stamp("DK-4"), floor=floor),)


def quit_(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    desk = desk_of(case.state)
    if desk.quitting:
        return ()
    if desk.is_settled:
        raise Refused("the desk has moved: there is nothing to refuse", clause="DK-5")
    return (QuitChosen(**case.stamp("DK-5")),)


def stay(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    desk = desk_of(case.state)
    if not desk.quitting or desk.is_settled:
        raise Refused("there is nothing to take back", clause="DK-5")
    return (QuitTakenBack(**case.stamp("DK-5"), confirmed=desk.confirmed is not None),)


def move(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    desk = desk_of(case.state)
    if desk.is_settled:
        return ()
    before = case.position.on(Facet.WORKPLACE, case.lawful_day)
    require(
        [
            None if desk.confirmed else Failure("the floor is not confirmed", "DK-4"),
            None if before and before[0].isdigit() else Failure(f"works at {before}", "DK-6"),
        ]
    )
    return (
        DeskMoved(
            **case.stamp("DK-6"),
            before=before or "",
            floor=desk.confirmed or "",
            effective_from=case.lawful_day,
            lamp_until=months_after(case.lawful_day, 12),
        ),
    )


def end_badge(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    if desk_of(case.state).is_settled:
        return ()
    return (BadgeEnded(**case.stamp("DK-5"), effective_from=case.lawful_day),)


def close(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    return () if case.state.is_over else (t.Completed(**case.stamp()),)


# --- the declaration ----------------------------------------------------------------------------

DRAW = Act("draw", Over.GROUP, ADMIN, Draw, draw, "draw the floors of a group")
LETTERS = Act("letters", Over.GROUP, ADMIN, NeedsNothing, send_letters, "send a group's letters")
CONFIRM = Act("confirm", Over.PERSON, ADMIN, NeedsNothing, confirm, "make the floor final")
MOVE = Act("move", Over.PERSON, ADMIN, NeedsNothing, move, "move the desk")
END = Act("end", Over.PERSON, ADMIN, NeedsNothing, end_badge, "end the badge of who quits")
CLOSE = Act("close", Over.MATTER, ADMIN, NeedsNothing, close, "close the move")

NO_BASIS = Basis()
AFTER_WINDOWS = hanging(NO_BASIS, day_after=("answer", "object"), once_done=("panel",))
ON_THE_DAY = hanging(NO_BASIS, milestone="move")


def _pieces_of_move(fact: DeskMoved) -> tuple[Piece, ...]:
    floor = Key(KeyKind.FACET, MAIN, Facet.WORKPLACE)
    lamp = Key(KeyKind.TERM, "", "lamp")
    return (
        Piece(floor, fact.floor, fact.effective_from),
        Piece(lamp, "yes", fact.effective_from, fact.lamp_until),
    )


def _pieces_of_end(fact: BadgeEnded) -> tuple[Piece, ...]:
    return tuple(
        Piece(Key(KeyKind.FACET, MAIN, facet), None, fact.effective_from) for facet in Facet
    )


DESKS = Kind(
    name="desk-move",
    title="Moving desks between floors",
    facts={
        GroupPlanned: "desk-group-planned.v1",
        FloorsDrawn: "floors-drawn.v1",
        FloorProposed: "floor-proposed.v1",
        Answered: "desk-letter-answered.v1",
        ObjectionMade: "desk-objection-made.v1",
        ObjectionTooLate: "desk-objection-too-late.v1",
        ObjectionAdmitted: "desk-objection-admitted.v1",
        ObjectionWithdrawn: "desk-objection-withdrawn.v1",
        PanelDecided: "desk-panel-decided.v1",
        DeskConfirmed: "desk-confirmed.v1",
        QuitChosen: "quit-chosen.v1",
        QuitTakenBack: "quit-taken-back.v1",
        DeskMoved: "desk-moved.v1",
        BadgeEnded: "badge-ended.v1",
    },
    acts=(
        Act("begin", Over.MATTER, ADMIN, Begin, begin, "begin a move"),
        common.FIX_DAY,
        Act("plan-group", Over.MATTER, ADMIN, Plan, plan_group, "put people together"),
        DRAW,
        LETTERS,
        Act("propose", Over.PERSON, ADMIN, Floor, propose, "propose a floor"),
        Act("answer", Over.PERSON, STAFF, NeedsNothing, answer, "answer the letter"),
        Act("object", Over.PERSON, STAFF, NeedsNothing, object_, "object to the floor"),
        Act("admit", Over.PERSON, ADMIN, NeedsNothing, admit, "hear a late objection"),
        Act("withdraw", Over.PERSON, STAFF, NeedsNothing, withdraw, "withdraw an objection"),
        Act("decide", Over.PERSON, PANEL, Decision, panel_decides, "decide on an objection"),
        common.EXTEND_WINDOW,
        common.MOVE_WINDOW,
        CONFIRM,
        Act("quit", Over.PERSON, STAFF, NeedsNothing, quit_, "leave rather than move"),
        Act("stay", Over.PERSON, STAFF, NeedsNothing, stay, "take that back"),
        MOVE,
        END,
        common.APPROVE,
        common.DECLINE,
        common.SETTLE,
        common.HOLD,
        common.RESUME,
        common.JOIN,
        common.TAKE_OUT,
        common.ABANDON,
        CLOSE,
    ),
    steps=(
        Step(DRAW, "on the day planned for the draw", several=Several(takes_part, floors_drawn)),
        Step(LETTERS, "on the day planned for the letters", dated=Dated.WHEN_TAKEN),
        Step(CONFIRM, "the day after the last window, once a panel has decided"),
        Step(MOVE, "on the day of the move"),
        Step(END, "on the day of the move", waits=Waits.FOR_APPROVAL),
        Step(CLOSE, "on the day that the move is closed"),
    ),
    obligations=(
        on(
            GroupPlanned,
            opens("draw", Nature.ACT, owner="employer", when=lambda f: f.draw_on),
            opens("letters", Nature.ACT, owner="employer", when=lambda f: f.letters_on),
        ),
        on(FloorsDrawn, closes("draw")),
        on(
            t.NoticeGiven,
            closes("letters"),
            # Both are due to the group, so that its people need no procedure of their own.
            opens("confirm", Nature.ACT, owner="employer", when=lambda _: AFTER_WINDOWS),
            opens("move", Nature.ACT, owner="employer", when=lambda _: ON_THE_DAY),
        ),
        on(Answered, closes("answer")),
        on(
            ObjectionMade,
            closes("object"),
            opens("panel", Nature.DUTY, owner="panel", owed_to="staff", when=lambda f: f.panel_by),
        ),
        on(
            ObjectionAdmitted,
            closes("move", Outcome.SUPERSEDED),
            opens("panel", Nature.DUTY, owner="panel", owed_to="staff", when=lambda f: f.panel_by),
            opens("confirm", Nature.ACT, owner="employer", when=lambda _: AFTER_WINDOWS),
        ),
        on(ObjectionWithdrawn, closes("panel", Outcome.SUPERSEDED)),
        on(PanelDecided, closes("panel")),
        on(
            DeskConfirmed,
            closes("confirm"),
            opens("move", Nature.ACT, owner="employer", when=lambda _: ON_THE_DAY),
        ),
        on(
            QuitChosen,
            closes("confirm", Outcome.SUPERSEDED),
            closes("move", Outcome.SUPERSEDED),
            opens("end", Nature.ACT, owner="employer", when=lambda _: ON_THE_DAY),
        ),
        on(
            QuitTakenBack,
            closes("end", Outcome.SUPERSEDED),
            opens(
                "confirm",
                Nature.ACT,
                owner="employer",
                when=lambda f: None if f.confirmed else AFTER_WINDOWS,
            ),
            opens(
                "move",
                Nature.ACT,
                owner="employer",
                when=lambda f: ON_THE_DAY if f.confirmed else None,
            ),
        ),
        on(DeskMoved, closes("move")),
        on(BadgeEnded, closes("end")),
        on(
            t.DayFixed,
            opens(
                "close",
                Nature.ACT,
                owner="employer",
                when=lambda f: (
                    hanging(NO_BASIS, milestone="close") if f.milestone == "close" else None
                ),
            ),
        ),
        on(t.Completed, closes("close")),
    ),
    sentences={
        GroupPlanned: lambda f: f"letters to {f.group} on {f.letters_on.on}",
        FloorsDrawn: lambda f: f"floors drawn for {len(f.outcome)} people of {f.group}",
        FloorProposed: lambda f: f"floor {f.floor} proposed",
        Answered: lambda f: "answered" if f.in_time else "answered too late",
        ObjectionMade: lambda f: f"objects; a panel decides by {f.panel_by.on}",
        ObjectionTooLate: lambda f: f"objects too late: the last day was {f.last_day}",
        ObjectionAdmitted: lambda _: "the late objection is heard after all",
        ObjectionWithdrawn: lambda _: "no longer objects",
        PanelDecided: lambda f: f"the panel decided for floor {f.floor}",
        DeskConfirmed: lambda f: f"floor {f.floor} is final",
        QuitChosen: lambda _: "leaves rather than move",
        QuitTakenBack: lambda _: "stays after all",
        DeskMoved: lambda f: f"moves from {f.before} to {f.floor} on {f.effective_from}",
        BadgeEnded: lambda f: f"leaves on the eve of {f.effective_from}",
    },
    effects={DeskMoved: _pieces_of_move, BadgeEnded: _pieces_of_end},
    whole=Substance(Floors, _evolve_floors),
    person=Substance(Desk, _evolve_desk),
    grave=lambda fact: isinstance(fact, BadgeEnded),
)


# --- its rules ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Rules:
    """An edition of the toy kind."""

    days: Mapping[str, str] = field(
        default_factory=lambda: {"answer": "5d", "object": "10d", "panel": "10d"}
    )
    office_of_one: bool = False
    calendar: Calendar = field(default_factory=lambda: Calendar("ew-2013-11"))

    approved: frozenset[str] = frozenset()

    def waits(self, step: str) -> bool:
        return step in self.approved

    def period(self, clause: str) -> Period:
        return Period.parse(self.days[clause])

    def reckoning(self, name: str) -> tuple[Reckoning, Basis]:
        return Reckoning(length=self.period(name), counting=Counting.AFTER), self.basis(name)

    def basis(self, *clauses: str) -> Basis:
        return Basis(rulebook="desks-1", clause=clauses[0] if clauses else None)


__all__ = ["DESKS", "MATTER", "PEOPLE", "Desk", "Rules", "desk_of"]

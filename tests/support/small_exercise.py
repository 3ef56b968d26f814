"""As much of an exercise as an appeal needs: somebody is proposed for a destination, a letter opens
their windows, the assignment is made final once these have closed, and they move.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from transfer.core.matter import common
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case
from transfer.core.matter.folding import State
from transfer.core.matter.kind import (
    Act,
    Does,
    Kind,
    NeedsNothing,
    Step,
    Substance,
    closes,
    on,
    opens,
)
from transfer.core.matter.reckoning import fixed, hanging
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.core.refusals import Refused
from transfer.core.words import AppealOutcome, Basis, Frozen
from transfer.procedures.appeal import facts as a

EXERCISE = "exercise:tr-2013"
TRANSFER = date(2014, 6, 1)
ADMIN = ("admin",)


class Proposed(t.MatterFact):
    """Somebody is to go there."""

    destination: str


class Confirmed(t.MatterFact):
    """That is final."""

    destination: str


class Moved(t.MatterFact):
    """They went."""

    destination: str


@dataclass
class Heard:
    """An appeal, as the exercise knows it."""

    matter: str
    lodged_on: date
    panel: bool
    outcome: AppealOutcome | None = None
    destination: str | None = None

    @property
    def is_open(self) -> bool:
        return self.panel and self.outcome is None


@dataclass
class Participation:
    """How far the exercise has come with somebody."""

    transferor: str | None = "LDN"
    proposal: str | None = None
    letter_issued_on: date | None = None
    confirmed: str | None = None
    is_settled: bool = False
    heard: dict[str, Heard] = field(default_factory=dict)

    @property
    def appeals(self) -> Sequence[Heard]:
        return tuple(self.heard.values())

    @property
    def destination(self) -> str | None:
        upheld = [each for each in self.appeals if each.outcome is AppealOutcome.UPHELD]
        return upheld[-1].destination if upheld else self.proposal


def evolve(p: Participation, fact: t.MatterFact) -> None:
    match fact:
        case Proposed():
            p.proposal = fact.destination
        case t.NoticeGiven():
            p.letter_issued_on = fact.happened_on
        case Confirmed():
            p.confirmed = fact.destination
        case Moved():
            p.is_settled = True
        case a.AppealLodged() | a.AppealRefusedOutOfTime():
            panel = isinstance(fact, a.AppealLodged)
            p.heard[fact.matter] = Heard(fact.matter, fact.happened_on, panel=panel)
            p.confirmed = None if panel else p.confirmed
        case a.AppealAcceptedOutOfTime():
            p.heard[fact.matter] = Heard(fact.matter, fact.lodged_on, panel=True)
            p.confirmed = None
        case a.AppealDetermined():
            heard = p.heard[fact.matter]
            heard.outcome, heard.destination = fact.outcome, fact.destination
        case a.AppealWithdrawn() | a.AppealDropped():
            p.heard.pop(fact.matter, None)
        case _:
            pass


def participation(state: State) -> Participation:
    """How far it has come with the person that the state is about."""
    assert state.own is not None
    assert isinstance(state.own.substance, Participation)
    return state.own.substance


class Under(Frozen):
    edition: str


class Destination(Frozen):
    destination: str


def begin(case: Case, needs: Under) -> tuple[t.MatterFact, ...]:
    calendar = case.rules.calendar.edition
    stamp = case.stamp()
    return (t.MatterBegun(**stamp, edition=needs.edition, digest="a digest", calendar=calendar),)


def propose(case: Case, needs: Destination) -> tuple[t.MatterFact, ...]:
    return (Proposed(**case.stamp(), destination=needs.destination),)


def send_letter(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    windows = {name: case.reckon(name, case.on) for name in ("response", "appeal")}
    return (t.NoticeGiven(**case.stamp(), notice="assignment", windows=windows),)


def confirm(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    p = participation(case.state)
    if p.confirmed is not None:
        return ()
    if p.destination is None:
        raise Refused("nothing is proposed")
    return (Confirmed(**case.stamp(), destination=p.destination),)


def move(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    p = participation(case.state)
    if p.confirmed is None:
        raise Refused("the assignment is not final")
    return (Moved(**case.stamp(), destination=p.confirmed),)


CONFIRM = Act("confirm", Over.PERSON, ADMIN, NeedsNothing, confirm, "make it final")
MOVE = Act("move", Over.PERSON, ADMIN, NeedsNothing, move, "move")
NO_BASIS = Basis()
AFTER_WINDOWS = hanging(NO_BASIS, day_after=("response", "appeal"), once_done=("determination",))


HEARD: tuple[Does[Any], ...] = (
    closes("appeal"),
    opens("determination", Nature.DUTY, owner="panel", when=lambda f: f.panel_by),
    closes("move", Outcome.SUPERSEDED),
    opens("confirm", Nature.ACT, owner="employer", when=lambda f: f.confirm_again),
)
"""What an appeal that is heard does here: the assignment waits for the panel."""


SMALL_EXERCISE = Kind(
    name="exercise",
    title="A small exercise",
    facts={Proposed: "proposed.v1", Confirmed: "confirmed.v1", Moved: "moved.v1"},
    acts=(
        Act("begin", Over.MATTER, ADMIN, Under, begin, "begin"),
        Act("propose", Over.PERSON, ADMIN, Destination, propose, "propose"),
        Act("letter", Over.PERSON, ADMIN, NeedsNothing, send_letter, "send a letter"),
        common.EXTEND_WINDOW,
        CONFIRM,
        MOVE,
    ),
    steps=(
        Step(CONFIRM, "the day after the last window, once a panel has decided"),
        Step(MOVE, "on the transfer date"),
    ),
    obligations=(
        on(
            t.NoticeGiven,
            opens("confirm", Nature.ACT, owner="employer", when=lambda _: AFTER_WINDOWS),
        ),
        on(
            Confirmed,
            closes("confirm"),
            opens("move", Nature.ACT, owner="employer", when=lambda _: fixed(TRANSFER, NO_BASIS)),
        ),
        on(Moved, closes("move")),
        on(a.AppealLodged, *HEARD),
        on(a.AppealAcceptedOutOfTime, *HEARD),
        on(a.AppealDetermined, closes("determination")),
        on(a.AppealWithdrawn, closes("determination")),
        on(a.AppealDropped, closes("determination")),
    ),
    sentences={
        Proposed: lambda f: f"proposed: {f.destination}",
        Confirmed: lambda f: f"final: {f.destination}",
        Moved: lambda f: f"moved: {f.destination}",
    },
    hears={
        fact: lambda f: f.against
        for fact in (
            a.AppealLodged,
            a.AppealRefusedOutOfTime,
            a.AppealAcceptedOutOfTime,
            a.AppealDetermined,
            a.AppealWithdrawn,
            a.AppealDropped,
        )
    },
    person=Substance(Participation, evolve),
)

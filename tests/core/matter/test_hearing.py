"""A matter of its own that comes out of another: what is done in the one counts in the other."""

from dataclasses import replace
from datetime import date
from uuid import UUID

from tests.core.matter.desks import DESKS, MATTER, NO_BASIS, Rules
from tests.core.matter.histories import D, Played, spring
from transfer.core.matter import clock, common, late
from transfer.core.matter import facts as t
from transfer.core.matter.completeness import faults
from transfer.core.matter.deciding import Case
from transfer.core.matter.folding import OnRecord, deeds, open_duties
from transfer.core.matter.kind import Act, Kind, NeedsNothing, Step, closes, on, opens
from transfer.core.matter.late import Done, New
from transfer.core.matter.reckoning import Reckoned, hanging
from transfer.core.matter.replaying import World, standing
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.core.refusals import Refused
from transfer.core.words import Frozen

COMPLAINT = "complaint:7"


class ComplaintLodged(t.MatterFact):
    """A complaint against a floor."""

    against: str
    answer_by: Reckoned


class ComplaintAnswered(t.MatterFact):
    """It was answered."""

    against: str


class ComplaintOverdue(t.MatterFact):
    """Nobody answered it in time."""


class Against(Frozen):
    against: str


def lodge(case: Case, needs: Against) -> tuple[t.MatterFact, ...]:
    last = case.others[needs.against].last_day("object")
    if last is None or case.on > last:
        raise Refused("too late", clause="CP-1")
    by = case.reckon("panel", case.on)
    return (ComplaintLodged(**case.stamp("CP-1"), against=needs.against, answer_by=by),)


def answer(case: Case, needs: Against) -> tuple[t.MatterFact, ...]:
    return (ComplaintAnswered(**case.stamp("CP-1"), against=needs.against),)


def overdue(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    return (ComplaintOverdue(**case.stamp("CP-1")),)


OVERDUE = Act("note-overdue", Over.PERSON, ("admin",), NeedsNothing, overdue, "note it")
COMPLAINTS = Kind(
    name="complaint",
    title="A complaint against a floor",
    begins="lodge",
    facts={
        ComplaintLodged: "complaint-lodged.v1",
        ComplaintAnswered: "complaint-answered.v1",
        ComplaintOverdue: "complaint-overdue.v1",
    },
    acts=(
        Act("lodge", Over.PERSON, ("staff",), Against, lodge, "complain"),
        Act("answer", Over.PERSON, ("admin",), Against, answer, "answer it"),
        OVERDUE,
        common.SETTLE,
    ),
    steps=(Step(OVERDUE, "the day after the last day for an answer"),),
    obligations=(
        on(
            ComplaintLodged,
            opens("answer", Nature.DUTY, owner="employer", when=lambda f: f.answer_by),
            opens(
                "note-overdue",
                Nature.ACT,
                owner="employer",
                when=lambda _: hanging(NO_BASIS, day_after=("answer",)),
            ),
        ),
        on(ComplaintAnswered, closes("answer"), closes("note-overdue", Outcome.SUPERSEDED)),
        on(ComplaintOverdue, closes("answer", Outcome.MISSED), closes("note-overdue")),
    ),
    sentences={
        ComplaintLodged: lambda f: f"complains; an answer is due by {f.answer_by.on}",
        ComplaintAnswered: lambda _: "answered",
        ComplaintOverdue: lambda _: "not answered in time",
    },
)
HEARING = replace(
    DESKS,
    hears={ComplaintLodged: lambda f: f.against, ComplaintAnswered: lambda f: f.against},
    obligations=(
        *DESKS.obligations,
        on(
            ComplaintLodged,
            opens("panel", Nature.DUTY, owner="employer", when=lambda f: f.answer_by),
        ),
        on(ComplaintAnswered, closes("panel")),
    ),
)


class Desk:
    """The record of one person in both matters."""

    def __init__(self, until: date) -> None:
        played = Played(spring())
        played.office.kind = HEARING
        played.to(until)
        self.office = played.office

    def world(self) -> World:
        office = self.office
        theirs = [each for each in office.records if each.person == "S1"]
        context = office.world(None).deeds
        return World(
            kinds={MATTER: HEARING, COMPLAINT: COMPLAINTS},
            rules={MATTER: Rules(), COMPLAINT: Rules()},
            position=office.positions["S1"],
            person="S1",
            deeds=deeds(theirs, context),
            context=context,
            duties=open_duties(theirs),
        )

    def act(self, act: str, *, on: date, today: date) -> tuple[New, ...]:
        done = Done(by="office", today=today, happened_on=on)
        inputs = {"against": MATTER}
        new = late.record(self.world(), matter=COMPLAINT, act=act, inputs=inputs, done=done)
        return self.append(new)

    def append(self, new: tuple[New, ...]) -> tuple[New, ...]:
        for each in new:
            order = next(self.office.numbers)
            self.office.records.append(
                OnRecord(UUID(int=order), order, UUID(int=0), each.person, each.fact)
            )
        return new

    def run_clock(self, today: date) -> list[str]:
        taken = []
        while new := self.append(clock.take(self.world(), today=today)):
            taken += [each.fact.made.act for each in new]
        return taken


def test_both_declarations_are_complete() -> None:
    assert faults(HEARING, COMPLAINTS) == ()


def test_a_complaint_stops_the_confirmation_until_it_is_answered() -> None:
    desk = Desk(D(2014, 2, 1))
    desk.act("lodge", on=D(2014, 2, 10), today=D(2014, 2, 10))
    assert desk.run_clock(D(2014, 2, 12)) == []
    assert desk.run_clock(D(2014, 2, 21)) == ["note-overdue"]
    desk.act("answer", on=D(2014, 2, 25), today=D(2014, 2, 25))
    assert desk.run_clock(D(2014, 2, 25)) == ["confirm"]
    states = standing(desk.world())
    assert states[COMPLAINT].due("answer") is not None
    panel = states[MATTER].due("panel")
    assert panel is not None
    assert panel.outcome_on == D(2014, 2, 25)


def test_a_complaint_learned_late_puts_what_the_other_matter_decided_up_for_settling() -> None:
    desk = Desk(D(2014, 2, 12))
    new = desk.act("lodge", on=D(2014, 2, 11), today=D(2014, 2, 20))
    duties = [each.fact for each in new if isinstance(each.fact, t.DutyToSettleOpened)]
    assert [(duty.matter, duty.step) for duty in duties] == [(MATTER, "confirm")]

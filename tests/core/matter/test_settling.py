"""Duties to settle, approvals, refusals and holds: what somebody has to say, and who may."""

from collections import Counter
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from tests.core.matter.desks import DESKS, BadgeEnded, DeskMoved, QuitChosen, desk_of
from tests.core.matter.histories import D, Doing, Played, spring
from tests.core.matter.playing import Office
from transfer.core.matter import clock, late
from transfer.core.matter import facts as t
from transfer.core.matter.kind import Dated, Waits
from transfer.core.matter.late import Done, New
from transfer.core.matter.words import Outcome, Settlement
from transfer.core.refusals import Malformed, NotOnRecord, Refused

LATER = D(2014, 4, 5)


def moved() -> Played:
    """Everybody has moved on 1 April, and nothing was learned late yet."""
    played = Played(spring())
    played.to(LATER)
    return played


def duty_on(office: Office, act: str, person: str | None = "S1") -> UUID:
    return next(d for (who, d), step in office.duties().items() if (who, step) == (person, act))


def settle(office: Office, act: str, how: Settlement, *, by: str = "settler") -> tuple[New, ...]:
    done = Done(by=by, today=LATER, happened_on=LATER)
    decision = duty_on(office, act)
    new = late.settle(office.world("S1"), decision=decision, how=how, reason="seen", done=done)
    return office.append(new)


def last(office: Office, fact: type[t.MatterFact]) -> t.MatterFact:
    return next(each.fact for each in reversed(office.records) if isinstance(each.fact, fact))


# --- late knowledge -----------------------------------------------------------------------------


def test_what_is_learned_late_carries_both_days_and_says_what_it_changes() -> None:
    office = moved().office
    new = office.act("S1", "object", today=LATER, happened_on=D(2014, 2, 11))
    fact = new[0].fact
    assert (fact.happened_on, fact.learned_on) == (D(2014, 2, 11), LATER)
    assert [office.kind.sentence(each.fact) for each in new] == [
        "objects; a panel decides by 2014-02-21",
        "confirm of 2014-02-12 would not have been taken, because of object of 2014-02-11: "
        "to be settled",
        "move of 2014-04-01 would not have been taken, because of object of 2014-02-11: "
        "to be settled",
    ]


def test_what_stands_stays_as_it_is_until_something_new_bears_on_it() -> None:
    office = moved().office
    office.act("S1", "object", today=LATER, happened_on=D(2014, 2, 11))
    settle(office, "confirm", Settlement.STANDS)
    assert office.duties() == {}, "the move is what it would be after that confirmation"
    moved_desk = desk_of(office.state("S1")).moved
    assert moved_desk is not None
    office.act("S1", "answer", today=LATER, happened_on=D(2014, 2, 3))
    assert office.duties() == {}, "an answer bears on nothing that was decided"
    office.act("S1", "decide", today=LATER, happened_on=D(2014, 2, 11), upheld=True, floor="5")
    assert set(office.duties().values()) == {"confirm", "move"}
    office.redo_everything(LATER)
    assert desk_of(office.state("S1")).confirmed == "5"


def test_review_leaves_the_duty_open() -> None:
    office = moved().office
    office.act("S1", "object", today=LATER, happened_on=D(2014, 2, 11))
    settle(office, "move", Settlement.REVIEW)
    assert "move" in office.duties().values()
    assert clock.take(office.world("S1"), today=LATER) == ()
    settle(office, "move", Settlement.REDO)
    assert "move" not in office.duties().values()


def test_what_differs_no_more_is_moot() -> None:
    office = moved().office
    office.act("S1", "object", today=LATER, happened_on=D(2014, 2, 10))
    assert set(office.duties().values()) == {"confirm", "move"}
    office.act("S1", "withdraw", today=LATER, happened_on=D(2014, 2, 11))
    assert office.duties() == {}
    settled = last(office, t.DutySettled)
    assert isinstance(settled, t.DutySettled)
    assert settled.how is Settlement.MOOT


def test_settling_twice_does_nothing_and_settling_nothing_is_refused() -> None:
    office = moved().office
    office.act("S1", "object", today=LATER, happened_on=D(2014, 2, 11))
    decision = duty_on(office, "move")
    office.settle("S1", decision, Settlement.REDO, LATER)
    done = Done(by="settler", today=LATER, happened_on=LATER)
    world = office.world("S1")
    again = {"decision": decision, "how": Settlement.REDO, "done": done}
    assert late.settle(world, reason="again", **again) == ()  # type: ignore[arg-type]
    with pytest.raises(NotOnRecord, match="is to be settled"):
        late.settle(world, decision=UUID(int=7), how=Settlement.REDO, reason="seen", done=done)
    other = duty_on(office, "confirm")
    with pytest.raises(Malformed, match="reason"):
        late.settle(world, decision=other, how=Settlement.REDO, reason=" ", done=done)
    with pytest.raises(Malformed, match="engine alone"):
        late.settle(world, decision=other, how=Settlement.MOOT, reason="so", done=done)


def test_the_redone_takes_the_place_of_each_fact_that_it_replaces() -> None:
    office = moved().office
    office.act("S1", "object", today=LATER, happened_on=D(2014, 2, 11))
    office.act("S1", "decide", today=LATER, happened_on=D(2014, 2, 20), upheld=True, floor="5")
    before = next(each for each in office.records if isinstance(each.fact, DeskMoved))
    settle(office, "move", Settlement.REDO)
    after = last(office, DeskMoved)
    assert after.made.replaces == before.event_id
    assert isinstance(after, DeskMoved)
    assert (after.floor, after.effective_from) == ("5", D(2014, 4, 1))


def test_what_was_made_again_twice_is_undone_as_it_was_first_recorded() -> None:
    office = moved().office
    first = next(each for each in office.records if isinstance(each.fact, DeskMoved))
    for day in ("2014-04-02", "2014-04-03"):
        office.act(
            None, "fix-day", today=LATER, happened_on=D(2014, 3, 10), milestone="move", on=day,
            reason="lift",
        )  # fmt: skip
        settle(office, "move", Settlement.REDO)
        again = last(office, DeskMoved)
        assert isinstance(again, DeskMoved)
        assert (str(again.effective_from), again.made.replaces) == (day, first.event_id)
    office.act("S1", "quit", today=LATER, happened_on=D(2014, 2, 25))
    settle(office, "move", Settlement.REDO)
    undone = last(office, t.Undone)
    assert isinstance(undone, t.Undone)
    assert undone.entry == first.event_id


def test_what_was_answered_before_stays() -> None:
    played = moved()
    office, known = played.office, len(played.office.records)
    before = office.answers()
    office.act("S1", "object", today=LATER, happened_on=D(2014, 2, 11))
    office.redo_everything(LATER)
    earlier = replace_records(office, known)
    assert earlier.answers() == before
    assert office.answers() != before


def replace_records(office: Office, known: int) -> Office:
    """The record as it was."""
    earlier = Office(people=office.people)
    for each in office.records[:known]:
        earlier.records.append(each)
        earlier._stream(each.person).append(each)
    return earlier


@pytest.mark.parametrize(
    ("happened", "learned", "field"),
    [
        (D(2014, 4, 6), None, "happened_on"),
        (D(2014, 4, 1), D(2014, 4, 6), "learned_on"),
        (D(2014, 4, 1), D(2014, 3, 31), "learned_on"),
    ],
)
def test_nothing_comes_from_the_future(happened: date, learned: date | None, field: str) -> None:
    with pytest.raises(Malformed) as malformed:
        Done(by="office", today=LATER, happened_on=happened, learned_on=learned)
    assert malformed.value.field == field


def test_an_act_that_was_not_lawful_on_its_day_is_refused_and_leaves_no_trace() -> None:
    office = moved().office
    known = len(office.records)
    with pytest.raises(Refused, match="no letter has been sent"):
        office.act("S1", "object", today=LATER, happened_on=D(2014, 1, 31))
    with pytest.raises(Malformed, match="floor"):
        office.act("S1", "propose", today=LATER, storey="3")
    assert len(office.records) == known


# --- the record of where somebody works is put right ---------------------------------------------


def test_a_refused_step_stays_due_and_is_tried_again_when_the_record_changes() -> None:
    played = Played(spring())
    office = played.office
    played.to(D(2014, 2, 20))
    office.positions["S1"].workplaces[D(2014, 3, 1)] = "somewhere"
    played.to(D(2014, 4, 3))
    refused = last(office, t.StepRefused)
    assert isinstance(refused, t.StepRefused)
    assert (refused.reasons, refused.clauses) == (("works at somewhere",), ("DK-6",))
    due = office.state("S1").due("refused-step", "move")
    assert due is not None
    assert due.is_open
    played.to(LATER)
    assert sum(isinstance(each.fact, t.StepRefused) for each in office.records) == 1, "said once"

    office.positions["S1"].workplaces[D(2014, 3, 1)] = "2 north"
    office._idle.clear()
    played.to(D(2014, 4, 7))
    desk = desk_of(office.state("S1"))
    assert desk.moved is not None
    assert (desk.moved.before, desk.moved.effective_from) == ("2 north", D(2014, 4, 1))
    due = office.state("S1").due("refused-step", "move")
    assert due is not None
    assert due.outcome is Outcome.MET, "it has been put right"


def test_a_correction_of_the_record_that_a_decision_rested_on_opens_a_duty() -> None:
    office = moved().office
    before = office.world("S1")
    right = replace(office.positions["S1"], workplaces={date.min: "2", D(2014, 3, 1): "1"})
    now = replace(before, position=right)
    done = Done(by="office", today=LATER, happened_on=LATER)
    new = late.reconsider(now, before=before, because_of="a correction", done=done)
    assert [office.kind.sentence(each.fact) for each in new] == [
        "move of 2014-04-01 would state something else, because of a correction: to be settled"
    ]
    assert late.reconsider(before, before=before, because_of="nothing", done=done) == ()


# --- approvals ----------------------------------------------------------------------------------


TENTH = D(2014, 3, 10)


def quitting(office: Office, on: date = TENTH) -> None:
    office.act("S1", "quit", today=on, by="clerk")


def quitting_in_march() -> Played:
    """S1 has chosen to quit, long before the day of the move."""
    played = Played(spring())
    played.to(TENTH)
    quitting(played.office)
    return played


def test_what_ends_employment_is_due_by_law_and_not_recorded_until_it_is_approved() -> None:
    office = quitting_in_march().office
    day = D(2014, 4, 1)
    office.run_clock(day, approver=None)
    office.run_clock(D(2014, 4, 2), approver=None)
    assert sum(isinstance(each.fact, t.ApprovalAsked) for each in office.records) == 1
    with pytest.raises(Refused, match="somebody else has to approve"):
        office.act("S1", "approve", today=D(2014, 4, 4), by="clerk", step="end")
    office.act("S1", "approve", today=D(2014, 4, 4), by="head", step="end")
    assert office.act("S1", "approve", today=D(2014, 4, 4), by="other", step="end") == ()
    office.run_clock(D(2014, 4, 4))
    ended = last(office, BadgeEnded)
    assert isinstance(ended, BadgeEnded)
    assert ended.effective_from == day


def test_an_office_of_one_person_approves_in_an_act_of_its_own_and_it_shows() -> None:
    office = spring()
    office.rules = replace(office.rules, office_of_one=True)
    quitting(office)
    office.act("S1", "approve", today=D(2014, 3, 11), by="clerk", step="end")
    given = last(office, t.ApprovalGiven)
    assert isinstance(given, t.ApprovalGiven)
    assert given.same_person
    assert "an office of one person" in office.kind.sentence(given)


def test_what_is_approved_ahead_takes_effect_on_its_day() -> None:
    played = quitting_in_march()
    played.office.act("S1", "approve", today=D(2014, 3, 11), by="head", step="end")
    played.to(LATER)
    ended = last(played.office, BadgeEnded)
    assert ended.happened_on == D(2014, 4, 1)


def test_declined_it_stays_due_and_an_approval_is_for_one_proposal() -> None:
    office = quitting_in_march().office
    office.act("S1", "approve", today=D(2014, 3, 11), by="head", step="end")
    office.act("S1", "stay", today=D(2014, 3, 12))
    quitting(office, D(2014, 3, 13))
    timing = office.state("S1").mine.timing
    assert timing.approved == {}, "who quits anew is approved anew"
    office.act("S1", "approve", today=D(2014, 3, 14), by="head", step="end")
    office.act("S1", "decline", today=D(2014, 3, 15), by="head", step="end", reason="not yet")
    office.run_clock(LATER, approver=None)
    assert desk_of(office.state("S1")).ended is None
    due = office.state("S1").due("end")
    assert due is not None
    assert due.is_open


def test_nobody_is_taken_out_while_the_end_of_their_employment_waits_for_an_answer() -> None:
    office = quitting_in_march().office
    day = D(2014, 4, 1)
    office.run_clock(day, approver=None)
    with pytest.raises(Refused, match="end has been due since 2014-04-01 and waits for approval"):
        office.act("S1", "take-out", today=day, reason="left")
    office.act("S1", "decline", today=day, by="head", step="end", reason="never in it")
    assert office.act("S1", "take-out", today=day, reason="left")


def test_somebody_whose_end_is_not_due_yet_may_be_taken_out() -> None:
    played = quitting_in_march()
    assert played.office.act("S1", "take-out", today=D(2014, 3, 31), reason="left")


def test_what_was_declined_for_a_group_is_answered_for_each_of_its_people() -> None:
    move = [
        replace(step, waits=Waits.FOR_APPROVAL) if step.name == "move" else step
        for step in DESKS.steps
    ]
    played = Played(spring(replace(DESKS, steps=move)))
    office, day = played.office, D(2014, 4, 1)
    played.to(D(2014, 3, 31))
    for group in ("A", "B"):
        office.act(None, "approve", today=D(2014, 3, 31), by="head", step="move", group=group)
    office.act(None, "decline", today=day, by="head", step="move", group="B", reason="not yet")
    office.act(None, "decline", today=day, by="head", step="move", group="A", reason="not yet")
    assert office.act("S3", "take-out", today=day, reason="left")
    assert office.act(None, "abandon", today=day, reason="no money")


def test_a_matter_is_not_abandoned_while_an_end_of_employment_waits_for_an_answer() -> None:
    office, day = quitting_in_march().office, D(2014, 4, 2)
    office.act("S3", "quit", today=D(2014, 3, 20), by="clerk")
    office.run_clock(D(2014, 4, 1), approver=None)
    with pytest.raises(Refused) as refused:
        office.act(None, "abandon", today=day, reason="no money")
    assert [each.reason for each in refused.value.failures] == [
        f"end of {each} has been due since 2014-04-01 and waits for approval: approve or decline "
        "it first"
        for each in ("S1", "S3")
    ]
    office.act("S1", "approve", today=day, by="head", step="end")
    with pytest.raises(Refused, match="end of S3 has been due since 2014-04-01"):
        office.act(None, "abandon", today=day, reason="no money")
    office.act("S3", "decline", today=day, by="head", step="end", reason="never in it")
    assert office.act(None, "abandon", today=day, reason="no money")
    office.run_clock(day)
    assert isinstance(last(office, BadgeEnded), BadgeEnded), "that of S1 was approved in time"


def test_a_matter_in_which_nobodys_end_is_due_yet_may_be_abandoned() -> None:
    office = quitting_in_march().office
    assert office.act(None, "abandon", today=D(2014, 3, 31), reason="no money")


def test_whose_end_was_dropped_when_they_were_taken_out_stops_nothing() -> None:
    office = quitting_in_march().office
    office.act("S1", "take-out", today=D(2014, 3, 31), reason="left")
    office.run_clock(D(2014, 4, 1), approver=None)
    assert office.act(None, "abandon", today=D(2014, 4, 2), reason="no money")


def test_a_refusal_for_many_names_the_first_and_says_how_many_more_there_are() -> None:
    waits = {f"S{n:05}": {"end": "2014-04-01"} for n in range(25_000)}
    with pytest.raises(Refused) as refused:
        spring().act(None, "abandon", today=LATER, reason="no money", people=waits)
    said = [each.reason for each in refused.value.failures]
    assert len(said) == 6
    assert said[4].startswith("end of S00004 has been due since 2014-04-01")
    assert said[5] == (
        "so it is for 24995 more people, 25000 in all: approve or decline it for each of them first"
    )


def abandoned() -> Office:
    """A move that was abandoned when everybody's desk had moved."""
    office = moved().office
    office.act(None, "abandon", today=LATER, reason="no money")
    return office


KNOWN_ON = D(2014, 4, 10)


def test_who_had_quit_before_a_matter_was_abandoned_opens_one_duty_over_the_matter() -> None:
    office = abandoned()
    known, before = len(office.records), office.answers()
    office.act("S1", "quit", today=KNOWN_ON, happened_on=TENTH)
    office.act("S3", "quit", today=KNOWN_ON, happened_on=D(2014, 3, 12))
    decision = duty_on(office, "abandon", None)
    assert Counter(office.duties().values()) == {"abandon": 1, "move": 2}
    assert office.world(None).duties[decision].concerns == ("S1", "S3")
    assert office.world("S4").held_by == ()
    for each in ("S1", "S3"):
        assert decision in office.world(each).held_by
    run = len(office.records)
    office.run_clock(KNOWN_ON)
    assert len(office.records) == run, "no step is taken while it is open"

    office.redo_everything(KNOWN_ON)
    assert not office.state(None).is_over, "the matter goes on"
    office.run_clock(KNOWN_ON, approver=None)
    assert sum(isinstance(each.fact, t.ApprovalAsked) for each in office.records) == 2
    with pytest.raises(Refused, match="end of S3 has been due"):
        office.act(None, "abandon", today=KNOWN_ON, reason="no money")
    office.run_clock(KNOWN_ON)
    assert desk_of(office.state("S1")).ended is not None
    assert office.act(None, "abandon", today=KNOWN_ON, reason="no money")
    assert replace_records(office, known).answers() == before, "what was answered stays"


def test_an_abandonment_that_stands_is_brought_up_again_for_somebody_else() -> None:
    office = abandoned()
    office.act("S1", "quit", today=KNOWN_ON, happened_on=TENTH)
    office.settle(None, duty_on(office, "abandon", None), Settlement.STANDS, KNOWN_ON)
    office.redo_everything(KNOWN_ON)
    assert office.state(None).is_over
    assert office.duties() == {}
    office.act("S3", "quit", today=KNOWN_ON, happened_on=D(2014, 3, 12))
    assert "abandon" in office.duties().values()


def test_an_abandonment_is_not_to_be_settled_for_somebody_whose_move_stands() -> None:
    office = abandoned()
    office.act("S1", "quit", today=KNOWN_ON, happened_on=TENTH)
    office.settle("S1", duty_on(office, "move"), Settlement.STANDS, KNOWN_ON)
    assert office.duties() == {}, "there is nothing to approve any more"


def test_an_end_that_would_come_to_nothing_stops_nothing() -> None:
    office = moved().office
    for person in ("S1", "S3"):
        office.act(person, "quit", today=LATER, happened_on=TENTH)
        office.settle(person, duty_on(office, "move", person), Settlement.STANDS, LATER)
    due = office.state("S1").due("end")
    assert due is not None
    assert due.is_open
    assert office.act("S1", "take-out", today=LATER, reason="left")
    assert office.act(None, "abandon", today=LATER, reason="no money")


def test_an_abandonment_is_no_longer_to_be_settled_once_an_answer_in_time_is_known() -> None:
    office = abandoned()
    office.act("S1", "quit", today=KNOWN_ON, happened_on=TENTH)
    office.act(
        "S1", "decline", today=KNOWN_ON, happened_on=D(2014, 4, 2), by="head", step="end",
        reason="never in it",
    )  # fmt: skip
    assert set(office.duties().values()) == {"move"}


def test_only_what_waits_for_approval_is_approved() -> None:
    office = spring()
    with pytest.raises(Refused, match="waits for nobody's approval; move is not due"):
        office.act("S1", "approve", today=LATER, by="head", step="move")
    with pytest.raises(Refused, match="end is not due"):
        office.act("S1", "approve", today=LATER, by="head", step="end")


def test_a_grave_decision_is_not_redone_by_who_brought_it_up() -> None:
    played = Played(spring())
    played.do(Doing(D(2014, 3, 10), "S1", "quit"))
    played.do(Doing(D(2014, 3, 20), None, "fix-day", {"milestone": "move", "on": D(2014, 4, 3)}))
    played.to(LATER)
    office = played.office
    office.act(
        None,
        "fix-day",
        today=LATER,
        happened_on=D(2014, 3, 25),
        milestone="move",
        on=D(2014, 4, 4),
        by="office",
    )
    assert "end" in office.duties().values()
    with pytest.raises(Refused, match="somebody other than who brought it up"):
        settle(office, "end", Settlement.REDO, by="office")
    settle(office, "end", Settlement.REDO, by="head")
    ended = last(office, BadgeEnded)
    assert isinstance(ended, BadgeEnded)
    assert ended.effective_from == D(2014, 4, 4)


def test_letters_of_a_group_wait_for_approval_where_the_kind_says_so() -> None:
    steps = [
        replace(step, waits=Waits.FOR_APPROVAL) if step.dated is Dated.WHEN_TAKEN else step
        for step in DESKS.steps
    ]
    office = spring()
    office.kind = replace(DESKS, steps=steps)
    office._worlds.clear()
    day = D(2014, 2, 1)
    office.run_clock(D(2014, 1, 20))
    office.run_clock(day)
    asked = {each.fact.group for each in office.records if isinstance(each.fact, t.ApprovalAsked)}
    assert asked == {"A", "B"}
    assert not any(isinstance(each.fact, t.NoticeGiven) for each in office.records)
    office.act(None, "approve", today=D(2014, 2, 3), by="head", step="letters", group="A")
    office.run_clock(D(2014, 2, 3))
    notice = last(office, t.NoticeGiven)
    assert isinstance(notice, t.NoticeGiven)
    assert (notice.group, notice.happened_on) == ("A", D(2014, 2, 3))
    assert notice.windows["object"].on == D(2014, 2, 13)
    assert sum(isinstance(each.fact, t.NoticeGiven) for each in office.records) == 1


# --- a plan that moves while a step runs ----------------------------------------------------------


def test_a_plan_that_moves_while_a_step_runs_stops_it_and_lists_who_was_done() -> None:
    played = Played(spring())
    played.to(D(2014, 3, 20))
    office, day = played.office, D(2014, 4, 1)
    first = clock.take(office.world("S1"), today=day)
    assert isinstance(first[0].fact, DeskMoved)
    office.append(first)
    office.act(None, "fix-day", today=day, milestone="move", on=D(2014, 4, 12), reason="strike")
    assert office.duties() == {("S1", duty_on(office, "move")): "move"}
    assert clock.take(office.world("S3"), today=day) == ()
    played.to(D(2014, 4, 12))
    desk = desk_of(office.state("S3"))
    assert desk.moved is not None
    assert desk.moved.effective_from == D(2014, 4, 12)
    moved_desk = desk_of(office.state("S1")).moved
    assert moved_desk is not None
    assert moved_desk.effective_from == day, "nothing is undone before somebody says so"
    office.redo_everything(D(2014, 4, 12))
    moved_desk = desk_of(office.state("S1")).moved
    assert moved_desk is not None
    assert moved_desk.effective_from == D(2014, 4, 12)


def test_while_a_duty_is_open_the_clock_takes_no_step_and_people_may_act() -> None:
    played = Played(spring())
    played.to(D(2014, 2, 20))
    office = played.office
    office.act("S1", "object", today=D(2014, 2, 20), happened_on=D(2014, 2, 11))
    played.to(LATER)
    assert desk_of(office.state("S1")).moved is None
    assert desk_of(office.state("S3")).moved is not None
    assert isinstance(office.act("S1", "quit", today=LATER)[0].fact, QuitChosen)

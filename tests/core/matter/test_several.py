"""Steps over several people keep what they saw of each, or how many there were of each kind."""

from dataclasses import replace

from tests.core.matter.desks import ADMIN, DESKS, MATTER, ON_THE_DAY, desk_of
from tests.core.matter.histories import D, Played, spring
from tests.core.matter.playing import Office
from transfer.core.matter import clock
from transfer.core.matter import facts as t
from transfer.core.matter.completeness import faults
from transfer.core.matter.deciding import Case
from transfer.core.matter.folding import State
from transfer.core.matter.kind import COUNTS, Act, Several, Step, closes, on, opens
from transfer.core.matter.replaying import replay
from transfer.core.matter.words import Nature, Over, Settlement
from transfer.core.words import Frozen


class MoveCounted(t.MatterFact):
    """How many had a floor when the day of the move came, and how many had not."""

    outstanding: int


class Counts(Frozen):
    counts: dict[str, int]


def count_them(case: Case, needs: Counts) -> tuple[t.MatterFact, ...]:
    return (MoveCounted(**case.stamp(), outstanding=needs.counts.get("outstanding", 0)),)


def how_far(state: State) -> str:
    return "settled" if desk_of(state).confirmed else "outstanding"


COUNT = Act("count", Over.MATTER, ADMIN, Counts, count_them, "count who has no floor")
SEEN = Several(how_far, counted=True)
COUNTING = replace(
    DESKS,
    facts={**DESKS.facts, MoveCounted: "move-counted.v1"},
    acts=(*DESKS.acts, COUNT),
    steps=(*DESKS.steps, Step(COUNT, "on the day of the move", several=SEEN)),
    obligations=(
        *DESKS.obligations,
        on(
            t.DayFixed,
            opens(
                "count",
                Nature.ACT,
                owner="employer",
                when=lambda f: ON_THE_DAY if f.milestone == "move" else None,
            ),
        ),
        on(MoveCounted, closes("count")),
    ),
    sentences={**DESKS.sentences, MoveCounted: lambda f: f"{f.outstanding} outstanding"},
)
MILESTONE_DAY = D(2014, 4, 1)


def counted() -> Office:
    """The move of three people, counted on its day: all of them have a floor."""
    office = spring(COUNTING)
    Played(office).to(MILESTONE_DAY)
    people = {
        person: how_far(replay(office.world(person), MILESTONE_DAY).states[MATTER])
        for person in office.people
    }
    new = clock.take_over_several(
        office.world(None),
        matter=MATTER,
        step="count",
        group=None,
        people=people,
        today=MILESTONE_DAY,
    )
    assert [office.kind.sentence(each.fact) for each in new] == ["0 outstanding"]
    office.append(new)
    return office


def duties(office: Office, person: str | None) -> list[str]:
    return sorted(duty.step for duty in office.world(person).duties.values())


def test_the_declaration_is_complete() -> None:
    assert faults(COUNTING) == ()


def test_a_count_is_made_again_for_one_who_reads_otherwise_without_the_others() -> None:
    office, later = counted(), D(2014, 4, 5)
    office.act("S1", "object", today=later, happened_on=D(2014, 2, 11))
    assert duties(office, "S1") == ["confirm", "move"]
    assert duties(office, None) == ["count"]
    duty = next(iter(office.world(None).duties.values()))
    assert duty.inputs == {COUNTS: {"outstanding": 1, "settled": 2}}
    assert duty.concerns == ()
    assert office.world("S3").held_by == ()

    office.act("S3", "object", today=later, happened_on=D(2014, 2, 11))
    duty = next(iter(office.world(None).duties.values()))
    assert duty.inputs == {COUNTS: {"outstanding": 2, "settled": 1}}

    office.act("S3", "withdraw", today=later, happened_on=D(2014, 2, 11))
    office.act("S1", "withdraw", today=later, happened_on=D(2014, 2, 11))
    assert duties(office, None) == []


def test_a_count_is_redone_with_what_it_would_have_seen() -> None:
    office, later = counted(), D(2014, 4, 5)
    office.act("S1", "object", today=later, happened_on=D(2014, 2, 11))
    decision = next(iter(office.world(None).duties))
    office.settle(None, decision, Settlement.REDO, later)
    redone = [each.fact for each in office.records if isinstance(each.fact, MoveCounted)][-1]
    assert (redone.outstanding, redone.happened_on) == (1, MILESTONE_DAY)
    assert duties(office, None) == []


def test_a_count_that_stands_is_not_brought_up_again_by_the_same() -> None:
    office, later = counted(), D(2014, 4, 5)
    office.act("S1", "object", today=later, happened_on=D(2014, 2, 11))
    decision = next(iter(office.world(None).duties))
    office.settle(None, decision, Settlement.STANDS, later)
    office.act("S1", "answer", today=later, happened_on=D(2014, 2, 5))
    assert duties(office, None) == []
    office.act("S3", "object", today=later, happened_on=D(2014, 2, 11))
    assert duties(office, None) == ["count"]


def test_what_it_sees_is_kept_and_can_be_seen_otherwise() -> None:
    each = Several(lambda _: None)
    inputs = {"seed": "7", **each.inputs({"S2": {"a": 1}, "S1": {"a": 2}})}
    assert each.seen(inputs, "S1", None) == {"a": 2}
    assert each.instead(inputs, "S1", {"a": 2}, None) == {"seed": "7", "people": {"S2": {"a": 1}}}
    assert each.instead(inputs, "S3", None, {"a": 3})["people"]["S3"] == {"a": 3}
    tally = Several(lambda _: None, counted=True)
    counts = tally.inputs({"S1": "done", "S2": "done", "S3": "open"})
    assert counts == {COUNTS: {"done": 2, "open": 1}}
    assert tally.seen(counts, "S1", "done") == "done"
    assert tally.instead(counts, "S3", "open", "done") == {COUNTS: {"done": 3}}
    assert tally.instead(counts, "S4", None, "open") == {COUNTS: {"done": 2, "open": 2}}
    assert tally.instead(counts, "S1", "done", None) == {COUNTS: {"done": 1, "open": 1}}

"""A term that many have, stated by a decision that was undone."""

from datetime import date
from uuid import uuid5

from projections.position.rows import rows_of
from tests.support.histories import event_id, instant, recorded
from transfer.core.matter import facts as t
from transfer.core.matter.words import Made
from transfer.core.streams import matter_stream
from transfer.core.words import Basis
from transfer.kinds import KNOWN
from transfer.procedures.consultation.facts import CollectiveTermGranted, MeetingHeld

MATTER = "consultation:x"


def stamp(act: str) -> t.Stamp:
    return t.Stamp(
        matter=MATTER,
        happened_on=date(2014, 1, 31),
        learned_on=None,
        made=Made(act=act, by="office"),
        basis=Basis(),
    )


def test_a_term_goes_with_the_decision_that_stated_it_and_with_no_other() -> None:
    granted = CollectiveTermGranted(
        **stamp("grant"), term="evr", value="on offer", effective_from=date(2014, 2, 1)
    )
    facts = (
        granted,
        MeetingHeld(**stamp("record"), meeting_on=date(2014, 1, 31), outcome="agreed"),
        t.Undone(
            **stamp("settle"),
            decision=event_id(2),
            facts=(event_id(2),),
            entry=uuid5(event_id(2), "of nothing here"),
            reason="r",
        ),
        t.Undone(
            **stamp("settle"),
            decision=event_id(1),
            facts=(event_id(1),),
            entry=event_id(1),
            reason="r",
        ),
    )
    stream = matter_stream(MATTER)
    found = rows_of(
        [recorded(stream, n, n, instant(n), fact) for n, fact in enumerate(facts, start=1)], KNOWN
    )
    assert [(row.recorded_from, row.recorded_to) for row in found.terms_begun] == [
        (instant(1), instant(4))
    ]

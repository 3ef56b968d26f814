"""A person's history, from the events of their stream."""

from datetime import date

import pytest

from tests.support.histories import event_id, on_record
from tests.support.logs import LogInMemory
from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffRegistered,
    TermGranted,
)
from transfer.core.refusals import NotOnRecord
from transfer.core.words import Basis, Facet
from transfer.procedures.known_facts import NO_KINDS
from transfer.questions.answer import BasisShown
from transfer.questions.history import history, history_of

JAN, FEB = date(2014, 1, 1), date(2014, 2, 1)
BASIS = Basis(rulebook="tr-2013", clause="TR-12", document="letter 7")
REGISTERED = StaffRegistered(staff_number="S1", effective_from=JAN)
CHANGED = PositionChanged(
    effective_from=JAN, effective_to=FEB, changes={Facet.BAND: "5"}, reason="covering", basis=BASIS
)


def _corrected(of: int) -> EntryCorrected:
    return EntryCorrected(of=event_id(of), effective_from=FEB, reason="misread")


def test_an_event_shows_both_its_times_its_actor_and_why() -> None:
    item = history_of(on_record([(REGISTERED,), (CHANGED,)]), NO_KINDS)[1]
    assert (item.type, item.version, item.recorded_by) == ("position-changed.v1", 2, "test")
    assert (item.effective_from, item.effective_to) == (JAN, FEB)
    assert (item.reason, item.basis) == ("covering", BasisShown.model_validate(BASIS))
    assert item.fact["changes"] == {"band": "5"}


def test_entries_say_what_became_of_them_as_known_then() -> None:
    events = on_record(
        [
            (REGISTERED,),
            (CHANGED,),
            (_corrected(2),),
            (_corrected(2),),
            (EntryAnnulled(of=event_id(4), reason="r"),),
            (EntryAnnulled(of=event_id(2), reason="r"),),
        ]
    )

    def became(count: int) -> list[tuple[object, object]]:
        return [
            (item.corrected_by, item.annulled_by) for item in history_of(events[:count], NO_KINDS)
        ]

    assert became(2) == [(None, None), (None, None)]
    assert became(4)[1] == (event_id(4), None)
    assert became(5)[1] == (event_id(3), None)
    assert became(5)[3] == (None, event_id(5))
    assert became(6)[1] == (event_id(3), event_id(6))


def test_an_event_says_what_it_changed_on_which_days() -> None:
    """Old and new, as the record said just before and just after each event."""
    march = date(2014, 3, 1)
    events = on_record(
        [
            (REGISTERED.model_copy(update={"position": {Facet.BAND: "4", Facet.UNIT: "North"}}),),
            (CHANGED,),
            (PositionChanged(effective_from=FEB, changes={Facet.BAND: "6"}, reason="r"),),
            (PositionChanged(effective_from=JAN, changes={Facet.BAND: "4"}, reason="again"),),
            (
                EntryCorrected(
                    of=event_id(3), effective_from=march, reason="r", changes={Facet.BAND: "7"}
                ),
            ),
            (EntryAnnulled(of=event_id(2), reason="r"),),
            (PositionChanged(effective_from=JAN, changes={Facet.UNIT: None}, reason="r"),),
            (TermGranted(term="vetting", value="on", effective_from=JAN, reason="r"),),
            (
                PositionChanged(
                    effective_from=JAN, assignment="court", changes={Facet.BAND: "3"}, reason="r"
                ),
            ),
        ]
    )

    def told(number: int) -> list[tuple[object, ...]]:
        return [
            (
                each.facet or each.term,
                each.before,
                each.after,
                each.effective_from,
                each.effective_to,
            )
            for each in items[number - 1].changed
        ]

    items = history_of(events, NO_KINDS)
    assert told(1) == [("unit", None, "North", JAN, None), ("band", None, "4", JAN, None)]
    assert told(2) == [("band", "4", "5", JAN, FEB)]
    assert told(3) == [("band", "4", "6", FEB, None)]
    assert told(4) == []
    assert told(5) == [("band", "6", "4", FEB, march), ("band", "6", "7", march, None)]
    assert told(6) == [("band", "5", "4", JAN, FEB)]
    assert told(7) == [("unit", "North", None, JAN, None)]
    assert told(8) == [("vetting", None, "on", JAN, None)]
    assert [each.assignment for each in items[8].changed] == ["court"]


def test_a_person_not_registered_is_not_on_record() -> None:
    with pytest.raises(NotOnRecord):
        history(LogInMemory(), "S1")

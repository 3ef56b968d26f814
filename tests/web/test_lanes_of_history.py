"""A history as lanes: only what changed a value has one."""

from datetime import date

from tests.support.histories import event_id, on_record
from transfer.core.record.staff import EntryCorrected, PositionChanged, StaffRegistered
from transfer.core.words import Facet
from transfer.procedures.known_facts import NO_KINDS
from transfer.questions.history import history_of
from transfer.web.everyone.lanes import lanes_of
from transfer.web.pictures.lanes import Bar

JAN, MARCH = date(2014, 1, 1), date(2014, 3, 1)


def test_each_event_that_changed_a_value_has_a_lane_and_a_correction_says_so() -> None:
    events = on_record(
        [
            (StaffRegistered(staff_number="S1", effective_from=JAN, position={Facet.BAND: "4"}),),
            (PositionChanged(effective_from=JAN, changes={Facet.BAND: "4"}, reason="again"),),
            (PositionChanged(effective_from=JAN, changes={Facet.BAND: "6"}, reason="r"),),
            (
                EntryCorrected(
                    of=event_id(3), effective_from=MARCH, reason="r", changes={Facet.BAND: "6"}
                ),
            ),
            (
                PositionChanged(
                    effective_from=JAN, assignment="court", changes={Facet.BAND: "3"}, reason="r"
                ),
            ),
        ]
    )
    found = lanes_of(history_of(events, NO_KINDS))
    assert [(lane.what, lane.correction, lane.bars) for lane in found] == [
        ("Staff registered", False, (Bar("Band", "4", JAN),)),
        ("Position changed", False, (Bar("Band", "6", JAN, was="4"),)),
        ("Entry corrected", True, (Bar("Band", "4", JAN, MARCH, was="6"),)),
        ("Position changed", False, (Bar("Band (court)", "3", JAN),)),
    ]

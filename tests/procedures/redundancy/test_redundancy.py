"""Redundancy as a kind of the engine: what is done already, and what is refused."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.dating.effective_dating import Entries, Entry
from transfer.core.record.staff import term_piece
from transfer.core.refusals import AlreadyOnRecord
from transfer.procedures.redundancy import facts as f
from transfer.procedures.redundancy.kind import REDUNDANCY
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "redundancy:S1.1"
DAY, LAST = date(2015, 10, 20), date(2015, 8, 31)
ENTITLING = {
    "scheme": "enhanced",
    "last_day": LAST,
    "weeks_pay": "600.00",
    "service_from": date(2010, 6, 1),
    "service_said_by": "employer",
}


@pytest.fixture
def office() -> Matters:
    return Matters((REDUNDANCY,), binding(rulebook("redundancy-2014").with_values()))


def do(office: Matters, act: str, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=DAY, person="S1", **inputs)


def test_the_same_again_is_done_already(office: Matters) -> None:
    do(office, "begin", **ENTITLING).then(f.RedundancyEntitled)
    do(office, "begin", **ENTITLING).then_refused(because="already", kind=AlreadyOnRecord)
    for act, said in (
        ("assert-service", {"said_by": "union", "service_from": date(2000, 6, 1)}),
        ("use-service", {"said_by": "union"}),
        ("show-local-scheme", {"title": "of 2009", "weeks_a_year": "6", "most_weeks": "60"}),
        ("pay", {"paid": "10.00", "paid_on": DAY}),
        ("begin-trial", {"post": "officer", "effective_from": LAST}),
        ("re-employ", {"employer": "NPS", "effective_from": DAY}),
    ):
        assert do(office, act, **said).facts
        do(office, act, **said).then_nothing()


def test_what_cannot_be_is_refused(office: Matters) -> None:
    do(office, "pay", paid="10.00", paid_on=DAY).then_refused(because="has not begun")
    do(office, "begin", **ENTITLING | {"scheme": "gold"}).then_refused(because="there is nps")
    do(office, "begin", **ENTITLING)
    later = date(2015, 11, 1)
    do(office, "pay", paid="10.00", paid_on=later).then_refused(because="is after 2015-10-20")
    said = {"said_by": "union", "service_from": DAY}
    do(office, "assert-service", **said).then_refused(because="cannot begin after")
    again = do(office, "re-employ", employer="NPS", effective_from=LAST)
    again.then_refused(because="had not ended")


@pytest.mark.parametrize(
    ("last_day", "voluntary", "clause"),
    [
        (date(2015, 5, 31), False, "TR-05"),
        (date(2015, 6, 1), False, None),
        (date(2015, 5, 31), True, None),
        (date(2014, 5, 31), False, None),
    ],
)
def test_who_is_protected_is_not_made_redundant_against_their_will(
    last_day: date, voluntary: bool, clause: str | None
) -> None:
    term = term_piece(
        "no_compulsory_redundancy", "none", date(2014, 6, 1), effective_to=date(2015, 6, 1)
    )
    moved = Entries([Entry(UUID(int=1), datetime(2014, 6, 1, tzinfo=UTC), (term,))])
    rules = binding(rulebook("redundancy-2014").with_values())
    office = Matters((REDUNDANCY,), rules, entries=moved)
    begun = do(office, "begin", **ENTITLING | {"last_day": last_day, "voluntary": voluntary})
    if clause is None:
        begun.then(f.RedundancyEntitled)
    else:
        begun.then_refused(clause, because="no compulsory redundancy before 2015-06-01")

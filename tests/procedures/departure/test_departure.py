"""Departures as a kind of the engine: what is done already, what is refused, and what ends."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.dating.effective_dating import Entries, Entry
from transfer.core.record.staff import facet_pieces
from transfer.core.refusals import AlreadyOnRecord, Malformed
from transfer.core.words import Facet
from transfer.procedures.departure import facts as f
from transfer.procedures.departure.kind import DEPARTURE
from transfer.rulebooks import Rulebook, rulebook
from transfer.rulebooks.in_force import binding
from transfer.rulebooks.loading import load_edition

MATTER = "departure:S1.1"
TRANSFER, DAY = date(2019, 2, 15), date(2019, 3, 4)
WALES = "Wales Community Rehabilitation Company"


def office_under(book: Rulebook) -> Matters:
    values = {Facet.EMPLOYER: WALES, Facet.UNIT: "Cardiff"}
    pieces = facet_pieces(values, assignment="main", effective_from=date(2010, 4, 1))
    recorded = Entry(UUID(int=1 << 100), datetime(2010, 4, 1, tzinfo=UTC), pieces)
    return Matters((DEPARTURE,), binding(book.with_values()), entries=Entries([recorded]))


@pytest.fixture
def office() -> Matters:
    return office_under(rulebook("working-links-2019"))


def do(office: Matters, act: str, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=DAY, person="S1", **inputs)


def dismissed(office: Matters, **more: Any) -> Asked:
    leaves = {"leaves_on": date(2019, 2, 8), "transfer_on": TRANSFER}
    return do(office, "begin", **{"ground": "dismissal", **leaves, **more})


def test_what_was_done_is_done_already(office: Matters) -> None:
    dismissed(office).then(f.DepartureDeclared)
    dismissed(office).then_refused(because="already", kind=AlreadyOnRecord)
    for act, said in (
        ("explain", {"because_of_transfer": True}),
        ("lodge-appeal", {"to": "the chief executive"}),
        ("decide-appeal", {"outcome": "rejected"}),
        ("take-back", {}),
    ):
        assert do(office, act, **said).facts
        do(office, act, **said).then_nothing()
    do(office, "decide-appeal", outcome="upheld").then_refused(because="decided already")


def test_what_the_rules_do_not_give_is_refused(office: Matters) -> None:
    late = {"ground": "late-objection", "transfer_on": TRANSFER}
    do(office, "begin", **late).then_refused("TU-08b", because="too late")
    sooner = late | {"transfer_on": date(2019, 3, 10)}
    do(office, "begin", **sooner).then_refused("TU-08b", because="object in the exercise")
    worse = {"ground": "detriment", "transfer_on": TRANSFER}
    do(office, "begin", **worse).then_refused(because="what changes", kind=Malformed)
    nobody = worse | {"account": "the base moves", "leaves_on": date(2009, 1, 1)}
    do(office, "begin", **nobody).then_refused("TU-09", because="nobody employs them")
    do(office, "lodge-appeal", to="them").then_refused(because="has not begun")
    do(office, "begin", **worse, account="the base moves").then(f.DepartureDeclared)
    do(office, "lodge-appeal", to="them").then_refused(because="only who was dismissed")
    do(office, "explain", because_of_transfer=True).then_refused(because="only of a dismissal")


def test_another_employer_alone_is_not_enough_where_the_edition_says_so() -> None:
    text = rulebook("working-links-2019").source.decode()
    text = text.replace('notice = "TU-09-notice" }', 'employer_alone = "TU-09" }')
    office = office_under(load_edition(text.encode()))
    said = {"ground": "detriment", "transfer_on": TRANSFER, "account": "it is a company"}
    alone = said | {"employer_alone": True}
    do(office, "begin", **alone).then_refused("TU-09", because="alone is not enough")
    do(office, "begin", **alone, is_significant=True).then(f.DepartureDeclared)


def test_an_upheld_appeal_before_the_transfer_moves_nobody(office: Matters) -> None:
    dismissed(office, transfer_on=date(2019, 4, 1))
    do(office, "lodge-appeal", to="them")
    (decided,) = do(office, "decide-appeal", outcome="upheld").facts
    assert isinstance(decided, f.DismissalAppealDecided)
    assert decided.effective_from == date(2019, 2, 8)
    assert decided.held[Facet.EMPLOYER] == WALES

"""A grievance as a kind of the engine: what is done already, and what is refused.

What an official would ask is in the scenarios.
"""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.dating.effective_dating import Entries, Entry
from transfer.core.record.staff import facet_pieces
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.words import MAIN, Facet
from transfer.procedures.grievance import facts as f
from transfer.procedures.grievance.kind import GRIEVANCE
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "grievance:letters"
SINCE, DAY = date(2009, 4, 1), date(2013, 12, 12)
BEGUN: dict[str, Any] = {"complaint": "the letter", "policy": "london-2013"}
E3: dict[str, Any] = {"complaint": "training", "policy": "nps", "advice": "training-after-e3"}
MANAGER: dict[str, Any] = {"outcome": "not-upheld", "decided_by": "line manager"}
OFFICER: dict[str, Any] = {"outcome": "upheld", "decided_by": "assistant chief officer"}


@pytest.fixture
def office() -> Matters:
    values = {Facet.EMPLOYER: "London"}
    pieces = facet_pieces(values, assignment=MAIN, effective_from=SINCE, effective_to=None)
    entries = Entries([Entry(UUID(int=1 << 100), datetime(2009, 4, 1, tzinfo=UTC), pieces)])
    rules = binding(rulebook("grievances-2013").with_values())
    return Matters((GRIEVANCE,), rules, entries=entries)


def whole(office: Matters, act: str, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=DAY, **inputs)


def own(office: Matters, act: str, on: date = DAY, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, person="S1", **inputs)


def test_what_is_on_record_already_is_done(office: Matters) -> None:
    whole(office, "begin", **BEGUN).then(f.GrievanceBegun).saying(decided_by="line manager")
    whole(office, "begin", **BEGUN).then_refused(because="on record", kind=AlreadyOnRecord)
    whole(office, "submit").then_nothing()
    whole(office, "delegate", decided_by="line  manager").then_nothing()
    for act, said in (
        ("join", {}),
        ("withdraw", {}),
        ("join", {}),
        ("answer-orally", {}),
        ("confirm", MANAGER),
        ("take-further", {}),
        ("decide-further", OFFICER),
    ):
        assert own(office, act, **said).facts, act
        own(office, act, **said).then_nothing()


def test_what_cannot_be_is_refused(office: Matters) -> None:
    own(office, "join").then_refused(because="has not begun")
    whole(office, "begin", **BEGUN | {"policy": "other"}).then_refused(because="there is london")
    whole(office, "begin", **BEGUN, advice="other").then_refused(because="there is assignment")
    whole(office, "begin", **BEGUN)
    whole(office, "note-representations", outcome="rejected").then_refused(because="no advice")
    own(office, "withdraw").then_refused(because="had not raised it")
    own(office, "join", SINCE).then_refused(because="has not begun")
    own(office, "join")
    own(office, "decide-further", **OFFICER).then_refused(
        "TR-26-further", because="was not taken further"
    )
    whole(office, "delegate", decided_by="assistant chief officer")
    own(office, "confirm", **MANAGER).then_refused(because="assistant chief officer was to decide")
    own(office, "confirm", **OFFICER)
    own(office, "take-further").then_refused("TR-26-further", because="was upheld")
    own(office, "answer-orally").then_refused(because="confirmed on 2013-12-12")
    own(office, "confirm", **OFFICER | {"outcome": "not-upheld"}).then_refused(because="confirmed")


def test_advice_waits_for_the_latest_representations(office: Matters) -> None:
    whole(office, "begin", **E3, prepared=True)
    own(office, "join").then_refused("NPS-grievance", because="not submitted yet")
    for act, said, is_advised in (
        ("renew-representations", {}, False),
        ("note-representations", {"outcome": "rejected"}, True),
        ("renew-representations", {}, False),
        ("note-representations", {"outcome": "accepted"}, False),
        ("note-representations", {"outcome": "rejected"}, True),
    ):
        whole(office, act, **said)
        whole(office, act, **said).then_nothing()
        assert office.answer(MATTER, "advice", DAY).is_advised is is_advised
    whole(office, "submit").then(f.GrievanceSubmitted).saying(advised=True)


def test_nothing_is_answered_before_somebody_raises_it(office: Matters) -> None:
    whole(office, "begin", **BEGUN)
    with pytest.raises(Refused, match="had not raised it"):
        office.answer(MATTER, "stands", DAY)
    with pytest.raises(Refused, match="no advice"):
        office.answer(MATTER, "advice", DAY)
    with pytest.raises(Refused, match="had not begun"):
        office.answer(MATTER, "people", SINCE)
    assert office.answer(MATTER, "people", DAY).raised == 0

"""The stored form: literal names, readable JSON, old versions that load for ever."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from transfer.core.words import Attested, Basis, Frozen
from transfer.log.envelope import Command, Pending, Recorded
from transfer.log.mapper import FactMapper, mapper_of_facts
from transfer.log.recorder import LoggedEvent, PendingEvent
from transfer.procedures.known_facts import KnownFacts

GOLDEN = Path(__file__).parent.parent / "golden" / "log" / "stored_event.json"

COMMAND = UUID("11111111-2222-4333-8444-555555555555")
CAUSE = UUID("aaaaaaaa-2222-4333-8444-555555555555")
EXERCISE = UUID("bbbbbbbb-2222-4333-8444-555555555555")
EVENT = UUID("cccccccc-2222-5333-8444-555555555555")
INSTANT = datetime(2013, 11, 11, 9, 30, 0, 123456, tzinfo=UTC)


class DeskMoved(Frozen):
    """A tiny fact."""

    to: str
    effective_from: date
    note: str | None = None
    basis: Basis | None = None


class DeskGivenUp(Frozen):
    """Another."""

    effective_from: date


Desk = DeskMoved | DeskGivenUp
CURRENT: dict[str, type[Desk]] = {"desk-moved.v2": DeskMoved, "desk-given-up.v1": DeskGivenUp}


def load(name: str, shape: dict[str, Any]) -> Desk:
    if name == "desk-moved.v1":
        name, shape = "desk-moved.v2", {"to": shape["room"], "effective_from": shape["from_day"]}
    return CURRENT[name].model_validate(shape)


@pytest.fixture
def mapper() -> FactMapper[Desk]:
    return FactMapper({fact: name for name, fact in CURRENT.items()}, load)


def pending(fact: Desk) -> Pending[Desk]:
    command = Command(
        command_id=COMMAND,
        recorded_by="hr.administrator",
        request_hash=b"",
        correlation_id=EXERCISE,
        causation_id=CAUSE,
        attested=Attested(source="the old system", recorded_on=date(2009, 4, 1)),
    )
    return Pending("staff:S10442", 7, EVENT, fact, command)


def on_record(stored: PendingEvent) -> LoggedEvent:
    return LoggedEvent(
        originator_id=stored.originator_id,
        originator_version=stored.originator_version,
        topic=stored.topic,
        state=stored.state,
        id=41,
        recorded_at=INSTANT,
        event_id=stored.event_id,
    )


MOVED = DeskMoved(
    to='room "4", fact',
    effective_from=date(2013, 12, 1),
    note='a ,"fact": in a string, é, and \0',
    basis=Basis(rulebook="tr-2013", clause="TR-08"),
)


def test_the_stored_form_is_the_golden_one(mapper: FactMapper[Desk]) -> None:
    stored = mapper.encode(pending(MOVED))
    golden = json.loads(GOLDEN.read_text())
    assert {
        "originator_id": stored.originator_id,
        "originator_version": stored.originator_version,
        "topic": stored.topic,
        "event_id": str(stored.event_id),
        "state": json.loads(stored.state),
    } == golden
    # The order of the keys too: a person reads "who" before "what".
    assert list(json.loads(stored.state)) == list(golden["state"])


def test_what_comes_back_is_what_went_in(mapper: FactMapper[Desk]) -> None:
    assert mapper.to_domain_event(on_record(mapper.encode(pending(MOVED)))) == Recorded(
        stream="staff:S10442",
        version=7,
        event_id=EVENT,
        position=41,
        recorded_at=INSTANT,
        recorded_by="hr.administrator",
        command_id=COMMAND,
        causation_id=CAUSE,
        correlation_id=EXERCISE,
        attested=Attested(source="the old system", recorded_on=date(2009, 4, 1)),
        fact=MOVED,
    )


def test_the_same_json_in_another_event_is_the_same_fact(mapper: FactMapper[Desk]) -> None:
    stored = on_record(mapper.encode(pending(DeskMoved(to="4", effective_from=date(2014, 6, 1)))))
    first = mapper.to_domain_event(stored)
    again = mapper.to_domain_event(replace(stored, originator_version=9, id=99))
    assert again.fact is first.fact
    assert (again.version, again.position) == (9, 99)


def test_the_next_command_does_not_inherit_the_last_ones_actor(mapper: FactMapper[Desk]) -> None:
    fact = DeskGivenUp(effective_from=date(2014, 6, 1))
    mapper.encode(pending(fact))
    other = Command(command_id=CAUSE, recorded_by="panel", request_hash=b"")
    stored = mapper.encode(Pending("staff:S1", 1, EVENT, fact, other))
    assert json.loads(stored.state) == {
        "by": "panel",
        "command": str(CAUSE),
        "causation": None,
        "correlation": str(CAUSE),
        "attested": None,
        "fact": {"effective_from": "2014-06-01"},
    }


def test_a_facts_own_claim_goes_before_its_commands(mapper: FactMapper[Desk]) -> None:
    claim = Attested(source="the pay office", recorded_on=date(2011, 5, 6))
    stored = mapper.encode(replace(pending(MOVED), attested=claim))
    assert mapper.to_domain_event(on_record(stored)).attested == claim


def test_an_old_name_loads_as_the_fact_of_today(mapper: FactMapper[Desk]) -> None:
    new = mapper.encode(pending(MOVED))
    state = json.loads(new.state) | {"fact": {"room": "9", "from_day": "2009-04-01"}}
    old = PendingEvent(
        new.originator_id, 7, "desk-moved.v1", json.dumps(state).encode(), event_id=EVENT
    )
    recorded = mapper.to_domain_event(on_record(old))
    assert recorded.fact == DeskMoved(to="9", effective_from=date(2009, 4, 1))
    assert recorded.recorded_by == "hr.administrator"
    assert recorded.attested == Attested(source="the old system", recorded_on=date(2009, 4, 1))


def test_a_name_that_was_never_written_is_an_error(mapper: FactMapper[Desk]) -> None:
    stored = mapper.encode(pending(MOVED))
    strange = PendingEvent(stored.originator_id, 7, "desk-sold.v1", stored.state, event_id=EVENT)
    with pytest.raises(KeyError, match=r"desk-sold\.v1"):
        mapper.to_domain_event(on_record(strange))


def test_a_state_that_does_not_fit_its_name_is_an_error(mapper: FactMapper[Desk]) -> None:
    stored = mapper.encode(pending(MOVED))
    wrong = PendingEvent(stored.originator_id, 7, "desk-given-up.v1", stored.state, event_id=EVENT)
    with pytest.raises(ValidationError):
        mapper.to_domain_event(on_record(wrong))


def test_every_fact_of_the_program_is_read_as_its_own_class() -> None:
    names = KnownFacts().names
    assert mapper_of_facts()._classes == {name: each for each, name in names.items()}

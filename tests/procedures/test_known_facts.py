"""The facts that a program knows: its own, the engine's, and those of the kinds it is given."""

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from tests.core.matter.desks import DESKS, MATTER, DeskConfirmed, DeskMoved, FloorProposed
from transfer.core.matter import facts as t
from transfer.core.matter.words import Made
from transfer.core.words import Basis
from transfer.procedures.facts import ENTRY_FACTS, STORED_NAMES
from transfer.procedures.known_facts import KnownFacts

STAMP = t.Stamp(
    matter=MATTER,
    happened_on=date(2014, 4, 1),
    learned_on=None,
    made=Made(act="move", by="clock"),
    basis=Basis(rulebook="desks-1"),
)
KNOWN = KnownFacts((DESKS,))
AT = datetime(2014, 4, 2, tzinfo=UTC)
FIRST, SECOND, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
MOVED = DeskMoved(
    **STAMP,
    before="2",
    floor="3",
    effective_from=date(2014, 4, 1),
    lamp_until=date(2015, 4, 1),
)


def test_a_kinds_facts_are_stored_under_its_names() -> None:
    fact = FloorProposed(**STAMP, floor="3")
    assert KNOWN.stored_name(fact) == "floor-proposed.v1"
    assert KNOWN.load("floor-proposed.v1", fact.model_dump(mode="json")) == fact
    assert "floor-proposed.v1" not in KnownFacts().names.values()


def test_no_two_facts_have_one_name() -> None:
    names = list(KNOWN.names.values())
    assert sorted(names) == sorted(set(names))
    assert not set(t.STORED_NAMES.values()) & set(STORED_NAMES.values())


@pytest.mark.parametrize("name", ["staff-left.v1", "person-joined.v1"])
def test_a_kind_takes_no_name_of_another(name: str) -> None:
    taken = replace(DESKS, facts={**DESKS.facts, FloorProposed: name})
    with pytest.raises(ValueError, match=name):
        KnownFacts((taken,))


def test_a_declaration_that_lacks_something_is_refused() -> None:
    with pytest.raises(ValueError, match="has no sentence"):
        KnownFacts((replace(DESKS, sentences={}),))


def test_a_kind_is_found_by_the_matter() -> None:
    assert KNOWN.kind(MATTER) is DESKS
    assert KNOWN.kind("exercise:tr-2013") is None
    assert KNOWN.sentence(MOVED) == "moves from 2 to 3 on 2014-04-01"


def test_what_a_fact_states_is_an_entry() -> None:
    entry = KNOWN.entry_of(FIRST, AT, MOVED)
    assert entry is not None
    assert (entry.of, entry.annuls, entry.basis) == (None, False, MOVED.basis)
    assert [piece.value for piece in entry.content] == ["3", "yes"]
    assert KNOWN.entry_of(FIRST, AT, DeskConfirmed(**STAMP, floor="3")) is None
    assert KnownFacts().entry_of(FIRST, AT, MOVED) is None
    assert set(KNOWN.entry_facts) - set(ENTRY_FACTS) == {*DESKS.effects, t.Undone}


def test_a_decision_made_again_corrects_and_one_undone_annuls() -> None:
    again = MOVED.model_copy(
        update={"made": Made(act="move", by="clock", in_place_of=FIRST, replaces=FIRST)}
    )
    corrected = KNOWN.entry_of(SECOND, AT, again)
    assert corrected is not None
    assert corrected.of == FIRST
    undone = t.Undone(**STAMP, decision=FIRST, facts=(SECOND,), entry=SECOND, reason="seen")
    annulled = KNOWN.entry_of(THIRD, AT, undone)
    assert annulled is not None
    assert (annulled.of, annulled.annuls) == (SECOND, True)
    bare = undone.model_copy(update={"entry": None})
    assert KNOWN.entry_of(THIRD, AT, bare) is None

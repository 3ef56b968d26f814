"""A declaration is checked once for what it lacks, and says so in plain words."""

from dataclasses import replace
from typing import Any

import pytest

from tests.core.matter.desks import (
    CLOSE,
    DESKS,
    MOVE,
    Answered,
    DeskConfirmed,
    DeskMoved,
    FloorProposed,
)
from transfer.core.matter import common
from transfer.core.matter import facts as t
from transfer.core.matter.completeness import faults
from transfer.core.matter.kind import SENTENCES, Act, Grounds, Kind, NeedsNothing, Several, Step
from transfer.core.matter.kind import on as row
from transfer.core.matter.words import Over


def without(mapping: Any, key: object) -> dict[Any, Any]:
    return {each: value for each, value in mapping.items() if each != key}


def rows_but(*facts: type[t.MatterFact]) -> tuple[Any, ...]:
    return tuple(each for each in DESKS.obligations if each.fact not in facts)


def test_the_toy_kind_lacks_nothing() -> None:
    assert faults(DESKS) == ()


def rows(what: str) -> list[Any]:
    """The rows that make a step fall due."""
    return [r for r in DESKS.obligations if any(d.what == what and d.nature for d in r.does)]


def ends(what: str) -> list[Any]:
    """The rows that end what is due."""
    return [r for r in DESKS.obligations if any(d.what == what and not d.nature for d in r.does)]


NOBODY_SEEN = Several(lambda _: None)
NOBODY = Act("dance", Over.PERSON, (), NeedsNothing, lambda _case, _needs: (), " ")

LACKING: list[tuple[Kind, str]] = [
    (replace(DESKS, sentences=without(DESKS.sentences, DeskMoved)), "DeskMoved has no sentence"),
    (
        replace(DESKS, acts=[act for act in DESKS.acts if act is not MOVE]),
        "step move takes an act that the kind does not have",
    ),
    (
        replace(DESKS, obligations=rows_but(DeskConfirmed, *(r.fact for r in rows("move")))),
        "no fact makes step move fall due",
    ),
    (
        replace(DESKS, steps=[step for step in DESKS.steps if step.act is not MOVE]),
        "move falls due and no step takes it",
    ),
    (replace(DESKS, facts=without(DESKS.facts, Answered)), "obligations name Answered"),
    (replace(DESKS, acts=(*DESKS.acts, NOBODY)), "nobody may do dance"),
    (replace(DESKS, acts=(*DESKS.acts, NOBODY)), "dance does not say what it is"),
    (replace(DESKS, acts=(*DESKS.acts, MOVE)), "act move is declared twice"),
    (
        replace(DESKS, steps=(*DESKS.steps, Step(CLOSE, "at the end"))),
        "step close is declared twice",
    ),
    (
        replace(DESKS, steps=[replace(step, falls_due="") for step in DESKS.steps]),
        "step move does not say when it falls due",
    ),
    (
        replace(
            DESKS, steps=[replace(step, several=Several(lambda _: None)) for step in DESKS.steps]
        ),
        "move is over one person and sees several",
    ),
    (
        replace(DESKS, facts={**DESKS.facts, Answered: "floor-proposed.v1"}),
        "stored as 'floor-proposed.v1', which is a name of desk-move",
    ),
    (
        replace(DESKS, facts={**DESKS.facts, Answered: "day-fixed.v1"}),
        "stored as 'day-fixed.v1', which is a name of the engine",
    ),
    (
        replace(DESKS, facts=without(DESKS.facts, DeskMoved)),
        "effects name DeskMoved, which it does not have",
    ),
    (replace(DESKS, obligations=rows_but(*(r.fact for r in ends("panel")))), "opens: panel"),
    (
        replace(DESKS, acts=(*DESKS.acts, replace(NOBODY, who=("union",)))),
        "a representative may do dance, and it is for no body",
    ),
    (
        replace(DESKS, acts=(*DESKS.acts, replace(NOBODY, for_body="asked_by"))),
        "dance does not ask for the body that does it",
    ),
    (
        replace(DESKS, grounds=Grounds(lambda _: (), lambda _: {}, lambda _, __: ())),
        "nothing notes what rests on it: it has no act rely-on",
    ),
    (
        replace(DESKS, acts=tuple(act for act in DESKS.acts if act is not common.SETTLE)),
        "nobody may settle a decision that would state something else",
    ),
]


@pytest.mark.parametrize(("kind", "fault"), LACKING, ids=[fault for _, fault in LACKING])
def test_what_a_declaration_lacks_is_said(kind: Kind, fault: str) -> None:
    found = faults(kind)
    assert any(fault in each for each in found), found
    assert all(each.startswith("desk-move: ") for each in found)


def test_kinds_do_not_share_names_or_facts() -> None:
    other = replace(DESKS, name="chair-move")
    found = faults(DESKS, other)
    assert "chair-move: FloorProposed is a fact of desk-move already" in found
    assert faults(DESKS, DESKS)[-1] == "kind desk-move is declared twice"
    deaf = replace(DESKS, hears={Foreign: lambda _: None})
    assert faults(deaf) == ("desk-move: hears Foreign, which no kind has",)


class Foreign(t.MatterFact):
    """A fact of no kind."""


def test_every_generic_fact_has_a_sentence_and_a_stored_name() -> None:
    every = set(t.TimingFact.__args__)
    assert set(t.STORED_NAMES) == every
    assert set(SENTENCES) == every
    assert len(set(t.STORED_NAMES.values())) == len(every)


def test_an_act_is_found_by_name() -> None:
    assert DESKS.act("move") is MOVE
    assert DESKS.step("dance") is None
    with pytest.raises(KeyError):
        DESKS.act("dance")
    assert row(FloorProposed).does == ()

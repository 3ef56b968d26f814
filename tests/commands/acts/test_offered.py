"""What is offered follows from the declarations: every act of the contract, each with its body."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from transfer.commands.acts.given import example_body, inputs_of
from transfer.commands.acts.offered import Offered, offered
from transfer.kinds import KNOWN

ACTS = {(each.kind, each.name): each for each in offered(KNOWN.kinds)}
CONTRACT = {
    "exercise": "begin set-scope join take-out propose decide-by-panel form-group preview-letters "
    "issue-letters letter-returned reissue-letter record-answer extend-window move-window "
    "move-milestone object withdraw-objection confirm move dissolve complete approve decline hold "
    "resume abandon settle retry",
    "appeal": "begin admit-late determine withdraw",
    "consultation": "begin add-body elect state-measures ask reply call-meeting record-meeting "
    "endorse refuse refer ballot state-offer",
}
"""The acts that the contract names."""

CLOCK_ALONE = ("open-windows", "reach", "pass-day", "end-by-objection", "note-overdue", "allocate")


@pytest.mark.parametrize("kind", CONTRACT)
def test_every_act_of_the_contract_is_offered(kind: str) -> None:
    assert set(CONTRACT[kind].split()) <= {name for of, name in ACTS if of == kind}


def test_what_the_clock_does_alone_is_offered_to_nobody() -> None:
    assert not {name for _, name in ACTS} & set(CLOCK_ALONE)


@pytest.mark.parametrize("act", ACTS.values(), ids=lambda each: f"{each.kind} {each.name}")
def test_an_act_takes_its_example(act: Offered) -> None:
    body = act.body.model_validate(example_body(act.name, act.body))
    assert body.happened_on is None


@pytest.mark.parametrize(
    ("kind", "act", "given", "field"),
    [
        ("exercise", "move-milestone", {"milestone": "transfer", "to": "1/6/2014"}, "to"),
        ("exercise", "move-milestone", {"milestone": "transfer", "to": 16222}, "to"),
        ("exercise", "abandon", {"reason": " "}, "reason"),
        ("exercise", "abandon", {"reason": "a\x00b"}, "reason"),
        ("exercise", "abandon", {"why": "so"}, "why"),
        ("exercise", "join", {"staff_number": "no blanks"}, "staff_number"),
        ("exercise", "issue-letters", {}, ""),
        ("exercise", "set-scope", {}, ""),
        ("exercise", "decide-by-panel", {"to": "CRC"}, ""),
        ("consultation", "ballot", {"body": "NNC", "result": "undecided"}, "result"),
        ("appeal", "begin", {"exercise": "tr", "staff_number": "S1"}, "grounds"),
    ],
)
def test_a_body_that_is_no_body_names_its_field(
    kind: str, act: str, given: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        ACTS[kind, act].body.model_validate(given)
    (fault, *_) = refused.value.errors()
    assert ".".join(map(str, fault["loc"])) == field


def test_a_decision_is_given_what_it_needs_and_no_more() -> None:
    act = ACTS["exercise", "extend-window"]
    given = {"staff_number": "S1", "window": "appeal", "until": "2014-01-10", "document": "letter"}
    needs = KNOWN.kind("exercise:any")
    assert needs is not None
    found = inputs_of(act.body.model_validate(given), needs.act("extend-window").needs)
    assert found == {"window": "appeal", "until": date(2014, 1, 10)}

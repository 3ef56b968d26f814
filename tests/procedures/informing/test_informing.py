"""Informing and consulting as a kind of the engine: what is done already, and what is refused."""

from datetime import date
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.refusals import AlreadyOnRecord
from transfer.procedures.informing import facts as f
from transfer.procedures.informing.kind import INFORMING
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "informing:move"
DAY, TRANSFER = date(2025, 3, 3), date(2025, 5, 1)
OLD, NEW = "the old provider", "the new provider"
BEGINNING = {
    "regime": "tupe",
    "transferor": OLD,
    "transferee": NEW,
    "transfer_on": TRANSFER,
    "employees": 60,
    "transferring": 25,
}
ASKED = {"question": "Who moves?", "asked_by": "Napo", "asked_of": NEW}


@pytest.fixture
def office() -> Matters:
    return Matters((INFORMING,), binding(rulebook("consultation-law").with_values()))


def do(office: Matters, act: str, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=DAY, **inputs)


def test_the_same_again_is_done_already(office: Matters) -> None:
    do(office, "begin", **BEGINNING).then(f.InformingBegun)
    do(office, "begin", **BEGINNING).then_refused(because="already", kind=AlreadyOnRecord)
    for act, said in (
        ("invite", {}),
        ("elect", {"representatives": ["r"], "met": ["term"]}),
        ("state", {"item": "measures", "none": True}),
        ("ask", ASKED),
        ("answer", {"question": "Who moves?", "answer": "All."}),
        ("restate", {"employees": 61}),
        ("state-award", {"failed": OLD, "concerned": 2, "weeks_pay": "900.00"}),
        ("recognise", {"body": "Napo"}),
    ):
        assert do(office, act, **said).facts
        do(office, act, **said).then_nothing()


def test_a_question_that_is_asked_again_is_owed_an_answer_again(office: Matters) -> None:
    do(office, "begin", **BEGINNING)
    do(office, "ask", **ASKED)
    do(office, "answer", question="Who moves?", answer="All.")
    do(office, "ask", **ASKED).then(f.ItemAsked)
    assert office.answer(MATTER, "information", DAY).unanswered == 1


def test_what_cannot_be_is_refused(office: Matters) -> None:
    do(office, "invite").then_refused(because="has not begun")
    do(office, "begin", **BEGINNING | {"regime": "gold"}).then_refused(because="it has tupe")
    do(office, "begin", **BEGINNING)
    do(office, "state", item="gold").then_refused("TU-18", because="asks for no gold")
    do(office, "ask", **ASKED | {"asked_of": "Napo"}).then_refused(because="owes no answer")
    do(office, "answer", question="Why?", answer="So.").then_refused(because="nobody has asked")
    do(office, "elect", representatives=["r"], met=["gold"]).then_refused(because="needs no gold")
    award = {"failed": "Napo", "concerned": 2, "weeks_pay": "900.00"}
    do(office, "state-award", **award).then_refused(because="neither of")


def test_staff_who_were_invited_or_have_elected_are_not_consulted_singly(office: Matters) -> None:
    do(office, "begin", **BEGINNING | {"transferring": 9, "representatives": ("r",)})
    do(office, "consult-directly").then_refused("TU-21-invited", because="have elected")
    do(office, "invite")
    refused = do(office, "consult-directly")
    refused.then_refused("TU-21-invited", "TU-21-invited", because="were invited")


def test_an_election_is_owed_no_more_once_a_union_is_recognised(office: Matters) -> None:
    do(office, "begin", **BEGINNING).saying(election_owed=True)
    do(office, "recognise", body="Napo").then(f.UnionRecognised)
    do(office, "restate", transferring=9).saying(election_owed=None)
    do(office, "elect", representatives=["r"]).then_refused("TU-21-union")
    assert office.answer(MATTER, "who-is-consulted", DAY).through == "recognised union"


def test_an_invitation_learned_late_makes_direct_consultation_a_decision_to_settle(
    office: Matters,
) -> None:
    do(office, "begin", **BEGINNING | {"transferring": 9})
    later, invited, learned = date(2025, 3, 20), date(2025, 3, 10), date(2025, 3, 28)
    ask(office, MATTER, "consult-directly", on=later).then(f.EmployeesConsultedDirectly)
    assert not office.duties(MATTER)
    ask(office, MATTER, "invite", on=invited, today=learned)
    (duty,) = office.duties(MATTER).values()
    assert (duty.step, duty.decided_on) == ("consult-directly", later)
    office.redo_everything(learned, MATTER)
    assert not office.duties(MATTER)
    found = office.answer(MATTER, "who-is-consulted", learned)
    assert found.through.startswith("nobody yet")
    assert "an invitation to elect" not in found.lacking

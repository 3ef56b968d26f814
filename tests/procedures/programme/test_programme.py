"""The steps of a transfer as a kind of the engine: counted back, done already, refused."""

from datetime import date
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.refusals import AlreadyOnRecord
from transfer.procedures.programme import facts as f
from transfer.procedures.programme.kind import PROGRAMME
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "programme:surrey"
DAY, VESTING = date(2026, 11, 2), date(2027, 4, 1)
TEAM = "the trading standards team"


@pytest.fixture
def office() -> Matters:
    return Matters((PROGRAMME,), binding(rulebook("transfer-plans").with_values()))


def do(office: Matters, act: str, on: date = DAY, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, **inputs)


def plan(office: Matters) -> Asked:
    return do(office, "begin", plan="reorganisation", target_on=VESTING)


def test_the_same_again_is_done_already(office: Matters) -> None:
    plan(office).then(f.ProgrammeBegun)
    plan(office).then_refused(because="already", kind=AlreadyOnRecord)
    for act, said in (
        ("move", {"target_on": date(2027, 4, 2)}),
        ("take-step", {"step": "audit"}),
        ("disagree", {"subject_matter": TEAM, "between": ["East Surrey", "West Surrey"]}),
        ("refer", {"subject_matter": TEAM, "to": "the arbitrator"}),
    ):
        assert do(office, act, **said).facts
        do(office, act, **said).then_nothing()
    ended: dict[str, Any] = {
        "subject_matter": TEAM,
        "how": "default-award",
        "outcome": "East Surrey",
    }
    (fact,) = do(office, "end", **ended).then(f.DisagreementEnded).facts
    assert fact.basis.clause == "LG-06-default"
    do(office, "end", **ended).then_refused(because="is settled", kind=AlreadyOnRecord)


def test_what_cannot_be_is_refused(office: Matters) -> None:
    do(office, "move", target_on=VESTING).then_refused(because="has not begun")
    gold = do(office, "begin", plan="gold", target_on=VESTING)
    gold.then_refused(because="there is reorganisation, trust-contracts")
    plan(office)
    do(office, "take-step", step="gold").then_refused("LG-05", because="has no step gold")
    named: dict[str, Any] = {"subject_matter": TEAM, "to": "the arbitrator"}
    do(office, "refer", **named).then_refused(because="nobody disagrees")
    alone = do(office, "disagree", subject_matter=TEAM, between=["East Surrey"])
    alone.then_refused("LG-06", because="takes two")
    do(office, "take-step", step="restructure").then_refused("LG-05", because="comes after")
    after = do(office, "take-step", VESTING, step="restructure")
    after.saying(came_first=("letters",))


def test_when_the_day_moves_every_last_day_moves(office: Matters) -> None:
    plan(office)
    do(office, "take-step", step="audit")
    do(office, "move", target_on=date(2027, 5, 1)).then(f.ProgrammeMoved)
    found = {each.step: each for each in office.answer(MATTER, "plan", DAY).steps}
    assert found["liability-information"].latest_on == date(2027, 4, 3)
    assert found["audit"].state == "done"


def test_a_step_that_was_taken_late_says_so_and_does_not_make_the_plan_impossible(
    office: Matters,
) -> None:
    plan(office)
    late = date(2027, 3, 10)
    do(office, "take-step", late, step="liability-information")
    answered = office.answer(MATTER, "plan", late)
    found = {each.step: each.state for each in answered.steps}
    assert found["liability-information"] == "done late"
    assert answered.is_possible

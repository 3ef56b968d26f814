"""Which route assigns somebody, and to where."""

import hashlib
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.cases import cases
from tests.support.tr_2013 import RULES
from transfer.core.refusals import Refused
from transfer.core.words import Destination, Route
from transfer.procedures.exercise.facts import EvidenceReturned
from transfer.procedures.exercise.routes import Choice, choose, choose_by_panel
from transfer.rulebooks import TermsOfExercise, rulebook

ROUTES = Path(__file__).parent / "cases" / "routes.md"


def returned(automatic: str = "", caseload: str = "", preference: str = "") -> EvidenceReturned:
    high_risk, _, total = caseload.partition(" of ")
    return EvidenceReturned(
        caseload_total=int(total) if total else None,
        caseload_high_risk=int(high_risk) if high_risk else None,
        preference=Destination(preference) if preference else None,
        automatic=Destination(automatic) if automatic else None,
    )


def assign(
    evidence: EvidenceReturned,
    *,
    role: str | None = "probation officer",
    staff_number: str = "S1",
    seed: str = "1",
    rules: TermsOfExercise = RULES,
) -> Choice:
    return choose(evidence, staff_number=staff_number, role=role, band="4", rules=rules, seed=seed)


@pytest.mark.parametrize(
    ("role", "automatic", "caseload", "preference", "route", "destination"), cases(ROUTES, "Route")
)
def test_the_first_route_that_resolves_it(
    role: str, automatic: str, caseload: str, preference: str, route: str, destination: str
) -> None:
    evidence = returned(automatic, caseload, preference)
    if route == "the panel must decide":
        with pytest.raises(Refused, match="panel must decide") as refused:
            assign(evidence, role=role or None)
        assert refused.value.clause == "TR-08"
        return
    choice = assign(evidence, role=role)
    assert choice.route is Route(route)
    assert choice.evidence.caseload_total == evidence.caseload_total
    assert choice.evidence.preference == evidence.preference
    if destination == "as drawn":
        assert choice.evidence.draw is not None
        assert choice.destination is choice.evidence.draw.outcome
    else:
        assert choice.evidence.draw is None
        assert choice.destination is Destination(destination)


@pytest.mark.parametrize(("caseload", "share", "destination"), cases(ROUTES, "Share"))
def test_the_share_is_compared_before_it_is_rounded(
    caseload: str, share: str, destination: str
) -> None:
    rules = rulebook("tr-2013").with_values(
        assumed={
            "TR-11b": "10wd",
            "TR-11b-panel": "20wd",
            "TR-10-response": "5wd",
            "TR-09b": "2013-11-11",
            "TR-09-share": share,
        }
    )
    choice = assign(returned("", caseload), rules=rules)
    assert choice.destination is Destination(destination)
    assert choice.evidence.share_for_nps == Decimal(share)


def test_the_rulebook_tries_the_routes_in_the_order_of_the_clause() -> None:
    assert RULES.routes == (
        Route.AUTOMATIC,
        Route.LOCAL_EVIDENCE,
        Route.EXPRESSION_OF_INTEREST,
        Route.RANDOM_ADMINISTRATIVE,
    )


def test_evidence_carries_the_snapshot_and_the_values_it_was_judged_by() -> None:
    choice = assign(returned("", "30 of 40"))
    assert str(choice.evidence.caseload_on) == "2013-11-11"
    assert choice.evidence.high_risk_share == Decimal("0.75")
    assert choice.evidence.share_for_nps == Decimal("0.5")
    assert choice.basis.clause == "TR-09"
    assert set(choice.basis.assumptions) == {"TR-09-share=0.5", "TR-09b=2013-11-11"}
    assert "30 of 40" in choice.reason


def test_a_draw_can_be_checked_from_its_record() -> None:
    drawn = assign(returned(), role="receptionist", staff_number="S7", seed="a seed")
    draw = drawn.evidence.draw
    assert draw is not None
    assert draw.drawn == hashlib.sha256(b"a seed\nS7").hexdigest()
    assert draw.outcome is (Destination.CRC if int(draw.drawn, 16) % 2 else Destination.NPS)
    assert assign(returned(), role="receptionist", staff_number="S7", seed="a seed") == drawn


def test_draws_differ_from_person_to_person_and_come_out_about_even() -> None:
    outcomes = [
        assign(returned(), role="receptionist", staff_number=f"S{n}").destination
        for n in range(400)
    ]
    assert 150 < outcomes.count(Destination.NPS) < 250


def test_a_panel_decides_by_the_local_criteria_and_says_why() -> None:
    choice = choose_by_panel(
        returned("", "0 of 0"),
        role="probation officer",
        band="4",
        destination=Destination.CRC,
        reason="the panel read the team's work",
        rules=RULES,
    )
    assert (choice.route, choice.destination) == (Route.LOCAL_EVIDENCE, Destination.CRC)
    assert choice.reason == "the panel read the team's work"
    assert choice.basis.clause == "TR-08"

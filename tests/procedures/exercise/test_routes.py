"""Which route assigns somebody, and to where."""

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from tests.support.cases import cases
from tests.support.rules_2013 import RULES, TR_2013
from tests.support.words_2013 import Destination, Route
from transfer.core.refusals import Refused
from transfer.core.words import Facet
from transfer.procedures.exercise.rules import Choice, OnePerson
from transfer.rulebooks.in_force import BindingRules, binding

ROUTES = Path(__file__).parent / "cases" / "routes.md"


def assign(
    evidence: Mapping[str, str],
    *,
    role: str | None = "probation officer",
    staff_number: str = "S1",
    seed: str = "1",
    rules: BindingRules = RULES,
) -> Choice:
    """What the table of 2013 comes to for somebody of a Trust."""
    facets = {Facet.EMPLOYER: "London Probation Trust", Facet.ROLE: role, Facet.BAND: "4"}
    person = OnePerson(staff_number, facets, evidence, date(2013, 12, 2))
    return rules.choose(person, seed)


def returned(automatic: str = "", caseload: str = "", preference: str = "") -> dict[str, str]:
    high_risk, _, total = caseload.partition(" of ")
    said = {
        "caseload_total": total,
        "caseload_high_risk": high_risk,
        "preference": preference,
        "automatic": automatic,
    }
    return {name: value for name, value in said.items() if value}


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
    assert choice.route == Route(route)
    assert choice.evidence.matched == TR_2013.route(route).when
    assert choice.evidence.saw.items() <= {*evidence.items(), *_judged_by(role)}
    if destination == "as drawn":
        assert choice.evidence.draw is not None
        assert choice.destination == choice.evidence.draw.outcome
    else:
        assert choice.evidence.draw is None
        assert choice.destination == Destination(destination)


@pytest.mark.parametrize(("caseload", "share", "destination"), cases(ROUTES, "Share"))
def test_the_share_is_compared_before_it_is_rounded(
    caseload: str, share: str, destination: str
) -> None:
    values = {value.clause: value.value for value in RULES.given} | {"TR-09-share": share}
    rules = binding(TR_2013.with_values(assumed=values))
    choice = assign(returned("", caseload), rules=rules)
    assert choice.destination == Destination(destination)
    assert choice.evidence.saw["TR-09-share"] == share


def _judged_by(role: str) -> set[tuple[str, str]]:
    roles = ", ".join(RULES.texts("TR-08-admin-roles"))
    return {("TR-09-share", "0.5"), ("TR-08-admin-roles", roles), ("role", role)}


def test_the_rulebook_tries_the_routes_in_the_order_of_the_clause() -> None:
    assert tuple(rule.id for rule in TR_2013.routes) == (
        Route.AUTOMATIC,
        Route.LOCAL_EVIDENCE,
        Route.EXPRESSION_OF_INTEREST,
        Route.RANDOM_ADMINISTRATIVE,
    )


def test_evidence_carries_the_snapshot_and_the_values_it_was_judged_by() -> None:
    choice = assign(returned("", "30 of 40"))
    assert choice.evidence.saw == {
        "caseload_total": "40",
        "caseload_high_risk": "30",
        "TR-09-share": "0.5",
    }
    assert choice.basis.clause == "TR-09"
    assert set(choice.basis.assumptions) == {"TR-09-share=0.5", "TR-09b=2013-11-11"}
    assert choice.reason == (
        "30 of 40 cases high risk on 2013-11-11 (0.7500), against a share of 0.5 for the NPS"
    )


def test_a_draw_can_be_checked_from_its_record() -> None:
    drawn = assign(returned(), role="receptionist", staff_number="S7", seed="a seed")
    draw = drawn.evidence.draw
    assert draw is not None
    assert draw.drawn == hashlib.sha256(b"a seed\nS7").hexdigest()
    assert draw.between == (Destination.NPS, Destination.CRC)
    assert draw.outcome == (Destination.CRC if int(draw.drawn, 16) % 2 else Destination.NPS)
    assert assign(returned(), role="receptionist", staff_number="S7", seed="a seed") == drawn


def test_draws_differ_from_person_to_person_and_come_out_about_even() -> None:
    outcomes = [
        assign(returned(), role="receptionist", staff_number=f"S{n}").destination
        for n in range(400)
    ]
    assert 150 < outcomes.count(Destination.NPS) < 250

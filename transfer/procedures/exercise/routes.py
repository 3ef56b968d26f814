"""Which route assigns somebody, and to where: the order of TR-08 over the evidence of TR-09.

Automatic posts first; then the local criterion, read from the caseload, or an expression of
interest; a draw only for administrative support that neither resolves. Whom no route reaches is
left to the Trust's panel, and the program says so instead of guessing.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from transfer.core.refusals import Refused
from transfer.core.rules import RulesInForce
from transfer.core.words import Basis, Destination, Route
from transfer.procedures.exercise.facts import Draw, Evidence, EvidenceReturned

DRAW_IN_TWO = 2
"""A draw is between two destinations with equal chances."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A route, where it leads, and the reason in words."""

    route: Route
    destination: Destination
    reason: str
    evidence: Evidence
    basis: Basis


def choose(
    returned: EvidenceReturned,
    *,
    staff_number: str,
    role: str | None,
    band: str | None,
    rules: RulesInForce,
    seed: str,
) -> Choice:
    """The first route of TR-08 that resolves where this person goes.

    `seed` is the exercise's draw seed, used by the last route alone and recorded in its evidence.
    Raises `Refused` (TR-08) where no route resolves it: a panel must decide.
    """
    evidence = Evidence(
        role=role,
        band=band,
        caseload_total=returned.caseload_total,
        caseload_high_risk=returned.caseload_high_risk,
        preference=returned.preference,
        automatic=returned.automatic,
    )
    for route in rules.routes:
        choice = _ROUTES[route](evidence, staff_number, rules, seed)
        if choice is not None:
            return choice
    raise Refused(
        f"no route of assignment resolves role {role!r} without caseload, preference or automatic "
        "post: the Trust's panel must decide",
        clause="TR-08",
    )


def choose_by_panel(
    returned: EvidenceReturned,
    *,
    role: str | None,
    band: str | None,
    destination: Destination,
    reason: str,
    rules: RulesInForce,
) -> Choice:
    """A panel's own decision under the local criteria, where no route resolved it (TR-08)."""
    return Choice(
        Route.LOCAL_EVIDENCE,
        destination,
        reason,
        Evidence(
            role=role,
            band=band,
            caseload_total=returned.caseload_total,
            caseload_high_risk=returned.caseload_high_risk,
            preference=returned.preference,
            automatic=returned.automatic,
        ),
        rules.basis("TR-08"),
    )


def _automatic(
    evidence: Evidence, _staff_number: str, rules: RulesInForce, _seed: str
) -> Choice | None:
    if evidence.automatic is None:
        return None
    return Choice(
        Route.AUTOMATIC,
        evidence.automatic,
        f"the post is automatically assigned to the {evidence.automatic}",
        evidence,
        rules.basis("TR-08"),
    )


def _local_evidence(
    evidence: Evidence, _staff_number: str, rules: RulesInForce, _seed: str
) -> Choice | None:
    if not evidence.caseload_total or evidence.caseload_high_risk is None:
        return None
    threshold = rules.share("TR-09-share")
    # Compared before it is rounded: two cases of three are fewer than a share of 0.6667.
    reached = evidence.caseload_high_risk >= threshold * evidence.caseload_total
    destination = Destination.NPS if reached else Destination.CRC
    share = (Decimal(evidence.caseload_high_risk) / evidence.caseload_total).quantize(
        Decimal("0.0001")
    )
    snapshot: date = rules.day("TR-09b")
    return Choice(
        Route.LOCAL_EVIDENCE,
        destination,
        f"{evidence.caseload_high_risk} of {evidence.caseload_total} cases high risk on {snapshot} "
        f"({share}), against a share of {threshold} for the NPS",
        evidence.model_copy(
            update={"caseload_on": snapshot, "high_risk_share": share, "share_for_nps": threshold}
        ),
        rules.basis("TR-09", "TR-09-share", "TR-09b"),
    )


def _expression_of_interest(
    evidence: Evidence, _staff_number: str, rules: RulesInForce, _seed: str
) -> Choice | None:
    if evidence.preference is None:
        return None
    return Choice(
        Route.EXPRESSION_OF_INTEREST,
        evidence.preference,
        f"expressed an interest in the {evidence.preference}; no caseload evidence speaks against",
        evidence,
        rules.basis("TR-08"),
    )


def _random_administrative(
    evidence: Evidence, staff_number: str, rules: RulesInForce, seed: str
) -> Choice | None:
    roles = {role.casefold() for role in rules.texts("TR-08-admin-roles")}
    if (evidence.role or "").casefold() not in roles:
        return None
    drawn = hashlib.sha256(f"{seed}\n{staff_number}".encode()).hexdigest()
    outcome = Destination.NPS if int(drawn, 16) % DRAW_IN_TWO == 0 else Destination.CRC
    return Choice(
        Route.RANDOM_ADMINISTRATIVE,
        outcome,
        f"administrative support that neither evidence nor interest resolves; drawn: {outcome}",
        evidence.model_copy(update={"draw": Draw(seed=seed, drawn=drawn, outcome=outcome)}),
        rules.basis("TR-08", "TR-08-admin-roles"),
    )


_ROUTES = {
    Route.AUTOMATIC: _automatic,
    Route.LOCAL_EVIDENCE: _local_evidence,
    Route.EXPRESSION_OF_INTEREST: _expression_of_interest,
    Route.RANDOM_ADMINISTRATIVE: _random_administrative,
}

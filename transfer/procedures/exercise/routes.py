"""Where somebody goes, by a row of the edition's table or by a panel.

The edition's routes are tried in `rulebooks.deciding`; here is what came of it, as a decision takes
it. Whom no route reaches is left to a panel, and the program says so instead of guessing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from transfer.core.rules import RulesInForce
from transfer.core.words import Basis, Destination, Route
from transfer.procedures.exercise.facts import Evidence

BY_PANEL = "panel"
"""The route of a panel's decision, where no path of the edition says whom panels join."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A route, where it leads, and the reason in words."""

    route: Route
    destination: Destination
    reason: str
    evidence: Evidence
    basis: Basis


def choose_by_panel(
    *,
    route: Route,
    destination: Destination,
    reason: str,
    saw: Mapping[str, str],
    rules: RulesInForce,
) -> Choice:
    """A panel's own decision, where no route resolved it; `saw` is what the panel had before it.

    Raises `Refused` where the edition sends nobody there.
    """
    rules.require_destination(destination)
    return Choice(route, destination, reason, Evidence(saw=dict(saw)), rules.basis_for("proposal"))

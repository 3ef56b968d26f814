"""Answers as a scenario compares them: JSON, alike from folds and from read models."""

from datetime import date

from projections.position.queries import Held, PositionAt
from transfer.core.words import Basis
from transfer.scenarios.answers import Shown


def position_shown(found: PositionAt) -> Shown:
    """The facets and the terms of one person on a day."""
    return {
        "position": {
            facet.value: {
                "value": held.value,
                "effective_from": held.effective_from,
                "effective_to": held.effective_to,
                "rests_on": basis_shown(held.basis)["rests_on"],
            }
            for facet, held in found.position.items()
        },
        "terms": {each.term: _term(each.held) for each in found.terms},
        "terms_not_held": sorted(each.term for each in found.not_reached),
    }


def _term(held: Held) -> Shown:
    return {
        "value": held.value,
        "effective_from": held.effective_from,
        "effective_to": held.effective_to,
        **basis_shown(held.basis),
    }


def deadline_shown(
    *,
    what: str,
    about: str,
    owner: str,
    state: str,
    due_on: date | None,
    basis: Basis | None,
    met_on: date | None,
    late: bool,
) -> Shown:
    """Something that is or was due."""
    return {
        "what": what,
        "about": about,
        "owner": owner,
        "state": state,
        "due_on": due_on,
        "met_on": met_on,
        "late": late,
        **basis_shown(basis),
    }


def basis_shown(basis: Basis | None) -> Shown:
    """The clause, how surely it is known, what was assumed, and what one side asserts."""
    basis = basis or Basis()
    return {
        "clause": basis.clause,
        "confidence": None if basis.confidence is None else basis.confidence.value,
        "assumptions": list(basis.assumptions),
        "rests_on": list(basis.assertions),
    }

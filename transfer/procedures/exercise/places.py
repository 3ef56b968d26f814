"""Limited places: allocated among everybody together, and again after a late correction."""

from collections import Counter
from collections.abc import Mapping

from pydantic import Field

from transfer.core.employed import why_not_employed
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case
from transfer.core.matter.words import JsonObject
from transfer.core.refusals import Refused
from transfer.core.words import Destination, Facet, Frozen, StaffNumber
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise.decisions import person_on
from transfer.procedures.exercise.participation import participation_of
from transfer.procedures.exercise.rules import OnePerson, rules_of


class Held(Frozen):
    """A person's position and evidence on the day, or the `place` that they already have."""

    place: Destination | None = None
    facets: dict[Facet, str | None] = Field(default_factory=dict)
    evidence: dict[str, str] = Field(default_factory=dict)


class Allocation(Frozen):
    """Everybody among whom the places are allocated, with the seed of the draw."""

    seed: str
    people: dict[StaffNumber, Held]


def held(person: OnePerson) -> JsonObject:
    """The position and evidence of a person without a place, as `allocate` reads them."""
    facets = {facet.value: value for facet, value in person.facets.items() if value is not None}
    return {"facets": facets, "evidence": dict(person.evidence)}


def takes_part(case: Case) -> JsonObject | None:
    """What `allocate` reads of a person: the place they have, or else what `held` returns.

    `None` for somebody who is not in scope, or not employed that day.
    """
    own = participation_of(case.state)
    if own.scope is None:
        return None
    if own.proposal is not None:
        return {"place": own.proposal.destination}
    if why_not_employed(case.position.entries, case.on) is not None:
        return None
    return held(person_on(case, case.on))


def outcomes(facts: tuple[t.MatterFact, ...]) -> Mapping[str, object]:
    """The result of an allocation for each person, by staff number."""
    return facts[0].outcomes if facts and isinstance(facts[0], e.PlacesAllocated) else {}


def allocate(case: Case, needs: Allocation) -> tuple[t.MatterFact, ...]:
    """Decide where everybody goes who has no proposal yet, where places are limited."""
    rules = rules_of(case)
    taken = Counter(each.place for each in needs.people.values() if each.place is not None)
    people = {
        number: OnePerson(number, each.facets, each.evidence, case.on)
        for number, each in needs.people.items()
        if each.place is None
    }
    found = rules.allocate(people, needs.seed, taken)
    if not found:
        return ()
    basis = rules.basis_for("proposal")
    return (
        e.PlacesAllocated(
            **case.stamp(rules.clause_for("proposal")),
            seed=needs.seed,
            outcomes={
                number: e.Allocated(reason=each.reason, basis=basis, refused=True)
                if isinstance(each, Refused)
                else e.Allocated(
                    route=each.route,
                    destination=each.destination,
                    reason=each.reason,
                    evidence=each.evidence,
                    basis=each.basis,
                )
                for number, each in found.items()
            },
        ),
    )

"""A change of terms around a transfer: what is on record of it, and what may follow.

proposed ─► explained, as often as something more is learned
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import StringConstraints

from transfer.core.editions.rules import by_edition, pins
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.refusals import Refused
from transfer.procedures.variation import facts as f
from transfer.procedures.variation.edition import Variation
from transfer.procedures.variation.facts import Circumstances, Subject

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


@dataclass(slots=True)
class Change:
    """What is on record of a change; `known` is all that is known of it by now."""

    proposed: f.VariationProposed | None = None
    known: Circumstances = field(default_factory=Circumstances)


def evolve(found: Change, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.VariationProposed():
            found.proposed, found.known = fact, fact.known
        case f.VariationExplained():
            found.known = found.known.model_copy(update=fact.known.model_dump(exclude_none=True))
        case _:
            pass


class Proposing(Circumstances):
    """What changes, or is asked about, by the day on which it is made and that of the transfer.

    `title` says it in words. For an agreement, `made_on` is the day on which it was made.
    """

    title: Words
    subject: Subject
    transfer_on: date
    made_on: date


def propose(case: Case, needs: Proposing) -> tuple[MatterFact, ...]:
    """Put a change on record, with what is known of it. It changes nobody's terms by itself."""
    part = by_edition(case).part(Variation)
    return (
        f.VariationProposed(
            **case.stamp(_first_clause(part, needs.subject)),
            **pins(case),
            title=needs.title,
            subject=needs.subject,
            transfer_on=needs.transfer_on,
            made_on=needs.made_on,
            known=Circumstances(**needs.model_dump(include=set(Circumstances.model_fields))),
        ),
    )


def explain(case: Case, needs: Circumstances) -> tuple[MatterFact, ...]:
    """Put on record what was learned of the change since."""
    found: Change = case.state.whole.substance
    if found.proposed is None:
        raise Refused(f"{case.state.matter} has not begun")
    said = needs.model_dump(exclude_none=True)
    if said.items() <= found.known.model_dump().items():
        return ()
    return (f.VariationExplained(**case.resting_on(found.proposed.basis), known=needs),)


def _first_clause(part: Variation, subject: Subject) -> str:
    match subject:
        case Subject.CONTRACT:
            return part.contract[-1].clause
        case Subject.COLLECTIVE_TERMS:
            return part.collective.clause
        case Subject.LATER_AGREEMENT:
            return part.later_agreements
        case Subject.AGREEMENT:
            return part.agreements
        case Subject.RECOGNITION:
            return part.recognition
        case Subject.PENSION:
            return part.pensions

"""A formal warning: what is on record of it, and what may follow.

    issued ─► (who decides is not shown: the employer owes the document) ─► shown
           ─► by somebody who could not: to be reviewed ─► withdrawn, or let stand

That somebody could not issue a warning does not keep it off the record: it is what happened.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from transfer.core.editions.rules import RulesOfEdition, by_edition, pins
from transfer.core.employed import why_not_employed
from transfer.core.matter.deciding import Case, Position
from transfer.core.matter.facts import MatterFact
from transfer.core.refusals import Refused
from transfer.core.words import Frozen, StaffNumber
from transfer.procedures.warning import facts as f
from transfer.procedures.warning.edition import Relation, WarningRules

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


@dataclass(slots=True)
class FormalWarning:
    """What is on record of one warning."""

    issued: f.WarningIssued | None = None
    shown: list[f.DecidingRelationShown] = field(default_factory=list)
    withdrawn: f.WarningWithdrawn | None = None
    stands: bool = False

    def shown_on(self, day: date) -> f.DecidingRelationShown | None:
        """What documents show of a day: the one that holds from the latest day on."""
        return max(
            (each for each in self.shown if each.effective_from <= day),
            key=lambda each: each.effective_from,
            default=None,
        )


def evolve(found: FormalWarning, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.WarningIssued():
            found.issued = fact
        case f.DecidingRelationShown():
            others = [e for e in found.shown if e.effective_from != fact.effective_from]
            found.shown = [*others, fact]
        case f.WarningWithdrawn():
            found.withdrawn = fact
        case f.WarningLetStand():
            found.stands = True
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class Issuing(Frozen):
    """Who issued the warning, in which formal procedure, and the reference of the letter.

    What it was for is not put on record.
    """

    issued_by: StaffNumber
    process: Words
    reference: Words


class Shown(Frozen):
    """By what relation somebody decides a formal case, from a day on: that of the act, unless one
    is given. The document that shows it is given with the act."""

    decided_by: tuple[Relation, ...] = Field(min_length=1)
    effective_from: date | None = None


class WhyWarning(Frozen):
    """Why."""

    reason: Words


# --- decisions -----------------------------------------------------------------------------------


def issue(case: Case, needs: Issuing) -> tuple[MatterFact, ...]:
    """Put on record that somebody was warned."""
    if (gone := why_not_employed(case.position.entries, case.on)) is not None:
        raise Refused(gone.reason)
    rules = by_edition(case)
    part = rules.part(WarningRules)
    relations = relations_of(case.position, needs.issued_by, case.on)
    decided_by = decides(rules)
    return (
        f.WarningIssued(
            **case.stamp(part.procedures, part.decided_by),
            **pins(case),
            issued_by=needs.issued_by,
            process=needs.process,
            reference=needs.reference,
            relations=relations,
            decided_by=decided_by or (),
            is_shown=decided_by is not None,
            is_authorised=bool(decided_by and {*decided_by} & {*relations}),
        ),
    )


def show(case: Case, needs: Shown) -> tuple[MatterFact, ...]:
    """Put on record what a document shows; raises `Refused` where none is given."""
    found, issued = _issued(case)
    if not case.made.document:
        clause = by_edition(case).part(WarningRules).decided_by
        raise Refused("give the document that shows who decides", clause=clause)
    since = needs.effective_from or case.on
    decided_by = tuple(sorted({*needs.decided_by}))
    if any((e.effective_from, e.decided_by) == (since, decided_by) for e in found.shown):
        return ()
    relations = relations_of(case.position, issued.issued_by, issued.happened_on)
    part = by_edition(case).part(WarningRules)
    return (
        f.DecidingRelationShown(
            **case.stamp(part.decided_by),
            decided_by=decided_by,
            effective_from=since,
            is_authorised=issued.happened_on < since or bool({*decided_by} & {*relations}),
        ),
    )


def withdraw(case: Case, needs: WhyWarning) -> tuple[MatterFact, ...]:
    """Withdraw the warning."""
    found, _ = _issued(case)
    if found.withdrawn is not None:
        return ()
    part = by_edition(case).part(WarningRules)
    return (f.WarningWithdrawn(**case.stamp(part.procedures), reason=needs.reason),)


def let_stand(case: Case, needs: WhyWarning) -> tuple[MatterFact, ...]:
    """Let a warning stand that was issued by somebody who could not."""
    found, _ = _issued(case)
    if found.withdrawn is not None:
        raise Refused("the warning was withdrawn")
    if found.stands:
        return ()
    part = by_edition(case).part(WarningRules)
    return (f.WarningLetStand(**case.stamp(part.procedures), reason=needs.reason),)


# --- what they ask -------------------------------------------------------------------------------


def decides(rules: RulesOfEdition) -> tuple[Relation, ...] | None:
    """The relations by which somebody decides a formal case; `None` where that is not known.

    Raises `Refused` where the value that was given names something else.
    """
    clause = rules.part(WarningRules).decided_by
    if not rules.knows(clause):
        return None
    known = {each.value: each for each in Relation}
    said = rules.texts(clause)
    for each in said:
        if each not in known:
            raise Refused(f"{each} is none of {', '.join(known)}", clause=clause)
    return tuple(sorted(known[each] for each in said))


def relations_of(position: Position, number: str, day: date) -> tuple[Relation, ...]:
    """What somebody is to a person on a day, by that person's record."""
    return tuple(each for each in Relation if position.on(each.facet, day) == number)


def _issued(case: Case) -> tuple[FormalWarning, f.WarningIssued]:
    found: FormalWarning = case.state.mine.substance
    if found.issued is None:
        raise Refused("no warning had been issued by that day")
    return found, found.issued

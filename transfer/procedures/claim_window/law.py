"""The dated rules for one kind of claim, as `transfer.core.dating.limits` takes them."""

from datetime import date

from transfer.core.dating.limits import ConciliationRegime, Extension, LimitLaw, LimitRegime
from transfer.core.editions.rules import RulesOfEdition
from transfer.core.refusals import Refused
from transfer.procedures.claim_window.edition import Claim, ClaimWindow, ExtendedBy, Longest


def claim_of(part: ClaimWindow, name: str) -> Claim:
    """The claim of that id; `Refused` with what there is."""
    for each in part.claims:
        if each.id == name:
            return each
    known = ", ".join(each.id for each in part.claims)
    raise Refused(f"the edition has no limit for a claim '{name}': it has {known}")


def law_of(rules: RulesOfEdition, claim: Claim) -> LimitLaw:
    """The limits of a kind of claim and what a conciliation does to them, row by row."""
    part = rules.part(ClaimWindow)
    extended = next(each for each in part.extended_by if each.id == claim.extended_by)
    limits = []
    for row in claim.limits:
        clause = rules.clause(row.length.clause)
        limits.append(
            LimitRegime(
                provision=row.provision,
                begins=clause.in_force_from,
                known_from=clause.known_from,
                reported_only=row.reported,
                length=rules.period(row.length.clause),
            )
        )
    first = rules.day(extended.begins)
    none = ConciliationRegime(provision=extended.none_before)
    rows = {none.order: none}
    for each in sorted(part.longest, key=lambda it: _begins(rules, it)):
        regime = _conciliation(rules, each, extended, first)
        rows[regime.order] = regime  # of two that begin before the extension did, the last
    return LimitLaw(limits=tuple(limits), conciliations=tuple(rows.values()))


def clauses_of(rules: RulesOfEdition, claim: Claim, provisions: frozenset[str]) -> tuple[str, ...]:
    """The clauses of the rows that are cited by those provisions, and of what extends the claim."""
    part = rules.part(ClaimWindow)
    extended = next(each for each in part.extended_by if each.id == claim.extended_by)
    found = [row.length.clause for row in claim.limits if row.provision in provisions]
    if extended.not_counted_by in provisions or extended.at_least_by in provisions:
        found.append(extended.clause)
    found += [row.length.clause for row in part.longest if row.provision in provisions]
    return tuple(found)


def _begins(rules: RulesOfEdition, row: Longest) -> date:
    return rules.clause(row.length.clause).in_force_from or date.min


def _conciliation(
    rules: RulesOfEdition, row: Longest, extended: ExtendedBy, first: date
) -> ConciliationRegime:
    clause = rules.clause(row.length.clause)
    return ConciliationRegime(
        provision=row.provision,
        begins=max(first, _begins(rules, row)),
        known_from=clause.known_from,
        reported_only=row.reported,
        extension=Extension(
            not_counted_by=extended.not_counted_by,
            at_least=rules.period(extended.at_least.clause),
            at_least_by=extended.at_least_by,
            longest=rules.period(row.length.clause),
            prolonged_by=None if row.longer is None else rules.period(row.longer.clause),
        ),
    )

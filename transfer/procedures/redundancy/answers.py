"""What a redundancy can be asked: what is due and what of it was paid; how long before dismissals
consultation had to begin."""

from datetime import date

from transfer.core.editions.rules import NotKnown, by_edition, not_known
from transfer.core.matter.deciding import Asked
from transfer.core.redundancy import Settlement, settle
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.redundancy.decisions import (
    Entitled,
    better_of,
    consult_by,
    consultation_of,
    gives,
    protection,
    scheme_of,
    settled,
)
from transfer.procedures.redundancy.edition import Redundancy


class ByStart(Frozen):
    """What a start of service comes to, and who says that service began then."""

    said_by: str
    used: bool
    settlement: Settlement


class ByScheme(Frozen):
    """What another scheme would give, that others say applies."""

    title: str
    stated_by: str
    settlement: Settlement
    basis: Basis


class EntitlementAnswered(Frozen):
    """What is due to a person and what of it was paid, by the start of service that is used.

    `by_local_scheme`: a local scheme gives more, and is honoured. `starts` has every start of
    service that somebody asserts, `contested_by` what other schemes would give.
    """

    scheme: str
    title: str
    stated_by: str
    service_from: date
    service_said_by: str
    by_local_scheme: bool
    used: Settlement
    starts: tuple[ByStart, ...]
    contested_by: tuple[ByScheme, ...]
    pension: str
    trials: tuple[str, ...]
    re_employed_on: date | None
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class PeriodsAnswered(Frozen):
    """How long before the first dismissal consultation had to begin, and the most of an award.

    `begins_by` is the last day on which it could begin, `safe` the cautious day of clear days,
    `began_on` the day on which it did.
    `award_days` is `None` where the edition does not know which of two holds.
    """

    dismissals: int
    days: str | None
    begins_by: date | None
    safe: date | None
    began_on: date | None
    award_days: int | None
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


def entitlement(asked: Asked) -> EntitlementAnswered:
    """What is due and what was paid. Sources: TR-06, TR-07, TR-07b, TR-07c, CN-5."""
    found: Entitled = asked.state.mine.substance
    begun = found.begun
    if begun is None:
        raise Refused(f"{asked.state.matter} had not begun by {asked.on}")
    rules = by_edition(asked)
    part = rules.part(Redundancy)
    scheme = scheme_of(part, begun.scheme)
    since, said_by = found.used
    unknown = [part.trial.clause] if found.trials else []
    unknown += [part.re_employment] if found.re_employed else []
    clauses = [
        scheme.clause,
        scheme.weeks_a_year,
        scheme.most_weeks,
        part.whole_years,
        part.rounded,
    ]
    clauses += [each for each in (scheme.apply_by, scheme.leave_before, scheme.pension) if each]
    clauses += [part.better_local] if found.local else []
    protected, days = part.protected, protection(asked.position.entries, part)
    if not begun.voluntary and protected is not None and days is not None and days.in_force:
        clauses.append(protected.clause)
        unknown.append(protected.variant)
    contested = []
    for name in scheme.disputed_by:
        other = scheme_of(part, name)
        would = settle(
            gives(rules, other),
            service_from=since,
            last_day=begun.last_day,
            weeks_pay=begun.weeks_pay,
            paid=found.paid,
        )
        contested.append(
            ByScheme(
                title=other.title,
                stated_by=other.stated_by,
                settlement=would,
                basis=rules.basis(other.clause),
            )
        )
    return EntitlementAnswered(
        scheme=scheme.id,
        title=scheme.title,
        stated_by=scheme.stated_by,
        service_from=since,
        service_said_by=said_by,
        by_local_scheme=better_of(rules, found, since)[1],
        used=settled(rules, found, since, found.paid),
        starts=tuple(
            ByStart(
                said_by=who,
                used=(day, who) == found.used,
                settlement=settled(rules, found, day, found.paid),
            )
            for who, day in found.starts.items()
        ),
        contested_by=tuple(contested),
        pension="" if scheme.pension is None else rules.clause(scheme.pension).text,
        trials=tuple(f"{each.post} from {each.effective_from}" for each in found.trials),
        re_employed_on=found.re_employed and found.re_employed.effective_from,
        not_known=tuple(not_known(by_edition(asked), each) for each in unknown),
        basis=tuple(map(rules.basis, dict.fromkeys(clauses))),
    )


def consultation_periods(asked: Asked) -> PeriodsAnswered:
    """How long consultation had to be. Sources: RD-01, RD-02, RD-03, TU-16b."""
    found: Entitled = asked.state.mine.substance
    proposal = found.proposal
    if proposal is None:
        raise Refused("no collective proposal is on record")
    rules = by_edition(asked)
    part = rules.part(Redundancy)
    row = consultation_of(rules, part, proposal.dismissals, proposal.proposed_on)
    by = None if row is None else consult_by(rules, row, proposal.first_dismissal_on)
    clauses = [part.clear_days, part.wider]
    if row is not None:
        clauses = [row.length.clause, row.people, *clauses]
    by_proposal, by_dismissal = (
        max(
            (c for c in part.awards if (rules.clause(c).in_force_from or date.min) <= day),
            key=lambda c: rules.clause(c).in_force_from or date.min,
        )
        for day in (proposal.proposed_on, proposal.first_dismissal_on)
    )
    unknown = [part.wider]
    if by_proposal != by_dismissal:
        unknown.append(part.award_between)
    same = by_proposal == by_dismissal
    return PeriodsAnswered(
        dismissals=proposal.dismissals,
        days=None if row is None else str(rules.period(row.length.clause)),
        begins_by=by and by.on,
        safe=by and by.safe,
        began_on=found.consulted_on,
        award_days=int(rules.decimal(by_proposal)) if same else None,
        not_known=tuple(not_known(by_edition(asked), each) for each in unknown),
        basis=tuple(map(rules.basis, dict.fromkeys((*clauses, by_proposal, by_dismissal)))),
    )

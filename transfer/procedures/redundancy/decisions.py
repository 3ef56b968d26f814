"""One person's redundancy: what is on record of it, and what may follow.

    entitled ─► other starts of service asserted, another one used; a local scheme shown; paid
             ─ beside: a trial in another post, employed again, a collective proposal

Nothing here ends employment: a leaving is an act of the record.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from transfer.core.dating.effective_dating import Entries, Key, Kind, Timeline
from transfer.core.editions.rules import RulesOfEdition, by_edition, pins
from transfer.core.matter.deciding import Case, require
from transfer.core.matter.facts import MatterFact, Stamp
from transfer.core.matter.reckoning import Counting, Reckoned, Reckoning, reckon
from transfer.core.pay.money import PoundsPaid
from transfer.core.redundancy import Scheme as Gives
from transfer.core.redundancy import Settlement, Weeks, entitlement, settle
from transfer.core.refusals import AlreadyOnRecord, Failure, Refused
from transfer.core.words import Frozen
from transfer.procedures.redundancy import facts as f
from transfer.procedures.redundancy.edition import Consultation, Redundancy, Scheme

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


@dataclass(slots=True)
class Entitled:
    """What is on record of one person's redundancy; `starts` are starts of service by who says."""

    begun: f.RedundancyEntitled | None = None
    used: tuple[date, str] = (date.min, "")
    starts: dict[str, date] = field(default_factory=dict)
    local: f.LocalSchemeShown | None = None
    payments: list[f.RedundancyPaid] = field(default_factory=list)
    trials: list[f.TrialBegun] = field(default_factory=list)
    re_employed: f.ReEmployed | None = None
    proposal: f.CollectiveProposalNoted | None = None
    consulted_on: date | None = None

    @property
    def paid(self) -> Decimal:
        """The sum of what was paid."""
        return sum((each.paid for each in self.payments), Decimal(0))


def evolve(found: Entitled, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.RedundancyEntitled():
            found.begun, found.used = fact, (fact.service_from, fact.service_said_by)
            found.starts[fact.service_said_by] = fact.service_from
        case f.ServiceStartAsserted():
            found.starts[fact.said_by] = fact.service_from
        case f.ServiceStartUsed():
            found.used = (fact.service_from, fact.said_by)
        case f.LocalSchemeShown():
            found.local = fact
        case f.RedundancyPaid():
            found.payments.append(fact)
        case f.TrialBegun():
            found.trials.append(fact)
        case f.ReEmployed():
            found.re_employed = fact
        case f.CollectiveProposalNoted():
            found.proposal, found.consulted_on = fact, None
        case f.DismissalsConsulted():
            found.consulted_on = fact.began_on
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class Entitling(Frozen):
    """Under which scheme of the edition, to which last day, at which week's pay.

    `service_from` is the first day of continuous service that is used, by whom it is said.
    """

    scheme: Words
    last_day: date
    weeks_pay: PoundsPaid
    service_from: date
    service_said_by: Words
    voluntary: bool = True
    applied_on: date | None = None


class StartSaid(Frozen):
    """The first day of continuous service, and who says so."""

    service_from: date
    said_by: Words


class StartUsed(Frozen):
    """Whose start of service is used, as it is on record."""

    said_by: Words


class LocalScheme(Frozen):
    """A local scheme, by its document: weeks of pay a year, up to a most if it has one."""

    title: Words
    weeks_a_year: Weeks
    most_weeks: Weeks | None = None


class Payment(Frozen):
    """A sum in pounds that was paid, and when."""

    paid: PoundsPaid
    paid_on: date


class Trial(Frozen):
    """The post that is tried, from when."""

    post: Words
    effective_from: date


class Again(Frozen):
    """By whom the person is employed again, from when."""

    employer: Words
    effective_from: date


class Proposal(Frozen):
    """How many dismissals at which establishment, proposed when, and when the first is to be."""

    establishment: Words
    dismissals: Annotated[int, Field(ge=1, le=100_000)]
    proposed_on: date
    first_dismissal_on: date


class Consulted(Frozen):
    """The day on which consultation on the proposal began."""

    began_on: date


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: Entitling) -> tuple[MatterFact, ...]:
    """Record an entitlement; `Refused` outside of the days of the scheme, and to a last day on
    which somebody is protected from a redundancy that they do not want."""
    if _entitled(case).begun is not None:
        raise AlreadyOnRecord(f"{case.state.matter} is on record already")
    rules = by_edition(case)
    scheme = scheme_of(rules.part(Redundancy), needs.scheme)
    require([*_outside_its_days(rules, scheme, needs), _protected(case, needs)])
    due = settle(
        gives(rules, scheme),
        service_from=needs.service_from,
        last_day=needs.last_day,
        weeks_pay=needs.weeks_pay,
        paid=Decimal(0),
    )
    return (
        f.RedundancyEntitled(
            **case.stamp(scheme.clause, scheme.weeks_a_year, scheme.most_weeks),
            **pins(case),
            **{**needs.model_dump(), "scheme": scheme.id},
            short=due.short,
        ),
    )


def assert_service(case: Case, needs: StartSaid) -> tuple[MatterFact, ...]:
    """Somebody says when service began; the sum stays counted from the start that is used."""
    found, begun = _begun(case)
    if found.starts.get(needs.said_by) == needs.service_from:
        return ()
    if needs.service_from > begun.last_day:
        raise Refused(f"service cannot begin after {begun.last_day}, its last day")
    stamp = _stamp(case)
    return (f.ServiceStartAsserted(**stamp, **needs.model_dump()),)


def use_service(case: Case, needs: StartUsed) -> tuple[MatterFact, ...]:
    """Count from the start that somebody says; `Refused` where they have said none."""
    found, _ = _begun(case)
    since = found.starts.get(needs.said_by)
    if since is None:
        raise Refused(f"{needs.said_by} has not said when service began")
    if found.used == (since, needs.said_by):
        return ()
    short = settled(by_edition(case), found, since, found.paid).short
    stamp = _stamp(case)
    return (f.ServiceStartUsed(**stamp, service_from=since, said_by=needs.said_by, short=short),)


def show_local(case: Case, needs: LocalScheme) -> tuple[MatterFact, ...]:
    """Put a local scheme on record; it is honoured where it gives more."""
    found, _ = _begun(case)
    before = found.local
    said = needs.model_dump()
    if before is not None and said == before.model_dump(include=set(said)):
        return ()
    clause = by_edition(case).part(Redundancy).better_local
    fact = f.LocalSchemeShown(**case.stamp(clause), **said, short=Decimal(0))
    found.local = fact
    short = settled(by_edition(case), found, found.used[0], found.paid).short
    found.local = before
    return (fact.model_copy(update={"short": short}),)


def record_payment(case: Case, needs: Payment) -> tuple[MatterFact, ...]:
    """Put a payment on record."""
    found, _ = _begun(case)
    if needs.paid_on > case.on:
        raise Refused(f"{needs.paid_on} is after {case.on}, the day of the act")
    for each in found.payments:
        if (each.paid, each.paid_on) == (needs.paid, needs.paid_on):
            return ()
    short = settled(by_edition(case), found, found.used[0], found.paid + needs.paid).short
    return (f.RedundancyPaid(**_stamp(case), **needs.model_dump(), short=short),)


def begin_trial(case: Case, needs: Trial) -> tuple[MatterFact, ...]:
    """Note a trial in another post; how long it lasts is the edition's to say."""
    found, _ = _begun(case)
    if any((t.post, t.effective_from) == (needs.post, needs.effective_from) for t in found.trials):
        return ()
    clause = by_edition(case).part(Redundancy).trial.clause
    return (f.TrialBegun(**case.stamp(clause), **needs.model_dump()),)


def note_re_employment(case: Case, needs: Again) -> tuple[MatterFact, ...]:
    """Note that the person is employed again; `Refused` for a day before employment ended."""
    found, begun = _begun(case)
    again = found.re_employed
    if again is not None and needs.model_dump() == again.model_dump(
        include={"employer", "effective_from"}
    ):
        return ()
    if needs.effective_from <= begun.last_day:
        raise Refused(f"employment had not ended by {needs.effective_from}: {begun.last_day}")
    clause = by_edition(case).part(Redundancy).re_employment
    return (f.ReEmployed(**case.stamp(clause), **needs.model_dump()),)


def note_proposal(case: Case, needs: Proposal) -> tuple[MatterFact, ...]:
    """Note the collective proposal that the redundancy is part of."""
    found, _ = _begun(case)
    before, said = found.proposal, needs.model_dump()
    if before is not None and said == before.model_dump(include=set(said)):
        return ()
    if needs.first_dismissal_on < needs.proposed_on:
        raise Refused("the first dismissal is before the proposal")
    rules = by_edition(case)
    part = rules.part(Redundancy)
    row = consultation_of(rules, part, needs.dismissals, needs.proposed_on)
    clause = part.consultations[0].length.clause if row is None else row.length.clause
    return (
        f.CollectiveProposalNoted(
            **case.stamp(clause),
            **said,
            consult_by=None if row is None else consult_by(rules, row, needs.first_dismissal_on),
        ),
    )


def note_consultation(case: Case, needs: Consulted) -> tuple[MatterFact, ...]:
    """Note on which day consultation began; `Refused` where no proposal is on record."""
    found, _ = _begun(case)
    if found.proposal is None:
        raise Refused("no collective proposal is on record: note it first")
    if needs.began_on > case.on:
        raise Refused(f"{needs.began_on} is after {case.on}, the day of the act")
    if found.consulted_on == needs.began_on:
        return ()
    basis = found.proposal.basis
    stamp = case.resting_on(basis)
    return (f.DismissalsConsulted(**stamp, began_on=needs.began_on),)


# --- what they share -----------------------------------------------------------------------------


def scheme_of(part: Redundancy, name: str) -> Scheme:
    """The scheme of that id; `Refused` with what there is."""
    for each in part.schemes:
        if each.id == name:
            return each
    raise Refused(f"no scheme '{name}': there is {', '.join(s.id for s in part.schemes)}")


def gives(rules: RulesOfEdition, scheme: Scheme) -> Gives:
    """What a scheme gives. Sources: TR-07, TR-07c."""
    return Gives(
        weeks_a_year=rules.decimal(scheme.weeks_a_year), most_weeks=rules.decimal(scheme.most_weeks)
    )


def consultation_of(
    rules: RulesOfEdition, part: Redundancy, dismissals: int, proposed_on: date
) -> Consultation | None:
    """The rule on when consultation begins, for so many dismissals proposed on a day; `None` for
    so few that there is none. Sources: RD-01, RD-02, RD-03."""
    rows = [
        (rules.decimal(row.people), rules.clause(row.length.clause).in_force_from or date.min, row)
        for row in part.consultations
    ]
    fits = [each for each in rows if each[0] <= dismissals and each[1] <= proposed_on]
    return max(fits, key=lambda each: each[:2])[2] if fits else None


def consult_by(rules: RulesOfEdition, row: Consultation, first_dismissal_on: date) -> Reckoned:
    """The last day on which consultation may begin, and the cautious day of clear days."""
    clause = row.length.clause
    counted = Reckoning(length=rules.period(clause), counting=Counting.NOT_LESS_THAN_BEFORE)
    basis = rules.basis(clause, row.people)
    return reckon(counted, first_dismissal_on, calendar=rules.calendar, basis=basis)


def better_of(rules: RulesOfEdition, found: Entitled, service_from: date) -> tuple[Gives, bool]:
    """The scheme that counts, and whether it is the local one: where that gives more (TR-06)."""
    begun = found.begun
    if begun is None:
        raise Refused("nothing is on record")
    national = gives(rules, scheme_of(rules.part(Redundancy), begun.scheme))
    if found.local is None:
        return national, False
    local = Gives(weeks_a_year=found.local.weeks_a_year, most_weeks=found.local.most_weeks)
    ours, theirs = (
        entitlement(each, service_from=service_from, last_day=begun.last_day).weeks
        for each in (national, local)
    )
    return (local, True) if theirs > ours else (national, False)


def settled(
    rules: RulesOfEdition, found: Entitled, service_from: date, paid: Decimal
) -> Settlement:
    """The sum due from a start of service, beside what was paid."""
    begun = found.begun
    if begun is None:
        raise Refused("nothing is on record")
    return settle(
        better_of(rules, found, service_from)[0],
        service_from=service_from,
        last_day=begun.last_day,
        weeks_pay=begun.weeks_pay,
        paid=paid,
    )


def protection(entries: Entries, part: Redundancy) -> Timeline | None:
    """The days on which somebody is protected from a redundancy that they do not want, by what is
    on record; `None` where the edition protects nobody. Source: TR-05."""
    if part.protected is None:
        return None
    return entries.timeline(Key(Kind.TERM, "", part.protected.term))


def _protected(case: Case, needs: Entitling) -> Failure | None:
    part = by_edition(case).part(Redundancy)
    days = protection(case.position.entries, part)
    held = None if days is None else days.at(needs.last_day)
    if needs.voluntary or held is None or part.protected is None:
        return None
    until = "" if held.effective_to is None else f" before {held.effective_to}"
    why = f"no compulsory redundancy{until}: the last day would be {needs.last_day}"
    return Failure(why, clause=part.protected.clause)


def _outside_its_days(rules: RulesOfEdition, scheme: Scheme, needs: Entitling) -> Iterator[Failure]:
    if scheme.apply_by is not None:
        last = rules.day(scheme.apply_by)
        if needs.applied_on is None or needs.applied_on > last:
            yield Failure(f"it was to be applied for by {last}", clause=scheme.apply_by)
    if scheme.leave_before is not None and needs.last_day >= (
        day := rules.day(scheme.leave_before)
    ):
        why = f"the last day of service was to be before {day}"
        yield Failure(why, clause=scheme.leave_before)


def _stamp(case: Case) -> Stamp:
    begun = _begun(case)[1]
    scheme = scheme_of(by_edition(case).part(Redundancy), begun.scheme)
    return case.stamp(scheme.clause)


def _entitled(case: Case) -> Entitled:
    found: Entitled = case.state.mine.substance
    return found


def _begun(case: Case) -> tuple[Entitled, f.RedundancyEntitled]:
    found = _entitled(case)
    if found.begun is None:
        raise Refused(f"{case.state.matter} has not begun")
    return found, found.begun

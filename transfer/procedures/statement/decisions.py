"""A written statement that an employer owes to one person.

What is on record of it, what may follow, and what it answers.

    owed ─► given, in time or late
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from transfer.core.editions.rules import NotKnown, RulesOfEdition, by_edition, not_known, pins
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.reckoning import Reckoned, Reckoning, fixed, reckon
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.statement import facts as f
from transfer.procedures.statement.edition import Particulars, StatementRules


class StatementCause(StrEnum):
    """Why a statement is owed."""

    BEGAN = "employment-began"
    CHANGED = "particulars-changed"
    SERVICE_KEPT = "employer-changed-service-kept"
    SERVICE_BROKEN = "employer-changed-service-broken"


@dataclass(slots=True)
class Owing:
    """What is on record of one statement."""

    owed: f.StatementOwed | None = None
    given: f.StatementGiven | None = None


def evolve(found: Owing, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.StatementOwed():
            found.owed = fact
        case f.StatementGiven():
            found.given = fact
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class StatementNeeded(Frozen):
    """Why it is owed, and the day on which employment began or the change took effect.

    `public_contract`: the work is for a public body, beside staff who moved from it.
    """

    owed_for: StatementCause
    counts_from: date
    is_worker: bool = False
    public_contract: bool = False


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: StatementNeeded) -> tuple[MatterFact, ...]:
    """A statement is owed; `Refused` to a worker where the law of the day owes it to employees."""
    if _owing(case).owed is not None:
        raise AlreadyOnRecord(f"{case.state.matter} is on record already")
    rules = by_edition(case)
    part = rules.part(StatementRules)
    row = law_of(rules, part, needs.counts_from)
    if needs.is_worker and not row.workers:
        raise Refused(
            f"on {needs.counts_from} a statement was owed to employees, and to no worker",
            clause=row.clause,
        )
    of_change = needs.owed_for in (StatementCause.CHANGED, StatementCause.SERVICE_KEPT)
    clauses = _clauses(part, row, needs.owed_for)
    basis = rules.basis(clauses[0])
    length = part.change if of_change else row.length
    due = fixed(needs.counts_from, basis)
    if length is not None:
        counted = Reckoning(length=rules.period(length.clause))
        due = reckon(counted, needs.counts_from, calendar=rules.calendar, basis=basis)
    return (
        f.StatementOwed(
            **case.stamp(*clauses),
            **pins(case),
            owed_for=needs.owed_for.value,
            of_change=of_change,
            counts_from=needs.counts_from,
            is_worker=needs.is_worker,
            public_contract=needs.public_contract,
            due=due,
        ),
    )


def give(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """The statement was given in writing; given again, it stays given on the first day."""
    found = _owing(case)
    if found.owed is None:
        raise Refused(f"{case.state.matter} has not begun")
    if found.given is not None:
        return ()
    part = by_edition(case).part(StatementRules)
    row = law_of(by_edition(case), part, found.owed.counts_from)
    stamp = case.stamp(*_clauses(part, row, StatementCause(found.owed.owed_for)))
    return (f.StatementGiven(**stamp, is_late=_is_past(found.owed.due, case.on)),)


# --- what it answers -----------------------------------------------------------------------------


class StatementAnswered(Frozen):
    """By when a statement was owed, and what became of it.

    `state` is `owed`, `overdue`, `given` or `given late`. `not_known` has the terms that others on
    the same contract may ask for, where no regulation was read.
    """

    owed_for: str
    of_change: bool
    counts_from: date
    due_on: date | None
    as_early_as_possible: bool
    state: str
    given_on: date | None
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


def statement(asked: Asked) -> StatementAnswered:
    """By when it was owed, and when it was given. Sources: ER-01, ER-02, ER-04."""
    found: Owing = asked.state.mine.substance
    if found.owed is None:
        raise Refused(f"{asked.state.matter} had not begun by {asked.on}")
    rules, owed = by_edition(asked), found.owed
    part = rules.part(StatementRules)
    row = law_of(rules, part, owed.counts_from)
    if found.given is not None:
        state = "given late" if found.given.is_late else "given"
    else:
        state = "overdue" if _is_past(owed.due, asked.on) else "owed"
    return StatementAnswered(
        owed_for=owed.owed_for,
        of_change=owed.of_change,
        counts_from=owed.counts_from,
        due_on=owed.due.on,
        as_early_as_possible=owed.of_change,
        state=state,
        given_on=found.given and found.given.happened_on,
        not_known=(not_known(rules, part.two_tier),) if owed.public_contract else (),
        basis=tuple(map(rules.basis, _clauses(part, row, StatementCause(owed.owed_for)))),
    )


# --- what they read ------------------------------------------------------------------------------


def law_of(rules: RulesOfEdition, part: StatementRules, day: date) -> Particulars:
    """The rule on particulars for employment that begins on a day: the last in force by then."""
    since: Mapping[date, Particulars] = {
        rules.clause(each.clause).in_force_from or date.min: each for each in part.particulars
    }
    first = max((each for each in since if each <= day), default=None)
    if first is None:
        raise Refused(f"the edition has no rule for employment that begins on {day}")
    return since[first]


def _clauses(part: StatementRules, row: Particulars, owed_for: StatementCause) -> tuple[str, ...]:
    match owed_for:
        case StatementCause.CHANGED:
            return (part.change.clause, part.earliest)
        case StatementCause.SERVICE_KEPT:
            return (part.change.clause, part.same_service, part.earliest)
        case StatementCause.SERVICE_BROKEN:
            return (row.clause, part.same_service)
        case StatementCause.BEGAN:
            return (row.clause,)


def _is_past(due: Reckoned, day: date) -> bool:
    return due.last is not None and day > due.last


def _owing(case: Case) -> Owing:
    found: Owing = case.state.mine.substance
    return found

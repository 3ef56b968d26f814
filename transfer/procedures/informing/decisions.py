"""Informing and consulting before one transfer: what is on record of it, and what may follow.

begun ─► each item stated in writing; questions asked and answered
      ─► a union is recognised, or staff are invited and elect, or each employee is consulted
      ─► restated, where the day or the numbers are others: who is consulted follows again
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field, StringConstraints

from transfer.core.editions.rules import RulesOfEdition, by_edition, pins
from transfer.core.matter.deciding import Asked, Case, require
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import NeedsNothing
from transfer.core.pay.money import PoundsPaid
from transfer.core.refusals import AlreadyOnRecord, Failure, Refused
from transfer.core.words import Frozen
from transfer.procedures.informing import facts as f
from transfer.procedures.informing.edition import Informing, Item, Regime, Small

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]
Headcount = Annotated[int, Field(ge=0, le=1_000_000)]


@dataclass(slots=True)
class Informed:
    """What is on record of informing and consulting before one transfer."""

    begun: f.InformingBegun | None = None
    transfer_on: date = date.min
    employees: int = 0
    transferring: int = 0
    unions: list[str] = field(default_factory=list)
    election_owed: bool = False
    invited_on: date | None = None
    election: f.ConsulteesElected | None = None
    stated: dict[str, f.ItemStated] = field(default_factory=dict)
    questions: dict[str, f.ItemAsked] = field(default_factory=dict)
    answered: dict[str, f.ItemAnswered] = field(default_factory=dict)
    directly_on: date | None = None
    awards: list[f.AwardStated] = field(default_factory=list)

    @property
    def parties(self) -> tuple[str, ...]:
        """The two employers, the one whom staff leave first."""
        return () if self.begun is None else (self.begun.transferor, self.begun.transferee)


def evolve(found: Informed, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.InformingBegun():
            found.begun, found.unions = fact, [*fact.unions]
            found.election_owed = fact.election_owed
            found.transfer_on = fact.transfer_on
            found.employees, found.transferring = fact.employees, fact.transferring
        case f.InformingRestated():
            found.transfer_on = fact.transfer_on
            found.employees, found.transferring = fact.employees, fact.transferring
            if fact.election_owed is not None:
                found.election_owed = fact.election_owed
        case f.UnionRecognised():
            found.unions.append(fact.body)
            found.election_owed = False
        case f.ElectionInvited():
            found.invited_on = fact.happened_on
        case f.ConsulteesElected():
            found.election, found.election_owed = fact, bool(fact.lacking)
        case f.ItemStated():
            found.stated[fact.item] = fact
        case f.ItemAsked():
            found.questions[fact.question] = fact
            found.answered.pop(fact.question, None)
        case f.ItemAnswered():
            found.answered[fact.question] = fact
        case f.EmployeesConsultedDirectly():
            found.directly_on = fact.happened_on
        case f.AwardStated():
            found.awards.append(fact)
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class Beginning(Frozen):
    """Under which duty of the edition, between whom, when, and how many are concerned.

    `employees` are all whom the transferor employs, `transferring` those who transfer. `unions` are
    recognised for them; `representatives` are those whom staff have elected for this already.
    """

    regime: Said
    transferor: Said
    transferee: Said
    transfer_on: date
    employees: Headcount
    transferring: Headcount
    unions: tuple[Said, ...] = ()
    representatives: tuple[Said, ...] = ()


class Restated(Frozen):
    """The day and the numbers as they are; what is left out stays as it was."""

    transfer_on: date | None = None
    employees: Headcount | None = None
    transferring: Headcount | None = None


class Recognised(Frozen):
    """A union that is recognised for the staff concerned."""

    body: Said


class Chosen(Frozen):
    """Whom staff elected, until when, and which requirements of the edition the election met."""

    representatives: tuple[Said, ...] = Field(min_length=1)
    term_ends_on: date | None = None
    met: tuple[Said, ...] = ()


class Stated(Frozen):
    """What was stated, by the id that the edition gives it; blank text where there is nothing."""

    item: Said
    statement: str = Field("", max_length=4_000)
    none: bool = False


class Question(Frozen):
    """What is asked in writing, by whom, and of which of the two employers."""

    question: Said
    asked_by: Said
    asked_of: Said


class Answered(Frozen):
    """The answer to a question, which is named by its text."""

    question: Said
    answer: Said


class Awarded(Frozen):
    """Which employer failed, how many it concerns, a week's pay of all of them, and for how long.

    `weeks_pay` is actual pay, in pounds, without a cap. `weeks` is left out for the most.
    """

    failed: Said
    concerned: Annotated[int, Field(ge=1, le=1_000_000)]
    weeks_pay: PoundsPaid
    weeks: Annotated[int, Field(ge=1, le=100)] | None = None


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: Beginning) -> tuple[MatterFact, ...]:
    """Begin: each item is owed from then on, and an election where nobody is there to consult."""
    if _whole(case).begun is not None:
        raise AlreadyOnRecord(f"{case.state.matter} has begun already")
    rules = by_edition(case)
    regime = regime_of(rules.part(Informing), needs.regime)
    owed = tuple(
        f.ItemOwed(item=each.id, owner=each.owner, basis=rules.basis(each.clause))
        for each in regime.items
    )
    supposed = Informed(
        transfer_on=needs.transfer_on,
        employees=needs.employees,
        transferring=needs.transferring,
        unions=[*needs.unions],
    )
    nobody = not needs.unions and not needs.representatives
    return (
        f.InformingBegun(
            **case.stamp(regime.clause),
            **pins(case),
            **needs.model_dump(),
            owed=owed,
            election_owed=nobody and _election_owed(rules, regime, supposed),
        ),
    )


def restate(case: Case, needs: Restated) -> tuple[MatterFact, ...]:
    """Put the day or the numbers right; whether an election is owed follows from them."""
    found, begun, regime = _begun(case)
    said = {name: value for name, value in needs.model_dump().items() if value is not None}
    before = {name: getattr(found, name) for name in ("transfer_on", "employees", "transferring")}
    now = before | said
    if now == before:
        return ()
    supposed = Informed(**now, unions=found.unions, invited_on=found.invited_on)
    nobody = not (found.unions or begun.representatives or found.election)
    owed = nobody and _election_owed(by_edition(case), regime, supposed)
    if not nobody:
        owed = found.election_owed
    return (
        f.InformingRestated(
            **case.stamp(regime.clause),
            **now,
            election_owed=None if owed == found.election_owed else owed,
        ),
    )


def recognise(case: Case, needs: Recognised) -> tuple[MatterFact, ...]:
    """A union is recognised: it is consulted from then on."""
    found, _, regime = _begun(case)
    if needs.body in found.unions:
        return ()
    return (f.UnionRecognised(**case.stamp(regime.union), body=needs.body),)


def invite(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Staff were invited to elect; `Refused` where a union is consulted in any case."""
    found, _, regime = _begun(case)
    _require_no_union(found, regime)
    if found.invited_on is not None:
        return ()
    return (f.ElectionInvited(**case.stamp(_of_election(regime))),)


def elect(case: Case, needs: Chosen) -> tuple[MatterFact, ...]:
    """Staff elected representatives; what the election lacked is put on record with it."""
    found, _, regime = _begun(case)
    _require_no_union(found, regime)
    known = {each.id for each in regime.election}
    for each in needs.met:
        if each not in known:
            raise Refused(f"an election needs no {each}: it needs {', '.join(sorted(known))}")
    met = [
        each.id
        for each in regime.election
        if each.id in needs.met or (each.by_inviting and found.invited_on is not None)
    ]
    lacking = tuple(each.id for each in regime.election if each.id not in met)
    said = (needs.representatives, needs.term_ends_on, tuple(met))
    before = found.election
    if before is not None and (before.representatives, before.term_ends_on, before.met) == said:
        return ()
    return (
        f.ConsulteesElected(
            **case.stamp(_of_election(regime)),
            representatives=needs.representatives,
            term_ends_on=needs.term_ends_on,
            met=tuple(met),
            lacking=lacking,
        ),
    )


def state(case: Case, needs: Stated) -> tuple[MatterFact, ...]:
    """Something that was owed is stated in writing; another statement of it is a further one."""
    found, _, regime = _begun(case)
    item = item_of(regime, needs.item)
    if not (needs.none or needs.statement.strip() or case.made.document):
        raise Refused(
            f"{item.title} has to be stated: in words, by a document, or that there is nothing",
            clause=item.clause,
        )
    before = found.stated.get(item.id)
    said = (needs.statement, needs.none, case.made.document)
    if before is not None and (before.statement, before.none, before.made.document) == said:
        return ()
    stamp = case.stamp(item.clause)
    return (f.ItemStated(**stamp, item=item.id, statement=needs.statement, none=needs.none),)


def ask(case: Case, needs: Question) -> tuple[MatterFact, ...]:
    """A question is put in writing: an answer is owed by the employer whom it is put to."""
    found, _, regime = _begun(case)
    if needs.asked_of not in found.parties:
        who = " and ".join(found.parties)
        raise Refused(f"{needs.asked_of} owes no answer here: {who} do")
    before = found.questions.get(needs.question)
    open_ = needs.question not in found.answered
    if before is not None and open_ and before.asked_of == needs.asked_of:
        return ()
    return (f.ItemAsked(**case.stamp(regime.clause), **needs.model_dump()),)


def answer(case: Case, needs: Answered) -> tuple[MatterFact, ...]:
    """A question is answered in writing; `Refused` for one that nobody has asked."""
    found, _, regime = _begun(case)
    if needs.question not in found.questions:
        raise Refused(f"nobody has asked '{needs.question}': put the question on record first")
    before = found.answered.get(needs.question)
    if before is not None and before.answer == needs.answer:
        return ()
    stamp = case.stamp(regime.clause)
    return (f.ItemAnswered(**stamp, question=needs.question, answer=needs.answer),)


def consult_directly(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Each employee was consulted; `Refused` where the law of the transfer's day does not let the
    employer do so, with each reason."""
    found, begun, regime = _begun(case)
    if found.directly_on is not None:
        return ()
    rules = by_edition(case)
    _require_no_union(found, regime)
    failures = []
    if begun.representatives or found.election is not None:
        failures.append(Failure("staff have elected representatives", clause=_of_election(regime)))
    if found.invited_on is not None:
        why = f"staff were invited to elect on {found.invited_on}"
        failures.append(Failure(why, clause=_of_election(regime)))
    row = law_of(rules, regime, found.transfer_on)
    if row is None:
        why = f"no rule lets an employer do so for a transfer on {found.transfer_on}"
        failures.append(Failure(why, clause=regime.clause))
    elif not is_small(rules, row, found):
        why = f"{found.employees} are employed and {found.transferring} transfer: too many"
        failures.append(Failure(why, clause=row.clause))
    require(failures)
    return (f.EmployeesConsultedDirectly(**case.stamp(row.clause if row else regime.clause)),)


def state_award(case: Case, needs: Awarded) -> tuple[MatterFact, ...]:
    """Put an award on record; `Refused` above the most weeks."""
    found, _, regime = _begun(case)
    if regime.most_weeks is None:
        raise Refused(f"{regime.title}: the edition knows of no award", clause=regime.clause)
    if needs.failed not in found.parties:
        raise Refused(f"{needs.failed} is neither of {' and '.join(found.parties)}")
    most = by_edition(case).decimal(regime.most_weeks)
    weeks = int(most) if needs.weeks is None else needs.weeks
    if weeks > most:
        raise Refused(f"{weeks} weeks are more than the most, {most}", clause=regime.most_weeks)
    award = f.AwardStated(
        **case.stamp(regime.most_weeks),
        failed=needs.failed,
        concerned=needs.concerned,
        weeks_pay=needs.weeks_pay,
        weeks=weeks,
    )
    said = [(each.failed, each.concerned, each.weeks_pay, each.weeks) for each in found.awards]
    new = (award.failed, award.concerned, award.weeks_pay, award.weeks)
    return () if new in said else (award,)


# --- what they read ------------------------------------------------------------------------------


def regime_of(part: Informing, name: str) -> Regime:
    """The duty of that id; `Refused` with what there is."""
    for each in part.regimes:
        if each.id == name:
            return each
    known = ", ".join(each.id for each in part.regimes)
    raise Refused(f"the edition has no duty '{name}': it has {known}")


def item_of(regime: Regime, name: str) -> Item:
    """The item of that id; `Refused` with what there is."""
    for each in regime.items:
        if each.id == name:
            return each
    known = ", ".join(each.id for each in regime.items)
    raise Refused(f"{regime.title} asks for no {name}: it asks for {known}", clause=regime.clause)


def law_of(rules: RulesOfEdition, regime: Regime, transfer_on: date) -> Small | None:
    """The rule on small employers that holds for a transfer of a day: the last in force by then."""
    since: Mapping[date, Small] = {
        rules.clause(each.clause).in_force_from or date.min: each for each in regime.small
    }
    day = max((each for each in since if each <= transfer_on), default=None)
    return None if day is None else since[day]


def is_small(rules: RulesOfEdition, row: Small, found: Informed) -> bool:
    """Whether an employer, or where the rule says so a transfer, is small enough."""
    if Decimal(found.employees) < rules.decimal(row.employees):
        return True
    return row.transferring is not None and (
        Decimal(found.transferring) < rules.decimal(row.transferring)
    )


def _election_owed(rules: RulesOfEdition, regime: Regime, found: Informed) -> bool:
    """Whether staff without a union or representatives have to be given an election."""
    row = law_of(rules, regime, found.transfer_on)
    may = row is not None and found.invited_on is None and is_small(rules, row, found)
    return bool(regime.election) and not may


def _of_election(regime: Regime) -> str:
    return regime.election[0].clause if regime.election else regime.clause


def _require_no_union(found: Informed, regime: Regime) -> None:
    if found.unions:
        who = ", ".join(found.unions)
        raise Refused(f"{who} is recognised, and is consulted", clause=regime.union)


def _whole(case: Case | Asked) -> Informed:
    found: Informed = case.state.whole.substance
    return found


def _begun(case: Case) -> tuple[Informed, f.InformingBegun, Regime]:
    found = _whole(case)
    if found.begun is None:
        raise Refused(f"{case.state.matter} has not begun")
    regime = regime_of(by_edition(case).part(Informing), found.begun.regime)
    return found, found.begun, regime

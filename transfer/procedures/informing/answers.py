"""What informing and consulting before a transfer can be asked: who is consulted and why, what was
stated and what is missing, what an award comes to, and which policy an agreement meant."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from transfer.core.editions.rules import by_edition
from transfer.core.matter.deciding import Asked
from transfer.core.pay.money import Pounds
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.informing import facts as f
from transfer.procedures.informing.decisions import Informed, is_small, law_of, regime_of
from transfer.procedures.informing.edition import Informing, Regime


class Through(StrEnum):
    """Through whom staff are consulted."""

    UNION = "recognised union"
    REPRESENTATIVES = "elected representatives"
    EACH = "each employee"
    NOBODY = "nobody yet: an election is owed"


class ConsultedAnswered(Frozen):
    """Who is consulted, and why.

    `lacking` are what the election did not have, `may_be_direct` whether each employee may be
    consulted instead, by the law of the day of the transfer.
    """

    through: Through
    whom: tuple[str, ...]
    because: str
    may_be_direct: bool
    lacking: tuple[str, ...]
    basis: tuple[Basis, ...]


class ItemAnsweredOf(Frozen):
    """One thing that has to be stated, and what was stated; `None` for a day: it is missing."""

    item: str
    title: str
    owner: str
    stated_on: date | None
    statement: str
    none: bool
    document: str | None
    basis: Basis


class QuestionOpen(Frozen):
    """A question, from whom to whom, and when it was answered."""

    question: str
    asked_by: str
    asked_of: str
    asked_on: date
    answered_on: date | None


class InformationAnswered(Frozen):
    """What was stated in writing, and what is missing; whether that was before the transfer."""

    transfer_on: date
    items: tuple[ItemAnsweredOf, ...]
    missing: tuple[str, ...]
    questions: tuple[QuestionOpen, ...]
    unanswered: int
    is_complete: bool
    basis: tuple[Basis, ...]


class OneAward(Frozen):
    """What one award comes to, and the most that it could have been."""

    failed: str
    concerned: int
    weeks: int
    awarded: Pounds
    most: Pounds


class AwardsAnswered(Frozen):
    """The awards for a failure to inform or consult, and which employers answer for them."""

    most_weeks: int
    awards: tuple[OneAward, ...]
    jointly_liable: tuple[str, ...]
    basis: tuple[Basis, ...]


class PolicyAnswered(Frozen):
    """Which revision of a policy an agreement cites, and which there was by then.

    `in_existence` is the last revision of a month before the day; `this_month`: there is one of
    the same month, whose day no source gives. `is_contested`: the one cited is not that one.
    """

    title: str
    is_law: bool
    cited: str
    in_existence: str
    this_month: bool
    is_contested: bool
    basis: tuple[Basis, ...]


def consulted(asked: Asked) -> ConsultedAnswered:
    """Who is consulted. Sources: TU-19, TU-20, TU-21."""
    found, begun, regime = _begun(asked)
    rules = by_edition(asked)
    row = law_of(rules, regime, found.transfer_on)
    none_there = not (found.unions or begun.representatives or found.election)
    small = row is not None and is_small(rules, row, found)
    direct = none_there and small and found.invited_on is None
    clauses = [each.clause for each in regime.election[:1]]
    if row is not None:
        clauses += [row.clause, row.employees]
        clauses += [row.transferring] if row.transferring else []
    lacking: tuple[str, ...] = ()
    if found.unions:
        through, whom, clauses = Through.UNION, tuple(found.unions), [regime.union]
        because = "a recognised union is consulted, and nobody else"
    elif found.election is not None:
        through, whom = Through.REPRESENTATIVES, found.election.representatives
        lacking = tuple(each.title for each in regime.election if each.id in found.election.lacking)
        because = "staff elected them"
        clauses += [each.clause for each in regime.election if each.id in found.election.lacking]
    elif begun.representatives:
        through, whom = Through.REPRESENTATIVES, begun.representatives
        because = "staff had elected them before"
    elif direct or found.directly_on is not None:
        through, whom = Through.EACH, ()
        because = f"{found.employees} are employed, {found.transferring} transfer; nobody invited"
    else:
        through, whom = Through.NOBODY, ()
        because = "staff have no union and no representatives"
        lacking = tuple(
            each.title
            for each in regime.election
            if not (each.by_inviting and found.invited_on is not None)
        )
    return ConsultedAnswered(
        through=through,
        whom=whom,
        because=because,
        may_be_direct=direct,
        lacking=lacking,
        basis=tuple(map(rules.basis, dict.fromkeys(clauses))),
    )


def information(asked: Asked) -> InformationAnswered:
    """What was stated, and what is missing. Sources: TU-18, TR-18."""
    found, _, regime = _begun(asked)
    rules = by_edition(asked)
    items = []
    for each in regime.items:
        stated = found.stated.get(each.id)
        items.append(
            ItemAnsweredOf(
                item=each.id,
                title=each.title,
                owner=each.owner,
                stated_on=stated and stated.happened_on,
                statement="" if stated is None else stated.statement,
                none=stated is not None and stated.none,
                document=None if stated is None else stated.made.document,
                basis=rules.basis(each.clause),
            )
        )
    questions = tuple(
        QuestionOpen(
            question=each.question,
            asked_by=each.asked_by,
            asked_of=each.asked_of,
            asked_on=each.happened_on,
            answered_on=_answered_on(found, each.question),
        )
        for each in found.questions.values()
    )
    missing = tuple(each.title for each in items if each.stated_on is None)
    unanswered = sum(each.answered_on is None for each in questions)
    clauses = [regime.clause, *(each.clause for each in regime.items)]
    return InformationAnswered(
        transfer_on=found.transfer_on,
        items=tuple(items),
        missing=missing,
        questions=questions,
        unanswered=unanswered,
        is_complete=not missing and not unanswered,
        basis=tuple(map(rules.basis, dict.fromkeys(clauses))),
    )


def awards(asked: Asked) -> AwardsAnswered:
    """What awards come to, and who answers for them. Sources: TU-22, TU-23."""
    found, _, regime = _begun(asked)
    if regime.most_weeks is None:
        raise Refused(f"{regime.title}: the edition knows of no award", clause=regime.clause)
    rules = by_edition(asked)
    most = rules.decimal(regime.most_weeks)
    clauses = [regime.most_weeks]
    liable: tuple[str, ...] = tuple(dict.fromkeys(each.failed for each in found.awards))
    if regime.jointly is not None:
        clauses.append(regime.jointly)
        liable = found.parties
    return AwardsAnswered(
        most_weeks=int(most),
        awards=tuple(
            OneAward(
                failed=each.failed,
                concerned=each.concerned,
                weeks=each.weeks,
                awarded=each.weeks_pay * Decimal(each.weeks),
                most=each.weeks_pay * most,
            )
            for each in found.awards
        ),
        jointly_liable=liable,
        basis=tuple(map(rules.basis, clauses)),
    )


def policy(asked: Asked) -> PolicyAnswered:
    """Which revision of a policy an agreement cites, and which there was. Sources: CO-01, CO-02."""
    _, _, regime = _begun(asked)
    if regime.policy is None:
        raise Refused(f"{regime.title}: no policy beside it is known", clause=regime.clause)
    rules, part = by_edition(asked), regime.policy
    months = {str(rules.value(each)): each for each in part.revisions}
    now = f"{asked.on:%Y-%m}"
    before = max((each for each in months if each < now), default="")
    cited = str(rules.value(part.cited))
    clauses = [part.clause, part.cited, *([months[before]] if before else [])]
    return PolicyAnswered(
        title=part.title,
        is_law=False,
        cited=cited,
        in_existence=before,
        this_month=now in months,
        is_contested=cited != before,
        basis=tuple(map(rules.basis, dict.fromkeys(clauses))),
    )


def _answered_on(found: Informed, question: str) -> date | None:
    answered = found.answered.get(question)
    return None if answered is None else answered.happened_on


def _begun(asked: Asked) -> tuple[Informed, f.InformingBegun, Regime]:
    found: Informed = asked.state.whole.substance
    if found.begun is None:
        raise Refused(f"{asked.state.matter} had not begun by {asked.on}")
    regime = regime_of(by_edition(asked).part(Informing), found.begun.regime)
    return found, found.begun, regime

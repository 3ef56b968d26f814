"""What a change around a transfer can be asked: whether it holds, by the law of its day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from transfer.core.editions.rules import NotKnown, RulesOfEdition, by_edition, not_known
from transfer.core.matter.deciding import Asked
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.variation import facts as f
from transfer.procedures.variation.decisions import Change
from transfer.procedures.variation.edition import OfContract, Variation
from transfer.procedures.variation.facts import Circumstances, Subject, VariationCause

CAUSE = "whether the transfer is the only or main reason"
WORKFORCE = "whether there is a reason that changes the workforce"
PERMITS = "whether the contract permits it"
FAVOURABLE = "whether the terms are no less favourable overall"
TOOK_PART = "whether the new employer took part in the bargaining"
IDENTITY = "whether what transferred keeps a distinct identity"
RIGHT = "what the right of the pension scheme is for"
"""What an answer may hang on and nobody has said."""


class Validity(StrEnum):
    """What becomes of a change, an agreement or a right."""

    PERMITTED = "permitted"
    VOID = "void"
    BINDS = "binds the new employer"
    DOES_NOT_BIND = "does not bind the new employer"
    GOES_OVER = "goes over"
    STAYS = "does not go over"
    UNKNOWN = "unknown"


class Beside(Frozen):
    """Something to be read with an answer."""

    title: str
    text: str
    basis: Basis


class ValidityAnswered(Frozen):
    """Whether a change holds by the law of the day on which it was made, and why.

    `missing` is what nobody has said and the answer hangs on. `collective_from` is the first day on
    which collective terms may be changed for the better or alike. `beside` are further rules that
    bear on it, `not_known` what no source tells, with the document that would.
    """

    title: str
    subject: Subject
    made_on: date
    outcome: Validity
    because: str
    missing: tuple[str, ...]
    collective_from: date | None
    beside: tuple[Beside, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    outcome: Validity
    because: str
    clauses: tuple[str, ...]
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def validity(asked: Asked) -> ValidityAnswered:
    """Whether a change holds, by the law of the day on which it was made."""
    found: Change = asked.state.whole.substance
    made = found.proposed
    if made is None:
        raise Refused(f"{asked.state.matter} had not begun by {asked.on}")
    rules = by_edition(asked)
    part = rules.part(Variation)
    since = None
    match made.subject:
        case Subject.CONTRACT:
            come = _of_contract(rules, part, made, found.known)
        case Subject.COLLECTIVE_TERMS:
            since = _collective_from(rules, part, made)
            come = _of_collective(rules, part, made, found.known, since)
        case Subject.LATER_AGREEMENT:
            come = _of_later(rules, part, made, found.known)
        case Subject.AGREEMENT:
            why = "a collective agreement goes with the staff as if the new employer had made it"
            come = _Found(Validity.GOES_OVER, why, (part.agreements,))
        case Subject.RECOGNITION:
            come = _of_recognition(part, found.known)
        case Subject.PENSION:
            come = _of_pension(rules, part, found.known)
    beside = tuple(_beside(rules, part, made, found.known))
    reported = _is_reported(rules, part, made, found.known)
    unknown = (*come.unknown, *((part.instrument,) if reported else ()))
    return ValidityAnswered(
        title=made.title,
        subject=made.subject,
        made_on=made.made_on,
        outcome=come.outcome,
        because=come.because,
        missing=come.missing,
        collective_from=since,
        beside=beside,
        not_known=tuple(not_known(rules, each) for each in unknown),
        basis=tuple(map(rules.basis, come.clauses)),
    )


def _rule_on(rules: RulesOfEdition, part: Variation, day: date) -> OfContract | None:
    """The rule on changes of contract that is in force on a day: the latest."""
    held = [
        (since or date.min, each)
        for each in part.contract
        if (since := rules.clause(each.clause).in_force_from) is None or since <= day
    ]
    return max(held, key=lambda each: each[0])[1] if held else None


def _of_contract(
    rules: RulesOfEdition, part: Variation, made: f.VariationProposed, known: Circumstances
) -> _Found:
    rule = _rule_on(rules, part, made.made_on)
    if rule is None:
        raise Refused(f"the edition does not know the law of {made.made_on}")
    by: tuple[str, ...] = (rule.clause,)
    if known.workforce_reason and known.changes_workplace:
        by = (rule.clause, part.workplace)
    if known.cause is VariationCause.OTHER or (
        known.cause is VariationCause.CONNECTED and not rule.connected
    ):
        return _Found(Validity.PERMITTED, "the transfer is not the only or main reason", by)
    if rule.connected:
        return _by_connection(known, by)
    if known.contract_permits or known.workforce_reason:
        why = "the contract permits it" if known.contract_permits else "it changes the workforce"
        return _Found(Validity.PERMITTED, why, by)
    said = ((CAUSE, known.cause), (WORKFORCE, known.workforce_reason))
    missing = tuple(w for w, each in (*said, (PERMITS, known.contract_permits)) if each is None)
    if missing:
        return _Found(Validity.UNKNOWN, "it hangs on what nobody has said", by, missing)
    why = "the transfer is the only or main reason, nothing changes the workforce, and the "
    return _Found(Validity.VOID, f"{why}contract does not permit it", by)


def _by_connection(known: Circumstances, by: tuple[str, ...]) -> _Found:
    """The earlier law: the transfer as the reason is never saved, a connected one may be."""
    if known.cause is None:
        return _Found(Validity.UNKNOWN, "it hangs on what nobody has said", by, (CAUSE,))
    if known.cause is VariationCause.TRANSFER:
        return _Found(Validity.VOID, "the transfer itself is the reason", by)
    if known.workforce_reason is None:
        return _Found(Validity.UNKNOWN, "it hangs on what nobody has said", by, (WORKFORCE,))
    if known.workforce_reason:
        return _Found(Validity.PERMITTED, "it changes the workforce", by)
    return _Found(Validity.VOID, "the reason is connected with the transfer", by)


def _collective_from(
    rules: RulesOfEdition, part: Variation, made: f.VariationProposed
) -> date | None:
    """The first day on which collective terms may be changed; `None` before that was law."""
    since = rules.clause(part.collective.clause).in_force_from
    if since is not None and made.made_on < since:
        return None
    return rules.period(part.collective.clause).due_after(made.transfer_on, rules.calendar)


def _of_collective(
    rules: RulesOfEdition,
    part: Variation,
    made: f.VariationProposed,
    known: Circumstances,
    since: date | None,
) -> _Found:
    """Collective terms may be changed after a time; before it, as any term of a contract."""
    otherwise = _of_contract(rules, part, made, known)
    if since is None:
        return otherwise
    clauses = (part.collective.clause, *otherwise.clauses)
    if made.made_on < since:
        why = f"before {since} it is as any change of a contract: {otherwise.because}"
        return _Found(otherwise.outcome, why, clauses, otherwise.missing)
    if known.no_less_favourable:
        why = f"from {since} on, and the terms are no less favourable overall"
        return _Found(Validity.PERMITTED, why, clauses[:1])
    if otherwise.outcome is Validity.PERMITTED or known.no_less_favourable is False:
        return _Found(otherwise.outcome, otherwise.because, clauses, otherwise.missing)
    why = "it hangs on what nobody has said"
    return _Found(Validity.UNKNOWN, why, clauses, (FAVOURABLE, *otherwise.missing))


def _of_later(
    rules: RulesOfEdition, part: Variation, made: f.VariationProposed, known: Circumstances
) -> _Found:
    """An agreement that was made after the transfer binds only an employer who took part."""
    clause, since = part.later_agreements, rules.clause(part.later_agreements).in_force_from
    if made.made_on <= made.transfer_on:
        return _Found(Validity.GOES_OVER, "it was made before the transfer", (part.agreements,))
    if since is not None and made.transfer_on < since:
        why = f"the transfer was before {since}, and the law before that was not read"
        return _Found(Validity.UNKNOWN, why, (clause,), unknown=(part.earlier_law,))
    if known.new_employer_took_part is None:
        why = "it hangs on what nobody has said"
        return _Found(Validity.UNKNOWN, why, (clause,), (TOOK_PART,))
    if known.new_employer_took_part:
        return _Found(Validity.BINDS, "the new employer took part in the bargaining", (clause,))
    why = "it was made after the transfer, and the new employer took no part"
    return _Found(Validity.DOES_NOT_BIND, why, (clause,))


def _of_recognition(part: Variation, known: Circumstances) -> _Found:
    by = (part.recognition,)
    if known.keeps_identity is None:
        return _Found(Validity.UNKNOWN, "it hangs on what nobody has said", by, (IDENTITY,))
    if known.keeps_identity:
        return _Found(Validity.GOES_OVER, "what transferred keeps a distinct identity", by)
    return _Found(Validity.STAYS, "what transferred does not keep a distinct identity", by)


def _of_pension(rules: RulesOfEdition, part: Variation, known: Circumstances) -> _Found:
    by = (part.pensions,)
    if known.pension_right is None:
        return _Found(Validity.UNKNOWN, "it hangs on what nobody has said", by, (RIGHT,))
    left_out = {each.casefold() for each in rules.texts(part.pensions)}
    if known.pension_right.casefold() in left_out:
        return _Found(Validity.STAYS, f"a right for {known.pension_right} is left out", by)
    why = f"of a pension scheme only rights for {', '.join(sorted(left_out))} are left out"
    return _Found(Validity.GOES_OVER, why, by)


def _beside(
    rules: RulesOfEdition, part: Variation, made: f.VariationProposed, known: Circumstances
) -> Iterator[Beside]:
    clauses = []
    if made.subject is Subject.PENSION:
        clauses += [part.pension_floor, *([part.public_pensions] if known.was_public else [])]
    if _is_reported(rules, part, made, known):
        clauses.append(part.refused_change)
    for each in part.not_enacted:
        since = rules.clause(each).known_from
        if since is not None and since <= made.made_on:
            clauses.append(each)
    for each in clauses:
        clause = rules.clause(each)
        yield Beside(title=clause.title, text=clause.text, basis=rules.basis(each))


def _is_reported(
    rules: RulesOfEdition, part: Variation, made: f.VariationProposed, known: Circumstances
) -> bool:
    """Whether others say that dismissing who refuses the change is unfair."""
    return bool(known.is_restricted) and made.made_on >= rules.day(part.refused_change)

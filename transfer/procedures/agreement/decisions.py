"""One agreement: what is on record of it, and what may follow.

    put on record ─► (all agree who have to) ─► promises are owed
    a promise ─► delivered in part ─► delivered
              ├► its day becomes known; a later agreement gives it another day
              └► withdrawn
    what is undelivered is reported to a meeting

A later agreement has no effect on days before it, unless its source says so (CN-8).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from transfer.core.editions.rules import RulesOfEdition, by_edition, pins
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.refusals import AlreadyOnRecord, Malformed, Refused
from transfer.core.texts import folded
from transfer.core.words import Frozen
from transfer.procedures.agreement import facts as f
from transfer.procedures.agreement.edition import AgreedPromise, Agreements, KnownAgreement

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
MayBeSaid = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]
PromiseName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""What a promise is called within its agreement, e.g. `pay-manual`."""


@dataclass(slots=True)
class Kept:
    """A promise, and what became of it on which days."""

    promised: f.Promised
    owed_from: date
    dated: f.PromiseDated | None = None
    varied: list[f.PromiseVaried] = field(default_factory=list)
    parts: list[f.PromiseDelivered] = field(default_factory=list)
    delivered_on: date | None = None
    withdrawn_on: date | None = None

    def ended_by(self, day: date) -> bool:
        """Whether it was delivered or withdrawn by the end of a day."""
        ends = (each for each in (self.delivered_on, self.withdrawn_on) if each is not None)
        return any(each <= day for each in ends)

    def due_on(self, day: date) -> tuple[Reckoned, bool]:
        """By which day it is owed, as that counts on a day; and whether it is owed without one."""
        for each in reversed(self.varied):
            if each.counts_from <= day:
                return each.due, each.without_day
        if self.dated is not None:
            return self.dated.due, False
        return self.promised.due, self.promised.without_day


@dataclass(slots=True)
class Agreement:
    """What is on record of one agreement."""

    begun: f.AgreementBegun | None = None
    answers: dict[str, f.AgreementAnswered] = field(default_factory=dict)
    reached_on: date | None = None
    promises: dict[str, Kept] = field(default_factory=dict)
    reports: list[f.UndeliveredReported] = field(default_factory=list)

    @property
    def parties(self) -> tuple[str, ...]:
        """Whose representatives may read it: the parties, and those who have to agree."""
        return () if self.begun is None else (*self.begun.parties, *self.begun.needs)

    @property
    def is_reached(self) -> bool:
        """Whether it was made."""
        return self.begun is not None and (not self.begun.needs or self.reached_on is not None)

    def undelivered(self, day: date) -> Iterator[Kept]:
        """What was owed and not delivered at the end of a day."""
        for each in self.promises.values():
            if each.owed_from <= day and not each.ended_by(day):
                yield each

    def is_over(self, day: date) -> bool:
        """Whether all that it promises was delivered or withdrawn."""
        return bool(self.promises) and all(each.ended_by(day) for each in self.promises.values())


def evolve(found: Agreement, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.AgreementBegun():
            found.begun = fact
            if not fact.needs:
                since = fact.agreed_on or fact.happened_on
                found.promises |= {p.promise: Kept(p, since) for p in fact.promises}
        case f.AgreementAnswered():
            found.answers[folded(fact.body)] = fact
        case f.AgreementReached():
            found.reached_on = fact.happened_on
            found.promises |= {p.promise: Kept(p, fact.happened_on) for p in fact.promises}
        case f.PromiseAdded():
            found.promises[fact.promised.promise] = Kept(fact.promised, fact.happened_on)
        case f.UndeliveredReported():
            found.reports.append(fact)
        case f.PromiseDelivered(promise=name) if name in found.promises:
            found.promises[name].parts.append(fact)
            if not fact.part:
                found.promises[name].delivered_on = fact.happened_on
        case f.PromiseDated(promise=name) if name in found.promises:
            found.promises[name].dated = fact
        case f.PromiseVaried(promise=name) if name in found.promises:
            found.promises[name].varied.append(fact)
        case f.PromiseWithdrawn(promise=name) if name in found.promises:
            found.promises[name].withdrawn_on = fact.happened_on
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class Agreeing(Frozen):
    """Which agreement: one that the edition knows (`known_as`), or one of which the `title` and
    the `parties` are given. `agreed_on` is the day on which it was made, where that is known."""

    known_as: PromiseName | None = None
    title: Words | None = None
    parties: tuple[Words, ...] = ()
    agreed_on: date | None = None


class BodyAnswers(Frozen):
    """Who of those who have to agree says whether it does."""

    body: Words
    accepted: bool


class NewPromise(Frozen):
    """What is promised besides, and who owes it: by a day, without a day, or by a day that nobody
    knows."""

    promise: PromiseName
    title: Words
    owner: Words
    due_on: date | None = None
    without_day: bool = False

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if self.due_on is not None and self.without_day:
            raise ValueError("give a day, or say that there is none")
        return self


class Delivery(Frozen):
    """Which promise was kept; with `part` only some of it. `what` says what was done."""

    promise: PromiseName
    part: bool = False
    what: MayBeSaid = ""


class DueShown(Frozen):
    """By which day a promise was to be kept, as a document shows."""

    promise: PromiseName
    due_on: date


class Variation(Frozen):
    """How a later agreement changes a promise: another day, or none.

    It counts from the day on which it was made. Where its source says that it counts for days
    before that, give `counts_from` and those words (`source_says`).
    """

    promise: PromiseName
    later_agreement: Words
    due_on: date | None = None
    counts_from: date | None = None
    source_says: MayBeSaid = ""


class OfPromise(Frozen):
    """Which promise."""

    promise: PromiseName


class Reporting(Frozen):
    """To which meeting it is said that promises are undelivered, and by whom. Left out, `promises`
    are all that are undelivered on that day."""

    meeting: Words
    reported_by: Words | None = None
    promises: tuple[PromiseName, ...] = ()
    statement: MayBeSaid = ""


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: Agreeing) -> tuple[MatterFact, ...]:
    """Put an agreement on record; what it promises is owed, unless some have still to agree.

    Raises `Malformed` unless it is named, by the edition or by a title and parties.
    """
    if agreement_of(case).begun is not None:
        raise AlreadyOnRecord(f"{case.state.matter} is on record already")
    rules = by_edition(case)
    part = rules.part(Agreements)
    if needs.agreed_on is not None and needs.agreed_on > case.on:
        raise Refused(f"{needs.agreed_on} is after {case.on}, the day of the act")
    known = None if needs.known_as is None else known_of(part, needs.known_as)
    agreed_on = needs.agreed_on
    if known is None:
        title, parties = _named(needs)
    elif needs.title is not None or needs.parties:
        raise Malformed("the edition gives the title and the parties of it", field="known_as")
    else:
        title, parties = known.title, known.parties
        if agreed_on is None and known.agreed_on is not None and rules.knows(known.agreed_on):
            agreed_on = rules.day(known.agreed_on)
    return (
        f.AgreementBegun(
            **case.stamp(part.undelivered if known is None else known.clause),
            **pins(case),
            known_as=needs.known_as,
            title=title,
            parties=parties,
            agreed_on=agreed_on,
            needs=() if known is None or known.needs is None else rules.texts(known.needs),
            promises=() if known is None else tuple(_promised(rules, p) for p in known.promises),
        ),
    )


def note_answer(case: Case, needs: BodyAnswers) -> tuple[MatterFact, ...]:
    """Note whether one of those agrees who have to; once all do, the agreement is made.

    Raises `Refused` for somebody who does not have to agree, and once it is made.
    """
    found, begun = _begun(case)
    body = next((each for each in begun.needs if folded(each) == folded(needs.body)), None)
    if body is None:
        who = ", ".join(begun.needs) or "nobody"
        raise Refused(f"{needs.body} does not have to agree first: {who} does")
    said = found.answers.get(folded(body))
    if said is not None and said.accepted == needs.accepted:
        return ()
    if found.is_reached:
        raise Refused(f"all had agreed by {found.reached_on}")
    stamp = case.stamp(_clause(case, begun))
    answered = f.AgreementAnswered(**stamp, body=body, accepted=needs.accepted)
    rest = [found.answers.get(folded(each)) for each in begun.needs if each != body]
    if not needs.accepted or not all(each is not None and each.accepted for each in rest):
        return (answered,)
    return answered, f.AgreementReached(**stamp, promises=begun.promises)


def add_promise(case: Case, needs: NewPromise) -> tuple[MatterFact, ...]:
    """Put another promise on record. Raises `Refused` where something else is called so."""
    found, begun = _reached(case)
    stamp = case.stamp(_clause(case, begun))
    due = Reckoned(on=needs.due_on, basis=stamp["basis"])
    promised = f.Promised(
        promise=needs.promise,
        title=needs.title,
        owner=needs.owner,
        due=due,
        without_day=needs.without_day,
        basis=stamp["basis"],
    )
    before = found.promises.get(needs.promise)
    if before is not None:
        same = ("title", "owner", "without_day")
        if before.promised.due.on == due.on and all(
            getattr(before.promised, each) == getattr(promised, each) for each in same
        ):
            return ()
        raise Refused(f"{needs.promise} is what {before.promised.owner} promised already")
    return (f.PromiseAdded(**stamp, promised=promised),)


def deliver(case: Case, needs: Delivery) -> tuple[MatterFact, ...]:
    """Note that a promise was kept, or a part of it."""
    kept = _promise(case, needs.promise)
    if kept.delivered_on is not None:
        return ()
    _require_owed(kept)
    if needs.part and any((p.part, p.what) == (True, needs.what) for p in kept.parts):
        return ()
    stamp = case.resting_on(kept.promised.basis)
    return (f.PromiseDelivered(**stamp, promise=needs.promise, part=needs.part, what=needs.what),)


def set_due(case: Case, needs: DueShown) -> tuple[MatterFact, ...]:
    """Put the day of a promise on record that a document shows.

    Raises `Refused` where the day is known: then only a later agreement changes it.
    """
    kept = _promise(case, needs.promise)
    due, without_day = kept.due_on(case.on)
    if due.on == needs.due_on:
        return ()
    _require_owed(kept)
    if due.on is not None or without_day:
        was = "without a day" if due.on is None else f"for {due.on}"
        raise Refused(
            f"it was promised {was}: a later agreement may vary that",
            clause=by_edition(case).part(Agreements).backwards,
        )
    stamp = case.resting_on(kept.promised.basis)
    day = fixed(needs.due_on, stamp["basis"])
    return (f.PromiseDated(**stamp, promise=needs.promise, due=day),)


def vary(case: Case, needs: Variation) -> tuple[MatterFact, ...]:
    """Note that a later agreement changes the day of a promise.

    Raises `Refused` where it is to count for days before it was made and no words of its source
    say so (CN-8).
    """
    kept, part = _promise(case, needs.promise), by_edition(case).part(Agreements)
    since = needs.counts_from or case.on
    last = kept.varied[-1] if kept.varied else None
    if last is not None and (last.later_agreement, last.due.on, last.counts_from) == (
        needs.later_agreement,
        needs.due_on,
        since,
    ):
        return ()
    _require_owed(kept)
    if since < case.on and not needs.source_says:
        raise Refused(
            f"{needs.later_agreement} counts from {case.on}: give the words by which it counts for "
            f"days from {since} on",
            clause=part.backwards,
        )
    stamp = case.stamp(part.backwards)
    return (
        f.PromiseVaried(
            **stamp,
            promise=needs.promise,
            later_agreement=needs.later_agreement,
            counts_from=since,
            source_says=needs.source_says,
            due=Reckoned(on=needs.due_on, basis=stamp["basis"]),
            without_day=needs.due_on is None,
        ),
    )


def withdraw(case: Case, needs: OfPromise) -> tuple[MatterFact, ...]:
    """Note that a promise is owed no more. Raises `Refused` where it was kept."""
    kept = _promise(case, needs.promise)
    if kept.withdrawn_on is not None:
        return ()
    _require_owed(kept)
    stamp = case.resting_on(kept.promised.basis)
    return (f.PromiseWithdrawn(**stamp, promise=needs.promise),)


def report(case: Case, needs: Reporting) -> tuple[MatterFact, ...]:
    """Note that a meeting was told what is undelivered.

    Raises `Refused` where one of the promises is not, or nothing is.
    """
    found, _ = _reached(case)
    said_by = needs.reported_by or case.by
    for each in found.reports:
        if (each.meeting, each.reported_by, each.happened_on) == (needs.meeting, said_by, case.on):
            return ()
    clause = by_edition(case).part(Agreements).undelivered
    owed = [each.promised.promise for each in found.undelivered(case.on)]
    if not owed:
        raise Refused(f"nothing was undelivered on {case.on}", clause=clause)
    wrong = [each for each in needs.promises if each not in owed]
    if wrong:
        raise Refused(f"not undelivered on {case.on}: {', '.join(wrong)}", clause=clause)
    return (
        f.UndeliveredReported(
            **case.stamp(clause),
            meeting=needs.meeting,
            reported_by=said_by,
            promises=tuple(dict.fromkeys(needs.promises)) or tuple(owed),
            statement=needs.statement,
        ),
    )


# --- what they share -----------------------------------------------------------------------------


def known_of(part: Agreements, name: str) -> KnownAgreement:
    """The agreement of that id; `Refused` with what the edition knows."""
    for each in part.known:
        if each.id == name:
            return each
    known = ", ".join(each.id for each in part.known) or "none"
    raise Refused(f"the edition knows no agreement {name}: it knows {known}")


def agreement_of(case: Case | Asked) -> Agreement:
    """What is on record of the agreement."""
    found: Agreement = case.state.whole.substance
    return found


def _named(needs: Agreeing) -> tuple[str, tuple[str, ...]]:
    if needs.title is None:
        raise Malformed("give a title, or name an agreement of the edition", field="title")
    if not needs.parties:
        raise Malformed("say who agreed", field="parties")
    return needs.title, needs.parties


def _promised(rules: RulesOfEdition, promise: AgreedPromise) -> f.Promised:
    due = promise.due
    day = rules.day(due) if due is not None and rules.knows(due) else None
    return f.Promised(
        promise=promise.id,
        title=promise.title,
        owner=promise.owner,
        due=Reckoned(on=day, basis=rules.basis(due or promise.clause)),
        without_day=due is None,
        due_clause=due,
        basis=rules.basis(promise.clause),
    )


def _clause(case: Case, begun: f.AgreementBegun) -> str:
    part = by_edition(case).part(Agreements)
    return part.undelivered if begun.known_as is None else known_of(part, begun.known_as).clause


def _begun(case: Case) -> tuple[Agreement, f.AgreementBegun]:
    found = agreement_of(case)
    if found.begun is None:
        raise Refused(f"{case.state.matter} has not begun")
    return found, found.begun


def _reached(case: Case) -> tuple[Agreement, f.AgreementBegun]:
    found, begun = _begun(case)
    if not found.is_reached:
        lack = [each for each in begun.needs if not agrees(found, each)]
        raise Refused(
            f"it is not agreed yet: {', '.join(lack)} would have to", clause=_clause(case, begun)
        )
    return found, begun


def agrees(found: Agreement, body: str) -> bool:
    """Whether somebody who has to agree first has said that they do."""
    said = found.answers.get(folded(body))
    return said is not None and said.accepted


def _promise(case: Case, name: str) -> Kept:
    found, _ = _reached(case)
    kept = found.promises.get(name)
    if kept is None:
        raise Refused(
            f"it promises no {name}: it promises {', '.join(found.promises) or 'nothing'}"
        )
    return kept


def _require_owed(kept: Kept) -> None:
    if kept.delivered_on is not None:
        raise Refused(f"it was delivered on {kept.delivered_on}")
    if kept.withdrawn_on is not None:
        raise Refused(f"it was withdrawn on {kept.withdrawn_on}")

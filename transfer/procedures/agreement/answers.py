"""What an agreement can be asked: what of it is undelivered on a day, and from which day it counts.

Both read everything that is on record, and go by the days that it names: so they find an agreement
that was made before it was put on record, and a later one that counts for days before it.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from transfer.core.editions.rules import NotKnown, RulesOfEdition, by_edition, not_known
from transfer.core.matter.deciding import Asked
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.agreement.decisions import (
    Agreement,
    Kept,
    agreement_of,
    agrees,
    known_of,
)
from transfer.procedures.agreement.edition import Agreements, KnownAgreement


class DueState(StrEnum):
    """Whether a promise is owed by a day."""

    BY_A_DAY = "by a day"
    WITHOUT_DAY = "without a day"
    UNKNOWN = "unknown"


class ReportedTo(Frozen):
    """A meeting that was told of it, on which day, and by whom."""

    meeting: str
    reported_on: date
    reported_by: str


class Undelivered(Frozen):
    """A promise that was not delivered by the end of a day, and from whom it is owed.

    `agreed_days` is since how many days it was agreed, `agreed_days_at_least` the fewest where the
    day is not known. `overdue` is `None`, and so is `overdue_days`, where the day by which it was
    owed is not known.
    """

    promise: str
    title: str
    owner: str
    agreed_on: date | None
    agreed_days: int | None
    agreed_days_at_least: int | None
    due: DueState
    due_on: date | None
    overdue: bool | None
    overdue_days: int | None
    delivered_in_part: tuple[str, ...]
    reported: tuple[ReportedTo, ...]
    basis: Basis


class Delivered(Frozen):
    """A promise that was delivered, and how many days late; `None` where no day is known."""

    promise: str
    title: str
    delivered_on: date
    late_days: int | None


class AgreementStands(Frozen):
    """How an agreement stands at the end of a day: what of it is undelivered, since when, by whom.

    `agreed_not_before` and `agreed_by` are days between which it was made, where the day itself is
    not known. `waits_for` are those who have still to agree.
    """

    title: str
    parties: tuple[str, ...]
    agreed: bool
    agreed_on: date | None
    agreed_not_before: date | None
    agreed_by: date | None
    waits_for: tuple[str, ...]
    undelivered: tuple[Undelivered, ...]
    delivered: tuple[Delivered, ...]
    withdrawn: tuple[str, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class CountsFrom(Frozen):
    """A day from which an agreement counts, by the clause that says so."""

    counts_from: date
    basis: Basis


class AgreementCounts(Frozen):
    """From which day an agreement counts.

    `accounts` are the days that different accounts of it give: `contested` where they differ, and
    then `counts_from` is `None`. `for_days_before` is whether it counts for days before it was
    made, `meanwhile` what holds until it is made.
    """

    agreed: bool
    agreed_on: date | None
    waits_for: tuple[str, ...]
    meanwhile: str
    counts_from: date | None
    for_days_before: bool
    contested: bool
    accounts: tuple[CountsFrom, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


def undelivered(asked: Asked) -> AgreementStands:
    """What is undelivered on a day, since when it was agreed, how long overdue and by whom.

    Sources: AG-01, CN-8, CN-11. Raises `Refused` for a day on which nothing had been put forward.
    """
    rules, found = by_edition(asked), agreement_of(asked)
    part, begun = rules.part(Agreements), found.begun
    made = _Made(rules, part, found)
    if begun is None or asked.on < made.first:
        raise Refused(f"nothing of it had been agreed by {asked.on}")
    owed = [each for each in found.promises.values() if made.owed_from(each) <= asked.on]
    open_ = [each for each in owed if not each.ended_by(asked.on)]
    return AgreementStands(
        title=begun.title,
        parties=begun.parties,
        agreed=made.by(asked.on),
        agreed_on=made.on_day,
        agreed_not_before=made.not_before,
        agreed_by=made.latest,
        waits_for=made.waits_for(asked.on),
        undelivered=tuple(_undelivered(found, each, made, asked.on) for each in open_),
        delivered=tuple(
            _delivered(each)
            for each in owed
            if each.delivered_on is not None and each.delivered_on <= asked.on
        ),
        withdrawn=tuple(
            each.promised.promise
            for each in owed
            if each.withdrawn_on is not None and each.withdrawn_on <= asked.on
        ),
        not_known=tuple(_not_known(rules, part, made, open_, asked.on)),
        basis=tuple(map(rules.basis, dict.fromkeys((part.undelivered, made.clause)))),
    )


def counts(asked: Asked) -> AgreementCounts:
    """From which day it counts: by default the day on which it was made.

    Sources: CN-8, RE-08, TR-24b. Raises `Refused` for a day before it was put on record.
    """
    rules, found = by_edition(asked), agreement_of(asked)
    part, begun = rules.part(Agreements), found.begun
    made = _Made(rules, part, found)
    if begun is None or asked.on < made.first:
        raise Refused(f"nothing of it had been agreed by {asked.on}")
    known, agreed = made.known, made.by(asked.on)
    named = () if known is None else known.counts_from
    accounts = tuple(
        CountsFrom(counts_from=rules.day(each), basis=rules.basis(each))
        for each in named
        if agreed and rules.knows(each)
    )
    if agreed and not named and made.on_day is not None:
        day = made.on_day
        accounts = (CountsFrom(counts_from=day, basis=rules.basis(part.backwards)),)
    days = {each.counts_from for each in accounts}
    agreed_on = made.on_day if agreed else None
    unknown = [each for each in named if not rules.knows(each)]
    meanwhile = None if known is None else known.meanwhile
    clauses = (made.clause, part.backwards, *([meanwhile] if meanwhile else []))
    return AgreementCounts(
        agreed=agreed,
        agreed_on=agreed_on,
        waits_for=made.waits_for(asked.on),
        meanwhile="" if meanwhile is None else rules.clause(meanwhile).text,
        counts_from=min(days) if len(days) == 1 else None,
        for_days_before=agreed_on is not None and any(day < agreed_on for day in days),
        contested=len(days) > 1,
        accounts=accounts,
        not_known=tuple(not_known(rules, each) for each in unknown),
        basis=tuple(map(rules.basis, dict.fromkeys(clauses))),
    )


class _Made:
    """When an agreement was made, as far as that is known."""

    def __init__(self, rules: RulesOfEdition, part: Agreements, found: Agreement) -> None:
        self.found, begun = found, found.begun
        self.known: KnownAgreement | None = None
        self.on_day: date | None = None
        self.not_before: date | None = None
        self.latest: date | None = None
        self.first, self.clause = date.max, part.undelivered
        if begun is None:
            return
        if begun.known_as is not None:
            self.known = known_of(part, begun.known_as)
            self.clause = self.known.clause
        self.on_day = found.reached_on if begun.needs else begun.agreed_on
        if self.known is not None and self.on_day is None and not begun.needs:
            self.not_before = _day(rules, self.known.not_before)
            self.latest = _day(rules, self.known.by)
        first = begun.happened_on if begun.needs else begun.agreed_on or self.latest
        self.first = min(begun.happened_on, first or begun.happened_on)

    def by(self, day: date) -> bool:
        """Whether it was made by the end of a day."""
        if self.found.begun is None or not self.found.is_reached:
            return False
        return self.on_day is None or self.on_day <= day

    def promised_first(self, kept: Kept) -> bool:
        """Whether it was promised when the agreement was made, and not added later."""
        begun = self.found.begun
        return begun is not None and kept.promised in begun.promises

    def owed_from(self, kept: Kept) -> date:
        """From which day a promise is owed: at the latest the one on which it was on record."""
        begun = self.found.begun
        if begun is None or begun.needs or not self.promised_first(kept):
            return kept.owed_from
        return min(self.first, kept.owed_from)

    def waits_for(self, day: date) -> tuple[str, ...]:
        """Who had still to agree at the end of a day."""
        begun = self.found.begun
        if begun is None or self.by(day):
            return ()
        said = {
            each.body: each.accepted
            for each in self.found.answers.values()
            if each.happened_on <= day and agrees(self.found, each.body)
        }
        return tuple(each for each in begun.needs if not said.get(each))


def _undelivered(found: Agreement, kept: Kept, made: _Made, on: date) -> Undelivered:
    promised = kept.promised
    due, without_day = kept.due_on(on)
    state = DueState.BY_A_DAY if due.on is not None else DueState.UNKNOWN
    if due.on is None and without_day:
        state = DueState.WITHOUT_DAY
    late = None if due.on is None else max(0, (on - due.on).days)
    in_begun = made.promised_first(kept)
    agreed_on = made.on_day if in_begun else kept.owed_from
    least = made.latest if in_begun and agreed_on is None else None
    return Undelivered(
        promise=promised.promise,
        title=promised.title,
        owner=promised.owner,
        agreed_on=agreed_on,
        agreed_days=None if agreed_on is None else (on - agreed_on).days,
        agreed_days_at_least=None if least is None else (on - least).days,
        due=state,
        due_on=due.on,
        overdue=None if state is DueState.UNKNOWN else bool(late),
        overdue_days=late,
        delivered_in_part=tuple(p.what for p in kept.parts if p.happened_on <= on),
        reported=tuple(
            ReportedTo(
                meeting=each.meeting, reported_on=each.happened_on, reported_by=each.reported_by
            )
            for each in found.reports
            if each.happened_on <= on and promised.promise in each.promises
        ),
        basis=due.basis if state is DueState.BY_A_DAY else promised.basis,
    )


def _delivered(kept: Kept) -> Delivered:
    day = kept.delivered_on or date.max
    due, _ = kept.due_on(day)
    return Delivered(
        promise=kept.promised.promise,
        title=kept.promised.title,
        delivered_on=day,
        late_days=None if due.on is None else max(0, (day - due.on).days),
    )


def _not_known(
    rules: RulesOfEdition, part: Agreements, made: _Made, owed: list[Kept], on: date
) -> Iterator[NotKnown]:
    """The days that nobody knows, each once, with the document that would tell."""
    begun = made.found.begun
    if begun is not None and not begun.needs and made.on_day is None:
        named = None if made.known is None else made.known.agreed_on
        yield _unknown_day(rules, part, named, "the day on which it was made")
    clauses: dict[str | None, str] = {}
    for each in owed:
        due, without_day = each.due_on(on)
        if due.on is None and not without_day:
            clauses.setdefault(each.promised.due_clause, each.promised.title)
    for clause, title in clauses.items():
        yield _unknown_day(rules, part, clause, f"the day by which it is owed: {title}")


def _unknown_day(
    rules: RulesOfEdition, part: Agreements, clause: str | None, what: str
) -> NotKnown:
    if clause is not None and not rules.knows(clause):
        return not_known(rules, clause)
    return NotKnown(
        clause=part.unknown_days,
        title=what,
        because="it was put on record without that day",
        document_needed="the agreement itself",
    )


def _day(rules: RulesOfEdition, clause: str | None) -> date | None:
    return rules.day(clause) if clause is not None and rules.knows(clause) else None

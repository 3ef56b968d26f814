"""Liability information: what is on record of it, and what may follow.

    begun ─► draft prepared ─► checked ─► delivered, at once or in parts ─► received
          ├► the transfer moves; special circumstances: no day any more
          └► what was given differs from the record ─► notified

What the record holds comes with the act (`found`), so that the decision can be made again.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from transfer.core.editions.rules import RulesOfEdition, by_edition, pins
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.folding import State
from transfer.core.matter.reckoning import Counting, Reckoned, Reckoning, reckon
from transfer.core.matter.words import MatterName
from transfer.core.refusals import AlreadyOnRecord, Malformed, NotOnRecord, Refused
from transfer.core.words import Frozen
from transfer.procedures.liability_information import facts as f
from transfer.procedures.liability_information.edition import LiabilityInformation
from transfer.procedures.liability_information.held import HeldOfPerson

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]
MayBeSaid = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]
ItemName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""The SHA-256 of a document's bytes, in hexadecimal."""

Number = Annotated[int, Field(ge=1, le=100_000)]


@dataclass(slots=True)
class LiabilityMatter:
    """What is on record of the information that one employer owes another.

    `given` are the digests of what was told of each person, `found` those that differ and are still
    to be notified (`None`: gone), `receipts` the days of receipt by delivery.
    """

    begun: f.LiabilityInformationBegun | None = None
    transfer_on: date | None = None
    due: Reckoned | None = None
    special: f.SpecialCircumstancesNoted | None = None
    drafts: list[f.LiabilityDraftPrepared] = field(default_factory=list)
    checked: dict[int, f.LiabilityDraftChecked] = field(default_factory=dict)
    deliveries: list[f.LiabilityInformationDelivered] = field(default_factory=list)
    receipts: dict[int, date] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    found: dict[str, str | None] = field(default_factory=dict)
    notified: list[f.LiabilityChangesNotified] = field(default_factory=list)

    @property
    def last_day(self) -> date | None:
        """The last day to give it, whatever circumstances there were."""
        when = self.special.would_have_been if self.special is not None else self.due
        return None if when is None else when.on

    @property
    def completed_on(self) -> date | None:
        """The day on which the last item was given."""
        last = next((each for each in self.deliveries if not each.outstanding), None)
        return None if last is None else last.happened_on


def evolve(found: LiabilityMatter, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.LiabilityInformationBegun():
            found.begun, found.transfer_on, found.due = fact, fact.transfer_on, fact.due
        case f.LiabilityTransferMoved():
            found.transfer_on, found.due = fact.transfer_on, fact.due
        case f.SpecialCircumstancesNoted():
            found.special, found.due = fact, fact.due
        case f.LiabilityDraftPrepared():
            found.drafts.append(fact)
        case f.LiabilityDraftChecked():
            found.checked[fact.draft] = fact
        case f.LiabilityInformationDelivered():
            found.deliveries.append(fact)
            draft = next((each for each in found.drafts if each.draft == fact.draft), None)
            if draft is not None:
                found.given |= draft.held
            if fact.received_on is not None:
                found.receipts[fact.delivery] = fact.received_on
        case f.LiabilityReceiptNoted():
            found.receipts[fact.delivery] = fact.received_on
        case f.LiabilityChangesFound():
            found.found |= {**fact.held, **dict.fromkeys(fact.gone)}
        case f.LiabilityChangesNotified():
            found.notified.append(fact)
            for number in fact.people:
                now = found.found.pop(number, None)
                if now is None:
                    found.given.pop(number, None)
                else:
                    found.given[number] = now
        case _:
            pass


def matter_of(state: State) -> LiabilityMatter:
    """What is on record of the matter."""
    found: LiabilityMatter = state.whole.substance
    return found


# --- what acts need ------------------------------------------------------------------------------


class InformationOwed(Frozen):
    """Who gives the information to whom, both by the names that the record has, and the day of the
    transfer; `against` is the exercise whose people it is about, if there is one."""

    transferor: Words
    transferee: Words
    transfer_on: date
    against: MatterName | None = None


class NewTransferDay(Frozen):
    """The day on which the transfer is now."""

    transfer_on: date


class Circumstances(Frozen):
    """Why it could not be given in time."""

    because: Words


class Draft(Frozen):
    """Which day a draft describes, and what the record held of each person then.

    `known_at` is the instant up to which the record was known, `documents` are the titles on file.
    """

    as_at: date
    known_at: AwareDatetime | None = None
    found: tuple[HeldOfPerson, ...] = Field(min_length=1)
    documents: tuple[Words, ...] = ()


class Checked(Frozen):
    """Which draft was checked: the last, unless one is named; and what is to be said of it."""

    draft: Number | None = None
    remarks: MayBeSaid = ""


class Given(Frozen):
    """What is given: the items named, or all that are still owed; of the last draft, unless another
    is named.

    `given_to` is who it goes to, the new employer if left out; `via` somebody who passes it on;
    `digest` the SHA-256 of what is sent.
    """

    draft: Number | None = None
    items: tuple[ItemName, ...] = ()
    given_to: Words | None = None
    via: MayBeSaid = ""
    received_on: date | None = None
    digest: Sha256 | None = None


class Receipt(Frozen):
    """On which day a delivery was received: the last, unless one is named."""

    received_on: date
    delivery: Number | None = None


class NowHeld(Frozen):
    """What the record holds on a day of each person about whom something was given."""

    as_at: date
    found: tuple[HeldOfPerson, ...] = ()


class Notification(Frozen):
    """How the new employer is told of what was found to differ."""

    given_to: Words | None = None
    via: MayBeSaid = ""
    received_on: date | None = None
    digest: Sha256 | None = None


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: InformationOwed) -> tuple[MatterFact, ...]:
    """Put on record who owes the information to whom, and by which day. Sources: TU-15, TU-16.

    Raises `Refused` where the edition has no rule for a transfer on that day.
    """
    if matter_of(case.state).begun is not None:
        raise AlreadyOnRecord(f"{case.state.matter} has begun")
    if needs.transferor.casefold() == needs.transferee.casefold():
        raise Malformed("is the same as the transferor", field="transferee")
    duty = by_edition(case).part(LiabilityInformation)
    return (
        f.LiabilityInformationBegun(
            **case.stamp(duty.clause),
            **pins(case),
            against=needs.against,
            transferor=needs.transferor,
            transferee=needs.transferee,
            transfer_on=needs.transfer_on,
            owner=duty.owner,
            owed_to=duty.owed_to,
            due=last_day(by_edition(case), needs.transfer_on),
        ),
    )


def move_transfer(case: Case, needs: NewTransferDay) -> tuple[MatterFact, ...]:
    """Note that the transfer is on another day: the last day is counted again, by the law for
    transfers on that day. In special circumstances there stays none."""
    found, _ = _begun(case)
    before, due = found.transfer_on, last_day(by_edition(case), needs.transfer_on)
    if before is None or before == needs.transfer_on:
        return ()
    if found.special is not None and found.due is not None:
        due = found.due
    return (
        f.LiabilityTransferMoved(
            **case.resting_on(due.basis), before=before, transfer_on=needs.transfer_on, due=due
        ),
    )


def note_special(case: Case, needs: Circumstances) -> tuple[MatterFact, ...]:
    """Note special circumstances: it is owed as soon as can reasonably be done.

    Raises `Refused` where the edition has no clause on them, or all was given.
    """
    found, _ = _begun(case)
    rules = by_edition(case)
    special = rules.part(LiabilityInformation).special
    if special is None:
        raise Refused(f"{rules.edition} says nothing of special circumstances")
    if found.special is not None and found.special.because == needs.because:
        return ()
    if found.completed_on is not None:
        raise Refused(f"all of it was given by {found.completed_on}", clause=special)
    before = found.special.would_have_been if found.special is not None else found.due
    return (
        f.SpecialCircumstancesNoted(
            **case.stamp(special),
            because=needs.because,
            would_have_been=before or Reckoned(),
            due=Reckoned(basis=rules.basis(special)),
        ),
    )


def prepare(case: Case, needs: Draft) -> tuple[MatterFact, ...]:
    """Put a draft on record; raises `Refused` for a day that is over by then or still to come."""
    found, _ = _begun(case)
    duty = by_edition(case).part(LiabilityInformation)
    if needs.as_at > case.on:
        raise Refused(f"{needs.as_at} is after {case.on}, the day of the act", clause=duty.clause)
    _require_before_transfer(found, needs.as_at, duty.clause)
    missing: dict[str, list[str]] = {}
    whole = {datum.id for _, datum in duty.data() if datum.document is not None}
    for person in needs.found:
        for datum in person.missing:
            if datum not in whole:
                missing.setdefault(datum, []).append(person.staff_number)
    return (
        f.LiabilityDraftPrepared(
            **case.stamp(duty.clause),
            draft=len(found.drafts) + 1,
            as_at=needs.as_at,
            known_at=needs.known_at,
            held={it.staff_number: it.digest for it in needs.found if it.digest is not None},
            not_employed=tuple(it.staff_number for it in needs.found if it.digest is None),
            missing={datum: tuple(who) for datum, who in missing.items()},
            documents_missing=tuple(it for it in duty.documents if it not in needs.documents),
        ),
    )


def check(case: Case, needs: Checked) -> tuple[MatterFact, ...]:
    """Check a draft: what it lacks is named, item by item."""
    found, _ = _begun(case)
    duty = by_edition(case).part(LiabilityInformation)
    draft = _draft(found, needs.draft)
    before = found.checked.get(draft.draft)
    if before is not None and before.remarks == needs.remarks:
        return ()
    return (
        f.LiabilityDraftChecked(
            **case.stamp(duty.clause),
            draft=draft.draft,
            lacks=lacks(draft, duty),
            remarks=needs.remarks,
        ),
    )


def lacks(draft: f.LiabilityDraftPrepared, duty: LiabilityInformation) -> dict[str, int]:
    """Of how many people each thing is missing that is missing of somebody, in the edition's order;
    a document is missing of everybody."""
    counted = {}
    for _, datum in duty.data():
        if datum.document is not None:
            of = len(draft.held) if datum.document in draft.documents_missing else 0
        else:
            of = len(draft.missing.get(datum.id, ()))
        if of:
            counted[datum.id] = of
    return counted


def deliver(case: Case, needs: Given) -> tuple[MatterFact, ...]:
    """Give items of a draft to the new employer, and to nobody else.

    Raises `Refused` where the draft describes a day that is too long ago (TU-15), where it would go
    to somebody else, for an item that the edition does not have or that was given.
    """
    found, begun = _begun(case)
    rules = by_edition(case)
    duty = rules.part(LiabilityInformation)
    _require_transferee(begun, needs.given_to, duty)
    draft = _draft(found, needs.draft)
    _require_fresh(rules, draft.as_at, case.on)
    _require_before_transfer(found, draft.as_at, duty.clause)
    owed = [each.id for each in duty.items]
    if found.deliveries:
        owed = list(found.deliveries[-1].outstanding)
    if not owed:
        raise Refused(f"all of it was given by {found.completed_on}: notify what has changed")
    for item in needs.items:
        if item not in owed:
            raise Refused(f"no item {item} is owed: it is {', '.join(owed)}", clause=duty.clause)
    items = tuple(each for each in owed if each in needs.items) if needs.items else tuple(owed)
    _require_received(case, needs.received_on)
    return (
        f.LiabilityInformationDelivered(
            **case.resting_on((found.due or begun.due).basis),
            delivery=len(found.deliveries) + 1,
            draft=draft.draft,
            items=items,
            outstanding=tuple(each for each in owed if each not in items),
            via=needs.via,
            received_on=needs.received_on,
            digest=needs.digest,
        ),
    )


def note_receipt(case: Case, needs: Receipt) -> tuple[MatterFact, ...]:
    """Note the day on which a delivery was received."""
    found, _ = _begun(case)
    number = needs.delivery or len(found.deliveries)
    if not 1 <= number <= len(found.deliveries):
        raise NotOnRecord("no such delivery is on record")
    _require_received(case, needs.received_on)
    if needs.received_on < found.deliveries[number - 1].happened_on:
        raise Refused(f"{needs.received_on} is before the day on which it was given")
    if found.receipts.get(number) == needs.received_on:
        return ()
    duty = by_edition(case).part(LiabilityInformation)
    return (
        f.LiabilityReceiptNoted(
            **case.stamp(duty.clause), delivery=number, received_on=needs.received_on
        ),
    )


def compare(case: Case, needs: NowHeld) -> tuple[MatterFact, ...]:
    """Compare what was given with what the record holds: what differs is to be notified."""
    found, _ = _begun(case)
    held, gone = differences(found, needs.found)
    new = {who: digest for who, digest in held.items() if found.found.get(who) != digest}
    left = tuple(who for who in gone if found.found.get(who, "") is not None)
    if not new and not left:
        return ()
    duty = by_edition(case).part(LiabilityInformation)
    return (
        f.LiabilityChangesFound(**case.stamp(duty.clause), as_at=needs.as_at, held=new, gone=left),
    )


def differences(
    found: LiabilityMatter, now: tuple[HeldOfPerson, ...]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Of whom the record says otherwise than what was given, with the digest of what it says; and
    whom the old employer does not employ any more."""
    held = {
        it.staff_number: it.digest
        for it in now
        if it.digest is not None and found.given.get(it.staff_number) != it.digest
    }
    gone = tuple(
        it.staff_number for it in now if it.digest is None and it.staff_number in found.given
    )
    return held, gone


def notify(case: Case, needs: Notification) -> tuple[MatterFact, ...]:
    """Tell the new employer, and nobody else, of what was found to differ."""
    found, begun = _begun(case)
    duty = by_edition(case).part(LiabilityInformation)
    _require_transferee(begun, needs.given_to, duty)
    _require_received(case, needs.received_on)
    if not found.found:
        return ()
    return (
        f.LiabilityChangesNotified(
            **case.stamp(duty.clause),
            people=tuple(sorted(found.found)),
            via=needs.via,
            received_on=needs.received_on,
            digest=needs.digest,
        ),
    )


# --- days ----------------------------------------------------------------------------------------


def last_day(rules: RulesOfEdition, transfer_on: date) -> Reckoned:
    """The last day to give it for a transfer on a day, by the law for that day, and the day that a
    reading as clear days gives (TU-16, TU-16b). Raises `Refused` where no clause is in force."""
    duty = rules.part(LiabilityInformation)
    clause = duty.length_on(transfer_on, rules.clause)
    if clause is None:
        raise Refused(f"{rules.edition} has no rule for a transfer on {transfer_on}")
    how = Reckoning(length=rules.period(clause), counting=Counting.NOT_LESS_THAN_BEFORE)
    return reckon(how, transfer_on, calendar=rules.calendar, basis=rules.basis(clause))


def _require_fresh(rules: RulesOfEdition, as_at: date, on: date) -> None:
    within = rules.part(LiabilityInformation).as_at_within
    if within is None:
        return
    last = rules.period(within.clause).due_after(as_at, rules.calendar)
    if on > last:
        raise Refused(
            f"the draft describes {as_at}, and could be given until {last}: prepare another",
            clause=within.clause,
        )


def _require_before_transfer(found: LiabilityMatter, as_at: date, clause: str) -> None:
    if found.transfer_on is not None and as_at >= found.transfer_on:
        raise Refused(
            f"it describes a day before the transfer of {found.transfer_on}", clause=clause
        )


def _require_transferee(
    begun: f.LiabilityInformationBegun, given_to: str | None, duty: LiabilityInformation
) -> None:
    if given_to is not None and given_to.casefold() != begun.transferee.casefold():
        raise Refused(
            f"it is given to {begun.transferee} and to nobody else: not to {given_to}",
            clause=duty.clause,
        )


def _require_received(case: Case, received_on: date | None) -> None:
    if received_on is not None and received_on > case.known_on:
        raise Refused(f"{received_on}, the day of receipt, is still to come")


def _draft(found: LiabilityMatter, number: int | None) -> f.LiabilityDraftPrepared:
    drafts = {each.draft: each for each in found.drafts}
    wanted = number or max(drafts, default=0)
    if wanted not in drafts:
        raise Refused("no such draft was prepared")
    return drafts[wanted]


def _begun(case: Case) -> tuple[LiabilityMatter, f.LiabilityInformationBegun]:
    found = matter_of(case.state)
    if found.begun is None:
        raise Refused(f"{case.state.matter} has not begun")
    return found, found.begun

"""What liability information can be asked: by when, what was given, what differs by now.

Neither answer has a value of anybody's. What was given is asked again from the exercise, by the two
clocks that each delivery names.
"""

from collections.abc import Collection
from datetime import date

from pydantic import AwareDatetime

from transfer.core.editions.rules import RulesOfEdition, by_edition
from transfer.core.matter.deciding import Asked
from transfer.core.matter.folding import State
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen, StaffNumber
from transfer.procedures.liability_information import facts as f
from transfer.procedures.liability_information.decisions import (
    LiabilityMatter,
    differences,
    lacks,
    last_day,
    matter_of,
)
from transfer.procedures.liability_information.edition import LiabilityInformation
from transfer.procedures.liability_information.held import held_of


class DraftSaid(Frozen):
    """A draft: which day it describes, up to which instant the record was known, until when it may
    be given (`None`: unknown), of how many people, and of how many each thing is missing."""

    draft: int
    as_at: date
    known_at: AwareDatetime | None
    give_until: date | None
    people: int
    not_employed: tuple[StaffNumber, ...]
    lacks: dict[str, int]
    documents_missing: tuple[str, ...]
    checked_on: date | None


class DeliverySaid(Frozen):
    """What was given on a day, and what it rests on.

    `effective_at` and `known_at` ask the exercise for the same again. `received_on` is `None` where
    nobody knows it.
    """

    delivery: int
    given_on: date
    received_on: date | None
    items: tuple[str, ...]
    via: str
    effective_at: date
    known_at: AwareDatetime | None
    document: str | None
    digest: str | None


class InformationStands(Frozen):
    """By when the information is owed, and what was given of it by the day asked about.

    `last_day` is that of the law for transfers on `transfer_on`, `safe_last_day` the day by a
    reading as clear days. Special circumstances take the day away (`owed_by`); `last_day` then says
    which it was. `days_late` counts from `last_day`, and has no value before all is given.
    """

    exercise: str | None
    transferor: str
    transferee: str
    transfer_on: date
    last_day: date | None
    safe_last_day: date | None
    owed_by: date | None
    special_circumstances: str
    stands: str
    days_late: int | None
    outstanding: tuple[str, ...]
    drafts: tuple[DraftSaid, ...]
    deliveries: tuple[DeliverySaid, ...]
    to_notify: tuple[StaffNumber, ...]
    basis: tuple[Basis, ...]


class GivenAndNow(Frozen):
    """Of whom the record says otherwise than what was given, on the day asked about.

    `changed` are told otherwise now, `gone` are no longer employed by the old employer;
    `noted` are those of them that are on record as to be notified. The day is at most the one
    before the transfer. `compared_with` is the draft that was given last.
    """

    compared_with: int | None
    as_at: date
    people: int
    changed: tuple[StaffNumber, ...]
    gone: tuple[StaffNumber, ...]
    noted: tuple[StaffNumber, ...]
    basis: tuple[Basis, ...]


def standing(asked: Asked) -> InformationStands:
    """How the information stands on a day. Sources: TU-15, TU-16, TU-16b."""
    found, begun, transfer_on = _begun(asked)
    rules = by_edition(asked)
    duty = rules.part(LiabilityInformation)
    by_law = last_day(rules, transfer_on)
    clauses = [duty.clause]
    if duty.careful is not None:
        clauses.append(duty.careful)
    if duty.as_at_within is not None:
        clauses.append(duty.as_at_within.clause)
    if found.special is not None and duty.special is not None:
        clauses.append(duty.special)
    outstanding = tuple(each.id for each in duty.items)
    if found.deliveries:
        outstanding = found.deliveries[-1].outstanding
    late = None
    if found.completed_on is not None and by_law.on is not None:
        late = max(0, (found.completed_on - by_law.on).days)
    return InformationStands(
        exercise=begun.against,
        transferor=begun.transferor,
        transferee=begun.transferee,
        transfer_on=transfer_on,
        last_day=by_law.on,
        safe_last_day=by_law.safe,
        owed_by=None if found.due is None else found.due.on,
        special_circumstances="" if found.special is None else found.special.because,
        stands=_stands(found, by_law.on, by_law.safe, asked.on),
        days_late=late,
        outstanding=outstanding,
        drafts=tuple(_draft(rules, found, each) for each in found.drafts),
        deliveries=tuple(_delivery(found, each) for each in found.deliveries),
        to_notify=tuple(sorted(found.found)),
        basis=(by_law.basis, *map(rules.basis, dict.fromkeys(clauses))),
    )


def _stands(found: LiabilityMatter, last: date | None, safe: date | None, on: date) -> str:
    """Where it stands, in words."""
    given = found.completed_on
    if last is None:
        return "is owed without a day" if given is None else "was given"
    if given is None:
        if on <= last:
            return "is owed"
        return "is owed in special circumstances" if found.special else "is overdue"
    if safe is not None and given <= safe:
        return "was given in time"
    if given <= last:
        return "was given in time, not by a reading as clear days"
    return "was given in special circumstances" if found.special else "was given too late"


def _draft(
    rules: RulesOfEdition, found: LiabilityMatter, draft: f.LiabilityDraftPrepared
) -> DraftSaid:
    duty = rules.part(LiabilityInformation)
    within, checked = duty.as_at_within, found.checked.get(draft.draft)
    until = None
    if within is not None and rules.knows(within.clause):
        until = rules.period(within.clause).due_after(draft.as_at, rules.calendar)
    return DraftSaid(
        draft=draft.draft,
        as_at=draft.as_at,
        known_at=draft.known_at,
        give_until=until,
        people=len(draft.held),
        not_employed=draft.not_employed,
        lacks=lacks(draft, duty),
        documents_missing=draft.documents_missing,
        checked_on=None if checked is None else checked.happened_on,
    )


def _delivery(found: LiabilityMatter, given: f.LiabilityInformationDelivered) -> DeliverySaid:
    draft = next(each for each in found.drafts if each.draft == given.draft)
    return DeliverySaid(
        delivery=given.delivery,
        given_on=given.happened_on,
        received_on=found.receipts.get(given.delivery),
        items=given.items,
        via=given.via,
        effective_at=draft.as_at,
        known_at=draft.known_at,
        document=given.made.document or None,
        digest=given.digest,
    )


def people(state: State) -> Collection[str]:
    """About whom something was given: their records are compared."""
    return matter_of(state).given


def changes(asked: Asked) -> GivenAndNow:
    """What was given, beside what the record holds. Sources: TU-15, TU-16."""
    found, begun, transfer_on = _begun(asked)
    rules = by_edition(asked)
    duty = rules.part(LiabilityInformation)
    day = compared_on(asked.on, transfer_on)
    now = tuple(
        held_of(number, record.entries, duty, begun.transferor, day)
        for number, record in sorted(asked.records.items())
    )
    held, gone = differences(found, now)
    differ = {*held, *gone}
    return GivenAndNow(
        compared_with=found.deliveries[-1].draft if found.deliveries else None,
        as_at=day,
        people=len(now),
        changed=tuple(sorted(held)),
        gone=tuple(sorted(gone)),
        noted=tuple(sorted(differ & found.found.keys())),
        basis=(rules.basis(duty.clause),),
    )


def compared_on(on: date, transfer_on: date) -> date:
    """The day on which the record is compared: at most the day before the transfer."""
    return min(on, date.fromordinal(transfer_on.toordinal() - 1))


def _begun(asked: Asked) -> tuple[LiabilityMatter, f.LiabilityInformationBegun, date]:
    found = matter_of(asked.state)
    if found.begun is None or found.transfer_on is None:
        raise Refused(f"{asked.state.matter} had not begun by {asked.on}")
    return found, found.begun, found.transfer_on

"""Who owned an organisation on a day, who answered for it, and whether its employer changed."""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum

from transfer.core.editions.rules import NotKnown, RulesOfEdition, by_edition, not_known
from transfer.core.matter.deciding import Asked
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.accountability import facts as f
from transfer.procedures.accountability.decisions import Organisation
from transfer.procedures.accountability.edition import Accountability


class SaidBy(StrEnum):
    """Whether an edition says something, or a document that was put on record."""

    EDITION = "edition"
    RECORD = "record"


class OwnerSince(Frozen):
    """An owner, from a day on. `mechanism` is how it came to them; none from its beginning on."""

    owner: str
    since: date
    mechanism: str | None
    changes_employer: bool
    said_by: SaidBy


class OwnershipOnDay(Frozen):
    """Who owned an organisation on a day.

    `owner` is null where nobody knows. `others_say` are owners whom edition and record name
    otherwise for the same day. `employer` is who employs its staff: the organisation itself, as
    long as no change of owner up to the day changed that (`employer_changed`); then null, and
    `transfer_by` is the procedure that says where they went. `changes` are all changes of owner up
    to the day.
    """

    organisation: str
    owner: OwnerSince | None
    others_say: tuple[OwnerSince, ...]
    employer: str | None
    employer_changed: bool
    transfer_by: str | None
    changes: tuple[OwnerSince, ...]
    basis: tuple[Basis, ...]


class OfficerOnDay(Frozen):
    """Somebody who answers for the organisation. `is_certain`: a source gives the month alone where
    it is not. `answers_for` is what, where less than all of it."""

    officer: str
    answers_for: str | None
    since: date | None
    is_certain: bool
    said_by: SaidBy


class AccountableOnDay(Frozen):
    """Who answered for an organisation on a day: nobody is shown where there are none."""

    organisation: str
    officers: tuple[OfficerOnDay, ...]
    is_shown: bool
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


def owner(asked: Asked) -> OwnershipOnDay:
    """Who owned it on a day."""
    rules, found, begun = by_edition(asked), _found(asked), _begun(asked)
    stated = {
        each.since: each for each in _by_edition(rules, begun.company) if each.since <= asked.on
    }
    recorded = {
        since: OwnerSince(
            owner=each.owner,
            since=since,
            mechanism=each.mechanism,
            changes_employer=each.changes_employer,
            said_by=SaidBy.RECORD,
        )
        for since, each in found.owners.items()
        if since <= asked.on
    }
    both = {**stated, **recorded}
    holds = both[max(both)] if both else None
    others = (
        tuple(
            each
            for each in (stated.get(holds.since),)
            if each is not None and each.owner.casefold() != holds.owner.casefold()
        )
        if holds is not None
        else ()
    )
    moved = [each for each in both.values() if each.changes_employer]
    since = max((each.since for each in moved), default=None)
    transfer = found.moved.get(since) if since is not None else None
    return OwnershipOnDay(
        organisation=begun.organisation,
        owner=holds,
        others_say=others,
        employer=None if moved else begun.organisation,
        employer_changed=bool(moved),
        transfer_by=None if transfer is None else transfer.procedure,
        changes=tuple(both[day] for day in sorted(both) if both[day].mechanism is not None),
        basis=tuple(_bases(rules, found, begun.company, asked.on)),
    )


def accountable(asked: Asked) -> AccountableOnDay:
    """Who answered for it on a day."""
    rules, found, begun = by_edition(asked), _found(asked), _begun(asked)
    officers: list[OfficerOnDay] = []
    unknown: list[NotKnown] = []
    bases: list[Basis] = []
    for each in rules.part(Accountability).officers:
        if each.sort != begun.sort or asked.on < rules.day(each.not_before):
            continue
        bases.append(rules.basis(each.clause))
        ended = rules.day(each.ends) if rules.knows(each.ends) else None
        if ended is None:
            unknown.append(not_known(rules, each.ends))
        elif ended <= asked.on:
            bases.append(rules.basis(each.ends))
            continue
        is_certain = asked.on >= rules.day(each.holds_by)
        if not is_certain:
            bases.append(rules.basis(each.not_before))
        officers.append(
            OfficerOnDay(
                officer=str(rules.value(each.clause)),
                answers_for=None,
                since=None,
                is_certain=is_certain,
                said_by=SaidBy.EDITION,
            )
        )
    for said in found.officers:
        if said.effective_from <= asked.on and (
            said.effective_to is None or asked.on < said.effective_to
        ):
            bases.append(said.basis)
            officers.append(
                OfficerOnDay(
                    officer=said.office,
                    answers_for=said.answers_for,
                    since=said.effective_from,
                    is_certain=True,
                    said_by=SaidBy.RECORD,
                )
            )
    return AccountableOnDay(
        organisation=begun.organisation,
        officers=tuple(officers),
        is_shown=bool(officers),
        not_known=tuple(unknown),
        basis=tuple(bases),
    )


def _by_edition(rules: RulesOfEdition, company: str) -> Iterator[OwnerSince]:
    part = rules.part(Accountability)
    for each in part.owners:
        if company in each.of and rules.knows(each.starts):
            mechanism = None if each.by is None else part.mechanism(each.by)
            yield OwnerSince(
                owner=each.owner,
                since=rules.day(each.starts),
                mechanism=each.by,
                changes_employer=mechanism is not None and mechanism.changes_employer,
                said_by=SaidBy.EDITION,
            )


def _bases(rules: RulesOfEdition, found: Organisation, company: str, day: date) -> Iterator[Basis]:
    """What the owners up to a day rest on, and that the employer changed with one or did not."""
    part = rules.part(Accountability)
    clauses: dict[str, None] = {}
    for each in part.owners:
        if company in each.of and rules.day(each.starts) <= day:
            clauses |= {each.clause: None, each.starts: None}
            if each.by is not None and (by := part.mechanism(each.by)) is not None:
                clauses[by.clause] = None
    yield from map(rules.basis, clauses)
    for since in sorted(found.owners):
        if since <= day:
            yield found.owners[since].basis


def _found(asked: Asked) -> Organisation:
    found: Organisation = asked.state.whole.substance
    return found


def _begun(asked: Asked) -> f.AccountabilityBegun:
    begun = _found(asked).begun
    if begun is None:
        raise Refused("nothing of that organisation was kept")
    return begun

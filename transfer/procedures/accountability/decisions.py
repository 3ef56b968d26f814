"""Owners and accountable officers of one organisation: what is on record, and what may follow.

A sale of shares leaves the employer as it is: the company goes on employing its staff. Another
mechanism may change the employer; then a transfer of staff is owed, and is run as an exercise.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from transfer.core.editions.rules import by_edition, pins
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.words import MatterName
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.words import Frozen
from transfer.procedures.accountability import facts as f
from transfer.procedures.accountability.edition import Accountability, Mechanism

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


@dataclass(slots=True)
class Organisation:
    """What is on record of one organisation."""

    begun: f.AccountabilityBegun | None = None
    owners: dict[date, f.OwnerRecorded] = field(default_factory=dict)
    moved: dict[date, f.StaffMoved] = field(default_factory=dict)
    officers: list[f.OfficerRecorded] = field(default_factory=list)


def evolve(found: Organisation, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.AccountabilityBegun():
            found.begun = fact
        case f.OwnerRecorded():
            found.owners[fact.effective_from] = fact
        case f.StaffMoved():
            found.moved[fact.effective_from] = fact
        case f.OfficerRecorded():
            same = fact.answers_for, fact.effective_from
            others = [e for e in found.officers if (e.answers_for, e.effective_from) != same]
            found.officers = [*others, fact]
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class WhichOrganisation(Frozen):
    """Which organisation, by its code in the edition."""

    company: Words


class NewOwner(Frozen):
    """Who owns it from a day on (that of the act, unless one is given), and by which mechanism of
    the edition. The document that shows it is given with the act."""

    owner: Words
    mechanism: Words
    effective_from: date | None = None


class WhichTransfer(Frozen):
    """From which day on another owner holds it, and the procedure that transfers the staff."""

    effective_from: date
    procedure: MatterName


class WhoAnswers(Frozen):
    """Which office answers for what of the organisation, from a day up to and excluding another.

    An office by its title, such as director of probation, and never a person's name.
    """

    office: Words
    answers_for: Words
    effective_from: date | None = None
    effective_to: date | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        since, until = self.effective_from, self.effective_to
        if since is not None and until is not None and until <= since:
            raise ValueError("effective_to is after effective_from")
        return self


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: WhichOrganisation) -> tuple[MatterFact, ...]:
    """Begin to keep owners and officers; raises `Refused` for one that the edition lacks."""
    if _organisation(case).begun is not None:
        raise AlreadyOnRecord(f"{case.state.matter} has begun")
    part = by_edition(case).part(Accountability)
    company = part.company(needs.company)
    if company is None:
        raise Refused(f"the edition knows no organisation {needs.company}")
    clauses = tuple(each.clause for each in part.owners if company.id in each.of)
    return (
        f.AccountabilityBegun(
            **case.stamp(*clauses),
            **pins(case),
            company=company.id,
            organisation=company.name,
            sort=company.sort,
        ),
    )


def record_owner(case: Case, needs: NewOwner) -> tuple[MatterFact, ...]:
    """Put an owner on record. Raises `Refused` without a document, and for a mechanism that the
    edition does not have."""
    found = _organisation(case)
    mechanism = _mechanism(case, needs.mechanism)
    if not case.made.document:
        raise Refused("give the document that shows who owns it", clause=mechanism.clause)
    since = needs.effective_from or case.on
    said = found.owners.get(since)
    if said is not None and (said.owner, said.mechanism) == (needs.owner, mechanism.id):
        return ()
    return (
        f.OwnerRecorded(
            **case.stamp(mechanism.clause),
            owner=needs.owner,
            mechanism=mechanism.id,
            changes_employer=mechanism.changes_employer,
            effective_from=since,
        ),
    )


def note_transfer(case: Case, needs: WhichTransfer) -> tuple[MatterFact, ...]:
    """Note by which procedure the staff go to the new employer."""
    found = _organisation(case)
    owner = found.owners.get(needs.effective_from)
    if owner is None or not owner.changes_employer:
        raise Refused(f"no owner of {needs.effective_from} changes the employer of the staff")
    noted = found.moved.get(needs.effective_from)
    if noted is not None and noted.procedure == needs.procedure:
        return ()
    clause = _mechanism(case, owner.mechanism).clause
    return (
        f.StaffMoved(
            **case.stamp(clause), effective_from=needs.effective_from, procedure=needs.procedure
        ),
    )


def record_officer(case: Case, needs: WhoAnswers) -> tuple[MatterFact, ...]:
    """Put on record which office answers for what. Raises `Refused` without a document."""
    found = _organisation(case)
    if not case.made.document:
        raise Refused("give the document that shows who answers for it")
    since = needs.effective_from or case.on
    if needs.effective_to is not None and needs.effective_to <= since:
        raise Refused(f"{needs.effective_to} is not after {since}")
    recorded = f.OfficerRecorded(
        **case.stamp(),
        office=needs.office,
        answers_for=needs.answers_for,
        effective_from=since,
        effective_to=needs.effective_to,
    )
    said = ("office", "answers_for", "effective_from", "effective_to")
    if any(all(getattr(e, n) == getattr(recorded, n) for n in said) for e in found.officers):
        return ()
    return (recorded,)


def _organisation(case: Case) -> Organisation:
    found: Organisation = case.state.whole.substance
    return found


def _mechanism(case: Case, id_: str) -> Mechanism:
    part = by_edition(case).part(Accountability)
    found = part.mechanism(id_)
    if found is None:
        known = ", ".join(each.id for each in part.mechanisms)
        raise Refused(f"the edition has no mechanism {id_}: it has {known}")
    return found

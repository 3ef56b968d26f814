"""Owners and accountable officers as a kind of the engine, without engines: TR-22 and TR-03d."""

from datetime import date
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.matter.words import Nature
from transfer.procedures.accountability import facts as f
from transfer.procedures.accountability.answers import AccountableOnDay, OwnershipOnDay, SaidBy
from transfer.procedures.accountability.edition import Accountability
from transfer.procedures.accountability.kind import ACCOUNTABILITY, TRANSFER
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "accountability:C17"
SALE = date(2015, 2, 1)


@pytest.fixture
def office() -> Matters:
    found = Matters((ACCOUNTABILITY,), binding(rulebook("crc-owners-2015").with_values()))
    do(found, "begin", company="C17").then(f.AccountabilityBegun)
    return found


def do(office: Matters, act: str, on: date = SALE, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, **inputs)


def owner(office: Matters, on: date) -> OwnershipOnDay:
    found = office.answer(MATTER, "owner", on)
    assert isinstance(found, OwnershipOnDay)
    return found


def recorded(office: Matters, name: str, on: date, mechanism: str = "share-sale") -> Asked:
    said = {"owner": name, "mechanism": mechanism, "effective_from": on}
    return do(office, "record-owner", on, shown_by="an announcement", **said)


def owed(office: Matters) -> list[str]:
    state = office.state(MATTER)
    return [
        due.slot.about
        for due in state.book.of(state.whom)
        if due.slot.what == TRANSFER and due.nature is Nature.DUTY and due.is_open
    ]


def test_each_company_has_one_owner_from_the_sale_on() -> None:
    part = rulebook("crc-owners-2015").part(Accountability)
    companies = [each.id for each in part.companies if each.sort == "company"]
    sold = [code for each in part.owners if each.by == "share-sale" for code in each.of]
    assert (len(companies), sorted(sold)) == (21, sorted(companies))
    assert sorted(len(each.of) for each in part.owners if each.by == "share-sale") == [
        *(1, 1, 1, 2, 2, 3, 5, 6)
    ]


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2014, 5, 31), None),
        (date(2014, 6, 1), "Secretary of State for Justice"),
        (date(2015, 1, 31), "Secretary of State for Justice"),
        (SALE, "MTCnovo"),
    ],
)
def test_a_sale_of_shares_changes_the_owner_alone(
    office: Matters, day: date, name: str | None
) -> None:
    found = owner(office, day)
    assert (None if found.owner is None else found.owner.owner) == name
    assert (found.employer, found.employer_changed) == (found.organisation, False)


def test_another_sale_of_shares_leaves_the_employer_too(office: Matters) -> None:
    day = date(2016, 3, 1)
    recorded(office, "Another", day).then(f.OwnerRecorded).saying(changes_employer=False)
    recorded(office, "Another", day).then_nothing()
    found = owner(office, day)
    assert found.owner is not None
    assert (found.owner.owner, found.owner.said_by) == ("Another", SaidBy.RECORD)
    assert ([each.owner for each in found.changes], found.employer_changed) == (
        ["MTCnovo", "Another"],
        False,
    )
    assert owed(office) == []


def test_what_changes_the_employer_owes_a_transfer_until_it_is_named(office: Matters) -> None:
    day = date(2019, 2, 15)
    recorded(office, "Another", day, "staff-to-another-company").then(f.OwnerRecorded)
    assert owed(office) == ["2019-02-15"]
    assert owner(office, day).employer is None
    named = {"effective_from": day, "procedure": "exercise:x"}
    do(office, "note-transfer", day, **named).then(f.StaffMoved)
    do(office, "note-transfer", day, **named).then_nothing()
    assert (owed(office), owner(office, day).transfer_by) == ([], "exercise:x")


@pytest.mark.parametrize(
    ("day", "officers"),
    [
        (date(2014, 3, 31), []),
        (date(2014, 4, 1), [("Colin Allars", False)]),
        (date(2014, 5, 1), [("Colin Allars", True)]),
        (date(2015, 1, 31), [("Colin Allars", True)]),
        (SALE, []),
    ],
)
def test_who_answered_for_a_company(
    office: Matters, day: date, officers: list[tuple[str, bool]]
) -> None:
    found = office.answer(MATTER, "accountable", day)
    assert isinstance(found, AccountableOnDay)
    assert [(each.officer, each.is_certain) for each in found.officers] == officers
    assert found.is_shown == bool(officers)

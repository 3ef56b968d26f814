"""Liability information as a kind of the engine, without engines: TU-15 and TU-16.

The days are worked out by hand from rules.md section 10; people and their records are a table here.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.dating.effective_dating import Entries, Entry, Key, Piece
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.refusals import AlreadyOnRecord, Malformed, NotOnRecord
from transfer.core.words import MAIN, Facet
from transfer.procedures.liability_information import facts as f
from transfer.procedures.liability_information.decisions import last_day
from transfer.procedures.liability_information.edition import LiabilityInformation
from transfer.procedures.liability_information.held import HeldOfPerson, held_of
from transfer.procedures.liability_information.kind import GIVE, LIABILITY_INFORMATION, NOTIFY
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import BindingRules, binding

MATTER = "liability-information:london-crc"
TRUST, CRC = "London Probation Trust", "London CRC"
BEGUN, AS_AT, GIVEN = date(2014, 4, 1), date(2014, 4, 24), date(2014, 5, 2)
SUPPLIED = {Facet.ROLE: "PO", Facet.WORKPLACE: "Camden", Facet.FTE: "1", Facet.BAND: "4"}


def record(facets: Mapping[Facet, str], service: str | None = "2004-09-01") -> Entries:
    """A record that has these details, and an employer's unless one is among them."""
    said = {Facet.EMPLOYER: TRUST, **facets}
    since = date(2009, 4, 1)
    pieces = [Piece(Key(KeyKind.FACET, MAIN, it), value, since) for it, value in said.items()]
    if service is not None:
        pieces.append(Piece(Key(KeyKind.TERM, "", "continuous_service_from"), service, since))
    return Entries([Entry(UUID(int=1), datetime(2009, 4, 1, tzinfo=UTC), tuple(pieces))])


WHOLE = record({**SUPPLIED, Facet.PAY_POINT: "27"})
WITHOUT_POINT = record(SUPPLIED)
ELSEWHERE = record({**SUPPLIED, Facet.EMPLOYER: CRC, Facet.PAY_POINT: "27"})


def rules_of(edition: str = "liability-2006") -> BindingRules:
    book = rulebook(edition)
    return binding(book.with_values(assumed=book.suggested()))


def held(number: str, entries: Entries, on: date = AS_AT) -> dict[str, Any]:
    duty = rules_of().part(LiabilityInformation)
    return held_of(number, entries, duty, TRUST, on).model_dump(mode="json", exclude_none=True)


@pytest.fixture
def office() -> Matters:
    return Matters((LIABILITY_INFORMATION,), rules_of(), others={"S1": WHOLE, "S2": WITHOUT_POINT})


def do(office: Matters, act: str, on: date, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, **inputs)


def begun(office: Matters) -> Asked:
    said = {"transferor": TRUST, "transferee": CRC, "transfer_on": date(2014, 6, 1)}
    return do(office, "begin", BEGUN, **said)


def prepared(office: Matters, on: date = date(2014, 4, 28), as_at: date = AS_AT) -> Asked:
    found = [held("S1", WHOLE, as_at), held("S2", WITHOUT_POINT, as_at)]
    return do(office, "prepare", on, as_at=as_at, found=found)


def given(office: Matters) -> None:
    begun(office)
    prepared(office)
    do(office, "give", GIVEN).then(f.LiabilityInformationDelivered)


def owed(office: Matters) -> list[str]:
    state = office.state(MATTER)
    return [due.slot.what for due in state.book.of(state.whom) if due.is_open]


# --- the law by the day of the transfer -----------------------------------------------------------


@pytest.mark.parametrize(
    ("transfer_on", "last", "careful", "clause"),
    [
        (date(2014, 6, 1), date(2014, 5, 4), date(2014, 5, 3), "TU-16"),
        (date(2021, 6, 26), date(2021, 5, 29), date(2021, 5, 28), "TU-16"),
        (date(2019, 2, 15), date(2019, 1, 18), date(2019, 1, 17), "TU-16"),
        (date(2014, 5, 1), date(2014, 4, 3), date(2014, 4, 2), "TU-16"),
        (date(2014, 4, 30), date(2014, 4, 16), date(2014, 4, 15), "TU-16-until-2014"),
    ],
)
@pytest.mark.parametrize("edition", ["liability-2006", "surrey-2027.2"])
def test_the_last_day_goes_by_the_law_for_the_day_of_the_transfer(
    edition: str, transfer_on: date, last: date, careful: date, clause: str
) -> None:
    found = last_day(rules_of(edition), transfer_on)
    assert (found.on, found.safe, found.basis.clause) == (last, careful, clause)


def test_both_editions_say_the_same_law() -> None:
    here, there = rulebook("liability-2006"), rulebook("surrey-2027.2")
    for clause in ("TU-15-as-at", "TU-16", "TU-16-until-2014"):
        assert here.clause(clause).value == there.clause(clause).value
        assert clause == "TU-15-as-at" or (
            here.clause(clause).in_force_from == there.clause(clause).in_force_from
        )


# --- what is held -------------------------------------------------------------------------------


def test_what_is_missing_is_named_and_documents_are_missing_of_everybody() -> None:
    duty = rules_of().part(LiabilityInformation)
    assert held_of("S1", WHOLE, duty, TRUST, AS_AT, duty.documents).missing == ()
    assert held_of("S2", WITHOUT_POINT, duty, TRUST, AS_AT, duty.documents).missing == (
        "pay-point",
    )
    assert "claims-of-two-years" in held_of("S1", WHOLE, duty, TRUST, AS_AT).missing
    no_service = record({**SUPPLIED, Facet.PAY_POINT: "27"}, service=None)
    found = held_of("S1", no_service, duty, TRUST, AS_AT, duty.documents)
    assert found.missing == ("continuous-service",)


def test_the_digest_is_the_same_where_every_value_is_and_goes_by_the_old_employer() -> None:
    duty = rules_of().part(LiabilityInformation)
    one = held_of("S1", WHOLE, duty, TRUST, AS_AT)
    assert one.digest == held_of("S1", WHOLE, duty, TRUST.upper(), date(2014, 5, 20)).digest
    assert one.digest != held_of("S1", WITHOUT_POINT, duty, TRUST, AS_AT).digest
    assert held_of("S1", ELSEWHERE, duty, TRUST, AS_AT) == HeldOfPerson(staff_number="S1")
    assert held_of("S1", WHOLE, duty, TRUST, date(2009, 3, 31)).digest is None


# --- acts ---------------------------------------------------------------------------------------


def test_it_begins_once_between_two_employers(office: Matters) -> None:
    begun(office).then(f.LiabilityInformationBegun).saying(owed_to="the new employer")
    assert owed(office) == [GIVE]
    begun(office).then_refused(because="has begun", kind=AlreadyOnRecord)
    same = {"transferor": TRUST, "transferee": TRUST, "transfer_on": date(2014, 6, 1)}
    other = Matters((LIABILITY_INFORMATION,), rules_of())
    do(other, "begin", BEGUN, **same).then_refused(because="the same", kind=Malformed)


def test_a_draft_names_what_it_lacks_and_so_does_its_check(office: Matters) -> None:
    begun(office)
    prepared(office).then(f.LiabilityDraftPrepared).saying(missing={"pay-point": ("S2",)})
    do(office, "check", date(2014, 4, 29)).then(f.LiabilityDraftChecked).saying(
        lacks={
            "pay-point": 1,
            "rest-of-statement": 2,
            "disciplinary-and-grievance-records": 2,
            "claims-of-two-years": 2,
            "agreements": 2,
        }
    )
    do(office, "check", date(2014, 4, 29)).then_nothing()
    do(office, "check", date(2014, 4, 29), draft=7).then_refused(because="no such draft")


def test_a_draft_describes_no_day_to_come_and_none_after_the_transfer(office: Matters) -> None:
    begun(office)
    tomorrow = date(2014, 4, 29)
    prepared(office, as_at=tomorrow).then_refused("TU-15", because="after 2014-04-28")
    day = date(2014, 6, 1)
    prepared(office, on=day, as_at=day).then_refused("TU-15", because="before the transfer")


@pytest.mark.parametrize(("on", "taken"), [(date(2014, 5, 8), True), (date(2014, 5, 9), False)])
def test_it_describes_a_day_not_more_than_14_days_before(
    office: Matters, on: date, taken: bool
) -> None:
    begun(office)
    prepared(office)
    found = do(office, "give", on)
    if taken:
        found.then(f.LiabilityInformationDelivered)
    else:
        found.then_refused("TU-15-as-at", because="could be given until 2014-05-08")


def test_it_goes_to_the_new_employer_alone(office: Matters) -> None:
    begun(office)
    do(office, "give", GIVEN).then_refused(because="no such draft")
    prepared(office)
    do(office, "give", GIVEN, given_to="Napo").then_refused("TU-15", because="not to Napo")
    do(office, "give", GIVEN, given_to="london crc").then(f.LiabilityInformationDelivered)
    assert owed(office) == []
    do(office, "give", GIVEN).then_refused(because="all of it was given by 2014-05-02")


def test_it_stays_owed_until_its_last_part_is_given(office: Matters) -> None:
    begun(office)
    prepared(office)
    do(office, "give", GIVEN, items=["particulars"]).then(f.LiabilityInformationDelivered)
    assert owed(office) == [GIVE]
    do(office, "give", GIVEN, items=["particulars"]).then_refused("TU-15", because="is owed")
    do(office, "give", date(2014, 5, 7)).then(f.LiabilityInformationDelivered)
    found = office.answer(MATTER, "standing", date(2014, 5, 7))
    assert (found.stands, found.days_late) == ("was given too late", 3)


def test_receipt_is_noted_once_and_not_before_it_was_given(office: Matters) -> None:
    begun(office)
    note = {"received_on": date(2014, 5, 6)}
    do(office, "note-receipt", date(2014, 5, 6), **note).then_refused(
        because="no such delivery", kind=NotOnRecord
    )
    prepared(office)
    do(office, "give", GIVEN)
    early = date(2014, 5, 1)
    do(office, "note-receipt", date(2014, 5, 6), received_on=early).then_refused(because="before")
    do(office, "note-receipt", date(2014, 5, 6), **note).then(f.LiabilityReceiptNoted)
    do(office, "note-receipt", date(2014, 5, 6), **note).then_nothing()
    later = date(2014, 5, 7)
    do(office, "note-receipt", date(2014, 5, 6), received_on=later).then_refused(
        because="still to come"
    )


def test_special_circumstances_take_the_day_away(office: Matters) -> None:
    begun(office)
    why = {"because": "the provider collapsed"}
    do(office, "note-special", BEGUN, **why).then(f.SpecialCircumstancesNoted)
    do(office, "note-special", BEGUN, **why).then_nothing()
    do(office, "move-transfer", BEGUN, transfer_on=date(2014, 6, 8)).then(f.LiabilityTransferMoved)
    found = office.answer(MATTER, "standing", date(2014, 6, 1))
    assert (found.owed_by, found.last_day) == (None, date(2014, 5, 11))
    assert found.stands == "is owed in special circumstances"
    prepared(office)
    do(office, "give", GIVEN)
    do(office, "note-special", GIVEN, because="a flood").then_refused("TU-16-special")


def test_an_edition_without_special_circumstances_says_so() -> None:
    office = Matters((LIABILITY_INFORMATION,), rules_of("surrey-2027.2"))
    said = {"transferor": "a council", "transferee": "another", "transfer_on": date(2027, 4, 1)}
    do(office, "begin", date(2026, 12, 1), **said)
    do(office, "note-special", date(2026, 12, 1), because="a flood").then_refused(
        because="says nothing of special circumstances"
    )


# --- changes --------------------------------------------------------------------------------------


def test_what_differs_is_owed_until_it_is_notified(office: Matters) -> None:
    given(office)
    day = date(2014, 5, 9)
    same = [held("S1", WHOLE, day), held("S2", WITHOUT_POINT, day)]
    do(office, "compare-records", day, as_at=day, found=same).then_nothing()
    now = [held("S1", WITHOUT_POINT, day), held("S2", ELSEWHERE, day)]
    do(office, "compare-records", day, as_at=day, found=now).then(f.LiabilityChangesFound).saying(
        gone=("S2",)
    )
    assert owed(office) == [NOTIFY]
    do(office, "compare-records", day, as_at=day, found=now).then_nothing()
    do(office, "notify-changes", day, given_to="Napo").then_refused("TU-15")
    do(office, "notify-changes", day).then(f.LiabilityChangesNotified).saying(people=("S1", "S2"))
    assert owed(office) == []
    do(office, "notify-changes", day).then_nothing()
    do(office, "compare-records", day, as_at=day, found=now).then_nothing()


def test_the_answer_finds_what_differs_whether_or_not_it_was_compared(office: Matters) -> None:
    given(office)
    assert office.answer(MATTER, "changes", GIVEN).changed == ()
    office.others = {"S1": WITHOUT_POINT, "S2": ELSEWHERE}
    found = office.answer(MATTER, "changes", date(2014, 7, 1))
    assert (found.changed, found.gone, found.noted) == (("S1",), ("S2",), ())
    assert found.as_at == date(2014, 5, 31)

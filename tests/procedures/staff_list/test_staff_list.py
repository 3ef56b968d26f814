"""Lists of staff as a kind of the engine, without engines: TR-12 and TR-13."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.dating.effective_dating import Entry, Key, Kind, Piece
from transfer.core.matter.words import Nature, Settlement, Whom
from transfer.core.refusals import Malformed, NotOnRecord, Refused
from transfer.core.words import MAIN, Facet
from transfer.procedures.staff_list import facts as f
from transfer.procedures.staff_list.answers import ListsOnDay, OnList, WhatPasses
from transfer.procedures.staff_list.edition import StaffList
from transfer.procedures.staff_list.kind import STAFF_LIST
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding
from transfer.rulebooks.supplying import SuppliedValue

MATTER = "staff-list:kent"
TRUST, NPS, CRC = "Kent Probation Trust", "Secretary of State for Justice", "Kent CRC"
BEGUN, CUT_OFF, LATE = date(2014, 4, 1), date(2014, 5, 9), date(2014, 5, 16)
TRANSFER = date(2014, 6, 1)


def office_with(**given: str) -> Matters:
    book = rulebook("tr-2013.3")
    said = {
        f"TR-12-{name.replace('_', '-')}": SuppliedValue(value=value, document="the scheme of 2014")
        for name, value in given.items()
    }
    terms = book.with_values(said, part=book.part(StaffList))
    return Matters((STAFF_LIST,), binding(terms))


@pytest.fixture
def office() -> Matters:
    found = office_with()
    begin(found, cut_off_on=CUT_OFF).then(f.StaffListBegun)
    return found


def begin(office: Matters, **inputs: Any) -> Asked:
    days: dict[str, Any] = {"transferees": [NPS, CRC], "transfer_on": TRANSFER}
    return do(office, "begin", BEGUN, transferor=TRUST, **days, **inputs)


def do(office: Matters, act: str, on: date = BEGUN, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, **inputs)


def own(office: Matters, act: str, on: date = BEGUN, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, person="S1", **inputs)


def signed(office: Matters, on: date, **inputs: Any) -> Asked:
    return do(office, "make", on, transferee=CRC, made_by="a director", **inputs)


def employment(
    office: Matters, number: int, since: date, employer: str, assignment: str = MAIN
) -> None:
    """S1 is employed by another from a day."""
    piece = Piece(Key(Kind.FACET, assignment, Facet.EMPLOYER), employer, since)
    at = datetime(2022, 1, 1, tzinfo=UTC)
    office.entries.add(Entry(UUID(int=number << 100), at, (piece,)))


def test_a_list_is_drafted_prepared_and_made_once(office: Matters) -> None:
    own(office, "put-on", transferee="kent crc").then(f.PutOnList).saying(transferee=CRC)
    own(office, "put-on", transferee=CRC).then_nothing()
    own(office, "put-on", transferee=NPS).then_refused("TR-12", because="move them")
    own(office, "put-on", transferee="Essex CRC").then_refused(because="there is no list of")
    signed(office, BEGUN).then_refused(because="no version of the list")
    # Nobody is on the list of the Secretary of State: that is a version too, and can be made.
    drawn = do(office, "prepare", people={"S1": CRC})
    drawn.then(f.ListVersionPrepared, f.ListVersionPrepared).saying(version=1, people=("S1",))
    do(office, "prepare", people={"S1": CRC}).then_nothing()
    do(office, "make", LATE, transferee=NPS, made_by="a director").then(f.ListVersionMade)
    signed(office, BEGUN, version=2).then_refused(because="has no version 2")
    signed(office, LATE).then(f.ListVersionMade).saying(people=("S1",), effective_from=LATE)
    signed(office, LATE).then_nothing()
    # What says the same again is on record; what says more, or other, is not lost without a word.
    signed(office, date(2014, 5, 17)).then_nothing()
    for other in ({"digest": "0" * 64}, {"effective_from": BEGUN}, {"shown_by": "the list"}):
        signed(office, LATE, **other).then_refused("TR-12", because="prepare another")
    # Nobody is left on it: that is another version, and the first stays as it was made.
    do(office, "prepare", LATE, people={}).then(f.ListVersionPrepared).saying(version=2, people=())


def test_a_change_of_the_cut_off_day_that_is_entered_later_is_in_time(office: Matters) -> None:
    entered: dict[str, Any] = {"on": CUT_OFF, "person": "S1", "today": LATE}
    ask(office, MATTER, "put-on", transferee=NPS, **entered).then(f.PutOnList).saying(late=False)
    for act, needs in (("move-to", {"transferee": CRC}), ("take-off", {})):
        own(office, act, LATE, **needs).then_refused(because="say why", kind=Malformed)


def test_who_may_allow_and_who_may_make_is_the_edition_s_once_it_is_known() -> None:
    office = office_with(
        cut_off="2014-05-09", late="programme director", made_by="Secretary of State"
    )
    begin(office, cut_off_on=BEGUN).then_refused("TR-12-cut-off", because="is 2014-05-09, and not")
    begin(office).then(f.StaffListBegun).saying(cut_off_on=CUT_OFF)
    own(office, "put-on", LATE, transferee=CRC).then_refused("TR-12-late", because="name who")
    own(office, "put-on", LATE, transferee=CRC, authority="a clerk").then_refused(
        "TR-12-late", because="allowed by programme director"
    )
    own(office, "put-on", LATE, transferee=CRC, authority="programme director").then(f.PutOnList)
    do(office, "prepare", LATE, people={"S1": CRC})
    signed(office, LATE).then_refused("TR-12-made-by", because="made by Secretary of State")
    found = office.answer(MATTER, "on-list", LATE)
    assert isinstance(found, OnList)
    assert [each.late_is_lawful for each in found.changes] == [True]
    assert [each.clause for each in found.not_known] == ["TR-12-unlisted"]


def test_what_was_made_stays_though_its_preparation_is_made_again(office: Matters) -> None:
    do(office, "prepare", people={"S1": NPS})
    do(office, "make", transferee=NPS, made_by="a director").then(f.ListVersionMade)
    # It is learned that S1 had never been on a draft: both decisions are to be settled.
    learned = date(2014, 4, 14)
    own(office, "put-on", BEGUN, today=learned, transferee=CRC)
    duty = office.duties(MATTER)
    assert {each.step for each in duty.values()} == {"prepare"}
    office.settle_everything(Settlement.STANDS, learned, MATTER)
    found = office.answer(MATTER, "lists", learned)
    assert isinstance(found, ListsOnDay)
    assert [(each.transferee, each.people) for each in found.lists] == [(NPS, ("S1",)), (CRC, ())]
    do(office, "prepare", learned, people={"S1": CRC}).then(
        f.ListVersionPrepared, f.ListVersionPrepared
    )


def test_what_was_made_for_a_day_that_was_over_is_said_again_with_its_authority(
    office: Matters,
) -> None:
    do(office, "prepare", people={"S1": CRC})
    over: dict[str, Any] = {"effective_from": TRANSFER, "on": date(2014, 6, 20)}
    signed(office, **over, authority="a letter").then(f.ListVersionMade)
    signed(office, **over, authority="a letter").then_nothing()
    signed(office, **over, authority="another").then_refused("TR-12", because="prepare another")


def test_a_list_is_made_in_time_on_the_day_of_transfer_itself(office: Matters) -> None:
    do(office, "prepare", people={"S1": CRC})
    signed(office, TRANSFER).then(f.ListVersionMade)
    book = office.state(MATTER).whole.book
    found = {due.slot.about: due for due in book.of(Whom(MATTER), Nature.DUTY)}
    assert {name: book.state(due, TRANSFER) for name, due in found.items()} == {
        CRC: "met",
        NPS: "open",
    }
    assert book.last(found[CRC]) == TRANSFER


def test_a_list_that_comes_too_late_for_an_earlier_transfer_is_made_again(office: Matters) -> None:
    def state(on: date) -> str:
        book = office.state(MATTER).whole.book
        due = book.due(Whom(MATTER), "make-staff-list", CRC)
        assert due is not None
        return book.state(due, on)

    do(office, "prepare", people={"S1": CRC})
    signed(office, LATE, effective_from=date(2014, 5, 28))
    do(office, "make", LATE, transferee=NPS, made_by="a director")
    moved, earlier = date(2014, 5, 19), date(2014, 5, 25)
    do(office, "move-days", moved, transfer_on=earlier).saying(to_make=(CRC,))
    assert (state(earlier), state(TRANSFER)) == ("open", "missed")
    # Moved back, the version that was made is in force in time.
    do(office, "move-days", moved, transfer_on=TRANSFER).saying(to_make=())
    assert state(TRANSFER) == "superseded"
    do(office, "move-days", moved, transfer_on=earlier).saying(to_make=(CRC,))
    drawn = do(office, "prepare", moved, people={"S1": CRC})
    drawn.then(f.ListVersionPrepared).saying(version=2, people=("S1",))
    signed(office, moved).then(f.ListVersionMade)
    assert state(TRANSFER) == "met"


def test_a_difference_is_found_again_once_it_is_another(office: Matters) -> None:
    do(office, "prepare", people={"S1": CRC})
    stays = {"staff_number": "S1", "employer": TRUST, "stays_because": "objected"}
    do(office, "compare-records", found=[stays]).then(f.ListCompared)
    do(office, "explain", whom="S2", because="x").then_refused(because="about S2", kind=NotOnRecord)
    do(office, "explain", whom="S1", because="they object").then(f.DifferenceExplained)
    do(office, "explain", whom="S1", because="they object").then_nothing()
    do(office, "explain", whom="S1", because="another").then_refused(because="was explained on")
    do(office, "compare-records", found=[stays]).then_nothing()
    elsewhere = {"staff_number": "S1", "employer": "Essex Probation Trust"}
    do(office, "compare-records", found=[elsewhere]).then(f.ListCompared)
    goes = {"staff_number": "S1", "employer": TRUST, "goes_to": CRC}
    do(office, "compare-records", found=[goes]).then(f.ListCompared).saying(
        differences=(), ended=("S1",)
    )


def test_that_the_lists_agree_is_on_record_for_the_day_that_was_compared(office: Matters) -> None:
    def compared() -> tuple[date | None, date | None]:
        found = office.answer(MATTER, "differences", TRANSFER)
        return found.compared_on, found.as_at

    goes = [{"staff_number": "S1", "employer": TRUST, "goes_to": CRC}]
    do(office, "prepare", people={"S1": CRC})
    assert compared() == (None, None)
    agree = do(office, "compare-records", CUT_OFF, found=goes).then(f.ListCompared)
    agree.saying(differences=(), ended=())
    do(office, "compare-records", CUT_OFF, found=goes).then_nothing()
    do(office, "compare-records", LATE, found=goes).then(f.ListCompared)
    do(office, "move-days", LATE, cut_off_on=LATE)
    assert compared() == (LATE, CUT_OFF)
    do(office, "compare-records", LATE, found=goes).then(f.ListCompared).saying(as_at=LATE)
    # Another version on the same day is another comparison.
    do(office, "prepare", LATE, people={})
    says = f.ListDifference(
        staff_number="S1", difference=f.Difference.MISSING, record_says=f"goes to {CRC}"
    )
    missing = do(office, "compare-records", LATE, found=goes).then(f.ListCompared)
    missing.saying(differences=(says,), ended=())
    do(office, "prepare", LATE, people={"S1": CRC})
    do(office, "compare-records", LATE, found=goes).then(f.ListCompared).saying(ended=("S1",))


def test_where_somebody_goes_after_the_transfer_says_nothing_about_it(office: Matters) -> None:
    for number, (since, employer) in enumerate(
        [(date(2009, 4, 1), TRUST), (TRANSFER, CRC), (date(2021, 6, 26), "the ministry")], 1
    ):
        employment(office, number, since, employer)
    own(office, "put-on", transferee=CRC)
    do(office, "prepare", people={"S1": CRC})
    signed(office, BEGUN)
    found = office.answer(MATTER, "passes", date(2022, 1, 1))
    assert (found.went_over, found.record_agrees) == (True, True)
    # A second post that stayed with the Trust has not gone over.
    employment(office, 4, date(2009, 4, 1), TRUST, "SECOND")
    assert office.answer(MATTER, "passes", date(2022, 1, 1)).record_agrees is False


def test_days_are_in_order_and_names_are_given_once() -> None:
    office = office_with()
    begin(office).then_refused("TR-12-cut-off", because="TR-12-cut-off")
    begin(office, cut_off_on=TRANSFER).then_refused(because="is not before", kind=Malformed)
    twice: dict[str, Any] = {"transferees": [CRC, CRC], "transfer_on": TRANSFER}
    twice |= {"transferor": TRUST, "cut_off_on": CUT_OFF}
    do(office, "begin", **twice).then_refused(because="once", kind=Malformed)
    begin(office, cut_off_on=CUT_OFF).then(f.StaffListBegun)
    do(office, "move-days", cut_off_on=CUT_OFF).then_nothing()
    do(office, "move-days", transfer_on=date(2014, 7, 1)).then(f.ListDaysMoved).saying(
        to_make=(NPS, CRC), cut_off_on=CUT_OFF
    )


def test_who_is_employed_by_nobody_is_not_taken_over(office: Matters) -> None:
    own(office, "put-on", transferee=CRC)
    do(office, "prepare", people={"S1": CRC})
    signed(office, BEGUN)
    found = office.answer(MATTER, "passes", TRANSFER, since=BEGUN)
    assert isinstance(found, WhatPasses)
    assert (found.went_over, found.transferee, found.answers) == (False, CRC, None)
    assert "not employed on 2014-05-31" in found.because
    with pytest.raises(Refused):
        office.answer("staff-list:essex", "lists", TRANSFER)

"""Liability information of people: what is held, what is missing, what changed, until when."""

# ruff: noqa: E501 - tables read best a row a line

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from projections.position.answers import HeldTerm
from projections.position.stored import Held
from transfer.core.words import Facet
from transfer.questions.liability import (
    Becomes,
    DatumChanged,
    Duty,
    Listed,
    OnThatDay,
    PersonsInformation,
    ValueHeld,
    compared,
    counts_of,
    duty_of,
    information_of,
    is_listed,
    send_by,
    standing_of,
)
from transfer.questions.liability_information import on_that_day
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

SURREY = rulebook("surrey-2027.2")
RULES = binding(SURREY.with_values(assumed=SURREY.suggested()))
ELMBRIDGE, WOKING = "Elmbridge Borough Council", "Woking Borough Council"
ENTRY, CORRECTION = UUID(int=1), UUID(int=2)
RECORDED = datetime(2026, 9, 1, 9, tzinfo=UTC)
FILED = {
    "Written statements of particulars": "D000001",
    "Disciplinary and grievance records of two years": "D000002",
    "Claims of two years and claims expected": "D000003",
    "Collective agreements that go on": "D000004",
}
DUTY = SURREY.liability_information
assert DUTY is not None


def held(value: str, *, corrected_by: UUID | None = None, temporary: bool = False) -> Held:
    return Held(value, date(2015, 9, 1), None, ENTRY, corrected_by, RECORDED, None, temporary)


FACETS: Mapping[Facet, Held] = {
    Facet.EMPLOYER: held(ELMBRIDGE),
    Facet.ROLE: held("housing officer"),
    Facet.WORKPLACE: held("Esher"),
    Facet.FTE: held("1"),
    Facet.BAND: held("6"),
    Facet.PAY_POINT: held("3"),
    Facet.TERMS_SET: held("NJC"),
}
AVA = OnThatDay(
    staff_number="E1",
    transferor=ELMBRIDGE,
    to="east",
    name="Ava",
    date_of_birth="1980-02-29",
    jobs={"main": FACETS},
    terms=(HeldTerm("continuous_service_from", held("2009-04-01")),),
)


def told(person: OnThatDay, filed: Mapping[str, str] = FILED) -> PersonsInformation:
    assert DUTY is not None
    return information_of(person, DUTY, filed, SURREY)


def with_facets(changes: Mapping[Facet, Held | None]) -> OnThatDay:
    facets = {**FACETS, **changes}
    return replace(AVA, jobs={"main": {k: v for k, v in facets.items() if v is not None}})


# --- one person ---------------------------------------------------------------------------------


def test_nothing_is_missing_where_the_record_and_the_documents_hold_everything() -> None:
    found = told(AVA)
    assert (found.is_employed, found.missing) == (True, ())
    assert (found.transferee, found.transferee_name) == ("east", "East Surrey Council")
    role = next(each for each in found.data if each.datum == "job")
    assert role.values == (
        ValueHeld(
            assignment="main",
            value="housing officer",
            in_force_from=date(2015, 9, 1),
            entry=ENTRY,
            recorded_at=RECORDED,
        ),
    )
    claims = next(each for each in found.data if each.datum == "claims-of-two-years")
    assert (claims.document, claims.document_needed) == ("D000003", None)


@pytest.mark.parametrize(
    ("person", "filed", "missing", "needed"),
    [
        (replace(AVA, date_of_birth=None), FILED, "date-of-birth", "the staff return with the date of birth"),
        (replace(AVA, name=None), FILED, "name", "the staff return with the name"),
        (replace(AVA, terms=()), FILED, "continuous-service", "the contract of employment, or the record of service"),
        (with_facets({Facet.PAY_POINT: None}), FILED, "pay-point", "the last letter about pay"),
        (AVA, {k: v for k, v in FILED.items() if not k.startswith("Claims")}, "claims-of-two-years", "Claims of two years and claims expected"),
    ],
)  # fmt: skip
def test_what_is_not_held_is_missing_and_says_which_document_would_tell(
    person: OnThatDay, filed: Mapping[str, str], missing: str, needed: str
) -> None:
    found = told(person, filed)
    assert found.missing == (missing,)
    lacking = next(each for each in found.data if not each.held)
    assert (lacking.datum, lacking.document_needed, lacking.values) == (missing, needed, ())


def test_each_of_two_part_time_assignments_has_to_be_held() -> None:
    evenings = {Facet.EMPLOYER: held(ELMBRIDGE), Facet.ROLE: held("clerk"), Facet.FTE: held("0.4")}
    both = replace(AVA, jobs={"main": {**FACETS, Facet.FTE: held("0.6")}, "evenings": evenings})
    found = told(both)
    hours = next(each for each in found.data if each.datum == "hours")
    assert [(each.assignment, each.value) for each in hours.values] == [
        ("evenings", "0.4"),
        ("main", "0.6"),
    ]
    assert found.missing == ("workplace", "band", "pay-point", "terms-set")


def test_an_assignment_with_another_employer_is_not_this_ones_to_tell() -> None:
    elsewhere = {Facet.EMPLOYER: held("Kent County Council"), Facet.ROLE: held("clerk")}
    in_woking = {Facet.EMPLOYER: held(WOKING), Facet.ROLE: held("planner")}
    jobs = {"a-second": in_woking, "main": FACETS, "other": elsewhere}
    found = on_that_day(RULES, "E1", jobs, transferor=None)
    assert (found.transferor, set(found.jobs)) == (ELMBRIDGE, {"main"})
    woking = on_that_day(RULES, "E1", jobs, transferor=WOKING)
    assert set(woking.jobs) == {"a-second"}
    assert on_that_day(RULES, "E1", {"other": elsewhere}, transferor=None).jobs == {}


def test_a_temporary_value_is_said_to_be_one() -> None:
    acting = told(with_facets({Facet.BAND: held("7", temporary=True)}))
    band = next(each for each in acting.data if each.datum == "band")
    assert [(each.value, each.temporary) for each in band.values] == [("7", True)]


def test_of_somebody_not_employed_on_the_day_there_is_nothing_to_tell() -> None:
    found = told(replace(AVA, jobs={}, terms=()))
    assert (found.is_employed, found.data, found.missing) == (False, (), ())


@pytest.mark.parametrize(
    "person",
    [
        AVA,
        replace(AVA, date_of_birth=None),
        replace(AVA, name=None, terms=()),
        replace(AVA, jobs={}),
        replace(AVA, transferor=None, to=None),
        replace(AVA, jobs={"main": FACETS, "evenings": {Facet.EMPLOYER: held(ELMBRIDGE)}}),
    ],
)
@pytest.mark.parametrize("filed", [{}, FILED])
def test_what_is_counted_is_what_is_told(person: OnThatDay, filed: Mapping[str, str]) -> None:
    assert DUTY is not None
    standing, found = standing_of(person, DUTY, filed, SURREY), told(person, filed)
    for counted in ("transferor", "transferee", "transferee_name", "is_employed", "missing"):
        assert getattr(standing, counted) == getattr(found, counted)
    assert counts_of([standing], DUTY, filed) == counts_of([found], DUTY, filed)
    for listed in Listed:
        assert is_listed(standing, listed) == is_listed(found, listed)


# --- what has changed ---------------------------------------------------------------------------


def test_a_corrected_value_known_later_is_a_change_with_both_values() -> None:
    before = told(AVA)
    after = compared(told(with_facets({Facet.BAND: held("7", corrected_by=CORRECTION)})), before)
    assert after.since is Becomes.CHANGED
    assert after.changes == (DatumChanged(datum="band", title="Band", was=("6",), now=("7",)),)
    band = next(each for each in after.data if each.datum == "band")
    assert band.values[0].corrected_by == CORRECTION


def test_another_destination_is_a_change_and_a_value_said_again_is_none() -> None:
    again = with_facets({Facet.BAND: held("6", corrected_by=CORRECTION)})
    assert compared(told(again), told(AVA)).since is None
    west = compared(told(replace(AVA, to="west")), told(AVA))
    assert west.changes == (
        DatumChanged(
            datum="transferee",
            title="Goes to",
            was=("East Surrey Council",),
            now=("West Surrey Council",),
        ),
    )


@pytest.mark.parametrize(
    ("then", "now", "since"),
    [
        (None, AVA, Becomes.JOINED),
        (replace(AVA, jobs={}), AVA, Becomes.JOINED),
        (AVA, replace(AVA, jobs={}), Becomes.GONE),
        (None, replace(AVA, jobs={}), None),
        (AVA, AVA, None),
    ],
)
def test_who_comes_and_goes_is_a_change(
    then: OnThatDay | None, now: OnThatDay, since: Becomes | None
) -> None:
    before = None if then is None else told(then)
    assert compared(told(now), before).since is since


def test_a_value_that_was_missing_was_nothing() -> None:
    (change,) = compared(told(AVA), told(replace(AVA, date_of_birth=None))).changes
    assert (change.was, change.now) == ((), ("1980-02-29",))


# --- of all -------------------------------------------------------------------------------------


def test_people_are_counted_by_item_and_by_flow() -> None:
    assert DUTY is not None
    people = [
        told(AVA),
        told(replace(AVA, staff_number="E2", date_of_birth=None, name=None)),
        told(replace(AVA, staff_number="W1", transferor=WOKING, to="west")),
        told(replace(AVA, staff_number="E9", jobs={})),  # joined after the day
    ]
    counts = counts_of(people, DUTY, FILED)
    assert (counts.people, counts.complete, counts.others) == (3, 2, 1)
    identity = counts.items[0]
    assert (identity.item, identity.held, identity.of, identity.missing) == (
        "identity-and-age", 2, 3, 1,
    )  # fmt: skip
    assert [(each.datum, each.held, each.missing) for each in identity.data] == [
        ("name", 2, 1),
        ("date-of-birth", 2, 1),
    ]
    assert [(each.transferor, each.transferee, each.people, each.complete) for each in counts.flows] == [
        (ELMBRIDGE, "east", 2, 1),
        (WOKING, "west", 1, 1),
    ]  # fmt: skip


def test_a_document_that_is_not_filed_is_needed_even_for_nobody() -> None:
    assert DUTY is not None
    counts = counts_of([], DUTY, {})
    needed = {d.datum: d.document_needed for item in counts.items for d in item.data}
    assert needed["agreements"] == "Collective agreements that go on"
    assert needed["name"] is None


# --- by when ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("transfer_on", "clause", "last_day", "safe"),
    [
        (date(2027, 4, 1), "TU-16", date(2027, 3, 4), date(2027, 3, 3)),
        (date(2014, 6, 1), "TU-16", date(2014, 5, 4), date(2014, 5, 3)),
        (date(2021, 6, 26), "TU-16", date(2021, 5, 29), date(2021, 5, 28)),
        (date(2019, 2, 15), "TU-16", date(2019, 1, 18), date(2019, 1, 17)),
        (date(2014, 5, 1), "TU-16", date(2014, 4, 3), date(2014, 4, 2)),
        (date(2014, 4, 30), "TU-16-until-2014", date(2014, 4, 16), date(2014, 4, 15)),
    ],
)
def test_the_last_day_is_28_days_before_and_14_before_may_2014(
    transfer_on: date, clause: str, last_day: date, safe: date
) -> None:
    assert DUTY is not None
    found = send_by(DUTY, RULES, transfer_on)
    assert (found.clause, found.last_day, found.safe_last_day) == (clause, last_day, safe)
    assert found.as_at_from == last_day.fromordinal(last_day.toordinal() - 14)


def test_without_a_day_of_transfer_there_is_no_last_day() -> None:
    assert DUTY is not None
    found = send_by(DUTY, RULES, None)
    assert (found.last_day, found.safe_last_day, found.clause) == (None, None, None)


@pytest.mark.parametrize(
    ("edition", "duty"),
    [
        ("surrey-2027.2", Duty.SAID),
        ("surrey-2027", Duty.UNSAID),
        ("tr-2013", Duty.NOT_TUPE),
        ("reunification-2021", Duty.NOT_TUPE),
        ("spo-2022", Duty.NOT_TUPE),
    ],
)
def test_an_edition_that_says_nothing_is_told_apart_by_what_the_move_is(
    edition: str, duty: Duty
) -> None:
    assert duty_of(rulebook(edition)) is duty

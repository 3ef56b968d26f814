"""The seeded sample: deterministic, plausible, and accepted whole by the reader."""

import time
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transfer.core.refusals import Refused
from transfer.imports.staff_return import StaffReturn, read_staff_return, sample_return, sample_rows
from transfer.imports.staff_return.columns import sampled_columns
from transfer.imports.staff_return.roles import ROLES, Family
from transfer.imports.staff_return.sample import AS_AT, ASSUMED_HEADCOUNT, NATIONAL_TOTAL
from transfer.imports.staff_return.sample_names import FAMILY_NAMES, GIVEN_NAMES
from transfer.rulebooks import rulebook

TRUSTS = rulebook("tr-2013").transferors
KEYS = [trust.key for trust in TRUSTS]


@pytest.fixture(scope="module")
def national() -> StaffReturn:
    return read_staff_return(sample_return("all", seed=2013))


def test_the_assumed_headcounts_cover_every_trust_and_add_up() -> None:
    assert set(ASSUMED_HEADCOUNT) == set(KEYS)
    assert sum(ASSUMED_HEADCOUNT.values()) == NATIONAL_TOTAL == 16_600
    largest = max(ASSUMED_HEADCOUNT, key=ASSUMED_HEADCOUNT.__getitem__)
    assert (largest, ASSUMED_HEADCOUNT[largest]) == ("LDN", 2_800)


@pytest.mark.thorough
def test_the_national_sample_is_accepted_whole(national: StaffReturn) -> None:
    assert national.rejected == ()
    assert (national.accepted, national.staff) == (16_600, 16_600)
    employers = Counter(person.periods[0].employer for person in national.people)
    assert employers == {trust.name: ASSUMED_HEADCOUNT[trust.key] for trust in TRUSTS}


def test_line_managers_are_of_the_same_unit_and_trust_and_lead_up_to_its_head(
    national: StaffReturn,
) -> None:
    rows = {person.staff_number: person.periods[0] for person in national.people}
    for row in rows.values():
        steps, at = 0, row
        while at.line_manager is not None:
            boss = rows[at.line_manager]
            assert (boss.unit, boss.employer) == (row.unit, row.employer)
            steps, at = steps + 1, boss
            assert steps <= 2
    heads = Counter(row.unit for row in rows.values() if row.line_manager is None)
    assert set(heads.values()) == {1}
    assert len(heads) == len({row.unit for row in rows.values()})


def test_the_evidence_that_a_local_criterion_needs(national: StaffReturn) -> None:
    rows = [person.periods[0] for person in national.people]
    with_caseload = {row.role for row in rows if "caseload_total" in row.evidence}
    assert with_caseload == {"Probation officer", "Probation services officer"}
    high: dict[str, float] = {}
    for name in with_caseload:
        those = [row for row in rows if row.role == name]
        assert all({"caseload_total", "caseload_high_risk"} <= set(row.evidence) for row in those)
        total = sum(int(row.evidence["caseload_total"]) for row in those)
        high[name] = sum(int(row.evidence["caseload_high_risk"]) for row in those) / total
    assert high["Probation officer"] > 2 * high["Probation services officer"] > 0
    assert {row.evidence.get("preference") for row in rows} == {None, "NPS", "CRC"}
    assert {row.evidence.get("automatic") for row in rows} == {None, "NPS", "CRC"}
    family_of = {role.name: role.family for role in ROLES}
    support = [row for row in rows if family_of[row.role] is Family.ADMINISTRATIVE_SUPPORT]
    assert any("preference" not in row.evidence for row in support)
    assert all("automatic" not in row.evidence for row in support)


def test_roles_and_bands_are_those_of_the_list(national: StaffReturn) -> None:
    seen = {(person.periods[0].role, person.periods[0].band) for person in national.people}
    assert seen == {(role.name, str(role.band)) for role in ROLES}
    catalogue = {
        ("Case administrator", "2"),
        ("Probation services officer", "3"),
        ("Probation officer", "4"),
        ("Senior probation officer", "5"),
    }
    assert catalogue <= seen


def test_part_time_work_and_dates_are_plausible(national: StaffReturn) -> None:
    rows = [person.periods[0] for person in national.people]
    assert 0.85 < sum(Decimal(row.fte) for row in rows) / len(rows) < 0.97
    assert all(row.in_post_from <= AS_AT and row.in_post_to is None for row in rows)
    for person in national.people:
        assert person.date_of_birth is not None
        service = person.periods[0].continuous_service_from
        assert service is not None
        age_at_start = (service - person.date_of_birth).days // 365
        assert 19 <= age_at_start <= 34


@given(
    seed=st.integers(-(2**40), 2**80),
    trusts=st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True),
    people=st.integers(1, 250),
)
@settings(max_examples=60, deadline=None)
def test_the_reader_accepts_every_row_of_any_sample(
    seed: int, trusts: list[str], people: int
) -> None:
    data = sample_return(trusts, seed=seed, people=people)
    found = read_staff_return(data)
    assert found.rejected == ()
    assert found.staff == people
    assert data == sample_return(trusts, seed=seed, people=people)


@pytest.mark.parametrize("key", KEYS)
def test_a_trusts_own_sample_is_its_part_of_the_national_one(
    key: str, national: StaffReturn
) -> None:
    own = read_staff_return(sample_return([key], seed=2013)).people
    (name,) = {person.periods[0].employer for person in own}
    part = [person for person in national.people if person.periods[0].employer == name]
    assert [person.staff_number for person in own] == [person.staff_number for person in part]
    assert [person.name for person in own] == [person.name for person in part]


def test_seeds_differ() -> None:
    assert sample_return(["Dorset"], seed=1) != sample_return(["Dorset"], seed=2)


def test_the_same_draws_on_every_machine() -> None:
    first = next(iter(sample_rows(["London"], seed=2013)))
    assert first["staff_number"] == "S21370"
    assert (first["name"], first["date_of_birth"]) == ("Stephen Ahmed", "1968-08-06")


def test_staff_numbers_stay_apart_where_a_trust_outgrows_its_place() -> None:
    small = {row["staff_number"] for row in sample_rows("all", seed=1)}
    large = [row["staff_number"] for row in sample_rows("all", seed=1, people=20_000)]
    assert len(set(large)) == 20_000
    assert not small & set(large)


def test_the_columns_are_the_contracts_in_its_order() -> None:
    data = sample_return(["Wales"], seed=1, people=1).decode()
    columns = sampled_columns(rulebook("tr-2013"))
    assert data.splitlines()[0].split(",") == list(columns)
    assert len(data.splitlines()) == 2


def test_a_trust_is_named_as_in_a_return_and_alone_too() -> None:
    assert sample_return("london probation trust", seed=1, people=3) == sample_return(
        ["LDN"], seed=1, people=3
    )


@pytest.mark.parametrize(
    ("trusts", "people", "reason"),
    [
        (["Lundon"], None, "nearest: London"),
        (["C17"], None, "not one of the 35 Trusts"),
        ([], None, "at least one Trust"),
        (["LDN", "London"], None, "each one once"),
        (["LDN"], 0, "at least one person"),
    ],
)
def test_what_cannot_be_sampled_is_refused(
    trusts: list[str], people: int | None, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        sample_return(trusts, seed=1, people=people)


def test_invented_people_are_drawn_from_lists_without_repetition() -> None:
    for names in (GIVEN_NAMES, FAMILY_NAMES):
        assert len(names) == len(set(names)) > 100


@pytest.mark.thorough
def test_the_national_return_is_read_in_seconds() -> None:
    data = sample_return("all", seed=1)
    began = time.process_time()
    read_staff_return(data)
    # Measured at 0.6 s of one processor; ten times that is a fault and not a slow machine.
    assert time.process_time() - began < 4

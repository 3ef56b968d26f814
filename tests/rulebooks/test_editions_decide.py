"""Where the shipped editions send somebody: a row a case."""

# ruff: noqa: E501 - tables read best a row a line

from datetime import date

import pytest

from transfer.core.refusals import Refused
from transfer.rulebooks import rulebook
from transfer.rulebooks.deciding import Decision, case_of, covers, decide
from transfer.rulebooks.terms import TermsOfExercise


def terms_of(edition: str) -> TermsOfExercise:
    book = rulebook(edition)
    return book.with_values(assumed=book.suggested())


SURREY, REUNITED, SPO = map(terms_of, ("surrey-2027", "reunification-2021", "spo-2022"))

COUNTY, WOKING = "Surrey County Council", "Woking Borough Council"


def sent(terms: TermsOfExercise, facets: dict[str, str], evidence: dict[str, str]) -> Decision:
    case = case_of(terms, facets=facets, evidence=evidence, on=date(2027, 1, 18))
    return decide(terms, case, staff_number="S1", seed="a seed")


# --- surrey-2027: the share for a clear majority is assumed to be 0.6 ---------------------------


@pytest.mark.parametrize(
    ("employer", "evidence", "route", "to"),
    [
        (WOKING, {}, "succession", "west"),
        (WOKING, {"served_east": "1"}, "succession", "west"),
        ("Tandridge District Council", {"team_goes_to": "west"}, "succession", "east"),
        (COUNTY, {"team_goes_to": "east"}, "whole-team", "east"),
        (COUNTY, {"team_goes_to": "east", "served_east": "0"}, "whole-team", "east"),
        (COUNTY, {"served_east": "1"}, "community-served", "east"),
        (COUNTY, {"served_east": "0"}, "community-served", "west"),
        (COUNTY, {"served_east": "0.6"}, "community-served", "east"),
        (COUNTY, {"served_east": "0.4"}, "community-served", "west"),
        (COUNTY, {"served_east": "0.8", "agreed_otherwise": "west"}, "agreement", "west"),
        (COUNTY, {"team_goes_to": "east", "agreed_otherwise": "west"}, "agreement", "west"),
        (COUNTY, {"served_east": "0.5", "agreed_otherwise": "east"}, "agreement", "east"),
    ],
)  # fmt: skip
def test_where_surrey_sends_somebody(
    employer: str, evidence: dict[str, str], route: str, to: str
) -> None:
    decision = sent(SURREY, {"employer": employer, "role": "Clerk"}, evidence)
    assert (decision.route, decision.to) == (route, to)


@pytest.mark.parametrize(
    "evidence", [{}, {"served_east": "0.5"}, {"served_east": "0.59"}, {"served_east": "0.41"}]
)
def test_without_a_clear_majority_a_panel_of_both_councils_decides(
    evidence: dict[str, str],
) -> None:
    with pytest.raises(Refused, match="a panel of both councils decides") as refused:
        sent(SURREY, {"employer": COUNTY, "role": "Clerk"}, evidence)
    assert refused.value.clause == "LG-03"


def test_half_and_half_is_no_clear_majority_whatever_the_share() -> None:
    book = rulebook("surrey-2027")
    terms = book.with_values(assumed={**book.suggested(), "LG-03-share": "0.5"})
    with pytest.raises(Refused, match="no clear majority"):
        sent(terms, {"employer": COUNTY}, {"served_east": "0.5"})
    assert sent(terms, {"employer": COUNTY}, {"served_east": "0.51"}).to == "east"
    assert sent(terms, {"employer": COUNTY}, {"served_east": "0.49"}).to == "west"


def test_the_reason_names_the_share_that_was_assumed() -> None:
    decision = sent(SURREY, {"employer": COUNTY}, {"served_east": "0.65"})
    assert decision.because == (
        "0.65 of the community served lives in East Surrey, against 0.6 for a clear majority"
    )
    assert decision.clauses == ("LG-03", "LG-03-share")


@pytest.mark.parametrize(
    ("employer", "role", "evidence", "covered"),
    [
        (COUNTY, "Social worker", {}, True),
        (WOKING, "Planner", {"temporarily_assigned": "no"}, True),
        (COUNTY, "Social worker", {"temporarily_assigned": "yes"}, False),
        (COUNTY, "Head of Paid Service", {}, False),
        ("Kent County Council", "Planner", {}, False),
    ],
)
def test_whom_surrey_covers(
    employer: str, role: str, evidence: dict[str, str], covered: bool
) -> None:
    facets = {"employer": employer, "role": role}
    case = case_of(SURREY, facets=facets, evidence=evidence, on=date(2026, 10, 1))
    assert covers(SURREY, case) is covered


# --- reunification-2021 -------------------------------------------------------------------------


def pay(salary: str, point: str, top: str = "25000.00", below: str | None = None) -> dict[str, str]:
    """Evidence of an assimilation to Band 3: the salary at 37 hours, the point, the band's top."""
    found = {
        "new_band": "3",
        "new_pay_point": "2",
        "salary_37h": salary,
        "point_salary": point,
        "band_top": top,
    }
    return found if below is None else {**found, "point_below": below}


@pytest.mark.parametrize(
    ("employer", "evidence", "route", "to"),
    [
        # Equal, to the lowest point, to the next highest, and to the top itself.
        ("London CRC", pay("22000.00", "22000.00", below="21000.00"), "assimilated", "london"),
        ("London CRC", pay("18000.00", "20000.00"), "assimilated", "london"),
        ("Essex CRC", pay("21000.01", "22000.00", below="21000.00"), "assimilated", "east-of-england"),
        ("Essex CRC", pay("25000.00", "25000.00", below="24000.00"), "assimilated", "east-of-england"),
        # Above the band: to its top.
        ("London CRC", pay("25000.01", "25000.00"), "assimilated-above-the-band", "london"),
        # A company whose area has several regions needs the region.
        ("BeNCH", {"region": "east-midlands", **pay("22000.00", "22000.00")}, "assimilated", "east-midlands"),
        ("London CRC", {"region": "moj-functions", **pay("22000.00", "22000.00")}, "assimilated", "moj-functions"),
        # Who keeps band and pay.
        ("London CRC", {"contract_of": "supply-chain"}, "old-terms", "london"),
        ("London CRC", {"role_match": "no-match"}, "no-match", "london"),
    ],
)  # fmt: skip
def test_where_reunification_sends_somebody(
    employer: str, evidence: dict[str, str], route: str, to: str
) -> None:
    decision = sent(REUNITED, {"employer": employer, "band": "1"}, evidence)
    assert (decision.route, decision.to) == (route, to)


@pytest.mark.parametrize(
    "evidence",
    [
        pay("22000.00", "23000.00", below="22000.00"),  # the point below would have been equal
        pay("22000.00", "21000.00"),  # a lower point
        pay("26000.00", "24000.00"),  # above the band, and not to its top
        pay("26000.00", "26500.00"),  # a point above the band's top
        {},
        {"new_band": "3"},
    ],
)
def test_another_point_than_the_equal_or_next_goes_to_a_panel(evidence: dict[str, str]) -> None:
    with pytest.raises(Refused, match="a panel decides") as refused:
        sent(REUNITED, {"employer": "London CRC"}, evidence)
    assert refused.value.clause == "RE-04"


def test_a_company_of_several_regions_needs_the_region() -> None:
    with pytest.raises(Refused, match="the region is not settled"):
        sent(REUNITED, {"employer": "BeNCH"}, pay("22000.00", "22000.00"))


def test_the_reason_says_what_the_salary_came_to() -> None:
    decision = sent(REUNITED, {"employer": "London CRC"}, pay("25500.00", "25000.00"))
    assert decision.because == (
        "goes to Probation Service London Region; 25500.00 at 37 hours is above the top of Band 3, "
        "25000.00: the excess is protected for 3y"
    )


# --- spo-2022 -----------------------------------------------------------------------------------

PUBLIC = {"new_line_manager": "G2001", "prison_run_by": "public sector"}


def test_only_public_sector_prisons_manage_senior_probation_officers() -> None:
    facets = {"unit": "N07", "role": "HOMD", "employer": "MoJ"}
    assert sent(SPO, facets, PUBLIC).to == "prison"
    for evidence in ({**PUBLIC, "prison_run_by": "contractor"}, {"new_line_manager": "G2001"}, {}):
        with pytest.raises(Refused, match="line management stays where it is"):
            sent(SPO, facets, evidence)


@pytest.mark.parametrize(
    ("unit", "role", "covered"),
    [
        ("Probation Service London Region", "Senior Probation Officer", True),
        ("Wales", "HOMD", True),
        ("Wales", "Probation Officer", False),
        ("HMP Leeds", "HOMD", False),
    ],
)
def test_whom_the_move_of_line_management_covers(unit: str, role: str, covered: bool) -> None:
    case = case_of(SPO, facets={"unit": unit, "role": role}, evidence={}, on=date(2022, 5, 31))
    assert covers(SPO, case) is covered


# --- tr-2013.2 ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("evidence", "role"),
    [
        ({"automatic": "NPS"}, "PSO"),
        ({"caseload_total": "4", "caseload_high_risk": "2"}, "PSO"),
        ({"preference": "CRC"}, "PSO"),
        ({}, "Administrator"),
    ],
)
def test_the_second_edition_of_2013_decides_as_the_first(
    evidence: dict[str, str], role: str
) -> None:
    facets = {"employer": "LDN", "role": role}
    first, second = (sent(terms_of(each), facets, evidence) for each in ("tr-2013", "tr-2013.2"))
    assert first == second

"""Where an edition's routes send somebody, and what the decision keeps of why."""

# ruff: noqa: E501 - tables read best a row a line

from datetime import date

import pytest

from tests.support.editions import moor
from transfer.core.refusals import Refused
from transfer.rulebooks import rulebook
from transfer.rulebooks.deciding import Decision, allocate, case_of, covers, decide, why_not_covered

TERMS = moor().with_values(assumed={"M-04": "15d"})
ON = date(2027, 1, 18)


def sent(
    evidence: dict[str, str], employer: str = "Northmoor Council", role: str = "Clerk"
) -> Decision:
    case = case_of(TERMS, facets={"employer": employer, "role": role}, evidence=evidence, on=ON)
    return decide(TERMS, case, staff_number="S1", seed="a seed")


@pytest.mark.parametrize(
    ("evidence", "employer", "route", "to"),
    [
        ({"team_goes_to": "south", "cases": "5", "port_cases": "5"}, "Northmoor Council", "team", "south"),
        ({"cases": "5", "port_cases": "3"}, "Northmoor Council", "port", "port"),
        ({"cases": "5", "port_cases": "2"}, "Northmoor Council", "succession", "north"),
        ({"cases": "0", "port_cases": "0"}, "northmoor  council", "succession", "north"),
        ({}, "Southmoor Council", "succession", "south"),
    ],
)  # fmt: skip
def test_the_first_route_that_answers_decides(
    evidence: dict[str, str], employer: str, route: str, to: str
) -> None:
    decision = sent(evidence, employer)
    assert (decision.route, decision.to) == (route, to)


def test_the_decision_keeps_the_row_and_what_it_saw() -> None:
    decision = sent({"cases": "5", "port_cases": "3"})
    assert decision.saw == {"cases": "5", "port_cases": "3", "M-03": "0.6"}
    assert decision.because == "3 of 5 cases are the port's, against a share of 0.6"
    assert decision.clauses == ("M-03",)


def test_whom_no_route_reaches_is_left_to_a_panel() -> None:
    with pytest.raises(Refused, match="the joint panel decides") as refused:
        sent({}, "Elsewhere Council")
    assert refused.value.clause == "M-02"


def test_the_scope_is_a_condition() -> None:
    def covered(employer: str, role: str) -> bool:
        facets = {"employer": employer, "role": role}
        return covers(TERMS, case_of(TERMS, facets=facets, evidence={}, on=ON))

    assert covered("Northmoor Council", "Clerk")
    assert not covered("Northmoor Council", "Chief officer")
    assert not covered("Elsewhere Council", "Clerk")


def test_a_draw_among_three_can_be_done_again_and_passes_by_what_is_full() -> None:
    book = moor(
        ('to = "successors(transferor)[0]"', 'draw = { between = ["north", "south", "port"] }')
    )
    terms = book.with_values(assumed={"M-04": "15d"})
    case = case_of(terms, facets={"employer": "Northmoor Council"}, evidence={}, on=ON)
    outcomes = set()
    for n in range(40):
        decision = decide(terms, case, staff_number=f"S{n}", seed="a seed")
        drawn = decision.drawn
        assert drawn is not None
        assert drawn.among[int(drawn.digest, 16) % 3] == decision.to == drawn.outcome
        outcomes.add(decision.to)
        again = decide(terms, case, staff_number=f"S{n}", seed="a seed", full=["port"])
        assert again.to in ("north", "south")
    assert outcomes == {"north", "south", "port"}


def test_a_transferor_may_have_a_value_of_its_own() -> None:
    book = moor(("value = 0.6", 'value = 0.6\nvalues = { "Southmoor Council" = 0.9 }'))
    terms = book.with_values(assumed={"M-04": "15d", "M-04@southmoor council": "20d"})
    evidence = {"cases": "5", "port_cases": "4"}
    for employer, to in (("Northmoor Council", "port"), ("Southmoor Council", "south")):
        case = case_of(terms, facets={"employer": employer}, evidence=evidence, on=ON)
        assert decide(terms, case, staff_number="S1", seed="").to == to
    assert str(terms.period("M-04", "Southmoor Council")) == "20d"
    assert str(terms.period("M-04", "Northmoor Council")) == "15d"
    assert terms.assumptions == ("M-04=15d", "M-04@Southmoor Council=20d")
    with pytest.raises(Refused, match="no transferor of moor-2027"):
        book.with_values(assumed={"M-04": "15d", "M-04@Elsewhere": "20d"})


def test_the_values_proposed_for_rehearsals_are_enough() -> None:
    for book in (moor(), rulebook("tr-2013")):
        assert book.with_values(assumed=book.suggested()).assumptions


@pytest.mark.parametrize(
    ("evidence", "role", "route"),
    [
        ({"automatic": "NPS"}, "PSO", "automatic"),
        ({"caseload_total": "4", "caseload_high_risk": "2"}, "PSO", "local-evidence"),
        ({"caseload_total": "0", "caseload_high_risk": "0", "preference": "CRC"}, "PSO", "expression-of-interest"),
        ({}, "Administrator", "random-administrative"),
    ],
)  # fmt: skip
def test_the_routes_of_2013(evidence: dict[str, str], role: str, route: str) -> None:
    book = rulebook("tr-2013")
    terms = book.with_values(assumed=book.suggested())
    case = case_of(
        terms,
        facets={"employer": "LDN", "role": role},
        evidence=evidence,
        on=date(2013, 11, 20),
    )
    assert decide(terms, case, staff_number="S1", seed="1").route == route


def test_who_is_left_out_learns_by_which_rule() -> None:
    def why(employer: str, role: str) -> str | None:
        facets = {"employer": employer, "role": role}
        return why_not_covered(TERMS, case_of(TERMS, facets=facets, evidence={}, on=ON))

    assert why("Northmoor Council", "Clerk") is None
    assert why("Elsewhere", "Clerk") == (
        "it covers Everybody whom one of the councils employs on the day"
    )
    assert why("Northmoor Council", "Chief officer") == (
        "it leaves out: Chief officers have rules of their own"
    )


PLACES = moor(
    ('name = "Moor Port Authority"\n', 'name = "Moor Port Authority"\nplaces = 2\n'),
    ("to = \"'port'\"\n", 'to = "\'port\'"\nsift = { by = "port_cases" }\n'),
    (
        'otherwise = "no route answers: the joint panel decides"',
        'otherwise = "no route answers for a {role}: the joint panel decides"',
    ),
).with_values(assumed={"M-04": "15d"})


def test_places_go_to_those_whom_the_sift_ranks_first() -> None:
    cases = {
        number: case_of(
            PLACES,
            facets={"employer": "Northmoor Council", "role": "Clerk"},
            evidence={"cases": "9", "port_cases": port},
            on=ON,
        )
        for number, port in {"S1": "6", "S2": "9", "S3": "8", "S4": "1"}.items()
    }
    found = allocate(PLACES, cases, seed="a seed", taken={})
    assert {n: it.to for n, it in found.items() if isinstance(it, Decision)} == {
        "S2": "port",
        "S3": "port",
        "S4": "north",
    }
    refused = found["S1"]
    assert isinstance(refused, Refused)
    assert "the 2 places at Moor Port Authority are taken: a panel must decide" in refused.reason
    taken = allocate(PLACES, cases, seed="a seed", taken={"port": 1})
    assert [n for n, it in taken.items() if isinstance(it, Decision) and it.to == "port"] == ["S2"]


def test_a_reason_may_name_a_share_and_a_refusal_the_person() -> None:
    terms = moor(
        ("of {cases} cases are the port's", "of {cases} cases ({port_cases/cases}) are the port's")
    ).with_values(assumed={"M-04": "15d"})
    facets = {"employer": "Northmoor Council", "role": "Clerk"}
    case = case_of(terms, facets=facets, evidence={"cases": "3", "port_cases": "2"}, on=ON)
    decision = decide(terms, case, staff_number="S1", seed="a seed")
    assert decision.because.startswith("2 of 3 cases (0.6667) are the port's")
    nowhere = case_of(PLACES, facets={"role": "Clerk"}, evidence={}, on=ON)
    with pytest.raises(Refused, match="no route answers for a Clerk"):
        decide(PLACES, nowhere, staff_number="S1", seed="a seed")

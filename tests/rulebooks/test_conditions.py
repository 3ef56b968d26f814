"""Conditions: what they may say, that they are exact, and that nothing else comes out of them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transfer.rulebooks.conditions import (
    Case,
    Given,
    Kind,
    Names,
    NotJudged,
    Result,
    Unsuitable,
    compile_condition,
)
from transfer.rulebooks.trying import MOST_CASES, combinations

NAMES = Names(
    evidence={
        "part": Kind.WHOLE,
        "whole": Kind.WHOLE,
        "share": Kind.DECIMAL,
        "since": Kind.DATE,
        "team": Kind.TEXT,
        "agreed": Kind.FLAG,
    },
    values={"C-1": Kind.DECIMAL, "C-2": Kind.TEXTS, "C-3": Kind.DATE},
)
CASE = Case(
    facets={"employer": "Northmoor Council", "role": "Clerk", "fte": "0.6"},
    evidence={
        "part": 3,
        "whole": 5,
        "share": Decimal("0.6"),
        "since": date(2019, 4, 1),
        "team": "east",
        "agreed": True,
    },
    values={"C-1": Decimal("0.6"), "C-2": ["clerk", "typist"], "C-3": date(2020, 4, 1)},
    transferor="Northmoor Council",
    transferors=["Northmoor Council"],
    transferees=["east", "west"],
    successors={"Northmoor Council": ["east"]},
    on=date(2027, 1, 11),
)


def judged(text: str, case: Case = CASE, result: Result = Result.FLAG) -> bool | str:
    return compile_condition(text, NAMES, result).evaluate(case)


@pytest.mark.parametrize(
    "text",
    [
        "at_least(evidence.part, evidence.whole, value['C-1'])",
        "!more_than(evidence.part, evidence.whole, value['C-1'])",
        "evidence.share >= value['C-1'] && evidence.share <= value['C-1']",
        "evidence.share == decimal('0.60')",
        "one - evidence.share == decimal('0.4')",
        "one - decimal('0.9') == decimal('0.1')",
        "fte > decimal('0.599999') && fte < decimal('0.600001')",
        "evidence.since < value['C-3'] && days_between(evidence.since, value['C-3']) == 366",
        "day('2019-04-01') == evidence.since",
        "on == day('2027-01-11')",
        "listed(role, value['C-2'])",
        "employer in transferors && transferor == employer",
        "size(successors(transferor)) == 1 && successors(transferor)[0] == 'east'",
        "evidence['team'].startsWith('e') && lower(role) == 'clerk'",
        "evidence.agreed && evidence.part + 2 == evidence.whole",
        "unit == ''",
    ],
)
def test_what_holds(text: str) -> None:
    assert judged(text) is True


def test_an_expression_for_a_place_comes_to_a_text() -> None:
    assert judged("evidence.agreed ? 'east' : 'west'", result=Result.TEXT) == "east"


@given(
    part=st.integers(0, 10**6),
    whole=st.integers(1, 10**6),
    share=st.decimals(0, 1, places=6, allow_nan=False),
)
def test_a_share_of_whole_numbers_is_exact(part: int, whole: int, share: Decimal) -> None:
    evidence: dict[str, Given] = {"part": part, "whole": whole}
    case = Case(evidence=evidence, values={"C-1": share})
    reached = part >= share * whole
    assert judged("at_least(evidence.part, evidence.whole, value['C-1'])", case) is reached
    above = part > share * whole
    assert judged("more_than(evidence.part, evidence.whole, value['C-1'])", case) is above


@given(
    first=st.decimals(-(10**9), 10**9, places=6, allow_nan=False),
    second=st.decimals(-(10**9), 10**9, places=6, allow_nan=False),
)
def test_decimals_are_compared_exactly(first: Decimal, second: Decimal) -> None:
    case = Case(evidence={"share": first}, values={"C-1": second})
    assert judged("evidence.share >= value['C-1']", case) is (first >= second)
    assert judged("evidence.share == value['C-1']", case) is (first == second)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("evidence.parts > 1", "there is no evidence parts: did you mean part?"),
        ("value['C-9'] > one", "there is no clause with a value C-9"),
        ("value.C > one", "write value['CLAUSE']"),
        ("employr == 'x'", "there is no name employr: did you mean employer?"),
        ("atleast(1, 2, one)", "there is no function atleast: did you mean at_least?"),
        ("evidence.share >= 0.6", "write decimal('0.6')"),
        ("evidence.share >= 1", "they cannot be compared: write decimal('1')"),
        ("1 == evidence.share", "write decimal('1')"),
        ("evidence.part == 'three'", "cannot be compared"),
        ("evidence.since > '2019-04-01'", "write day('2019-04-01')"),
        ("evidence.part / evidence.whole > 1", "a division would be rounded"),
        ("role.matches('(a+)+')", "there is no function matches"),
        ("transferors.exists(employer, employer == 'x')", "there is no"),
        ("[1, 2].map(x, x * 2) == [2, 4]", "there is no name x"),
        ("evidence == evidence", "evidence needs a name"),
        ("'east' in evidence", "evidence needs a name"),
        ("role ==", "is not CEL: at character 8"),
        ("role == 'a", "is not CEL"),
        ("role = 'a'", "is not CEL"),
        ("(" * 30 + "true" + ")" * 30, "nested deeper"),
        ("true" + " && true" * 500, "longer than"),
        ("true" + "&&true" * 250, "more than 400 parts"),
        ("timestamp('2020-01-01T00:00:00Z') == on", "there is no function timestamp"),
        ("double(1) == 1e0", "write decimal('1e0')"),
    ],
)
def test_what_a_condition_may_not_say(text: str, reason: str) -> None:
    with pytest.raises(Unsuitable) as unsuitable:
        compile_condition(text, NAMES, Result.FLAG)
    assert any(reason in each for each in unsuitable.value.reasons), unsuitable.value.reasons


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("evidence.team == 'east'", "team is missing: ask has(evidence.…) first"),
        ("at_least(1, 0, value['C-1'])", "no share of nothing"),
        ("size(transferors)", "which is not true or false"),
        ("decimal('0.1234567') == one", "more than 6 decimal places"),
        ("day('soon') == on", "Invalid isoformat"),
    ],
)
def test_what_cannot_be_judged(text: str, reason: str) -> None:
    compiled = compile_condition(text, NAMES, Result.FLAG)
    with pytest.raises(NotJudged, match=reason.replace("(", r"\(").replace(")", r"\)")):
        compiled.evaluate(Case(values={"C-1": Decimal("0.6")}))


def test_missing_evidence_is_asked_for() -> None:
    assert judged("has(evidence.team) && evidence.team == 'east'", Case()) is False


def test_what_a_condition_saw_is_kept_as_written() -> None:
    compiled = compile_condition(
        "listed(role, value['C-2']) && evidence.share >= value['C-1']", NAMES, Result.FLAG
    )
    assert compiled.saw(CASE) == {
        "share": "0.6",
        "C-2": "clerk, typist",
        "C-1": "0.6",
        "role": "Clerk",
    }


def test_of_very_many_cases_some_are_tried_from_all_over() -> None:
    options = [range(10), range(7), range(9), range(4), range(8)]
    found = [tuple(each) for each in combinations(options)]
    assert len(found) == len(set(found)) == MOST_CASES
    for n, each in enumerate(options):
        assert {chosen[n] for chosen in found} == set(each)
    assert len({chosen[:2] for chosen in found}) == 70
    few = [range(2), range(3)]
    assert sorted(map(tuple, combinations(few))) == [(a, b) for a in range(2) for b in range(3)]


_OF_EVERYTHING = " || ".join(
    (
        "evidence.team == 'x'",
        "listed(role, value['C-2'])",
        "fte == decimal('0.5')",
        "transferor == 'x'",
        "'x' in transferors",
        "'x' in transferees",
        "'x' in successors(employer)",
        "on == day('2027-01-12')",
        "(has(evidence.agreed) && evidence.agreed)",
    )
)


@pytest.mark.parametrize(
    "otherwise",
    [
        {"evidence": {"team": "x"}},
        {"evidence": {"team": "y", "agreed": True}},
        {"facets": {"employer": "a", "role": "C", "fte": "1"}},
        {"facets": {"employer": "a", "role": "b", "fte": "0.50"}},
        {"values": {"C-2": ["b"]}},
        {"transferor": "x"},
        {"transferors": ["x"]},
        {"transferees": ["x"]},
        {"successors": {"a": ["x"]}},
        {"on": date(2027, 1, 12)},
    ],
)
def test_an_answer_is_kept_for_no_other_case(otherwise: dict[str, Any]) -> None:
    """Two cases that differ in anything that a condition names are judged separately."""
    condition = compile_condition(_OF_EVERYTHING, NAMES, Result.FLAG)
    case = Case(
        facets={"employer": "a", "role": "b", "fte": "1"},
        evidence={"team": "y"},
        values={"C-2": ["c"]},
        on=date(2027, 1, 11),
    )
    for _ in range(2):
        assert condition.evaluate(case) is False
        assert condition.evaluate(replace(case, **otherwise)) is True


def test_what_cannot_be_judged_is_so_however_often_it_is_asked() -> None:
    condition = compile_condition("evidence.part > 2", NAMES, Result.FLAG)
    for _ in range(2):
        with pytest.raises(NotJudged, match="part is missing"):
            condition.evaluate(replace(CASE, evidence={}))
        assert condition.evaluate(CASE) is True

"""The contract's sentences about everybody: head counts and members."""

from __future__ import annotations

import pytest

from tests.support.asking import Api, told
from transfer.core.words import Facet

pytestmark = pytest.mark.engines


def test_head_counts_go_by_the_values_of_a_facet(api: Api) -> None:
    for number, employer, fte in (("S1", "A", "1"), ("S2", "A", "0.25"), ("S3", "B", "0.5")):
        api.register(number, position={"employer": employer, "fte": fte})
    api.register("S4", position={"employer": "B"})
    found = api.get("/workforce", by="employer", effective_at="2014-01-01").json()
    assert found["groups"] == [
        {"value": "A", "headcount": 2, "fte": "1.25"},
        {"value": "B", "headcount": 2, "fte": "0.5"},
    ]
    assert found["by"] == "employer"
    assert api.get("/workforce", by="employer", effective_at="2013-01-01").json()["groups"] == []
    told(api.get("/workforce"), 422, "malformed")
    told(api.get("/workforce", by="shoe_size"), 422, "malformed")


def test_members_are_those_whose_value_it_is_temporary_values_counted(api: Api) -> None:
    api.register("S1", position={"employer": "A", "paid_band": "4"})
    api.register("S2", position={"employer": "A", "paid_band": "5"})
    api.change("S1", start="2014-02-01", end="2014-03-01", paid_band="5")

    def members(**asked: object) -> list[str]:
        found = api.get("/workforce/members", asked).json()
        return [each["staff_number"] for each in found["items"]]

    assert members(effective_at="2014-02-01", paid_band="5") == ["S1", "S2"]
    assert members(effective_at="2014-03-01", paid_band="5") == ["S2"]
    assert members(effective_at="2014-03-01", paid_band="4", employer="A") == ["S1"]
    assert members(effective_at="2014-03-01", paid_band="4", employer="B") == []
    assert members(effective_at="2013-01-01") == []


def test_everybody_can_be_asked_about_one_of_their_concurrent_jobs(api: Api) -> None:
    api.register("S1", position={"employer": "A", "fte": "0.6"})
    evenings = {"employer": "A", "fte": "0.3"}
    body = {"effective_from": "2014-01-01", "changes": evenings, "reason": "a second job"}
    assert api.post("/staff/S1/changes", body | {"assignment": "evenings"}).status_code == 201
    api.register("S2", position={"employer": "A", "fte": "1"})

    def asked(**more: object) -> tuple[list[tuple[str, str]], list[tuple[int, str]]]:
        day = {"effective_at": "2014-02-01", **more}
        found = api.get("/workforce/members", {"employer": "A", **day}).json()
        groups = api.get("/workforce", {"by": "employer", **day}).json()["groups"]
        return (
            [(each["staff_number"], each["assignment"]) for each in found["items"]],
            [(each["headcount"], each["fte"]) for each in groups],
        )

    assert asked() == ([("S1", "evenings"), ("S1", "main"), ("S2", "main")], [(2, "1.9")])
    assert asked(assignment="main") == ([("S1", "main"), ("S2", "main")], [(2, "1.6")])
    assert asked(assignment="evenings") == ([("S1", "evenings")], [(1, "0.3")])


def test_members_are_paged_by_a_cursor(api: Api) -> None:
    numbers = [f"S{n:03}" for n in range(7)]
    for number in numbers:
        api.register(number, position={"employer": "A"})
    seen: list[str] = []
    cursor: str | None = None
    pages = 0
    while True:
        found = api.get(
            "/workforce/members", effective_at="2014-01-01", employer="A", limit=3, cursor=cursor
        ).json()
        seen += [each["staff_number"] for each in found["items"]]
        pages += 1
        cursor = found["next_cursor"]
        if cursor is None:
            break
    assert (seen, pages) == (numbers, 3)


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": "0"},
        {"limit": "1001"},
        {"limit": "-1"},
        {"limit": "ten"},
        {"limit": ""},
        {"cursor": "made up"},
        {"cursor": ""},
        {"cursor": "W10"},
        {"cursor": "W1tb" * 2_000},
        {"employers": "A"},
        {"by": "employer"},
        {"effective_at": "01/02/2014"},
    ],
)
def test_a_malformed_question_about_members_is_422(shared: Api, asked: dict[str, str]) -> None:
    told(shared.get("/workforce/members", asked), 422, "malformed")


def test_every_facet_can_be_asked_of_members(api: Api) -> None:
    given = {facet.value: f"a {facet.value}" for facet in Facet if facet is not Facet.FTE}
    api.register(position={**given, "fte": "1"})
    for facet, value in {**given, "fte": "1"}.items():
        found = api.get("/workforce/members", {facet: value}, effective_at="2014-01-01").json()
        assert len(found["items"]) == 1, facet

"""Bulk acts: many people's entries in one command, previewed, refused whole, undone by another."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from httpx import ASGITransport, AsyncClient, Response

from tests.support.asking import Api, Json, created, told, values
from tests.support.serving import application
from transfer.access.identity import Role
from transfer.api.http_service import HttpService

pytestmark = pytest.mark.engines

_UNKNOWN = UUID("01234567-89ab-4def-8123-456789abcdef")


def change(number: str, start: str = "2014-06-01", **to: str | None) -> Json:
    """An item that changes facets."""
    return {"staff_number": number, "change": {"effective_from": start, "changes": to}}


def act(*items: Json, **given: object) -> Json:
    """A bulk act."""
    return {"items": list(items), "reason": "the whole unit moves", **given}


def preview(api: Api, body: Json, **asked: str) -> Json:
    """What a bulk act would change."""
    answer = api.client.request(
        "POST",
        "/v1/bulk",
        query={"preview": "true", **asked},
        headers=api.headers(),
        body=json.dumps(body).encode(),
    )
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content


def history(api: Api, number: str) -> list[Json]:
    """A person's events."""
    items: list[Json] = api.get(f"/staff/{number}/history").json()["items"]
    return items


def test_an_act_over_many_is_one_command_at_one_instant(api: Api) -> None:
    first = api.register("S1", position={"employer": "LDN", "band": "4"})
    api.register("S2", position={"employer": "LDN"})
    basis = {"rulebook": "tr-2013", "clause": "TR-12", "document": "scheme"}
    term = {"term": "pay protection", "value": "4", "effective_from": "2014-06-01"}
    correction = {
        "of": first["event_id"],
        "effective_from": "2014-01-01",
        "changes": {"employer": "LDN", "band": "5"},
        "reason": "misread",
    }
    written = created(
        api.post(
            "/bulk",
            act(
                change("S1", employer="NPS"),
                change("S2", employer="NPS"),
                {"staff_number": "S1", "term": term},
                {"staff_number": "S1", "correction": correction},
                basis=basis,
            ),
        )
    )
    assert [
        (each["index"], each["staff_number"], each["version"]) for each in written["items"]
    ] == [
        (0, "S1", 2),
        (1, "S2", 2),
        (2, "S1", 3),
        (3, "S1", 4),
    ]
    assert written["people"] == 2
    events = [*history(api, "S1")[1:], *history(api, "S2")[1:]]
    assert {each["recorded_at"] for each in events} == {written["recorded_at"]}
    assert {each["command_id"] for each in events} == {written["command_id"]}
    assert [each["reason"] for each in events] == [
        "the whole unit moves",
        "the whole unit moves",
        "misread",
        "the whole unit moves",
    ]
    assert all(each["basis"] == basis for each in events)
    assert values(api, "S1", effective_at="2014-06-01") == {"employer": "NPS", "band": "5"}
    assert values(api, "S2", effective_at="2014-06-01") == {"employer": "NPS"}


def test_items_of_one_person_are_decided_on_what_the_ones_before_leave(api: Api) -> None:
    registered = api.register("S1")
    annul = {"of": registered["event_id"], "annul": True}
    items = [{"staff_number": "S1", "correction": annul} for _ in range(2)]
    problem = told(api.post("/bulk", act(*items)), 422, "items-refused")
    assert [(each["index"], each["type"]) for each in problem["errors"]] == [
        (1, "/problems/conflict")
    ]
    term = {"term": "evr", "value": "on", "effective_from": "2014-06-01"}
    ended = term | {"value": None, "effective_from": "2015-06-01"}
    created(api.post("/bulk", act(*({"staff_number": "S1", "term": t} for t in (term, ended)))))
    assert [each["type"] for each in history(api, "S1")[1:]] == [
        "term-granted.v1",
        "term-ended.v1",
    ]


def test_every_item_that_fails_is_named_and_nothing_is_written(api: Api) -> None:
    api.register("S1")
    api.register("S2")
    body = act(
        change("S1", band="5"),
        change("S1", start="soon", band="5"),
        change("S9", band="5"),
        change("S2", fte="2"),
        {"staff_number": "S2"},
        {"staff_number": "S2", "correction": {"of": str(_UNKNOWN), "annul": True}},
        change("no such number", colour="red"),
    )
    body["items"] += ["S1", None, ["S2"]]
    for answer in (
        api.post("/bulk", body),
        api.client.request(
            "POST",
            "/v1/bulk",
            query="preview=true",
            headers=api.headers(),
            body=json.dumps(body).encode(),
        ),
    ):
        problem = told(answer, 422, "items-refused")
        found = [
            (each["index"], each["staff_number"], each["type"].rsplit("/")[-1], each.get("field"))
            for each in problem["errors"]
        ]
        assert found == [
            (1, "S1", "malformed", "change.effective_from"),
            (2, "S9", "not-on-record", None),
            (3, "S2", "malformed", "fte"),
            (4, "S2", "malformed", "item"),
            (5, "S2", "not-on-record", None),
            (6, "no such number", "malformed", "staff_number"),
            (6, "no such number", "malformed", "change.changes.colour"),
            (7, "", "malformed", "item"),
            (8, "", "malformed", "item"),
            (9, "", "malformed", "item"),
        ]
        assert all(each["reason"] for each in problem["errors"])
    assert len(history(api, "S1")) == len(history(api, "S2")) == 1


def test_a_repeated_key_answers_the_first_and_writes_nothing(api: Api) -> None:
    registered = api.register("S1")
    annul = {"of": registered["event_id"], "annul": True}
    body = act({"staff_number": "S1", "correction": annul})
    first = created(api.post("/bulk", body, key="k"))
    # By now it would be refused: the entry is annulled.
    assert created(api.post("/bulk", body, key="k")) == first
    told(api.post("/bulk", act(change("S1", band="5")), key="k"), 422, "key-reused")
    assert len(history(api, "S1")) == 2


def test_an_act_is_undone_by_annulling_its_events_in_bulk(api: Api) -> None:
    for number in ("S1", "S2"):
        api.register(number, position={"band": "4"})
    written = created(api.post("/bulk", act(change("S1", band="5"), change("S2", band="6"))))
    undo = [
        {
            "staff_number": each["staff_number"],
            "correction": {"of": each["event_id"], "annul": True},
        }
        for each in written["items"]
    ]
    created(api.post("/bulk", act(*undo, reason="sent too early")))
    for number in ("S1", "S2"):
        assert values(api, number, effective_at="2014-06-01") == {"band": "4"}
        assert len(history(api, number)) == 3
    before = values(api, "S1", effective_at="2014-06-01", known_at=written["recorded_at"])
    assert before == {"band": "5"}, "what was known in between stays known"


def test_a_preview_counts_everybody_and_shows_them_page_by_page(api: Api) -> None:
    for number in range(5):
        api.register(f"S{number}", position={"employer": "LDN", "band": "4"})
    items = [change(f"S{number}", employer="NPS", band="4") for number in range(5)]
    body = act(*items, change("S0", start="2014-07-01", band="5"))
    first = preview(api, body, limit="2")
    assert (first["entries"], first["people"]) == (6, 5)
    assert first["differing"] == {
        "people": 5,
        "position": 6,
        "terms": 0,
        "periods": 10,
        "deadlines": 0,
        "notices": 6,
        "protected_pay_ends": 0,
    }
    pages = [first]
    while pages[-1]["next_cursor"] is not None:
        pages.append(preview(api, body, limit="2", cursor=pages[-1]["next_cursor"]))
    shown = [each for page in pages for each in page["items"]]
    assert [each["staff_number"] for each in shown] == [f"S{number}" for number in range(5)]
    assert [page["differing"] for page in pages[1:]] == [None, None]
    assert [(each["facet"], each["after"]) for each in shown[0]["position"]] == [
        ("band", "5"),
        ("employer", "NPS"),
    ]
    (band,) = (each for each in shown[0]["periods"] if each["facet"] == "band")
    # Both of S0's items are named by their index until they are recorded.
    assert [UUID(each["event_id"]).int for each in band["after"][1:]] == [0, 5]
    assert all(len(history(api, f"S{number}")) == 1 for number in range(5))
    answer = api.client.request(
        "POST",
        "/v1/bulk",
        query={"preview": "true", "cursor": "x"},
        headers=api.headers(),
        body=json.dumps(body).encode(),
    )
    assert told(answer, 422, "malformed")["errors"][0]["field"] == "cursor"


def test_an_act_is_for_administrators_and_relies_on_no_version(api: Api) -> None:
    api.register("S1")
    body = act(change("S1", band="5"))
    audit = api.token_for(Role.AUDIT)
    told(api.post("/bulk", body, token=audit), 403, "not-allowed")
    problem = told(api.post("/bulk", body, if_match='"1"'), 422, "malformed")
    assert problem["errors"][0]["field"] == "If-Match"
    told(api.post("/bulk", act()), 422, "malformed")
    told(api.post("/bulk", b" " * (64 * 1024 * 1024 + 1)), 413, "too-large")


def test_a_body_above_the_limit_is_read_to_its_end(api: Api, service: HttpService) -> None:
    """So that the caller, who is still sending, gets the answer and not a broken connection."""
    sent = 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(70):
            sent += 1
            yield b" " * (1024 * 1024)

    async def ask() -> Response:
        with application(service) as app:
            transport = ASGITransport(app)
            async with AsyncClient(transport=transport, base_url="http://test") as client:
                return await client.post("/v1/bulk", headers=api.headers(), content=body())

    told(asyncio.run(ask()), 413, "too-large")
    assert sent == 70


@pytest.mark.parametrize("preview", ["false", "true"])
def test_the_answer_stays_small_however_many_items_are_refused(api: Api, preview: str) -> None:
    items = [change("S" + "9" * 5_000, band="5") for _ in range(1_000)]
    items += [change(f"S{n}", band="5") for n in range(2_000)]
    answer = api.client.request(
        "POST",
        "/v1/bulk",
        query={"preview": preview},
        headers=api.headers(),
        body=json.dumps(act(*items)).encode(),
    )
    problem = told(answer, 422, "items-refused")
    assert [each["index"] for each in problem["errors"]] == list(range(200))
    assert problem["errors_left_out"] == 2_800
    assert "3000" in problem["detail"].replace(",", "")
    assert len(answer.content) < 100_000


def test_the_answer_stays_small_however_many_fields_are_wrong(api: Api) -> None:
    body = {"staff_number": "S1", **{f"field{n}": 1 for n in range(1_000)}}
    answer = api.post("/staff", body)
    problem = told(answer, 422, "malformed")
    assert len(problem["errors"]) + problem["errors_left_out"] >= 1_000
    assert len(answer.content) < 20_000
    many = "".join(f"unknown{n} = 1\n" for n in range(1_000))
    answer = api.post("/rulebooks", {"source": many})
    problem = told(answer, 422, "malformed")
    assert len(problem["errors"]) == 200
    assert problem["errors_left_out"] >= 800

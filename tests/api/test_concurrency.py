"""Several callers at once: each command happens once, and each is told the truth."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from httpx import Response

from tests.api.asking import Api, Json, created

pytestmark = pytest.mark.engines

AT_ONCE = 8
ROUNDS = 5
CHANGE: Json = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "r"}


def together(ask: Callable[[], Response]) -> list[Response]:
    """The answers to one request made by several at the same time."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [each.result() for each in [pool.submit(ask) for _ in range(AT_ONCE)]]


def register(api: Api, number: str, key: str | None = None) -> Callable[[], Response]:
    """A registration, to be asked for."""
    body = {"staff_number": number, "name": "n", "effective_from": "2014-01-01", "position": {}}
    return lambda: api.post("/staff", body, key=key)


def change(api: Api, key: str | None = None, if_match: str | None = None) -> Callable[[], Response]:
    """A change of S0, to be asked for."""
    return lambda: api.post("/staff/S0/changes", CHANGE, key=key, if_match=if_match)


def test_one_registration_of_many_is_made(api: Api) -> None:
    for n in range(ROUNDS):
        answers = together(register(api, f"S{n}"))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [201] + [409] * (AT_ONCE - 1), [answer.text for answer in answers]


def test_of_many_deliveries_of_one_key_one_writes_and_all_are_told(api: Api) -> None:
    for n in range(ROUNDS):
        answers = together(register(api, f"S{n}", f"r{n}"))
        assert len({created(answer)["event_id"] for answer in answers}) == 1
        answers = together(change(api, f"c{n}"))
        assert {created(answer)["version"] for answer in answers} == {n + 2}


def test_of_many_who_rely_on_one_version_one_writes(api: Api) -> None:
    api.register("S0")
    answers = together(change(api, if_match='"1"'))
    assert sorted(answer.status_code for answer in answers) == [201] + [412] * (AT_ONCE - 1)


def test_without_a_version_everybody_writes_and_instants_differ(api: Api) -> None:
    api.register("S0")
    written = [created(answer) for answer in together(change(api))]
    assert sorted(each["version"] for each in written) == list(range(2, AT_ONCE + 2))
    by_version = sorted(written, key=lambda each: int(each["version"]))
    instants = [each["recorded_at"] for each in by_version]
    assert instants == sorted(set(instants))
    items = api.get("/staff/S0/history").json()["items"]
    assert [each["event_id"] for each in items[1:]] == [each["event_id"] for each in by_version]

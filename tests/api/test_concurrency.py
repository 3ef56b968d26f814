"""Several callers at once: each command happens once, and each is told the truth."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from httpx import Response

from tests.support.asking import Api, Json, created, position, values

pytestmark = pytest.mark.engines

AT_ONCE = 8
ROUNDS = 5
CHANGE: Json = {"effective_from": "2014-02-01", "changes": {"band": "5"}, "reason": "r"}


def together(ask: Callable[[], Response], at_once: int = AT_ONCE) -> list[Response]:
    """The answers to one request made by several at the same time."""
    with ThreadPoolExecutor(at_once) as pool:
        return [each.result() for each in [pool.submit(ask) for _ in range(at_once)]]


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


def test_many_more_writers_than_connections_all_write(api: Api) -> None:
    api.register("S0")
    answers = together(change(api), at_once=64)
    assert sorted(created(answer)["version"] for answer in answers) == list(range(2, 66))


def test_of_many_who_rely_on_each_version_exactly_one_wins_each_round(api: Api) -> None:
    version = api.register("S0")["version"]
    for _ in range(ROUNDS):
        answers = together(change(api, if_match=f'"{version}"'))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [201] + [412] * (AT_ONCE - 1), [answer.text for answer in answers]
        [version] = [each.json()["version"] for each in answers if each.status_code == 201]
    items = api.get("/staff/S0/history").json()["items"]
    assert [each["version"] for each in items] == list(range(1, ROUNDS + 2))


@pytest.mark.thorough
def test_no_update_that_was_built_on_another_is_lost(api: Api) -> None:
    """Everybody adds one to what they read, and relies on it: nobody's one is lost."""
    api.register("S0", position={"post": "0"})
    each_adds = 6

    def add() -> int:
        refused, added = 0, 0
        while added < each_adds:
            history = api.get("/staff/S0/history").json()["items"]
            last = history[-1]
            # Somebody else's last entry may be on record and not yet in the read model: an answer
            # that has to know of it says so.
            read = position(
                api,
                "S0",
                effective_at="2014-06-01",
                known_at=last["recorded_at"],
                consistent_with=last["event_id"],
            )
            assert read["known_at"] == last["recorded_at"]
            post = read["position"]["post"]["value"]
            body = {
                "effective_from": "2014-02-01",
                "changes": {"post": str(int(post) + 1)},
                "reason": "r",
            }
            answer = api.post("/staff/S0/changes", body, if_match=f'"{last["version"]}"')
            assert answer.status_code in (201, 412), answer.text
            if answer.status_code == 201:
                added += 1
            else:
                refused += 1
        return refused

    with ThreadPoolExecutor(AT_ONCE) as pool:
        refused = [each.result() for each in [pool.submit(add) for _ in range(AT_ONCE)]]
    total = AT_ONCE * each_adds
    assert values(api, "S0", effective_at="2014-06-01")["post"] == str(total)
    assert len(api.get("/staff/S0/history").json()["items"]) == total + 1
    assert sum(refused) > 0, "nobody was ever in anybody's way"


def test_one_key_with_different_bodies_records_one_of_them(api: Api) -> None:
    api.register("S0")
    for n in range(ROUNDS):
        asked = iter([*"abcdefgh"])

        def ask(values: Iterator[str] = asked, key: str = f"k{n}") -> Response:
            body = CHANGE | {"changes": {"unit": next(values)}}
            return api.post("/staff/S0/changes", body, key=key)

        answers = together(ask)
        written = [each.json() for each in answers if each.status_code == 201]
        assert len(written) == 1
        for answer in answers:
            assert answer.status_code in (201, 422)
        items = api.get("/staff/S0/history").json()["items"]
        assert [each["event_id"] for each in items[n + 1 :]] == [written[0]["event_id"]]


def test_of_many_annulments_of_one_entry_one_is_recorded(api: Api) -> None:
    api.register("S0")
    for n in range(ROUNDS):
        entry = api.change("S0", start="2014-02-01", band=str(n))["event_id"]
        body = {"of": entry, "annul": True, "reason": "r"}
        answers = together(partial(api.post, "/staff/S0/corrections", body))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [201] + [409] * (AT_ONCE - 1), [answer.text for answer in answers]


def test_of_many_corrections_of_one_entry_the_last_recorded_holds(api: Api) -> None:
    api.register("S0")
    entry = api.change("S0", start="2014-02-01", band="5")["event_id"]
    bands = iter([*"abcdefgh"])

    def correct() -> Response:
        body = {
            "of": entry,
            "effective_from": "2014-02-01",
            "changes": {"band": next(bands)},
            "reason": "r",
        }
        return api.post("/staff/S0/corrections", body)

    written = sorted(
        (created(answer) for answer in together(correct)), key=lambda each: int(each["version"])
    )
    band = position(api, "S0", effective_at="2014-06-01")["position"]["band"]
    assert (band["event_id"], band["corrected_by"]) == (entry, written[-1]["event_id"])
    for before in written[:-1]:
        at = {"effective_at": "2014-06-01", "known_at": before["recorded_at"]}
        known_then = position(api, "S0", **at)["position"]["band"]
        assert known_then["corrected_by"] == before["event_id"]


def test_whoever_writes_to_many_people_reads_what_they_wrote(api: Api) -> None:
    """Eight callers, six people, every write with a key and delivered twice."""
    people = [f"S{n}" for n in range(6)]
    for number in people:
        api.register(number)
    start = threading.Barrier(AT_ONCE)

    def work(caller: int) -> list[Json]:
        start.wait()
        done = []
        for n in range(8):
            number, value = people[(caller + n) % len(people)], f"{caller}-{n}"
            body = CHANGE | {"changes": {"unit": value}}
            written = created(api.post(f"/staff/{number}/changes", body, key=value))
            again = created(api.post(f"/staff/{number}/changes", body, key=value))
            assert again == written
            at = {"effective_at": "2014-02-01", "known_at": written["recorded_at"]}
            held = position(api, number, consistent_with=written["event_id"], **at)
            # At this instant nobody else's write can be the last of this day.
            assert held["position"]["unit"]["value"] == value
            done.append(written)
        return done

    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = [each for work_done in pool.map(work, range(AT_ONCE)) for each in work_done]
    instants = [each["recorded_at"] for each in done]
    assert len(set(instants)) == len(instants)
    found = []
    for number in people:
        items = api.get(f"/staff/{number}/history").json()["items"]
        assert [each["version"] for each in items] == list(range(1, len(items) + 1))
        assert [each["recorded_at"] for each in items] == sorted(e["recorded_at"] for e in items)
        found += [each["event_id"] for each in items[1:]]
    assert sorted(found) == sorted(each["event_id"] for each in done)

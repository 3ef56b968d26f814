"""A preview says what is read once the entry is written, and writes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import count

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.keeping_up.runner import digest
from tests.support.asking import Api, Json, created, told
from tests.support.projecting import Office
from tests.support.stamps import stamp
from transfer.app import Record
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import Basis
from transfer.procedures.consultation.facts import OfferRestored
from transfer.procedures.exercise.facts import BroughtIntoScope

pytestmark = pytest.mark.engines

_NIL = "00000000-0000-0000-0000-000000000000"


def preview(api: Api, path: str, body: Json, number: str = "S1", status: int = 200) -> Json:
    """What an entry would change."""
    answer = api.client.request(
        "POST",
        f"/v1/staff/{number}/{path}",
        query={"preview": "true"},
        headers=api.headers(),
        body=json.dumps(body).encode(),
    )
    assert answer.status_code == status, answer.text
    content: Json = answer.json()
    return content


def days_by_value(api: Api, number: str, known_from: str, known_to: str) -> Json:
    """The days whose value reads differently between two instants, as a preview tells them."""
    asked = {"known_from": known_from, "known_to": known_to, "every_day": "true"}
    days = api.get(f"/staff/{number}/differences", asked).json()["days"]
    found: dict[str, list[Json]] = {"position": [], "terms": []}
    for kind, of_kind in found.items():
        for each in days[kind]:
            if "value" not in each["changed"]:
                continue
            stretch = {name: each[name] for name in ("assignment", "facet", "term") if name in each}
            stretch |= {
                "before": each["before"] and each["before"]["value"],
                "after": each["after"] and each["after"]["value"],
            }
            last = of_kind[-1] if of_kind else {}
            if last and last["effective_to"] == each["effective_from"] and last == last | stretch:
                last["effective_to"] = each["effective_to"]
            else:
                ends = {name: each[name] for name in ("effective_from", "effective_to")}
                of_kind.append(stretch | ends)
    return found


_DAYS = st.integers(1, 12).map(lambda month: f"2014-{month:02}-01")
_ENDS = st.one_of(st.none(), st.integers(1, 12).map(lambda month: f"2015-{month:02}-01"))
_VALUES = st.sampled_from(["a", "b", None])
_CHANGES = st.dictionaries(st.sampled_from(["employer", "band"]), _VALUES, min_size=1, max_size=2)
_numbers = count(1)


def draw_act(data: st.DataObject, nameable: list[str], registration: str) -> tuple[str, Json]:
    """Where an act is sent, and its body."""
    what = data.draw(st.sampled_from(["changes", "terms", "correct", "correct", "annul"]))
    if what == "annul" and nameable:
        of = data.draw(st.sampled_from(nameable))
        nameable.remove(of)
        return "corrections", {"of": of, "annul": True, "reason": "r"}
    body: Json = {"effective_from": data.draw(_DAYS), "reason": "r"}
    end = data.draw(_ENDS)
    if what == "terms":
        body |= {"term": "pay protection", "value": data.draw(_VALUES)}
    else:
        body["changes"] = data.draw(_CHANGES)
    if what == "correct" and nameable:
        body["of"] = data.draw(st.sampled_from(nameable))
        if body["of"] == registration:
            end = None
    if end is not None:
        body["effective_to"] = end
    return ("corrections" if "of" in body else "terms" if "term" in body else "changes"), body


@pytest.mark.thorough
@given(data=st.data())
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_a_preview_is_what_is_read_after_writing(shared: Api, data: st.DataObject) -> None:
    number = f"P{next(_numbers)}"
    last = shared.register(number, position=data.draw(_CHANGES))
    registration = last["event_id"]
    nameable = [registration]
    for _ in range(data.draw(st.integers(1, 6))):
        path, body = draw_act(data, nameable, registration)
        supposed = preview(shared, path, body, number)
        assert supposed["version"] == last["version"]
        before, last = last, created(shared.post(f"/staff/{number}/{path}", body))
        if "annul" not in body:
            nameable.append(last["event_id"])
            if body.get("of") == registration:
                nameable.pop()  # its corrections take no end either: enough that it does
        found = days_by_value(shared, number, before["recorded_at"], last["recorded_at"])
        assert {kind: supposed[kind] for kind in found} == found
        require_periods(shared, number, supposed["periods"], last["recorded_at"])


def require_periods(api: Api, number: str, supposed: list[Json], known_at: str) -> None:
    """The periods that were to come are there now, and those that were to go are not."""
    known = api.get(f"/staff/{number}/timeline", known_at=known_at).json()
    for lane in supposed:
        names = {name: lane[name] for name in ("term", "assignment", "facet") if name in lane}
        of_kind = known["terms"] if "term" in lane else known["facets"]
        read = [period for one in of_kind if one == one | names for period in one["periods"]]
        assert all(any(same_but_new(each, one) for one in read) for each in lane["after"])
        assert all(each not in read for each in lane["before"])


def same_but_new(supposed: Json, read: Json) -> bool:
    """The same period, but for what nobody can know before it is recorded."""
    unknown = _NIL in (supposed["event_id"], supposed["corrected_by"])
    apart = {"event_id", "corrected_by", "recorded_at"} if unknown else set()
    return all(supposed[name] == read[name] for name in supposed if name not in apart)


def test_a_change_and_a_term_are_previewed_with_all_that_follows(api: Api) -> None:
    registered = api.register(position={"band": "4", "employer": "LDN"})
    move = {"effective_from": "2014-06-01", "changes": {"employer": "NPS"}, "reason": "r"}
    told_before = preview(api, "changes", move)
    assert (told_before["version"], "of" in told_before) == (1, False)
    assert told_before["position"] == [
        {
            "assignment": "main",
            "facet": "employer",
            "effective_from": "2014-06-01",
            "effective_to": None,
            "before": "LDN",
            "after": "NPS",
        }
    ]
    (periods,) = told_before["periods"]
    assert (periods["assignment"], periods["facet"]) == ("main", "employer")
    assert [(p["value"], p["effective_to"]) for p in periods["before"]] == [("LDN", None)]
    assert [(p["value"], p["effective_to"]) for p in periods["after"]] == [
        ("LDN", "2014-06-01"),
        ("NPS", None),
    ]
    assert [p["event_id"] for p in periods["after"]] == [registered["event_id"], _NIL]
    # Employment Rights Act 1996, section 4: one month after the change takes effect.
    assert told_before["notices"] == [
        {
            "what": "statement-of-change",
            "clause": "ERA 1996 s.4",
            "assignment": "main",
            "facet": "employer",
            "changed_on": "2014-06-01",
            "before": None,
            "after": "2014-07-01",
        }
    ]
    term = {
        "term": "pay protection",
        "value": "band 5",
        "effective_from": "2014-06-01",
        "effective_to": "2017-06-01",
        "reason": "r",
    }
    ends = preview(api, "terms", term)["protected_pay_ends"]
    assert ends == [{"term": "pay protection", "before": [], "after": ["2017-06-01"]}]
    assert len(api.get("/staff/S1/history").json()["items"]) == 1


def test_correcting_a_date_moves_the_notice_and_the_end_of_protected_pay(api: Api) -> None:
    api.register(position={"band": "4"})
    changed = api.change(start="2015-01-31", band="3")
    body = {"of": changed["event_id"], "effective_from": "2015-02-28", "reason": "r"}
    told_before = preview(api, "corrections", body | {"changes": {"band": "3"}})
    assert [(n["changed_on"], n["before"], n["after"]) for n in told_before["notices"]] == [
        ("2015-01-31", "2015-02-28", None),
        ("2015-02-28", None, "2015-03-28"),
    ]
    term = {"term": "Pay-Protection", "value": "4", "effective_from": "2015-02-28", "reason": "r"}
    granted = created(api.post("/staff/S1/terms", term | {"effective_to": "2018-02-28"}))
    body = {
        "of": granted["event_id"],
        "effective_from": "2015-02-28",
        "effective_to": "2017-02-28",
        "term": "Pay-Protection",
        "value": "4",
        "reason": "two years, not three",
    }
    told_before = preview(api, "corrections", body)
    assert told_before["of"] == granted["event_id"]
    assert told_before["protected_pay_ends"] == [
        {"term": "Pay-Protection", "before": ["2018-02-28"], "after": ["2017-02-28"]}
    ]
    assert told_before["deadlines"] == told_before["position"] == []


def test_a_collective_term_goes_with_the_employment(api: Api, record: Record) -> None:
    record.log.clock.simulate()
    api.register(position={"employer": "LDN"})
    basis = Basis(rulebook="tr-2013", clause="TR-06")
    office = Office(record.log)
    office.versions[staff_stream("S1")] = 1
    offer = OfferRestored(
        **stamp("consultation:x", basis),
        term="evr",
        value="on",
        effective_from=date(2014, 1, 1),
    )
    day = date(2014, 2, 1)
    scope = BroughtIntoScope(**stamp("exercise:x", basis), effective_from=day)
    head = record.log.head().recorded_at
    assert head is not None
    office.hours = int((head.timestamp() - 1391245200) // 3600) + 1  # after what is on record
    office.record((matter_stream("consultation:x"), offer), (staff_stream("S1"), scope))
    leave = {"effective_from": "2014-06-01", "changes": {"employer": None}, "reason": "left"}
    assert preview(api, "changes", leave)["terms"] == [
        {
            "term": "evr",
            "exercise": "x",
            "effective_from": "2014-06-01",
            "effective_to": None,
            "before": "on",
            "after": None,
        }
    ]


@pytest.fixture
def notified(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("LISTEN events")
        yield connection


def test_nothing_of_a_preview_stays(api: Api, record: Record, notified: psycopg.Connection) -> None:
    registered = api.register(position={"band": "4"})
    asked = {"effective_at": "2014-06-01", "known_at": registered["recorded_at"]}
    before = api.get("/staff/S1/position", asked).json(), record.log.head()
    list(notified.notifies(timeout=0.1))
    body = {"effective_from": "2014-03-01", "changes": {"band": "5"}, "reason": "r"}
    first = preview(api, "changes", body)
    assert preview(api, "changes", body)["position"] == first["position"]
    assert list(notified.notifies(timeout=0.1)) == []
    assert (api.get("/staff/S1/position", asked).json(), record.log.head()) == before
    assert api.get("/staff/S1/position", effective_at="2014-06-01").json() == before[0]
    # What is written after it is read as if it had not been asked.
    created(api.post("/staff/S1/changes", body))
    now = api.get("/staff/S1/position", effective_at="2014-06-01").json()
    assert now["position"]["band"]["value"] == "5"


def test_what_would_be_refused_is_refused_in_the_preview(api: Api) -> None:
    api.register()
    body = {"effective_from": "2014-03-01", "changes": {"fte": "2"}, "reason": "r"}
    assert preview(api, "changes", body, status=422)["errors"][0]["field"] == "fte"
    body["changes"] = {"band": "5"}
    preview(api, "changes", body, "S9", status=404)
    answer = api.client.request(
        "POST",
        "/v1/staff/S1/changes",
        query={"preview": "true"},
        headers=[*api.headers(), (b"If-Match", b'"7"')],
        body=json.dumps(body).encode(),
    )
    told(answer, 412, "stale-version")


def test_previews_beside_writers_hold_nobody_up_and_leave_no_trace(
    api: Api, record: Record, database_url: str
) -> None:
    """Whatever is asked while others write: every preview is answered, every write is read."""
    numbers = [f"S{n}" for n in range(3)]
    for number in numbers:
        api.register(number, position={"band": "0"})
    each_writes = 12

    def write(number: str) -> None:
        for n in range(each_writes):
            api.change(number, start=f"2014-{n + 1:02}-01", band=str(n + 1))

    def ask(number: str) -> None:
        for _ in range(each_writes):
            body = {"effective_from": "2015-01-01", "changes": {"band": "x"}, "reason": "r"}
            found = preview(api, "changes", body, number)
            assert found["version"] >= 1
            ((last,),) = ([each] for each in found["position"])
            assert (last["effective_from"], last["after"]) == ("2015-01-01", "x")

    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(act, number) for number in numbers for act in (write, ask)]:
            done.result(timeout=60)
    for number in numbers:
        history = api.get(f"/staff/{number}/history").json()["items"]
        assert [each["version"] for each in history] == list(range(1, each_writes + 2))
        timeline = api.get(
            f"/staff/{number}/timeline", consistent_with=history[-1]["event_id"]
        ).json()
        (band,) = timeline["facets"]
        assert [each["value"] for each in band["periods"]] == [str(n) for n in range(1, 13)]
    record.runner.catch_up()
    assert record.runner.failures() == {}
    with psycopg.connect(database_url) as connection:
        live = digest(connection, record.projections[0])
    record.runner.rebuild("position")
    with psycopg.connect(database_url) as connection:
        assert digest(connection, record.projections[0]) == live

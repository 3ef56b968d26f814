"""A pinned question reads the same for ever, with its evidence beside it."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import psycopg
import pytest
from httpx import Response

from deploy.data_folder import DataFolder
from tests.support.asking import Api, Json, created, told, without_correlation
from tests.support.practised import practising
from transfer.access.identity import Limits, Role
from transfer.api.http_service import HttpService
from transfer.app import Record
from transfer.questions.history import full_history
from transfer.questions.on_paper import extract_on_paper, history_on_paper

pytestmark = pytest.mark.engines


def pinned(api: Api, *people: str, key: str | None = None, **asked: Any) -> Response:
    body = {"staff_numbers": people or ("S1",), "effective_at": ["2014-06-01"], **asked}
    answer = api.post("/extracts", body, key=key)
    assert answer.status_code == 201, answer.text
    return answer


def read(api: Api, reference: str) -> Response:
    answer = api.get(f"/extracts/{reference}")
    assert answer.status_code == 200, answer.text
    return answer


def of(answer: Response, number: str = "S1") -> Json:
    (found,) = (each for each in answer.json()["answers"] if each["staff_number"] == number)
    assert isinstance(found, dict)
    return found


def test_it_reads_the_same_whatever_is_recorded_later(api: Api, service: HttpService) -> None:
    api.register("S1", name="Ann First")
    api.change("S1", start="2014-03-01", band="5")
    first = pinned(api, reason="case 2014/17")
    content = first.json()
    reference = content["reference"]
    assert first.headers["location"] == f"/v1/extracts/{reference}"
    assert first.headers["etag"] == f'"{hashlib.sha256(first.content).hexdigest()}"'
    assert (content["asked_by"], content["role"], content["reason"]) == (
        "the administrator",
        "admin",
        "case 2014/17",
    )
    before = read(api, reference)
    api.change("S1", start="2014-04-01", band="6")
    named = {"name": "Ann Second", "effective_from": "2014-02-01", "reason": "r"}
    created(api.post("/staff/S1/names", named))
    after = read(api, reference)
    assert first.content == before.content == after.content
    assert after.headers["etag"] == first.headers["etag"]
    now = of(pinned(api))["on_days"][0]["positions"][0]
    assert (now["name"], now["position"]["band"]["value"]) == ("Ann Second", "6")
    assert [each.what for each in service.register.of("S1", limit=9)] == [
        "/v1/extracts",
        "/v1/extracts/{reference}",
        "/v1/extracts/{reference}",
        "/v1/extracts",
    ]


def test_each_answer_is_that_of_its_question_and_has_its_evidence(api: Api) -> None:
    entry = api.register("S1", name="Ann First")
    second = {"assignment": "second", "effective_from": "2014-01-01", "reason": "r"}
    created(api.post("/staff/S1/changes", {**second, "changes": {"employer": "LDN"}}))
    known = api.get("/staff/S1/position").json()["known_at"]
    change = api.change("S1", start="2014-03-01", band="5")
    corrected: Json = {
        "of": change["event_id"],
        "reason": "mistyped",
        "effective_from": "2014-05-01",
    }
    corrected |= {"changes": {"band": "6"}}
    correction = created(api.post("/staff/S1/corrections", corrected))
    days = ["2014-06-01", "2014-01-01", "2014-06-01"]
    answer = pinned(api, effective_at=days, known_at=["2999-01-01T00:00:00Z", known])
    content = answer.json()
    assert content["effective_at"] == ["2014-01-01", "2014-06-01"]
    assert content["known_at"] == [known, correction["recorded_at"]]
    found = of(answer)
    points = [(each["effective_at"], each["known_at"]) for each in found["on_days"]]
    assert points == [(day, k) for day in content["effective_at"] for k in content["known_at"]]
    for each in found["on_days"]:
        assert [one["assignment"] for one in each["positions"]] == ["main", "second"]
        for one in each["positions"]:
            asked = {name: each[name] for name in ("effective_at", "known_at")}
            asked |= {"assignment": one["assignment"], "why": True, "name": True}
            assert one == api.get("/staff/S1/position", asked).json()
    between = {"known_from": known, "known_to": correction["recorded_at"]}
    assert found["differences"] == [
        api.get("/staff/S1/differences", {**between, "effective_at": day}).json()
        for day in content["effective_at"]
    ]
    evidence = {each["event_id"] for each in found["evidence"]}
    assert evidence >= {each["event_id"] for each in (entry, change, correction)}
    history = api.get("/staff/S1/history", name=True, known_at=content["known_at"][-1]).json()
    as_shown = without_correlation(history["items"])
    assert as_shown != history["items"]
    assert all(each in as_shown for each in found["evidence"])


def test_who_was_not_on_record_yet(api: Api) -> None:
    first = api.register("S1")
    api.register("S2")
    answer = pinned(api, "s2", "S1", known_at=[first["recorded_at"], "2999-01-01T00:00:00Z"])
    assert answer.json()["staff_numbers"] == ["S1", "S2"]
    assert [each["on_record"] for each in of(answer, "S2")["on_days"]] == [False, True]
    assert of(answer, "S2")["differences"] == []
    body = {"staff_numbers": ["S1", "S9"], "effective_at": ["2014-06-01"]}
    told(api.post("/extracts", body), 404, "not-on-record")
    body = {**body, "staff_numbers": ["S2"], "known_at": [first["recorded_at"]]}
    told(api.post("/extracts", body), 404, "not-on-record")


def test_a_repeated_request_gets_the_extract_that_there_is(api: Api) -> None:
    api.register("S1")
    first = pinned(api, key="k")
    api.change("S1", start="2014-03-01", band="5")
    assert pinned(api, key="k").content == first.content
    body = {"staff_numbers": ["S1"], "effective_at": ["2014-06-02"]}
    told(api.post("/extracts", body, key="k"), 422, "key-reused")
    assert pinned(api).json()["reference"] != pinned(api).json()["reference"]


def test_what_it_says_of_somebody_goes_when_they_are_erased(api: Api, record: Record) -> None:
    api.register("S1", name="Ann Quillfeather")
    api.register("S2", name="Bo Other")
    first = pinned(api, "S1", "S2")
    reference = first.json()["reference"]
    record.vault.erase("S1")
    after = read(api, reference)
    assert of(after) == {"staff_number": "S1", "erased": True}
    assert of(after, "S2") == of(first, "S2")
    assert "etag" not in after.headers
    # Of who was erased before, what the record knows can be pinned all the same.
    late = pinned(api)
    assert of(late)["on_days"][0]["positions"][0]["position"]["band"]["value"] == "4"
    assert read(api, late.json()["reference"]).content == late.content


def test_names_do_not_stand_in_the_database_to_be_read(api: Api, record: Record) -> None:
    api.register("S1", name="Ann Quillfeather")
    assert "Quillfeather" in pinned(api).text
    with record.log.connection() as connection:
        rows = connection.execute(
            "SELECT e.head, p.content FROM extracts AS e JOIN extract_parts AS p USING (reference)"
        ).fetchall()
        (row,) = rows
        assert b"Quillfeather" not in bytes(row["content"])
        assert "Quillfeather" not in row["head"]
        for statement in ("DELETE FROM extract_parts", "UPDATE extracts SET head = '{}'"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                connection.execute(statement)


def test_it_is_the_same_on_paper_for_ever(api: Api, record: Record) -> None:
    api.register("S1", name="Ann First")
    change = api.change("S1", start="2014-03-01", band="5")
    later = created(
        api.post("/staff/S1/corrections", {"of": change["event_id"], "reason": "r", "annul": True})
    )
    known = [change["recorded_at"], later["recorded_at"]]
    first = pinned(api, known_at=known, reason="case #1 *bold*")
    path = f"/extracts/{first.json()['reference']}.pdf"
    printed = api.get(path)
    assert (printed.status_code, printed.headers["content-type"]) == (200, "application/pdf")
    assert printed.content.startswith(b"%PDF-")
    api.change("S1", start="2014-03-01", band="6")
    assert api.get(path).content == printed.content
    record.vault.erase("S1")
    assert api.get(path).content != printed.content
    told(api.get("/extracts/AAAA-AAAA-AAAA-AAAA.pdf"), 404, "not-on-record")


def test_what_stands_on_paper_of_an_extract(api: Api) -> None:
    api.register("S1", name="Ann First", position={"employer": "LDN", "paid_band": "5"})
    change = api.change("S1", start="2014-03-01", end="2014-07-01", paid_band="6")
    before = api.get("/staff/S1/position").json()["known_at"]
    annulment = {"of": change["event_id"], "reason": "mistyped", "annul": True}
    after = created(api.post("/staff/S1/corrections", annulment))["recorded_at"]
    content = pinned(api, known_at=[before, after]).json()
    paper: Any = extract_on_paper(content, "ab12")
    head = dict(paper["head"])
    assert (paper["title"], head["SHA-256"]) == (f"Extract {content['reference']}", "ab12")
    assert (head["Asked by"], head["Days"]) == ("the administrator (admin)", "1 Jun 2014")
    (person,) = paper["people"]
    first, second = person["points"]
    (job,) = first["jobs"]
    assert job["name"] == "Ann First"
    row = ("Paid band", "6", "1 Mar 2014 to 30 Jun 2014", "", change["event_id"][-8:])
    assert row in job["values"]
    assert ("Paid band", "5", "from 1 Jan 2014") in [
        each[:3] for each in second["jobs"][0]["values"]
    ]
    (difference,) = person["differences"]
    (line,) = difference["lines"]
    assert line.startswith("Paid band: 6 (1 Mar 2014 to 30 Jun 2014), then 5 (from 1 Jan 2014).")
    assert "by the administrator: mistyped" in line
    assert [each[3].partition(".")[0] for each in person["evidence"]]


def test_a_history_on_paper(api: Api, service: HttpService) -> None:
    api.register("S1", name="Ann First")
    change = api.change("S1", start="2014-03-01", band="5")
    known = api.get("/staff/S1/history").json()["known_at"]
    printed = api.get("/staff/S1/history.pdf", known_at=known)
    assert printed.content.startswith(b"%PDF-")
    api.change("S1", start="2014-04-01", band="6")
    assert api.get("/staff/S1/history.pdf", known_at=known).content == printed.content
    assert service.register.of("S1", limit=1)[0].what == "/v1/staff/{staff_number}/history.pdf"
    told(api.get("/staff/S9/history.pdf"), 404, "not-on-record")
    found = full_history(service.office.log, service.office.vault, "S1", service.now())
    paper: Any = history_on_paper(found, None)
    entry = next(each for each in paper["entries"] if each["entry"] == change["event_id"][-8:])
    assert entry["changed"] == ["Band: 4 → 5, from 1 Mar 2014"]


def test_who_may_pin_and_read(api: Api) -> None:
    api.register("S1")
    api.register("S2", position={"employer": "HUM", "unit": "Hull"})
    body = {"staff_numbers": ["S1"], "effective_at": ["2014-06-01"]}
    both = {**body, "staff_numbers": ["S1", "S2"]}
    audit, own = api.token_for(Role.AUDIT, "a"), api.token_for(Role.STAFF, "S1")
    london = Limits(employers=frozenset({"LDN"}))
    limited = api.identity.issue("one office", Role.ADMIN, 600, limits=london)
    # Whoever pins is the first, and whoever else may read it the rest.
    pinners = {audit: {audit, limited}, own: {own, audit, limited}, limited: {limited, audit}}
    references = {}
    for token, readers in pinners.items():
        answer = api.post("/extracts", body, token=token)
        assert answer.status_code == 201, answer.text
        references[token] = path = f"/extracts/{answer.json()['reference']}"
        for reader in (audit, own, limited):
            found = api.get(path, token=reader)
            if reader in readers:
                assert found.content == answer.content
            else:
                nobody = api.get("/extracts/AAAA-AAAA-AAAA-AAAA", token=reader)
                assert (found.status_code, found.content) == (404, nobody.content)
    whole = api.post("/extracts", both, token=audit).json()["reference"]
    for token in (own, limited):
        told(api.post("/extracts", both, token=token), 404, "not-on-record")
        told(api.get(f"/extracts/{whole}", token=token), 404, "not-on-record")
    told(api.post("/extracts", body, token=api.token_for(Role.DISPUTE)), 404, "not-on-record")
    for other in ("x", whole.lower(), "%0A"):
        told(api.get(f"/extracts/{other}"), 404, "not-on-record")


def test_a_representative_pins_while_they_act_for_the_member(
    record: Record, folder: DataFolder
) -> None:
    with practising(record, folder, date(2013, 11, 11)) as played:
        for number in ("S1", "S2"):
            played.register(number)
        rep, own = played.token("rep", Role.UNION), played.token("S1", Role.STAFF)
        body = {"staff_numbers": ["S1"], "effective_at": ["2013-11-11"]}
        told(played.api.post("/extracts", body, token=rep), 404, "not-on-record")
        appointed = {"staff_number": "S1", "representative": "rep", "scope": ["record"]}
        appointed["effective_from"] = "2013-11-11"
        id_ = created(played.begin("representation", appointed, token=own))["id"]
        answer = played.api.post("/extracts", body, token=rep)
        assert answer.status_code == 201, answer.text
        path = f"/extracts/{answer.json()['reference']}"
        assert played.api.get(path, token=rep).content == answer.content
        (read, _) = played.service.register.of("S1", limit=2)
        assert (read.role, read.appointment) == ("union", f"representation:{id_}")
        both = {**body, "staff_numbers": ["S1", "S2"]}
        told(played.api.post("/extracts", both, token=rep), 404, "not-on-record")
        created(played.act(f"representation/{id_}", "dismiss", token=own))
        told(played.api.get(path, token=rep), 404, "not-on-record")


@pytest.mark.parametrize(
    "asked",
    [
        {"staff_numbers": []},
        {"staff_numbers": ["not / one"]},
        {"effective_at": []},
        {"effective_at": ["soon"]},
        {"known_at": ["2014-06-01"]},
        {"reason": " "},
        {"staff_numbers": [f"S{n}" for n in range(20)], "effective_at": ["2014-06-01"] * 32},
        {"names": ["Ann"]},
    ],
)
def test_what_is_no_question_is_refused(shared: Api, asked: Json) -> None:
    body = {"staff_numbers": ["S1"], "effective_at": ["2014-06-01"], **asked}
    told(shared.post("/extracts", body), 422, "malformed")


def test_an_extract_has_at_most_so_many_answers(shared: Api) -> None:
    days = [f"2014-01-{day:02}" for day in range(1, 12)]
    body = {"staff_numbers": [f"S{n}" for n in range(50)], "effective_at": days}
    assert "550 answers" in str(told(shared.post("/extracts", body), 422, "malformed"))

"""The register of documents over HTTP, and the titles that answers show of what they cite."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.support.asking import Api, Json, created, told
from tests.support.describing import description
from transfer.access.identity import Role

pytestmark = pytest.mark.engines

MEASURES: Json = {
    "title": "Statement of measures",
    "issuer": "London Probation Trust",
    "dated_on": "2013-12-02",
    "sent_on": "2013-12-03",
    "sha256": "9F" * 32,
}


def corrected(**given: Any) -> Json:
    """The measures, said anew."""
    return MEASURES | {"reason": "mistyped"} | given


def test_a_document_is_registered_read_and_listed(api: Api) -> None:
    answer = api.post("/documents", MEASURES)
    written = created(answer)
    assert set(written) == {"document", "event_id", "version", "recorded_at"}
    assert written["document"] == "D000001"
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == "/v1/documents/D000001"
    found = api.get("/documents/D000001", consistent_with=written["event_id"]).json()
    assert found == {
        "document": "D000001",
        "title": "Statement of measures",
        "issuer": "London Probation Trust",
        "dated_on": "2013-12-02",
        "sent_on": "2013-12-03",
        "received_on": None,
        "sha256": "9f" * 32,
        "kept_at": None,
        "version": 1,
        "registered_at": written["recorded_at"],
        "registered_by": "the administrator",
        "known_at": written["recorded_at"],
    }
    numbers = [created(api.post("/documents", MEASURES))["document"] for _ in range(11)]
    assert numbers == [f"D{number:06d}" for number in range(2, 13)]
    first = api.get("/documents", limit=7).json()
    second = api.get("/documents", limit=7, cursor=first["next_cursor"]).json()
    listed = [each["document"] for each in (*first["items"], *second["items"])]
    assert listed == ["D000001", *numbers]
    assert second["next_cursor"] is None
    as_then = api.get("/documents", known_at=written["recorded_at"]).json()
    assert [each["document"] for each in as_then["items"]] == ["D000001"]


def test_a_correction_is_on_record_beside_what_was_said_before(api: Api) -> None:
    first = created(api.post("/documents", MEASURES))
    path = f"/documents/{first['document']}"
    second = created(api.post(f"{path}/corrections", corrected(title="Measures"), if_match='"1"'))
    assert (second["document"], second["version"]) == (first["document"], 2)
    now = api.get(path).json()
    assert now["title"] == "Measures"
    assert [each["reason"] for each in now["corrections"]] == ["mistyped"]
    then = api.get(path, known_at=first["recorded_at"]).json()
    assert (then["title"], "corrections" in then) == ("Statement of measures", False)
    stale = api.post(f"{path}/corrections", corrected(title="X"), if_match='"1"')
    told(stale, 412, "stale-version")


def test_the_same_key_is_the_same_document(api: Api) -> None:
    first = created(api.post("/documents", MEASURES, key="one"))
    assert created(api.post("/documents", MEASURES, key="one")) == first
    told(api.post("/documents", MEASURES | {"title": "Y"}, key="one"), 422, "key-reused")
    path = f"/documents/{first['document']}/corrections"
    second = created(api.post(path, corrected(), key="two"))
    created(api.post(path, corrected(title="Z")))
    assert created(api.post(path, corrected(), key="two")) == second


def test_those_who_register_at_once_have_each_their_own(api: Api) -> None:
    found: list[str] = []

    def register() -> None:
        found.append(created(api.post("/documents", MEASURES))["document"])

    threads = [threading.Thread(target=register) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(found) == [f"D{number:06d}" for number in range(1, 7)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"title": " "}, "title"),
        ({"dated_on": "2/12/2013"}, "dated_on"),
        ({"sha256": "9f"}, "sha256"),
        ({"received_on": "2013-12-01"}, "received_on"),
        ({"sent_on": "2999-01-01"}, "sent_on"),
        ({"file": "x"}, "file"),
    ],
)
def test_what_is_wrong_is_named(api: Api, body: Json, field: str) -> None:
    problem = told(api.post("/documents", MEASURES | body), 422, "malformed")
    assert [each["field"] for each in problem["errors"]] == [field]
    assert api.get("/documents").json()["items"] == []


def test_what_is_not_there_and_who_may(api: Api) -> None:
    document = created(api.post("/documents", MEASURES))["document"]
    for name in ("D000002", "letter of 2 December", "D1"):
        told(api.get(f"/documents/{name}"), 404, "not-on-record")
    told(api.post("/documents/D000002/corrections", corrected()), 404, "not-on-record")
    before = api.get(f"/documents/{document}", known_at="2010-01-01T00:00:00Z")
    told(before, 404, "not-on-record")
    audit, staff = api.token_for(Role.AUDIT), api.token_for(Role.STAFF)
    assert api.get("/documents", token=audit).status_code == 200
    told(api.post("/documents", MEASURES, token=audit), 403, "not-allowed")
    told(api.get(f"/documents/{document}", token=staff), 403, "not-allowed")


def test_the_description_has_the_title_beside_the_document() -> None:
    schemas = description()["components"]["schemas"]
    for name in ("BasisShown", "Sentence"):
        assert {"clause", "document", "document_title"} <= set(schemas[name]["properties"])


def test_answers_show_the_title_of_what_they_cite_as_it_was_known(api: Api) -> None:
    basis = {"rulebook": None, "clause": None, "document": "D000001"}
    api.register("S1", basis=basis)
    too_early = api.get("/staff/S1/history").json()  # nobody has registered it yet
    assert too_early["items"][0]["basis"] == basis
    written = created(api.post("/documents", MEASURES))
    created(api.post("/documents/D000001/corrections", corrected(title="Measures, as agreed")))
    api.register("S2", basis={"document": "letter of 2 December"})
    asked = {"effective_at": "2014-01-01"}
    titled = {**basis, "document_title": "Measures, as agreed"}
    assert api.get("/staff/S1/history").json()["items"][0]["basis"] == titled
    assert api.get("/staff/S1/position", asked).json()["position"]["band"]["basis"] == titled
    other = api.get("/staff/S2/history").json()["items"][0]["basis"]
    assert other == {"rulebook": None, "clause": None, "document": "letter of 2 December"}
    then = api.get("/staff/S1/position", asked | {"known_at": written["recorded_at"]}).json()
    assert then["position"]["band"]["basis"]["document_title"] == "Statement of measures"
    again = api.get("/staff/S1/history", known_at=too_early["known_at"]).json()
    assert again["items"][0]["basis"] == basis

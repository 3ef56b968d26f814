"""/v1/rulebooks: which editions there are, what one says, and a file taken into the record."""

from __future__ import annotations

import json

import pytest

from tests.support.asking import Api, told
from tests.support.describing import description
from tests.support.harbour import EDITION, EVIDENCE
from transfer.access.identity import Role
from transfer.api.http_service import HttpService
from transfer.rulebooks import rulebook, shipped
from transfer.rulebooks.loading import load_edition

pytestmark = pytest.mark.engines

FILE = (EDITION + EVIDENCE).encode()


def test_the_list_has_the_editions_of_the_program(shared: Api) -> None:
    answer = shared.get("/rulebooks")
    assert answer.status_code == 200
    found = {each["edition"]: each for each in answer.json()["rulebooks"]}
    assert set(shipped()) <= set(found)
    tr = found["tr-2013"]
    assert tr["sha256"] == rulebook("tr-2013").digest()
    assert tr["mechanism"] == "OMA_STS"
    assert "TR-11b" in tr["needs"]


def test_one_edition_says_what_is_known_and_what_is_not(shared: Api) -> None:
    book = shared.get("/rulebooks/tr-2013").json()
    clauses = {each["id"]: each for each in book["clauses"]}
    assert clauses["TR-21"]["value"] == "2014-04-01"
    assert clauses["TR-21"]["sources"] == ["Probation Voice, 13 January 2014"]
    assert clauses["TR-21"]["confidence"] == "S"
    unknown = clauses["TR-09-share"]
    assert unknown["value"] is None
    assert unknown["unit"] == "share of a caseload, 0 to 1"
    assert unknown["unknown_because"]
    assert "Sifting Criteria" in unknown["document_needed"]
    needed = {each["clause"]: each for each in book["needs"]}
    assert needed["TR-09b"]["suggested_for_rehearsal"] == "2013-11-11"
    assert len(book["transferors"]) == 35
    assert {"code": "LDN", "name": "London Probation Trust"} in book["transferors"]
    assert [each["id"] for each in book["transferees"]] == ["NPS", "CRC"]
    assert book["evidence"][0]["name"] == "caseload_total"
    assert book["sha256"] == rulebook("tr-2013").digest()


@pytest.mark.parametrize("edition", ["nope", "No%20such", "%00", "x" * 65, "TR-2013"])
def test_an_edition_that_is_not_there_is_404(shared: Api, edition: str) -> None:
    told(shared.get(f"/rulebooks/{edition}"), 404, "not-on-record")


@pytest.mark.parametrize(
    "body", [FILE, json.dumps({"source": FILE.decode()}).encode()], ids=["toml", "json"]
)
def test_a_file_is_taken_into_the_record_once(api: Api, body: bytes) -> None:
    first = api.post("/rulebooks", body)
    assert first.status_code == 201, first.text
    assert first.headers["location"] == "/v1/rulebooks/harbour-2030"
    assert first.json() == {
        "added": True,
        "rulebook": {
            "edition": "harbour-2030",
            "title": "Harbour authority",
            "mechanism": "TUPE",
            "begins": ["exercise"],
            "published": True,
            "clauses": 1,
            "needs": [],
            "sha256": load_edition(FILE).digest(),
        },
    }
    again = api.post("/rulebooks", FILE)
    assert (again.status_code, again.json()["added"]) == (200, False)
    names = [each["name"] for each in api.get("/rulebooks/harbour-2030").json()["evidence"]]
    assert names[:2] == ["cases", "change"]
    listed = [each["edition"] for each in api.get("/rulebooks").json()["rulebooks"]]
    assert listed.count("harbour-2030") == 1


def test_every_fault_is_told_with_its_line_and_nothing_is_kept(api: Api) -> None:
    faulty = FILE.replace(b'type = "share"', b'type = "sahre"').replace(
        b'clause = "H-01"\nwhen', b'clause = "H-99"\nwhen'
    )
    problem = told(api.post("/rulebooks", faulty), 422, "malformed")
    lines = faulty.decode().splitlines()
    assert len(problem["errors"]) == 2
    for error in problem["errors"]:
        assert set(error) == {"line", "field", "reason"}
        named = "H-99" if error["field"].startswith("route") else "sahre"
        assert named in lines[error["line"] - 1]
        assert named in error["reason"]
    told(api.get("/rulebooks/harbour-2030"), 404, "not-on-record")


@pytest.mark.parametrize("body", [b"", b"\0", b"\xff\xfe", b"edition = ", b'{"source": 1}', b"{"])
def test_what_is_no_file_of_an_edition_is_422(shared: Api, body: bytes) -> None:
    assert told(shared.post("/rulebooks", body), 422, "malformed")["errors"]


def test_a_file_that_is_too_large_is_413(shared: Api) -> None:
    told(shared.post("/rulebooks", b"#" * 1_100_000), 413, "too-large")


def test_a_new_text_takes_the_old_ones_place_until_something_was_opened(
    api: Api, service: HttpService
) -> None:
    assert api.post("/rulebooks", FILE).status_code == 201
    second = FILE.replace(b"Harbour authority", b"Harbour and river authority")
    assert api.post("/rulebooks", second).status_code == 201
    assert api.get("/rulebooks/harbour-2030").json()["title"] == "Harbour and river authority"
    editions = service.office.editions
    with service.office.log.connection() as connection, connection.cursor() as cursor:
        editions.keep_opened(editions.find("harbour-2030"), "the test")(cursor)
    third = FILE.replace(b"Harbour authority", b"Harbour, river and canal authority")
    problem = told(api.post("/rulebooks", third), 409, "conflict")
    assert "give the edition a new id" in problem["detail"]
    assert api.get("/rulebooks/harbour-2030").json()["title"] == "Harbour and river authority"
    assert api.post("/rulebooks", second).status_code == 200
    renamed = third.replace(b'"harbour-2030"', b'"harbour-2030.1"')
    assert api.post("/rulebooks", renamed).status_code == 201


def test_the_programs_own_editions_are_never_replaced(shared: Api) -> None:
    source = rulebook("tr-2013").source
    assert shared.post("/rulebooks", source).status_code == 200
    other = source + b"\n# changed\n"
    problem = told(shared.post("/rulebooks", other), 409, "conflict")
    assert "give yours a new id" in problem["detail"]


def test_the_audit_reads_editions_and_adds_none(shared: Api) -> None:
    audit, staff = shared.token_for(Role.AUDIT), shared.token_for(Role.STAFF, "S1")
    assert shared.get("/rulebooks", token=audit).status_code == 200
    assert shared.get("/rulebooks/tr-2013", token=audit).status_code == 200
    told(shared.post("/rulebooks", FILE, token=audit), 403, "not-allowed")
    told(shared.get("/rulebooks", token=staff), 403, "not-allowed")


def test_the_description_has_the_file_with_an_example() -> None:
    document = description()
    post = document["paths"]["/v1/rulebooks"]["post"]
    content = post["requestBody"]["content"]
    assert 'edition = "moor-2027"' in content["application/toml"]["example"]
    assert content["application/json"]["schema"]["$ref"].endswith("/EditionFile")
    assert "ROLE_TRANSFER__ADMIN__RW" in post["description"]
    assert {"200", "201", "409", "413", "422"} <= set(post["responses"])
    shown = document["components"]["schemas"]["Clause"]["properties"]
    assert {"value", "unit", "sources", "confidence", "document_needed"} <= set(shown)

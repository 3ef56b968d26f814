"""A person asks about a read of their record, and the office answers; both stay beside the read."""

from __future__ import annotations

import pytest
from psycopg.errors import RestrictViolation

from tests.support.asking import Api, created, told
from transfer.access.identity import Role
from transfer.api.http_service import HttpService

pytestmark = pytest.mark.engines

WHY = {"statement": "Why did you read it?"}
BECAUSE = {"answer": "To write the letter."}


def read_once(api: Api, number: str = "S1") -> int:
    """Somebody registers and is read by an administrator; answers the read's id."""
    api.register(number)
    assert api.get(f"/staff/{number}/position", {}).status_code == 200
    (read,) = api.get(f"/staff/{number}/reads", {}).json()["items"]
    assert "question" not in read
    found = read["read_id"]
    assert isinstance(found, int)
    return found


def test_a_question_and_its_answer_stay_beside_the_read(api: Api, service: HttpService) -> None:
    read = read_once(api)
    own = api.token_for(Role.STAFF, "S1")
    asked = created(api.post(f"/staff/S1/reads/{read}/question", WHY, token=own))
    assert (asked["question"]["statement"], asked["question"]["asked_by"]) == (
        WHY["statement"],
        "S1",
    )
    again = api.post(f"/staff/S1/reads/{read}/question", {"statement": "Other"}, token=own)
    assert (again.status_code, again.json()["question"]["statement"]) == (200, WHY["statement"])
    waiting = api.get("/read-questions", {}).json()
    assert [(each["staff_number"], each["read_id"]) for each in waiting["items"]] == [("S1", read)]
    done = created(api.post(f"/staff/S1/reads/{read}/answer", BECAUSE))
    assert done["question"]["answer"] == BECAUSE["answer"]
    assert done["question"]["answered_by"] == "the administrator"
    assert api.get("/read-questions", {}).json()["items"] == []
    told(api.post(f"/staff/S1/reads/{read}/answer", BECAUSE), 409, "conflict")
    (shown, *_) = (
        each for each in api.get("/staff/S1/reads", {}).json()["items"] if each["read_id"] == read
    )
    assert shown["question"] == done["question"]
    # Nothing of it can be changed; only the words go, with the person's data.
    for table in ("read_questions", "read_answers"):
        with service.reading() as conn, pytest.raises(RestrictViolation):
            conn.execute(f"DELETE FROM {table}")
    service.office.vault.erase("S1")
    (shown, *_) = (
        each for each in api.get("/staff/S1/reads", {}).json()["items"] if each["read_id"] == read
    )
    assert (shown["question"]["statement"], shown["question"]["answer"]) == (None, None)


def test_what_cannot_be_asked_or_answered_is_refused(api: Api) -> None:
    read = read_once(api)
    api.register("S2")
    own, other = api.token_for(Role.STAFF, "S1"), api.token_for(Role.STAFF, "S2")
    question, answer = f"/staff/S1/reads/{read}/question", f"/staff/S1/reads/{read}/answer"
    told(api.post(answer, BECAUSE), 404, "not-on-record")
    told(api.post("/staff/S1/reads/999/question", WHY, token=own), 404, "not-on-record")
    told(api.post(f"/staff/S2/reads/{read}/question", WHY, token=other), 404, "not-on-record")
    told(api.post(question, WHY, token=other), 404, "not-on-record")
    told(api.post(question, {"statement": " "}, token=own), 422, "malformed")
    told(api.post(question, {"statement": "x" * 4_001}, token=own), 422, "malformed")
    told(api.post(question, WHY, token=api.token_for(Role.AUDIT, "auditor")), 403, "not-allowed")
    told(api.post(answer, BECAUSE, token=own), 403, "not-allowed")
    told(api.get("/read-questions", {}, token=own), 403, "not-allowed")
    told(api.get("/read-questions", {"cursor": "x"}), 422, "malformed")


def test_what_awaits_an_answer_comes_a_page_at_a_time(api: Api) -> None:
    for number in ("S1", "S2", "S3"):
        created(api.post(f"/staff/{number}/reads/{read_once(api, number)}/question", WHY))
    first = api.get("/read-questions", {"limit": 2}).json()
    second = api.get("/read-questions", {"limit": 2, "cursor": first["next_cursor"]}).json()
    assert [each["staff_number"] for each in (*first["items"], *second["items"])] == [
        "S1",
        "S2",
        "S3",
    ]
    assert second["next_cursor"] is None

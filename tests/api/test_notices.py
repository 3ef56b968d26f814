"""Notices as a program reads them: by state and by reference, within an administrator's limits."""

from __future__ import annotations

import pytest

from tests.support.asking import Api, Json, told
from tests.support.noticed import REASON, in_every_state
from transfer.access.identity import Limits, Role
from transfer.api.http_service import HttpService
from transfer.notices.kept import NoticeState
from transfer.notices.owed import NoticeKind, Owed

pytestmark = pytest.mark.engines


def listed(api: Api, token: str | None = None, **asked: object) -> list[Json]:
    """The notices."""
    answer = api.get("/notices", asked, token=token)
    assert answer.status_code == 200, answer.text
    items: list[Json] = answer.json()["items"]
    return items


def test_a_notice_says_to_whom_it_is_how_it_stands_and_why(api: Api, service: HttpService) -> None:
    api.register("S1")
    references = in_every_state(service.notices)
    items = listed(api)
    assert {each["state"]: each["reference"] for each in items} == references
    (failed,) = listed(api, state="failed")
    assert failed == {
        "reference": references[NoticeState.FAILED],
        "kind": "letter",
        "staff_number": "S1",
        "subject": None,
        "says": "There is a letter for you to read.",
        "link": "/my-choices",
        "state": "failed",
        "noted_at": failed["noted_at"],
        "attempts": 1,
        "next_attempt_at": None,
        "reason": REASON,
        "sent_at": None,
        "sent_by": None,
    }
    (sent,) = listed(api, reference=references[NoticeState.SENT])
    assert (sent["subject"], sent["sent_by"], sent["staff_number"]) == ("hr", "outbox", None)
    assert listed(api, reference="ABCD-ABCD-ABCD-ABCD") == []
    malformed = told(api.get("/notices", {"reference": "S1"}), 422, "malformed")
    assert malformed["errors"][0]["field"] == "reference"
    # A look at the list of notices is a read of each person on it.
    register = service.register.of("S1", limit=50)
    assert "/v1/notices" in [each.what for each in register]


def test_pages_lead_through_all_of_them(api: Api, service: HttpService) -> None:
    letters = [Owed(NoticeKind.LETTER, str(each), subject=f"s{each}") for each in range(7)]
    service.notices.note_days(letters, ())
    seen: list[str] = []
    cursor: str | None = None
    while True:
        asked = {"limit": 3} | ({} if cursor is None else {"cursor": cursor})
        page = api.get("/notices", asked).json()
        seen += [each["reference"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 7
    malformed = told(api.get("/notices", {"cursor": "x"}), 422, "malformed")
    assert malformed["errors"][0]["field"] == "cursor"


def test_limits_leave_out_other_people_and_other_peoples_work(
    api: Api, service: HttpService
) -> None:
    api.register("S1")
    in_every_state(service.notices)
    limits = Limits(employers=frozenset({"nobody"}))
    assert listed(api, api.identity.issue("another", Role.ADMIN, 600, limits=limits)) == []
    own = listed(api, api.identity.issue("hr", Role.ADMIN, 600, limits=limits))
    assert [each["subject"] for each in own] == ["hr"]
    assert len(listed(api, api.identity.issue("auditor", Role.AUDIT, 600))) == len(NoticeState)
    for role in (Role.STAFF, Role.UNION, Role.DISPUTE):
        refused = api.get("/notices", {}, token=api.identity.issue("S1", role, 600))
        told(refused, 403, "not-allowed")

"""The office's pages about questions of reads: what waits, and the form that answers it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.asking import created
from tests.support.practised import Practised
from tests.web.visiting import Visitor, form_token_of, shown, text_of, title_of
from transfer.access.identity import EmbeddedIdentity, Limits, Role
from transfer.web.office import questions_of_reads

pytestmark = pytest.mark.engines

PAGE = "/questions-of-reads"


def ask(played: Practised, number: str, unit: str = "Camden", says: str = "Why?") -> str:
    """Somebody is registered, read by an administrator, and asks why; the question's address."""
    played.register(number, unit=unit)
    assert played.api.get(f"/staff/{number}/position", {}).status_code == 200
    (read,) = played.read(f"/staff/{number}/reads")["items"]
    question = f"/staff/{number}/reads/{read['read_id']}/question"
    own = played.api.token_for(Role.STAFF, number)
    created(played.api.post(question, {"statement": says}, token=own))
    return f"{PAGE}/{number}/{read['read_id']}"


def test_a_question_is_answered_in_a_page_and_the_person_sees_the_answer(
    played: Practised, hr: Visitor, member: Visitor
) -> None:
    assert "No question about a read waits for an answer." in shown(hr, PAGE)
    assert PAGE not in hr.get("/").text
    address = ask(played, "S1")
    assert "Questions about reads: 1 question." in shown(hr, "/")
    for page in ("/work", PAGE):
        assert "1 question about a read waits for an answer." in shown(hr, page)
        assert f'href="{PAGE}' in hr.get(page).text
    assert f'href="{address}"' in hr.get(PAGE).text
    page = shown(hr, address)
    assert "S1 asked" in page
    assert "“Why?”" in page
    assert '<textarea class="govuk-textarea" id="answer"' in hr.get(address).text
    assert "the administrator (an HR administrator), their position and terms" in page
    assert "S1" not in title_of(hr.get(address).text)
    for typed, wrong in (
        (" ", "Fill in “Answer”"),
        ("x" * 4_001, "Answer"),
        ("a\x00b", "Answer"),
    ):
        fields = {"form_token": form_token_of(hr.get(address).text), "answer": typed}
        refused = hr.post(address, fields)
        assert refused.status_code == 422
        assert f"There is a problem {wrong}" in text_of(refused.text)
    fields = {"form_token": form_token_of(hr.get(address).text), "answer": "To write a letter."}
    assert hr.post(address, fields | {"form_token": "0" * 64}).status_code == 403
    done = hr.post(address, fields)
    assert (done.status_code, done.headers["location"]) == (303, f"{PAGE}?done=answered")
    page = shown(hr, done.headers["location"])
    assert "No question about a read waits for an answer." in page
    assert "“To write a letter.”" in page.partition("Answered, the last answer first")[2]
    again = hr.post(address, fields | {"answer": "Something else."})
    assert again.status_code == 422
    assert "its answer stays as it is" in text_of(again.text)
    assert "“To write a letter.”" in shown(member, "/who-read-my-record")
    assert "Something else." not in shown(member, "/who-read-my-record")


def test_who_may_read_and_who_may_answer(played: Practised, window: Callable[[], Visitor]) -> None:
    address = ask(played, "S1")
    for role in (Role.STAFF, Role.UNION, Role.DISPUTE):
        assert window().sign_in(role, "S1").get(PAGE).status_code == 403
    auditor = window().sign_in(Role.AUDIT, "the auditors")
    assert "“Why?”" in shown(auditor, PAGE)
    assert address not in auditor.get(PAGE).text
    assert auditor.get(address).status_code == 403
    read = played.service.register.of("S1", limit=10)
    assert (read[0].subject, read[0].what) == ("the auditors", PAGE)


def test_an_administrator_with_limits_answers_within_them(
    played: Practised, window: Callable[[], Visitor]
) -> None:
    inside, outside = ask(played, "S1"), ask(played, "S2", "Hackney")
    played.service.questions_of_reads.answer(
        "S2", int(outside.rpartition("/")[2]), by="hr", answer="A check."
    )
    outside = ask(played, "S3", "Hackney")
    identity = played.service.identity
    assert isinstance(identity, EmbeddedIdentity)
    camden = window()
    limits = Limits(units=frozenset({"Camden"}))
    token = identity.issue("Camden HR", Role.ADMIN, 600, limits=limits)
    assert camden.show_token(token).status_code == 303
    for page in (PAGE, "/work"):
        assert "1 question about a read waits" in shown(camden, page)
    page = camden.get(PAGE).text
    assert inside in page
    assert not any(each in page for each in ("S2", "S3", "A check."))
    assert camden.get(inside).status_code == 200
    fields = {"form_token": form_token_of(camden.get(inside).text), "answer": "so"}
    for answer in (camden.get(outside), camden.post(outside, fields)):
        assert answer.status_code == 404


def test_what_is_not_there_and_who_was_erased(played: Practised, hr: Visitor) -> None:
    address = ask(played, "S1")
    played.register("S2")
    for nowhere in (f"{PAGE}/S2/1", f"{PAGE}/S1/{2**70}", f"{PAGE}/S9/1", f"{PAGE}/S1/0"):
        assert hr.get(nowhere).status_code == 404
    assert hr.get(f"{PAGE}/S1/x").status_code == 422
    assert hr.get(f"{PAGE}?cursor=x").status_code == 422
    token = form_token_of(hr.get(address).text)
    played.service.office.vault.erase("S1")
    assert "No question about a read waits for an answer." in shown(hr, PAGE)
    assert hr.post(address, {"form_token": token, "answer": "so"}).status_code == 422


def test_the_questions_come_a_page_at_a_time(
    played: Practised, hr: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions_of_reads, "ON_A_PAGE", 1)
    first, second = ask(played, "S1"), ask(played, "S2")
    page = hr.get(PAGE).text
    assert first in page
    assert second not in page
    where = page.partition(f'href="{PAGE}?')[2].partition('"')[0]
    page = hr.get(f"{PAGE}?{where}").text
    assert first not in page
    assert second in page
    assert "2 questions about reads wait for an answer." in text_of(page)

"""The letters of an exercise: what each has to say, what came of it, and the merge file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from zipfile import ZipFile

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import (
    EXERCISE,
    PEOPLE,
    Practised,
    consult,
    practising,
    to_the_letters,
)
from transfer.access.identity import Limits, Role
from transfer.app import Record
from transfer.questions import letters_of_exercise
from transfer.questions.letters_of_exercise import LetterState

pytestmark = pytest.mark.engines

LETTERS = "/procedures/exercise/tr/letters"


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """Four people in a group whose letters go out on 2 December 2013."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        to_the_letters(opened)
        consult(opened)
        yield opened


def letters(played: Practised, **asked: object) -> dict[str, Json]:
    """The letters, by staff number."""
    items = played.read(LETTERS, **asked)["items"]
    return {each["staff_number"]: each for each in items}


def test_a_letter_from_its_plan_to_its_answer(played: Practised) -> None:
    before = letters(played)["S1"]
    assert (before["state"], before["goes_out_on"], before["sent_on"]) == (
        "to-send",
        "2013-12-02",
        None,
    )
    assert (before["employer"], before["unit"]) == ("London Probation Trust", "Camden")
    assert (before["group"], before["letters"]) == ("LDN", ["Letter of assignment"])
    assert before["contents"] == [
        "where to and by which route",
        "until when to respond",
        "how and until when to appeal",
    ]
    assert (before["destination"], before["missing"], before["last_days"]) == ("CRC", [], {})
    assert before["name"]

    played.to(date(2013, 12, 2))
    created(played.act(EXERCISE, "letter-returned", {"staff_number": "S3"}))
    created(played.act(EXERCISE, "record-answer", {"staff_number": "S1", "answer": "acknowledged"}))
    after = letters(played)
    assert [each["state"] for each in after.values()] == ["sent", "sent", "returned", "sent"]
    assert (after["S1"]["sent_on"], after["S1"]["answers"]) == ("2013-12-02", ["acknowledged"])
    assert after["S3"]["returned_on"] == "2013-12-02"
    assert set(after["S1"]["last_days"]) == set(after["S1"]["may"])
    # The same last days as the person sees of their own letter.
    (own,) = played.read("/staff/S1/letters")["items"]
    days = {each["last_day"] for each in own["choices"]}
    assert set(after["S1"]["last_days"].values()) == days
    again = {"staff_number": "S3", "corrects": "the address"}
    created(played.act(EXERCISE, "reissue-letter", again))
    assert list(letters(played, state="sent-again")) == ["S3"]
    # As it stood before.
    assert letters(played, known_at="2013-11-20T12:00:00Z")["S1"] == before | {
        "known_at": letters(played, known_at="2013-11-20T12:00:00Z")["S1"]["known_at"]
    }


def test_letters_are_kept_by_group_and_state_and_pages_join(played: Practised) -> None:
    assert list(letters(played, group="LDN", state="to-send")) == list(PEOPLE)
    assert letters(played, state="sent") == {}
    told(played.api.get(LETTERS, group="none"), 404, "not-on-record")
    told(played.api.get(LETTERS, cursor="x"), 422, "malformed")
    told(played.api.get("/procedures/exercise/none/letters"), 404, "not-on-record")
    first = played.read(LETTERS, limit=3)
    second = played.read(LETTERS, limit=3, cursor=first["next_cursor"])
    assert second["next_cursor"] is None
    numbers = [each["staff_number"] for each in (*first["items"], *second["items"])]
    assert numbers == list(PEOPLE)


def test_of_a_state_nobody_is_left_out_and_nobody_else_is_read(
    played: Practised, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every stage, and as known before: the same as of all letters those in that state."""
    read: list[str] = []
    rows = letters_of_exercise._Read.rows

    def noting(self: Any, conn: Any, people: Sequence[str]) -> Any:
        read.extend(people)
        return rows(self, conn, people)

    monkeypatch.setattr(letters_of_exercise._Read, "rows", noting)
    stages: list[datetime] = []

    def compare(**asked: object) -> None:
        everybody = letters(played, **asked)
        for state in LetterState:
            read.clear()
            wanted = [n for n, each in everybody.items() if each["state"] == state]
            assert list(letters(played, state=state, **asked)) == wanted, (state, asked)
            file = played.read(LETTERS, state=state, limit=1, **asked)
            assert [each["staff_number"] for each in file["items"]] == wanted[:1]
            if state is LetterState.TO_SEND:
                assert set(read) == set(wanted)
            if state is LetterState.RETURNED:
                assert set(read) <= {"S3", "S4"}

    def stage() -> None:
        compare()
        last = played.record.log.head().recorded_at
        assert last is not None
        stages.append(last)

    stage()
    _send_a_letter_too(played, "E. Example")
    stage()
    played.to(date(2013, 12, 2))
    stage()
    for number in ("S3", "S4"):
        created(played.act(EXERCISE, "letter-returned", {"staff_number": number}))
    stage()
    again = {"staff_number": "S3", "corrects": "the address"}
    created(played.act(EXERCISE, "reissue-letter", again))
    stage()
    created(played.act(EXERCISE, "letter-returned", {"staff_number": "S3"}))
    stage()
    played.to(date(2013, 12, 5))
    stage()
    for known_at in stages:
        compare(known_at=known_at)


def _send_a_letter_too(played: Practised, name: str) -> None:
    """S5, of this name, joins, and is in a group whose letters go out later."""
    played.api.register(
        "S5",
        name=name,
        effective_from="2010-04-01",
        position={"employer": "London Probation Trust", "unit": "Camden", "fte": "1", "band": "4"},
    )
    created(played.act(EXERCISE, "join", {"staff_number": "S5"}))
    panel = {"to": "NPS", "panel": "the local panel", "staff_numbers": ["S5"]}
    created(played.act(EXERCISE, "decide-by-panel", panel))
    group = {"group": "G5", "staff_numbers": ["S5"], "letters_on": "2013-12-05"}
    created(played.act(EXERCISE, "form-group", group))


def test_the_merge_file_is_safe_to_open_and_counts_as_a_read(played: Practised) -> None:
    _send_a_letter_too(played, "=cmd|' /C calc'!A0")
    answer = played.api.get(f"{LETTERS}.csv")
    assert answer.status_code == 200
    assert 'filename="practice-letters-of-tr.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["staff_number"] for row in rows] == [*PEOPLE, "S5"]
    assert rows[-1]["name"] == "'=cmd|' /C calc'!A0"
    assert rows[-1]["destination_name"] == "National Probation Service"
    assert rows[0]["contents"].startswith("where to and by which route; until when")
    for number in (*PEOPLE, "S5"):
        read = [each.what for each in played.service.register.of(number, limit=10)]
        assert read == ["/v1/procedures/exercise/{id}/letters.csv"]


def test_a_letter_on_paper_is_a_draft_until_it_is_sent(played: Practised) -> None:
    draft = played.api.get(f"{LETTERS}/S1.pdf")
    assert draft.status_code == 200, draft.text
    assert draft.headers["content-type"] == "application/pdf"
    assert draft.content.startswith(b"%PDF-")
    assert played.api.get(f"{LETTERS}/s1.pdf").content == draft.content
    played.to(date(2013, 12, 2))
    sent = played.api.get(f"{LETTERS}/S1.pdf")
    assert sent.content != draft.content
    then = played.api.get(f"{LETTERS}/S1.pdf", known_at="2013-11-20T12:00:00Z")
    assert then.content == draft.content
    told(played.api.get(f"{LETTERS}/S9.pdf"), 404, "not-on-record")
    read = [each.what for each in played.service.register.of("S1", limit=10)]
    assert read == ["/v1/procedures/exercise/{id}/letters/{staff_number}.pdf"] * 4


def test_all_letters_on_paper_say_which_could_not_be_printed(played: Practised) -> None:
    _send_a_letter_too(played, "홍길동")
    answer = played.api.get(f"{LETTERS}.zip")
    assert answer.status_code == 200
    assert 'filename="practice-letters-of-tr.zip"' in answer.headers["content-disposition"]
    with ZipFile(io.BytesIO(answer.content)) as archive:
        *printed, lacking = archive.namelist()
        assert printed == [f"letter-to-{n}.pdf" for n in PEOPLE]
        assert lacking == "letter-to-S5-not-printed.txt"
        assert "no font here has" in archive.read(lacking).decode()
        assert archive.read(printed[0]) == played.api.get(f"{LETTERS}/S1.pdf").content
    read = [each.what for each in played.service.register.of("S5", limit=10)]
    assert read == ["/v1/procedures/exercise/{id}/letters.zip"]


def test_letters_to_people_out_of_limits_are_not_shown(played: Practised) -> None:
    limits = Limits(employers=frozenset({"Kent Probation Trust"}))
    token = played.api.identity.issue("out", Role.ADMIN, 600, limits=limits)
    assert played.api.get(LETTERS, token=token).json()["items"] == []
    assert played.api.get(f"{LETTERS}.csv", token=token).text.count("\n") == 1
    with ZipFile(io.BytesIO(played.api.get(f"{LETTERS}.zip", token=token).content)) as archive:
        assert archive.namelist() == []
    told(played.api.get(f"{LETTERS}/S1.pdf", token=token), 404, "not-on-record")

"""transfer notices: what waits is listed and sent, what failed is tried again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.data_folder import DataFolder
from tests.cli.conftest import Run
from tests.support.noticed import REASON, in_every_state
from tests.support.serving import record
from transfer.app import Record
from transfer.checks import notices as look_at_notices
from transfer.checks import wrong_with_notices
from transfer.notices.addresses import AddressBook
from transfer.notices.kept import NoticeState, Standing
from transfer.notices.outbox import Outbox

__all__ = ["record"]

pytestmark = pytest.mark.engines


@pytest.fixture
def on(run: Run, record: Record, folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run commands on a record with a notice in every state."""
    in_every_state(record.notices)
    monkeypatch.setenv("DATABASE_URL", record.database_url)
    monkeypatch.setenv("TRANSFER_DATA", str(folder.path))
    return run


def listed(on: Run, *arguments: str) -> dict[str, Any]:
    """What the command prints as JSON."""
    said = on("notices", *arguments, "--json")
    assert (said.code, said.err) == (0, "")
    found: dict[str, Any] = json.loads(said.out)
    return found


def test_those_that_were_not_sent_are_listed_with_the_reason(on: Run) -> None:
    plain = on("notices").out
    assert REASON in plain
    assert "hr" not in plain.replace("the", "")
    items = listed(on)["items"]
    assert {each["state"] for each in items} == {"failed", "no-address", "waiting"}
    (sent,) = listed(on, "--state", "sent")["items"]
    assert sent["subject"] == "hr"
    assert listed(on, "--reference", sent["reference"])["items"] == [sent]
    wrong = on("notices", "--state", "lost")
    assert wrong.code == 2
    assert "--state: choose one of waiting, no-address, sent, failed, not-needed" in wrong.err


def test_what_failed_is_tried_again_and_what_waits_is_sent(on: Run, folder: DataFolder) -> None:
    found = listed(on, "--retry", "--send-now")
    assert found == {"items": [], "tried_again": 2, "sent_now": {"sent": 3}}
    assert len(list((folder.path / "outbox").glob("*.json"))) == 3
    again = on("notices", "--send-now")
    assert (again.code, "Now: nothing was to be sent." in again.out) == (0, True)


def test_the_doctor_says_which_notices_need_somebody(on: Run) -> None:
    checks = json.loads(on("doctor", "--json").out)["checks"]
    (found,) = [each for each in checks if each["name"] == "notices"]
    assert (found["ok"], found["says"]) == (False, "1 could not be sent, 1 have no address")
    assert "transfer notices --retry" in found["mend"]
    on("notices", "--retry", "--send-now")
    checks = json.loads(on("doctor", "--json").out)["checks"]
    (found,) = [each for each in checks if each["name"] == "notices"]
    assert (found["ok"], found["says"]) == (True, "4 sent, none waits for long")
    assert "address book" not in {each["name"] for each in checks}


def test_the_doctor_looks_at_the_address_book_where_notify_sends(
    on: Run, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    id_ = "26785a09-ab16-4eb0-8407-a37497a57506"
    monkeypatch.setenv("TRANSFER_NOTIFY_API_KEY", f"{id_}-{id_}")
    monkeypatch.setenv("TRANSFER_NOTIFY_TEMPLATES", f"any={id_}")
    monkeypatch.setenv("TRANSFER_PUBLIC_ADDRESS", "https://transfer.example")
    book = folder.path / "addresses.csv"

    def found() -> dict[str, Any]:
        checks = json.loads(on("doctor", "--json").out)["checks"]
        (one,) = [each for each in checks if each["name"] == "address book"]
        assert isinstance(one, dict)
        return one

    assert not found()["ok"]
    book.write_text("to,email\nS1,s1@example.com\n", encoding="utf-8")
    book.chmod(0o644)
    assert "chmod 600" in found()["mend"]
    book.chmod(0o600)
    assert (found()["ok"], found()["says"]) == (True, "1 addresses")


def test_a_service_shows_it_and_is_ready_all_the_same(record: Record, tmp_path: Path) -> None:
    look = look_at_notices(record.notices, Outbox(tmp_path), AddressBook(tmp_path / "none"))
    assert (look().ok, look().says) == (True, "by way of outbox, 0 wait")
    in_every_state(record.notices)
    found = look()
    assert (found.ok, found.needed) == (False, False)
    assert {each.of: each.value for each in found.figures} == dict.fromkeys(NoticeState, 1)


def test_one_that_waits_for_more_than_an_hour_is_wrong() -> None:
    assert wrong_with_notices({NoticeState.WAITING: Standing(9, 3599.0)}) is None
    wrong = wrong_with_notices({NoticeState.WAITING: Standing(9, 7201.0)})
    assert wrong == "the oldest waits for 2 hours"

"""Notices over a practised exercise: noted once, claimed once, sent once, kept with what came of
them, and nothing personal in any of them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from deploy.data_folder import DataFolder
from deploy.migrate import MIGRATIONS, migrate
from tests.support.asking import created
from tests.support.notify_server import API_KEY, HANGS_UP, TEMPLATE, NotifyServer, notify_server
from tests.support.practised import (
    EXERCISE,
    PEOPLE,
    Practised,
    consult,
    practising,
    to_the_letters,
)
from transfer.access.identity import Role
from transfer.app import Record, clock, sending_of
from transfer.core.dating.calendars import date_in_london
from transfer.notices.addresses import AddressBook
from transfer.notices.couriers import Notice
from transfer.notices.govuk_notify import GovukNotify
from transfer.notices.kept import KeptNotice, NoticeState
from transfer.notices.outbox import Outbox
from transfer.notices.owed import NoticeKind, Owed
from transfer.notices.sending import Sender, Sending
from transfer.settings import Settings

pytestmark = pytest.mark.engines

ADMIN = "the administrator"
LETTERS_ON, LAST_DAY = date(2013, 12, 2), date(2013, 12, 9)


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """Four people have their letters, on the day that they went out."""
    with practising(record, folder, date(2013, 11, 11)) as opened:
        to_the_letters(opened)
        consult(opened)
        opened.to(LETTERS_ON)
        record.runner.catch_up()
        yield opened


@pytest.fixture
def practised(played: Practised, folder: DataFolder) -> Sending:
    """What sends the notices of that exercise, as a service has it."""
    return sending_of(played.record, folder, Settings(data=folder.path))


@pytest.fixture
def sending(record: Record, folder: DataFolder) -> Sending:
    """The same of a real record, with a notice of a letter to each of four people."""
    found = sending_of(record, folder, Settings(data=folder.path))
    letters = [Owed(NoticeKind.LETTER, "a letter", staff_number=each) for each in PEOPLE]
    assert found.kept.note_days(letters, ()) == len(PEOPLE)
    return found


@pytest.fixture
def server() -> Iterator[NotifyServer]:
    """GOV.UK Notify on this machine."""
    with notify_server() as running:
        yield running


@pytest.fixture
def by_notify(sending: Sending, server: NotifyServer, tmp_path: Path) -> Sending:
    """The notices of the four by GOV.UK Notify; S1 has an address and nobody else."""
    return through(server, sending, tmp_path)


def through(server: NotifyServer, sending: Sending, tmp_path: Path) -> Sending:
    """The same, by GOV.UK Notify; S1 has an address and nobody else."""
    book = tmp_path / "addresses.csv"
    book.write_text("to,email\nS1,r.canary@example.com\n", encoding="utf-8")
    book.chmod(0o600)
    templates = dict.fromkeys(NoticeKind, TEMPLATE)
    courier = GovukNotify(SecretStr(API_KEY), templates, clock, base=server.address)
    return replace(
        sending,
        courier=courier,
        addresses=AddressBook(book),
        public_address="https://transfer.example",
    )


def subjects(sending: Sending, kind: NoticeKind) -> set[str]:
    """To which subjects of tokens there are notices of a kind."""
    found = sending.kept.found(limit=1000)
    return {each.subject for each in found if each.kind is kind and each.subject is not None}


def kept(sending: Sending, kind: NoticeKind) -> dict[str, KeptNotice]:
    """The notices of a kind, by staff number or subject."""
    found = [each for each in sending.kept.found(limit=100) if each.kind is kind]
    return {each.staff_number or each.subject or "": each for each in found}


def due_now(sending: Sending) -> None:
    """Every claim and every pause has passed."""
    with sending.log.connection() as conn:
        conn.execute("UPDATE notices SET next_attempt_at = clock_timestamp()")


def in_outbox(folder: DataFolder) -> dict[str, dict[str, str]]:
    """What lies in the outbox, by reference."""
    return {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in (folder.path / "outbox").glob("*")
    }


# --- what is owed ---------------------------------------------------------------------------------


def test_everybody_who_has_a_letter_has_a_notice_of_it_once(practised: Sending) -> None:
    assert practised.note_recorded() == len(PEOPLE)
    letters = kept(practised, NoticeKind.LETTER)
    assert sorted(letters) == sorted(PEOPLE)
    assert practised.note_recorded() == 0
    # Read again from the beginning, the same notices are owed, and none is noted twice.
    with practised.log.connection() as conn:
        conn.execute("UPDATE notices_position SET position = 0")
    assert practised.note_recorded() == 0
    assert kept(practised, NoticeKind.LETTER) == letters
    with practised.log.connection() as conn:
        row = conn.execute("SELECT position FROM notices_position").fetchone()
    assert row == {"position": practised.log.head().position}


def test_a_letter_sent_again_an_appointment_and_an_appeal_have_theirs(
    practised: Sending, played: Practised
) -> None:
    practised.note_recorded()
    played.appoint("S2", representative="rep-1")
    created(played.act(EXERCISE, "letter-returned", {"staff_number": "S3"}))
    again = {"staff_number": "S3", "letter": "assignment", "corrects": "the address"}
    created(played.act(EXERCISE, "reissue-letter", again))
    appeal = {"exercise": "tr", "staff_number": "S1", "grounds": "canary of the grounds"}
    id_ = created(played.begin("appeal", appeal))["id"]
    decided = {"outcome": "rejected", "panel": "three members"}
    created(played.act(f"appeal/{id_}", "determine", decided))
    assert practised.note_recorded() == 3
    found = {(each.kind, each.staff_number, each.subject) for each in practised.kept.found(limit=3)}
    assert found == {
        (NoticeKind.LETTER, "S3", None),
        (NoticeKind.APPOINTED, None, "rep-1"),
        (NoticeKind.APPEAL_DECIDED, "S1", None),
    }


def test_a_right_is_told_of_once_before_its_last_day_and_not_once_it_is_used(
    practised: Sending, played: Practised
) -> None:
    assert practised.note_days() >= 0
    assert kept(practised, NoticeKind.WINDOW_CLOSING) == {}  # the letter is of today
    due = played.read("/deadlines", staff="S1", state="open")["items"]
    assert LAST_DAY.isoformat() in {each["due_on"] for each in due if each["what"] == "response"}
    own = played.token("S2", Role.STAFF)
    answer = {"staff_number": "S2", "window": "response", "answer": "acknowledged"}
    created(played.act(EXERCISE, "record-answer", answer, token=own))
    played.to(LAST_DAY - timedelta(days=3))
    played.record.runner.catch_up()
    practised.note_days()
    closing = kept(practised, NoticeKind.WINDOW_CLOSING)
    assert sorted(closing) == ["S1", "S3", "S4"]
    played.to(LAST_DAY)
    played.record.runner.catch_up()
    practised.note_days()
    assert kept(practised, NoticeKind.WINDOW_CLOSING) == closing
    # A day that has passed gives no notice.
    played.to(LAST_DAY + timedelta(days=1))
    played.record.runner.catch_up()
    practised.note_days()
    states = {each.state for each in kept(practised, NoticeKind.WINDOW_CLOSING).values()}
    assert states == {NoticeState.NOT_NEEDED}


def test_work_is_told_of_to_who_runs_the_exercise_or_stands_in(
    practised: Sending, played: Practised
) -> None:
    for number in ("S1", "S2"):
        created(played.begin("appeal", {"exercise": "tr", "staff_number": number, "grounds": "x"}))
    line = next(each for each in played.read("/work")["items"] if each["kind"] == "appeal")
    due = date.fromisoformat(line["due_on"])
    played.to(due - timedelta(days=4))
    played.record.runner.catch_up()
    practised.note_days()
    about_appeals = {each.reference for each in practised.kept.found(limit=100)}
    played.to(due - timedelta(days=3))
    hand_over = {"stands_in": "B", "first_day": played.today.isoformat(), "last_day": str(due)}
    assert played.api.post("/hand-overs", hand_over).status_code == 201
    played.record.runner.catch_up()
    practised.note_days()
    new = [each for each in practised.kept.found(limit=100) if each.reference not in about_appeals]
    assert {(each.kind, each.subject) for each in new} >= {(NoticeKind.WORK_DUE, "B")}
    assert ADMIN not in {each.subject for each in new}


def test_who_was_given_work_is_told_then_before_its_day_and_after_it(
    practised: Sending, played: Practised
) -> None:
    for number in ("S1", "S2"):
        created(played.begin("appeal", {"exercise": "tr", "staff_number": number, "grounds": "x"}))
    by_person = {
        each["staff_number"]: each
        for each in played.read("/deadlines", limit=1000)["items"]
        if each["what"] == "determination"
    }
    appeals = [by_person["S1"], by_person["S2"]]
    due = date.fromisoformat(appeals[0]["due_on"])
    for each in appeals:
        given = {"to": f"the panel of {each['staff_number']}", "reason": "it sits there"}
        path = f"/deadlines/{each['obligation_id']}"
        created(played.api.post(f"{path}/delegations", given))
    practised.note_recorded()
    assert subjects(practised, NoticeKind.WORK_GIVEN) == {"the panel of S1", "the panel of S2"}

    played.to(due - timedelta(days=2))
    played.record.runner.catch_up()
    practised.note_days()
    told = subjects(practised, NoticeKind.WORK_DUE)
    assert told >= {"the panel of S1", "the panel of S2"}
    assert subjects(practised, NoticeKind.WORK_OVERDUE).isdisjoint(told)

    played.to(due + timedelta(days=1))
    excuse = {"reason": "two members resigned"}
    path = f"/deadlines/{appeals[1]['obligation_id']}/excuses"
    created(played.api.post(path, excuse))
    played.record.runner.catch_up()
    practised.note_days()
    # The work of S2 is excused. That of S1 is overdue: who has it is told, and who gave it to them.
    overdue = subjects(practised, NoticeKind.WORK_OVERDUE)
    assert {"the panel of S1", ADMIN} <= overdue
    assert "the panel of S2" not in overdue
    before = len(practised.kept.found(limit=100))
    practised.note_days()
    assert len(practised.kept.found(limit=100)) == before


def test_what_was_on_record_before_there_were_notices_gives_none(
    empty_database_url: str, tmp_path: Path
) -> None:
    for path in MIGRATIONS.glob("*.sql"):
        if path.name < "0076":
            shutil.copy(path, tmp_path)
    migrate(empty_database_url, tmp_path)
    with psycopg.connect(empty_database_url, autocommit=True) as conn:
        conn.execute("UPDATE log_head SET last_position = 4711")
        assert 76 in migrate(empty_database_url)
        assert conn.execute("SELECT position FROM notices_position").fetchone() == (4711,)


# --- sending --------------------------------------------------------------------------------------


def test_by_default_a_notice_is_a_file_with_a_reference_and_a_link(
    sending: Sending, folder: DataFolder
) -> None:
    assert sending.send_waiting() == {NoticeState.SENT: len(PEOPLE)}
    files = in_outbox(folder)
    assert sorted(files) == sorted(each.reference for each in sending.kept.found(limit=100))
    for reference, content in files.items():
        assert content == {
            "reference": reference,
            "kind": "letter",
            "says": "There is a letter for you to read.",
            "link": "/my-choices",
        }
    assert (folder.path / "outbox").stat().st_mode & 0o777 == 0o700
    assert sending.send_waiting() == {}
    sent = kept(sending, NoticeKind.LETTER)["S1"]
    assert (sent.state, sent.sent_by, sent.attempts) == (NoticeState.SENT, "outbox", 1)


def test_nothing_personal_is_in_any_notice_its_name_or_what_is_logged(
    practised: Sending,
    played: Practised,
    server: NotifyServer,
    folder: DataFolder,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    by_notify = through(server, practised, tmp_path)
    by_notify.note_recorded()
    by_notify.note_days()
    played.to(LAST_DAY)
    played.record.runner.catch_up()
    by_notify.note_days()
    assert len(kept(by_notify, NoticeKind.WINDOW_CLOSING)) == len(PEOPLE)
    server.answers = [500, 400]
    for _ in range(3):
        by_notify.send_waiting()
        due_now(by_notify)
    reasons = " ".join(each.reason or "" for each in by_notify.kept.found(limit=100))
    assert "GOV.UK Notify answered 400" in reasons
    assert "canary" not in reasons
    by_outbox = replace(by_notify, courier=Outbox(folder.path / "outbox"))
    by_outbox.kept.again()
    by_outbox.send_waiting()
    assert server.taken
    outside = json.dumps(
        [
            {**body, "email_address": "", "template_id": ""}
            for bodies in server.taken.values()
            for body in bodies
        ]
    )
    outside += json.dumps(in_outbox(folder)) + "".join(server.asked) + caplog.text
    for each in by_notify.kept.found(limit=100):
        outside = outside.replace(each.reference, "")  # letters and digits by chance
    names = ["canary", "example.com", ADMIN, "tr-2013", "2013-12", "London", "officer", API_KEY]
    for canary in (*PEOPLE, *names):
        assert canary not in outside


def test_two_senders_share_the_notices_and_none_is_sent_twice(
    by_notify: Sending, server: NotifyServer
) -> None:
    by_notify.addresses.file.write_text(
        "to,email\n" + "".join(f"{each},{each}@example.com\n" for each in PEOPLE), encoding="utf-8"
    )
    with ThreadPoolExecutor(4) as senders:
        done = [each.result() for each in [senders.submit(by_notify.send_waiting) for _ in "1234"]]
    assert sum(each[NoticeState.SENT] for each in done) == len(PEOPLE)
    assert sorted(map(len, server.taken.values())) == [1] * len(PEOPLE)


def test_a_claim_is_one_senders_until_it_has_passed(sending: Sending) -> None:
    claimed = [sending.kept.claim() for _ in PEOPLE]
    assert len({each.reference for each in claimed if each is not None}) == len(PEOPLE)
    assert not any(each.in_doubt for each in claimed if each is not None)
    assert sending.kept.claim() is None
    due_now(sending)
    again = sending.kept.claim()
    assert again is not None
    assert again.in_doubt


class Killed(BaseException):
    """The process goes: nothing after it is done."""


def killing(sending: Sending, *, after: bool) -> Callable[[Notice, str | None], None]:
    """Takes a notice along, and the process is killed before or after."""

    def take(notice: Notice, address: str | None) -> None:
        if after:
            sending.courier.take(notice, address)
        raise Killed

    return take


@pytest.mark.parametrize("after", [False, True])
def test_who_is_killed_before_it_is_kept_that_a_notice_was_sent_sends_none_twice(
    by_notify: Sending, server: NotifyServer, after: bool
) -> None:
    with by_notify.log.connection() as conn:
        conn.execute("DELETE FROM notices WHERE staff_number <> 'S1'")
    (notice,) = by_notify.kept.found(limit=5)
    claimed = by_notify.kept.claim()
    assert claimed is not None
    take = killing(by_notify, after=after)
    with pytest.raises(Killed):
        take(by_notify._notice(claimed), "r.canary@example.com")
    assert len(server.taken.get(notice.reference, ())) == int(after)
    assert by_notify.send_waiting() == {}  # the claim lasts
    due_now(by_notify)
    assert by_notify.send_waiting() == {NoticeState.SENT: 1}
    assert len(server.taken[notice.reference]) == 1
    assert f"GET /v2/notifications?reference={notice.reference}" in server.asked


@pytest.mark.parametrize("hangs_up", [500, HANGS_UP])
def test_an_answer_that_got_lost_is_asked_for_before_anything_is_sent_again(
    by_notify: Sending, server: NotifyServer, hangs_up: int
) -> None:
    server.answers, server.taken_all_the_same = [hangs_up], True
    while NoticeState.WAITING not in by_notify.send_waiting():
        pass
    waits = kept(by_notify, NoticeKind.LETTER)["S1"]
    assert (waits.state, waits.attempts) == (NoticeState.WAITING, 1)
    assert waits.reason is not None
    due_now(by_notify)
    by_notify.send_waiting()
    assert kept(by_notify, NoticeKind.LETTER)["S1"].state is NoticeState.SENT
    assert [len(each) for each in server.taken.values()] == [1]


def test_a_pause_grows_and_a_notice_is_never_given_up(
    by_notify: Sending, server: NotifyServer
) -> None:
    with by_notify.log.connection() as conn:
        conn.execute("DELETE FROM notices WHERE staff_number <> 'S1'")
    pauses = []
    for _ in range(12):
        server.answers = [429]
        assert by_notify.send_waiting() == {NoticeState.WAITING: 1}
        with by_notify.log.connection() as conn:
            row = conn.execute(
                "SELECT round(extract(epoch FROM next_attempt_at - clock_timestamp()) / 60)::int"
                " AS minutes FROM notices"
            ).fetchone()
        assert row is not None
        pauses.append(row["minutes"])
        due_now(by_notify)
    assert pauses[:4] == [1, 2, 4, 8]
    assert pauses[-1] == 360
    assert by_notify.send_waiting() == {NoticeState.SENT: 1}


def test_a_refusal_is_kept_with_its_reason_and_tried_when_it_is_asked_for(
    by_notify: Sending, server: NotifyServer
) -> None:
    server.answers = [400]
    done = by_notify.send_waiting()
    assert done == {NoticeState.FAILED: 1, NoticeState.NO_ADDRESS: 3}
    refused = kept(by_notify, NoticeKind.LETTER)["S1"]
    assert refused.reason == (
        "GOV.UK Notify answered 400 ValidationError: email_address the address is not a valid "
        "email address"
    )
    due_now(by_notify)
    assert by_notify.send_waiting()[NoticeState.FAILED] == 0
    assert by_notify.kept.again() >= 1
    assert by_notify.send_waiting()[NoticeState.SENT] == 1


def test_whose_address_is_not_known_waits_for_it_and_is_not_lost(
    by_notify: Sending, server: NotifyServer
) -> None:
    by_notify.send_waiting()
    without = by_notify.kept.found(limit=10, states=[NoticeState.NO_ADDRESS])
    assert sorted(each.staff_number or "" for each in without) == ["S2", "S3", "S4"]
    assert {each.attempts for each in without} == {0}
    book = by_notify.addresses.file
    book.write_text(book.read_text(encoding="utf-8") + "S2,s2@example.com\n", encoding="utf-8")
    due_now(by_notify)
    assert by_notify.send_waiting() == {NoticeState.SENT: 1, NoticeState.NO_ADDRESS: 2}
    assert len(server.taken) == 2


def test_an_address_book_that_others_may_read_sends_nothing(
    by_notify: Sending, server: NotifyServer
) -> None:
    by_notify.addresses.file.chmod(0o644)
    assert by_notify.send_waiting() == {NoticeState.WAITING: 1}
    assert server.asked == []
    waits = next(each for each in by_notify.kept.found(limit=9) if each.reason is not None)
    assert "chmod 600" in (waits.reason or "")


def test_a_practice_and_a_rehearsal_write_to_the_outbox_whatever_is_set(
    played: Practised, folder: DataFolder, server: NotifyServer
) -> None:
    settings = Settings(
        data=folder.path,
        notify_api_key=SecretStr(API_KEY),
        notify_templates=f"any={TEMPLATE}",
        notify_address=server.address,
        public_address="https://transfer.example",
    )
    found = sending_of(played.record, folder, settings)
    found.note_recorded()
    assert found.send_waiting() == {NoticeState.SENT: len(PEOPLE)}
    assert server.asked == []
    assert {each["link"] for each in in_outbox(folder).values()} == {
        "https://transfer.example/my-choices"
    }
    assert date_in_london(found.clock()) == played.today


def test_the_thread_finds_and_sends_and_stops(practised: Sending, folder: DataFolder) -> None:
    sender = Sender(practised)
    sender.start()
    try:
        pause = sender._stopping.wait
        for _ in range(100):
            if len(in_outbox(folder)) >= len(PEOPLE):
                break
            pause(0.1)
    finally:
        sender.stop()
    assert len(in_outbox(folder)) >= len(PEOPLE)
    assert not sender._thread.is_alive()

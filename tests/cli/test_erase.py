"""transfer erase: the personal data of somebody goes for good, and who did it stays on record."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from deploy.data_folder import DataFolder
from tests.cli.conftest import Run
from tests.support.practised import Practised
from transfer.access.identity import Role
from transfer.app import settle_erasures_of
from transfer.commands.erasing import tells_who
from transfer.core.record.staff import StaffRegistered
from transfer.core.streams import staff_stream
from transfer.erasures import read_list
from transfer.log.envelope import Command
from transfer.settings import Settings
from transfer.vault import Vault

pytestmark = pytest.mark.engines

WHY = ("--because", "request 17")


def _values(played: Practised) -> dict[str, str]:
    position = played.read("/staff/S1/position")["position"]
    return {facet: held["value"] for facet, held in position.items()}


def test_somebody_is_erased_once_and_stays_so(
    run: Run, played: Practised, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    vault, lists = played.record.vault, tmp_path / "disk"
    played.api.register("S1", name="Ann Example", effective_from="2010-04-01")
    played.api.register("S2", name="Ben Example", effective_from="2010-04-01")
    named = {"effective_from": "2013-01-01", "name": "Ann Other", "reason": "marriage"}
    assert played.api.post("/staff/S1/names", named).status_code == 201
    objection = {"of": str(played.record.log.read(staff_stream("S1"))[0].event_id)}
    own = played.token("S1", Role.STAFF)
    objected = played.api.post("/staff/S1/objections", objection | {"statement": "no"}, token=own)
    assert objected.status_code == 201
    played.record.catch_up()
    before = _values(played)
    entries = len(played.record.log.read(staff_stream("S1")))

    # With a database elsewhere the list has to lie where it stays.
    refused = run("erase", "S1", *WHY, "--yes")
    assert (refused.code, "TRANSFER_ERASED" in refused.err) == (2, True)
    shown = run("erase", "s1", *WHY, "--dry-run")
    assert shown.code == 0
    for told in ("2 names", "- 1 text", f"On record: {entries} entries", "Nothing was erased"):
        assert told in shown.out
    lists.mkdir()
    monkeypatch.setenv("TRANSFER_ERASED", str(lists / "erased"))
    for wrong, code, says in (
        (("S9", *WHY, "--yes"), 1, "S9"),
        (("S1", *WHY), 2, "--yes"),
        (("S1", "--because", " ", "--yes"), 2, "say why"),
        (("S1", "--because", "asked by Mrs OTHER", "--yes"), 2, "a name of the person"),
        (("S1", *WHY, "--document", "D000009", "--yes"), 2, "not in the register"),
    ):
        refused = run("erase", *wrong)
        assert (refused.code, says in refused.err) == (code, True), refused
    assert vault.erasure_of("S1") is None
    assert not (lists / "erased").exists()

    done = run("erase", "S1", *WHY, "--document", "letter 4", "--yes")
    assert (done.code, "S1: erased." in done.out) == (0, True)
    assert (str(lists / "erased") in "".join(done.out.split()), done.err) == (True, "")
    once = vault.erasure_of("S1")
    assert once is not None
    assert (once.because, once.document) == ("request 17", "letter 4")
    assert str(once.by).startswith("transfer erase (")
    again = run("erase", "S1", "--because", "once more", "--yes", "--json")
    told = json.loads(again.out)
    assert (again.code, told["is_new"], told["names"], told["texts"]) == (0, False, 0, 0)
    assert told["erasure"]["at"] == once.at.isoformat()
    assert "request 17" in run("erase", "S1", "--because", "?", "--yes").out
    assert vault.get_many(["S1", "S2"]) == {"S2": {"name": "Ben Example"}}
    # The facts stay, and the answers that go by them.
    assert len(played.record.log.read(staff_stream("S1"))) == entries
    assert _values(played) == before
    made = played.read("/staff/S1/subject-access")
    assert made["personal_data"] is None
    assert made["personal_data_erased_at"] == once.at.isoformat().replace("+00:00", "Z")

    # A database that comes back as it was before is put right by the list, when a process starts:
    # S1 has their key again there, and S3, of whom no personal data is kept, is not erased.
    url = played.record.database_url
    bare = StaffRegistered(staff_number="S3", effective_from=date(2010, 4, 1))
    played.record.log.append([(staff_stream("S3"), 0, bare)], Command(UUID(int=3), "hr", b""))
    assert run("erase", "S3", *WHY, "--yes").code == 0
    with played.record.log.connection() as connection:
        connection.execute(
            "UPDATE person_keys SET wrapped_key = (SELECT wrapped_key FROM person_keys WHERE"
            " staff_number = 'S2'), erased_at = NULL, erased_by = NULL WHERE staff_number = 'S1'"
        )
        connection.execute("DELETE FROM person_keys WHERE staff_number = 'S3'")
    folder = DataFolder.open(tmp_path / "another")
    settings = Settings(data=folder.path, database_url=url, erased=lists / "erased")
    assert settle_erasures_of(played.record, folder, settings) == 2
    assert settle_erasures_of(played.record, folder, settings) == 0
    found = vault.erasure_of("S3")
    assert found is not None
    assert (found.by, str(found.because).startswith("named on a list")) == (None, True)
    # So it is where the command was killed between the list and the key: to repeat it says why.
    assert "by transfer erase" in run("erase", "S3", *WHY, "--yes").out
    assert vault.erasure_of("S3") == replace(found, by=once.by, because="request 17", document=None)
    # And the new machine has the list too.
    assert read_list(folder.path / "keys" / "erased") == read_list(lists / "erased")


@pytest.mark.parametrize(
    ("name", "text", "is_refused"),
    [
        ("Wei Ng", "asked by Mr Ng", True),
        ("Wei Ng", "asked by NG, request 17", True),
        ("An To", "right to erasure, an answer to request 17", False),
        ("An To", "letter of An To", True),
        ("李 伟", "伟 asked", True),
        ("May Example", "letter of 3 May", False),
        ("May Example", "letter of 3rd May 2026", False),
        ("May Example", "letter of May", True),
        ("May Example", "3 May, by Example", True),
        ("Ann Other", "born 1961-02-03", True),
        ("Ann Other", "born on the 3rd of February 1961", True),
        ("Ann Other", "born Feb 3, 1961", True),
        ("Ann Other", "b. 03/02/61", True),
        ("Ann Other", "19610203", True),
        ("Ann Other", "request 3 of February 2026, page 1961", False),
    ],
)
def test_what_is_kept_for_good_tells_neither_name_nor_birth(
    name: str, text: str, *, is_refused: bool
) -> None:
    personal = {"name": name, "date_of_birth": "1961-02-03"}
    assert tells_who(text, personal) is is_refused


def test_a_list_that_cannot_be_written_stops_it(
    run: Run, played: Practised, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    vault: Vault = played.record.vault
    played.api.register("S1", name="Ann Example", effective_from="2010-04-01")
    monkeypatch.setenv("TRANSFER_ERASED", str(tmp_path / "nowhere" / "erased"))
    refused = run("erase", "S1", *WHY, "--yes")
    assert (refused.code, "nowhere" in refused.err) == (2, True)
    # Nor does the next start of the service do it.
    folder = DataFolder.open(tmp_path / ".transfer")
    settings = Settings(data=folder.path, database_url=played.record.database_url)
    assert settle_erasures_of(played.record, folder, settings) == 0
    assert vault.get("S1") == {"name": "Ann Example"}

"""What is left of a backup or a restoration that is ended from outside: nothing that stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.backups.recovering import _forget_settings
from deploy.backups.tools import run
from deploy.data_folder import DataFolder
from deploy.processes import wait_until
from transfer.backups.checking import _remove_left
from transfer.backups.restoring import _beside
from transfer.cli.common import tidied_up

RUNNING = """
import sys
from deploy.backups.tools import run
run("pg_basebackup", [sys.argv[1]], print)
"""


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of PostgreSQL's programs, of which one writes down what it was started with."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("postgres", "initdb"):
        (folder / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 18.0'\n")
    (folder / "pg_basebackup").write_text(
        '#!/bin/sh\necho $$ > "$1.new"\nmv "$1.new" "$1"\nexec sleep 60\n'
    )
    for each in folder.iterdir():
        each.chmod(0o755)
    monkeypatch.setenv("TRANSFER_PG_BIN", str(folder))
    return folder


@pytest.mark.usefixtures("programs")
def test_a_program_ends_with_the_command_that_started_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    command = subprocess.Popen([sys.executable, "-c", RUNNING, str(note)])
    try:
        assert wait_until(note.exists, seconds=30)
    finally:
        command.kill()
        command.wait()
    pid = int(note.read_text())
    stat = Path(f"/proc/{pid}/stat")
    assert wait_until(lambda: not stat.exists() or " Z " in stat.read_text(), seconds=30)


def test_a_program_finds_the_server_as_the_driver_does(
    tmp_path: Path, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSSLROOTCERT", "/etc/ca.pem")
    monkeypatch.setenv("PGPASSWORD", "of somebody else")
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=1MB")
    url = "postgresql://transfer:secret@db.example/transfer"
    note = tmp_path / "note"
    (programs / "pg_basebackup").write_text(f"#!/bin/sh\n/usr/bin/env > {note}\n")
    run("pg_basebackup", [], print, database_url=url)
    told = note.read_text().splitlines()
    assert "PGSSLROOTCERT=/etc/ca.pem" in told
    assert "PGPASSWORD=secret" in told
    assert not any(each.startswith("PGOPTIONS") for each in told)


def test_a_command_that_is_ended_removes_what_it_had_begun(tmp_path: Path) -> None:
    def begun_and_ended() -> None:
        with tidied_up(), _beside(tmp_path / "new") as draft:
            assert draft.path.exists()
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(SystemExit) as ended:
        begun_and_ended()
    assert ended.value.code == 143
    assert list(tmp_path.iterdir()) == []
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_what_killed_restorations_have_left_is_removed(tmp_path: Path) -> None:
    names = (".new.0123abcd", ".new.89ef4567", ".new.notes", ".other.0123abcd")
    for name in names:
        (tmp_path / name).mkdir()
    with DataFolder.open(tmp_path / names[1]).hold("transfer restore"), _beside(tmp_path / "new"):
        left = {each.name for each in tmp_path.iterdir()} & {*names}
    assert left == {*names[1:]}


def test_what_killed_drills_have_left_is_removed(tmp_path: Path) -> None:
    places = {name: tmp_path / f"transfer-check-{name}" for name in ("old", "held", "young", "new")}
    for place in places.values():
        DataFolder.open(place / "data")
    with DataFolder.open(places["held"] / "data").hold("transfer restore --check"):
        for name in ("old", "held"):
            os.utime(places[name], (1, 1))
        _remove_left(places["new"])
    assert {each.name.removeprefix("transfer-check-") for each in tmp_path.iterdir()} == {
        "held",
        "young",
        "new",
    }


def test_settings_are_forgotten_where_nobody_may_give_files_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the systemd unit has it, which filters that call out."""

    def refused(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "chown", refused)
    (tmp_path / "PG_VERSION").write_text("18")
    (tmp_path / "postgresql.conf").write_text("ssl = on")
    _forget_settings(tmp_path, None)
    assert (tmp_path / "postgresql.conf").read_text() == ""

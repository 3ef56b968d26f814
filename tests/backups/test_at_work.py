"""A backup of a service that is at work, and the archive of its changes: what was acknowledged is
in it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from deploy.backups.archive import SLOT, Archive
from deploy.data_folder import DataFolder
from deploy.migrate import newest
from tests.service import writing_process as w
from tests.support.backed_up import at_work
from tests.support.service_process import PATIENCE_SECONDS, Service, transfer
from transfer.app import open_record, projections_of
from transfer.backups.checking import check_backup
from transfer.backups.digests import digests_of, view_of
from transfer.backups.restoring import Point, find_source, keys_at, restore
from transfer.commands.office import Act, key_id

pytestmark = [pytest.mark.engines, pytest.mark.thorough]

WRITERS, ROUNDS = 2, 200


def write(database_url: str, folder: DataFolder, name: str, said: list[list[str]]) -> None:
    """Write in a process of its own, and note what it was told is on record."""
    program = Path(w.__file__)
    with subprocess.Popen(
        [sys.executable, program, database_url, folder.path, name, str(ROUNDS)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.stdin.write("begin\n")
        process.stdin.flush()
        said.extend(json.loads(line) for line in process.stdout)


def test_what_is_acknowledged_while_a_backup_is_taken_is_restored(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "backups")
    said: list[list[list[str]]] = [[] for _ in range(WRITERS)]
    with at_work(tmp_path / "data", archive, archives=True) as at:
        at.register(w.SHARED, w.COUNTED)
        url = at.record.database_url
        threads = [
            threading.Thread(target=write, args=(url, at.folder, f"W{n}", said[n]))
            for n in range(WRITERS)
        ]
        for thread in threads:
            thread.start()
        while not all(said):
            time.sleep(0.01)
        at.record.runner.start()
        taken = at.take()
        written = sum(map(len, said))
        assert taken.manifest.digests.position > 2
        for thread in threads:
            thread.join()
        assert written < sum(map(len, said)), "nothing was written after the backup"
        at.record.runner.stop()
        at.record.catch_up()
        with view_of(url) as view:
            whole = digests_of(at.record.log, view, projections_of(at.record.log))
    source = find_source(archive.path)
    checked = check_backup(source, projections_of, newest(), within=tmp_path)
    assert (checked.different, checked.archived) == ([], whole.position)
    restore(source, keys_at(at.folder.path, source.manifest), tmp_path / "new", Point())
    with at_work(tmp_path / "new", Archive.open(tmp_path / "more")) as restored:
        with view_of(restored.record.database_url) as view:
            log = restored.record.log
            assert digests_of(log, view, projections_of(log)) == whole
        for _, _, event_id, _, recorded_at in (line for lines in said for line in lines):
            found = log.find(UUID(event_id))
            assert found is not None
            assert found.recorded_at.isoformat() == recorded_at


def register(data: Path, number: str) -> None:
    """Record somebody beside a service that runs."""
    folder = DataFolder.open(data)
    running = folder.running()
    assert running is not None
    with open_record(running.database_url, folder) as record:
        w.register(record.office, Act("test", key_id(number)), number)


def receivers(archive: Path) -> list[int]:
    """The processes that receive into an archive."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        if "pg_receivewal" in line and str(archive) in line:
            found.append(int(entry.name))
    return found


def test_a_service_archives_while_it_is_asked_to(tmp_path: Path, services: list[Service]) -> None:
    data, archive = tmp_path / "data", tmp_path / "backups"
    first = Service(data, environment={"TRANSFER_ARCHIVE": str(archive)})
    services.append(first)
    first.ready()
    register(data, "S1")
    taken = transfer("backup", str(archive), "--data", str(data))
    assert (taken.returncode, "on the same disk as the database" in taken.stderr) == (0, True)
    (before,) = receivers(archive)
    os.kill(before, signal.SIGKILL)
    until = time.monotonic() + PATIENCE_SECONDS
    while receivers(archive) in ([], [before]):
        assert time.monotonic() < until
        time.sleep(0.1)
    register(data, "S2")
    _, ready = first.ask("GET", "/health/ready")
    (told,) = [each for each in ready["checks"] if each["name"] == "archive"]
    assert told["ok"], told
    # Stopped in order, all has arrived: nothing that was acknowledged is missing.
    assert first.stop()[0] == 0
    assert receivers(archive) == []
    checked = transfer("restore", str(archive), "--check", "--in", str(tmp_path), "--json")
    assert checked.returncode == 0, checked.stderr
    assert json.loads(checked.stdout)["archived_position"] == 2
    # Without the setting, nothing is kept for it on the record's disk.
    second = Service(data)
    services.append(second)
    second.ready()
    running = DataFolder.open(data).running()
    assert running is not None
    with psycopg.connect(running.database_url) as connection:
        slots = connection.execute("SELECT slot_name FROM pg_replication_slots").fetchall()
    assert (SLOT,) not in slots
    second.stop()
    # And with it again, it begins in a folder beside: the log between the two is missing.
    third = Service(data, environment={"TRANSFER_ARCHIVE": str(archive)})
    services.append(third)
    third.ready()
    assert len(list((archive / "log").iterdir())) == 2
    refused = transfer("note-restored", "by hand", "--data", str(data))
    assert (refused.returncode, "stop it first" in refused.stderr) == (1, True)
    third.stop()
    noted = transfer("note-restored", "by hand", "--data", str(data), "--json")
    assert json.loads(noted.stdout)["position"] == 2
    doctor = json.loads(transfer("doctor", "--data", str(data), "--json").stdout)
    assert [each for each in doctor["checks"] if each["name"] == "restored"]
    taken = transfer("backup", "--data", str(data), str(archive))
    assert taken.returncode == 0, taken.stderr
    assert transfer("restore", str(archive), "--check", "--in", str(tmp_path)).returncode == 0

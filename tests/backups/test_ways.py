"""Which backups and files of an archive belong to the record as it went on, after restorations."""

from __future__ import annotations

import os
import resource
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.backups.archive import Archive, ArchiveRefused
from deploy.backups.base import BackupDamaged
from deploy.backups.recovering import _copy
from deploy.backups.segments import SEGMENT_BYTES, ArchiveDamaged, chain, lsn
from transfer.backups.manifest import Digests, Manifest
from transfer.backups.restoring import Point, find_source, require_whole
from transfer.backups.taking import remove_old
from transfer.cli.doctor import backup_findings
from transfer.core.refusals import Conflict
from transfer.erasures import Erasures, append_to_list, read_list, read_lists


def backup(archive: Archive, day: int, timeline: int, segment: int, position: int) -> Path:
    """A backup of a day whose log begins and ends in a file, as far as its manifest goes."""
    at = datetime(2026, 11, day, tzinfo=UTC)
    name = f"{at:%Y%m%dT%H%M%SZ}-{position}"
    place = archive.base / name
    (place / "log").mkdir(parents=True)
    digests = Digests(
        position=position,
        recorded_at=at,
        log="",
        editions="",
        people=0,
        projections={},
        known_at=at,
        asked=0,
        answers="",
    )
    Manifest(
        name=name,
        version="1",
        schema_version=1,
        postgres=18,
        role="transfer",
        database="transfer",
        record="r",
        system="s",
        key=None,
        timeline=timeline,
        begins=f"0/{segment:X}000028",
        needs=f"0/{segment:X}000100",
        mark="transfer m",
        mark_at=f"0/{segment:X}000200",
        taken_at=at,
        bytes=0,
        files="",
        log=(),
        digests=digests,
    ).write(place)
    return place


def segment(folder: Path, timeline: int, number: int, content: bytes = b"\1") -> Path:
    """A whole file of the log of changes."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{timeline:08X}{0:08X}{number:08X}"
    with path.open("wb") as file:
        file.write(content)
        file.truncate(SEGMENT_BYTES)
    return path


def history(folder: Path, timeline: int, *steps: tuple[int, str]) -> Path:
    """Where a timeline left those before."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{timeline:08X}.history"
    path.write_text("".join(f"{of}\t{at}\tat a point\n\n" for of, at in steps))
    return path


@pytest.fixture
def restored(tmp_path: Path) -> Archive:
    """An archive with a backup in file 2 and one in file 9, of a record that was then restored to
    a point in file 4, and went on to file 6 in a timeline of its own."""
    archive = Archive.open(tmp_path / "backups")
    archive.claim("r", "s")
    backup(archive, 1, 1, 2, 10)
    backup(archive, 2, 1, 9, 90)
    first, second = archive.path / "log" / "00000001", archive.path / "log" / "00000002"
    for number in range(2, 11):
        segment(first, 1, number)
    history(second, 2, (1, "0/4000300"))
    for number in range(4, 7):
        segment(second, 2, number)
    return archive


def test_a_backup_of_what_was_given_up_is_passed_over(restored: Archive) -> None:
    first, given_up = restored.backups()
    for point in (Point(), Point(until=datetime(2026, 11, 9, tzinfo=UTC)), Point(position=95)):
        source = find_source(restored.path, point)
        assert source.place == first
        log = source.log(archived=True)
        assert log.timeline == 2
        assert max(log.files) == f"{2:08X}{0:08X}{6:08X}"
    with pytest.raises(Conflict, match="--abandoned"):
        find_source(given_up)
    log = find_source(given_up, abandoned=True).log(archived=True)
    assert log.timeline == 1
    newer = backup(restored, 3, 2, 5, 12)
    assert find_source(restored.path).place == newer
    assert find_source(restored.path).earlier == first


def test_where_every_backup_was_given_up_it_is_said(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path)
    backup(archive, 2, 1, 9, 90)
    history(tmp_path / "log" / "00000002", 2, (1, "0/4000300"))
    with pytest.raises(Conflict, match="--abandoned"):
        find_source(archive.path)


def test_what_the_record_went_on_with_is_kept(restored: Archive) -> None:
    first, given_up = restored.backups()
    second = backup(restored, 3, 2, 5, 12)
    assert remove_old(restored, 2, print) == ()
    third = backup(restored, 4, 2, 6, 14)
    assert remove_old(restored, 2, print) == (first.name, given_up.name)
    assert restored.backups() == [second, third]
    left = {path.name[-2:] for path in (restored.path / "log" / "00000002").iterdir()}
    assert left == {"05", "06", "ry"}
    assert find_source(restored.path).log(archived=True).timeline == 2


def test_the_log_is_kept_from_the_lowest_place_that_a_backup_needs(restored: Archive) -> None:
    """The first by its name may be the one that was given up, and needs the log from further on."""
    restored_from, given_up = restored.backups()
    backup(restored, 4, 2, 6, 14)
    assert remove_old(restored, 2, print) == ()
    backup(restored, 5, 2, 6, 15)
    assert remove_old(restored, 3, print) == ()
    assert restored.backups()[:2] == [restored_from, given_up]
    assert remove_old(restored, 2, print) == (restored_from.name, given_up.name)


def test_a_manifest_that_cannot_be_read_does_not_close_the_folder(restored: Archive) -> None:
    given_up = restored.backups()[-1]
    newest = backup(restored, 3, 2, 5, 12)
    (newest / "manifest.json").write_text("{")
    warned: list[str] = []
    assert find_source(restored.path, warn=warned.append).manifest.digests.position == 10
    assert str(newest) in warned[0]

    last = backup(restored, 2, 2, 6, 14)
    warned.clear()
    assert remove_old(restored, 1, warned.append) != ()
    assert set(restored.backups()) == {last, given_up, newest}
    assert len(warned) == 2
    assert (restored.path / "log" / "00000001" / f"{1:08X}{0:08X}{2:08X}").exists()
    for each in restored.backups():
        (each / "manifest.json").write_text("{")
    with pytest.raises(BackupDamaged, match="can be read"):
        find_source(restored.path)


def test_nothing_is_removed_while_a_backup_is_read(restored: Archive) -> None:
    backup(restored, 3, 2, 5, 12)
    before, warned = restored.backups(), list[str]()
    with find_source(restored.path).read():
        assert remove_old(restored, 1, warned.append) == ()
    assert restored.backups() == before
    assert "being read" in warned[0]
    assert remove_old(restored, 1, warned.append) != ()


def test_a_damaged_backup_is_told_of_with_the_one_before(restored: Archive) -> None:
    newest = backup(restored, 3, 2, 5, 12)
    source = find_source(restored.path)
    first = restored.backups()[0]
    assert source.place == newest
    with pytest.raises(BackupDamaged, match=f"earlier backup may do: {first}"):
        require_whole(source, print)


# --- histories and files ------------------------------------------------------------------------


def test_a_server_is_given_every_history_also_where_its_log_is_not_followed(
    restored: Archive,
) -> None:
    first = find_source(restored.path)
    log = first.place / "log"
    segment(log, 1, 2)
    at_its_mark = first.log(archived=False)
    assert at_its_mark.timeline == 1
    assert set(at_its_mark.histories) == {"00000002.history"}


def test_what_was_given_up_ends_the_log_where_its_successor_has_not_arrived(
    restored: Archive, tmp_path: Path
) -> None:
    for left_at, last, ends_at in (("0/4000300", 4, lsn("0/4000300")), ("0/4000000", 3, None)):
        (restored.path / "log" / "00000002" / "00000002.history").unlink(missing_ok=True)
        history(restored.path / "log" / "00000002", 2, (1, left_at))
        for each in (restored.path / "log" / "00000002").glob("0*4"):
            each.unlink()
        log = find_source(restored.path).log(archived=True)
        assert "has not arrived" in (log.breaks_off or "")
        assert (log.timeline, log.ends_at) == (1, ends_at)
        assert max(log.files) == f"{1:08X}{0:08X}{last:08X}"
    # The same where the record was restored to a point in the file that the backup ends in.
    history(restored.path / "log" / "00000002", 2, (1, "0/2000300"))
    assert find_source(restored.path).log(archived=True).ends_at == lsn("0/2000300")
    history(restored.path / "log" / "00000002", 2, (1, "0/4000300"))
    data, to = tmp_path / "data", tmp_path / "to"
    data.mkdir()
    _copy(data, to, find_source(restored.path).log(archived=True), None, lambda _: None)
    given_up = to / "pg_wal" / f"{1:08X}{0:08X}{4:08X}"
    assert (given_up.stat().st_size, given_up.read_bytes()[0x300:].count(0)) == (
        SEGMENT_BYTES,
        SEGMENT_BYTES - 0x300,
    )
    assert given_up.read_bytes()[0] == 1


def test_another_copy_that_went_another_way_is_not_gone_on_with(restored: Archive) -> None:
    same = (restored.path / "log" / "00000002" / "00000002.history").read_bytes()
    restored.require_same([("00000002.history", same), ("00000003.history", b"")])
    with pytest.raises(ArchiveRefused, match="another restored copy"):
        restored.require_same([("00000002.history", b"1\t0/3000000\tat a point\n")])


def test_two_restorations_under_one_number_are_refused(restored: Archive) -> None:
    other = restored.path / "log" / "00000002-2"
    history(other, 2, (1, "0/4000300"))
    twin = segment(other, 2, 4)
    assert find_source(restored.path).log(archived=True).timeline == 2
    twin.write_bytes(b"\2" + twin.read_bytes()[1:])
    with pytest.raises(ArchiveDamaged, match="not the same"):
        find_source(restored.path).log(archived=True)
    twin.unlink()
    history(other, 2, (1, "0/3000000"))
    with pytest.raises(ArchiveDamaged, match="not the same"):
        find_source(restored.path)


def test_a_file_that_becomes_full_while_a_backup_is_copied_is_found(tmp_path: Path) -> None:
    name = f"{1:08X}{0:08X}{2:08X}"
    whole = segment(tmp_path / "log", 1, 2)
    partial = whole.rename(whole.with_name(f"{name}.partial"))
    found = chain([tmp_path / "log"], 1, 2 * SEGMENT_BYTES, 2 * SEGMENT_BYTES)
    assert found.files == {name: partial}
    partial.rename(whole)
    (tmp_path / "data" / "pg_wal" / "archive_status").mkdir(parents=True)
    (tmp_path / "data" / "PG_VERSION").write_text("18")
    _copy(tmp_path / "data", tmp_path / "to", found, None, lambda _: None)
    assert (tmp_path / "to" / "pg_wal" / name).read_bytes() == whole.read_bytes()
    assert (tmp_path / "to" / "pg_wal" / "archive_status").is_dir()


# --- the folder and its lists -------------------------------------------------------------------


def test_what_a_disk_or_a_killed_start_has_left_does_not_fill_a_folder(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "backups")
    (archive.path / "lost+found").mkdir()
    for name in ("erased", "lock", ".archive.json.0123456789abcdef"):
        (archive.path / name).touch()
    archive.claim("r", "s")
    with pytest.raises(ArchiveRefused, match="another record"):
        archive.claim("other", "s")


def test_a_folder_on_the_disk_of_the_database_is_warned_of(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "backups")
    assert archive.risk(tmp_path / "data" / "postgres") is None  # none there
    (tmp_path / "data" / "postgres").mkdir(parents=True)
    assert "same disk" in (archive.risk(tmp_path / "data" / "postgres") or "")
    assert archive.risk(Path("/proc")) is None  # another device
    (told,) = backup_findings(archive.path, tmp_path / "data" / "postgres")
    assert "same disk" in told.says


def test_a_list_that_could_not_be_written_whole_is_no_list(tmp_path: Path) -> None:
    """A disk that is full takes a part and says so only the next time."""
    file, line = tmp_path / "erased", "a" * 64
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            append_to_list(file, [line])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert read_list(file) == set()
    append_to_list(file, [line])
    assert read_list(file) == {line}


def test_an_erasure_is_on_every_list_or_on_none(tmp_path: Path) -> None:
    first, second, folder = tmp_path / "first", tmp_path / "second", tmp_path / "folder"
    folder.mkdir()
    append_to_list(second, ["a" * 64] * 10)
    lists = Erasures(bytes(32), [first, second])
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (second.stat().st_size + 40, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            lists.note("S1")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert lists.lines() == {"a" * 64}
    with pytest.raises(IsADirectoryError):
        Erasures(bytes(32), [first, folder]).note("S1")
    assert lists.lines() == {"a" * 64}
    lists.note("S1")
    assert read_list(first) == lists.lines_of(["S1"]) < read_list(second)


def test_a_list_is_readable_for_the_service_and_one_that_is_not_stops_nothing(
    tmp_path: Path,
) -> None:
    file, said = tmp_path / "erased", list[str]()
    if os.geteuid() == 0:
        os.chown(tmp_path, 65534, 65534)
    append_to_list(file, ["a" * 64])
    made = file.stat()
    assert (made.st_mode & 0o777, made.st_uid) == (0o644, tmp_path.stat().st_uid)
    assert read_lists([tmp_path, file], said.append) == {"a" * 64}
    assert len(said) == 1
    Erasures(bytes(32), [tmp_path, file]).complete(["S1"])
    assert len(read_list(file)) == 2

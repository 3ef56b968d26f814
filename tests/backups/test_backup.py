"""Backups: taken while the record is at work, checked file by file, restored, compared."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from deploy import postgres
from deploy.backups.archive import Archive, ArchiveRefused, Receiver
from deploy.backups.base import BackupDamaged
from deploy.backups.segments import ArchiveDamaged, lsn, segment_name, segment_of
from deploy.data_folder import DataFolder
from deploy.key_files import KeyFile, KeyFileRefused
from deploy.migrate import migrate, newest
from projections.rebuilding.rebuild import rebuild
from tests.support.asking import told
from tests.support.backed_up import AtWork, at_work
from tests.support.service_process import transfer
from tests.support.serving import asking
from transfer.api.http.last_seen import SEEN
from transfer.app import embedded_identity, http_service_of, open_record, projections_of
from transfer.backups.checking import check_backup
from transfer.backups.manifest import read_manifest
from transfer.backups.restoring import Point, find_source, keys_at, restore
from transfer.backups.versions import require_programs
from transfer.commands.office import key_id
from transfer.core.record.staff import StaffRegistered
from transfer.core.refusals import Conflict
from transfer.core.streams import staff_stream
from transfer.log.answers import StaleError
from transfer.log.calls import Few, append_several
from transfer.log.envelope import Command
from transfer.log.restorations import read_restorations
from transfer.settings import Settings

pytestmark = pytest.mark.engines


def people(at: AtWork) -> set[str]:
    """Who is on record, by the log."""
    return {each.removeprefix("staff:") for each in at.record.log.streams_under("staff:")}


def bring_back(
    path: Path, keys: Path, data: Path, until: datetime | None = None, position: int | None = None
) -> None:
    """What `transfer restore` does."""
    point = Point(until, position)
    source = find_source(path, point)
    restore(source, keys_at(keys, source.manifest), data, point)


def spoil(path: Path) -> None:
    """Change one byte in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


# --- a backup -----------------------------------------------------------------------------------


def test_a_backup_is_restored_with_the_same_digests(begun: AtWork, tmp_path: Path) -> None:
    taken = begun.take()
    begun.register("S4")
    found = check_backup(find_source(taken.place), projections_of, newest(), within=tmp_path)
    assert found.different == found.left_out == []
    assert {"files", "log", "people", "answers", "projection position"} <= set(found.same)
    assert not list(tmp_path.glob("transfer-check-*"))

    told = taken.manifest.digests
    wrong = replace(
        find_source(taken.place),
        manifest=taken.manifest.model_copy(
            update={"digests": told.model_copy(update={"people": 99, "answers": told.log})}
        ),
    )
    assert check_backup(wrong, projections_of, newest(), within=tmp_path).different == [
        "people",
        "answers",
    ]


@pytest.mark.parametrize(
    ("of_another", "says"),
    [({"postgres": 99}, "PostgreSQL 99"), ({"schema_version": 9999}, "newer")],
)
def test_a_backup_of_another_version_is_refused(
    begun: AtWork, tmp_path: Path, of_another: dict[str, int], says: str
) -> None:
    taken = begun.take()
    other = taken.manifest.model_copy(update=of_another)
    source = replace(find_source(taken.place), manifest=other)
    with pytest.raises(Conflict, match=says):
        check_backup(source, projections_of, newest(), within=tmp_path)


def test_a_restoration_may_take_longer_than_a_start(
    begun: AtWork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = begun.take()
    monkeypatch.setattr(postgres, "_RECOVERY_SECONDS", 0.0)
    found = check_backup(find_source(taken.place), projections_of, newest(), within=tmp_path)
    assert found.different == []


def test_programs_of_another_version_copy_nothing() -> None:
    with pytest.raises(Conflict, match="TRANSFER_PG_BIN"):
        require_programs(99, "the database")


def test_a_manifest_tells_nothing_of_anybody(begun: AtWork) -> None:
    manifest = begun.take().manifest
    told = manifest.model_dump_json()
    assert "S1" not in told
    assert manifest.key is not None
    assert manifest.digests.position == begun.record.log.head().position
    assert manifest.digests.people == len(people(begun))


@pytest.mark.thorough
def test_every_file_of_a_backup_counts(begun: AtWork, tmp_path: Path) -> None:
    place = begun.take().place
    data = place / "data"
    for spoiled in (data / "base" / "1" / "2619", data / "backup_manifest"):
        before = spoiled.read_bytes()
        spoil(spoiled)
        with pytest.raises(BackupDamaged):
            check_backup(find_source(place), projections_of, newest(), within=tmp_path)
        spoiled.write_bytes(before)
    for segment in (place / "log").iterdir():
        before = segment.read_bytes()
        segment.write_bytes(before[:-8192])
        with pytest.raises(BackupDamaged):
            check_backup(find_source(place), projections_of, newest(), within=tmp_path)
        segment.write_bytes(before)
    checked = transfer("restore", str(place), "--check", "--in", str(tmp_path), "--json")
    assert (checked.returncode, json.loads(checked.stdout)["different"]) == (0, [])
    (data / "PG_VERSION").unlink()
    checked = transfer("restore", str(place), "--check", "--in", str(tmp_path), "--json")
    assert (checked.returncode, "PG_VERSION" in json.loads(checked.stdout)["damaged"]) == (1, True)
    with pytest.raises(BackupDamaged, match="PG_VERSION"):
        check_backup(find_source(place), projections_of, newest(), within=tmp_path)


@pytest.mark.thorough
def test_half_a_backup_is_none(begun: AtWork) -> None:
    place = begun.take().place
    half = begun.archive.base / ".half"
    shutil.copytree(place, half)
    assert begun.archive.backups() == [place]
    (place / "manifest.json").unlink()
    assert begun.archive.backups() == []
    with pytest.raises(BackupDamaged, match="manifest"):
        find_source(place)
    with pytest.raises(BackupDamaged, match="no backup"):
        find_source(begun.archive.path)
    begun.take()
    assert not half.exists()


@pytest.mark.thorough
def test_only_the_newest_are_kept(begun: AtWork) -> None:
    first = begun.take().manifest.name
    begun.register("S6")
    second = begun.take().manifest.name
    begun.register("S7")
    assert begun.take(keep=2).removed == (first,)
    assert next(each.name for each in begun.archive.backups()) == second


def test_a_folder_of_another_record_is_refused(begun: AtWork, tmp_path: Path) -> None:
    begun.take()
    begun.archive.claim(
        begun.record.log.identity(), read_manifest(begun.archive.backups()[0]).system
    )
    with pytest.raises(ArchiveRefused, match="another record"):
        begun.archive.claim("somebody", "1")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter").touch()
    with pytest.raises(ArchiveRefused, match="not empty"):
        Archive.open(tmp_path / "full").claim("somebody", "1")


def test_a_user_who_may_not_copy_the_database_is_told_what_to_do(begun: AtWork) -> None:
    with psycopg.connect(begun.record.database_url, autocommit=True) as connection:
        connection.execute("CREATE ROLE modest LOGIN")
        connection.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO modest")
        connection.execute("GRANT ALL ON SCHEMA public TO modest")
    url = make_conninfo(begun.record.database_url, user="modest")
    modest = replace(begun, record=replace(begun.record, database_url=url))
    with pytest.raises(Conflict, match="the platform"):
        modest.take()


# --- a restoration ------------------------------------------------------------------------------


def test_the_key_has_to_be_the_records(begun: AtWork, tmp_path: Path) -> None:
    manifest = begun.take().manifest
    other = tmp_path / "other"
    other.write_bytes(bytes(range(32)))
    other.chmod(0o600)
    with pytest.raises(Conflict, match="--key"):
        keys_at(None, manifest)
    with pytest.raises(Conflict, match=str(manifest.key)):
        keys_at(other, manifest)
    with pytest.raises(Conflict, match="no vault key"):
        keys_at(tmp_path, manifest)
    for path in (
        begun.folder.path,
        begun.folder.path / "keys",
        begun.folder.path / "keys" / "vault",
    ):
        found = keys_at(path, manifest)
        assert found is not None
        assert found.vault == begun.record.keys.vault
    named = KeyFile(begun.folder.path / "keys" / "vault", "TRANSFER_VAULT_KEY_FILE")
    found = keys_at(None, manifest, named)
    assert found is not None
    assert found.elsewhere
    (tmp_path / "other").chmod(0o644)
    with pytest.raises(KeyFileRefused, match="every user"):
        keys_at(other, manifest)


def test_erased_people_stay_erased(tmp_path: Path) -> None:
    keys, archive = tmp_path / "keys", Archive.open(tmp_path / "backups")
    with at_work(tmp_path / "data", archive) as at:
        at.register("S1", "S2", "S3")
        at.take()
        assert at.record.vault.get("S1") == {"name": "n"}
        at.record.vault.erase("S1")
        shutil.copytree(at.folder.path / "keys", keys)
        at.record.vault.erase("S2")  # the copy of the keys does not know of it; the archive does
    assert "S1" not in (archive.path / "erased").read_text()
    bring_back(archive.path, keys, tmp_path / "new")
    with at_work(tmp_path / "new", Archive.open(tmp_path / "more")) as restored:
        vault = restored.record.vault
        assert vault.get_many(["S1", "S2", "S3"]) == {"S3": {"name": "n"}}
        with restored.record.log.connection() as connection:
            assert vault.numbers_named(connection, ["n"], after="", limit=9) == ["S3"]
        assert people(restored) == {"S1", "S2", "S3"}
        with pytest.raises(Conflict, match="erased"):
            vault.seal({"S1": {"name": "again"}})
        found = [vault.erasure_of(number) for number in ("S1", "S2", "S3")]
        assert [each and (each.by, each.because) for each in found] == [
            *[(None, "named on a list of erased people, and not erased in the database")] * 2,
            None,
        ]
        # Its own list has both, so that the next restoration knows them too.
        assert len((tmp_path / "new" / "keys" / "erased").read_text().split()) == 2


def test_a_record_knows_that_it_was_restored(begun: AtWork, tmp_path: Path) -> None:
    manifest = begun.take().manifest
    begun.register("S5")
    lost = begun.record.log.head().recorded_at
    with psycopg.connect(begun.record.database_url, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO dispatcher_positions VALUES ('q', 't', 6) ON CONFLICT DO NOTHING"
        )
    bring_back(begun.archive.path, begun.folder.path, tmp_path / "new")
    with (
        at_work(tmp_path / "new", Archive.open(tmp_path / "more")) as restored,
        restored.record.log.connection() as connection,
    ):
        (told,) = read_restorations(connection)
        assert (told.backup, told.position) == (manifest.name, manifest.digests.position)
        assert told.known_at == manifest.digests.recorded_at
        assert lost is not None
        assert told.hides(lost)
        assert not told.hides(lost + timedelta(days=1))
        assert told.lost_events is None
        assert restored.record.log.identity() == begun.record.log.identity()
        assert restored.record.log.head().position == told.position
        # Temporal is to be told everything once more.
        assert connection.execute("SELECT FROM dispatcher_positions").fetchall() == []
    with pytest.raises(Conflict, match="not empty"):
        bring_back(begun.archive.path, begun.folder.path, tmp_path / "new")


@pytest.mark.thorough
def test_without_an_archive_there_is_one_point(begun: AtWork, tmp_path: Path) -> None:
    taken = begun.take()
    at = taken.manifest.digests.position
    begun.register("S8")
    for until, position in ((datetime.now(UTC), None), (None, at + 1), (None, at - 1)):  # noqa: TID251
        with pytest.raises(Conflict, match=r"TRANSFER_ARCHIVE|earlier backup"):
            bring_back(taken.place, begun.folder.path, tmp_path / "new", until, position)
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".new*"))


# --- with an archive ----------------------------------------------------------------------------


def in_one_transaction(at: AtWork, *numbers: str) -> list[datetime]:
    """Record people in one transaction, each by a command of its own, as writers who wait for each
    other do; answers their instants."""
    log = at.record.log
    known = log.read(staff_stream("S1"))[0].fact
    assert isinstance(known, StaffRegistered)
    few = []
    for number in numbers:
        command = Command(key_id("one", number), "test", b"r")
        fact = known.model_copy(update={"staff_number": number})
        few.append(Few(command, list(log._entries([(staff_stream(number), 0, fact)], command)), ()))
    with psycopg.connect(at.record.database_url, autocommit=True) as connection:
        answers = append_several(connection.pgconn, few, prepared=False)
    return [each.recorded_at for each in answers if not isinstance(each, StaleError)]


@pytest.fixture
def archived(tmp_path: Path) -> list[datetime]:
    """A record whose log of changes is received, that a backup was taken of between the people S2
    and S3, and that was stopped after F was recorded; the instants from S3 on."""
    archive = Archive.open(tmp_path / "backups")
    with at_work(tmp_path / "data", archive, archives=True) as at:
        at.register("S1", "S2")
        at.take()
        instants = []
        for number in ("S3", "S4"):
            at.register(number)
            head = at.record.log.head().recorded_at
            assert head is not None
            instants.append(head)
        instants += in_one_transaction(at, "C", "D", "E")
        at.record.catch_up()
        at.register("F")
        at.record.vault.erase("S1", by="hr", because="request 17")
    return instants


def restored_people(
    tmp_path: Path,
    until: datetime | None = None,
    position: int | None = None,
    erased: Collection[str] = (),
) -> set[str]:
    """Who is on record in a restoration, whose projections are as its log says; the personal data
    of all but those who were erased is there."""
    bring_back(tmp_path / "backups", tmp_path / "data", tmp_path / "new", until, position)
    with at_work(tmp_path / "new", Archive.open(tmp_path / "more")) as restored:
        restored.record.catch_up()
        head = restored.record.log.head()
        assert position in (None, head.position)
        for each in projections_of(restored.record.log):
            made_again = rebuild(
                restored.record.log, restored.record.database_url, each, dry_run=True
            )
            assert made_again.same, made_again
        assert restored.record.vault.get_many(["S1", "S2"]).keys() == {"S1", "S2"} - {*erased}
        for number in erased:  # by whom and why is known as it was
            kept = restored.record.vault.erasure_of(number)
            assert kept is not None
            assert (kept.by, kept.because) == ("hr", "request 17")
        restored.register("NEXT")
        return people(restored) - {"NEXT"}


ALL = ["S1", "S2", "S3", "S4", "C", "D", "E", "F"]


@pytest.mark.thorough
@pytest.mark.usefixtures("archived")
def test_what_was_recorded_last_is_restored(tmp_path: Path) -> None:
    assert restored_people(tmp_path, erased={"S1"}) == {*ALL}
    checked = check_backup(
        find_source(tmp_path / "backups"), projections_of, newest(), within=tmp_path
    )
    assert checked.archived == 8


@pytest.mark.thorough
@pytest.mark.parametrize(("place", "whom"), [(0, 3), (1, 4), (2, 5), (3, 6), (4, 7)])
def test_an_instant_is_restored_whole_and_nothing_after_it(
    archived: list[datetime], tmp_path: Path, place: int, whom: int
) -> None:
    """Also where the commands before and after it share a transaction."""
    assert restored_people(tmp_path, archived[place], erased={"S1"}) == {*ALL[:whom]}


@pytest.fixture
def in_files(tmp_path: Path) -> list[datetime]:
    """As `archived`, of one person in each of three files of the log of changes; their instants."""
    instants = []
    with at_work(tmp_path / "data", Archive.open(tmp_path / "backups"), archives=True) as at:
        at.register("S1", "S2")
        at.take()
        with psycopg.connect(at.record.database_url, autocommit=True) as connection:
            for number in ("S3", "S4", "S5"):
                at.register(number)
                head = at.record.log.head().recorded_at
                assert head is not None
                instants.append(head)
                connection.execute("SELECT pg_switch_wal()")
    return instants


def cut_short(path: Path) -> None:
    """What a full disk or a copy that was broken off leaves."""
    path.write_bytes(path.read_bytes()[: 1 << 20])


@pytest.mark.thorough
@pytest.mark.parametrize(
    "harm", [cut_short, Path.unlink, lambda path: path.write_bytes(bytes(1 << 24))]
)
def test_a_damaged_archive_leads_to_where_it_is_damaged(
    in_files: list[datetime], tmp_path: Path, harm: Callable[[Path], object]
) -> None:
    backups, data, new = tmp_path / "backups", tmp_path / "data", tmp_path / "new"
    (log,) = (backups / "log").iterdir()
    harm(sorted(log.iterdir())[-3])
    with pytest.raises(ArchiveDamaged, match="position 3, recorded at"):
        bring_back(backups, data, new)
    with pytest.raises(ArchiveDamaged, match="leads to position 3"):
        bring_back(backups, data, new, in_files[1])
    with pytest.raises(Conflict, match="ends at position 3"):
        bring_back(backups, data, new, position=4)
    with pytest.raises(ArchiveDamaged, match="leads to position 3"):
        check_backup(find_source(backups), projections_of, newest(), within=tmp_path)
    assert not list(tmp_path.glob(".new*"))
    assert restored_people(tmp_path, in_files[0]) == {"S1", "S2", "S3"}


def recorded(at: AtWork, number: str) -> tuple[datetime, str]:
    """Record somebody; the instant, and the id of the entry."""
    at.register(number)
    (entry,) = at.record.log.read(staff_stream(number))
    return entry.recorded_at, str(entry.event_id)


def lost_by(at: AtWork, instant: datetime, entry: str) -> tuple[str | None, str]:
    """How a record answers somebody who was told at an instant of an entry: which restoration lost
    it, and what it says where that entry is waited for."""
    settings = Settings(data=at.folder.path)
    service = http_service_of(at.record, embedded_identity(at.folder, settings), settings)
    with asking(service) as api:
        seen = (SEEN.encode(), service.last_seen.seal(instant).encode())
        headers = [*api.headers(None), seen]
        found = api.client.get("/v1/staff/S1/position", headers).json()
        waited = api.get("/staff/S1/position", {"consistent_with": entry})
    return found.get("record_restored_at"), told(waited, 422, "malformed")["detail"]


@pytest.mark.thorough
def test_one_restoration_after_another(in_files: list[datetime], tmp_path: Path) -> None:
    """Each goes by the history that the record went on with, and names what it has lost; one whose
    history never arrives in the archive gives up what came before it all the same."""
    archive, data = Archive.open(tmp_path / "backups"), tmp_path / "data"
    bring_back(archive.path, data, tmp_path / "one", in_files[0])  # S4 and S5 are given up
    with at_work(tmp_path / "one", archive, archives=True) as at:
        assert people(at) == {"S1", "S2", "S3"}
        wanted, _ = recorded(at, "S6")
        with psycopg.connect(at.record.database_url, autocommit=True) as connection:
            connection.execute("SELECT pg_switch_wal()")
        lost, lost_entry = recorded(at, "S7")
    found = check_backup(find_source(archive.path), projections_of, newest(), within=tmp_path)
    assert (found.archived, found.restorations) == (5, [])

    bring_back(archive.path, data, tmp_path / "two", wanted)
    with at_work(tmp_path / "two", archive) as at:
        assert people(at) == {"S1", "S2", "S3", "S6"}
        # As a service that stops before anything of what it has recorded arrives.
        Receiver(archive, at.folder.log("archive"), print).join(
            at.record.database_url, at.record.log.identity()
        )
        at.register("S8")
        at.record.catch_up()
        with at.record.log.connection() as connection:
            first, second = read_restorations(connection)
        assert (first.lost_events, first.lost_until) == (2, in_files[2])
        assert (second.lost_events, second.lost_until) == (1, lost)
        for instant, entry, restoration in (
            (in_files[2], str(UUID(int=7)), first),
            (lost, lost_entry, second),
        ):
            at_instant, why = lost_by(at, instant, entry)
            assert at_instant is not None
            assert datetime.fromisoformat(at_instant) == restoration.restored_at
            assert restoration.in_words() in why

    for until, position in ((None, None), (lost, None)):
        with pytest.raises(ArchiveDamaged, match=r"has not arrived\. It leads to position 4"):
            bring_back(archive.path, data, tmp_path / "three", until, position)
    with pytest.raises(Conflict, match="ends at position 4"):
        bring_back(archive.path, data, tmp_path / "three", position=5)
    with pytest.raises(ArchiveDamaged, match="leads to position 4"):
        check_backup(find_source(archive.path), projections_of, newest(), within=tmp_path)
    assert restored_people(tmp_path, position=4) == {"S1", "S2", "S3", "S6"}
    # Once the service runs again, all of it arrives.
    with at_work(tmp_path / "two", archive, archives=True):
        pass
    (tmp_path / "new").rename(tmp_path / "four")
    assert restored_people(tmp_path) == {"S1", "S2", "S3", "S6", "S8"}


@pytest.mark.thorough
def test_a_server_of_ones_own_is_backed_up_and_checked(lasting: AtWork, tmp_path: Path) -> None:
    ours = lasting.record.database_url
    with psycopg.connect(ours, autocommit=True) as connection:
        connection.execute("CREATE ROLE keeper LOGIN REPLICATION CREATEROLE")
        connection.execute("CREATE DATABASE elsewhere OWNER keeper")
    url = make_conninfo(ours, user="keeper", dbname="elsewhere")
    with psycopg.connect(ours, dbname="elsewhere", autocommit=True) as connection:
        connection.execute("GRANT transfer_restricted TO keeper WITH ADMIN OPTION")
        connection.execute("GRANT EXECUTE ON FUNCTION pg_create_restore_point(text) TO keeper")
    migrate(url)
    folder = DataFolder.open(tmp_path / "data")
    archive = Archive.open(tmp_path / "backups")
    with open_record(url, folder) as record:
        at = AtWork(record, folder, archive)
        at.register("S1")
        manifest = at.take().manifest
    assert (manifest.role, manifest.database) == ("keeper", "elsewhere")
    found = check_backup(find_source(archive.path), projections_of, newest(), within=tmp_path)
    assert found.different == []
    with pytest.raises(Conflict, match="--check"):
        bring_back(archive.path, folder.path, tmp_path / "new")


@pytest.mark.thorough
@pytest.mark.usefixtures("in_files")
def test_the_log_goes_with_the_backups_that_need_it(tmp_path: Path) -> None:
    archive = Archive.open(tmp_path / "backups")
    (log,) = archive.logs()
    first = min(log.iterdir())
    with at_work(tmp_path / "data", archive, archives=True) as at:
        assert first.exists()
        taken = at.take(keep=1)
        assert not first.exists()
        at.register("S8")
    begins = segment_of(lsn(taken.manifest.begins))
    assert min(each.name for each in log.iterdir())[:24] >= segment_name(1, begins)
    assert restored_people(tmp_path) == {"S1", "S2", "S3", "S4", "S5", "S8"}

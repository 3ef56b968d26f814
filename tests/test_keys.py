"""The key that a record is under: known by its fingerprint, never replaced, and what it keys."""

import hashlib
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from threading import Barrier
from uuid import UUID

import psycopg
import pytest

from deploy.data_folder import DataFolder
from deploy.migrate import MIGRATIONS, migrate
from transfer.app import keys_of, open_record
from transfer.commands.office import Act
from transfer.core.record.staff import StaffRegistered
from transfer.core.refusals import KeyReused
from transfer.core.streams import staff_stream
from transfer.keys import KeyRefused, fingerprint, key_plain_hashes, keys_from
from transfer.log.application import open_log
from transfer.log.envelope import Receipt, keyed_hash

pytestmark = pytest.mark.engines

OTHER = bytes(range(32))


def name_somebody(database_url: str, folder: DataFolder) -> None:
    """Put a name into the vault."""
    with open_record(database_url, folder) as record, record.log.connection() as connection:
        sealed = record.vault.seal({"S1": {"name": "Zebedee Unmistakable"}})
        with connection.transaction(), connection.cursor() as cursor:
            record.vault.store(cursor, sealed)


def forget_fingerprint(database_url: str) -> None:
    """As a record was before its key was known by a fingerprint."""
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM vault_key")


def put_key(folder: DataFolder, key: bytes | None) -> Path:
    """Put another key in the place of the folder's, or none."""
    path = folder.secret_path("vault")
    path.unlink(missing_ok=True)
    if key is not None:
        path.write_bytes(key)
        path.chmod(0o600)
    return path


def test_a_record_keeps_the_fingerprint_of_its_key(database_url: str, folder: DataFolder) -> None:
    keys = keys_of(database_url, folder)
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT fingerprint FROM vault_key").fetchall() == [
            (fingerprint(keys.vault),)
        ]
    assert keys_of(database_url, folder) == keys
    derived = {keys.vault, keys.requests, keys.payloads}
    assert len(derived) == 3
    assert not any(fingerprint(keys.vault) in key.hex() for key in derived)
    assert str(keys) == "Keys()"


@pytest.mark.parametrize("has_fingerprint", [True, False], ids=["known", "from before"])
@pytest.mark.parametrize("key", [OTHER, None, b"short"], ids=["changed", "missing", "cut off"])
def test_another_key_is_refused_and_none_is_made(
    database_url: str, folder: DataFolder, key: bytes | None, *, has_fingerprint: bool
) -> None:
    name_somebody(database_url, folder)
    wanted = folder.secret("vault")
    if not has_fingerprint:
        forget_fingerprint(database_url)
    path = put_key(folder, key)
    with pytest.raises(KeyRefused) as refused, open_record(database_url, folder):
        pass
    said = refused.value.reason
    assert str(path) in said
    assert "backup of keys/" in said
    if has_fingerprint and key != b"short":
        assert fingerprint(wanted) in said
        assert ("no such file" if key is None else fingerprint(OTHER)) in said
    assert (path.read_bytes() if path.exists() else None) == key
    put_key(folder, wanted)
    with open_record(database_url, folder) as record:
        assert record.vault.get("S1") == {"name": "Zebedee Unmistakable"}


def test_a_record_from_before_takes_the_key_that_opens_it(
    database_url: str, folder: DataFolder
) -> None:
    name_somebody(database_url, folder)
    forget_fingerprint(database_url)
    keys = keys_of(database_url, folder)
    put_key(folder, OTHER)
    with pytest.raises(KeyRefused, match=fingerprint(keys.vault)):
        keys_of(database_url, folder)


def test_of_processes_that_open_a_new_record_one_makes_the_key(
    new_database: Callable[[], AbstractContextManager[str]], tmp_path: Path
) -> None:
    """Each has a data folder without a key; the others are refused and left without one."""
    together = Barrier(4)

    def open_it(database_url: str, folder: DataFolder) -> str:
        together.wait()
        try:
            return fingerprint(keys_of(database_url, folder).vault)
        except KeyRefused as refused:
            return refused.reason

    for number in range(5):
        folders = [DataFolder.open(tmp_path / f"{number}-{each}") for each in range(4)]
        with new_database() as url, ThreadPoolExecutor(4) as pool:
            opened = list(pool.map(open_it, [url] * 4, folders))
            with psycopg.connect(url) as connection:
                known = connection.execute("SELECT fingerprint FROM vault_key").fetchall()
        made = [folder for folder in folders if folder.secret_path("vault").exists()]
        assert len(made) == 1
        wanted = fingerprint(made[0].secret("vault"))
        assert known == [(wanted,)]
        assert opened.count(wanted) == 1
        assert sum("no such file" in each for each in opened) == 3


# --- hashes of requests -------------------------------------------------------------------------

REQUEST = 'POST /v1/staff {"staff_number":"S1","name":"Ann Other"}'


def act(number: int, request: str = REQUEST) -> Act:
    """Somebody's request."""
    return Act(by="hr", command_id=UUID(int=number), request=request)


def register(database_url: str, number: int, request_key: bytes | None) -> Receipt:
    """Record somebody by a request."""
    log = open_log(database_url, request_key=request_key)
    who = f"S{number}"
    fact = StaffRegistered(staff_number=who, effective_from=date(2013, 11, 1))
    receipt = log.append([(staff_stream(who), 0, fact)], act(number).command())
    log.close()
    return receipt


def hashes(database_url: str) -> list[bytes]:
    """What is kept of every request, in the order of the log."""
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT request_hash FROM commands ORDER BY recorded_at")
        return [bytes(row[0]) for row in rows]


def test_a_request_cannot_be_guessed_from_what_is_kept_of_it(
    database_url: str, folder: DataFolder
) -> None:
    keys = keys_of(database_url, folder)
    register(database_url, 1, keys.requests)
    (kept,) = hashes(database_url)
    assert kept != hashlib.sha256(REQUEST.encode()).digest()
    with open_record(database_url, folder) as record:
        first = record.office.first_answer(act(1))
        assert first is not None
        assert first.replayed
        with pytest.raises(KeyReused):
            record.office.first_answer(act(1, REQUEST.replace("Other", "Another")))


def test_a_repeated_request_gets_its_first_answer_across_the_change(
    empty_database_url: str,
    folder: DataFolder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Three requests are on record by a plain hash; a stop comes between two and the third."""
    url = empty_database_url
    before = tmp_path / "migrations"
    before.mkdir()
    for file in MIGRATIONS.glob("*.sql"):
        if file.name < "0051":
            shutil.copy(file, before)
    monkeypatch.setattr("transfer.keys._PIECE", 1)
    migrate(url, before)
    written = [register(url, number, request_key=None) for number in (1, 2, 3)]
    assert set(hashes(url)) == {hashlib.sha256(REQUEST.encode()).digest()}

    migrate(url)
    stop_at_the_third(url, folder, monkeypatch)
    later = register(url, 4, keys_from(folder.secret("vault")).requests)
    with open_record(url, folder) as record:
        answers = [record.office.first_answer(act(number)) for number in (1, 2, 3, 4)]
        with pytest.raises(KeyReused):
            record.office.first_answer(act(2, "something else"))
    assert [each.events for each in answers if each] == [each.events for each in (*written, later)]
    # One scheme for old and new: what the same request is kept as today.
    assert len(set(hashes(url))) == 1
    with psycopg.connect(url, autocommit=True) as connection:
        left = connection.execute("SELECT * FROM plain_request_hashes").fetchall()
        assert left == []
        assert key_plain_hashes(connection, OTHER) == 0
    assert len(set(hashes(url))) == 1


class StoppedError(Exception):
    """The program was stopped."""


def stop_at_the_third(
    database_url: str, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Key two of the plain hashes, a piece each, and stop."""
    left = [1, 2]

    def stops(key: bytes, request_hash: bytes) -> bytes:
        if not left:
            raise StoppedError
        left.pop()
        return keyed_hash(key, request_hash)

    key = keys_from(folder.secret("vault")).requests
    with monkeypatch.context() as patched:
        patched.setattr("transfer.keys.keyed_hash", stops)
        with (
            psycopg.connect(database_url, autocommit=True) as connection,
            pytest.raises(StoppedError),
        ):
            key_plain_hashes(connection, key)
    kept = hashes(database_url)
    assert kept[0] == kept[1] != kept[2]

"""Keys from files: made and told apart by `transfer key`, and a wrong one refused everywhere."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from deploy.data_folder import DataFolder, ServiceInfo
from deploy.key_files import KeyFile, make_key_file
from tests.cli.conftest import Run
from tests.support.service_process import Service, services
from transfer.access.identity import EmbeddedIdentity
from transfer.app import clock, open_record
from transfer.keys import fingerprint
from transfer.settings import ProcessRole

__all__ = ["services"]

COMMANDS: tuple[Sequence[str], ...] = (
    ("migrate",),
    ("import", "return.csv"),
    ("rebuild",),
    ("sweep",),
    ("notices",),
    ("history", "S1"),
    ("as-of", "--effective", "2014-01-01"),
    ("document", "list"),
)
"""A command of each way to the record: writing alone, reading alone, joining a service."""


def test_a_key_is_made_and_known_by_its_fingerprint(run: Run, tmp_path: Path) -> None:
    made = run("key", "make", "vault-key", "--text")
    assert (made.code, made.err) == (0, "")
    key = KeyFile(tmp_path / "vault-key", "FILE").read()
    assert made.out == f"{fingerprint(key)}\n"
    assert run("key", "fingerprint", "vault-key").out == made.out
    (tmp_path / "the-same").write_bytes(key)
    (tmp_path / "the-same").chmod(0o600)
    told = json.loads(run("key", "fingerprint", "the-same", "--json").out)
    assert told == {"file": "the-same", "fingerprint": fingerprint(key)}
    again = run("key", "make", "vault-key")
    assert (again.code, again.out) == (2, "")
    assert "vault-key is there already" in again.err
    assert KeyFile(tmp_path / "vault-key", "FILE").read() == key


def test_without_a_file_it_is_the_key_that_the_settings_name_or_the_folders(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = run("key", "fingerprint")
    assert (nothing.code, nothing.out) == (1, "")
    assert ".transfer/keys/vault" in nothing.err
    assert not (tmp_path / ".transfer").exists()
    own = DataFolder.open(tmp_path / ".transfer").secret("vault")
    assert run("key", "fingerprint").out == f"{fingerprint(own)}\n"
    named = make_key_file(tmp_path / "named")
    monkeypatch.setenv("TRANSFER_VAULT_KEY_FILE", "named")
    assert run("key", "fingerprint").out == f"{fingerprint(named)}\n"


def test_tokens_are_signed_by_the_key_that_a_setting_names(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSFER_IDENTITY_KEY_FILE", "identity-key")
    refused = run("token", "--role", "admin", "--subject", "x")
    assert (refused.code, refused.out) == (2, "")
    assert f"{tmp_path}/identity-key cannot be read" in refused.err
    assert "TRANSFER_IDENTITY_KEY_FILE" in refused.err
    key = make_key_file(tmp_path / "identity-key")
    said = run("token", "--role", "admin", "--subject", "x")
    assert EmbeddedIdentity(key, clock).identify(said.out.strip()).subject == "x"
    assert not (tmp_path / ".transfer" / "keys").exists()


def rows(database_url: str) -> dict[str, str]:
    """A digest of every table, the schema's own among them."""
    with psycopg.connect(database_url) as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        ).fetchall()
        digest = SQL("SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {} AS t")
        found = {}
        for (table,) in tables:
            row = connection.execute(digest.format(Identifier(table))).fetchone()
            found[str(table)] = str(row)
        return found


@pytest.fixture
def wanted(database_url: str, tmp_path: Path) -> str:
    """A record is under a key, of which this is the fingerprint."""
    with open_record(database_url, DataFolder.open(tmp_path / "first")) as record:
        return fingerprint(record.keys.vault)


@pytest.mark.engines
@pytest.mark.parametrize("key", ["another", "missing", "of the folder", "none"])
def test_under_a_wrong_key_every_command_is_refused_and_writes_nothing(
    run: Run,
    wanted: str,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    key: str,
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    (tmp_path / "return.csv").write_text("staff_number,name\nS1,A\n", encoding="utf-8")
    folder, file = DataFolder.open(tmp_path / ".transfer"), tmp_path / "vault-key"
    if key in ("another", "missing"):
        monkeypatch.setenv("TRANSFER_VAULT_KEY_FILE", str(file))
    if key == "another":
        make_key_file(file)
    if key == "of the folder":
        folder.secret("vault")
    with psycopg.connect(database_url) as connection:
        # A command that works alone would bring the schema up to date first.
        connection.execute(
            "DELETE FROM schema_migrations WHERE number ="
            " (SELECT max(number) FROM schema_migrations)"
        )
    before = rows(database_url)
    for command in COMMANDS:
        if command == ("migrate",) and key == "none":
            continue  # on a database of others it needs no key
        with contextlib.ExitStack() as stack:
            if command[0] == "sweep":
                stack.enter_context(folder.hold("a test"))
                folder.publish(ServiceInfo(database_url, "127.0.0.1:1", None, os.getpid()))
            said = run(*command)
        assert (said.code, said.out) == (2 if key == "missing" else 1, ""), (command, said.err)
        assert (str(file) if key == "missing" else wanted) in said.err, (command, said.err)
    assert rows(database_url) == before
    assert file.exists() == (key == "another")
    assert folder.secret_path("vault").exists() == (key == "of the folder")


@pytest.mark.engines
@pytest.mark.thorough
@pytest.mark.parametrize("key", ["another", "missing"])
def test_under_a_wrong_key_no_process_of_the_service_starts(
    wanted: str, database_url: str, tmp_path: Path, services: list[Service], key: str
) -> None:
    file = tmp_path / "vault-key"
    if key == "another":
        make_key_file(file)
    before = rows(database_url)
    environment = {
        "DATABASE_URL": database_url,
        "TEMPORAL_ADDRESS": "127.0.0.1:1",
        "TRANSFER_VAULT_KEY_FILE": str(file),
    }
    for role in ProcessRole:
        own = tmp_path / role
        services.append(Service(own, "--role", role, environment=environment))
    for started in services:
        code, out, err = started.left()
        assert (code, out) == (2 if key == "missing" else 1, ""), err
        assert (str(file) if key == "missing" else wanted) in err
        assert "Traceback" not in err
        assert not (started.data / "keys" / "vault").exists()
    assert rows(database_url) == before

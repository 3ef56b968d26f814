"""Migrations: in order, once, and never on top of a history that this program does not know."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import psycopg
import pytest

from deploy import postgres_binaries
from deploy.migrate import SchemaRefused, migrate, pending

pytestmark = pytest.mark.engines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations, of which the second needs the first and has two statements."""
    (tmp_path / "0001_places.sql").write_text("CREATE TABLE places (name text);")
    (tmp_path / "0004_towns.sql").write_text(
        "INSERT INTO places VALUES ('York 100%'); ALTER TABLE places ADD COLUMN kind text;"
    )
    return tmp_path


def applied(url: str) -> list[tuple[int, str]]:
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT number, name FROM schema_migrations ORDER BY applied_at"
        ).fetchall()


def test_applies_in_order_and_remembers(empty_database_url: str, folder: Path) -> None:
    assert pending(empty_database_url, folder) == [1, 4]
    assert migrate(empty_database_url, folder) == [1, 4]
    assert applied(empty_database_url) == [(1, "0001_places.sql"), (4, "0004_towns.sql")]
    assert pending(empty_database_url, folder) == []


def test_a_second_time_does_nothing(empty_database_url: str, folder: Path) -> None:
    migrate(empty_database_url, folder)
    assert migrate(empty_database_url, folder) == []
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT count(*) FROM places").fetchone() == (1,)


def test_asking_what_is_pending_changes_nothing(empty_database_url: str, folder: Path) -> None:
    pending(empty_database_url, folder)
    with psycopg.connect(empty_database_url) as connection:
        tables = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone()
    assert tables == (0,)


def test_of_several_that_start_together_one_applies(empty_database_url: str) -> None:
    start = Barrier(4)

    def one_program() -> list[int]:
        start.wait()
        return migrate(empty_database_url)

    with ThreadPoolExecutor(4) as pool:
        results = [each.result() for each in [pool.submit(one_program) for _ in range(4)]]

    assert sorted(map(len, results))[:3] == [0, 0, 0]
    assert max(results, key=len)[0] == 1


def test_a_changed_file_is_refused_by_name(empty_database_url: str, folder: Path) -> None:
    migrate(empty_database_url, folder)
    (folder / "0001_places.sql").write_text("CREATE TABLE places (name text NOT NULL);")
    with pytest.raises(SchemaRefused, match=r"0001_places\.sql has changed"):
        migrate(empty_database_url, folder)
    with pytest.raises(SchemaRefused, match=r"0001_places\.sql has changed"):
        pending(empty_database_url, folder)


def test_a_newer_database_is_refused(empty_database_url: str, folder: Path) -> None:
    migrate(empty_database_url, folder)
    (folder / "0004_towns.sql").unlink()
    with pytest.raises(SchemaRefused, match=r"newer than this program: it has 0004_towns\.sql"):
        migrate(empty_database_url, folder)


def test_a_file_that_comes_late_is_refused(empty_database_url: str, folder: Path) -> None:
    migrate(empty_database_url, folder)
    (folder / "0002_late.sql").write_text("SELECT 1;")
    with pytest.raises(SchemaRefused, match=r"0002_late\.sql comes before 0004_towns\.sql"):
        migrate(empty_database_url, folder)


def test_a_file_that_fails_leaves_those_before_it(empty_database_url: str, folder: Path) -> None:
    (folder / "0004_towns.sql").write_text("CREATE TABLE towns (); SELECT 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty_database_url, folder)
    assert applied(empty_database_url) == [(1, "0001_places.sql")]
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT to_regclass('towns')").fetchone() == (None,)


@pytest.mark.parametrize("name", ["1_short.sql", "0005-dashes.sql", "0005_Upper.sql"])
def test_a_file_with_another_kind_of_name_is_refused(
    empty_database_url: str, folder: Path, name: str
) -> None:
    (folder / name).write_text("SELECT 1;")
    with pytest.raises(SchemaRefused, match="is not named"):
        migrate(empty_database_url, folder)


def test_two_files_with_one_number_are_refused(empty_database_url: str, folder: Path) -> None:
    (folder / "0004_villages.sql").write_text("SELECT 1;")
    with pytest.raises(SchemaRefused, match="have the same number"):
        migrate(empty_database_url, folder)


def test_a_server_that_is_too_old_is_refused(
    empty_database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_binaries, "_OLDEST", 99)
    with pytest.raises(SchemaRefused, match="99 or later is needed: move the data over"):
        migrate(empty_database_url, folder)
    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("SELECT to_regclass('schema_migrations')").fetchone() == (None,)


@pytest.mark.parametrize(
    ("server_version", "told"), [(150018, "PostgreSQL 15.18"), (169999, "16."), (170000, None)]
)
def test_from_which_version_on_a_server_will_do(server_version: int, told: str | None) -> None:
    refusal = postgres_binaries.too_old(server_version)
    assert refusal is None if told is None else told in (refusal or "")

"""Whatever goes wrong, no log and no database file holds a name or what somebody wrote."""

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, LiteralString, NoReturn

import psycopg
import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate
from tests.support.asking import Api
from tests.support.serving import asking
from transfer.app import Record, embedded_identity, http_service_of, open_record
from transfer.commands.office import Office
from transfer.core.record.staff import StaffRegistered
from transfer.log.faults import kept, traced
from transfer.service import _broken_threads
from transfer.service_log import keep_log
from transfer.settings import Settings

NAME = "Zebedee Unmistakable"
STATEMENT = "Ludmilla-never-worked-in-Swanage"
PLANTED = (NAME, "Unmistakable", STATEMENT, "Ludmilla")


def say_it() -> NoReturn:
    """A fault with what somebody wrote in it, and in what it came from."""
    try:
        StaffRegistered.model_validate({"staff_number": STATEMENT, "effective_from": NAME})
    except ValueError as error:
        try:
            raise LookupError(STATEMENT) from error
        except LookupError:
            raise ExceptionGroup(NAME, [ValueError(STATEMENT)])  # noqa: B904 - as faults do
    raise AssertionError


def invalid() -> NoReturn:
    """A model that is given what it does not take, and quotes it."""
    StaffRegistered.model_validate({"staff_number": STATEMENT, "effective_from": NAME})
    raise AssertionError


FAULTS: tuple[Callable[[], NoReturn], ...] = (say_it, invalid)


@contextmanager
def logging_as_a_service_does(path: Path) -> Iterator[None]:
    """The service's log, for a while."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    keep_log(path)
    try:
        yield
    finally:
        for handler in root.handlers:
            handler.close()
        root.handlers = handlers
        root.setLevel(level)


def register(api: Api) -> int:
    """Register somebody with a name; the status."""
    body = {
        "staff_number": "S2",
        "name": NAME,
        "effective_from": "2014-01-01",
        "position": {"employer": "LDN"},
    }
    return api.post("/staff", body).status_code


def object_to(api: Api, of: str) -> int:
    """Say something against the own record; the status."""
    body = {"of": of, "statement": STATEMENT}
    return api.post("/staff/S1/objections", body).status_code


@pytest.mark.engines
def test_faults_leave_nothing_of_what_people_wrote(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with (
        folder.hold("a test"),
        start_engines(folder, temporal="none", durable=False) as engines,
        logging_as_a_service_does(folder.log("service")),
    ):
        migrate(engines.database_url)
        settings = Settings(data=folder.path)
        with open_record(engines.database_url, folder) as record:
            service = http_service_of(record, embedded_identity(folder, settings), settings)
            with asking(service) as api:
                of = api.register("S1", name=NAME)["event_id"]
                for fault in FAULTS:
                    with monkeypatch.context() as patched:
                        patched.setattr(Office, "append", lambda *_, fault=fault, **__: fault())
                        assert (register(api), object_to(api, of)) == (500, 500)
                assert in_the_database(record, api, of) == (500, 500)
                elsewhere()
                assert object_to(api, of) == 201
                assert record.vault.get("S1") is not None
            with psycopg.connect(engines.database_url, autocommit=True) as connection:
                connection.execute("CHECKPOINT")
    logged = folder.log("service").read_text()
    faults = [line for line in map(json.loads, logged.splitlines()) if "exception" in line]
    assert len(faults) >= 2 * len(FAULTS) + 4
    assert "builtins.LookupError" in logged
    assert "pydantic_core" in logged
    assert "in say_it" in logged, "where it came from can be read"
    said = "".join(capfd.readouterr())
    assert "a fault" in said
    files = [file for file in folder.path.rglob("*") if file.is_file()]
    assert {"service.log", "postgres.log"} <= {file.name for file in files}
    for word in PLANTED:
        assert word not in said
        assert [file for file in files if word.encode() in file.read_bytes()] == []


def in_the_database(record: Record, api: Api, of: str) -> tuple[int, int]:
    """Faults that the database finds, and that quote the row."""
    with record.log.connection() as connection:
        connection.execute(
            "ALTER TABLE events ADD CONSTRAINT no_more CHECK (notification_id < 2) NOT VALID"
        )
        found = register(api), object_to(api, of)
        connection.execute("ALTER TABLE events DROP CONSTRAINT no_more")
    return found


def elsewhere() -> None:
    """Faults in a thread, in a task that nobody waits for, and as a library tells of them."""
    with _broken_threads():
        thread = threading.Thread(target=say_it)
        thread.start()
        thread.join()

    async def forget() -> None:
        task = asyncio.ensure_future(fail())
        await asyncio.sleep(0)
        del task

    async def fail() -> None:
        say_it()

    with suppress(Exception):
        asyncio.run(forget())
    library = logging.getLogger("temporalio.activity")
    try:
        invalid()
    except ValueError as error:
        library.error("Exception handling failed, original error: %s", error)
        library.warning(f"Completing as failure:\n{error}", exc_info=True)


# --- what is kept of an error -------------------------------------------------------------------


def raised(by: Callable[[], Any]) -> Exception:
    """The error that something raises."""
    try:
        by()
    except Exception as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError


def test_what_is_kept_of_an_error_quotes_no_input() -> None:
    assert kept(raised(invalid)) == "ValidationError: effective_from: date_from_datetime_parsing"
    assert kept(ValueError("rows were to end")) == "ValueError: rows were to end"


@pytest.mark.engines
@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            "INSERT INTO person_keys VALUES (%s, NULL, NULL)",
            'CheckViolation: new row for relation "person_keys" violates check constraint '
            '"person_keys_check"',
        ),
        ("SELECT %s::text::date", "InvalidDatetimeFormat: 22007"),
    ],
    ids=["a row", "a value"],
)
def test_what_is_kept_of_an_error_quotes_no_row(
    database_url: str, statement: LiteralString, says: str
) -> None:
    with psycopg.connect(database_url) as connection:
        error = raised(lambda: connection.execute(statement, [STATEMENT]))
    assert isinstance(error, psycopg.Error)
    assert STATEMENT in str(error)
    assert kept(error) == says
    assert traced(error)[0]["sqlstate"] == error.sqlstate


def test_an_error_that_came_from_itself_is_told_once() -> None:
    error = ValueError("a")
    error.__cause__ = KeyError("b")
    error.__cause__.__cause__ = error
    assert [each["type"] for each in traced(error)] == ["builtins.ValueError", "builtins.KeyError"]

"""Whatever goes wrong, no log and no database file holds a name or what somebody wrote."""

import asyncio
import json
import logging
import os
import re
import sys
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, LiteralString, NoReturn

import psycopg
import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate
from projections.keeping_up.status import ProjectionStatus, statuses
from tests.support.asking import Api, Client
from tests.support.serving import application, asking
from transfer.api.http_service import HttpService
from transfer.app import Record, embedded_identity, http_service_of, open_record, sending_of
from transfer.commands.office import Office
from transfer.core.record.staff import StaffRegistered
from transfer.log.faults import kept, traced
from transfer.service import _broken_threads
from transfer.service_log import keep_log
from transfer.serving.upkeep import Upkeep
from transfer.settings import Settings
from transfer.web.frame.sessions import Sessions

NAME = "Zebedee Unmistakable"
STATEMENT = "Ludmilla-never-worked-in-Swanage"
PROJECTED = "Quoted-by-a-projection"
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
def logging_as_a_service_does(path: Path | None) -> Iterator[None]:
    """The service's log, for a while; without a path on standard output."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    raises = logging.raiseExceptions
    keep_log(path, "all")
    try:
        yield
    finally:
        for handler in root.handlers:
            handler.close()
        logging.raiseExceptions = raises
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
                in_a_read(api, monkeypatch)
                in_a_page(api, service, monkeypatch)
                in_a_projection(record, folder, monkeypatch)
                elsewhere()
                secrets = [api.token.encode(), *forms_of_keys(folder)]
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
    assert "POST /v1/staff/{staff_number}/objections: a fault" in logged
    assert not re.search(r"\bS[12]\b", logged)
    said = "".join(capfd.readouterr())
    assert "a fault" in said
    files = [file for file in folder.path.rglob("*") if file.is_file()]
    assert {"service.log", "postgres.log"} <= {file.name for file in files}
    logs = [file.read_bytes() for file in files if file.parent.name == "logs"]
    assert len(logs) > 1
    for secret in (*secrets, PROJECTED.encode(), b"the administrator"):
        assert not [text for text in (*logs, said.encode()) if secret in text]
    for word in PLANTED:
        assert word not in said
        assert [file for file in files if word.encode() in file.read_bytes()] == []


def forms_of_keys(folder: DataFolder) -> Iterator[bytes]:
    """The folder's keys, as they are and as somebody might write them."""
    for name in ("identity", "vault"):
        key = (folder.path / "keys" / name).read_bytes()
        yield from (key, key.hex().encode(), b64encode(key), urlsafe_b64encode(key))


def in_a_read(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the answer to somebody who looks for a name."""
    with monkeypatch.context() as patched:
        patched.setattr(HttpService, "answer", lambda *_, **__: say_it())
        assert api.get("/staff", name=NAME).status_code == 500


def in_a_page(api: Api, service: HttpService, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same in a page."""
    with application(service, pages=b"s" * 32) as app, monkeypatch.context() as patched:
        patched.setattr(Sessions, "find", lambda *_: say_it())
        page = Client(api.client._portal, app).request("GET", "/staff", query={"name": NAME})
        assert page.status_code == 500
        assert "Unmistakable" not in page.text


def in_a_projection(record: Record, folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in a projection, which keeps what it says in the database for the doctor."""
    with monkeypatch.context() as patched:
        for each in record.projections:
            patched.setattr(each, "apply", lambda *_: quote())
        upkeep = Upkeep(record, sending_of(record, folder, Settings(data=folder.path)))
        upkeep.catch_up()
    assert [each for each in standing(record) if each.failed]
    record.runner.catch_up()


def quote() -> NoReturn:
    """A fault that quotes what it works on."""
    raise ValueError(PROJECTED)


def standing(record: Record) -> list[ProjectionStatus]:
    """Where each projection is."""
    with record.log.connection() as connection:
        return list(statuses(connection, [each.name for each in record.projections]))


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


# --- on standard output ------------------------------------------------------------------------


def test_on_standard_output_every_line_is_json_and_says_no_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with logging_as_a_service_does(None):
        logging.getLogger("transfer.api").info("GET /v1/staff: broken off")
        elsewhere()
    out, err = capsys.readouterr()
    assert err == ""
    lines = [json.loads(line) for line in out.splitlines()]
    assert {"timestamp", "level", "event", "logger", "role"} <= lines[0].keys()
    assert (lines[0]["event"], lines[0]["role"]) == ("GET /v1/staff: broken off", "all")
    assert len([line for line in lines if "exception" in line]) >= 3
    assert not [word for word in PLANTED if word in out]


def test_a_line_that_cannot_be_written_is_not_written_elsewhere(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with logging_as_a_service_does(None):
        (handler,) = logging.getLogger().handlers
        assert isinstance(handler, logging.StreamHandler)
        shut = open(os.dup(1), "w")  # noqa: SIM115, PTH123 - shut at once
        shut.close()
        handler.stream = shut
        logging.getLogger("temporalio.activity").warning("failed: %s", STATEMENT)
        handler.stream = sys.stdout
    assert "".join(capfd.readouterr()) == ""


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

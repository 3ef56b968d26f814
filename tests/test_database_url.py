"""What a connection is given besides its address, and what is no address."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from transfer.core.refusals import Malformed
from transfer.database_url import connecting, has_several_hosts, wrong_with
from transfer.settings import ProcessRole, Settings, load_settings

SECRET = "canary"  # noqa: S105 - a word that is looked for


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGAPPNAME", "PGCONNECT_TIMEOUT", "PGHOST", "PGHOSTADDR", "PGTARGETSESSIONATTRS"):
        monkeypatch.delenv(name, raising=False)


def given(url: str) -> dict[str, str]:
    """What a connection to that database is given, as texts."""
    return {key: str(value) for key, value in conninfo_to_dict(connecting(url, "transfer")).items()}


def test_a_connection_has_a_name_and_waits_a_while_and_no_longer() -> None:
    found = given("postgresql://hr:p%40ss@db/record?sslmode=require")
    assert (found["application_name"], found["connect_timeout"]) == ("transfer", "5")
    assert found["tcp_user_timeout"] == "15000"
    assert (found["user"], found["password"], found["host"]) == ("hr", "p@ss", "db")
    assert (found["dbname"], found["sslmode"]) == ("record", "require")
    assert "target_session_attrs" not in found
    # Whatever is given twice is as it was given once.
    assert given(connecting("host=db", "first"))["application_name"] == "first"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://hr@db1,db2:5433/record",
        "postgresql:///record?host=/run/db1,/run/db2",
        "host=db1,db2 dbname=record",
        "hostaddr=10.0.0.1,10.0.0.2 dbname=record",
    ],
)
def test_of_several_hosts_the_one_is_meant_that_takes_writes(url: str) -> None:
    assert has_several_hosts(url)
    assert given(url)["target_session_attrs"] == "read-write"
    said = f"{url}{'&' if '?' in url else '?' if '://' in url else ' '}target_session_attrs=any"
    assert given(said)["target_session_attrs"] == "any"


def test_what_is_said_already_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    found = given("host=db application_name=mine connect_timeout=60 tcp_user_timeout=0")
    assert (found["application_name"], found["connect_timeout"]) == ("mine", "60")
    assert found["tcp_user_timeout"] == "0"
    monkeypatch.setenv("PGAPPNAME", "mine")
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "60")
    monkeypatch.setenv("PGHOST", "db1,db2")
    found = given("dbname=record")
    assert "application_name" not in found
    assert "connect_timeout" not in found
    assert found["target_session_attrs"] == "read-write"


@pytest.mark.parametrize(
    "url",
    [
        f"postgres//hr:{SECRET}@db/record",
        f"postgresql://hr:{SECRET}%zz@db/record",
        f"postgresql://hr:{SECRET}/x@db/record",
        f"postgresql://hr:1/{SECRET}@db/record",
        f"postgresql://hr:x@{SECRET}@db/record",
        f"postgresql://hr:x#{SECRET}/@db/record",
        f"host=db password='{SECRET}",
        f"host=db pasword={SECRET}",
        f"host=db port={SECRET}",
        SECRET,
    ],
)
def test_what_is_no_address_is_refused_and_nothing_of_it_repeated(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    assert wrong_with(url) is not None
    monkeypatch.setenv("DATABASE_URL", url)
    with pytest.raises(Malformed, match="DATABASE_URL") as refused:
        load_settings()
    assert SECRET not in str(refused.value)
    assert SECRET not in repr(refused.value.__cause__)
    assert SECRET not in str(refused.value.__cause__)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:///transfer?host=/proc/12/fd/5/socket",
        "postgresql://hr:pa%2Fss%40@[::1]:5432/record",
        "postgresql://hr:pass@db1:5432,db2:5433/record?target_session_attrs=read-write",
        "postgresql://hr:x?y@db/record",
        "service=record",
        "host=db user=hr@tenant password=a@b",
    ],
)
def test_an_address_is_taken_as_it_is_and_its_password_not_shown(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    assert wrong_with(url) is None
    monkeypatch.setenv("DATABASE_URL", url)
    settings = load_settings()
    assert settings.database_url == url
    assert url not in repr(settings)


@pytest.mark.engines
@pytest.mark.parametrize("parameters", ["&port=1", "&host=nowhere.invalid,127.0.0.1&port=1"])
def test_an_error_of_a_connection_says_nothing_of_its_password(parameters: str) -> None:
    host = "" if "host" in parameters else "127.0.0.1"
    url = f"postgresql://hr:{SECRET}@{host}/record?connect_timeout=2{parameters}"
    with pytest.raises(psycopg.OperationalError) as refused:
        psycopg.connect(connecting(url, "transfer"))
    assert SECRET not in str(refused.value)
    assert "failed" in str(refused.value)


@pytest.mark.parametrize(
    ("role", "needed"),
    [
        (ProcessRole.ALL, 40),
        (ProcessRole.API, 28),
        (ProcessRole.PROJECTOR, 8),
        (ProcessRole.WORKER, 20),
    ],
)
def test_a_process_has_the_connections_that_its_role_needs(
    monkeypatch: pytest.MonkeyPatch, role: ProcessRole, needed: int
) -> None:
    """The figures are those of docs/operating.md."""
    assert load_settings(role=role).connections == needed
    for given in (needed, needed + 1):
        settings = Settings(role=role, database_connections=given)
        settings.require_connections()
        assert settings.connections == given
    monkeypatch.setenv("TRANSFER_DATABASE_CONNECTIONS", str(needed - 1))
    with pytest.raises(Malformed, match=f"needs {needed}") as refused:
        load_settings(role=role).require_connections()
    assert refused.value.field == "TRANSFER_DATABASE_CONNECTIONS"
    monkeypatch.setenv("TRANSFER_ANSWERING_THREADS", "1")
    if role in (ProcessRole.ALL, ProcessRole.API):
        assert load_settings(role=role).threads == 1

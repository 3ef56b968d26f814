"""What a connection to the database is given besides its address, wherever it is opened from.

    connecting("postgresql://hr@db1,db2/record", "transfer api")

- Its name, by which the server's `pg_stat_activity` says who is who.
- How long to wait for a host that does not answer. A machine that has gone says nothing, and the
  system would wait for minutes; so would a connection that was open when it went.
- Of several hosts, the one that takes writes. A standby answers too, and what is written goes to
  its primary alone.

What the address or the environment says already (`PGAPPNAME` and its like) is left as it is.
"""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

CONNECT_SECONDS = 5
"""How long to wait for one host."""

SHORT_CONNECT_SECONDS = 2
"""The same, where somebody is waiting and it is tried again."""

_NOTICES_A_LOSS: Mapping[str, int] = {
    # Silent for ten seconds: asked every five, three times. Sent and not taken: fifteen seconds.
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_NAMES_IN_THE_ENVIRONMENT = {
    "application_name": "PGAPPNAME",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
}


def connecting(database_url: str, name: str) -> str:
    """A libpq connection string for that database, under that name unless it has one.

    Raises psycopg's `ProgrammingError` where it is no address of a database.
    """
    given = conninfo_to_dict(database_url)
    added: dict[str, str | int] = {
        "application_name": name,
        "connect_timeout": CONNECT_SECONDS,
        **_NOTICES_A_LOSS,
    }
    if has_several_hosts(database_url):
        added["target_session_attrs"] = "read-write"
    missing = {key: value for key, value in added.items() if _said(given, key) is None}
    return make_conninfo(database_url, **missing)


def options_with(database_url: str, settings: Mapping[str, str]) -> str:
    """The `options` of that address, and these settings of its sessions besides."""
    given = conninfo_to_dict(database_url).get("options") or ""
    return " ".join(
        [str(given), *(f"-c {name}={value}" for name, value in settings.items())]
    ).strip()


def has_several_hosts(database_url: str) -> bool:
    """Whether a database is one of several hosts, of which one at a time takes writes."""
    given = conninfo_to_dict(database_url)
    return any("," in (_said(given, key) or "") for key in ("host", "hostaddr"))


def wrong_with(database_url: str) -> str | None:
    """Why that is no address of a database, or not the one that was meant; `None` where it is.

    Nothing of it is quoted, because a part of it may be a password.
    """
    meant = (
        "give a URL such as postgresql://user:password@host/name, or a connection string of libpq"
    )
    hint = (
        "signs of a password that mean something in a URL are written as %40 (@), %2F (/), %25 (%)"
    )
    try:
        given = conninfo_to_dict(database_url)
    except ProgrammingError:
        return f"{meant}; {hint}"
    ports = str(given.get("port") or "").split(",")
    if not all(port == "" or port.isdecimal() for port in ports):
        return f"a port is a number; {hint}"
    if "@" in str(given.get("host") or "") or _has_sign_in_path(database_url):
        return f"there is an @ too many; {hint}"
    return None


def _has_sign_in_path(database_url: str) -> bool:
    # A password with a slash ends the host, and its rest would be the name of the database.
    return "://" in database_url and "@" in urlsplit(database_url).path


def _said(given: Mapping[str, object], key: str) -> str | None:
    value = given.get(key)
    if value is None and (variable := _NAMES_IN_THE_ENVIRONMENT.get(key)) is not None:
        value = os.environ.get(variable)
    return None if value is None else str(value)

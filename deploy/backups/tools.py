"""PostgreSQL's own programs for backups, found beside the server's and run to their end.

They run as the user who calls them, and get the data from the server over a connection. So the
files that they write belong to that user, whichever user runs the server. A password goes into the
environment and never onto a command line, which every user of the machine may read.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from deploy.postgres_binaries import find_binaries
from deploy.processes import EngineError, Report, tied

_LAST_LINES = 6
# How the driver that speaks to the same server finds it, and what it trusts, where the address does
# not say so; HOME has certificates and passwords.
_PASSED_ON = (
    "HOME",
    "LD_LIBRARY_PATH",
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGUSER",
    "PGPASSWORD",
    "PGPASSFILE",
    "PGSERVICE",
    "PGSERVICEFILE",
    "PGSSLMODE",
    "PGSSLCERT",
    "PGSSLKEY",
    "PGSSLROOTCERT",
    "PGSSLCRL",
)
_PERCENT = re.compile(r"\((\d+)%\)")


def program(name: str, report: Report) -> Path:
    """The path of one of PostgreSQL's programs.

    Raises:
        EngineError: this installation of PostgreSQL does not have it.
    """
    folder = find_binaries(None, report)
    if not (folder / name).is_file():
        raise EngineError(
            f"there is no {name} in {folder}. Install PostgreSQL's client programs there, or name "
            "a folder that has them in TRANSFER_PG_BIN."
        )
    return folder / name


def connecting(database_url: str) -> tuple[list[str], Mapping[str, str]]:
    """The arguments with which a program reaches a server, and what its environment has besides."""
    parameters = conninfo_to_dict(database_url)
    password = parameters.pop("password", None)
    given = {} if password is None else {"PGPASSWORD": str(password)}
    return ["--dbname", make_conninfo("", **parameters), "--no-password"], given


def run(
    name: str,
    arguments: Sequence[str | Path],
    report: Report,
    *,
    database_url: str | None = None,
    percent: Callable[[int], None] | None = None,
) -> None:
    """Run one of the programs to its end.

    Args:
        name: which one.
        arguments: its arguments, but those that say how to reach the server.
        report: told about a step that takes a while.
        database_url: the server that it speaks to, if it does.
        percent: told how far it is, where the program says so.

    Raises:
        EngineError: it failed; the message ends with what it said last.
    """
    reach, secret = ([], {}) if database_url is None else connecting(database_url)
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    env |= {each: os.environ[each] for each in _PASSED_ON if each in os.environ}
    env |= secret
    said: list[str] = []
    with subprocess.Popen(  # noqa: S603 - a program that we found, without a shell
        tied([program(name, report), *reach, *arguments], signal.SIGTERM),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=env,
        text=True,
        errors="replace",
    ) as process:
        try:
            for line in process.stderr or ():
                if percent is not None and (found := _PERCENT.search(line)):
                    percent(int(found[1]))
                else:
                    said = [*said, line.rstrip()][-_LAST_LINES:]
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        told = "".join(f"\n    {line}" for line in said) or "\n    (nothing)"
        raise EngineError(f"{name} failed with status {process.returncode}. It said:{told}")

"""An office in a process of its own that writes through the commands, and says what it was told.

Arguments: database URL, data folder, this process's name, how many rounds. It says `ready`, and
begins when it is sent a line. Each acknowledged write is one JSON line, printed once it is on
record: `[command id, staff number, event id, version, recorded_at]`. Started by
`test_many_processes.py`; it may be killed at any point.
"""

import json
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from uuid import UUID

from deploy.data_folder import DataFolder
from transfer.app import new_id, open_record
from transfer.commands import record
from transfer.commands.office import Act, Office, key_id
from transfer.core.record.entries import Change, Registration
from transfer.core.refusals import AlreadyOnRecord, StaleVersion
from transfer.core.words import Facet

DAY = date(2014, 2, 1)
SHARED = "SHARED"
COUNTED = "COUNTED"


def main(database_url: str, folder: str, name: str, rounds: str) -> None:
    """Write, round after round, to people of one's own and to people whom everybody writes to."""
    with open_record(database_url, DataFolder.open(Path(folder)), pool_size=2) as opened:
        office = opened.office
        print("ready", flush=True)  # noqa: T201  # told to the test
        sys.stdin.readline()  # all of them begin together
        for n in range(int(rounds)):
            own = f"{name}-{n}"
            _say(partial(register, office, number=own))
            _say(partial(_change, office, number=SHARED, facet=Facet.UNIT, value=own))
            # One command that every process delivers, and one person whom every process registers.
            _say(
                partial(_change, office, number=SHARED, facet=Facet.POST, value=f"round {n}"),
                key_id("round", str(n)),
            )
            _say(partial(register, office, number=f"RACED-{n}"))
            _add_one(office)


def _say(write: Callable[[Act], record.Entered], command_id: UUID | None = None) -> None:
    act = Act("writer", command_id or new_id(), request="r")
    try:
        told = write(act)
    except AlreadyOnRecord:
        return
    _tell(act, told)


def _tell(act: Act, told: record.Entered) -> None:
    line = [
        str(act.command_id),
        told.staff_number,
        str(told.event_id),
        told.version,
        told.recorded_at.isoformat(),
    ]
    print(json.dumps(line), flush=True)  # noqa: T201  # told to the test


def register(office: Office, act: Act, number: str) -> record.Entered:
    return record.register(
        office,
        act,
        Registration(staff_number=number, effective_from=DAY, position={}),
        personal={"name": "n"},
    )


def _change(office: Office, act: Act, number: str, facet: Facet, value: str) -> record.Entered:
    return record.enter(
        office,
        act,
        number,
        Change(effective_from=DAY, effective_to=None, changes={facet: value}, reason="r"),
    )


def _add_one(office: Office) -> None:
    """Add one to a number that everybody adds to, relying on the version that it was read at."""
    while True:
        person = office.person(COUNTED)
        read = len(person.record.entries) - 1
        act = Act("writer", new_id(), expected_version=person.version)
        try:
            told = _change(office, act, COUNTED, Facet.POST, str(read + 1))
        except StaleVersion:
            continue
        _tell(act, told)
        return


if __name__ == "__main__":
    main(*sys.argv[1:])

"""An import of a history in a process of its own, so that it can be killed.

    python -m tests.imports.history.importing_process DATABASE_URL FILE FOLDER [PHASE DONE]

With a phase it kills itself, as `kill -9` would, as soon as so much of it is done; "lines sent" are
those that the log has taken in, in the transaction that records them all. It prints one
JSON object: its largest memory and that of its workers in bytes; and unless it is killed what came
of it, and the seconds of each phase.
"""

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

from transfer.commands.office import Act, Office
from transfer.imports.history.import_history import import_history
from transfer.imports.history.spool import Judged, Spool
from transfer.kinds import KNOWN
from transfer.log.application import open_log
from transfer.log.packing import Block
from transfer.vault import Vault


def main(database_url: str, file: str, folder: str, phase: str = "", at: str = "0") -> None:
    """Import, or die on the way."""
    ended: dict[str, float] = {}
    began = time.monotonic()

    def progress(what: str, done: int, _of: int) -> None:
        if what == phase and done >= int(at):
            say(memory())
            os.kill(os.getpid(), signal.SIGKILL)
        ended[what] = time.monotonic()

    blocks = Spool.blocks

    def sent(self: Spool, judged: Sequence[Judged]) -> Iterator[Block]:
        done = 0
        for block in blocks(self, judged):
            progress("lines sent", done, 0)
            done += len(block.places)
            yield block

    Spool.blocks = sent  # type: ignore[method-assign]  # where no progress is reported otherwise
    log = open_log(database_url, known=KNOWN)
    outcome = import_history(
        Office(log, Vault(log.connection, bytes(32))),
        Act("hr", UUID(int=1)),
        Path(file),
        folder=Path(folder),
        today=date(2026, 1, 1),
        progress=progress,
    )
    log.close()
    seconds: dict[str, float] = {}
    for what, at_end in ended.items():
        seconds[what] = round(at_end - began, 1)
        began = at_end
    came_of_it = {
        "accepted": outcome.accepted,
        "staff": outcome.staff,
        "already": outcome.already,
        "seconds": seconds,
    }
    say(came_of_it | memory())


def _most_kilobytes() -> int:
    # Not `getrusage` of this process: there counts what the one that started it had in memory.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0])


def memory() -> dict[str, object]:
    """The largest memory of this process, and of one of those workers that have ended."""
    return {
        "memory": _most_kilobytes() * 1024,
        "memory_of_a_worker": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024,
    }


def say(figures: dict[str, object]) -> None:
    """Print figures for whoever started this."""
    print(json.dumps(figures), flush=True)  # noqa: T201 - what the process is asked for


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Appending by eight writers, beside other event stores on the same server.

They are programs of Node's, in `peers/`, with writers in one process as ours has threads in one.
What each promises of its order differs, and ours promises most:

- `emmett-postgresql`: versions within a stream. Its readers wait for older transactions to end;
  positions have gaps.
- `message-db`: the order of a category (all the staff here), by a lock until commit; positions have
  gaps.
- ours: one order of everything without a gap, an instant for each command that only grows, and the
  command's row, which makes a repetition harmless.
"""

import contextlib
import itertools
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlencode

from psycopg.conninfo import conninfo_to_dict

from tests.benchmarks.appends import WRITERS, append_one, costs, stored_event
from tests.benchmarks.measuring import Line, Target, in_turns, median_line, rate_of
from tests.benchmarks.scene import Scene
from transfer.kinds import KNOWN
from transfer.log.application import open_log

PEERS = ("emmett-postgresql", "message-db")
_FOLDER = Path(__file__).with_name("peers")
_INSTALL_SECONDS = 300


def lines(scene: Scene) -> Iterator[Line]:
    """Our rate beside each peer's; nothing but a word where they cannot run."""
    reason = _why_not()
    if reason is not None:
        scene.skip(f"{' and '.join(PEERS)}: {reason}")
        return
    for peer in PEERS:
        yield _beside(scene, peer)


def _beside(scene: Scene, peer: str) -> Line:
    with (
        scene.database() as url,
        scene.database() as peers_url,
        closing(open_log(url, pool_size=WRITERS, known=KNOWN)) as log,
    ):
        stored = stored_event(log)
        event = {"type": stored.topic, "data": json.loads(stored.state)}
        with _running(peer, peers_url, event, scene.sizes.appends) as append:
            ours = [partial(append_one, log)] * WRITERS
            numbers = itertools.count(1)
            figures = in_turns(
                rate_of(
                    WRITERS * scene.sizes.appends,
                    lambda: costs(ours, numbers, scene.sizes.appends),
                ),
                append,
                rounds=scene.sizes.rounds,
            )
    return median_line(
        f"append, {WRITERS} writers, beside {peer}", figures, "events/s", Target(">=", 1)
    )


@contextlib.contextmanager
def _running(
    peer: str, url: str, event: dict[str, object], each: int
) -> Iterator[Callable[[], Sequence[float]]]:
    """A peer that is connected and waits; calling what comes out lets it append one round."""
    command = ["node", "run.mjs", peer, _as_url(url), str(WRITERS)]
    firsts = itertools.count(0, WRITERS * each)
    with subprocess.Popen(
        command, cwd=_FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise AssertionError("its pipes were asked for")
        reading, writing = process.stdout, process.stdin

        def tell(what: object) -> None:
            writing.write(json.dumps(what) + "\n")
            writing.flush()

        def round_of() -> Sequence[float]:
            tell({"first": next(firsts), "each": each})
            answer = reading.readline()
            if not answer:
                raise RuntimeError(f"{peer} has ended; what it said is above")
            return [WRITERS * each / float(answer)]

        tell(event)
        yield round_of
        # It ends with its standard input, which leaving the block closes.


def _why_not() -> str | None:
    if os.environ.get("CI"):
        return "skipped, not in CI"
    if shutil.which("node") is None or shutil.which("npm") is None:
        return "skipped, there is no node or npm here"
    if (_FOLDER / "node_modules").is_dir():
        return None
    install = ["npm", "ci", "--ignore-scripts", "--silent"]
    try:
        subprocess.run(
            install, cwd=_FOLDER, check=True, capture_output=True, timeout=_INSTALL_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return "skipped, npm could not install them"
    return None


def _as_url(conninfo: str) -> str:
    """A server on a unix socket as Node's driver wants it named."""
    parts = conninfo_to_dict(conninfo)
    socket = urlencode({"host": parts["host"]}, quote_via=quote, safe="")
    return f"postgresql://{parts['user']}@localhost:{parts['port']}/{parts['dbname']}?{socket}"

"""The program `transfer`, loaded once: asked over a socket, it becomes one `transfer` each time.

    python -m tests.support.loaded_program SOCKET PID

To load the program takes a second of processor time and more, which is most of what a short
command takes. This process loads all of it, begins nothing, and copies itself (fork) for each
request: the copy has the arguments, the environment, the folder and the three files that were asked
for, and does from there on what the program does. `tests.support.loaded` asks. It ends with the
process PID.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import pkgutil
import selectors
import shutil
import socket
import sys
from importlib import import_module
from pathlib import Path

import deploy
import projections
import transfer
import workflows
from transfer.cli import main, make_app
from transfer.commands.acts.offered import offered
from transfer.kinds import KNOWN
from transfer.rulebooks import shipped

LONGEST_REQUEST = 1 << 20


def begin(path: Path, owner: int) -> list[str] | None:
    """Load the program, and serve in the background; who began it may go on when this one ends."""
    load()
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listening.bind(str(path))
    listening.listen(64)
    if os.fork() != 0:
        return None
    os.setsid()  # an interrupt of the tests is for what they run, one by one
    nothing = os.open(os.devnull, os.O_RDWR)
    for each in range(3):
        os.dup2(nothing, each)
    os.close(nothing)
    given = serve(listening, owner)
    if given is None:
        shutil.rmtree(path.parent)
    return given


def serve(listening: socket.socket, owner: int) -> list[str] | None:
    """Answer requests until the owner ends. In a copy: the arguments that it is given."""
    owning = os.pidfd_open(owner)
    waiting = selectors.DefaultSelector()
    waiting.register(listening, selectors.EVENT_READ)
    waiting.register(owning, selectors.EVENT_READ)
    running: dict[int, tuple[int, socket.socket]] = {}
    while True:
        for key, _ in waiting.select():
            if key.fd == owning:
                return None
            if key.fd != listening.fileno():
                pid, asking = running.pop(key.fd)
                waiting.unregister(key.fd)
                os.close(key.fd)
                _, status = os.waitpid(pid, 0)
                tell(asking, str(os.waitstatus_to_exitcode(status)))
                asking.close()
                continue
            asking, _ = listening.accept()
            message, files, _, _ = socket.recv_fds(asking, LONGEST_REQUEST, 3)
            if not message:  # whether this one listens was all that was asked, or they were killed
                asking.close()
                continue
            asked = json.loads(message)
            pid = os.fork()
            if pid == 0:
                waiting.close()
                listening.close()
                asking.close()
                os.close(owning)
                for descriptor, (_, other) in running.items():
                    os.close(descriptor)
                    other.close()
                become(asked, files)
                return list(asked["arguments"])
            for each in files:
                os.close(each)
            tell(asking, str(pid))
            descriptor = os.pidfd_open(pid)
            running[descriptor] = pid, asking
            waiting.register(descriptor, selectors.EVENT_READ)


def load() -> None:
    """Import every module, and leave them alone when garbage is looked for."""
    for package in (transfer, workflows, projections, deploy):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith("deploy.rendering"):  # of an environment of its own
                import_module(module.name)
    make_app()
    offered(KNOWN.kinds)
    shipped()
    gc.collect()
    gc.freeze()


def tell(asking: socket.socket, text: str) -> None:
    """Send it to who asked, if they still listen."""
    with contextlib.suppress(OSError):  # they may have been killed
        asking.send(text.encode())


def become(asked: dict[str, object], files: list[int]) -> None:
    """Take on what was asked for, as a process has it when it begins."""
    for number, each in enumerate(files):
        os.dup2(each, number)
        os.close(each)
    os.chdir(str(asked["folder"]))
    environment = asked["environment"]
    assert isinstance(environment, dict)
    os.environ.clear()
    os.environ.update(environment)


if __name__ == "__main__":
    given = begin(Path(sys.argv[1]), int(sys.argv[2]))
    if given is not None:
        sys.argv = ["transfer", *given]
        main()

"""The last step before an engine's program: give up root, tie its life to ours, execute it.

Run as a script by `deploy.processes.spawn`, never imported by the service:

    python -I -S exec_child.py PARENT SIGNAL UID GID PROGRAM [ARGUMENT ...]

The order is the point of this file. The kernel forgets the parent-death signal whenever a process
changes its user, so privileges go first, then the signal is asked for, then we look whether the
parent was already gone, and only then is the program executed (which keeps the signal). Doing it in
a process of its own, and not between fork and exec of the parent, keeps Python code out of a forked
child of a program with threads. It runs on the standard library alone and as the caller's own user
until the drop, because the unprivileged user may not be able to reach this interpreter.
"""

from __future__ import annotations

import ctypes
import os
import sys

_PR_SET_PDEATHSIG = 1
_KEEP_USER = -1


def main(argv: list[str]) -> None:
    """Never returns when all is well; exits 126 with a line on standard error otherwise."""
    parent, death_signal, uid, gid = (int(word) for word in argv[:4])
    program = argv[4:]
    if uid != _KEEP_USER:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    os.umask(0o077)
    if sys.platform == "linux":
        # Elsewhere an engine outlives a kill -9 of us, and has to be ended by hand.
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(_PR_SET_PDEATHSIG, death_signal, 0, 0, 0) != 0:
            sys.exit(f"prctl: {os.strerror(ctypes.get_errno())}")
    if os.getppid() != parent:
        sys.exit("the starting process died before its engine ran")
    try:
        os.execv(program[0], program)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.stderr.write(f"cannot execute {program[0]}: {error.strerror}\n")
        sys.exit(126)


if __name__ == "__main__":
    main(sys.argv[1:])

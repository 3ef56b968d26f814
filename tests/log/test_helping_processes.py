"""Processes that help: Ctrl-C in the terminal reaches them too."""

from __future__ import annotations

import os
import signal
from concurrent.futures.process import BrokenProcessPool
from itertools import count

import pytest

from transfer.log.helping_processes import helping_processes


def test_an_interrupt_ends_them_without_a_word(capfd: pytest.CaptureFixture[str]) -> None:
    with helping_processes(2) as pool:
        assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
        os.kill(pool.submit(os.getpid).result(), signal.SIGINT)
        with pytest.raises(BrokenProcessPool):
            next(pid for _ in count() if not (pid := pool.submit(os.getpid).result()))
    assert capfd.readouterr().err == ""

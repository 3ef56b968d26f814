"""Child processes: what they inherit, what they say when they fail, how they are found again."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.processes import (
    Child,
    EngineError,
    Leftovers,
    shorten_log,
    spawn,
    wait_until,
)

_SHELL = Path("/bin/sh")
_SLEEP = Path(shutil.which("sleep") or "/bin/sleep")


@contextmanager
def _running(argv: list[str | Path], log: Path, cwd: Path) -> Iterator[Child]:
    child = spawn("it", argv, log=log, death_signal=signal.SIGKILL, cwd=cwd)
    try:
        yield child
    finally:
        child.stop(())


def test_a_death_is_told_with_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "it.log"
    log.write_text("from an earlier start\n")
    with _running([_SHELL, "-c", "echo one; echo two >&2; exit 3"], log, tmp_path) as child:
        assert child.wait(10)
        said = child.died()
    assert said == f"it ended with status 3. Last lines of {log}:\n    one\n    two"
    assert log.read_text() == "from an earlier start\none\ntwo\n"


def test_one_that_runs_has_not_died_and_a_signal_is_named(tmp_path: Path) -> None:
    with _running([_SLEEP, "60"], tmp_path / "it.log", tmp_path) as child:
        assert child.died() is None
        child.stop([(signal.SIGTERM, 10)])
        assert (child.died() or "").startswith("it was killed by signal 15.")


def test_a_program_that_is_missing_says_so(tmp_path: Path) -> None:
    with _running([tmp_path / "nothing"], tmp_path / "it.log", tmp_path) as child:
        assert child.wait(10)
        assert child.exit_status() == 126
        assert "No such file" in child.output()


def test_none_of_our_variables_reach_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c fsync=off")
    monkeypatch.setenv("MY_SECRET", "x")
    with _running([_SHELL, "-c", "export -p"], tmp_path / "it.log", tmp_path) as child:
        assert child.wait(10)
        assert "PATH=" in child.output()
        assert "MY_SECRET" not in child.output()
        assert "PGOPTIONS" not in child.output()


def test_only_the_main_thread_may_start_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(
            spawn, "it", [_SLEEP, "1"], log=tmp_path / "l", death_signal=signal.SIGKILL
        )
        with pytest.raises(RuntimeError, match="main thread"):
            asked.result()


def test_leftovers_are_known_by_program_mark_and_user(tmp_path: Path) -> None:
    with _running([_SLEEP, "61.25"], tmp_path / "it.log", tmp_path) as child:
        mine = Leftovers("sleep", "61.25", os.geteuid())
        assert wait_until(lambda: mine.pids() == [child.pid], seconds=10)
        assert Leftovers("sleep", "61.26", os.geteuid()).pids() == []
        assert Leftovers("postgres", "61.25", os.geteuid()).pids() == []
        assert Leftovers("sleep", "61.25", os.geteuid() + 1).pids() == []


def test_seeing_off_ends_with_none_left_or_says_which(tmp_path: Path) -> None:
    told: list[str] = []
    left = Leftovers("sleep", "61.75", os.geteuid())
    with _running([_SLEEP, "61.75"], tmp_path / "it.log", tmp_path) as child:
        assert wait_until(lambda: left.pids() == [child.pid], seconds=10)
        with pytest.raises(EngineError, match=f"process {child.pid}"):
            left.see_off([(None, 0)], told.append)
        left.see_off([(None, 0), (signal.SIGTERM, 10)], told.append)
        assert left.pids() == []
    assert told == [f"waiting for an earlier sleep to end (process {child.pid})"] * 3


def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "it.log"
    shorten_log(log)
    log.write_bytes(b"x" * 1000)
    shorten_log(log)
    assert log.exists()
    with log.open("ab") as more:
        more.truncate(10_000_001)
    shorten_log(log)
    assert not log.exists()
    assert (tmp_path / "it.log.1").stat().st_size == 10_000_001

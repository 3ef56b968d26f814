"""The data folder: who holds it, how others join, its secrets."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder, FolderInUse, FolderRefused, ServiceInfo

_HOLD_FOR_EVER = """
import sys
from pathlib import Path
from deploy.data_folder import DataFolder
folder = DataFolder.open(Path(sys.argv[1]))
with folder.hold("a long job"):
    print("held", flush=True)
    sys.stdin.read()
"""


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _info(pid: int) -> ServiceInfo:
    return ServiceInfo("postgresql://transfer@/transfer", "127.0.0.1:1", None, pid)


def test_a_new_folder_is_private_and_its_path_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = DataFolder.open(Path("a/b"))
    assert folder.path == tmp_path / "a" / "b"
    assert _mode(folder.path) == 0o700


def test_an_existing_folder_and_its_parents_keep_their_modes(tmp_path: Path) -> None:
    there = tmp_path / "parent" / "there"
    there.mkdir(parents=True)
    there.chmod(0o750)
    there.parent.chmod(0o711)
    DataFolder.open(there)
    assert (_mode(there), _mode(there.parent)) == (0o750, 0o711)


def test_a_second_holder_is_told_who_holds_it_and_what_to_do(folder: DataFolder) -> None:
    with folder.hold("transfer serve"):
        with (
            pytest.raises(FolderInUse) as refused,
            DataFolder.open(folder.path).hold("transfer import"),
        ):
            pass
        assert refused.value.pid == os.getpid()
        said = str(refused.value)
        assert re.search(rf"process {os.getpid()} \(transfer serve, since \d{{4}}-\d\d-\d\d", said)
        assert f"kill {os.getpid()}" in said
        assert "--data" in said
    with DataFolder.open(folder.path).hold("transfer import"):
        pass


def test_a_holder_killed_holds_no_longer(folder: DataFolder) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD_FOR_EVER, folder.path],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(FolderInUse, match="a long job"), folder.hold("x"):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
    with folder.hold("x"):
        assert folder.held
    assert not folder.held


def test_others_can_join_only_while_it_is_held_and_published(folder: DataFolder) -> None:
    other = DataFolder.open(folder.path)
    assert other.running() is None
    with folder.hold("transfer serve"):
        assert other.running() is None
        folder.publish(_info(os.getpid()))
        assert other.running() == _info(os.getpid())
        assert _mode(folder.path / "service.json") == 0o600
    assert other.running() is None


def test_what_a_killed_service_published_is_not_believed(folder: DataFolder) -> None:
    left_behind = json.dumps(_info(1).__dict__)
    (folder.path / "service.json").write_text(left_behind)
    assert folder.running() is None
    with folder.hold("transfer import"):
        (folder.path / "service.json").write_text(left_behind)
        assert DataFolder.open(folder.path).running() is None


def test_publishing_needs_the_folder_held(folder: DataFolder) -> None:
    with pytest.raises(RuntimeError, match="held"):
        folder.publish(_info(1))


def test_looking_is_never_in_the_way_of_holding(folder: DataFolder) -> None:
    with folder.hold("make the lock file"):
        pass
    with ThreadPoolExecutor(4) as pool:
        looks = [pool.submit(DataFolder.open(folder.path).running) for _ in range(200)]
        for _ in range(50):
            with folder.hold("again"):
                pass
        assert [look.result() for look in looks] == [None] * 200


def test_a_secret_is_made_once_and_private(folder: DataFolder) -> None:
    first = folder.secret("signing", 48)
    assert len(first) == 48
    assert DataFolder.open(folder.path).secret("signing", 48) == first
    assert folder.secret("wrapping") != folder.secret("signing-2")
    assert _mode(folder.path / "keys") == 0o700
    assert _mode(folder.path / "keys" / "signing") == 0o600


def test_many_who_ask_for_a_new_secret_at_once_get_the_same(folder: DataFolder) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            name = f"key-{number}"
            answers = [pool.submit(folder.secret, name) for _ in range(8)]
            assert len({answer.result() for answer in answers}) == 1
    assert len(list((folder.path / "keys").iterdir())) == 20


@pytest.mark.parametrize("name", ["", "../x", ".hidden", "A", "a/b"])
def test_a_secret_has_a_plain_name(folder: DataFolder, name: str) -> None:
    with pytest.raises(ValueError, match="not a name"):
        folder.secret(name)


def test_a_secret_of_another_length_is_refused(folder: DataFolder) -> None:
    folder.secret("signing", 32)
    with pytest.raises(FolderRefused, match="32 bytes where 64"):
        folder.secret("signing", 64)


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o702])
def test_a_folder_that_everybody_may_write_to_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(mode)
    with pytest.raises(FolderRefused, match=f"mode {mode:04o}.*chmod o-w"):
        DataFolder.open(tmp_path / "open")


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o601])
def test_a_key_that_others_reach_is_refused(folder: DataFolder, mode: int) -> None:
    kept = folder.secret("vault")
    assert folder.open_keys() == []
    key = folder.path / "keys" / "vault"
    key.chmod(mode)
    (told,) = folder.open_keys()
    with pytest.raises(FolderRefused, match=f"mode {mode:04o}.*chmod 600") as refused:
        folder.secret("vault")
    assert str(refused.value) == told
    key.chmod(0o600)
    assert folder.secret("vault") == kept


def test_who_holds_a_folder_is_told_and_nothing_made(tmp_path: Path) -> None:
    DataFolder.refuse_if_held(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    folder = DataFolder.open(tmp_path / "held")
    with folder.hold("transfer serve"), pytest.raises(FolderInUse, match="transfer serve"):
        DataFolder.refuse_if_held(folder.path)

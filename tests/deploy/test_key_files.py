"""Keys from files outside the data folder: what they may hold, and who may reach them."""

import base64
import os
import stat
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from deploy.key_files import (
    KeyFile,
    KeyFileRefused,
    is_read_only,
    key_in,
    make_key_file,
    wrong_with,
    wrong_with_mode,
    wrong_with_owner,
)

KEY = bytes(range(200, 232))
ODD = b"\xfb\xff" * 16
"""A key whose Base64 has signs in which the two alphabets differ."""


def named(path: Path, content: bytes | None = KEY, mode: int = 0o400) -> KeyFile:
    """A key file as a setting names it, with that content, or missing."""
    if content is not None:
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        path.chmod(mode)
    return KeyFile(path, "TRANSFER_VAULT_KEY_FILE")


@pytest.mark.parametrize("key", [KEY, ODD, b" \n" * 8 + KEY[:16]])
def test_a_key_is_its_bytes_or_a_text_of_them(key: bytes) -> None:
    assert key_in(key) == key
    for end in (b"", b"\n", b"\r\n"):
        assert key_in(key.hex().encode() + end) == key
        assert key_in(key.hex().upper().encode() + end) == key
        for text in (base64.b64encode(key), base64.urlsafe_b64encode(key)):
            assert key_in(text + end) == key
            assert key_in(text.rstrip(b"=") + end) == key


NO_KEYS = (
    b"",
    b"\n",
    KEY[:31],
    KEY + b"\n",
    KEY * 2,
    b"correct horse battery staple 123",
    b"0" * 32,
    b"g" * 64,
    KEY.hex().encode()[:62],
    KEY.hex().encode() + b"\n" + KEY.hex().encode(),
    base64.b64encode(KEY[:31]),
    base64.b64encode(KEY) + b"=",
    b"\xff" * 44,
)


@pytest.mark.parametrize("content", NO_KEYS)
def test_what_is_no_key_is_refused_and_not_repeated(tmp_path: Path, content: bytes) -> None:
    assert key_in(content) is None
    file = named(tmp_path / "key", content)
    with pytest.raises(KeyFileRefused) as refused:
        file.read()
    assert refused.value.field == "TRANSFER_VAULT_KEY_FILE"
    said = str(refused.value)
    assert str(file.path) in said
    assert "32 random bytes" in said
    assert f"transfer key make {file.path}" in said
    assert not content.strip() or content.decode("latin-1").strip() not in said
    assert file.path.read_bytes() == content


def test_a_file_that_is_not_there_is_refused_and_not_made(tmp_path: Path) -> None:
    file = named(tmp_path / "none", content=None)
    folder = DataFolder.open(tmp_path / "data", {"vault": file})
    for ask in (folder.secret, folder.found_secret):
        with pytest.raises(KeyFileRefused, match=f"{file.path} cannot be read: No such file"):
            ask("vault")
    assert list(tmp_path.iterdir()) == [folder.path]
    assert list(folder.path.iterdir()) == []
    with pytest.raises(KeyFileRefused, match="cannot be read: Is a directory"):
        KeyFile(tmp_path, "TRANSFER_VAULT_KEY_FILE").read()


def test_a_file_takes_the_place_of_the_folders_key_and_of_no_other(tmp_path: Path) -> None:
    file = named(tmp_path / "key", KEY.hex().encode())
    own = DataFolder.open(tmp_path / "data").secret("vault")
    folder = DataFolder.open(tmp_path / "data", {"vault": file})
    assert folder.secret("vault") == folder.found_secret("vault") == KEY != own
    assert (folder.secret_path("vault"), folder.keeps("vault")) == (file.path, False)
    assert "TRANSFER_VAULT_KEY_FILE" in folder.secret_place("vault")
    assert folder.keeps("identity")
    assert folder.secret("identity") == DataFolder.open(tmp_path / "data").secret("identity")


@pytest.mark.parametrize("mode", [0o400, 0o600, 0o440, 0o640])
def test_its_owner_and_its_group_may_read_it(tmp_path: Path, mode: int) -> None:
    assert named(tmp_path / "key", mode=mode).read() == KEY


@pytest.mark.parametrize("mode", [0o444, 0o644, 0o460, 0o620, 0o602])
def test_what_others_may_read_or_replace_is_refused(tmp_path: Path, mode: int) -> None:
    file = named(tmp_path / "key", mode=mode)
    with pytest.raises(KeyFileRefused, match=f"mode {mode:04o}.*chmod .* {file.path}"):
        file.read()
    assert wrong_with_mode(stat.S_IFREG | mode) is not None


@pytest.mark.parametrize(("owner", "own"), [(0, 0), (0, 10001), (10001, 10001)])
def test_it_belongs_to_root_or_to_who_reads_it(owner: int, own: int) -> None:
    assert wrong_with_owner(owner, own) is None


@pytest.mark.parametrize(("owner", "own"), [(12345, 0), (12345, 10001), (65534, 10001)])
def test_what_belongs_to_somebody_else_is_refused(owner: int, own: int) -> None:
    wrong = wrong_with_owner(owner, own)
    assert wrong is not None
    assert f"belongs to the user {owner}" in wrong[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
@pytest.mark.parametrize("mode", [0o400, 0o440])
def test_a_file_of_somebody_else_is_refused_though_it_can_be_read(
    tmp_path: Path, mode: int
) -> None:
    file = named(tmp_path / "key", mode=mode)
    os.chown(file.path, 12345, 12345)
    said = f"belongs to the user 12345, who can replace it. chown 0 {file.path}"
    with pytest.raises(KeyFileRefused, match=said):
        file.read()
    assert file.read(of_any_owner=True) == KEY  # to tell its fingerprint
    file.path.chmod(0o444)
    with pytest.raises(KeyFileRefused, match="can be read by every user"):
        file.read(of_any_owner=True)
    file.path.chmod(mode)
    os.chown(file.path, 0, 12345)
    assert file.read() == KEY


@pytest.mark.parametrize("mode", [0o400, 0o444, 0o644, 0o666])
@pytest.mark.parametrize("owner", [0, 10001, 12345, 65534])
def test_on_a_read_only_mount_owner_and_mode_do_not_matter(owner: int, mode: int) -> None:
    """As Kubernetes and Docker give secrets: a mount for them alone, another user's file."""
    assert wrong_with(stat.S_IFREG | mode, owner, 10001, read_only=True) is None
    is_usable = owner in (0, 10001) and mode == 0o400
    found = wrong_with(stat.S_IFREG | mode, owner, 10001, read_only=False)
    assert (found is None) == is_usable


def in_a_namespace(script: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Run a shell script whose mounts nobody else sees; `$0` is the place, `$1` this Python."""
    return subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", script, place, sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )


def a_file_that_is_mounted_read_only() -> Path:
    """A file that every user may read and none can write to, such as a container has in /sys."""
    mounts = [line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for place in (Path(fields[4]) for fields in mounts if "ro" in fields[5].split(",")):
        names = ((folder, name) for folder, _, files in os.walk(place) for name in files)
        for path in (Path(folder, name) for folder, name in islice(names, 1_000)):
            if path.is_file() and path.stat().st_mode & stat.S_IROTH and _opens_read_only(path):
                return path
    raise AssertionError(
        "this test needs a read-only mount: let `unshare --mount --map-root-user` make one (as "
        "root, or with user namespaces), or run it where there is one, as in a container"
    )


def _opens_read_only(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_read_only(file.fileno())
    except OSError:
        return False


@pytest.mark.parametrize("mode", [0o444, 0o644])
def test_on_a_read_only_mount_everybody_may_read_it(tmp_path: Path, mode: int) -> None:
    """The mount is real: what is read-only is found out from the file that was opened."""
    mount = tmp_path / "secrets"
    mount.mkdir()
    named(mount / "key", mode=mode)
    os.chown(mount / "key", 12345, 12345) if os.geteuid() == 0 else None
    mounted = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"'
    made = in_a_namespace(mounted, mount)
    if made.returncode != 0:
        # A container that may make none has read-only mounts of somebody else's.
        file = KeyFile(a_file_that_is_mounted_read_only(), "X")
        with pytest.raises(KeyFileRefused, match=f"{file.path} (is empty|holds)"):
            file.read()
        return
    read = (
        '"$1" -c "from pathlib import Path; from deploy.key_files import KeyFile; '
        "print(KeyFile(Path('$0/key'), 'X').read().hex())\""
    )
    found = in_a_namespace(f"{mounted} && exec {read}", mount)
    assert (found.stdout.strip(), found.stderr) == (KEY.hex(), "")


@pytest.mark.parametrize("as_text", [False, True])
def test_a_key_is_made_once(tmp_path: Path, *, as_text: bool) -> None:
    path = tmp_path / "key"
    key = make_key_file(path, as_text=as_text)
    assert stat.S_IMODE(path.stat().st_mode) == 0o400
    assert KeyFile(path, "FILE").read() == key
    assert path.read_bytes().isascii() == as_text
    with pytest.raises(FileExistsError):
        make_key_file(path)
    assert KeyFile(path, "FILE").read() == key
    assert make_key_file(tmp_path / "other") != key

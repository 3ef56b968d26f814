"""Keys that are kept outside the data folder: files from a mount, made by somebody else.

    TRANSFER_VAULT_KEY_FILE=/run/secrets/vault-key

The data folder's own keys are the program's: made by it, mode 0600. These are not. A secrets
manager or an operator makes them, another user owns them, and several processes read the same one.

- The file is never made by the program, save by `transfer key make`. Where it is missing, empty or
  of another length, it is refused.
- It holds 32 bytes, or these as text with or without an end of line (64 hexadecimal digits, or 43
  or 44 characters of Base64, either alphabet), because some secrets managers keep text alone.
- 32 bytes that are all letters, digits and signs are refused: that is a password, or text cut to a
  length, and easier to guess than a key. Of 10^13 keys not one looks like that.
- It belongs to root or to the user that the program runs as: nobody else may put another in its
  place. Only its owner may write to it. Its group may read it: so does a service that does not own
  it, where Kubernetes gives a volume to a group (`fsGroup`: root's, 0440).
- Other owners and modes are taken only on a read-only mount. Kubernetes (0644) and Docker (0444)
  mount secrets with these modes, and show the mount to one container alone; where users have other
  numbers within a container, root's file belongs to nobody there. Anywhere else every user of the
  machine could read the key. systemd gives credentials (root's or the service's, 0400 or 0440) on a
  read-only mount too.
"""

import base64
import binascii
import os
import re
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from transfer.core.refusals import Malformed

KEY_BYTES = 32

_HEXADECIMAL = re.compile(rb"[0-9A-Fa-f]{64}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{43}=?")
_MOST_BYTES = 4_096
_FORMS = (
    f"a key is {KEY_BYTES} random bytes, or these as text: {2 * KEY_BYTES} hexadecimal digits, or "
    "Base64"
)
_MADE_BY = "transfer key make FILE makes one"


class KeyFileRefused(Malformed):
    """A key file that a setting names cannot be used; says which setting, where, and the rule."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A file that holds a key, and the setting that names it, such as TRANSFER_VAULT_KEY_FILE."""

    path: Path
    setting: str

    def __str__(self) -> str:
        """As messages name it."""
        return f"{self.path}, which {self.setting} names"

    def read(self, *, of_any_owner: bool = False) -> bytes:
        """The key, 32 bytes. Raises `KeyFileRefused`, which never has anything of its content.

        `of_any_owner`: whose file it is does not matter, because nothing is done under the key.
        """
        try:
            with self.path.open("rb") as file:
                self._refuse_open_to_others(file.fileno(), of_any_owner=of_any_owner)
                content = file.read(_MOST_BYTES)
        except OSError as error:
            raise self._refused(f"cannot be read: {error.strerror}", _MADE_BY) from None
        key = key_in(content)
        if key is None:
            raise self._refused(f"{_what_is_wrong(content)}; {_FORMS}", _MADE_BY)
        return key

    def _refuse_open_to_others(self, fd: int, *, of_any_owner: bool) -> None:
        found = os.fstat(fd)
        if not stat.S_ISREG(found.st_mode):
            raise self._refused("is not a file", _MADE_BY)
        own = found.st_uid if of_any_owner else os.geteuid()
        wrong = wrong_with(found.st_mode, found.st_uid, own, read_only=is_read_only(fd))
        if wrong is not None:
            raise self._refused(*wrong)

    def _refused(self, why: str, mend: str) -> KeyFileRefused:
        mend = mend.replace("FILE", str(self.path))
        return KeyFileRefused(f"the key file {self.path} {why}. {mend}", field=self.setting)


def wrong_with(mode: int, owner: int, own: int, *, read_only: bool) -> tuple[str, str] | None:
    """Why a key file of that mode and owner cannot be used by the user `own`, and how to mend it;
    `None` where it can. On a read-only mount it always can."""
    if read_only:
        return None
    return wrong_with_owner(owner, own) or wrong_with_mode(mode)


def wrong_with_owner(owner: int, own: int) -> tuple[str, str] | None:
    """Why a key file of that user cannot be used by the user `own` where it can be written to, and
    how to mend it; `None` where it can."""
    if owner in (0, own):
        return None
    return (
        f"belongs to the user {owner}, who can replace it",
        f"chown {own} FILE, or run the service as its owner, or mount it read-only",
    )


def wrong_with_mode(mode: int) -> tuple[str, str] | None:
    """The same of a file's mode."""
    shown = f"(mode {stat.S_IMODE(mode):04o})"
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        return f"can be replaced by others than its owner {shown}", "chmod go-w FILE"
    if mode & stat.S_IROTH:
        return (
            f"can be read by every user of this machine {shown}",
            "chmod o-r FILE, or mount it read-only where nobody else looks",
        )
    return None


def is_read_only(fd: int) -> bool:
    """Whether an open file is on a mount that nobody may write to."""
    return bool(os.fstatvfs(fd).f_flag & os.ST_RDONLY)


def key_in(content: bytes) -> bytes | None:
    """The key of 32 bytes that the content of a key file stands for; `None` where it is none."""
    if len(content) == KEY_BYTES:
        return None if _is_text(content) else content
    text = content.strip()
    if _HEXADECIMAL.fullmatch(text):
        return bytes.fromhex(text.decode())
    if not _BASE64.fullmatch(text):
        return None
    padded = text.rstrip(b"=") + b"="
    try:
        return base64.b64decode(padded.translate(bytes.maketrans(b"-_", b"+/")), validate=True)
    except binascii.Error:
        return None


def make_key_file(path: Path, *, as_text: bool = False) -> bytes:
    """Make a new key in a new file of mode 0400, and return it.

    Raises `FileExistsError` where something is there already; it is never overwritten.
    """
    key = _new_key()
    content = base64.b64encode(key) + b"\n" if as_text else key
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o400)
    with os.fdopen(fd, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(fd)
    return key


def _new_key() -> bytes:
    while _is_text(key := secrets.token_bytes(KEY_BYTES)):
        pass
    return key


def _is_text(content: bytes) -> bool:
    return content.isascii() and content.decode("ascii").isprintable()


def _what_is_wrong(content: bytes) -> str:
    if not content.strip():
        return "is empty"
    if len(content) == KEY_BYTES:
        return "holds text, a password perhaps"
    return f"holds {len(content)} bytes that are no key"

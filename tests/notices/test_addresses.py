"""The address book: read as it is now, refused where others may read it, quoted nowhere."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from transfer.notices.addresses import AddressBook, AddressesRefused, addresses_in

BOOK = "to,email\nS10442,r.canary@example.com\nHR operations,hr@example.com\n"


def written(path: Path, text: str, mode: int = 0o600) -> AddressBook:
    """An address book with that content."""
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return AddressBook(path)


def test_an_address_is_found_by_number_and_by_subject(tmp_path: Path) -> None:
    book = written(tmp_path / "addresses.csv", BOOK)
    assert book.address_of("S10442") == "r.canary@example.com"
    assert book.address_of("HR operations") == "hr@example.com"
    assert book.address_of("S2") is None
    assert book.count() == 2


def test_a_change_of_the_file_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "addresses.csv"
    book = AddressBook(path)
    assert book.address_of("S10442") is None  # no such file yet
    written(path, BOOK)
    assert book.address_of("S10442") == "r.canary@example.com"
    written(path, BOOK.replace("r.canary", "canary"))
    assert book.address_of("S10442") == "canary@example.com"
    path.unlink()
    assert book.address_of("S10442") is None


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_one_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    book = written(tmp_path / "addresses.csv", BOOK, mode)
    with pytest.raises(AddressesRefused, match="chmod 600"):
        book.address_of("S10442")


def test_on_a_read_only_mount_the_mount_says_who_sees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = written(tmp_path / "addresses.csv", BOOK, 0o444)
    monkeypatch.setattr(os, "statvfs", lambda _: SimpleNamespace(f_flag=os.ST_RDONLY))
    assert book.address_of("S10442") == "r.canary@example.com"


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "line 1"),
        (b"to;email\n", "line 1"),
        (b"to,email\ncanary\n", "line 2"),
        (b"to,email\n,canary@example.com\n", "line 2"),
        (b"to,email\nS1,canary\n", "line 2"),
        (b"to,email\nS1,canary@host\n", "line 2"),
        (b"to,email\nS1,can ary@example.com\n", "line 2"),
        (b"to,email\n\nS1,a@example.com\nS1,canary@example.com\n", "line 4"),
        (b"to,email\n\xff\n", "UTF-8"),
        (b'to,email\n"canary', "CSV"),
    ],
)
def test_a_wrong_line_is_named_and_not_quoted(content: bytes, line: str) -> None:
    with pytest.raises(AddressesRefused, match=line) as refused:
        addresses_in(content)
    assert "canary" not in str(refused.value)


def test_columns_come_in_any_order_and_a_byte_order_mark_does_no_harm() -> None:
    assert addresses_in("\ufeffEmail, To\na@example.com, S1 \n".encode()) == {"S1": "a@example.com"}

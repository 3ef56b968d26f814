"""What takes a notice along, and how it says that it does not.

NotTaken          this attempt has failed
├── TryLater      for now: the same notice may be taken later
└── Refused       for good: nothing but a change of settings or addresses helps
"""

from dataclasses import dataclass
from typing import Protocol

from transfer.notices.owed import NoticeKind


@dataclass(frozen=True, slots=True)
class Notice:
    """All that is said outside: what kind of notice it is, its reference and a link."""

    kind: NoticeKind
    reference: str
    says: str
    link: str


class NotTaken(Exception):  # noqa: N818 - says what happened, as the office reads it
    """The courier has not taken a notice. `reason` is shown to the office: nothing personal."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TryLater(NotTaken):
    """Not now. `in_doubt`: it may have been taken all the same, and nobody said so."""

    def __init__(self, reason: str, *, in_doubt: bool = False) -> None:
        super().__init__(reason)
        self.in_doubt = in_doubt


class Refused(NotTaken):
    """This notice will never be sent: another attempt would be refused as well."""


class Courier(Protocol):
    """Takes notices along, one after the other."""

    @property
    def name(self) -> str:
        """The name under which the table keeps what this courier sent."""

    @property
    def needs_address(self) -> bool:
        """Whether it needs an e-mail address to send a notice."""

    def was_taken(self, reference: str) -> bool:
        """Whether a notice of that reference was taken before. Raises `NotTaken`."""

    def take(self, notice: Notice, address: str | None) -> None:
        """Take a notice along. Raises `NotTaken`."""

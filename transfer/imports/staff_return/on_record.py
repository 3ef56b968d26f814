"""What a staff return has to know of the record: who is on it, and who was employed when."""

from datetime import date
from typing import Protocol

from transfer.core.employed import NotEmployed


class OnRecord(Protocol):
    """The record, as the rows of a return are held against it."""

    def spelled(self, staff_number: str) -> str | None:
        """How a staff number is spelled on record, however it was typed; `None`: nobody's."""

    def not_employed(self, staff_number: str, on: date) -> NotEmployed | None:
        """Why somebody on record is not employed on a day; `None` where they are."""


class NobodyOnRecord:
    """A record that is empty, or that need not be asked."""

    def spelled(self, staff_number: str) -> str | None:
        """Nobody's number."""

    def not_employed(self, staff_number: str, on: date) -> NotEmployed | None:
        """Nobody is on record, so nobody is missed."""

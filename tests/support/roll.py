"""A small projection that can be made to fail."""

from __future__ import annotations

from collections.abc import Callable

from projections.keeping_up.copying import Conn
from projections.keeping_up.pages import Page
from transfer.core.record.staff import StaffRegistered
from transfer.procedures.facts import Fact


class Roll:
    """A projection that lists who was registered, and cannot bear some people."""

    tables = ("roll",)
    facts: tuple[type[Fact], ...] = (StaffRegistered,)

    def __init__(self, *unbearable: str, name: str = "roll") -> None:
        self.name = name
        self.unbearable = set(unbearable)
        self.pages: list[int] = []
        # Called after each page, inside the transaction.
        self.looked: Callable[[], object] = lambda: None

    def apply(self, conn: Conn, page: Page) -> None:
        self.pages.append(len(page))
        for event in page:
            assert isinstance(event.fact, StaffRegistered)
            staff = event.fact.staff_number
            conn.execute("INSERT INTO roll VALUES (%s)", (staff,))
            if staff in self.unbearable:
                raise ValueError(f"cannot bear {staff}")
        self.looked()

    def forget(self) -> None:
        pass

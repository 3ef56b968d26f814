"""Links between two records while others write to them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import pytest

from transfer.commands import links_and_objections
from transfer.commands.office import Act, Office, Person
from transfer.core.record.staff import PositionChanged, StaffRegistered
from transfer.core.refusals import StaleVersion
from transfer.core.words import Facet
from transfer.log.application import Log, open_log
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact
from transfer.vault import Vault

pytestmark = pytest.mark.engines


class Overtaken(Office):
    """An office in which somebody else writes to one person just after they were first read."""

    def __init__(self, log: Log[Fact], whom: str) -> None:
        super().__init__(log, Vault(log.connection, bytes(32)))
        self._whom = whom

    def person(self, staff_number: str) -> Person:
        found = super().person(staff_number)
        if staff_number == self._whom:
            self._whom = ""
            changed = PositionChanged(
                effective_from=date(2014, 2, 1), changes={Facet.BAND: "5"}, reason="r"
            )
            self.log.append(
                [(f"staff:{staff_number}", found.version, changed)],
                Command(UUID(int=9), "somebody", b""),
            )
        return found


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url)
    for n, number in enumerate(("S1", "S2")):
        fact = StaffRegistered(staff_number=number, effective_from=date(2014, 1, 1))
        opened.append([(f"staff:{number}", 0, fact)], Command(UUID(int=1 + n), "hr", b""))
    yield opened
    opened.close()


def test_who_writes_to_the_other_person_is_not_in_the_way_of_a_version(log: Log[Fact]) -> None:
    act = Act("hr", UUID(int=20), expected_version=1)
    office = Overtaken(log, "S2")
    made = links_and_objections.link(
        office, act, staff_number="S1", other="S2", reason="r", basis=None
    )
    assert (made.version, made.already) == (2, False)
    assert [each.version for each in log.read("staff:S2")] == [1, 2, 3]


def test_who_writes_to_the_person_named_is(log: Log[Fact]) -> None:
    act = Act("hr", UUID(int=20), expected_version=1)
    office = Overtaken(log, "S1")
    with pytest.raises(StaleVersion, match="S1 is at version 2, not 1"):
        links_and_objections.link(
            office, act, staff_number="S1", other="S2", reason="r", basis=None
        )
    assert len(log.read("staff:S2")) == 1

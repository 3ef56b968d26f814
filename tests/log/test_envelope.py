"""The envelope: ids that follow from the command's, and instants that cannot be misread."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from transfer.log.envelope import Command, event_id_of

COMMAND = UUID("11111111-2222-4333-8444-555555555555")


def test_an_event_has_the_same_id_wherever_its_command_has() -> None:
    assert event_id_of(COMMAND, 0) == UUID("cb327acc-b6c6-5bf8-bd81-015627de0b45")
    assert len({event_id_of(COMMAND, index) for index in range(100)}) == 100


def test_a_command_alone_is_its_own_correlation() -> None:
    assert Command(COMMAND, "hr", b"").correlation_id == COMMAND
    other = UUID(int=7)
    assert Command(COMMAND, "hr", b"", correlation_id=other).correlation_id == other


def test_a_simulated_instant_needs_an_offset() -> None:
    with pytest.raises(ValueError, match="offset"):
        Command(COMMAND, "hr", b"", at=datetime(2013, 11, 11, 9))  # noqa: DTZ001 (the point)
    assert Command(COMMAND, "hr", b"", at=datetime(2013, 11, 11, 9, tzinfo=UTC)).at is not None

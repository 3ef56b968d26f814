"""What would be read if something were recorded: deadlines, and a read model that lags."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from projections.deadlines.deadlines import DeadlinesProjection, State
from projections.keeping_up.horizon import BehindError
from tests.support.projecting import Office, positions_of
from tests.support.stamps import stamp
from tests.support.words_2013 import Destination, Window
from transfer.core.matter.facts import WindowExtended
from transfer.core.matter.reckoning import fixed
from transfer.core.record.staff import PositionChanged
from transfer.core.streams import staff_stream
from transfer.core.words import (
    Basis,
    Facet,
    WindowKind,
)
from transfer.log.application import Log
from transfer.procedures.exercise.facts import (
    AssignmentLetterIssued,
    WindowOpened,
)
from transfer.procedures.facts import Fact
from transfer.questions import preview as supposed
from transfer.questions.preview import would_read

pytestmark = pytest.mark.engines

_BASIS = Basis(rulebook="tr-2013", clause="TR-11b")
_NOW = datetime(2014, 3, 1, tzinfo=UTC)
_CLOSES, _LATER = date(2014, 4, 1), date(2014, 5, 1)


def letter() -> AssignmentLetterIssued:
    """A letter whose windows both close on one day."""
    return AssignmentLetterIssued(
        **stamp("exercise:x", _BASIS, date(2014, 3, 1)),
        group="c",
        letters=("assignment",),
        destination=Destination.NPS,
        windows=tuple(
            WindowOpened(window=kind, kind=kind, when=fixed(_CLOSES, _BASIS))
            for kind in (WindowKind.RESPONSE, WindowKind.APPEAL)
        ),
    )


def test_a_deadline_that_would_move_is_told_as_it_stands_and_as_it_would(log: Log[Fact]) -> None:
    office = Office(log, [positions_of(log), DeadlinesProjection(log.read_many, log.known)])
    office.register("S1", band="4")
    office.record((staff_stream("S1"), letter()))
    office.runner.catch_up()
    extended = WindowExtended(
        **stamp("exercise:x", on=date(2014, 3, 2)),
        window=Window.APPEAL,
        before=_CLOSES,
        when=fixed(_LATER, _BASIS),
        reason="leave",
    )
    for _ in range(2):  # nothing of the first is there when it is asked again
        (found,) = would_read(
            log, ["S1"], lambda _: {"S1": [(UUID(int=0), extended)]}, not_before=_NOW
        )
        states = {
            (each.before and each.before.state, each.after and each.after.state, due_on(each))
            for each in found.deadlines
        }
        assert states == {
            (State.OPEN, State.SUPERSEDED, _CLOSES),
            (None, State.OPEN, _LATER),
        }
        assert (found.values, found.version) == ({}, 2)


def due_on(changed: supposed.DeadlineChanged) -> date | None:
    """The day of an obligation, which never changes: another one takes its place."""
    either = changed.after or changed.before
    assert either is not None
    return either.due_on


def test_a_read_model_that_does_not_come_is_not_waited_for_for_ever(
    log: Log[Fact], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supposed, "WAIT_SECONDS", 0.05)
    office = Office(log)
    office.register("S1", band="4")
    changed = PositionChanged(
        effective_from=date(2014, 2, 1), changes={Facet.BAND: "5"}, reason="r"
    )
    asked = {"S1": [(UUID(int=0), changed)]}
    with pytest.raises(BehindError):
        would_read(log, ["S1"], lambda _: asked, not_before=_NOW)
    office.runner.catch_up()
    (found,) = would_read(log, ["S1"], lambda _: asked, not_before=_NOW)
    assert [len(each) for each in found.values.values()] == [1]


def test_deadlines_that_come_after_positions_are_waited_for(
    log: Log[Fact], monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(log)
    office.register("S1", band="4")
    office.runner.catch_up()
    asked = {"S1": [(UUID(int=0), letter())]}
    due = Office(log, [DeadlinesProjection(log.read_many, log.known)]).runner
    with monkeypatch.context() as impatient:
        impatient.setattr(supposed, "WAIT_SECONDS", 0.05)
        with pytest.raises(BehindError):
            would_read(log, ["S1"], lambda _: asked, not_before=_NOW)
    coming = threading.Timer(0.2, due.catch_up)
    coming.start()
    (found,) = would_read(log, ["S1"], lambda _: asked, not_before=_NOW)
    coming.join()
    assert {each.after and each.after.state for each in found.deadlines} == {State.OPEN}

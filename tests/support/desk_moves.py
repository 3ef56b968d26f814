"""A desk that moved, moved otherwise, and did not move after all: facts of the tests' own kind."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from tests.core.matter.desks import DESKS, MATTER, DeskConfirmed, DeskMoved
from tests.support.projecting import Office, command_id, registered
from transfer.core.matter import facts as t
from transfer.core.matter.words import Made
from transfer.core.streams import matter_stream, staff_stream
from transfer.core.words import Basis
from transfer.log.envelope import event_id_of
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts

KNOWN = KnownFacts((DESKS,))
STAFF = staff_stream("S1")


def stamp(act: str, *, replaces: UUID | None = None) -> t.Stamp:
    """The fields that every fact of the move has."""
    return t.Stamp(
        matter=MATTER,
        happened_on=date(2014, 4, 1),
        learned_on=None,
        made=Made(act=act, by="clock", in_place_of=replaces, replaces=replaces),
        basis=Basis(rulebook="desks-1", clause="DK-6"),
    )


def moved(floor: str, day: date, *, replaces: UUID | None = None) -> DeskMoved:
    """From floor 2, with a lamp for a year."""
    return DeskMoved(
        **stamp("move", replaces=replaces),
        before="2",
        floor=floor,
        effective_from=day,
        lamp_until=day.replace(year=day.year + 1),
    )


@dataclass
class Story:
    """S1 is registered on floor 2; to floor 3 it is confirmed and moved; then that is made again,
    to floor 5 a week later; and then undone. Each is a command of its own: its instant and event.
    """

    office: Office
    at: list[datetime] = field(default_factory=list)
    ids: list[UUID] = field(default_factory=list)

    def tell(self, stream: str, fact: Fact) -> None:
        """The next command."""
        self.ids.append(event_id_of(command_id(self.office.hours), 0))
        self.at.append(self.office.record((stream, fact)))

    def begin(self) -> None:
        """Up to the move. What lies on the matter's stream is about nobody alone."""
        self.tell(STAFF, registered("S1", employer="LDN", workplace="2"))
        self.tell(STAFF, DeskConfirmed(**stamp("confirm"), floor="3"))
        self.tell(STAFF, moved("3", date(2014, 4, 1)))
        self.tell(matter_stream(MATTER), moved("9", date(2014, 3, 1)))

    def move_again(self) -> None:
        """The move is decided again."""
        self.tell(STAFF, moved("5", date(2014, 4, 8), replaces=self.ids[2]))

    def undo(self) -> None:
        """The move has no effect any more, nor has the confirmation."""
        why = {"reason": "never asked", "entry": None, "decision": self.ids[1]}
        self.tell(STAFF, t.Undone(**stamp("settle"), facts=(self.ids[1],), **why))
        why = {"reason": "stays", "entry": self.ids[2], "decision": self.ids[2]}
        self.tell(STAFF, t.Undone(**stamp("settle"), facts=(self.ids[4],), **why))

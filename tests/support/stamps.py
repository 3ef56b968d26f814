"""What every fact of a procedure carries, for facts that tests record by themselves."""

from __future__ import annotations

from datetime import date

from transfer.core.matter import facts as t
from transfer.core.matter.words import Made
from transfer.core.streams import matter_of, matter_stream
from transfer.core.words import Basis

MADE = Made(act="a", by="office")


def stamp(matter: str, on: date, basis: Basis | None = None, made: Made = MADE) -> t.Stamp:
    """A fact of a matter that happened on a day, and was known then."""
    return t.Stamp(
        matter=matter, happened_on=on, learned_on=None, made=made, basis=basis or Basis()
    )


def exercise_stream(name: str) -> str:
    """The stream of an exercise, by its name."""
    return matter_stream(f"exercise:{name}")


def consultation_stream(name: str) -> str:
    """The stream of the consultation on an exercise."""
    return matter_stream(f"consultation:{name}")


def exercise_of(stream: str) -> str | None:
    """The name of the exercise whose consultation a stream is of, if it is of one."""
    kind, _, name = (matter_of(stream) or "").partition(":")
    return name if kind == "consultation" else None

"""The fields that every fact of a procedure has, for facts that no decision made."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from transfer.core.matter import facts as t
from transfer.core.matter.words import Made
from transfer.core.words import Basis


def stamp(
    matter: str,
    basis: Basis | None = None,
    on: date = date(2014, 1, 1),
    *,
    replaces: UUID | None = None,
) -> t.Stamp:
    """Of something that an office did on a day; `replaces` is the fact whose place it takes."""
    return t.Stamp(
        matter=matter,
        happened_on=on,
        learned_on=None,
        made=Made(act="test", by="office", in_place_of=replaces, replaces=replaces),
        basis=basis or Basis(),
    )

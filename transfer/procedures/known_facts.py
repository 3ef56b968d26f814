"""The facts that one program knows, and what they mean to the parts that it has: the record's and
those of `transfer.procedures.facts`, the engine's generic ones, and those of the kinds of procedure
that the composition root names.

    KnownFacts()                    the facts that the program has without any kind of the engine
    KnownFacts((SECONDMENT, ...))   with these kinds

A value that is handed on: no list that a kind would enter itself in, so that a test has kinds of
its own and leaves no trace of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from transfer.core.dating.effective_dating import Entry, Piece
from transfer.core.matter import facts as t
from transfer.core.matter.completeness import faults
from transfer.core.matter.kind import Kind
from transfer.core.record import staff as s
from transfer.core.record.names import StaffNamed
from transfer.procedures.facts import (
    ENTRY_FACTS,
    STORED_NAMES,
    UPCASTERS,
    Fact,
    brought_up_to_date,
)


class Upon(NamedTuple):
    """What a fact does to an earlier one: it takes its place (a correction), or its effect away."""

    fact: UUID
    annuls: bool


@dataclass(frozen=True)
class KnownFacts:
    """Every fact under its stored name. Raises `ValueError` for kinds whose declarations are not
    complete, or that have a name of somebody else's."""

    kinds: tuple[Kind, ...] = ()
    _by_name: Mapping[str, Kind] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Check the declarations, all together."""
        taken = set(STORED_NAMES.values())
        lacking = [
            *faults(*self.kinds),
            *(
                f"{kind.name}: {name!r} is the name of a fact of the record or of another procedure"
                for kind in self.kinds
                for name in kind.facts.values()
                if name in taken
            ),
        ]
        if lacking:
            raise ValueError("; ".join(lacking))
        object.__setattr__(self, "_by_name", {kind.name: kind for kind in self.kinds})

    # --- stored names ----------------------------------------------------------------------

    @cached_property
    def names(self) -> Mapping[type[Fact], str]:
        """The stored name of each fact."""
        found: dict[type[Fact], str] = dict(STORED_NAMES)
        tables = (t.STORED_NAMES, *(kind.facts for kind in self.kinds))
        found.update((fact, name) for table in tables for fact, name in table.items())
        return MappingProxyType(found)

    @cached_property
    def _facts_by_name(self) -> Mapping[str, type[Fact]]:
        return {name: fact for fact, name in self.names.items()}

    def stored_name(self, fact: Fact) -> str:
        """The literal name under which a fact is stored."""
        return self.names[type(fact)]

    def names_of(self, facts: Iterable[type[Fact]]) -> tuple[str, ...]:
        """The stored names under which facts of these types are found, old versions included; those
        of a kind that the program does not have are nowhere to be found."""
        return (*(self.names[fact] for fact in facts if fact in self.names), *UPCASTERS)

    def load(self, name: str, shape: dict[str, Any]) -> Fact:
        """A fact from its stored name and shape, old versions brought up to date first.

        Raises `KeyError` for a name that no version of this program ever wrote.
        """
        name, shape = brought_up_to_date(name, shape, UPCASTERS)
        return self._facts_by_name[name].model_validate(shape)

    # --- kinds -----------------------------------------------------------------------------

    def kind(self, matter: str) -> Kind | None:
        """The kind of a matter, by its name: that of `appeal:7` is the one called `appeal`."""
        return self._by_name.get(matter.partition(":")[0])

    def sentence(self, fact: Fact) -> str | None:
        """A fact of a procedure in plain words; `None` for one that no kind of the engine has."""
        kind = self.kind(fact.matter) if isinstance(fact, t.MatterFact) else None
        return None if kind is None or not isinstance(fact, t.MatterFact) else kind.sentence(fact)

    # --- dated values ----------------------------------------------------------------------

    @cached_property
    def entry_facts(self) -> tuple[type[Fact], ...]:
        """The facts that state dated values, or correct or annul one that does."""
        stating = dict.fromkeys(fact for kind in self.kinds for fact in kind.effects)
        return (*ENTRY_FACTS, *stating, t.Undone) if stating else ENTRY_FACTS

    def pieces_of(self, fact: Fact) -> tuple[Piece, ...]:
        """The dated values that any fact states; none for those that state none."""
        match fact:
            case t.MatterFact():
                kind = self.kind(fact.matter)
                return () if kind is None else kind.pieces(fact)
            case (
                s.StaffRegistered()
                | s.PositionChanged()
                | s.TermGranted()
                | s.TermVaried()
                | s.TermEnded()
                | s.EntryCorrected()
                | s.EntryAnnulled()
                | s.StaffLeft()
                | StaffNamed()
            ):
                return s.pieces_of(fact)
            case _:
                return ()

    def upon(self, fact: Fact) -> Upon | None:
        """The fact that this one corrects or annuls, if it does.

        A decision that was made again corrects, fact by fact, the one whose place it takes; one
        that was undone is annulled. Where it stated nothing dated, that is its first fact.
        """
        match fact:
            case s.EntryCorrected():
                return Upon(fact.of, annuls=False)
            case s.EntryAnnulled():
                return Upon(fact.of, annuls=True)
            case StaffNamed():
                return None if fact.of is None else Upon(fact.of, annuls=False)
            case t.Undone():
                undone = fact.entry or next(iter(fact.facts), None)
                return None if undone is None else Upon(undone, annuls=True)
            case t.MatterFact() if fact.made.replaces is not None:
                return Upon(fact.made.replaces, annuls=False)
            case _:
                return None

    def entry_of(self, event_id: UUID, recorded_at: datetime, fact: Fact) -> Entry | None:
        """What an event means to the effective-dating rule; `None` if it states nothing dated."""
        if not self._is_entry(fact):
            return None
        upon = self.upon(fact)
        return Entry(
            event_id=event_id,
            recorded_at=recorded_at,
            content=self.pieces_of(fact),
            of=None if upon is None else upon.fact,
            annuls=upon is not None and upon.annuls,
            basis=getattr(fact, "basis", None),
        )

    def _is_entry(self, fact: Fact) -> bool:
        if not isinstance(fact, t.MatterFact):
            return isinstance(fact, ENTRY_FACTS)
        kind = self.kind(fact.matter)
        if kind is None:
            return False
        if isinstance(fact, t.Undone):
            return fact.entry is not None
        return type(fact) in kind.effects


NO_KINDS = KnownFacts()
"""The facts of a program that has no kind of the engine."""

"""A plain world written through HTTP, and its answers compared with the slow reading."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from tests.oracle import Answer, Said
from tests.support.asking import Api, Json, created
from tests.support.worlds import World, Written
from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffRegistered,
    TermEnded,
    TermGranted,
    TermVaried,
)
from transfer.core.words import Basis
from transfer.procedures.facts import Fact

Period = tuple[str, date, date | None, UUID, UUID | None, datetime, Basis | None]
"""What HTTP tells of a value wherever it tells of one."""


@dataclass
class Writer:
    """Writes a plain world's commands through HTTP; `world` is what came of it, with the ids and
    the instants that the service gave."""

    api: Api
    world: World = field(default_factory=World)
    _ids: dict[UUID, UUID] = field(default_factory=dict)

    def write(self, made: Written) -> Written:
        """Make one write, and answer it as it is on record."""
        [(stream, fact, said)] = made.events
        assert said is not None
        staff = stream.removeprefix("staff:")
        path, body = self._request(staff, fact)
        told = created(self.api.post(path, body))
        event_id, at = UUID(told["event_id"]), datetime.fromisoformat(told["recorded_at"])
        self._ids[said.event_id] = event_id
        of = None if said.of is None else self._ids[said.of]
        heard: Said = replace(said, event_id=event_id, recorded_at=at, of=of)
        written = Written(replace(made.command, at=at), ((stream, fact, heard),))
        self.world.commands.append(written)
        return written

    def _request(self, staff: str, fact: Fact) -> tuple[str, Json]:
        """Where a fact is asked for, and how."""
        body: Json = fact.model_dump(mode="json", exclude_none=True, exclude={"position"})
        if "basis" in body:
            body["basis"] = {k: v for k, v in body["basis"].items() if k != "assumptions"}
        match fact:
            case StaffRegistered():
                return "/staff", body | {"name": "n", "position": fact.position}
            case PositionChanged():
                return f"/staff/{staff}/changes", body | {"changes": fact.changes}
            case TermGranted() | TermVaried() | TermEnded():
                value = None if isinstance(fact, TermEnded) else fact.value
                return f"/staff/{staff}/terms", body | {"value": value}
            case EntryAnnulled():
                annulment = {"of": str(self._ids[fact.of]), "annul": True, "reason": fact.reason}
                return f"/staff/{staff}/corrections", annulment
            case EntryCorrected():
                del body["terms"]
                body |= {"of": str(self._ids[fact.of]), "changes": fact.changes}
                for term, value in fact.terms.items():
                    body |= {"term": term, "value": value}
                return f"/staff/{staff}/corrections", body
            case _:
                raise ValueError(f"HTTP cannot write {fact}")


def period_told(held: Json) -> Period:
    """What HTTP said of a value."""
    end, corrected_by, basis = held["effective_to"], held["corrected_by"], held["basis"]
    return (
        held["value"],
        date.fromisoformat(held["effective_from"]),
        None if end is None else date.fromisoformat(end),
        UUID(held["event_id"]),
        None if corrected_by is None else UUID(corrected_by),
        datetime.fromisoformat(held["recorded_at"]),
        None if basis is None else Basis(**{k: v for k, v in basis.items() if k in _BASIS}),
    )


def period_of(answer: Answer) -> Period:
    """The same of what the rule says."""
    basis = answer.basis
    assert basis is None or isinstance(basis, Basis)
    return (
        answer.value,
        answer.effective_from,
        answer.effective_to,
        answer.event_id,
        answer.corrected_by,
        answer.content_recorded_at,
        basis,
    )


_BASIS = ("rulebook", "clause", "document")

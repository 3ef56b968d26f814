"""POST /v1/staff/{no}/corrections: an entry is put right or annulled, or it is asked what that
would change."""

from collections.abc import Iterable
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from transfer.api.answers import Preview, TermDifference, ValueDifference, Written
from transfer.api.desk import V1, Desk, known_number
from transfer.api.documented import writes
from transfer.api.entries import Correction, Submitted, make, submitted
from transfer.commands import record
from transfer.commands.office import Act, Person
from transfer.core import staff
from transfer.core.differences import days_of, stretches, value_of
from transfer.core.facts import entry_of
from transfer.core.position import Key, Kind, Period, Timeline
from transfer.core.refusals import StaleVersion
from transfer.core.words import Facet
from transfer.identity import Caller, Role


class CorrectionQuestion(BaseModel):
    """The query parameters of a correction."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    preview: bool = Field(
        False,
        description="Write nothing; answer (200) every period and term that would read "
        "differently.",
    )


def routes(desk: Desk) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(desk.allow(Role.ADMIN))
    correction = Depends(submitted(desk, Correction))
    documented = writes(Correction, Written, "not-on-record", "conflict")
    documented["responses"][200] = {"model": Preview, "description": "With `preview=true`"}

    @router.post("/staff/{staff_number}/corrections", **documented)
    def correct(
        staff_number: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[Correction], correction],
        asked: Annotated[CorrectionQuestion, Query()],
    ) -> Response:
        """Replace the whole content of an entry, in that entry's place in the order, or annul it.

        The latest correction of an entry that is not itself annulled holds. An annulment is
        final. Naming an entry that was annulled, or an annulment, is 409; another person's, 404.
        """
        number = known_number(staff_number)
        if asked.preview:
            return desk.answer(_preview(desk, number, sent))
        return make(desk, caller, sent, partial(_record, desk, number, sent.body), upon=number)

    return router


def _record(desk: Desk, number: str, body: Correction, act: Act) -> record.Entered:
    basis = body.basis.given() if body.basis else None
    if body.effective_from is None:
        return record.annul(
            desk.office, act, staff_number=number, of=body.of, reason=body.reason, basis=basis
        )
    return record.correct(
        desk.office,
        act,
        staff_number=number,
        of=body.of,
        effective_from=body.effective_from,
        effective_to=body.effective_to,
        changes=body.changes or {},
        terms={} if body.term is None else {body.term: body.value},
        reason=body.reason,
        assignment=body.assignment,
        basis=basis,
    )


# --- preview -----------------------------------------------------------------------------------

# The entry that is not written needs an id while it is looked at; no event has this one.
_HYPOTHETICAL = UUID(int=0)


def _preview(desk: Desk, number: str, sent: Submitted[Correction]) -> Preview:
    person = desk.office.person(number)
    if sent.expected_version is not None and person.version != sent.expected_version:
        raise StaleVersion(f"{number} is at version {person.version}, not {sent.expected_version}")
    fact = _decide(person, sent.body)
    before = _timelines(person)
    # Any instant does: nothing that is compared depends on it.
    latest = max((each.recorded_at for each in _periods(before.values())), default=None)
    entry = entry_of(_HYPOTHETICAL, latest or desk.clock(), fact)
    if entry is not None:
        person.entries.add(entry)
    after = _timelines(person)
    facets: list[ValueDifference] = []
    terms: list[TermDifference] = []
    for key in sorted(before.keys() | after.keys()):
        of_key = stretches(days_of(before.get(key)), days_of(after.get(key)), value_of)
        for each in of_key:
            if key.kind is Kind.FACET:
                facets.append(
                    ValueDifference(
                        assignment=key.assignment,
                        facet=Facet(key.name),
                        effective_from=each.effective_from,
                        effective_to=each.effective_to,
                        before=value_of(each.before),
                        after=value_of(each.after),
                    )
                )
            else:
                terms.append(
                    TermDifference(
                        term=key.name,
                        effective_from=each.effective_from,
                        effective_to=each.effective_to,
                        before=value_of(each.before),
                        after=value_of(each.after),
                    )
                )
    return Preview(
        staff_number=number,
        of=sent.body.of,
        version=person.version,
        position=tuple(facets),
        terms=tuple(terms),
    )


def _decide(person: Person, body: Correction) -> staff.StaffFact:
    if body.effective_from is None:
        return staff.annul(person.record, of=body.of, reason=body.reason)[0]
    return staff.correct(
        person.record,
        of=body.of,
        effective_from=body.effective_from,
        effective_to=body.effective_to,
        changes=body.changes,
        terms=None if body.term is None else {body.term: body.value},
        reason=body.reason,
        assignment=body.assignment,
    )[0]


def _timelines(person: Person) -> dict[Key, Timeline]:
    return {key: person.entries.timeline(key) for key in person.entries.stated_keys()}


def _periods(timelines: Iterable[Timeline]) -> Iterable[Period]:
    for timeline in timelines:
        yield from timeline.in_force

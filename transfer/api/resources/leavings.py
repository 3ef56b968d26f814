"""POST /v1/staff/{no}/leavings: somebody leaves, or it is asked what that would come to."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Caller, Role
from transfer.api.bodies import (
    LeavingGiven,
    Submitted,
    Written,
    answered,
    entered,
    opened_by,
    submitted,
)
from transfer.api.http.openapi import previewed, writes
from transfer.api.http_service import V1, HttpService, known_number
from transfer.api.resources.previews import (
    EntryQuestion,
    Preview,
    Suppose,
    preview_of,
    would_read_of,
    would_settle,
)
from transfer.commands import leaving as commands
from transfer.commands.office import Act, Office, Person, person_of
from transfer.commands.record import Entered
from transfer.core.record.entries import Leaving
from transfer.core.record.leaving import Later, brings_back, leave, warnings_of_leaving
from transfer.log.envelope import as_if_recorded
from transfer.procedures.facts import Fact
from transfer.questions.leaving import LaterShown, later_shown, left_by, would_leave
from transfer.questions.managers import LeftWithoutManager
from transfer.questions.preview import Events
from transfer.questions.procedures import ToSettle


class LeavingWritten(Written):
    """What a leaving answers; see `Written`.

    `later` are the entries that would have brought the person back, with what became of each.
    `without_manager` are those who report to the person and have no manager from that day on (the
    first 1,000); null where that is not known yet: ask `GET /v1/workforce/without-manager`.
    """

    later: tuple[LaterShown, ...]
    without_manager: tuple[LeftWithoutManager, ...] | None


class LeavingPreview(Preview):
    """What a leaving would change; nothing was written. See `Preview`.

    `later` are the entries that would bring the person back: without `later` in the body nothing
    has been chosen for them, the leaving itself would be refused, and the rest of this preview is
    that of `keep`. `without_manager` are those who would have no manager from that day on.
    """

    later: tuple[LaterShown, ...]
    without_manager: tuple[LeftWithoutManager, ...]


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(service.allow(Role.ADMIN))
    leaving_given = Depends(submitted(service, LeavingGiven))
    documented = previewed(
        writes(LeavingGiven, LeavingWritten, "not-on-record", "conflict"), LeavingPreview
    )

    @router.post("/staff/{staff_number}/leavings", **documented)
    def leaves(
        staff_number: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[LeavingGiven], leaving_given],
        asked: Annotated[EntryQuestion, Query()],
    ) -> Response:
        """Record that somebody leaves an assignment: every facet of it ends on that day.

        Entries on record that would employ the person on or after that day, such as a transfer
        that was recorded before, are 409 without `later`; the problem lists them in `later`. With
        `annul` they are taken back in the same command, with `keep` the person comes back by them.
        The answer lists whom the leaving leaves without a line manager. Corrected and annulled
        like a change."""
        number, body = known_number(staff_number), sent.body
        leaving = body.entry()
        if asked.preview:
            found = preview_leaving(
                partial(would_read_of, service),
                service.office,
                number,
                leaving,
                body.later,
                expected_version=sent.expected_version,
            )
            return service.answer(found)
        act = partial(_leave, service.office, number, leaving, body.later)
        done = entered(service, caller, sent, act, upon=number)
        return answered(service, done, written(service.office, done, leaving, body.later))

    return router


def _leave(office: Office, number: str, leaving: Leaving, later: Later | None, act: Act) -> Entered:
    return commands.leave(office, act, number, leaving, later)


def written(office: Office, done: Entered, leaving: Leaving, later: Later | None) -> LeavingWritten:
    """What a leaving that is on record answers."""
    left = commands.came_to(office, done, leaving, later)
    return LeavingWritten(
        staff_number=done.staff_number,
        event_id=done.event_id,
        version=done.version,
        recorded_at=done.recorded_at,
        warnings=left.warnings,
        to_settle=opened_by(office, done),
        later=later_shown(left.back, leaving, later),
        without_manager=left_by(office.log, left, leaving.effective_from),
    )


def preview_leaving(
    suppose: Suppose,
    office: Office,
    number: str,
    leaving: Leaving,
    later: Later | None,
    *,
    expected_version: int | None = None,
) -> LeavingPreview:
    """What a leaving would change.

    Raises `NotOnRecord`, `StaleVersion` for another version than was relied on, and what `suppose`
    raises.
    """
    before, after = Person(number, office.known), Person(number, office.known)
    to_settle: list[ToSettle] = []

    def decide(people: Mapping[str, Events]) -> dict[str, list[tuple[UUID, Fact]]]:
        nonlocal before, after
        before, after = (person_of(number, people[number], office.known) for _ in range(2))
        before.require_version(expected_version)
        facts = leave(before.record, before.entries, leaving, later or Later.KEEP)
        to_settle[:] = would_settle(office, before, facts)
        supposed: list[tuple[UUID, Fact]] = []
        for n, fact in enumerate(facts):
            event_id = UUID(int=n)
            after.take(as_if_recorded("", after.version + 1, event_id, fact))
            supposed.append((event_id, fact))
        return {number: supposed}

    (found,) = suppose([number], decide)
    with office.log.connection() as conn:
        without = would_leave(conn, number, after.entries, leaving.effective_from)
    read = preview_of(found)
    return LeavingPreview(
        **dict(read)
        | {
            "warnings": warnings_of_leaving(before.entries, leaving, later),
            "to_settle": tuple(to_settle),
        },
        later=later_shown(brings_back(before.entries, leaving), leaving, later),
        without_manager=without,
    )

"""POST /v1/staff/{no}/corrections: an entry is put right or annulled, or it is asked what that
would change."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from transfer.access.identity import Caller, Role
from transfer.api.bodies import CorrectionGiven, Submitted, Written, make, submitted
from transfer.api.http.openapi import previewed, writes
from transfer.api.http_service import V1, HttpService, known_number
from transfer.api.resources.previews import EntryQuestion, Preview, preview
from transfer.commands import names, record
from transfer.commands.office import Act, Office
from transfer.commands.record import Entered
from transfer.core.record.entries import Naming, NewEntry


def routes(service: HttpService) -> APIRouter:
    """The routes of this resource."""
    router = APIRouter(prefix=V1, tags=["staff"])
    admin = Depends(service.allow(Role.ADMIN))
    correction = Depends(submitted(service, CorrectionGiven))
    documented = previewed(writes(CorrectionGiven, Written, "not-on-record", "conflict"), Preview)

    @router.post("/staff/{staff_number}/corrections", **documented)
    def correct(
        staff_number: str,
        caller: Annotated[Caller, admin],
        sent: Annotated[Submitted[CorrectionGiven], correction],
        asked: Annotated[EntryQuestion, Query()],
    ) -> Response:
        """Replace the whole content of an entry, in that entry's place in the order, or annul it.

        The latest correction of an entry that is not itself annulled holds. An annulment is
        final. Naming an entry that was annulled, or an annulment, is 409; another person's, 404.
        """
        number = known_number(staff_number)
        entry = sent.body.entry()
        if asked.preview:
            return service.answer(preview(service, number, sent, entry, of=sent.body.of))
        act = partial(correct_entry, service.office, number, entry, sent.body.name)
        return make(service, caller, sent, act, upon=number)

    return router


def correct_entry(
    office: Office, number: str, entry: NewEntry, name: str | None, act: Act
) -> Entered:
    """Record a correction or an annulment; a name that is given goes to the vault."""
    if isinstance(entry, Naming) and name is not None:
        return names.name(office, act, number, entry, name)
    return record.enter(office, act, number, entry)

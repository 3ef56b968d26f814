"""/extracts/{reference}: a question that was answered once and kept, on a page and on paper."""

import json
import re
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request, Response

from transfer.access.identity import Role
from transfer.api.http_service import BY_CASE, Reading
from transfer.api.resources.extracts import found, on_paper
from transfer.core.refusals import NotOnRecord
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.wording import day_text, stood_text
from transfer.web.panel.answer import answer_text, assumptions_of, people_of
from transfer.web.panel.cases import by_case
from transfer.web.panel.wording import sha256_text

_REFERENCE: Final = re.compile(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", re.ASCII)

_ASKED_AS: Final = {
    "admin": "administrator",
    "audit": "auditor",
    "staff": "member of staff",
    "union": "union representative",
    "dispute": "panel",
}


def routes(pages: Pages) -> APIRouter:
    """The routes of these pages."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    reader = Depends(pages.reads(Role.ADMIN, Role.AUDIT, own_record=True, granted=BY_CASE))

    @router.get("/extracts")
    def look_up(
        request: Request,
        reading: Annotated[Reading, reader],
        reference: Annotated[str | None, Query()] = None,
    ) -> Response:
        """Ask for a reference, and lead to its extract."""
        errors = {}
        typed = (reference or "").strip()
        if reference is not None:
            named = typed.upper().replace(" ", "-")
            if _REFERENCE.fullmatch(named) is None:
                errors["reference"] = (
                    "A reference has sixteen letters and digits in fours, like ABCD-EFGH-2345-WXYZ"
                )
            else:
                try:
                    found(reading, named)
                except NotOnRecord:
                    errors["reference"] = f"There is no extract {named} that you may read"
                else:
                    return redirect(f"/extracts/{named}")
        content = {
            "typed": typed,
            "errors": errors,
            "of_a_panel": Role.DISPUTE in reading.caller.roles,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK
        return pages.draw(request, "transfer/panel/look_up.html", content, status)

    # Before the address without an ending, which would take it for a reference.
    @router.get("/extracts/{reference}.pdf")
    def print_extract(reading: Annotated[Reading, reader], reference: str) -> Response:
        """The extract on paper."""
        reading, kept = found(reading, reference)
        return on_paper(_by_its_case(reading), kept)

    @router.get("/extracts/{reference}")
    def show_extract(
        request: Request, reading: Annotated[Reading, reader], reference: str
    ) -> Response:
        """The answer as it was given, with what it rests on."""
        reading, kept = found(reading, reference)
        content = json.loads(kept.body)
        people = people_of(content)
        case = reading.reader.dispute_case
        is_panel = reading.by is Role.DISPUTE
        shown = {
            "extract": content,
            "says": answer_text(content, people),
            "people": people,
            "alone": sum(len(each.says) for each in people) == 1,
            "assumptions": assumptions_of(content),
            "case": case.partition(":")[2] if case else None,
            "of_a_panel": is_panel,
            "sha256": sha256_text(kept),
            "asked_as": _ASKED_AS.get(content["role"], content["role"]),
            "asked_at": datetime.fromisoformat(content["asked_at"]),
            "days": [day_text(date.fromisoformat(each)) for each in content["effective_at"]],
            "stood": [stood_text(datetime.fromisoformat(each)) for each in content["known_at"]],
        }
        _by_its_case(reading).note(kept.people)
        return pages.draw(request, "transfer/panel/extract.html", shown)

    return router


def _by_its_case(reading: Reading) -> Reading:
    """The same read; of a panel, with the case that lets them read as its reason."""
    case = reading.reader.dispute_case
    return reading if case is None else by_case(reading, case.partition(":")[2])

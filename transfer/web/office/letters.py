"""/exercises/{id}/letters: the letters of an exercise by group, what each lacks, and as files."""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from projections.deadlines import work as lines_of_work
from transfer.access.identity import Caller
from transfer.api.exports import export
from transfer.api.http_service import Reading, reader_of
from transfer.api.reach import shown_to
from transfer.api.resources.letters_of_exercise import all_on_paper, on_paper
from transfer.core.dating.instants import print_instant
from transfer.core.refusals import Malformed
from transfer.questions.answer import people_shown
from transfer.questions.letters_of_exercise import (
    SEEN_BY,
    LetterRow,
    LettersOfExercise,
    LetterState,
    letter_to,
    letters_of_exercise,
    rows_of_letters,
)
from transfer.questions.procedures import groups_of
from transfer.questions.table import Form
from transfer.web.frame.pages import Pages
from transfer.web.frame.some_at_a_time import Part
from transfer.web.frame.wording import day_text
from transfer.web.office.looking import KNOWN_AT, READERS, looking_at, read_asked
from transfer.web.office.looking import NAMES as OF_EXERCISES

NAMES = (*OF_EXERCISES, *SEEN_BY)
ON_A_PAGE = 50

_CURSOR = "cursor"
_FILTERS = ("group", "state")
_GROUPS = "groups_from"
_SEND_AGAIN = "send-again"
_STATES = {
    LetterState.TO_SEND: "not sent yet",
    LetterState.SENT: "sent",
    LetterState.RETURNED: "came back",
    LetterState.SENT_AGAIN: "sent again",
}


class Files(StrEnum):
    """How the letters may be sent, as the address ends."""

    CSV = "csv"
    ZIP = "zip"


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = pages.signed_in(*READERS, within_limits=True)
    up_to = Depends(service.up_to(*NAMES))

    @router.get("/exercises/{exercise}/letters", dependencies=[Depends(reader), up_to])
    def show_letters(
        request: Request, caller: Annotated[Caller, Depends(reader)], exercise: str
    ) -> Response:
        """Show the groups, then a page of letters by staff number."""
        asked = read_asked(request.query_params, *_FILTERS, _CURSOR, _GROUPS)
        wanted = {name: asked.given[name] for name in _FILTERS if name in asked.given}
        with looking_at(pages, asked, NAMES) as (conn, looking):
            groups = groups_of(looking, exercise)
            back = lines_of_work.lines(
                conn,
                looking.known_at,
                looking.today,
                whats=[_SEND_AGAIN],
                exercises=[exercise],
                limit=ON_A_PAGE,
            )
            found = letters_of_exercise(
                looking,
                conn,
                exercise,
                group=wanted.get("group"),
                state=_state(wanted),
                limit=ON_A_PAGE,
                cursor=asked.given.get(_CURSOR),
            )
        found = shown_to(service, caller, reader.reach, found)
        path, begins = f"/exercises/{exercise}/letters", _CURSOR not in asked.given
        stood = {KNOWN_AT: print_instant(found.known_at)} if asked.known_at else {}
        some = Part(path, _GROUPS, "groups", asked.given).first_of(groups)
        content = {
            "exercise": exercise,
            "says": _says(exercise, found, len({n for each in back for n in each.staff_numbers})),
            "groups": [
                {
                    "group": each.group,
                    "people": f"{each.people:,}, of {each.transferor}",
                    "letters": _when(each.sent_on, each.letters_on),
                    "address": _address(path, {"group": each.group} | stood),
                }
                for each in some.items
            ],
            "some_groups": some,
            "contents": _contents(found.items),
            "rows": [_line(each, exercise) for each in found.items],
            "filters": _filters([each.group for each in groups], wanted),
            "filtered": bool(wanted),
            "file_address": _address(f"{path}.{Files.CSV}", wanted | stood),
            "papers_address": _address(f"{path}.{Files.ZIP}", wanted | stood),
            "known_at": found.known_at if asked.known_at else None,
            "now_address": _address(path, wanted),
            "all_address": _address(path, stood),
            "first_address": None if begins else _address(path, wanted | stood),
            "next_address": None
            if found.next_cursor is None
            else _address(
                path,
                {**wanted, KNOWN_AT: print_instant(found.known_at), _CURSOR: found.next_cursor},
            ),
        }
        page = pages.draw(request, "transfer/office/letters.html", content)
        pages.note(request, caller, READERS, people_shown(found), known_at=found.known_at)
        return page

    @router.get("/exercises/{exercise}/letters.{form}", dependencies=[Depends(reader), up_to])
    def send_file(
        request: Request, caller: Annotated[Caller, Depends(reader)], exercise: str, form: Files
    ) -> Response:
        """Send the merge file, a row for each letter; or each letter on paper, a PDF each."""
        asked = read_asked(request.query_params, *_FILTERS)
        wanted = {name: asked.given[name] for name in _FILTERS if name in asked.given}
        with looking_at(pages, asked, NAMES) as (_conn, looking):
            known_at = looking.known_at
        rows = rows_of_letters(
            looking, service.reading, exercise, group=wanted.get("group"), state=_state(wanted)
        )
        reading, file = _reading(request, caller), f"letters-of-{exercise}"
        if form is Files.ZIP:
            return all_on_paper(reading, rows, file=file, known_at=known_at)
        return export(reading, Form.CSV, LetterRow, rows, file=file, known_at=known_at)

    @router.get(
        "/exercises/{exercise}/letters/{staff_number}", dependencies=[Depends(reader), up_to]
    )
    def send_letter(
        request: Request,
        caller: Annotated[Caller, Depends(reader)],
        exercise: str,
        staff_number: str,
    ) -> Response:
        """Send one letter on paper."""
        asked = read_asked(request.query_params)
        with looking_at(pages, asked, NAMES) as (conn, looking):
            row = letter_to(looking, conn, exercise, service.office.spelled(staff_number))
        return on_paper(_reading(request, caller), row, looking.known_at)

    def _reading(request: Request, caller: Caller) -> Reading:
        by = reader_of(request, caller, frozenset(READERS))
        grant = getattr(request.state, "grant", None)
        return Reading(service, caller, reader.reach, by, grant)

    return router


def _state(wanted: Mapping[str, str]) -> LetterState | None:
    try:
        return LetterState(wanted["state"]) if "state" in wanted else None
    except ValueError:
        raise Malformed("choose one of the list", field="state") from None


def _says(exercise: str, found: LettersOfExercise, back: int) -> str:
    """What the page shows, in one sentence."""
    number = len(found.items)
    if not number:
        return f"No letters of {exercise}."
    lack = sum(bool(each.missing) for each in found.items)
    shown = "1 letter" if number == 1 else f"{number} letters"
    lacking = f"{lack or 'none'} of them {'lacks' if lack == 1 else 'lack'} something on the record"
    came_back = f"; {back} in the exercise came back and {'is' if back == 1 else 'are'} to go again"
    return f"{shown} of {exercise} here, {lacking}{came_back if back else ''}."


def _when(sent: date | None, planned: date | None) -> str:
    if sent is not None:
        return f"went out on {day_text(sent)}"
    return "no day yet" if planned is None else f"planned for {day_text(planned)}"


def _contents(rows: Sequence[LetterRow]) -> list[dict[str, object]]:
    """What the letters on the page have to say, each kind of letter once."""
    kinds = {(each.letters, each.clause, each.contents) for each in rows}
    return [
        {"title": " and ".join(letters), "clause": clause, "contents": contents}
        for letters, clause, contents in sorted(kinds, key=str)
    ]


def _line(row: LetterRow, exercise: str) -> dict[str, object]:
    day = row.sent_again_on or row.returned_on or row.sent_on or row.goes_out_on
    planned = row.state is LetterState.TO_SEND and day is not None
    return {
        "number": row.staff_number,
        "name": row.name,
        "group": row.group,
        "goes_to": row.destination_name or "not decided",
        "why": row.route_title,
        "state": _STATES[row.state],
        "is_back": row.state is LetterState.RETURNED,
        "day": None if day is None else f"{'planned for ' if planned else ''}{day_text(day)}",
        "answers": ", ".join(row.answers),
        "last_days": [
            f"{what}: {'no day' if last is None else day_text(last)}"
            for what, last in row.last_days.items()
        ],
        "missing": row.missing,
        "paper": f"/exercises/{exercise}/letters/{row.staff_number}",
    }


def _filters(groups: Sequence[str], wanted: Mapping[str, str]) -> list[dict[str, object]]:
    offered = {
        "group": ("Group", {each: each for each in groups}),
        "state": ("Letter", {str(state): text for state, text in _STATES.items()}),
    }
    return [
        {
            "name": name,
            "label": label,
            "items": [
                {"value": "", "text": "Any"},
                *(
                    {"value": value, "text": text, "selected": wanted.get(name) == value}
                    for value, text in of.items()
                ),
            ],
        }
        for name, (label, of) in offered.items()
    ]


def _address(path: str, asked: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(asked)}" if asked else path

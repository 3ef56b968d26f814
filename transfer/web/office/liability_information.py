"""/exercises/{id}/liability-information: is it complete, by when is it due, what has changed?"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response

from transfer.access.identity import Caller
from transfer.api.exports import export
from transfer.api.http_service import Reading, reader_of
from transfer.api.reach import is_limited_to_some, within_limits
from transfer.core.dating.calendars import end_of_day_london, in_london
from transfer.core.dating.instants import print_instant
from transfer.core.refusals import Malformed
from transfer.procedures.liability_information.edition import DOCUMENT
from transfer.questions.answer import people_shown
from transfer.questions.documents import titles
from transfer.questions.liability import (
    Becomes,
    DatumCounted,
    Duty,
    ItemCounted,
    Listed,
    PersonsInformation,
    SendBy,
)
from transfer.questions.liability_information import (
    SEEN_BY,
    AsAt,
    LiabilityOfExercise,
    LiabilityRow,
    Reached,
    liability_information,
    rows_of_liability_information,
)
from transfer.questions.table import Form
from transfer.web.frame.asking import DayTyped, day_inputs, parts_of, read_day_typed
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.wording import day_text
from transfer.web.office.looking import KNOWN_AT, READERS, looking_at, read_asked
from transfer.web.office.looking import NAMES as OF_EXERCISES
from transfer.web.office.looking import Asked as AsKnown
from transfer.web.office.wording import people_text
from transfer.web.pictures.drawing import due_text

NAMES = tuple(dict.fromkeys((*OF_EXERCISES, *SEEN_BY)))
ON_A_PAGE = 50

_AS_AT, _SINCE, _SHOW, _CURSOR = "effective_at", "since", "show", "cursor"
_LABELS: Final = {_AS_AT: "As at", _SINCE: "Changed since"}
_CHOICES = {
    Listed.LACKING: "Lacking something",
    Listed.CHANGED: "Changed",
    Listed.ALL: "Everybody",
}
_SHOWN = {
    Listed.LACKING: "People of whom the record lacks something",
    Listed.CHANGED: "People of whom something has changed",
    Listed.ALL: "Everybody",
}
_BECAME = {
    Becomes.JOINED: "Now in the information",
    Becomes.GONE: "No longer in the information",
    Becomes.CHANGED: "Changed",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page was asked: the day described, since when changes are shown, and of whom."""

    known_at: datetime | None
    as_at: DayTyped
    since: DayTyped
    show: Listed
    cursor: str | None

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong with the days, by the input that an error leads to."""
        days = {_AS_AT: self.as_at, _SINCE: self.since}
        return {f"{name}-day": day.wrong for name, day in days.items() if day.wrong is not None}

    def judged(self, today: date) -> "Asked":
        """The same; without an earlier day that is not before today, and with what is wrong."""
        day = self.since.day
        if day is None or day < today:
            return self
        wrong = f"{_LABELS[_SINCE]} must be a day before {day_text(today)}"
        return replace(self, since=replace(self.since, day=None, wrong=wrong))

    def address(self, path: str, **instead: str | None) -> str:
        """The address of the same question, with something else in place of what was asked."""
        asked = {
            _AS_AT: self.as_at.day and self.as_at.day.isoformat(),
            _SINCE: self.since.day and self.since.day.isoformat(),
            _SHOW: self.show.value,
            KNOWN_AT: self.known_at and print_instant(self.known_at),
        } | instead
        given = {name: text for name, text in asked.items() if text}
        return f"{path}?{urlencode(given)}" if given else path


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    router = APIRouter(route_class=pages.route_class(), include_in_schema=False)
    service = pages.service
    reader = pages.signed_in(*READERS, within_limits=True)
    up_to = Depends(service.up_to(*NAMES))
    address = "/exercises/{exercise}/liability-information"

    @router.get(address, dependencies=[Depends(reader), up_to])
    def show_liability_information(
        request: Request, caller: Annotated[Caller, Depends(reader)], exercise: str
    ) -> Response:
        """Say whether it is complete and by when it is due; items, flows, then a page of people."""
        path = f"/exercises/{exercise}/liability-information"
        asked = _read(request.query_params)
        if (asked.as_at.in_parts or asked.since.in_parts) and not asked.errors:
            return redirect(asked.address(path))
        with looking_at(pages, AsKnown({}, asked.known_at), NAMES) as (conn, looking):
            asked = asked.judged(looking.today)
            found = liability_information(
                looking,
                conn,
                exercise,
                effective_at=asked.as_at.day,
                since=_earlier(asked.since.day),
                listed=asked.show,
                reached=_reached(caller),
                limit=ON_A_PAGE,
                cursor=asked.cursor,
            )
            today = looking.today
        known = print_instant(found.known_at)
        content = {
            "exercise": exercise,
            "found": found,
            "says": _says(found, today),
            "begins": asked.cursor is None,
            "errors": asked.errors,
            "labels": _LABELS,
            "parts": {
                _AS_AT: asked.as_at.parts if asked.as_at.wrong else parts_of(found.effective_at),
                _SINCE: asked.since.parts,
            },
            "title_of": titles(service.office.log, found.known_at),
            "wrong": {_AS_AT: asked.as_at.wrong, _SINCE: asked.since.wrong},
            "days": [_day(each, today) for each in found.send_by],
            "clauses": {
                each.clause: each.clause_says for each in found.send_by if each.clause_says
            },
            "fresh": _fresh(found),
            "items": [_item(each) for each in found.counts.items] if found.counts else [],
            "others": _others(found),
            "since": _since(found),
            "people": [_line(each) for each in found.items],
            "show": {each.value: text for each, text in _CHOICES.items()},
            "shown": asked.show.value,
            "shown_as": _SHOWN[asked.show],
            "known_at": found.known_at if asked.known_at else None,
            "now_address": asked.address(path, known_at=None),
            "file_address": asked.address(f"{path}.{Form.CSV}", since=None, show=None),
            "first_address": None if asked.cursor is None else asked.address(path),
            "next_address": None
            if found.next_cursor is None
            else asked.address(path, **{KNOWN_AT: known, _CURSOR: found.next_cursor}),
        }
        status = 422 if asked.errors else 200
        page = pages.draw(request, "transfer/office/liability_information.html", content, status)
        pages.note(
            request,
            caller,
            READERS,
            people_shown(found),
            effective_at=found.effective_at,
            known_at=found.known_at,
        )
        return page

    @router.get(f"{address}.csv", dependencies=[Depends(reader), up_to])
    def send_liability_information(
        request: Request, caller: Annotated[Caller, Depends(reader)], exercise: str
    ) -> Response:
        """Send everything about everybody, a row for each value."""
        asked = read_asked(request.query_params, _AS_AT)
        typed = read_day_typed(asked.given, _AS_AT, _LABELS[_AS_AT])
        with looking_at(pages, asked, NAMES) as (_conn, looking):
            known_at = looking.known_at
        as_at, rows = rows_of_liability_information(
            looking,
            service.reading,
            exercise,
            effective_at=typed.day,
            reached=_reached(caller),
        )
        by = reader_of(request, caller, frozenset(READERS))
        grant = getattr(request.state, "grant", None)
        return export(
            Reading(service, caller, reader.reach, by, grant),
            Form.CSV,
            LiabilityRow,
            rows,
            file=f"liability-information-of-{exercise}-as-at-{as_at}",
            known_at=known_at,
            effective_at=as_at,
        )

    def _reached(caller: Caller) -> Reached | None:
        if not is_limited_to_some(caller, reader.reach):
            return None
        return partial(within_limits, service, caller)

    return router


# --- asking -------------------------------------------------------------------------------------


def _read(query: Mapping[str, str]) -> Asked:
    """What an address asks. Raises `Malformed` for a parameter that the page does not have, or for
    an address whose day is none."""
    inputs = (each for name in _LABELS for each in day_inputs(name))
    read = read_asked(query, _AS_AT, _SINCE, _SHOW, _CURSOR, *inputs)
    try:
        show = Listed(read.given.get(_SHOW, Listed.LACKING))
    except ValueError:
        raise Malformed("choose one of the list", field=_SHOW) from None
    return Asked(
        known_at=read.known_at,
        as_at=read_day_typed(query, _AS_AT, _LABELS[_AS_AT]),
        since=read_day_typed(query, _SINCE, _LABELS[_SINCE]),
        show=show,
        cursor=read.given.get(_CURSOR),
    )


def _earlier(since: date | None) -> AsAt | None:
    """The information of that day, as it was known at its end."""
    return None if since is None else AsAt(end_of_day_london(since), since)


# --- words --------------------------------------------------------------------------------------


def _says(found: LiabilityOfExercise, today: date) -> str:
    """Whether it is complete and by when it is due, in one sentence."""
    if found.duty is Duty.NOT_TUPE:
        return (
            f"The rules of {found.exercise}, {found.edition}, say nothing about liability "
            f"information: in law the move is no transfer under TUPE (clause {found.clause})."
        )
    if found.duty is Duty.UNSAID:
        return (
            f"The rules of {found.exercise}, {found.edition}, say nothing about liability "
            f"information, though TUPE applies (clause {found.clause}): an edition that lists the "
            "items of its regulation 11 is needed."
        )
    about = f"The liability information of {found.exercise} as at {day_text(found.effective_at)}"
    counts = found.counts
    if counts is None:
        return f"{about}: more people."
    if not counts.people:
        complete = "is about nobody: no old employer employs anybody who moves"
    elif counts.complete == counts.people:
        complete = f"is complete for all {people_text(counts.people)}"
    else:
        complete = f"is complete for {counts.complete:,} of {people_text(counts.people)}"
    first = min(found.send_by, key=lambda each: each.last_day or date.max, default=None)
    if first is None or first.last_day is None:
        return f"{about} {complete}; no day of transfer is on record, so it has no last day."
    due = f"{day_text(first.last_day)} ({due_text(first.last_day, today)})"
    must = "must be given by" if first.last_day >= today else "was to be given by"
    return f"{about} {complete}; it {must} the end of {due}."


def _day(each: SendBy, today: date) -> dict[str, object]:
    def text(day: date | None) -> str:
        return "no day" if day is None else day_text(day)

    return {
        "whose": ", ".join(each.transferors) or "everybody",
        "transfer": text(each.transfer_on),
        "last_day": text(each.last_day),
        "due": due_text(each.last_day, today) if each.last_day else None,
        "safe": text(each.safe_last_day),
        "from": text(each.as_at_from),
        "clause": each.clause,
    }


def _fresh(found: LiabilityOfExercise) -> str | None:
    """Until when information as at the day may be given, and whether that reaches the last day."""
    if found.given_until is None:
        return None
    said = (
        f"Information as at {day_text(found.effective_at)} may be given until "
        f"{day_text(found.given_until)} (clause {found.as_at_clause})"
    )
    late = [each.last_day for each in found.send_by if each.last_day is not None]
    if late and found.given_until < min(late):
        earliest = [each.as_at_from for each in found.send_by if each.as_at_from is not None]
        return f"{said}; on the last day it has to be as at {day_text(min(earliest))} or later."
    return f"{said}."


def _item(item: ItemCounted) -> dict[str, object]:
    return {
        "title": item.title,
        "text": item.text,
        "clause": item.clause,
        "held": f"{item.held:,} of {item.of:,}",
        "is_complete": not item.missing and all(not each.document_needed for each in item.data),
        "data": [_datum(each) for each in item.data],
    }


def _datum(datum: DatumCounted) -> dict[str, object]:
    if datum.document is not None:
        return {"title": datum.title, "says": "in a document", "document": datum.document}
    if datum.document_needed is None:
        return {"title": datum.title, "says": "held for all"}
    if datum.supplied_by == DOCUMENT:
        says = "no document on file"
    else:
        says = f"missing for {people_text(datum.missing)}"
    return {"title": datum.title, "says": says, "needed": datum.document_needed}


def _others(found: LiabilityOfExercise) -> str | None:
    """Who moves and is not employed on the day."""
    number = found.counts.others if found.counts else 0
    if not number:
        return None
    return (
        f"{people_text(number)} who {'moves' if number == 1 else 'move'} "
        f"{'is' if number == 1 else 'are'} not employed on {day_text(found.effective_at)}, and "
        f"{'is' if number == 1 else 'are'} not counted."
    )


def _since(found: LiabilityOfExercise) -> str | None:
    """What has changed since the earlier day, in one sentence."""
    if found.since_known_at is None or found.counts is None:
        return None
    counted = found.counts.since
    parts = [
        f"{counted[Becomes.CHANGED]:,} changed",
        f"{counted[Becomes.JOINED]:,} came into the information",
        f"{counted[Becomes.GONE]:,} went out of it",
    ]
    filed = ", ".join(found.documents_since)
    documents = f" Documents filed since: {filed}." if filed else ""
    on = day_text(in_london(found.since_known_at - timedelta(microseconds=1)).date())
    return f"Since the end of {on}: {', '.join(parts)}.{documents}"


def _line(person: PersonsInformation) -> dict[str, object]:
    return {
        "number": person.staff_number,
        "name": person.name,
        "from": person.transferor or "no old employer",
        "to": person.transferee_name or "not decided",
        "is_employed": person.is_employed,
        "lacking": [
            {"title": each.title, "needed": each.document_needed}
            for each in person.data
            if not each.held and each.supplied_by != DOCUMENT
        ],
        "became": _BECAME[person.since] if person.since else None,
        "changes": [
            f"{each.title}: {', '.join(each.was) or 'no value'} → "
            f"{', '.join(each.now) or 'no value'}"
            for each in person.changes
        ],
    }

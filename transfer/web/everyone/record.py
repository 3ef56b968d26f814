"""/staff/{no}: one person's position and terms on a day, as known at an instant, and why.

Beneath stand what reads differently from another knowledge time, the picture of the two clocks for
one facet with its table, and the entries of the record.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup

from projections.keeping_up.runner import resolve_known_at
from projections.links_and_objections import projection as links_and_objections
from projections.position.queries import PositionAt, position_at
from transfer.access.identity import Caller, Role
from transfer.api.http_service import REPRESENTED, known_number, reader_of
from transfer.core.dating.effective_dating import Entry, Kind, Piece
from transfer.core.dating.rectangles import Rectangle, keys_of, rectangles
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import staff_stream
from transfer.core.words import MAIN, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.questions import why
from transfer.questions.differences import Difference, differences_on
from transfer.questions.documents import titles
from transfer.questions.history import HistoryItem, history_of
from transfer.questions.links_and_objections import LinksAndObjectionsShown
from transfer.questions.names import field_of_name, name_given_by
from transfer.questions.not_yet_recorded import NotYetRecorded, not_yet_recorded
from transfer.questions.position import SEEN_BY
from transfer.web.everyone.two_clocks import draw
from transfer.web.everyone.why import (
    Attribution,
    Events,
    ExplainedPosition,
    ObjectionLine,
    items_of,
)
from transfer.web.frame.asking import PageAsked, address, picture_of, read_asked
from transfer.web.frame.pages import Pages
from transfer.web.frame.wording import (
    days_text,
    facet_text,
    fact_text,
    knowledge_text,
)

_SHOWN_ELSEWHERE = frozenset(
    {"effective_from", "effective_to", "of", "reason", "staff_number"}
    # By these the words of an objection, or a name, can be proved; to read, they are noise.
    | {"statement_commitment", "reason_commitment", "commitment"}
)


@dataclass(frozen=True, slots=True)
class Area:
    """A line of the picture's table. `here`: it answers the day and instant that were asked."""

    value: str
    days: str
    known: str
    entry: Attribution | None
    correction: Attribution | None
    corrected_away: bool
    here: bool


@dataclass(frozen=True, slots=True)
class CauseLine:
    """What brought a difference about: the event, what it replaced, and by what."""

    event: Attribution | None
    acts_upon: Attribution | None
    annuls: bool
    replaced: str
    replaced_by: str
    clause: str
    document: str


@dataclass(frozen=True, slots=True)
class Differs:
    """One facet or term that reads differently."""

    name: str
    assignment: str | None
    before: str
    after: str
    changed: tuple[str, ...]
    causes: tuple[CauseLine, ...]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry of the record; `says` lists what it states, e.g. `Band: 4`.

    `is_later`: it was recorded after the knowledge time that was asked about.
    """

    item: HistoryItem
    what: str
    says: tuple[str, ...]
    in_force: str
    acts_upon: Attribution | None
    became_of_it: tuple[str, Attribution] | None
    is_later: bool
    objections: tuple[ObjectionLine, ...]


class RecordRead:
    """One person's record, read once for a page."""

    def __init__(self, pages: Pages, staff_number: str, asked: PageAsked) -> None:
        self._desk = pages.service
        self._log = pages.service.office.log
        self._known = known = pages.service.office.known
        self.number = staff_number
        self.asked = asked
        self.effective_at = asked.effective_at or self._desk.today()
        with self._desk.reading() as conn:
            self.known_at = resolve_known_at(conn, SEEN_BY, asked.known_at)
            self.compared_with = resolve_known_at(conn, SEEN_BY, asked.compared_with)
            beside = links_and_objections.links_and_objections(conn, staff_number, self.known_at)
        # After the instant is known, so that nothing is missing that it includes.
        self.events: list[Recorded[Fact]] = self._log.read(staff_stream(staff_number))
        if not self.events:
            raise NotOnRecord(f"{staff_number} is not on record: check the staff number.")
        self.beside = LinksAndObjectionsShown.of(self._desk.office.vault, staff_number, beside)
        self._personal = self._desk.office.vault.get(staff_number)
        self.name = (self._personal or {}).get(field_of_name(beside.names, self.effective_at))
        self.told = Events(self._log, history_of(self.events, known), self.beside)
        entries = (known.entry_of(e.event_id, e.recorded_at, e.fact) for e in self.events)
        self.entries: tuple[Entry, ...] = tuple(each for each in entries if each is not None)

    def position(self) -> PositionAt:
        """The answer itself. Raises `NotOnRecord`."""
        with self._desk.reading() as conn:
            return position_at(
                conn, self.number, self.effective_at, self.known_at, self.asked.assignment
            )

    def not_yet_recorded(self) -> tuple[NotYetRecorded, ...]:
        """What the law makes of that day, and waits for approval."""
        with self._desk.reading() as conn:
            return not_yet_recorded(
                conn, self._known, self.number, self.effective_at, self.known_at
            )

    def answer(self, found: PositionAt) -> ExplainedPosition:
        """What is found, with the reasons for it."""
        reasons = why.Reasons(self._log, self.number, self.known_at, items_of(found))
        return ExplainedPosition(self.told, reasons, found)

    def areas(self) -> tuple[Rectangle, ...]:
        """The areas of the picture: all that the record has ever said of its facet or term."""
        return rectangles(self.entries, self.asked.key)

    def differences(self) -> tuple[datetime, datetime, tuple[Differs, ...]]:
        """The two knowledge times, the earlier first, and what reads differently."""
        earlier, later = sorted((self.known_at, self.compared_with))
        found = differences_on(self._log, self.number, self.effective_at, earlier, later)
        return earlier, later, tuple(map(self._differs, found.items))

    def assignments(self) -> list[str]:
        """Every assignment that the record has ever named."""
        named = {key.assignment for key in keys_of(self.entries) if key.kind is Kind.FACET}
        return sorted(named | {MAIN}, key=lambda name: (name != MAIN, name))

    def pictures(self) -> list[tuple[str, str]]:
        """What a picture can be drawn of: every facet, and the person's own terms."""
        terms = [key for key in keys_of(self.entries) if key.kind is Kind.TERM]
        return [
            *((facet.value, facet_text(facet)) for facet in Facet),
            *((picture_of(key), f"Term: {facet_text(key.name)}") for key in terms),
        ]

    def history(self) -> tuple[EntryLine, ...]:
        """Every entry, the last recorded first."""
        facts = {event.event_id: event.fact for event in self.events}
        items = reversed(history_of(self.events, self._known))
        return tuple(self._entered(item, facts[item.event_id]) for item in items)

    def _entered(self, item: HistoryItem, fact: Fact) -> EntryLine:
        became = None
        for words, event_id in (
            ("annulled by", item.annulled_by),
            ("corrected by", item.corrected_by),
        ):
            event = None if event_id is None else self.told.event(event_id)
            if event is not None:
                became = (words, event)
                break
        name = name_given_by(self._personal, item.event_id, fact)
        return EntryLine(
            item,
            fact_text(item.type),
            (
                *(() if name is None else (f"Name: {name}",)),
                *_says(item, self._known.pieces_of(fact)),
            ),
            ""
            if item.effective_from is None
            else days_text(item.effective_from, item.effective_to),
            None if item.of is None else self.told.event(item.of),
            became,
            item.recorded_at > self.known_at,
            self.told.objections(item.event_id),
        )

    def _differs(self, found: Difference) -> Differs:
        return Differs(
            facet_text(found.item.name),
            found.item.assignment if found.item.assignment != MAIN else None,
            _told(found.before.value if found.before else None),
            _told(found.after.value if found.after else None),
            tuple(each.value for each in found.changed),
            tuple(
                CauseLine(
                    self.told.event(cause.event_id),
                    self.told.event(upon) if (upon := cause.corrects or cause.annuls) else None,
                    cause.annuls is not None,
                    _told(cause.replaced.value if cause.replaced else None),
                    _told(cause.replaced_by.value if cause.replaced_by else None),
                    _clause(cause.basis.rulebook, cause.basis.clause) if cause.basis else "",
                    (cause.basis.document or "") if cause.basis else "",
                )
                for cause in found.causes
            ),
        )


def routes(pages: Pages) -> APIRouter:
    """The routes of this page."""
    reader = Depends(pages.signed_in(Role.ADMIN, Role.AUDIT, own_record=True, granted=REPRESENTED))
    router = APIRouter(
        route_class=pages.route_class(),
        dependencies=[
            reader,
            Depends(pages.service.up_to(*SEEN_BY)),
        ],
        include_in_schema=False,
    )

    @router.get("/staff/{staff_number}")
    def show(request: Request, caller: Annotated[Caller, reader], staff_number: str) -> Response:
        """One person's record, as asked."""
        asked = read_asked(request.query_params)
        read = RecordRead(pages, known_number(staff_number), asked)
        page = _draw(pages, request, read, bool(caller.roles & {Role.ADMIN, Role.AUDIT}))
        if page.status_code == HTTPStatus.OK:
            pages.service.register.note(
                reader_of(request, caller, frozenset({Role.ADMIN, Role.AUDIT})),
                [read.number],
                # Beneath the day that was asked about stands the whole history.
                effective_at=None,
                known_at=read.known_at,
            )
        return page

    return router


def _draw(pages: Pages, request: Request, reading: RecordRead, reaches_all: bool) -> Response:
    asked = reading.asked
    shown: dict[str, object] = {
        "reaches_all": reaches_all,
        "staff_number": reading.number,
        "asked": asked,
        "title_of": titles(pages.service.office.log, reading.known_at),
        "errors": [
            {"text": text, "href": f"#{name.replace('_', '-')}"}
            for name, text in asked.errors.items()
        ],
        "effective_at": reading.effective_at,
        "pictures": [
            {"value": value, "text": text, "selected": value == asked.picture}
            for value, text in reading.pictures()
        ],
        "assignments": [
            {"value": name, "text": name, "selected": name == asked.assignment}
            for name in reading.assignments()
        ],
        "first_known": reading.events[0].recorded_at,
        "now_address": address(reading.number, asked, known_at=None),
    }
    shown |= {"answer": None, "unknown_at": None}
    if asked.errors:
        return pages.draw(request, "transfer/everyone/record.html", shown, 422)
    try:
        found = reading.position()
    except NotOnRecord:
        # The person is on record now and was not then: that is an answer, with the way out of it.
        shown["unknown_at"] = reading.known_at
        return pages.draw(request, "transfer/everyone/record.html", shown, 404)
    shown["answer"] = _answer(reading, found)
    return pages.draw(request, "transfer/everyone/record.html", shown)


def _answer(reading: RecordRead, found: PositionAt) -> dict[str, object]:
    asked, answer = reading.asked, reading.answer(found)
    areas = reading.areas()
    compared = reading.compared_with if asked.compares else None
    name = facet_text(asked.key.name)
    return {
        "known_at": reading.known_at,
        "name": reading.name,
        "permanent": address(
            reading.number, asked, effective_at=reading.effective_at, known_at=reading.known_at
        ),
        "position": answer.position(),
        "terms": answer.terms(),
        "linked": [(link, address(link.staff_number, asked)) for link in reading.beside.linked],
        "not_yet_recorded": reading.not_yet_recorded(),
        "assumptions": _assumptions(found),
        "picture_name": name,
        "picture": Markup(  # noqa: S704 - drawn here, every text in it escaped
            draw(
                areas,
                reading.effective_at,
                reading.known_at,
                title=f"{name} of {reading.number} on the two clocks",
                compared_with=compared,
            )
        ),
        "areas": _areas(areas, reading),
        "differences": reading.differences() if compared is not None else None,
        "history": reading.history(),
        "later_entries": any(each.recorded_at > reading.known_at for each in reading.events),
    }


def _areas(areas: Sequence[Rectangle], reading: RecordRead) -> list[Area]:
    return [
        Area(
            area.value,
            days_text(area.effective_from, area.effective_to),
            knowledge_text(area.recorded_from, area.recorded_to),
            reading.told.event(area.event_id),
            None if area.corrected_by is None else reading.told.event(area.corrected_by),
            area.corrected_away,
            area.covers(reading.effective_at, reading.known_at),
        )
        for area in areas
    ]


def _assumptions(found: PositionAt) -> list[str]:
    bases = [held.basis for held in found.position.values()]
    bases += [term.held.basis for term in found.terms]
    return sorted({each for basis in bases if basis for each in basis.assumptions})


def _says(item: HistoryItem, pieces: Iterable[Piece]) -> tuple[str, ...]:
    """What an entry states: its sentence and dated values, or else whatever it holds that is a text
    or a number."""
    stated = [(piece.key.name, _told(piece.value)) for piece in pieces]
    if item.sentence is not None:
        return item.sentence, *(f"{facet_text(name)}: {value}" for name, value in stated)
    held = [
        (name, str(value))
        for name, value in item.fact.items()
        if name not in _SHOWN_ELSEWHERE
        and isinstance(value, str | int | float)
        and not isinstance(value, bool)
    ]
    return tuple(f"{facet_text(name)}: {value}" for name, value in stated or held)


def _told(value: str | None) -> str:
    return "no value" if value is None else value


def _clause(*parts: str | None) -> str:
    return " ".join(filter(None, parts))

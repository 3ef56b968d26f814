"""/staff/{no}: one person's record on a day, as known at an instant, and why; a tab a question.

/staff/{no}           the position on the day
/staff/{no}/history   every entry, the newest first, a page at a time; `.pdf` and `.json`: all of
                      them, as a file
/staff/{no}/terms     the terms on the day
/staff/{no}/compare   what reads differently on another day, or from another knowledge time
/staff/{no}/contested what each side asserts of what is contested, side by side
/staff/{no}/explain   the picture of the two clocks for one facet or term, with its table
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from markupsafe import Markup

from projections.keeping_up.runner import resolve_known_at
from projections.links_and_objections import projection as links_and_objections
from projections.position.queries import PositionAt, position_at
from transfer.access.identity import Caller, Role
from transfer.api.http_service import REPRESENTED, known_number
from transfer.api.resources.history import on_paper
from transfer.core.dating.effective_dating import Entry, Kind, Piece
from transfer.core.dating.rectangles import Rectangle, keys_of, nearest, rectangles
from transfer.core.refusals import Malformed, NotOnRecord
from transfer.core.streams import staff_stream
from transfer.core.words import MAIN, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.questions import why
from transfer.questions.answer import Asserted, RestsOn
from transfer.questions.asserted import (
    ContestedOf,
    KeptContests,
    asserted_by,
    contested_of,
    status_says,
)
from transfer.questions.differences import Difference, differences_on
from transfer.questions.documents import titles
from transfer.questions.history import HistoryItem, full_history, history_of
from transfer.questions.links_and_objections import LinksAndObjectionsShown
from transfer.questions.names import field_of_name, name_given_by
from transfer.questions.not_yet_recorded import NotYetRecorded, not_yet_recorded
from transfer.questions.position import SEEN_BY
from transfer.web.everyone.lanes import lanes_of
from transfer.web.everyone.two_clocks import draw
from transfer.web.everyone.why import (
    Attribution,
    Events,
    ExplainedPosition,
    ObjectionLine,
    items_of,
)
from transfer.web.frame.asking import (
    DAYS,
    PageAsked,
    address,
    parts_of,
    picture_of,
    read_asked,
)
from transfer.web.frame.forms import summary_errors
from transfer.web.frame.pages import Pages, redirect
from transfer.web.frame.wording import (
    changed_text,
    day_text,
    days_text,
    facet_text,
    fact_text,
    knowledge_text,
    stood_text,
    value_text,
)
from transfer.web.pictures import lanes

MOST_CAUSES = 20
"""Causes of one difference that are shown, the last ones; the history has the others."""

ON_A_PAGE = 50
"""Entries of the history that one page shows."""

MOST_AREAS = 100
"""Areas that the picture of the two clocks shows, those nearest to what was asked."""

_TERM = "term"
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
    more_causes: int


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry of the record; `says` lists what it states, e.g. `Band: 4`;
    `changed` the values that it changed, as old → new with their days.
    """

    item: HistoryItem
    what: str
    says: tuple[str, ...]
    changed: tuple[str, ...]
    in_force: str
    acts_upon: Attribution | None
    became_of_it: tuple[str, Attribution] | None
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
        # Asked only where there is nothing: of most people there is something.
        vault = self._desk.office.vault
        erasure = vault.erasure_of(staff_number) if self._personal is None else None
        self.erased_at = erasure.at if erasure else None
        self.first_known = self.events[0].recorded_at
        self.told = Events(self._log, self.events, self.beside)
        entries = (known.entry_of(e.event_id, e.recorded_at, e.fact) for e in self.events)
        self.entries: tuple[Entry, ...] = tuple(each for each in entries if each is not None)

    @cached_property
    def _items(self) -> tuple[HistoryItem, ...]:
        """The history as it was known: what came later is not in it."""
        known_then = [each for each in self.events if each.recorded_at <= self.known_at]
        return history_of(known_then, self._known)

    @cached_property
    def asserted(self) -> Callable[[str], RestsOn | None]:
        """Tells about an assertion that something rests on, as it stood then."""
        return asserted_by(self._log, self.known_at, self.number)

    def contested(self) -> ContestedOf:
        """What is contested about the person, as it was known."""
        contests = self._desk.worlds.beside(KeptContests).matters(self._log)
        return contested_of(self._desk.office, contests, self.number, self.known_at)

    def position(self, on: date | None = None) -> PositionAt:
        """The answer itself, for the day that was asked or another. Raises `NotOnRecord`."""
        with self._desk.reading() as conn:
            return position_at(
                conn, self.number, on or self.effective_at, self.known_at, self.asked.assignment
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
        """A page of the entries, the last recorded first: from the one asked for, or the last."""
        facts = {event.event_id: event.fact for event in self.events}
        first = len(self._items) if self.asked.entry is None else self.asked.entry
        page = self._items[max(0, first - ON_A_PAGE) : first]
        return tuple(self._entered(item, facts[item.event_id]) for item in reversed(page))

    def to_correct(self) -> frozenset[UUID]:
        """The entries that may be corrected now: neither cancelled nor a cancellation."""
        entries = self._desk.office.person(self.number).record.entries
        return frozenset(
            event_id
            for event_id, each in entries.items()
            if not each.annulled and not each.is_annulment
        )

    @property
    def entries_known(self) -> int:
        """How many entries there were by the knowledge time."""
        return sum(each.recorded_at <= self.known_at for each in self.events)

    def _entered(self, item: HistoryItem, fact: Fact) -> EntryLine:
        became = None
        for words, event_id in (
            ("cancelled by", item.annulled_by),
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
                *_says(item, () if item.changed else self._known.pieces_of(fact)),
            ),
            tuple(changed_text(each) for each in item.changed),
            ""
            if item.effective_from is None
            else days_text(item.effective_from, item.effective_to),
            None if item.of is None else self.told.event(item.of),
            became,
            self.told.objections(item.event_id),
        )

    def _differs(self, found: Difference) -> Differs:
        return Differs(
            facet_text(found.item.name),
            found.item.assignment if found.item.assignment != MAIN else None,
            value_text(found.before.value if found.before else None),
            value_text(found.after.value if found.after else None),
            tuple(each.value for each in found.changed),
            tuple(
                CauseLine(
                    self.told.event(cause.event_id),
                    self.told.event(upon) if (upon := cause.corrects or cause.annuls) else None,
                    cause.annuls is not None,
                    value_text(cause.replaced.value if cause.replaced else None),
                    value_text(cause.replaced_by.value if cause.replaced_by else None),
                    _clause(cause.basis.rulebook, cause.basis.clause) if cause.basis else "",
                    (cause.basis.document or "") if cause.basis else "",
                )
                for cause in found.causes[-MOST_CAUSES:]
            ),
            max(0, len(found.causes) - MOST_CAUSES),
        )


class Tab(StrEnum):
    """The tabs of a person's page; the value is the end of its address."""

    POSITION = ""
    HISTORY = "history"
    TERMS = "terms"
    COMPARE = "compare"
    EXPLAIN = "explain"
    CONTESTED = "contested"


class Files(StrEnum):
    """How the history may be sent, as the address ends."""

    PDF = "pdf"
    JSON = "json"


_ASKS = {
    Tab.POSITION: ("effective_at", "known_at"),
    Tab.HISTORY: ("known_at",),
    Tab.TERMS: ("effective_at", "known_at"),
    Tab.COMPARE: ("effective_at", "known_at", "and_on", "compared_with"),
    Tab.EXPLAIN: ("effective_at", "known_at", "compared_with"),
    Tab.CONTESTED: ("known_at",),
}
"""The days that each tab asks."""

_FILES = {Files.PDF: "On paper (PDF)", Files.JSON: "As data (JSON)"}

_KEPT = ("effective_at", "known_at", "assignment")
"""What goes along from one tab to another."""


def routes(pages: Pages) -> APIRouter:
    """The routes of these pages."""
    reader = Depends(pages.signed_in(Role.ADMIN, Role.AUDIT, own_record=True, granted=REPRESENTED))
    router = APIRouter(
        route_class=pages.route_class(),
        dependencies=[
            reader,
            Depends(pages.service.up_to(*SEEN_BY)),
        ],
        include_in_schema=False,
    )

    def serve(tab: Tab) -> None:
        path = "/staff/{staff_number}" + (f"/{tab}" if tab else "")

        @router.get(path)
        def show(
            request: Request, caller: Annotated[Caller, reader], staff_number: str
        ) -> Response:
            """One person's record, as asked."""
            asked = read_asked(request.query_params)
            number = known_number(staff_number)
            if asked.in_parts and not asked.errors:
                return redirect(address(number, asked, tab))
            read = RecordRead(pages, number, asked)
            page = _draw(pages, request, read, tab, caller)
            if page.status_code == HTTPStatus.OK:
                pages.note(
                    request,
                    caller,
                    {Role.ADMIN, Role.AUDIT},
                    [read.number],
                    effective_at=read.effective_at if tab in (Tab.POSITION, Tab.TERMS) else None,
                    known_at=read.known_at,
                )
            return page

    for tab in Tab:
        serve(tab)

    @router.get("/staff/{staff_number}/history.{form}")
    def send_history(
        request: Request, caller: Annotated[Caller, reader], staff_number: str, form: Files
    ) -> Response:
        """Send every entry that was known then as a file: on paper, or as the API tells it."""
        asked = read_asked(request.query_params)
        for name, says in asked.errors.items():
            raise Malformed(says, field=name.partition("-")[0])
        service, number = pages.service, known_number(staff_number)
        known_at = service.known_by_the_log(asked)
        found = full_history(service.office.log, service.office.vault, number, known_at)
        if form is Files.PDF:
            answer = on_paper(service, found)
        else:
            file = f'attachment; filename="history-of-{number}.json"'
            answer = service.answer(found, headers={"Content-Disposition": file})
        pages.note(request, caller, {Role.ADMIN, Role.AUDIT}, [number], known_at=known_at)
        return answer

    return router


def _draw(
    pages: Pages, request: Request, reading: RecordRead, tab: Tab, caller: Caller
) -> Response:
    asked = reading.asked
    number = reading.number
    kept = {name: text for name in _KEPT if (text := asked.typed[name])}
    shown: dict[str, object] = {
        "reaches_all": bool(caller.roles & {Role.ADMIN, Role.AUDIT}),
        "may_act": Role.ADMIN in caller.roles,
        "to_correct": reading.to_correct()
        if tab is Tab.HISTORY and Role.ADMIN in caller.roles
        else frozenset(),
        "staff_number": number,
        "tab": tab,
        "tabs": [
            (each, f"/staff/{number}{'/' if each else ''}{each}", urlencode(kept)) for each in Tab
        ],
        "asked": asked,
        "asks": [
            (name, DAYS[name], _parts_shown(reading, name), _error_of(asked, name))
            for name in _ASKS[tab]
        ],
        "title_of": titles(pages.service.office.log, reading.known_at),
        "asserted": reading.asserted,
        "errors": summary_errors(asked.errors),
        "effective_at": reading.effective_at,
        "assignments": [
            {"value": name, "text": name, "selected": name == asked.assignment}
            for name in reading.assignments()
        ],
        "first_known": reading.first_known,
        "now_address": address(number, asked, tab, known_at=None),
        "answer": None,
        "unknown_at": None,
    }
    template = f"transfer/everyone/record_{tab or 'position'}.html"
    if tab is Tab.EXPLAIN:
        shown["pictures"] = [
            {"value": value, "text": text, "selected": value == asked.picture}
            for value, text in reading.pictures()
        ]
    if asked.errors:
        return pages.draw(request, template, shown, 422)
    try:
        found = reading.position()
    except NotOnRecord:
        # The person is on record now and was not then: that is an answer, with the way out of it.
        shown["unknown_at"] = reading.known_at
        return pages.draw(request, template, shown, 404)
    page = reading.history() if tab is Tab.HISTORY else ()
    on_page = {each.item.version for each in page}

    def entry_address(entry: int) -> str:
        if entry in on_page:
            return f"#entry-{entry}"
        # A comparison, and the picture, speak of entries that came later as well.
        then = None if entry > reading.entries_known else asked.typed["known_at"] or None
        there = address(number, asked, Tab.HISTORY, known_at=then, entry=str(entry))
        return f"{there}#entry-{entry}"

    shown["entry_address"] = entry_address
    shown["answer"] = _head(reading, found, pages.service.today()) | _ANSWERS[tab](
        reading, found, page
    )
    return pages.draw(request, template, shown)


def _parts_shown(reading: RecordRead, name: str) -> Mapping[str, str]:
    parts = reading.asked.parts[name]
    is_blank = name == "effective_at" and not any(parts.values())
    return parts_of(reading.effective_at) if is_blank else parts


def _error_of(asked: PageAsked, name: str) -> str | None:
    return next((asked.errors[each] for each in asked.errors if each.startswith(f"{name}-")), None)


def _head(reading: RecordRead, found: PositionAt, today: date) -> dict[str, object]:
    asked = reading.asked
    is_now = asked.known_at is None or asked.known_at > reading.known_at
    stood = "as the record stands now" if is_now else stood_text(reading.known_at)
    return {
        "known_at": reading.known_at,
        "stood": stood,
        "says": where_text(reading.number, found, stood, today),
        "name": reading.name,
        "erased_at": reading.erased_at,
        "linked": [(link, address(link.staff_number, asked)) for link in reading.beside.linked],
        "not_yet_recorded": reading.not_yet_recorded(),
        "permanent": address(
            reading.number, asked, effective_at=reading.effective_at, known_at=reading.known_at
        ),
    }


def _position(reading: RecordRead, found: PositionAt, _: Sequence[EntryLine]) -> dict[str, object]:
    return {
        "position": reading.answer(found).position(),
        "assumptions": _assumptions(found),
        "asserted": _asserted(reading, found),
    }


def _history(reading: RecordRead, _: PositionAt, page: Sequence[EntryLine]) -> dict[str, object]:
    known = reading.entries_known
    first = page[0].item.version if page else 0
    last = page[-1].item.version if page else 0

    def beginning(entry: int | None) -> str:
        text = None if entry is None else str(entry)
        return address(reading.number, reading.asked, Tab.HISTORY, entry=text)

    title = f"Entries about {reading.number}, and the days on which they are in force"
    drawn = lanes.draw(lanes_of(each.item for each in page), title=title)
    return {
        "history": page,
        "lanes": Markup(drawn.svg),  # noqa: S704 - drawn here, every text in it escaped
        "known": known,
        "first": first,
        "last": last,
        "older": beginning(last - 1) if last > 1 else None,
        "files": [
            (name, address(reading.number, reading.asked, f"{Tab.HISTORY}.{form}", entry=None))
            for form, name in _FILES.items()
        ],
        "newer": beginning(newer if (newer := first + ON_A_PAGE) < known else None)
        if page and first < known
        else None,
    }


def _terms(reading: RecordRead, found: PositionAt, _: Sequence[EntryLine]) -> dict[str, object]:
    return {
        "terms": reading.answer(found).terms(),
        "own_terms": [
            (facet_text(each.term), urlencode({"term": each.term}))
            for each in found.terms
            if each.exercise is None
        ],
        "assumptions": _assumptions(found),
        "asserted": _asserted(reading, found),
    }


def _contested(reading: RecordRead, _: PositionAt, __: Sequence[EntryLine]) -> dict[str, object]:
    found = reading.contested()
    still = sum(each.state == "contested" for each in found.items)
    return {
        "says": contested_text(reading.number, len(found.items), still),
        "contested": found.items,
        "resting": [
            (fact_text(each.act), day_text(each.happened_on), each.procedure, each.rests_on.says)
            for each in found.resting
        ],
        "stands": _stands,
    }


def _stands(shown: Asserted) -> str:
    said = status_says(shown)
    return said[:1].upper() + said[1:]


def contested_text(number: str, facts: int, still: int) -> str:
    """How much is contested about somebody, in a sentence."""
    if not facts:
        return f"Nothing is contested about {number}."
    if not still:
        return f"Nothing is contested about {number} any more."
    many = "One question is" if still == 1 else f"{still} questions are"
    return f"{many} contested about {number}: what each side says stands side by side."


def _compare(reading: RecordRead, found: PositionAt, _: Sequence[EntryLine]) -> dict[str, object]:
    asked = reading.asked
    other = None if asked.and_on is None else reading.position(asked.and_on)
    return {
        "and_on": asked.and_on,
        "between_days": None if other is None else _between_days(found, other),
        "differences": reading.differences() if asked.compares else None,
    }


def _between_days(found: PositionAt, other: PositionAt) -> list[tuple[str, str, str]]:
    """Each facet and term that has another value on the other day."""
    before, after = _values(found), _values(other)
    return [
        (name, value_text(before.get(name)), value_text(after.get(name)))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]


def _values(found: PositionAt) -> dict[str, str]:
    facets = {facet_text(f): found.position[f].value for f in Facet if f in found.position}
    return facets | {facet_text(each.term): each.held.value for each in found.terms}


def _explain(reading: RecordRead, _: PositionAt, __: Sequence[EntryLine]) -> dict[str, object]:
    everything = reading.areas()
    areas = nearest(everything, reading.effective_at, reading.known_at, MOST_AREAS)
    compared = reading.compared_with if reading.asked.compares else None
    name = facet_text(reading.asked.key.name)
    return {
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
        "areas_in_all": len(everything),
    }


_ANSWERS: Mapping[
    Tab, Callable[[RecordRead, PositionAt, Sequence[EntryLine]], dict[str, object]]
] = {
    Tab.POSITION: _position,
    Tab.HISTORY: _history,
    Tab.TERMS: _terms,
    Tab.COMPARE: _compare,
    Tab.EXPLAIN: _explain,
    Tab.CONTESTED: _contested,
}


def where_text(number: str, found: PositionAt, stood: str, today: date) -> str:
    """Where somebody works on a day, in one sentence that says how it is known."""
    on = found.effective_at
    begins = f"On {day_text(on)}, {stood},"
    held = {facet: each.value for facet, each in found.position.items()}
    employer = held.get(Facet.EMPLOYER)
    if employer is None:
        has = "nobody employs" if on >= today else "nobody employed"
        return f"{begins} {has} {number}{_job_named(found)}."
    works = "works" if on == today else "worked" if on < today else "is to work"
    said = f"{begins} {number} {works} for {employer}{_job_named(found)}"
    if unit := held.get(Facet.UNIT):
        said += f" in {unit}"
    if role := held.get(Facet.ROLE):
        said += f" as {'an' if role[:1].lower() in 'aeio' else 'a'} {role}"
    if band := held.get(Facet.BAND):
        said += f" on band {band}"
    return f"{said}."


def _job_named(found: PositionAt) -> str:
    return "" if found.assignment == MAIN else f" (in the job {found.assignment})"


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


def _asserted(reading: RecordRead, found: PositionAt) -> list[RestsOn]:
    """What one side asserts and a value rests on, each once, as it stood then."""
    bases = [held.basis for held in found.position.values()]
    bases += [term.held.basis for term in found.terms]
    refs = dict.fromkeys(ref for basis in bases if basis for ref in basis.assertions)
    return [told for ref in refs if (told := reading.asserted(ref)) is not None]


def _says(item: HistoryItem, pieces: Iterable[Piece]) -> tuple[str, ...]:
    """What an entry states: its sentence and dated values, or else whatever it holds that is a text
    or a number."""
    stated = [(piece.key.name, value_text(piece.value)) for piece in pieces]
    if item.sentence is not None:
        return item.sentence, *(f"{facet_text(name)}: {value}" for name, value in stated)
    held = [
        (name, facet_text(str(value)) if name == _TERM else str(value))
        for name, value in item.fact.items()
        if name not in _SHOWN_ELSEWHERE
        and isinstance(value, str | int | float)
        and not isinstance(value, bool)
    ]
    return tuple(f"{facet_text(name)}: {value_text(value)}" for name, value in stated or held)


def _clause(*parts: str | None) -> str:
    return " ".join(filter(None, parts))

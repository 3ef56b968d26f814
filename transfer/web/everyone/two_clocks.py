"""The picture of the two clocks: one facet's values over the days and over knowledge, as SVG.

Days in force run across, knowledge runs down: each band says what the record told between two
instants. A thick seam is a correction, a thin one something merely new. The point that was asked
about lies where its two lines cross.

The drawing needs no style sheet and no font of its own, so it may stand in a page under a strict
content security policy or in a file. Nothing is told by colour alone: every area has its value, or
the letter that the key under the picture explains. A table of the same areas belongs beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from transfer.core.dating.rectangles import Rectangle
from transfer.web.frame.scales import Scale, scale_of
from transfer.web.frame.wording import day_text, days_text, instant_text, knowledge_text
from transfer.web.pictures.drawing import (
    ASKED,
    CHARACTER,
    GREY,
    INK,
    SEAM,
    label,
    line,
    moved,
    place_of,
    place_of_instant,
    safe,
    svg,
)

WIDTH = 760
"""Of the drawing, in its own units; it is shown at whatever size there is."""

_LEFT, _RIGHT, _TOP = 172, 12, 76
_BAND, _LEAST_HEIGHT, _MOST_HEIGHT = 46, 150, 640
_LINE = 15
_TICK_APART, _DAY_TICK_APART = 15, 78
_KEY_LINE = 22
_LONGEST_KEY = 84

_FILLS = (
    "#bfdcf0",
    "#cfe8cf",
    "#fbe3b5",
    "#e6d3ec",
    "#f6cfc6",
    "#c9e9e6",
    "#e3e3e3",
    "#e9e5a8",
)
"""Tints on which the ink has a contrast of at least 12 to 1."""


@dataclass(frozen=True, slots=True)
class _Frame:
    """The drawn area: both scales, and which letter and tint each value has."""

    days: Scale
    known: Scale
    letters: dict[str, str]
    height: float

    def fill(self, value: str) -> str:
        return _FILLS[list(self.letters).index(value) % len(_FILLS)]

    def box(self, area: Rectangle) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of an area."""
        return (
            self.days.at(place_of(area.effective_from)),
            self.known.at(place_of_instant(area.recorded_from)),
            self.days.end
            if area.effective_to is None
            else self.days.at(place_of(area.effective_to)),
            self.known.end
            if area.recorded_to is None
            else self.known.at(place_of_instant(area.recorded_to)),
        )


def draw(
    rectangles: Sequence[Rectangle],
    effective_at: date,
    known_at: datetime,
    *,
    title: str,
    compared_with: datetime | None = None,
    name: str = "two-clocks",
) -> str:
    """The picture as one `<svg>` element; every text in it is escaped.

    `compared_with` is a second knowledge time, whose line is drawn as well. `name` begins the ids
    within the drawing: give each drawing of one page its own.
    """
    letters = _letters(rectangles)
    asked = [known_at] if compared_with is None else [known_at, compared_with]
    days = scale_of(
        [place_of(day) for day in _days(rectangles, effective_at)], _LEFT, WIDTH - _RIGHT, apart=34
    )
    instants = _instants(rectangles, asked)
    height = min(max(_BAND * len(instants), _LEAST_HEIGHT), _MOST_HEIGHT)
    known = scale_of([place_of_instant(each) for each in instants], _TOP, _TOP + height, apart=26)
    frame = _Frame(days, known, letters, height)
    bottom = _TOP + height
    total = bottom + 64 + _KEY_LINE * len(letters)
    parts = [
        f'<rect x="{_LEFT}" y="{_TOP}" width="{WIDTH - _RIGHT - _LEFT}" height="{height:g}" '
        'fill="#f8f8f8"/>',
        *(_area(frame, area) for area in rectangles),
        *_upright_edges(frame, rectangles),
        *_seams(frame, rectangles),
        f'<rect x="{_LEFT}" y="{_TOP}" width="{WIDTH - _RIGHT - _LEFT}" height="{height:g}" '
        f'fill="none" stroke="{GREY}"/>',
        *_asked_lines(frame, effective_at, known_at, compared_with),
        *(_area_label(frame, area) for area in rectangles),
        _asked_point(frame, effective_at, known_at),
        *_day_axis(frame, rectangles),
        *_knowledge_axis(frame, rectangles, asked),
        *_key(frame, rectangles, bottom + 50),
    ]
    description = _description(rectangles, effective_at, known_at)
    return svg(name, title, description, parts, height=total, width=WIDTH)


# --- what is there -----------------------------------------------------------------------------


def _letters(areas: Iterable[Rectangle]) -> dict[str, str]:
    values = list(dict.fromkeys(area.value for area in areas))
    return {value: _letter(n) for n, value in enumerate(values)}


def _letter(n: int) -> str:
    """A to Z, then A1 to Z1 and so on."""
    return chr(ord("A") + n % 26) + (str(n // 26) if n >= 26 else "")


def _days(areas: Sequence[Rectangle], effective_at: date) -> list[date]:
    """Where the days' axis bends: each first and last day, the day asked about, and both ends."""
    days = {area.effective_from for area in areas} | {effective_at}
    days |= {area.effective_to for area in areas if area.effective_to is not None}
    span = max((max(days) - min(days)) // 12, timedelta(days=30))
    return sorted(days | {moved(min(days), -span), moved(max(days), span)})


def _instants(areas: Sequence[Rectangle], asked: Sequence[datetime]) -> list[datetime]:
    """Where the axis of knowledge bends: each recording and each knowledge time asked about.

    Its end is a little after the last, so that what was recorded last is an area too.
    """
    found = {area.recorded_from for area in areas} | set(asked)
    found |= {area.recorded_to for area in areas if area.recorded_to is not None}
    instants = sorted(found)
    span = max((instants[-1] - instants[0]) // max(len(instants), 4), timedelta(hours=1))
    try:
        return [*instants, instants[-1] + span]
    except OverflowError:
        return instants


def _description(areas: Sequence[Rectangle], effective_at: date, known_at: datetime) -> str:
    there = next((area for area in areas if area.covers(effective_at, known_at)), None)
    says = "no value" if there is None else there.value
    return (
        "Days in force run across, the record's knowledge runs down. "
        f"For {day_text(effective_at)}, as known at {instant_text(known_at)}, the record says: "
        f"{says}. The table that goes with this picture lists every area."
    )


# --- areas, edges and seams ----------------------------------------------------------------------


def _area(frame: _Frame, area: Rectangle) -> str:
    left, top, right, bottom = frame.box(area)
    told = (
        f"{area.value}: {days_text(area.effective_from, area.effective_to)}; "
        f"known {knowledge_text(area.recorded_from, area.recorded_to)}"
    )
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" '
        f'height="{bottom - top:.1f}" fill="{frame.fill(area.value)}" shape-rendering="crispEdges">'
        f"<title>{safe(told)}</title></rect>"
    )


def _upright_edges(frame: _Frame, areas: Iterable[Rectangle]) -> Iterable[str]:
    for area in areas:
        left, top, right, bottom = frame.box(area)
        dashes = ' stroke-dasharray="4 3"' if area.temporary else ""
        yield line(left, top, left, bottom, GREY, 1, dashes)
        if area.effective_to is not None:
            yield line(right, top, right, bottom, GREY, 1, dashes)


def _seams(frame: _Frame, areas: Sequence[Rectangle]) -> Iterable[str]:
    """A line wherever the record changed what it said, thick where by a correction."""
    for instant in sorted({area.recorded_from for area in areas} | _ended(areas)):
        before = [area for area in areas if area.recorded_to == instant]
        after = [area for area in areas if area.recorded_from == instant]
        corrected = any(area.corrected_away for area in before)
        corrected = corrected or any(area.corrects for area in after)
        y = frame.known.at(place_of_instant(instant))
        for left, right in _differing(frame, before, after):
            if corrected:
                yield line(left, y, right, y, SEAM, 4)
            else:
                yield line(left, y, right, y, GREY, 1)


def _ended(areas: Iterable[Rectangle]) -> set[datetime]:
    return {area.recorded_to for area in areas if area.recorded_to is not None}


def _differing(
    frame: _Frame, before: Sequence[Rectangle], after: Sequence[Rectangle]
) -> Iterable[tuple[float, float]]:
    """The stretches across which what ended and what began do not say the same."""
    spans = [(frame.box(area), area) for area in (*before, *after)]
    edges = sorted({edge for box, _ in spans for edge in (box[0], box[2])})
    stretch: tuple[float, float] | None = None
    for left, right in pairwise(edges):
        middle = (left + right) / 2
        above = _content_at(frame, before, middle)
        below = _content_at(frame, after, middle)
        if above == below:
            if stretch is not None:
                yield stretch
            stretch = None
        else:
            stretch = (left if stretch is None else stretch[0], right)
    if stretch is not None:
        yield stretch


def _content_at(frame: _Frame, areas: Iterable[Rectangle], x: float) -> tuple[object, ...] | None:
    for area in areas:
        left, _, right, _ = frame.box(area)
        if left <= x < right:
            return (area.value, area.event_id, area.corrected_by)
    return None


def _area_label(frame: _Frame, area: Rectangle) -> str:
    """The value if it fits, else its letter, else nothing: the key and the table have it."""
    left, top, right, bottom = frame.box(area)
    room = right - left - 10
    letter = frame.letters[area.value]
    text = f"{letter}  {area.value}"
    if bottom - top < _LINE or room < CHARACTER * len(letter):
        return ""
    if len(text) * CHARACTER > room:
        shown = int(room / CHARACTER) - 1
        text = f"{text[:shown].rstrip()}…" if shown >= 9 else letter
    y = top + min((bottom - top) / 2 + 4.5, 27)
    # Painted over a margin of the area's own tint, so that no line runs through the words.
    return (
        f'<text x="{left + 6:.1f}" y="{y:.1f}" stroke="{frame.fill(area.value)}" '
        f'stroke-width="4" paint-order="stroke">{safe(text)}</text>'
    )


# --- axes, what was asked, key -------------------------------------------------------------------


def _day_axis(frame: _Frame, areas: Sequence[Rectangle]) -> Iterable[str]:
    bottom = _TOP + frame.height
    days = {area.effective_from for area in areas}
    days |= {area.effective_to for area in areas if area.effective_to is not None}
    taken: list[float] = []
    for day in sorted(days):
        x = frame.days.at(place_of(day))
        yield line(x, bottom, x, bottom + 5, GREY, 1)
        if all(abs(x - other) >= _DAY_TICK_APART for other in taken):
            taken.append(x)
            yield label(x, bottom + 19, day_text(day), anchor="middle", small=True)
    scale = "" if frame.days.even else " (not to scale)"
    yield label(_LEFT, bottom + 36, f"In force on →{scale}", bold=True, small=True)


def _knowledge_axis(
    frame: _Frame, areas: Sequence[Rectangle], asked: Sequence[datetime]
) -> Iterable[str]:
    yield label(8, _TOP - 57, "Known from ↓", bold=True, small=True)
    if not frame.known.even:
        yield label(8, _TOP - 42, "(a step a recording,", small=True)
        yield label(8, _TOP - 27, "not to scale)", small=True)
    corrected = {area.recorded_to for area in areas if area.corrected_away}
    corrected |= {area.recorded_from for area in areas if area.corrects}
    taken = [frame.known.at(place_of_instant(each)) for each in asked]
    recorded = {area.recorded_from for area in areas} | _ended(areas)
    for instant in sorted(recorded - set(asked), key=lambda each: (each not in corrected, each)):
        y = frame.known.at(place_of_instant(instant))
        yield line(_LEFT - 5, y, _LEFT, y, GREY, 1)
        if all(abs(y - other) >= _TICK_APART for other in taken):
            taken.append(y)
            note = " corrected" if instant in corrected else ""
            colour = SEAM if note else INK
            text = f"{instant_text(instant)}{note}"
            yield label(_LEFT - 8, y + 4, text, anchor="end", small=True, colour=colour)


def _asked_lines(
    frame: _Frame, effective_at: date, known_at: datetime, compared_with: datetime | None
) -> Iterable[str]:
    x = frame.days.at(place_of(effective_at))
    y = frame.known.at(place_of_instant(known_at))
    bottom = _TOP + frame.height
    yield line(x, _TOP - 8, x, bottom, ASKED, 2, ' stroke-dasharray="7 4"')
    if compared_with is not None:
        other = frame.known.at(place_of_instant(compared_with))
        yield line(_LEFT - 6, other, WIDTH - _RIGHT, other, ASKED, 2, ' stroke-dasharray="2 4"')
        yield label(
            _LEFT - 8, other + 4, instant_text(compared_with), anchor="end", small=True, bold=True
        )
    yield line(_LEFT - 6, y, WIDTH - _RIGHT, y, ASKED, 2, ' stroke-dasharray="7 4"')
    asked = f"asked: in force {day_text(effective_at)}"
    half = len(asked) * CHARACTER / 2
    middle = min(max(x, _LEFT + half), WIDTH - half)
    yield label(middle, _TOP - 14, asked, anchor="middle", bold=True)
    yield label(_LEFT - 8, y + 4, instant_text(known_at), anchor="end", bold=True, small=True)


def _asked_point(frame: _Frame, effective_at: date, known_at: datetime) -> str:
    x = frame.days.at(place_of(effective_at))
    y = frame.known.at(place_of_instant(known_at))
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="#ffffff" stroke="{ASKED}" '
        f'stroke-width="3"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{ASKED}"/>'
    )


def _key(frame: _Frame, areas: Sequence[Rectangle], top: float) -> Iterable[str]:
    for n, (value, letter) in enumerate(frame.letters.items()):
        y = top + _KEY_LINE * n
        yield (
            f'<rect x="{_LEFT}" y="{y:g}" width="26" height="16" fill="{frame.fill(value)}" '
            f'stroke="{GREY}"/>'
        )
        yield label(_LEFT + 13, y + 12.5, letter, anchor="middle", small=True)
        text = value if len(value) <= _LONGEST_KEY else f"{value[: _LONGEST_KEY - 1]}…"
        yield label(_LEFT + 34, y + 12.5, text)
    if any(area.corrected_away or area.corrects for area in areas):
        yield line(8, top + 8, 34, top + 8, SEAM, 4)
        yield label(42, top + 12.5, "a correction", small=True)

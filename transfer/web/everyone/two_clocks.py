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
from html import escape
from itertools import pairwise

from transfer.core.dating.rectangles import Rectangle
from transfer.web.frame.scales import Scale, scale_of
from transfer.web.frame.wording import day_text, days_text, instant_text, knowledge_text

WIDTH = 760
"""Of the drawing, in its own units; it is shown at whatever size there is."""

_LEFT, _RIGHT, _TOP = 172, 12, 76
_BAND, _LEAST_HEIGHT, _MOST_HEIGHT = 46, 150, 640
_CHARACTER = 6.7
_LINE = 15
_TICK_APART, _DAY_TICK_APART = 15, 78
_KEY_LINE = 22
_LONGEST_KEY = 84

_INK, _GREY, _SEAM, _ASKED = "#0b0c0c", "#505a5f", "#942514", "#1d70b8"
_FONT = "Arial, Helvetica, sans-serif"
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
            self.days.at(_day(area.effective_from)),
            self.known.at(_instant(area.recorded_from)),
            self.days.end if area.effective_to is None else self.days.at(_day(area.effective_to)),
            self.known.end
            if area.recorded_to is None
            else self.known.at(_instant(area.recorded_to)),
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
        [_day(day) for day in _days(rectangles, effective_at)], _LEFT, WIDTH - _RIGHT, apart=34
    )
    instants = _instants(rectangles, asked)
    height = min(max(_BAND * len(instants), _LEAST_HEIGHT), _MOST_HEIGHT)
    known = scale_of([_instant(each) for each in instants], _TOP, _TOP + height, apart=26)
    frame = _Frame(days, known, letters, height)
    bottom = _TOP + height
    total = bottom + 64 + _KEY_LINE * len(letters)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total:g}" role="img" '
        f'aria-labelledby="{escape(name)}-title {escape(name)}-desc" font-family="{_FONT}" '
        f'font-size="13" fill="{_INK}">',
        f'<title id="{escape(name)}-title">{_safe(title)}</title>',
        f'<desc id="{escape(name)}-desc">'
        f"{_safe(_description(rectangles, effective_at, known_at))}</desc>",
        f'<rect width="{WIDTH}" height="{total:g}" fill="#ffffff"/>',
        f'<rect x="{_LEFT}" y="{_TOP}" width="{WIDTH - _RIGHT - _LEFT}" height="{height:g}" '
        'fill="#f8f8f8"/>',
        *(_area(frame, area) for area in rectangles),
        *_upright_edges(frame, rectangles),
        *_seams(frame, rectangles),
        f'<rect x="{_LEFT}" y="{_TOP}" width="{WIDTH - _RIGHT - _LEFT}" height="{height:g}" '
        f'fill="none" stroke="{_GREY}"/>',
        *_asked_lines(frame, effective_at, known_at, compared_with),
        *(_label(frame, area) for area in rectangles),
        _asked_point(frame, effective_at, known_at),
        *_day_axis(frame, rectangles),
        *_knowledge_axis(frame, rectangles, asked),
        *_key(frame, rectangles, bottom + 50),
        "</svg>",
    ]
    return "\n".join(part for part in parts if part)


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
    return sorted(days | {_moved(min(days), -span), _moved(max(days), span)})


def _moved(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return day


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
        f"<title>{_safe(told)}</title></rect>"
    )


def _upright_edges(frame: _Frame, areas: Iterable[Rectangle]) -> Iterable[str]:
    for area in areas:
        left, top, right, bottom = frame.box(area)
        dashes = ' stroke-dasharray="4 3"' if area.temporary else ""
        yield _line(left, top, left, bottom, _GREY, 1, dashes)
        if area.effective_to is not None:
            yield _line(right, top, right, bottom, _GREY, 1, dashes)


def _seams(frame: _Frame, areas: Sequence[Rectangle]) -> Iterable[str]:
    """A line wherever the record changed what it said, thick where by a correction."""
    for instant in sorted({area.recorded_from for area in areas} | _ended(areas)):
        before = [area for area in areas if area.recorded_to == instant]
        after = [area for area in areas if area.recorded_from == instant]
        corrected = any(area.corrected_away for area in before)
        corrected = corrected or any(area.corrects for area in after)
        y = frame.known.at(_instant(instant))
        for left, right in _differing(frame, before, after):
            if corrected:
                yield _line(left, y, right, y, _SEAM, 4)
            else:
                yield _line(left, y, right, y, _GREY, 1)


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


def _label(frame: _Frame, area: Rectangle) -> str:
    """The value if it fits, else its letter, else nothing: the key and the table have it."""
    left, top, right, bottom = frame.box(area)
    room = right - left - 10
    letter = frame.letters[area.value]
    text = f"{letter}  {area.value}"
    if bottom - top < _LINE or room < _CHARACTER * len(letter):
        return ""
    if len(text) * _CHARACTER > room:
        shown = int(room / _CHARACTER) - 1
        text = f"{text[:shown].rstrip()}…" if shown >= 9 else letter
    y = top + min((bottom - top) / 2 + 4.5, 27)
    # Painted over a margin of the area's own tint, so that no line runs through the words.
    return (
        f'<text x="{left + 6:.1f}" y="{y:.1f}" stroke="{frame.fill(area.value)}" '
        f'stroke-width="4" paint-order="stroke">{_safe(text)}</text>'
    )


# --- axes, what was asked, key -------------------------------------------------------------------


def _day_axis(frame: _Frame, areas: Sequence[Rectangle]) -> Iterable[str]:
    bottom = _TOP + frame.height
    days = {area.effective_from for area in areas}
    days |= {area.effective_to for area in areas if area.effective_to is not None}
    taken: list[float] = []
    for day in sorted(days):
        x = frame.days.at(_day(day))
        yield _line(x, bottom, x, bottom + 5, _GREY, 1)
        if all(abs(x - other) >= _DAY_TICK_APART for other in taken):
            taken.append(x)
            yield _text(x, bottom + 19, day_text(day), anchor="middle", small=True)
    scale = "" if frame.days.even else " (not to scale)"
    yield _text(_LEFT, bottom + 36, f"In force on →{scale}", bold=True, small=True)


def _knowledge_axis(
    frame: _Frame, areas: Sequence[Rectangle], asked: Sequence[datetime]
) -> Iterable[str]:
    yield _text(8, _TOP - 57, "Known from ↓", bold=True, small=True)
    if not frame.known.even:
        yield _text(8, _TOP - 42, "(a step a recording,", small=True)
        yield _text(8, _TOP - 27, "not to scale)", small=True)
    corrected = {area.recorded_to for area in areas if area.corrected_away}
    corrected |= {area.recorded_from for area in areas if area.corrects}
    taken = [frame.known.at(_instant(each)) for each in asked]
    recorded = {area.recorded_from for area in areas} | _ended(areas)
    for instant in sorted(recorded - set(asked), key=lambda each: (each not in corrected, each)):
        y = frame.known.at(_instant(instant))
        yield _line(_LEFT - 5, y, _LEFT, y, _GREY, 1)
        if all(abs(y - other) >= _TICK_APART for other in taken):
            taken.append(y)
            note = " corrected" if instant in corrected else ""
            colour = _SEAM if note else _INK
            text = f"{instant_text(instant)}{note}"
            yield _text(_LEFT - 8, y + 4, text, anchor="end", small=True, colour=colour)


def _asked_lines(
    frame: _Frame, effective_at: date, known_at: datetime, compared_with: datetime | None
) -> Iterable[str]:
    x = frame.days.at(_day(effective_at))
    y = frame.known.at(_instant(known_at))
    bottom = _TOP + frame.height
    yield _line(x, _TOP - 8, x, bottom, _ASKED, 2, ' stroke-dasharray="7 4"')
    if compared_with is not None:
        other = frame.known.at(_instant(compared_with))
        yield _line(_LEFT - 6, other, WIDTH - _RIGHT, other, _ASKED, 2, ' stroke-dasharray="2 4"')
        yield _text(
            _LEFT - 8, other + 4, instant_text(compared_with), anchor="end", small=True, bold=True
        )
    yield _line(_LEFT - 6, y, WIDTH - _RIGHT, y, _ASKED, 2, ' stroke-dasharray="7 4"')
    asked = f"asked: in force {day_text(effective_at)}"
    half = len(asked) * _CHARACTER / 2
    middle = min(max(x, _LEFT + half), WIDTH - half)
    yield _text(middle, _TOP - 14, asked, anchor="middle", bold=True)
    yield _text(_LEFT - 8, y + 4, instant_text(known_at), anchor="end", bold=True, small=True)


def _asked_point(frame: _Frame, effective_at: date, known_at: datetime) -> str:
    x = frame.days.at(_day(effective_at))
    y = frame.known.at(_instant(known_at))
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" fill="#ffffff" stroke="{_ASKED}" '
        f'stroke-width="3"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{_ASKED}"/>'
    )


def _key(frame: _Frame, areas: Sequence[Rectangle], top: float) -> Iterable[str]:
    for n, (value, letter) in enumerate(frame.letters.items()):
        y = top + _KEY_LINE * n
        yield (
            f'<rect x="{_LEFT}" y="{y:g}" width="26" height="16" fill="{frame.fill(value)}" '
            f'stroke="{_GREY}"/>'
        )
        yield _text(_LEFT + 13, y + 12.5, letter, anchor="middle", small=True)
        text = value if len(value) <= _LONGEST_KEY else f"{value[: _LONGEST_KEY - 1]}…"
        yield _text(_LEFT + 34, y + 12.5, text)
    if any(area.corrected_away or area.corrects for area in areas):
        yield _line(8, top + 8, 34, top + 8, _SEAM, 4)
        yield _text(42, top + 12.5, "a correction", small=True)


# --- texts ---------------------------------------------------------------------------------------


def _safe(text: str) -> str:
    # A value is whatever somebody recorded, and XML knows no control characters.
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return escape(shown)


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    small: bool = False,
    bold: bool = False,
    colour: str = _INK,
) -> str:
    size = ' font-size="12"' if small else ""
    weight = ' font-weight="bold"' if bold else ""
    fill = "" if colour == _INK else f' fill="{colour}"'
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}"{place}{size}{weight}{fill}>{_safe(text)}</text>'


def _line(
    x1: float, y1: float, x2: float, y2: float, colour: str, width: float, more: str = ""
) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{more}/>'
    )


def _day(day: date) -> float:
    return float(day.toordinal())


def _instant(instant: datetime) -> float:
    return instant.timestamp()

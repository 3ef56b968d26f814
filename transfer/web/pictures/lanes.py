"""The record's lanes: one lane for each recorded change, the newest first, with its dated bars.

What a change altered is a filled bar with a thick border, and its line says "changed" and what it
was before; what it repeated is an empty bar with a thin border.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from transfer.web.frame.scales import Scale
from transfer.web.frame.wording import day_text, days_text, instant_text
from transfer.web.pictures.drawing import (
    GREY,
    INK,
    PAPER,
    SEAM,
    TINT,
    WIDTH,
    Picture,
    box,
    counted,
    days_axis,
    days_scale,
    label,
    line,
    place_of,
    shortened,
    svg,
)

_LEFT, _RIGHT = 12, 628
_HEAD, _BAR, _GAP, _AXIS = 24, 38, 14, 48


@dataclass(frozen=True, slots=True)
class Bar:
    """A detail's value from `first_day` until the day before `end` (None: onward).

    `changed` says that this change altered it; `was` is then the value before, if there was one.
    """

    detail: str
    value: str
    first_day: date
    end: date | None = None
    changed: bool = True
    was: str | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """One recorded change: when it was recorded, its name, and the bars it put in force."""

    recorded_at: datetime
    what: str
    bars: tuple[Bar, ...]
    correction: bool = False


def draw(lanes: Sequence[Lane], *, title: str, name: str = "lanes") -> Picture:
    """The lanes, last recorded first, and the same as a table with a row for each bar.

    Lanes recorded at the same instant keep the order in which they are given.
    """
    ordered = sorted(lanes, key=lambda lane: lane.recorded_at, reverse=True)
    return Picture(
        _drawn(ordered, title, name),
        ("Recorded", "Change", "Detail", "Value", "In force"),
        tuple(
            (
                instant_text(lane.recorded_at),
                _heading(lane),
                bar.detail,
                _value(bar),
                days_text(bar.first_day, bar.end),
            )
            for lane in ordered
            for bar in lane.bars
        ),
    )


def _drawn(lanes: Sequence[Lane], title: str, name: str) -> str:
    bars = [bar for lane in lanes for bar in lane.bars]
    if not bars:
        return ""
    days = {bar.first_day for bar in bars} | {bar.end for bar in bars if bar.end is not None}
    scale = days_scale(days, _LEFT, _RIGHT)
    parts: list[str] = []
    y = 26.0
    for lane in lanes:
        parts += _lane(lane, scale, y)
        y += _height(lane)
    parts += [label(_LEFT, 16, "Newest first ↓   Days in force →", bold=True, small=True)]
    parts += days_axis(scale, days, y)
    first, last = day_text(min(days)), day_text(max(days))
    description = (
        f"{counted(len(lanes), 'recorded change', 'recorded changes')}, the newest first. "
        f"Their dates run from {first} to {last}. The table that goes with this picture lists "
        "every change."
    )
    return svg(name, title, description, parts, height=y + _AXIS, width=WIDTH)


def _height(lane: Lane) -> float:
    return _HEAD + _BAR * len(lane.bars) + _GAP


def _lane(lane: Lane, scale: Scale, top: float) -> Iterable[str]:
    yield line(_LEFT, top, _RIGHT, top, SEAM if lane.correction else GREY, 1)
    if lane.correction:
        yield line(_LEFT, top + 2, _LEFT, top + _height(lane) - 6, SEAM, 5)
    heading = f"{instant_text(lane.recorded_at)}: {_heading(lane)}"
    yield label(_LEFT + 8, top + 17, shortened(heading, _RIGHT - _LEFT - 60), bold=True)
    for n, bar in enumerate(lane.bars):
        yield from _bar(bar, scale, top + _HEAD + _BAR * n)


def _bar(bar: Bar, scale: Scale, top: float) -> Iterable[str]:
    said = f"{bar.detail}: {_value(bar)}; {days_text(bar.first_day, bar.end)}"
    yield label(
        _LEFT + 8,
        top + 14,
        shortened(said, _RIGHT - _LEFT - 40),
        bold=bar.changed,
        colour=INK if bar.changed else GREY,
    )
    left = scale.at(place_of(bar.first_day))
    right = scale.end if bar.end is None else scale.at(place_of(bar.end))
    fill, border = (TINT, 2.5) if bar.changed else (PAPER, 1)
    yield box(left, top + 20, max(right - left, 2), 11, fill, border=border)
    if bar.end is None:
        yield (
            f'<path d="M{right - 9:.1f} {top + 20:.1f}l9 5.5l-9 5.5z" fill="{INK}">'
            "<title>onward</title></path>"
        )


def _heading(lane: Lane) -> str:
    return f"{lane.what} (a correction)" if lane.correction else lane.what


def _value(bar: Bar) -> str:
    if not bar.changed:
        return f"{bar.value}, as before"
    return f"{bar.value}, changed from {bar.was}" if bar.was is not None else f"{bar.value}, new"

"""What the pictures share: colours, escaped texts, lines, the days' axis and the frame."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape

from transfer.web.frame.scales import Scale, scale_of
from transfer.web.frame.wording import day_text

INK, GREY, SEAM, ASKED = "#0b0c0c", "#505a5f", "#942514", "#1d70b8"
PAPER, TINT = "#ffffff", "#bfdcf0"
FONT = "Arial, Helvetica, sans-serif"
WIDTH = 640
"""Of a drawing, in its own units; it is shown at whatever size there is."""
CHARACTER = 6.7
"""How wide a character of the usual size is taken to be, in the drawing's units."""

_TICK_APART = 78


@dataclass(frozen=True, slots=True)
class Picture:
    """One `<svg>` element, and the same as a table. With nothing to draw, `svg` is empty."""

    svg: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def svg(
    name: str, title: str, description: str, parts: Iterable[str], *, height: float, width: int
) -> str:
    """The drawing as one element with a name and a description for those who hear it.

    `name` begins the ids within the drawing: give each drawing of one page its own.
    """
    prefix = escape(name)
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:g}" role="img" '
            f'aria-labelledby="{prefix}-title {prefix}-desc" font-family="{FONT}" '
            f'font-size="13" fill="{INK}">',
            f'<title id="{prefix}-title">{safe(title)}</title>',
            f'<desc id="{prefix}-desc">{safe(description)}</desc>',
            f'<rect width="{width}" height="{height:g}" fill="{PAPER}"/>',
            *(part for part in parts if part),
            "</svg>",
        )
    )


def safe(text: str) -> str:
    """The text as XML may hold it; a value is whatever somebody recorded."""
    # XML knows no control characters.
    shown = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return escape(shown)


def shortened(text: str, room: float) -> str:
    """The text, cut with an ellipsis where it needs more than this room."""
    most = max(int(room / CHARACTER), 1)
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def label(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    small: bool = False,
    bold: bool = False,
    colour: str = INK,
    over_lines: bool = False,
) -> str:
    """A line of text; `y` is where its letters stand.

    `over_lines` paints it over a margin of paper, so that no line runs through its words.
    """
    margin = f' stroke="{PAPER}" stroke-width="5" paint-order="stroke"' if over_lines else ""
    size = ' font-size="12"' if small else ""
    weight = ' font-weight="bold"' if bold else ""
    fill = "" if colour == INK else f' fill="{colour}"'
    place = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}"{place}{size}{weight}{fill}{margin}>{safe(text)}</text>'


def line(
    x1: float, y1: float, x2: float, y2: float, colour: str, width: float, more: str = ""
) -> str:
    """A straight line; `more` holds further attributes, already written."""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{more}/>'
    )


def box(x: float, y: float, width: float, height: float, fill: str, *, border: float = 1) -> str:
    """A rectangle with an inked border."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'fill="{fill}" stroke="{INK}" stroke-width="{border:g}"/>'
    )


def place_of(day: date) -> float:
    """A day as a number on an axis."""
    return float(day.toordinal())


def place_of_instant(instant: datetime) -> float:
    """An instant as a number on an axis."""
    return instant.timestamp()


def moved(day: date, by: timedelta) -> date:
    """The day so much later, or itself at the calendar's end."""
    try:
        return day + by
    except OverflowError:
        return day


def days_scale(days: Iterable[date], start: float, end: float) -> Scale:
    """An axis through these days (at least one), with some room at both ends."""
    known = set(days)
    span = max((max(known) - min(known)) // 12, timedelta(days=7))
    known |= {moved(min(known), -span), moved(max(known), span)}
    return scale_of([place_of(day) for day in sorted(known)], start, end, apart=6)


def days_axis(scale: Scale, days: Iterable[date], y: float) -> Iterable[str]:
    """The line of the days and as many of their dates as fit, the earliest first."""
    yield line(scale.start, y, scale.end, y, GREY, 1)
    taken: list[float] = []
    for day in sorted(set(days)):
        x = scale.at(place_of(day))
        yield line(x, y, x, y + 5, GREY, 1)
        middle = min(max(x, scale.start + 36), scale.end - 36)
        if all(abs(middle - other) >= _TICK_APART for other in taken):
            taken.append(middle)
            yield label(middle, y + 18, day_text(day), anchor="middle", small=True)
    if not scale.even:
        yield label(scale.start, y + 35, "Days not to scale: a step for each date.", small=True)


def counted(number: int, one: str, many: str) -> str:
    """`1 day`, `2 days`."""
    return f"{number} {one if number == 1 else many}"


def due_text(due: date, today: date) -> str:
    """How far off a day is on which something was to be done and is not."""
    days = (due - today).days
    if days == 0:
        return "due today"
    if days > 0:
        return f"due in {counted(days, 'day', 'days')}"
    return f"overdue by {counted(-days, 'day', 'days')}"


def joined(texts: Sequence[str | None]) -> str:
    """What there is of these, with commas."""
    return ", ".join(text for text in texts if text)

"""The plan and the fact: when each milestone was planned, to when it was moved, when it happened.

A hollow diamond is the day first planned, a smaller hollow one a plan that was moved again, a
filled diamond the plan as it is now, a filled circle the day on which it happened.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from transfer.web.frame.scales import Scale
from transfer.web.frame.wording import day_text
from transfer.web.pictures.drawing import (
    ASKED,
    GREY,
    INK,
    PAPER,
    WIDTH,
    Picture,
    counted,
    days_axis,
    days_scale,
    due_text,
    joined,
    label,
    line,
    place_of,
    shortened,
    svg,
)

_LEFT, _RIGHT, _TOP, _ROW = 12, 628, 60, 66


@dataclass(frozen=True, slots=True)
class Move:
    """A plan that was set anew: the new day, and the day on which that became known."""

    to: date
    known_on: date


@dataclass(frozen=True, slots=True)
class Milestone:
    """What was to happen, the day first planned, each new plan in order, and when it happened."""

    what: str
    planned: date
    moves: tuple[Move, ...] = ()
    happened: date | None = None

    @property
    def plan(self) -> date:
        """The day planned last."""
        return self.moves[-1].to if self.moves else self.planned


def draw(
    milestones: Sequence[Milestone], today: date, *, title: str, name: str = "plan-and-fact"
) -> Picture:
    """The milestones in the order given, and the same as a table with a row for each.

    `today` is the day as of which something is due or overdue; it is drawn as a dashed line.
    """
    return Picture(
        _drawn(milestones, today, title, name),
        ("Milestone", "First planned", "Moved to", "Happened", "State"),
        tuple(
            (
                each.what,
                day_text(each.planned),
                _moves(each) or "not moved",
                "not yet" if each.happened is None else day_text(each.happened),
                state(each, today),
            )
            for each in milestones
        ),
    )


def state(milestone: Milestone, today: date) -> str:
    """Whether it happened early, late or on the day last planned, else how far off that day is."""
    if milestone.happened is None:
        return due_text(milestone.plan, today)
    days = (milestone.happened - milestone.plan).days
    if days == 0:
        return "on the day planned"
    return f"{counted(abs(days), 'day', 'days')} {'late' if days > 0 else 'early'}"


def _moves(milestone: Milestone) -> str:
    return ", then ".join(
        f"{day_text(move.to)} (known on {day_text(move.known_on)})" for move in milestone.moves
    )


def _drawn(milestones: Sequence[Milestone], today: date, title: str, name: str) -> str:
    if not milestones:
        return ""
    days = {day for each in milestones for day in _days(each)}
    scale = days_scale(days | {today}, _LEFT, _RIGHT)
    bottom = _TOP + _ROW * len(milestones)
    x = scale.at(place_of(today))
    text = f"today, {day_text(today)}"
    parts = [
        label(min(max(x, 60), WIDTH - 60), 24, text, anchor="middle", bold=True),
        line(x, 32, x, bottom, ASKED, 2, ' stroke-dasharray="7 4"'),
    ]
    for n, each in enumerate(milestones):
        parts += _row(each, today, scale, _TOP + _ROW * n)
    parts += days_axis(scale, days, bottom)
    parts += _key(bottom + 60)
    description = "; ".join(f"{each.what}: {state(each, today)}" for each in milestones)
    return svg(name, title, f"{description}.", parts, height=bottom + 84, width=WIDTH)


def _days(milestone: Milestone) -> Iterable[date]:
    yield milestone.planned
    yield from (move.to for move in milestone.moves)
    if milestone.happened is not None:
        yield milestone.happened


def _row(milestone: Milestone, today: date, scale: Scale, top: float) -> Iterable[str]:
    told = f"{milestone.what}: {state(milestone, today)}"
    yield label(_LEFT, top + 10, shortened(told, _RIGHT - _LEFT - 40), bold=True, over_lines=True)
    dates = joined(
        (
            f"planned {day_text(milestone.planned)}",
            f"moved to {_moves(milestone)}" if milestone.moves else None,
            f"happened {day_text(milestone.happened)}" if milestone.happened else None,
        )
    )
    yield label(_LEFT, top + 26, shortened(dates, _RIGHT - _LEFT), small=True, over_lines=True)
    y = top + 42
    yield line(scale.start, y, scale.end, y, GREY, 0.5)
    plans = [milestone.planned, *(move.to for move in milestone.moves)]
    places = [scale.at(place_of(day)) for day in plans]
    for before, after in pairwise(places):
        yield line(before, y, after, y, INK, 2, ' stroke-dasharray="3 3"')
    if milestone.happened is not None:
        happened = scale.at(place_of(milestone.happened))
        yield line(places[-1], y, happened, y, INK, 3)
    for n, place in enumerate(places):
        last = n == len(places) - 1
        yield _diamond(place, y, 5 if n and not last else 8, filled=last)
    if milestone.happened is not None:
        yield _circle(happened, y)


def _diamond(x: float, y: float, half: float, *, filled: bool) -> str:
    fill = INK if filled else PAPER
    return (
        f'<path d="M{x:.1f} {y - half:.1f}l{half} {half}l-{half} {half}l-{half} -{half}z" '
        f'fill="{fill}" stroke="{INK}" stroke-width="1.5"/>'
    )


def _circle(x: float, y: float) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5.5" fill="{INK}" stroke="{PAPER}" '
        'stroke-width="1.5"/>'
    )


def _key(y: float) -> Iterable[str]:
    yield _diamond(20, y, 8, filled=False)
    yield label(34, y + 4.5, "first planned", small=True)
    yield _diamond(150, y, 8, filled=True)
    yield label(164, y + 4.5, "planned now", small=True)
    yield _circle(280, y)
    yield label(292, y + 4.5, "happened", small=True)
    yield line(380, y, 410, y, INK, 2, ' stroke-dasharray="3 3"')
    yield label(416, y + 4.5, "moved", small=True)

"""How far an exercise is: for each step, how many people are done, and when it is due."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from transfer.web.frame.wording import day_text
from transfer.web.pictures.drawing import (
    INK,
    PAPER,
    WIDTH,
    Picture,
    box,
    due_text,
    label,
    shortened,
    svg,
)

_LEFT, _LENGTH, _TOP, _ROW, _BAR = 12, 616, 8, 66, 16


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an exercise: so many people done, of so many, and its last day if it has one."""

    what: str
    done: int
    of: int
    due: date | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.done <= self.of:
            raise ValueError(f"done must lie from 0 to {self.of}, not {self.done}")


def draw(steps: Sequence[Step], today: date, *, title: str, name: str = "progress") -> Picture:
    """The steps in the order given, and the same as a table with a row for each."""
    return Picture(
        _drawn(steps, today, title, name),
        ("Step", "Done", "Last day", "State"),
        tuple(
            (
                step.what,
                _done(step),
                "none" if step.due is None else day_text(step.due),
                state(step, today),
            )
            for step in steps
        ),
    )


def state(step: Step, today: date) -> str:
    """Whether the step is done, else how far off its last day is."""
    if step.of == 0:
        return "nobody to do"
    if step.done == step.of:
        return "all done"
    return "no last day" if step.due is None else due_text(step.due, today)


def _done(step: Step) -> str:
    if step.of == 0:
        return "0 of 0"
    # Rounded down: a step is at 100% when everybody is done, not before.
    return f"{step.done} of {step.of} ({100 * step.done // step.of}%)"


def _drawn(steps: Sequence[Step], today: date, title: str, name: str) -> str:
    if not steps:
        return ""
    parts = [part for n, step in enumerate(steps) for part in _row(step, today, _TOP + _ROW * n)]
    description = "; ".join(f"{each.what}: {_done(each)}, {state(each, today)}" for each in steps)
    height = _TOP + _ROW * len(steps)
    return svg(name, title, f"{description}.", parts, height=height, width=WIDTH)


def _row(step: Step, today: date, top: float) -> Iterable[str]:
    yield label(_LEFT, top + 16, shortened(step.what, _LENGTH - 140), bold=True)
    yield label(_LEFT + _LENGTH, top + 16, _done(step), anchor="end", bold=True)
    yield box(_LEFT, top + 22, _LENGTH, _BAR, PAPER)
    if step.done:
        yield box(_LEFT, top + 22, max(_LENGTH * step.done / step.of, 2), _BAR, INK)
    last = "" if step.due is None else f" (last day {day_text(step.due)})"
    late = step.due is not None and step.due < today and step.done < step.of
    yield label(_LEFT, top + 53, f"{state(step, today)}{last}", small=True, bold=late)

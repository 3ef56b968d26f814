"""Where on an axis something lies: to scale if that can be read, else an even step a mark."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `start` to `end`; `even` says that equal times have equal lengths on it."""

    marks: tuple[float, ...]
    places: tuple[float, ...]
    even: bool

    @property
    def start(self) -> float:
        """Where the axis begins."""
        return self.places[0]

    @property
    def end(self) -> float:
        """Where it ends."""
        return self.places[-1]

    def at(self, value: float) -> float:
        """The place of a value; one beyond the axis lies at its end."""
        n = bisect_right(self.marks, value)
        if n == 0:
            return self.start
        if n == len(self.marks):
            return self.end
        before, after = self.marks[n - 1], self.marks[n]
        share = (value - before) / (after - before)
        return self.places[n - 1] + share * (self.places[n] - self.places[n - 1])


def scale_of(marks: Sequence[float], start: float, end: float, *, apart: float) -> Scale:
    """The axis through these marks, in ascending order and at least two of them.

    It is to scale if that leaves every two neighbours at least `apart`, or as far as there is room
    for all; else every mark is one step from the next, and what lies between is drawn in proportion
    within its step.
    """
    if len(marks) < 2:
        raise ValueError("an axis needs two marks")
    steps = len(marks) - 1
    length, span = end - start, marks[-1] - marks[0]
    needed = min(apart, length / steps)
    nearest = min(after - before for before, after in pairwise(marks))
    even = nearest * length / span >= needed * 0.999
    places = tuple(
        start + (length * (mark - marks[0]) / span if even else length * n / steps)
        for n, mark in enumerate(marks)
    )
    return Scale(tuple(marks), places, even)

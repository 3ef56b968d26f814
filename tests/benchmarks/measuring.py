"""What a benchmark is made of: two measures, taken in turns in one run, and their ratio.

A figure of ours stands beside a baseline's that was measured between the same rounds, on the same
server; what is promised is the ratio. Nothing here is a test, and no test depends on a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter
from typing import Literal, TypedDict

AtMost = Literal["<="]
AtLeast = Literal[">="]

Measure = Callable[[], Sequence[float]]
"""One round of some work: how long each piece took, or at which rates."""


class Told(TypedDict):
    """A line as the JSON has it; `target` bounds `ratio`, which is `ours` / `baseline`, or the
    median of that of each round."""

    name: str
    ours: float
    baseline: float
    ratio: float
    unit: str
    target: str
    met: bool


@dataclass(frozen=True, slots=True)
class Target:
    """What the ratio is held to: a cost is to stay at or below, a rate at or above."""

    sense: AtMost | AtLeast
    ratio: float

    def __str__(self) -> str:
        return f"{self.sense} {self.ratio:g}"

    def is_met_by(self, ratio: float) -> bool:
        """Whether a ratio is as good as this asks."""
        return ratio <= self.ratio if self.sense == "<=" else ratio >= self.ratio


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `of_rounds` are the ratios of single rounds, where these are what is
    compared: their median is the line's."""

    name: str
    ours: float
    baseline: float
    unit: str
    target: Target
    of_rounds: tuple[float, ...] = ()

    @property
    def ratio(self) -> float:
        """Ours to the baseline's."""
        return median(self.of_rounds) if self.of_rounds else self.ours / self.baseline

    @property
    def is_met(self) -> bool:
        """Whether the target is met, by the figures before they are rounded."""
        return self.target.is_met_by(self.ratio)

    def told(self) -> Told:
        """The line for the JSON."""
        return Told(
            name=self.name,
            ours=_rounded(self.ours),
            baseline=_rounded(self.baseline),
            ratio=_rounded(self.ratio),
            unit=self.unit,
            target=str(self.target),
            met=self.is_met,
        )


def _rounded(figure: float) -> float:
    return float(f"{figure:.4g}")


def in_turns(*measures: Measure, rounds: int) -> list[list[float]]:
    """Every figure of each measure, after one round of all that warms up and is forgotten.

    Who goes first changes from round to round: what drifts, drifts for all.
    """
    for measure in measures:
        measure()
    figures: list[list[float]] = [[] for _ in measures]
    for n in range(rounds):
        for turn in range(len(measures)):
            at = (n + turn) % len(measures)
            figures[at].extend(measures[at]())
    return figures


def median_line(
    name: str,
    figures: Sequence[Sequence[float]],
    unit: str,
    target: Target,
    factor: float = 1,
) -> Line:
    """The line of two medians, ours and the baseline's.

    Each is shown times `factor`: from seconds to the unit.
    """
    ours, baseline = (median(each) * factor for each in figures)
    return Line(name, ours, baseline, unit, target)


def p99_line(
    name: str,
    figures: Sequence[Sequence[float]],
    unit: str,
    target: Target,
    factor: float = 1,
) -> Line:
    """The line of the figures that one call in a hundred exceeds."""
    ours, baseline = (sorted(each)[len(each) * 99 // 100] * factor for each in figures)
    return Line(name, ours, baseline, unit, target)


def seconds_of(work: Callable[[], object]) -> float:
    """How long a piece of work takes."""
    began = perf_counter()
    work()
    return perf_counter() - began


def rate_of(pieces: int, work: Callable[[], object]) -> Measure:
    """The measure of so many pieces done together: pieces a second, one figure a round."""
    return partial(_rate, pieces, work)


def times_of(calls: int, work: Callable[[], object]) -> Measure:
    """The measure of one piece done so many times: the seconds of each."""
    return partial(_times, calls, work)


def _rate(pieces: int, work: Callable[[], object]) -> Sequence[float]:
    return [pieces / seconds_of(work)]


def _times(calls: int, work: Callable[[], object]) -> Sequence[float]:
    return [seconds_of(work) for _ in range(calls)]

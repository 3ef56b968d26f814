"""What a picture of growing cost shows: curves, and the power of the size that each follows."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log
from typing import Literal, TypedDict

from tests.benchmarks.measuring import Line, Target

SECONDS = "seconds"

Reference = Literal["linear", "logarithmic"]

Point = tuple[float, float]
"""A size, and the cost at that size."""


class CurveTold(TypedDict):
    """A curve as the JSON has it.

    `exponent` is of all points, `late_exponent` of the last three: what costs the same at any size
    is in the first, and hardly in the second. `None` for a single point.
    """

    name: str
    is_baseline: bool
    points: list[Point]
    exponent: float | None
    late_exponent: float | None


class FigureTold(TypedDict):
    """A picture as the JSON has it.

    `processors` are those of the machine; `rates`, of costs that are seconds, are how much of the
    size the first curve does in one.
    """

    name: str
    title: str
    size: str
    cost: str
    processors: int
    references: list[Reference]
    curves: list[CurveTold]
    rates: list[float]


@dataclass(frozen=True, slots=True)
class Curve:
    """One cost at several sizes. `target` holds its exponent; a baseline has none."""

    name: str
    target: Target | None = None
    points: list[Point] = field(default_factory=list)

    @property
    def is_baseline(self) -> bool:
        """Whether this is what ours is compared with."""
        return self.target is None

    @property
    def exponent(self) -> float | None:
        """The power of the size that the cost follows; 0: it stays the same, 1: linear."""
        return exponent_of(self.points)

    @property
    def late_exponent(self) -> float | None:
        """The same, of the last three sizes."""
        return exponent_of(self.points[-3:])


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture: `name` is its file's, `size` and `cost` say what the axes are, units included."""

    name: str
    title: str
    size: str
    cost: str
    references: tuple[Reference, ...]
    curves: list[Curve] = field(default_factory=list)

    def add(self, size: float, costs: Sequence[float]) -> None:
        """What was measured at one more size, a cost for each curve."""
        for curve, cost in zip(self.curves, costs, strict=True):
            curve.points.append((size, cost))

    @property
    def rates(self) -> list[float]:
        """How much of the size the first curve does in a second; none where it tells no seconds."""
        if self.cost != SECONDS:
            return []
        return [float(f"{size / cost:.4g}") for size, cost in self.curves[0].points]

    def lines(self) -> list[Line]:
        """How the costs of ours grow, for the table: linear growth is the baseline."""
        return [
            Line(f"{self.title}, {curve.name}", curve.exponent, 1.0, "exponent", curve.target)
            for curve in self.curves
            if curve.target is not None and curve.exponent is not None
        ]

    def told(self) -> FigureTold:
        """The figure for the JSON."""
        return FigureTold(
            name=self.name,
            title=self.title,
            size=self.size,
            cost=self.cost,
            processors=os.cpu_count() or 1,
            references=list(self.references),
            curves=[
                CurveTold(
                    name=curve.name,
                    is_baseline=curve.is_baseline,
                    points=[(size, float(f"{cost:.4g}")) for size, cost in curve.points],
                    exponent=_rounded(curve.exponent),
                    late_exponent=_rounded(curve.late_exponent),
                )
                for curve in self.curves
            ],
            rates=self.rates,
        )


def _rounded(exponent: float | None) -> float | None:
    return None if exponent is None else round(exponent, 3)


def exponent_of(points: Sequence[Point]) -> float | None:
    """The b of cost = a · size^b that fits best: least squares of the logarithms.

    `None` where there are not two sizes.
    """
    sizes = [log(size) for size, _ in points]
    costs = [log(cost) for _, cost in points]
    if len(set(sizes)) < 2:
        return None
    mean_size, mean_cost = sum(sizes) / len(sizes), sum(costs) / len(costs)
    spread = sum((size - mean_size) ** 2 for size in sizes)
    together = sum(
        (size - mean_size) * (cost - mean_cost) for size, cost in zip(sizes, costs, strict=True)
    )
    return together / spread

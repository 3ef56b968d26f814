"""Cases of which some are tried in every run."""

from collections.abc import Sequence
from typing import Protocol

import pytest


class Named(Protocol):
    """A case with a name."""

    @property
    def name(self) -> str: ...


def sampled(cases: Sequence[Named]) -> list[object]:
    """Every third case for the usual run. The others are `thorough`: for CI, and for those who
    change what they try. Each takes seconds, and what is wrong in the engine fails several."""
    return [
        pytest.param(case, id=case.name, marks=() if n % 3 == 0 else pytest.mark.thorough)
        for n, case in enumerate(cases)
    ]

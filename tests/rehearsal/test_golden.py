"""Rehearsals of `tr-2013` come to what they came to before, line by line.

Where a difference is meant, `python -m tests.rehearsal.golden` writes the texts anew, and the
commit that does so says which rule each changed line follows from.
"""

from pathlib import Path

import pytest

from tests.rehearsal.golden import SEEDS, golden_file, play

pytestmark = [pytest.mark.engines, pytest.mark.thorough]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rehearsal_comes_to_what_it_came_to(seed: int, tmp_path: Path) -> None:
    assert (
        play(seed, tmp_path / "data").splitlines()
        == golden_file(seed).read_text(encoding="utf-8").splitlines()
    )

"""What outside programs read: the JSON of the benchmarks has the shape that was promised.

Nothing here is timed. What the figures are is for whoever runs `make bench`.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.measuring import Line, Target

CHECKOUT = Path(__file__).parents[2]
FIELDS = {
    "name": str,
    "ours": float,
    "baseline": float,
    "ratio": float,
    "unit": str,
    "target": str,
    "met": bool,
}


@pytest.mark.engines
@pytest.mark.thorough
def test_standard_output_is_one_json_list_of_lines_and_nothing_else() -> None:
    command = [sys.executable, "-m", "tests.benchmarks", "--quick", "--json", "--only", "append"]
    run = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
    lines = json.loads(run.stdout)
    assert len(lines) == 2
    for line in lines:
        assert {name: type(value) for name, value in line.items()} == FIELDS
        assert line["ratio"] == pytest.approx(line["ours"] / line["baseline"], rel=0.01)
    assert run.stderr == ""


@pytest.mark.parametrize(
    ("target", "ours", "met"),
    [
        (Target("<=", 2), 199.0, True),
        (Target("<=", 2), 200.0, True),
        (Target("<=", 2), 201.0, False),
        (Target(">=", 4), 401.0, True),
        (Target(">=", 4), 400.0, True),
        (Target(">=", 4), 399.0, False),
    ],
)
def test_a_cost_stays_below_its_target_and_a_rate_above(
    target: Target, ours: float, met: bool
) -> None:
    line = Line("work", ours, 100.0, "ms", target)
    assert line.told()["met"] is met

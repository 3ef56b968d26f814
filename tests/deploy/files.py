"""What is in deploy/ for an operator, read for the tests: units, the compose file, the chart."""

from __future__ import annotations

import json
import subprocess
import tomllib
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

from transfer.settings import ProcessRole, Settings, environment_name

CHECKOUT = Path(__file__).parents[2]
DEPLOY = CHECKOUT / "deploy"
CHART = DEPLOY / "helm" / "transfer"
COMPOSE = DEPLOY / "compose" / "compose.yaml"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))

SETTINGS = frozenset(environment_name(field) for field in Settings.model_fields)
"""The variables that the program reads."""

ROLES = frozenset(role.value for role in ProcessRole if role is not ProcessRole.ALL)
"""The parts of a service of several processes."""

KUBERNETES = "1.36.0"
"""The version whose schemas the manifests are held against."""

PORT = 8000


def project_version() -> str:
    """The version of the program."""
    with (CHECKOUT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


def ask(question: dict[str, Any]) -> dict[str, Any]:
    """What `deploy/rendering/render.py` answers, in an environment that has Helm."""
    made = subprocess.run(
        [DEPLOY / "rendering" / "python.sh"], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    done = subprocess.run(
        [made.stdout.strip(), DEPLOY / "rendering" / "render.py"],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@cache
def compose() -> dict[str, Any]:
    """The compose file, read as strictly as its specification is."""
    answer = ask({"compose": str(COMPOSE)})
    assert "refused" not in answer, answer["refused"]
    found: dict[str, Any] = answer["compose"]
    return found


Unit = dict[str, dict[str, list[str]]]


def unit(path: Path) -> Unit:
    """A unit file: by section and directive, the values in their order."""
    found: Unit = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), defaultdict(list))
        elif line and not line.startswith("#"):
            directive, _, value = line.partition("=")
            section[directive].append(value)
    return found


def environment_of(read: Unit) -> dict[str, str]:
    """The variables that a unit sets itself."""
    pairs = " ".join(read["Service"]["Environment"]).split()
    return dict(pair.split("=", 1) for pair in pairs)

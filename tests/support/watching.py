"""What the guide says of metrics, and what alerts and the dashboard ask Prometheus for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

CHECKOUT = Path(__file__).parents[2]
GUIDE = CHECKOUT / "docs" / "watching.md"
OBSERVABILITY = CHECKOUT / "deploy" / "observability"

_HEAD = re.compile(r"\| metric, `([a-z_]+)…` \| what \|")
_NAME = re.compile(r"`([a-z_]+)(?:\{[^`]*\})?`")
_SELECTOR = re.compile(r"\b((?:transfer|process)_[a-z_]+)(?:\{([^}]*)\})?")
_MATCHER = re.compile(r"(\w+)(?:=~|!~|!=|=)\"")
_BY = re.compile(r"\bby \(([^)]*)\)")


def metrics_in_the_guide() -> dict[str, bool]:
    """The metrics that the tables of the guide name, and whether each is a histogram."""
    found: dict[str, bool] = {}
    prefix: str | None = None
    for line in GUIDE.read_text().splitlines():
        if (head := _HEAD.fullmatch(line)) is not None:
            prefix = head[1]
        elif not line.startswith("|"):
            prefix = None
        elif prefix is not None:
            _, names, what, _ = line.split("|")
            for name in _NAME.findall(names):
                assert prefix + name not in found, "each once"
                found[prefix + name] = what.strip().startswith("histogram")
    return found


def alerts() -> list[dict[str, Any]]:
    """The rules for Prometheus."""
    groups = yaml.safe_load((OBSERVABILITY / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    """The panels of the dashboard, rows included."""
    found: list[dict[str, Any]] = json.loads((OBSERVABILITY / "dashboard.json").read_text())[
        "panels"
    ]
    return found


def expressions() -> list[str]:
    """Everything that Prometheus is asked for."""
    asked = [target["expr"] for panel in panels() for target in panel.get("targets", ())]
    return [*(rule["expr"] for rule in alerts()), *asked]


def selectors(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The metrics that an expression asks for, each with the labels that choose among it."""
    for name, matchers in _SELECTOR.findall(expression):
        yield name, set(_MATCHER.findall(matchers))


def labels_asked(expression: str) -> set[str]:
    """The labels by which an expression puts together."""
    return {label.strip() for labels in _BY.findall(expression) for label in labels.split(",")}

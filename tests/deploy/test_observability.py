"""Alerts and the dashboard: what they ask for exists, and each alert leads to what to do."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from itertools import combinations

import pytest

from tests.support.watching import (
    CHECKOUT,
    GUIDE,
    alerts,
    expressions,
    metrics_in_the_guide,
    panels,
    selectors,
)

_CHECK = re.compile(r'check="([^"]*)"')


def sections(page: str) -> set[str]:
    """The sections of a page, as a link names them."""
    lines = (CHECKOUT / page).read_text().splitlines()
    titles = [line.lstrip("#").strip() for line in lines if re.match(r"#{1,3} ", line)]
    return {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_metric_that_is_asked_for_is_one_of_the_guide() -> None:
    known: set[str] = set()
    for name, is_histogram in metrics_in_the_guide().items():
        parts = ("_bucket", "_count", "_sum") if is_histogram else ("",)
        known |= {name + part for part in parts}
    asked = {name for each in expressions() for name, _ in selectors(each)}
    ours = {name for name in asked if name.startswith("transfer_")}
    assert len(ours) > 25
    assert ours <= known
    assert asked - ours <= {"process_resident_memory_bytes", "process_cpu_seconds_total"}


def test_every_expression_asks_for_something() -> None:
    for each in expressions():
        assert list(selectors(each)), each


def test_a_check_that_is_asked_for_is_one_of_the_guide() -> None:
    checks = {check for each in expressions() for check in _CHECK.findall(each)}
    assert checks >= {"database", "clocks", "temporal"}
    rows = [line.split("|")[1] for line in GUIDE.read_text().splitlines() if line.startswith("| `")]
    assert checks <= {name for row in rows for name in re.findall("`([a-z]+)`", row)}


@pytest.mark.skipif(
    find_spec("promql_parser") is None and "CI" not in os.environ,
    reason="promql-parser is not installed",
)
def test_every_expression_is_promql() -> None:
    import promql_parser

    for each in expressions():
        promql_parser.parse(each.replace("$__rate_interval", "5m"))
    with pytest.raises(ValueError, match=r"."):
        promql_parser.parse("sum by (le) (rate(x[5m])")


def test_every_alert_says_how_bad_it_is_and_where_to_read_on() -> None:
    rules = alerts()
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}, rule
        assert re.fullmatch(r"Transfer[A-Za-z]+", rule["alert"])
        assert re.fullmatch(r"[0-9]+m", rule["for"])
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"].endswith(".")
        page, _, section = rule["annotations"]["runbook"].partition("#")
        assert section in sections(page), rule["alert"]


def test_no_panel_lies_upon_another_and_each_has_its_own_number() -> None:
    found = panels()
    assert len({panel["id"] for panel in found}) == len(found)
    for one, other in combinations(found, 2):
        assert _apart(one["gridPos"], other["gridPos"]), (one["title"], other["title"])
    for panel in found:
        if panel["type"] != "row":
            assert panel["description"].endswith("."), panel["title"]
            assert panel["targets"], panel["title"]


def _apart(one: dict[str, int], other: dict[str, int]) -> bool:
    return any(
        a[start] + a[length] <= b[start]
        for start, length in (("x", "w"), ("y", "h"))
        for a, b in ((one, other), (other, one))
    )

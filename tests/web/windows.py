"""A browser and its windows, for a module of tests: import the fixtures that it needs."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.web.browsing import NARROW, WIDE, browsing, chromium

NEEDS_BROWSER = [
    pytest.mark.browser,
    pytest.mark.engines,
    pytest.mark.skipif(
        chromium() is None and not os.environ.get("CI"),
        reason="no Chromium on this machine (Debian: apt-get install chromium-headless-shell)",
    ),
]
"""The marks of a module whose tests need a browser."""


# For the module and no longer: while Playwright runs, no other test can run a loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for the module."""
    executable = chromium()
    assert executable is not None, "CI needs Chromium: .ci/run installs it"
    with browsing(executable) as opened:
        yield opened


@pytest.fixture(
    params=[
        pytest.param(WIDE, id="wide", marks=pytest.mark.thorough),
        pytest.param(NARROW, id="narrow"),
    ]
)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh window of either width, whose script errors and policy breaches fail the test."""
    yield from window_of(browser, request.param)


@pytest.fixture
def wide(browser: Browser) -> Iterator[Page]:
    """A fresh wide window."""
    yield from window_of(browser, WIDE)


def window_of(browser: Browser, width: int) -> Iterator[Page]:
    """A fresh window of a width; as `page`."""
    context = browser.new_context(viewport={"width": width, "height": 800})
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on(
        "console",
        lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None,
    )
    yield opened
    context.close()
    assert wrong == []

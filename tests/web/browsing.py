"""A real service and a real browser: what the browser tests are made of."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from deploy.migrate import migrate
from tests.support.loaded import Loaded, run_loaded
from tests.support.noticed import in_every_state
from tests.support.practised import Practised, practising
from tests.support.real_exercise import open_a_real_exercise, today
from tests.web.scene import tell_the_story
from transfer.access.identity import SHORT_NAMES
from transfer.app import Record, embedded_identity, open_record
from transfer.settings import Settings

PATIENCE_SECONDS = 60
HOUR_SECONDS = 3_600
NARROW, WIDE = 320, 1280

FLAGS = [
    "--headless",
    "--no-sandbox",  # root may not use one; nothing but our own pages is opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The browser that this machine has, if any, rather without windows: that needs less of the
    processors. TRANSFER_CHROMIUM names another."""
    named = os.environ.get("TRANSFER_CHROMIUM")
    return named or next(filter(None, map(shutil.which, _NAMES)), None)


@dataclass(frozen=True)
class Site:
    """A running service: its address, and tokens for it."""

    address: str
    data: Path

    def token(self, role: str, subject: str = "HR operations") -> str:
        """As `printed_token`, but made here: the program takes two seconds to load."""
        identity = embedded_identity(DataFolder.open(self.data), Settings(data=self.data))
        return identity.issue(subject, SHORT_NAMES[role], HOUR_SECONDS)

    def printed_token(self, role: str) -> str:
        """What `transfer token` prints."""
        command = ["token", "--role", role, "--subject", "HR operations", "--data", str(self.data)]
        done = run_loaded(command, timeout=PATIENCE_SECONDS)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sign_in(self, page: Page, role: str = "admin", subject: str = "HR operations") -> None:
        """Show a token, as a person does."""
        page.goto(f"{self.address}/")
        page.get_by_label("Token").fill(self.token(role, subject))
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Sign out").wait_for()


@contextlib.contextmanager
def serving(data: Path) -> Iterator[Site]:
    """`transfer serve` on a record with the story of `scene.py`, an exercise under way, and a
    notice in every state."""
    with recording(data) as (record, _):
        tell_the_story(record.log)
        open_a_real_exercise(record.office, today() + timedelta(days=14))
        in_every_state(record.notices)
    with served(data) as site:
        yield site


@contextlib.contextmanager
def recording(data: Path) -> Iterator[tuple[Record, DataFolder]]:
    """A new record in a folder, to put something on before it is served."""
    folder = DataFolder.open(data)
    with folder.hold("a test"), start_engines(folder, temporal="none", durable=False) as engines:
        migrate(engines.database_url)
        with open_record(engines.database_url, folder) as record:
            yield record, folder


@contextlib.contextmanager
def practised(data: Path) -> Iterator[Practised]:
    """A practised record of 11 November 2013 in a folder, to act on before it is served."""
    with recording(data) as (record, folder):
        record.runner.start()
        try:
            with practising(record, folder, date(2013, 11, 11)) as played:
                yield played
        finally:
            record.runner.stop()


@contextlib.contextmanager
def served(
    data: Path, port: int = 0, practice_on: str | None = None, **environment: str
) -> Iterator[Site]:
    """`transfer serve` on what is in a folder, on any free port, with these variables besides.

    With `practice_on` it is a practice, begun on that day.
    """
    practice = [] if practice_on is None else ["--practice", "--on", practice_on]
    service = Loaded(
        ["serve", "--data", str(data), "--port", str(port), *practice],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert service.stdout is not None
        line = service.stdout.readline()
        found = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)\n", line)
        assert found is not None, (line, service.stderr and service.stderr.read())
        yield Site(found[1], data)
    finally:
        service.send_signal(signal.SIGTERM)
        service.communicate(timeout=PATIENCE_SECONDS)


@contextlib.contextmanager
def browsing(executable: str) -> Iterator[Browser]:
    """A headless browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


PICTURES = os.environ.get("SCREENSHOTS")
"""The folder into which journeys put their pictures, for the guides; none: no pictures."""


def pictured(page: Page, name: str) -> None:
    """Put a picture of the page as it is shown into the folder of pictures, if there is one."""
    if PICTURES is not None:
        page.set_viewport_size({"width": 900, "height": 700})
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)


def violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is shown; each with where."""
    # Evaluated, not added as an element: the policy of the page allows no script.
    page.evaluate(_AXE)
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {each['help']}: {[node['html'] for node in each['nodes']]}"
        for each in found["violations"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    width: int = page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


def focused(page: Page) -> str:
    """What has the focus: its element and its text, name or id."""
    told: str = page.evaluate(
        """() => {
            const it = document.activeElement;
            const name = it.getAttribute('aria-label') || it.textContent.trim();
            return `${it.tagName.toLowerCase()} ${it.id || name}`.slice(0, 60);
        }"""
    )
    return told


def shows_focus(page: Page) -> bool:
    """Whether what has the focus looks another way than without it."""
    differs: bool = page.evaluate(
        """() => {
            const it = document.activeElement;
            const look = () => {
                const s = getComputedStyle(it);
                return [s.outlineStyle + s.outlineWidth + s.outlineColor, s.boxShadow,
                        s.backgroundColor, s.borderColor].join('|');
            };
            const focused = look();
            it.blur();
            const plain = look();
            it.focus();
            return focused !== plain;
        }"""
    )
    return differs

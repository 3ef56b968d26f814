"""A real OpenID provider, npm's `oidc-provider`, run as a separate process.

It is installed into .venv/oidc_provider the first time that a test asks for it, in the versions of
tests/oidc_provider/package-lock.json; so is Node.js, where this machine has none (deploy/node.sh).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from html import unescape
from pathlib import Path

import httpx

AUDIENCE = "transfer"
CLIENT, SECRET = "pages", "s/cret+%"
PUBLIC_CLIENT = "public"

_ROOT = Path(__file__).parents[2]
_SOURCE = _ROOT / "tests" / "oidc_provider"
_HOME = _ROOT / ".venv" / "oidc_provider"
_PATIENCE_SECONDS = 120


@dataclass(frozen=True)
class RunningProvider:
    """A provider that answers at its issuer."""

    issuer: str

    def token(self, audience: str = AUDIENCE) -> str:
        """An access token of a program with the administrator's role, by its client credentials."""
        asked = {"grant_type": "client_credentials", "resource": f"urn:{audience}"}
        answer = httpx.post(f"{self.issuer}/token", data=asked, auth=("program", "secret"))
        return str(answer.raise_for_status().json()["access_token"])

    def rotate(self) -> None:
        """Give it new keys, under a new name."""
        httpx.post(f"{self.issuer}/rotate").raise_for_status()

    def sign_in(self, address: str, login: str) -> str:
        """Sign somebody in at the address that a browser was sent to; where it is sent back to."""
        with httpx.Client() as walker:
            answer = walker.get(address)
            while True:
                if answer.is_redirect:
                    location = str(answer.next_request and answer.next_request.url)
                    if not location.startswith(self.issuer):
                        return location
                    answer = walker.get(location)
                    continue
                page = answer.raise_for_status().text
                form = re.search(r'<form[^>]*action="([^"]+)"', page)
                assert form is not None, page
                prompt = re.search(r'name="prompt" value="([^"]+)"', page)
                assert prompt is not None, page
                fields = {"prompt": prompt[1]}
                if prompt[1] == "login":
                    fields |= {"login": login, "password": "any"}
                answer = walker.post(unescape(form[1]), data=fields)


@contextlib.contextmanager
def providing(pages: str) -> Iterator[RunningProvider]:
    """A provider that knows the pages at that address."""
    node = subprocess.run(
        [_ROOT / "deploy" / "node.sh"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=_PATIENCE_SECONDS,
    ).stdout.strip()
    environment = {**os.environ, "PATH": f"{node}:{os.environ['PATH']}"}
    _install(environment)
    process = subprocess.Popen(
        ["node", "provider.mjs", f"{pages}/sign-in/return", f"{pages}/sign-in"],
        cwd=_HOME,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        issuer = process.stdout.readline().strip()
        assert issuer.startswith("http://127.0.0.1:"), issuer
        yield RunningProvider(issuer)
    finally:
        # With PyPI's Node.js, this process only stands before the one that answers.
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate(timeout=_PATIENCE_SECONDS)


def _install(environment: dict[str, str]) -> None:
    _HOME.mkdir(parents=True, exist_ok=True)
    with (_HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.copy(_SOURCE / "provider.mjs", _HOME)
        wanted = sha256((_SOURCE / "package-lock.json").read_bytes()).hexdigest()
        installed = _HOME / "installed"
        if installed.exists() and installed.read_text() == wanted:
            return
        for name in ("package.json", "package-lock.json"):
            shutil.copy(_SOURCE / name, _HOME)
        subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"],
            cwd=_HOME,
            env={**environment, "npm_config_cache": str(_HOME / "cache")},
            check=True,
            timeout=_PATIENCE_SECONDS,
        )
        installed.write_text(wanted)

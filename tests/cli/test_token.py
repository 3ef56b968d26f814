"""transfer token: prints just the token, needs no engine, steps back for an outside provider."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from tests.cli.conftest import Run
from transfer.access.identity import SHORT_NAMES, Caller, EmbeddedIdentity, Limits
from transfer.app import clock, identity_key


@pytest.mark.parametrize("role", SHORT_NAMES)
def test_it_prints_a_token_that_the_folders_service_accepts(
    run: Run, tmp_path: Path, role: str
) -> None:
    said = run("token", "--role", role, "--subject", "S10442", "--ttl", "60", "--data", "d")
    assert (said.code, said.err) == (0, "")
    token = said.out.removesuffix("\n")
    assert token.count(".") == 2
    assert "\n" not in token
    secret = identity_key(DataFolder.open(tmp_path / "d"))
    caller = EmbeddedIdentity(secret, clock).identify(token)
    assert caller == Caller("S10442", frozenset({SHORT_NAMES[role]}))
    assert not (tmp_path / "d" / "postgres").exists()


def test_the_folder_may_come_from_the_environment(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSFER_DATA", "e")
    assert run("token", "--role", "admin", "--subject", "x").code == 0
    assert (tmp_path / "e" / "keys" / "identity").exists()


def test_it_says_who_somebody_is_and_acts_for_and_what_limits_them(
    run: Run, tmp_path: Path
) -> None:
    options = [
        "--staff-number",
        "S1",
        "--body",
        "B",
        "--employer",
        "A",
        "--employer",
        "Å",
        "--unit",
        "North",
    ]
    said = run("token", "--role", "admin", "--subject", "hr", *options, "--data", "d")
    secret = identity_key(DataFolder.open(tmp_path / "d"))
    caller = EmbeddedIdentity(secret, clock).identify(said.out.strip())
    assert (caller.staff_number, caller.body) == ("S1", "B")
    assert caller.limits == Limits(frozenset({"A", "Å"}), frozenset({"North"}))


@pytest.mark.parametrize("option", ["--staff-number", "--body", "--employer", "--unit"])
def test_a_blank_text_is_refused_under_its_option(run: Run, option: str) -> None:
    said = run("token", "--role", "admin", "--subject", "hr", option, "")
    assert (said.code, said.out) == (2, "")
    assert option in said.err


def test_as_json(run: Run) -> None:
    said = json.loads(run("token", "--role", "audit", "--subject", "x", "--json").out)
    assert set(said) == {"token", "subject", "role", "expires_at"}
    assert (said["subject"], said["role"]) == ("x", "audit")


def test_it_is_refused_where_an_outside_provider_is_configured(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRANSFER_IDENTITY_ISSUER", "https://id.example")
    monkeypatch.setenv("TRANSFER_IDENTITY_JWKS", "jwks.json")
    said = run("token", "--role", "admin", "--subject", "x")
    assert (said.code, said.out) == (1, "")
    assert "https://id.example" in said.err

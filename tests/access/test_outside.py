"""Tokens of a real OpenID provider: found by discovery, checked with its keys, through a change of
them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.oidc import RunningProvider, providing
from transfer.access import outside
from transfer.access.addresses import is_safe_address
from transfer.access.identity import NotIdentified, Role
from transfer.access.outside import OutsideIdentity, discover
from transfer.app import clock
from transfer.core.refusals import Malformed


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    """One provider for the module."""
    with providing("http://127.0.0.1:9") as running:
        yield running


@pytest.mark.engines
def test_a_providers_tokens_are_accepted_by_its_own_word_alone(provider: RunningProvider) -> None:
    identity = OutsideIdentity(provider.issuer, None, clock)
    caller = identity.identify(provider.token())
    assert (caller.subject, caller.roles) == ("program", frozenset({Role.ADMIN}))
    assert caller.expires_at is not None
    with pytest.raises(NotIdentified):
        identity.identify(provider.token("another"))
    for_another = OutsideIdentity(provider.issuer, None, clock, audience="another")
    assert for_another.identify(provider.token("another")).subject == "program"
    with pytest.raises(NotIdentified):
        for_another.identify(provider.token())


@pytest.mark.engines
def test_a_change_of_keys_is_followed_but_not_at_anybodys_word(
    provider: RunningProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = OutsideIdentity(provider.issuer, None, clock)
    before = provider.token()
    assert identity.identify(before).subject == "program"
    provider.rotate()
    after = provider.token()
    with pytest.raises(NotIdentified):  # the keys were read a moment ago
        identity.identify(after)
    monkeypatch.setattr(outside, "_REFRESH_SECONDS", 0.0)
    assert identity.identify(after).subject == "program"
    # Keys that are not published any more go within the hour, without any token that asks for it.
    provider.rotate()
    monkeypatch.setattr(outside, "_REFRESH_SECONDS", 30.0)
    monkeypatch.setattr(identity, "_read_at", identity._read_at - outside._KEEP_SECONDS)
    assert identity.identify(provider.token()).subject == "program"


@pytest.mark.engines
def test_what_calls_itself_otherwise_or_does_not_answer_is_no_provider(
    provider: RunningProvider,
) -> None:
    assert discover(provider.issuer).issuer == provider.issuer
    for issuer in (
        provider.issuer.replace("127.0.0.1", "localhost"),
        f"{provider.issuer}/",
        f"{provider.issuer}/jwks",
        "http://127.0.0.1:9",
    ):
        with pytest.raises(Malformed, match="TRANSFER_IDENTITY_ISSUER"):
            OutsideIdentity(issuer, None, clock)


@pytest.mark.parametrize(
    ("address", "is_safe"),
    [
        ("https://id.example", True),
        ("https://id.example:8443/realms/hr", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080", True),
        ("http://localhost", True),
        ("http://id.example", False),
        ("http://localhost.example", False),
        ("http://127.0.0.1@id.example", False),
        ("ftp://localhost", False),
        ("https://", False),
        ("http://[", False),
        ("id.example", False),
        ("jwks.json", False),
    ],
)
def test_an_address_is_safe_by_https_or_on_this_machine(address: str, is_safe: bool) -> None:
    assert is_safe_address(address) is is_safe

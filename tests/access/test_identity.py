"""Tokens: who made them, for whom, and until when."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from transfer.access.identity import (
    Caller,
    EmbeddedIdentity,
    Limits,
    NotIdentified,
    Role,
)
from transfer.access.outside import OutsideIdentity
from transfer.core.refusals import Malformed

SECRET = bytes(range(32))
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def goes(self, seconds: float) -> None:
        """Let time pass, or go back."""
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    """Noon."""
    return Clock()


@pytest.fixture
def identity(clock: Clock) -> EmbeddedIdentity:
    """The embedded identity of one folder."""
    return EmbeddedIdentity(SECRET, clock)


def claims(**differently: Any) -> dict[str, Any]:
    """The claims of a good token, some otherwise; `None` leaves one out."""
    now = int(NOW.timestamp())
    good = {
        "iss": "transfer",
        "aud": "transfer",
        "sub": "x",
        "authorities": [Role.ADMIN.value],
        "iat": now,
        "exp": now + 60,
    }
    return {name: value for name, value in {**good, **differently}.items() if value is not None}


def signed(content: dict[str, Any], algorithm: str = "HS256", secret: bytes = SECRET) -> str:
    """A token with those claims."""
    key = OctKey.import_key(secret)
    return jwt.encode({"alg": algorithm}, content, key, algorithms=[algorithm])


def test_a_token_says_who_and_which_role(identity: EmbeddedIdentity) -> None:
    token = identity.issue("HR operations, Å", Role.AUDIT, 60)
    assert identity.identify(token) == Caller("HR operations, Å", frozenset({Role.AUDIT}))
    payload = token.split(".")[1]
    said = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert said == {
        "iss": "transfer",
        "aud": "transfer",
        "sub": "HR operations, Å",
        "authorities": ["ROLE_TRANSFER__AUDIT__RO"],
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 60,
    }


def test_it_expires_when_it_says_also_when_it_was_seen_before(
    identity: EmbeddedIdentity, clock: Clock
) -> None:
    token = identity.issue("x", Role.ADMIN, 60)
    for seconds in (0, 59):
        clock.goes(seconds)
        assert identity.identify(token).subject == "x"
    clock.goes(1)
    with pytest.raises(NotIdentified, match="expired"):
        identity.identify(token)


def test_it_is_not_valid_before_it_was_issued(identity: EmbeddedIdentity, clock: Clock) -> None:
    token = identity.issue("x", Role.ADMIN, 600)
    identity.identify(token)
    clock.goes(-1)
    with pytest.raises(NotIdentified):
        identity.identify(token)


def test_another_process_of_the_folder_accepts_it(identity: EmbeddedIdentity, clock: Clock) -> None:
    token = identity.issue("x", Role.STAFF, 60)
    assert EmbeddedIdentity(SECRET, clock).identify(token).roles == {Role.STAFF}
    with pytest.raises(NotIdentified):
        EmbeddedIdentity(bytes(32), clock).identify(token)
    with pytest.raises(NotIdentified):
        EmbeddedIdentity(SECRET, clock, audience="another").identify(token)


@pytest.mark.parametrize(
    "content",
    [
        claims(iss="somebody"),
        claims(iss=None),
        claims(aud="another"),
        claims(aud=["another"]),
        claims(aud=None),
        claims(sub=None),
        claims(sub=""),
        claims(sub=7),
        claims(sub="x" * 256),
        claims(exp=None),
        claims(exp="tomorrow"),
        claims(exp=0),
        claims(iat=None),
        claims(iat=int(NOW.timestamp()) + 3600),
        claims(nbf=int(NOW.timestamp()) + 3600),
        claims(authorities=None),
        claims(authorities="ROLE_TRANSFER__ADMIN__RW"),
        {},
    ],
)
def test_claims_that_are_wrong_are_not_accepted(
    identity: EmbeddedIdentity, content: dict[str, Any]
) -> None:
    with pytest.raises(NotIdentified):
        identity.identify(signed(content))


def test_authorities_that_are_not_ours_are_passed_over(identity: EmbeddedIdentity) -> None:
    many = claims(authorities=["ROLE_OTHER", 7, None, Role.UNION.value, Role.AUDIT.value])
    assert identity.identify(signed(many)).roles == {Role.UNION, Role.AUDIT}
    assert identity.identify(signed(claims(authorities=[]))).roles == frozenset()


@pytest.mark.parametrize(("claimed", "number"), [("S10442", "S10442"), (None, "x")])
def test_a_member_of_staff_is_known_by_the_claimed_number_else_by_the_subject(
    identity: EmbeddedIdentity, claimed: str | None, number: str
) -> None:
    caller = identity.identify(signed(claims(staff_number=claimed)))
    assert (caller.subject, caller.staff_number) == ("x", number)


@pytest.mark.parametrize("claimed", ["", 7, ["S1"], "S" * 256])
def test_a_claimed_number_that_cannot_be_one_is_not_accepted(
    identity: EmbeddedIdentity, claimed: object
) -> None:
    with pytest.raises(NotIdentified, match="staff number"):
        identity.identify(signed(claims(staff_number=claimed)))


@pytest.mark.parametrize("body", ["Union A", None])
def test_a_token_may_name_the_body_that_somebody_acts_for(
    identity: EmbeddedIdentity, body: str | None
) -> None:
    assert identity.identify(signed(claims(body=body))).body == body


@pytest.mark.parametrize("body", ["", 7, ["Union A"], "U" * 256])
def test_a_body_that_cannot_be_one_is_not_accepted(
    identity: EmbeddedIdentity, body: object
) -> None:
    with pytest.raises(NotIdentified, match="body"):
        identity.identify(signed(claims(body=body)))


@pytest.mark.parametrize(
    ("scope", "employers", "units"),
    [
        (None, set(), set()),
        ("", set(), set()),
        ([], set(), set()),
        ("openid profile employers:A employer", set(), set()),
        ("openid employer:A unit:B", {"A"}, {"B"}),
        ("employer:A  employer:B employer:A", {"A", "B"}, set()),
        (["unit:North%20East", "unit:50%25%3A%C3%85"], set(), {"North East", "50%:Å"}),
        ("unit:a:b+c", set(), {"a:b+c"}),
    ],
)
def test_the_scope_names_an_administrators_limits(
    identity: EmbeddedIdentity, scope: object, employers: set[str], units: set[str]
) -> None:
    limits = identity.identify(signed(claims(scope=scope))).limits
    assert limits == Limits(frozenset(employers), frozenset(units))


@pytest.mark.parametrize(
    "scope",
    [
        7,
        {"employer": "A"},
        ["employer:A", 7],
        "employer:",
        "openid unit:",
        "unit:%zz",
        "unit:a%2",
        "unit:%FF",
        "unit:a%0Ab",
    ],
)
def test_a_limit_that_cannot_be_read_is_not_passed_over(
    identity: EmbeddedIdentity, scope: object
) -> None:
    with pytest.raises(NotIdentified, match="scope"):
        identity.identify(signed(claims(scope=scope)))


def test_one_that_never_ends_is_accepted(identity: EmbeddedIdentity) -> None:
    assert identity.identify(signed(claims(exp=10**30))).expires_at is None


def unsigned(content: dict[str, Any]) -> str:
    """A token that says it needs no signature."""
    parts = [{"alg": "none"}, content]
    encoded = [base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in parts]
    return b".".join([*encoded, b""]).decode()


@pytest.mark.parametrize(
    "forge",
    [
        lambda: unsigned(claims()),
        lambda: signed(claims(), "HS512"),
        lambda: signed(claims(), secret=bytes(32)),
        lambda: signed(claims())[:-2] + "xx",
        lambda: signed(claims()).replace(".", "..", 1),
        lambda: "x",
        lambda: "..",
        lambda: "a.b.c",
    ],
)
def test_a_token_that_we_did_not_sign_is_not_accepted(
    identity: EmbeddedIdentity, forge: Callable[[], str]
) -> None:
    with pytest.raises(NotIdentified):
        identity.identify(forge())


@pytest.mark.parametrize("subject", ["", "x" * 256, "a\nb", "\u200b"])
def test_a_subject_is_1_to_255_printable_characters(
    identity: EmbeddedIdentity, subject: str
) -> None:
    with pytest.raises(Malformed, match="subject"):
        identity.issue(subject, Role.ADMIN, 60)


@pytest.mark.parametrize("limits", [Limits(), Limits(frozenset({"A b", "50%:Å"}), frozenset("N"))])
def test_what_a_token_is_made_to_say_is_what_is_read_in_it(
    identity: EmbeddedIdentity, limits: Limits
) -> None:
    token = identity.issue("x", Role.ADMIN, 60, staff_number="S1", body="Union A", limits=limits)
    caller = identity.identify(token)
    assert (caller.staff_number, caller.body, caller.limits) == ("S1", "Union A", limits)


@pytest.mark.parametrize("text", ["", "x" * 256, "a\nb"])
def test_what_could_not_be_read_in_a_token_is_not_written(
    identity: EmbeddedIdentity, text: str
) -> None:
    with pytest.raises(Malformed, match="staff_number"):
        identity.issue("x", Role.ADMIN, 60, staff_number=text)
    with pytest.raises(Malformed, match="body"):
        identity.issue("x", Role.ADMIN, 60, body=text)
    with pytest.raises(Malformed, match="employer"):
        identity.issue("x", Role.ADMIN, 60, limits=Limits(frozenset({text})))
    with pytest.raises(Malformed, match="unit"):
        identity.issue("x", Role.ADMIN, 60, limits=Limits(units=frozenset({text})))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.ADMIN}))
def test_only_an_administrator_is_limited(identity: EmbeddedIdentity, role: Role) -> None:
    with pytest.raises(Malformed, match="only an administrator"):
        identity.issue("x", role, 60, limits=Limits(frozenset({"A"})))


@pytest.mark.parametrize("ttl", [0, -1, 367 * 24 * 3600])
def test_a_time_to_live_is_a_second_to_a_year(identity: EmbeddedIdentity, ttl: int) -> None:
    with pytest.raises(Malformed, match="ttl"):
        identity.issue("x", Role.ADMIN, ttl)


def test_a_short_secret_is_refused(clock: Clock) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        EmbeddedIdentity(b"short", clock)


# --- an outside provider -----------------------------------------------------------------------


@pytest.fixture
def private() -> ECKey:
    """The provider's own key."""
    return ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})


def publish(path: Path, *keys: ECKey | RSAKey) -> None:
    """Write the public halves as a JWKS."""
    path.write_text(json.dumps(KeySet(list(keys)).as_dict(private=False)))


def issued(private: ECKey, **differently: Any) -> str:
    """A token of the provider."""
    header = {"alg": "ES256", "kid": private.kid}
    content = claims(iss="https://id.example", **differently)
    return jwt.encode(header, content, private, algorithms=["ES256"])


def test_an_outside_providers_tokens_are_accepted(
    tmp_path: Path, clock: Clock, private: ECKey
) -> None:
    publish(tmp_path / "jwks.json", private)
    outside = OutsideIdentity("https://id.example", str(tmp_path / "jwks.json"), clock)
    assert outside.identify(issued(private, sub="S1")).subject == "S1"
    with pytest.raises(NotIdentified):
        outside.identify(EmbeddedIdentity(SECRET, clock).issue("x", Role.ADMIN, 60))
    with pytest.raises(NotIdentified):
        outside.identify(issued(private, aud="another"))
    other = ECKey.generate_key("P-256", {"kid": "one"})
    with pytest.raises(NotIdentified):
        outside.identify(issued(other))


def test_the_public_key_cannot_be_used_as_a_secret(
    tmp_path: Path, clock: Clock, private: ECKey
) -> None:
    publish(tmp_path / "jwks.json", private)
    outside = OutsideIdentity("https://id.example", str(tmp_path / "jwks.json"), clock)
    parts = [{"alg": "HS256", "kid": private.kid}, claims(iss="https://id.example")]
    told = b".".join(
        base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in parts
    )
    seal = hmac.digest(private.as_pem(private=False), told, "sha256")
    forged = (told + b"." + base64.urlsafe_b64encode(seal).rstrip(b"=")).decode()
    with pytest.raises(NotIdentified):
        outside.identify(forged)


def test_a_new_key_of_the_provider_is_found(
    tmp_path: Path, clock: Clock, private: ECKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path / "jwks.json", private)
    outside = OutsideIdentity("https://id.example", str(tmp_path / "jwks.json"), clock)
    new = ECKey.generate_key("P-256", {"kid": "two", "use": "sig", "alg": "ES256"})
    publish(tmp_path / "jwks.json", private, new)
    with pytest.raises(NotIdentified):
        outside.identify(issued(new))
    monkeypatch.setattr("transfer.access.outside._REFRESH_SECONDS", 0.0)
    assert outside.identify(issued(new)).subject == "x"


@pytest.mark.parametrize("content", [None, "", "{}", '{"keys": 3}', '{"keys": [{"kty": "x"}]}'])
def test_keys_that_cannot_be_read_are_refused(
    tmp_path: Path, clock: Clock, content: str | None
) -> None:
    path = tmp_path / "jwks.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(Malformed, match="TRANSFER_IDENTITY_JWKS"):
        OutsideIdentity("https://id.example", str(path), clock)


def test_a_shared_secret_in_a_jwks_is_refused(tmp_path: Path, clock: Clock) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": [OctKey.import_key(SECRET).as_dict()]}))
    with pytest.raises(Malformed, match="public keys"):
        OutsideIdentity("https://id.example", str(path), clock)

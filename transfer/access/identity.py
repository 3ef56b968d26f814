"""Who is calling: bearer tokens, made here or by an outside provider (`transfer.access.outside`).

A token is a signed JWT: `iss`, `aud`, `sub`, `iat`, `exp`, and the caller's roles in `authorities`
(contract, "HTTP"). The embedded identity signs with a secret of the data folder (HS256), so that
the service and `transfer token` need nothing else in common.

A member of staff is known by the claim `staff_number`, else by `sub` (contract, "Who may read and
act"): a provider's subjects are rarely staff numbers.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol
from urllib.parse import quote, unquote

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import OctKey

from transfer.core.refusals import Malformed

ISSUER = "transfer"
LEEWAY_SECONDS = 30
"""How far another machine's clock may be from ours; our own tokens get no such grace."""
LONGEST_TTL_SECONDS = 366 * 24 * 3600

_TEXT_LENGTH = 255
_REMEMBERED = 1024
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


class Role(StrEnum):
    """What a caller may do; the value is what a token's `authorities` say."""

    ADMIN = "ROLE_TRANSFER__ADMIN__RW"
    STAFF = "ROLE_TRANSFER__STAFF__RO"
    UNION = "ROLE_TRANSFER__UNION__RO"
    DISPUTE = "ROLE_TRANSFER__DISPUTE__RO"
    AUDIT = "ROLE_TRANSFER__AUDIT__RO"


SHORT_NAMES: dict[str, Role] = {role.name.lower(): role for role in Role}
"""The names that `transfer token --role` takes."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The employers and units to which an administrator is limited; no name at all: no limit."""

    employers: frozenset[str] = frozenset()
    units: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Caller:
    """Whoever holds a valid token.

    `expires_at` is when it ends, where that is known. `staff_number` is the number of a member of
    staff; for everybody else it means nothing. `body` is the union or the panel that somebody acts
    for, where the token names one.
    """

    subject: str
    roles: frozenset[Role]
    expires_at: datetime | None = field(default=None, compare=False)
    claimed_number: str | None = None
    body: str | None = None
    limits: Limits = Limits()

    @property
    def staff_number(self) -> str:
        """The number that the token claims, else its subject."""
        return self.claimed_number or self.subject


class NotIdentified(Exception):  # noqa: N818 - says what happened, as the caller is told
    """No token, or one that is not accepted; the message is for the caller, and says why.

    `code` is the error of RFC 6750, `None` where no token was given at all.
    """

    def __init__(self, reason: str, code: str | None = "invalid_token") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Identity(Protocol):
    """Whatever can tell from a token who is calling.

    `asks_elsewhere` says that it may have to ask over the network.
    """

    @property
    def asks_elsewhere(self) -> bool:
        """Whether `identify` may wait for another server."""

    def identify(self, token: str) -> Caller:
        """The caller that holds this token; raises `NotIdentified`."""


class Nobody:
    """Knows nobody: of a process that answers nothing of the record."""

    asks_elsewhere = False

    def identify(self, token: str) -> Caller:  # noqa: ARG002 - whatever it is
        """Raise `NotIdentified`."""
        raise NotIdentified("this process answers nothing of the record")


class EmbeddedIdentity:
    """Tokens made and checked with one secret of at least 32 bytes."""

    asks_elsewhere = False

    def __init__(
        self, secret: bytes, clock: Callable[[], datetime], *, audience: str = "transfer"
    ) -> None:
        if len(secret) < 32:
            raise ValueError("a secret of at least 32 bytes is needed")
        self._key = OctKey.import_key(secret)
        self._clock = clock
        self._audience = audience
        self._claims = ClaimsCheck(ISSUER, audience, clock)

    def issue(
        self,
        subject: str,
        role: Role,
        ttl_seconds: int,
        *,
        staff_number: str | None = None,
        body: str | None = None,
        limits: Limits = Limits(),
    ) -> str:
        """A token for that subject and role, valid from now for so many seconds.

        `staff_number` is claimed where the subject is another name for a member of staff, `body`
        for people who act for a union or a panel; `limits` are those of an administrator.

        Raises `Malformed` for an empty, long or unprintable text, for a time to live that is not
        between a second and a year, and for limits of anybody but an administrator.
        """
        given = {"subject": subject, "staff_number": staff_number, "body": body}
        texts = {name: text for name, text in given.items() if text is not None}
        for name, text in texts.items():
            if not (0 < len(text) <= _TEXT_LENGTH and text.isprintable()):
                raise Malformed(f"give 1 to {_TEXT_LENGTH} printable characters", field=name)
        if not 1 <= ttl_seconds <= LONGEST_TTL_SECONDS:
            raise Malformed(f"give 1 to {LONGEST_TTL_SECONDS} seconds", field="ttl")
        now = int(self._clock().timestamp())
        claims: dict[str, object] = {
            "iss": ISSUER,
            "aud": self._audience,
            "sub": texts.pop("subject"),
            **texts,
            "authorities": [role.value],
            "iat": now,
            "exp": now + ttl_seconds,
        }
        if scope := _scope(role, limits):
            claims["scope"] = scope
        return jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, self._key, algorithms=["HS256"])

    def identify(self, token: str) -> Caller:
        """See `Identity.identify`."""
        return self._claims.check(token, lambda: jwt.decode(token, self._key, algorithms=["HS256"]))


@dataclass(frozen=True, slots=True)
class _Remembered:
    caller: Caller
    not_before: float
    expires: float


class ClaimsCheck:
    """What a token must claim; a token that passed is remembered until it expires."""

    def __init__(
        self, issuer: str, audience: str, clock: Callable[[], datetime], leeway: int = 0
    ) -> None:
        self._clock = clock
        self._leeway = leeway
        self._registry = jwt.JWTClaimsRegistry(
            now=lambda: int(clock().timestamp()),
            leeway=leeway,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        self._remembered: dict[str, _Remembered] = {}

    def check(self, token: str, decode: Callable[[], jwt.Token]) -> Caller:
        """Whoever a token names; raises `NotIdentified`."""
        now = self._clock().timestamp()
        known = self._remembered.get(token)
        if known is not None and known.not_before <= now < known.expires:
            return known.caller
        try:
            decoded = decode()
            self._registry.validate(decoded.claims)
        except ExpiredTokenError as error:
            raise NotIdentified("the token has expired: ask for a new one") from error
        except (JoseError, ValueError, TypeError) as error:
            raise NotIdentified("the token is not accepted") from error
        caller = _caller(decoded)
        if len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
        claims = decoded.claims
        self._remembered[token] = _Remembered(
            caller,
            max(float(claims["iat"]), float(claims.get("nbf", 0))) - self._leeway,
            float(claims["exp"]) + self._leeway,
        )
        return caller


def _caller(token: jwt.Token) -> Caller:
    subject = token.claims["sub"]
    authorities = token.claims.get("authorities")
    if not isinstance(subject, str) or not (0 < len(subject) <= _TEXT_LENGTH):
        raise NotIdentified("the token's subject is not accepted")
    if not isinstance(authorities, list):
        raise NotIdentified("the token names no authorities")
    number = _optional(token.claims.get("staff_number"), "staff number")
    body = _optional(token.claims.get("body"), "body")
    limits = _limits(token.claims.get("scope"))
    known = {role.value: role for role in Role}
    roles = (known.get(each) for each in authorities if isinstance(each, str))
    return Caller(
        subject,
        frozenset(role for role in roles if role is not None),
        _ends_at(float(token.claims["exp"])),
        number,
        body,
        limits,
    )


def _optional(claimed: object, name: str) -> str | None:
    if claimed is None:
        return None
    if not (isinstance(claimed, str) and 0 < len(claimed) <= _TEXT_LENGTH):
        raise NotIdentified(f"the token's {name} is not accepted")
    return claimed


def _limits(scope: object) -> Limits:
    """The limits that a scope names; what else it names belongs to others.

    Raises `NotIdentified` for a scope or limit that cannot be read: a limit that were passed over
    would let an administrator do more, not less.
    """
    named = [] if scope is None else scope.split(" ") if isinstance(scope, str) else scope
    if not isinstance(named, list) or not all(isinstance(each, str) for each in named):
        raise NotIdentified("the token's scope is not accepted")
    found: dict[str, set[str]] = {"employer": set(), "unit": set()}
    for each in named:
        kind, colon, name = each.partition(":")
        if colon and kind in found:
            found[kind].add(_limit_name(name))
    return Limits(frozenset(found["employer"]), frozenset(found["unit"]))


def _scope(role: Role, limits: Limits) -> str:
    """The scope that names these limits, as `_limits` reads it. Raises `Malformed`."""
    named = {"employer": sorted(limits.employers), "unit": sorted(limits.units)}
    for kind, names in named.items():
        if names and role is not Role.ADMIN:
            raise Malformed("only an administrator is limited", field=kind)
        for name in names:
            if not (0 < len(name) <= _TEXT_LENGTH and name.isprintable()):
                raise Malformed(f"give 1 to {_TEXT_LENGTH} printable characters", field=kind)
    return " ".join(
        f"{kind}:{quote(name, safe='')}" for kind, names in named.items() for name in names
    )


def _limit_name(encoded: str) -> str:
    try:
        name = unquote(encoded, errors="strict")
    except UnicodeDecodeError:
        name = ""
    if not name or not name.isprintable() or _BAD_PERCENT.search(encoded):
        raise NotIdentified("the token's scope names a limit that cannot be read")
    return name


def _ends_at(timestamp: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(timestamp, UTC)
    except (OverflowError, ValueError, OSError):
        return None  # after the last instant that can be written

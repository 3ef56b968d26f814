"""An outside OpenID provider: its keys, its tokens, and signing in with it.

A provider says at `/.well-known/openid-configuration` under its issuer how it is reached (OpenID
Connect Discovery). Its tokens are signed with keys whose public halves its JWKS holds; which
algorithms are accepted is decided by the kind of key and never by the token.

    OutsideIdentity   whose bearer token is this (the API as a resource server)
    CodeFlow          a browser goes to the provider and comes back with a code (the pages)
"""

import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Final
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from pydantic import BaseModel, ValidationError

from transfer.access.addresses import is_safe_address
from transfer.access.identity import Caller, ClaimsCheck, NotIdentified
from transfer.core.refusals import Malformed

LEEWAY_SECONDS: Final = 30
"""How far the provider's clock may be from ours; our own tokens get no such grace."""

_ALGORITHMS: Final = ("EdDSA", "ES256", "ES384", "ES512", "PS256", "RS256")
_DISCOVERY: Final = "/.well-known/openid-configuration"
_ISSUER: Final = "TRANSFER_IDENTITY_ISSUER"
_JWKS: Final = "TRANSFER_IDENTITY_JWKS"
_SECONDS: Final = 5.0
_REFRESH_SECONDS: Final = 30.0
_KEEP_SECONDS: Final = 3600.0


class Described(BaseModel):
    """What a provider says of itself, as far as it is used here."""

    issuer: str
    jwks_uri: str
    authorization_endpoint: str | None = None
    token_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


def discover(issuer: str) -> Described:
    """What the provider of that issuer says of itself.

    Raises `Malformed` where it cannot be read, is another's, or names an address that is neither
    https nor on this machine.
    """
    try:
        found = Described.model_validate(_fetch(issuer.rstrip("/") + _DISCOVERY, _ISSUER))
    except ValidationError as error:
        first = error.errors()[0]
        raise Malformed(
            f"the provider says of {first['loc'][0]}: {first['msg']}", field=_ISSUER
        ) from None
    if found.issuer != issuer:
        raise Malformed(f"the provider there calls itself {found.issuer}", field=_ISSUER)
    for name in ("jwks_uri", "authorization_endpoint", "token_endpoint", "end_session_endpoint"):
        address = getattr(found, name)
        if address is not None and not is_safe_address(address):
            raise Malformed(f"the provider's {name} is not an https address", field=_ISSUER)
    return found


class OutsideIdentity:
    """Tokens of an outside provider, checked with the public keys in its JWKS.

    The keys are kept for an hour. They are read again before that when a token does not fit any of
    them, not more often than every half minute; while the provider is away, those in hand are used.
    """

    asks_elsewhere = True

    def __init__(
        self,
        issuer: str,
        jwks: str | None,
        clock: Callable[[], datetime],
        *,
        audience: str = "transfer",
    ) -> None:
        """`jwks` is a file or an address; without it the provider is asked where its keys are.

        Raises `Malformed` where they cannot be read.
        """
        self._source = jwks or discover(issuer).jwks_uri
        self._claims = ClaimsCheck(issuer, audience, clock, LEEWAY_SECONDS)
        self._lock = threading.Lock()
        self._keys = _read_keys(self._source)
        self._read_at = monotonic()

    def identify(self, token: str) -> Caller:
        """See `Identity.identify`."""
        return self._claims.check(token, lambda: self.decode(token))

    def decode(self, token: str) -> jwt.Token:
        """A token with a signature of the provider's; what it claims is not checked.

        Raises `JoseError` or `ValueError`.
        """
        if monotonic() - self._read_at > _KEEP_SECONDS:
            self._read_again()
        try:
            return jwt.decode(token, self._keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):
            if not self._read_again():
                raise
            return jwt.decode(token, self._keys, algorithms=_ALGORITHMS)

    def _read_again(self) -> bool:
        with self._lock:
            if monotonic() - self._read_at < _REFRESH_SECONDS:
                return False
            self._read_at = monotonic()
            try:
                self._keys = _read_keys(self._source)
            except Malformed:
                # The provider is away: go on with the keys in hand.
                return False
            return True


@dataclass(frozen=True, slots=True)
class Attempt:
    """What binds a sign-in to the browser that began it; all three are secrets of that browser."""

    state: str
    nonce: str
    verifier: str


class CodeFlow:
    """Signing in at the provider: authorization code (OpenID Connect Core) with PKCE (RFC 7636)."""

    def __init__(
        self,
        identity: OutsideIdentity,
        described: Described,
        clock: Callable[[], datetime],
        *,
        client_id: str,
        client_secret: str | None,
        redirect_uri: str,
        scope: str,
    ) -> None:
        """Raises `Malformed` where the provider does not offer it."""
        if described.authorization_endpoint is None or described.token_endpoint is None:
            raise Malformed("the provider offers no sign-in by code", field=_ISSUER)
        self.issuer = described.issuer
        self._identity = identity
        self._authorize = described.authorization_endpoint
        self._token = described.token_endpoint
        self._end_session = described.end_session_endpoint
        self._methods = described.token_endpoint_auth_methods_supported
        self._client_id = client_id
        self._client_secret = client_secret
        self._redirect_uri = redirect_uri
        self._scope = scope
        self._claims = ClaimsCheck(described.issuer, client_id, clock, LEEWAY_SECONDS)

    def begins_at(self, attempt: Attempt) -> str:
        """The address at the provider to which a browser is sent."""
        challenge = sha256(attempt.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": self._redirect_uri,
            "scope": self._scope,
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        return _with_query(self._authorize, asked)

    def ends_with(self, code: str, attempt: Attempt) -> Caller:
        """Whoever has signed in, by the code that the browser brought back.

        A code is good once. The ID token says who it is, and not for how long. Raises
        `NotIdentified`.
        """
        token = self._exchange(code, attempt)
        try:
            decoded = self._identity.decode(token)
        except (JoseError, ValueError) as error:
            raise NotIdentified("the provider's token is not accepted") from error
        nonce = decoded.claims.get("nonce")
        if not (isinstance(nonce, str) and hmac.compare_digest(nonce, attempt.nonce)):
            raise NotIdentified("the provider's token belongs to another sign-in")
        if decoded.claims.get("azp", self._client_id) != self._client_id:
            raise NotIdentified("the provider's token was given to another program")
        return replace(self._claims.check(token, lambda: decoded), expires_at=None)

    def sign_out_at(self) -> str | None:
        """The address at which the provider is asked to end its session; `None` if it has none."""
        if self._end_session is None:
            return None
        ours = urlsplit(self._redirect_uri)
        back = f"{ours.scheme}://{ours.netloc}/sign-in"
        asked = {"client_id": self._client_id, "post_logout_redirect_uri": back}
        return _with_query(self._end_session, asked)

    def _exchange(self, code: str, attempt: Attempt) -> str:
        """The ID token for a code. Raises `NotIdentified`."""
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": attempt.verifier,
        }
        auth = None
        if self._client_secret is None:
            sent["client_id"] = self._client_id
        elif "client_secret_basic" in self._methods:
            # As a form encodes them (RFC 6749, 2.3.1).
            auth = (quote_plus(self._client_id), quote_plus(self._client_secret))
        else:
            sent |= {"client_id": self._client_id, "client_secret": self._client_secret}
        try:
            answer = httpx.post(self._token, data=sent, auth=auth, timeout=_SECONDS)
            told = answer.json()
        except (httpx.HTTPError, ValueError) as error:
            raise NotIdentified("the identity provider does not answer: try again") from error
        token = told.get("id_token") if isinstance(told, dict) and answer.is_success else None
        if not isinstance(token, str):
            raise NotIdentified("the identity provider does not accept this sign-in: begin again")
        return token


def _with_query(address: str, asked: dict[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _read_keys(source: str) -> KeySet:
    """Raises `Malformed` where the keys cannot be read."""
    try:
        if is_safe_address(source):
            content = _fetch(source, _JWKS)
        else:
            content = json.loads(Path(source).read_bytes())
        keys = KeySet.import_key_set(content)  # type: ignore[arg-type]  # it refuses what is none
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise Malformed(f"cannot read the provider's keys: {error}", field=_JWKS) from error
    if any(isinstance(key, OctKey) for key in keys.keys):
        raise Malformed("a JWKS must hold public keys only", field=_JWKS)
    return keys


def _fetch(address: str, field: str) -> object:
    """The JSON at an address; redirects are not followed. Raises `Malformed`."""
    try:
        answer = httpx.get(address, timeout=_SECONDS, headers={"Accept": "application/json"})
        answer.raise_for_status()
        found: object = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise Malformed(f"cannot read {address}: {error}", field=field) from error
    return found

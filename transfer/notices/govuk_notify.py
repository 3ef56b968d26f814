"""GOV.UK Notify: a notice as an e-mail by a template of the service's own account there.

Its REST API, version 2: each request has a token signed with the secret half of the API key
(HS256, good for 30 seconds), the address, the template, what the template is filled in with and our
reference, by which Notify can be asked later whether it has taken a notice.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey
from pydantic import SecretStr

from transfer.notices.couriers import Notice, Refused, TryLater
from transfer.notices.owed import NoticeKind

_SECONDS: Final = 5.0
_ID: Final = 36
"""The length of a UUID as text: an API key ends in the service's id, a hyphen and the secret."""

_EMAIL: Final = "/v2/notifications/email"
_FOUND: Final = "/v2/notifications"
_LONGEST_REASON: Final = 300
_ADDRESS: Final = re.compile(r"\S+@\S+")


class GovukNotify:
    """A courier that sends e-mails by GOV.UK Notify.

    `templates` are the ids of Notify's templates by kind of notice, `base` the address of its API,
    `clock` the real one, which Notify wants to agree with its own within 30 seconds.
    """

    name = "GOV.UK Notify"
    needs_address = True

    def __init__(
        self,
        api_key: SecretStr,
        templates: Mapping[NoticeKind, str],
        clock: Callable[[], datetime],
        *,
        base: str,
    ) -> None:
        key = api_key.get_secret_value()
        self._secret = OctKey.import_key(key[-_ID:])
        self._service = key[-2 * _ID - 1 : -_ID - 1]
        self._templates = templates
        self._clock = clock
        self._base = base.rstrip("/")

    def was_taken(self, reference: str) -> bool:
        """See `Courier.was_taken`."""
        answer = self._ask("GET", _FOUND, params={"reference": reference})
        if answer.status_code != HTTPStatus.OK:
            raise TryLater(_said(answer), in_doubt=True)
        found = _content(answer).get("notifications")
        if not isinstance(found, list):
            raise TryLater("GOV.UK Notify does not say what it has taken", in_doubt=True)
        return bool(found)

    def take(self, notice: Notice, address: str | None) -> None:
        """See `Courier.take`."""
        template = self._templates.get(notice.kind)
        if template is None:
            raise Refused(
                f"no template is set for {notice.kind}: name one in TRANSFER_NOTIFY_TEMPLATES"
            )
        filled_in = {"reference": notice.reference, "says": notice.says, "link": notice.link}
        answer = self._ask(
            "POST",
            _EMAIL,
            json={
                "email_address": address,
                "template_id": template,
                "personalisation": filled_in,
                "reference": notice.reference,
            },
        )
        status = answer.status_code
        if status == HTTPStatus.CREATED:
            return
        said = _said(answer)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise TryLater(said)
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            raise Refused(said)
        raise TryLater(said, in_doubt=True)

    def _ask(self, method: str, path: str, **asked: Any) -> httpx.Response:
        """The answer to a request. Raises `TryLater`."""
        claims = {"iss": self._service, "iat": int(self._clock().timestamp())}
        token = jwt.encode({"alg": "HS256", "typ": "JWT"}, claims, self._secret)
        headers = {"Authorization": f"Bearer {token}"}
        try:
            return httpx.request(
                method, self._base + path, headers=headers, timeout=_SECONDS, **asked
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise TryLater("GOV.UK Notify cannot be reached") from error
        except httpx.HTTPError as error:
            # The request was on its way: it may have arrived.
            why = type(error).__name__
            raise TryLater(f"GOV.UK Notify did not answer ({why})", in_doubt=True) from error


def _content(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _said(answer: httpx.Response) -> str:
    """What Notify says is wrong, without the address, which it may quote."""
    errors = _content(answer).get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    told = first if isinstance(first, dict) else {}
    said = f"{told.get('error', '')}: {told.get('message', '')}".strip(": ")
    said = _ADDRESS.sub("the address", said)
    said = "".join(each if each.isprintable() else " " for each in said)
    return f"GOV.UK Notify answered {answer.status_code} {said}".strip()[:_LONGEST_REASON]

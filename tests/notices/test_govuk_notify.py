"""GOV.UK Notify as a courier, against a local server that checks every token's signature."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from tests.support.notify_server import (
    API_KEY,
    HANGS_UP,
    SECRET,
    SERVICE,
    TEMPLATE,
    NotifyServer,
    notify_server,
)
from transfer.app import clock
from transfer.notices.couriers import Notice, Refused, TryLater
from transfer.notices.govuk_notify import GovukNotify
from transfer.notices.owed import NoticeKind

pytestmark = pytest.mark.engines

NOTICE = Notice(
    NoticeKind.LETTER,
    "ABCD-EFGH-IJKL-MNOP",
    "There is a letter for you to read.",
    "https://transfer.example/my-choices",
)
ADDRESS = "r.canary@example.com"


@pytest.fixture
def server() -> Iterator[NotifyServer]:
    """GOV.UK Notify on this machine."""
    with notify_server() as running:
        yield running


def courier(server: NotifyServer, key: str = API_KEY) -> GovukNotify:
    """A courier of one kind of notice."""
    return GovukNotify(
        SecretStr(key), {NoticeKind.LETTER: TEMPLATE}, clock, base=f"{server.address}/"
    )


def test_a_notice_is_an_email_by_its_template(server: NotifyServer) -> None:
    courier(server).take(NOTICE, ADDRESS)
    assert server.taken == {
        NOTICE.reference: [
            {
                "email_address": ADDRESS,
                "template_id": TEMPLATE,
                "personalisation": {
                    "reference": NOTICE.reference,
                    "says": NOTICE.says,
                    "link": NOTICE.link,
                },
                "reference": NOTICE.reference,
            }
        ]
    }
    assert server.asked == ["POST /v2/notifications/email"]


def test_a_key_without_a_name_is_as_good_and_another_secret_is_not(server: NotifyServer) -> None:
    courier(server, f"{SERVICE}-{SECRET}").take(NOTICE, ADDRESS)
    wrong = courier(server, f"{SERVICE}-{SECRET[:-1]}1")
    with pytest.raises(Refused, match="403 AuthError"):
        wrong.take(NOTICE, ADDRESS)
    with pytest.raises(TryLater, match="403 AuthError"):
        wrong.was_taken(NOTICE.reference)


def test_a_token_of_a_wrong_clock_is_refused(server: NotifyServer) -> None:
    slow = GovukNotify(
        SecretStr(API_KEY),
        {NoticeKind.LETTER: TEMPLATE},
        lambda: clock() - timedelta(minutes=2),
        base=server.address,
    )
    with pytest.raises(Refused, match="403"):
        slow.take(NOTICE, ADDRESS)


@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_is_for_good_and_does_not_quote_the_address(
    server: NotifyServer, status: int
) -> None:
    server.answers = [status]
    with pytest.raises(Refused, match=f"GOV.UK Notify answered {status}") as refused:
        courier(server).take(NOTICE, ADDRESS)
    assert "canary" not in refused.value.reason
    assert server.taken == {}


@pytest.mark.parametrize(
    ("status", "says", "in_doubt"),
    [(429, "429", False), (500, "500", True), (HANGS_UP, "did not answer", True)],
)
def test_what_may_pass_is_tried_later(
    server: NotifyServer, status: int, says: str, in_doubt: bool
) -> None:
    server.answers = [status]
    with pytest.raises(TryLater, match=says) as later:
        courier(server).take(NOTICE, ADDRESS)
    assert later.value.in_doubt == in_doubt


def test_it_is_asked_by_reference_what_it_has_taken(server: NotifyServer) -> None:
    asked = courier(server)
    assert not asked.was_taken(NOTICE.reference)
    asked.take(NOTICE, ADDRESS)
    assert asked.was_taken(NOTICE.reference)
    assert server.asked[-1] == f"GET /v2/notifications?reference={NOTICE.reference}"


def test_nobody_there_and_no_template(server: NotifyServer) -> None:
    asked = courier(server)
    without = Notice(NoticeKind.WORK_DUE, NOTICE.reference, NOTICE.says, NOTICE.link)
    with pytest.raises(Refused, match="TRANSFER_NOTIFY_TEMPLATES"):
        asked.take(without, ADDRESS)
    server.address = "http://127.0.0.1:9"
    with pytest.raises(TryLater, match="cannot be reached") as later:
        courier(server).take(NOTICE, ADDRESS)
    assert not later.value.in_doubt

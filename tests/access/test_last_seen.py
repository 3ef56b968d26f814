"""The sealed instant that callers are told, and send back."""

from datetime import UTC, datetime, timedelta

import pytest

from transfer.access.last_seen import Exchange, LastSeen

AT = datetime(2014, 6, 10, 12, 0, 0, 5, tzinfo=UTC)
OURS = LastSeen(bytes(32))


def test_what_was_sealed_is_opened_and_the_later_one_is_the_greater_text() -> None:
    for microseconds in (0, 1, 10**6, 10**12):
        later = AT + timedelta(microseconds=microseconds)
        assert OURS.open(OURS.seal(later)) == later
        assert (OURS.seal(AT) < OURS.seal(later)) is (microseconds > 0)


@pytest.mark.parametrize(
    "sent",
    [
        "",
        ".",
        "x",
        "2014-06-10T12:00:00.000005Z",
        "2014-06-10T12:00:00.000005Z.",
        "2999-06-10T12:00:00.000005Z." + OURS.seal(AT).rpartition(".")[2],
        OURS.seal(AT)[:-1],
        OURS.seal(AT) + "A",
        OURS.seal(AT).replace("Z", "+00:00"),
        OURS.seal(AT).replace("T", "t"),
        LastSeen(b"1" * 32).seal(AT),
        "\N{FULLWIDTH DIGIT TWO}" + OURS.seal(AT)[1:],
    ],
)
def test_what_nobody_has_sealed_says_nothing(sent: str) -> None:
    assert OURS.open(sent) is None


def test_an_answer_tells_the_latest_that_its_caller_has_seen() -> None:
    earlier, later = AT - timedelta(seconds=1), AT + timedelta(seconds=1)
    for brought, latest in ((OURS.seal(earlier), AT), (OURS.seal(later), later), ("x", AT)):
        exchange = Exchange([brought])
        assert OURS.sealed_for(exchange) is None
        for each in (AT, earlier):
            exchange.show(each)
        assert OURS.sealed_for(exchange) == OURS.seal(latest)

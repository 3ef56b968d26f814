"""Long lists on a page: every part is reachable from the first, and none is lost or repeated."""

from urllib.parse import parse_qs, urlsplit

import pytest

from transfer.core.refusals import Malformed
from transfer.web.frame.some_at_a_time import AT_A_TIME, Part, Some

KEPT = {"known_at": "4/12/2013", "other_from": "3"}
SIZES = (0, 1, AT_A_TIME, AT_A_TIME + 1, 2 * AT_A_TIME, 5 * AT_A_TIME + 7)


def part(asked: dict[str, str], *, newest: bool) -> Part:
    return Part("/there", "until" if newest else "from", "list", asked)


def shown(of: int, asked: dict[str, str], *, newest: bool) -> Some[int]:
    one, everything = part(asked, newest=newest), range(1, of + 1)
    return one.last_of(everything) if newest else one.first_of(everything)


def asked_by(address: str) -> dict[str, str]:
    found = urlsplit(address)
    assert (found.path, found.fragment) == ("/there", "list")
    asked = {name: value for name, (value,) in parse_qs(found.query).items()}
    assert KEPT.items() <= asked.items()
    return asked


@pytest.mark.parametrize("newest", [False, True])
@pytest.mark.parametrize("of", SIZES)
def test_all_is_reachable_without_loss(of: int, newest: bool) -> None:
    seen: list[int] = []
    some = shown(of, dict(KEPT), newest=newest)
    assert some.before is None
    seen += some.items
    assert bool(some.says) is (of > AT_A_TIME)
    ways = 0
    while some.after is not None:
        some = shown(of, asked_by(some.after), newest=newest)
        assert 0 < len(some.items) <= AT_A_TIME
        seen += some.items
        ways += 1
    assert seen == sorted(range(1, of + 1), reverse=newest)
    for _ in range(ways):
        assert some.before is not None
        some = shown(of, asked_by(some.before), newest=newest)
    assert some.before is None


@pytest.mark.parametrize("newest", [False, True])
def test_what_is_added_later_moves_nothing(newest: bool) -> None:
    first = shown(50, dict(KEPT), newest=newest)
    assert first.after is not None
    asked = asked_by(first.after)
    assert shown(50, asked, newest=newest).items == shown(51, asked, newest=newest).items


@pytest.mark.parametrize("number", ["0", "x", "-1", "1.5", "²", "99999999"])
@pytest.mark.parametrize("newest", [False, True])
def test_what_is_no_number_is_refused(number: str, newest: bool) -> None:
    with pytest.raises(Malformed):
        shown(50, {"until" if newest else "from": number}, newest=newest)


@pytest.mark.parametrize("newest", [False, True])
def test_beyond_the_end_is_the_end(newest: bool) -> None:
    some = shown(50, {"until" if newest else "from": "70"}, newest=newest)
    assert 50 in some.items

"""Dates and instants as people type them."""

from datetime import UTC, date, datetime

import pytest

from transfer.core.dating.typed import typed_day, typed_instant


@pytest.mark.parametrize(
    "text",
    ["2014-06-01", "01/06/2014", "1/6/2014", "1.6.2014", "1-6-2014", "1 June 2014", "1 jun 2014"],
)
def test_a_day_may_be_written_in_several_ways(text: str) -> None:
    assert typed_day(text) == date(2014, 6, 1)


@pytest.mark.parametrize(
    "text", ["", "xx", "31/02/2014", "1/6.2014", "1 Juno 2014", "6/2014", "2014-6-1", "01/06/14"]
)
def test_what_is_no_day_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="such as 2014-06-01"):
        typed_day(text)


def test_a_day_of_knowledge_is_its_end_in_london() -> None:
    assert typed_instant("10/06/2014") == datetime(2014, 6, 10, 22, 59, 59, 999999, tzinfo=UTC)


def test_an_instant_is_taken_as_it_is() -> None:
    expected = datetime(2014, 6, 10, 13, 2, tzinfo=UTC)
    assert typed_instant("2014-06-10T14:02:00+01:00") == expected


def test_the_last_day_of_all_is_no_limit() -> None:
    assert typed_instant("9999-12-31") is None


@pytest.mark.parametrize("text", ["xx", "2014-06-10T14:02:00", "2014-06-10 14:02"])
def test_an_instant_without_its_offset_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="with its offset"):
        typed_instant(text)

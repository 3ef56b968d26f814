"""Names of streams are made and taken apart in one place, and agree with one another."""

import pytest

from transfer.core.streams import (
    document_stream,
    matter_of,
    matter_stream,
    staff_stream,
    take_apart,
)


def test_each_stream_is_named_after_its_kind() -> None:
    assert staff_stream("S10442") == "staff:S10442"
    assert matter_stream("exercise:tr-2013.london") == "matter:exercise/tr-2013.london"


def test_taking_apart_gives_back_what_was_put_in() -> None:
    assert take_apart(staff_stream("S1")) == ("staff", "S1")
    assert take_apart(document_stream("D000017")) == ("document", "D000017")
    assert take_apart(matter_stream("exercise:tr-2013")) == ("matter", "exercise/tr-2013")
    assert take_apart(matter_stream("consultation:a:b")) == ("matter", "consultation/a:b")
    assert matter_of(matter_stream("consultation:a:b")) == "consultation:a:b"


def test_the_stream_of_a_matter_names_it() -> None:
    assert matter_stream("desk-move:spring.1") == "matter:desk-move/spring.1"
    assert matter_of(matter_stream("desk-move:spring.1")) == "desk-move:spring.1"
    assert matter_of(staff_stream("S1")) is None


@pytest.mark.parametrize(
    "name", ["", "staff", "staff:", ":S1", "person:S1", "matter:7", "exercise:tr-2013"]
)
def test_anything_else_is_no_stream(name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a stream"):
        take_apart(name)

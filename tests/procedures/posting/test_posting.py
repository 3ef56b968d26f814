"""Notice of a posting as a kind of the engine: what is done already, and what is refused.

What an official would ask is in the scenarios.
"""

from datetime import date
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.procedures.posting import facts as f
from transfer.procedures.posting.kind import POSTING
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "posting:S1.1"
DAY, NEXT = date(2016, 9, 12), date(2016, 9, 13)
POSTED: dict[str, Any] = {"post": "enforcement officer", "band": "3", "letter": "first"}


@pytest.fixture
def office() -> Matters:
    return Matters((POSTING,), binding(rulebook("e3-2016").with_values()))


def do(office: Matters, act: str, on: date = DAY, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, person="S1", **inputs)


def test_what_is_on_record_already_is_done(office: Matters) -> None:
    do(office, "begin", **POSTED).then(f.PostingNotified).saying(band_before=None, lower=None)
    do(office, "begin", **POSTED).then_refused(because="already", kind=AlreadyOnRecord)
    for act, letter in (("send", "second"), ("note-receipt", "first"), ("note-return", "second")):
        assert do(office, act, letter=letter).facts
        do(office, act, letter=letter).then_nothing()


def test_what_cannot_be_is_refused(office: Matters) -> None:
    do(office, "send", letter="first").then_refused(because="has not begun")
    do(office, "begin", **POSTED)
    do(office, "send", NEXT, letter="first").then_refused(because="give this one another name")
    do(office, "note-receipt", letter="other").then_refused(because="no letter other had gone out")
    do(office, "note-receipt", letter="first")
    do(office, "note-receipt", NEXT, letter="first").then_refused(because="on 2016-09-12")
    do(office, "note-return", letter="first").then_refused(because="reached them")
    do(office, "send", letter="second")
    do(office, "note-return", letter="second")
    do(office, "note-receipt", NEXT, letter="second").then_refused(because="came back")
    refused = do(office, "give-training", what="a course")
    refused.then_refused("E3-09", because="not to a lower band")


def test_nobody_knows_whether_a_post_is_lower_without_a_band_on_record(office: Matters) -> None:
    with pytest.raises(Refused, match="no letter on a posting"):
        office.answer(MATTER, "training", DAY)
    do(office, "begin", **POSTED)
    found = office.answer(MATTER, "training", DAY)
    assert (found.downgraded, found.is_owed, found.not_known) == (None, None, ())

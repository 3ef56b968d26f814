"""Which notice is owed to whom: by the facts as they are stored, and by days."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from transfer.kinds import KNOWN
from transfer.notices.owed import (
    FACTS,
    LINKS,
    SAYS,
    NoticeKind,
    Owed,
    Right,
    Work,
    owed_by,
    owed_by_days,
)
from transfer.procedures.facts import Fact

GOLDEN = Path(__file__).parents[1] / "golden" / "facts"
EVENT = "6f2f7c1e-6d9a-5d43-9a0e-3a44cf1c1d01"
COMMAND = "6f2f7c1e-6d9a-5d43-9a0e-3a44cf1c1d02"
TODAY, IN_3_DAYS = date(2013, 12, 10), timedelta(days=3)
BEFORE = TODAY - timedelta(days=9)


def golden(name: str) -> Fact:
    """The example of a stored fact."""
    return KNOWN.load(name, json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("assignment-letter-issued.v1", Owed(NoticeKind.LETTER, EVENT, staff_number="S10442")),
        ("notice-reissued.v1", Owed(NoticeKind.LETTER, EVENT, staff_number="S10442")),
        ("appeal-determined.v1", Owed(NoticeKind.APPEAL_DECIDED, EVENT, staff_number="S10442")),
        ("representative-appointed.v1", Owed(NoticeKind.APPOINTED, EVENT, subject="rep-4711")),
        # One command may give many duties: that is one notice.
        ("duty-delegated.v1", Owed(NoticeKind.WORK_GIVEN, COMMAND, subject="HR operations, north")),
    ],
)
def test_a_fact_owes_a_notice_to_whom_it_is_about(name: str, wanted: Owed) -> None:
    fact = golden(name)
    assert isinstance(fact, FACTS)
    assert owed_by(fact, stream="staff:S10442", event_id=EVENT, command_id=COMMAND) == wanted


def test_no_other_fact_owes_one() -> None:
    named = KNOWN.names_of(FACTS)
    others = [each for each in sorted(KNOWN.names.values()) if each not in named]
    assert len(others) > 20
    for each in others:
        assert (
            owed_by(golden(each), stream="staff:S10442", event_id=EVENT, command_id=COMMAND) is None
        ), each


def test_a_letter_to_nobody_alone_owes_none() -> None:
    fact = golden("notice-reissued.v1")
    assert owed_by(fact, stream="matter:exercise/tr", event_id=EVENT, command_id=COMMAND) is None


@pytest.mark.parametrize(
    ("last_day", "published_on", "is_owed"),
    [
        (TODAY + IN_3_DAYS, BEFORE, True),
        (TODAY, BEFORE, True),
        (TODAY + IN_3_DAYS + timedelta(days=1), BEFORE, False),  # not near yet
        (TODAY - timedelta(days=1), BEFORE, False),  # past
        (TODAY, TODAY, False),  # the letter of today says it
    ],
)
def test_a_right_is_told_of_while_its_last_day_is_near(
    last_day: date, published_on: date, is_owed: bool
) -> None:
    rights = [Right("S1", last_day, published_on)]
    found = owed_by_days(rights, [], today=TODAY, within=IN_3_DAYS)
    wanted = Owed(NoticeKind.WINDOW_CLOSING, last_day.isoformat(), staff_number="S1")
    assert found == ({wanted} if is_owed else set())


def test_several_rights_of_one_day_are_one_notice() -> None:
    rights = [Right("S1", TODAY, BEFORE), Right("S1", TODAY, BEFORE), Right("S2", TODAY, BEFORE)]
    found = owed_by_days(rights, [], today=TODAY, within=IN_3_DAYS)
    assert sorted(each.staff_number or "" for each in found) == ["S1", "S2"]


@pytest.mark.parametrize(
    ("due_on", "since", "about"),
    [
        (TODAY + IN_3_DAYS, BEFORE, "2013-12-13"),
        (TODAY - timedelta(days=1), BEFORE, None),  # past, of two readings the later is to come
        (TODAY + IN_3_DAYS + timedelta(days=1), TODAY, None),
        (None, TODAY, "since 2013-12-10"),
        (None, TODAY - IN_3_DAYS, "since 2013-12-07"),
        (None, BEFORE, None),
    ],
)
def test_work_is_told_of_to_who_does_it(
    due_on: date | None, since: date, about: str | None
) -> None:
    work = [Work("HR operations", due_on, since), Work("HR operations", due_on, since)]
    found = owed_by_days([], work, today=TODAY, within=IN_3_DAYS)
    wanted = {Owed(NoticeKind.WORK_DUE, about or "", subject="HR operations")}
    assert found == (wanted if about else set())


LATE = Work("B", TODAY - timedelta(days=1), BEFORE, given_by="A", is_overdue=True)


@pytest.mark.parametrize(
    ("work", "told"),
    [
        (LATE, {"A", "B"}),
        (replace(LATE, given_by=None), {"B"}),
        (replace(LATE, given_by="B"), {"B"}),
        (replace(LATE, due_on=TODAY - IN_3_DAYS), {"A", "B"}),
        (replace(LATE, due_on=TODAY - IN_3_DAYS - timedelta(days=1)), set()),  # long ago
        # By the later of two readings its day has passed now.
        (replace(LATE, due_on=BEFORE, last_on=TODAY - timedelta(days=1)), {"A", "B"}),
        (replace(LATE, is_excused=True), set()),
        (replace(LATE, due_on=TODAY, is_overdue=False, is_excused=True), set()),
        (replace(LATE, due_on=None), set()),
    ],
)
def test_work_that_is_overdue_is_told_to_who_has_it_and_to_who_gave_it(
    work: Work, told: set[str]
) -> None:
    found = owed_by_days([], [work, work], today=TODAY, within=IN_3_DAYS)
    assert {each.subject for each in found} == told
    assert len(found) == len(told)
    assert {each.kind for each in found} <= {NoticeKind.WORK_OVERDUE}


def test_work_that_is_overdue_is_told_of_also_where_nothing_is_told_beforehand() -> None:
    found = owed_by_days([], [LATE], today=TODAY, within=timedelta(0))
    assert {each.subject for each in found} == {"A", "B"}


def test_every_kind_has_a_link_that_names_nobody_and_a_sentence() -> None:
    for kind in NoticeKind:
        assert LINKS[kind].startswith("/")
        assert not any(each.isdigit() for each in LINKS[kind] + SAYS[kind])
        assert SAYS[kind].endswith(".")

"""What the pages for members of staff say of a term."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from transfer.procedures.staff_list.answers import OnList, OnOneList
from transfer.questions.values import TermInForce
from transfer.web.staff.wording import on_list_text, term_text

FIRST = date(2014, 6, 1)


@pytest.mark.parametrize(
    ("term", "value", "end", "says"),
    [
        ("pay-protection", "36 months", date(2017, 6, 1),
         "Pay protection is 36 months, from 1 Jun 2014 to the end of 31 May 2017."),
        ("continuous_service_from", "2009-04-01", None, "Continuous service from 1 Apr 2009."),
        ("continuous_service_from", "2009-04-01", date(2015, 1, 1),
         "Continuous service from 1 Apr 2009, from 1 Jun 2014 to the end of 31 Dec 2014."),
        ("continuous_service_from", "unknown", None, "Continuous service from unknown."),
    ],
)  # fmt: skip
def test_a_term_is_a_sentence_and_a_day_is_written_as_one(
    term: str, value: str, end: date | None, says: str
) -> None:
    held = TermInForce(
        term=term,
        value=value,
        effective_from=FIRST,
        effective_to=end,
        event_id=UUID(int=1),
        basis=None,
        confidence=None,
        corrected_by=None,
        recorded_at=datetime(2014, 6, 1, tzinfo=UTC),
    )
    assert term_text(held) == says


def listed(*transferees: str, draft: str | None = None) -> OnList:
    return OnList(
        stands="",
        cut_off_on=date(2014, 5, 9),
        transfer_on=FIRST,
        lists=tuple(
            OnOneList(
                procedure="staff-list:kent",
                transferee=each,
                version=2,
                effective_from=date(2014, 5, 23),
                made_by="the Secretary of State",
            )
            for each in transferees
        ),
        goes_to=None,
        draft=draft,
        changes=(),
        not_known=(),
        basis=(),
    )


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (listed("Kent CRC"),
         "The list of Kent CRC names you: version 2, made by the Secretary of State, in force from "
         "23 May 2014. It is the list for the transfer of 1 Jun 2014."),
        (listed(draft="Kent CRC"),
         "No list in force for the transfer of 1 Jun 2014 names you. You are on the draft of the "
         "list of Kent CRC."),
        (listed(), "No list in force for the transfer of 1 Jun 2014 names you."),
    ],
)  # fmt: skip
def test_a_list_of_who_goes_over_is_told_in_sentences(found: OnList, says: str) -> None:
    assert on_list_text(found) == says


def test_whom_two_lists_name_is_told_to_ask() -> None:
    says = on_list_text(listed("Kent CRC", "Essex CRC"))
    assert says.startswith("For the transfer of 1 Jun 2014 more than one list names you.")
    assert "The list of Essex CRC names you" in says

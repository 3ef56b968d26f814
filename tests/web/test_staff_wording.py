"""What the pages for members of staff say of a term."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from transfer.questions.values import TermInForce
from transfer.web.staff.wording import term_text

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

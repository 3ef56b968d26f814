"""Who is employed on a day, and what the record says of who is not."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from transfer.core.dating.effective_dating import Entries, Entry
from transfer.core.employed import (
    NotEmployed,
    employer_on,
    ends_employment,
    is_employed,
    warnings_of,
    why_not_employed,
)
from transfer.core.record.staff import facet_pieces
from transfer.core.words import Facet

AT = datetime(2014, 1, 1, tzinfo=UTC)


def entries(*stated: tuple[str, date, str | None] | tuple[str, date, str | None, date]) -> Entries:
    """Entries that state an employer of an assignment, from a day on, or until another."""
    return Entries(
        Entry(
            UUID(int=n),
            AT,
            facet_pieces(
                {Facet.EMPLOYER: each[2]},
                assignment=each[0],
                effective_from=each[1],
                effective_to=each[3] if len(each) > 3 else None,
            ),
        )
        for n, each in enumerate(stated)
    )


WORKED = (
    ("main", date(2009, 4, 1), "London"),
    ("main", date(2014, 1, 1), None),
    ("main", date(2014, 6, 1), "NPS"),
)

CASES = [
    # on, employed, left on, begins on
    (date(2009, 3, 31), False, None, date(2009, 4, 1)),
    (date(2009, 4, 1), True, None, None),
    (date(2013, 12, 31), True, None, None),
    (date(2014, 1, 1), False, date(2014, 1, 1), date(2014, 6, 1)),
    (date(2014, 5, 31), False, date(2014, 1, 1), date(2014, 6, 1)),
    (date(2014, 6, 1), True, None, None),
]


@pytest.mark.parametrize(("on", "employed", "left_on", "begins_on"), CASES)
def test_somebody_is_employed_while_the_assignment_has_an_employer(
    on: date, employed: bool, left_on: date | None, begins_on: date | None
) -> None:
    known = entries(*WORKED)
    assert is_employed(known, on) is employed
    found = why_not_employed(known, on)
    assert found == (None if employed else NotEmployed(on, left_on, begins_on))
    assert (employer_on(known, on) is not None) is employed


def test_a_temporary_gap_is_a_time_without_an_employer() -> None:
    known = entries(WORKED[0], ("main", date(2012, 1, 1), None, date(2012, 2, 1)))
    assert not is_employed(known, date(2012, 1, 31))
    assert is_employed(known, date(2012, 2, 1))


def test_each_assignment_is_asked_by_itself_or_any() -> None:
    known = entries(("evenings", date(2012, 1, 1), "London"))
    assert not is_employed(known, date(2013, 1, 1))
    assert is_employed(known, date(2013, 1, 1), "evenings")
    assert is_employed(known, date(2013, 1, 1), None)


def test_the_reason_in_words() -> None:
    on = date(2014, 2, 1)
    assert NotEmployed(on).reason == "not employed on 2014-02-01: no employer is on record"
    assert (
        NotEmployed(on, date(2014, 1, 1), date(2014, 6, 1)).reason
        == "not employed on 2014-02-01: left with effect from 2014-01-01 and begins on 2014-06-01"
    )


def test_a_change_that_ends_the_employer_alone_is_warned_of() -> None:
    day = date(2014, 4, 1)
    alone = warnings_of(entries(WORKED[0]), {Facet.EMPLOYER: None}, "main", day)
    assert len(alone) == 1
    assert alone[0].startswith("Only the employer ends on 2014-04-01.")
    whole = dict.fromkeys(Facet)
    assert warnings_of(entries(WORKED[0]), whole, "main", day) == ()
    assert warnings_of(entries(WORKED[0]), {Facet.EMPLOYER: "NPS"}, "main", day) == ()
    assert ends_employment(whole)


def test_entries_that_employ_the_person_again_are_listed() -> None:
    (again,) = warnings_of(
        entries(WORKED[0], WORKED[2]), dict.fromkeys(Facet), "main", date(2014, 4, 1)
    )
    assert again.startswith("An entry on record employs the person again from 2014-06-01 (NPS)")

"""By what name somebody goes: dated like a standing value, put right and annulled like an entry."""

from datetime import date
from uuid import UUID

import pytest

from transfer.core.record import staff
from transfer.core.record.entries import Annulment, Correction, EntryOnRecord, Naming
from transfer.core.record.names import NameEntry, NamePeriod, name_on, name_periods
from transfer.core.record.staff import StaffRecord, StaffRegistered
from transfer.core.refusals import Conflict, Malformed, NotOnRecord, Refusal

REGISTRATION, FIRST, SECOND, LAST = (UUID(int=n) for n in range(1, 5))
MARCH, JUNE = date(2014, 3, 1), date(2014, 6, 1)


def given(event_id: UUID, day: date, of: UUID | None = None) -> NameEntry:
    return NameEntry(event_id, day, of)


def annulled(event_id: UUID, of: UUID) -> NameEntry:
    return NameEntry(event_id, None, of)


@pytest.mark.parametrize(
    ("entries", "in_february", "in_march", "in_july"),
    [
        pytest.param([], None, None, None, id="as registered"),
        pytest.param([given(FIRST, MARCH)], None, FIRST, FIRST, id="from its day"),
        pytest.param(
            [given(FIRST, JUNE), given(SECOND, MARCH)], None, SECOND, FIRST, id="back-dated"
        ),
        pytest.param(
            [given(FIRST, MARCH), given(SECOND, MARCH)],
            None,
            SECOND,
            SECOND,
            id="one day: the last",
        ),
        pytest.param(
            [given(FIRST, MARCH), given(SECOND, MARCH), given(LAST, MARCH, FIRST)],
            *(None, SECOND, SECOND),
            id="a correction does not jump the queue",
        ),
        pytest.param(
            [given(FIRST, MARCH), given(SECOND, JUNE, FIRST)], None, None, SECOND, id="corrected"
        ),
        pytest.param(
            [given(FIRST, MARCH), given(SECOND, JUNE, FIRST), annulled(LAST, SECOND)],
            *(None, FIRST, FIRST),
            id="the correction annulled",
        ),
        pytest.param([given(FIRST, MARCH), annulled(LAST, FIRST)], None, None, None, id="annulled"),
    ],
)
def test_the_name_of_a_day(
    entries: list[NameEntry], in_february: UUID, in_march: UUID, in_july: UUID
) -> None:
    periods = name_periods(entries)
    days = (date(2014, 2, 28), MARCH, date(2014, 7, 1))
    assert [name_on(periods, day) for day in days] == [in_february, in_march, in_july]


def test_the_periods_follow_one_another() -> None:
    assert name_periods([given(FIRST, JUNE), given(SECOND, MARCH)]) == (
        NamePeriod(None, None, MARCH),
        NamePeriod(SECOND, MARCH, JUNE),
        NamePeriod(FIRST, JUNE, None),
    )


def on_record() -> StaffRecord:
    """S1, registered, named once, and named once more by an entry that was annulled."""
    registered = StaffRegistered(staff_number="S1", effective_from=date(2014, 1, 1))
    record = staff.fold([(REGISTRATION, registered)])
    for event_id in (FIRST, SECOND):
        (named,) = staff.name(record, Naming(effective_from=MARCH, reason="married"))
        staff.evolve(record, event_id, named)
    (gone,) = staff.annul(record, Annulment(of=SECOND, reason="not them"))
    staff.evolve(record, LAST, gone)
    return record


def test_a_name_is_an_entry_that_can_be_put_right() -> None:
    record = on_record()
    assert record.entries[FIRST] == EntryOnRecord(is_naming=True)
    (fact,) = staff.name(record, Naming(effective_from=JUNE, of=FIRST, reason="misread"))
    assert (fact.of, fact.effective_from) == (FIRST, JUNE)


@pytest.mark.parametrize(
    ("record", "of", "refusal"),
    [
        pytest.param(StaffRecord(), None, NotOnRecord, id="nobody"),
        pytest.param(on_record(), UUID(int=9), NotOnRecord, id="no such entry"),
        pytest.param(on_record(), REGISTRATION, Malformed, id="no name"),
        pytest.param(on_record(), SECOND, Conflict, id="annulled"),
        pytest.param(on_record(), LAST, Conflict, id="an annulment"),
    ],
)
def test_what_is_refused(record: StaffRecord, of: UUID | None, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        staff.name(record, Naming(effective_from=JUNE, of=of, reason="r"))


def test_facets_do_not_take_the_place_of_a_name() -> None:
    with pytest.raises(Malformed, match="give name and effective_from"):
        staff.correct(on_record(), Correction(of=FIRST, effective_from=JUNE, reason="r"))

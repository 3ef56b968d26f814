"""Somebody leaves: what would bring them back, and what becomes of it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given

from tests.support.histories import STAFF, History, histories, on_record
from transfer.commands.office import person_of
from transfer.core.dating.effective_dating import Entries
from transfer.core.employed import why_not_employed
from transfer.core.record import staff
from transfer.core.record.entries import Leaving
from transfer.core.record.leaving import (
    Became,
    Later,
    LaterOnRecord,
    brings_back,
    leave,
    warnings_of_leaving,
)
from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffFact,
    StaffLeft,
    StaffRecord,
    StaffRegistered,
)
from transfer.core.refusals import NotOnRecord
from transfer.core.words import Facet
from transfer.procedures.known_facts import NO_KINDS

AT = datetime(2014, 1, 1, tzinfo=UTC)
MARCH, MAY, JUNE, JULY = (date(2014, month, 1) for month in (3, 5, 6, 7))
LEAVES = Leaving(effective_from=MAY, reason="resigned")

REGISTERED = StaffRegistered(
    staff_number="S1",
    effective_from=date(2009, 1, 1),
    position={Facet.EMPLOYER: "LDN", Facet.BAND: "4"},
)


def changed(
    start: date, end: date | None = None, *, job: str = "main", **to: str | None
) -> StaffFact:
    changes = {Facet(name): value for name, value in to.items()}
    return PositionChanged(
        effective_from=start, effective_to=end, assignment=job, changes=changes, reason="r"
    )


def known(facts: Sequence[StaffFact]) -> tuple[StaffRecord, Entries]:
    """A record with these facts, the event of each numbered from 1."""
    numbered = [(UUID(int=n), fact) for n, fact in enumerate(facts, 1)]
    entries = Entries()
    for event_id, fact in numbered:
        entry = NO_KINDS.entry_of(event_id, AT + timedelta(hours=event_id.int), fact)
        assert entry is not None
        entries.add(entry)
    return staff.fold(numbered), entries


@pytest.mark.parametrize(
    ("facts", "back"),
    [
        pytest.param([], [], id="nothing later"),
        pytest.param([changed(JUNE, employer="NPS")], [(2, Became.ANNULLED)], id="a transfer"),
        pytest.param([changed(JUNE, band="5")], [], id="a band alone"),
        pytest.param([changed(JUNE, employer=None)], [], id="a later end"),
        pytest.param(
            [changed(MAY, employer="NPS")], [], id="that day: the leaving is recorded last"
        ),
        pytest.param([changed(MARCH, employer="NPS")], [], id="before"),
        pytest.param(
            [changed(MARCH, JUNE, employer="NPS")], [(2, Became.CUT_SHORT)], id="until after"
        ),
        pytest.param(
            [changed(JUNE, JULY, employer="NPS")], [(2, Became.ANNULLED)], id="for a time, later"
        ),
        pytest.param([changed(MARCH, MAY, employer="NPS")], [], id="until that day"),
        pytest.param(
            [changed(JUNE, employer="NPS"), changed(JUNE, employer="CRC")],
            [(2, Became.ANNULLED), (3, Became.ANNULLED)],
            id="one behind another",
        ),
        pytest.param(
            [changed(JUNE, employer="NPS"), EntryAnnulled(of=UUID(int=2), reason="r")],
            [],
            id="annulled already",
        ),
        pytest.param(
            [
                changed(JUNE, employer="NPS"),
                EntryCorrected(
                    of=UUID(int=2), effective_from=JULY, changes={Facet.EMPLOYER: "CRC"}, reason="r"
                ),
            ],
            [(2, Became.ANNULLED)],
            id="corrected",
        ),
        pytest.param([changed(JUNE, employer="NPS", job="evenings")], [], id="another job"),
    ],
)
def test_what_would_bring_them_back(facts: list[StaffFact], back: list[tuple[int, Became]]) -> None:
    record, entries = known([REGISTERED, *facts])
    found = brings_back(entries, LEAVES)
    assert [(each.event_id.int, each.becomes(LEAVES, Later.ANNUL)) for each in found] == back
    assert all(each.becomes(LEAVES, Later.KEEP) is Became.KEPT for each in found)
    left = StaffLeft(effective_from=MAY, reason="resigned")
    assert leave(record, entries, LEAVES, Later.KEEP) == (left,)
    if not back:
        assert leave(record, entries, LEAVES, None) == (left,)
        return
    with pytest.raises(LaterOnRecord, match='"later"') as refused:
        leave(record, entries, LEAVES, None)
    assert refused.value.later == found


def test_what_began_before_is_cut_short_with_all_that_it_says() -> None:
    record, entries = known([REGISTERED, changed(MARCH, JUNE, employer="NPS", band="5")])
    assert leave(record, entries, LEAVES, Later.ANNUL)[1:] == (
        EntryCorrected(
            of=UUID(int=2),
            effective_from=MARCH,
            effective_to=MAY,
            changes={Facet.EMPLOYER: "NPS", Facet.BAND: "5"},
            reason="resigned",
        ),
    )


def test_who_is_not_on_record_cannot_leave() -> None:
    with pytest.raises(NotOnRecord):
        leave(StaffRecord(), Entries(), LEAVES, Later.ANNUL)


@given(histories())
def test_once_they_are_annulled_nobody_is_employed_from_the_day(history: History) -> None:
    person = person_of(STAFF, on_record(history.facts), NO_KINDS)
    record, entries = person.record, person.entries
    leaving = Leaving(effective_from=date(2014, 1, 6), reason="r")
    before = [employer(entries, day) for day in range(1, 6)]
    for n, fact in enumerate(leave(record, entries, leaving, Later.ANNUL)):
        entry = NO_KINDS.entry_of(UUID(int=n), AT, fact)
        assert entry is not None
        entries.add(entry)
    assert brings_back(entries, leaving) == ()
    assert not any(employer(entries, day) for day in range(6, 31))
    assert [employer(entries, day) for day in range(1, 6)] == before


def employer(entries: Entries, day: int) -> bool:
    return why_not_employed(entries, date(2014, 1, day)) is None


def test_what_is_told_of_it() -> None:
    evenings = changed(date(2009, 1, 1), employer="NPS", job="evenings")
    later = [changed(JUNE, employer="CRC"), changed(MARCH, JULY, paid_band="5"), evenings]
    _, entries = known([REGISTERED, *later])
    annulled = warnings_of_leaving(entries, LEAVES, Later.ANNUL)
    assert [each.split(" from")[0] for each in annulled] == [
        "The person stays employed in evenings.",
        "An entry on record still says paid_band '5'",
    ]
    kept = warnings_of_leaving(entries, LEAVES, Later.KEEP)
    assert "An entry on record employs the person again from 2014-06-01 (CRC)." in kept
    early = LEAVES.model_copy(update={"effective_from": date(2008, 1, 1)})
    assert "begins on 2009-01-01" in warnings_of_leaving(entries, early, Later.ANNUL)[0]

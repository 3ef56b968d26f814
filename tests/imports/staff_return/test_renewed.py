"""The next edition of a list against the record: what is new of each person, and who is missing."""

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID, uuid5

import pytest

from transfer.commands.office import Act, Office
from transfer.core.record.names import StaffNamed
from transfer.core.record.staff import PositionChanged, StaffLeft, StaffRegistered, TermGranted
from transfer.core.words import Facet
from transfer.imports.staff_return.import_return import ImportOutcome, import_return
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.procedures.facts import Fact
from transfer.vault import Vault

pytestmark = pytest.mark.engines

MakeReturn = Callable[..., bytes]
Take = Callable[..., ImportOutcome]


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url, known=KNOWN)
    yield opened
    opened.close()


@pytest.fixture
def office(log: Log[Fact]) -> Office:
    return Office(log, Vault(log.connection, bytes(32)))


@pytest.fixture
def take(office: Office, make_return: MakeReturn) -> Take:
    """Import these rows: a first list, or a renewed one."""

    def take_it(*rows: dict[str, str], renewed: bool = False, **how: bool) -> ImportOutcome:
        data = make_return(*rows)
        return import_return(
            office,
            Act("hr", uuid5(UUID(int=1), data.decode())),
            data,
            document="list",
            renewed_on=date(2014, 6, 1) if renewed else None,
            **how,  # type: ignore[arg-type]  # partial and dry_run
        )

    return take_it


STAYS = {"staff_number": "S1", "line_manager": "S2"}
BOSS = {"staff_number": "S2"}
MOVED = {"staff_number": "S1", "line_manager": "S2", "unit": "Sutton", "in_post_from": "2014-01-06"}


def facts(log: Log[Fact], number: str = "S1") -> list[Fact]:
    return [each.fact for each in log.read(f"staff:{number}")]


def test_a_list_is_renewed(take: Take, log: Log[Fact]) -> None:
    take(STAYS, BOSS, {"staff_number": "S3"}, {"staff_number": "S4"})
    outcome = take(
        MOVED | {"staff_number": "s1"},
        BOSS | {"in_post_to": "2014-02-01"},
        {"staff_number": "S3"},
        {"staff_number": "S5", "in_post_from": "2014-01-13"},
        renewed=True,
    )
    assert (outcome.rejected, outcome.accepted, outcome.staff) == ((), 4, 4)
    assert outcome.renewed is not None
    assert outcome.renewed.unchanged == 1
    assert outcome.renewed.changed == ("S1", "S2")
    assert outcome.renewed.left == (("S2", date(2014, 2, 1)),)
    assert outcome.renewed.new == ("S5",)
    assert outcome.renewed.missing == ("S4",)
    *_, moved = facts(log)
    assert isinstance(moved, PositionChanged)
    assert moved.effective_from == date(2014, 1, 6)
    assert moved.changes == {Facet.UNIT: "Sutton"}
    assert [type(each) for each in facts(log, "S2")] == [StaffRegistered, StaffLeft]
    assert len(facts(log, "S3")) == len(facts(log, "S4")) == len(facts(log, "S5")) == 1


def test_a_renewed_list_that_says_nothing_new_writes_nothing(take: Take, log: Log[Fact]) -> None:
    take(STAYS, BOSS)
    head = log.head()
    other = STAYS | {"employer": "LDN", "fte": "1.0", "line_manager": "s2", "unit": " Lambeth "}
    outcome = take(other, BOSS, renewed=True)
    assert outcome.renewed is not None
    assert (outcome.renewed.unchanged, outcome.receipt) == (2, None)
    assert log.head() == head
    assert take(MOVED, BOSS, renewed=True, dry_run=True).receipt is None
    assert log.head() == head


def test_a_list_renewed_twice_is_recorded_once(take: Take, log: Log[Fact]) -> None:
    take(STAYS, BOSS)
    assert not take(MOVED, BOSS, renewed=True).already
    assert take(MOVED, BOSS, renewed=True).already
    assert len(facts(log)) == 2


def test_a_later_name_and_service_come_with_the_row_that_changes(
    take: Take, log: Log[Fact], office: Office
) -> None:
    take(STAYS, BOSS)
    later = {"name": "Ann Sample", "continuous_service_from": "2001-01-01"}
    outcome = take(MOVED | later, BOSS | {"name": "Bea Sample"}, renewed=True)
    said = facts(log)[1:]
    assert [type(each) for each in said] == [PositionChanged, TermGranted, StaffNamed]
    assert [str(getattr(each, "effective_from", None)) for each in said] == ["2014-01-06"] * 3
    assert "Ann Sample" in (office.vault.get("S1") or {}).values()
    # Of a name on a row that changes nothing nobody knows the day.
    assert [(each.line, each.field) for each in outcome.warnings] == [(3, "name")]
    assert len(facts(log, "S2")) == 1


def test_of_who_was_erased_a_list_brings_the_position_and_no_name(
    take: Take, log: Log[Fact], office: Office
) -> None:
    take(STAYS, BOSS)
    office.vault.erase("S1")
    born = {"name": "Ann Other", "date_of_birth": "1980-01-01"}
    outcome = take(MOVED | born, BOSS, renewed=True)
    assert outcome.rejected == ()
    assert len(facts(log)) == 2
    assert isinstance(facts(log)[-1], PositionChanged)
    assert office.vault.get("S1") is None
    (told,) = outcome.warnings
    assert (told.field, "erased" in told.reason) == ("name", True)


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"date_of_birth": "1971-01-01"}, "date_of_birth"),
        ({"in_post_to": "2010-01-01"}, "in_post_to"),
    ],
)
def test_what_contradicts_the_record_is_rejected_and_the_person_left_out(
    take: Take, log: Log[Fact], row: dict[str, str], field: str
) -> None:
    born = {"date_of_birth": "1970-01-01"}
    ended = {"in_post_from": "2009-04-01", "in_post_to": "2012-01-01"}
    take(born | ended, born | {"in_post_from": "2013-01-01"}, BOSS)
    head = log.head()
    outcome = take(born | row, BOSS | {"unit": "Sutton"}, renewed=True)
    assert [(each.line, each.field) for each in outcome.rejected] == [(2, field)]
    assert log.head() == head
    taken = take(born | row, BOSS | {"unit": "Sutton"}, renewed=True, partial=True)
    assert (taken.accepted, taken.staff, len(facts(log, "S2"))) == (1, 1, 2)


def test_what_the_record_says_otherwise_is_named(take: Take) -> None:
    take(STAYS, BOSS | {"in_post_to": "2013-01-01"})
    corrected = take(STAYS | {"unit": "Sutton"}, BOSS, renewed=True)
    assert [(each.line, each.field) for each in corrected.warnings] == [
        (2, "in_post_from"),
        (3, "in_post_to"),
    ]
    assert "unit Lambeth" in corrected.warnings[0].reason
    assert "2013-01-01" in corrected.warnings[1].reason
    assert corrected.renewed is not None
    assert (corrected.renewed.changed, corrected.renewed.unchanged) == (("S1",), 1)


def test_values_that_are_left_as_they_are_are_named(take: Take) -> None:
    take(STAYS | {"post": "P-7"}, BOSS)
    moved = take(MOVED, BOSS, renewed=True)
    assert ["P-7" in each.reason for each in moved.warnings] == [True]
    old = take(STAYS | {"post": "P-7"}, BOSS, {"staff_number": "S9"}, renewed=True)
    assert [(each.line, each.field) for each in old.warnings] == [(2, "in_post_from")]
    assert "2014-01-06" in old.warnings[0].reason

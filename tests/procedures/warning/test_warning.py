"""A formal warning as a kind of the engine, without engines: SP-04 and SP-05 of 2022.

Who could issue it follows from the record of the day, and from a document that says which relation
decides. Without one it is not shown.
"""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.dating.effective_dating import Entries, Entry, Key, Piece
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.words import MAIN, Facet
from transfer.procedures.warning import facts as f
from transfer.procedures.warning.answers import WarningAuthority, WasShown
from transfer.procedures.warning.edition import Relation
from transfer.procedures.warning.kind import REVIEW, SHOW, WARNING
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding
from transfer.rulebooks.supplying import SuppliedValue

MATTER = "warning:S1.1"
MOVED, DAY, LATER = date(2022, 5, 31), date(2022, 6, 15), date(2022, 9, 1)
LINE_MANAGER, HR_OWNER = Relation.LINE_MANAGER, Relation.HR_PROCESS_OWNER


def record(*stated: tuple[Facet, str, date]) -> Entries:
    """A record that states these values, each from a day on."""
    made = datetime(2022, 1, 4, tzinfo=UTC)
    return Entries(
        Entry(UUID(int=number), made, (Piece(Key(KeyKind.FACET, MAIN, facet), value, since),))
        for number, (facet, value, since) in enumerate(stated, 1)
    )


@pytest.fixture
def office() -> Matters:
    first = date(2015, 4, 1)
    theirs = record(
        (Facet.EMPLOYER, "Ministry of Justice", first),
        (Facet.LINE_MANAGER, "P1", first),
        (Facet.HR_PROCESS_OWNER, "P1", first),
        (Facet.LINE_MANAGER, "G1", MOVED),
    )
    rules = binding(rulebook("spo-authority-2022").with_values())
    others = {"G1": record((Facet.EMPLOYER, "A contractor", first))}
    return Matters((WARNING,), rules, entries=theirs, others=others)


def do(office: Matters, act: str, on: date = DAY, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, person="S1", **inputs)


def warned(office: Matters, by: str = "G1", on: date = DAY) -> Asked:
    return do(office, "issue", on, issued_by=by, process="conduct", reference="W-1")


def shown(office: Matters, *relations: Relation, since: date = MOVED) -> Asked:
    return do(
        office,
        "show-who-decides",
        LATER,
        decided_by=relations,
        effective_from=since,
        shown_by="the guidance of 2022",
    )


def authority(office: Matters, on: date = DAY) -> WarningAuthority:
    found = office.answer(MATTER, "authority", on)
    assert isinstance(found, WarningAuthority)
    return found


def owed(office: Matters) -> set[str]:
    state = office.state(MATTER, "S1")
    return {due.slot.what for due in state.book.of(state.whom) if due.is_open}


def test_without_a_document_it_is_not_shown_and_the_document_is_owed(office: Matters) -> None:
    asked = warned(office).then(f.WarningIssued)
    asked.saying(relations=(LINE_MANAGER,), decided_by=(), is_shown=False, is_authorised=False)
    found = authority(office)
    assert (found.line_manager, found.hr_process_owner) == ("G1", "P1")
    assert (found.issuer_was, found.issuer_employed_by) == ((LINE_MANAGER,), "A contractor")
    assert (found.authorised, found.could_issue) == (WasShown.NOT_SHOWN, ())
    assert [each.clause for each in found.not_known] == ["SP-05"]
    assert owed(office) == {SHOW}


@pytest.mark.parametrize(
    ("relations", "could", "authorised", "left"),
    [
        ((LINE_MANAGER,), ("G1",), WasShown.YES, set()),
        ((HR_OWNER,), ("P1",), WasShown.NO, {REVIEW}),
        ((LINE_MANAGER, HR_OWNER), ("P1", "G1"), WasShown.YES, set()),
    ],
)
def test_a_document_shows_who_could(
    office: Matters,
    relations: tuple[Relation, ...],
    could: tuple[str, ...],
    authorised: WasShown,
    left: set[str],
) -> None:
    warned(office)
    shown(office, *relations).then(f.DecidingRelationShown)
    shown(office, *relations).then_nothing()
    found = authority(office)
    assert (set(found.could_issue), found.authorised) == (set(could), authorised)
    assert found.basis[-1].document == "the guidance of 2022"
    assert owed(office) == left


def test_a_document_for_later_days_says_nothing_of_the_day_of_the_warning(office: Matters) -> None:
    warned(office)
    shown(office, HR_OWNER, since=date(2022, 7, 1))
    found = authority(office)
    assert (found.decided_by, found.authorised) == (None, WasShown.NOT_SHOWN)
    assert authority(office, date(2022, 7, 1)).could_issue == ("P1",)


def test_a_review_ends_with_a_withdrawal_or_a_better_document(office: Matters) -> None:
    warned(office)
    shown(office, HR_OWNER)
    assert owed(office) == {REVIEW}
    shown(office, LINE_MANAGER)
    assert owed(office) == set()
    shown(office, HR_OWNER)
    do(office, "withdraw-warning", LATER, reason="by agreement").then(f.WarningWithdrawn)
    do(office, "withdraw-warning", LATER, reason="by agreement").then_nothing()
    do(office, "let-stand", LATER, reason="no").then_refused(because="was withdrawn")
    assert (owed(office), authority(office).withdrawn_on) == (set(), LATER)


@pytest.mark.parametrize(
    ("day", "stages"),
    [
        (date(2021, 11, 11), []),
        (date(2022, 3, 31), [("consulted-on", True)]),
        (date(2022, 4, 1), [("consulted-on", True), ("consultation-closed", False)]),
        (date(2022, 5, 1), [("consultation-closed", True)]),
        (MOVED, [("moved", True)]),
    ],
)
def test_how_far_the_change_had_come(
    office: Matters, day: date, stages: list[tuple[str, bool]]
) -> None:
    warned(office, on=date(2021, 11, 1))
    assert [(each.stage, each.is_certain) for each in authority(office, day).stages] == stages


def test_a_value_that_names_no_relation_is_refused() -> None:
    given = {"SP-05": SuppliedValue(value=("the governor",), document="a letter")}
    rules = binding(rulebook("spo-authority-2022").with_values(given))
    theirs = record((Facet.EMPLOYER, "Ministry of Justice", date(2015, 4, 1)))
    office = Matters((WARNING,), rules, entries=theirs)
    warned(office).then_refused("SP-05", because="the governor is none of")

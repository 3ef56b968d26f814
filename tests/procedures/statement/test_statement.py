"""A written statement as a kind of the engine: what is done already, and what is refused."""

from datetime import date
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.refusals import AlreadyOnRecord
from transfer.procedures.statement import facts as f
from transfer.procedures.statement.kind import STATEMENT
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "statement:S1.1"


@pytest.fixture
def office() -> Matters:
    return Matters((STATEMENT,), binding(rulebook("employment-particulars").with_values()))


def do(office: Matters, act: str, on: date, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, person="S1", **inputs)


def owe(office: Matters, day: date, owed_for: str = "particulars-changed", **more: Any) -> Asked:
    return do(office, "begin", day, owed_for=owed_for, counts_from=day, **more)


@pytest.mark.parametrize(
    ("changed", "last"),
    [
        (date(2014, 6, 1), date(2014, 7, 1)),
        (date(2015, 1, 31), date(2015, 2, 28)),
        (date(2016, 1, 31), date(2016, 2, 29)),
        (date(2015, 2, 28), date(2015, 3, 28)),
    ],
)
def test_a_change_is_stated_within_a_month(office: Matters, changed: date, last: date) -> None:
    (owed,) = owe(office, changed).then(f.StatementOwed).facts
    assert isinstance(owed, f.StatementOwed)
    assert owed.due.on == last


@pytest.mark.parametrize(
    ("began", "last"),
    [
        (date(2019, 12, 31), date(2020, 2, 29)),
        (date(2020, 4, 5), date(2020, 6, 5)),
        (date(2020, 4, 6), date(2020, 4, 6)),
    ],
)
def test_particulars_by_the_law_of_the_day(office: Matters, began: date, last: date) -> None:
    owe(office, began, "employment-began").then(f.StatementOwed)
    assert office.answer(MATTER, "statement", began).due_on == last


def test_the_same_again_is_done_already(office: Matters) -> None:
    day = date(2014, 6, 1)
    do(office, "give", day).then_refused(because="has not begun")
    owe(office, day)
    owe(office, day).then_refused(because="already", kind=AlreadyOnRecord)
    do(office, "give", date(2014, 7, 1)).saying(is_late=False)
    do(office, "give", date(2014, 8, 1)).then_nothing()


def test_a_worker_has_no_right_before_april_2020(office: Matters) -> None:
    owe(office, date(2020, 4, 5), is_worker=True).then_refused("ER-01", because="to no worker")
    owe(office, date(2020, 4, 6), is_worker=True).then(f.StatementOwed)

"""Changes of terms around a transfer: a row a case, by the law of the day on which they are made."""

# ruff: noqa: E501 - tables read best a row a line

from datetime import date
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.refusals import Refused
from transfer.procedures.variation import answers as a
from transfer.procedures.variation import facts as f
from transfer.procedures.variation.kind import VARIATION
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER, DAY = "variation:rota", date(2022, 7, 4)
TRANSFER = date(2013, 6, 1)
OLD, NEW = date(2014, 1, 30), date(2014, 1, 31)
YES, NO, NOT_SAID = True, False, None


@pytest.fixture
def office() -> Matters:
    return Matters((VARIATION,), binding(rulebook("tupe-2006").with_values()))


def do(office: Matters, act: str, **inputs: Any) -> Asked:
    said = {name: value for name, value in inputs.items() if value is not None}
    return ask(office, MATTER, act, on=DAY, **said)


def propose(office: Matters, **said: Any) -> Asked:
    change = {"title": "a rota", "subject": "contract", "transfer_on": TRANSFER, "made_on": NEW}
    return do(office, "begin", **(change | said))


def outcome(office: Matters) -> str:
    found: a.ValidityAnswered = office.answer(MATTER, "validity", DAY)
    return found.outcome.value


@pytest.mark.parametrize(
    ("made_on", "cause", "workforce_reason", "contract_permits", "comes_to"),
    [
        (OLD, "transfer", YES, YES, "void"),
        (OLD, "connected", YES, NO, "permitted"),
        (OLD, "connected", NO, YES, "void"),
        (OLD, "connected", NOT_SAID, YES, "unknown"),
        (OLD, "other", NO, NO, "permitted"),
        (OLD, NOT_SAID, YES, YES, "unknown"),
        (NEW, "transfer", YES, NO, "permitted"),
        (NEW, "transfer", NO, YES, "permitted"),
        (NEW, "transfer", NO, NO, "void"),
        (NEW, "transfer", NO, NOT_SAID, "unknown"),
        (NEW, "connected", NO, NO, "permitted"),
        (NEW, "other", NO, NO, "permitted"),
        (NEW, NOT_SAID, NO, NO, "unknown"),
        (NEW, NOT_SAID, YES, NOT_SAID, "permitted"),
    ],
)  # fmt: skip
def test_a_change_of_contract(
    office: Matters,
    made_on: date,
    cause: str | None,
    workforce_reason: bool | None,
    contract_permits: bool | None,
    comes_to: str,
) -> None:
    said = {"workforce_reason": workforce_reason, "contract_permits": contract_permits}
    propose(office, made_on=made_on, cause=cause, **said)
    assert outcome(office) == comes_to


@pytest.mark.parametrize(
    ("made_on", "no_less_favourable", "comes_to"),
    [
        (date(2015, 5, 31), YES, "void"),
        (date(2015, 6, 1), YES, "permitted"),
        (date(2015, 6, 1), NO, "void"),
        (date(2015, 6, 1), NOT_SAID, "unknown"),
    ],
)  # fmt: skip
def test_collective_terms_a_year_after_the_transfer(
    office: Matters, made_on: date, no_less_favourable: bool | None, comes_to: str
) -> None:
    said = {"cause": "transfer", "workforce_reason": NO, "contract_permits": NO}
    propose(
        office,
        subject="collective-terms",
        transfer_on=date(2014, 6, 1),
        made_on=made_on,
        no_less_favourable=no_less_favourable,
        **said,
    )
    assert outcome(office) == comes_to


def test_what_is_said_again_changes_nothing(office: Matters) -> None:
    do(office, "explain", cause="other").then_refused(because="has not begun")
    propose(office).then(f.VariationProposed)
    do(office, "explain", cause="other").then(f.VariationExplained)
    do(office, "explain", cause="other").then_nothing()
    do(office, "explain").then_nothing()


def test_before_the_regulations_the_edition_knows_no_law(office: Matters) -> None:
    propose(office, made_on=date(2006, 4, 5))
    with pytest.raises(Refused, match="does not know the law of 2006-04-05"):
        office.answer(MATTER, "validity", DAY)

"""Who takes care of a duty, and its excuse: what may be said, and what the next word changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from transfer.core.duties import (
    OWNERS_OUTSIDE,
    Care,
    Duty,
    DutyDelegated,
    DutyFact,
    DutyNamed,
    delegate,
    evolve,
    excuse,
    take_back,
    withdraw,
)
from transfer.core.matter.book import MILESTONE
from transfer.core.refusals import Conflict, Malformed
from transfer.core.words import Basis

TODAY, TOMORROW, YESTERDAY = date(2014, 1, 10), date(2014, 1, 11), date(2014, 1, 9)
BASIS = Basis(rulebook="tr-2013", clause="TR-13")
NAMED = DutyNamed(matter="exercise:tr", staff_number="S1", what="send-again")
DUTY = Duty(NAMED, 1, "employer", is_right=False, is_to_do=True, basis=BASIS)

SAYINGS: dict[str, Callable[[Duty], DutyFact]] = {
    "delegate": lambda duty: delegate(duty, "B", TOMORROW, "away", TODAY),
    "excuse": lambda duty: excuse(duty, "the office was flooded", None),
}


def after(*facts: DutyFact) -> Care:
    """The care of a duty once these are on record."""
    care = Care()
    for fact in facts:
        evolve(care, fact)
    return care


@pytest.mark.parametrize("say", SAYINGS.values(), ids=SAYINGS)
def test_it_names_the_duty_and_its_clause(say: Callable[[Duty], DutyFact]) -> None:
    fact = say(DUTY)
    assert (fact.duty, fact.basis) == (NAMED, BASIS)


@pytest.mark.parametrize("say", SAYINGS.values(), ids=SAYINGS)
@pytest.mark.parametrize(
    ("duty", "says"),
    [
        (replace(DUTY, is_right=True), "a right"),
        (replace(DUTY, owner="staff"), "due from staff"),
        (replace(DUTY, owner="bodies"), "due from bodies"),
        (replace(DUTY, owner=" Staff"), "due from  Staff"),
        (replace(DUTY, owner="Trade unions"), "due from Trade unions"),
        (replace(DUTY, owner="Napo", owed_to="employer"), "due from Napo"),
        (replace(DUTY, named=NAMED.model_copy(update={"what": MILESTONE})), "a milestone"),
        (replace(DUTY, is_to_do=False), "nothing is to be done"),
    ],
)
def test_what_is_no_duty_of_the_office_to_do_is_refused(
    say: Callable[[Duty], DutyFact], duty: Duty, says: str
) -> None:
    with pytest.raises(Conflict, match=says):
        say(duty)


def test_every_other_owner_is_of_the_office() -> None:
    for owner in ("employer", "administration", "panel", "manager", "governor", "vetting unit"):
        assert owner not in OWNERS_OUTSIDE
        assert delegate(replace(DUTY, owner=owner), "B", None, "away", TODAY).to == "B"


def test_a_last_day_is_today_or_later() -> None:
    assert delegate(DUTY, "B", TODAY, "away", TODAY).until == TODAY
    with pytest.raises(Malformed) as refused:
        delegate(DUTY, "B", YESTERDAY, "away", TODAY)
    assert refused.value.field == "until"


def test_it_is_said_why() -> None:
    given = after(delegate(DUTY, "B", None, "away", TODAY), excuse(DUTY, "a flood", None))
    for refused in (
        lambda: delegate(DUTY, "B", None, " ", TODAY),
        lambda: take_back(given, DUTY, " "),
        lambda: excuse(DUTY, " ", None),
        lambda: withdraw(given, DUTY, " "),
    ):
        with pytest.raises(Malformed, match="reason: say why"):
            refused()


def test_the_last_word_holds_and_is_taken_back_by_a_new_one() -> None:
    first, second = (delegate(DUTY, to, None, "away", TODAY) for to in ("B", "C"))
    care = after(first, second)
    assert isinstance(care.given, DutyDelegated)
    assert care.given.to == "C"
    assert after(first, second, take_back(care, DUTY, "back")).given is None
    excused = excuse(DUTY, "a flood", "D000001")
    assert after(first, excused) == Care(given=first, excuse=excused)
    assert after(first, excused, withdraw(after(excused), DUTY, "no flood")) == after(first)


def test_what_is_not_there_cannot_be_taken_back() -> None:
    with pytest.raises(Conflict, match="given to nobody"):
        take_back(after(excuse(DUTY, "a flood", None)), DUTY, "back")
    with pytest.raises(Conflict, match="no excuse"):
        withdraw(after(delegate(DUTY, "B", None, "away", TODAY)), DUTY, "no flood")


def test_what_was_given_may_be_taken_back_when_nothing_is_to_be_done_any_more() -> None:
    care = after(delegate(DUTY, "B", None, "away", TODAY), excuse(DUTY, "a flood", None))
    done = replace(DUTY, is_to_do=False)
    assert take_back(care, done, "it is done").duty == NAMED
    assert withdraw(care, done, "it is done").duty == NAMED


def test_a_duty_has_the_same_id_on_another_day_and_another_one_beside_it() -> None:
    others = [
        NAMED,
        NAMED.model_copy(update={"staff_number": "S2"}),
        NAMED.model_copy(update={"staff_number": None, "group": "S1"}),
        NAMED.model_copy(update={"about": "letter"}),
        NAMED.model_copy(update={"matter": "exercise:other"}),
        NAMED.model_copy(update={"what": "letter"}),
    ]
    assert len({each.id for each in others}) == len(others)
    assert DutyNamed.model_validate(NAMED.model_dump()).id == NAMED.id

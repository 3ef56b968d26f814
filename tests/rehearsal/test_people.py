"""What is drawn: the same from the same seed, at the published rate, and never decided twice."""

from collections.abc import Mapping
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tests.rehearsal.conftest import ASSUMED
from tests.support.words_2013 import Window
from transfer.core.words import AppealOutcome
from transfer.rehearsal.people import Draws, conduct, corrections, determination
from transfer.rulebooks import rulebook

TERMS = rulebook("tr-2013").with_values(assumed=ASSUMED)
LETTER = date(2013, 12, 17)
PANEL_DUE = date(2014, 1, 17)
DUE: Mapping[str, date] = {Window.RESPONSE: date(2013, 12, 24), Window.APPEAL: date(2014, 1, 3)}


@given(st.integers(), st.text(min_size=1, max_size=8))
def test_a_draw_is_the_same_again(seed: int, staff_number: str) -> None:
    first = conduct(Draws(seed), staff_number, letter_on=LETTER, due=DUE, terms=TERMS)
    again = conduct(Draws(seed), staff_number, letter_on=LETTER, due=DUE, terms=TERMS)
    assert first == again


@given(st.integers(), st.text(min_size=1, max_size=8), st.integers(1, 9), st.integers(0, 40))
def test_a_whole_number_is_within_its_bounds(
    seed: int, staff_number: str, first: int, more: int
) -> None:
    assert first <= Draws(seed).whole(staff_number, "w", first, first + more) <= first + more


def test_appeals_come_at_the_published_rate() -> None:
    draws = Draws(1)
    people = 20_000
    appealing = [
        number
        for number in map(str, range(people))
        if conduct(draws, number, letter_on=LETTER, due=DUE, terms=TERMS).appeals_on
    ]
    # 553 in 16,600 of 20,000 is 666; four standard deviations either way.
    assert 566 <= len(appealing) <= 766
    upheld = sum(
        determination(draws, number, heard_from=LETTER, due=PANEL_DUE, terms=TERMS)[1]
        is AppealOutcome.UPHELD
        for number in map(str, range(people))
    )
    # 119 in 553 is 21.5%.
    assert 0.20 <= upheld / people <= 0.23


def test_nobody_acts_before_their_letter() -> None:
    for number in map(str, range(2_000)):
        does = conduct(Draws(7), number, letter_on=LETTER, due=DUE, terms=TERMS)
        days = [
            does.appeals_on,
            does.responds and does.responds[0],
            does.extended and does.extended[0],
        ]
        assert all(day > LETTER for day in days if day)


def test_at_least_one_entry_is_corrected_after_the_transfer() -> None:
    after = date(2014, 6, 1)
    found = corrections(Draws(1), ["S1", "S2"], after=after)
    assert found
    assert all(day > date(2014, 6, 10) for day in found.values())

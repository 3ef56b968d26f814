"""The book of what is due, against a reader who goes day by day through all that was published."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transfer.core.matter.book import (
    MILESTONE,
    REFUSED_STEP,
    Book,
    By,
    Closes,
    ClosesAll,
    Effect,
    Forms,
    Moves,
    Opens,
    next_act,
)
from transfer.core.matter.reckoning import Reckoned, hanging
from transfer.core.matter.words import Nature, Outcome, Whom
from transfer.core.words import Basis

M, GROUP, PEOPLE = "desk-move:spring", "A", ("S1", "S2")
START = date(2014, 1, 1)
DAYS = st.integers(0, 60).map(lambda n: START + timedelta(days=n))
RIGHT, DUTY, ACT = Nature.RIGHT, Nature.DUTY, Nature.ACT
BASIS = Basis()


@dataclass(frozen=True)
class Told:
    """One fact's effect on what is due to somebody."""

    on: date
    whom: Whom
    effect: Effect


def day(on: date) -> Reckoned:
    return Reckoned(on=on, basis=BASIS)


WHOMS = st.sampled_from([Whom(M, GROUP), Whom(M, None, "S1"), Whom(M, None, "S1")])
WINDOWS = st.sampled_from(["answer", "object"])
AFTER_WINDOWS = hanging(BASIS, day_after=("answer", "object"), once_done=("panel",))


@st.composite
def tellings(draw: st.DrawFn) -> list[Told]:
    """What is published, extended, moved, done and put off, in the order of its days."""
    found = [Told(START, Whom(M, GROUP), Forms(GROUP, PEOPLE))]
    confirm = Opens("confirm", ACT, "employer", AFTER_WINDOWS)
    found.append(Told(START, Whom(M, GROUP), confirm))
    for on in sorted(draw(st.lists(DAYS, max_size=12))):
        whom, window = draw(WHOMS), draw(WINDOWS)
        until = day(on + timedelta(days=draw(st.integers(0, 20))))
        effects: list[tuple[Whom, Effect]] = [
            (whom, Opens(window, RIGHT, "staff", until)),
            (whom, Moves(window, until)),
            (Whom(M, None, "S1"), Closes(window, Outcome.MET)),
            (Whom(M, None, "S1"), Opens("panel", DUTY, "panel", until)),
            (Whom(M, None, "S1"), Closes("panel", Outcome.MET)),
            (Whom(M), Opens(MILESTONE, DUTY, "employer", until, "move")),
            (Whom(M), Moves(MILESTONE, until, "move")),
            (Whom(M, None, "S1"), Closes("confirm", Outcome.MET)),
            (
                Whom(M, None, "S1"),
                Opens("move", ACT, "employer", hanging(BASIS, milestone="move")),
            ),
            (Whom(M, None, "S1"), Closes("move", Outcome.SUPERSEDED)),
        ]
        found.append(Told(on, *draw(st.sampled_from(effects))))
    return found


# --- the naive reader ---------------------------------------------------------------------------


def is_open(told: Sequence[Told], person: str, window: str, on: date) -> bool:
    """Whether somebody may still use a window on a day, by any day published to them."""
    ours = published(told, Whom(M, None, person), window)
    theirs = published(told, Whom(M, GROUP), window)
    return any(last is not None and on <= last for last in (ours, theirs))


def published(told: Sequence[Told], whom: Whom, what: str, about: str = "") -> date | None:
    """The day published last in a slot: moved only while something is there to move. A right that
    was used keeps the day that it had then, and may be used again until a later one."""
    last: date | None = None
    used: date | None = None
    for n, each in enumerate(told):
        effect = each.effect
        if each.whom != whom or isinstance(effect, Forms | ClosesAll):
            continue
        if (effect.what, effect.about) != (what, about):
            continue
        of_group = published(told[:n], Whom(M, GROUP), what, about) if whom.person else None
        match effect:
            case Opens():
                last, used = effect.when.on, None
            case Moves() if last is not None or of_group:
                last = effect.when.on
            case Closes() if used is None:
                used = max((day for day in (last, of_group) if day is not None), default=None)
                last = used
            case _:
                pass
    return max((day for day in (last, used) if day is not None), default=None)


def last_open_day(told: Sequence[Told], person: str, window: str) -> date | None:
    on, last = START, None
    while on < START + timedelta(days=120):
        last = on if is_open(told, person, window, on) else last
        on += timedelta(days=1)
    return last


def book_of(told: Sequence[Told]) -> Book:
    book = Book()
    for n, each in enumerate(told):
        book.enter(each.whom, By(UUID(int=n + 1), each.on, "office"), (each.effect,))
    return book


@pytest.mark.thorough
@settings(max_examples=300, deadline=None)
@given(told=tellings())
def test_every_window_is_open_to_the_day_that_the_naive_reader_finds(told: list[Told]) -> None:
    book = book_of(told)
    for person in PEOPLE:
        whom = Whom(M, None, person)
        for window in ("answer", "object"):
            due = book.due(whom, window)
            found = None if due is None else book.last(due)
            assert found == last_open_day(told, person, window)


@settings(max_examples=300, deadline=None)
@given(told=tellings())
def test_the_next_act_is_the_first_day_on_which_nothing_stands_in_its_way(
    told: list[Told],
) -> None:
    book = book_of(told)
    whom = Whom(M, None, "S2")  # nothing of their own: the group's days
    windows = [last_open_day(told, "S2", window) for window in ("answer", "object")]
    known = [last for last in windows if last is not None]
    found = next_act(book, whom)
    if not known:
        assert found is None
    else:
        assert found is not None
        assert (found[0].slot.what, found[1]) == ("confirm", max(known) + timedelta(days=1))


# --- by hand ------------------------------------------------------------------------------------


def by(n: int, on: date = START) -> By:
    return By(UUID(int=n), on, "office")


def test_a_group_moves_its_people_and_shortens_nobody() -> None:
    book = Book()
    book.enter(Whom(M, GROUP), by(1), [Forms(GROUP, PEOPLE)])
    book.enter(Whom(M, GROUP), by(2), [Opens("object", RIGHT, "staff", day(date(2014, 2, 11)))])
    s1, s2 = Whom(M, None, "S1"), Whom(M, None, "S2")
    book.enter(s1, by(3), [Moves("object", day(date(2014, 2, 20)))])
    book.enter(Whom(M, GROUP), by(4), [Moves("object", day(date(2014, 2, 15)))])
    days = [book.last(due) for whom in (s1, s2) if (due := book.due(whom, "object"))]
    assert days == [date(2014, 2, 20), date(2014, 2, 15)]
    book.enter(Whom(M, GROUP), by(5), [Moves("object", day(date(2014, 2, 28)))])
    both = [due for whom in (s1, s2) if (due := book.due(whom, "object"))]
    assert {book.last(due) for due in both} == {date(2014, 2, 28)}


def test_a_right_that_was_used_may_be_used_again_where_longer_is_given() -> None:
    book = Book()
    group, s1 = Whom(M, GROUP), Whom(M, None, "S1")
    book.enter(group, by(1), [Forms(GROUP, PEOPLE)])
    book.enter(group, by(2), [Opens("object", RIGHT, "staff", day(date(2014, 2, 11)))])
    book.enter(group, by(3), [Opens("confirm", ACT, "employer", AFTER_WINDOWS)])
    book.enter(s1, by(4, date(2014, 2, 1)), [Closes("object", Outcome.MET)])
    for who, longer in ((s1, date(2014, 2, 20)), (group, date(2014, 2, 28))):
        book.enter(who, by(5), [Moves("object", day(longer))])
        due, confirm = book.due(s1, "object"), book.due(s1, "confirm")
        assert due is not None
        assert confirm is not None
        assert book.last(due) == longer
        assert book.last(confirm) == longer + timedelta(days=1)
        published_as_used = (date(2014, 2, 11), None)
        assert book.days(due) == published_as_used
        assert (due.outcome, due.outcome_on) == (Outcome.MET, date(2014, 2, 1))
    book.enter(s1, by(6), [ClosesAll()])
    assert [due.outcome for due in book.of(s1) if due.slot.what == "object"] == [Outcome.MET]


def test_what_the_clock_had_yet_to_do_is_not_done_any_more_once_all_is_over() -> None:
    book, s1 = Book(), Whom(M, None, "S1")
    book.enter(s1, by(1), [Opens("move", ACT, "employer", day(date(2014, 2, 1)))])
    book.enter(s1, by(2), [Opens("report", DUTY, "employer", day(date(2014, 2, 1)))])
    book.enter(s1, by(3, date(2014, 3, 1)), [ClosesAll()])
    states = {due.slot.what: book.state(due, date(2014, 3, 1)) for due in book.of(s1)}
    assert states == {"move": "superseded", "report": "missed"}
    assert next_act(book, s1) is None


def test_what_the_group_has_done_is_not_what_its_people_have() -> None:
    book = Book()
    book.enter(Whom(M, GROUP), by(1), [Forms(GROUP, PEOPLE)])
    act = Opens("confirm", ACT, "employer", day(date(2014, 2, 12)))
    book.enter(Whom(M, GROUP), by(2), [act])
    book.enter(Whom(M, None, "S1"), by(3), [Closes("confirm", Outcome.MET)])
    book.enter(Whom(M, GROUP), by(4), [Closes("confirm", Outcome.MET)])
    states = [
        book.state(due, date(2014, 3, 1))
        for person in PEOPLE
        if (due := book.due(Whom(M, None, person), "confirm"))
    ]
    assert states == ["met", "missed"]
    book.enter(Whom(M, GROUP), by(5), [replace(act, once=True, what="draw")])
    assert book.due(Whom(M, None, "S2"), "draw") is None


def test_a_refused_step_stays_one_and_is_met_by_the_step() -> None:
    book = Book()
    s1 = Whom(M, None, "S1")
    book.enter(s1, by(1), [Opens("move", ACT, "employer", day(date(2014, 4, 1)))])
    refused = Opens(REFUSED_STEP, DUTY, "employer", Reckoned(), "move")
    book.enter(s1, by(2), [refused])
    book.enter(s1, by(3), [refused])
    due = book.due(s1, REFUSED_STEP, "move")
    assert due is not None
    assert due.opened_by == UUID(int=2)
    assert book.state(due, date(2014, 5, 1)) == "open"
    book.enter(s1, by(4, date(2014, 4, 9)), [Closes("move", Outcome.MET)])
    due = book.due(s1, REFUSED_STEP, "move")
    assert due is not None
    assert (due.outcome, due.outcome_on) == (Outcome.MET, date(2014, 4, 9))


def test_a_refused_step_of_everybody_is_put_right_for_whoever_takes_it() -> None:
    book = Book()
    book.enter(Whom(M, GROUP), by(1), [Forms(GROUP, PEOPLE)])
    act = Opens("move", ACT, "employer", day(date(2014, 4, 1)))
    book.enter(Whom(M, GROUP), by(2), [act])
    refused = Opens(REFUSED_STEP, DUTY, "employer", Reckoned(), "move")
    for n, person in enumerate(PEOPLE):
        book.enter(Whom(M, None, person), by(3 + n), [refused])
    book.enter(Whom(M, None, "S1"), by(5, date(2014, 4, 9)), [Closes("move", Outcome.MET)])
    found = [book.due(Whom(M, None, person), REFUSED_STEP, "move") for person in PEOPLE]
    assert [due and due.outcome for due in found] == [Outcome.MET, None]


def test_a_refusal_of_a_step_that_was_taken_as_of_before_it_has_been_put_right() -> None:
    book = Book()
    s1 = Whom(M, None, "S1")
    book.enter(s1, by(1), [Opens("move", ACT, "employer", day(date(2014, 4, 1)))])
    book.enter(s1, by(2, date(2014, 4, 1)), [Closes("move", Outcome.MET)])
    refused = Opens(REFUSED_STEP, DUTY, "employer", Reckoned(), "move")
    book.enter(s1, by(3, date(2014, 4, 5)), [refused])
    due = book.due(s1, REFUSED_STEP, "move")
    assert due is not None
    assert (due.outcome, due.outcome_on) == (Outcome.MET, date(2014, 4, 5))
    assert due.closed_by == UUID(int=2)


def test_without_the_step_there_is_nothing_to_put_right() -> None:
    book = Book()
    s1 = Whom(M, None, "S1")
    book.enter(s1, by(1), [Opens("move", ACT, "employer", day(date(2014, 4, 1)))])
    book.enter(s1, by(2), [Opens(REFUSED_STEP, DUTY, "employer", Reckoned(), "move")])
    book.enter(s1, by(3), [Closes("move", Outcome.SUPERSEDED)])
    due = book.due(s1, REFUSED_STEP, "move")
    assert due is not None
    assert due.outcome is Outcome.SUPERSEDED


def test_states_by_day_and_two_readings() -> None:
    book = Book()
    s1 = Whom(M, None, "S1")
    two = Reckoned(on=date(2014, 2, 6), later=date(2014, 2, 10), basis=BASIS)
    book.enter(s1, by(1), [Opens("answer", RIGHT, "staff", two)])
    due = book.due(s1, "answer")
    assert due is not None
    assert [book.state(due, date(2014, 2, n)) for n in (6, 7, 10, 11)] == [
        "open",
        "open",
        "open",
        "lapsed",
    ]
    book.enter(s1, by(2), [ClosesAll()])
    ended = book.due(s1, "answer")
    assert ended is not None
    assert book.state(ended, date(2014, 2, 1)) == "superseded"


def test_a_book_on_top_of_another_leaves_that_as_it_is() -> None:
    whole = Book()
    whole.enter(Whom(M, GROUP), by(1), [Forms(GROUP, PEOPLE)])
    whole.enter(Whom(M, GROUP), by(2), [Opens("object", RIGHT, "staff", day(date(2014, 2, 11)))])
    mine, other = Book(whole), Book(whole)
    s1, s2 = Whom(M, None, "S1"), Whom(M, None, "S2")
    mine.enter(s1, by(3), [Closes("object", Outcome.MET)])
    done, open_ = mine.due(s1, "object"), other.due(s2, "object")
    assert done is not None
    assert open_ is not None
    assert (done.outcome, open_.outcome) == (Outcome.MET, None)
    assert [due.slot.person for due in whole.everything()] == [None]

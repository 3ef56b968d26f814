"""The book of what is due, against a reader who goes day by day through all that was published."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from transfer.core.matter.book import (
    MILESTONE,
    REFUSED_STEP,
    Book,
    By,
    Closes,
    ClosesAll,
    Due,
    Effect,
    Ended,
    Forms,
    Moves,
    Opens,
    Published,
    Row,
    next_act,
)
from transfer.core.matter.reckoning import Reckoned, hanging
from transfer.core.matter.rows import difference, hangs_on, touched, whose
from transfer.core.matter.words import Nature, Outcome, Slot, Whom
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
    """The day published last in a slot: moved only while something is there to move."""
    last: date | None = None
    done = False
    for each in told:
        effect = each.effect
        if isinstance(effect, Closes) and (each.whom, effect.what) == (whom, what):
            done = True
        if not isinstance(effect, Opens | Moves) or (effect.what, effect.about) != (what, about):
            continue
        if isinstance(effect, Opens) and each.whom == whom:
            last, done = effect.when.on, False
        elif each.whom == whom and not done:
            shared = whom.person and published(
                told[: told.index(each)], Whom(M, GROUP), what, about
            )
            if last is not None or shared:
                last = effect.when.on
    return last


def last_open_day(told: Sequence[Told], person: str, window: str) -> date | None:
    on, last = START, None
    while on < START + timedelta(days=120):
        last = on if is_open(told, person, window, on) else last
        on += timedelta(days=1)
    return last


def closed_windows(told: Sequence[Told], person: str) -> set[str]:
    """The windows that somebody used: then the day is theirs as it was when they did."""
    found: set[str] = set()
    for each in told:
        if each.whom != Whom(M, None, person):
            continue
        if isinstance(each.effect, Closes):
            found.add(each.effect.what)
        if isinstance(each.effect, Opens):
            found.discard(each.effect.what)
    return found


def book_of(told: Sequence[Told], *, keeps_rows: bool = False) -> Book:
    book = Book(keeps_rows=keeps_rows)
    for n, each in enumerate(told):
        book.enter(each.whom, By(UUID(int=n + 1), each.on, "office"), (each.effect,))
    return book


@settings(max_examples=300, deadline=None)
@given(told=tellings())
def test_every_window_is_open_to_the_day_that_the_naive_reader_finds(told: list[Told]) -> None:
    book = book_of(told)
    for person in PEOPLE:
        whom = Whom(M, None, person)
        for window in {"answer", "object"} - closed_windows(told, person):
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


# --- rows, as a projection keeps them ------------------------------------------------------------


@dataclass
class Kept:
    """What a projection would have stored: the current due of each slot, and the groups."""

    dues: dict[Slot, Due] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)

    @property
    def published(self) -> dict[Slot, date | None]:
        """The last day in the latest row of each slot."""
        return {
            row.due.slot: row.later or row.on for row in self.rows if isinstance(row, Published)
        }


def group(person: str | None) -> str | None:
    return GROUP if person in PEOPLE else None


def page(kept: Kept, told: Sequence[Told], first: int) -> None:
    """Take a page of facts with a book that knows only what they touch."""
    group_of = dict.fromkeys(((M, person) for person in PEOPLE), GROUP)
    book = Book(group_of=group_of, keeps_rows=True)
    changed = {slot for each in told for slot in touched(each.whom, (each.effect,))}
    hanging_on = {
        Whom(*due.slot[:3])
        for due in kept.dues.values()
        if any(hangs_on(due, slot, group(due.slot.person)) for slot in changed)
    }
    concerned = {each.whom for each in told} | hanging_on
    known = {each for whom in concerned for each in whose(whom, group(whom.person))}
    for slot, due in kept.dues.items():
        if Whom(*slot[:3]) in known:
            book.know(due, kept.published[slot])
    for n, each in enumerate(told):
        book.enter(each.whom, By(UUID(int=first + n + 1), each.on, "office"), (each.effect,))
    kept.dues |= {due.slot: due for due in book.everything()}
    kept.rows += book.rows


@settings(max_examples=200, deadline=None)
@given(told=tellings(), size=st.integers(1, 5))
def test_rows_are_the_same_page_by_page_as_in_one_go(told: list[Told], size: int) -> None:
    whole = book_of(told, keeps_rows=True)
    kept = Kept()
    for first in range(0, len(told), size):
        page(kept, told[first : first + size], first)
    assert {due.slot: due for due in whole.everything()} == kept.dues
    assert sorted(map(repr, whole.rows)) == sorted(map(repr, kept.rows))


@settings(max_examples=200, deadline=None)
@given(told=tellings())
def test_rows_say_what_the_book_says(told: list[Told]) -> None:
    book = book_of(told, keeps_rows=True)
    assert_rows_say(book, book.rows)


@settings(max_examples=100, deadline=None)
@given(told=tellings(), left_out=st.integers(2, 12))
def test_rows_lead_from_what_a_book_said_to_what_it_says_after_a_late_fact(
    told: list[Told], left_out: int
) -> None:
    before = book_of([each for n, each in enumerate(told) if n != left_out], keeps_rows=True)
    after = book_of(told)
    more = difference(before, after, By(UUID(int=99), START, "office"))
    assert_rows_say(after, [*before.rows, *more])
    assert difference(after, after, By(None, START, "office")) == ()


def assert_rows_say(book: Book, rows: Sequence[Row]) -> None:
    """Read from the rows alone, each slot stands where the book says."""
    current: dict[Slot, tuple[date | None, Outcome | None]] = {}
    for row in rows:
        match row:
            case Published():
                current[row.due.slot] = (row.later or row.on, None)
            case Ended():
                before = current.get(row.slot, (None, None))
                current[row.slot] = (before[0], row.outcome)
    for due in book.everything():
        if due.outcome is None:
            assert current[due.slot] == (book.last(due), None)
        else:
            assert current[due.slot][1] is due.outcome


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

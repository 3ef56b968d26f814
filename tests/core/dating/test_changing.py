"""What one entry changes, against all days worked out before and after it."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from transfer.core.dating.changing import Changing
from transfer.core.dating.differences import Days, Stretch, stretches, value_of
from transfer.core.dating.effective_dating import Entries, Entry, Key, Kind, Period, Piece

BAND, UNIT = (Key(Kind.FACET, "main", name) for name in ("band", "unit"))
DAYS = st.integers(0, 12).map(lambda n: date(2014, 1, 1) + timedelta(days=n))


@st.composite
def pieces(draw: st.DrawFn) -> tuple[Piece, ...]:
    """One or two pieces, standing or temporary, some of which say that there is no value."""
    start = draw(DAYS)
    end = draw(st.none() | st.integers(1, 6).map(lambda n: start + timedelta(days=n)))
    keys = draw(st.lists(st.sampled_from((BAND, UNIT)), min_size=1, max_size=2))
    values = st.none() | st.sampled_from("345")
    return tuple(Piece(key, draw(values), start, end) for key in keys)


@st.composite
def records(draw: st.DrawFn) -> list[Entry]:
    """Entries of one record: new ones, corrections, annulments, of whichever came before."""
    made: list[Entry] = []
    for n in range(1, draw(st.integers(1, 10)) + 1):
        named = draw(st.none() | st.sampled_from(made)) if made else None
        annuls = named is not None and draw(st.booleans())
        made.append(
            Entry(
                UUID(int=n),
                datetime(2014, 1, n, tzinfo=UTC),
                () if annuls else draw(pieces()),
                None if named is None else named.event_id,
                annuls,
            )
        )
    return made


def all_days(book: Entries, key: Key) -> list[Days[Period]]:
    """Everything that holds of a key."""
    return [(each.effective_from, each.effective_to, each) for each in book.timeline(key).in_force]


def _told(each: Stretch[Period]) -> tuple[date, date | None, str | None, str | None]:
    return each.effective_from, each.effective_to, value_of(each.before), value_of(each.after)


@given(records())
def test_the_days_that_an_entry_changes_are_those_that_read_differently(
    record: list[Entry],
) -> None:
    book = Entries()
    changing: defaultdict[Key, Changing] = defaultdict(Changing)
    before: dict[Key, list[Days[Period]]] = {BAND: [], UNIT: []}
    for entry in record:
        touched = book.add(entry)
        original = book.original(entry.event_id)
        for key in (BAND, UNIT):
            after = all_days(book, key)
            expected = [*map(_told, stretches(before[key], after, value_of))]
            put = (
                changing[key].put(original, book.stated_by(key, original)) if key in touched else []
            )
            found = [*map(_told, put)]
            assert found == expected
            before[key] = after

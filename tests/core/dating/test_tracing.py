"""Since when, and by which entries, the record has said what it says of a day."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from transfer.core.dating.effective_dating import Entry, Key, Kind, Period, Piece, timelines
from transfer.core.dating.tracing import Why, traces

BAND = Key(Kind.FACET, "main", "band")
JAN, FEB, MAR, APR = (date(2014, month, 1) for month in (1, 2, 3, 4))


def at(hour: int) -> datetime:
    """An instant of knowledge."""
    return datetime(2014, 6, 1, hour, tzinfo=UTC)


def entry(
    number: int,
    hour: int,
    value: str | None = None,
    start: date = JAN,
    end: date | None = None,
    *,
    of: int | None = None,
    annuls: bool = False,
) -> Entry:
    """An entry about the band, or an annulment."""
    content = () if annuls else (Piece(BAND, value, start, end),)
    named = None if of is None else UUID(int=of)
    return Entry(UUID(int=number), at(hour), content, named, annuls)


def why(on: date, *entries: Entry, standing_only: bool = False) -> Why | None:
    """Why the band reads as it does on a day."""
    return traces(entries, frozenset({BAND}))[BAND].why(on, standing_only=standing_only)


def told(found: Why | None) -> tuple[int, list[int], str | None, str | None]:
    """Hour, entries, and the values replaced and before."""
    assert found is not None
    return (
        found.known_since.hour,
        [each.int for each in found.brought_by],
        found.replaced.value if found.replaced else None,
        found.preceded_by.value if found.preceded_by else None,
    )


def test_a_later_entry_about_other_days_changes_nothing_of_this_one() -> None:
    stream = (entry(1, 1, "4"), entry(2, 2, "5", FEB), entry(3, 3, "6", APR), entry(4, 4, "3"))
    assert told(why(MAR, *stream)) == (2, [2], "4", "3")
    assert told(why(JAN, *stream)) == (4, [4], "4", None)
    assert why(date(2013, 12, 31), *stream) is None


def test_what_a_temporary_value_overlays_has_reasons_of_its_own() -> None:
    stream = (entry(1, 1, "4"), entry(2, 2, "5", FEB, APR), entry(3, 3, "6", FEB))
    assert told(why(MAR, *stream)) == (2, [2], "4", "4")
    assert told(why(MAR, *stream, standing_only=True)) == (3, [3], "4", "4")


def test_an_annulment_brings_back_and_is_what_brought_it() -> None:
    stream = (
        entry(1, 1, "4"),
        entry(2, 2, "5", of=1),
        entry(3, 3, of=2, annuls=True),
    )
    assert told(why(MAR, *stream)) == (3, [3], "5", None)
    gone = (*stream, entry(4, 4, of=1, annuls=True))
    assert why(MAR, *gone) is None


def test_entries_of_one_command_are_one_step() -> None:
    stream = (entry(1, 1, "4"), entry(2, 2, "5"), entry(3, 2, "6"), entry(4, 2, of=3, annuls=True))
    assert told(why(MAR, *stream)) == (2, [2, 3, 4], "4", None)


def test_a_value_that_ended_and_began_again_is_new() -> None:
    stream = (entry(1, 1, "4"), entry(2, 2, None, FEB), entry(3, 3, "4", FEB))
    assert told(why(MAR, *stream)) == (3, [3], None, "4")


@st.composite
def streams(draw: st.DrawFn) -> list[Entry]:
    """Some entries on one key: standing, temporary, ending, corrected, annulled."""
    found: list[Entry] = []
    for n in range(1, draw(st.integers(1, 8)) + 1):
        of = draw(st.sampled_from([None, None, *range(1, n)]))
        annuls = of is not None and draw(st.booleans())
        start = draw(st.integers(1, 9))
        end = draw(st.none() | st.integers(start + 1, 10))
        value = draw(st.sampled_from(["4", "5", None]))
        last = None if end is None else date(2014, end, 1)
        found.append(entry(n, n, value, date(2014, start, 1), last, of=of, annuls=annuls))
    return found


@given(stream=streams(), month=st.integers(1, 10))
def test_a_trace_finds_what_the_timelines_of_every_instant_have(
    stream: list[Entry], month: int
) -> None:
    on = date(2014, month, 1)

    def read(known_at: datetime, day: date) -> Period | None:
        timeline = timelines(stream, known_at=known_at).get(BAND)
        return timeline.at(day) if timeline is not None else None

    instants = [each.recorded_at for each in stream]
    now = read(instants[-1], on)
    found = why(on, *stream)
    assert (found is None) == (now is None)
    if found is None or now is None:
        return
    since = instants.index(found.known_since)
    for known_at in instants[since:]:
        assert content(read(known_at, on)) == content(now)
    replaced = read(instants[since - 1], on) if since > 0 else None
    assert content(replaced) != content(now)
    assert found.replaced == replaced
    assert found.preceded_by == read(instants[-1], now.effective_from - timedelta(days=1))


def content(period: Period | None) -> tuple[UUID, UUID | None] | None:
    """Whose content a period has."""
    return None if period is None else (period.event_id, period.corrected_by)

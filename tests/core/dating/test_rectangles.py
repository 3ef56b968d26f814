"""The areas of the two clocks: they answer every (V, K) as the rule does, and nothing besides."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations, pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.support.entries import entry, id_of, key, recorded_at
from transfer.core.dating.effective_dating import Entry, Key, Kind, Piece, position_at, timelines
from transfer.core.dating.rectangles import Rectangle, keys_of, nearest, rectangles

BAND = key("band")
DAYS = [date(2012, 1, 1) + timedelta(days=n) for n in range(12)]


def areas(*texts: str) -> tuple[Rectangle, ...]:
    """The areas of the band after these events, each recorded a minute after the one before."""
    return rectangles([entry(n, text) for n, text in enumerate(texts, start=1)], BAND)


def told(area: Rectangle) -> tuple[str, str, str, int, int | None]:
    """An area as value, first day, end, and the numbers of the events between which it lasts."""
    numbers = {recorded_at(n): n for n in range(1, 10)}
    return (
        area.value,
        area.effective_from.isoformat(),
        area.effective_to.isoformat() if area.effective_to else "",
        numbers[area.recorded_from],
        numbers[area.recorded_to] if area.recorded_to else None,
    )


def test_a_first_value_is_one_area_open_both_ways() -> None:
    [area] = areas("band 3 from 2012-01-01")
    assert told(area) == ("3", "2012-01-01", "", 1, None)
    assert (area.event_id, area.corrects, area.corrected_away) == (id_of(1), False, False)


def test_a_later_change_ends_what_was_thought_to_last_and_leaves_what_lies_before() -> None:
    found = areas("band 3 from 2012-01-01", "band 4 from 2014-06-01")
    assert [told(area) for area in found] == [
        ("3", "2012-01-01", "", 1, 2),
        ("3", "2012-01-01", "2014-06-01", 2, None),
        ("4", "2014-06-01", "", 2, None),
    ]
    assert not any(area.corrects or area.corrected_away for area in found)


def test_a_correction_is_a_seam_between_two_areas_of_one_event() -> None:
    wrong, right = areas("band 3 from 2012-01-01", "correction of 1: band 4 from 2012-01-01")
    assert (told(wrong), told(right)) == (
        ("3", "2012-01-01", "", 1, 2),
        ("4", "2012-01-01", "", 2, None),
    )
    assert (wrong.corrected_away, right.corrects) == (True, True)
    assert (right.event_id, right.corrected_by) == (id_of(1), id_of(2))


def test_an_annulment_leaves_no_value_where_nothing_else_gives_one() -> None:
    [gone] = areas("band 3 from 2012-01-01", "annulment of 1")
    assert told(gone) == ("3", "2012-01-01", "", 1, 2)
    assert gone.corrected_away


def test_a_leaver_is_no_correction() -> None:
    before, after = areas("band 3 from 2012-01-01", "band nothing from 2013-01-01")
    assert told(after) == ("3", "2012-01-01", "2013-01-01", 2, None)
    assert not before.corrected_away
    assert not after.corrects


def test_what_touches_another_facet_leaves_an_area_whole() -> None:
    [area] = areas("band 3 from 2012-01-01", "unit Lambeth from 2012-06-01")
    assert told(area) == ("3", "2012-01-01", "", 1, None)


def test_between_the_events_of_one_command_there_is_no_area() -> None:
    one = entry(1, "band 3 from 2012-01-01")
    same_command = Entry(id_of(2), one.recorded_at, content=(Piece(BAND, "4", date(2012, 1, 1)),))
    [area] = rectangles([one, same_command], BAND)
    assert (area.value, area.event_id) == ("4", id_of(2))


def test_nothing_is_found_of_a_key_that_nobody_stated() -> None:
    assert areas("unit Lambeth from 2012-06-01") == ()
    assert keys_of([entry(1, "unit Lambeth and band 3 from 2012-06-01")]) == (BAND, key("unit"))


@st.composite
def histories(draw: st.DrawFn) -> list[Entry]:
    """Some events on two facets: standing, temporary, ending, corrections, annulments."""
    found: list[Entry] = []
    at = datetime(2014, 6, 10, 9, tzinfo=UTC)
    for n in range(1, draw(st.integers(1, 7)) + 1):
        at += draw(st.sampled_from([timedelta(0), timedelta(hours=1), timedelta(days=3)]))
        of = draw(st.sampled_from([None, None, *(each.event_id for each in found)]))
        annuls = of is not None and draw(st.booleans())
        since = draw(st.integers(0, 9))
        until = draw(st.none() | st.integers(since + 1, 11))
        piece = Piece(
            Key(Kind.FACET, "main", draw(st.sampled_from(["band", "unit"]))),
            draw(st.sampled_from(["3", "4", "5", None])),
            DAYS[since],
            None if until is None else DAYS[until],
        )
        found.append(Entry(id_of(n), at, () if annuls else (piece,), of, annuls))
    return found


@given(histories())
def test_the_areas_answer_every_day_and_instant_as_the_rule_does(entries: list[Entry]) -> None:
    found = rectangles(entries, BAND)
    instants = sorted({each.recorded_at for each in entries})
    asked = [instants[0] - timedelta(hours=1), *instants, instants[-1] + timedelta(days=1)]
    asked += [earlier + (later - earlier) / 2 for earlier, later in pairwise(instants)]
    for known_at in asked:
        known = timelines(entries, known_at=known_at)
        for day in DAYS:
            expected = position_at(known, day).get(BAND)
            covering = [area for area in found if area.covers(day, known_at)]
            if expected is None:
                assert covering == []
            else:
                [area] = covering
                assert (area.value, area.event_id) == (expected.value, expected.event_id)
                assert (area.effective_from, area.effective_to) == (
                    expected.effective_from,
                    expected.effective_to,
                )


@given(histories())
def test_no_two_areas_overlap(entries: list[Entry]) -> None:
    for one, other in combinations(rectangles(entries, BAND), 2):
        corner = max(one.effective_from, other.effective_from)
        instant = max(one.recorded_from, other.recorded_from)
        assert not (one.covers(corner, instant) and other.covers(corner, instant))


def test_of_many_areas_those_nearest_to_the_day_and_then_to_the_instant_are_kept() -> None:
    found = areas(
        "band 3 from 2012-01-01",
        "band 4 from 2013-01-01",
        "band 5 from 2014-01-01",
    )
    whole = [told(area) for area in found]
    asked, now = date(2013, 6, 1), recorded_at(3)
    assert nearest(found, asked, now, len(found)) == found
    kept = [told(area) for area in nearest(found, asked, now, 2)]
    assert kept == [
        ("4", "2013-01-01", "", 2, 3),
        ("4", "2013-01-01", "2014-01-01", 3, None),
    ]
    assert kept == [each for each in whole if each in kept]
    assert [told(area) for area in nearest(found, asked, recorded_at(1), 1)] == [
        ("3", "2012-01-01", "", 1, 2)
    ]
    assert [told(area) for area in nearest(found, date(2015, 1, 1), now, 1)] == [
        ("5", "2014-01-01", "", 3, None)
    ]
    assert nearest((), asked, now, 5) == ()


@given(histories(), st.sampled_from(DAYS), st.integers(1, 9), st.integers(1, 4))
def test_what_answers_the_question_is_always_among_them(
    entries: list[Entry], day: date, nth: int, most: int
) -> None:
    found = rectangles(entries, BAND)
    kept = nearest(found, day, recorded_at(nth), most)
    assert [area for area in found if area.covers(day, recorded_at(nth))] == [
        area for area in kept if area.covers(day, recorded_at(nth))
    ]
    assert len(kept) == min(most, len(found))

"""Whoever is linked, through however many others, is one person: against a plain reading of it."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from projections.links_and_objections.projection import Link, everyone_linked

NUMBERS = "ABCDEFG"
PAIRS = st.sets(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)), max_size=8)


def one_person(pairs: Iterable[tuple[str, str]], number: str) -> set[str]:
    """Everybody reached from a number, by joining sets until nothing joins any more."""
    people = [{each} for each in NUMBERS]
    for one, other in pairs:
        [joined, *rest] = [person for person in people if one in person or other in person]
        for person in rest:
            joined |= person
            people.remove(person)
    return next(person for person in people if number in person)


@given(PAIRS, st.sampled_from(NUMBERS))
def test_links_reach_everybody_and_nobody_twice(pairs: set[tuple[str, str]], number: str) -> None:
    asked: list[str] = []

    def links_of(numbers: Sequence[str]) -> list[Link]:
        asked.extend(numbers)
        return [
            Link(theirs, own, UUID(int=0), datetime(2014, 1, 1, tzinfo=UTC), "r", None)
            for pair in sorted(pairs)
            for own, theirs in (pair, pair[::-1])
            if own in numbers and own != theirs
        ]

    own = links_of([number])
    found = everyone_linked(number, own, links_of)
    assert {link.staff_number for link in found} == one_person(pairs, number) - {number}
    assert len({link.staff_number for link in found}) == len(found)
    assert len(set(asked)) == len(asked), "nobody is looked up twice"
    assert all(link.through in one_person(pairs, number) for link in found)

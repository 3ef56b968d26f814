"""Generated histories through HTTP: every answer is the rule's, and stays what it was.

After each write everything is asked as known then; each answer is compared with the slow reading,
remembered, and asked for again at the end. A failure names its seed.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random  # noqa: TID251  # a test's draws come from a seed, which it names

import pytest

from tests.support.asking import Api, Json
from tests.support.making import Maker
from tests.support.over_http import Period, Writer, period_of, period_told
from tests.support.readings import Reading
from tests.support.worlds import JOBS

pytestmark = pytest.mark.engines

PEOPLE = ("M1", "M2")
FACETS = ("employer", "band", "fte")
WRITES = 24


class Reader:
    """Asks for everything as known at an instant, and remembers what was answered."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._remembered: list[tuple[str, dict[str, str], int, Json]] = []

    def ask(self, path: str, known_at: datetime, **asked: str) -> Json | None:
        """The answer; `None` for somebody not on record."""
        query = {**asked, "known_at": known_at.isoformat()}
        answer = self._api.get(path, query)
        assert answer.status_code in (200, 404), answer.text
        self._remembered.append((path, query, answer.status_code, answer.json()))
        if answer.status_code == 404:
            return None
        found: Json = answer.json()
        assert datetime.fromisoformat(found.get("known_at", query["known_at"])) == known_at
        return found

    def ask_again(self) -> None:
        """Everything that was asked is answered as before."""
        for path, query, status, content in self._remembered:
            answer = self._api.get(path, query)
            assert (answer.status_code, answer.json()) == (status, content), (path, query)


@pytest.mark.parametrize(
    "seed",
    [0, 1, *(pytest.param(each, marks=pytest.mark.thorough) for each in (2, 3, 4))],
)
def test_answers_are_the_rules_and_stay_what_they_were(api: Api, seed: int) -> None:
    random = Random(seed)  # noqa: S311  # repeatable, not secret
    maker, writer = Maker(random, people=len(PEOPLE), plain=True, prefix="M"), Writer(api)
    reader = Reader(api)
    for _ in range(WRITES):
        written = writer.write(maker.command())
        # A copy of what is on record so far: the slow reading keeps what it has worked out.
        reading = Reading(writer.world)
        known_at = random.choice((written.recorded_at, *writer.world.instants))
        step = timedelta(days=random.choice((-1, 0, 0, 1)))
        compare(reader, reading, random.choice(writer.world.days()) + step, known_at)
    reader.ask_again()


def compare(reader: Reader, reading: Reading, day: date, known_at: datetime) -> None:
    """Ask everything at one pair of times, through HTTP and of the slow reading."""
    on = day.isoformat()
    for staff in PEOPLE:
        known = reading.is_known(staff, known_at)
        for job in JOBS:
            wanted = reading.position(staff, day, known_at, job)
            found = reader.ask(
                f"/staff/{staff}/position", known_at, effective_at=on, assignment=job
            )
            assert (found is None) == (wanted is None)
            if found is None or wanted is None:
                continue
            assert facets_told(found) == {
                facet: (period_of(answer), answer.standing and period_of(answer.standing))
                for facet, answer in wanted.facets.items()
            }
            assert {term["term"]: period_told(term) for term in found["terms"]} == {
                term: period_of(answer) for (term, _), answer in wanted.terms.items()
            }
        assert (reader.ask(f"/staff/{staff}/history", known_at) is not None) == known
        compare_timelines(reader, reading, staff, known_at)
    for facet in FACETS:
        groups = reader.ask("/workforce", known_at, by=facet, effective_at=on)
        assert groups is not None
        assert [(g["value"], g["headcount"], g["fte"]) for g in groups["groups"]] == [
            (value, heads, f"{fte.normalize():f}")
            for value, heads, fte in reading.workforce(facet, day, known_at)
        ]
        assert groups["total"]["headcount"] == reading.people(facet, day, known_at)
    for value in ("LDN", "NPS"):
        page = reader.ask("/workforce/members", known_at, effective_at=on, employer=value)
        assert page is not None
        items = [(m["staff_number"], m["assignment"], m["position"]) for m in page["items"]]
        assert items == reading.members({"employer": value}, day, known_at)
    assert reader.ask("/deadlines", known_at) is not None


def compare_timelines(reader: Reader, reading: Reading, staff: str, known_at: datetime) -> None:
    """Every period of one person."""
    wanted, found = (
        reading.timeline(staff, known_at),
        reader.ask(f"/staff/{staff}/timeline", known_at),
    )
    assert (found is None) == (wanted is None)
    if found is None or wanted is None:
        return
    lanes = {
        ("facet", lane["assignment"], lane["facet"], None): lane for lane in found["facets"]
    } | {("term", "", lane["term"], lane.get("exercise")): lane for lane in found["terms"]}
    told = {
        name: (
            [(period_told(each), each["temporary"]) for each in lane["periods"]],
            [(period_told(each), each["temporary"]) for each in lane["beneath"]],
        )
        for name, lane in lanes.items()
    }
    assert told == {
        name: (
            [(period_of(each), each.temporary) for each in in_force],
            [(period_of(each), each.temporary) for each in beneath],
        )
        for name, (in_force, beneath) in wanted.items()
    }


def facets_told(found: Json) -> dict[str, tuple[Period, Period | None]]:
    """A position's facets, each with what stands beneath it."""
    return {
        facet: (
            period_told(held),
            period_told(held["standing"]) if "standing" in held else None,
        )
        for facet, held in found["position"].items()
    }

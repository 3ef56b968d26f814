"""Random histories through HTTP, compared with a slow reading of the effective-dating rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.asking import Api, Json, created
from tests.oracle import Answer, Name, Oracle, Said

pytestmark = pytest.mark.engines

FIRST_DAY = date(2014, 1, 1)
DAYS = st.integers(0, 12).map(lambda n: FIRST_DAY + timedelta(days=n))
LOOKS = st.integers(-2, 24).map(lambda n: FIRST_DAY + timedelta(days=n))
LENGTHS = st.one_of(st.none(), st.integers(1, 8))
VALUES = st.sampled_from(["a", "b", "c", None])
CHANGES = st.dictionaries(st.sampled_from(["employer", "band"]), VALUES, max_size=2)
ASSIGNMENTS = st.sampled_from(["main", "main", "main", "evenings"])
ACTS = st.sampled_from(["change", "change", "term", "correct", "correct", "annul"])

_numbers = count(1)


@dataclass
class Person:
    """Somebody of one example: what was said of them, and which events may be named."""

    number: str
    said: list[Said] = field(default_factory=list)
    nameable: list[UUID] = field(default_factory=list)
    of_registration: set[UUID] = field(default_factory=set)

    def hear(self, written: Json, **content: object) -> UUID:
        """Take note of a write and what it said."""
        event_id = UUID(written["event_id"])
        at = datetime.fromisoformat(written["recorded_at"])
        self.said.append(Said(event_id, at, **content))  # type: ignore[arg-type]  # by name
        return event_id


def dates(data: st.DataObject, *, may_end: bool = True) -> tuple[date, date | None]:
    """When something is in force."""
    start = data.draw(DAYS)
    length = data.draw(LENGTHS) if may_end else None
    return start, None if length is None else start + timedelta(days=length)


def names(assignment: str, values: dict[str, str | None]) -> dict[Name, str | None]:
    """Facet values under the names by which the oracle knows them."""
    return {("facet", assignment, facet): value for facet, value in values.items()}


def body_of(start: date, end: date | None, **rest: object) -> Json:
    """What is sent, dates written out."""
    body: Json = {"effective_from": start.isoformat(), **rest}
    if end is not None:
        body["effective_to"] = end.isoformat()
    return body


def register(api: Api, data: st.DataObject) -> Person:
    """Register somebody new."""
    person = Person(f"M{next(_numbers):05}")
    start, values = data.draw(DAYS), data.draw(CHANGES)
    body = body_of(start, None, staff_number=person.number, name="n", position=values)
    written = created(api.post("/staff", body))
    event_id = person.hear(written, values=names("main", values), effective_from=start)
    person.nameable.append(event_id)
    person.of_registration.add(event_id)
    return person


def act(api: Api, person: Person, data: st.DataObject) -> None:
    """Do something to somebody's record."""
    what = data.draw(ACTS)
    if what in ("correct", "annul") and not person.nameable:
        what = "change"
    path = f"/staff/{person.number}"
    if what == "annul":
        of = data.draw(st.sampled_from(person.nameable))
        written = created(
            api.post(f"{path}/corrections", {"of": str(of), "annul": True, "reason": "r"})
        )
        person.hear(written, of=of, annuls=True)
        person.nameable.remove(of)
    elif what == "term":
        start, end = dates(data)
        value = data.draw(VALUES)
        body = body_of(start, end, term="t", value=value, reason="r")
        written = created(api.post(f"{path}/terms", body))
        said: dict[Name, str | None] = {("term", "", "t"): value}
        heard = person.hear(written, values=said, effective_from=start, effective_to=end)
        person.nameable.append(heard)
    elif what == "change":
        start, end = dates(data)
        values = data.draw(CHANGES) or {"band": "d"}
        assignment = data.draw(ASSIGNMENTS)
        body = body_of(start, end, changes=values, assignment=assignment, reason="r")
        written = created(api.post(f"{path}/changes", body))
        said = names(assignment, values)
        heard = person.hear(written, values=said, effective_from=start, effective_to=end)
        person.nameable.append(heard)
    else:
        correct(api, person, data)


def correct(api: Api, person: Person, data: st.DataObject) -> None:
    """Replace the content of an entry or of a correction."""
    of = data.draw(st.sampled_from(person.nameable))
    start, end = dates(data, may_end=of not in person.of_registration)
    values = data.draw(CHANGES)
    assignment = data.draw(ASSIGNMENTS)
    body = body_of(start, end, of=str(of), changes=values, assignment=assignment, reason="r")
    said = names(assignment, values)
    if data.draw(st.booleans()):
        term = data.draw(VALUES)
        body |= {"term": "t", "value": term}
        said["term", "", "t"] = term
    written = created(api.post(f"/staff/{person.number}/corrections", body))
    heard = person.hear(written, values=said, effective_from=start, effective_to=end, of=of)
    person.nameable.append(heard)
    if of in person.of_registration:
        person.of_registration.add(heard)


def told(held: Json, standing: Answer | None = None) -> Answer:
    """What the API said of one value, as the oracle would say it."""
    end = held["effective_to"]
    corrected_by = held["corrected_by"]
    return Answer(
        value=held["value"],
        effective_from=date.fromisoformat(held["effective_from"]),
        effective_to=None if end is None else date.fromisoformat(end),
        event_id=UUID(held["event_id"]),
        corrected_by=None if corrected_by is None else UUID(corrected_by),
        content_recorded_at=datetime.fromisoformat(held["recorded_at"]),
        temporary=standing is not None,
        standing=standing,
    )


def compare(found: Answer | None, wanted: Answer | None) -> None:
    """The same, but for what HTTP tells only by a standing value beneath."""
    if found is None or wanted is None:
        assert found == wanted
        return
    for part in ("value", "effective_from", "effective_to", "event_id", "corrected_by"):
        assert getattr(found, part) == getattr(wanted, part)
    assert found.content_recorded_at == wanted.content_recorded_at
    compare(found.standing, wanted.standing)


@given(data=st.data())
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_positions_and_members_are_what_the_rule_says(shared: Api, data: st.DataObject) -> None:
    people = [register(shared, data) for _ in range(data.draw(st.integers(1, 3)))]
    for _ in range(data.draw(st.integers(1, 10))):
        act(shared, data.draw(st.sampled_from(people)), data)
    instants = sorted({said.recorded_at for person in people for said in person.said})
    oracles = {person.number: Oracle(person.said) for person in people}
    for known_at in instants:
        day = data.draw(LOOKS)
        asked = {"effective_at": day.isoformat(), "known_at": known_at.isoformat()}
        expected: dict[tuple[str, str], str] = {}
        for number, oracle in oracles.items():
            for assignment in ("main", "evenings"):
                answer = shared.get(
                    f"/staff/{number}/position", {**asked, "assignment": assignment}
                )
                if known_at < oracle.said[0].recorded_at:
                    assert answer.status_code == 404
                    continue
                content = answer.json()
                assert datetime.fromisoformat(content["known_at"]) == known_at
                for facet in ("employer", "band"):
                    wanted = oracle.answer(("facet", assignment, facet), day, known_at)
                    held = content["position"].get(facet)
                    beneath = held.get("standing") if held else None
                    found = told(held, told(beneath) if beneath else None) if held else None
                    compare(found, wanted)
                    if facet == "band" and wanted is not None:
                        expected[number, assignment] = wanted.value
                term = next((told(each) for each in content["terms"]), None)
                wanted = oracle.answer(("term", "", "t"), day, known_at)
                compare(term, None if wanted is None else without_standing(wanted))
        for value in ("a", "b", "c", "d"):
            items = shared.get("/workforce/members", {**asked, "band": value, "limit": 1000})
            found_members = [
                (each["staff_number"], each["assignment"])
                for each in items.json()["items"]
                if each["staff_number"] in oracles
            ]
            assert found_members == sorted(k for k, held in expected.items() if held == value)


def without_standing(answer: Answer) -> Answer:
    """A term is told without what is beneath it."""
    return Answer(
        answer.value,
        answer.effective_from,
        answer.effective_to,
        answer.event_id,
        answer.corrected_by,
        answer.content_recorded_at,
        answer.temporary,
    )

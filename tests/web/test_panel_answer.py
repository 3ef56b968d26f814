"""What the page of an extract says, from the JSON that was kept of it."""

from __future__ import annotations

from typing import Any

import pytest

from transfer.web.panel.answer import answer_text, assumptions_of, people_of

THEN, NOW = "2014-06-05T22:59:59.999999Z", "2014-07-01T11:00:00.000000Z"
DAY = "2014-06-01"


def value(text: str, **more: Any) -> dict[str, Any]:
    held = {"value": text, "effective_from": "2014-01-01", "effective_to": None, "basis": None}
    return {**held, "event_id": "e1", "corrected_by": None} | more


def job(assignment: str = "main", **position: Any) -> dict[str, Any]:
    terms = position.pop("terms", [])
    held = {
        name: each if isinstance(each, dict) else value(each) for name, each in position.items()
    }
    return {"assignment": assignment, "position": held, "terms": terms}


def point(*jobs: dict[str, Any], known_at: str = NOW, day: str = DAY) -> dict[str, Any]:
    positions = list(jobs)
    on_day = {"effective_at": day, "known_at": known_at, "on_record": bool(jobs)}
    return {**on_day, "positions": positions}


def extract(*points: dict[str, Any], differences: Any = (), asked_at: str = NOW) -> dict[str, Any]:
    days = list(dict.fromkeys(each["effective_at"] for each in points))
    known = list(dict.fromkeys(each["known_at"] for each in points))
    person = {"staff_number": "S1", "on_days": list(points), "differences": list(differences)}
    return {
        "asked_at": asked_at,
        "staff_numbers": ["S1"],
        "effective_at": days,
        "known_at": known,
        "answers": [person],
    }


def differs(name: str, before: str, after: str) -> dict[str, Any]:
    part = {"facet": name, "assignment": "main", "before": value(before), "after": value(after)}
    return {
        "effective_at": DAY,
        "known_from": THEN,
        "known_to": NOW,
        "position": [{**part, "causes": []}],
        "terms": [],
    }


STOOD_THEN = "as the record stood on 5 Jun 2014"
STOOD_NOW = "as the record stood on 1 Jul 2014 at 12:00"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(
            extract(point(job(employer="A", unit="Hull", role="Officer", band="5"))),
            f"On 1 Jun 2014, {STOOD_NOW}, S1 worked for A in Hull as an Officer on band 5.",
            id="one-day",
        ),
        pytest.param(
            extract(point(job(employer="A"), job("second", employer="B"))),
            f"On 1 Jun 2014, {STOOD_NOW}, S1 worked for A and for B (in the job second).",
            id="two-jobs",
        ),
        pytest.param(
            extract(point(job(employer="A"), day="2014-07-01")),
            f"On 1 Jul 2014, {STOOD_NOW}, S1 works for A.",
            id="the-day-of-asking",
        ),
        pytest.param(
            extract(point(job(employer="A"), day="2014-07-02")),
            f"On 2 Jul 2014, {STOOD_NOW}, S1 is to work for A.",
            id="a-day-to-come",
        ),
        pytest.param(
            extract(point(job(band="5"))),
            f"On 1 Jun 2014, {STOOD_NOW}, S1 had no employer on record.",
            id="no-employer",
        ),
        pytest.param(
            extract(point(known_at=THEN), point(job(employer="A"))),
            f"On 1 Jun 2014, {STOOD_THEN}, S1 was not on record yet; {STOOD_NOW}, S1 worked for A.",
            id="not-on-record-then",
        ),
        pytest.param(
            extract(point(job(employer="A"), known_at=THEN), point(job(employer="A"))),
            f"On 1 Jun 2014, S1 worked for A, {STOOD_THEN} and {STOOD_NOW}: the record says the "
            "same.",
            id="the-same",
        ),
        pytest.param(
            extract(
                point(job(employer="A", fte="1"), known_at=THEN),
                point(job(employer="A", fte="0.5")),
                differences=[differs("fte", "1", "0.5")],
            ),
            f"On 1 Jun 2014, S1 worked for A, {STOOD_THEN} and {STOOD_NOW}; what reads "
            "differently is FTE.",
            id="the-same-place-and-another-value",
        ),
        pytest.param(
            extract(point(job(employer="A")), point(job(employer="B"), day="2014-06-02")),
            f"This is what the record says of S1 on 1 Jun 2014 and 2 Jun 2014, {STOOD_NOW}.",
            id="two-days",
        ),
    ],
)
def test_the_answer_is_one_sentence(content: dict[str, Any], says: str) -> None:
    assert answer_text(content, people_of(content)) == says


def test_a_table_has_a_column_for_each_knowledge_time_and_says_what_differs() -> None:
    band = value("6", standing=value("5"))
    content = extract(
        point(job(employer="A", band="5"), known_at=THEN), point(job(employer="A", band=band))
    )
    (person,) = people_of(content)
    (table,) = person.days
    assert table.title == "1 Jun 2014"
    rows = {row.name: row for row in table.rows}
    assert {name: row.differs for name, row in rows.items()} == {"Employer": False, "Band": True}
    assert [cell.value for cell in rows["Band"].cells] == ["5", "6"]
    assert rows["Band"].cells[1].beneath == "temporary, over 5 from 1 Jan 2014 onward"


def test_who_was_not_on_record_then_has_no_value_in_that_column() -> None:
    (person,) = people_of(extract(point(known_at=THEN), point(job(employer="A"))))
    ((row,),) = (each.rows for each in person.days)
    assert [cell.value for cell in row.cells] == ["not on record yet", "A"]


def test_terms_of_the_same_name_are_kept_apart_by_their_exercise() -> None:
    terms = [
        value(text, term="pay-protection", exercise=of) for text, of in (("1", "x"), ("2", "y"))
    ]
    (person,) = people_of(extract(point(job(employer="A", terms=terms))))
    values = {row.name: row.cells[0].value for row in person.days[0].rows}
    assert values["Pay protection (exercise x)"] == "1"
    assert values["Pay protection (exercise y)"] == "2"


def test_every_assumption_is_said_once() -> None:
    basis = {"assumptions": ["the day counts", "no break"]}
    held = value("5", basis=basis, why={"basis": {"assumptions": ["the day counts", "another"]}})
    content = extract(point(job(employer="A", band=held)))
    assert assumptions_of(content) == ("the day counts", "no break", "another")

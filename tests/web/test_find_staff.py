"""How the office finds people, by name or number, employer and unit."""

from __future__ import annotations

import pytest

from tests.support.practised import Practised
from tests.web.visiting import Visitor, form_token_of, text_of

pytestmark = pytest.mark.engines


def sought(hr: Visitor, status: int = 200, **fields: str) -> str:
    """What can be read after such a search."""
    token = form_token_of(hr.get("/staff").text)
    answer = hr.post("/staff", {"form_token": token, **fields})
    assert answer.status_code == status, answer.text
    return text_of(answer.text)


def test_a_number_in_any_spelling_leads_to_the_person(hr: Visitor, played: Practised) -> None:
    played.register("S1")
    token = form_token_of(hr.get("/").text)
    answer = hr.post("/staff", {"form_token": token, "whom": " s1 "})
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/S1")


def test_people_are_found_by_name_employer_and_unit_page_by_page(
    hr: Visitor, played: Practised, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, name in (("S1", "Ann Marlow"), ("S2", "Anna Marsh"), ("S3", "Bob Marlow")):
        played.api.register(number, name=name)
    assert "2 people found, as at 11 Nov 2013." in sought(hr, whom="ann")
    assert "Bob Marlow" not in sought(hr, whom="mar ann")
    assert "Nobody was found" in sought(hr, whom="S9")
    monkeypatch.setattr("transfer.web.everyone.find_staff._PAGE", 2)
    first = hr.post("/staff", {"form_token": form_token_of(hr.get("/staff").text), "whom": "mar"})
    assert "2 people on this page" in text_of(first.text)
    assert "Next people" in text_of(first.text)
    cursor = first.text.partition('name="cursor" value="')[2].partition('"')[0]
    assert "Bob Marlow" in sought(hr, whom="mar", cursor=cursor)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "There is a problem Say whom: by name, number, employer or unit"),
        ({"whom": "ann", "in_force_on-day": "31", "in_force_on-month": "2",
          "in_force_on-year": "2014"}, "In force on must be a real date, like 31 3 2014"),
        ({"whom": "-"}, "Give a name, or"),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_for_is_said_beside_the_field(
    hr: Visitor, fields: dict[str, str], says: str
) -> None:
    assert says in sought(hr, 422, **fields)


def test_whom_a_search_shows_is_on_the_register_of_reads(hr: Visitor, played: Practised) -> None:
    played.api.register("S1", name="Ann Marlow")
    played.api.register("S2", name="Bob Marsh")
    sought(hr, whom="ann")
    reads = played.read("/staff/S1/reads")["items"]
    assert [(each["role"], each["what"]) for each in reads] == [("admin", "/staff")]
    assert played.read("/staff/S2/reads")["items"] == []

"""`why=true`: what every value rests on, and what it replaced."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.asking import Api, Json, created, position

pytestmark = pytest.mark.engines

_BASIS = {"rulebook": "tr-2013", "clause": "TR-13", "document": "letter of 3 March"}
_DAY = "2014-04-01"


def why(api: Api, facet: str = "band", **asked: object) -> Json:
    """The reason behind a facet's value."""
    found = position(api, "S1", **{"effective_at": _DAY, "why": "true", **asked})
    told: Json = found["position"][facet]["why"]
    return told


def correct(api: Api, of: Json, **content: Any) -> Json:
    """Correct an entry, or annul it."""
    return created(api.post("/staff/S1/corrections", {"of": of["event_id"], **content}))


def test_a_value_names_its_event_and_what_it_followed_and_replaced(api: Api) -> None:
    registered = api.register(position={"band": "4"})
    body = {
        "effective_from": "2014-03-01",
        "changes": {"band": "5"},
        "reason": "regraded",
        "basis": _BASIS,
    }
    changed = created(api.post("/staff/S1/changes", body))
    told = why(api)
    assert (told["event_id"], told["type"]) == (changed["event_id"], "position-changed.v1")
    assert (told["recorded_by"], told["reason"]) == ("the administrator", "regraded")
    assert (told["basis"], told["original"]) == (_BASIS, None)
    assert told["known_since"] == told["recorded_at"] == changed["recorded_at"]
    assert [each["event_id"] for each in told["brought_by"]] == [changed["event_id"]]
    # Of 1 April the record said 4 until then; on 28 February it is 4.
    assert (told["replaced"]["value"], told["replaced"]["effective_to"]) == ("4", None)
    assert told["preceded_by"]["event_id"] == registered["event_id"]
    assert told["preceded_by"]["effective_to"] == "2014-03-01"
    first = why(api, effective_at="2014-01-01")
    assert (first["replaced"], first["preceded_by"], first["reason"]) == (None, None, None)
    assert "why" not in position(api, effective_at=_DAY)["position"]["band"]


def test_a_correction_names_its_original_and_an_annulment_what_it_brought_back(api: Api) -> None:
    api.register(position={"band": "4"})
    changed = api.change(start="2014-03-01", band="5")
    content = {"effective_from": "2014-03-01", "changes": {"band": "6"}, "reason": "misread"}
    corrected = correct(api, changed, **content)
    told = why(api)
    assert told["event_id"] == corrected["event_id"]
    assert told["original"]["event_id"] == changed["event_id"]
    assert told["replaced"]["value"] == "5"
    annulled = correct(api, corrected, annul=True, reason="it was right")
    told = why(api)
    assert (told["event_id"], told["original"]) == (changed["event_id"], None)
    assert told["recorded_at"] == changed["recorded_at"]
    assert told["known_since"] == annulled["recorded_at"]
    (by,) = told["brought_by"]
    assert (by["type"], by["reason"]) == ("entry-annulled.v1", "it was right")
    assert told["replaced"]["value"] == "6"
    # As known before, it is as it was before.
    earlier = why(api, known_at=changed["recorded_at"])
    assert (earlier["known_since"], earlier["replaced"]["value"]) == (changed["recorded_at"], "4")


def test_terms_standing_values_and_every_period_are_explained(api: Api) -> None:
    api.register(position={"band": "4", "paid_band": "4"})
    acting = api.change(start="2014-03-01", end="2014-06-01", paid_band="5")
    term = {"term": "pay protection", "value": "5", "effective_from": "2014-04-01", "reason": "t"}
    granted = created(api.post("/staff/S1/terms", term))
    found = position(api, effective_at=_DAY, why="true")
    paid = found["position"]["paid_band"]
    assert paid["why"]["event_id"] == acting["event_id"]
    assert paid["standing"]["why"]["type"] == "staff-registered.v1"
    assert found["terms"][0]["why"]["event_id"] == granted["event_id"]
    timeline = api.get("/staff/S1/timeline", why="true").json()
    lanes = [*timeline["facets"], *timeline["terms"]]
    periods = [each for lane in lanes for each in (*lane["periods"], *lane["beneath"])]
    assert len(periods) == 6
    assert all(each["why"]["event_id"] for each in periods)


def test_history_links_what_was_replaced_both_ways(api: Api) -> None:
    api.register(position={"band": "4"})
    changed = api.change(start="2014-03-01", band="5")
    content = {"effective_from": "2014-03-01", "changes": {"band": "6"}, "reason": "r"}
    first = correct(api, changed, **content)
    second = correct(api, changed, **content)
    annulled = correct(api, second, annul=True, reason="r")
    gone = correct(api, changed, annul=True, reason="r")

    def links(known_at: str | None = None) -> list[tuple[str | None, str | None]]:
        items = api.get("/staff/S1/history", known_at=known_at).json()["items"]
        return [(each["replaced"], each["replaced_by"]) for each in items[1:]]

    ids = {
        "change": changed["event_id"],
        "first": first["event_id"],
        "second": second["event_id"],
        "annulled": annulled["event_id"],
        "gone": gone["event_id"],
    }
    assert links(second["recorded_at"]) == [
        (None, ids["first"]),
        (ids["change"], ids["second"]),
        (ids["first"], None),
    ]
    # Annulling the second brought the first back; then all of it went.
    assert links(annulled["recorded_at"])[1] == (ids["change"], None)
    assert links() == [
        (None, ids["first"]),
        (ids["change"], ids["gone"]),
        (ids["first"], ids["annulled"]),
        (ids["second"], None),
        (ids["first"], None),
    ]

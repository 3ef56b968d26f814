"""Whether enhanced voluntary redundancy was on offer, and on what authority: asked over HTTP by a
member of staff and by a body that is consulted, as it was known then and as it is known now."""

from __future__ import annotations

from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import EXERCISE, Practised, practising
from transfer.access.identity import Role
from transfer.app import Record

pytestmark = pytest.mark.engines

TERM = "enhanced_voluntary_redundancy"
HAPPENED = (
    ("2013-11-13", "implementation-required", "TR-01"),
    ("2013-11-20", "meeting-without-agreement-referred-to-conciliation", "TR-06b"),
    ("2013-12-19", "circulars-issued-offer-conditional", "TR-06c"),
    ("2014-01-29", "ratification", "TR-06d"),
)
STOOD = (
    ("2013-11-14", "off", "TR-06"),
    ("2013-11-21", "off: referred to conciliation", "TR-06b"),
    ("2013-12-20", "conditional on ratification", "TR-06c"),
    ("2014-01-30", "on: ", "TR-06d"),
)
"""Question 4: how the offer stood on each of the four days, and by which clause."""


def negotiated(played: Practised) -> None:
    """What happened between the sides; each is entered on its day."""
    played.register("S1", employer="London Probation Trust", unit="Camden")
    played.open()
    created(played.act(EXERCISE, "set-scope", {"criterion": "all"}))
    body = {"exercise": "tr", "bodies": ["NNC", "SCCOG"], "agreement": "National Agreement"}
    created(played.begin("consultation", body))
    for day, happening, clause in HAPPENED:
        played.to(date.fromisoformat(day))
        said = {"happening": happening, "clause": clause, "document": "a letter"}
        created(played.act("consultation/tr", "record-happening", said | {"account": "as it was"}))


def of_body(played: Practised, body: str) -> str:
    """The token of somebody who acts for a body."""
    return played.api.identity.issue("rep", Role.UNION, 600, body=body)


def read(played: Practised, token: str, path: str, on: str, known_on: str) -> Json:
    asked = {"effective_at": on, "known_at": f"{known_on}T22:00:00Z"}
    found = played.api.get(path, asked, token=token)
    assert found.status_code == 200, found.text
    content: Json = found.json()
    return content


def test_4_was_it_on_offer_and_on_what_authority(record: Record, folder: DataFolder) -> None:
    with practising(record, folder, date(2013, 11, 13)) as played:
        negotiated(played)
        played.to(date(2014, 2, 3))
        own, body = played.token("S1", Role.STAFF), of_body(played, "NNC")
        offers = "/procedures/consultation/tr/answers/offers"
        for known_on in (None, "2014-02-03"):
            for on, value, clause in STOOD:
                known = known_on or on
                terms = read(played, own, "/staff/S1/position", on, known)["terms"]
                (term,) = (each for each in terms if each["term"] == TERM)
                assert term["value"].startswith(value)
                assert term["basis"]["clause"] == clause
                found = read(played, body, offers, on, known)["answer"]
                (offer,) = (each for each in found["offers"] if each["term"] == TERM)
                assert offer["stood"]["value"].startswith(value)
                assert offer["stood"]["authority"]["clause"] == clause
                assert offer["stood"]["authority"]["document"] == "a letter"
                assert offer["stood"]["said_on"] <= on
        # The ratification was not known on 28 January: the offer was conditional still.
        found = read(played, body, offers, "2014-01-30", "2014-01-28")["answer"]
        (offer,) = (each for each in found["offers"] if each["term"] == TERM)
        assert offer["stood"]["authority"]["clause"] == "TR-06c"
        stranger = of_body(played, "Another union")
        told(played.api.get(offers, token=stranger), 404, "not-on-record")

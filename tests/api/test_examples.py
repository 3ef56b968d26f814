"""The example of every body is one that its route can read."""

from __future__ import annotations

import re
from uuid import UUID

import pytest

from tests.support.asking import Api
from tests.support.describing import description
from transfer.kinds import KNOWN

pytestmark = pytest.mark.engines

PLACES = {"staff_number": "S9", "event_id": str(UUID(int=0))}
# An edition that is short enough to show lacks what a whole one needs.
ONLY_IN_PART = {"/v1/rulebooks"}


def test_every_body_has_an_example_that_is_of_the_right_form(shared: Api) -> None:
    asked = 0
    for path, operations in description()["paths"].items():
        sent = operations.get("post", {}).get("requestBody")
        if sent is None or path in ONLY_IN_PART:
            continue
        body = sent["content"]["application/json"]["example"]
        place = re.sub(r"{(\w+)}", lambda name: PLACES.get(name[1], "1"), path)
        answer = shared.post(place.removeprefix("/v1"), body)
        asked += 1
        # Nobody is there of whom it could be; whatever else it says, it was read.
        assert "malformed" not in answer.text, (path, body, answer.text)
        assert answer.status_code in (200, 201, 202, 404, 409), (path, answer.text)
    assert asked > 60


def test_the_example_of_a_beginning_begins_a_procedure(api: Api) -> None:
    """The example of each kind that goes by a part of an edition names one that has such a part."""
    api.register("S10442", position={"employer": "London", "role": "Probation officer"})
    begun, paths = [], description()["paths"]
    for kind in KNOWN.kinds:
        if kind.part is None:
            continue
        sent = paths[f"/v1/procedures/{kind.name}"]["post"]["requestBody"]
        body = sent["content"]["application/json"]["example"]
        answer = api.post(f"/procedures/{kind.name}", body)
        assert answer.status_code == 201, (kind.name, answer.text)
        begun.append(kind.name)
    assert len(begun) > 8

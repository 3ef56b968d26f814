"""Vetting over HTTP: failed in October 2021, redeployed on 1 November, a policy announced later.

This is one of the questions that real disputes raised. It is asked by the person themselves, as it
was known on two days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import created, told
from tests.support.practised import Practised, practising
from transfer.access.identity import Role
from transfer.app import Record
from transfer.commands.office import Act, key_id
from transfer.core.matter.words import Whom

pytestmark = pytest.mark.engines

MATTER = "vetting/S1.1"
ANSWERS = f"/procedures/{MATTER}/answers"
MOVED = "2021-11-01"


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A failure of 4 October, and other work proposed on the 20th for 1 November."""
    with practising(record, folder, date(2021, 9, 6)) as opened:
        opened.register("S1")
        body = {
            "rulebook": "visor-2017",
            "staff_number": "S1",
            "work": "offender management",
            "role": "probation services officer",
        }
        assert created(opened.begin("vetting", body))["id"] == "S1.1"
        opened.to(date(2021, 10, 4))
        created(opened.act(MATTER, "record-failure", {"reference": "WP-2021-4711"}))
        opened.to(date(2021, 10, 20))
        other = {"unit": "Court", "effective_from": MOVED}
        created(opened.act(MATTER, "propose-redeployment", other))
        opened.to(date(2021, 11, 1))
        act = Act(by="the clock", command_id=key_id("vetting", "S1", MOVED))
        opened.record.due.take(act, Whom("vetting:S1.1", None, "S1"), opened.today)
        opened.to(date(2021, 11, 15))
        yield opened


def test_which_version_governed_at_two_knowledge_times(played: Practised) -> None:
    own = played.token("S1", Role.STAFF)

    def ask(name: str, known_at: str) -> dict[str, object]:
        asked = {"known_at": known_at, "effective_at": MOVED}
        found = played.api.get(f"{ANSWERS}/{name}", asked, token=own)
        assert found.status_code == 200, found.text
        answer: dict[str, object] = found.json()["answer"]
        return answer

    then, now = "2021-11-05T09:00:00Z", "2021-11-15T13:00:00Z"
    for known_at, announced in ((then, []), (now, ["policy-2021"])):
        found = ask("governing-version", known_at)
        assert found["governing"] == "practice-to-2021"
        assert (found["contested"], found["announced"]) == (["assurance-2017"], announced)
        moved = ask("moved-under", known_at)
        assert (moved["moved"], moved["moved_on"], moved["version"]) == (
            True,
            MOVED,
            "practice-to-2021",
        )
        assert moved["could_stay_under"] == announced


def test_nobody_else_of_the_staff_reads_it(played: Practised) -> None:
    other = played.token("S2", Role.STAFF)
    told(played.api.get(f"{ANSWERS}/moved-under", token=other), 404, "not-on-record")


def test_what_is_due_in_it_is_work_of_who_began_it(played: Practised) -> None:
    found = played.read("/work", of="the administrator")["items"]
    assert found != []
    assert {(each["procedure"], each["run_by"]) for each in found} == {
        (MATTER, "the administrator")
    }
    assert played.read("/work")["items"] == found

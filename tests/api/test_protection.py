"""Pay protection over HTTP: what a letter stated, when it was put right, what June 2024 comes to.

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

pytestmark = pytest.mark.engines

ANSWERS = "/procedures/protection/S1.1/answers"
FIRST, AGAIN = date(2021, 6, 14), date(2021, 6, 18)


@pytest.fixture
def played(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A salary of 37,000 in a letter of 14 June 2021, corrected to 39,000 on the 18th; the pay
    point is worth 36,000."""
    with practising(record, folder, FIRST) as opened:
        opened.register("S1")
        opened.register("S2")
        body = {
            "rulebook": "reunification-pay-2021",
            "staff_number": "S1",
            "ground": "above-the-band",
            "salary": "37000.00",
            "effective_from": "2021-06-26",
            "document": "letter of transfer of 14 June 2021",
        }
        assert created(opened.begin("protection", body))["id"] == "S1.1"
        point = {"point": "6", "a_year": "36000.00", "effective_from": "2021-06-26"}
        created(opened.act("protection/S1.1", "state-point", point))
        opened.to(AGAIN)
        corrected = {"salary": "39000.00", "effective_from": "2021-06-26"}
        corrected["document"] = "letter issued again on 18 June 2021"
        created(opened.act("protection/S1.1", "vary", corrected))
        opened.to(date(2024, 7, 1))
        yield opened


def test_a_member_of_staff_asks_what_was_stated_and_what_they_are_paid(played: Practised) -> None:
    own = played.token("S1", Role.STAFF)

    def ask(name: str, known_at: str, **more: str) -> dict[str, object]:
        found = played.api.get(f"{ANSWERS}/{name}", {"known_at": known_at, **more}, token=own)
        assert found.status_code == 200, found.text
        answer: dict[str, object] = found.json()["answer"]
        return answer

    then, now = "2021-06-15T09:00:00Z", "2024-07-01T11:00:00Z"
    salaries = ask("stated", now)["salaries"]
    assert isinstance(salaries, list)
    assert [(each["salary"], each["known_on"], each["document"]) for each in salaries] == [
        ("37000.00", "2021-06-14", "letter of transfer of 14 June 2021"),
        ("39000.00", "2021-06-18", "letter issued again on 18 June 2021"),
    ]
    assert len(ask("stated", then)["salaries"]) == 1  # type: ignore[arg-type]  # a list, as above
    ends = ask("ends", now)
    assert (ends["last_day"], ends["later"], ends["stands"]) == ("2024-06-25", "2024-06-26", False)
    june = {"since": "2024-06-01", "effective_at": "2024-06-30"}
    # 25 of 30 days of 3,250.00 and 5 of 3,000.00; as known on 15 June 2021, 3,083.33 and 3,000.00
    assert _months(ask("pay", now, **june)) == [("2024-06-01", 25, "3208.33", "3216.67")]
    assert _months(ask("pay", then, **june)) == [("2024-06-01", 25, "3069.44", "3072.22")]


def _months(answer: dict[str, object]) -> list[tuple[object, ...]]:
    months = answer["months"]
    assert isinstance(months, list)
    names = ("month", "protected_days", "due", "by_later_reading")
    return [tuple(each[name] for name in names) for each in months]


def test_nobody_else_of_the_staff_reads_it(played: Practised) -> None:
    other = played.token("S2", Role.STAFF)
    told(played.api.get(f"{ANSWERS}/pay", token=other), 404, "not-on-record")

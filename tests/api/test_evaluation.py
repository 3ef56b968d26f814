"""Job evaluation over HTTP: what HR knew on the day of a panel, and what each side's day comes to.

These are two of the questions that real disputes raised, each asked as it was known on two days.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import Practised, practising
from transfer.access.identity import Role
from transfer.app import Record

pytestmark = pytest.mark.engines

PANEL = {
    "panel": "the panel",
    "description": "the new one",
    "sat": ["E1", "E2", "U1"],
    "trained": ["E1", "E2"],
    "for_unions": ["U1"],
    "chaired_by": "E1",
    "senior_in_the_chair": True,
}


@pytest.fixture
def opened(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """A record of March 2020, with S1 in Band 2 of approved premises and S2 in Band 3."""
    with practising(record, folder, date(2020, 3, 2)) as played:
        played.register("S1", role="Approved premises residential worker", band="2")
        played.register("S2", role="Victim liaison officer", band="3")
        yield played


def do(played: Practised, day: date, matter: str, act: str, **said: Any) -> None:
    if played.today != day:
        played.to(day)
    created(played.act(matter, act, said))


def begin(played: Practised, id_: str, job: str, band: str) -> str:
    body = {"id": id_, "rulebook": "job-evaluation-2016", "job": job, "band": band}
    created(played.begin("evaluation", body | {"begun_by": "staff"}))
    return f"evaluation/{id_}"


def ask(
    played: Practised,
    matter: str,
    name: str,
    known_on: str,
    *,
    token: str | None = None,
    **asked: str,
) -> Json:
    path = f"/procedures/{matter}/answers/{name}"
    found = played.api.get(path, asked | {"known_at": f"{known_on}T13:00:00Z"}, token=token)
    assert found.status_code == 200, found.text
    content: Json = found.json()
    answer: Json = content["answer"]
    return answer


def test_when_the_description_changed_and_what_hr_knew_on_the_day_of_the_panel(
    opened: Practised,
) -> None:
    aprw = begin(opened, "aprw", "approved premises residential worker", "2")
    begun, sat, offered = date(2020, 3, 2), date(2020, 7, 14), date(2020, 10, 5)
    old = {"description": "the old one", "effective_from": "2014-06-01"}
    do(opened, begun, aprw, "state-description", **old)
    do(opened, begun, aprw, "state-description", description="the new one")
    do(opened, sat, aprw, "record-panel", **PANEL)
    do(opened, sat, aprw, "record-outcome", panel="the panel", band="3")
    employer = {"said_by": "employer", "effective_from": "2020-10-01"}
    do(opened, offered, aprw, "assert-day", **employer)
    found_on = date(2021, 2, 1)
    new = {"description": "the new one", "effective_from": "2016-10-03", "document": "version 4"}
    do(opened, found_on, aprw, "state-description", **new)

    panel_day, today = "2020-07-14", "2021-02-01"
    then = ask(opened, aprw, "descriptions", panel_day, effective_at=panel_day)
    assert (then["holds"], then["changed_on"]) == ("the old one", [])
    assert [each["clause"] for each in then["not_known"]] == ["E3-07-day"]
    now = ask(opened, aprw, "descriptions", today, effective_at=panel_day)
    assert (now["holds"], now["changed_on"]) == ("the new one", ["2016-10-03"])
    changed = now["descriptions"][1]
    assert (changed["known_since"], changed["known_at_panel"]) == (today, False)
    assert now["basis"][0] | {"document": ""} == {
        "rulebook": "job-evaluation-2016",
        "clause": "E3-07",
        "document": "",
        "confidence": "S",
        "assumptions": [],
    }

    month = {"effective_at": "2020-10-31", "since": "2020-09-01", "staff_number": "S1"}
    then = ask(opened, aprw, "bands", "2020-10-05", **month)
    assert then["months"] == [
        {"month_end": "2020-09-30", "paid": "2", "due": {"employer": "2"}},
        {"month_end": "2020-10-31", "paid": "2", "due": {"employer": "3"}},
    ]
    now = ask(opened, aprw, "bands", today, **month)
    assert [each["due"] for each in now["months"]] == [
        {"description": "3", "employer": "2"},
        {"description": "3", "employer": "3"},
    ]


def test_back_pay_by_each_day_and_who_had_reserved_their_rights(opened: Practised) -> None:
    """Band 3 is worth 24,000 pounds and Band 4 26,400: 200.00 a month. From 4 July 2019 to the end
    of May 2023 that is 28 of 31 days, 180.65, and 46 months; from 26 June 2021 5 of 30 days, 33.33,
    and 23 months."""
    vlo = begin(opened, "vlo", "victim liaison officer", "3")
    opened.register("S3", role="Victim liaison officer", band="3")
    begun, sat, told_on = date(2020, 3, 2), date(2023, 3, 14), date(2023, 5, 10)
    do(opened, begun, vlo, "state-description", description="the new one")
    do(opened, sat, vlo, "record-panel", **PANEL)
    do(opened, sat, vlo, "record-outcome", panel="the panel", band="4")
    for by, day in (("employer", "2021-06-26"), ("unions", "2019-07-04")):
        do(opened, told_on, vlo, "assert-day", said_by=by, effective_from=day)
    do(opened, told_on, vlo, "set-signing-day", sign_by="2023-05-31")
    for band, a_year in (("3", "24000.00"), ("4", "26400.00")):
        said = {"band": band, "a_year": a_year, "effective_from": "2019-04-01"}
        do(opened, told_on, vlo, "state-pay", staff_numbers=["S2", "S3"], **said)
    own = opened.token("S2", Role.STAFF)
    opened.to(date(2023, 5, 25))
    created(opened.act(vlo, "reserve-rights", {"staff_number": "S2"}, token=own))
    do(opened, date(2023, 6, 1), vlo, "regrade", staff_number="S2", goes_by="employer")
    do(opened, date(2023, 6, 8), vlo, "reserve-rights", staff_number="S3")

    signing, later = "2023-05-31", "2023-06-08"
    for known_on, regraded in ((signing, None), (later, "employer")):
        asked = {"effective_at": signing, "staff_number": "S2"}
        found = ask(opened, vlo, "back-pay", known_on, token=own, **asked)
        sums = {each["said_by"]: each["owed"] for each in found["by"]}
        assert sums == {"employer": "4633.33", "unions": "9380.65"}
        assert (found["apart"], found["goes_by"]) == ("4747.32", regraded)
        assert (found["reserved_on"], found["reserved_by_signing"]) == ("2023-05-25", True)
    for known_on, reserved_on, counts in ((signing, None, (1, 0)), (later, later, (1, 1))):
        asked = {"effective_at": known_on}
        found = ask(opened, vlo, "back-pay", known_on, staff_number="S3", **asked)
        assert (found["reserved_on"], found["reserved_by_signing"]) == (reserved_on, False)
        found = ask(opened, vlo, "reservations", known_on, **asked)
        assert (found["by_then"], found["later"]) == counts


def test_nobody_else_of_the_staff_reads_somebodys_back_pay(opened: Practised) -> None:
    begin(opened, "vlo", "victim liaison officer", "3")
    path = "/procedures/evaluation/vlo/answers/back-pay"
    for other in (opened.token("S1", Role.STAFF), opened.token("rep.napo", Role.UNION)):
        told(opened.api.get(path, {"staff_number": "S2"}, token=other), 404, "not-on-record")

"""Who employed somebody, who was responsible for a case and who could warn somebody, over HTTP.

Questions that real disputes raised, each asked as it was known at two times.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import Practised, consult, practising, to_the_letters
from transfer.access.identity import Role
from transfer.app import Record

pytestmark = pytest.mark.engines

TRUST, CRC = "London Probation Trust", "London Community Rehabilitation Company"
REGISTER = "case-responsibility/camden"
CASES = f"/procedures/{REGISTER}/answers"


def noon(day: str) -> str:
    """An instant after everything that a test records on a day."""
    return f"{day}T13:00:00Z"


# --- question 1 ----------------------------------------------------------------------------------


def test_1_the_employer_and_the_band_on_1_june_2014_as_known_on_10_june(
    record: Record, folder: DataFolder
) -> None:
    """On 20 June a regrading of 1 May is learned: what was said on 10 June stays as it was."""
    with practising(record, folder, date(2013, 11, 1)) as played:
        to_the_letters(played)
        consult(played)
        for day in (date(2013, 12, 2), date(2014, 1, 10), date(2014, 6, 1), date(2014, 6, 20)):
            played.to(day)
        body = {"effective_from": "2014-05-01", "changes": {"band": "5"}, "reason": "regraded"}
        created(played.api.post("/staff/S1/changes", body))
        own = played.token("S1", Role.STAFF)

        def asked(known_at: str, on: str = "2014-06-01") -> Json:
            query = {"effective_at": on, "known_at": known_at}
            found = played.api.get("/staff/S1/position", query, token=own)
            assert found.status_code == 200, found.text
            position: Json = found.json()["position"]
            return position

        then, now = asked(noon("2014-06-10")), asked(noon("2014-06-20"))
        assert "Community Rehabilitation Company" in then["employer"]["value"]
        assert (then["band"]["value"], now["band"]["value"]) == ("4", "5")
        assert then["employer"]["value"] == now["employer"]["value"]
        basis = then["employer"]["basis"]
        assert (basis["rulebook"], basis["clause"], basis["confidence"]) == (
            "tr-2013",
            "TR-12",
            "S",
        )
        # The day before the transfer it was the Trust, by both.
        assert asked(noon("2014-06-10"), "2014-05-31")["employer"]["value"] == TRUST


# --- who is responsible for a case ---------------------------------------------------------------


@pytest.fixture
def opened(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """S1 and S2 in a Trust; a case of S1's, and one more."""
    with practising(record, folder, date(2014, 4, 1)) as practised:
        for number in ("S1", "S2"):
            practised.register(number)
        body = {"rulebook": "tr-cases-2014", "id": "camden", "title": "Camden"}
        assert created(practised.begin("case-responsibility", body))["id"] == "camden"
        held = {"cases": ["LDN-1", "LDN-2"], "held_by": TRUST, "manager": "S1"}
        created(practised.act(REGISTER, "open-cases", held))
        yield practised


def test_a_gap_that_a_leaving_makes_is_found_on_both_clocks(opened: Practised) -> None:
    opened.to(date(2014, 4, 21))
    assert opened.act(REGISTER, "compare-records").status_code == 200  # nothing is new
    left = {"effective_from": "2014-04-14", "reason": "resigned"}
    created(opened.api.post("/staff/S1/leavings", left))
    opened.to(date(2014, 4, 22))
    created(opened.act(REGISTER, "compare-records"))
    offer = {"handover": "H1", "cases": ["LDN-1"], "manager": "S2", "answer_by": "2014-04-24"}
    created(opened.act(REGISTER, "offer-handover", offer))
    created(opened.act(REGISTER, "accept-handover", {"handover": "H1"}))
    before, now = "2014-04-20T12:00:00Z", noon("2014-04-22")

    def report(known_at: str) -> Json:
        query = {"since": "2014-04-01", "effective_at": "2014-04-22", "known_at": known_at}
        found = opened.read(f"{CASES}/gaps", **query)
        assert found["known_at"].startswith(known_at[:10])
        answer: Json = found["answer"]
        return answer

    assert (report(before)["cases_with_gap"], report(before)["gaps"]) == (0, [])
    found = report(now)
    assert [(g["first_day"], g["last_day"], g["cases"]) for g in found["gaps"]] == [
        ("2014-04-14", "2014-04-21", ["LDN-1"]),
        ("2014-04-14", "2014-04-22", ["LDN-2"]),
    ]
    assert (found["cases"], found["cases_with_gap"], found["cases_with_overlap"]) == (2, 2, 0)
    assert found["basis"][0]["clause"] == "TR-03c"

    def responsible(known_at: str) -> Json:
        query = {"about": "LDN-1", "effective_at": "2014-04-16", "known_at": known_at}
        answer: Json = opened.read(f"{CASES}/responsible", **query)["answer"]
        return answer

    (manager,) = responsible(before)["responsible"]
    assert (manager["manager"], manager["employer"]) == ("S1", TRUST)
    assert responsible(now)["is_gap"]
    due = opened.read("/deadlines")["items"]
    assert {(each["what"], each["about"], each["state"]) for each in due} >= {
        ("name-manager", "LDN-1", "met"),
        ("name-manager", "LDN-2", "open"),
    }


def test_a_case_is_asked_about_by_its_reference_and_by_the_office_alone(opened: Practised) -> None:
    told(opened.api.get(f"{CASES}/responsible"), 422, "malformed")
    unknown = opened.read(f"{CASES}/responsible", about="LDN-9")
    assert "LDN-9 is in the register" in unknown["unknown"][0]["reason"]
    own = opened.token("S1", Role.STAFF)
    told(opened.api.get(f"{CASES}/gaps", token=own), 403, "not-allowed")


def test_how_many_statements_the_report_takes_does_not_grow_with_the_cases(
    opened: Practised, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one reading of the register and one of the managers' records together."""
    log = opened.record.log
    read: list[int] = []
    select = type(log._recorder).select

    def counting(self: object, *asked: object, **more: object) -> object:
        read.append(1)
        return select(self, *asked, **more)  # type: ignore[arg-type] # as it was called

    def statements(cases: int) -> int:
        """How many it takes after so many more cases of each of six managers."""
        for number in range(3, 9):
            names = [f"LDN-{number}-{cases}-{each}" for each in range(cases)]
            held = {"cases": names, "held_by": TRUST, "manager": f"S{number}"}
            created(opened.act(REGISTER, "open-cases", held))
        taken = []
        for _ in range(3):  # a projection that catches up meanwhile reads too
            read.clear()
            found = opened.read(f"{CASES}/gaps")["answer"]
            taken.append(len(read))
        assert found["cases_with_gap"] == 0
        seen.append(found["cases"])
        return min(taken)

    seen: list[int] = []
    for number in range(3, 9):
        opened.register(f"S{number}")
    monkeypatch.setattr(type(log._recorder), "select", counting)
    few, many = statements(1), statements(500)
    assert seen == [8, 3_008]
    assert 0 < many <= few


# --- question 12 ---------------------------------------------------------------------------------

WARNING = "warning/S1.1"
MINISTRY = "Secretary of State for Justice"


@pytest.fixture
def warned(record: Record, folder: DataFolder) -> Iterator[Practised]:
    """S1, whose line manager is the governor G1 from 31 May 2022; warned by G1 on 15 June."""
    with practising(record, folder, date(2022, 5, 30)) as practised:
        theirs = {"line_manager": "P1", "hr_process_owner": "P1", "employer": MINISTRY}
        practised.register("S1", **theirs)
        for number in ("P1", "G1"):
            practised.register(number, employer=MINISTRY)
        practised.api.change("S1", start="2022-05-31", line_manager="G1")
        practised.to(date(2022, 6, 15))
        body = {
            "rulebook": "spo-authority-2022",
            "staff_number": "S1",
            "issued_by": "G1",
            "process": "conduct and discipline",
            "reference": "HMP-BXI-2022-17",
        }
        assert created(practised.begin("warning", body))["id"] == "S1.1"
        practised.to(date(2022, 9, 1))
        guidance = "Guidance on the transfer of line management"
        document = {"title": guidance, "issuer": "HMPPS", "dated_on": "2022-05-16"}
        number = created(practised.api.post("/documents", document))["document"]
        shown = {
            "decided_by": ["hr_process_owner"],
            "effective_from": "2022-05-31",
            "document": number,
        }
        created(practised.act(WARNING, "show-who-decides", shown))
        yield practised


def test_12_who_managed_decided_and_employed_and_whether_the_warning_was_authorised(
    warned: Practised,
) -> None:
    """Asked by S1: on 20 June no document shows it, in September one does."""
    own = warned.token("S1", Role.STAFF)

    def asked(known_at: str) -> Json:
        query = {"effective_at": "2022-06-15", "known_at": known_at}
        path = f"/procedures/{WARNING}/answers/authority"
        found = warned.api.get(path, query, token=own)
        assert found.status_code == 200, found.text
        answer: Json = found.json()["answer"]
        return answer

    then, now = asked(noon("2022-06-20")), asked(noon("2022-09-01"))
    for found in (then, now):
        who = (found["line_manager"], found["hr_process_owner"], found["employer"])
        assert who == ("G1", "P1", MINISTRY)
        assert (found["issued_by"], found["issuer_was"]) == ("G1", ["line_manager"])
        assert found["issuer_employed_by"] == MINISTRY
        clauses = {each["clause"]: each["confidence"] for each in found["basis"]}
        assert clauses == {"SP-03": "S", "SP-04": "S", "SP-05": "X"}
    assert (then["authorised"], then["could_issue"], then["decided_by"]) == ("not-shown", [], None)
    assert "guidance" in then["not_known"][0]["document_needed"]
    assert (now["authorised"], now["could_issue"], now["not_known"]) == ("no", ["P1"], [])


def test_nobody_else_of_the_staff_reads_of_a_warning(warned: Practised) -> None:
    path = f"/procedures/{WARNING}/answers/authority"
    told(warned.api.get(path, token=warned.token("P1", Role.STAFF)), 404, "not-on-record")

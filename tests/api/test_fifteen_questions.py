"""Questions that real disputes raised, asked over HTTP by those who may, at two knowledge times.

Here are the questions about evidence, a moved window, a payment, options that were put to somebody,
and the last day of a claim. The others are asked in the tests of their kinds (`test_vetting.py`,
`test_protection.py`, …).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date

import pytest

from deploy.data_folder import DataFolder
from tests.support.asking import Json, created, told
from tests.support.practised import EXERCISE, Practised, consult, practising
from transfer.access.identity import Role
from transfer.app import Record
from transfer.commands.office import Act, key_id
from transfer.imports.staff_return.import_return import import_return
from transfer.rulebooks import rulebook

pytestmark = pytest.mark.engines

Playing = Callable[[date], AbstractContextManager[Practised]]

RETURNED = {
    "staff_number": "S1",
    "name": "Invented Person",
    "employer": "London",
    "unit": "Camden",
    "role": "probation officer",
    "band": "4",
    "fte": "1",
    "in_post_from": "2009-04-01",
    "caseload_total": "40",
    "caseload_high_risk": "10",
}


@pytest.fixture
def playing(record: Record, folder: DataFolder) -> Playing:
    """A practised record from a day on, in which S1 has appointed somebody of Napo."""

    @contextmanager
    def opened(on: date) -> Iterator[Practised]:
        with practising(record, folder, on) as played:
            yield played

    return opened


def by_union(played: Practised) -> str:
    """The token of the representative whom S1 appoints today."""
    played.appoint("S1", representative="rep.napo")
    return played.token("rep.napo", Role.UNION)


def answer(played: Practised, token: str, path: str, known_on: str, **asked: str) -> Json:
    """What somebody is answered, as known at noon of a day."""
    asked["known_at"] = f"{known_on}T12:30:00Z"
    found = played.api.get(path, asked, token=token)
    assert found.status_code == 200, found.text
    content: Json = found.json()
    return content


def take_return(played: Practised, renewed_on: date | None = None, **changed: str) -> None:
    """Take S1's line of a staff return in, with its evidence."""
    text = io.StringIO(newline="")
    row = RETURNED | changed
    writer = csv.DictWriter(text, [*row])
    writer.writeheader()
    writer.writerow(row)
    act = Act(by="office", command_id=key_id("return", text.getvalue()))
    outcome = import_return(
        played.record.office,
        act,
        text.getvalue().encode(),
        document="staff return",
        book=rulebook("tr-2013"),
        renewed_on=renewed_on,
    )
    assert not outcome.rejected


def assigned(played: Practised) -> None:
    """S1 is assigned by the caseload of the return, and has a letter on 2 December."""
    take_return(played)
    played.open()
    created(played.act(EXERCISE, "set-scope", {"criterion": "all"}))
    created(played.act(EXERCISE, "propose"))
    group = {"group": "LDN", "staff_numbers": ["S1"], "letters_on": "2013-12-02"}
    created(played.act(EXERCISE, "form-group", group))
    consult(played)
    played.to(date(2013, 12, 2))


def test_2_which_evidence_supported_the_assignment_and_was_any_added(playing: Playing) -> None:
    with playing(date(2013, 11, 13)) as played:
        assigned(played)
        played.to(date(2014, 1, 20))
        take_return(played, date(2014, 1, 20), caseload_high_risk="25", preference="NPS")
        played.to(date(2014, 2, 1))
        union = by_union(played)
        ask = f"/procedures/{EXERCISE}/answers/evidence"
        for known_on, changed, more in (
            ("2013-12-10", [], {}),
            (
                "2014-02-01",
                [{"name": "caseload_high_risk", "was": "10", "now": "25"}],
                {"preference": "NPS"},
            ),
        ):
            found = answer(
                played, union, ask, known_on, staff_number="S1", effective_at="2014-02-01"
            )["answer"]
            assert (found["destination"], found["route"]) == ("CRC", "local-evidence")
            assert found["decided_on"] == "2013-11-13"
            assert "10 of 40 cases high risk on 2013-11-11" in found["reason"]
            saw = {name: found["saw"][name] for name in ("caseload_total", "caseload_high_risk")}
            assert saw == {"caseload_total": "40", "caseload_high_risk": "10"}
            assert (found["draw"], found["panel"]) == (None, "")
            assert (found["changed"], found["not_looked_at"]) == (changed, more)
            (basis,) = found["basis"]
            assert (basis["clause"], basis["confidence"]) == ("TR-09", "S")
        stranger = played.token("rep.unison", Role.UNION)
        told(played.api.get(ask, {"staff_number": "S1"}, token=stranger), 404, "not-on-record")


def test_3_the_deadline_as_published_and_under_a_later_reset(playing: Playing) -> None:
    with playing(date(2013, 11, 13)) as played:
        assigned(played)
        played.to(date(2013, 12, 12))
        moved = {"group": "LDN", "window": "appeal", "until": "2014-01-10", "reason": "late post"}
        created(played.act(EXERCISE, "move-window", moved))
        played.to(date(2013, 12, 20))
        own = played.token("S1", Role.STAFF)
        lodged = {"exercise": "tr", "staff_number": "S1", "grounds": "counted on the wrong day"}
        created(played.begin("appeal", lodged, token=own))
        played.to(date(2013, 12, 21))

        def due(known_on: str) -> list[tuple[str, str, str, str | None]]:
            items = answer(played, own, "/deadlines", known_on, staff="S1")["items"]
            found = [each for each in items if each["what"] == "appeal"]
            assert {each["basis"]["clause"] for each in found} == {"TR-11b"}
            assert all(each["opened_by"] and not each["late"] for each in found)
            names = ("due_on", "published_at", "state", "met_on")
            told = [tuple(each[name] for name in names) for each in found]
            return sorted((on, at[:10], state, met) for on, at, state, met in told)

        # Ten working days after 2 December are 16 December; moved on the 12th to 10 January.
        published = ("2013-12-16", "2013-12-02")
        again = ("2014-01-10", "2013-12-12")
        assert due("2013-12-05") == [(*published, "open", None)]
        assert due("2013-12-12") == [
            (*published, "superseded", None),
            (*again, "open", None),
        ]
        assert due("2013-12-21") == [
            (*published, "superseded", None),
            (*again, "met", "2013-12-20"),
        ]


def test_5_what_a_leaver_was_owed_and_paid(playing: Playing) -> None:
    with playing(date(2015, 7, 20)) as played:
        played.register("S1", employer="South Yorkshire CRC", unit="Sheffield")
        body = {
            "rulebook": "redundancy-2014",
            "staff_number": "S1",
            "scheme": "sodexo",
            "last_day": "2015-08-31",
            "weeks_pay": "600.00",
            "service_from": "2000-06-01",
            "service_said_by": "employer",
        }
        created(played.begin("redundancy", body))
        union = by_union(played)
        played.to(date(2015, 9, 15))
        paid = {"paid": "18000.00", "paid_on": "2015-09-15"}
        created(played.act("redundancy/S1.1", "pay", paid))
        ask = "/procedures/redundancy/S1.1/answers/entitlement"
        # Two weeks for each of 15 whole years, 30; 67.5 by the terms that the unions say hold.
        for known_on, sum_paid, short in (
            ("2015-08-01", "0.00", "18000.00"),
            ("2015-09-15", "18000.00", "0.00"),
        ):
            found = answer(played, union, ask, known_on)["answer"]
            used = found["used"]
            assert (used["due"], used["paid"], used["short"]) == ("18000.00", sum_paid, short)
            assert found["service_from"] == "2000-06-01"
            assert used["entitlement"]["years"] == 15
            (unions,) = found["contested_by"]
            assert unions["settlement"]["due"] == "40500.00"
            assert unions["basis"]["clause"] == "TR-07"
            assert {each["clause"] for each in found["basis"]} >= {"TR-07c"}


def test_11_the_options_of_a_surplus_officer_at_sudbury(playing: Playing) -> None:
    with playing(date(2018, 11, 5)) as played:
        played.register(
            "S1",
            employer="HMPPS",
            unit="HMP Sudbury",
            role="prison officer",
            band="3",
            terms_set="Fair and Sustainable",
        )
        played.api.change("S1", start="2016-09-01", band="4")
        scheme = {"scheme": "surplus-band-4", "establishment": "HMP Sudbury", "estate": "open"}
        begun = created(played.begin("choice", {"id": "sud", "rulebook": "omic-2018"} | scheme))
        assert begun["id"] == "sud"
        played.to(date(2018, 11, 12))
        created(played.act("choice/sud", "tell-options", {"staff_numbers": ["S1"]}))
        union = by_union(played)
        played.to(date(2020, 11, 2))
        ask = "/procedures/choice/sud/answers/options"
        asked = {"staff_number": "S1", "effective_at": "2018-11-30"}
        for known_on, later in (("2018-11-30", []), ("2020-11-02", ["OM-10"])):
            found = answer(played, union, ask, known_on, **asked)["answer"]
            assert (found["cohort"], found["told_on"]) == ("C", "2018-11-12")
            assert found["told_under"] == "POA circular 118, 20 October 2018"
            assert {each["option"] for each in found["options"]} == {"regrade", "remain"}
            assert found["dispute"]["status"] == "disputed"
            assert [each["clause"] for each in found["later"]] == later
            assert {each["clause"]: each["confidence"] for each in found["basis"]}["OM-06"] == "S"


def test_15_the_last_day_of_a_claim_by_the_law_of_the_day_and_by_todays(playing: Playing) -> None:
    with playing(date(2025, 11, 10)) as played:
        played.register("S1", employer="Secretary of State for Justice")
        body = {
            "rulebook": "tribunal-limits",
            "staff_number": "S1",
            "claim": "unfair-dismissal",
            "event_on": "2025-11-10",
            "respondents": ["the old company"],
        }
        created(played.begin("claim-window", body))
        union = by_union(played)
        played.to(date(2025, 12, 1))
        notified = {"notified_on": "2025-11-30", "respondents": ["the old company"]}
        created(played.act("claim-window/S1.1", "notify-conciliation", notified))
        played.to(date(2026, 1, 20))
        certified = {"received_on": "2026-01-05", "respondent": "the old company"}
        created(played.act("claim-window/S1.1", "certify", certified))
        ask = "/procedures/claim-window/S1.1/answers/last-day"
        # From 1 to 30 November no certificate: three months less a day. Then 41 days are left out,
        # to the last day of the longest conciliation; with the certificate of 5 January, 36.
        for known_on, last in (
            ("2025-11-10", "2026-02-09"),
            ("2025-12-01", "2026-03-22"),
            ("2026-01-20", "2026-03-17"),
        ):
            found = answer(played, union, ask, known_on, law_known_on="2025-11-10")["answer"]
            (one,) = found["respondents"]
            assert one["as_known_then"]["safe"] == last
            assert one["as_known_then"]["basis"]

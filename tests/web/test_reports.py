"""The page of reports: one sentence, tables without small numbers, and the file of the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.appealed import DECIDED, six_appeal
from tests.support.asking import created
from tests.support.practised import Practised
from tests.web.visiting import Visitor, shown
from transfer.access.identity import Role

pytestmark = pytest.mark.engines

PAGE = "/reports"
PANELS = f"{PAGE}?report=consistency&exercise=tr&effective_at={DECIDED}"


def test_each_report_says_in_a_sentence_what_it_found(
    hr: Visitor, played: Practised, window: Callable[[], Visitor]
) -> None:
    assert "Nobody had appealed by 11 Nov 2013." in shown(hr, PAGE)
    assert "No panel had decided an appeal" in shown(hr, f"{PAGE}?report=consistency")
    assert "Nobody's vetting had been decided" in shown(hr, f"{PAGE}?report=vetting")
    six_appeal(played)
    before = shown(hr, f"{PAGE}?exercise=tr&effective_at=2013-12-13")
    assert "6 people had appealed in tr by 13 Dec 2013: 6 to be decided." in before
    assert "BrentLondon Probation Trust To be decided3" in before
    after = shown(hr, f"{PAGE}?exercise=tr&effective_at={DECIDED}")
    assert "People had appealed in tr by 20 Dec 2013; some of the numbers are small" in after
    assert "To be decided Peoplefewer than 2" in after
    assert "A number of fewer than 2 people is not shown" in after
    file = hr.get(f"{PAGE}.csv?report=appeals&exercise=tr&effective_at={DECIDED}")
    assert file.headers["content-type"].startswith("text/csv")
    assert "\r\nall,,,rejected,exact,3,2,2013-12-20," in file.text

    panels = shown(hr, PANELS)
    assert "On 1 set of equal facts, panels had not decided alike in tr by 20 Dec 2013." in panels
    assert "Cases2 Upheld2 Rate100%" in panels
    assert "Northappeal tr.S1.1 OutcomeUpheld Decided16 Dec 2013" in panels
    assert "band,panel,shown,cases,upheld,rate" in hr.get(PANELS.replace("?", ".csv?")).text
    assert hr.get(f"{PAGE}?effective_at-day=31&effective_at-month=2").status_code == 422
    assert hr.get(f"{PAGE}?report=all").status_code == 422

    judge = window().sign_in(Role.DISPUTE, "judge")
    none = "None of your open cases covers these days: choose others."
    assert none in shown(judge, PANELS)
    case = {
        "id": "ET-1",
        "people": ["S1"],
        "parties": [
            {"side": "claimant", "known_by": "staff-number", "party": "S1"},
            {"side": "respondent", "known_by": "organisation", "party": "the Trust"},
        ],
        "members": [{"subject": "judge"}],
        "effective_between": ["2013-12-01", "2013-12-31"],
        "known_between": ["2013-11-01", None],
    }
    created(played.begin("dispute-case", case))
    seen = shown(judge, PANELS)
    assert "On 1 set of equal facts" in seen
    assert "tr.S1.1" not in seen
    # The days are covered; it is the exercise that there is not.
    nowhere = judge.get(PANELS.replace("exercise=tr", "exercise=nowhere"))
    assert nowhere.status_code == 404
    assert none not in nowhere.text
    assert window().sign_in(Role.STAFF, "S1").get(PAGE).status_code == 403

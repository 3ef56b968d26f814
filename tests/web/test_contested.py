"""/staff/{no}/contested: what each side asserts of one person's record, side by side."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import Practised
from tests.web.visiting import Visitor, shown
from transfer.access.identity import Role

pytestmark = pytest.mark.engines

PAY = "assertion/vlo-back-pay"
PAGE = "/staff/S1/contested"


def contested(played: Practised) -> None:
    """What two sides and S1 say of the day on which a job description changed."""
    played.register("S1")
    played.register("S2")
    question = "On which day did the job description last change?"
    body = {"id": "vlo-back-pay", "question": question, "people": ["S1"]}
    created(played.begin("assertion", body))
    union = {"party": "Napo", "side": "union"}
    said = {"assertion": "unions", "value": "2013-07-04", "statement": "On 4 July.", **union}
    created(played.act(PAY, "assert", {**said, "document": "VLO upgrading"}))
    trust = {"party": "London Probation Trust", "side": "employer"}
    said = {"assertion": "employer", "value": "2013-10-26", "statement": "On 26 October.", **trust}
    created(played.act(PAY, "assert", said))
    created(played.act(PAY, "dispute", {"assertion": "employer", **union}))
    own = {"staff_number": "S1", "statement": "My duties changed in the spring."}
    created(played.act(PAY, "assert", own, token=played.token("S1", Role.STAFF)))


def test_each_side_is_shown_beside_the_others(
    played: Practised, window: Callable[[], Visitor]
) -> None:
    contested(played)
    admin = window().sign_in(Role.ADMIN, "HR")
    page = shown(admin, PAGE)
    assert "One question is contested about S1: what each side says stands side by side." in page
    assert "On which day did the job description last change?" in page
    for words in ("Napo", "4 Jul 2013", "VLO upgrading", "“On 26 October.”", "Disputed by Napo"):
        assert words in page
    assert "“My duties changed in the spring.”" in page
    assert "Nothing is contested about S2." in shown(admin, "/staff/S2/contested")


def test_an_administrator_goes_on_from_there(
    played: Practised, window: Callable[[], Visitor]
) -> None:
    contested(played)
    admin = window().sign_in(Role.ADMIN, "HR")
    page = admin.get(PAGE).text
    assert 'href="/procedures/assertion/vlo-back-pay"' in page
    says = "A contested fact, begun on 11 Nov 2013. On which day did the job description last"
    assert says in shown(admin, "/procedures/assertion/vlo-back-pay")
    assert 'href="/procedures/assertion/begin?people=S1"' in page
    form = admin.get("/procedures/assertion/begin?people=S1").text
    assert "Question that is contested" in form
    own = window().sign_in(Role.STAFF, "S1").get(PAGE).text
    assert "/procedures/assertion" not in own


def test_a_value_that_rests_on_one_side_says_so_and_leads_there(
    played: Practised, window: Callable[[], Visitor]
) -> None:
    contested(played)
    change = {
        "effective_from": "2013-10-26",
        "changes": {"band": "5"},
        "reason": "regraded",
        "basis": {"assertions": ["assertion:vlo-back-pay/employer"]},
    }
    created(played.api.post("/staff/S1/changes", change))
    played.to(date(2013, 11, 12))
    admin = window().sign_in(Role.ADMIN, "HR")
    page = shown(admin, "/staff/S1?effective_at=2013-10-26")
    says = "London Probation Trust (employer) asserts 26 Oct 2013 (disputed by Napo)."
    assert f"It rests on what one side asserts: {says} Beside it: Napo (union) asserts" in page
    assert f'href="{PAGE}"' in admin.get("/staff/S1?effective_at=2013-10-26").text
    assert says not in shown(admin, "/staff/S1?effective_at=2013-10-25")
    own = window().sign_in(Role.STAFF, "S1")
    assert "“My duties changed in the spring.”" in shown(own, PAGE)
    assert window().sign_in(Role.STAFF, "S2").get(PAGE).status_code == 404


def test_it_is_shown_as_it_was_known(played: Practised, window: Callable[[], Visitor]) -> None:
    contested(played)
    played.to(date(2013, 11, 12))
    given = {"assertion": "employer", "superseded_by": "unions"}
    created(played.act(PAY, "supersede", given))
    admin = window().sign_in(Role.ADMIN, "HR")
    assert "Superseded on 12 Nov 2013 by unions" in shown(admin, PAGE)
    then = shown(admin, f"{PAGE}?known_at=2013-11-11")
    assert "Superseded" not in then
    assert "Disputed by Napo" in then

"""What goes wrong with real staff registers, and must not go wrong with this one.

Each test is one pain, told in its docstring as people who keep such registers tell it, and played
through HTTP on a service in this process.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import pytest

from tests.support.asking import Api, Json, created, position, told, values
from transfer.access.identity import Role
from transfer.app import Record
from transfer.core.record.staff import StaffRegistered
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact

pytestmark = pytest.mark.engines


def read(api: Api, what: str, number: str = "S1", **asked: object) -> Json:
    """What a read of one person's record answers."""
    answer = api.get(f"/staff/{number}/{what}", asked)
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content


def terms(api: Api, effective_at: str) -> dict[str, str]:
    """The terms held on a day, with their values."""
    held = position(api, effective_at=effective_at)["terms"]
    return {each["term"]: each["value"] for each in held}


def grant(api: Api, term: str, value: str | None, start: str) -> Json:
    """Grant, vary or end a term of S1."""
    body = {"term": term, "value": value, "effective_from": start, "reason": "r"}
    return created(api.post("/staff/S1/terms", body))


def correct(api: Api, of: Json, start: str, end: str | None = None, **to: str | None) -> Json:
    """Replace an entry's content."""
    body: Json = {"of": of["event_id"], "effective_from": start, "changes": to, "reason": "r"}
    if end is not None:
        body["effective_to"] = end
    return created(api.post("/staff/S1/corrections", body))


def annul(api: Api, of: Json) -> Json:
    """Take an entry's effect away."""
    body = {"of": of["event_id"], "annul": True, "reason": "in error"}
    return created(api.post("/staff/S1/corrections", body))


def periods(api: Api, facet: str) -> list[tuple[str, str, str | None]]:
    """The periods of one facet of S1: from, value, until."""
    [lane] = [each for each in read(api, "timeline")["facets"] if each["facet"] == facet]
    return [
        (each["effective_from"], each["value"], each["effective_to"]) for each in lane["periods"]
    ]


def test_back_dated_pay_shows_in_every_later_answer_and_wipes_no_allowance(api: Api) -> None:
    """The award for last April is keyed after this April's increment. The old system either drops
    it, because a later row is there, or lets it run over the increment; and since the form
    replaces the whole pay record, the allowance on it is gone."""
    api.register(position={"employer": "LDN", "pay_point": "20"}, effective_from="2012-04-01")
    grant(api, "london-allowance", "3889", "2012-04-01")
    increment = api.change(start="2014-04-01", pay_point="22")
    award = api.change(start="2013-04-01", pay_point="21")
    assert periods(api, "pay_point") == [
        ("2012-04-01", "20", "2013-04-01"),
        ("2013-04-01", "21", "2014-04-01"),
        ("2014-04-01", "22", None),
    ]
    for day, point in (("2013-03-31", "20"), ("2013-04-01", "21"), ("2014-03-31", "21")):
        assert values(api, effective_at=day) == {"employer": "LDN", "pay_point": point}
    assert values(api, effective_at="2014-04-01")["pay_point"] == "22"
    for day in ("2013-06-01", "2014-06-01"):
        assert terms(api, effective_at=day) == {"london-allowance": "3889"}
    # Who asks for what was known before the award gets what was paid.
    before = values(api, effective_at="2013-06-01", known_at=increment["recorded_at"])
    assert before["pay_point"] == "20"
    held = position(api, effective_at="2013-06-01", known_at=award["recorded_at"])
    assert held["position"]["pay_point"]["event_id"] == award["event_id"]


def test_a_correction_is_not_a_second_amendment(api: Api) -> None:
    """A typing error is put right, and the person's record shows two regradings: one to band 6,
    and one back. Every audit asks about the first."""
    api.register(effective_from="2012-01-01")
    regraded = api.change(start="2014-04-01", band="6")
    corrected = correct(api, regraded, "2014-04-01", band="5")
    assert periods(api, "band") == [
        ("2012-01-01", "4", "2014-04-01"),
        ("2014-04-01", "5", None),
    ]
    _, entry, correction = read(api, "history")["items"]
    assert entry["corrected_by"] == corrected["event_id"]
    assert correction["of"] == regraded["event_id"]
    assert correction["replaced"] == regraded["event_id"]
    band = position(api, effective_at="2014-06-01")["position"]["band"]
    assert (band["event_id"], band["corrected_by"]) == (
        regraded["event_id"],
        corrected["event_id"],
    )


def test_deleting_a_suspension_does_not_revert_pay(api: Api) -> None:
    """A suspension on half pay turns out to be unfounded and is deleted. The old system restores
    the row as it was before the suspension, and the pay award made meanwhile is lost."""
    api.register(position={"paid_band": "4", "pay_point": "20"}, effective_from="2012-01-01")
    suspended = api.change(start="2014-02-01", end="2014-08-01", pay_point="10", role="suspended")
    award = api.change(start="2014-04-01", pay_point="21")
    during = values(api, effective_at="2014-05-01")
    assert (during["pay_point"], during["role"]) == ("10", "suspended")
    annulled = annul(api, suspended)
    after = position(api, effective_at="2014-05-01")["position"]
    assert {facet: held["value"] for facet, held in after.items()} == {
        "paid_band": "4",
        "pay_point": "21",
    }
    assert after["pay_point"]["event_id"] == award["event_id"]
    assert values(api, effective_at="2014-03-01")["pay_point"] == "20"
    items = read(api, "history")["items"]
    assert items[1]["annulled_by"] == annulled["event_id"]


def test_a_planned_change_does_not_block_todays(api: Api) -> None:
    """A transfer is planned for June. Until then the form answers: "a future-dated row exists",
    and nobody can record the new line manager of this week."""
    api.register(effective_from="2012-01-01")
    planned = api.change(start="2014-06-01", employer="NPS", line_manager="S77")
    api.change(start="2014-02-03", line_manager="S50")
    assert values(api, effective_at="2014-02-03")["line_manager"] == "S50"
    assert values(api, effective_at="2014-06-01")["line_manager"] == "S77"
    # The plan moves, and who asks what was planned before is told.
    correct(api, planned, "2014-09-01", employer="NPS", line_manager="S77")
    assert values(api, effective_at="2014-06-01") == {
        "employer": "LDN",
        "band": "4",
        "fte": "1",
        "line_manager": "S50",
    }
    assert values(api, effective_at="2014-09-01")["employer"] == "NPS"
    before = values(api, effective_at="2014-06-01", known_at=planned["recorded_at"])
    assert before["employer"] == "NPS"


def test_a_transfer_does_not_reset_the_joining_date(api: Api) -> None:
    """After the move to the new employer everybody's continuous service begins on the day of the
    transfer, and redundancy pay is worked out from there."""
    registered = api.register(effective_from="2009-04-01", continuous_service_from="1999-09-01")
    api.change(start="2014-06-01", employer="NPS", terms_set="NPS")
    for day in ("2009-04-01", "2014-06-01", "2020-01-01"):
        [term] = position(api, effective_at=day)["terms"]
        assert (term["term"], term["value"]) == ("continuous_service_from", "1999-09-01")
        assert term["event_id"] == registered["event_id"]
    correct(api, registered, "2009-04-01", employer="LDN", band="5")
    assert terms(api, effective_at="2014-06-01") == {"continuous_service_from": "1999-09-01"}


def test_who_leaves_and_comes_back_keeps_the_service_that_is_theirs(api: Api) -> None:
    """Somebody leaves and returns within the week. The new starter's form gives them a new number
    and a new joining date; whether the service is unbroken is for the law to say, not the form."""
    api.register(effective_from="2009-04-01", continuous_service_from="1999-09-01")
    api.change(start="2013-01-07", employer=None)
    assert "employer" not in values(api, effective_at="2013-01-10")
    api.change(start="2013-01-14", employer="LDN")
    assert terms(api, effective_at="2013-02-01") == {"continuous_service_from": "1999-09-01"}
    # A later break of nine months did end it: an entry says so, with its reason.
    api.change(start="2015-01-01", employer=None)
    grant(api, "continuous_service_from", None, "2015-01-01")
    api.change(start="2015-10-01", employer="NPS")
    grant(api, "continuous_service_from", "2015-10-01", "2015-10-01")
    assert terms(api, effective_at="2015-06-01") == {}
    assert terms(api, effective_at="2015-10-01") == {"continuous_service_from": "2015-10-01"}
    assert terms(api, effective_at="2014-01-01") == {"continuous_service_from": "1999-09-01"}


def test_a_cancelled_transfer_deletes_no_history(api: Api) -> None:
    """The transfer is called off and the transaction is "reversed": nothing shows that it was ever
    planned, nor why the person had a letter about it."""
    api.register(effective_from="2012-01-01")
    planned = api.change(start="2014-06-01", employer="CRC")
    cancelled = annul(api, planned)
    assert values(api, effective_at="2014-06-01")["employer"] == "LDN"
    then = position(api, effective_at="2014-06-01", known_at=planned["recorded_at"])
    assert then["position"]["employer"]["value"] == "CRC"
    items = read(api, "history")["items"]
    assert [item["event_id"] for item in items[1:]] == [
        planned["event_id"],
        cancelled["event_id"],
    ]
    assert items[1]["fact"]["changes"] == {"employer": "CRC"}
    assert items[2]["reason"] == "in error"


def test_the_employees_objection_stands_beside_the_employers_version(api: Api) -> None:
    """An employee says that their record is wrong. The e-mail is filed somewhere else, and whoever
    reads the record next year sees the employer's version alone."""
    registered = api.register(effective_from="2012-01-01")
    own = api.token_for(Role.STAFF, "S1")
    body = {"of": registered["event_id"], "statement": "I was appointed at band 5"}
    objection = created(api.post("/staff/S1/objections", body, token=own))
    band = position(api, effective_at="2014-01-01")["position"]["band"]
    assert band["value"] == "4"
    assert [each["statement"] for each in band["objections"]] == ["I was appointed at band 5"]
    answered = {"outcome": "maintained", "reason": "the letter says band 4"}
    path = f"/staff/S1/objections/{objection['event_id']}/answer"
    told(api.post(path, answered, token=own), 403, "not-allowed")
    created(api.post(path, answered))
    [beside] = read(api, "history")["items"][0]["objections"]
    assert (beside["state"], beside["statement"], beside["reason"]) == (
        "maintained",
        "I was appointed at band 5",
        "the letter says band 4",
    )


def test_two_numbers_of_one_person_are_linked_and_both_histories_kept(api: Api) -> None:
    """Somebody has two staff numbers. They are "merged": one number disappears, and with it what
    was done under it; when it turns out to be two people, nothing can be taken apart again."""
    api.register("S1", position={"employer": "LDN", "band": "4"})
    api.register("S2", position={"employer": "ESX", "band": "3"})
    made = created(
        api.post("/staff/S1/links", {"other": "S2", "reason": "one person, registered twice"})
    )
    both = read(api, "history", linked="true")["items"]
    assert {item["staff_number"] for item in both} == {"S1", "S2"}
    assert values(api, "S2", effective_at="2014-02-01")["employer"] == "ESX"
    assert position(api, "S2")["linked"][0]["staff_number"] == "S1"
    undo = f"/staff/S1/links/{made['event_id']}/undo"
    created(api.post(undo, {"reason": "two people after all"}))
    assert "linked" not in position(api, "S2")
    assert len(read(api, "history", "S2")["items"]) == 3


@pytest.mark.thorough
def test_a_batch_has_no_small_cap(api: Api, record: Record) -> None:
    """The mass change form takes 500 lines a file. Ten thousand people become twenty batches, on
    three days, each with its own date of entry; the ninth fails half way and is keyed by hand.

    Here they move in one act with one instant; one wrong line is named, and nothing is written.
    """
    many = 10_000
    numbers = [f"B{n}" for n in range(many)]
    start = date(2010, 4, 1)
    at_work = {Facet.EMPLOYER: "London Probation Trust"}
    registered: list[tuple[str, int, Fact]] = [
        (
            staff_stream(each),
            0,
            StaffRegistered(staff_number=each, effective_from=start, position=at_work),
        )
        for each in numbers
    ]
    record.log.append(registered, Command(UUID(int=1), "test", b""))

    def item(number: str, fte: str = "1") -> Json:
        change = {"effective_from": "2014-06-01", "changes": {"employer": "NPS", "fte": fte}}
        return {"staff_number": number, "change": change}

    whole = {"items": [item(each) for each in numbers], "reason": "transfer of 1 June 2014 " * 9}
    broken = whole | {"items": [*(item(each) for each in numbers[:-1]), item(numbers[-1], "2")]}
    problem = told(api.post("/bulk", broken), 422, "items-refused")
    assert [(each["index"], each["staff_number"], each["field"]) for each in problem["errors"]] == [
        (many - 1, numbers[-1], "fte")
    ]
    assert record.log.head().position == many
    written = created(api.post("/bulk", whole, key="all of them"))
    assert (len(written["items"]), written["people"]) == (many, many)
    moved = record.log.page(many, 2 * many)
    assert len(moved) == many
    assert {each.recorded_at for each in moved} == {datetime.fromisoformat(written["recorded_at"])}
    assert created(api.post("/bulk", whole, key="all of them")) == written
    assert record.log.head().position == 2 * many

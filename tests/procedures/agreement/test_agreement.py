"""An agreement as a kind of the engine: what is done already, what is refused, and what is owed.

What an official would ask is in the scenarios.
"""

from datetime import date
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.refusals import AlreadyOnRecord, Malformed, Refused
from transfer.procedures.agreement import facts as f
from transfer.procedures.agreement.answers import AgreementStands
from transfer.procedures.agreement.kind import AGREEMENT, DELIVER
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "agreement:pay"
DAY, DUE = date(2021, 11, 10), date(2021, 12, 1)
OWN: dict[str, Any] = {"title": "Agreement on workloads", "parties": ["Probation Service", "Napo"]}
REPORT: dict[str, Any] = {"promise": "report", "title": "a report", "owner": "employer"}


@pytest.fixture
def office() -> Matters:
    return Matters((AGREEMENT,), binding(rulebook("agreements-2021").with_values()))


def do(office: Matters, act: str, on: date = DAY, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, **inputs)


def stands(office: Matters, on: date = DAY) -> AgreementStands:
    found = office.answer(MATTER, "undelivered", on)
    assert isinstance(found, AgreementStands)
    return found


def test_what_is_on_record_already_is_done(office: Matters) -> None:
    do(office, "begin", known_as="harmonisation").then(f.AgreementBegun)
    do(office, "begin", **OWN).then_refused(because="is on record", kind=AlreadyOnRecord)
    for body in ("Napo", "UNISON"):
        do(office, "note-answer", body=body, accepted=True).then(f.AgreementAnswered)
        do(office, "note-answer", body=body, accepted=True).then_nothing()
    reached = do(office, "note-answer", body="GMB", accepted=True)
    reached.then(f.AgreementAnswered, f.AgreementReached)
    do(office, "note-answer", body="GMB", accepted=False).then_refused(because="all had agreed")
    do(office, "add-promise", **REPORT, due_on=DUE).then(f.PromiseAdded)
    do(office, "set-due", promise="report", due_on=DUE).then_nothing()
    for act, said in (
        ("add-promise", {**REPORT, "due_on": DUE}),
        ("report", {"meeting": "the committee"}),
        ("deliver", {"promise": "report", "part": True, "what": "half of it"}),
        ("vary", {"promise": "report", "later_agreement": "of 2022"}),
        ("deliver", {"promise": "report"}),
        ("withdraw-promise", {"promise": "secondary-transfer"}),
    ):
        if act != "add-promise":
            assert do(office, act, **said).facts
        do(office, act, **said).then_nothing()
    assert office.state(MATTER).whole.substance.is_over(DAY)


def test_what_cannot_be_is_refused(office: Matters) -> None:
    do(office, "report", meeting="the committee").then_refused(because="has not begun")
    do(office, "begin", known_as="peace").then_refused(because="it knows pay-2018")
    do(office, "begin", **OWN, agreed_on=DUE).then_refused(because="is after 2021-11-10")
    for said, field in (
        ({}, "title"),
        ({"title": "A"}, "parties"),
        ({"known_as": "band-1"} | OWN, "known_as"),
    ):
        do(office, "begin", **said).then_refused(because=f"{field}: ", kind=Malformed)
    do(office, "begin", **OWN)
    refused = do(office, "report", meeting="the committee")
    refused.then_refused("AG-01", because="nothing was undelivered")
    do(office, "deliver", promise="report").then_refused(because="it promises nothing")
    do(office, "note-answer", body="Napo", accepted=True).then_refused(because="nobody does")
    do(office, "add-promise", **REPORT, without_day=True)
    do(office, "add-promise", **REPORT).then_refused(because="promised already")
    refused = do(office, "set-due", promise="report", due_on=DUE)
    refused.then_refused("CN-8", because="promised without a day")
    refused = do(office, "report", meeting="the committee", promises=["other"])
    refused.then_refused("AG-01", because="not undelivered on 2021-11-10: other")
    do(office, "withdraw-promise", promise="report")
    for act in ("deliver", "vary"):
        more: dict[str, Any] = {"later_agreement": "of 2022"} if act == "vary" else {}
        do(office, act, promise="report", **more).then_refused(because="it was withdrawn on")


def test_a_promise_that_is_not_the_employers_is_made_to_it(office: Matters) -> None:
    do(office, "begin", **OWN)
    for owner, owed_to in (("Employer ", ""), ("Napo", "employer")):
        do(office, "add-promise", **REPORT | {"promise": owner.strip(), "owner": owner})
        due = office.state(MATTER).due(DELIVER, owner.strip())
        assert due is not None
        assert due.owed_to == owed_to


def test_a_day_that_was_never_given_needs_the_agreement_itself(office: Matters) -> None:
    do(office, "begin", **OWN)
    do(office, "add-promise", **REPORT)
    found = stands(office)
    assert {(each.clause, each.document_needed) for each in found.not_known} == {
        ("CN-11", "the agreement itself")
    }
    assert [each.title for each in found.not_known] == [
        "the day on which it was made",
        "the day by which it is owed: a report",
    ]
    do(office, "set-due", promise="report", due_on=date(2021, 11, 1))
    (owed,) = stands(office).undelivered
    assert (owed.due_on, owed.overdue_days) == (date(2021, 11, 1), 9)


def test_nothing_is_answered_before_it_began(office: Matters) -> None:
    do(office, "begin", **OWN)
    for name in ("undelivered", "counts-from"):
        with pytest.raises(Refused, match="nothing of it had been agreed"):
            office.answer(MATTER, name, date(2021, 11, 9))

"""A dispute as a kind of the engine: about whom, between whom, who judges, and of which days.

Without engines, and without an edition: the kind goes by none.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.matter import facts as t
from transfer.core.matter.completeness import faults
from transfer.core.matter.no_edition import NoEdition
from transfer.core.refusals import AlreadyOnRecord, Malformed, Refused
from transfer.kinds import KNOWN
from transfer.procedures.dispute_case import facts as f
from transfer.procedures.dispute_case.decisions import Dispute, dispute_of
from transfer.procedures.dispute_case.kind import DISPUTE_CASE

CASE = "dispute-case:ET-1"
DAY = timedelta(days=1)
OPENED = date(2026, 11, 2)
TRUST = {"side": "respondent", "known_by": "organisation", "party": "London Trust"}
CLAIMANT = {"side": "claimant", "known_by": "staff-number", "party": "S1"}
OPENING: dict[str, Any] = {
    "people": ["S1", "S2"],
    "parties": [CLAIMANT, TRUST],
    "members": [{"subject": "judge-1"}, {"subject": "judge-2", "staff_number": "S9"}],
    "effective_between": ["2014-01-01", "2014-12-31"],
    "known_between": ["2014-01-01", None],
}


@pytest.fixture
def office() -> Matters:
    return Matters((DISPUTE_CASE,), NoEdition())


def open_(office: Matters, **inputs: Any) -> Asked:
    return ask(office, CASE, "begin", on=OPENED, **(OPENING | inputs))


def do(office: Matters, act: str, on: date = OPENED + DAY, **inputs: Any) -> Asked:
    return ask(office, CASE, act, on=on, **inputs)


def dispute(office: Matters) -> Dispute:
    return dispute_of(office.state(CASE).whole.substance)


def found(interest: str, concerning: str = "S1", subject: str = "judge-2") -> dict[str, str]:
    return {"subject": subject, "interest": interest, "concerning": concerning}


def test_the_declaration_lacks_nothing() -> None:
    assert faults(*KNOWN.kinds) == ()
    assert DISPUTE_CASE in KNOWN.kinds


def test_a_case_says_about_whom_before_whom_and_of_which_days(office: Matters) -> None:
    asked = open_(office, people=["S1", "S2", "S1"])
    asked.then(f.DisputeCaseOpened).saying(people=("S1", "S2"), happened_on=OPENED)
    assert DISPUTE_CASE.sentence(asked.facts[0]) == (
        "a dispute of S1 (claimant), London Trust (respondent), about S1, S2, is before judge-1, "
        "judge-2: days from 2014-01-01 to 2014-12-31, as the record stood on days from "
        "2014-01-01 on"
    )
    assert dispute(office).members["judge-1"].staff_number == "judge-1"
    assert dispute(office).members["judge-2"].staff_number == "S9"
    assert dispute(office).barred == frozenset()


def test_a_case_is_opened_once(office: Matters) -> None:
    open_(office)
    open_(office).then_refused(because="open already", kind=AlreadyOnRecord)


@pytest.mark.parametrize(
    ("inputs", "because"),
    [
        pytest.param({"people": []}, "at least 1 item", id="nobody"),
        pytest.param({"parties": []}, "at least 1 item", id="no-parties"),
        pytest.param({"members": []}, "at least 1 item", id="no-panel"),
        pytest.param(
            {"effective_between": ["2014-02-01", "2014-01-31"]},
            "the last day is before the first",
            id="days-in-force-run-back",
        ),
        pytest.param(
            {"known_between": ["2014-02-01", "2014-01-31"]},
            "the last day is before the first",
            id="days-known-run-back",
        ),
        pytest.param(
            {"parties": [{"side": "judge", "known_by": "subject", "party": "x"}]},
            "claimant",
            id="no-such-side",
        ),
        pytest.param({"people": ["no number"]}, "pattern", id="no-number"),
    ],
)
def test_what_is_not_taken(office: Matters, inputs: dict[str, Any], because: str) -> None:
    open_(office, **inputs).then_refused(because=because, kind=Malformed)


# --- who is on it --------------------------------------------------------------------------------

CHANGES = [
    pytest.param("add-people", {"people": ["S3"]}, f.PeopleAddedToCase, id="people-more"),
    pytest.param("remove-people", {"people": ["S2"]}, f.PeopleRemovedFromCase, id="people-less"),
    pytest.param(
        "add-parties",
        {"parties": [{"side": "witness", "known_by": "staff-number", "party": "S5"}]},
        f.PartiesAddedToCase,
        id="parties-more",
    ),
    pytest.param("remove-parties", {"parties": [TRUST]}, f.PartiesRemovedFromCase, id="party-less"),
    pytest.param(
        "add-members", {"members": [{"subject": "judge-3"}]}, f.MembersAddedToCase, id="panel-more"
    ),
    pytest.param(
        "remove-members", {"subjects": ["judge-1"]}, f.MembersRemovedFromCase, id="panel-less"
    ),
    pytest.param(
        "set-dates",
        {"effective_between": ["2014-06-01", "2014-06-30"]},
        f.DatesOfCaseChanged,
        id="narrowed",
    ),
    pytest.param(
        "declare-interest",
        {"subject": "judge-1", "interest": "other"},
        f.InterestDeclared,
        id="declared",
    ),
    pytest.param(
        "decide-interest", {"subject": "judge-1", "may_sit": False}, f.InterestDecided, id="barred"
    ),
    pytest.param("close", {}, f.DisputeCaseClosed, id="closed"),
]


@pytest.mark.parametrize(("act", "inputs", "fact"), CHANGES)
def test_a_change_is_recorded_once(
    office: Matters, act: str, inputs: dict[str, Any], fact: type[t.MatterFact]
) -> None:
    open_(office)
    asked = do(office, act, **inputs)
    asked.then(fact)
    assert DISPUTE_CASE.sentence(asked.facts[0])
    do(office, act, OPENED + 2 * DAY, **inputs).then_nothing()


@pytest.mark.parametrize(("act", "inputs", "fact"), CHANGES[:-1])
def test_a_closed_case_changes_no_more(
    office: Matters, act: str, inputs: dict[str, Any], fact: type[t.MatterFact]
) -> None:
    open_(office)
    do(office, "close")
    do(office, act, **inputs).then_refused(because="was closed on 2026-11-03: reopen it first")
    do(office, "reopen").then(f.DisputeCaseReopened).saying(closed_on=OPENED + DAY)
    do(office, act, **inputs).then(fact)


def test_who_is_on_it_follows(office: Matters) -> None:
    open_(office)
    do(office, "add-people", people=["S3", "S1"]).then(f.PeopleAddedToCase).saying(people=("S3",))
    do(office, "remove-people", people=["S2", "S8"]).then(f.PeopleRemovedFromCase).saying(
        people=("S2",)
    )
    do(office, "add-members", members=[{"subject": "judge-3"}])
    do(office, "remove-members", subjects=["judge-1"])
    assert [*dispute(office).people] == ["S1", "S3"]
    assert [*dispute(office).members] == ["judge-2", "judge-3"]


@pytest.mark.parametrize(
    ("act", "inputs", "because"),
    [
        pytest.param("remove-people", {"people": ["S1", "S2"]}, "about somebody", id="nobody-left"),
        pytest.param(
            "remove-parties", {"parties": [CLAIMANT, TRUST]}, "has parties", id="no-party-left"
        ),
        pytest.param(
            "remove-members", {"subjects": ["judge-1", "judge-2"]}, "has members", id="no-panel"
        ),
        pytest.param(
            "declare-interest",
            {"subject": "judge-7", "interest": "other"},
            "judge-7 is not on the panel",
            id="not-on-the-panel",
        ),
    ],
)
def test_what_is_refused(office: Matters, act: str, inputs: dict[str, Any], because: str) -> None:
    open_(office)
    do(office, act, **inputs).then_refused(because=because)


def test_nothing_is_done_before_it_was_opened(office: Matters) -> None:
    open_(office)
    ask(office, CASE, "close", on=OPENED - DAY, today=OPENED + DAY).then_refused(
        because="was not open yet on 2026-11-01"
    )


# --- the days ------------------------------------------------------------------------------------


def test_the_days_that_are_left_out_stay(office: Matters) -> None:
    open_(office)
    asked = do(office, "set-dates", known_between=["2014-06-01", "2015-06-01"])
    asked.then(f.DatesOfCaseChanged)
    assert dispute(office).dates == f.DatesInScope(
        first_day=date(2014, 1, 1),
        last_day=date(2014, 12, 31),
        known_from=date(2014, 6, 1),
        known_until=date(2015, 6, 1),
    )
    do(office, "set-dates").then_refused(because="give effective_between", kind=Malformed)


# --- interests -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "interest"),
    [
        pytest.param({"people": ["S1", "S9"]}, ("on-the-case", "S9"), id="their-own-record"),
        pytest.param(
            {"parties": [{"side": "claimant", "known_by": "staff-number", "party": "S9"}]},
            ("party", ""),
            id="party",
        ),
        pytest.param(
            {"parties": [{"side": "witness", "known_by": "subject", "party": "judge-2"}]},
            ("witness", ""),
            id="witness",
        ),
        pytest.param(
            {"parties": [{"side": "representative", "known_by": "subject", "party": "judge-2"}]},
            ("representative", ""),
            id="representative-in-the-dispute",
        ),
        pytest.param({"found": [found("line-manager")]}, ("line-manager", "S1"), id="manager"),
        pytest.param(
            {"found": [found("representative", "S2")]}, ("representative", "S2"), id="appointed"
        ),
    ],
)
def test_a_member_with_an_interest_is_barred_from_the_start(
    office: Matters, inputs: dict[str, Any], interest: tuple[str, str]
) -> None:
    asked = open_(office, **inputs)
    asked.then(f.DisputeCaseOpened, f.InterestFound)
    said = asked.facts[1]
    assert isinstance(said, f.InterestFound)
    assert (said.subject, said.interest, said.concerning) == ("judge-2", *interest)
    assert dispute(office).barred == {"judge-2"}


@pytest.mark.parametrize(
    "inputs",
    [
        pytest.param(
            {"parties": [{"side": "claimant", "known_by": "organisation", "party": "S9"}]},
            id="an-organisation-of-that-name",
        ),
        pytest.param(
            {"parties": [{"side": "claimant", "known_by": "subject", "party": "S9"}]},
            id="another-user-of-that-subject",
        ),
        pytest.param({"found": [found("line-manager", "S7")]}, id="of-somebody-else"),
        pytest.param({"found": [found("line-manager", subject="judge-7")]}, id="of-nobody-here"),
    ],
)
def test_what_is_no_interest(office: Matters, inputs: dict[str, Any]) -> None:
    open_(office, **inputs).then(f.DisputeCaseOpened)


@pytest.mark.parametrize(
    ("act", "inputs"),
    [
        pytest.param("add-people", {"people": ["S9"]}, id="a-person"),
        pytest.param(
            "add-people", {"people": ["S3"], "found": [found("line-manager", "S3")]}, id="managed"
        ),
        pytest.param(
            "add-parties",
            {"parties": [{"side": "witness", "known_by": "staff-number", "party": "S9"}]},
            id="a-witness",
        ),
        pytest.param(
            "add-members",
            {"members": [{"subject": "judge-3"}], "found": [found("representative", "S1")]},
            id="found-with-another-act",
        ),
        pytest.param(
            "set-dates",
            {"effective_between": ["2010-01-01", None], "found": [found("line-manager", "S1")]},
            id="wider-dates",
        ),
    ],
)
def test_an_interest_that_comes_later_bars_from_then_on(
    office: Matters, act: str, inputs: dict[str, Any]
) -> None:
    open_(office)
    assert dispute(office).barred == frozenset()
    asked = do(office, act, **inputs)
    assert [type(each) for each in asked.facts][1:] == [f.InterestFound]
    assert dispute(office).barred == {"judge-2"}


def test_a_declared_interest_bars_until_it_is_decided(office: Matters) -> None:
    open_(office)
    do(office, "declare-interest", subject="judge-2", interest="other", concerning="S1")
    assert dispute(office).barred == {"judge-2"}
    ruling: dict[str, Any] = {"subject": "judge-2", "may_sit": True}
    do(office, "decide-interest", **ruling).then(f.InterestDecided)
    assert dispute(office).barred == frozenset()
    do(office, "decide-interest", **ruling).then_nothing()
    do(office, "declare-interest", subject="judge-2", interest="witness")
    assert dispute(office).barred == {"judge-2"}


def test_what_was_decided_is_not_found_again(office: Matters) -> None:
    open_(office, found=[found("line-manager")])
    do(office, "decide-interest", subject="judge-2", may_sit=True)
    do(office, "add-people", people=["S3"], found=[found("line-manager")]).then(f.PeopleAddedToCase)
    assert dispute(office).barred == frozenset()


def test_barred_is_barred_until_it_is_decided_otherwise(office: Matters) -> None:
    open_(office)
    do(office, "decide-interest", subject="judge-1", may_sit=False)
    assert dispute(office).barred == {"judge-1"}
    do(office, "remove-members", subjects=["judge-1"])
    assert dispute(office).barred == frozenset()
    do(office, "add-members", members=[{"subject": "judge-1"}])
    assert dispute(office).barred == {"judge-1"}
    do(office, "decide-interest", subject="judge-1", may_sit=True).then(f.InterestDecided)
    assert dispute(office).barred == frozenset()


def test_nobody_decides_on_their_own_interest(office: Matters) -> None:
    open_(office)
    with pytest.raises(Refused, match="nobody decides on their own interest"):
        office.decided(
            CASE, "decide-interest", on=OPENED, by="judge-2", subject="judge-2", may_sit=True
        )


# --- both clocks ---------------------------------------------------------------------------------


def test_a_closing_learned_late_puts_what_came_after_to_be_settled(office: Matters) -> None:
    today = OPENED + 9 * DAY
    open_(office)
    do(office, "add-people", OPENED + 5 * DAY, people=["S3"])
    ask(office, CASE, "close", on=OPENED + DAY, today=today).then(
        f.DisputeCaseClosed, t.DutyToSettleOpened
    )
    assert [each.step for each in office.duties(CASE).values()] == ["add-people"]
    office.redo_everything(today, CASE)
    assert office.duties(CASE) == {}
    assert [*dispute(office).people] == ["S1", "S2"]
    assert dispute(office).closed_on == OPENED + DAY

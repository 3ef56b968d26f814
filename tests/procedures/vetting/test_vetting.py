"""The vetting of one person as a kind of the engine: the time to appeal by every reading, what may
follow a failure on which day, and what becomes of it where something is learned later.

Without engines, under the program's own edition. Days are those of question 13.
"""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.dating.effective_dating import Entries, Entry
from transfer.core.matter.words import Nature, Settlement
from transfer.core.record.staff import facet_pieces
from transfer.core.refusals import Refused
from transfer.core.words import Facet
from transfer.procedures.vetting import facts as f
from transfer.procedures.vetting.answers import AppealTime, GoverningVersion, MovedUnder
from transfer.procedures.vetting.edition import Follows
from transfer.procedures.vetting.kind import VETTING
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

D = date
MATTER = "vetting:S1.1"
ASKED, FAILED, MOVED = D(2021, 9, 6), D(2021, 10, 4), D(2021, 11, 1)
PROPOSED, ANNOUNCED = D(2021, 10, 20), D(2021, 11, 12)
NO_VISOR = "only cases that are not on ViSOR"


def employed(until: date | None = None) -> Entries:
    values = {
        Facet.EMPLOYER: "Probation Service",
        Facet.UNIT: "Leeds 2",
        Facet.ROLE: "Probation services officer",
    }
    since = D(2015, 6, 1)
    pieces = facet_pieces(values, assignment="main", effective_from=since, effective_to=until)
    return Entries([Entry(UUID(int=1 << 100), datetime(2015, 6, 1, tzinfo=UTC), pieces)])


@pytest.fixture
def office() -> Matters:
    return Matters((VETTING,), binding(rulebook("visor-2017").with_values()), entries=employed())


def do(office: Matters, act: str, on: date, /, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, person="S1", **inputs)


def begin(
    office: Matters, on: date = ASKED, work: str = "offender management", **inputs: Any
) -> Asked:
    return do(office, "ask-for-vetting", on, work=work, **inputs)


def fail(office: Matters, on: date = FAILED, **inputs: Any) -> Asked:
    return do(office, "record-failure", on, reference="W-1", **inputs)


def propose(office: Matters, on: date = PROPOSED, since: date = MOVED) -> Asked:
    return do(office, "propose-redeployment", on, unit="Court", effective_from=since)


def uphold(office: Matters, on: date, today: date | None = None) -> Asked:
    said = {"outcome": "upheld", "panel": "the panel", "reference": "D-1"}
    return do(office, "decide-appeal", on, today=today, **said)


def lodge(office: Matters, on: date) -> Asked:
    return do(office, "lodge-appeal", on, reference="A-1")


def governing(office: Matters, on: date, known_on: date) -> GoverningVersion:
    found = office.answer(MATTER, "governing-version", on, known_on=known_on)
    assert isinstance(found, GoverningVersion)
    return found


def owed(office: Matters) -> set[tuple[str, str]]:
    state = office.state(MATTER, "S1")
    return {
        (due.slot.what, due.slot.about)
        for due in state.book.of(state.whom)
        if due.nature is Nature.DUTY and due.is_open
    }


# --- who is vetted -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "clause", "because"),
    [
        ({"work": "a court"}, "VE-08-work", "offender management, MAPPA do"),
        ({"role": "Receptionist"}, "VE-08", "Receptionist needs no vetting"),
        ({"level": "NPPV1"}, "VE-01", "NPPV2 is the lowest"),
        ({"level": "SC"}, "VE-01-levels", "there is no level SC"),
    ],
)
def test_only_those_are_vetted_whom_the_edition_names(
    office: Matters, inputs: dict[str, Any], clause: str, because: str
) -> None:
    begin(office, **inputs).then_refused(clause, because=because)


def test_the_role_is_that_on_record_and_the_level_the_lowest_that_will_do(office: Matters) -> None:
    said = {"role": "Probation services officer", "level": "NPPV2", "recruit": False}
    begin(office).then(f.VettingAsked).saying(**said)
    assert owed(office) == {("vetting-outcome", "")}


def test_who_passes_is_cleared_and_nothing_more_is_owed(office: Matters) -> None:
    begin(office)
    passed = {"level": "NPPV2", "reference": "W-1"}
    do(office, "record-pass", FAILED, **passed).then(f.VettingPassed)
    do(office, "record-pass", FAILED, **passed).then_nothing()
    assert owed(office) == set()
    propose(office).then_refused(because="they had not failed")


# --- the time to appeal --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lodged_on", "kept"),
    [
        (D(2021, 10, 18), 4),
        (D(2021, 10, 19), 3),
        (D(2021, 10, 21), 3),
        (D(2021, 10, 22), 2),
        (D(2021, 10, 27), 1),
        (D(2021, 10, 28), 0),
    ],
)
def test_an_appeal_is_held_against_every_reading(
    office: Matters, lodged_on: date, kept: int
) -> None:
    """Decided on the 4th and received on the 7th: the readings end on the 18th, 21st, 22nd and
    27th. None makes it late for certain, since the number of the longer time is unknown."""
    begin(office)
    fail(office)
    do(office, "note-receipt", D(2021, 10, 7)).then(f.VettingDecisionReceived)
    lodge(office, lodged_on).then(f.VettingAppealLodged)
    found = office.answer(MATTER, "appeal-time", lodged_on)
    assert isinstance(found, AppealTime)
    assert [each.last_day.day for each in found.readings] == [18, 22, 21, 27]
    assert sum(each.in_time is True for each in found.readings) == kept
    assert found.in_time is (True if kept == 4 else None)


def test_late_by_the_longer_time_too_is_refused() -> None:
    terms = rulebook("visor-2017").with_values(assumed={"VE-02-extended": "3w"})
    office = Matters((VETTING,), binding(terms), entries=employed())
    begin(office)
    fail(office)
    lodge(office, D(2021, 10, 26)).then_refused("VE-02-extended", because="2021-10-25")
    lodge(office, D(2021, 10, 25)).then(f.VettingAppealLodged)
    lodge(office, D(2021, 10, 25)).then_nothing()


# --- what follows a failure ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "known_on", "may_govern", "contested"),
    [
        (D(2017, 5, 31), ANNOUNCED, [], []),
        (D(2017, 6, 15), ANNOUNCED, ["assurance-2017"], []),
        (D(2017, 7, 3), ANNOUNCED, ["assurance-2017"], []),
        (D(2018, 6, 15), ANNOUNCED, ["assurance-2017", "practice-to-2021"], []),
        (MOVED, D(2021, 11, 5), ["practice-to-2021"], ["assurance-2017"]),
        (MOVED, ANNOUNCED, ["practice-to-2021"], ["assurance-2017"]),
        (D(2021, 11, 15), D(2021, 11, 11), ["practice-to-2021"], ["assurance-2017"]),
        (D(2021, 11, 15), ANNOUNCED, ["practice-to-2021", "policy-2021"], ["assurance-2017"]),
    ],
)
def test_which_version_governs(
    office: Matters, on: date, known_on: date, may_govern: list[str], contested: list[str]
) -> None:
    begin(office, D(2017, 4, 3))
    found = governing(office, on, known_on)
    assert (list(found.may_govern), list(found.contested)) == (may_govern, contested)
    is_known = len(may_govern) == 1 and on != D(2017, 6, 15)
    assert (found.governing is not None) is (len(may_govern) == 1)
    if is_known:
        assert found.governing == may_govern[0]


def test_the_move_comes_on_its_day_under_the_version_of_that_day(office: Matters) -> None:
    begin(office)
    fail(office)
    propose(office).then(f.VettingRedeploymentProposed)
    propose(office).then_nothing()
    assert office.run_clock(D(2021, 10, 31)) == ()
    (moved,) = office.run_clock(MOVED)
    assert isinstance(moved, f.VettingRedeployed)
    assert (moved.version, moved.before) == ("practice-to-2021", {Facet.UNIT: "Leeds 2"})
    assert office.run_clock(MOVED) == ()
    assert owed(office) == {("review-risk", "")}
    found = office.answer(MATTER, "moved-under", MOVED, known_on=ANNOUNCED)
    assert isinstance(found, MovedUnder)
    assert (found.could_stay_under, found.among_roles_left) == (("policy-2021",), True)


def test_who_is_restricted_meanwhile_is_not_moved(office: Matters) -> None:
    begin(office)
    fail(office)
    propose(office)
    do(office, "restrict", D(2021, 10, 25), what=NO_VISOR).then(f.VettingRestrictionSet)
    do(office, "restrict", D(2021, 10, 25), what=NO_VISOR).then_nothing()
    assert office.run_clock(MOVED) == ()


@pytest.mark.parametrize(
    ("inputs", "clause"),
    [({"connected_with_discipline": True}, "VE-03-support"), ({}, "VE-06")],
)
def test_nothing_is_owed_to_a_recruit_nor_in_discipline(
    office: Matters, inputs: dict[str, Any], clause: str
) -> None:
    begin(office, recruit=not inputs)
    fail(office, **inputs).saying(is_supported=False)
    lodge(office, D(2021, 10, 5)).then(f.VettingAppealLodged)
    assert owed(office) == {("determination", "")}
    for act in ("review-risk", "support-appeal"):
        do(office, act, D(2021, 10, 6), reference="X").then_refused(clause)
    propose(office).then_refused(clause)


def test_an_appeal_upheld_after_the_move_is_owed_a_way_back(office: Matters) -> None:
    begin(office)
    fail(office)
    lodge(office, D(2021, 10, 15))
    propose(office)
    office.run_clock(MOVED)
    uphold(office, D(2021, 12, 6)).saying(to_put_right=(Follows.REDEPLOYMENT,), level="NPPV2")
    uphold(office, D(2021, 12, 6)).then_nothing()
    assert owed(office) == {("put-right", "redeployment")}
    back = do(office, "reverse-redeployment", D(2021, 12, 20))
    back.then(f.VettingRedeploymentReversed).saying(changes={Facet.UNIT: "Leeds 2"})
    assert owed(office) == set()


def test_what_followed_may_stay_by_agreement(office: Matters) -> None:
    begin(office)
    fail(office)
    lodge(office, D(2021, 10, 15))
    do(office, "restrict", D(2021, 10, 25), what=NO_VISOR)
    uphold(office, D(2021, 12, 6))
    keep = {"follows": "restriction"}
    do(office, "keep-outcome", D(2021, 12, 7), **keep).then(f.VettingOutcomeKept)
    do(office, "keep-outcome", D(2021, 12, 7), **keep).then_nothing()
    assert owed(office) == set()


def test_a_leaver_is_passed_by(office: Matters) -> None:
    begin(office)
    fail(office)
    propose(office)
    office.entries = employed(until=D(2021, 10, 30))
    (passed_by,) = office.run_clock(MOVED)
    assert isinstance(passed_by, f.VettingRedeploymentPassedBy)


# --- late knowledge ------------------------------------------------------------------------------


@pytest.fixture
def moved(office: Matters) -> Matters:
    begin(office)
    fail(office)
    lodge(office, D(2021, 10, 15))
    propose(office)
    office.run_clock(MOVED)
    return office


def to_settle(office: Matters) -> list[str]:
    return [duty.step for duty in office.duties().values()]


def test_an_appeal_upheld_before_the_move_and_learned_after_it(moved: Matters) -> None:
    uphold(moved, D(2021, 10, 28), D(2021, 11, 9))
    assert to_settle(moved) == ["redeploy"]
    moved.redo_everything(D(2021, 11, 10))
    assert to_settle(moved) == []
    found = moved.answer(MATTER, "moved-under", D(2021, 11, 10))
    assert isinstance(found, MovedUnder)
    assert not found.moved


def test_a_policy_that_held_before_the_move_and_was_shown_after_it(moved: Matters) -> None:
    shown = {"version": "policy-2021", "shown_by": "the policy as issued"}
    late = do(moved, "take-effect", D(2021, 10, 28), today=D(2021, 11, 29), **shown)
    assert late.refusal is None
    assert to_settle(moved) == ["redeploy"]
    assert governing(moved, MOVED, D(2021, 11, 29)).governing == "policy-2021"
    moved.settle_everything(Settlement.STANDS, D(2021, 11, 30))
    assert to_settle(moved) == []


def test_nothing_is_to_be_settled_where_the_policy_held_only_later(moved: Matters) -> None:
    shown = {"version": "policy-2021", "shown_by": "the policy as issued"}
    do(moved, "take-effect", ANNOUNCED, today=D(2021, 11, 29), **shown)
    assert to_settle(moved) == []


def test_a_start_is_shown_by_a_document_and_once(office: Matters) -> None:
    begin(office)
    said = {"version": "policy-2021"}
    do(office, "take-effect", ANNOUNCED, **said).then_refused("VE-04-starts", because="document")
    do(office, "take-effect", ANNOUNCED, version="x").then_refused(because="it has assurance-2017")
    shown = said | {"shown_by": "the policy as issued"}
    do(office, "take-effect", ANNOUNCED, **shown).then(f.VettingPolicyTookEffect)
    do(office, "take-effect", D(2021, 12, 1), **shown).then_nothing()
    fail(office, D(2021, 11, 22))
    propose(office, D(2021, 11, 24), D(2021, 12, 6)).then_refused("VE-04", because="restriction")


def test_nothing_is_answered_of_a_day_before_it(office: Matters) -> None:
    begin(office)
    with pytest.raises(Refused, match="had not failed"):
        office.answer(MATTER, "moved-under", FAILED)
    with pytest.raises(Refused, match="no vetting had been asked for"):
        office.answer(MATTER, "requirement", D(2021, 9, 5))

"""An appointment as a kind of the engine: who acts for a member of staff, for what, and until when.

Without engines, and without an edition: the kind goes by none.
"""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.matter import facts as t
from transfer.core.matter.completeness import faults
from transfer.core.matter.no_edition import NONE, NoEdition
from transfer.core.refusals import Malformed, Refused
from transfer.kinds import KNOWN
from transfer.procedures.representation import facts as f
from transfer.procedures.representation.decisions import Appointment
from transfer.procedures.representation.kind import REPRESENTATION

FIRST, SECOND = "representation:S1.1", "representation:S1.2"
DAY = timedelta(days=1)
SIGNED, BEGINS, ENDS = date(2026, 11, 27), date(2026, 12, 1), date(2027, 12, 1)


@pytest.fixture
def office() -> Matters:
    return Matters((REPRESENTATION,), NoEdition())


def appoint(office: Matters, matter: str = FIRST, *, on: date = SIGNED, **inputs: Any) -> Asked:
    given: dict[str, Any] = {
        "representative": "rep-1",
        "scope": ["record"],
        "effective_from": BEGINS,
    } | inputs
    return ask(office, matter, "appoint", on=on, person="S1", **given)


def dismiss(office: Matters, on: date, today: date | None = None) -> Asked:
    return ask(office, FIRST, "dismiss", on=on, today=today, person="S1")


def appointment(office: Matters) -> Appointment:
    found = office.state(FIRST, "S1").mine.substance
    assert isinstance(found, Appointment)
    return found


def test_the_declaration_lacks_nothing() -> None:
    assert faults(*KNOWN.kinds) == ()
    assert REPRESENTATION in KNOWN.kinds


def test_an_appointment_says_who_acts_for_what_and_when(office: Matters) -> None:
    asked = appoint(office, scope=["procedures", "record", "record"], effective_to=ENDS)
    asked.then(f.RepresentativeAppointed).saying(
        representative="rep-1",
        scopes=(f.Scope.RECORD, f.Scope.PROCEDURES),
        effective_from=BEGINS,
        effective_to=ENDS,
        edition=NONE,
        happened_on=SIGNED,
    )
    assert REPRESENTATION.sentence(asked.facts[0]) == (
        "rep-1 acts for the member (record, procedures) from 2026-12-01, "
        "up to and excluding 2027-12-01"
    )


def test_the_signed_document_is_what_it_rests_on(office: Matters) -> None:
    new = office.decided(
        FIRST,
        "appoint",
        on=SIGNED,
        person="S1",
        shown_by="form 7",
        representative="rep-1",
        scope=["record"],
        effective_from=BEGINS,
    )
    assert new[0].fact.basis.document == "form 7"
    assert (new[0].fact.basis.rulebook, new[0].fact.basis.clause) == (None, None)


@pytest.mark.parametrize(
    ("day", "runs"),
    [
        pytest.param(BEGINS - DAY, False, id="the-day-before"),
        pytest.param(BEGINS, True, id="its-first-day"),
        pytest.param(ENDS - DAY, True, id="its-last-day"),
        pytest.param(ENDS, False, id="the-day-after"),
    ],
)
def test_on_which_days_it_runs(office: Matters, day: date, runs: bool) -> None:
    appoint(office, effective_to=ENDS)
    assert appointment(office).runs_on(day) is runs


def test_dismissed_at_once_and_once(office: Matters) -> None:
    appoint(office)
    on = BEGINS + DAY
    dismiss(office, on).then(f.RepresentativeDismissed).saying(representative="rep-1")
    assert appointment(office).runs_on(BEGINS)
    assert not appointment(office).runs_on(on)
    assert appointment(office).is_over(on)
    dismiss(office, on + DAY).then_nothing()


def test_dismissed_before_it_begins_it_never_runs(office: Matters) -> None:
    appoint(office)
    dismiss(office, SIGNED).then(f.RepresentativeDismissed)
    assert not appointment(office).runs_on(BEGINS)


def test_dismissed_late_it_ends_on_the_day_that_the_member_said(office: Matters) -> None:
    appoint(office)
    dismiss(office, BEGINS + DAY, today=BEGINS + 9 * DAY).then(f.RepresentativeDismissed).saying(
        happened_on=BEGINS + DAY, learned_on=BEGINS + 9 * DAY
    )
    assert not appointment(office).runs_on(BEGINS + DAY)


@pytest.mark.parametrize(
    ("on", "because"),
    [
        pytest.param(ENDS, "had ended already", id="ended"),
        pytest.param(SIGNED - DAY, "had been appointed by then", id="before-the-appointment"),
    ],
)
def test_what_cannot_be_dismissed(office: Matters, on: date, because: str) -> None:
    appoint(office, effective_to=ENDS)
    dismiss(office, on, today=ENDS).then_refused(because=because)


def test_the_same_appointment_again_is_there_already(office: Matters) -> None:
    appoint(office)
    appoint(office, SECOND).then_nothing()


@pytest.mark.parametrize(
    ("scope", "starts", "refused"),
    [
        pytest.param(["record"], BEGINS, True, id="the-same-scope"),
        pytest.param(["everything"], BEGINS, True, id="everything-reaches-into-each"),
        pytest.param(["procedures"], BEGINS, False, id="another-scope"),
        pytest.param(["record"], ENDS - DAY, True, id="on-its-last-day"),
        pytest.param(["record"], ENDS, False, id="once-it-has-ended"),
    ],
)
def test_one_representative_in_a_scope_at_a_time(
    office: Matters, scope: list[str], starts: date, refused: bool
) -> None:
    appoint(office, effective_to=ENDS)
    asked = appoint(office, SECOND, representative="rep-2", scope=scope, effective_from=starts)
    if refused:
        asked.then_refused(because="rep-1 is appointed for record from 2026-12-01")
    else:
        asked.then(f.RepresentativeAppointed)


@pytest.mark.parametrize("scope", [["record"], ["procedures"]], ids=lambda each: each[0])
def test_a_narrow_scope_lies_within_everything(office: Matters, scope: list[str]) -> None:
    appoint(office, scope=["everything"])
    appoint(office, SECOND, representative="rep-2", scope=scope).then_refused(
        because="rep-1 is appointed for everything"
    )


def test_another_is_appointed_once_the_first_is_dismissed(office: Matters) -> None:
    appoint(office)
    dismiss(office, SIGNED)
    appoint(office, SECOND, representative="rep-2").then(f.RepresentativeAppointed)


@pytest.mark.parametrize(
    ("inputs", "kind", "because"),
    [
        pytest.param(
            {"effective_from": SIGNED - DAY}, Refused, "before the appointment", id="backdated"
        ),
        pytest.param(
            {"effective_to": BEGINS}, Malformed, "later than effective_from", id="ends-at-once"
        ),
        pytest.param({"scope": []}, Malformed, "at least 1 item", id="no-scope"),
        pytest.param({"scope": ["pay"]}, Malformed, "everything", id="unknown-scope"),
        pytest.param({"representative": ""}, Malformed, "at least 1 char", id="nobody"),
        pytest.param({"representative": " rep"}, Malformed, "blank", id="blank-before"),
        pytest.param({"representative": "a\nb"}, Malformed, "printable", id="unprintable"),
    ],
)
def test_what_is_not_taken(
    office: Matters, inputs: dict[str, Any], kind: type[Refused | Malformed], because: str
) -> None:
    asked = appoint(office, **inputs)
    if kind is Refused:
        asked.then_refused(because="nobody is appointed for days before the appointment")
    else:
        asked.then_refused(because=because, kind=kind)


def test_an_appointment_learned_late_puts_the_later_one_to_be_settled(office: Matters) -> None:
    later, today = BEGINS + DAY, BEGINS + 9 * DAY
    appoint(office, on=later, effective_from=later).then(f.RepresentativeAppointed)
    new = office.decided(
        SECOND,
        "appoint",
        on=SIGNED,
        today=today,
        person="S1",
        representative="rep-2",
        scope=["record"],
        effective_from=BEGINS,
    )
    office.append(new)
    assert [type(each.fact) for each in new] == [f.RepresentativeAppointed, t.DutyToSettleOpened]
    assert [(each.matter, each.step) for each in office.duties().values()] == [(FIRST, "appoint")]
    office.redo_everything(today)
    assert office.duties() == {}
    assert not appointment(office).runs_on(today)


def test_a_dismissal_learned_late_takes_the_place_of_the_later_one(office: Matters) -> None:
    appoint(office)
    dismiss(office, BEGINS + 5 * DAY)
    dismiss(office, BEGINS + DAY, today=BEGINS + 9 * DAY)
    assert [each.step for each in office.duties().values()] == ["dismiss"]
    assert appointment(office).dismissed_on == BEGINS + DAY
    office.redo_everything(BEGINS + 9 * DAY)
    assert appointment(office).dismissed_on == BEGINS + DAY


def test_nothing_is_counted_without_an_edition() -> None:
    rules = NoEdition()
    assert not rules.waits("dismiss")
    with pytest.raises(Refused, match="no clause 4"):
        rules.period("4")
    with pytest.raises(Refused, match="nothing says how notice is counted"):
        rules.reckoning("notice")

"""Pay protection begins from a regrade, once, by what that says; and is made again with it.

Without engines. Who is regraded to a lower band, by an evaluation or by an option, has their pay
protected by the clause of the edition.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.support.matters import Matters, Position, ask
from transfer.core.dating.effective_dating import Entries, Entry
from transfer.core.matter import calling, late
from transfer.core.matter.facts import DutyToSettleOpened, StepRefused
from transfer.core.matter.late import Done, New
from transfer.core.record.staff import facet_pieces, leaving_pieces
from transfer.core.words import Facet
from transfer.procedures.choice import facts as c
from transfer.procedures.choice.kind import CHOICE
from transfer.procedures.departure.facts import EmploymentLeft
from transfer.procedures.departure.kind import DEPARTURE
from transfer.procedures.evaluation import facts as e
from transfer.procedures.evaluation.kind import EVALUATION
from transfer.procedures.exercise.kind import EXERCISE
from transfer.procedures.protection import facts as f
from transfer.procedures.protection.kind import PROTECTION
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

D = date
JOB, ROUND = "evaluation:vlo", "choice:moor"
LOWER_FROM = D(2023, 7, 1)


def office_of(edition: str) -> Matters:
    """Somebody in Band 4 of the Ministry since 2016."""
    values: dict[Facet, str | None] = {
        Facet.EMPLOYER: "Ministry of Justice",
        Facet.BAND: "4",
        Facet.FTE: "1",
    }
    pieces = facet_pieces(values, assignment="main", effective_from=D(2016, 1, 1))
    entries = Entries([Entry(UUID(int=1 << 100), datetime(2016, 1, 1, tzinfo=UTC), pieces)])
    kinds = (EVALUATION, CHOICE, PROTECTION)
    return Matters(kinds, binding(rulebook(edition).with_values()), entries=entries)


def evaluated_lower(office: Matters, *, salary: str | None = "30000.00") -> None:
    """A job of Band 4 comes out in Band 3."""
    job: dict[str, Any] = {"job": "officer", "band": "4", "begun_by": "organisation"}
    panel: dict[str, Any] = {
        "panel": "first",
        "description": "of 2021",
        "sat": ["E1", "E2", "U1"],
        "trained": ["E1", "E2"],
        "for_unions": ["U1"],
        "chaired_by": "E1",
        "senior_in_the_chair": True,
    }
    stated: dict[str, Any] = {"description": "of 2021", "effective_from": D(2021, 6, 26)}
    for act, on, said in (
        ("begin", D(2022, 3, 1), job),
        ("state-description", D(2022, 3, 1), stated),
        ("record-panel", D(2023, 3, 14), panel),
        ("record-outcome", D(2023, 3, 14), {"panel": "first", "band": "3"}),
    ):
        assert ask(office, JOB, act, on=on, **said).facts
    if salary is not None:
        worth: dict[str, Any] = {"band": "4", "a_year": salary, "effective_from": D(2022, 4, 1)}
        ask(office, JOB, "state-pay", on=D(2023, 6, 1), person="S1", **worth)


def regrade(office: Matters) -> None:
    """The lower band is proposed, approved, and holds on its day."""
    said: dict[str, Any] = {"effective_from": LOWER_FROM, "months": 18}
    ask(office, JOB, "regrade", on=D(2023, 6, 1), person="S1", **said).then(e.RegradeProposed)
    office.run_clock(LOWER_FROM)
    approve: dict[str, Any] = {"step": "lower-band"}
    approved = office.decided(JOB, "approve", on=LOWER_FROM, person="S1", by="other", **approve)
    office.append(approved)
    in_band(office, "3", LOWER_FROM)
    office.run_clock(LOWER_FROM)


def in_band(office: Matters, band: str, on: date) -> None:
    """The record says it from the day of the lower band: in this office no fact states it there."""
    pieces = facet_pieces({Facet.BAND: band}, assignment="main", effective_from=LOWER_FROM)
    at = datetime(on.year, on.month, on.day, tzinfo=UTC)
    office.entries.add(Entry(UUID(int=on.toordinal() << 100), at, pieces))


def refusals(office: Matters) -> list[tuple[str, ...]]:
    """Why protection did not begin."""
    found = (each.fact for each in office.records if isinstance(each.fact, StepRefused))
    return [each.reasons for each in found]


def granted(office: Matters) -> list[f.ProtectionGranted]:
    return [each.fact for each in office.records if isinstance(each.fact, f.ProtectionGranted)]


def owed(office: Matters, matter: str, what: str, about: str = "") -> bool:
    due = office.state(matter, "S1").due(what, about)
    return due is not None and due.is_open


def test_a_lower_outcome_begins_protection_for_the_months_that_were_agreed() -> None:
    office = office_of("job-evaluation-2016")
    evaluated_lower(office)
    regrade(office)
    (made,) = granted(office)
    assert (made.matter, made.against) == ("protection:S1.1", JOB)
    assert (made.salary, made.band, made.effective_from) == (Decimal("30000.00"), "4", LOWER_FROM)
    assert (made.lasts.last_day, made.lasts.later) == (D(2024, 12, 31), D(2025, 1, 1))
    assert made.basis.clause == "JE-04"
    assert not owed(office, JOB, "owed-by-outcome", "protection")
    assert owed(office, JOB, "owed-by-outcome", "training")
    assert not office.duties()


def test_where_no_salary_is_known_the_duty_stays() -> None:
    office = office_of("job-evaluation-2016")
    evaluated_lower(office, salary=None)
    regrade(office)
    assert not granted(office)
    assert owed(office, JOB, "owed-by-outcome", "protection")
    assert refusals(office) == [(f"nobody has said in {JOB} which salary is protected",)]
    assert owed(office, JOB, "refused-step", "protection")
    by_hand: dict[str, Any] = {
        "ground": "lower-outcome",
        "salary": "30000.00",
        "effective_from": LOWER_FROM,
        "against": JOB,
    }
    ask(office, "protection:S1.1", "grant", on=D(2023, 7, 3), person="S1", **by_hand)
    assert not owed(office, JOB, "owed-by-outcome", "protection")
    assert not owed(office, JOB, "refused-step", "protection")


@pytest.mark.parametrize("since", [LOWER_FROM, D(2023, 7, 15)])
def test_not_beside_one_that_somebody_has_begun_by_hand(since: date) -> None:
    office = office_of("job-evaluation-2016")
    evaluated_lower(office)
    by_hand: dict[str, Any] = {
        "ground": "lower-outcome",
        "salary": "30000.00",
        "effective_from": since,
    }
    ask(office, "protection:S1.1", "grant", on=D(2023, 6, 1), person="S1", **by_hand)
    regrade(office)
    assert len(granted(office)) == 1
    assert owed(office, JOB, "owed-by-outcome", "protection")
    ((reason,),) = refusals(office)
    assert f"protected from {since}" in reason
    assert "(protection:S1.1)" in reason


def test_where_the_band_is_as_before_again_the_beginning_is_to_be_settled() -> None:
    office = office_of("job-evaluation-2016")
    evaluated_lower(office)
    regrade(office)
    upheld, again = D(2023, 9, 1), D(2023, 9, 4)
    ask(office, JOB, "appeal-for-all", on=D(2023, 8, 1), body="Napo")
    ask(office, JOB, "determine-appeal", on=upheld, outcome="upheld", band="4")
    assert not office.duties()
    restored = office.decided(JOB, "regrade", on=again, person="S1")
    assert [type(each.fact) for each in restored] == [e.RegradedByEvaluation]
    in_band(office, "4", again)
    office.append(restored)
    (duty,) = office.duties().values()
    assert (duty.matter, duty.step, duty.would_state) == ("protection:S1.1", "take-on", ())


def test_another_salary_is_not_stated_once_one_is_protected() -> None:
    office = office_of("job-evaluation-2016")
    evaluated_lower(office)
    regrade(office)
    worth: dict[str, Any] = {"band": "4", "effective_from": LOWER_FROM}
    day = D(2023, 7, 3)
    other = ask(office, JOB, "state-pay", on=day, person="S1", a_year="31000.00", **worth)
    other.then_refused("JE-04", because="(protection:S1.1): say there that another salary")
    worth["effective_from"] = D(2023, 7, 2)
    ask(office, JOB, "state-pay", on=day, person="S1", a_year="31000.00", **worth).then(
        e.PayOfBandStated
    )


def test_what_was_learned_late_of_the_regrade_puts_its_protection_up_for_settling() -> None:
    office = office_of("job-evaluation-2016")
    evaluated_lower(office)
    regrade(office)
    other: dict[str, Any] = {"panel": "first", "band": "4"}
    found = office.decided(JOB, "record-outcome", on=D(2023, 3, 15), today=D(2023, 8, 1), **other)
    office.append(found)
    # As the command does for everybody in the matter: what of theirs would come out otherwise.
    world, today = office.world("S1", JOB), D(2023, 8, 1)
    done = Done(by="office", today=today, happened_on=today)
    duties = late.reconsider(world, before=world, because_of="record-outcome", done=done)
    opened = [each.fact for each in duties if isinstance(each.fact, DutyToSettleOpened)]
    (of_protection,) = (each for each in opened if each.step == "take-on")
    assert (of_protection.matter, of_protection.would_state) == ("protection:S1.1", ())


def test_an_option_that_lowers_pay_begins_protection_once_the_salary_is_stated() -> None:
    office = office_of("omic-2018")
    regraded_by_option(office)
    assert not granted(office)
    assert owed(office, ROUND, "begin-protection")
    stated: dict[str, Any] = {"a_year": "31000"}
    ask(office, ROUND, "state-salary", on=D(2019, 1, 7), person="S1", **stated).then(c.SalaryStated)
    (made,) = granted(office)
    assert (made.salary, made.band, made.against) == (Decimal(31000), "4", ROUND)
    assert (made.ground, made.basis.clause) == ("regraded-to-band-3", "OM-06-protection")
    # Two years, by the safe reading to the eve of the day.
    assert made.lasts.last_day == D(2020, 12, 31)
    assert not owed(office, ROUND, "begin-protection")
    ask(office, ROUND, "state-salary", on=D(2019, 1, 7), person="S1", **stated).then_nothing()
    other = ask(office, ROUND, "state-salary", on=D(2019, 1, 9), person="S1", a_year="32000")
    other.then_refused("OM-06-B", because="(protection:S1.1): say there that another salary")


def regraded_by_option(office: Matters) -> None:
    """Somebody of cohort B takes the option to regrade from 1 January 2019."""
    begun: dict[str, Any] = {
        "scheme": "surplus-band-4",
        "establishment": "HMP Leeds",
        "estate": "closed",
    }
    ask(office, ROUND, "begin", on=D(2018, 10, 20), **begun).then(c.RoundBegun)
    ask(office, ROUND, "tell-options", on=D(2018, 11, 1), person="S1", cohort="B")
    took: dict[str, Any] = {"option": "regrade", "effective_from": D(2019, 1, 1)}
    ask(office, ROUND, "accept", on=D(2018, 11, 5), person="S1", **took).then(c.OptionAccepted)
    office.run_clock(D(2019, 1, 1))
    approved = office.decided(
        ROUND, "approve", on=D(2019, 1, 1), person="S1", by="other", step="regrade"
    )
    office.append(approved)
    office.run_clock(D(2019, 1, 1))


def test_an_objection_after_the_transfer_puts_the_exercises_decision_up_for_settling() -> None:
    exercise, departure, day = "exercise:wl", "departure:S1.1", D(2019, 2, 15)
    values: dict[Facet, str | None] = {
        Facet.EMPLOYER: "Wales Community Rehabilitation Company",
        Facet.UNIT: "Cardiff",
        Facet.ROLE: "case administrator",
        Facet.BAND: "2",
    }
    pieces = facet_pieces(values, assignment="main", effective_from=D(2012, 4, 2))
    recorded = Entry(UUID(int=1 << 100), datetime(2012, 4, 2, tzinfo=UTC), pieces)
    rules = binding(rulebook("working-links-2019").with_values())
    office = Matters((EXERCISE, DEPARTURE), rules, entries=Entries([recorded]))
    ask(office, exercise, "begin", on=day, transferors=["Wales"], rehearsed=False)
    ask(office, exercise, "set-scope", on=day, criterion="all", members=["S1"])
    assert ask(office, exercise, "join", on=day, person="S1").facts
    assert ask(office, exercise, "propose", on=day, person="S1", seed="").facts
    late: dict[str, Any] = {
        "ground": "late-objection",
        "transfer_on": day,
        "new_employer_known_on": D(2019, 2, 20),
    }
    ask(office, departure, "begin", on=D(2019, 2, 22), person="S1", **late)
    office.run_clock(D(2019, 2, 22))
    office.append(
        office.decided(
            departure, "approve", on=D(2019, 2, 25), person="S1", by="other", step="end-employment"
        )
    )
    (left,) = (
        fact for fact in office.run_clock(D(2019, 2, 25)) if isinstance(fact, EmploymentLeft)
    )
    # The office of this test has no record that facts of procedures change: it is given here.
    before = office.world("S1", exercise)
    ends = leaving_pieces("main", left.effective_from)
    at = datetime(2019, 2, 25, tzinfo=UTC)
    has_left = Entries([recorded, Entry(UUID(int=2 << 100), at, ends)])
    after = replace(before, position=Position(has_left), positions={departure: before.position})
    done = Done(by="office", today=D(2019, 2, 25), happened_on=D(2019, 2, 25))
    found = calling.reopened(after, before, [New("S1", left)], "it", done)
    opened = [each.fact for each in found if isinstance(each.fact, DutyToSettleOpened)]
    assert {(each.matter, each.step) for each in opened} == {
        (exercise, "join"),
        (exercise, "propose"),
    }
    declared = next(each.fact for each in office.records if each.fact.matter == departure)
    assert not calling.reopened(before, before, [New("S1", declared)], "it", done)

"""The evaluation of a job as a kind of the engine: what is done already, what is refused, and what
a regrade does where it is made again.

Without engines, under the program's own edition. Sums are worked out by hand.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from tests.support.matters import Asked, Matters, ask
from transfer.core.dating.effective_dating import Entries, Entry
from transfer.core.record.staff import facet_pieces
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.words import Facet
from transfer.procedures.evaluation import facts as f
from transfer.procedures.evaluation.asking import BackPayShown, BandsShown
from transfer.procedures.evaluation.edition import Evaluation
from transfer.procedures.evaluation.kind import EVALUATION
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

D = date
MATTER = "evaluation:vlo"
BEGUN, CHANGED, SAT, PAID = D(2022, 3, 1), D(2021, 6, 26), D(2023, 3, 14), D(2023, 6, 1)
JOB: dict[str, Any] = {"job": "victim liaison officer", "band": "3", "begun_by": "organisation"}
PANEL: dict[str, Any] = {
    "panel": "first",
    "description": "of 2021",
    "sat": ["E1", "E2", "U1"],
    "trained": ["E1", "E2"],
    "for_unions": ["U1"],
    "chaired_by": "E1",
    "senior_in_the_chair": True,
}

Acts = tuple[tuple[str, Mapping[str, Any]], ...]


def position(*more: tuple[date, dict[Facet, str | None]], until: date | None = None) -> Entries:
    """Somebody in Band 3 since 2016; `more` changes that from days on."""
    values: dict[Facet, str | None] = {
        Facet.EMPLOYER: "Ministry of Justice",
        Facet.BAND: "3",
        Facet.FTE: "1",
    }
    stated = [(D(2016, 1, 1), values), *more]
    return Entries(
        [
            Entry(
                UUID(int=(n + 1) << 100),
                datetime(2016, 1, 1 + n, tzinfo=UTC),
                facet_pieces(each, assignment="main", effective_from=day, effective_to=until),
            )
            for n, (day, each) in enumerate(stated)
        ]
    )


@pytest.fixture
def office() -> Matters:
    rules = binding(rulebook("job-evaluation-2016").with_values())
    return Matters((EVALUATION,), rules, entries=position())


def job(office: Matters, act: str, on: date = SAT, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, **inputs)


def person(office: Matters, act: str, on: date = PAID, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, person="S1", **inputs)


def evaluated(office: Matters, band: str = "4", day: date | None = CHANGED) -> None:
    job(office, "begin", BEGUN, **JOB).then(f.EvaluationBegun)
    stated: dict[str, Any] = {"description": "of 2021"}
    stated |= {} if day is None else {"effective_from": day}
    job(office, "state-description", BEGUN, **stated).then(f.JobDescriptionStated)
    job(office, "record-panel", **PANEL).then(f.EvaluationPanelSat)
    job(office, "record-outcome", panel="first", band=band).then(f.JobEvaluated)


def test_the_same_again_is_done_already(office: Matters) -> None:
    job(office, "begin", BEGUN, **JOB)
    job(office, "begin", BEGUN, **JOB).then_refused(because="already", kind=AlreadyOnRecord)
    described = {"description": "of 2021", "effective_from": CHANGED}
    before: Acts = (
        ("state-description", described),
        ("implement", described),
        ("note-review", {"description": "of 2021", "found": "Band 4"}),
        ("assert-day", {"said_by": "unions", "effective_from": D(2019, 7, 4)}),
        ("put-in-set", {"of_set": "unification"}),
        ("pause-set", {"of_set": "unification"}),
        ("resume-set", {"of_set": "unification"}),
    )
    for act, said in before:
        assert job(office, act, BEGUN, **said).facts, act
        job(office, act, BEGUN, **said).then_nothing()
    job(office, "record-panel", for_set="unification", **PANEL)
    after: Acts = (
        ("record-outcome", {"panel": "first", "band": "4"}),
        ("set-signing-day", {"sign_by": PAID}),
        ("appeal-for-all", {"body": "Napo"}),
        ("determine-appeal", {"outcome": "rejected"}),
    )
    for act, said in after:
        assert job(office, act, **said).facts, act
        job(office, act, **said).then_nothing()
    own: Acts = (
        ("appeal", {}),
        ("state-pay", {"band": "3", "a_year": "27000.00", "effective_from": D(2019, 4, 1)}),
        ("reserve-rights", {}),
        ("regrade", {"goes_by": "unions"}),
    )
    for act, said in own:
        assert person(office, act, **said).facts, act
        person(office, act, **said).then_nothing()


def test_a_review_is_due_six_months_later_and_at_the_end_of_a_shorter_month(
    office: Matters,
) -> None:
    job(office, "begin", BEGUN, **JOB)
    for day, due in ((D(2016, 8, 31), D(2017, 2, 28)), (D(2016, 10, 3), D(2017, 4, 3))):
        said: Mapping[str, Any] = {"description": str(day), "effective_from": day}
        job(office, "state-description", BEGUN, **said)
        made = job(office, "implement", BEGUN, **said).facts[0]
        assert isinstance(made, f.JobDescriptionImplemented)
        assert made.review_by.on == due


def test_two_of_three_requirements_are_not_enough_unless_somebody_says_why(
    office: Matters,
) -> None:
    job(office, "begin", BEGUN, **JOB)
    job(office, "state-description", BEGUN, description="of 2021")
    lacking = PANEL | {"sat": ["E1", "U1"], "trained": ["E1"]}
    sat = job(office, "record-panel", **lacking).facts[0]
    assert isinstance(sat, f.EvaluationPanelSat)
    assert sat.fails == ("JE-01-members", "JE-01-trained")
    refused = job(office, "record-outcome", panel="first", band="4")
    refused.then_refused("JE-01-members", "JE-01-trained")
    why: Mapping[str, Any] = {"admitted_because": "both sides agreed to it"}
    job(office, "record-outcome", panel="first", band="4", **why).then(f.JobEvaluated)


def test_a_regrade_goes_by_a_day_that_is_on_record_or_asserted(office: Matters) -> None:
    evaluated(office, day=None)
    person(office, "regrade").then_refused("E3-07-day", because="documented")
    job(office, "assert-day", said_by="employer", effective_from=D(2021, 6, 26))
    person(office, "regrade").then_refused("E3-07-day")
    person(office, "regrade", goes_by="ministry").then_refused(
        "E3-07", because="ministry had asserted no day: employer did"
    )
    early = person(office, "regrade", goes_by="employer", paid_from=D(2021, 6, 1))
    early.then_refused("E3-07", because="nothing is paid by it before 2021-06-26")
    person(office, "regrade", goes_by="employer", months=3).then_refused("E3-07")
    person(office, "regrade", goes_by="employer").then(f.RegradedByEvaluation).saying(
        effective_from=D(2021, 6, 26), paid_from=PAID, before="3", waited=False
    )


def test_a_regrade_made_again_moves_earlier_and_never_later(office: Matters) -> None:
    evaluated(office, day=None)
    job(office, "assert-day", said_by="employer", effective_from=D(2021, 6, 26))
    job(office, "assert-day", said_by="unions", effective_from=D(2019, 7, 4))
    person(office, "regrade", goes_by="employer")
    later = person(office, "regrade", D(2024, 1, 8), goes_by="unions")
    later.then(f.RegradedByEvaluation).saying(effective_from=D(2019, 7, 4), paid_from=PAID)
    person(office, "regrade", D(2024, 1, 9), goes_by="employer").then_refused(
        "E3-07", because="lower pay back in time"
    )


def test_which_of_two_hay_bands_is_higher_no_source_says(office: Matters) -> None:
    job(office, "begin", BEGUN, **JOB | {"band": "B"})
    job(office, "state-description", BEGUN, description="of 2021", effective_from=BEGUN)
    job(office, "record-panel", **PANEL)
    job(office, "record-outcome", panel="first", band="C")
    person(office, "regrade").then_refused("JE-01-hay", because="no source says which is higher")


def test_nobody_is_regraded_for_a_day_on_which_nobody_employed_them(office: Matters) -> None:
    evaluated(office)
    office.entries = position(until=D(2021, 6, 1))
    person(office, "regrade").then_refused("E3-07", because="not employed on 2021-06-26")


def answered(office: Matters, on: date, **asked: Any) -> BackPayShown:
    found = office.answer(MATTER, "back-pay", on, **asked)
    assert isinstance(found, BackPayShown)
    return found


def test_back_pay_counts_pay_rises_hours_and_days_without_an_employer(office: Matters) -> None:
    """From 16 November 2022: 15 of 30 days at 200.00 are 100.00; December 200.00; from January a
    rise makes it 300.00, of which half the hours are 150.00; nobody employs them from 15 February:
    14 of 28 days are 75.00."""
    office.entries = position((D(2023, 1, 1), {Facet.FTE: "0.5"}), until=D(2023, 2, 15))
    evaluated(office, day=D(2022, 11, 16))
    person(office, "state-pay", band="3", a_year="24000.00", effective_from=D(2020, 4, 1))
    person(office, "state-pay", band="4", a_year="26400.00", effective_from=D(2020, 4, 1))
    person(office, "state-pay", band="4", a_year="27600.00", effective_from=D(2023, 1, 1))
    found = answered(office, D(2023, 3, 31)).by[0]
    pays = [each.pay for each in found.months]
    assert pays == [Decimal(s) for s in ("100.00", "200.00", "150.00", "75.00", "0.00")]
    assert found.owed == Decimal("525.00")


def test_back_pay_without_what_a_band_is_worth_is_not_known(office: Matters) -> None:
    evaluated(office)
    with pytest.raises(Refused, match="what Band 3 is worth on 2021-06-26"):
        answered(office, PAID)


def test_back_pay_is_owed_until_all_of_it_is_paid(office: Matters) -> None:
    evaluated(office, day=D(2023, 4, 1))
    person(office, "state-pay", band="3", a_year="24000.00", effective_from=D(2020, 4, 1))
    person(office, "state-pay", band="4", a_year="26400.00", effective_from=D(2020, 4, 1))
    person(office, "pay-back-pay", paid="1.00").then_refused("E3-07")
    person(office, "regrade")
    person(office, "pay-back-pay", paid="150.00").saying(short=Decimal("250.00"))
    due = office.state(MATTER, "S1").due("pay-back-pay")
    assert due is not None
    assert due.is_open
    person(office, "pay-back-pay", paid="250.00").saying(short=Decimal("0.00"))
    due = office.state(MATTER, "S1").due("pay-back-pay")
    assert due is not None
    assert not due.is_open


def test_without_anybody_who_names_a_day_no_band_is_due(office: Matters) -> None:
    evaluated(office, day=None)
    found = office.answer(MATTER, "bands", D(2023, 4, 30), since=D(2023, 3, 1))
    assert isinstance(found, BandsShown)
    assert [each.paid for each in found.months] == ["3", "3"]
    assert not found.is_short
    assert [each.clause for each in found.not_known] == ["E3-07-day"]


def test_an_edition_does_not_call_two_entries_the_same() -> None:
    part = rulebook("job-evaluation-2016").part(Evaluation)
    twice = part.model_dump() | {"sets": [part.sets[0].model_dump()] * 2}
    with pytest.raises(ValidationError, match=r"\[\[evaluation.set\]\] are called the same"):
        Evaluation.model_validate(twice)

"""Whether panels decide alike: on appeals, and on the bands of jobs."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from projections.exercise.appeals import Stands
from tests.support.logs import LogInMemory
from tests.support.stamps import stamp
from transfer.core.matter.reckoning import Reckoned
from transfer.core.words import Basis, Facet
from transfer.procedures.evaluation import facts as v
from transfer.questions.appeals_made import AppealMade, Decision, Ground
from transfer.questions.consistency import (
    JobDecided,
    compared,
    evaluation_panels,
    jobs_decided,
    jobs_otherwise,
)

BASIS = Basis(rulebook="job-evaluation-2016", clause="E3-07")
MARCH, JUNE = date(2023, 3, 1), date(2023, 6, 1)


def _jobs(name: str, *found: tuple[str, str, str, date], on: date = JUNE) -> list[JobDecided]:
    """What panels found in one evaluation of the same job: panel, description, band, day."""
    matter = f"evaluation:{name}"
    begun = v.EvaluationBegun(
        **stamp(matter, BASIS, MARCH),
        edition="job-evaluation-2016",
        digest="0" * 64,
        calendar="ew-2026",
        values=(),
        job="victim liaison officer",
        band="3",
        begun_by=v.BegunBy.STAFF,
        scheme="nnc",
        sets=(),
        unions=(),
    )
    evaluated = (
        v.JobEvaluated(
            **stamp(matter, BASIS, day),
            panel=panel,
            description=description,
            band=band,
            before="3",
            appeal_by=Reckoned(basis=BASIS),
            admitted_because="",
        )
        for panel, description, band, day in found
    )
    log = LogInMemory((matter, begun), *((matter, each) for each in evaluated))
    return [*jobs_decided(matter, log.events, on)]


def test_panels_that_found_different_bands_on_one_description() -> None:
    jobs = _jobs("one", ("North", "of 2019", "4", MARCH)) + _jobs(
        "two", ("South", "of 2019", "3", JUNE), ("South", "of 2022", "4", JUNE)
    )
    assert [(each.panel, each.jobs, each.another_band) for each in evaluation_panels(jobs)] == [
        ("North", 1, 1),
        ("South", 2, 1),
    ]
    (otherwise,) = jobs_otherwise(jobs)
    assert (otherwise.job, otherwise.description) == ("victim liaison officer", "of 2019")
    assert [(each.panel, each.band, each.evaluation) for each in otherwise.found] == [
        ("North", "4", "one"),
        ("South", "3", "two"),
    ]


def test_what_was_found_after_the_day_is_not_compared() -> None:
    found = ("North", "of 2019", "4", MARCH), ("South", "of 2019", "3", JUNE)
    assert [*jobs_otherwise(_jobs("one", *found))] != []
    assert [*jobs_otherwise(_jobs("one", *found, on=MARCH))] == []


# --- appeals -------------------------------------------------------------------------------------

RULE, OTHER_RULE = "R", "R2"


def _appeals(
    number: int,
    stands: Stands,
    *,
    exercise: str = "A",
    rule: str = RULE,
    band: str = "3",
    panel: str | None = "North",
) -> list[AppealMade]:
    """So many people, each with one appeal against what one rule said."""
    decided = stands in (Stands.UPHELD, Stands.REJECTED)
    people = (f"{exercise}-{rule}-{band}-{panel}-{stands}-{each}" for each in range(number))
    return [
        AppealMade(
            exercise=exercise,
            appeal=f"{person}.1",
            staff_number=person,
            lodged_on=MARCH,
            stands=stands,
            decision=Decision(JUNE, panel, UUID(int=0)) if decided else None,
            ground=Ground("tr-2013", rule, rule, "A-01"),
            work={Facet.BAND: band},
        )
        for person in people
    ]


def _told(made: list[AppealMade], *, listed: bool = False) -> list[tuple[object, ...]]:
    return [
        (each.panel, each.route, each.band, each.upheld, each.cases)
        for each in compared(made, [], 5, listed=listed).panels
    ]


def test_audit_has_no_number_that_the_report_of_appeals_could_be_subtracted_from() -> None:
    """By rule, 30 of R were upheld: a row of R and Band 3 with 26 would tell that Band 4 has 4."""
    made = [
        *_appeals(26, Stands.UPHELD),
        *_appeals(4, Stands.UPHELD, band="4"),
        *_appeals(20, Stands.UPHELD, rule=OTHER_RULE),
        *_appeals(30, Stands.REJECTED),
        *_appeals(10, Stands.REJECTED, band="4"),
        *_appeals(30, Stands.REJECTED, rule=OTHER_RULE),
    ]
    assert _told(made) == [("North", None, None, 50, 120)]
    assert ("North", RULE, "4", 4, 14) in _told(made, listed=True)


def test_audit_has_no_number_of_an_outcome_that_the_report_of_appeals_hides() -> None:
    """Two wait for a decision: so that report does not say how many were upheld."""
    made = [*_appeals(9, Stands.UPHELD), *_appeals(30, Stands.REJECTED)]
    assert _told(made) == [("North", None, None, 9, 39)]
    assert _told(made + _appeals(2, Stands.OPEN)) == [("North", None, None, None, None)]


def test_audit_has_over_all_exercises_what_the_report_of_each_shows() -> None:
    """A has 20 and B has 3 of each outcome: 23 in all, beside the report of A, would tell B's."""
    of_a = _appeals(20, Stands.UPHELD) + _appeals(20, Stands.REJECTED)
    of_b = [
        *_appeals(3, Stands.UPHELD, exercise="B"),
        *_appeals(3, Stands.REJECTED, exercise="B"),
    ]
    assert _told(of_a) == [("North", None, None, 20, 40)]
    assert _told(of_b) == _told(of_a + of_b) == [("North", None, None, None, None)]


def test_audit_has_nothing_of_job_evaluation() -> None:
    jobs = _jobs("one", ("North", "of 2019", "4", MARCH), ("South", "of 2019", "3", JUNE))
    listed, unlisted = (compared([], jobs, 5, listed=each) for each in (True, False))
    assert len(listed.evaluation_panels) == 2
    assert len(listed.jobs_otherwise) == 1
    assert (unlisted.evaluation_panels, unlisted.jobs_otherwise) == ((), ())


def test_a_panel_has_one_name_however_its_letters_are_encoded() -> None:
    """One name has its accent in the letter, the other as a separate mark after the letter."""
    one, other = "Caf\u00e9", "Cafe\u0301"
    jobs = [*_jobs("one", (one, "d", "4", MARCH)), *_jobs("two", (other, "d", "3", JUNE))]
    made = [*_appeals(1, Stands.UPHELD, panel=one), *_appeals(1, Stands.REJECTED, panel=other)]
    found = compared(made, jobs, 5, listed=True)
    assert [(each.panel, each.cases) for each in found.panels] == [(one, 2)]
    assert [(each.panel, each.jobs) for each in found.evaluation_panels] == [(one, 2)]
    assert {each.panel for each in found.otherwise[0].decisions} == {one}
    assert {each.panel for each in found.jobs_otherwise[0].found} == {one}

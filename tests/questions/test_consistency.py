"""Whether panels of job evaluation found different bands on one description."""

from __future__ import annotations

from datetime import date

from tests.support.logs import LogInMemory
from tests.support.stamps import stamp
from transfer.core.matter.reckoning import Reckoned
from transfer.core.words import Basis
from transfer.procedures.evaluation import facts as v
from transfer.questions.consistency import (
    JobDecided,
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

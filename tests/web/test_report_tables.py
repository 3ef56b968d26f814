"""Which rows the page of reports leaves out, and that it says so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from projections.exercise.appeals import Stands
from transfer.questions.consistency import (
    Consistency,
    DecidedOtherwise,
    EvaluationPanel,
    JobFound,
    JobFoundOtherwise,
    PanelDecision,
)
from transfer.web.everyone.reports import tables_of_panels

DAY = date(2023, 6, 1)


def _decided(number: int, band: str) -> DecidedOtherwise:
    decision = PanelDecision(
        panel="North",
        outcome=Stands.UPHELD,
        decided_on=DAY,
        event_id=UUID(int=0),
        exercise="tr",
        appeal=None,
        staff_number=None,
    )
    return DecidedOtherwise(
        edition="tr-2013",
        route="R",
        title=None,
        clause=None,
        band=band,
        decisions=(decision,) * number,
    )


def _job(number: int, job: str) -> JobFoundOtherwise:
    found = JobFound(
        panel="North", band="4", decided_on=DAY, evaluation="one", event_id=UUID(int=0)
    )
    return JobFoundOtherwise(job=job, scheme="nnc", description="d", found=(found,) * number)


def _tables(
    decisions: tuple[int, ...] = (), panels: int = 0, jobs: tuple[int, ...] = ()
) -> list[tuple[int, str]]:
    found = Consistency(
        exercise=None,
        effective_at=DAY,
        known_at=datetime(2023, 6, 1, 12, tzinfo=UTC),
        threshold=5,
        listed=True,
        panels=(),
        otherwise=tuple(_decided(each, str(at)) for at, each in enumerate(decisions)),
        evaluation_panels=(EvaluationPanel(panel="North", jobs=1, another_band=0),) * panels,
        jobs_otherwise=tuple(_job(each, str(at)) for at, each in enumerate(jobs)),
    )
    return [(len(each.rows), each.rest) for each in tables_of_panels(found)]


def test_what_is_left_out_is_counted_where_the_tables_end() -> None:
    says = "Not on this page: 25 decisions, which the API has."
    assert _tables(decisions=(40, 30, 5)) == [(40, ""), (10, says)]
    assert _tables(decisions=(50, 25)) == [(50, says)]
    assert _tables(decisions=(40, 10)) == [(40, ""), (10, "")]
    assert _tables(panels=51) == [(50, "Not on this page: 1 panel, which the API has.")]
    assert _tables(jobs=(2, 73)) == [(2, ""), (48, says)]

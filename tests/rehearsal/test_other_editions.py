"""Editions that the program has never heard of are rehearsed from beginning to end.

Nothing in the program names a clause, a destination, a route, a window or a day of theirs, nor of
`tr-2013`: with every clause renamed that comes to the same, word for word but for the names.
"""

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from projections.position.queries import timeline
from tests.rehearsal.conftest import ASSUMED, SILENT
from tests.rehearsal.golden import SEEDS, golden_file, play
from tests.support.rules_2013 import TR_2013
from transfer.app import Record, open_record
from transfer.core.streams import staff_stream
from transfer.imports.staff_return.invented import invented_return
from transfer.procedures.exercise import facts as a
from transfer.rehearsal.report import RehearsalReport
from transfer.rehearsal.run import Asked, rehearse
from transfer.rulebooks.loading import load_edition

pytestmark = pytest.mark.engines

EDITIONS = Path(__file__).parent / "editions"
PEOPLE = 60


def rehearsed(name: str, path: Path) -> RehearsalReport:
    book = load_edition((EDITIONS / f"{name}.toml").read_bytes())
    return rehearse(
        Asked(
            edition=book.edition,
            book=book,
            staff_return=invented_return(book, people=PEOPLE, seed=1).content,
            document="invented",
            assumed={},
            suggested=True,
        ),
        path,
        SILENT,
        time.monotonic,
    )


@contextmanager
def open_again(path: Path) -> Iterator[Record]:
    folder = DataFolder.open(path)
    with (
        folder.hold("tests"),
        start_engines(folder, temporal="none", durable=False) as engines,
        open_record(engines.database_url, folder) as record,
    ):
        yield record


def facts_of(record: Record) -> list[object]:
    return [
        recorded.fact
        for n in range(PEOPLE)
        for recorded in record.log.read(staff_stream(f"S{10_000 + n}"))
    ]


@pytest.mark.thorough
def test_three_destinations_places_a_draw_two_days_and_no_appeals(tmp_path: Path) -> None:
    path = tmp_path / "data"
    report = rehearsed("harbour-2031", path)
    assert report.completed
    assert report.discrepancies == ()
    assert report.appeals.lodged == report.objections == 0
    went: Counter[str] = Counter()
    for flow in report.flows:
        went[flow.place] += flow.headcount
    assert set(went) == {"quay", "dredge", "pilot"}
    assert sum(went.values()) == report.in_scope
    # A row gives no more than the places that there are.
    by_row = {(f.route, f.place): f.headcount for f in report.flows}
    assert by_row["by-hours", "pilot"] == 3
    assert by_row["drawn", "quay"] <= 20
    assert {r.step for r in report.refused_steps} <= {"propose"}
    with open_again(path) as record:
        facts = facts_of(record)
        moved = [fact for fact in facts if isinstance(fact, a.StaffTransferred)]
        assert {str(fact.effective_from) for fact in moved} == {"2031-05-01", "2031-06-02"}
        drawn = [f for f in facts if isinstance(f, a.AssignmentProposed) and f.evidence.draw]
        assert drawn
        assert {fact.evidence.matched for fact in drawn} == {"band != '9'"}
        days = {
            str(fact.windows[0].when.on)
            for fact in facts
            if isinstance(fact, a.AssignmentLetterIssued)
        }
        assert len(days) == 2  # each board has its own time to comment
        with record.log.connection() as conn:
            seen = timeline(conn, "S10000", report.clock_stopped_at)
        (kept,) = [lane for lane in seen.terms if lane.name == "pay_kept"]
        (period,) = kept.in_force
        assert period.effective_to is not None
        assert (period.effective_to.year - period.effective_from.year) == 2
        assert record.office.editions.find("harbour-2031").edition == "harbour-2031"


def test_only_line_managers_change(tmp_path: Path) -> None:
    path = tmp_path / "data"
    report = rehearsed("desks-2032", path)
    assert report.completed
    assert report.discrepancies == ()
    assert [(f.route, f.place, f.headcount) for f in report.flows] == [
        ("everybody", "same-desk", PEOPLE)
    ]
    with open_again(path) as record:
        moved = [f for f in facts_of(record) if isinstance(f, a.StaffTransferred)]
        assert len(moved) == PEOPLE
        assert all(list(fact.changes) == ["line_manager"] for fact in moved)


@pytest.mark.thorough
def test_renaming_every_clause_changes_the_names_alone(tmp_path: Path) -> None:
    seed = SEEDS[0]
    names = {each: f"rule.{each}" for each in TR_2013.by_id}
    book = load_edition(renamed(TR_2013.source.decode(), names).encode())
    assumed = {names[clause]: value for clause, value in ASSUMED.items()}
    found = play(seed, tmp_path / "data", book=book, assumed=assumed)
    expected = renamed(golden_file(seed).read_text(encoding="utf-8"), names)
    assert found.splitlines() == expected.splitlines()


def renamed(text: str, names: Mapping[str, str]) -> str:
    ids = "|".join(re.escape(each) for each in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w.-])({ids})(?![\w-])", lambda found: names[found[1]], text)

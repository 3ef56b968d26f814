"""What a rehearsal came to, as one text: outcomes, positions, terms and deadlines on both clocks.

The text holds days and words, no ids and no times of day, so that two programs that decide alike
write it alike. Each answer is given as known at the first of `KNOWN`, and after that only where it
reads differently: a line that changes its text is a decision that changed.

    .venv/bin/python -m tests.rehearsal.golden     writes tests/golden/rehearsals anew
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from deploy.data_folder import DataFolder
from deploy.embedded import start_engines
from projections.deadlines.deadlines import Deadline, deadlines
from projections.exercise.outcome import outcome
from projections.keeping_up.copying import Conn
from projections.position.answers import Lane
from projections.position.queries import timeline
from tests.rehearsal.conftest import SILENT, asked
from transfer.app import Record, open_record
from transfer.core.dating.calendars import end_of_day_london
from transfer.core.refusals import NotOnRecord
from transfer.imports.staff_return.sample import sample_return
from transfer.rehearsal.report import RehearsalReport
from transfer.rehearsal.run import rehearse

GOLDEN = Path(__file__).parent.parent / "golden" / "rehearsals"

SEEDS = (98, 196, 303)
"""Between them: appeals upheld and rejected, late ones refused and heard, windows extended, panels
that overrun, objections, corrections."""

TRUSTS = ["London", "Merseyside", "Dorset"]

PEOPLE = 90

KNOWN = (
    date(2013, 11, 19),  # before any letter
    date(2013, 12, 18),  # letters of two paths are out
    date(2014, 1, 15),  # the windows have closed, panels sit
    date(2014, 3, 31),  # the transfer has moved
    date(2014, 6, 2),  # the transfer was yesterday
    date(2014, 12, 1),  # the Trusts are dissolved; entries were corrected
)

_EDITION = "tr-2013"
_MOST = 1000
_LONDON = ZoneInfo("Europe/London")


def golden_file(seed: int) -> Path:
    """Where the text of one seed is kept."""
    return GOLDEN / f"{_EDITION}.seed-{seed}.txt"


def play(seed: int, path: Path, **other: object) -> str:
    """Rehearse on real engines in an empty folder, and write down what it came to."""
    content = sample_return(TRUSTS, seed=seed, people=PEOPLE)
    what = asked(PEOPLE, staff_return=content, seed=seed, **other)
    report = rehearse(what, path, SILENT, time.monotonic)
    folder = DataFolder.open(path)
    with (
        folder.hold("tests"),
        start_engines(folder, temporal="none", durable=False) as engines,
        open_record(engines.database_url, folder) as record,
    ):
        return text_of(record, report)


def text_of(record: Record, report: RehearsalReport) -> str:
    """The whole text."""
    with record.log.connection() as conn:
        return "\n".join([*_as_a_whole(report), *_of_people(conn, report)]) + "\n"


def _as_a_whole(report: RehearsalReport) -> Iterator[str]:
    yield f"# {report.rulebook}, seed {report.seed}, {report.in_scope} in scope"
    yield f"completed: {report.completed}; discrepancies: {report.discrepancies}"
    for flow in report.flows:
        yield f"flow: {flow.headcount} by {flow.route} to {flow.place}, {flow.employer}"
    for collision in report.collisions:
        first, second = collision.first_on, collision.second_on
        yield f"collision: {collision.who}: {collision.what} ({collision.clause}) {first} {second}"
    for milestone in report.milestones:
        days = ", ".join(map(str, milestone.days))
        yield f"milestone: {milestone.milestone}: {days}; met {milestone.met}"
    for each in report.deadlines:
        yield f"deadlines: {each.what} of {each.owner}: {each.obligations} {each.state}"


def _of_people(conn: Conn, report: RehearsalReport) -> Iterator[str]:
    at_the_end = outcome(conn, report.exercise, report.clock_stopped_at)
    due = {day: _due(conn, day) for day in KNOWN}
    yield "\n## the exercise"
    yield from _as_it_changed({day: due[day].get(None, []) for day in KNOWN})
    for p in at_the_end.participants:
        yield f"\n## {p.staff_number}"
        yield f"{p.place} by {p.route}: {p.reason} ({', '.join(p.clauses)})"
        yield (
            f"response {p.response}; appeals {p.lodged_in_time} in time, {p.refused_out_of_time} "
            f"refused, {p.accepted_late} heard late, {p.upheld} upheld, {p.rejected} rejected; "
            f"objected {p.objected}; confirmed {p.confirmed}; employer {p.employer}"
        )
        for step in p.refused_steps.values():
            yield f"refused {step.about}: {step.reason}"
        lines = {
            day: [*_periods(conn, p.staff_number, day), *due[day].get(p.staff_number, [])]
            for day in KNOWN
        }
        yield from _as_it_changed(lines)


def _as_it_changed(lines: dict[date, list[str]]) -> Iterator[str]:
    before: set[str] = set()
    for day in KNOWN:
        now = set(lines[day])
        if now != before:
            yield f"known on {day}:"
            yield from sorted(f"  - {line}" for line in before - now)
            yield from sorted(f"  + {line}" for line in now - before)
        before = now


def _periods(conn: Conn, staff_number: str, day: date) -> Iterator[str]:
    try:
        known = timeline(conn, staff_number, _known(day))
    except NotOnRecord:
        return
    for lane in (*known.facets, *known.terms):
        yield from _lane(lane)


def _lane(lane: Lane) -> Iterator[str]:
    kinds = (("", lane.in_force), ("beneath: ", lane.beneath))
    for kind, held in ((kind, each) for kind, periods in kinds for each in periods):
        basis = held.basis
        why = f" ({basis.clause}, {basis.confidence})" if basis and basis.clause else ""
        until = held.effective_to or "…"
        yield f"{kind}{lane.name} {held.effective_from} to {until}: {held.value}{why}"


def _due(conn: Conn, day: date) -> dict[str | None, list[str]]:
    found: dict[str | None, list[str]] = {}
    cursor = None
    while True:
        page = deadlines(conn, _known(day), limit=_MOST, cursor=cursor)
        for each in page.items:
            found.setdefault(each.staff_number, []).append(_deadline(each))
        cursor = page.next_cursor
        if cursor is None:
            return found


def _deadline(each: Deadline) -> str:
    published = each.published_at.astimezone(_LONDON).date()
    about = f" {each.about}" if each.about else ""
    late = ", late" if each.late else ""
    met = f" on {each.met_on}{late}" if each.met_on else ""
    return (
        f"due {each.due_on}: {each.what}{about} of {each.owner} ({each.basis.clause}), "
        f"published {published}: {each.state}{met}"
    )


def _known(day: date) -> datetime:
    return end_of_day_london(day).astimezone(UTC)


def _write_anew() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for seed in SEEDS:
        with tempfile.TemporaryDirectory() as path:
            golden_file(seed).write_text(play(seed, Path(path) / "data"), encoding="utf-8")


if __name__ == "__main__":
    _write_anew()

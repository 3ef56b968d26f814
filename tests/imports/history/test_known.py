"""A line that is on record already is passed over; its reference with other content is named."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from transfer.commands.office import Act, Office
from transfer.core.record.staff import PositionChanged
from transfer.imports.history.import_history import HistoryOutcome, import_history
from transfer.imports.meaning import Reading
from transfer.kinds import KNOWN
from transfer.log.application import Log, open_log
from transfer.procedures.facts import Fact
from transfer.vault import Vault

pytestmark = pytest.mark.engines

ANN = {
    "staff_number": "S1",
    "act": "registration",
    "recorded_on": "2009-04-01",
    "ref": "1",
    "effective_from": "2009-04-01",
    "name": "Ann",
    "employer": "London",
    "band": "3",
}
UP = {
    "staff_number": "S1",
    "act": "change",
    "recorded_on": "2012-01-02",
    "effective_from": "2012-01-01",
    "band": "4",
    "reason": "promotion",
}
PAY = {
    "staff_number": "S1",
    "act": "term",
    "recorded_on": "2012-02-01",
    "effective_from": "2012-02-01",
    "term": "Pay protection",
    "value": "100",
}
RIGHT = {
    "staff_number": "S1",
    "act": "correction",
    "recorded_on": "2012-06-01",
    "of": "1",
    "effective_from": "2009-05-01",
    "employer": "London",
    "band": "2",
}
LINES = [ANN, UP, PAY, RIGHT]

Take = Callable[..., HistoryOutcome]


@pytest.fixture
def log(database_url: str) -> Iterator[Log[Fact]]:
    opened = open_log(database_url, known=KNOWN)
    yield opened
    opened.close()


@pytest.fixture
def take(log: Log[Fact], tmp_path: Path) -> Take:
    """Import these lines as a file of its own."""
    office = Office(log, Vault(log.connection, bytes(32)))
    count = 0

    def take_it(*lines: dict[str, str], reading: Reading = Reading()) -> HistoryOutcome:  # noqa: B008 - a frozen value
        nonlocal count
        count += 1
        file = tmp_path / f"{count}.ndjson"
        file.write_text("".join(json.dumps(line) + "\n" for line in lines) + "\n" * count)
        return import_history(
            office,
            Act("hr", UUID(int=count)),
            file,
            folder=tmp_path / "imports",
            today=date(2014, 6, 1),
            source="ESR",
            reading=reading,
            processes=1,
        )

    return take_it


def versions(log: Log[Fact]) -> list[int]:
    return [each.version for each in log.read("staff:S1")]


def test_lines_of_an_earlier_file_are_passed_over_and_counted(take: Take, log: Log[Fact]) -> None:
    assert take(*LINES).accepted == 4
    more = UP | {"recorded_on": "2013-01-02", "effective_from": "2013-01-01", "band": "5"}
    outcome = take(*LINES, more)
    assert (outcome.accepted, outcome.passed_over, outcome.rejections) == (1, 4, 0)
    assert versions(log) == [1, 2, 3, 4, 5]
    again = take(*LINES)
    assert (again.accepted, again.passed_over, again.staff, again.written) == (0, 4, 0, None)


def test_a_change_that_was_put_right_is_not_made_again(take: Take, log: Log[Fact]) -> None:
    take(ANN, UP | {"ref": "2"})
    take(RIGHT | {"of": "2", "effective_from": "2012-03-01", "recorded_on": "2012-04-01"})
    assert versions(log) == [1, 2, 3]
    outcome = take(UP | {"ref": "2"})
    assert (outcome.accepted, outcome.passed_over) == (0, 1)
    assert sum(isinstance(each.fact, PositionChanged) for each in log.read("staff:S1")) == 1


@pytest.mark.parametrize(
    ("line", "passed"),
    [
        pytest.param(UP, True, id="no reference either time"),
        pytest.param(UP | {"reason": " promotion "}, True, id="another spelling"),
        pytest.param(UP | {"staff_number": "s1"}, True, id="a number in small letters"),
        pytest.param(UP | {"ref": "9"}, True, id="a reference now and none then"),
        pytest.param(UP | {"recorded_on": "2012-01-03"}, False, id="another day"),
        pytest.param(UP | {"band": "5"}, False, id="another value"),
        pytest.param(UP | {"source": "SAP"}, False, id="another source"),
        pytest.param(UP | {"reason": "regrading"}, False, id="another reason"),
        pytest.param(PAY | {"term": "pay protection"}, True, id="a term in small letters"),
        pytest.param(PAY | {"value": "90"}, False, id="another value of a term"),
    ],
)
def test_a_line_is_known_by_source_day_and_content(
    take: Take, line: dict[str, str], passed: bool
) -> None:
    take(*LINES)
    outcome = take(line)
    assert (outcome.passed_over, outcome.accepted) == ((1, 0) if passed else (0, 1))


def test_a_reference_that_comes_back_with_something_else_is_named(take: Take) -> None:
    take(ANN, UP | {"ref": "2"})
    outcome = take(UP | {"ref": "2", "band": "5"})
    ((line, field, reason),) = [(it.line, it.field, it.reason) for it in outcome.rejected]
    assert (line, field, outcome.written) == (1, "ref", None)
    assert "'2' of ESR is on record already and says something else" in reason
    assert take(UP | {"ref": "2", "band": "5", "source": "SAP"}).accepted == 1


def test_a_later_file_names_lines_of_an_earlier_one(take: Take, log: Log[Fact]) -> None:
    take(ANN, UP | {"ref": "2"})
    annulled = {"staff_number": "S1", "act": "annulment", "recorded_on": "2013-01-01", "of": "2"}
    assert take(annulled).accepted == 1
    assert take(annulled).passed_over == 1
    assert versions(log) == [1, 2, 3]


def test_who_is_registered_already_is_not_registered_with_other_values(take: Take) -> None:
    take(ANN)
    outcome = take({**ANN, "ref": "", "band": "4"})
    assert [(it.line, it.field) for it in outcome.rejected] == [(1, "act")]


FAR = UP | {"effective_to": "31/12/4712"}
AMERICAN = UP | {"effective_from": "01/13/2012"}
BRITISH = PAY | {"effective_from": "13/02/2012"}


@pytest.mark.parametrize(
    ("lines", "options"),
    [
        ([ANN, FAR], ["--open-end 4712-12-31"]),
        ([ANN, AMERICAN], ["--month-first"]),
        ([ANN, AMERICAN, BRITISH], ["--month-first"]),
        (
            [ANN, AMERICAN | FAR | {"effective_from": "01/13/2012"}],
            ["--month-first", "--open-end 4712-12-31"],
        ),
    ],
)
def test_a_history_that_leaves_open_what_it_means_is_not_taken(
    take: Take, log: Log[Fact], lines: list[dict[str, str]], options: list[str]
) -> None:
    outcome = take(*lines)
    assert [each.options[0] for each in outcome.asks] == options
    assert [each.line for each in outcome.rejected] == [1] * len(options)
    assert log.head().position == 0


def test_a_history_is_read_as_it_is_said(take: Take, log: Log[Fact]) -> None:
    reading = Reading(month_first=True, open_end=frozenset([date(4712, 12, 31)]))
    assert take(ANN, AMERICAN | {"effective_to": "12/31/4712"}, reading=reading).accepted == 2
    change = log.read("staff:S1")[1].fact
    assert isinstance(change, PositionChanged)
    assert (change.effective_from, change.effective_to) == (date(2012, 1, 13), None)

"""The made-up history: the same for the same numbers, in order, and good from end to end."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from transfer.core.record.staff import EntryAnnulled, EntryCorrected, StaffRecord, TermGranted
from transfer.imports.history.deciding import decide_person, in_order
from transfer.imports.history.lines import HistoryLine, LineReader, layout_of_header
from transfer.imports.history.sample import as_csv, as_ndjson, sample_history
from transfer.imports.staff_return.people import Rejection


def test_every_line_of_it_is_good_and_every_act_is_in_it() -> None:
    header, *rows = as_csv(sample_history(60, 14, seed=3))
    rejections: list[Rejection] = []
    layout = layout_of_header(header.encode(), source=None, ignore_unknown=False)
    reader = LineReader(layout, date(2014, 1, 1), rejections)
    people: dict[str, list[HistoryLine]] = defaultdict(list)
    for number, row in enumerate(rows, start=2):
        line = reader.read(number, row.rstrip("\n").encode())
        assert line is not None
        people[line.staff_number].append(line)
    facts = [
        fact
        for lines in people.values()
        for fact, _ in decide_person(
            in_order(lines), StaffRecord(), [UUID(int=n) for n in range(14)], rejections
        )
    ]
    assert rejections == []
    assert len(facts) == len(rows) == 60 * 14
    assert {EntryAnnulled, EntryCorrected, TermGranted} <= {type(fact) for fact in facts}


def test_the_same_numbers_give_the_same_lines_in_order() -> None:
    lines = list(sample_history(20, 5, seed=1))
    assert lines == list(sample_history(20, 5, seed=1)) != list(sample_history(20, 5, seed=2))
    days = [line["recorded_on"] for line in lines]
    assert days == sorted(days)
    assert len(list(as_ndjson(iter(lines)))) == 100

"""From the text of a scenario's file to the scenario, or to everything that is wrong with it.

Every fault names the line, the field and what to do, all of them at once. People are read as rows
of a staff return for the edition; an act's fields are judged by what its kind declares.
"""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from transfer.core.refusals import Refusal
from transfer.imports.meaning import Reading
from transfer.imports.staff_return.columns import columns_for
from transfer.imports.staff_return.people import PersonReturn
from transfer.imports.staff_return.reader import read_staff_return
from transfer.kinds import KNOWN
from transfer.rulebooks import Rulebook
from transfer.rulebooks.toml_file import FileFault, Lines, Where, explained, path, read_table
from transfer.scenarios.doing import OFFERED, RECORD, given_with, names_of_acts, own_act
from transfer.scenarios.file import EXERCISE, ActDone, Asked, ScenarioFile

FindEdition = Callable[[str], Rulebook]
"""Finds an edition by its name, or the file of one; raises a `Refusal`."""

Found = tuple[Where, str]

_NAME = "name"
"""A column that every return has and no scenario needs: nobody in it is called anything."""


class FaultyScenario(Refusal):
    """The file is no scenario; `faults` holds everything that is wrong, in order of line."""

    def __init__(self, found: Sequence[FileFault]) -> None:
        self.faults = tuple(sorted(set(found), key=lambda each: (each.line, each.field)))
        more = f" and {len(self.faults) - 1} more" if len(self.faults) > 1 else ""
        super().__init__(f"{self.faults[0]}{more}")


@dataclass(frozen=True)
class Scenario:
    """A scenario that was read without fault: what the file holds, and on which lines."""

    file: ScenarioFile
    book: Rulebook
    people: tuple[PersonReturn, ...]
    lines: Lines

    def line_of_act(self, done: ActDone) -> int:
        """The line on which an act stands."""
        return self.lines.of(("act", _place(self.file.act, done)))

    def line_of_asked(self, asked: Asked, *keys: str | int) -> int:
        """The line of what is asked, or of one of its answers."""
        return self.lines.of(("then", _place(self.file.then, asked), *keys))


def _place(of: Sequence[object], one: object) -> int:
    return next(n for n, each in enumerate(of) if each is one)


def read_scenario(source: bytes, find_edition: FindEdition) -> Scenario:
    """The scenario that a file holds; `FaultyScenario` with every fault where it holds none."""
    table = read_table(source)
    if isinstance(table, FileFault):
        raise FaultyScenario([table])
    lines = Lines(source)

    def faulty(found: Sequence[Found]) -> FaultyScenario:
        return FaultyScenario([FileFault(lines.of(w), path(w), reason) for w, reason in found])

    def as_file(given: Mapping[str, object]) -> ScenarioFile:
        try:
            return ScenarioFile.model_validate(given)
        except ValidationError as invalid:
            errors = invalid.errors(include_url=False)
            raise faulty([(_where(e["loc"]), explained(e, ScenarioFile)) for e in errors]) from None

    file = as_file(table)
    if not file.then:
        raise faulty([(("then",), "nothing is asked: say with [[then]] what should come of it")])
    try:
        book = find_edition(file.edition)
    except Refusal as unknown:
        raise faulty([(("edition",), unknown.reason)]) from None
    meant = kind_meant(book)
    if meant != EXERCISE:
        file = as_file(_with_kind(table, meant))
    people, found = _people(file, book)
    found += _of_values(file, book)
    numbers = frozenset(str(each.get("staff_number")) for each in file.person)
    for n, done in enumerate(file.act):
        found += ((("act", n, *at), reason) for at, reason in _of_act(done, file, book, numbers))
    for n, asked in enumerate(file.then):
        found += ((("then", n, *at), reason) for at, reason in _of_asked(asked, book, numbers))
    if found:
        raise faulty(found)
    return Scenario(file, book, people, lines)


def kind_meant(book: Rulebook) -> str:
    """The kind of procedure that is meant where none is named: the one that the edition is for.

    One that begins from another does not count beside it.
    """
    if book.kind == EXERCISE:
        return EXERCISE
    kinds = [each for each in KNOWN.kinds if each.part is not None and book.has(each.part)]
    called = {calls.kind for each in kinds for calls in each.calls_for.values()}
    meant = [each.name for each in kinds if each.name not in called]
    return meant[0] if len(meant) == 1 else EXERCISE


def _with_kind(table: Mapping[str, Any], kind: str) -> dict[str, object]:
    """The same file, with that kind named wherever none is."""
    listed = {key: [{"kind": kind, **each} for each in table.get(key, ())] for key in _OF_A_KIND}
    return {**table, **listed}


_OF_A_KIND = ("act", "then")
"""The tables of a file that name a kind of procedure."""


def _where(loc: tuple[int | str, ...]) -> Where:
    """A place as the file has it, without the model's own steps of a choice of types."""
    return tuple(step for step in loc if isinstance(step, int) or "[" not in step)


# --- people -------------------------------------------------------------------------------------


def _people(file: ScenarioFile, book: Rulebook) -> tuple[tuple[PersonReturn, ...], list[Found]]:
    columns = [each.name for each in columns_for(book)]
    found: list[Found] = []
    for n, person in enumerate(file.person):
        for key in person.keys() - set(columns):
            near = _nearest(key, columns)
            found.append((("person", n, key), f"the return of {book.edition} has no {key}{near}"))
    if found or not file.person:
        return (), found
    given = {_NAME, *(key for person in file.person for key in person)}
    names = [column for column in columns if column in given]
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    for person in file.person:
        row = {key: _cell(value) for key, value in person.items()}
        writer.writerow({_NAME: row.get("staff_number", ""), **row})
    # Dates have one form in a scenario, and an end is the first day after it.
    as_written = Reading(month_first=False, last_day_included=False)
    read = read_staff_return(text.getvalue().encode(), book=book, reading=as_written)
    # An employer that the edition does not know is a slip here: nobody would be moved.
    knows_employers = book.kind == EXERCISE
    unknown = (each for each in read.warnings if each.field == "employer" and knows_employers)
    faults = [(each.line, each.field, each.reason) for each in read.rejected]
    faults += [(each.line, each.field, each.reason) for each in unknown]
    for line, field, reason in faults:
        n = max(line - 2, 0)
        found.append((("person", n, field), reason))
    return read.people, found


def _cell(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
        case _:
            return str(value)


# --- values, acts, questions ----------------------------------------------------------------------


def _of_values(file: ScenarioFile, book: Rulebook) -> Iterator[Found]:
    for clause, given in file.values.items():
        known = book.by_id.get(clause.partition("@")[0])
        if known is None:
            near = _nearest(clause, book.by_id)
            yield ("values", clause), f"{book.edition} has no clause {clause}{near}"
        elif given.unknown and known.value is not None:
            yield ("values", clause), f"{book.edition} gives {clause} a value: it is not unknown"
        elif given.unknown and file.assume and clause in book.suggested():
            yield ("values", clause), f"assume gives {clause} the suggested value"


def _of_act(
    done: ActDone, file: ScenarioFile, book: Rulebook, numbers: frozenset[str]
) -> Iterator[Found]:
    if done.learned_on is not None and done.learned_on < done.happened_on:
        yield ("learned_on",), f"is before {done.happened_on}, the day on which it happened"
    for key in ("staff_number", "staff_numbers"):
        given = getattr(done, key) or ()
        for number in (given,) if isinstance(given, str) else given:
            if number not in numbers:
                yield (key,), f"nobody in this file has the staff number {number}"
    kind = KNOWN.kind(f"{done.kind}:")
    if kind is None and done.kind != RECORD:
        kinds = [RECORD, *(each.name for each in KNOWN.kinds)]
        yield ("kind",), f"there is no kind of procedure {done.kind}{_nearest(done.kind, kinds)}"
        return
    names = names_of_acts(done.kind)
    if done.act not in names:
        yield ("act",), f"there is no act {done.act}{_nearest(done.act, names)}"
        return
    own = own_act(done.kind, done.act)
    if own is not None:
        needs, given = own.needs, dict(done.fields)
        of_person = own.of_person
    else:
        act = OFFERED[done.kind, done.act]
        needs, given = act.body, given_with(act, done, file, book)
        of_person = act.of_person
    if of_person and done.staff_number is None and done.id is None:
        yield ("act",), f"{done.act} is done for one person: say for whom with staff_number"
    try:
        needs.model_validate(given)
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            yield _where(error["loc"]), explained(error, needs)


def _of_asked(asked: Asked, book: Rulebook, numbers: frozenset[str]) -> Iterator[Found]:
    number = asked.staff_number
    if number is not None and number not in numbers:
        yield ("staff_number",), f"nobody in this file has the staff number {number}"
    if KNOWN.kind(f"{asked.kind}:") is None:
        kinds = [each.name for each in KNOWN.kinds]
        yield ("kind",), f"there is no kind of procedure {asked.kind}{_nearest(asked.kind, kinds)}"
    kind = KNOWN.kind(f"{asked.kind}:")
    known = [] if kind is None else [each.name for each in kind.answers]
    for name in asked.answers:
        if name not in known:
            yield ("answers", name), f"{asked.kind} answers no {name}{_nearest(name, known)}"
    for key in ("needs_document", "edition_says"):
        for clause in getattr(asked, key):
            if clause not in book.by_id:
                near = _nearest(clause, book.by_id)
                yield (key, clause), f"{book.edition} has no clause {clause}{near}"
    for n, counted in enumerate(asked.counted):
        if counted.clause not in book.by_id:
            near = _nearest(counted.clause, book.by_id)
            where: Where = ("counted", n, "clause")
            yield where, f"{book.edition} has no clause {counted.clause}{near}"


def _nearest(name: str, known: Sequence[str] | Mapping[str, object]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f": did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"

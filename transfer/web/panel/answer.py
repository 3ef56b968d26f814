"""What an extract answers, as its page shows it: read from the very JSON that was kept.

It follows from what was kept alone, so that the page says the same for ever.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from transfer.core.dating.calendars import date_in_london
from transfer.core.words import MAIN, Confidence
from transfer.web.frame.wording import (
    confidence_text,
    day_text,
    days_text,
    facet_text,
    fact_text,
    stood_text,
)
from transfer.web.panel.wording import and_text, on_days, people_text

Content = Mapping[str, Any]
"""JSON of any shape."""

_NO_VALUE = "no value"


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as the record had it at one knowledge time: its days, the entries behind it, and
    what a temporary value overlays."""

    value: str
    days: str = ""
    entries: tuple[str, ...] = ()
    beneath: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One part of a position or one term: a cell for each knowledge time."""

    name: str
    cells: tuple[Cell, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class DayOfJob:
    """One job on one day, at each knowledge time; `notes` is what no value says."""

    title: str
    stood: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry that the answer rests on. `id` is its event's, whole."""

    name: str
    id: str
    what: str
    recorded_at: datetime
    recorded_by: str
    says: tuple[str, ...]
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """What an extract says of one person: sentences, tables, and what they rest on."""

    staff_number: str
    names: tuple[str, ...]
    erased: bool
    linked: tuple[str, ...]
    says: tuple[str, ...]
    days: tuple[DayOfJob, ...]
    differs: tuple[str, ...]
    contested: tuple[str, ...]
    evidence: tuple[Entry, ...]


def answer_text(content: Content, people: Sequence[Person]) -> str:
    """The whole answer as one sentence; of several answers, what they are about."""
    said = [each for person in people for each in person.says]
    if len(said) == 1:
        return said[0]
    days = on_days([date.fromisoformat(each) for each in content["effective_at"]])
    known = and_text([stood_text(_instant(each)) for each in content["known_at"]])
    numbers = people_text(content["staff_numbers"])
    return f"This is what the record says of {numbers} {days}, {known}."


def people_of(content: Content) -> tuple[Person, ...]:
    """What an extract says of each person, by staff number."""
    asked_on = date_in_london(_instant(content["asked_at"]))
    return tuple(_person(each, asked_on) for each in content["answers"])


def assumptions_of(content: Content) -> tuple[str, ...]:
    """Every assumption that something in an answer rests on, each once."""
    found = (each for basis in _bases(content["answers"]) for each in basis.get("assumptions", ()))
    return tuple(dict.fromkeys(found))


def _bases(part: object) -> Iterator[Content]:
    match part:
        case Mapping():
            for name, value in part.items():
                if name == "basis" and value is not None:
                    yield value
                # What a fact holds is that fact's own: it says its basis beside it.
                elif name != "fact":
                    yield from _bases(value)
        case list():
            for each in part:
                yield from _bases(each)
        case _:
            pass


def _person(person: Content, asked_on: date) -> Person:
    number = person["staff_number"]
    points: Sequence[Content] = person.get("on_days", ())
    items: Sequence[Content] = person.get("evidence", ())
    entries = {each["event_id"]: f"entry {each['version']}" for each in items}
    by_day: dict[str, list[Content]] = {}
    for each in points:
        by_day.setdefault(each["effective_at"], []).append(each)
    names = (job["name"] for each in points for job in each["positions"] if job.get("name"))
    differences: Sequence[Content] = person.get("differences", ())
    return Person(
        staff_number=number,
        names=tuple(dict.fromkeys(names)),
        erased=person.get("erased", False),
        linked=tuple(dict.fromkeys(_linked(points))),
        says=tuple(
            _says(number, date.fromisoformat(day), found, asked_on, _changed_on(differences, day))
            for day, found in by_day.items()
        )
        or (f"What was answered of {number} was erased with their personal data.",),
        days=tuple(each for day, found in by_day.items() for each in _jobs(day, found, entries)),
        differs=tuple(dict.fromkeys(_differs(differences, entries))),
        contested=tuple(_contested(items, entries)),
        evidence=tuple(_entry(each, entries) for each in items),
    )


# --- sentences ----------------------------------------------------------------------------------


def _says(
    number: str, day: date, points: Sequence[Content], asked_on: date, changed: Sequence[str]
) -> str:
    """Where somebody was on a day, at each knowledge time, in one sentence."""
    said = [
        (_where(each, day, asked_on), stood_text(_instant(each["known_at"]))) for each in points
    ]
    first, stood = said[0]
    begins = f"On {day_text(day)}"
    if len(said) == 1:
        return f"{begins}, {stood}, {number} {first}."
    if len({where for where, _ in said}) > 1:
        then = "; ".join(f"{stood}, {number} {where}" for where, stood in said)
        return f"{begins}, {then}."
    same = f"{begins}, {number} {first}, {and_text([stood for _, stood in said])}"
    if not changed:
        return f"{same}: the record says the same."
    return f"{same}; what reads differently is {and_text(changed)}."


def _where(point: Content, day: date, asked_on: date) -> str:
    """After the staff number: where somebody works, e.g. `worked for A in Hull on band 4`."""
    if not point["on_record"]:
        return "was not on record yet"
    jobs = [_job(each) for each in point["positions"]]
    employed = [each for each in jobs if each]
    if not employed:
        return "has no employer on record" if day >= asked_on else "had no employer on record"
    works = "works" if day == asked_on else "worked" if day < asked_on else "is to work"
    return f"{works} {and_text(employed)}"


def _job(position: Content) -> str:
    held = {name: each["value"] for name, each in position["position"].items()}
    if "employer" not in held:
        return ""
    said = f"for {held['employer']}"
    if position["assignment"] != MAIN:
        said += f" (in the job {position['assignment']})"
    if unit := held.get("unit"):
        said += f" in {unit}"
    if role := held.get("role"):
        said += f" as {'an' if role[:1].lower() in 'aeio' else 'a'} {role}"
    if band := held.get("band"):
        said += f" on band {band}"
    return said


def _changed_on(differences: Sequence[Content], day: str) -> list[str]:
    """What reads differently on a day, by name, each once."""
    found = (
        _inner(_name(part))
        for each in differences
        if each["effective_at"] == day
        for part in (*each["position"], *each["terms"])
    )
    return list(dict.fromkeys(found))


def _differs(differences: Sequence[Content], entries: Mapping[str, str]) -> Iterator[str]:
    for each in differences:
        times = [stood_text(_instant(each[name])) for name in ("known_from", "known_to")]
        for part in (*each["position"], *each["terms"]):
            before, after = (_value(part[side]) for side in ("before", "after"))
            why = "; ".join(
                f"{entries.get(cause['event_id'], 'an entry')} by {cause['recorded_by']}"
                + (f" (“{cause['reason']}”)" if cause["reason"] else "")
                for cause in part["causes"]
            )
            because = f", because of {why}" if why else ""
            yield (
                f"{_name(part)} on {day_text(date.fromisoformat(each['effective_at']))}: "
                f"{before} {times[0]}, {after} {times[1]}{because}."
            )


def _value(held: Content | None) -> str:
    if held is None:
        return _NO_VALUE
    return f"{held['value']} ({_days(held)})"


def _contested(items: Sequence[Content], entries: Mapping[str, str]) -> Iterator[str]:
    """What the person says of entries, and what came of it."""
    for item in items:
        for each in item.get("objections", ()):
            statement = f": “{each['statement']}”" if each["statement"] else ""
            state = "not answered yet" if each["state"] == "open" else each["state"]
            answer = f" (“{each['reason']}”)" if each.get("reason") else ""
            yield (
                f"{each['recorded_by']} objects to {entries[item['event_id']]}{statement}. "
                f"The objection is {state}{answer}."
            )


# --- tables -------------------------------------------------------------------------------------


def _jobs(day: str, points: Sequence[Content], entries: Mapping[str, str]) -> Iterator[DayOfJob]:
    """Each job on one day, with a column for each knowledge time."""
    jobs = dict.fromkeys(each["assignment"] for point in points for each in point["positions"])
    stood = tuple(_capital(stood_text(_instant(each["known_at"]))) for each in points)
    for job in jobs:
        columns = [_held(point, job) for point in points]
        names = dict.fromkeys(name for column in columns for name in column)
        rows = []
        for name in names:
            cells = tuple(
                _cell(column[name], entries)
                if name in column
                else Cell(_NO_VALUE if point["on_record"] else "not on record yet")
                for column, point in zip(columns, points, strict=True)
            )
            read = {(each.value, each.days, each.beneath) for each in cells}
            rows.append(Row(name, cells, len(read) > 1))
        of = "" if job == MAIN else f", in the job {job}"
        title = f"{day_text(date.fromisoformat(day))}{of}"
        notes = dict.fromkeys(each for point in points for each in _notes(point, job))
        yield DayOfJob(title, stood, tuple(rows), tuple(notes))


def _held(point: Content, job: str) -> dict[str, Content]:
    """What is held in a job at one point, by name."""
    for each in point["positions"]:
        if each["assignment"] == job:
            position = {facet_text(name): held for name, held in each["position"].items()}
            return position | {_name(held): held for held in each["terms"]}
    return {}


def _notes(point: Content, job: str) -> Iterator[str]:
    """What is due by law and not recorded, and the collective terms that do not reach somebody."""
    stood = stood_text(_instant(point["known_at"]))
    for each in point["positions"]:
        if each["assignment"] != job:
            continue
        for step in each.get("not_yet_recorded", ()):
            on = day_text(date.fromisoformat(step["by_law_on"]))
            yield (
                f"By law on {on}, not yet recorded {stood}: {step['says']} "
                f"(exercise {step['exercise']})."
            )
        for term in each.get("terms_not_held", ()):
            on = day_text(date.fromisoformat(term["employed_on"]))
            yield (
                f"{_name(term)} does not reach the person {stood}: they were not employed on {on}."
            )


def _linked(points: Sequence[Content]) -> Iterator[str]:
    for point in points:
        for position in point["positions"]:
            for each in position.get("linked", ()):
                yield (
                    f"The same person is on record as {each['staff_number']} as well "
                    f"(“{each['reason']}”). That number has a separate history."
                )


def _cell(held: Content, entries: Mapping[str, str]) -> Cell:
    behind = (held["event_id"], held["corrected_by"])
    cited = tuple(entries[each] for each in behind if each in entries)
    standing = held.get("standing")
    beneath = f"temporary, over {standing['value']} {_days(standing)}" if standing else ""
    return Cell(str(held["value"]), _days(held), cited, beneath)


def _entry(item: Content, entries: Mapping[str, str]) -> Entry:
    changed = (
        f"{_name(each)}: {each['before'] or _NO_VALUE} → {each['after'] or _NO_VALUE}, "
        f"{_days(each)}"
        for each in item.get("changed", ())
    )
    start = item["effective_from"]
    in_force = (f"In force {_days(item)}",) if start is not None and not item.get("changed") else ()
    became = (
        f"{_capital(words)} by {entries[by]}"
        for words, by in (("corrected", item["corrected_by"]), ("cancelled", item["annulled_by"]))
        if by in entries
    )
    basis = item["basis"] or {}
    clause = " of ".join(filter(None, (basis.get("clause"), basis.get("rulebook"))))
    if clause and basis.get("confidence"):
        clause += f" ({confidence_text(Confidence(basis['confidence']))})"
    document = basis.get("document_title") or basis.get("document")
    because = (
        f"“{item['reason']}”" if item["reason"] else "",
        f"Clause {clause}" if basis.get("clause") else clause,
        f"Document: {document}" if document else "",
    )
    return Entry(
        name=_capital(entries[item["event_id"]]),
        id=item["event_id"],
        what=fact_text(item["type"]),
        recorded_at=_instant(item["recorded_at"]),
        recorded_by=item["recorded_by"],
        says=tuple(filter(None, (item.get("sentence"), *changed, *in_force, *became))),
        because=tuple(filter(None, because)),
    )


def _name(part: Content) -> str:
    name = facet_text(part.get("facet") or part.get("term") or "")
    job, exercise = part.get("assignment"), part.get("exercise")
    if exercise:
        name += f" (exercise {exercise})"
    return name if job in (None, "", MAIN) else f"{name} ({job})"


def _days(held: Content) -> str:
    end = held["effective_to"]
    start = date.fromisoformat(held["effective_from"])
    return days_text(start, None if end is None else date.fromisoformat(end))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _inner(name: str) -> str:
    """A name within a sentence: `line manager`, but `FTE`."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]

"""What stands on paper of an answer: the values of `extract.typ` and `history.typ`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from transfer.core.dating.calendars import in_london
from transfer.questions.history import History, HistoryItem, ValueChanged

Content = Mapping[str, Any]
"""JSON of any shape."""


def extract_on_paper(extract: Content, sha256: str | None) -> dict[str, object]:
    """Of an extract as it was kept; `sha256` is that of the data, unless somebody was erased."""
    return {
        "title": f"Extract {extract['reference']}",
        "mark": extract.get("rehearsed"),
        "head": [
            ("Asked by", f"{extract['asked_by']} ({extract['role']})"),
            ("Asked at", _instant(extract["asked_at"])),
            ("Why", extract["reason"] or "not said"),
            ("About", ", ".join(extract["staff_numbers"])),
            ("Days", ", ".join(map(_day, extract["effective_at"]))),
            ("As known at", ", ".join(map(_instant, extract["known_at"]))),
            ("SHA-256", sha256 or "none: somebody in it was erased since"),
        ],
        "people": [_person(each) for each in extract["answers"]],
    }


def history_on_paper(found: History, rehearsed: str | None) -> dict[str, object]:
    """Of a person's history."""
    return {
        "title": f"History of {found.staff_number}",
        "mark": rehearsed,
        "known_at": _instant(found.known_at),
        "entries": [_entry(each) for each in found.items],
    }


def _person(person: Content) -> dict[str, object]:
    return {
        "staff_number": person["staff_number"],
        "erased": person.get("erased", False),
        "points": [
            {
                "heading": f"{_day(each['effective_at'])}, as known at "
                f"{_instant(each['known_at'])}",
                "on_record": each["on_record"],
                "jobs": [_job(position) for position in each["positions"]],
            }
            for each in person.get("on_days", ())
        ],
        "differences": [
            {
                "heading": f"{_day(each['effective_at'])}, {_instant(each['known_from'])} to "
                f"{_instant(each['known_to'])}",
                "lines": [*_differences(each)],
            }
            for each in person.get("differences", ())
        ],
        "evidence": [_cited(each) for each in person.get("evidence", ())],
    }


def _job(position: Content) -> dict[str, object]:
    values = [(_words(facet), held) for facet, held in position["position"].items()]
    values += [(_words(held["term"]), held) for held in position["terms"]]
    return {
        "assignment": position["assignment"],
        "name": position.get("name"),
        "values": [
            (
                name,
                str(held["value"]),
                _period(held["effective_from"], held["effective_to"]),
                _why(held["basis"]),
                _short(held["event_id"]),
            )
            for name, held in values
        ],
    }


def _differences(found: Content) -> Iterator[str]:
    for each in (*found["position"], *found["terms"]):
        name = _words(each.get("facet") or each["term"])
        before, after = (_value(each[side]) for side in ("before", "after"))
        causes = "; ".join(
            f"entry {_short(cause['event_id'])} of {_instant(cause['recorded_at'])} by "
            f"{cause['recorded_by']}" + (f": {cause['reason']}" if cause["reason"] else "")
            for cause in each["causes"]
        )
        yield f"{name}: {before}, then {after}. {causes}"


def _value(held: Content | None) -> str:
    if held is None:
        return "no value"
    return f"{held['value']} ({_period(held['effective_from'], held['effective_to'])})"


def _cited(item: Content) -> tuple[str, str, str, str]:
    said = item.get("sentence") or item["reason"] or ""
    start = item["effective_from"]
    kind = item["type"].partition(".")[0]
    days = "" if start is None else f", {_period(start, item['effective_to'])}"
    return (
        _short(item["event_id"]),
        _instant(item["recorded_at"]),
        item["recorded_by"],
        (f"{_words(kind)}{days}. {said}".strip()),
    )


def _entry(item: HistoryItem) -> dict[str, object]:
    became = [
        f"{word} by {_short(str(by))}"
        for word, by in (("corrected", item.corrected_by), ("annulled", item.annulled_by))
        if by is not None
    ]
    start = item.effective_from
    return {
        "number": item.version,
        "entry": _short(str(item.event_id)),
        "recorded": f"{_instant(item.recorded_at)} by {item.recorded_by}",
        "kind": _words(item.type.partition(".")[0]),
        "days": "" if start is None else _period(start, item.effective_to),
        "says": " ".join(filter(None, (item.sentence, item.reason))),
        "why": _why(None if item.basis is None else item.basis.model_dump()),
        "became": ", ".join(became),
        "changed": [_changed(each) for each in item.changed],
    }


def _changed(each: ValueChanged) -> str:
    name = _words(str(each.facet or each.term))
    period = _period(each.effective_from, each.effective_to)
    return f"{name}: {each.before or 'no value'} → {each.after or 'no value'}, {period}"


def _why(basis: Content | None) -> str:
    parts: Iterable[str | None] = (
        () if basis is None else (basis["rulebook"], basis["clause"], basis["document"])
    )
    return ", ".join(filter(None, parts))


def _words(name: str) -> str:
    return name.replace("_", " ").replace("-", " ").capitalize()


def _short(event_id: str) -> str:
    return event_id[-8:]


def _day(day: str | date) -> str:
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{day.day} {day:%b %Y}"


def _period(start: str | date, end: str | date | None) -> str:
    """Days as people count them: the last one is in it."""
    if end is None:
        return f"from {_day(start)}"
    last = (date.fromisoformat(end) if isinstance(end, str) else end) - timedelta(days=1)
    return f"{_day(start)} to {_day(last)}"


def _instant(instant: str | datetime) -> str:
    at = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
    local = in_london(at)
    return f"{_day(local.date())}, {local:%H:%M:%S.%f} {local:%Z}"

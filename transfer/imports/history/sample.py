"""A seeded history of invented people, for trials of any size; lines come as from a busy office.

Days, reasons and how often somebody's position changes are ASSUMED, here alone. The same numbers
always give the same lines. Lines are in the order of `recorded_on`, so one person's are far apart,
as they are in what an older system exports.
"""

import heapq
import json
import random  # noqa: TID251 - invented people for trials; no decision is drawn here
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

from transfer.imports.history.columns import COLUMN_NAMES
from transfer.imports.staff_return.sample_names import FAMILY_NAMES, GIVEN_NAMES
from transfer.rulebooks import DEFAULT_EDITION, rulebook

_FIRST_DAY = date(1995, 4, 1)
_DAYS = (date(2013, 10, 31) - _FIRST_DAY).days
_TERMS = ("pay protection", "job guarantee", "vetting restriction")

_ANNULS = 0.01

_Line = dict[str, str]


def sample_history(people: int, lines_each: int, *, seed: int) -> Iterator[_Line]:
    """The lines of a made-up history, `people` times `lines_each` of them.

    Everybody has a registration first; of the other lines about one in twelve grants a term, one
    in twenty corrects an earlier line and one in a hundred annuls one.
    """
    held: list[tuple[date, int, int]] = [
        (_day(random.Random(f"{seed}/{n}"), 0, lines_each), n, 0)  # noqa: S311 - nothing secret
        for n in range(people)
    ]
    heapq.heapify(held)
    while held:
        on, n, step = held[0]
        draw = random.Random(f"{seed}/{n}/{step}")  # noqa: S311 - nothing secret
        yield _line(draw, seed, n, step, on)
        if step + 1 < lines_each:
            after = max(on, _day(draw, step + 1, lines_each))
            heapq.heapreplace(held, (after, n, step + 1))
        else:
            heapq.heappop(held)


@cache
def _employers() -> tuple[str, ...]:
    return tuple(each.name for each in rulebook(DEFAULT_EDITION).transferors)


def as_csv(lines: Iterator[_Line]) -> Iterator[str]:
    """The same as lines of a CSV, the header first."""
    yield ",".join(COLUMN_NAMES) + "\n"
    for line in lines:
        yield ",".join(line.get(name, "") for name in COLUMN_NAMES) + "\n"


def as_ndjson(lines: Iterator[_Line]) -> Iterator[str]:
    """The same as JSON objects, one a line."""
    return (json.dumps(line) + "\n" for line in lines)


def _day(draw: random.Random, step: int, steps: int) -> date:
    """The day of somebody's line number `step`: each has its share of the years."""
    return _FIRST_DAY + timedelta(days=int((step + draw.random()) * _DAYS / steps))


def _annuls(seed: int, n: int, step: int) -> bool:
    """Whether that line may be an annulment, which nothing can name."""
    draw = random.Random(f"{seed}/{n}/{step}")  # noqa: S311 - nothing secret
    draw.randrange(-90, 60)
    return draw.random() < _ANNULS


def _line(draw: random.Random, seed: int, n: int, step: int, on: date) -> _Line:
    line = {
        "staff_number": f"H{n:06}",
        "recorded_on": str(on),
        "source": "the personnel system of 1995",
        "ref": str(step),
    }
    effective_from = on + timedelta(days=draw.randrange(-90, 60))
    kind = draw.random()
    if step == 0:
        return line | {
            "act": "registration",
            "effective_from": str(effective_from),
            "name": f"{draw.choice(GIVEN_NAMES)} {draw.choice(FAMILY_NAMES)}",
            "date_of_birth": str(_FIRST_DAY - timedelta(days=draw.randrange(8_000, 20_000))),
            "employer": draw.choice(_employers()),
            "unit": f"Unit {draw.randrange(400)}",
            "role": "Probation officer",
            "band": str(draw.randrange(2, 6)),
            "fte": draw.choice(("1", "0.6", "0.8")),
            "line_manager": f"H{draw.randrange(n + 1):06}",
        }
    if kind < _ANNULS and step > 1 and not _annuls(seed, n, step - 1):
        line |= {"act": "annulment", "of": str(step - 1), "reason": "entered by mistake"}
        return line
    if kind < 0.06:
        return line | {
            "act": "correction",
            "of": "0",
            "effective_from": str(effective_from),
            "employer": draw.choice(_employers()),
            "unit": f"Unit {draw.randrange(400)}",
            "role": "Probation officer",
            "band": str(draw.randrange(2, 6)),
            "fte": "1",
            "reason": "the post was entered wrongly",
        }
    if kind < 0.14:
        return line | {
            "act": "term",
            "effective_from": str(effective_from),
            "term": draw.choice(_TERMS),
            "value": str(draw.randrange(2_000, 4_000)),
        }
    if kind < 0.24:
        return line | {
            "act": "change",
            "effective_from": str(effective_from),
            "effective_to": str(effective_from + timedelta(days=draw.randrange(20, 300))),
            "paid_band": str(draw.randrange(3, 7)),
            "reason": "acting up",
        }
    facet = draw.choice(("unit", "band", "pay_point", "line_manager", "workplace"))
    value = {
        "unit": f"Unit {draw.randrange(400)}",
        "band": str(draw.randrange(2, 6)),
        "pay_point": str(draw.randrange(20, 60)),
        "line_manager": f"H{draw.randrange(n + 1):06}",
        "workplace": draw.choice(_employers()),
    }[facet]
    return line | {
        "act": "change",
        "effective_from": str(effective_from),
        facet: value,
        "reason": "as in the personnel system",
    }

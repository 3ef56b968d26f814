"""Head counts kept at checkpoints: everybody counted at (V, K) without looking at everybody.

Only assignments that have an employer on the day are counted: who is not employed is in no group
(contract, rule 5; `transfer.core.employed`). A checkpoint holds, of one facet as known at one
instant, how many such sheets have each value from each day on. At (V, K) then

    the last checkpoint at or before K, read at V
    + the sheets that begin after it, up to K, and cover V
    - the sheets that end after it, up to K, and cover V
    - one head for every further assignment that somebody has under the same value

and the total is all these heads, less one for every further value that somebody has.

Checkpoints are upkeep, made while there is nothing else to do (`keep`); without one the sheets that
cover (V, K) are counted. Either way the answer is the same, and `verify_headcounts` says whether it
is. A checkpoint is of one generation of the tables of positions, and never of another's.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from psycopg import sql
from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn
from transfer.core.words import Facet

POSITION = "position"
"""The projection whose tables are counted."""

APART = 1_000
"""Sheets that begin between two checkpoints of a facet, at least. Not fewer than the days that the
earlier one holds, so that all checkpoints together stay in proportion to the sheets; and not fewer
than a small part of all sheets, so that the upkeep does too."""

_AT_MOST = 100
"""Checkpoints of one facet, about."""

_UPKEEP_LOCK = 7_310_211_905_540_031
"""Of those who make checkpoints on one database, one at a time does."""


class Counted(NamedTuple):
    """How many people have a value, and their full-time equivalents together."""

    value: str
    heads: int
    fte: Decimal


class HeadCount(NamedTuple):
    """The groups of a head count, and how many people are in any of them: each of them once."""

    groups: tuple[Counted, ...]
    people: int


# --- counting ----------------------------------------------------------------------------------

_COVERS = "effective_from <= %(effective_at)s AND %(effective_at)s < effective_to"
_KNOWN = "recorded_from <= %(known_at)s AND %(known_at)s < recorded_to"
_OF_A_JOB = (
    "assignment <> '' AND employer IS NOT NULL AND {facet} IS NOT NULL"
    " AND assignment = coalesce(%(assignment)s::text, assignment)"
)

_FROM_SHEETS = f"""
SELECT {{facet}} AS value, count(*) AS heads, sum(amount) AS fte FROM position_sheet
WHERE {_OF_A_JOB} AND {_COVERS} AND {_KNOWN}
"""
# One statement, so that checkpoint and sheets are of the same tables. What begins "(SELECT since"
# is worked out once, before the branch that it belongs to is begun at all. The last branch asks
# beside a row that says so: by itself the server would start processes for it, only to stop them.
_FROM_CHECKPOINT = f"""
WITH base AS MATERIALIZED (
    SELECT p.generation, (
        SELECT c.recorded_at FROM headcount_checkpoint AS c
        WHERE c.generation = p.generation AND c.facet = %(facet)s
          AND c.recorded_at <= %(known_at)s
        ORDER BY c.recorded_at DESC LIMIT 1) AS since
    FROM projection_positions AS p WHERE p.name = %(projection)s
)
SELECT value, heads[place] AS heads, fte[place] AS fte FROM (
    SELECT value, heads, fte, width_bucket(%(effective_at)s::date, days) AS place
    FROM headcount_step
    WHERE generation = (SELECT generation FROM base) AND facet = %(facet)s
      AND recorded_at = (SELECT since FROM base)
      AND assignment = coalesce(%(assignment)s::text, assignment)) AS steps
WHERE place > 0
UNION ALL
SELECT {{facet}}, count(*), sum(amount) FROM position_sheet
WHERE recorded_from > (SELECT since FROM base) AND recorded_from <= %(known_at)s
  AND {_OF_A_JOB} AND {_COVERS}
GROUP BY 1
UNION ALL
SELECT {{facet}}, -count(*), -sum(amount) FROM position_sheet
WHERE recorded_to > (SELECT since FROM base) AND recorded_to <= %(known_at)s
  AND recorded_to < 'infinity' AND {_OF_A_JOB} AND {_COVERS}
GROUP BY 1
UNION ALL
SELECT sheets.* FROM (SELECT (SELECT since FROM base) AS since OFFSET 0) AS last, LATERAL (
    {_FROM_SHEETS} AND last.since IS NULL GROUP BY 1) AS sheets
WHERE last.since IS NULL
"""
# A head has as many sheets as assignments; all but one of them are taken off again. So it is in as
# many groups as it has values: the row without a value says how many heads that is too many.
_SEVERAL = f"""
WITH several AS MATERIALIZED (
    SELECT staff_number, {{facet}} AS value, count(*) AS sheets FROM position_sheet
    WHERE staff_number IN (SELECT staff_number FROM position_sheet
                           WHERE at_once > 1 AND {_COVERS} AND {_KNOWN})
      AND {_OF_A_JOB} AND {_COVERS} AND {_KNOWN}
    GROUP BY staff_number, {{facet}}
)
"""
_COUNTED_TWICE = """
UNION ALL
SELECT value, 1 - sheets, 0 FROM several WHERE sheets > 1
UNION ALL
SELECT NULL, 1 - count(*), 0 FROM several GROUP BY staff_number HAVING count(*) > 1
"""
_TOGETHER = """
SELECT value, sum(heads)::bigint, coalesce(sum(fte), 0) FROM ({parts}) AS parts
GROUP BY value HAVING sum(heads) <> 0 ORDER BY value
"""


def count_heads(
    conn: Conn,
    by: Facet,
    effective_at: date,
    known_at: datetime,
    assignment: str | None = None,
    *,
    from_sheets: bool = False,
) -> HeadCount:
    """Heads and full-time equivalents by the values of a facet, as they are stored.

    Of one assignment, or of every one (`None`): then somebody with two under one value is one
    head, with both their parts of a full time. `from_sheets` leaves the checkpoints alone.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            _statement(by, everybody=assignment is None, from_sheets=from_sheets),
            {
                "projection": POSITION,
                "facet": by.value,
                "effective_at": effective_at,
                "known_at": known_at,
                "assignment": assignment,
            },
        ).fetchall()
    groups = tuple(Counted(*each) for each in rows if each[0] is not None)
    # What is in too many groups comes as a negative number, in the one row without a value.
    return HeadCount(groups, sum(heads for _, heads, _ in rows))


_AT_ONCE = f"""
SELECT array_agg(DISTINCT {{facet}}) FROM position_sheet
WHERE staff_number IN (SELECT staff_number FROM position_sheet
                       WHERE at_once > 1 AND {_COVERS} AND {_KNOWN})
  AND {_OF_A_JOB} AND {{facet}} = ANY(%(values)s) AND {_COVERS} AND {_KNOWN}
GROUP BY staff_number HAVING count(DISTINCT {{facet}}) > 1
"""


def values_at_once(
    conn: Conn, by: Facet, values: Sequence[str], effective_at: date, known_at: datetime
) -> list[list[str]]:
    """The values, among these, of everybody who has several of them at once, as they are stored."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(
            _AT_ONCE.format(facet=by.value).encode(),
            {
                "values": list(values),
                "effective_at": effective_at,
                "known_at": known_at,
                "assignment": None,
            },
        ).fetchall()
    return [found for (found,) in rows]


@cache
def _statement(by: Facet, *, everybody: bool, from_sheets: bool) -> bytes:
    parts = f"{_FROM_SHEETS} GROUP BY 1" if from_sheets else _FROM_CHECKPOINT
    before = ""
    if everybody:
        before, parts = _SEVERAL.format(facet=by.value), parts + _COUNTED_TWICE
    # The names of facets are plain words, and columns.
    return (before + _TOGETHER.format(parts=parts.format(facet=by.value))).encode()


# --- upkeep ------------------------------------------------------------------------------------

_STANDING = """
SELECT p.generation, p.recorded_at, facet.name, last.recorded_at, coalesce(last.steps, 0)
FROM projection_positions AS p, unnest(%(facets)s::text[]) AS facet (name)
LEFT JOIN LATERAL (
    SELECT c.recorded_at, c.steps FROM headcount_checkpoint AS c
    WHERE c.generation = p.generation AND c.facet = facet.name
    ORDER BY c.recorded_at DESC LIMIT 1) AS last ON true
WHERE p.name = %(projection)s AND p.recorded_at IS NOT NULL
"""
_UNTIL = """
SELECT recorded_from FROM position_sheet WHERE recorded_from > %(since)s
ORDER BY recorded_from OFFSET %(apart)s LIMIT 1
"""
_HOW_MANY = "SELECT reltuples FROM pg_class WHERE oid = 'position_sheet'::regclass"
_FORGET = "DELETE FROM {} WHERE generation < %(generation)s"
_MAKE = """
INSERT INTO headcount_step
    (generation, facet, recorded_at, assignment, value, days, heads, fte)
WITH before AS (
    SELECT s.assignment, s.value, step.day,
           step.heads - lag(step.heads, 1, 0::bigint) OVER days_before AS heads,
           step.fte - lag(step.fte, 1, 0::numeric) OVER days_before AS fte
    FROM headcount_step AS s, unnest(s.days, s.heads, s.fte) AS step (day, heads, fte)
    WHERE s.generation = %(generation)s AND s.facet = %(name)s AND s.recorded_at = %(since)s
    WINDOW days_before AS (PARTITION BY s.assignment, s.value ORDER BY step.day)
), moved AS (
    SELECT assignment, {facet} AS value, effective_from, effective_to, 1 AS heads,
           coalesce(amount, 0) AS fte
    FROM position_sheet WHERE recorded_from > %(since)s AND recorded_from <= %(until)s
      AND employer IS NOT NULL
    UNION ALL
    SELECT assignment, {facet}, effective_from, effective_to, -1, -coalesce(amount, 0)
    FROM position_sheet WHERE recorded_to > %(since)s AND recorded_to <= %(until)s
      AND recorded_to < 'infinity' AND employer IS NOT NULL
), corner AS (
    SELECT assignment, value, day, heads, fte FROM before
    UNION ALL SELECT assignment, value, effective_from, heads, fte FROM moved
    WHERE assignment <> '' AND value IS NOT NULL
    UNION ALL SELECT assignment, value, effective_to, -heads, -fte FROM moved
    WHERE assignment <> '' AND value IS NOT NULL AND effective_to < 'infinity'
), change AS (
    SELECT assignment, value, day, sum(heads) AS heads, sum(fte) AS fte FROM corner
    GROUP BY assignment, value, day HAVING sum(heads) <> 0 OR sum(fte) <> 0
), running AS (
    SELECT assignment, value, day, sum(heads) OVER so_far AS heads, sum(fte) OVER so_far AS fte
    FROM change WINDOW so_far AS (PARTITION BY assignment, value ORDER BY day)
)
SELECT %(generation)s, %(name)s, %(until)s, assignment, value, array_agg(day ORDER BY day),
       array_agg(heads::bigint ORDER BY day), array_agg(fte ORDER BY day)
FROM running GROUP BY assignment, value
"""
_NOTE = """
INSERT INTO headcount_checkpoint (generation, facet, recorded_at, steps)
SELECT %(generation)s, %(name)s, %(until)s, coalesce(sum(cardinality(days)), 0)
FROM headcount_step
WHERE generation = %(generation)s AND facet = %(name)s AND recorded_at = %(until)s
"""


def keep(conn: Conn, *, apart: int = APART, facets: Sequence[Facet] = tuple(Facet)) -> bool:
    """Make the next checkpoint that is due, of one of these facets; whether one was.

    One is due at the instant up to which more than `apart` sheets have begun since the last.
    """
    with conn.transaction(), conn.cursor(row_factory=tuple_row) as cursor:
        taken = cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", (_UPKEEP_LOCK,)).fetchone()
        if taken is None or not taken[0]:
            return False
        due = _next_due(conn, apart, [facet.value for facet in facets])
        if due is None:
            return False
        for table in ("headcount_checkpoint", "headcount_step"):
            cursor.execute(sql.SQL(_FORGET).format(sql.Identifier(table)), due)
        statement = sql.SQL(_MAKE).format(facet=sql.Identifier(str(due["name"])))
        cursor.execute(statement, due, prepare=False)
        cursor.execute(_NOTE.encode(), due)
    return True


def _next_due(conn: Conn, apart: int, facets: Sequence[str]) -> dict[str, object] | None:
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows: Sequence[tuple[int, datetime, str, datetime | None, int]] = cursor.execute(
            _STANDING, {"projection": POSITION, "facets": list(facets)}
        ).fetchall()
        sheets = cursor.execute(_HOW_MANY).fetchone()
        apart = max(apart, int(sheets[0]) // _AT_MOST if sheets else 0)
        # Most facets stand at one instant: what comes after it is looked for once.
        found: dict[tuple[datetime | None, int], datetime | None] = {}
        for generation, horizon, name, last, steps in rows:
            wanted = (last, max(apart, steps))
            since = last or "-infinity"
            if wanted not in found:
                values = {"since": since, "apart": wanted[1]}
                row = cursor.execute(_UNTIL, values, prepare=False).fetchone()
                found[wanted] = row[0] if row else None
            until = found[wanted]
            # Of a command that is not in the tables whole there is no state yet.
            if until is not None and until <= horizon:
                return {"generation": generation, "name": name, "since": since, "until": until}
    return None


# --- checks ------------------------------------------------------------------------------------

_SAMPLED = """
SELECT facet, recorded_at FROM (
    SELECT facet, recorded_at, row_number() OVER (PARTITION BY facet ORDER BY recorded_at DESC)
    FROM headcount_checkpoint
    WHERE generation = (SELECT generation FROM projection_positions WHERE name = %s)) AS latest
WHERE row_number <= %s ORDER BY facet, recorded_at
"""


def verify_headcounts(conn: Conn, effective_at: date, *, latest: int = 1) -> list[str]:
    """Where checkpoints do not say what the sheets say of a day; in order, nowhere.

    The `latest` checkpoints of every facet: a mistake in an earlier one is in those that follow.
    """
    with conn.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(_SAMPLED, (POSITION, latest)).fetchall()
    found = []
    for name, at in rows:
        kept = count_heads(conn, Facet(name), effective_at, at)
        if kept != count_heads(conn, Facet(name), effective_at, at, from_sheets=True):
            found.append(f"{name}: the head counts kept as known at {at.isoformat()} are wrong")
    return found

"""Whether the tables of positions can be true: no two rows answer one question, and no gap.

The rows themselves are compared with those of a rebuild (`transfer rebuild`); what is here is found
without the log.
"""

from psycopg.rows import tuple_row

from projections.keeping_up.copying import Conn

_OVERLAPS = """
SELECT one.{subject}, one.{name}, one.effective_from, other.effective_from
FROM {table} AS one JOIN {table} AS other
  ON {same} AND one.ctid < other.ctid
 AND one.effective_from < other.effective_to AND other.effective_from < one.effective_to
 AND one.recorded_from < other.recorded_to AND other.recorded_from < one.recorded_to
LIMIT 100
"""
_OVERLAPPING_SHEETS = _OVERLAPS.format(
    table="position_sheet",
    subject="staff_number",
    name="assignment",
    same="(one.staff_number, one.assignment, one.epoch)"
    " = (other.staff_number, other.assignment, other.epoch)",
)
_OVERLAPPING_TERMS = _OVERLAPS.format(
    table="collective_term",
    subject="consultation",
    name="term",
    same="(one.consultation, one.term, one.layer) = (other.consultation, other.term, other.layer)",
)
_OUTLIVING = """
SELECT staff_number, assignment, effective_from FROM (
    SELECT staff_number, assignment, effective_from, recorded_to,
           min(epoch) OVER (PARTITION BY staff_number, assignment ORDER BY epoch
                            GROUPS BETWEEN 1 FOLLOWING AND 1 FOLLOWING) AS next_epoch
    FROM position_sheet) AS sheets
WHERE recorded_to > next_epoch LIMIT 100
"""
# As areas: sheets that do not overlap cover everything if they are as large as it together.
_NOT_COVERED = """
SELECT staff_number FROM position_sheet WHERE assignment = ''
GROUP BY staff_number
HAVING sum((least(effective_to, '10000-01-01') - greatest(effective_from, '0001-01-01'))
           * extract(epoch FROM least(recorded_to, '10000-01-01 00:00Z') - recorded_from))
    <> (date '10000-01-01' - date '0001-01-01')
           * extract(epoch FROM timestamptz '10000-01-01 00:00Z' - min(recorded_from))
LIMIT 100
"""


def verify_no_overlap(conn: Conn) -> list[str]:
    """Whatever would let two rows answer one (V, K), or none answer of somebody who is known.

    At most 100 of each kind; in order, there are none.
    """
    found = []
    with conn.cursor(row_factory=tuple_row) as cursor:
        for statement in (_OVERLAPPING_SHEETS, _OVERLAPPING_TERMS):
            rows = cursor.execute(statement.encode()).fetchall()
            found += [f"{subject} {name}: {one} and {other}" for subject, name, one, other in rows]
        rows = cursor.execute(_OUTLIVING.encode()).fetchall()
        found += [f"{number} {job}: {day} holds in two epochs" for number, job, day in rows]
        rows = cursor.execute(_NOT_COVERED.encode()).fetchall()
        found += [f"{number}: not told of every day since it is known" for (number,) in rows]
    return found

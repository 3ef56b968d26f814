"""Who works where: everybody counted by a facet, or listed."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal

from projections.keeping_up.copying import Conn
from projections.keeping_up.cursors import every_page
from projections.position import queries as position_queries
from projections.position.answers import Group, Member, Members, Total
from projections.position.spellings import most_usual, same_as
from transfer.access.identity import Limits
from transfer.access.reach import Job, within
from transfer.core.dating.instants import Instant
from transfer.core.record.full_time import add_up
from transfer.core.words import Facet
from transfer.questions.answer import Answer
from transfer.questions.table import Row


class Workforce(Answer):
    """Head counts by the values of one facet, on a day, as known at an instant.

    Only assignments that have an employer on the day count."""

    by: Facet
    effective_at: date
    known_at: Instant
    groups: tuple[Group, ...]
    total: Total


class MembersFound(Answer):
    """A page of members in order of staff number; `next_cursor` is null on the last."""

    effective_at: date
    known_at: Instant
    items: tuple[Member, ...]
    next_cursor: str | None


class MemberRow(Row):
    """One assignment of one person on a day, as known at an instant: the values in force then."""

    staff_number: str
    assignment: str
    employer: str | None
    unit: str | None
    post: str | None
    role: str | None
    band: str | None
    paid_band: str | None
    pay_point: str | None
    terms_set: str | None
    workplace: str | None
    fte: str | None
    line_manager: str | None
    hr_process_owner: str | None
    professional_supervisor: str | None
    effective_at: date
    known_at: Instant


def members(
    conn: Conn,
    having: Mapping[Facet, str],
    effective_at: date,
    known_at: datetime,
    *,
    assignment: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> MembersFound:
    """A page of those whose values of the facets named those are (K resolved before).

    Raises `Malformed` for a limit or a cursor that is none.
    """
    found = position_queries.members(
        conn, having, effective_at, known_at, assignment=assignment, limit=limit, cursor=cursor
    )
    return MembersFound(
        effective_at=effective_at,
        known_at=known_at,
        items=found.items,
        next_cursor=found.next_cursor,
    )


def rows_of_members(
    connect: Callable[[], AbstractContextManager[Conn]],
    having: Mapping[Facet, str],
    effective_at: date,
    known_at: datetime,
    *,
    assignment: str | None = None,
) -> Iterator[tuple[MemberRow, ...]]:
    """All of those whose values of the facets named those are, page by page (K resolved before).

    A connection is held for one page at a time: the reader of the rows may be slow."""

    def page_from(cursor: str | None) -> Members:
        with connect() as conn:
            return position_queries.members(
                conn,
                having,
                effective_at,
                known_at,
                assignment=assignment,
                limit=position_queries.MOST_MEMBERS,
                cursor=cursor,
            )

    for page in every_page(page_from):
        yield tuple(
            MemberRow(
                staff_number=each.staff_number,
                assignment=each.assignment,
                **{facet.value: each.position.get(facet) for facet in Facet},
                effective_at=effective_at,
                known_at=known_at,
            )
            for each in page.items
        )


def workforce(
    conn: Conn,
    by: Facet,
    effective_at: date,
    known_at: datetime,
    assignment: str | None = None,
) -> Workforce:
    """Head counts and full-time equivalents of everybody (K resolved before)."""
    counted = position_queries.workforce(conn, by, effective_at, known_at, assignment)
    return Workforce(
        by=by,
        effective_at=effective_at,
        known_at=known_at,
        groups=counted.groups,
        total=counted.total,
    )


def workforce_within(
    limits: Limits,
    conn: Conn,
    by: Facet,
    effective_at: date,
    known_at: datetime,
    assignment: str | None = None,
) -> Workforce:
    """The same of the jobs within an administrator's limits, counted one by one."""
    heads: defaultdict[Hashable, set[str]] = defaultdict(set)
    fte: defaultdict[Hashable, Decimal] = defaultdict(Decimal)
    called: defaultdict[Hashable, Counter[str]] = defaultdict(Counter)
    same = same_as(by)
    for member in _everybody(conn, effective_at, known_at, assignment):
        position = member.position
        job = Job(position[Facet.EMPLOYER], position.get(Facet.UNIT))
        value = position.get(by)
        if value is None or not within(limits, [job]):
            continue
        heads[same(value)].add(member.staff_number)
        called[same(value)][value] += 1
        fte[same(value)] += add_up({member.assignment: position.get(Facet.FTE)}).total
    groups = sorted(
        (most_usual(by, called[key]), len(people), fte[key]) for key, people in heads.items()
    )
    return Workforce(
        by=by,
        effective_at=effective_at,
        known_at=known_at,
        groups=tuple(Group(value, count, parts) for value, count, parts in groups),
        total=Total(len(set[str]().union(*heads.values())), sum(fte.values(), Decimal(0))),
    )


def _everybody(
    conn: Conn, effective_at: date, known_at: datetime, assignment: str | None
) -> Iterator[Member]:
    for page in every_page(
        lambda cursor: position_queries.members(
            conn,
            {},
            effective_at,
            known_at,
            assignment=assignment,
            limit=position_queries.MOST_MEMBERS,
            cursor=cursor,
        )
    ):
        yield from page.items

"""Who is meant by a few letters of a name, a staff number, an employer or a unit, known when?

The vault's index says which names may be meant; the names themselves decide.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import Field

from projections.keeping_up.copying import Conn
from projections.keeping_up.cursors import read_cursor, write_cursor
from projections.links_and_objections import projection as links_and_objections
from projections.links_and_objections.projection import NOTHING
from projections.position import projection as position_projection
from projections.position import queries as position_queries
from projections.position.queries import MOST_MEMBERS, Member
from projections.position.spellings import spellings_of
from transfer.commands.office import Office
from transfer.core.dating.instants import Instant
from transfer.core.record.name_search import answers_to, words_of
from transfer.core.record.names import name_periods
from transfer.core.refusals import Malformed
from transfer.core.words import Facet
from transfer.questions.answer import Answer, absent
from transfer.questions.names import field_of_name, field_of_period
from transfer.questions.summary import InBrief, in_brief

SEEN_BY = (position_projection.NAME, links_and_objections.NAME)
"""The read models that these answers rest on."""


class PersonFound(InBrief):
    """Somebody who was found. `found_by` is the name that answers to what was typed, where it is
    not the one that they go by on the day."""

    found_by: str | None = Field(None, exclude_if=absent)


class PeopleFound(Answer):
    """A page of people in order of staff number; `next_cursor` is null on the last."""

    effective_at: date
    known_at: Instant
    items: tuple[PersonFound, ...]
    next_cursor: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is looked for; all that is given must hold.

    `name` is a name or parts of one, `number` a staff number in any spelling; `having` are values
    of one of the person's assignments on the day, in any spelling.
    """

    name: str | None
    number: str | None
    having: Mapping[Facet, str]


@dataclass(frozen=True, slots=True)
class _Search:
    conn: Conn
    office: Office
    wanted: Wanted
    words: tuple[str, ...]
    effective_at: date
    known_at: datetime


def people_found(
    conn: Conn,
    office: Office,
    wanted: Wanted,
    effective_at: date,
    known_at: datetime,
    *,
    limit: int,
    cursor: str | None,
) -> PeopleFound:
    """A page of those whom somebody looks for (K resolved before).

    A name counts from whatever day it is or was in force. One that was put right or annulled does
    not, and nobody is found who was not on record at K; by name, nobody whose personal data was
    erased. Raises `Malformed` where nothing was given to look for, for a name without a letter, and
    for a cursor that is none.
    """
    words = () if wanted.name is None else words_of(wanted.name)
    if not words and wanted.name is not None:
        raise Malformed("give a name, or the beginning of one", field="name")
    if not (words or wanted.number is not None or wanted.having):
        raise Malformed("say whom: by name, number, employer or unit", field="name")
    (after,) = ("",) if cursor is None else read_cursor(cursor, 1)
    search = _Search(conn, office, wanted, words, effective_at, known_at)
    spellings = {
        facet: frozenset(spellings_of(conn, facet, value, effective_at, known_at))
        for facet, value in wanted.having.items()
    }
    found: list[PersonFound] = []
    for numbers in _candidates(search, after, min(limit + 1, MOST_MEMBERS)):
        found += _among(search, numbers, spellings)
        if len(found) > limit:
            break
    return PeopleFound(
        effective_at=effective_at,
        known_at=known_at,
        items=tuple(found[:limit]),
        next_cursor=write_cursor([found[limit - 1].staff_number]) if len(found) > limit else None,
    )


def _candidates(search: _Search, after: str, limit: int) -> Iterator[Sequence[str]]:
    """Staff numbers after one, in order, among which are all who are looked for."""
    wanted = search.wanted
    if wanted.number is not None:
        spelled = search.office.spellings([wanted.number])
        yield sorted(number for number in spelled if number > after)
    elif search.words:
        vault = search.office.vault
        while numbers := vault.numbers_named(search.conn, search.words, after=after, limit=limit):
            yield numbers
            after = numbers[-1]
    else:
        cursor: str | None = write_cursor((after, ""))
        while cursor is not None:
            page = position_queries.members(
                search.conn,
                wanted.having,
                search.effective_at,
                search.known_at,
                limit=limit,
                cursor=cursor,
            )
            numbers = list(dict.fromkeys(each.staff_number for each in page.items))
            # Somebody with several jobs may stand on two pages.
            yield [number for number in numbers if number > after]
            after, cursor = max([after, *numbers]), page.next_cursor


def _among(
    search: _Search, numbers: Sequence[str], spellings: Mapping[Facet, Collection[str]]
) -> Iterator[PersonFound]:
    """Those of these people who are looked for, in order."""
    jobs = position_queries.jobs(search.conn, numbers, search.effective_at, search.known_at)
    there = [number for number in numbers if number in jobs and _has(jobs[number], spellings)]
    beside = links_and_objections.beside_each(search.conn, there, search.known_at)
    personal = search.office.vault.read_many(search.conn, there)
    for number in there:
        names = personal.get(number, {})
        entries = beside.get(number, NOTHING).names
        current = names.get(field_of_name(entries, search.effective_at))
        ever = (names.get(field_of_period(each)) for each in name_periods(entries))
        answering = [name for name in ever if name is not None and answers_to(name, search.words)]
        if answering or not search.words:
            brief = in_brief(number, current, jobs[number])
            found_by = None if current in answering or not search.words else answering[-1]
            yield PersonFound(**dict(brief), found_by=found_by)


def _has(jobs: Iterable[Member], spellings: Mapping[Facet, Collection[str]]) -> bool:
    """Whether one of somebody's jobs has all these values."""
    return not spellings or any(
        all(job.position.get(facet) in values for facet, values in spellings.items())
        for job in jobs
    )

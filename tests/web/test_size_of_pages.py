"""What a page costs and weighs grows neither with the people of an exercise nor with a record.

Nothing here is timed: what is counted is the statements that a page sends to the database, and its
bytes. How long pages take is measured by `tests.benchmarks.pages`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal
from uuid import NAMESPACE_OID, uuid5

import psycopg
import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI

from deploy.data_folder import DataFolder
from tests.support.asking import Client
from tests.support.exercise_of_many import (
    APPEALED,
    NAME,
    exercise_pages,
    play_to_the_appeals,
)
from tests.support.practised import practising
from tests.support.serving import application
from tests.web.practised_pages import SECRET
from tests.web.visiting import Visitor
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.app import open_record
from transfer.core.record.staff import PositionChanged, StaffRegistered
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.envelope import Command
from transfer.procedures.facts import Fact

pytestmark = [pytest.mark.engines, pytest.mark.thorough]

FEW, MANY, APPEALS = 60, 240, 3
"""More than a page shows, of one Trust, so that both have the same groups."""

ENTRIES, MOST_BYTES = 1_500, 300_000

OF_ALL_TRUSTS, MANY_GROUPS, MOST_OF_AN_EXERCISE = 140, 40, 100_000
"""People of all Trusts, which makes many groups and flows, and what the page may weigh then."""


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What is sent to the database."""
    sent: list[object] = []
    execute = psycopg.Cursor.execute

    def noting(self: psycopg.Cursor[Any], query: Any, *rest: Any, **more: Any) -> Any:
        sent.append(query)
        return execute(self, query, *rest, **more)

    monkeypatch.setattr(psycopg.Cursor, "execute", noting)
    return sent


@contextmanager
def exercise_of(
    people: int,
    url: str,
    folder: DataFolder,
    *,
    trusts: Sequence[str] | Literal["all"] = ("London",),
    appealing: int = APPEALS,
) -> Iterator[tuple[Visitor, FastAPI]]:
    """An administrator's browser on an exercise; nothing else asks the database meanwhile."""
    on = APPEALED + timedelta(days=1)
    with open_record(url, folder) as record, practising(record, folder, on) as played:
        play_to_the_appeals(record, people, trusts, appealing=appealing)
        played.to(on)
        record.catch_up()
        identity = played.service.identity
        assert isinstance(identity, EmbeddedIdentity)
        with start_blocking_portal() as portal, application(played.service, pages=SECRET) as app:
            yield Visitor(Client(portal, app), identity).sign_in(), app


def test_pages_of_an_exercise_of_many_cost_and_weigh_what_those_of_one_of_few_do(
    new_database: Callable[[], AbstractContextManager[str]],
    folder: DataFolder,
    statements: list[object],
) -> None:
    cost: dict[int, dict[str, tuple[int, int]]] = {}
    for people in (FEW, MANY):
        with new_database() as url, exercise_of(people, url, folder) as (visitor, app):
            cost[people] = {}
            for path in exercise_pages(app):
                visitor.get(path)  # what the first visitor learns is kept for the others
                statements.clear()
                answer = visitor.get(path)
                assert answer.status_code == 200, (path, answer.text)
                cost[people][path] = len(statements), len(answer.content)
    assert cost[FEW].keys() == cost[MANY].keys()
    assert len(cost[FEW]) >= 8
    assert {path: n for path, (n, _) in cost[MANY].items()} == {
        path: n for path, (n, _) in cost[FEW].items()
    }
    heavier = {
        path: (cost[FEW][path][1], size)
        for path, (_, size) in cost[MANY].items()
        if size > 1.05 * cost[FEW][path][1] + 500  # the way to a next page, and longer numbers
    }
    assert heavier == {}


def test_an_exercise_of_many_groups_is_shown_some_at_a_time(
    database_url: str, folder: DataFolder
) -> None:
    people = exercise_of(OF_ALL_TRUSTS, database_url, folder, trusts="all", appealing=0)
    with people as (visitor, _):
        seen: dict[str, list[str]] = {}
        for page, lists in {
            f"/exercises/{NAME}": ("groups", "flows", "history"),
            f"/exercises/{NAME}/letters": ("groups",),
        }.items():
            for of in lists:
                address: str | None = page
                found = seen.setdefault(f"{page} {of}", [])
                while address is not None:
                    answer = visitor.get(address)
                    assert answer.status_code == 200, (address, answer.text)
                    assert len(answer.content) < MOST_OF_AN_EXERCISE, address
                    found.append(answer.text)
                    address = _following(answer.text, of)
    groups = {name for page in seen[f"/exercises/{NAME} groups"] for name in _GROUP.findall(page)}
    assert len(groups) >= MANY_GROUPS
    assert groups == {
        name
        for page in seen[f"/exercises/{NAME}/letters groups"]
        for name in _GROUP_OF_LETTERS.findall(page)
    }
    assert all(len(found) > 1 for found in seen.values())


_GROUP = re.compile(r'govuk-table__header">([^<]+)</th>\s*<td[^>]*><span[^>]*>People')
_GROUP_OF_LETTERS = re.compile(r"letters\?group=[^\"]*\">([^<]+)</a>")


def _following(page: str, of: str) -> str | None:
    """The address of the next part of a list, without its place on the page."""
    link = rf'<a class="govuk-link govuk-pagination__link" href="([^"#]*)#{of}" rel="next"'
    found = re.search(link, page)
    return None if found is None else html.unescape(found[1])


def test_no_page_of_a_person_with_many_entries_is_heavy(
    database_url: str, folder: DataFolder
) -> None:
    """1,500 changes, each of another day and of another value."""
    with (
        open_record(database_url, folder) as record,
        practising(record, folder, date(2014, 6, 2)) as played,
    ):
        begun = date(2005, 1, 1)
        held: dict[Facet, str | None] = {Facet.EMPLOYER: "London Probation Trust", Facet.BAND: "1"}
        facts: list[Fact] = [
            StaffRegistered(staff_number="S1", effective_from=begun, position=held),
            *(
                PositionChanged(
                    effective_from=begun + timedelta(days=n),
                    changes={Facet.BAND: f"{n % 9 + 1}", Facet.UNIT: f"unit {n}"},
                    reason="the units were reorganised",
                )
                for n in range(1, ENTRIES)
            ),
        ]
        for first in range(0, ENTRIES, 100):
            some = facts[first : first + 100]
            new = [(staff_stream("S1"), first, fact) for fact in some]
            name = uuid5(NAMESPACE_OID, str(first))
            at = datetime(2014, 6, 2, 13, tzinfo=UTC) + timedelta(minutes=first)
            record.log.append(new, Command(name, "hr", b"", at=at))
        record.catch_up()
        identity = played.service.identity
        assert isinstance(identity, EmbeddedIdentity)
        with start_blocking_portal() as portal, application(played.service, pages=SECRET) as app:
            admin = Visitor(Client(portal, app), identity).sign_in()
            own = Visitor(Client(portal, app), identity).sign_in(Role.STAFF, "S1")
            tabs = [f"/staff/S1{tab}" for tab in ("", "/history", "/terms", "/compare", "/explain")]
            more = ["/staff/S1/explain?picture=unit", "/staff/S1/compare?compared_with=2014-06-01"]
            visits = [*((admin, path) for path in (*tabs, *more)), (own, "/my-record")]
            sizes = {}
            for visitor, path in visits:
                answer = visitor.get(path)
                assert answer.status_code == 200, (path, answer.text[:500])
                sizes[path] = len(answer.content)
    assert {path: size for path, size in sizes.items() if size >= MOST_BYTES} == {}

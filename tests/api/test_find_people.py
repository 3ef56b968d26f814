"""People are found by name, number, employer and unit; no name can be read in the database."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from psycopg import sql

from tests.support.asking import Api, Json, created, told
from transfer.access.identity import Role
from transfer.access.reads import RegisterOfReads
from transfer.app import Record
from transfer.commands.office import Act
from transfer.core.record.name_search import entries_of
from transfer.imports.history.import_history import import_history
from transfer.imports.staff_return.import_return import import_return

pytestmark = pytest.mark.engines

PEOPLE = {"S1": "Ann Marsh", "S2": "Zoë Marshall-O'Neil", "S3": "Li Wei", "S4": "Marcus Ann Li"}


@pytest.fixture
def four(api: Api) -> Api:
    """Four people on record."""
    for number, name in PEOPLE.items():
        api.register(number, name=name, position={"employer": "LDN", "unit": "Camden"})
    return api


def found(api: Api, name: str, **asked: object) -> Json:
    answer = api.get("/staff", {"name": name, **asked})
    assert answer.status_code == 200, answer.text
    content: Json = answer.json()
    return content


def numbers(api: Api, name: str, **asked: object) -> list[str]:
    return [each["staff_number"] for each in found(api, name, **asked)["items"]]


def named(api: Api, name: str, start: str, number: str = "S1") -> Json:
    body = {"name": name, "effective_from": start, "reason": "deed poll"}
    return created(api.post(f"/staff/{number}/names", body))


def corrected(api: Api, of: str, **content: object) -> Json:
    return created(api.post("/staff/S1/corrections", {"of": of, "reason": "r", **content}))


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("marsh", ["S1", "S2"]),
        ("MAR", ["S1", "S2", "S4"]),
        ("ma", []),
        ("li", ["S3", "S4"]),
        ("ann mar", ["S1", "S4"]),
        ("zoe oneil", ["S2"]),
        ("nobody", []),
    ],
)
def test_people_are_found_by_the_beginnings_of_their_names(
    four: Api, asked: str, expected: list[str]
) -> None:
    assert numbers(four, asked) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"number": "s3"}, ["S3"]),
        ({"number": "S9"}, []),
        ({"number": "not / one"}, []),
        ({"number": "S1", "name": "zoe"}, []),
        ({"employer": "London", "limit": 2}, ["S1", "S2"]),
        ({"employer": "ldn", "unit": " Camden "}, ["S1", "S2", "S3", "S4"]),
        ({"unit": "Camden", "name": "ann"}, ["S1", "S4"]),
        ({"unit": "Hull", "name": "ann"}, ["S5"]),
        ({"employer": "LDN", "unit": "Hull"}, []),
        ({"employer": "LDN", "effective_at": "2013-12-31"}, []),
    ],
)
def test_people_are_found_by_number_employer_and_unit(
    four: Api, asked: dict[str, object], expected: list[str]
) -> None:
    four.register("S5", name="Ann Elsewhere", position={"employer": "HUM", "unit": "Hull"})
    second = {"assignment": "second", "effective_from": "2014-01-01", "reason": "r"}
    changes = {"employer": "HUM", "unit": "Leeds"}
    created(four.post("/staff/S1/changes", {**second, "changes": changes}))
    answer = four.get("/staff", asked)
    assert answer.status_code == 200, answer.text
    assert [each["staff_number"] for each in answer.json()["items"]] == expected


def test_pages_of_an_employer_name_each_person_once(four: Api) -> None:
    for number in ("S1", "S2"):
        for job in ("b", "c", "d"):
            body = {"assignment": job, "effective_from": "2014-01-01", "reason": "r"}
            created(four.post(f"/staff/{number}/changes", {**body, "changes": {"employer": "LDN"}}))
    seen: list[str] = []
    cursor = None
    for _ in range(9):
        page = four.get("/staff", employer="LDN", limit=1, cursor=cursor).json()
        seen += [each["staff_number"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == list(PEOPLE)


def test_who_is_erased_is_found_by_number_without_a_name(four: Api, record: Record) -> None:
    record.vault.erase("S1")
    (shown,) = four.get("/staff", number="S1").json()["items"]
    assert (shown["staff_number"], shown.get("name"), shown["unit"]) == ("S1", None, "Camden")


def test_each_is_shown_in_brief_as_on_the_day(four: Api) -> None:
    (shown,) = found(four, "ann marsh", effective_at="2014-01-01")["items"]
    brief = four.get("/staff/S1", effective_at="2014-01-01").json()
    assert shown == {name: brief[name] for name in shown}
    assert (shown["name"], shown["employed"], shown["unit"]) == ("Ann Marsh", True, "Camden")
    (before,) = found(four, "ann marsh", effective_at="2013-12-31")["items"]
    assert (before["employed"], before["employer"]) == (False, None)


def test_pages_neither_repeat_nor_skip_anybody(api: Api) -> None:
    expected = []
    for n in range(9):
        # Every third answers to something else by now, and takes up room on no page.
        api.register(f"S{n}", name="Ann Marsh" if n % 3 else "Bo Other")
        if n % 3:
            expected.append(f"S{n}")
        else:
            body = {"name": "Ann Mistyped", "effective_from": "2014-02-01", "reason": "r"}
            wrong = created(api.post(f"/staff/S{n}/names", body))
            annulled = {"of": wrong["event_id"], "reason": "r", "annul": True}
            created(api.post(f"/staff/S{n}/corrections", annulled))
    seen: list[str] = []
    cursor = None
    for _ in range(20):
        page = found(api, "ann", limit=2, cursor=cursor)
        assert len(page["items"]) <= 2
        seen += [each["staff_number"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        assert len(page["items"]) == 2
    assert seen == expected


def test_an_earlier_name_finds_the_person_as_far_as_it_was_known(four: Api) -> None:
    before = found(four, "marsh")
    married = named(four, "Ann Otzi", "2014-03-01")
    (shown,) = found(four, "otzi", effective_at="2014-03-01")["items"]
    assert (shown["name"], shown.get("found_by")) == ("Ann Otzi", None)
    (earlier,) = found(four, "ann marsh", effective_at="2014-03-01")["items"]
    assert (earlier["name"], earlier["found_by"]) == ("Ann Otzi", "Ann Marsh")
    (later,) = found(four, "otzi", effective_at="2014-02-28")["items"]
    assert (later["name"], later["found_by"]) == ("Ann Marsh", "Ann Otzi")
    assert numbers(four, "otzi", known_at=before["known_at"]) == []
    assert found(four, "marsh", known_at=before["known_at"]) == before
    right = corrected(four, married["event_id"], name="Ann Ohm", effective_from="2014-03-01")
    assert (numbers(four, "otzi"), numbers(four, "ohm")) == ([], ["S1"])
    assert numbers(four, "otzi", known_at=married["recorded_at"]) == ["S1"]
    corrected(four, right["event_id"], annul=True)
    assert (numbers(four, "otzi"), numbers(four, "ohm")) == (["S1"], [])


def test_the_words_of_two_names_are_not_one_name(four: Api) -> None:
    named(four, "Bo Otzi", "2014-03-01")
    assert numbers(four, "ann otzi") == []


def test_nobody_is_found_who_was_not_on_record_then(api: Api) -> None:
    first = api.register("S1", name="Ann Marsh")
    api.register("S2", name="Ann Other")
    assert numbers(api, "ann") == ["S1", "S2"]
    assert numbers(api, "ann", known_at=first["recorded_at"]) == ["S1"]


def test_an_erased_person_is_not_found_and_no_word_of_theirs_is_left(
    four: Api, record: Record
) -> None:
    named(four, "Ann Otzi", "2014-03-01")
    record.vault.erase("S1")
    assert numbers(four, "marsh") == ["S2"]
    assert numbers(four, "otzi") == []
    with record.log.connection() as connection:
        rows = connection.execute(
            "SELECT name_words FROM person_fields WHERE staff_number = 'S1'"
        ).fetchall()
    assert [row["name_words"] for row in rows] == [None, None]


def test_who_may_search(four: Api) -> None:
    for role in (Role.ADMIN, Role.AUDIT):
        assert four.get("/staff", name="ann", token=four.token_for(role)).status_code == 200
    for role in (Role.STAFF, Role.UNION, Role.DISPUTE):
        told(four.get("/staff", name="ann", token=four.token_for(role, "S1")), 403, "not-allowed")
    told(four.client.get("/v1/staff?name=ann"), 401, "not-identified")


def test_a_search_is_a_read_of_those_it_shows(four: Api, record: Record) -> None:
    register = RegisterOfReads(record.log.connection)
    found(four, "mar", limit=2)
    whom = [number for number in PEOPLE if register.of(number, limit=10)]
    assert whom == ["S1", "S2"]
    assert register.of("S1", limit=10)[0].what == "/v1/staff"


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"name": ""},
        {"name": " .- "},
        {"name": "x" * 201},
        {"name": "ann", "limit": "0"},
        {"name": "ann", "limit": "1001"},
        {"name": "ann", "cursor": "S1"},
        {"name": "ann", "band": "4"},
        {"effective_at": "2014-01-01"},
        {"employer": ""},
    ],
)
def test_what_is_no_search_is_refused(shared: Api, asked: dict[str, str]) -> None:
    told(shared.get("/staff", asked), 422, "malformed")


# --- where names must not stand ------------------------------------------------------------------

GIVEN = {
    "S1": "Quillfeather Ann",
    "S2": "Brackenbury Ann",
    "S3": "Thistlewood Ann",
    "S4": "Wolstenholme Ann",
    "S5": "Featherstone Ann",
}
"""By the number, a name that was given in one of the ways in which names come on record."""


def put_on_record(api: Api, record: Record, tmp_path: Path) -> None:
    """S1 and S4 are registered, S2 is named; S3 comes by a list, S5 by a history."""
    for number in ("S1", "S4"):
        api.register(number, name=GIVEN[number])
    api.register("S2", name="Ann Before")
    named(api, GIVEN["S2"], "2014-03-01", "S2")
    row = {"employer": "London", "unit": "U", "role": "R", "band": "4", "fte": "1"}
    text = io.StringIO(newline="")
    line = {"staff_number": "S3", "name": GIVEN["S3"], "in_post_from": "2009-04-01"} | row
    writer = csv.DictWriter(text, [*line])
    writer.writeheader()
    writer.writerow(line)
    act = Act("hr", UUID(int=1))
    outcome = import_return(record.office, act, text.getvalue().encode(), document="list")
    assert not outcome.rejected
    history = tmp_path / "history.ndjson"
    history.write_text(
        '{"staff_number": "S5", "act": "registration", "recorded_on": "2001-01-10", "ref": "1",'
        f' "effective_from": "2001-01-01", "employer": "London", "name": "{GIVEN["S5"]}"}}\n',
        "utf-8",
    )
    taken = import_history(
        record.office,
        Act("hr", UUID(int=9)),
        history,
        source="old system",
        folder=tmp_path / "imports",
        today=date(2014, 6, 1),
    )
    assert taken.rejections == 0


def everything_in(record: Record) -> str:
    """Every row of every table as text; what is kept as bytes is in hexadecimal."""
    said: list[str] = []
    with record.log.connection() as connection:
        tables = connection.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        ).fetchall()
        for table in tables:
            whole = sql.SQL("SELECT t::text AS said FROM {} AS t").format(
                sql.Identifier(table["table_name"])
            )
            said += (row["said"] for row in connection.execute(whole))
    return "\n".join(said).casefold()


def test_however_a_name_came_on_record_it_is_found_and_stands_nowhere_to_be_read(
    api: Api, record: Record, tmp_path: Path
) -> None:
    put_on_record(api, record, tmp_path)
    record.runner.catch_up()
    for number, name in GIVEN.items():
        assert numbers(api, name.split()[0][:5]) == [number], name
    everything = everything_in(record)
    assert "london" in everything  # it is looked for where there is something
    for name in GIVEN.values():
        for word in entries_of(name):
            if len(word) > 5:
                assert word not in everything
                assert word.encode().hex() not in everything


def test_names_from_before_the_search_are_found_once_the_record_is_opened_again(
    four: Api, record: Record
) -> None:
    record.vault.erase("S4")
    with record.log.connection() as connection:
        connection.execute("UPDATE person_fields SET name_words = NULL")
        assert numbers(four, "mar") == []
        # One that does not open stands in nobody's way.
        connection.execute(
            "UPDATE person_fields SET commitment = sha256(commitment) WHERE staff_number = 'S3'"
        )
    assert record.vault.index_names() == 2
    assert record.vault.index_names() == 0
    assert numbers(four, "mar") == ["S1", "S2"]

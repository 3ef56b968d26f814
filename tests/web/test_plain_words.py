"""No page shows a day as 2014-06-01, a raw id or the code of a fact, step or rule: it has words."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from tests.support.asking import created
from tests.support.practised import EXERCISE, Practised, consult, to_the_letters
from tests.web.visiting import Visitor
from transfer.access.identity import Role
from transfer.kinds import KNOWN
from transfer.rulebooks import shipped
from transfer.web.frame.codes import Worded, names_in_words

pytestmark = pytest.mark.engines

_UUID = r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
_DAY = r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b"

_REFERENCE = re.compile(r"<details[^>]*app-reference.*?</details>", re.DOTALL)
_NOT_READ = re.compile(
    r"<(script|style|title|svg|code|textarea|select)\b.*?</\1>|"
    r'<p class="app-note app-id">.*?</p>|<span class="app-id">.*?</span>',
    re.DOTALL,
)


def _codes() -> Iterator[str]:
    """What is called so by a program: facts, acts, steps, and the parts of an edition."""
    for kind in KNOWN.kinds:
        yield from (each.name for each in kind.acts)
        yield from (each.name for each in kind.steps)
    yield from (name.partition(".")[0] for name in KNOWN.names.values())
    for book in shipped().values():
        for parts in (book.routes, book.paths, book.letters, book.windows, book.happenings):
            yield from (each.id for each in parts)
        yield from (each.name for each in book.milestones)
        yield from (each.term for each in book.grants)
        yield from (each.term for each in book.offers)


CODES = sorted({each for each in _codes() if re.search(r"[a-z][-_][a-z]", each)})
"""Those that no office would say: of several words."""

_RAW = re.compile(
    rf"{_UUID}|{_DAY}|\b[a-z]+\.v[0-9]\b|(?<![\w/-])(?:{'|'.join(map(re.escape, CODES))})(?![\w-])"
)


def _seen(page: str) -> str:
    """What somebody reads on a page: what is behind "Why" too, but not behind "Reference"."""
    page = _NOT_READ.sub(" ", page)
    for each in _REFERENCE.findall(page):
        if ">Reference" in each:
            page = page.replace(each, " ")
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


def _raw(page: str) -> list[str]:
    """Each day, id and code that is seen, with what stands about it."""
    seen = _seen(page)
    return [seen[max(0, at.start() - 60) : at.end() + 20] for at in _RAW.finditer(seen)]


@pytest.mark.parametrize(
    ("page", "found"),
    [
        ("<p>on 2014-06-01</p>", 1),
        (f"<dd>{CODES[0]}</dd>", 1),
        ("<p>letter-issued.v1</p>", 1),
        ("<li>0190163d-8694-739b-aea5-966c26f8ad91</li>", 1),
        ("<p>on 1 Jun 2014, in the exercise tr-2013</p>", 0),
        ('<textarea>2014-06-01</textarea><p class="app-note app-id">2014-06-01</p>', 0),
        ('<details class="app-reference"><span>Reference</span> 2014-06-01</details>', 0),
        ('<details class="app-reference"><span>Why</span> 2014-06-01</details>', 1),
    ],
)
def test_what_is_looked_for_is_found(page: str, found: int) -> None:
    assert len(_raw(page)) == found


def test_days_and_names_are_put_into_words_and_the_rest_stays() -> None:
    worded = Worded(lambda: names_in_words(KNOWN.kinds, shipped().values()))
    said = "by local-evidence: 2 of 3 on 2013-11-11; issue-letters of tr-2013 on 2014-99-99"
    title = shipped()["tr-2013"].route("local-evidence").title
    assert worded(said) == (
        f"by “{title}”: 2 of 3 on 11 Nov 2013; issue letters of tr-2013 on 2014-99-99"
    )
    assert (
        worded("re-local-evidence 2014-06-01T10:00:00Z") == "re-local-evidence 2014-06-01T10:00:00Z"
    )
    assert worded(None) == ""


def _links(page: str, under: str) -> list[str]:
    return sorted({html.unescape(each) for each in re.findall(rf'href="({under}[^"#]*)', page)})


def _played(played: Practised) -> None:
    """An exercise to its transfer: letters, an answer, an appeal, an extension, an objection."""
    to_the_letters(played)
    consult(played)
    played.to(date(2013, 12, 2))
    own = played.token("S1", Role.STAFF)
    reply = {"staff_number": "S1", "answer": "rights-reserved"}
    created(played.act(EXERCISE, "record-answer", reply, token=own))
    appeal = {"exercise": "tr", "staff_number": "S1", "grounds": "so"}
    created(played.begin("appeal", appeal, token=own))
    objects = {"staff_number": "S2", "told_to": "transferor"}
    created(played.act(EXERCISE, "object", objects, token=played.token("S2", Role.STAFF)))
    returned = {"staff_number": "S3", "reason": "gone away"}
    created(played.act(EXERCISE, "letter-returned", returned))
    moved = {"milestone": "transfer", "to": "2014-06-02", "reason": "a Sunday"}
    created(played.act(EXERCISE, "move-milestone", moved))
    leaves = {"effective_from": "2014-01-20", "reason": "Resigned"}
    created(played.api.post("/staff/S4/leavings", leaves))
    term = {"term": "continuous_service_from", "value": "2009-04-01"}
    dated = term | {"effective_from": "2010-04-01", "reason": "as paid"}
    created(played.api.post("/staff/S1/terms", dated))
    played.appoint("S1", representative="branch-7")


def test_no_page_shows_a_day_an_id_or_a_code_of_the_program(
    played: Practised, window: Callable[[], Visitor]
) -> None:
    _played(played)
    found: dict[str, list[str]] = {}
    for day in (date(2013, 12, 3), date(2014, 1, 31), date(2014, 6, 3)):
        played.to(day)
        hr = window().sign_in()
        office = ["/", "/work", "/exercises", "/exercises/tr", "/hand-overs", "/upload"]
        office += ["/exercises/tr/people", "/exercises/tr/letters", "/procedures/exercise/tr"]
        office += [
            "/notices",
            "/exercises/tr/liability-information",
            "/questions-of-reads",
            "/glossary",
            "/procedures/exercise/begin",
            "/procedures",
        ]
        for number in ("S1", "S2", "S3", "S4"):
            tabs = ("", "/history", "/terms", "/explain", "/compare?and_on=2014-06-10")
            office += [f"/staff/{number}{tab}" for tab in tabs]
            office.append(f"/staff/{number}/compare?compared_with=2013-11-20")
        office += _links(hr.get("/procedures/exercise/tr").text, "/procedures/exercise/tr/acts/")
        pages = [(hr, each) for each in office]
        member = window().sign_in(Role.STAFF, "S1")
        mine = ("/my-record", "/my-choices", "/who-read-my-record", "/who-could-read-my-record")
        pages += [(member, each) for each in (*mine, "/my-record/challenge", "/staff/S1/history")]
        union = window().sign_in(Role.UNION, "branch-7")
        pages += [(union, each) for each in ("/my-members", "/staff/S1/history")]
        for visitor, address in pages:
            answer = visitor.get(address)
            assert answer.status_code == 200, (address, answer.text)
            if raw := _raw(answer.text):
                found[f"{day} {address}"] = raw

    assert found == {}

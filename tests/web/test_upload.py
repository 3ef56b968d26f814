"""A staff return by a page: every bad row with its reason, and nothing on record before it is
confirmed."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.support.practised import Practised
from tests.web.visiting import Visitor, form_token_of, text_of
from transfer.access.identity import EmbeddedIdentity, Role
from transfer.imports.staff_return import sample_return
from transfer.web.office import upload

pytestmark = pytest.mark.engines

HEAD = "staff_number,name,employer,unit,role,band,fte,in_post_from,in_post_to,line_manager\n"
GOOD = "A1,Ann Abel,London Probation Trust,Camden,Probation officer,4,1,2010-04-01,,\n"
BAD = "A2,Ben Best,London Probation Trust,Camden,Probation officer,4,3,2010-04-01,,A9\n"
FILE = (HEAD + GOOD + BAD).encode()


def sent(
    visitor: Visitor, content: bytes, status: int = 200, name: str = "staff.csv", **fields: str
) -> str:
    """The page that a file leads to."""
    token = form_token_of(visitor.get("/upload").text)
    given = {"form_token": token, "list": "first", **fields}
    answer = visitor.upload("/upload", given, name, content)
    assert answer.status_code == status, answer.text
    return answer.text


def hidden(page: str) -> dict[str, str]:
    """What the form of a checked file carries."""
    form = page.partition('action="/upload/check"')[2]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))


def then(visitor: Visitor, page: str, status: int = 200, **fields: str) -> str:
    """The page that a button of a checked file leads to."""
    answer = visitor.post("/upload/check", hidden(page) | fields)
    assert answer.status_code == status, answer.text
    return answer.text


def on_record(played: Practised) -> set[str]:
    """Everybody on record."""
    return set(played.record.office.everybody())


def test_a_return_is_recorded_once_it_is_confirmed_and_no_sooner(
    hr: Visitor, played: Practised
) -> None:
    file = sample_return(["Wiltshire"], seed=7, people=20)
    page = sent(hr, file)
    assert "20 rows are good, of 20 people. Nothing is recorded yet." in text_of(page)
    assert on_record(played) == set()
    done = text_of(then(hr, page, then="do"))
    assert "20 rows are on record, of 20 people." in done
    assert len(on_record(played)) == 20
    last = played.record.log.head().position
    assert played.read(f"/staff/{min(on_record(played))}/history")["items"][0]["recorded_by"] == (
        "HR operations"
    )
    # The button pressed twice, and the same file chosen again.
    assert "It was on record already" in text_of(then(hr, page, then="do"))
    again = text_of(sent(hr, file))
    assert "This file is on record already It was recorded with 20 people." in again
    assert "Confirm and record" not in again
    assert played.record.log.head().position == last


def test_every_bad_row_is_listed_and_the_file_to_mend_says_why(
    hr: Visitor, played: Practised
) -> None:
    page = sent(hr, FILE)
    said = text_of(page)
    assert "Some rows are wrong 1 row is wrong, 1 row is good. Nothing was recorded." in said
    assert re.search(r"Line ?3 Column ?fte What is wrong ?'3' is not", said), said
    assert re.search(r"Column ?line_manager What is wrong ?'A9' is neither in the file", said), said
    assert "Confirm and record" not in said
    then(hr, page, 409, then="do")
    assert on_record(played) == set()
    to_mend = hr.post("/upload/check", hidden(page) | {"then": "download"})
    assert to_mend.headers["content-disposition"].startswith("attachment")
    header, first, second = csv.reader(io.StringIO(to_mend.content.decode("utf-8-sig")))
    assert header == ["what_is_wrong", *HEAD.strip().split(",")]
    assert first == ["", *GOOD.strip().split(",")]
    assert second[1:] == BAD.strip().split(",")
    assert "fte: " in second[0]
    assert "line_manager: 'A9' is neither" in second[0]
    # Mended in place, it is taken with its column of reasons.
    second[6 + 1], second[-1] = "0.5", "A1"
    mended = io.StringIO(newline="")
    csv.writer(mended).writerows([header, first, second])
    page = sent(hr, mended.getvalue().encode())
    assert "2 rows are good, of 2 people." in text_of(page)
    then(hr, page, then="do")
    assert on_record(played) == {"A1", "A2"}


def test_the_good_people_alone_where_that_is_asked_for(hr: Visitor, played: Practised) -> None:
    page = then(hr, sent(hr, FILE), partial="yes")
    assert "1 row is good, of 1 person, 1 row is left out with their people." in text_of(page)
    then(hr, page, then="do")
    assert on_record(played) == {"A1"}


@pytest.mark.parametrize(
    ("rows", "field", "label", "answer", "says"),
    [
        (
            ["04/25/2009,,"],
            "month_first",
            "Does the month or the day stand first in a date?",
            "yes",
            "The month: 04/01/2009 is 1 April",
        ),
        (
            ["2009-04-01,4712-12-31,"],
            "open_end",
            "Do these days mean that somebody is still in post?",
            "4712-12-31",
            "No end 31 Dec 4712, and any later",
        ),
        (
            ["2009-04-01,2010-03-31,", "2010-04-01,,"],
            "last_day_included",
            "Is the day in in_post_to the last day in post?",
            "yes",
            "Yes, it is the last day in post",
        ),
    ],
)
def test_what_the_file_means_is_asked_once_and_shown(
    hr: Visitor,
    played: Practised,
    rows: list[str],
    field: str,
    label: str,
    answer: str,
    says: str,
) -> None:
    before = GOOD.partition("2010-04-01")[0]
    page = sent(hr, (HEAD + "".join(f"{before}{each}\n" for each in rows)).encode())
    said = text_of(page)
    assert "The file leaves open what it means Answer what follows" in said
    assert label in said
    assert "--" not in said
    then(hr, page, 409, then="do")
    assert "There is a problem Choose an answer" in text_of(then(hr, page, then="check"))
    page = then(hr, page, 200, then="check", **{field: answer})
    assert says in text_of(page)
    assert hidden(page)[field] == answer
    then(hr, page, then="do")
    assert on_record(played) == {"A1"}


def test_the_next_list_is_compared_and_whoever_was_compared_is_on_the_register_of_reads(
    hr: Visitor, played: Practised
) -> None:
    other = GOOD.replace("A1", "A3")
    then(hr, sent(hr, (HEAD + GOOD + other).encode()), then="do")
    assert "'A1' is already on record" in text_of(sent(hr, (HEAD + GOOD + "\n").encode()))
    moved = GOOD.replace("Camden", "Brent").replace("2010-04-01", "2013-05-01")
    page = sent(hr, (HEAD + moved + GOOD.replace("A1", "A4")).encode(), list="next")
    said = text_of(page)
    assert "Changed: 1 A1" in said
    assert "New: 1 A4" in said
    assert "Not in the list, and nothing is recorded of them: 1 A3" in said
    for number, read in (("A1", ["/upload"]), ("A3", ["/upload"]), ("A4", [])):
        assert [it.what for it in played.service.register.of(number, limit=9)] == read
    done = text_of(then(hr, page, then="do"))
    assert "Changes of 1 person are on record, and 1 person more." in done
    page = sent(hr, (HEAD + moved + other).encode(), list="next")
    assert "There is nothing to record" in text_of(page)


@pytest.mark.parametrize(
    ("content", "fields", "status", "says"),
    [
        (b"", {}, 422, "The file is empty"),
        (FILE, {"list": ""}, 422, "Choose an answer for “Is it the first list of these people?”"),
        (b"PK\x03\x04", {}, 200, "Not text but a spreadsheet workbook: save it as CSV first"),
        (b"a,b\n1,2\n", {}, 200, "This file cannot be read"),
        (HEAD.encode(), {}, 200, "There is nothing to record"),
        (
            f"shoe_size,{HEAD}42,{GOOD}".encode(),
            {},
            200,
            "No such column: shoe_size (“Whose columns does the file have?” names the edition",
        ),
        (f"shoe_size,{HEAD}42,{GOOD}".encode(), {"ignore_unknown": "yes"}, 200, "1 row is good"),
        (FILE, {"rulebook": "no-such"}, 422, "no-such"),
    ],
)
def test_what_is_no_return_is_refused_with_the_reason(
    hr: Visitor, content: bytes, fields: dict[str, str], status: int, says: str
) -> None:
    assert says in text_of(sent(hr, content, status, **fields))


def test_no_file_and_one_that_is_too_large(hr: Visitor) -> None:
    assert "Choose the file" in text_of(sent(hr, b"", 422, name=""))
    answer = hr.upload("/upload", {}, "staff.csv", b"x" * (upload.LARGEST_FILE + 20_000))
    assert answer.status_code == 413
    assert "at most 8 MB" in text_of(answer.text)


@pytest.mark.parametrize(
    "held", ["", "é", "AAAA", upload._packed(b"x" * (upload.LARGEST_FILE + 1))]
)
def test_a_form_that_carries_no_file_is_refused(hr: Visitor, held: str) -> None:
    page = sent(hr, FILE)
    answer = hr.post("/upload/check", hidden(page) | {"held": held, "then": "do"})
    assert answer.status_code == 422
    assert "Choose the file again" in text_of(answer.text) or "lacks its file" in answer.text


@pytest.mark.parametrize(
    "body", [b"", b"nonsense", b"--x--\r\n", b"--x\r\n\r\n\r\n--x--\r\n", b"--x\r\n" * 50]
)
def test_what_is_no_form_is_malformed(hr: Visitor, body: bytes) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data", "text/plain"):
        answer = hr._ask("POST", "/upload", {"Content-Type": kind}, body)
        assert answer.status_code == 422, (kind, answer.text)


def test_a_form_of_another_session_records_nothing(hr: Visitor, played: Practised) -> None:
    page = sent(hr, (HEAD + GOOD).encode())
    hr.sign_in()
    assert hr.post("/upload/check", hidden(page) | {"then": "do"}).status_code == 403
    assert hr.upload("/upload", {"form_token": "0" * 64}, "s.csv", FILE).status_code == 403
    assert on_record(played) == set()


def test_it_is_for_an_administrator_without_limits(hr: Visitor, played: Practised) -> None:
    identity = played.service.identity
    assert isinstance(identity, EmbeddedIdentity)
    for role in (Role.AUDIT, Role.STAFF, Role.UNION, Role.DISPUTE):
        hr.sign_in(role, "S1")
        assert hr.get("/upload").status_code == 403
    hr.sign_in()
    assert 'href="/upload"' in hr.get("/exercises").text
    hr.sign_in(Role.AUDIT)
    assert 'href="/upload"' not in hr.get("/exercises").text

"""The page of an exercise's letters: what each has to say and lacks, what came of it, and files."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from zipfile import ZipFile

import pytest

from tests.support.asking import created
from tests.support.practised import EXERCISE, PEOPLE, Practised, consult, to_the_letters
from tests.web.visiting import Visitor, shown
from transfer.access.identity import Role
from transfer.web.office import letters

pytestmark = pytest.mark.engines

PAGE = "/exercises/tr/letters"


def test_letters_from_their_plan_to_their_answers(
    hr: Visitor, played: Practised, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_the_letters(played)
    consult(played)
    page = shown(hr, PAGE)
    assert "4 letters of tr here, none of them lack something on the record." in page
    assert "LDN People4, of London Probation Trust Lettersplanned for 2 Dec 2013" in page
    assert "What it has to say: Letter of assignment where to and by which route" in page
    assert "Letternot sent yetplanned for 2 Dec 2013 Group LDN" in page
    assert f'href="{PAGE}"' in hr.get("/exercises/tr").text

    played.to(date(2013, 12, 2))
    created(played.act(EXERCISE, "letter-returned", {"staff_number": "S3"}))
    created(played.act(EXERCISE, "record-answer", {"staff_number": "S1", "answer": "acknowledged"}))
    page = shown(hr, PAGE)
    assert "1 in the exercise came back and is to go again." in page
    assert "Answeracknowledged" in page
    back = shown(hr, f"{PAGE}?state=returned&group=LDN")
    assert "1 letter of tr here" in back
    assert "Lettercame back" in back
    assert "not sent yetplanned for" in shown(hr, f"{PAGE}?known_at=20/11/2013")

    monkeypatch.setattr(letters, "ON_A_PAGE", 3)
    first = hr.get(PAGE).text
    following = re.search(r'href="([^"]*cursor=[^"]*)"', first)
    assert following is not None
    assert "1 letter of tr here" in shown(hr, following[1].replace("&amp;", "&"))
    read = {n: [each.what for each in played.service.register.of(n, limit=50)] for n in PEOPLE}
    assert all("/exercises/{exercise}/letters" in whats for whats in read.values())


def test_letters_as_files(hr: Visitor, played: Practised) -> None:
    to_the_letters(played)
    page = hr.get(PAGE).text
    assert f'href="{PAGE}.csv"' in page
    answer = hr.get(f"{PAGE}.csv?state=to-send")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["staff_number"] for row in rows] == list(PEOPLE)
    assert answer.headers["content-type"].startswith("text/csv")
    assert f'href="{PAGE}.zip"' in page
    papers = hr.get(f"{PAGE}.zip?group=LDN")
    assert papers.headers["content-type"] == "application/zip"
    with ZipFile(io.BytesIO(papers.content)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"letter-to-{n}.pdf" for n in PEOPLE]
        assert all(archive.read(each).startswith(b"%PDF-") for each in archive.namelist())
    paper = hr.get(f"{PAGE}/S1")
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    read = [each.what for each in played.service.register.of("S1", limit=3)]
    assert read == [
        "/exercises/{exercise}/letters/{staff_number}",
        "/exercises/{exercise}/letters.{form}",
        "/exercises/{exercise}/letters.{form}",
    ]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/exercises/none/letters", 404),
        ("/exercises/none/letters.csv", 404),
        ("/exercises/none/letters.zip", 404),
        (f"{PAGE}/S9", 404),
        (f"{PAGE}?state=x", 422),
        (f"{PAGE}?group=x", 404),
        (f"{PAGE}?colour=red", 422),
    ],
)
def test_what_cannot_be_shown_is_said(
    hr: Visitor, played: Practised, address: str, status: int
) -> None:
    played.open()
    shown(hr, address, status)


def test_letters_are_for_administrators_and_auditors(hr: Visitor, played: Practised) -> None:
    to_the_letters(played)
    hr.sign_in(Role.AUDIT, "auditor")
    assert "4 letters" in shown(hr, PAGE)
    for role in (Role.STAFF, Role.UNION, Role.DISPUTE):
        hr.sign_in(role, "S1")
        files = (f"{PAGE}.csv", f"{PAGE}.zip", f"{PAGE}/S1")
        assert {hr.get(each).status_code for each in (PAGE, *files)} == {403}

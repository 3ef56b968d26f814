"""transfer document: the register on the command line, the same as over HTTP."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.engines

MEASURES = ("--title", "Measures", "--issuer", "London", "--dated", "2/12/2013")


@pytest.fixture
def transfer(run: Run, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command on an empty record."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return run


def test_what_is_added_is_shown_and_listed(transfer: Run) -> None:
    added = transfer("document", "add", *MEASURES, "--kept-at", "shelf 12")
    assert (added.code, added.out) == (0, "D000001\n")
    correction = ("document", "correct", "D000001", "--reason", "mistyped", *MEASURES)
    corrected = transfer(*correction, "--received", "2013-12-04", "--json")
    assert (corrected.code, json.loads(corrected.out)["version"]) == (0, 2)
    found = json.loads(transfer("document", "show", "D000001", "--json").out)
    assert (found["dated_on"], found["received_on"]) == ("2013-12-02", "2013-12-04")
    assert found["kept_at"] is None
    shown = transfer("document", "show", "D000001").out
    assert "title       Measures\n" in shown
    assert "mistyped" in shown
    listed = transfer("document", "list").out
    assert listed.splitlines()[2].split() == ["D000001", "2013-12-02", "London", "Measures"]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("show", "D000009"), 1, "no such document in the register"),
        (("add", *MEASURES, "--sha256", "abc"), 2, "--sha256"),
        (("add", *MEASURES, "--sent", "soon"), 2, "--sent"),
        (("add", *MEASURES, "--sent", "1/1/2999"), 2, "2999-01-01 has not come yet"),
        (("correct", "D000009", "--reason", "r", *MEASURES), 1, "no such document"),
    ],
)
def test_what_is_refused(transfer: Run, arguments: tuple[str, ...], code: int, says: str) -> None:
    said = transfer("document", *arguments)
    assert (said.code, says in said.err) == (code, True), said


def test_a_clock_is_a_practices_alone(transfer: Run) -> None:
    assert transfer("document", "add", *MEASURES).code == 0
    for arguments in ((), ("--to", "2013-12-02")):
        said = transfer("clock", *arguments)
        assert said.code == 1
        assert "this record is no practice" in said.err

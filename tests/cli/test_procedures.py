"""`transfer procedures`, `begin` and `do`: an exercise by command line."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Run, Said
from tests.support.practised import VALUES, Practised

pytestmark = pytest.mark.engines

GIVEN = [part for clause, value in VALUES.items() for part in ("--value", f"{clause}={value}")]
OPEN = ("begin", "exercise", "--id", "tr", "--rulebook", "tr-2013", *GIVEN)
DOCUMENT = ("--document", "the Trust's own guidance")


def staff(played: Practised) -> None:
    played.register("S1")
    played.register("S2")


def done(said: Said) -> str:
    assert said.code == 0, said.err
    return said.out


def test_a_plan_is_shown_before_it_is_opened(run: Run, played: Practised) -> None:
    staff(played)
    said = done(run("begin", "exercise", "--rulebook", "tr-2013", "--preview"))
    assert "TR-10-response" in said
    assert "latest day of letters" in said
    assert "Nothing written" in said
    move = ("--transferor", "A", "--transferee", "B", "--transfer-on", "1/6/2014", "--id", "a-b")
    said = done(
        run("begin", "liability-information", "--rulebook", "liability-2006", *move, "--preview")
    )
    assert "give-liability-information 2014-05-04" in " ".join(said.split())
    assert "notify-changes liability changes found" in " ".join(said.split())
    refused = run("begin", "exercise", "--rulebook", "tr-2013")
    assert refused.code == 1
    assert "TR-10-response" in refused.err


def test_an_exercise_is_steered_by_command_line(run: Run, played: Practised) -> None:
    staff(played)
    done(run(*OPEN, *DOCUMENT, "--milestone", "transfer=1/6/2014"))
    assert "set-scope" in done(run("do", "exercise", "tr"))
    done(run("do", "exercise", "tr", "set-scope", "--criterion", "all"))
    panel = ("do", "exercise", "tr", "decide-by-panel", "--to", "CRC", "--panel", "three")
    preview = done(run(*panel, "--staff-numbers", "S1,S2", "--preview"))
    assert "S1" in preview
    done(run(*panel, "--staff-numbers", "s1,S2"))
    group = ("--group", "LDN", "--staff-numbers", "S1,S2", "--letters-on", "2/12/2013")
    done(run("do", "exercise", "tr", "form-group", *group))
    early = run("do", "exercise", "tr", "issue-letters", "--group", "LDN")
    assert early.code == 1
    assert "due on 2013-12-02, not before" in early.err
    shown = done(run("procedures", "exercise/tr"))
    words = " ".join(shown.split())
    assert "2 people in scope; next is" in words
    assert "LDN 2 2013-12-02 issue-letters 2013-12-02" in words
    of_one = json.loads(done(run("procedures", "--staff", "s1", "--json")))
    assert [each["id"] for each in of_one["items"]] == ["tr"]
    listed = json.loads(done(run("procedures", "--json")))
    assert [(each["id"], each["state"]) for each in listed["items"]] == [("tr", "running")]


def test_mistakes_are_told_by_their_option(run: Run, played: Practised) -> None:
    staff(played)
    done(run(*OPEN, *DOCUMENT))
    cases = [
        (("do", "exercise", "tr", "dance"), "ACT: no act dance"),
        (("do", "letter", "tr", "dance"), "KIND: no kind letter"),
        (("do", "exercise", "tr", "move-milestone", "--until", "1/6/2014"), "--until: move-mile"),
        (
            (
                "do",
                "exercise",
                "tr",
                "move-milestone",
                "--milestone",
                "transfer",
                "--to",
                "31/2/2014",
            ),
            "--to: Enter a date",
        ),
        (("do", "exercise", "tr", "move-milestone", "--milestone", "x"), "--to: Field required"),
        (("do", "exercise", "tr", "join"), "--staff-number: say for whom"),
    ]
    for arguments, told in cases:
        said = run(*arguments)
        assert said.code == 2, arguments
        assert told in said.err, arguments
    assert run("do", "exercise", "none", "abandon").code == 1


def test_what_is_contested_is_said_by_command_line(run: Run, played: Practised) -> None:
    staff(played)
    question = ("--question", "On which day did the job description last change?")
    done(run("begin", "assertion", "--id", "pay", *question, "--people", "S1"))
    said = ("do", "assertion", "pay", "assert", "--assertion")
    union = ("--party", "Napo", "--side", "union", "--statement", "On 4 July.")
    done(run(*said, "unions", *union, "--value", "2013-07-04"))
    trust = ("--party", "London Probation Trust", "--side", "employer", "--statement", "Later.")
    done(run(*said, "employer", *trust, "--value", "2013-10-26"))
    change = {
        "effective_from": "2013-10-26",
        "changes": {"band": "5"},
        "reason": "regraded",
        "basis": {"assertions": ["assertion:pay/employer"]},
    }
    assert played.api.post("/staff/S1/changes", change).status_code == 201
    words = " ".join(done(run("as-of", "S1", "--effective", "2013-10-26")).split())
    assert "London Probation Trust (employer) asserts 2013-10-26 (not disputed)" in words
    assert "Beside it: Napo (union) asserts 2013-07-04." in words
    shown = json.loads(done(run("as-of", "S1", "--effective", "2013-10-26", "--json")))
    (told,) = shown["position"]["band"]["basis"]["asserted"]
    assert (told["party"], told["status"]) == ("London Probation Trust", "asserted")
    done(run(*OPEN, *DOCUMENT))
    done(run("do", "exercise", "tr", "set-scope", "--criterion", "all"))
    rests = ("--rests-on", "assertion:pay/employer")
    done(run("do", "exercise", "tr", "hold", "--staff-number", "S1", *rests))
    given = ("--assertion", "employer", "--superseded-by", "unions")
    assert "hold" in done(run("do", "assertion", "pay", "supersede", *given))
    words = " ".join(done(run("procedures", "assertion/pay")).split())
    assert "Napo (union) asserts 2013-07-04" in words

"""What is next for one person, and whether they go with their group or alone."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.cases import cases
from tests.support.clocked_2013 import Clocked, Doing
from tests.support.played_2013 import EXERCISE, GROUP, REJECTED, START, UPHELD, Played, employed
from tests.support.rules_2013 import (
    APPEAL_DUE,
    CLOSED,
    LETTERS,
    PANEL_DUE,
    RESPONSE_DUE,
    RULES,
    TRANSFER,
)
from tests.support.words_2013 import Destination
from transfer.core.matter import facts as t
from transfer.core.matter.book import next_act
from transfer.core.matter.clock import comes_with
from transfer.core.matter.words import Whom
from transfer.core.words import WindowKind
from transfer.procedures.exercise import facts as e
from transfer.procedures.exercise.participation import participation_of
from transfer.procedures.exercise.plan import plan_of

OWN = Path(__file__).parent / "cases" / "own-procedure.md"
DAY = timedelta(days=1)
LATER = date(2014, 1, 15)
THEIRS = Whom(EXERCISE, GROUP)


def played(acts: str) -> Played:
    """S1 after these acts, in their order; until the letters, nobody is in a group."""
    s1 = Played()
    for act in acts.split(", "):
        match act:
            case "in scope":
                pass
            case "in a group":
                in_group(s1)
            case "letter":
                s1.letter()
            case "objection":
                s1.do(EXERCISE, "object", APPEAL_DUE, told_to="transferor")
            case "objection withdrawn":
                s1.do(EXERCISE, "withdraw-objection", APPEAL_DUE, told_to="transferor")
            case "appeal":
                s1.lodge()
            case "upheld":
                s1.determine(UPHELD, Destination.NPS)
            case "rejected":
                s1.determine(REJECTED, None)
            case "withdrawn":
                s1.withdraw()
            case "late appeal":
                s1.lodge(CLOSED)
            case "heard after all":
                s1.admit(on=date(2014, 1, 13))
            case "appeal window extended":
                s1.extend(LATER, LETTERS)
            case "letter back":
                s1.do(EXERCISE, "letter-returned", date(2013, 12, 30))
            case "letter again":
                s1.do(EXERCISE, "reissue-letter", date(2014, 1, 6))
            case "panel overdue":
                assert s1.clock(PANEL_DUE + DAY)
            case "confirmed":
                assert s1.clock(CLOSED)
            case "transferred":
                assert s1.clock(TRANSFER)
            case "sold":
                s1.office.entries = employed(date(2014, 5, 1), then_by="A Company Ltd")
                assert s1.clock(TRANSFER)
            case _:
                raise AssertionError(act)
    return s1


def in_group(s1: Played) -> None:
    group: dict[str, Any] = {
        "group": GROUP,
        "transferor": "LDN",
        "path": "sifted",
        "people": ["S1"],
    }
    s1.do(EXERCISE, "form-group", START, person=None, letters_on=LETTERS, **group)


THROUGH = {
    "": (),
    "windows": (("confirm", CLOSED),),
    "transfer": (("confirm", CLOSED), ("move", TRANSFER)),
}


@pytest.mark.parametrize(("acts", "behind", "what", "on", "how"), cases(OWN, "What is next"))
def test_what_is_next_for_one_person(acts: str, behind: str, what: str, on: str, how: str) -> None:
    s1 = played(acts)
    for step, day in THROUGH[behind]:
        assert s1.office.through(EXERCISE, step, GROUP, day)
    state = s1.office.state(EXERCISE, "S1")
    found = next_act(state.book, state.whom)
    if not what:
        assert found is None
        return
    assert found is not None
    due, next_on = found
    assert (due.slot.what, next_on) == (what, date.fromisoformat(on))
    whose = comes_with(state, due.slot.what, due.slot.about)
    assert whose == (THEIRS if how == "with the group" else state.whom)


def test_a_panels_day_is_the_one_the_appeal_was_lodged_with() -> None:
    s1 = played("letter, appeal")
    assert s1.due(EXERCISE, "determination") == (PANEL_DUE, None)


def test_nobody_loses_a_day_that_was_published_to_them() -> None:
    s1 = played("letter")
    assert s1.due(EXERCISE, "appeal") == (APPEAL_DUE, None)
    s1.extend(LATER + 5 * DAY, LETTERS)
    longer: dict[str, Any] = {
        "group": GROUP,
        "window": "appeal",
        "until": LATER,
        "reason": "offices closed",
    }
    s1.do(EXERCISE, "move-window", LETTERS + DAY, person=None, **longer).then(t.WindowMoved)
    assert s1.due(EXERCISE, "appeal") == (LATER + 5 * DAY, None)
    assert s1.due(EXERCISE, "response") == (RESPONSE_DUE, None)
    assert s1.due(EXERCISE, "confirm") == (LATER + 6 * DAY, None)


def test_a_letter_again_moves_one_persons_confirmation_and_nobody_elses() -> None:
    all_ = Clocked()
    all_.do(Doing(date(2014, 1, 6), "reissue-letter", "S1"))
    all_.to(date(2014, 1, 20))
    assert {who: confirmed_on(all_, who) for who in ("S1", "S2")} == {"S1": None, "S2": CLOSED}
    all_.to(TRANSFER)
    assert confirmed_on(all_, "S1") == date(2014, 1, 21)


def test_a_letter_back_holds_up_one_persons_confirmation_and_nobody_elses() -> None:
    all_ = Clocked()
    all_.do(Doing(date(2013, 12, 30), "letter-returned", "S1"))
    all_.to(date(2014, 3, 3))
    assert {who: confirmed_on(all_, who) for who in ("S1", "S2")} == {"S1": None, "S2": CLOSED}
    all_.do(Doing(date(2014, 3, 3), "reissue-letter", "S1"))
    all_.to(date(2014, 3, 31))
    assert confirmed_on(all_, "S1") == date(2014, 3, 18)


def confirmed_on(all_: Clocked, who: str) -> date | None:
    """Since when somebody's assignment is final."""
    confirmation = participation_of(all_.states(who)[EXERCISE]).confirmation
    return None if confirmation is None else confirmation.happened_on


# --- letters that go out late --------------------------------------------------------------------

LATE = date(2014, 1, 6)


def test_windows_are_counted_from_the_day_on_which_letters_went_out() -> None:
    s1 = Played()
    in_group(s1)
    assert s1.clock(LATE) == [e.AssignmentLetterIssued]
    letter, sent = s1.exercise.letter, plan_of(s1.office.state(EXERCISE)).sent[GROUP]
    assert letter is not None
    assert letter.happened_on == LATE
    for window, clause in (("response", "TR-10-response"), ("appeal", "TR-11b")):
        last = RULES.period(clause).due_after(LATE, RULES.calendar)
        assert {each.when.on for each in letter.windows if each.kind == window} == {last}
        assert sent.windows[WindowKind(window)].on == last
        assert s1.due(EXERCISE, window) == (last, None)


def test_a_window_that_was_moved_before_late_letters_is_in_the_letters_too() -> None:
    s1, longest = Played(), date(2014, 3, 3)
    in_group(s1)
    moved: dict[str, Any] = {
        "group": GROUP,
        "window": "appeal",
        "until": longest,
        "reason": "offices closed",
    }
    s1.do(EXERCISE, "move-window", START + DAY, person=None, **moved).then(t.WindowMoved)
    assert s1.clock(LATE) == [e.AssignmentLetterIssued]
    letter = s1.exercise.letter
    assert letter is not None
    assert [each.when.on for each in letter.windows if each.kind == "appeal"] == [longest]

"""Which dates of a plan collide, a row a case; shown before anything starts."""

from datetime import date

import pytest

from transfer.rulebooks import rulebook
from transfer.rulebooks.planning import collisions

START = date(2013, 11, 13)
APRIL = {"people-transition-complete": date(2014, 4, 1), "transfer": date(2014, 4, 1)}
GIVEN = {
    "TR-11b": "10wd",
    "TR-11b-panel": "20wd",
    "TR-10-response": "5wd",
    "TR-09b": "2013-11-11",
    "TR-09-share": "0.5",
}


@pytest.mark.parametrize(
    ("case", "assumed", "letter", "found"),
    [
        ("all windows close in time", {}, date(2013, 11, 27), []),
        (
            "an appeal on the last day leaves the panel too little time",
            {},
            date(2014, 2, 20),
            [("TR-11b-panel", date(2014, 4, 3), date(2014, 4, 1))],
        ),
        (
            "the appeal window itself ends after the milestone",
            {"TR-11b": "90wd", "TR-11b-panel": "1d"},
            date(2013, 11, 27),
            [
                ("TR-11b", date(2014, 4, 7), date(2014, 4, 1)),
                ("TR-11b-panel", date(2014, 4, 8), date(2014, 4, 1)),
            ],
        ),
        (
            "letters before the assignment starts",
            {},
            date(2013, 11, 12),
            [("TR-01", date(2013, 11, 12), START)],
        ),
        (
            "letters on a Sunday",
            {},
            date(2013, 12, 1),
            [("TR-10", date(2013, 12, 1), date(2013, 12, 2))],
        ),
        (
            "the notice is too short for its clause",
            {"TR-12-notice": "13w"},
            date(2014, 1, 3),
            [("TR-12-notice", date(2014, 1, 3), date(2013, 12, 31))],
        ),
        ("the notice is long enough", {"TR-12-notice": "13w"}, date(2013, 12, 31), []),
    ],
)
def test_collisions(
    case: str, assumed: dict[str, str], letter: date, found: list[tuple[str, date, date]]
) -> None:
    terms = rulebook("tr-2013").with_values(assumed=GIVEN | assumed)
    answer = collisions(terms, starts_on=START, letters_on={"sifted": letter}, milestones=APRIL)
    assert [(c.clause, c.first_on, c.second_on) for c in answer] == found, case
    assert {c.who for c in answer} <= {"sifted"}

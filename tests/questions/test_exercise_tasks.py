"""What an exercise lacks before its steps, by the edition that binds it."""

from datetime import date

import pytest

from tests.support.exercise_scene import Whole
from transfer.questions.exercise_tasks import Lacks, lacking
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

SURREY = rulebook("surrey-2027")
RULES = binding(SURREY.with_values(assumed=SURREY.suggested()))
OPENED = date(2026, 11, 2)
NO_CONSULTATION = Lacks(
    before="letters", reason="no consultation was begun before letters", clause="TU-18"
)


def missing(title: str) -> Lacks:
    reason = f"{title} is not on file: register it, then file-document"
    return Lacks(before="transfer", reason=reason, clause="TU-16")


@pytest.mark.parametrize(
    ("rehearsed", "filed", "lacks"),
    [
        (
            False,
            (),
            ("Employee liability information", "Statement of measures"),
        ),
        (False, ("Statement of measures",), ("Employee liability information",)),
        (False, ("Employee liability information", "Statement of measures"), ()),
        (True, (), ()),
    ],
)
def test_what_a_step_waits_for_is_missing_until_it_is_on_file(
    rehearsed: bool, filed: tuple[str, ...], lacks: tuple[str, ...]
) -> None:
    whole = Whole(RULES, "Surrey County Council", rehearsed=rehearsed)
    for title in filed:
        whole.do("file-document", OPENED, title=title, shown_by="D000017")
    found = tuple(lacking(whole.plan, RULES))
    assert found == (NO_CONSULTATION, *map(missing, lacks))

"""How somebody's appeal stood on a day, by what was on record."""

from __future__ import annotations

from datetime import date

import pytest

from projections.exercise.appeals import Stands
from tests.support.due import (
    ACCEPTED_LATE,
    DEC_4,
    DEC_11,
    DEC_18,
    DETERMINED,
    JUNE_1,
    LETTER,
    LODGED,
    NOV_20,
    REFUSED_LATE,
    S1,
    appeal,
    at,
)
from tests.support.logs import LogInMemory
from tests.support.words_2013 import Destination, Route
from transfer.core.matter.facts import Undone
from transfer.core.refusals import Malformed
from transfer.procedures.appeal.facts import AppealWithdrawn
from transfer.procedures.exercise.facts import AssignmentProposed
from transfer.procedures.facts import Fact
from transfer.questions.appeals_made import FoldedAppeal, appeals_of_person, stands_of
from transfer.questions.counts import by_characteristics, read_characteristics


def _proposed(on: date, reason: str) -> AssignmentProposed:
    return AssignmentProposed(
        **at(on), route=Route.AUTOMATIC, destination=Destination.CRC, reason=reason, evidence={}
    )


def _made(*facts: Fact, on: date = JUNE_1) -> list[FoldedAppeal]:
    log = LogInMemory(*((S1, fact) for fact in facts))
    return [*appeals_of_person("S1", log.events, on)]


WITHDRAWN = AppealWithdrawn(**appeal(DEC_11), against=LODGED.against)


@pytest.mark.parametrize(
    ("facts", "on", "stands"),
    [
        ((LODGED,), DEC_4, Stands.OPEN),
        ((LODGED, DETERMINED), DEC_4, Stands.OPEN),
        ((LODGED, DETERMINED), DEC_11, Stands.UPHELD),
        ((LODGED, WITHDRAWN), DEC_11, Stands.WITHDRAWN),
        ((REFUSED_LATE,), DEC_11, Stands.LATE),
        ((REFUSED_LATE, ACCEPTED_LATE), DEC_11, Stands.LATE),
        ((REFUSED_LATE, ACCEPTED_LATE), DEC_18, Stands.OPEN),
    ],
)
def test_an_appeal_stands_as_it_did_at_the_end_of_the_day(
    facts: tuple[Fact, ...], on: date, stands: Stands
) -> None:
    (made,) = _made(LETTER, *facts, on=on)
    assert stands_of(made.appeal) is stands
    assert (made.decided is not None) is (stands is Stands.UPHELD)


def test_an_appeal_that_had_not_come_is_none() -> None:
    assert _made(LETTER, LODGED, on=NOV_20) == []


def test_a_decision_that_was_undone_is_none() -> None:
    decision = LogInMemory((S1, LODGED), (S1, DETERMINED)).events[1].event_id
    undone = Undone(**appeal(DEC_18), decision=decision, facts=(decision,), reason="late")
    (made,) = _made(LODGED, DETERMINED, undone)
    assert (stands_of(made.appeal), made.decided) == (Stands.OPEN, None)


def test_an_appeal_is_against_the_last_proposal_before_it_whenever_that_was_recorded() -> None:
    facts = (_proposed(NOV_20, "first"), LODGED, _proposed(DEC_18, "after it"))
    (made,) = _made(*facts)
    assert made.proposed is not None
    assert made.proposed.reason == "first"
    (learned,) = _made(*facts, _proposed(DEC_4, "recorded late"))
    assert learned.proposed is not None
    assert learned.proposed.reason == "recorded late"


# --- characteristics -----------------------------------------------------------------------------


def test_a_file_of_characteristics_is_read_without_regard_to_case_or_order() -> None:
    given = read_characteristics("\ufeffsex, staff_number,age \r\nf,S1,\r\nm,s2, 50 \r\n")
    assert by_characteristics(given, "s1") == {
        "characteristic:sex": ("f",),
        "characteristic:age": (None,),
    }
    assert by_characteristics(given, "S2")["characteristic:age"] == ("50",)
    assert by_characteristics(given, "S3")["characteristic:sex"] == (None,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "number,sex\nS1,secret\n",
        "staff_number\nS1\n",
        "staff_number,sex,sex\nS1,secret,secret\n",
        "staff_number,sex, sex\nS1,secret,secret\n",
        "staff_number,sex,\nS1,secret,\n",
        "staff_number,staff_number,sex\nS1,S1,secret\n",
        "staff_number,sex\nS1,secret\ns1,secret\n",
        "staff_number,sex\nS1,secret,secret\n",
        "staff_number,sex\nthe secret of,secret\n",
        'staff_number,sex\nS1,"secret\n',
        f"staff_number,{','.join(f'c{n}' for n in range(11))}\nS1,secret\n",
    ],
)
def test_what_cannot_be_read_is_refused_without_a_value_of_the_file(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_characteristics(text)
    assert "secret" not in refused.value.reason

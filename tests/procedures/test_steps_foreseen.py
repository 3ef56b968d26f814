"""By when each step has to be done that an act makes due, and what waits for something later.

Each kind that counts from a day has a row. The days are worked out by hand from the clause: "not
less than 28 days before 1 April" leaves 1 April out, so the last day is 4 March.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.support.matters import Matters
from transfer.core.matter.foreseeing import Foreseen, foreseen, to_come
from transfer.core.matter.kind import Kind
from transfer.kinds import KNOWN
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

D = date
Acts = tuple[tuple[str, date, Mapping[str, Any]], ...]

SERVICE: dict[str, Any] = {
    "scheme": "enhanced",
    "last_day": D(2015, 8, 31),
    "weeks_pay": "600.00",
    "service_from": D(2010, 6, 1),
    "service_said_by": "employer",
}
ESTABLISHMENT = {"establishment": "Leeds"}


def kind_of(name: str) -> Kind:
    return next(kind for kind in KNOWN.kinds if kind.name == name)


def planned(kind: str, edition: str, acts: Acts) -> list[Foreseen]:
    """What the last of these acts makes due."""
    of = kind_of(kind)
    office = Matters((of,), binding(rulebook(edition).with_values()))
    person = "S1" if of.lies_with_person else None
    matter = f"{kind}:S1.1" if of.lies_with_person else f"{kind}:one"
    for act, on, inputs in acts:
        before = len(office.records)
        office.append(office.decided(matter, act, on=on, person=person, **inputs))
    ids = {each.event_id for each in office.records[before:]}
    return list(foreseen(office.state(matter, person), ids))


def proposal(dismissals: int, proposed_on: date, first: date) -> Acts:
    said = {"dismissals": dismissals, "proposed_on": proposed_on, "first_dismissal_on": first}
    return (
        ("begin", D(2015, 9, 1), SERVICE),
        ("note-proposal", D(2015, 9, 1), ESTABLISHMENT | said),
    )


MOVE = {"transferor": "A", "transferee": "B", "transfer_on": D(2027, 4, 1)}


@pytest.mark.parametrize(
    ("kind", "edition", "acts", "steps"),
    [
        (
            "liability-information",
            "liability-2006",
            (("begin", D(2027, 1, 4), MOVE),),
            {"give-liability-information": (D(2027, 3, 4), D(2027, 3, 3))},
        ),
        (
            "liability-information",
            "liability-2006",
            (("begin", D(2014, 1, 6), MOVE | {"transfer_on": D(2014, 4, 1)}),),
            {"give-liability-information": (D(2014, 3, 18), D(2014, 3, 17))},
        ),
        (
            "redundancy",
            "redundancy-2014",
            proposal(20, D(2015, 7, 1), D(2015, 8, 31)),
            {"begin-consultation": (D(2015, 8, 1), D(2015, 7, 31))},
        ),
        (
            "redundancy",
            "redundancy-2014",
            proposal(100, D(2015, 7, 1), D(2015, 8, 31)),
            {"begin-consultation": (D(2015, 7, 17), D(2015, 7, 16))},
        ),
        (
            "redundancy",
            "redundancy-2014",
            proposal(100, D(2013, 4, 5), D(2013, 8, 31)),
            {"begin-consultation": (D(2013, 6, 2), D(2013, 6, 1))},
        ),
        ("redundancy", "redundancy-2014", proposal(19, D(2015, 7, 1), D(2015, 8, 31)), {}),
        (
            "claim-window",
            "tribunal-limits",
            (
                (
                    "begin",
                    D(2016, 6, 20),
                    {
                        "claim": "unfair-dismissal",
                        "event_on": D(2016, 6, 20),
                        "respondents": ("the transferor",),
                    },
                ),
            ),
            {"make-claim": (D(2016, 9, 19), None)},
        ),
        (
            "evaluation",
            "job-evaluation-2016",
            (
                (
                    "begin",
                    D(2022, 3, 1),
                    {"job": "victim liaison officer", "band": "3", "begun_by": "organisation"},
                ),
                ("state-description", D(2022, 3, 1), {"description": "of 2021"}),
                (
                    "implement",
                    D(2022, 3, 1),
                    {"description": "of 2021", "effective_from": D(2022, 3, 1)},
                ),
            ),
            {"review": (D(2022, 9, 1), None)},
        ),
    ],
)
def test_the_latest_day_of_each_step(
    kind: str, edition: str, acts: Acts, steps: Mapping[str, tuple[date, date | None]]
) -> None:
    found = planned(kind, edition, acts)
    assert {each.step: (each.latest, each.safe) for each in found} == steps
    for each in found:
        last = each.later or each.latest
        assert last is not None
        assert not each.is_too_late(last)
        assert each.is_too_late(last.fromordinal(last.toordinal() + 1))


def test_the_notices_before_protection_ends_are_counted_back_from_its_last_day() -> None:
    granted = {"ground": "above-the-band", "salary": "39000", "effective_from": D(2021, 6, 26)}
    found = planned("protection", "reunification-pay-2021", (("grant", D(2021, 6, 26), granted),))
    days = {(each.step, each.about): each.latest for each in found}
    assert days == {
        ("count-down", "6m"): D(2023, 12, 25),
        ("count-down", "3m"): D(2024, 3, 25),
        ("count-down", "1m"): D(2024, 5, 25),
        ("protect", ""): D(2024, 6, 25),
        ("run-out", ""): D(2024, 6, 27),
    }
    assert [each.about for each in found if each.is_too_late(D(2024, 1, 1))] == ["6m"]
    (protect,) = (each for each in found if each.step == "protect")
    assert protect.later == D(2024, 6, 26)


def test_what_has_no_day_comes_before_the_day_that_the_matter_leads_to() -> None:
    begin = MOVE | {"regime": "tupe", "employees": 60, "transferring": 25}
    found = planned("informing", "consultation-law", (("begin", D(2027, 1, 4), begin),))
    assert {each.step for each in found} == {"inform", "hold-election"}
    assert {(each.latest, each.before) for each in found} == {(None, D(2027, 4, 1))}
    assert not any(each.is_too_late(D(2027, 3, 31)) for each in found)
    assert all(each.is_too_late(D(2027, 4, 1)) for each in found)


def test_what_falls_due_by_a_later_fact_names_that_fact() -> None:
    kind = kind_of("vetting")
    names = {each.step: [kind.facts[fact] for fact in each.once] for each in to_come(kind, (), _no)}
    assert names["appeal"] == ["vetting-failed.v1"]
    assert names["determination"] == ["vetting-appeal-lodged.v1"]
    protection = kind_of("protection")
    found = {each.step: each for each in to_come(protection, (), {"run-out"}.__contains__)}
    assert "run-out" not in found
    assert found["count-down"].falls_due == "so long before the last day as the edition says"


def _no(_step: str) -> bool:
    return False

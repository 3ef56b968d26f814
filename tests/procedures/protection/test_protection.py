"""Pay protection as a kind of the engine: its days, what it is paid, and what is learned late.

Without engines, under the program's own editions. What an official would ask is in the scenarios;
here is what a decision refuses, repeats and leaves to somebody else. The sums are worked out by
hand: 39,000 a year are 3,250.00 a month.
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tests.support.matters import Asked, Matters, ask
from transfer.core.dating.effective_dating import Entries, Entry
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.words import Nature
from transfer.core.record.staff import facet_pieces
from transfer.core.refusals import Refused
from transfer.core.words import Facet
from transfer.procedures.protection import facts as f
from transfer.procedures.protection.answers import EndsAnswered, PayAnswered
from transfer.procedures.protection.kind import PROTECTION
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "protection:S1.1"
GRANTED = date(2021, 6, 26)
LAST, LATER, AFTER = date(2024, 6, 25), date(2024, 6, 26), date(2024, 6, 27)
NOTICES = (date(2023, 12, 25), date(2024, 3, 25), date(2024, 5, 25))


def employed(*stretches: tuple[date, date | None], fte: str = "1") -> Entries:
    """A record on which somebody is employed for these days."""
    entries = Entries()
    for n, (since, until) in enumerate(stretches):
        position = {Facet.EMPLOYER: "Secretary of State for Justice", Facet.FTE: fte}
        content = facet_pieces(position, assignment="main", effective_from=since)
        at = datetime(2021, 6, 1, tzinfo=UTC)
        entries.add(Entry(UUID(int=2 * n + 1), at, content))
        if until is not None:
            left = facet_pieces(dict.fromkeys(position), assignment="main", effective_from=until)
            entries.add(Entry(UUID(int=2 * n + 2), at, left))
    return entries


def office_of(edition: str = "reunification-pay-2021", entries: Entries | None = None) -> Matters:
    return Matters(
        (PROTECTION,),
        binding(rulebook(edition).with_values()),
        entries=employed((date(2008, 1, 7), None)) if entries is None else entries,
    )


@pytest.fixture
def office() -> Matters:
    return office_of()


def do(
    office: Matters, act: str, on: date = GRANTED, *, matter: str = MATTER, **inputs: Any
) -> Asked:
    return ask(office, matter, act, on=on, person="S1", **inputs)


def grant(office: Matters, on: date = GRANTED, salary: str = "39000.00", **inputs: Any) -> Asked:
    said: dict[str, Any] = {"ground": "above-the-band", "effective_from": GRANTED} | inputs
    return do(office, "grant", on, salary=salary, **said)


def pay(office: Matters, on: date, **named: Any) -> PayAnswered:
    found = office.answer(MATTER, "pay", on, **named)
    assert isinstance(found, PayAnswered)
    return found


def ends(office: Matters, on: date) -> EndsAnswered:
    found = office.answer(MATTER, "ends", on)
    assert isinstance(found, EndsAnswered)
    return found


def acts_due(office: Matters) -> list[tuple[str, str, date | None]]:
    state = office.state(MATTER, "S1")
    found = [
        (due.slot.what, due.slot.about, state.book.days(due)[0])
        for due in state.book.of(state.whom, Nature.ACT)
        if due.is_open
    ]
    return sorted(found, key=lambda each: (each[2] or date.max, each[0]))


def test_it_is_granted_with_its_end_and_its_notices(office: Matters) -> None:
    grant(office).then(f.ProtectionGranted).saying(salary=Decimal("39000.00"), hours=None)
    assert acts_due(office) == [
        ("count-down", "6m", NOTICES[0]),
        ("count-down", "3m", NOTICES[1]),
        ("count-down", "1m", NOTICES[2]),
        ("run-out", "", AFTER),
    ]
    assert (ends(office, LAST).stands, ends(office, LATER).stands) == (True, False)


def test_the_end_that_was_approved_with_it_comes_by_itself(office: Matters) -> None:
    grant(office)
    for day in (*NOTICES, LATER):
        office.run_clock(day)
    assert not any(isinstance(each, f.ProtectionRanOut) for each in office.facts(MATTER))
    assert [type(each) for each in office.run_clock(AFTER)] == [f.ProtectionRanOut]
    assert acts_due(office) == []


def test_the_same_again_is_done_already(office: Matters) -> None:
    grant(office)
    grant(office, matter="protection:S1.2").then_nothing()
    do(office, "vary", salary="39000.00", effective_from=GRANTED).then_nothing()
    said: dict[str, Any] = {"point": "6", "a_year": "36000.00", "effective_from": GRANTED}
    do(office, "state-point", **said).then(f.PayPointStated)
    do(office, "state-point", **said).then_nothing()


def test_two_salaries_are_not_protected_at_once(office: Matters) -> None:
    grant(office)
    day = LAST
    grant(office, day, "1.00", matter="protection:S1.2", effective_from=day).then_refused(
        "RE-04", because="one salary of a person is protected at a time"
    )
    day = LATER
    grant(office, day, "1.00", matter="protection:S1.2", effective_from=day).then(
        f.ProtectionGranted
    )


@pytest.mark.parametrize(
    ("inputs", "clauses", "because"),
    [
        ({"ground": "hope"}, (), "it does for above-the-band"),
        ({"effective_from": date(2021, 6, 25)}, ("RE-03",), "from 2021-06-26 on"),
    ],
)
def test_a_grant_is_refused(
    office: Matters, inputs: dict[str, Any], clauses: tuple[str, ...], because: str
) -> None:
    grant(office, **inputs).then_refused(*clauses, because=because)


def test_no_week_to_compare_with_is_refused() -> None:
    office = office_of("prison-pay-2012")
    day = date(2012, 3, 1)
    grant(office, day, ground="regraded", effective_from=day, hours=Decimal(39)).then_refused(
        because="does not say for which week"
    )


@pytest.mark.parametrize(
    ("salary", "since", "expected"),
    [
        ("39000.01", date(2021, 6, 26), f.ProtectedSalaryVaried),
        ("38999.99", date(2021, 6, 26), f.LoweringProposed),
        ("38999.99", date(2022, 1, 9), f.LoweringProposed),
        ("38999.99", date(2022, 1, 10), f.ProtectedSalaryVaried),
    ],
)
def test_only_what_lowers_pay_of_days_past_waits(
    office: Matters, salary: str, since: date, expected: type[MatterFact]
) -> None:
    grant(office)
    do(office, "vary", date(2022, 1, 10), salary=salary, effective_from=since).then(expected)


def test_who_proposed_a_lower_salary_does_not_approve_it(office: Matters) -> None:
    grant(office)
    day = date(2022, 2, 10)
    do(office, "vary", day, salary="38400.00", effective_from=GRANTED)
    do(office, "approve", day, step="lower-salary").then_refused(because="somebody else")
    assert not [each for each in office.run_clock(day) if isinstance(each, f.ProtectedSalaryVaried)]
    do(office, "approve", date(2022, 2, 14), step="lower-salary", by="another")
    taken = office.run_clock(date(2022, 2, 14))
    assert [type(each) for each in taken] == [f.ProtectedSalaryVaried]
    assert PROTECTION.grave(taken[0])


def test_a_correction_backwards_leaves_what_was_stated_for_later_days(office: Matters) -> None:
    grant(office)
    do(office, "vary", date(2023, 1, 1), salary="42000.00", effective_from=date(2023, 1, 1))
    do(office, "vary", date(2023, 5, 1), salary="40000.00", effective_from=GRANTED).then(
        f.ProtectedSalaryVaried
    ).saying(effective_to=date(2023, 1, 1))
    assert ends(office, date(2022, 12, 31)).salary == Decimal("40000.00")
    assert ends(office, date(2023, 1, 1)).salary == Decimal("42000.00")


def test_a_part_timer_is_paid_their_part_and_a_leaver_nothing() -> None:
    entries = employed((date(2008, 1, 7), date(2022, 3, 16)), fte="0.6")
    office = office_of(entries=entries)
    grant(office)
    found = pay(office, date(2022, 4, 30), since=date(2022, 2, 1)).months
    # 3,250 x 0.6 = 1,950 a month; 15 days of 31 are 943.55
    assert [(m.days, m.due) for m in found] == [
        (28, Decimal("1950.00")),
        (15, Decimal("943.55")),
        (0, Decimal("0.00")),
    ]


def test_a_leaver_is_given_no_notice() -> None:
    office = office_of(entries=employed((date(2008, 1, 7), date(2022, 3, 16))))
    grant(office)
    taken = office.run_clock(NOTICES[0])
    assert [type(each) for each in taken] == [f.ProtectionEndedEarly]
    assert not PROTECTION.grave(taken[0])
    assert acts_due(office) == []


def test_pay_of_a_day_before_anything_is_paid_has_no_answer(office: Matters) -> None:
    grant(office)
    with pytest.raises(Refused, match="nothing is paid from"):
        pay(office, date(2021, 6, 25))


def test_a_rise_learned_late_is_as_if_it_had_been_known(office: Matters) -> None:
    """What is due is the same, and what was believed at the end of each month is not."""
    early, known_on = office_of(), date(2021, 10, 1)
    for each in (early, office):
        grant(each)
    do(early, "vary", GRANTED, salary="39780.00", effective_from=GRANTED)
    do(office, "vary", GRANTED, today=known_on, salary="39780.00", effective_from=GRANTED)
    on = date(2021, 9, 30)
    in_time, late = (pay(each, on, known_on=known_on) for each in (early, office))
    assert [m.due for m in in_time.months] == [m.due for m in late.months]
    assert in_time.owed == Decimal("0.00")
    # 10.83 for five days of June, and three months of 65
    assert late.owed == Decimal("205.83")


def test_a_notice_is_not_repeated_and_not_noted_before_it_is_due(office: Matters) -> None:
    grant(office)
    do(office, "note-told", NOTICES[0], before="6m").then(f.EndOfProtectionTold)
    do(office, "note-told", NOTICES[0], before="6m").then_nothing()
    do(office, "note-told", NOTICES[0], before="3m").then_refused(because="there is 6m")


def test_what_has_ended_is_neither_varied_nor_ended_again(office: Matters) -> None:
    grant(office)
    office.run_clock(AFTER)
    do(office, "vary", AFTER, salary="1.00", effective_from=LATER).then_refused(
        because="nothing is protected from 2024-06-26 on"
    )
    do(office, "end", AFTER, effective_from=LATER).then_refused(because="it ends on 2024-06-26")
    do(office, "end", AFTER, effective_from=GRANTED).then_refused(because="it begins on")


def test_an_office_of_no_protection_answers_nothing(office: Matters) -> None:
    do(office, "vary", salary="1.00", effective_from=GRANTED).then_refused(because="by then")
    with pytest.raises(Refused, match="as far as was known"):
        ends(office, LAST)

"""Responsibility for cases as a kind of the engine, without engines: TR-03c under tr-cases-2014.

The report reads each manager's record once, and looks at cases with one history once, however many
there are.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.support.matters import Asked, Matters, Position, ask
from transfer.core.dating.effective_dating import Entries, Entry, Key, Piece
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.matter.deciding import Asked as Question
from transfer.core.matter.words import Made
from transfer.core.words import MAIN, Basis, Facet
from transfer.procedures.case_responsibility import facts as f
from transfer.procedures.case_responsibility import register
from transfer.procedures.case_responsibility.answers import CaseloadReport, CaseOnDay
from transfer.procedures.case_responsibility.kind import CASE_RESPONSIBILITY, MANAGER
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import binding

MATTER = "case-responsibility:camden"
BEGUN = date(2014, 6, 2)
CRC, NPS = "London CRC", "National Probation Service"


def employed(by: str, since: date = date(2009, 4, 1), until: date | None = None) -> Entries:
    """A record that has an employer on these days."""
    piece = Piece(Key(KeyKind.FACET, MAIN, Facet.EMPLOYER), by, since, until)
    return Entries([Entry(UUID(int=1), datetime(2009, 4, 1, tzinfo=UTC), (piece,))])


@pytest.fixture
def office() -> Matters:
    rules = binding(rulebook("tr-cases-2014").with_values())
    records = {"S1": employed(CRC), "S2": employed(CRC), "S3": employed(NPS)}
    return Matters((CASE_RESPONSIBILITY,), rules, others=records)


def do(office: Matters, act: str, on: date = BEGUN, **inputs: Any) -> Asked:
    return ask(office, MATTER, act, on=on, **inputs)


def opened(office: Matters, *cases: str, manager: str | None = "S1") -> Asked:
    do(office, "begin", title="Camden")
    return do(office, "open-cases", cases=cases or ("C1",), held_by=CRC, manager=manager)


def offered(office: Matters, name: str, on: date, to: str = "S2", **inputs: Any) -> Asked:
    said = {"handover": name, "cases": ["C1"], "manager": to, **inputs}
    return do(office, "offer-handover", on, **said)


def on_day(office: Matters, day: date, case: str = "C1") -> CaseOnDay:
    found = office.answer(MATTER, "responsible", day, about=case)
    assert isinstance(found, CaseOnDay)
    return found


def report(office: Matters, until: date, since: date | None = None) -> CaseloadReport:
    found = office.answer(MATTER, "gaps", until, since=since)
    assert isinstance(found, CaseloadReport)
    return found


def who(office: Matters, day: date) -> list[str]:
    return [each.manager for each in on_day(office, day).responsible]


def owed(office: Matters) -> list[str]:
    state = office.state(MATTER)
    dues = state.book.of(state.whom)
    return [due.slot.about for due in dues if due.slot.what == MANAGER and due.is_open]


# --- acts ----------------------------------------------------------------------------------------


def test_a_case_without_a_manager_is_owed_one_by_the_clause(office: Matters) -> None:
    asked = opened(office, "C1", "C2", manager=None).then(f.CasesOpened)
    assert asked.facts[0].basis.clause == "TR-03c"
    assert owed(office) == ["C1", "C2"]
    do(office, "close-cases", date(2014, 6, 3), cases=["C2"]).then(f.CasesClosed)
    assert owed(office) == ["C1"]


def test_the_other_manager_is_responsible_from_the_acceptance_on(office: Matters) -> None:
    opened(office)
    offered(office, "H1", date(2014, 6, 9)).then(f.HandoverOffered)
    offered(office, "H1", date(2014, 6, 9)).then_nothing()
    assert who(office, date(2014, 6, 10)) == ["S1"]
    do(office, "accept-handover", date(2014, 6, 11), handover="H1").then(f.HandoverAccepted)
    do(office, "accept-handover", date(2014, 6, 12), handover="H1").then_nothing()
    assert (who(office, date(2014, 6, 10)), who(office, date(2014, 6, 11))) == (["S1"], ["S2"])


def test_of_two_hand_overs_on_one_day_the_last_holds(office: Matters) -> None:
    opened(office)
    day = date(2014, 6, 11)
    for name, to in (("H1", "S2"), ("H2", "S4")):
        offered(office, name, day, to)
        do(office, "accept-handover", day, handover=name)
    found = report(office, date(2014, 6, 30))
    assert found.cases_with_overlap == 0
    # S4 has no record, so that nobody was in place from that day on.
    assert [(gap.first_day, gap.because) for gap in found.gaps] == [(day, "S4 is not employed")]


def test_a_hand_over_for_a_later_day_stays_beside_one_that_is_sooner(office: Matters) -> None:
    opened(office)
    offered(office, "H1", date(2014, 6, 3), "S3", effective_from=date(2014, 7, 1))
    do(office, "accept-handover", date(2014, 6, 4), handover="H1")
    offered(office, "H2", date(2014, 6, 9), "S2")
    do(office, "accept-handover", date(2014, 6, 10), handover="H2")
    assert [who(office, date(2014, m, d)) for m, d in ((6, 9), (6, 10), (6, 30), (7, 1))] == [
        ["S1"],
        ["S2"],
        ["S2"],
        ["S3"],
    ]


@pytest.mark.parametrize(
    ("act", "inputs", "because"),
    [
        ("open-cases", {"cases": ["C1"], "held_by": NPS}, "C1 is in the register already"),
        ("close-cases", {"cases": ["C9"]}, "C9 is not in the register"),
        ("close-cases", {"cases": ["C1"], "effective_from": date(2014, 6, 1)}, "was not open"),
        (
            "offer-handover",
            {"handover": "H1", "cases": ["C1"], "manager": "S1"},
            "S1 is responsible for C1 already",
        ),
        ("accept-handover", {"handover": "H9"}, "no offer H9"),
        (
            "arrange-cover",
            {"cases": ["C1"], "manager": "S2", "effective_to": date(2014, 6, 2)},
            "is not after",
        ),
        (
            "state-manager",
            {"cases": ["C1"], "manager": "S1", "in_place_of": "S1"},
            "in place of themselves",
        ),
    ],
)
def test_what_cannot_be(office: Matters, act: str, inputs: dict[str, Any], because: str) -> None:
    opened(office)
    do(office, act, **inputs).then_refused(because=because)


def test_who_is_removed_leaves_the_case_owed_a_manager(office: Matters) -> None:
    opened(office)
    gone = {"cases": ["C1"], "manager": "S1", "effective_from": date(2014, 6, 5)}
    do(office, "remove-manager", date(2014, 6, 9), **gone).then(f.ManagerRemoved)
    do(office, "remove-manager", date(2014, 6, 9), **gone).then_nothing()
    assert owed(office) == ["C1"]
    do(office, "state-manager", date(2014, 6, 10), cases=["C1"], manager="S2")
    assert owed(office) == []
    found = report(office, date(2014, 6, 30))
    assert [(g.first_day, g.last_day) for g in found.gaps] == [(date(2014, 6, 5), date(2014, 6, 9))]


def test_the_record_may_show_a_manager_gone_and_in_place_again(office: Matters) -> None:
    opened(office)
    day = date(2015, 3, 2)
    gone = [{"manager": "S1", "since": "2015-03-01"}]
    asked = do(office, "compare-records", day, found=gone).then(f.CasesWithoutManager)
    asked.saying(effective_from=date(2015, 3, 1), because="not employed")
    do(office, "compare-records", day, found=gone).then_nothing()
    assert owed(office) == ["C1"]
    there = [{"manager": "S1", "employer": CRC}]
    do(office, "compare-records", date(2015, 3, 3), found=there).then(f.ManagerInPlace)
    assert owed(office) == []


def test_cover_that_is_not_employed_leaves_it_with_the_manager(office: Matters) -> None:
    opened(office)
    do(office, "arrange-cover", cases=["C1"], manager="S9", effective_to=date(2014, 6, 9))
    assert who(office, date(2014, 6, 3)) == ["S1"]
    do(office, "arrange-cover", cases=["C1"], manager="S2", effective_to=date(2014, 6, 9))
    found = on_day(office, date(2014, 6, 3))
    assert [(each.manager, each.how) for each in found.responsible] == [("S2", register.How.COVER)]
    assert who(office, date(2014, 6, 9)) == ["S1"]


@pytest.mark.parametrize(
    ("day", "in_place", "elsewhere"),
    [
        (date(2014, 3, 31), [], False),
        (date(2014, 4, 1), ["S3"], True),
        (date(2015, 1, 31), ["S3"], True),
        (date(2015, 2, 1), [], False),
    ],
)
def test_another_organisations_manager_is_in_place_while_caseloads_are_aligned(
    office: Matters, day: date, in_place: list[str], elsewhere: bool
) -> None:
    do(office, "begin", title="Camden")
    since = date(2014, 1, 6)
    do(office, "open-cases", cases=["C1"], held_by=CRC, manager="S3", effective_from=since)
    found = on_day(office, day)
    assert [each.manager for each in found.responsible] == in_place
    assert (found.employed_elsewhere, found.is_gap) == (elsewhere, not in_place)


# --- many ----------------------------------------------------------------------------------------

MANAGERS, EACH = 1_500, 40
"""60,000 cases."""


class CountedRecord:
    """A record that counts how often it is read."""

    def __init__(self, entries: Entries) -> None:
        self._entries, self.reads = entries, 0
        self.evidence: Mapping[str, str] = {}

    @property
    def entries(self) -> Entries:
        self.reads += 1
        return self._entries

    def on(self, facet: Facet, day: date, assignment: str = MAIN) -> str | None:
        return Position(self.entries, self.evidence).on(facet, day, assignment)


def many() -> Sequence[Any]:
    """60,000 cases, each handed over once, on 1 July 2014."""
    made: list[Any] = []
    stamp = {"matter": MATTER, "made": Made(act="open-cases", by="office"), "basis": Basis()}
    for number in range(MANAGERS):
        cases = tuple(f"C{number}-{case}" for case in range(EACH))
        first, then = f"S{number}", f"S{(number + 1) % MANAGERS}"
        made.append(
            f.CasesOpened(
                **stamp,
                happened_on=BEGUN,
                cases=cases,
                held_by=CRC,
                manager=first,
                effective_from=BEGUN,
            )
        )
        made.append(
            f.HandoverAccepted(
                **stamp,
                happened_on=date(2014, 7, 1),
                handover=f"H{number}",
                cases=cases,
                manager=then,
                effective_from=date(2014, 7, 1),
            )
        )
    return made


def test_60_000_cases_are_looked_at_once_a_list_and_each_manager_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = register.Register()
    for fact in many():
        register.evolve(found, fact)
    records = {number: CountedRecord(employed(CRC)) for number in found.managers}
    assert (len(found.cases), len(records)) == (MANAGERS * EACH, MANAGERS)
    # One manager leaves: their cases of July on have nobody.
    records["S7"] = CountedRecord(employed(CRC, until=date(2014, 7, 15)))
    looked: list[date] = []
    standing_on = register.standing_on

    def counting(case: register.Case, day: date, *rest: Any) -> register.Standing:
        looked.append(day)
        return standing_on(case, day, *rest)

    monkeypatch.setattr(register, "standing_on", counting)
    office = Matters((CASE_RESPONSIBILITY,), binding(rulebook("tr-cases-2014").with_values()))
    do(office, "begin", title="England and Wales")
    kind = CASE_RESPONSIBILITY
    asked = next(each for each in kind.answers if each.name == "gaps")
    state = office.state(MATTER)
    state.whole.substance.cases.update(found.cases)
    assert asked.reads is not None
    assert len(asked.reads(state)) == MANAGERS
    said = Question(
        state=state,
        others={},
        rules=office.rules,
        position=records["S1"],
        on=date(2014, 7, 31),
        known_on=date(2014, 7, 31),
        records=records,
    )
    answer = asked.work_out(said)
    assert isinstance(answer, CaseloadReport)
    assert (answer.cases, answer.cases_with_gap, answer.cases_with_overlap) == (60_000, EACH, 0)
    assert [(g.first_day, g.last_day, len(g.cases)) for g in answer.gaps] == [
        (date(2014, 7, 15), date(2014, 7, 31), EACH)
    ]
    assert all(each.reads == 1 for each in records.values())
    assert len(looked) <= 4 * MANAGERS  # a few stretches for each list, and not for each case

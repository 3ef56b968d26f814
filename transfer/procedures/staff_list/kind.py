"""The declaration of lists of staff.

begun ─► people put on drafts ─► versions prepared ─► made by the day of transfer
      ─► what differs from the record is to be settled, by another version or with a reason
"""

from collections.abc import Callable, Iterator
from typing import TypeVar

from pydantic import BaseModel

from transfer.core.matter import book as b
from transfer.core.matter import common
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import ADMINISTRATION, MatterFact
from transfer.core.matter.kind import (
    Act,
    Answer,
    Does,
    Kind,
    Several,
    Substance,
    closes,
    on,
)
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.procedures.staff_list import answers as a
from transfer.procedures.staff_list import decisions as d
from transfer.procedures.staff_list import facts as f
from transfer.procedures.staff_list.edition import StaffList

N = TypeVar("N", bound=BaseModel)

ADMIN = ("admin",)
MAKE, SETTLE_DIFFERENCE = "make-staff-list", "settle-difference"


def _whole(
    name: str,
    needs: type[N],
    decide: Callable[[Case, N], tuple[MatterFact, ...]],
    says: str,
    several: Several | None = None,
) -> Act[N]:
    return Act(name, Over.MATTER, ADMIN, needs, decide, says, several=several)


def _each(
    name: str, needs: type[N], decide: Callable[[Case, N], tuple[MatterFact, ...]], says: str
) -> Act[N]:
    return Act(name, Over.PERSON, ADMIN, needs, decide, says)


def _to_make(fact: f.StaffListBegun) -> Iterator[b.Effect]:
    """Each list is to be in force on the day of transfer, which is the last day to make it."""
    for each in fact.transferees:
        yield _opens(fact, each)


def _to_make_still(fact: f.ListDaysMoved) -> Iterator[b.Effect]:
    """By the day as it is now, lists are to be made that were made already, but are in force only
    after it. Others need not be made any more, since they are in force by it."""
    if fact.transfer_on == fact.transfer_before:
        return
    yield b.Closes(MAKE, Outcome.SUPERSEDED, about=None)
    for each in fact.to_make:
        yield _opens(fact, each)


def _opens(fact: f.StaffListBegun | f.ListDaysMoved, transferee: str) -> b.Effect:
    by = fixed(fact.transfer_on, fact.basis)
    return b.Opens(MAKE, Nature.DUTY, ADMINISTRATION, by, transferee)


def _found(fact: f.ListCompared) -> Iterator[b.Effect]:
    for number in fact.ended:
        yield b.Closes(SETTLE_DIFFERENCE, Outcome.MET, about=number)
    for each in fact.differences:
        when = Reckoned(basis=fact.basis)
        yield b.Opens(SETTLE_DIFFERENCE, Nature.DUTY, ADMINISTRATION, when, each.staff_number)


def _late(fact: f.PutOnList | f.MovedToOtherList | f.TakenOffList) -> str:
    return f", a late change allowed by {fact.authority}" if fact.late else ""


def _compared(fact: f.ListCompared) -> str:
    said = f"the lists were compared with the record of {fact.as_at}: "
    if not fact.differences and not fact.ended:
        return said + "nothing changed in what differs"
    return said + f"{len(fact.differences)} new differences, {len(fact.ended)} ended"


def _made(fact: f.ListVersionMade) -> str:
    return (
        f"version {fact.version} of the list of {fact.transferee} ({len(fact.people)} people) was "
        f"made by {fact.made_by}, in force from {fact.effective_from}"
        + (f", allowed by {fact.authority}" if fact.authority else "")
    )


STAFF_LIST = Kind(
    name="staff-list",
    title="Lists of the staff who go over under a scheme",
    part=StaffList,
    facts={
        f.StaffListBegun: "staff-list-begun.v1",
        f.ListDaysMoved: "staff-list-days-moved.v1",
        f.PutOnList: "put-on-staff-list.v1",
        f.MovedToOtherList: "moved-to-other-staff-list.v1",
        f.TakenOffList: "taken-off-staff-list.v1",
        f.ListVersionPrepared: "staff-list-version-prepared.v1",
        f.ListVersionMade: "staff-list-version-made.v1",
        f.ListCompared: "staff-list-compared.v1",
        f.DifferenceExplained: "staff-list-difference-explained.v1",
    },
    acts=(
        _whole("begin", d.ListsToBegin, d.begin, "begin lists of who goes over to whom"),
        _whole("move-days", d.OtherDays, d.move_days, "note another cut-off day or transfer"),
        _each("put-on", d.WhichList, d.put_on, "put somebody on a list"),
        _each("move-to", d.WhichList, d.move_to, "move somebody to another list"),
        _each("take-off", d.LateChange, d.take_off, "take somebody off their list"),
        _whole(
            "prepare",
            d.Drafted,
            d.prepare,
            "prepare a version from the drafts",
            Several(sees=d.sees, comes_to=d.comes_to),
        ),
        _whole("make", d.Making, d.make, "note that a version was made (signed)"),
        _whole("compare-records", d.RecordFound, d.compare, "compare lists with the record"),
        _whole("explain", d.ToExplain, d.explain, "say why a difference is right"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(f.StaffListBegun, Does(MAKE, Nature.DUTY, _to_make)),
        on(f.ListDaysMoved, Does(MAKE, Nature.DUTY, _to_make_still)),
        on(f.ListVersionMade, closes(MAKE, about=lambda f: f.transferee)),
        on(f.ListCompared, Does(SETTLE_DIFFERENCE, Nature.DUTY, _found)),
        on(f.DifferenceExplained, closes(SETTLE_DIFFERENCE, about=lambda f: f.whom)),
    ),
    sentences={
        f.StaffListBegun: lambda f: (
            f"lists of who goes from {f.transferor} to {', '.join(f.transferees)} on "
            f"{f.transfer_on}; cut-off day {f.cut_off_on}"
        ),
        f.ListDaysMoved: lambda f: (
            f"the transfer is on {f.transfer_on} (before: {f.transfer_before}), the cut-off day "
            f"{f.cut_off_on} (before: {f.cut_off_before})"
        ),
        f.PutOnList: lambda f: f"put on the list of {f.transferee}{_late(f)}",
        f.MovedToOtherList: lambda f: (
            f"moved from the list of {f.before} to that of {f.transferee}{_late(f)}"
        ),
        f.TakenOffList: lambda f: f"taken off the list of {f.before}{_late(f)}",
        f.ListVersionPrepared: lambda f: (
            f"version {f.version} of the list of {f.transferee} prepared: {len(f.people)} people"
        ),
        f.ListVersionMade: _made,
        f.ListCompared: _compared,
        f.DifferenceExplained: lambda f: f"{f.whom} ({f.difference}) is right: {f.because}",
    },
    answers=(
        Answer(
            "lists",
            Over.MATTER,
            "Which version of each list is in force on a day, and who is on it",
            a.ListsOnDay,
            a.lists,
            of_all_known=True,
            sees=a.sees,
        ),
        Answer(
            "differences",
            Over.MATTER,
            "Where the lists differ from the record, and what was explained",
            a.ListsAndRecord,
            a.differences,
        ),
        Answer(
            "on-list",
            Over.PERSON,
            "Which list somebody is on that day, and to whom they go over",
            a.OnList,
            a.on_list,
            of_all_known=True,
            sees_each=a.versions_of,
        ),
        Answer(
            "passes",
            Over.PERSON,
            "What becomes of somebody's contract, and of what the old employer owed and did",
            a.WhatPasses,
            a.passes,
            of_all_known=True,
            sees_each=a.versions_of,
        ),
    ),
    whole=Substance(d.Lists, d.evolve),
    person=Substance(d.Listed, d.evolve_person),
)

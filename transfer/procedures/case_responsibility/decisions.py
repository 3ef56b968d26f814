"""The cases of a register: what may follow.

    opened ─► offered to another manager ─► accepted: responsible from then on
                                        └─► refused, or lapsed: nothing changes
          ─► covered for a time; a manager stated who was found later; allocated elsewhere; closed

What the record says of the managers comes with the act (`found`), so that the decision can be made
again.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from transfer.core.editions.rules import RulesOfEdition, by_edition, pins
from transfer.core.matter.deciding import Case, require
from transfer.core.matter.facts import MatterFact, Stamp
from transfer.core.matter.folding import State
from transfer.core.matter.kind import NeedsNothing
from transfer.core.refusals import AlreadyOnRecord, Failure, Refused
from transfer.core.words import Frozen, StaffNumber
from transfer.procedures.case_responsibility import facts as f
from transfer.procedures.case_responsibility.edition import CaseResponsibility
from transfer.procedures.case_responsibility.register import Alignment, Register, is_same

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
HandoverName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]

MOST = 5_000
"""Cases that one act may name."""


# --- what acts need ------------------------------------------------------------------------------


class Titled(Frozen):
    """What the register is called, such as the unit whose cases it has."""

    title: Words


class Cases(Frozen):
    """Which cases, by their references."""

    cases: tuple[f.CaseReference, ...] = Field(min_length=1, max_length=MOST)


class FromDay(Cases):
    """Which cases, and from which day on: that of the act, unless one is given."""

    effective_from: date | None = None


class HeldBy(FromDay):
    """Which organisation holds these cases, by the name that its staff's employer has on record."""

    held_by: Words


class ToOpen(HeldBy):
    """The same, with the manager, where there is one: without, one is owed."""

    manager: StaffNumber | None = None


class ToOffer(FromDay):
    """To whom these cases are offered, and under which name the offer goes.

    `effective_from` is the first day from which it may hold. Where the offer is not answered by the
    end of `answer_by`, it lapses.
    """

    handover: HandoverName
    manager: StaffNumber
    answer_by: date | None = None


class WhichOffer(Frozen):
    """Which offer, by its name."""

    handover: HandoverName


class ToRefuse(WhichOffer):
    """Which offer, and why it is not accepted."""

    reason: Words


class ForATime(FromDay):
    """Who it is, and up to which day, which is excluded; without end, if none is given."""

    manager: StaffNumber
    effective_to: date | None = None

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        since, until = self.effective_from, self.effective_to
        if since is not None and until is not None and until <= since:
            raise ValueError("effective_to is after effective_from")
        return self


class WasManager(ForATime):
    """The same, and who was not responsible on those days, where that is so."""

    in_place_of: StaffNumber | None = None


class RecordOfManager(Frozen):
    """Who employs a manager by their record (`employer`, absent: nobody), and since when."""

    manager: StaffNumber
    employer: str | None = None
    since: date | None = None


class FoundOnRecord(Frozen):
    """What the record says of the managers."""

    found: tuple[RecordOfManager, ...] = ()


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: Titled) -> tuple[MatterFact, ...]:
    """Begin a register."""
    if _register(case).begun is not None:
        raise AlreadyOnRecord(f"{case.state.matter} has begun")
    return (f.CaseRegisterBegun(**_stamp(case), **pins(case), title=needs.title),)


def open_cases(case: Case, needs: ToOpen) -> tuple[MatterFact, ...]:
    """Put cases into the register; raises `Refused` for those that are in it."""
    found, since = _register(case), needs.effective_from or case.on
    cases = tuple(dict.fromkeys(needs.cases))
    there = [name for name in cases if name in found.cases]
    if there:
        same = len(there) == len(cases) and all(
            (it := found.cases[name]).opened_from == since
            and is_same(it.held_by(since), needs.held_by)
            and {each.manager for each in it.standing(since)} == {*filter(None, [needs.manager])}
            for name in there
        )
        if same:
            return ()
        require(Failure(f"{name} is in the register already") for name in there)
    return (
        f.CasesOpened(
            **_stamp(case),
            cases=cases,
            held_by=needs.held_by,
            manager=needs.manager,
            effective_from=since,
        ),
    )


def allocate(case: Case, needs: HeldBy) -> tuple[MatterFact, ...]:
    """Let another organisation hold cases from a day on."""
    found, since = _register(case), needs.effective_from or case.on
    cases = _live(found, needs.cases, since)
    left = tuple(c for c in cases if not is_same(found.cases[c].held_by(since), needs.held_by))
    if not left:
        return ()
    clause = _part(case).aligned_from
    return (
        f.CasesAllocated(
            **case.stamp(clause), cases=left, held_by=needs.held_by, effective_from=since
        ),
    )


def offer(case: Case, needs: ToOffer) -> tuple[MatterFact, ...]:
    """Offer cases to another manager. Raises `Refused` for a case that is not live, that has been
    offered and waits for an answer, or that this manager has."""
    found = _register(case)
    cases = tuple(dict.fromkeys(needs.cases))
    made = f.HandoverOffered(
        **_stamp(case),
        handover=needs.handover,
        cases=cases,
        manager=needs.manager,
        effective_from=needs.effective_from,
        answer_by=needs.answer_by,
    )
    before = found.offers.get(needs.handover)
    if before is not None:
        if (before.cases, before.manager, before.effective_from, before.answer_by) == (
            made.cases,
            made.manager,
            made.effective_from,
            made.answer_by,
        ):
            return ()
        raise Refused(f"{needs.handover} is the name of another offer")
    since = needs.effective_from or case.on
    _live(found, cases, since)
    require(_not_to_be_offered(found, cases, needs.manager, since))
    if needs.answer_by is not None and needs.answer_by < case.on:
        raise Refused("the day to answer is over before it is offered")
    return (made,)


def accept(case: Case, needs: WhichOffer) -> tuple[MatterFact, ...]:
    """Accept: responsible from that day on, or from the later day of the offer. A case that was
    closed since is left out."""
    found, made = _offered(case, needs.handover)
    answered = found.answered.get(needs.handover)
    if isinstance(answered, f.HandoverAccepted):
        return ()
    _require_unanswered(answered, needs.handover)
    since = max(filter(None, (case.on, made.effective_from)))
    cases = tuple(each for each in made.cases if found.cases[each].is_live(since))
    if not cases:
        raise Refused(f"every case of {needs.handover} is closed on {since}")
    return (
        f.HandoverAccepted(
            **_stamp(case),
            handover=needs.handover,
            cases=cases,
            manager=made.manager,
            effective_from=since,
        ),
    )


def refuse(case: Case, needs: ToRefuse) -> tuple[MatterFact, ...]:
    """Do not accept: the manager who has the cases stays responsible."""
    found, _ = _offered(case, needs.handover)
    answered = found.answered.get(needs.handover)
    if isinstance(answered, f.HandoverRefused):
        return ()
    _require_unanswered(answered, needs.handover)
    return (f.HandoverRefused(**_stamp(case), handover=needs.handover, reason=needs.reason),)


def lapse(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Let an offer lapse, the day after its last day."""
    name = case.made.about
    if name in _register(case).answered:
        return ()
    return (f.HandoverLapsed(**_stamp(case), handover=name),)


def cover(case: Case, needs: ForATime) -> tuple[MatterFact, ...]:
    """Let somebody be responsible for a time in place of the manager."""
    found, since = _register(case), needs.effective_from or case.on
    _require_forwards(since, needs.effective_to)
    cases = _live(found, needs.cases, since)
    left = tuple(
        name
        for name in cases
        if not any(
            (each.manager, each.effective_from, each.effective_to)
            == (needs.manager, since, needs.effective_to)
            for each in found.cases[name].covering(since)
        )
    )
    if not left:
        return ()
    return (
        f.CoverArranged(
            **_stamp(case),
            cases=left,
            manager=needs.manager,
            effective_from=since,
            effective_to=needs.effective_to,
        ),
    )


def state_manager(case: Case, needs: WasManager) -> tuple[MatterFact, ...]:
    """Put on record who is found to have been responsible."""
    found, since = _register(case), needs.effective_from or case.on
    _require_forwards(since, needs.effective_to)
    cases = _live(found, needs.cases, since)
    if needs.in_place_of == needs.manager:
        raise Refused("somebody is not responsible in place of themselves")
    there = (needs.manager, since, needs.effective_to)
    left = tuple(
        name
        for name in cases
        if not any(
            (each.manager, each.effective_from, each.effective_to) == there
            for each in found.cases[name].standing(since)
        )
    )
    if not left:
        return ()
    return (
        f.ManagerStated(
            **_stamp(case),
            cases=left,
            manager=needs.manager,
            in_place_of=needs.in_place_of,
            effective_from=since,
            effective_to=needs.effective_to,
        ),
    )


def remove_manager(case: Case, needs: ForATime) -> tuple[MatterFact, ...]:
    """Put on record that somebody was not responsible; a case that nobody is left with on the day
    of the act is owed a manager."""
    found, since = _register(case), needs.effective_from or case.on
    _require_forwards(since, needs.effective_to)
    days = since, needs.effective_to
    known = _known(found, needs.cases)
    after = {name: found.cases[name].without(needs.manager, *days) for name in known}
    left = tuple(name for name in known if after[name] != found.cases[name])
    if not left:
        return ()
    return (
        f.ManagerRemoved(
            **_stamp(case),
            cases=left,
            manager=needs.manager,
            effective_from=since,
            effective_to=needs.effective_to,
            left_without=tuple(
                name
                for name in left
                if after[name].is_live(case.on) and not after[name].standing(case.on)
            ),
        ),
    )


def close(case: Case, needs: FromDay) -> tuple[MatterFact, ...]:
    """Close cases from a day on."""
    found, since = _register(case), needs.effective_from or case.on
    known = _known(found, needs.cases)
    left = tuple(name for name in known if found.cases[name].closed_from != since)
    if not left:
        return ()
    early = (name for name in left if since < found.cases[name].opened_from)
    require(Failure(f"{name} was not open before {since}") for name in early)
    return (f.CasesClosed(**_stamp(case), cases=left, effective_from=since),)


def compare(case: Case, needs: FoundOnRecord) -> tuple[MatterFact, ...]:
    """Compare the managers with their records: a case whose manager cannot be responsible on the
    day of the act is owed another; one whose manager can be after all is not."""
    register, alignment = _register(case), alignment_of(by_edition(case))
    records = {each.manager: each for each in needs.found}
    gone: dict[tuple[str, date, str], list[str]] = {}
    again: dict[str, list[str]] = {}
    for name, it in register.cases.items():
        if not it.is_live(case.on):
            continue
        for held in it.standing(case.on):
            record = records.get(held.manager)
            if record is None:
                continue
            why = why_not(record, it.held_by(case.on), alignment, case.on)
            noted = register.wanting.get(name)
            if why is not None and noted is None:
                first = max(filter(None, (held.effective_from, record.since)))
                gone.setdefault((held.manager, first, why), []).append(name)
            elif why is None and noted is not None:
                again.setdefault(held.manager, []).append(name)
    return (
        *(
            f.CasesWithoutManager(
                **_stamp(case),
                cases=tuple(cases),
                manager=manager,
                effective_from=first,
                because=why,
            )
            for (manager, first, why), cases in gone.items()
        ),
        *(
            f.ManagerInPlace(**_stamp(case), cases=tuple(cases), manager=manager)
            for manager, cases in again.items()
        ),
    )


def why_not(record: RecordOfManager, held_by: str, alignment: Alignment, day: date) -> str | None:
    """Why somebody cannot be responsible on a day for a case that an organisation holds."""
    if record.employer is None:
        return "not employed"
    if is_same(record.employer, held_by) or alignment.covers(day):
        return None
    return f"employed by {record.employer}, and {held_by} holds the case"


# --- what they ask -------------------------------------------------------------------------------


def register_of(state: State) -> Register:
    """What is on record of the register."""
    found: Register = state.whole.substance
    return found


def _register(case: Case) -> Register:
    return register_of(case.state)


def alignment_of(rules: RulesOfEdition) -> Alignment:
    """The days on which a manager of another organisation may stay responsible."""
    part = rules.part(CaseResponsibility)
    return Alignment(rules.day(part.aligned_from), rules.day(part.aligned_by))


def _part(case: Case) -> CaseResponsibility:
    return by_edition(case).part(CaseResponsibility)


def _stamp(case: Case) -> Stamp:
    return case.stamp(_part(case).manager)


def _known(found: Register, names: Iterable[str]) -> tuple[str, ...]:
    cases = tuple(dict.fromkeys(names))
    require(Failure(f"{name} is not in the register") for name in cases if name not in found.cases)
    return cases


def _live(found: Register, names: Iterable[str], day: date) -> tuple[str, ...]:
    cases = _known(found, names)
    require(
        Failure(f"{name} is not open on {day}")
        for name in cases
        if not found.cases[name].is_live(day)
    )
    return cases


def _not_to_be_offered(
    found: Register, cases: Iterable[str], manager: str, day: date
) -> Iterator[Failure]:
    waiting = {
        name: offer.handover
        for offer in found.offers.values()
        if offer.handover not in found.answered
        for name in offer.cases
    }
    for name in cases:
        if name in waiting:
            yield Failure(f"{name} is offered in {waiting[name]}, which is not answered")
        if manager in {each.manager for each in found.cases[name].standing(day)}:
            yield Failure(f"{manager} is responsible for {name} already")


def _offered(case: Case, handover: str) -> tuple[Register, f.HandoverOffered]:
    found = _register(case)
    if handover not in found.offers:
        raise Refused(f"no offer {handover} is on record")
    return found, found.offers[handover]


def _require_unanswered(answered: MatterFact | None, handover: str) -> None:
    said = {
        f.HandoverAccepted: "was accepted",
        f.HandoverRefused: "was refused",
        f.HandoverLapsed: "has lapsed",
    }
    if answered is not None:
        raise Refused(f"{handover} {said[type(answered)]}: make another offer")


def _require_forwards(since: date, until: date | None) -> None:
    if until is not None and until <= since:
        raise Refused(f"{until} is not after {since}")

"""Who is responsible for a case on a day, and on which days a case had no manager, or two.

Both read the managers' own records, as known when they are asked: who was not employed on a day, or
was employed by an organisation that did not hold the case, was not in place on it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from transfer.core.editions.rules import by_edition
from transfer.core.matter.deciding import Asked
from transfer.core.matter.folding import State
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen, StaffNumber
from transfer.procedures.case_responsibility.decisions import alignment_of, register_of
from transfer.procedures.case_responsibility.edition import CaseResponsibility
from transfer.procedures.case_responsibility.facts import CaseReference
from transfer.procedures.case_responsibility.register import (
    Case,
    Employment,
    How,
    InPlace,
    Register,
    Stretch,
    standing_on,
    stretches,
)


class ResponsibleManager(Frozen):
    """Somebody who is responsible for a case, and since when by the register; `handover` names the
    offer that they accepted."""

    manager: StaffNumber
    employer: str
    how: How
    handover: str | None
    since: date


class OfferWaiting(Frozen):
    """An offer of the case that is not answered: the manager it was made to is not responsible."""

    handover: str
    manager: StaffNumber
    offered_on: date
    answer_by: date | None


class CaseOnDay(Frozen):
    """Who is responsible for a case on a day.

    `responsible` has nobody where `is_gap`, and `because` says why; more than one where
    `is_overlap`. `held_by` is the organisation that holds the case. `employed_elsewhere`: a manager
    whom another organisation employs is responsible, as the edition allows until `align_by`.
    """

    case: CaseReference
    is_live: bool
    held_by: str
    responsible: tuple[ResponsibleManager, ...]
    is_gap: bool
    because: str
    is_overlap: bool
    employed_elsewhere: bool
    align_by: date | None
    offered: OfferWaiting | None
    basis: tuple[Basis, ...]


class GapOfCases(Frozen):
    """Days on which these cases had nobody in place; both are included."""

    first_day: date
    last_day: date
    cases: tuple[CaseReference, ...]
    because: str


class OverlapOfCases(Frozen):
    """Days on which these cases had more than one manager; both are included."""

    first_day: date
    last_day: date
    cases: tuple[CaseReference, ...]
    managers: tuple[StaffNumber, ...]


class CasesToAlign(Frozen):
    """Days on which another organisation than the holder employed the manager of these cases."""

    first_day: date
    last_day: date
    cases: tuple[CaseReference, ...]
    managers: tuple[StaffNumber, ...]
    employers: tuple[str, ...]
    held_by: str
    align_by: date


class CaseloadReport(Frozen):
    """How the cases of a register stood on each of some days, both included.

    `cases` is how many were live on one of them at least, `live_at_the_end` on the last. A case is
    counted once in `cases_with_gap` and in `cases_with_overlap`, however often it had one.
    """

    first_day: date
    last_day: date
    cases: int
    live_at_the_end: int
    cases_with_gap: int
    cases_with_overlap: int
    gaps: tuple[GapOfCases, ...]
    overlaps: tuple[OverlapOfCases, ...]
    to_align: tuple[CasesToAlign, ...]
    basis: tuple[Basis, ...]


def managers(state: State) -> Collection[str]:
    """Whose record both answers read."""
    return register_of(state).managers


def responsible(asked: Asked) -> CaseOnDay:
    """Who is responsible for a case on a day."""
    rules, found = by_edition(asked), _begun(asked)
    part, alignment = rules.part(CaseResponsibility), alignment_of(rules)
    name = asked.about or ""
    if name not in found.cases:
        raise Refused(f"no case {name} is in the register")
    case, day = found.cases[name], asked.on
    standing = standing_on(case, day, Employment(asked.records), alignment)
    is_live = case.is_live(day)
    in_place = standing.in_place if is_live else ()
    elsewhere = is_live and bool(standing.elsewhere)
    offer = found.pending(name) if is_live else None
    if offer is not None and offer.happened_on > day:
        offer = None
    clauses = [part.manager]
    if elsewhere:
        clauses += [part.aligned_from, part.aligned_by]
    return CaseOnDay(
        case=name,
        is_live=is_live,
        held_by=standing.held_by,
        responsible=tuple(_responsible(case, each, day) for each in in_place),
        is_gap=is_live and not in_place,
        because=standing.because if is_live else "",
        is_overlap=len(in_place) > 1,
        employed_elsewhere=elsewhere,
        align_by=alignment.until if elsewhere else None,
        offered=None
        if offer is None
        else OfferWaiting(
            handover=offer.handover,
            manager=offer.manager,
            offered_on=offer.happened_on,
            answer_by=offer.answer_by,
        ),
        basis=tuple(map(rules.basis, clauses)),
    )


def _responsible(case: Case, found: InPlace, day: date) -> ResponsibleManager:
    since = max(
        each.effective_from
        for each in case.held
        if (each.manager, each.how, each.handover) == (found.manager, found.how, found.handover)
        and each.covers(day)
    )
    return ResponsibleManager(
        manager=found.manager,
        employer=found.employer,
        how=found.how,
        handover=found.handover or None,
        since=since,
    )


@dataclass(slots=True)
class _Findings:
    """Cases that stood alike on the same days, together."""

    gaps: dict[tuple[date, date, str], list[str]] = field(default_factory=dict)
    overlaps: dict[tuple[date, date, tuple[str, ...]], list[str]] = field(default_factory=dict)
    elsewhere: dict[tuple[date, date, tuple[InPlace, ...], str], list[str]] = field(
        default_factory=dict
    )

    def take(self, names: Collection[str], stretch: Stretch) -> None:
        """Note what is to be reported of some cases with the same history."""
        first, last, standing = stretch
        if not standing.in_place:
            self.gaps.setdefault((first, last, standing.because), []).extend(names)
        if len(standing.in_place) > 1:
            both = tuple(each.manager for each in standing.in_place)
            self.overlaps.setdefault((first, last, both), []).extend(names)
        if standing.elsewhere:
            key = (first, last, standing.elsewhere, standing.held_by)
            self.elsewhere.setdefault(key, []).extend(names)


def gaps(asked: Asked) -> CaseloadReport:
    """On which days a case had no manager, or two.

    Cases that were opened and handed over together have the same history, and are looked at once.
    """
    rules, found = by_edition(asked), _begun(asked)
    part, alignment = rules.part(CaseResponsibility), alignment_of(rules)
    alike: dict[Case, list[str]] = {}
    for name, case in found.cases.items():
        alike.setdefault(case, []).append(name)
    last = asked.on
    first = asked.since or min((case.opened_from for case in alike), default=last)
    if last < first:
        raise Refused(f"{last} is before {first}: no day lies between them")
    employment, findings = Employment(asked.records), _Findings()
    seen = with_gap = with_overlap = live = 0
    for case, names in alike.items():
        days = [*stretches(case, first, last, employment, alignment)]
        for each in days:
            findings.take(names, each)
        seen += len(names) * bool(days)
        live += len(names) * case.is_live(last)
        with_gap += len(names) * any(not each.standing.in_place for each in days)
        with_overlap += len(names) * any(len(each.standing.in_place) > 1 for each in days)
    return CaseloadReport(
        first_day=first,
        last_day=last,
        cases=seen,
        live_at_the_end=live,
        cases_with_gap=with_gap,
        cases_with_overlap=with_overlap,
        gaps=tuple(
            GapOfCases(first_day=start, last_day=end, cases=tuple(sorted(cases)), because=why)
            for (start, end, why), cases in sorted(findings.gaps.items())
        ),
        overlaps=tuple(
            OverlapOfCases(first_day=start, last_day=end, cases=tuple(sorted(cases)), managers=both)
            for (start, end, both), cases in sorted(findings.overlaps.items())
        ),
        to_align=tuple(
            CasesToAlign(
                first_day=start,
                last_day=end,
                cases=tuple(sorted(cases)),
                managers=tuple(each.manager for each in there),
                employers=tuple(dict.fromkeys(each.employer for each in there)),
                held_by=held_by,
                align_by=alignment.until,
            )
            for (start, end, there, held_by), cases in sorted(findings.elsewhere.items())
        ),
        basis=tuple(map(rules.basis, (part.manager, part.aligned_from, part.aligned_by))),
    )


def _begun(asked: Asked) -> Register:
    found = register_of(asked.state)
    if found.begun is None:
        raise Refused("the register had not begun")
    return found

"""The vetting of one person: what is on record of it, and what may follow.

    asked ─► passed
         └─► failed ─► (risk reviewed) ─► redeployment proposed ─► redeployed on its day
                   │                  └─► restricted, or adjusted otherwise
                   └─► appeals ─► (supported) ─► determined: rejected
                                                          or upheld ─► what followed is put right

What may follow is asked of the version of the policy that holds on the day (`versions`). Where two
versions in force contradict each other, either may be followed; the fact names which one was.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from transfer.core.editions.rules import by_edition, pins
from transfer.core.employed import why_not_employed
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.reckoning import Reckoned, Reckoning, reckon
from transfer.core.refusals import Refused
from transfer.core.words import AppealOutcome, Facet, Frozen
from transfer.procedures.vetting import facts as f
from transfer.procedures.vetting.edition import CountedFrom, Follows, Version, VettingRules
from transfer.procedures.vetting.versions import Policy, policy_on

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


@dataclass(slots=True)
class Vetting:
    """What is on record of one vetting."""

    asked: f.VettingAsked | None = None
    passed: f.VettingPassed | None = None
    failed: f.VettingFailed | None = None
    received: f.VettingDecisionReceived | None = None
    reviewed: bool = False
    appeal: f.VettingAppealLodged | None = None
    supported: bool = False
    determined: f.VettingAppealDetermined | None = None
    took_effect: dict[str, date] = field(default_factory=dict)
    proposed: f.VettingRedeploymentProposed | None = None
    redeployed: f.VettingRedeployed | None = None
    restricted: f.VettingRestrictionSet | None = None
    put_right: set[Follows] = field(default_factory=set)
    unusual: bool = False
    checked: bool = False

    @property
    def has_failed(self) -> bool:
        """Whether they failed, and no appeal has been upheld since."""
        return self.failed is not None and not self.is_upheld

    @property
    def is_upheld(self) -> bool:
        """Whether a panel has upheld their appeal."""
        return self.determined is not None and self.determined.outcome is AppealOutcome.UPHELD

    @property
    def readings(self) -> tuple[f.Reading, ...]:
        """Every reading of the time to appeal."""
        of_decision = () if self.failed is None else self.failed.readings
        of_receipt = () if self.received is None else self.received.readings
        return (*of_decision, *of_receipt)

    @property
    def followed(self) -> Iterator[f.VettingFollowed]:
        """What has followed the failure, and was not put right since."""
        if self.redeployed is not None and Follows.REDEPLOYMENT not in self.put_right:
            yield self.redeployed
        if self.restricted is not None and self.restricted.follows not in self.put_right:
            yield self.restricted


def evolve(found: Vetting, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.VettingAsked():
            found.asked = fact
        case f.VettingPassed():
            found.passed = fact
        case f.VettingFailed():
            found.failed = fact
        case f.VettingDecisionReceived():
            found.received = fact
        case f.VettingRiskReviewed():
            found.reviewed = True
        case f.VettingAppealLodged():
            found.appeal = fact
        case f.VettingAppealSupported():
            found.supported = True
        case f.VettingAppealDetermined():
            found.determined = fact
        case f.VettingPolicyTookEffect():
            found.took_effect.setdefault(fact.version, fact.happened_on)
        case f.VettingRedeploymentProposed():
            found.proposed = fact
        case f.VettingRedeployed():
            found.redeployed, found.proposed = fact, None
            found.put_right.discard(Follows.REDEPLOYMENT)
        case f.VettingRedeploymentPassedBy():
            found.proposed = None
        case f.VettingRestrictionSet():
            found.restricted, found.proposed = fact, None
            found.put_right.discard(fact.follows)
        case f.VettingRestrictionLifted():
            found.put_right |= {Follows.RESTRICTION, Follows.ADJUSTMENT}
        case f.VettingRedeploymentReversed():
            found.put_right.add(Follows.REDEPLOYMENT)
        case f.VettingFoundUnusual():
            found.unusual = True
        case f.VettingCheckedNationally():
            found.checked = True
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class ForWhat(Frozen):
    """The role and the work that somebody is vetted for; the role is that on their record, unless
    one is given. `level` is the lowest that will do, unless another is asked for."""

    work: Words
    role: Words | None = None
    level: Words | None = None
    recruit: bool = False


class Referred(Frozen):
    """The vetting unit's own number of the decision or the letter: no grounds, which are personal
    data and stay with the unit."""

    reference: Words


class Passed(Referred):
    """To which level they passed, and the first day on which that holds no more, where it ends."""

    level: Words
    effective_to: date | None = None


class Failed(Referred):
    """That they did not pass. What is connected with discipline goes by its own procedure."""

    connected_with_discipline: bool = False


class Determined(Referred):
    """What the panel decided; upheld, to which level they have passed."""

    outcome: AppealOutcome
    panel: Words
    level: Words | None = None
    effective_to: date | None = None


class WhichVersion(Frozen):
    """Which version of the policy, by the id that the edition gives it."""

    version: Words


class OtherWork(Frozen):
    """Where they are to go, and from which day on."""

    effective_from: date
    unit: Words | None = None
    role: Words | None = None
    post: Words | None = None
    workplace: Words | None = None
    line_manager: Words | None = None
    employer: Words | None = None

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if not self.changes:
            raise ValueError("say what changes: the unit, the role, the post or the workplace")
        return self

    @property
    def changes(self) -> dict[Facet, str]:
        """What of their position changes."""
        given = {facet: getattr(self, facet.value, None) for facet in Facet}
        return {facet: value for facet, value in given.items() if value is not None}


class Restricted(Frozen):
    """What they are not given to do, or what else is adjusted; from a day on, that of the act
    unless one is given."""

    what: Words
    follows: Follows = Follows.RESTRICTION
    effective_from: date | None = None

    @model_validator(mode="after")
    def _no_move(self) -> Self:
        if self.follows is Follows.REDEPLOYMENT:
            raise ValueError("a redeployment is proposed (propose-redeployment)")
        return self


class FromDay(Frozen):
    """From which day on: that of the act, unless one is given."""

    effective_from: date | None = None


class WhatStays(Frozen):
    """What stays as it is."""

    follows: Follows


# --- asked, passed, failed -----------------------------------------------------------------------


def ask(case: Case, needs: ForWhat) -> tuple[MatterFact, ...]:
    """Ask for somebody's vetting. Raises `Refused` where the edition does not want it of that role
    in that work, or for a level below the lowest that will do."""
    rules = by_edition(case)
    part = rules.part(VettingRules)
    role = needs.role or case.position.on(Facet.ROLE, case.on)
    if role is None:
        raise Refused(f"no role is on record on {case.on}: say for which one", clause=part.roles)
    for said, clause in ((role, part.roles), (needs.work, part.work)):
        listed = rules.texts(clause)
        if said.casefold() not in {each.casefold() for each in listed}:
            raise Refused(f"{said} needs no vetting: {', '.join(listed)} do", clause=clause)
    level = needs.level or str(rules.value(part.level))
    _require_level(case, level)
    stamp = case.stamp(part.level, part.roles)
    asked = {"level": level, "role": role, "work": needs.work, "recruit": needs.recruit}
    return (f.VettingAsked(**stamp, **pins(case), **asked),)


def passed(case: Case, needs: Passed) -> tuple[MatterFact, ...]:
    """Record that somebody passed."""
    found, part = _asked(case), by_edition(case).part(VettingRules)
    if found.passed is not None and found.passed.level == needs.level:
        return ()
    if found.has_failed:
        raise Refused("they failed: what an appeal came to is recorded as that", clause=part.level)
    _require_level(case, needs.level)
    return (
        f.VettingPassed(
            **case.stamp(part.level),
            level=needs.level,
            reference=needs.reference,
            effective_to=needs.effective_to,
        ),
    )


def failed(case: Case, needs: Failed) -> tuple[MatterFact, ...]:
    """Record that somebody did not pass, with the readings of the time to appeal."""
    found, part = _asked(case), by_edition(case).part(VettingRules)
    if found.failed is not None:
        return ()
    asked = found.asked
    recruit = asked is not None and asked.recruit
    readings = _readings(case, CountedFrom.DECISION)
    clause = part.recruits if recruit else part.support
    return (
        f.VettingFailed(
            **case.stamp(clause, part.appeal.clause),
            reference=needs.reference,
            is_supported=not recruit and not needs.connected_with_discipline,
            readings=readings,
            appeal_by=_appeal_by(case, readings),
        ),
    )


def received(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Note that the decision reached them on that day."""
    found, part = _failed(case), by_edition(case).part(VettingRules)
    if found.received is not None:
        return ()
    readings = _readings(case, CountedFrom.RECEIPT)
    return (
        f.VettingDecisionReceived(
            **case.stamp(part.appeal.clause),
            readings=readings,
            appeal_by=_appeal_by(case, (*found.readings, *readings)),
        ),
    )


def review_risk(case: Case, needs: Referred) -> tuple[MatterFact, ...]:
    """Note that the risk was reviewed; not of a recruit, nor of what goes by discipline."""
    found, part = _failed(case), by_edition(case).part(VettingRules)
    if found.reviewed:
        return ()
    _require_support(case, found, "a review")
    return (f.VettingRiskReviewed(**case.stamp(part.support), reference=needs.reference),)


# --- appeals -------------------------------------------------------------------------------------


def lodge(case: Case, needs: Referred) -> tuple[MatterFact, ...]:
    """Take an appeal in writing. Raises `Refused` where it is late by every reading, and no longer
    time could make it early: the number of the extension is known."""
    found, rules = _failed(case), by_edition(case)
    rule = rules.part(VettingRules).appeal
    if found.appeal is not None:
        return ()
    kept = tuple(each for each in found.readings if case.on <= each.last_day)
    if not kept and rules.knows(rule.extended.clause):
        last = max(each.last_day for each in found.readings)
        raise Refused(f"the appeal is late: the last day was {last}", clause=rule.extended.clause)
    failed = found.failed
    return (
        f.VettingAppealLodged(
            **case.stamp(rule.clause, rule.length.clause),
            reference=needs.reference,
            in_time_by=kept,
            late_by=tuple(each for each in found.readings if each not in kept),
            is_supported=failed is not None and failed.is_supported,
        ),
    )


def support(case: Case, needs: Referred) -> tuple[MatterFact, ...]:
    """Note that the service supports an appeal; not a recruit's."""
    found, part = _failed(case), by_edition(case).part(VettingRules)
    if found.supported:
        return ()
    _require_support(case, found, "support")
    if found.appeal is None:
        raise Refused("no appeal has come", clause=part.appeal.clause)
    return (f.VettingAppealSupported(**case.stamp(part.support), reference=needs.reference),)


def determine(case: Case, needs: Determined) -> tuple[MatterFact, ...]:
    """Record what the panel decided. What had followed the failure is to be put right then."""
    found, rules = _failed_ever(case), by_edition(case)
    part = rules.part(VettingRules)
    if found.determined is not None and found.determined.outcome is needs.outcome:
        return ()
    if found.appeal is None or found.determined is not None:
        raise Refused("no appeal is open for the panel to determine", clause=part.appeal.clause)
    upheld = needs.outcome is AppealOutcome.UPHELD
    level = needs.level or (found.asked.level if found.asked else str(rules.value(part.level)))
    if upheld:
        _require_level(case, level)
    return (
        f.VettingAppealDetermined(
            **case.stamp(part.appeal.clause),
            outcome=needs.outcome,
            panel=needs.panel,
            reference=needs.reference,
            level=level if upheld else None,
            effective_to=needs.effective_to if upheld else None,
            to_put_right=tuple(map(_what, found.followed)) if upheld else (),
        ),
    )


# --- what follows a failure ----------------------------------------------------------------------


def take_effect(case: Case, needs: WhichVersion) -> tuple[MatterFact, ...]:
    """Note that a version of the policy holds from this day on, as a document shows.

    Raises `Refused` without a document, and where the edition gives another day.
    """
    found, rules = _asked(case), by_edition(case)
    part = rules.part(VettingRules)
    version = part.version(needs.version)
    if version is None:
        known = ", ".join(each.id for each in part.versions)
        raise Refused(f"the edition has no version {needs.version}: it has {known}")
    if rules.knows(version.starts):
        starts = rules.day(version.starts)
        raise Refused(f"{version.id} holds from {starts}", clause=version.starts)
    if version.id in found.took_effect:
        return ()
    if not case.made.document:
        raise Refused(
            f"say which document shows that {version.id} holds from {case.on}",
            clause=version.starts,
        )
    return (f.VettingPolicyTookEffect(**case.stamp(version.starts), version=version.id),)


def propose_redeployment(case: Case, needs: OtherWork) -> tuple[MatterFact, ...]:
    """Propose other work from a day on: they go there on that day, unless an appeal is upheld
    before it, or a version of the policy holds by then that keeps them where they are."""
    found = _owed(case)
    if needs.effective_from < case.on:
        raise Refused(f"effective_from is {needs.effective_from}, before the proposal, {case.on}")
    said = found.proposed or found.redeployed
    if said is not None and (said.changes, said.effective_from) == (
        needs.changes,
        needs.effective_from,
    ):
        return ()
    version = _permitted(case, Follows.REDEPLOYMENT)
    return (
        f.VettingRedeploymentProposed(
            **case.stamp(version.clause),
            version=version.id,
            effective_from=needs.effective_from,
            changes=needs.changes,
        ),
    )


def redeploy(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Redeploy on the day proposed, if that may still follow by the policy of that day."""
    found = _of(case)
    if found.proposed is None or not found.has_failed:
        return ()
    gone = why_not_employed(case.position.entries, case.lawful_day)
    if gone is not None:
        stamp = case.stamp(by_edition(case).part(VettingRules).support)
        return (f.VettingRedeploymentPassedBy(**stamp, reason=gone.reason),)
    version = _permitted(case, Follows.REDEPLOYMENT)
    changes = found.proposed.changes
    day_before = date.fromordinal(case.lawful_day.toordinal() - 1)
    return (
        f.VettingRedeployed(
            **case.stamp(version.clause),
            version=version.id,
            effective_from=case.lawful_day,
            changes=changes,
            before={facet: case.position.on(facet, day_before) for facet in changes},
        ),
    )


def restrict(case: Case, needs: Restricted) -> tuple[MatterFact, ...]:
    """Keep somebody in their work without some of it, or with another adjustment."""
    found, since = _owed(case), needs.effective_from or case.on
    said = found.restricted
    wanted = (needs.what, needs.follows, since)
    if (
        said is not None
        and said.follows not in found.put_right
        and (said.what, said.follows, said.effective_from) == wanted
    ):
        return ()
    version = _permitted(case, needs.follows)
    return (
        f.VettingRestrictionSet(
            **case.stamp(version.clause),
            version=version.id,
            effective_from=since,
            follows=needs.follows,
            what=needs.what,
        ),
    )


def lift(case: Case, needs: FromDay) -> tuple[MatterFact, ...]:
    """End a restriction from a day on."""
    found = _failed_ever(case)
    if found.restricted is None:
        raise Refused("no restriction is on record")
    if found.restricted.follows in found.put_right:
        return ()
    stamp = case.stamp(by_edition(case).part(VettingRules).support)
    return (f.VettingRestrictionLifted(**stamp, effective_from=needs.effective_from or case.on),)


def reverse(case: Case, needs: FromDay) -> tuple[MatterFact, ...]:
    """Let somebody go back to the work that they had, from a day on."""
    found = _failed_ever(case)
    if found.redeployed is None:
        raise Refused("nobody was redeployed")
    if Follows.REDEPLOYMENT in found.put_right:
        return ()
    return (
        f.VettingRedeploymentReversed(
            **case.stamp(by_edition(case).part(VettingRules).support),
            effective_from=needs.effective_from or case.on,
            changes=found.redeployed.before,
        ),
    )


def keep(case: Case, needs: WhatStays) -> tuple[MatterFact, ...]:
    """Let stay by agreement what followed a failure that was put right."""
    found = _failed_ever(case)
    due = case.state.due("put-right", needs.follows.value)
    if not found.is_upheld or due is None:
        raise Refused(f"no {needs.follows} is to be put right")
    if not due.is_open:
        return ()
    stamp = case.stamp(by_edition(case).part(VettingRules).support)
    return (f.VettingOutcomeKept(**stamp, follows=needs.follows),)


# --- checks --------------------------------------------------------------------------------------


def find_unusual(case: Case, _needs: NeedsNothing) -> tuple[MatterFact, ...]:
    """Note that the outcome is unusual: it is to be checked nationally."""
    found, part = _asked(case), by_edition(case).part(VettingRules)
    if found.unusual:
        return ()
    if found.passed is None and found.failed is None:
        raise Refused("there is no outcome yet", clause=part.monitoring)
    return (f.VettingFoundUnusual(**case.stamp(part.monitoring)),)


def check_nationally(case: Case, needs: Referred) -> tuple[MatterFact, ...]:
    """Note that an unusual outcome was checked nationally."""
    found, part = _asked(case), by_edition(case).part(VettingRules)
    if found.checked:
        return ()
    if not found.unusual:
        raise Refused("nobody has found the outcome unusual", clause=part.monitoring)
    stamp = case.stamp(part.monitoring)
    return (f.VettingCheckedNationally(**stamp, reference=needs.reference),)


# --- what they read ------------------------------------------------------------------------------


def vetting_of(case: Case | Asked) -> Vetting:
    """What is on record of the vetting that is decided or asked about."""
    found: Vetting = case.state.mine.substance
    return found


_of = vetting_of


def policy_of(case: Case) -> Policy:
    """The policy on the day of the act, as it was known then or has been shown since."""
    day = case.lawful_day
    return policy_on(by_edition(case), _of(case).took_effect, day, day)


def _asked(case: Case) -> Vetting:
    found = _of(case)
    if found.asked is None:
        raise Refused(f"no vetting had been asked for by {case.on}")
    return found


def _failed_ever(case: Case) -> Vetting:
    found = _asked(case)
    if found.failed is None:
        raise Refused(f"they had not failed by {case.on}")
    return found


def _failed(case: Case) -> Vetting:
    found = _failed_ever(case)
    if found.is_upheld:
        raise Refused("their appeal was upheld: they have passed")
    return found


def _owed(case: Case) -> Vetting:
    """Somebody who failed, and of whom the policy says what follows."""
    found = _failed(case)
    _require_support(case, found, "other work or an adjustment")
    return found


def _require_support(case: Case, found: Vetting, what: str) -> None:
    part = by_edition(case).part(VettingRules)
    if found.asked is not None and found.asked.recruit:
        raise Refused(f"a recruit who fails is not given {what}", clause=part.recruits)
    if found.failed is not None and not found.failed.is_supported:
        raise Refused(
            f"what is connected with discipline goes by its own procedure: no {what} by this one",
            clause=part.support,
        )


def _require_level(case: Case, level: str) -> None:
    rules = by_edition(case)
    part = rules.part(VettingRules)
    levels, lowest = rules.texts(part.levels), str(rules.value(part.level))
    if level not in levels:
        raise Refused(f"there is no level {level}: {', '.join(levels)}", clause=part.levels)
    if levels.index(level) < levels.index(lowest):
        raise Refused(f"{level} will not do: {lowest} is the lowest that does", clause=part.level)


def _permitted(case: Case, what: Follows) -> Version:
    """The version under which that may follow on the day; raises `Refused` where none lets it."""
    policy = policy_of(case)
    for version in policy.permitting(what):
        return version
    holding = policy.may_govern or tuple(each.version for each in policy.versions)
    if not holding:
        raise Refused(f"no version of the policy held on {case.lawful_day}")
    first = holding[0]
    raise Refused(
        f"no {what} follows on {case.lawful_day}: under {first.title} it is "
        + " or ".join(first.follows),
        clause=first.clause,
    )


def _readings(case: Case, counted_from: CountedFrom) -> tuple[f.Reading, ...]:
    """The readings of the time to appeal that run from the day of the act, by every length that is
    known; none where the edition does not take it that the time runs from such a day."""
    rules = by_edition(case)
    rule = rules.part(VettingRules).appeal
    if counted_from not in rule.runs_from:
        return ()
    found: list[f.Reading] = []
    for clause in (rule.length.clause, rule.extended.clause):
        if not rules.knows(clause):
            continue
        length = rules.period(clause)
        stated = Reckoning(length=length, unit_stated=length.unit != "d")
        days = reckon(stated, case.on, calendar=rules.calendar, basis=rules.basis(clause))
        for day, in_working_days in ((days.on, length.unit == "wd"), (days.later, True)):
            if day is not None:
                found.append(
                    f.Reading(
                        counted_from=counted_from,
                        clause=clause,
                        in_working_days=in_working_days,
                        last_day=day,
                    )
                )
    return tuple(found)


def _appeal_by(case: Case, readings: tuple[f.Reading, ...]) -> Reckoned:
    """The earliest last day, which is the one to act by, and the latest beside it."""
    rules = by_edition(case)
    rule = rules.part(VettingRules).appeal
    basis = rules.basis(rule.length.clause)
    if not readings:
        return Reckoned(basis=basis)
    first, last = min(r.last_day for r in readings), max(r.last_day for r in readings)
    in_working_days = any(each.in_working_days for each in readings)
    return Reckoned(
        on=first,
        later=last if last > first else None,
        calendar=rules.calendar.said_of(case.on, first, last) if in_working_days else None,
        basis=basis,
    )


def _what(fact: f.VettingFollowed) -> Follows:
    return fact.follows if isinstance(fact, f.VettingRestrictionSet) else Follows.REDEPLOYMENT

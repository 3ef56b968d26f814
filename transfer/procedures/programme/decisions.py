"""The steps of a transfer: what is on record of them, and what may follow.

begun ─► each step taken, by its last day or after it; the day moved, and with it every last day
      ─► a disagreement between authorities ─► referred ─► decided; or agreed at any time
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from transfer.core.editions.rules import RulesOfEdition, by_edition, pins
from transfer.core.matter.deciding import Asked, Case
from transfer.core.matter.facts import MatterFact
from transfer.core.matter.reckoning import Counting, Reckoned, Reckoning, reckon
from transfer.core.refusals import AlreadyOnRecord, Refused
from transfer.core.words import Frozen
from transfer.procedures.programme import facts as f
from transfer.procedures.programme.edition import Disagreement, Plan, PlanStep, Programme

Said = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=400)]


class Ending(StrEnum):
    """How a disagreement ends."""

    AGREEMENT = "agreement"
    AWARD = "award"
    DEFAULT = "default-award"


@dataclass(slots=True)
class Dispute:
    """What is on record of one disagreement."""

    noted: f.DisagreementNoted
    referred: f.DisagreementReferred | None = None
    ended: f.DisagreementEnded | None = None


@dataclass(slots=True)
class Planned:
    """What is on record of the steps to one day."""

    begun: f.ProgrammeBegun | None = None
    target_on: date = date.min
    steps: dict[str, f.PlannedStep] = field(default_factory=dict)
    done: dict[str, f.ProgrammeStepDone] = field(default_factory=dict)
    disputes: dict[str, Dispute] = field(default_factory=dict)


def evolve(found: Planned, fact: MatterFact) -> None:
    """Fold one fact; total, and never judges."""
    match fact:
        case f.ProgrammeBegun() | f.ProgrammeMoved():
            if isinstance(fact, f.ProgrammeBegun):
                found.begun = fact
            found.target_on = fact.target_on
            found.steps = {each.step: each for each in fact.steps}
        case f.ProgrammeStepDone():
            found.done[fact.step] = fact
        case f.DisagreementNoted():
            found.disputes[fact.subject_matter] = Dispute(fact)
        case f.DisagreementReferred():
            if fact.subject_matter in found.disputes:
                found.disputes[fact.subject_matter].referred = fact
        case f.DisagreementEnded():
            if fact.subject_matter in found.disputes:
                found.disputes[fact.subject_matter].ended = fact
        case _:
            pass


# --- what acts need ------------------------------------------------------------------------------


class Planning(Frozen):
    """Which plan of the edition, and the day to which its steps lead."""

    plan: Said
    target_on: date


class Target(Frozen):
    """The day to which the steps lead from now on."""

    target_on: date


class StepDone(Frozen):
    """Which step, by the id that the edition gives it, and what was looked at in it."""

    step: Said
    looked_at: tuple[Said, ...] = ()


class Disagreed(Frozen):
    """About what authorities disagree, and which they are."""

    subject_matter: Said
    between: tuple[Said, ...] = Field(min_length=1)


class ReferredTo(Frozen):
    """Which disagreement, by what it is about, and who decides it."""

    subject_matter: Said
    to: Said


class Ended(Frozen):
    """Which disagreement, how it ended, and what holds."""

    subject_matter: Said
    how: Ending
    outcome: Said


# --- decisions -----------------------------------------------------------------------------------


def begin(case: Case, needs: Planning) -> tuple[MatterFact, ...]:
    """Plan the steps to a day: each has its last day, where the edition gives a length of time."""
    if _whole(case).begun is not None:
        raise AlreadyOnRecord(f"{case.state.matter} is planned already")
    rules = by_edition(case)
    plan = plan_of(rules.part(Programme), needs.plan)
    return (
        f.ProgrammeBegun(
            **case.stamp(plan.clause),
            **pins(case),
            plan=plan.id,
            target_on=needs.target_on,
            steps=tuple(_counted_back(rules, plan, needs.target_on)),
        ),
    )


def move(case: Case, needs: Target) -> tuple[MatterFact, ...]:
    """The day is another one: every step that is not taken has another last day."""
    found, plan = _begun(case)
    if found.target_on == needs.target_on:
        return ()
    steps = tuple(_counted_back(by_edition(case), plan, needs.target_on))
    return (f.ProgrammeMoved(**case.stamp(plan.clause), target_on=needs.target_on, steps=steps),)


def take_step(case: Case, needs: StepDone) -> tuple[MatterFact, ...]:
    """A step was taken; `Refused` where something was not looked at that has to be, and before the
    day for a step that comes after it."""
    found, plan = _begun(case)
    step = step_of(plan, needs.step)
    if step.id in found.done:
        return ()
    if step.afterwards and case.on < found.target_on:
        raise Refused(f"{step.title} comes after {found.target_on}", clause=step.clause)
    if step.looks_at is not None:
        wanted = by_edition(case).texts(step.looks_at)
        seen = {each.casefold() for each in needs.looked_at}
        missing = [each for each in wanted if each.casefold() not in seen]
        if missing:
            why = f"{step.title} has to look at {', '.join(missing)} as well"
            raise Refused(why, clause=step.looks_at)
    return (
        f.ProgrammeStepDone(
            **case.stamp(step.clause),
            step=step.id,
            looked_at=needs.looked_at,
            came_first=tuple(each for each in step.follows if each not in found.done),
        ),
    )


def disagree(case: Case, needs: Disagreed) -> tuple[MatterFact, ...]:
    """Authorities disagree: somebody outside is to decide, unless they agree before."""
    found, _ = _begun(case)
    clause = _disagreement(case).clause
    if len(set(needs.between)) < 2:
        raise Refused("it takes two to disagree: name the other authority", clause=clause)
    if needs.subject_matter in found.disputes:
        return ()
    stamp = case.stamp(clause)
    return (f.DisagreementNoted(**stamp, **needs.model_dump()),)


def refer(case: Case, needs: ReferredTo) -> tuple[MatterFact, ...]:
    """A disagreement goes to somebody who decides it."""
    dispute = _open_dispute(case, needs.subject_matter)
    if dispute.referred is not None and dispute.referred.to == needs.to:
        return ()
    stamp = case.stamp(_disagreement(case).clause)
    return (f.DisagreementReferred(**stamp, **needs.model_dump()),)


def end(case: Case, needs: Ended) -> tuple[MatterFact, ...]:
    """A disagreement is over; `Refused` for an award of somebody to whom nobody went."""
    dispute = _open_dispute(case, needs.subject_matter)
    rules = _disagreement(case)
    if needs.how is not Ending.AGREEMENT and dispute.referred is None:
        raise Refused("nobody was asked to decide it: refer it first", clause=rules.clause)
    clause = rules.default if needs.how is Ending.DEFAULT else rules.clause
    return (
        f.DisagreementEnded(
            **case.stamp(clause),
            subject_matter=needs.subject_matter,
            how=needs.how.value,
            outcome=needs.outcome,
        ),
    )


# --- what they read ------------------------------------------------------------------------------


def plan_of(part: Programme, name: str) -> Plan:
    """The plan of that id; `Refused` with what there is."""
    for each in part.plans:
        if each.id == name:
            return each
    raise Refused(f"there is no plan '{name}': there is {', '.join(p.id for p in part.plans)}")


def step_of(plan: Plan, name: str) -> PlanStep:
    """The step of that id; `Refused` with what there is."""
    for each in plan.steps:
        if each.id == name:
            return each
    known = ", ".join(each.id for each in plan.steps)
    raise Refused(f"{plan.title} has no step {name}: it has {known}", clause=plan.clause)


def _counted_back(rules: RulesOfEdition, plan: Plan, target_on: date) -> Iterator[f.PlannedStep]:
    if plan.not_before is not None and target_on < (first := rules.day(plan.not_before)):
        raise Refused(f"{plan.target} is not before {first}", clause=plan.not_before)
    for each in plan.steps:
        basis = rules.basis(each.clause)
        latest = Reckoned(basis=basis)
        if each.before is not None and rules.knows(each.before.clause):
            counted = Reckoning(
                length=rules.period(each.before.clause), counting=Counting.NOT_LESS_THAN_BEFORE
            )
            latest = reckon(counted, target_on, calendar=rules.calendar, basis=basis)
        yield f.PlannedStep(step=each.id, owner=each.owner, latest=latest)


def _disagreement(case: Case) -> Disagreement:
    found = by_edition(case).part(Programme).disagreement
    if found is None:
        raise Refused("the edition says nothing of disagreements between authorities")
    return found


def _open_dispute(case: Case, name: str) -> Dispute:
    found, _ = _begun(case)
    dispute = found.disputes.get(name)
    if dispute is None:
        raise Refused(f"nobody disagrees about {name}: note that first")
    if dispute.ended is not None:
        raise AlreadyOnRecord(f"{name} is settled: {dispute.ended.outcome}")
    return dispute


def _whole(case: Case | Asked) -> Planned:
    found: Planned = case.state.whole.substance
    return found


def _begun(case: Case) -> tuple[Planned, Plan]:
    found = _whole(case)
    if found.begun is None:
        raise Refused(f"{case.state.matter} has not begun")
    return found, plan_of(by_edition(case).part(Programme), found.begun.plan)

"""What the steps of a transfer can be asked: the plan, and what authorities disagree about."""

from datetime import date

from transfer.core.editions.rules import NotKnown, by_edition, not_known
from transfer.core.matter.deciding import Asked
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.programme import facts as f
from transfer.procedures.programme.decisions import Planned, plan_of
from transfer.procedures.programme.edition import Programme


class StepAnswered(Frozen):
    """One step: its last day, the cautious day before it, and what became of it.

    `state` is `done`, `done late`, `open`, `too late`, or `no day` where nothing gives one.
    `waits_for` are steps that come first and are not taken.
    """

    step: str
    title: str
    owner: str
    latest_on: date | None
    safe_on: date | None
    done_on: date | None
    state: str
    waits_for: tuple[str, ...]
    basis: Basis


class PlanAnswered(Frozen):
    """The plan as it stands on a day; `is_possible`: no open step's last day has passed.

    `not_known` are lengths of time that nobody knows, with the document that would tell.
    """

    title: str
    target: str
    target_on: date
    is_possible: bool
    steps: tuple[StepAnswered, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


class DisagreementAnswered(Frozen):
    """One disagreement. `stage` is `open`, `referred`, or how it ended."""

    subject_matter: str
    between: tuple[str, ...]
    stage: str
    referred_to: str
    outcome: str
    since: date


class DisagreementsAnswered(Frozen):
    """What authorities disagree about, and what nobody knows of an award by default."""

    disagreements: tuple[DisagreementAnswered, ...]
    open: int
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


def plan(asked: Asked) -> PlanAnswered:
    """The last day of each step, and whether the plan can still be kept. Sources: LG-05, TR-25."""
    found, begun = _planned(asked)
    rules = by_edition(asked)
    stands = plan_of(rules.part(Programme), begun.plan)
    steps = []
    for each in stands.steps:
        latest, done = found.steps[each.id].latest, found.done.get(each.id)
        past = latest.on is not None and (done.happened_on if done else asked.on) > latest.on
        if done is not None:
            state = "done late" if past else "done"
        else:
            state = "too late" if past else "no day" if latest.on is None else "open"
        steps.append(
            StepAnswered(
                step=each.id,
                title=each.title,
                owner=each.owner,
                latest_on=latest.on,
                safe_on=latest.safe,
                done_on=done and done.happened_on,
                state=state,
                waits_for=()
                if done is not None
                else tuple(other for other in each.follows if other not in found.done),
                basis=rules.basis(each.clause),
            )
        )
    lengths = [each.before.clause for each in stands.steps if each.before is not None]
    clauses = [stands.clause, stands.clear_days]
    clauses += [stands.not_before] if stands.not_before else []
    return PlanAnswered(
        title=stands.title,
        target=stands.target,
        target_on=found.target_on,
        is_possible=all(each.state != "too late" for each in steps),
        steps=tuple(steps),
        not_known=tuple(not_known(rules, each) for each in lengths if not rules.knows(each)),
        basis=tuple(map(rules.basis, dict.fromkeys(clauses))),
    )


def disagreements(asked: Asked) -> DisagreementsAnswered:
    """What authorities disagree about, and who decides. Source: LG-06."""
    (found, _), rules = _planned(asked), by_edition(asked)
    part = rules.part(Programme).disagreement
    if part is None:
        raise Refused("the edition says nothing of disagreements between authorities")
    listed = []
    for name, each in found.disputes.items():
        stage = "open" if each.referred is None else "referred"
        listed.append(
            DisagreementAnswered(
                subject_matter=name,
                between=each.noted.between,
                stage=stage if each.ended is None else each.ended.how,
                referred_to="" if each.referred is None else each.referred.to,
                outcome="" if each.ended is None else each.ended.outcome,
                since=each.noted.happened_on,
            )
        )
    unknown = () if rules.knows(part.default) else (not_known(rules, part.default),)
    return DisagreementsAnswered(
        disagreements=tuple(listed),
        open=sum(each.stage in ("open", "referred") for each in listed),
        not_known=unknown,
        basis=(rules.basis(part.clause),),
    )


def _planned(asked: Asked) -> tuple[Planned, f.ProgrammeBegun]:
    found: Planned = asked.state.whole.substance
    if found.begun is None:
        raise Refused(f"{asked.state.matter} had not begun by {asked.on}")
    return found, found.begun

"""The plan of what is about to begin, in sentences: by when each step has to be done."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from transfer.core.matter.words import Nature
from transfer.questions.steps_due import DependsOn, StepDue, StepsDue
from transfer.web.frame.wording import day_text, days_worded, facet_text
from transfer.web.office.checking import MOST_LINES, sentence
from transfer.web.office.wording import owner_text, waiting_text

_BY = {Nature.DUTY.value: "by", Nature.RIGHT.value: "until", Nature.ACT.value: "on"}


def planned(says: Mapping[str, Any]) -> dict[str, object]:
    """What a page that checks an act says of its plan; nothing where it has none like this."""
    try:
        plan = StepsDue.model_validate(says.get("plan"))
    except ValidationError:
        return {}  # an exercise has a plan of another form
    day = day_text(plan.judged_on)
    possible = f"Every step can still be done in time on {day}."
    if not plan.possible_from_today:
        possible = f"This cannot be done in time: on {day} it is too late for some of the steps."
    return {
        "plan_says": possible if plan.latest else "",
        "steps": [_step(each) for each in plan.latest[:MOST_LINES]],
        "steps_in_all": len(plan.latest),
        "depends": [_depends(each) for each in plan.depends[:MOST_LINES]],
        "depends_in_all": len(plan.depends),
        "not_known": [
            f"{each.because.rstrip('.')}. {each.document_needed} would tell (clause {each.clause})."
            for each in plan.missing[:MOST_LINES]
        ],
    }


def _said(step: StepDue | DependsOn) -> str:
    """What is to be done: in the words of the step, where the clock does it."""
    if step.says:
        return sentence(step.says, stop=False)
    if step.nature == Nature.RIGHT:
        return waiting_text(step.step)
    return facet_text(step.step)


def _step(step: StepDue) -> str:
    said = _said(step)
    if step.about:
        said += f" ({facet_text(step.about).lower()})"
    whose = f"{step.staff_number}: " if step.staff_number else ""
    cited = f" (clause {step.clause})" if step.clause else ""
    late = " That is too late." if step.too_late else ""
    return f"{whose}{said}, {owner_text(step.owner)}: {'; '.join(_days(step))}{cited}.{late}"


def _days(step: StepDue) -> Iterator[str]:
    """Until when, by each reading."""
    if step.on is not None:
        yield f"{_BY[step.nature]} {day_text(step.on)}"
        if step.safe_on is not None:
            yield f"to be safe by {day_text(step.safe_on)}"
        if step.later_on is not None:
            yield f"by another reading {_BY[step.nature]} {day_text(step.later_on)}"
    elif step.before is not None:
        yield f"before {day_text(step.before)}, no source says how long before"
    else:
        yield days_worded(step.because.partition(". ")[0])


def _depends(step: DependsOn) -> str:
    once = " or ".join(f"“{each}”" for each in step.once)
    when = f" ({step.falls_due})" if step.falls_due else ""
    return f"{_said(step)}{when}: known once {once} is on record."

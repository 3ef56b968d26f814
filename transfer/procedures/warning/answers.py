"""Who could lawfully issue a warning on a day, and whether this one was issued by such a person.

By the record of the person who was warned: who was their line manager, their HR decision-maker and
their employer. Which of those relations decides a formal case, only the edition or a document says;
where neither does, the answer is `not-shown`, with the document that is needed.
"""

from collections.abc import Collection, Iterator
from datetime import date
from enum import StrEnum

from transfer.core.editions.rules import NotKnown, RulesOfEdition, by_edition, not_known
from transfer.core.employed import employer_on
from transfer.core.matter.deciding import Asked
from transfer.core.matter.folding import State
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Facet, Frozen, StaffNumber
from transfer.procedures.warning.decisions import FormalWarning, decides, relations_of
from transfer.procedures.warning.edition import Relation, Stage, WarningRules


class WasShown(StrEnum):
    """Whether something is so, where it may be that no document shows it."""

    YES = "yes"
    NO = "no"
    NOT_SHOWN = "not-shown"


class StageOnDay(Frozen):
    """A stage of the change of line management, and since when; `since` is absent where a source
    gives the month alone. `is_certain`: it had been reached by the day."""

    stage: str
    title: str
    since: date | None
    is_certain: bool


class WarningAuthority(Frozen):
    """Who could issue a formal warning on a day, and whether the one on record could be issued.

    `employer`, `line_manager`, `hr_process_owner` and `professional_supervisor` are those of the
    day asked about, by the record; null where it names none. `decided_by` are the relations that
    decide a formal case on that day: null where no document shows it. `could_issue` are the people
    who have one of them.

    `issuer_was` is what the one who issued the warning was to the person on the day of the warning,
    `issuer_employed_by` who employed them then. `authorised` is whether they could issue it.
    """

    employer: str | None
    line_manager: str | None
    hr_process_owner: str | None
    professional_supervisor: str | None
    decided_by: tuple[Relation, ...] | None
    could_issue: tuple[str, ...]
    issued_on: date
    issued_by: StaffNumber
    issuer_was: tuple[Relation, ...]
    issuer_employed_by: str | None
    authorised: WasShown
    withdrawn_on: date | None
    stages: tuple[StageOnDay, ...]
    not_known: tuple[NotKnown, ...]
    basis: tuple[Basis, ...]


def who_issued(state: State) -> Collection[str]:
    """Whose record the answer reads beside that of the person who was warned."""
    found: FormalWarning = state.mine.substance
    return () if found.issued is None else (found.issued.issued_by,)


def authority(asked: Asked) -> WarningAuthority:
    """Who could issue a warning on a day, and whether this one was."""
    rules, found = by_edition(asked), _issued(asked)
    part, position, day = rules.part(WarningRules), asked.position, asked.on
    issued = found.issued
    if issued is None:
        raise Refused("no warning had been issued")
    warning_day = issued.happened_on
    deciding, shown = _deciding(rules, found, day), _deciding(rules, found, warning_day)
    was = relations_of(position, issued.issued_by, warning_day)
    record = asked.records.get(issued.issued_by)
    stages = tuple(_stages(rules, day))
    unknown = () if shown and deciding else (not_known(rules, part.decided_by),)
    unknown_days = tuple(
        not_known(rules, each.clause)
        for each in part.stages
        if each.starts is None and not rules.knows(each.clause) and _is_among(each, stages)
    )
    of_stages = [each.clause for each in part.stages if _is_among(each, stages)]
    holds = found.shown_on(warning_day)
    bases = tuple(map(rules.basis, (part.procedures, part.decided_by, *of_stages)))
    return WarningAuthority(
        employer=position.on(Facet.EMPLOYER, day),
        line_manager=position.on(Facet.LINE_MANAGER, day),
        hr_process_owner=position.on(Facet.HR_PROCESS_OWNER, day),
        professional_supervisor=position.on(Facet.PROFESSIONAL_SUPERVISOR, day),
        decided_by=deciding,
        could_issue=tuple(
            dict.fromkeys(
                who for each in deciding or () if (who := position.on(each.facet, day)) is not None
            )
        ),
        issued_on=warning_day,
        issued_by=issued.issued_by,
        issuer_was=was,
        issuer_employed_by=None if record is None else employer_on(record.entries, warning_day),
        authorised=_authorised(shown, was),
        withdrawn_on=None if found.withdrawn is None else found.withdrawn.happened_on,
        stages=stages,
        not_known=(*unknown, *unknown_days),
        basis=bases if holds is None else (*bases, holds.basis),
    )


def _deciding(
    rules: RulesOfEdition, found: FormalWarning, day: date
) -> tuple[Relation, ...] | None:
    shown = found.shown_on(day)
    return decides(rules) if shown is None else shown.decided_by


def _authorised(deciding: tuple[Relation, ...] | None, was: tuple[Relation, ...]) -> WasShown:
    if deciding is None:
        return WasShown.NOT_SHOWN
    return WasShown.YES if {*deciding} & {*was} else WasShown.NO


def _stages(rules: RulesOfEdition, day: date) -> Iterator[StageOnDay]:
    """The last stage that had certainly been reached, and those after it that may have been."""
    reached: StageOnDay | None = None
    perhaps: list[StageOnDay] = []
    for each in rules.part(WarningRules).stages:
        starts = rules.day(each.starts) if each.starts is not None else None
        first = starts or rules.day(each.not_before or each.clause)
        by = starts or rules.day(each.holds_by or each.clause)
        if day >= by:
            reached = StageOnDay(stage=each.id, title=each.title, since=starts, is_certain=True)
            perhaps.clear()
        elif day >= first:
            perhaps.append(
                StageOnDay(stage=each.id, title=each.title, since=None, is_certain=False)
            )
    if reached is not None:
        yield reached
    yield from perhaps


def _is_among(stage: Stage, stages: tuple[StageOnDay, ...]) -> bool:
    return stage.id in {each.stage for each in stages}


def _issued(asked: Asked) -> FormalWarning:
    found: FormalWarning = asked.state.mine.substance
    return found

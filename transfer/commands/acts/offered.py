"""Every act that is offered, by kind and name: most as their declaration says, some as below.

A reader follows one from its route: `offered` finds it here, `do` is its function beside the kind's
name, or `as_declared`, which calls the decision of the declaration.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from transfer.commands.acts import assertions as a
from transfer.commands.acts import cases as r
from transfer.commands.acts import disputes as c
from transfer.commands.acts import exercise as x
from transfer.commands.acts import grievances as g
from transfer.commands.acts import liability as i
from transfer.commands.acts import others as o
from transfer.commands.acts import staff_lists as s
from transfer.commands.acts.beginning import beginning_of, body_of_beginning, id_begun
from transfer.commands.acts.doing import Do, as_declared
from transfer.commands.acts.given import BEGIN, ActGiven, body_of
from transfer.commands.exercises import consultation_matter, exercise_matter
from transfer.core.matter.kind import Kind
from transfer.core.matter.words import MatterName

ADMIN, STAFF = ("admin",), ("staff", "admin")


@dataclass(frozen=True, slots=True)
class Offered:
    """An act that is offered: its kind and name, who may do it, what it takes, how it is done.

    `writes` is false for what only shows something. `of_person`: a matter of its kind is one
    person's, and its id says whose. `for_body` is the field of its body that names which of the
    consulted bodies does it; empty: none does.
    """

    kind: str
    name: str
    who: tuple[str, ...]
    says: str
    body: type[ActGiven]
    do: Do
    writes: bool = True
    of_person: bool = False
    for_body: str = ""

    @property
    def begins(self) -> bool:
        """Whether it is the act by which a matter of the kind begins."""
        return self.name == BEGIN


_BEGINNINGS: Mapping[str, tuple[tuple[str, ...], str, type[ActGiven], Do]] = {
    "exercise": (ADMIN, "open an exercise", x.ExerciseBegin, x.begin),
    "appeal": (STAFF, "appeal against an assignment", o.AppealBegin, o.begin_appeal),
    "consultation": (ADMIN, "open a consultation", o.ConsultationBegin, o.begin_consultation),
    "representation": (
        STAFF,
        "appoint a representative",
        o.RepresentationBegin,
        o.begin_representation,
    ),
    "dispute-case": (
        ADMIN,
        "put a dispute before a panel",
        c.DisputeCaseBegin,
        c.begin_dispute_case,
    ),
    "assertion": (
        STAFF,
        "put on record that something is contested",
        a.AssertionBegin,
        a.begin_assertion,
    ),
    "grievance": (
        ("staff", "union", "admin"),
        "put a grievance on record",
        g.GrievanceBegin,
        g.begin_grievance,
    ),
}
"""How matters begin of which something else is to be said than their declaration does: who may
begin one, what it takes, how it is done."""

_OF_THEIR_OWN: Mapping[str, Mapping[str, tuple[type[ActGiven] | None, Do]]] = {
    "exercise": {
        "move-milestone": (None, x.move_milestone),
        "set-scope": (x.ExerciseSetScope, x.set_scope),
        "propose": (x.ExercisePropose, x.propose),
        "form-group": (x.ExerciseFormGroup, x.form_group),
        "issue-letters": (x.ExerciseIssueLetters, x.issue_letters),
        "confirm": (x.ExerciseConfirm, x.step_named("confirm")),
        "move": (x.ExerciseMove, x.step_named("move")),
        "dissolve": (x.ExerciseDissolve, x.step_named("dissolve")),
        "complete": (x.ExerciseComplete, x.step_named("complete")),
        "approve": (x.ExerciseApprove, x.approving("approve")),
        "decline": (x.ExerciseDecline, x.approving("decline")),
    },
    "dispute-case": {
        "add-people": (c.DisputeCaseAddPeople, c.changing("add-people")),
        "remove-people": (c.DisputeCaseRemovePeople, c.changing("remove-people")),
        "add-parties": (c.DisputeCaseAddParties, c.changing("add-parties")),
        "remove-parties": (c.DisputeCaseRemoveParties, c.changing("remove-parties")),
        "add-members": (c.DisputeCaseAddMembers, c.changing("add-members")),
        "set-dates": (c.DisputeCaseSetDates, c.changing("set-dates")),
    },
    "case-responsibility": {
        "compare-records": (r.CaseResponsibilityCompareRecords, r.compare_records),
    },
    "liability-information": {
        "prepare": (i.LiabilityInformationPrepare, i.prepare),
        "compare-records": (i.LiabilityInformationCompareRecords, i.compare_records),
    },
    "staff-list": {
        "prepare": (s.StaffListPrepare, s.prepare),
        "compare-records": (s.StaffListCompareRecords, s.compare_records),
    },
    "assertion": {
        "assert": (None, a.saying("assert")),
        "dispute": (None, a.saying("dispute")),
        "withdraw": (None, a.saying("withdraw")),
    },
}
"""Declared acts that take more than their one decision; `None`: with the declared body."""

_ADDED: Mapping[str, tuple[Offered, ...]] = {
    "exercise": (
        Offered(
            "exercise",
            "preview-letters",
            ADMIN,
            "show what letters have to say",
            x.ExercisePreviewLetters,
            x.preview_letters,
            writes=False,
        ),
        Offered(
            "exercise",
            "retry",
            ADMIN,
            "try a step again that was refused",
            x.ExerciseRetry,
            x.retry,
        ),
    ),
}
"""Acts that no decision stands behind: they show, or take what is due anyway."""


def offered(kinds: Iterable[Kind]) -> tuple[Offered, ...]:
    """Everything that is offered of these kinds, in the order of their declarations."""
    return tuple(each for kind in kinds for each in _of_kind(kind))


def _of_kind(kind: Kind) -> Iterator[Offered]:
    of_person = kind.lies_with_person
    if kind.name in _BEGINNINGS:
        who, says, body, do = _BEGINNINGS[kind.name]
        by = kind.act(kind.begins).for_body
        yield Offered(kind.name, BEGIN, who, says, body, do, for_body=by)
    elif kind.part is not None or kind.rules is not None:
        first = kind.act(kind.begins)
        made = body_of_beginning(kind)
        yield Offered(kind.name, BEGIN, tuple(first.who), first.says, made, beginning_of(kind))
    own = _OF_THEIR_OWN.get(kind.name, {})
    for act in kind.acts:
        if act.name == kind.begins or act.part_of:
            continue
        if act.name not in own and kind.step(act.name) is not None:
            continue  # the clock's alone
        given, do = own.get(act.name, (None, as_declared(act)))
        body = given or body_of(kind, act)
        yield Offered(
            kind.name,
            act.name,
            act.who,
            act.says,
            body,
            do,
            of_person=of_person,
            for_body=act.for_body,
        )
    yield from _ADDED.get(kind.name, ())


def matter_of(act: Offered, body: ActGiven, id_: str) -> MatterName:
    """The matter that an act is about, or that it begins (of an appeal: the exercise)."""
    if not act.begins:
        return f"{act.kind}:{id_}"
    match body:
        case x.ExerciseBegin():
            return exercise_matter(body.id or body.rulebook)
        case o.ConsultationBegin():
            return consultation_matter(body.exercise)
        case o.AppealBegin():
            return exercise_matter(body.exercise)
        case c.DisputeCaseBegin() | a.AssertionBegin():
            return f"{act.kind}:{body.id}"
        case _:
            return f"{act.kind}:{id_begun(body) or id_}"

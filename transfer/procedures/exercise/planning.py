"""Decisions on an exercise as a whole: its opening, scope, days, groups, and its end."""

import re
from collections import Counter
from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from transfer.core.documents import DOCUMENT_ID
from transfer.core.matter import facts as t
from transfer.core.matter.common import NOT_SAID, Why
from transfer.core.matter.deciding import Case, require
from transfer.core.matter.folding import State
from transfer.core.matter.kind import NeedsNothing
from transfer.core.matter.reckoning import Reckoned, fixed
from transfer.core.matter.words import GroupName, Named, Nature
from transfer.core.refusals import Failure, Malformed, Refused
from transfer.core.words import (
    Frozen,
    MilestoneName,
    MilestoneRole,
    PathName,
    StaffNumber,
    WindowKind,
    WindowName,
)
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise.participation import participation_of
from transfer.procedures.exercise.plan import plan, shut_gates
from transfer.procedures.exercise.rules import RulesOfExercise, rules_of

_NEXT_DAY = timedelta(days=1)

# --- what the acts need -------------------------------------------------------------------------


class Opening(Frozen):
    """Under which edition, for which transferors; `rehearsed` for an exercise that is played."""

    edition: str
    transferors: tuple[str, ...]
    collisions: tuple[e.Collision, ...] = ()
    rehearsed: bool = False


class Scope(Frozen):
    """Who is covered, by which criterion."""

    members: tuple[StaffNumber, ...]
    criterion: str


class MilestoneDay(Frozen):
    """The day that a milestone has from now on."""

    milestone: Annotated[MilestoneName, Named.MILESTONE]
    to: date
    reason: str = ""


class Cohort(Frozen):
    """People of one transferor and path, and the day of their letters."""

    group: GroupName
    transferor: str
    path: PathName
    letters_on: date
    people: tuple[StaffNumber, ...]


class LongerWindow(Frozen):
    """Until when a window of a whole group is open now."""

    group: Annotated[GroupName, Named.GROUP]
    window: Annotated[WindowName, Named.WINDOW]
    until: date
    reason: Why = NOT_SAID


class Counted(Frozen):
    """How many there were of each word that a step saw."""

    counts: dict[str, int] = Field(default_factory=dict)


# --- opening, scope, days -----------------------------------------------------------------------


def begin(case: Case, needs: Opening) -> tuple[t.MatterFact, ...]:
    """Begin an exercise under a rulebook whose every unknown value has been supplied.

    Only a rehearsal may assume a value: raises `Refused` with every assumed clause otherwise.
    """
    rules = rules_of(case)
    assumed = tuple(value.clause for value in rules.given if value.assumed)
    if assumed and not needs.rehearsed:
        raise Refused(
            f"{', '.join(assumed)}: a real exercise rests on documents, not on assumptions; supply "
            "each value with the document that it comes from",
            clause=assumed[0],
        )
    return (
        e.ExerciseOpened(
            **case.stamp(rules.clause_for("opening")),
            edition=rules.edition,
            digest=rules.edition_digest,
            calendar=rules.calendar.edition,
            mechanism=rules.mechanism,
            transferors=needs.transferors,
            values=rules.given,
            collisions=needs.collisions,
            rehearsed=needs.rehearsed,
        ),
    )


def set_scope(case: Case, needs: Scope) -> tuple[t.MatterFact, ...]:
    """Say once who the exercise covers."""
    scope = plan(case).scope
    if scope is not None:
        if scope.members == needs.members:
            return ()
        raise Refused("the scope is set already; who joins later is brought in one by one")
    _require_going_on(case)
    clause = rules_of(case).clause_for("scope")
    return (
        e.ScopeSet(
            **case.stamp(clause),
            criterion=needs.criterion,
            effective_from=case.on,
            members=needs.members,
        ),
    )


def _require_going_on(case: Case) -> None:
    if case.state.is_over:
        raise Refused("the exercise goes no further: it was abandoned, or is complete")


def move_milestone(case: Case, needs: MilestoneDay) -> tuple[t.MatterFact, ...]:
    """Move a milestone; one that was never set is set.

    One that was judged already is judged anew by its new day: deadlines were reset after the fact.
    Raises `Refused` for a milestone that the edition does not have, and for the transfer once
    staff have transferred on it.
    """
    _require_going_on(case)
    rules, before = rules_of(case), case.state.milestone(needs.milestone)
    role, transferors = rules.milestone_role(needs.milestone)
    basis = rules.milestone_basis(needs.milestone, needs.to)
    if before == needs.to:
        return ()
    stamp = case.resting_on(basis)
    when = fixed(needs.to, stamp["basis"])
    if before is None:
        return (
            e.MilestoneSet(
                **stamp,
                milestone=needs.milestone,
                when=when,
                owner=t.ADMINISTRATION,
                role=role,
                transferors=transferors,
                **_its_place(role, rules),
            ),
        )
    if role is MilestoneRole.TRANSFER and _has_been_taken(case, needs.milestone):
        raise Refused(
            "staff have transferred on that date: it cannot move any more",
            clause=rules.clause_for("transfer"),
        )
    return (
        e.MilestoneReset(
            **stamp,
            milestone=needs.milestone,
            before=before,
            when=when,
            reason=needs.reason,
            role=role,
            transferors=transferors,
        ),
    )


def _its_place(role: MilestoneRole | None, rules: RulesOfExercise) -> dict[str, object]:
    """What hangs on a milestone by its role; the last day of the plan closes the exercise."""
    dissolves = rules.milestone_of(MilestoneRole.DISSOLUTION) is not None
    last = MilestoneRole.DISSOLUTION if dissolves else MilestoneRole.TRANSFER
    if role is not last:
        return {}
    ends = role is MilestoneRole.DISSOLUTION and rules.allows("left_behind")
    return {"follows": rules.transfers, "is_last": True, "ends_employment": ends}


def _has_been_taken(case: Case, milestone: MilestoneName) -> bool:
    """Whether the move of a group that goes on that day is through."""
    groups = (sent.group for sent in plan(case).sent.values() if sent.transfer == milestone)
    dues = (case.state.book.due(case.state.whom._replace(group=group), "move") for group in groups)
    return any(due is not None and not due.is_open for due in dues)


# --- groups and their letters -------------------------------------------------------------------


def form_group(case: Case, needs: Cohort) -> tuple[t.MatterFact, ...]:
    """Put people whose letters share a date and a path together."""
    rules = rules_of(case)
    if needs.group in plan(case).groups:
        return ()
    _require_going_on(case)
    stamp = case.stamp(rules.clause_for("proposal"))
    return (
        e.CohortFormed(
            **stamp,
            group=needs.group,
            people=needs.people,
            transferor=needs.transferor,
            path=needs.path,
            routes=rules.routes_of(needs.path),
            letters_on=fixed(needs.letters_on, stamp["basis"]),
        ),
    )


def windows_of(case: Case, group: e.CohortFormed, sent_on: date) -> dict[WindowName, Reckoned]:
    """The last day of each window that a group's letters open, sent on a day.

    It is counted from the day after the letter, in the calendar edition of the exercise, by the
    time that the edition gives the transferor; never earlier than a day that was published since.
    """
    rules, moved = rules_of(case), plan(case).moved
    found: dict[WindowName, Reckoned] = {}
    for window in rules.letters(group.path).windows:
        length = rules.period(window.length_clause, group.transferor)
        due_on = length.due_after(sent_on, rules.calendar)
        later = moved.get((group.group, window.kind))
        if later is not None and later.on is not None and later.on > due_on:
            found[window.name] = later
            continue
        found[window.name] = Reckoned(
            on=due_on,
            calendar=length.calendar_of(sent_on, due_on, rules.calendar),
            basis=rules.basis(window.length_clause),
        )
    return found


def open_windows(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Say for a whole group until when its people may act, once their letters are out."""
    rules, group = rules_of(case), plan(case).groups[case.group or ""]
    transfer = rules.milestone_of(MilestoneRole.TRANSFER, group.transferor)
    if transfer is None:
        raise AssertionError("every edition has a day of transfer: it was checked for that")
    windows = windows_of(case, group, case.on)
    return (
        e.CohortLettersSent(
            **case.stamp(rules.clause_for("letter")),
            group=group.group,
            windows={rules.window(name).kind: when for name, when in windows.items()},
            transfer=transfer,
        ),
    )


def move_window(case: Case, needs: LongerWindow) -> tuple[t.MatterFact, ...]:
    """Move the last day of a window for a whole group; never to earlier than was published."""
    _require_going_on(case)
    rules = rules_of(case)
    window = rules.window(needs.window)
    group = plan(case).groups.get(needs.group)
    if group is None:
        raise Refused(f"no group {needs.group} in this exercise")
    whom = case.state.whom._replace(group=needs.group)
    confirming = case.state.book.due(whom, "confirm")
    if confirming is not None and not confirming.is_open:
        raise Refused(
            "the group's windows have closed: extend them person by person",
            clause=window.length_clause,
        )
    due = case.state.book.due(whom, window.kind)
    planned = windows_of(case, group, group.letters_on.on or case.on).get(window.name)
    published = None if planned is None else planned.on
    before = published if due is None else case.state.book.last(due)
    if before is None:
        raise Refused(f"the letters of {needs.group} open no {window.name} window")
    return moved_window(case, window.kind, window.length_clause, before, needs)


def moved_window(
    case: Case, kind: WindowKind, clause: str, before: date, needs: LongerWindow
) -> tuple[t.WindowMoved, ...]:
    """A window that closes later than was published."""
    if needs.until == before:
        return ()
    if needs.until < before:
        raise Refused(f"the window was published as closing on {before}", clause=clause)
    stamp = case.stamp(clause)
    return (
        t.WindowMoved(
            **stamp,
            group=needs.group,
            window=kind,
            before=before,
            when=fixed(needs.until, stamp["basis"]),
            reason=needs.reason,
        ),
    )


# --- days that come, and the end ----------------------------------------------------------------

SETTLED, KNOWN, OPEN = "settled", "known", "open"


def stage(state: State) -> str:
    """How far somebody is, and whose they are, in one word: what a milestone counts."""
    own = participation_of(state)
    known = own.confirmation is not None or own.objection is not None
    word = SETTLED if own.is_settled else KNOWN if known else OPEN
    return f"{word}|{own.transferor or ''}"


def reach(case: Case, needs: Counted) -> tuple[t.MatterFact, ...]:
    """Put on record whether what a milestone asks for was done when its day had passed.

    Until the transfer itself it is enough to know where everybody goes.
    """
    name = case.made.about
    role, transferors = plan(case).role_of(name)
    enough = (SETTLED,) if role is MilestoneRole.TRANSFER else (SETTLED, KNOWN)
    outstanding = 0
    for word, number in needs.counts.items():
        how_far, _, whose = word.partition("|")
        if how_far not in enough and (not transferors or whose in transferors):
            outstanding += number
    return _reached(case, name, outstanding)


def pass_day(case: Case, _needs: NeedsNothing) -> tuple[t.MatterFact, ...]:
    """Put on record that a day of the plan has passed which asks nothing of anybody."""
    return _reached(case, case.made.about, 0)


def _reached(case: Case, name: MilestoneName, outstanding: int) -> tuple[t.MatterFact, ...]:
    due_on = case.state.milestone(name)
    if name in plan(case).reached or due_on is None:
        return ()
    stamp = case.resting_on(rules_of(case).milestone_basis(name, due_on))
    return (
        e.MilestoneReached(
            **stamp,
            milestone=name,
            due_on=due_on,
            met=outstanding == 0,
            outstanding=outstanding,
        ),
    )


class Filing(Frozen):
    """Which document it is, as the edition calls it. The id of the one in the register is given
    with the act, as its `document`."""

    title: Annotated[str, Named.DOCUMENT]


def file_document(case: Case, needs: Filing) -> tuple[t.MatterFact, ...]:
    """Say that a document which the edition asks for is there."""
    asked = rules_of(case).documents_asked_for
    if needs.title not in asked:
        raise Refused(
            f"the edition asks for no {needs.title}; it asks for {', '.join(asked) or 'none'}"
        )
    if re.fullmatch(DOCUMENT_ID, case.made.document) is None:
        raise Malformed(
            "give the id of a document in the register, such as D000017", field="document"
        )
    if needs.title in plan(case).documents:
        return ()
    return (e.DocumentFiled(**case.stamp(), title=needs.title),)


APPEALS = "appeals"


def appealing(state: State) -> str:
    """Whether an appeal of somebody awaits its panel: what a dissolution counts."""
    return APPEALS if participation_of(state).open_appeal else "nothing"


def dissolve(case: Case, needs: Counted) -> tuple[t.MatterFact, ...]:
    """The transferors cease to exist on their date."""
    rules, opened = rules_of(case), plan(case).opened
    milestone = rules.milestone_of(MilestoneRole.DISSOLUTION)
    due_on = None if milestone is None else case.state.milestone(milestone)
    if plan(case).dissolved is not None or opened is None or due_on is None:
        return ()
    require(shut_gates(case, "dissolution", appeals_open=needs.counts.get(APPEALS, 0)))
    return (
        e.TransferorDissolved(
            **case.stamp(rules.clause_for("dissolution")),
            transferors=opened.transferors,
            dissolved_on=due_on,
        ),
    )


TO, OBJECTED, NOT_TRANSFERRED, LEFT, STILL = "to ", "objected", "not transferred", "left", "still"
WAITING = "waiting"
"""Still with the transferor, and something of theirs has still to be done: a challenge is open, an
end of employment waits for approval."""


def outcome(state: State) -> str:
    """What the exercise came to for somebody, in one word."""
    own = participation_of(state)
    if own.transfer is not None:
        return TO + own.transfer.destination
    if own.ending is not None:
        return OBJECTED if own.ending.by_objection else NOT_TRANSFERRED
    if own.passed_by is not None:
        return LEFT
    dues = state.book.of(state.whom, Nature.ACT)
    waits = any(due.is_open and due.slot.what != "end-by-dissolution" for due in dues)
    return WAITING if waits else STILL


def complete(case: Case, needs: Counted) -> tuple[t.MatterFact, ...]:
    """Close the exercise; refused while somebody in scope is not accounted for.

    Where no rule ends the employment of who is still with the transferor, they have stayed there;
    but nobody has for whom something is still to be done.
    """
    rules, counts = rules_of(case), Counter(needs.counts)
    if plan(case).completed is not None:
        return ()
    in_scope, still, waits = counts.total(), counts[STILL], max(counts[WAITING], 0)
    stays = not rules.allows("left_behind")
    waiting = [
        group
        for group in plan(case).groups
        if (due := case.state.book.due(case.state.whom._replace(group=group), "move")) is None
        or due.is_open
    ]
    require(
        [
            Failure(f"{in_scope} are in scope, {in_scope - still - waits} accounted for")
            if (still or waits) and not stays
            else None,
            Failure(f"something is still to be done for {waits} of {in_scope} in scope")
            if waits and stays
            else None,
            Failure(f"the transfer is still due for {', '.join(waiting)}")
            if still and stays and waiting
            else None,
        ]
    )
    moved = {word: n for word, n in sorted(counts.items()) if word.startswith(TO)}
    return (
        e.ExerciseCompleted(
            **case.stamp(rules.clause_for("dissolution")),
            tally=dict(sorted(counts.items())),
            in_scope=in_scope,
            transferred={word.removeprefix(TO): n for word, n in moved.items()},
            objected=counts[OBJECTED],
            not_transferred=counts[NOT_TRANSFERRED],
            left=counts[LEFT],
            stayed=still if stays else 0,
        ),
    )


def day_after(when: Reckoned) -> Reckoned | None:
    """The day after a fixed one."""
    return None if when.on is None else fixed(when.on + _NEXT_DAY, when.basis)

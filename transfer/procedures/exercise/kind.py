"""The declaration of the exercise: used by every edition that moves people, whatever it moves.

Read from top to bottom: somebody opens it, says whom it covers, where each goes and when their
letters go out; the clock sends the letters, closes the windows, moves whoever is confirmed on the
day of transfer, ends what is left on the day of dissolution, and closes the exercise.
"""

from collections.abc import Mapping
from typing import Any

from transfer.core.matter import book as b
from transfer.core.matter import common
from transfer.core.matter import facts as t
from transfer.core.matter.kind import (
    Act,
    Dated,
    Does,
    Kind,
    NeedsNothing,
    Several,
    Step,
    Substance,
    Waits,
    closes,
    closes_windows,
    on,
    opens,
    opens_windows,
)
from transfer.core.matter.reckoning import Reckoned, fixed, hanging
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.core.words import MilestoneRole
from transfer.procedures.appeal import facts as p
from transfer.procedures.consultation.facts import ConsultationOpened
from transfer.procedures.exercise import decisions as d
from transfer.procedures.exercise import exercise_facts as e
from transfer.procedures.exercise import facts as f
from transfer.procedures.exercise import moving, places, planning
from transfer.procedures.exercise.answers import ASSIGNED, ENDING, EVIDENCE, LAW
from transfer.procedures.exercise.participation import Participation
from transfer.procedures.exercise.participation import evolve as evolve_participation
from transfer.procedures.exercise.plan import Plan
from transfer.procedures.exercise.plan import evolve as evolve_plan
from transfer.procedures.exercise.sentences import SENTENCES

_PERSON, _GROUP, _MATTER = Over.PERSON, Over.GROUP, Over.MATTER
ADMIN, STAFF, PANEL = ("admin",), ("staff", "admin"), ("panel", "admin")
EMPLOYER = t.ADMINISTRATION
SEND_AGAIN = "send-again"
"""The duty to send a letter again that came back."""

# --- acts ---------------------------------------------------------------------------------------

BEGIN = Act("begin", _MATTER, ADMIN, planning.Opening, planning.begin, "open an exercise")
SET_SCOPE = Act(
    "set-scope", _MATTER, ADMIN, planning.Scope, planning.set_scope, "say whom it covers"
)
MOVE_MILESTONE = Act(
    name="move-milestone",
    over=_MATTER,
    who=ADMIN,
    needs=planning.MilestoneDay,
    decide=planning.move_milestone,
    says="set or move a day of the plan",
    from_opening=True,
)
FILE = Act(
    name="file-document",
    over=_MATTER,
    who=ADMIN,
    needs=planning.Filing,
    decide=planning.file_document,
    says="say that a document which a step waits for is there",
    from_opening=True,
)
JOIN = Act("join", _PERSON, ADMIN, NeedsNothing, d.join, "bring somebody in")
PROPOSE = Act(d.PROPOSE, _PERSON, ADMIN, d.Seed, d.propose, "find where somebody goes")
BY_PANEL = Act(
    "decide-by-panel", _PERSON, PANEL, d.PanelDecision, d.decide_by_panel, "decide as a panel"
)
ALLOCATE = Act(
    "allocate",
    _MATTER,
    ADMIN,
    places.Allocation,
    places.allocate,
    "share limited places out",
    several=Several(comes_to=places.outcomes, looks_at=places.takes_part),
    part_of=d.PROPOSE,
)
FORM_GROUP = Act(
    "form-group", _MATTER, ADMIN, planning.Cohort, planning.form_group, "put people together"
)
LETTERS = Act(
    "issue-letters", _PERSON, ADMIN, NeedsNothing, d.issue_letters, "send somebody's letters"
)
WINDOWS = Act(
    "open-windows",
    _GROUP,
    ADMIN,
    NeedsNothing,
    planning.open_windows,
    "say until when a group may act",
)
LETTER_BACK = Act(
    "letter-returned",
    _PERSON,
    ADMIN,
    d.LetterBack,
    d.letter_returned,
    "note that a letter is back",
)
LETTER_AGAIN = Act(
    "reissue-letter", _PERSON, ADMIN, d.LetterAgain, d.reissue_letter, "send a letter again"
)
ANSWER = Act("record-answer", _PERSON, STAFF, d.ReplyToLetter, d.record_answer, "answer the letter")
EXTEND = Act(
    "extend-window", _PERSON, ADMIN, d.LongerForOne, d.extend_window, "give one person longer"
)
MOVE_WINDOW = Act(
    name="move-window",
    over=_MATTER,
    who=ADMIN,
    needs=planning.LongerWindow,
    decide=planning.move_window,
    says="give a group longer",
    from_opening=True,
)
OBJECT = Act("object", _PERSON, STAFF, d.Objecting, d.object_, "object to the transfer")
WITHDRAW = Act(
    "withdraw-objection", _PERSON, STAFF, d.Told, d.withdraw_objection, "no longer object"
)
CONFIRM = Act("confirm", _PERSON, ADMIN, NeedsNothing, d.confirm, "make the assignment final")
MOVE = Act("move", _PERSON, ADMIN, NeedsNothing, moving.move, "move somebody")
END_BY_OBJECTION = Act(
    f.END_BY_OBJECTION,
    _PERSON,
    ADMIN,
    NeedsNothing,
    moving.end_by_objection,
    "end the employment of somebody who objects",
)
END_BY_DISSOLUTION = Act(
    "end-by-dissolution",
    _PERSON,
    ADMIN,
    NeedsNothing,
    moving.end_by_dissolution,
    "end the employment of somebody left behind",
)
REACH = Act("reach", _MATTER, ADMIN, planning.Counted, planning.reach, "say whether a day was met")
PASS_DAY = Act(
    "pass-day", _MATTER, ADMIN, NeedsNothing, planning.pass_day, "say that a day has passed"
)
DISSOLVE = Act(
    "dissolve", _MATTER, ADMIN, planning.Counted, planning.dissolve, "dissolve the transferors"
)
COMPLETE = Act(
    "complete", _MATTER, ADMIN, planning.Counted, planning.complete, "close the exercise"
)

# --- when things fall due -----------------------------------------------------------------------

_COUNTS_PEOPLE = (MilestoneRole.PEOPLE_COMPLETE, MilestoneRole.TRANSFER)
"""The days that ask something of people: it is counted whether it was done for each."""

_Day = e.MilestoneSet | e.MilestoneReset


def _reach_on(fact: _Day) -> Reckoned | None:
    return planning.day_after(fact.when) if fact.role in _COUNTS_PEOPLE else None


def _pass_on(fact: _Day) -> Reckoned | None:
    return None if fact.role in _COUNTS_PEOPLE else planning.day_after(fact.when)


def _dissolve_on(fact: e.MilestoneSet) -> Reckoned | None:
    """The day itself, but never before the staff have gone over: a body that ends on the eve of
    the transfer hands everybody on, and nobody is dismissed by the order of two midnights."""
    if fact.role is not MilestoneRole.DISSOLUTION:
        return None
    return hanging(fact.basis, milestone=fact.milestone, after=fact.follows)


def _end_on(fact: e.MilestoneSet) -> Reckoned | None:
    return _dissolve_on(fact) if fact.ends_employment else None


def _complete_on(fact: e.MilestoneSet) -> Reckoned | None:
    """Once every day of the plan was judged, and the transferors are dissolved where they are."""
    if not fact.is_last:
        return None
    days = ("reach", "pass-day")
    if fact.role is MilestoneRole.DISSOLUTION:
        return hanging(fact.basis, once_done=("dissolve", *days))
    return hanging(fact.basis, after=fact.follows, once_done=days)


def _confirm_on(fact: e.CohortLettersSent) -> Reckoned:
    """The day after the last window, once appeals and objections are out of the way, and every
    letter that came back has gone out again."""
    waits = ("determination", "end-of-employment", SEND_AGAIN)
    if not fact.windows:
        return planning.day_after(fixed(fact.happened_on, fact.basis)) or Reckoned(basis=fact.basis)
    return hanging(fact.basis, day_after=tuple(fact.windows), once_done=waits)


def _move_on(fact: e.CohortLettersSent) -> Reckoned:
    waits = ("confirm", "end-of-employment")
    return hanging(fact.basis, milestone=fact.transfer, once_done=waits)


def _at_the_transfer(fact: f.ObjectionRaised) -> Reckoned:
    return hanging(fact.basis, milestone=fact.milestone)


def _letter_windows(fact: f.AssignmentLetterIssued) -> Mapping[str, Reckoned]:
    return {each.kind: each.when for each in fact.windows}


_OF_THEIRS = ("response", "appeal", "choice", "review", "determination")
"""What may be due of somebody who has left, and is due no more."""

_NOT_REFUSED: Does[Any] = closes(b.REFUSED_STEP, Outcome.SUPERSEDED, about=lambda _: None)
_NOT_SENT_AGAIN: Does[Any] = closes(SEND_AGAIN, Outcome.SUPERSEDED, about=lambda _: None)


def _panel_by(fact: p.AppealLodged | p.AppealAcceptedOutOfTime) -> Reckoned:
    return fact.panel_by


# --- the declaration ----------------------------------------------------------------------------

EXERCISE = Kind(
    name="exercise",
    title="An exercise that moves people",
    facts={
        e.ExerciseOpened: "exercise-opened.v1",
        e.ScopeSet: "scope-set.v1",
        e.MilestoneSet: "milestone-set.v1",
        e.MilestoneReset: "milestone-reset.v1",
        e.MilestoneReached: "milestone-reached.v1",
        e.DocumentFiled: "document-filed.v1",
        e.PlacesAllocated: "places-allocated.v1",
        e.CohortFormed: "cohort-formed.v1",
        e.CohortLettersSent: "cohort-letters-sent.v1",
        e.TransferorDissolved: "transferor-dissolved.v1",
        e.ExerciseCompleted: "exercise-completed.v1",
        f.BroughtIntoScope: "brought-into-scope.v1",
        f.AssignmentProposed: "assignment-proposed.v1",
        f.AssignmentLetterIssued: "assignment-letter-issued.v1",
        f.ResponseRecorded: "response-recorded.v1",
        f.ObjectionRaised: "objection-raised.v1",
        f.ObjectionWithdrawn: "objection-withdrawn.v1",
        f.AssignmentConfirmed: "assignment-confirmed.v1",
        f.StaffTransferred: "staff-transferred.v1",
        f.TermGivenByMove: "term-given-by-move.v1",
        f.EmploymentEnded: "employment-ended.v1",
        f.LeaverPassedBy: "leaver-passed-by.v1",
    },
    acts=(
        BEGIN,
        SET_SCOPE,
        MOVE_MILESTONE,
        FILE,
        JOIN,
        PROPOSE,
        BY_PANEL,
        ALLOCATE,
        FORM_GROUP,
        LETTERS,
        WINDOWS,
        LETTER_BACK,
        LETTER_AGAIN,
        ANSWER,
        EXTEND,
        MOVE_WINDOW,
        OBJECT,
        WITHDRAW,
        CONFIRM,
        MOVE,
        END_BY_OBJECTION,
        REACH,
        PASS_DAY,
        DISSOLVE,
        END_BY_DISSOLUTION,
        COMPLETE,
        common.APPROVE,
        common.DECLINE,
        common.SETTLE,
        common.HOLD,
        common.RESUME,
        common.TAKE_OUT,
        common.ABANDON,
    ),
    steps=(
        Step(LETTERS, "on the day of the group's letters", dated=Dated.WHEN_TAKEN),
        Step(WINDOWS, "once the group's letters are out"),
        Step(CONFIRM, "the day after the last window, once every appeal is decided"),
        Step(MOVE, "on the day of transfer"),
        Step(END_BY_OBJECTION, "on the day of transfer", waits=Waits.FOR_APPROVAL),
        Step(REACH, "the day after a milestone", several=Several(planning.stage, counted=True)),
        Step(PASS_DAY, "the day after a milestone that asks nothing of anybody"),
        Step(
            DISSOLVE,
            "on the day of dissolution, after every transfer",
            several=Several(planning.appealing, counted=True),
        ),
        Step(END_BY_DISSOLUTION, "on the day of dissolution", waits=Waits.FOR_APPROVAL),
        Step(
            COMPLETE,
            "when every day of the plan was judged",
            several=Several(planning.outcome, counted=True),
        ),
    ),
    obligations=(
        # Nobody's to do by a day; whoever was refused a step for want of it is told.
        on(e.DocumentFiled, closes("file-document", about=lambda f: f.title)),
        on(
            e.MilestoneSet,
            opens("reach", Nature.ACT, owner=EMPLOYER, when=_reach_on, about=lambda m: m.milestone),
            opens(
                "pass-day", Nature.ACT, owner=EMPLOYER, when=_pass_on, about=lambda m: m.milestone
            ),
            opens("dissolve", Nature.ACT, owner=EMPLOYER, when=_dissolve_on),
            opens("end-by-dissolution", Nature.ACT, owner=EMPLOYER, when=_end_on),
            opens("complete", Nature.ACT, owner=EMPLOYER, when=_complete_on),
        ),
        on(
            e.MilestoneReset,
            opens("reach", Nature.ACT, owner=EMPLOYER, when=_reach_on, about=lambda m: m.milestone),
            opens(
                "pass-day", Nature.ACT, owner=EMPLOYER, when=_pass_on, about=lambda m: m.milestone
            ),
        ),
        on(
            e.MilestoneReached,
            closes("reach", about=lambda m: m.milestone),
            closes("pass-day", about=lambda m: m.milestone),
            closes(
                b.MILESTONE,
                day=lambda m: m.due_on,
                about=lambda m: m.milestone,
                if_=lambda m: m.met,
            ),
            closes(
                b.MILESTONE,
                Outcome.MISSED,
                about=lambda m: m.milestone,
                if_=lambda m: not m.met,
            ),
        ),
        on(
            e.CohortFormed,
            opens("issue-letters", Nature.ACT, owner=EMPLOYER, when=lambda g: g.letters_on),
            opens(
                "open-windows",
                Nature.ACT,
                owner=EMPLOYER,
                when=lambda g: hanging(g.basis, once_done=("issue-letters",)),
            ),
        ),
        on(
            e.CohortLettersSent,
            closes("open-windows"),
            opens_windows(windows=lambda g: g.windows, told_singly=True),
            opens("confirm", Nature.ACT, owner=EMPLOYER, when=_confirm_on),
            opens("move", Nature.ACT, owner=EMPLOYER, when=_move_on),
        ),
        on(f.AssignmentProposed, closes(b.REFUSED_STEP, about=lambda _: d.PROPOSE)),
        on(
            f.AssignmentLetterIssued,
            closes("issue-letters"),
            opens_windows(windows=_letter_windows),
        ),
        on(
            t.NoticeReturned,
            opens(
                SEND_AGAIN,
                Nature.DUTY,
                owner=EMPLOYER,
                owed_to="staff",
                when=lambda n: Reckoned(basis=n.basis),
                about=lambda n: n.notice,
            ),
        ),
        on(t.NoticeReissued, closes(SEND_AGAIN, about=lambda n: n.notice)),
        on(f.ResponseRecorded, closes_windows(windows=lambda r: (r.kind,))),
        on(
            f.ObjectionRaised,
            opens(
                "end-of-employment",
                Nature.DUTY,
                owner=EMPLOYER,
                when=_at_the_transfer,
                about=lambda o: o.about,
            ),
            opens("end-by-objection", Nature.ACT, owner=EMPLOYER, when=_at_the_transfer),
        ),
        on(
            f.ObjectionWithdrawn,
            closes("end-of-employment", Outcome.SUPERSEDED, about=lambda o: o.about),
            closes("end-by-objection", Outcome.SUPERSEDED),
        ),
        on(f.AssignmentConfirmed, closes("confirm")),
        on(
            f.StaffTransferred,
            closes("move"),
            closes("end-by-dissolution", Outcome.SUPERSEDED),
            _NOT_REFUSED,
            _NOT_SENT_AGAIN,
        ),
        on(
            f.EmploymentEnded,
            closes("end-by-objection"),
            closes("end-by-dissolution"),
            closes("confirm", Outcome.SUPERSEDED),
            closes("move", Outcome.SUPERSEDED),
            closes("end-of-employment", day=lambda x: x.effective_from, about=lambda _: None),
            _NOT_REFUSED,
            _NOT_SENT_AGAIN,
        ),
        on(
            f.LeaverPassedBy,
            closes_windows(Outcome.SUPERSEDED, windows=lambda _: _OF_THEIRS),
            closes("end-of-employment", Outcome.SUPERSEDED, about=lambda _: None),
            _NOT_REFUSED,
            _NOT_SENT_AGAIN,
        ),
        on(e.TransferorDissolved, closes("dissolve")),
        on(e.ExerciseCompleted, closes("complete")),
        # heard from appeals: an assignment is final only once every one of them is decided
        on(
            p.AppealLodged,
            closes("appeal"),
            opens("determination", Nature.DUTY, owner="panel", when=_panel_by, elsewhere=True),
            opens("confirm", Nature.ACT, owner=EMPLOYER, when=lambda a: a.confirm_again),
        ),
        on(
            p.AppealAcceptedOutOfTime,
            closes("appeal", day=lambda a: a.lodged_on),
            opens("determination", Nature.DUTY, owner="panel", when=_panel_by, elsewhere=True),
            opens("confirm", Nature.ACT, owner=EMPLOYER, when=lambda a: a.confirm_again),
        ),
        on(p.PanelOverdue, closes("determination", Outcome.MISSED)),
        on(p.AppealDetermined, closes("determination")),
        on(p.AppealWithdrawn, closes("determination", Outcome.SUPERSEDED)),
        on(p.AppealDropped, closes("determination", Outcome.SUPERSEDED)),
    ),
    hears={
        fact: lambda a: a.against
        for fact in (
            p.AppealLodged,
            p.AppealRefusedOutOfTime,
            p.AppealAcceptedOutOfTime,
            p.PanelOverdue,
            p.AppealDetermined,
            p.AppealWithdrawn,
            p.AppealDropped,
            ConsultationOpened,
        )
    },
    beside=("consultation",),
    effects={
        f.StaffTransferred: f.transfer_pieces,
        f.TermGivenByMove: f.term_pieces,
        f.EmploymentEnded: f.ending_pieces,
    },
    sentences=SENTENCES,
    whole=Substance(Plan, evolve_plan),
    person=Substance(Participation, evolve_participation),
    grave=lambda fact: isinstance(fact, f.EmploymentEnded),
    answers=(EVIDENCE, ASSIGNED, ENDING, LAW),
)

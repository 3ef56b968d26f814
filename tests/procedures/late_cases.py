"""Late knowledge in the exercise, its appeals and its consultation, case by case: what is learned
late, and which decisions then differ."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.support.clocked_2013 import CONSULTATION, Doing
from tests.support.played_2013 import EXERCISE, FIRST, GROUP
from tests.support.rules_2013 import APPEAL_DUE, TRANSFER
from tests.support.words_2013 import Destination, Happening

D = date
MEETING = D(2013, 11, 20)
HEARD = D(2014, 1, 28)


def of(on: date, act: str, **inputs: Any) -> Doing:
    """An act about S1 in the exercise."""
    return Doing(on, act, "S1", EXERCISE, inputs)


def of_s3(on: date, act: str, **inputs: Any) -> Doing:
    """The same of S3, who is in no group."""
    return Doing(on, act, "S3", EXERCISE, inputs)


def all_(on: date, act: str, **inputs: Any) -> Doing:
    """An act about the exercise as a whole."""
    return Doing(on, act, None, EXERCISE, inputs)


def sides(on: date, act: str, /, **inputs: Any) -> Doing:
    """An act about the consultation."""
    return Doing(on, act, None, CONSULTATION, inputs)


def appeal(on: date, act: str, **inputs: Any) -> Doing:
    """An act about S1's appeal."""
    return Doing(on, act, "S1", FIRST, inputs)


def lodge(on: date) -> Doing:
    return appeal(on, "lodge", against=EXERCISE, grounds="the caseload")


def uphold(on: date) -> Doing:
    return appeal(on, "determine", outcome="upheld", to=Destination.NPS, reason="heard")


def extend(on: date, until: date, window: str = "appeal") -> Doing:
    return of(on, "extend-window", window=window, until=until, reason="on leave")


def move_window(on: date, until: date) -> Doing:
    return all_(on, "move-window", group=GROUP, window="appeal", until=until, reason="post")


def milestone(on: date, to: date, name: str = "transfer") -> Doing:
    return all_(on, "move-milestone", milestone=name, to=to, reason="slip")


def object_(on: date) -> Doing:
    return of(on, "object", told_to="transferor")


def withdraw_objection(on: date) -> Doing:
    return of(on, "withdraw-objection", told_to="transferor")


def returned(on: date) -> Doing:
    return of(on, "letter-returned", letter="assignment", reason="gone away")


def reissued(on: date) -> Doing:
    return of(on, "reissue-letter", letter="assignment")


def said_twice(act: str, *more: Doing, **inputs: Any) -> tuple[Doing, ...]:
    """An act about the consultation, and the same again three days later; `more` comes before."""
    return (*more, *(sides(on, act, **inputs) for on in (D(2013, 12, 2), D(2013, 12, 5))))


def happened(on: date, happening: Happening) -> Doing:
    return sides(
        on,
        "record-happening",
        happening=str(happening),
        clause="TR-18",
        document="a letter",
        account="as it was",
    )


def employment_moved(on: date, to: date) -> Doing:
    return sides(on, "move-day-of-employment", transfer_on=to)


@dataclass(frozen=True)
class Case:
    """A history, the act of it that is learned late and when, and which decisions differ: each as
    often as there are such, of whomever.

    `by_approval` are decisions on everybody that count somebody as still waiting, and on somebody
    who waits: an approval that is given later than it would have been in time is another fact.
    `in_the_world`: a letter that went out cannot be sent again on its day, so that its redoing is
    another letter.
    """

    name: str
    doings: tuple[Doing, ...]
    late: int
    learned_on: date
    differs: tuple[str, ...]
    by_approval: tuple[str, ...] = ()
    in_the_world: bool = False


CASES = (
    Case(
        "an appeal of the last day, learned after the windows had closed",
        (lodge(APPEAL_DUE),),
        0,
        D(2014, 1, 9),
        ("confirm",),
    ),
    Case(
        "an appeal of the last day, learned after the transfer",
        (lodge(APPEAL_DUE),),
        0,
        D(2014, 6, 3),
        ("confirm", "move", "reach", "reach"),
    ),
    Case(
        "an appeal that was upheld, learned after the transfer",
        (lodge(APPEAL_DUE), uphold(HEARD)),
        0,
        D(2014, 6, 3),
        ("confirm", "move"),
    ),
    Case(
        "an objection of May, learned after the transfer",
        (object_(D(2014, 5, 28)),),
        0,
        D(2014, 6, 3),
        ("move",),
        by_approval=("reach",),
    ),
    Case(
        "an objection of May, learned when the exercise was closed",
        (object_(D(2014, 5, 28)),),
        0,
        D(2014, 11, 5),
        ("move",),
        by_approval=("complete", "reach"),
    ),
    Case(
        "an objection that was taken back, learned after employment had ended",
        (object_(D(2014, 3, 3)), withdraw_objection(D(2014, 5, 20))),
        1,
        D(2014, 6, 4),
        ("approve", "end-by-objection"),
    ),
    Case(
        "an objection that was taken back, before its end was declined",
        (
            object_(D(2014, 3, 3)),
            withdraw_objection(D(2014, 5, 20)),
            of(D(2014, 5, 25), "decline", step="end-by-objection", reason="not yet"),
        ),
        1,
        D(2014, 5, 27),
        ("decline",),
    ),
    Case(
        "somebody had objected before they did again",
        (object_(D(2014, 2, 3)), object_(D(2014, 3, 3))),
        0,
        D(2014, 3, 5),
        ("object",),
    ),
    Case(
        "an objection had been taken back before it was taken back",
        (
            object_(D(2014, 2, 3)),
            withdraw_objection(D(2014, 2, 5)),
            withdraw_objection(D(2014, 3, 3)),
        ),
        1,
        D(2014, 3, 5),
        ("withdraw-objection",),
    ),
    Case(
        "a longer window, for an appeal that was refused as late",
        (extend(D(2014, 1, 6), D(2014, 1, 20)), lodge(D(2014, 1, 15))),
        0,
        D(2014, 1, 16),
        ("confirm", "lodge"),
    ),
    Case(
        "a longer window, for an appeal that was heard although late",
        (
            extend(D(2014, 1, 6), D(2014, 1, 20)),
            lodge(D(2014, 1, 15)),
            appeal(D(2014, 1, 17), "admit-late", reason="no fault"),
        ),
        0,
        D(2014, 1, 20),
        ("admit-late", "confirm", "lodge"),
    ),
    Case(
        "a withdrawal before the panel decided",
        (lodge(APPEAL_DUE), appeal(D(2014, 1, 20), "withdraw"), uphold(HEARD)),
        1,
        D(2014, 2, 3),
        ("confirm", "determine"),
    ),
    Case(
        "a decision of the panel before the withdrawal",
        (lodge(APPEAL_DUE), uphold(D(2014, 1, 20)), appeal(HEARD, "withdraw")),
        1,
        D(2014, 2, 3),
        ("confirm", "withdraw"),
    ),
    Case(
        "a decision of the panel, learned after its day had passed",
        (lodge(APPEAL_DUE), uphold(HEARD)),
        1,
        D(2014, 2, 10),
        ("note-overdue",),
    ),
    Case(
        "a longer window to answer, for an answer that was taken as late",
        (
            extend(D(2013, 12, 27), D(2014, 1, 7), "response"),
            of(D(2014, 1, 3), "record-answer", answer="acknowledged"),
        ),
        0,
        D(2014, 1, 6),
        ("record-answer",),
    ),
    Case(
        "a window that had been extended before it was extended",
        (extend(D(2014, 1, 3), D(2014, 1, 15)), extend(D(2014, 1, 6), D(2014, 1, 20))),
        0,
        D(2014, 1, 7),
        ("extend-window",),
    ),
    Case(
        "a window that had moved before it was moved",
        (move_window(D(2014, 1, 3), D(2014, 1, 15)), move_window(D(2014, 1, 6), D(2014, 1, 20))),
        0,
        D(2014, 1, 7),
        ("move-window",),
    ),
    Case(
        "a window that had moved before the letters went out",
        (move_window(D(2013, 12, 10), D(2014, 1, 15)),),
        0,
        D(2013, 12, 30),
        ("issue-letters", "issue-letters", "open-windows"),
        in_the_world=True,
    ),
    Case(
        "a transfer that had moved, learned after it",
        (milestone(D(2014, 5, 12), D(2014, 7, 1)),),
        0,
        D(2014, 6, 5),
        ("move", "move", "reach"),
    ),
    Case(
        "a transfer that had moved before it was moved",
        (milestone(D(2014, 3, 3), D(2014, 6, 15)), milestone(D(2014, 4, 7), D(2014, 7, 1))),
        0,
        D(2014, 4, 8),
        ("move-milestone",),
    ),
    Case(
        "a start that had moved, learned after it was said to have passed",
        (milestone(D(2013, 11, 12), D(2013, 11, 18), "assignment-starts"),),
        0,
        D(2013, 11, 15),
        ("pass-day",),
    ),
    Case(
        "a dissolution that had been put off, learned after it",
        (milestone(D(2014, 10, 20), D(2014, 11, 12), "dissolution"),),
        0,
        D(2014, 11, 3),
        ("complete", "dissolve", "end-by-dissolution", "pass-day"),
    ),
    Case(
        "somebody had been taken out before they were dismissed",
        (of_s3(D(2014, 10, 6), "take-out", reason="left"),),
        0,
        D(2014, 11, 3),
        ("approve", "complete", "end-by-dissolution"),
    ),
    Case(
        "an objection of May, learned after they were taken out",
        (object_(D(2014, 5, 28)), of(D(2014, 6, 2), "take-out", reason="left")),
        0,
        D(2014, 6, 3),
        ("move",),
        by_approval=("reach", "take-out"),
    ),
    Case(
        "an objection of May, learned after the exercise was abandoned, and it is again",
        (
            object_(D(2014, 5, 28)),
            all_(D(2014, 6, 2), "abandon", reason="no money"),
            all_(D(2014, 6, 5), "abandon", reason="no money"),
        ),
        0,
        D(2014, 6, 3),
        ("move",),
        by_approval=("abandon", "reach"),
    ),
    Case(
        "somebody had been taken out before they were",
        (
            of(D(2014, 2, 3), "take-out", reason="left"),
            of(D(2014, 3, 3), "take-out", reason="left"),
        ),
        0,
        D(2014, 3, 5),
        ("take-out",),
    ),
    Case(
        "letters that went out although the exercise was held",
        (all_(D(2013, 12, 16), "hold", reason="court"),),
        0,
        D(2013, 12, 30),
        ("issue-letters", "issue-letters", "open-windows"),
    ),
    Case(
        "held before",
        (of(D(2014, 2, 3), "hold", reason="ill"), of(D(2014, 2, 10), "hold", reason="ill")),
        0,
        D(2014, 2, 12),
        ("hold",),
    ),
    Case(
        "back before",
        (
            of(D(2014, 2, 3), "hold", reason="ill"),
            of(D(2014, 2, 5), "resume", reason="back"),
            of(D(2014, 2, 10), "resume", reason="back"),
        ),
        1,
        D(2014, 2, 12),
        ("resume",),
    ),
    Case(
        "abandoned before",
        (
            all_(D(2014, 2, 3), "abandon", reason="no money"),
            all_(D(2014, 2, 10), "abandon", reason="no"),
        ),
        0,
        D(2014, 2, 12),
        ("abandon",),
    ),
    Case(
        "the scope had been set before it was",
        (all_(D(2013, 11, 11), "set-scope", members=["S1", "S2", "S3"], criterion="all"),),
        0,
        D(2013, 11, 12),
        (),
    ),
    Case(
        "a panel had decided before a panel did",
        (
            Doing(D(2013, 11, 13), "join", "S4"),
            Doing(
                D(2013, 11, 18), "decide-by-panel", "S4", inputs={"to": "NPS", "reason": "first"}
            ),
            Doing(D(2013, 11, 25), "decide-by-panel", "S4", inputs={"to": "CRC", "reason": "then"}),
        ),
        1,
        D(2013, 11, 27),
        ("decide-by-panel",),
    ),
    Case(
        "a panel had decided before a route was found",
        (
            Doing(D(2013, 11, 13), "join", "S4"),
            Doing(
                D(2013, 11, 18), "decide-by-panel", "S4", inputs={"to": "NPS", "reason": "first"}
            ),
            Doing(D(2013, 11, 25), "propose", "S4", inputs={"seed": "1"}),
        ),
        1,
        D(2013, 11, 27),
        ("propose",),
    ),
    Case(
        "somebody had been in scope before they were brought in",
        (Doing(D(2013, 11, 13), "join", "S4"), Doing(D(2013, 11, 18), "join", "S4")),
        0,
        D(2013, 11, 20),
        ("join",),
    ),
    Case(
        "a group had been formed before it was",
        tuple(
            all_(
                on,
                "form-group",
                group="LDN.second",
                transferor="LDN",
                path="sifted",
                letters_on=D(2014, 1, 13),
                people=["S3"],
            )
            for on in (D(2013, 12, 2), D(2013, 12, 9))
        ),
        0,
        D(2013, 12, 10),
        ("form-group",),
    ),
    Case(
        "what came of a meeting, learned after it was said to be unknown",
        (happened(MEETING, Happening.ENDORSEMENT_REFUSED),),
        0,
        D(2013, 11, 25),
        ("note-missing",),
    ),
    Case(
        "a meeting had been called before something happened on its day",
        (
            sides(D(2013, 12, 2), "call-meeting", on=D(2013, 12, 9), purpose="endorse"),
            happened(D(2013, 12, 9), Happening.ENDORSEMENT_REFUSED),
        ),
        0,
        D(2013, 12, 10),
        ("record-happening",),
    ),
    Case(
        "a meeting had been called before it was",
        tuple(
            sides(on, "call-meeting", on=D(2013, 12, 16), purpose="endorse")
            for on in (D(2013, 12, 2), D(2013, 12, 5))
        ),
        0,
        D(2013, 12, 6),
        ("call-meeting",),
    ),
    Case(
        "a letter had come back before its windows closed, learned after",
        (returned(D(2014, 1, 6)), reissued(D(2014, 1, 13))),
        0,
        D(2014, 1, 10),
        ("confirm",),
    ),
    Case(
        "a letter had come back before it did again",
        (returned(D(2013, 12, 30)), returned(D(2014, 1, 3))),
        0,
        D(2014, 1, 6),
        ("letter-returned",),
    ),
    Case(
        "a letter that had come back had gone out again before it did",
        (returned(D(2013, 12, 30)), reissued(D(2014, 1, 2)), reissued(D(2014, 1, 3))),
        1,
        D(2014, 1, 6),
        ("reissue-letter",),
    ),
    Case(
        "a letter had gone out again, learned after its first windows had closed",
        (reissued(D(2014, 1, 3)),),
        0,
        D(2014, 1, 10),
        ("confirm",),
    ),
    Case(
        "a letter had gone out again, for an appeal that was refused as late",
        (reissued(D(2014, 1, 3)), lodge(D(2014, 1, 15))),
        0,
        D(2014, 1, 16),
        ("confirm", "lodge"),
    ),
    Case(
        "a body had been added before it was",
        said_twice("add-body", body="GMB"),
        0,
        D(2013, 12, 6),
        ("add-body",),
    ),
    Case(
        "staff had elected before they did",
        said_twice("elect", representatives=["S1"]),
        0,
        D(2013, 12, 6),
        ("elect",),
    ),
    Case(
        "measures had been stated before they were",
        said_twice("state-measures", measures="new kit"),
        0,
        D(2013, 12, 6),
        ("state-measures",),
    ),
    Case(
        "a question had been asked before it was",
        said_twice("ask", question="Who keeps the cases?"),
        0,
        D(2013, 12, 6),
        ("ask",),
    ),
    Case(
        "a question had been answered before it was",
        said_twice(
            "reply",
            sides(D(2013, 11, 25), "ask", question="Who keeps the cases?"),
            question="Who keeps the cases?",
            answer="you",
        ),
        1,
        D(2013, 12, 6),
        ("reply",),
    ),
    Case(
        "a meeting had been called before something happened and its outcome was recorded",
        (
            sides(D(2013, 12, 2), "call-meeting", on=D(2013, 12, 9), purpose="endorse"),
            happened(D(2013, 12, 9), Happening.ENDORSEMENT_REFUSED),
            sides(D(2013, 12, 9), "record-meeting", outcome="as it was"),
        ),
        0,
        D(2013, 12, 10),
        ("record-happening", "record-meeting"),
    ),
    Case(
        "minutes had been filed before they were",
        said_twice(
            "file-minutes",
            sides(D(2013, 11, 25), "record-meeting", outcome="nothing"),
            meeting_on=D(2013, 11, 25),
            reference="NNC/13/20",
            sha256="0a" * 32,
        ),
        1,
        D(2013, 12, 6),
        ("file-minutes",),
    ),
    Case(
        "a body had endorsed before it did",
        said_twice("endorse", body="NNC"),
        0,
        D(2013, 12, 6),
        ("endorse",),
    ),
    Case(
        "a further body had been consulted before the other endorsed",
        (
            sides(D(2013, 12, 2), "add-body", body="GMB"),
            sides(D(2013, 12, 5), "endorse", body="NNC"),
        ),
        0,
        D(2013, 12, 6),
        ("endorse",),
    ),
    Case(
        "a body had refused before it did",
        said_twice("refuse", body="NNC"),
        0,
        D(2013, 12, 6),
        ("refuse",),
    ),
    Case(
        "a body had endorsed before its members voted for it",
        (
            sides(D(2013, 12, 2), "endorse", body="NNC"),
            sides(D(2013, 12, 5), "ballot", body="NNC", result="accepted"),
        ),
        0,
        D(2013, 12, 6),
        ("ballot",),
    ),
    Case(
        "the sides had gone to a conciliator before they did",
        said_twice("refer", to="ACAS"),
        0,
        D(2013, 12, 6),
        ("refer",),
    ),
    Case(
        "an offer had been stated before it was",
        said_twice("state-offer", offer="enhanced_voluntary_redundancy", status="on-offer"),
        0,
        D(2013, 12, 6),
        ("state-offer",),
    ),
    Case(
        "the day of employment had moved before it was moved",
        (
            happened(D(2013, 11, 13), Happening.IMPLEMENTATION_REQUIRED),
            employment_moved(D(2014, 1, 20), TRANSFER),
            employment_moved(D(2014, 1, 28), TRANSFER),
        ),
        1,
        D(2014, 1, 30),
        ("move-day-of-employment",),
    ),
    Case(
        "nothing that was decided differs",
        (of(D(2013, 12, 24), "record-answer", answer="acknowledged"),),
        0,
        D(2014, 6, 5),
        (),
    ),
)

"""Late knowledge in the toy kind, case by case: what is learned late, and what then differs."""

from dataclasses import dataclass
from datetime import date

from tests.core.matter.histories import D, Doing

WINDOW = "object"


def extend(on: date, until: date, window: str = WINDOW) -> Doing:
    inputs = {"window": window, "until": until, "reason": "leave"}
    return Doing(on, "S1", "extend-window", inputs)


def move_window(on: date, until: date, group: str = "A") -> Doing:
    inputs = {"group": group, "window": WINDOW, "until": until, "reason": "strike"}
    return Doing(on, None, "move-window", inputs)


def fix_day(on: date, day: date, milestone: str = "move") -> Doing:
    return Doing(on, None, "fix-day", {"milestone": milestone, "on": day, "reason": "moved"})


def of(on: date, act: str, person: str | None = "S1", **inputs: object) -> Doing:
    return Doing(on, person, act, inputs)


@dataclass(frozen=True)
class Case:
    """A history, the act of it that is learned late and when, and which decisions differ."""

    name: str
    doings: tuple[Doing, ...]
    late: int
    learned_on: date
    differs: tuple[str, ...]


CASES = (
    Case(
        "an objection of the last day, learned after the desk has moved",
        (of(D(2014, 2, 11), "object"),),
        0,
        D(2014, 4, 5),
        ("confirm", "move"),
    ),
    Case(
        "an objection, and what the panel made of it",
        (
            of(D(2014, 2, 11), "object"),
            of(D(2014, 2, 20), "decide", upheld=True, floor="5"),
        ),
        0,
        D(2014, 4, 5),
        ("confirm", "move"),
    ),
    Case(
        "an extension, for an objection that was refused as too late",
        (extend(D(2014, 2, 10), D(2014, 2, 20)), of(D(2014, 2, 14), "object")),
        0,
        D(2014, 2, 16),
        ("confirm", "object"),
    ),
    Case(
        "an extension, for an objection that was admitted although too late",
        (
            extend(D(2014, 2, 10), D(2014, 2, 20)),
            of(D(2014, 2, 14), "object"),
            of(D(2014, 2, 18), "admit"),
        ),
        0,
        D(2014, 2, 24),
        ("admit", "confirm", "object"),
    ),
    Case(
        "the day of the move had been put forward when somebody chose to quit",
        (
            fix_day(D(2014, 2, 20), D(2014, 4, 12)),
            fix_day(D(2014, 3, 1), D(2014, 4, 2)),
            of(D(2014, 4, 3), "quit"),
        ),
        1,
        D(2014, 4, 5),
        ("quit",),
    ),
    Case(
        "an extension, for somebody who quit after being confirmed, and stays",
        (
            extend(D(2014, 2, 10), D(2014, 2, 20)),
            of(D(2014, 2, 14), "quit"),
            of(D(2014, 3, 1), "stay"),
        ),
        0,
        D(2014, 3, 10),
        ("confirm", "stay"),
    ),
    Case(
        "a withdrawal before the panel decided",
        (
            of(D(2014, 2, 5), "object"),
            of(D(2014, 2, 18), "withdraw"),
            of(D(2014, 2, 20), "decide", upheld=True, floor="5"),
        ),
        1,
        D(2014, 2, 25),
        ("confirm", "decide"),
    ),
    Case(
        "a decision before the withdrawal",
        (
            of(D(2014, 2, 5), "object"),
            of(D(2014, 2, 18), "decide", upheld=True, floor="5"),
            of(D(2014, 2, 20), "withdraw"),
        ),
        1,
        D(2014, 2, 25),
        ("confirm", "withdraw"),
    ),
    Case(
        "an extension, for an answer that was taken as late",
        (extend(D(2014, 2, 5), D(2014, 2, 10), "answer"), of(D(2014, 2, 8), "answer")),
        0,
        D(2014, 2, 9),
        ("answer",),
    ),
    Case(
        "a window that had moved before it was extended",
        (move_window(D(2014, 2, 5), D(2014, 2, 20)), extend(D(2014, 2, 8), D(2014, 2, 25))),
        0,
        D(2014, 2, 10),
        ("extend-window",),
    ),
    Case(
        "a window that had moved before it was moved again",
        (
            move_window(D(2014, 2, 5), D(2014, 2, 20)),
            move_window(D(2014, 2, 8), D(2014, 2, 24)),
        ),
        0,
        D(2014, 2, 10),
        ("move-window",),
    ),
    Case(
        "a milestone that had moved before it was moved again",
        (fix_day(D(2014, 3, 1), D(2014, 3, 20)), fix_day(D(2014, 3, 10), D(2014, 4, 12))),
        0,
        D(2014, 3, 12),
        ("fix-day",),
    ),
    Case(
        "a move that had been put off, learned after it",
        (fix_day(D(2014, 3, 10), D(2014, 4, 12)),),
        0,
        D(2014, 4, 5),
        ("move", "move", "move"),
    ),
    Case(
        "a move that had been put forward before it was put off, learned after that",
        (fix_day(D(2014, 2, 13), D(2014, 3, 20)), fix_day(D(2014, 3, 27), D(2014, 4, 12))),
        0,
        D(2014, 4, 7),
        ("fix-day",),
    ),
    Case(
        "letters of a group that was held, sent when it was learned that it was no longer",
        (
            of(D(2014, 1, 18), "hold", None, group="A", reason="court"),
            of(D(2014, 2, 17), "resume", None, group="A", reason="court"),
        ),
        1,
        D(2014, 3, 7),
        (),
    ),
    Case(
        "a move that is put off on its very day",
        (fix_day(D(2014, 4, 1), D(2014, 4, 12)),),
        0,
        D(2014, 4, 1),
        ("move", "move", "move"),
    ),
    Case(
        "somebody had quit before the draw",
        (of(D(2014, 1, 18), "quit", "S3"),),
        0,
        D(2014, 1, 25),
        ("draw",),
    ),
    Case(
        "somebody had quit before the draw, learned after the floors were final",
        (of(D(2014, 1, 18), "quit", "S3"),),
        0,
        D(2014, 2, 14),
        ("confirm", "confirm", "draw"),
    ),
    Case(
        "letters that went out although the procedure was held",
        (of(D(2014, 1, 30), "hold", None, group="A", reason="court"),),
        0,
        D(2014, 2, 5),
        ("letters",),
    ),
    Case(
        "somebody stays, learned after their badge had ended",
        (of(D(2014, 2, 20), "quit"), of(D(2014, 3, 20), "stay")),
        1,
        D(2014, 4, 5),
        ("approve", "end"),
    ),
    Case(
        "somebody stays, learned after their end was declined",
        (
            of(D(2014, 2, 20), "quit"),
            of(D(2014, 3, 20), "stay"),
            of(D(2014, 3, 25), "decline", step="end", reason="not yet"),
        ),
        1,
        D(2014, 3, 28),
        ("decline",),
    ),
    Case(
        "somebody had been taken out before",
        (
            of(D(2014, 2, 20), "take-out", reason="left"),
            of(D(2014, 3, 1), "take-out", reason="left"),
        ),
        0,
        D(2014, 3, 5),
        ("take-out",),
    ),
    Case(
        "somebody had been taken out, learned after their floor was final",
        (of(D(2014, 2, 5), "take-out", reason="left"),),
        0,
        D(2014, 2, 20),
        ("confirm",),
    ),
    Case(
        "somebody had quit, learned after they were taken out",
        (of(D(2014, 3, 20), "quit"), of(D(2014, 4, 8), "take-out", reason="left")),
        0,
        D(2014, 4, 10),
        ("move", "take-out"),
    ),
    Case(
        "somebody had quit, learned after their late objection was admitted",
        (
            of(D(2014, 3, 9), "object"),
            of(D(2014, 3, 29), "quit"),
            of(D(2014, 4, 8), "admit"),
        ),
        1,
        D(2014, 4, 10),
        ("move",),
    ),
    Case(
        "held before",
        (of(D(2014, 2, 5), "hold", reason="ill"), of(D(2014, 2, 8), "hold", reason="ill")),
        0,
        D(2014, 2, 10),
        ("hold",),
    ),
    Case(
        "back before",
        (
            of(D(2014, 2, 5), "hold", reason="ill"),
            of(D(2014, 2, 15), "resume", reason="back"),
            of(D(2014, 2, 20), "resume", reason="back"),
        ),
        1,
        D(2014, 2, 25),
        ("confirm", "resume"),
    ),
    Case(
        "back before they were taken out, learned after that",
        (
            of(D(2014, 2, 5), "hold", reason="ill"),
            of(D(2014, 2, 15), "resume", reason="back"),
            of(D(2014, 3, 1), "take-out", reason="left"),
        ),
        1,
        D(2014, 3, 5),
        (),
    ),
    Case(
        "the move had been closed sooner",
        (fix_day(D(2014, 4, 3), D(2014, 4, 10), "close"),),
        0,
        D(2014, 4, 26),
        ("close",),
    ),
    Case(
        "a floor had been proposed before another was",
        (
            of(D(2014, 1, 10), "propose", "S3", floor="7"),
            of(D(2014, 1, 14), "propose", "S3", floor="8"),
        ),
        0,
        D(2014, 1, 16),
        ("propose",),
    ),
    Case(
        "abandoned before",
        (
            of(D(2014, 2, 5), "abandon", None, reason="no money"),
            of(D(2014, 2, 20), "abandon", None, reason="no money"),
        ),
        0,
        D(2014, 2, 25),
        ("abandon", "confirm", "confirm", "confirm"),
    ),
    Case(
        "somebody had quit, learned after the move was abandoned",
        (of(D(2014, 3, 20), "quit"), of(D(2014, 4, 8), "abandon", None, reason="no money")),
        0,
        D(2014, 4, 10),
        ("abandon", "move"),
    ),
    Case(
        "a move that had been put forward, learned after it was abandoned",
        (
            of(D(2014, 2, 10), "object", "S3"),
            of(D(2014, 2, 11), "quit"),
            fix_day(D(2014, 2, 12), D(2014, 2, 14)),
            of(D(2014, 2, 15), "abandon", None, reason="no money"),
        ),
        2,
        D(2014, 2, 18),
        ("abandon",),
    ),
    Case(
        "an abandonment that is learned late itself",
        (of(D(2014, 3, 20), "quit"), of(D(2014, 3, 28), "abandon", None, reason="no money")),
        1,
        D(2014, 4, 5),
        ("approve", "end", "move", "move"),
    ),
    Case("nothing that was decided differs", (of(D(2014, 2, 3), "answer"),), 0, D(2014, 4, 5), ()),
)

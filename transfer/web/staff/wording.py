"""What the record says about somebody, in whole sentences for that person."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from transfer.core.words import MAIN, Facet, WindowKind
from transfer.procedures.staff_list.answers import OnList
from transfer.questions.deadlines import Due
from transfer.questions.history import ValueChanged
from transfer.questions.letters import Choice, ChoiceState, LetterOfExercise
from transfer.questions.position import FacetPeriods, Timeline
from transfer.questions.summary import Job, Summary
from transfer.questions.values import TermInForce
from transfer.web.frame.wording import day_text, days_text, facet_text, value_text
from transfer.web.pictures.drawing import counted

_STAFF = "staff"

DEADLINES = {
    WindowKind.RESPONSE: "answer your letter",
    WindowKind.APPEAL: "appeal against where you are to go",
    WindowKind.CHOICE: "choose between what your letter offers",
    WindowKind.REVIEW: "ask for a review of what your letter says",
}
"""What may be done within a window, after `you may`."""

_OF_OTHERS = {
    "determination": "a panel has to decide on your appeal",
    "end-of-employment": "your employment ends, because you objected to the transfer",
    "send-again": "your letter has to be sent to you again",
}


@dataclass(frozen=True, slots=True)
class Ahead:
    """What will read otherwise from a day on."""

    on: date
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NextDeadline:
    """The next thing that the person may or must do, until when, and how far off that is."""

    exercise: str
    says: str
    last_day: date
    left: str


def where_text(summary: Summary) -> str:
    """Where somebody works on a day, in one sentence."""
    on = f"On {day_text(summary.effective_at)}"
    if summary.employer is None:
        return f"{on}, the record has no employer for you."
    first = Job(
        assignment=summary.assignment or MAIN,
        employer=summary.employer,
        unit=summary.unit,
        role=summary.role,
        band=summary.band,
        line_manager=summary.line_manager,
    )
    return f"{on}, you work {_job(first)}."


def others_text(summary: Summary) -> list[str]:
    """The other jobs that somebody has on the day, a sentence each."""
    return [f"You also work {_job(each)} ({each.assignment})." for each in summary.other_jobs]


def _job(job: Job) -> str:
    said = f"for {job.employer}"
    if job.unit:
        said += f", in {job.unit}"
    if job.role:
        said += f", as {_article(job.role)} {job.role}"
    if job.band:
        said += f" on band {job.band}" if job.role else f", on band {job.band}"
    return said


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeio" else "a"


def hours_text(fte: str | None) -> str | None:
    """How much of full time, as a sentence; `None` where the record does not say."""
    if fte is None:
        return None
    try:
        share = Decimal(fte)
    except InvalidOperation:
        return f"You work {fte} of full time."
    if share == 1:
        return "You work full time."
    return "You work when called on." if share == 0 else f"You work {fte} of full time."


def ahead(timeline: Timeline, today: date) -> tuple[Ahead, ...]:
    """What the record says will change after a day, the earliest first."""
    by_day: dict[date, list[str]] = {}
    for lane in timeline.facets:
        for day, text in _changes(lane, today):
            by_day.setdefault(day, []).append(text)
    return tuple(Ahead(day, tuple(by_day[day])) for day in sorted(by_day))


def _changes(lane: FacetPeriods, today: date) -> Iterator[tuple[date, str]]:
    of = "" if lane.assignment == MAIN else f" ({lane.assignment})"
    name = f"your {_inner(facet_text(lane.facet))}{of}"
    starts = {each.effective_from for each in lane.periods}
    for each in lane.periods:
        if each.effective_from > today:
            yield each.effective_from, f"{name} is {each.value}"
        end = each.effective_to
        if end is not None and end > today and end not in starts:
            ends = (
                f"nobody employs you any more{of}: {day_text(end - timedelta(days=1))} is the "
                "last day"
                if lane.facet is Facet.EMPLOYER
                else f"the record has no {_inner(facet_text(lane.facet))} for you{of}"
            )
            yield end, ends


def _inner(name: str) -> str:
    """A name within a sentence: `line manager`, but `FTE`."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def term_text(term: TermInForce) -> str:
    """A term as a sentence, e.g. `Pay protection is 36 months, from 1 Jun 2014 onward.`

    A term whose name ends in "from" says a day: `Continuous service from 1 Apr 2009.`
    """
    name, days = facet_text(term.term), days_text(term.effective_from, term.effective_to)
    if not name.endswith(" from"):
        return f"{name} is {value_text(term.value)}, {days}."
    says = f"{name} {value_text(term.value)}"
    return f"{says}." if term.effective_to is None else f"{says}, {days}."


def next_deadline(letters: Iterable[LetterOfExercise], today: date) -> NextDeadline | None:
    """What the person may do that closes first; `None` where nothing is open."""
    found = [
        (each.last_day, letter.exercise, each)
        for letter in letters
        for each in letter.choices
        if each.state is ChoiceState.OPEN and each.last_day is not None
    ]
    if not found:
        return None
    last_day, exercise, choice = min(found, key=lambda each: each[:2])
    return NextDeadline(exercise, DEADLINES[choice.kind], last_day, left_text(last_day, today))


def on_list_text(found: OnList) -> str:
    """On which list of staff the person is, as sentences."""
    day = day_text(found.transfer_on)
    if not found.lists:
        draft = f" You are on the draft of the list of {found.draft}." if found.draft else ""
        return f"No list in force for the transfer of {day} names you.{draft}"
    named = [
        f"The list of {each.transferee} names you: version {each.version}, made by {each.made_by}, "
        f"in force from {day_text(each.effective_from)}."
        for each in found.lists
    ]
    if len(found.lists) > 1:
        why = (
            f"For the transfer of {day} more than one list names you. If you have one post, ask HR "
            "which of them holds."
        )
        return " ".join((why, *named))
    return f"{named[0]} It is the list for the transfer of {day}."


def left_text(last_day: date, today: date) -> str:
    """How much time is left, e.g. `7 days left`; for a day that is not over yet."""
    days = (last_day - today).days
    return "today is the last day" if days == 0 else f"{counted(days, 'day', 'days')} left"


def of_others(due: Sequence[Due]) -> list[str]:
    """What others have to do about the person, a sentence each."""
    return [
        f"{_what(each)}{_by(each.due_on)}."
        for each in due
        if each.owner != _STAFF and each.what in _OF_OTHERS
    ]


def _what(due: Due) -> str:
    said = _OF_OTHERS[due.what]
    return said[:1].upper() + said[1:]


def _by(day: date | None) -> str:
    return "" if day is None else f", by the end of {day_text(day)}"


def letter_text(letter: LetterOfExercise) -> str:
    """What the letter of an exercise says, and where it stands, as a sentence."""
    if letter.letter is None:
        return "No letter has been sent to you yet."
    names = " and ".join(letter.letter.names)
    said = f"{names}, sent on {day_text(letter.letter.sent_on)}"
    if letter.letter.sent_again_on:
        said += f" and again on {day_text(letter.letter.sent_again_on)}"
    if letter.destination_name:
        said += f": you are to go to {letter.destination_name}"
    return f"{said}."


def outcome_text(letter: LetterOfExercise) -> str:
    """What came of it, or will, as a sentence."""
    where = letter.destination_name or "your new employer"
    if letter.moved_on:
        return f"You moved to {where} on {day_text(letter.moved_on)}."
    if letter.ended_on:
        last = letter.ended_on - timedelta(days=1)
        return f"Your employment ended: {day_text(last)} was the last day."
    if letter.is_over:
        return "This exercise has nothing left to do for you."
    if letter.objected_on:
        end = letter.objection_ends_employment_on
        when = f" on {day_text(end)}, the day of the transfer" if end else " with the transfer"
        return (
            f"You objected to the transfer on {day_text(letter.objected_on)}: you do not move, and "
            f"your employment ends{when}, unless you withdraw."
        )
    moves = f" You are to move on {day_text(letter.moves_on)}." if letter.moves_on else ""
    if letter.final_on:
        return f"It became final on {day_text(letter.final_on)} that you go to {where}.{moves}"
    if letter.destination is None:
        return f"Where you are to go has not been proposed yet.{moves}"
    if letter.becomes_final_on:
        final = f" It becomes final on {day_text(letter.becomes_final_on)}."
        return f"As things stand you go to {where}.{final}{moves}"
    return f"As things stand you go to {where}; that is not final yet.{moves}"


def if_nothing(choice: Choice, letter: LetterOfExercise) -> str:
    """What happens if the person does nothing by the last day, as a sentence."""
    where = letter.destination_name or "where the letter says"
    match choice.kind:
        case WindowKind.APPEAL:
            moves = f", and you move on {day_text(letter.moves_on)}" if letter.moves_on else ""
            return f"It becomes final that you go to {where}{moves}."
        case WindowKind.RESPONSE:
            return f"The record shows no answer from you; you still go to {where}."
        case WindowKind.REVIEW:
            return "What the letter says of your role and pay holds."
        case WindowKind.CHOICE:
            return "What the letter names for this case holds."


def changed_text(change: ValueChanged) -> str:
    """Days that read otherwise since an entry, e.g. `Band: 5 (was 4), from 1 Jun 2014 onward`."""
    name = facet_text(change.facet.value if change.facet else change.term or "")
    if change.assignment not in (None, MAIN):
        name += f" ({change.assignment})"
    was = f" (was {value_text(change.before)})" if change.before is not None else ""
    days = days_text(change.effective_from, change.effective_to)
    return f"{name}: {value_text(change.after or None)}{was}, {days}"

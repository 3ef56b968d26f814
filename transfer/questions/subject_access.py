"""What is held about somebody? All of it in one answer, for the person (a subject access request).

Each part is that of its own question; what other people's records say of the person is not in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pydantic import Field

from projections.keeping_up.cursors import every_page
from projections.links_and_objections import projection as links_and_objections
from projections.position import projection as position_projection
from transfer.access.questioned_reads import QuestionsOfReads
from transfer.access.reads import RegisterOfReads
from transfer.core.dating.instants import Instant
from transfer.core.streams import matter_stream
from transfer.questions import deadlines as of_deadlines
from transfer.questions.answer import Answer, absent
from transfer.questions.appeals import AppealTimeliness, appeal_timeliness
from transfer.questions.deadlines import DeadlinesFound, Due
from transfer.questions.history import HistoryItem, full_history
from transfer.questions.letters import LetterOfExercise, letters
from transfer.questions.links_and_objections import LinkShown
from transfer.questions.position import FacetPeriods, TermPeriods, timeline
from transfer.questions.procedures import Looking, ProcedureListed, every_one_with
from transfer.questions.who_has_read import ReadShown

SEEN_BY = (position_projection.NAME, links_and_objections.NAME, of_deadlines.SEEN_BY)
"""The read models that this answer rests on."""

_PAGE = 1_000


class EntryNaming(Answer):
    """An entry of a procedure that names the person among others; the others are left out."""

    event_id: UUID
    procedure: str
    type: str
    recorded_at: Instant
    recorded_by: str
    sentence: str | None


class SubjectAccess(Answer):
    """Everything that is held about one person under a staff number.

    `made_at` is when the answer was made, and `known_at` the instant up to which everything in it
    was read; `reads` are those up to `made_at`.

    - `personal_data`: what the vault has, by field: names (`name`, and `name.…` with the id of the
      entry that gave it), date of birth, the words of objections. Null where it was erased, at
      `personal_data_erased_at`.
    - `linked`: the other staff numbers of the same person; ask for each of them too.
    - `history`: every entry, with its content, what it changed, who recorded it, and why.
    - `facets` and `terms`: every period of the position and of the terms.
    - `procedures`, `letters`, `appeals`, `deadlines`: each procedure that they are in, what was
      sent to them, whether their appeals were in time, and all that is or was due about them.
    - `named_in`: entries of procedures that name them among others.
    - `reads`: who has read their record, newest first.
    """

    staff_number: str
    made_at: Instant
    known_at: Instant
    personal_data: Mapping[str, str] | None
    personal_data_erased_at: Instant | None = Field(None, exclude_if=absent)
    linked: tuple[LinkShown, ...]
    history: tuple[HistoryItem, ...]
    facets: tuple[FacetPeriods, ...]
    terms: tuple[TermPeriods, ...]
    procedures: tuple[ProcedureListed, ...]
    letters: tuple[LetterOfExercise, ...]
    appeals: tuple[AppealTimeliness, ...]
    deadlines: tuple[Due, ...]
    named_in: tuple[EntryNaming, ...]
    reads: tuple[ReadShown, ...]


def subject_access(
    looking: Looking,
    register: RegisterOfReads,
    questions: QuestionsOfReads,
    staff_number: str,
    made_at: datetime,
) -> SubjectAccess:
    """All that is held about one person, as known at the instant of `looking` (resolved before).

    Raises `NotOnRecord` for a person whom the record did not know then.
    """
    office, known_at = looking.office, looking.known_at
    told = full_history(office.log, office.vault, staff_number, known_at, name=True)
    periods = timeline(office.log, office.vault, staff_number, known_at)
    matters = tuple(every_one_with(looking, staff_number))
    erasure = office.vault.erasure_of(staff_number)
    return SubjectAccess(
        staff_number=staff_number,
        made_at=made_at,
        known_at=known_at,
        personal_data=office.vault.get(staff_number),
        personal_data_erased_at=None if erasure is None else erasure.at,
        linked=told.linked,
        history=told.items,
        facets=periods.facets,
        terms=periods.terms,
        procedures=tuple(looking.listed(found) for found in matters),
        letters=letters(looking, staff_number).items,
        appeals=appeal_timeliness(office.log, staff_number, known_at),
        deadlines=tuple(_all_due(looking, staff_number)),
        named_in=tuple(
            each
            for matter in sorted({found.matter for found in matters})
            for each in _naming(looking, matter, staff_number)
        ),
        reads=tuple(_all_reads(register, questions, staff_number)),
    )


def _naming(looking: Looking, matter: str, staff_number: str) -> Iterator[EntryNaming]:
    """The entries of the procedure's stream that name the person."""
    log = looking.office.log
    for event in log.read(matter_stream(matter)):
        if _names(event.fact.model_dump(mode="json"), staff_number):
            yield EntryNaming(
                event_id=event.event_id,
                procedure=matter,
                type=log.known.stored_name(event.fact),
                recorded_at=event.recorded_at,
                recorded_by=event.recorded_by,
                sentence=log.known.sentence(event.fact),
            )


def _names(part: object, staff_number: str) -> bool:
    """Whether a fact, or a part of one, has this staff number as a value or a key."""
    match part:
        case str():
            return part == staff_number
        case Mapping():
            return staff_number in part or any(_names(each, staff_number) for each in part.values())
        case Sequence():
            return any(_names(each, staff_number) for each in part)
        case _:
            return False


def _all_due(looking: Looking, staff_number: str) -> Iterator[Due]:
    def page_from(cursor: str | None) -> DeadlinesFound:
        with looking.office.log.connection() as conn:
            return of_deadlines.deadlines(
                conn,
                looking.known_at,
                staff=staff_number,
                limit=_PAGE,
                cursor=cursor,
                near_days=looking.near_days,
            )

    for page in every_page(page_from):
        yield from page.items


def _all_reads(
    register: RegisterOfReads, questions: QuestionsOfReads, staff_number: str
) -> Iterator[ReadShown]:
    before: int | None = None
    while found := register.of(staff_number, limit=_PAGE, before=before):
        asked = questions.about(staff_number, [read.read_id for read in found])
        yield from (ReadShown.of(read, asked.get(read.read_id)) for read in found)
        before = found[-1].read_id

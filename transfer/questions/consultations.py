"""What a body that is consulted was given to know, what it is owed, and what came of meetings."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import cast

from transfer.access.identity import Caller
from transfer.access.reach import takes_part
from transfer.core.dating.instants import Instant
from transfer.core.refusals import NotOnRecord
from transfer.core.texts import folded
from transfer.core.words import OfferStatus
from transfer.log.envelope import Recorded
from transfer.procedures.consultation import facts as f
from transfer.procedures.consultation.kind import CONSULTATION
from transfer.procedures.consultation.sides import Sides
from transfer.procedures.facts import Fact
from transfer.questions.answer import Answer
from transfer.questions.procedures import Found, Looking


class Measures(Answer):
    """What the employer said that it means to do: on which day, and when that was recorded."""

    stated_on: date
    recorded_at: Instant
    measures: str
    document: str | None


class QuestionPut(Answer):
    """A question in writing; null where no answer is on record, which is owed."""

    question: str
    asked_by: tuple[str, ...]
    asked_on: date
    answered_on: date | None
    answer: str | None


class MeetingOfSides(Answer):
    """A meeting of the sides. `outcome` is null until one is on record; `missing` says that its day
    passed without one."""

    meeting_on: date
    called_on: date | None
    purpose: str | None
    outcome: str | None
    account: str | None
    missing: bool


class OfferMade(Answer):
    """What is on offer to everybody in scope: how it stands (`status`; `value` in the words of the
    rules) and from when on, by which clause and document, and when that was recorded.

    `delivered`: everybody has it, or may have it. What is off or conditional is not.
    """

    term: str
    status: OfferStatus
    value: str
    effective_from: date
    delivered: bool
    clause: str | None
    document: str | None
    recorded_at: Instant


class MyConsultation(Answer):
    """A consultation that the caller's body takes part in, and how that body answered last
    (`endorsed`; null: not yet). `offers` are the terms on offer, each as it stands."""

    id: str
    exercise: str | None
    agreement: str
    bodies: tuple[str, ...]
    opened_on: date
    endorsed: bool | None
    measures: tuple[Measures, ...]
    questions: tuple[QuestionPut, ...]
    meetings: tuple[MeetingOfSides, ...]
    offers: tuple[OfferMade, ...]


class MyConsultations(Answer):
    """The consultations that a body takes part in, by id, as known now. `body` is that of the
    token; null: it names none."""

    known_at: Instant
    body: str | None
    items: tuple[MyConsultation, ...]


def my_consultations(looking: Looking, caller: Caller) -> MyConsultations:
    """Those of a representative's body, as the token names it (claim `body`)."""
    found = (looking.find(CONSULTATION, id_) for id_ in _ids(looking))
    return MyConsultations(
        known_at=looking.known_at,
        body=caller.body,
        items=tuple(
            _shown(each, caller.body or "")
            for each in found
            if takes_part(caller, _sides(each).bodies)
        ),
    )


def my_consultation(looking: Looking, caller: Caller, id_: str) -> MyConsultation:
    """One of them. Raises `NotOnRecord` where the body takes no part in it, as where there is no
    such consultation."""
    try:
        found = looking.find(CONSULTATION, id_)
    except NotOnRecord:
        found = None
    if found is None or takes_part(caller, _sides(found).bodies) is None:
        raise NotOnRecord(f"no consultation {id_} on record")
    return _shown(found, caller.body or "")


def first_consulted(looking: Looking) -> str | None:
    """A body that is consulted, the first of the first consultation; `None`: there is none."""
    bodies = (_sides(looking.find(CONSULTATION, each)).bodies for each in _ids(looking))
    return next((body for each in bodies for body in each), None)


def _ids(looking: Looking) -> Iterator[str]:
    for matter, _ in looking.names(CONSULTATION, None):
        yield matter.partition(":")[2]


def _sides(found: Found) -> Sides:
    return cast("Sides", found.state.whole.substance)


def _shown(found: Found, body: str) -> MyConsultation:
    sides, opened = _sides(found), cast("f.ConsultationOpened", found.begun)
    said = {folded(name): endorses for name, endorses in sides.answered_by.items()}
    return MyConsultation(
        id=found.matter.partition(":")[2],
        exercise=None if opened.against is None else opened.against.partition(":")[2],
        agreement=opened.agreement,
        bodies=tuple(sides.bodies),
        opened_on=opened.happened_on,
        endorsed=said.get(folded(body)),
        measures=tuple(
            Measures(
                stated_on=fact.happened_on,
                recorded_at=each.recorded_at,
                measures=fact.measures,
                document=fact.basis.document,
            )
            for each in found.events
            if isinstance(fact := each.fact, f.MeasuresStated)
        ),
        questions=tuple(_questions(sides, found.events)),
        meetings=tuple(_meetings(sides, found.events)),
        offers=tuple(_offers(found.events)),
    )


def _questions(sides: Sides, events: Sequence[Recorded[Fact]]) -> Iterator[QuestionPut]:
    asked: dict[str, date] = {}
    answered: dict[str, date] = {}
    for each in events:
        match each.fact:
            case f.QuestionAsked() as fact:
                if answered.pop(fact.question, None) is not None:
                    asked.pop(fact.question)  # it is asked again, and owed from then on
                asked.setdefault(fact.question, fact.happened_on)
            case f.QuestionAnswered() as fact:
                answered[fact.question] = fact.happened_on
            case _:
                pass
    for question, on in asked.items():
        yield QuestionPut(
            question=question,
            asked_by=tuple(sorted(filter(None, sides.questions[question]))),
            asked_on=on,
            answered_on=answered.get(question),
            answer=sides.replies.get(question),
        )


def _meetings(sides: Sides, events: Sequence[Recorded[Fact]]) -> Iterator[MeetingOfSides]:
    called = {
        each.fact.meeting_on: each.fact for each in events if isinstance(each.fact, f.MeetingCalled)
    }
    for day in sorted({*called, *sides.held}):
        call, held = called.get(day), sides.held.get(day)
        yield MeetingOfSides(
            meeting_on=day,
            called_on=None if call is None else call.happened_on,
            purpose=None if call is None else call.purpose,
            outcome=None if held is None else held.outcome,
            account=None if held is None else held.account,
            missing=held is None and day in sides.missing,
        )


_STATUS: Mapping[type[f.CollectiveTermFact], OfferStatus] = {
    f.CollectiveTermGranted: OfferStatus.ON_OFFER,
    f.OfferRestored: OfferStatus.ON_OFFER,
    f.OfferMadeConditional: OfferStatus.CONDITIONAL,
    f.OfferReferredToConciliation: OfferStatus.REFERRED_TO_CONCILIATION,
    f.OfferWithdrawn: OfferStatus.NOT_ON_OFFER,
}


def _offers(events: Sequence[Recorded[Fact]]) -> Iterator[OfferMade]:
    """Each term as it was stated last, in the order in which they were first stated."""
    stated: dict[str, tuple[f.CollectiveTermFact, datetime]] = {}
    for each in events:
        if isinstance(each.fact, f.CollectiveTermFact):
            stated[each.fact.term] = (each.fact, each.recorded_at)
    for term, (fact, recorded_at) in stated.items():
        status = _STATUS[type(fact)]
        yield OfferMade(
            term=term,
            status=status,
            value=fact.value,
            effective_from=fact.effective_from,
            delivered=status is OfferStatus.ON_OFFER,
            clause=fact.basis.clause,
            document=fact.basis.document,
            recorded_at=recorded_at,
        )

"""What a consultation can be asked: how each offer stood on a day, on what authority, and how far
the agreement had come."""

from collections.abc import Iterable
from datetime import date

from transfer.core.matter.deciding import Asked
from transfer.core.matter.kind import Answer
from transfer.core.matter.words import Over
from transfer.core.refusals import Refused
from transfer.core.words import Basis, Frozen
from transfer.procedures.consultation import facts as f
from transfer.procedures.consultation.sides import Sides, sides_of


class OfferStood(Frozen):
    """How an offer stood for everybody in scope, from when, and on what authority.

    `said_on` is the day on which that happened, `learned_on` the later day on which the office
    learned of it. `employed_on` is the day on which one has to be employed to have it.
    """

    value: str
    effective_from: date
    effective_to: date | None
    employed_on: date | None
    said_on: date
    learned_on: date | None
    authority: Basis


class OfferAnswered(Frozen):
    """One offer: how it stood on the day, and how it had stood before."""

    term: str
    stood: OfferStood | None
    before: tuple[OfferStood, ...]


class OffersAnswered(Frozen):
    """Every offer of a consultation as it stood on a day."""

    offers: tuple[OfferAnswered, ...]
    basis: tuple[Basis, ...]


class BodySaid(Frozen):
    """What one body said of the agreement last, and how its members voted; `None`: not yet."""

    body: str
    endorses: bool | None
    since: date | None
    ballot: bool | None
    ballot_on: date | None


class MinutesKept(Frozen):
    """Where the minutes of a meeting are kept, and the SHA-256 of their file."""

    reference: str
    sha256: str
    filed_on: date


class MeetingAnswered(Frozen):
    """One meeting: what it came to, and its minutes; `None` where that is not on record."""

    meeting_on: date
    outcome: str | None
    minutes: MinutesKept | None


class EndorsementAnswered(Frozen):
    """How far the agreement had come.

    `endorsed` is whether every body endorses it; `None` while some have still to say. `referred_to`
    is with whom outside the sides are, until something comes of it.
    """

    agreement: str
    endorsed: bool | None
    bodies: tuple[BodySaid, ...]
    referred_to: str | None
    meetings: tuple[MeetingAnswered, ...]
    basis: tuple[Basis, ...]


def offers(asked: Asked) -> OffersAnswered:
    """How each offer stood on a day. Sources: TR-02, TR-06, and what the edition cites."""
    sides = _open(asked)
    found = []
    for term in dict.fromkeys(term for term, _ in sides.stated):
        stated = sorted(
            (
                each
                for each in sides.stated.values()
                if each.term == term and each.effective_from <= asked.on
            ),
            key=lambda each: each.effective_from,
        )
        stood = tuple(map(_stood, stated))
        last = stood[-1] if stood else None
        over = last is not None and last.effective_to is not None and last.effective_to <= asked.on
        found.append(
            OfferAnswered(
                term=term, stood=None if over else last, before=stood if over else stood[:-1]
            )
        )
    return OffersAnswered(
        offers=tuple(found),
        basis=_once(each.stood.authority for each in found if each.stood is not None),
    )


def agreement(asked: Asked) -> EndorsementAnswered:
    """How far the agreement had come. Sources: TR-02, TR-06b to TR-06d."""
    sides = _open(asked)
    days = sorted({*sides.called, *sides.held})
    opened = sides.opened
    return EndorsementAnswered(
        agreement="" if opened is None else opened.agreement,
        endorsed=sides.endorsed,
        bodies=tuple(_said(sides, body) for body in sides.bodies),
        referred_to=sides.referred_to,
        meetings=tuple(
            MeetingAnswered(
                meeting_on=day,
                outcome=sides.held[day].outcome if day in sides.held else None,
                minutes=_kept(sides.minutes.get(day)),
            )
            for day in days
        ),
        basis=_once(
            each.basis
            for each in (*([opened] if opened else []), *sides.said.values(), *sides.held.values())
        ),
    )


def _stood(fact: f.CollectiveTermFact) -> OfferStood:
    granted = fact if isinstance(fact, f.CollectiveTermGranted) else None
    return OfferStood(
        value=fact.value,
        effective_from=fact.effective_from,
        effective_to=None if granted is None else granted.effective_to,
        employed_on=None if granted is None else granted.employed_on,
        said_on=fact.happened_on,
        learned_on=fact.learned_on,
        authority=fact.basis,
    )


def _kept(filed: f.MinutesFiled | None) -> MinutesKept | None:
    if filed is None:
        return None
    return MinutesKept(reference=filed.reference, sha256=filed.sha256, filed_on=filed.happened_on)


def _said(sides: Sides, body: str) -> BodySaid:
    last, ballot = sides.said.get(body), sides.ballots.get(body)
    return BodySaid(
        body=body,
        endorses=sides.answered_by.get(body),
        since=last and last.happened_on,
        ballot=ballot and ballot.accepted,
        ballot_on=ballot and ballot.happened_on,
    )


def _once(bases: Iterable[Basis]) -> tuple[Basis, ...]:
    return tuple(dict.fromkeys(bases))


def _open(asked: Asked) -> Sides:
    sides = sides_of(asked.state)
    if sides.opened is None:
        raise Refused(f"no consultation was open on {asked.on}")
    return sides


ANSWERS = (
    Answer(
        "offers",
        Over.MATTER,
        "How each offer stood on a day, on what authority, and how it had stood before",
        OffersAnswered,
        offers,
    ),
    Answer(
        "agreement",
        Over.MATTER,
        "Who endorses the agreement, how members voted, what meetings came to and their minutes",
        EndorsementAnswered,
        agreement,
    ),
)

"""A person's history: every event on their stream, oldest first, as known at an instant.

Read straight from the log, so there is nothing here that could lag behind it. Facts hold no
personal data: names and words are read from the vault.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import Field

from projections.links_and_objections.projection import (
    Link,
    LinksAndObjections,
    everyone_linked,
    links_and_objections_among,
    row_of,
)
from transfer.core.dating.calendars import start_of_day_london
from transfer.core.dating.changing import Changing
from transfer.core.dating.differences import Stretch, value_of
from transfer.core.dating.effective_dating import Entries, Key, Kind, Period
from transfer.core.dating.instants import Instant
from transfer.core.matter import facts as t
from transfer.core.refusals import NotOnRecord
from transfer.core.streams import staff_stream
from transfer.core.words import MAIN, Attested, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.questions.answer import Answer, BasisShown, Clocked, absent, by_clock
from transfer.questions.attested import AttestedLog
from transfer.questions.links_and_objections import LinksAndObjectionsShown, LinkShown, Objections
from transfer.questions.names import name_given_by
from transfer.vault import Vault


class ValueChanged(Answer):
    """Days that read differently since an event, of one facet or term: old and new value.

    Null is no value. `effective_to` is excluded; null is open.
    """

    assignment: str | None = Field(None, exclude_if=absent)
    facet: Facet | None = Field(None, exclude_if=absent)
    term: str | None = Field(None, exclude_if=absent)
    effective_from: date
    effective_to: date | None
    before: str | None
    after: str | None


class HistoryItem(Answer):
    """One event with both its times, its actor and why.

    `type` is the fact's stored name and `fact` its content. `of` is the event that this one is
    about: the entry that a correction, annulment or objection names, the objection that is
    answered, the link that is undone, the fact of a decision that was made again or has no effect
    any more. `corrected_by` (the latest correction that is not itself
    annulled) and `annulled_by` say what became of this one, as known at the instant asked for.
    `replaced` is the event whose content it took the place of (or took away) when it was
    recorded, `replaced_by` the one that did so to it, unless its content was brought back since.
    `sentence` tells a fact of a procedure in plain words, where its kind has them. `changed` has
    every value that the event changed, on the days on which it did so: what the record said of them
    just before and just after. It is left out where nothing reads differently.
    `name` is the one that a registration or a naming gives, where it was asked for and the person's
    data was not erased.
    `objections` are what the person says of it; `staff_number` is there where `linked` was asked.
    """

    event_id: UUID
    version: int
    position: int = Field(exclude=True)
    type: str
    recorded_at: Instant
    recorded_on_log_at: Instant | None = Field(
        None,
        exclude_if=absent,
        description="Only by the attested clock, whose instant `recorded_at` is then: the log's.",
    )
    recorded_by: str
    effective_from: date | None
    effective_to: date | None
    reason: str | None
    basis: BasisShown | None
    of: UUID | None
    corrected_by: UUID | None
    annulled_by: UUID | None
    replaced: UUID | None
    replaced_by: UUID | None
    attested: Attested | None
    command_id: UUID
    correlation_id: UUID | None = Field(
        None,
        exclude_if=absent,
        description="What the request is followed by that led to this, also in the service's log "
        "and in what procedures did because of it. For administrators and auditors alone.",
    )
    causation_id: UUID | None
    # JSON has no narrower type.
    fact: dict[str, Any] = Field(description="The content; its shape follows from `type`.")
    sentence: str | None = Field(
        None, exclude_if=absent, description="A fact of a procedure in plain words."
    )
    name: str | None = Field(None, exclude_if=absent)
    changed: tuple[ValueChanged, ...] = Field((), exclude_if=absent)
    objections: Objections = Field((), exclude_if=absent)
    staff_number: str | None = Field(None, exclude_if=absent)


class History(Clocked):
    """One person's events, oldest first, as known at an instant.

    `linked` names the other staff numbers of the same person, where there are any.
    """

    staff_number: str
    known_at: Instant
    items: tuple[HistoryItem, ...]
    linked: tuple[LinkShown, ...] = Field((), exclude_if=absent)


class ReadsStreams(Protocol):
    """The part of the log that is needed here."""

    @property
    def known(self) -> KnownFacts:
        """The facts that the program has."""

    def read(
        self, stream: str, *, after: int = 0, up_to_recorded: datetime | None = None
    ) -> list[Recorded[Fact]]:
        """One stream's facts, oldest first."""


class ReadsManyStreams(Protocol):
    """The same, of many streams at once."""

    @property
    def known(self) -> KnownFacts:
        """The facts that the program has."""

    def read_many(
        self, streams: Sequence[str], *, up_to_recorded: datetime | None = None
    ) -> dict[str, list[Recorded[Fact]]]:
        """Many streams' facts, oldest first; every stream has its key."""


def history(
    log: ReadsStreams, staff_number: str, known_at: datetime | None = None
) -> tuple[HistoryItem, ...]:
    """Every event of a person recorded at or before an instant (all of them, if `None`).

    Raises `NotOnRecord` for a person whom the record did not know at that instant.
    """
    return history_of(events_of(log, staff_number, known_at), log.known)


def recorded_since(
    log: ReadsManyStreams, people: Sequence[str], since: date, known_at: datetime
) -> dict[str, tuple[HistoryItem, ...]]:
    """By staff number, the events that were recorded on a day in London or after it, the newest
    first.

    Raises `NotOnRecord` as `history` does.
    """
    begins = start_of_day_london(since)
    streams = log.read_many([staff_stream(each) for each in people], up_to_recorded=known_at)
    found: dict[str, tuple[HistoryItem, ...]] = {}
    for number in people:
        events = streams[staff_stream(number)]
        if not events:
            raise NotOnRecord(f"{number} was not on record at {known_at.isoformat()}")
        # Of most nothing is new, and then nothing has to be folded.
        items = history_of(events, log.known) if events[-1].recorded_at >= begins else ()
        found[number] = tuple(each for each in reversed(items) if each.recorded_at >= begins)
    return found


def events_of(
    log: ReadsStreams, staff_number: str, known_at: datetime | None = None
) -> Sequence[Recorded[Fact]]:
    """The same as they are in the log; raises as `history` does."""
    events = log.read(staff_stream(staff_number), up_to_recorded=known_at)
    if not events:
        when = "" if known_at is None else f" at {known_at.isoformat()}"
        raise NotOnRecord(f"{staff_number} was not on record{when}")
    return events


def history_of(
    events: Sequence[Recorded[Fact]], known: KnownFacts, *, correlated: bool = False
) -> tuple[HistoryItem, ...]:
    """The items of a stream's events, `correlated` with their correlation ids; what is not among
    them was not known."""
    annulled: dict[UUID, UUID] = {}
    corrections: dict[UUID, list[UUID]] = {}
    for event in events:
        upon = known.upon(event.fact)
        if upon is not None and upon.annuls:
            annulled[upon.fact] = event.event_id
        elif upon is not None:
            corrections.setdefault(upon.fact, []).append(event.event_id)
        if isinstance(event.fact, t.Undone):
            for undone in event.fact.facts:
                annulled.setdefault(undone, event.event_id)
    done = _effects(events, known)
    return tuple(
        _item(
            event,
            known,
            correlated=correlated,
            replaced=done.replaced.get(event.event_id),
            replaced_by=done.replaced_by.get(event.event_id),
            changed=tuple(done.changed.get(event.event_id, ())),
            annulled_by=annulled.get(event.event_id),
            corrected_by=next(
                (
                    correction
                    for correction in reversed(corrections.get(event.event_id, []))
                    if correction not in annulled
                ),
                None,
            ),
        )
        for event in events
    )


@dataclass(frozen=True, slots=True)
class _Effects:
    """By event: whose content it took the place of, which took its place in the end, and what it
    changed."""

    replaced: dict[UUID, UUID] = field(default_factory=dict)
    replaced_by: dict[UUID, UUID] = field(default_factory=dict)
    changed: dict[UUID, list[ValueChanged]] = field(default_factory=dict)


def _effects(events: Sequence[Recorded[Fact]], known: KnownFacts) -> _Effects:
    book = Entries()
    done = _Effects()
    stated: defaultdict[Key, Changing] = defaultdict(Changing)
    for event in events:
        entry = known.entry_of(event.event_id, event.recorded_at, event.fact)
        if entry is None:
            continue
        before = None if entry.of is None else book.content_in_place_of(entry.of)
        touched = book.add(entry)
        after = book.content_in_place_of(entry.event_id)
        if before is not None and before != after:
            done.replaced[event.event_id] = before.event_id
            done.replaced_by[before.event_id] = event.event_id
        if after is not None:
            done.replaced_by.pop(after.event_id, None)
        original = book.original(event.event_id)
        for key in sorted(touched, key=_in_order):
            for each in stated[key].put(original, book.stated_by(key, original)):
                done.changed.setdefault(event.event_id, []).append(_changed(key, each))
    return done


_FACETS = tuple(Facet)


def _in_order(key: Key) -> tuple[bool, str, int, str]:
    """Facets as they are always listed, the main job's first; then terms."""
    if key.kind is Kind.TERM:
        return True, "", 0, key.name
    return (
        False,
        "" if key.assignment == MAIN else key.assignment,
        _FACETS.index(Facet(key.name)),
        "",
    )


def _changed(key: Key, stretch: Stretch[Period]) -> ValueChanged:
    is_facet = key.kind is Kind.FACET
    return ValueChanged(
        assignment=key.assignment if is_facet else None,
        facet=Facet(key.name) if is_facet else None,
        term=None if is_facet else key.name,
        effective_from=stretch.effective_from,
        effective_to=stretch.effective_to,
        before=value_of(stretch.before),
        after=value_of(stretch.after),
    )


def _item(
    event: Recorded[Fact],
    known: KnownFacts,
    *,
    correlated: bool,
    annulled_by: UUID | None,
    corrected_by: UUID | None,
    replaced: UUID | None,
    replaced_by: UUID | None,
    changed: tuple[ValueChanged, ...],
) -> HistoryItem:
    fact = event.fact
    upon = known.upon(fact)
    effective_from, effective_to = _days(fact, known)
    return HistoryItem(
        event_id=event.event_id,
        version=event.version,
        position=event.position,
        type=known.stored_name(fact),
        recorded_at=event.recorded_at,
        recorded_by=event.recorded_by,
        effective_from=effective_from,
        effective_to=effective_to,
        # Facts differ in which of these they have.
        of=getattr(fact, "of", None) if upon is None else upon.fact,
        reason=getattr(fact, "reason", None),
        basis=getattr(fact, "basis", None),
        attested=event.attested,
        command_id=event.command_id,
        correlation_id=event.correlation_id if correlated else None,
        causation_id=event.causation_id,
        annulled_by=annulled_by,
        corrected_by=corrected_by,
        replaced=replaced,
        replaced_by=replaced_by,
        changed=changed,
        fact=fact.model_dump(mode="json"),
        sentence=known.sentence(fact),
    )


def _days(fact: Fact, known: KnownFacts) -> tuple[date | None, date | None]:
    """The days that a fact is about: those that it names, or of one of a kind that states dated
    values all of theirs together."""
    pieces = known.pieces_of(fact) if isinstance(fact, t.MatterFact) else ()
    if not pieces:
        return getattr(fact, "effective_from", None), getattr(fact, "effective_to", None)
    ends = [piece.effective_to for piece in pieces if piece.effective_to is not None]
    end = max(ends) if len(ends) == len(pieces) else None
    return min(piece.effective_from for piece in pieces), end


def full_history(
    log: ReadsStreams,
    vault: Vault,
    number: str,
    known_at: datetime,
    *,
    interleaved: bool = False,
    among: Collection[str] | None = None,
    name: bool = False,
    correlated: bool = False,
) -> History:
    """A person's history, as known at an instant; `interleaved` with those of linked numbers, as
    far as they are `among` these. With `name`, an entry that gives one tells it; `correlated`,
    every entry tells its correlation id.

    By the attested clock, where `log` is read by it.

    Raises `NotOnRecord` for a person whom the record did not know at that instant.
    """
    events = events_of(log, number, known_at)
    own = remarks_among(events)
    links = everyone_linked(number, own.links, lambda them: _links_on(log, them, known_at))
    noted = LinksAndObjectionsShown.of(vault, number, LinksAndObjections(links, own.objections))
    by_attested = log if isinstance(log, AttestedLog) else None
    named = number if interleaved else None
    names = _names_of(vault, number, events) if name else {}
    found = list(
        _shown(
            history_of(events, log.known, correlated=correlated), noted, names, by_attested, named
        )
    )
    for link in links if interleaved else ():
        if among is not None and link.staff_number not in among:
            continue
        theirs = events_of(log, link.staff_number, known_at)
        beside_theirs = LinksAndObjectionsShown.of(vault, link.staff_number, remarks_among(theirs))
        items = history_of(theirs, log.known, correlated=correlated)
        names = _names_of(vault, link.staff_number, theirs) if name else {}
        found += _shown(items, beside_theirs, names, by_attested, link.staff_number)
    found.sort(key=lambda each: (each.recorded_at, each.position))
    return History(
        **by_clock(by_attested),
        staff_number=number,
        known_at=known_at,
        items=tuple(found),
        linked=noted.linked,
    )


def _shown(
    items: Iterable[HistoryItem],
    noted: LinksAndObjectionsShown,
    names: Mapping[UUID, str],
    by_attested: AttestedLog | None,
    staff_number: str | None,
) -> Iterator[HistoryItem]:
    """The items with what stands beside the record, and on which record they are."""
    for item in items:
        on_log_at = None if by_attested is None else by_attested.on_log_at(item.event_id)
        yield item.model_copy(
            update={
                "recorded_on_log_at": on_log_at,
                "name": names.get(item.event_id),
                "objections": noted.to(item.event_id),
                "staff_number": staff_number,
            }
        )


def _names_of(vault: Vault, number: str, events: Iterable[Recorded[Fact]]) -> Mapping[UUID, str]:
    """By event, the name that it gives."""
    personal = vault.get(number)
    given = ((each.event_id, name_given_by(personal, each.event_id, each.fact)) for each in events)
    return {event_id: name for event_id, name in given if name is not None}


def _links_on(log: ReadsStreams, numbers: Sequence[str], known_at: datetime) -> Iterable[Link]:
    for number in numbers:
        events = log.read(staff_stream(number), up_to_recorded=known_at)
        yield from remarks_among(events).links


def remarks_among(events: Iterable[Recorded[Fact]]) -> LinksAndObjections:
    """What stands beside a record after these events of it, in order."""
    return links_and_objections_among(row for event in events if (row := row_of(event)) is not None)

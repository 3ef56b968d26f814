"""Random histories of one person, both as facts on record and as the oracle hears them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

from hypothesis import strategies as st

from tests.oracle import Name, Oracle, Said
from transfer.core.record.staff import (
    EntryAnnulled,
    EntryCorrected,
    PositionChanged,
    StaffRegistered,
    TermEnded,
    TermGranted,
)
from transfer.core.streams import staff_stream
from transfer.core.words import MAIN, Facet
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact

STAFF = "S1"
_FIRST_DAY = date(2014, 1, 1)
_FIRST_INSTANT = datetime(2014, 2, 1, 9, tzinfo=UTC)
_NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
_SECOND_JOB = "evenings"
_NO_VALUE = None


@dataclass(frozen=True)
class History:
    """One person's commands in order: the facts of each, and what they say."""

    facts: tuple[tuple[Fact, ...], ...]
    said: tuple[tuple[Said, ...], ...]

    @property
    def oracle(self) -> Oracle:
        """The slow reading of it."""
        return Oracle([each for command in self.said for each in command])

    @property
    def instants(self) -> list[datetime]:
        """Every instant at which the record learned something."""
        return [command[0].recorded_at for command in self.said]


def event_id(number: int) -> UUID:
    """The id of a history's event by its place in the log, from 1."""
    return uuid5(_NAMESPACE, str(number))


def instant(number: int) -> datetime:
    """The instant of a history's command by its place, from 0."""
    return _FIRST_INSTANT + timedelta(hours=number)


def recorded(
    stream: str, version: int, position: int, recorded_at: datetime, fact: Fact
) -> Recorded[Fact]:
    """A fact on record, for folds that are tested without a log."""
    return Recorded(
        stream=stream,
        version=version,
        event_id=event_id(position),
        position=position,
        recorded_at=recorded_at,
        recorded_by="test",
        command_id=uuid5(_NAMESPACE, recorded_at.isoformat()),
        causation_id=None,
        correlation_id=uuid5(_NAMESPACE, recorded_at.isoformat()),
        attested=None,
        fact=fact,
    )


def on_record(commands: Sequence[tuple[Fact, ...]], staff: str = STAFF) -> list[Recorded[Fact]]:
    """The commands' facts as one person's stream, each command at its instant."""
    events: list[Recorded[Fact]] = []
    for number, facts in enumerate(commands):
        for fact in facts:
            place = len(events) + 1
            events.append(recorded(staff_stream(staff), place, place, instant(number), fact))
    return events


_values = st.sampled_from(["a", "b", "c", _NO_VALUE])
_facets = st.sampled_from([Facet.EMPLOYER, Facet.BAND])
_assignments = st.sampled_from([MAIN, MAIN, MAIN, _SECOND_JOB])
_starts = st.integers(0, 12).map(lambda n: _FIRST_DAY + timedelta(days=n))
_acts = st.sampled_from(["change", "change", "term", "correct", "correct", "annul"])
_lengths = st.one_of(st.none(), st.integers(1, 8).map(lambda n: timedelta(days=n)))


def _facet_names(assignment: str, values: dict[Facet, str | None]) -> dict[Name, str | None]:
    return {("facet", assignment, facet.value): value for facet, value in values.items()}


@st.composite
def histories(draw: st.DrawFn, commands: int = 8) -> History:
    """Registration, then commands of one to three changes, terms, corrections and annulments."""
    said: list[list[Said]] = []
    facts: list[list[Fact]] = []
    nameable: list[int] = []
    originals_registered: set[int] = set()
    number = 0

    def say(fact: Fact, **content: object) -> None:
        nonlocal number
        number += 1
        at = instant(len(said) - 1)
        said[-1].append(Said(event_id(number), at, **content))  # type: ignore[arg-type]  # by name
        facts[-1].append(fact)

    for command in range(draw(st.integers(1, commands))):
        said.append([])
        facts.append([])
        if command == 0:
            start = draw(_starts)
            position = draw(st.dictionaries(_facets, _values, max_size=2))
            say(
                StaffRegistered(staff_number=STAFF, effective_from=start, position=position),
                values=_facet_names(MAIN, position),
                effective_from=start,
            )
            nameable.append(number)
            originals_registered.add(number)
        for _ in range(draw(st.integers(0 if command == 0 else 1, 3))):
            what = draw(
                st.sampled_from(["change", "change", "term", "correct", "correct", "annul"])
            )
            if what in ("correct", "annul") and not nameable:
                what = "change"
            start = draw(_starts)
            length = draw(_lengths)
            end = None if length is None else start + length
            if what == "change":
                assignment = draw(_assignments)
                changes = draw(st.dictionaries(_facets, _values, min_size=1, max_size=2))
                say(
                    PositionChanged(
                        effective_from=start,
                        effective_to=end,
                        assignment=assignment,
                        changes=changes,
                        reason="r",
                    ),
                    values=_facet_names(assignment, changes),
                    effective_from=start,
                    effective_to=end,
                )
                nameable.append(number)
            elif what == "term":
                value = draw(_values)
                fact: Fact = (
                    TermEnded(term="t", effective_from=start, effective_to=end, reason="r")
                    if value is None
                    else TermGranted(
                        term="t", value=value, effective_from=start, effective_to=end, reason="r"
                    )
                )
                say(
                    fact,
                    values={("term", "", "t"): value},
                    effective_from=start,
                    effective_to=end,
                )
                nameable.append(number)
            elif what == "correct":
                named = draw(st.sampled_from(nameable))
                if named in originals_registered:
                    end = None
                assignment = draw(_assignments)
                changes = draw(st.dictionaries(_facets, _values, max_size=2))
                terms = draw(st.dictionaries(st.just("t"), _values, max_size=1))
                say(
                    EntryCorrected(
                        of=event_id(named),
                        effective_from=start,
                        effective_to=end,
                        assignment=assignment,
                        changes=changes,
                        terms=terms,
                        reason="r",
                    ),
                    of=event_id(named),
                    values=_facet_names(assignment, changes)
                    | {("term", "", term): value for term, value in terms.items()},
                    effective_from=start,
                    effective_to=end,
                )
                if named in originals_registered:
                    originals_registered.add(number)
                nameable.append(number)
            else:
                named = draw(st.sampled_from(nameable))
                nameable.remove(named)
                say(EntryAnnulled(of=event_id(named), reason="r"), of=event_id(named), annuls=True)
    return History(tuple(map(tuple, facts)), tuple(map(tuple, said)))

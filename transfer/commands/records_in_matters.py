"""What changes in procedures when somebody's record does: decisions that rested on it.

A decision reads the record of the person as it is known now: who employs them, their role and band,
what their return says. Once that is put right, or a leaving is entered with an earlier day, every
decision of theirs is made again on the record as it then is; each that would state something else
is to be settled, in the very command that changed the record. So a correction is never refused
because of what was decided, and never silently contradicts it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.commands.matters import stream_of
from transfer.commands.office import Act, Following, Office, Person
from transfer.core.dating.calendars import date_in_london
from transfer.core.matter import late
from transfer.core.matter.late import Done
from transfer.core.matter.replaying import World
from transfer.core.record.evidence import EvidenceReturned
from transfer.core.record.names import StaffNamed
from transfer.core.record.staff import EntryAnnulled, EntryCorrected
from transfer.core.refusals import NotOnRecord, Refused, StaleVersion
from transfer.core.streams import staff_stream
from transfer.log.envelope import Recorded
from transfer.procedures.facts import Fact

AT_ONCE = 500
"""People whose records are read in one query."""


class RecordsInMatters:
    """Considers people's decisions again when their record changes; safe among threads.

    It is what an `Office` is given as `reconsiders`.
    """

    def __init__(self, office: Office, worlds: Worlds) -> None:
        self._office = office
        self._worlds = worlds

    def __call__(
        self, people: Sequence[Person], new: Sequence[Recorded[Fact]], act: Act
    ) -> Following:
        """What is to be settled for those of these people whose decisions may have rested on what
        is new of their record, on the day that it is by the record's own clock."""
        added: dict[str, list[Recorded[Fact]]] = {}
        versions: dict[str, int] = {}
        for recorded in new:
            versions.setdefault(recorded.stream, recorded.version - 1)
            if self._is_read(recorded):
                added.setdefault(recorded.stream, []).append(recorded)
        concerned = [each for each in people if staff_stream(each.staff_number) in added]
        if not concerned:
            return Following()
        today = self._today(act)
        done = Done(by=act.by, today=today, happened_on=today)
        loaded = Loaded()
        found = late.reconsider_each(
            self._now_and_before(loaded, concerned, added, versions),
            because_of=_because_of(each.fact for of_one in added.values() for each in of_one),
            done=done,
        )
        return _to_append(found, loaded, set(versions))

    def _is_read(self, new: Recorded[Fact]) -> bool:
        """Whether any decision reads it: a dated value, or evidence. A link or a name is not read
        by any."""
        if isinstance(new.fact, EvidenceReturned):
            return True
        if isinstance(new.fact, StaffNamed):
            return False
        return self._office.known.entry_of(new.event_id, new.recorded_at, new.fact) is not None

    def _now_and_before(
        self,
        loaded: Loaded,
        people: Sequence[Person],
        added: Mapping[str, Sequence[Recorded[Fact]]],
        versions: Mapping[str, int],
    ) -> Iterator[tuple[World, World]]:
        for start in range(0, len(people), AT_ONCE):
            chunk = people[start : start + AT_ONCE]
            streams = [staff_stream(person.staff_number) for person in chunk]
            self._worlds.read_many(loaded, streams)
            for person, stream in zip(chunk, streams, strict=True):
                if loaded.version(stream) != versions[stream]:
                    raise StaleVersion(f"{stream} has moved on", stream=stream)
                matter = min(filter(self._office.known.kind, person.matters), default=None)
                if matter is not None:
                    own = [*self._worlds.read(loaded, stream), *added[stream]]
                    changed = replace(loaded, streams={**loaded.streams, stream: own})
                    number = person.staff_number
                    try:
                        before = self._worlds.world(loaded, matter, number)
                        after = self._worlds.world(changed, matter, number)
                    except (NotOnRecord, Refused):
                        # A procedure that cannot be read stops itself alone, and is seen to be in
                        # trouble; the record goes on.
                        continue
                    yield after, before
            loaded.forget(streams)

    def _today(self, act: Act) -> date:
        return date_in_london(act.at or self._office.log.clock.read().now)


def _to_append(found: Sequence[late.New], loaded: Loaded, written: set[str]) -> Following:
    new = [(stream_of(each), each.fact) for each in found]
    reads = loaded.reads(written | {stream for stream, _ in new})
    return Following([(stream, loaded.version(stream), fact) for stream, fact in new], reads)


def _because_of(facts: Iterable[Fact]) -> str:
    if any(isinstance(fact, EntryCorrected | EntryAnnulled) for fact in facts):
        return "a correction of the record"
    return "an entry on the record"

"""The steps that fall due in procedures of any kind: what a workflow asks for and does.

    due = DueSteps(office, worlds)
    due.take_due(act, "desk-move:spring", today=…)

Each step decides anew from the log whether it is still to be taken, so that asking twice, late, or
for a date that has moved meanwhile does no harm.
"""

from collections.abc import Callable, Sequence
from datetime import date

from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.commands.matters import CHUNK, record
from transfer.commands.office import Act, Office
from transfer.core.matter import clock
from transfer.core.matter.folding import State
from transfer.core.matter.kind import Seen, Step
from transfer.core.matter.late import New
from transfer.core.matter.replaying import World, dues_of, replay, standing
from transfer.core.matter.words import JsonObject, Nature, Over
from transfer.core.streams import staff_stream
from transfer.log.envelope import Receipt


class DueSteps:
    """The steps of every kind of procedure; safe among threads."""

    def __init__(self, office: Office, worlds: Worlds) -> None:
        self._office = office
        self._worlds = worlds

    def take_for_person(self, act: Act, matter: str, person: str, *, today: date) -> Receipt | None:
        """Take the next step of the clock that is due to one person; `None` where none is."""

        def decide(loaded: Loaded) -> tuple[New, ...]:
            return clock.take(self._worlds.world(loaded, matter, person), today=today)

        return self._record(act, matter, decide)

    def take_due(
        self,
        act: Act,
        matter: str,
        *,
        today: date,
        given: Callable[[Step], JsonObject] = lambda _: {},
        progress: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> int:
        """Take everything that is due by today: of the matter, its groups and all its people.

        `given` is what a step over several people is given beside what it sees of each (a seed).
        Each chunk of people is decided by the matter as it then is; one that is broken off is
        simply run again. Answers how many commands wrote something.
        """
        wrote = 0
        while True:
            here = self._take_whole(act, matter, today, given, wrote)
            here += self._take_people(act, matter, today, progress, wrote + here)
            if not here:
                here = self._note_through(act, matter, today, wrote)
            if not here:
                return wrote
            wrote += here

    def next_day(self, matter: str, person: str | None = None) -> date | None:
        """The day on which the clock has something to do next, as things stand; `None`: never,
        as things stand, or nothing while something is to be settled."""
        world = self._worlds.world(Loaded(), matter, person)
        if world.held_by:
            return None
        state = standing(world)[matter]
        if state.is_over:
            return None
        book = state.book
        found = book.of(state.whom) if person is not None else book.everything()
        days = [
            day
            for due in found
            if due.nature is Nature.ACT and due.is_open and (day := book.days(due)[0]) is not None
        ]
        return min(days, default=None)

    # --- the clock -----------------------------------------------------------------------------

    def _take_whole(
        self,
        act: Act,
        matter: str,
        today: date,
        given: Callable[[Step], JsonObject],
        n: int,
    ) -> int:
        def decide(loaded: Loaded) -> tuple[New, ...]:
            world = self._worlds.world(loaded, matter, None)
            taken = clock.take(world, today=today)
            return taken or self._over_several(loaded, world, matter, today, given)

        return int(self._record(act.part("whole", str(n)), matter, decide) is not None)

    def _over_several(
        self,
        loaded: Loaded,
        world: World,
        matter: str,
        today: date,
        given: Callable[[Step], JsonObject],
    ) -> tuple[New, ...]:
        state = standing(world, today)[matter]
        for step in state.kind.steps:
            several = step.several
            for due in () if several is None else tuple(dues_of(state, step)):
                day = state.book.days(due)[0]
                if several is None or day is None or day > today:
                    continue
                people: dict[str, Seen] = {}
                for person in self._worlds.people(matter, state):
                    theirs = replay(self._worlds.world(loaded, matter, person), today).states[
                        matter
                    ]
                    among = due.slot.group in (None, theirs.group)
                    sees = several.sees(theirs) if among and not theirs.is_over else None
                    if sees is not None:
                        people[person] = sees
                new = clock.take_over_several(
                    world,
                    matter=matter,
                    step=step.name,
                    group=due.slot.group,
                    people=people,
                    inputs=given(step),
                    today=today,
                    about=due.slot.about,
                )
                if new:
                    return new
        return ()

    def _take_people(
        self,
        act: Act,
        matter: str,
        today: date,
        progress: Callable[[int, int], None],
        n: int,
    ) -> int:
        people = self._worlds.people(matter, self._state(matter))
        wrote = 0
        for start in range(0, len(people), CHUNK):
            chunk = people[start : start + CHUNK]

            def decide(loaded: Loaded, chunk: Sequence[str] = chunk) -> tuple[New, ...]:
                # The matter's level is folded once, and shared by everybody in the chunk.
                whole = standing(self._worlds.world(loaded, matter, None), today)
                levels = {name: state.whole for name, state in whole.items()}
                self._worlds.read_many(loaded, [staff_stream(person) for person in chunk])
                found: list[New] = []
                for person in chunk:
                    world = self._worlds.world(loaded, matter, person)
                    if world.kinds.keys() == levels.keys():
                        found += clock.take_with_group(world, levels, today=today)
                    else:
                        found += clock.take(world, today=today)
                return tuple(found)

            piece = act.part("people", str(n), str(start))
            wrote += self._record(piece, matter, decide) is not None
            progress(min(start + CHUNK, len(people)), len(people))
        return wrote

    def _note_through(self, act: Act, matter: str, today: date, n: int) -> int:
        state = self._state(matter)
        wrote = 0
        for group in sorted(set(state.book.group_of.values())):
            for step in state.kind.steps:
                if step.act.over is not Over.PERSON:
                    continue

                def decide(
                    loaded: Loaded, group: str = group, step: Step = step
                ) -> tuple[New, ...]:
                    world = self._worlds.world(loaded, matter, None)
                    return clock.through(
                        world, matter=matter, step=step.name, group=group, counts={}, today=today
                    )

                piece = act.part("through", str(n), group, step.name)
                wrote += self._record(piece, matter, decide) is not None
        return wrote

    def _state(self, matter: str) -> State:
        return standing(self._worlds.world(Loaded(), matter, None))[matter]

    def _record(
        self, act: Act, matter: str, decide: Callable[[Loaded], tuple[New, ...]]
    ) -> Receipt | None:
        return record(self._office, self._worlds, act, matter, decide)

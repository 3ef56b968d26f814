"""A move of desks on a real log: two groups and their people, and everything that is done in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any

from tests.core.matter.desks import DESKS, DRAW, MATTER, Desk, Draw, Rules, desk_of, draw
from transfer.commands.due_steps import DueSteps, Following
from transfer.commands.matter_worlds import RulesFor, Worlds
from transfer.commands.matters import Asking, Matters
from transfer.commands.office import Act, Office, key_id
from transfer.core.dating.calendars import morning_in_london
from transfer.core.matter import facts as t
from transfer.core.matter.deciding import Case, RulesOfMatter
from transfer.core.matter.facts import MatterBegun
from transfer.core.matter.kind import Kind
from transfer.core.matter.words import Settlement, Whom
from transfer.core.record.staff import StaffRegistered
from transfer.core.refusals import Refused
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.application import Log, open_log
from transfer.log.envelope import Receipt, Recorded
from transfer.procedures.facts import Fact
from transfer.procedures.known_facts import KnownFacts
from transfer.vault import Vault

D = date
EVERYBODY = frozenset({"admin", "staff", "panel"})
BEGUN = D(2014, 1, 6)
DRAWN = D(2014, 1, 20)
LETTERS = D(2014, 2, 1)
CONFIRMED = D(2014, 2, 12)
MOVED = D(2014, 4, 1)


def known(kind: Kind = DESKS) -> KnownFacts:
    """A program that has this kind alone."""
    return KnownFacts((kind,))


def rules_of(rules: Rules) -> RulesFor:
    """The same rules for every matter."""

    def rules_for(_kind: Kind, begun: MatterBegun, _root: MatterBegun) -> RulesOfMatter:
        if begun.edition != "desks-1":
            raise Refused(f"there is no edition {begun.edition}")
        return rules

    return rules_for


def noon(on: date) -> datetime:
    """Twelve o'clock UTC on a day."""
    return datetime.combine(on, time(12), tzinfo=UTC)


def draw_or_refuse(case: Case, needs: Draw) -> tuple[t.MatterFact, ...]:
    """A draw among nobody is none."""
    if not needs.people:
        raise Refused("there is nobody to draw for", clause="DK-7")
    return draw(case, needs)


STRICT_DRAW = replace(DRAW, decide=draw_or_refuse)
STRICT = replace(
    DESKS,
    acts=tuple(STRICT_DRAW if act is DRAW else act for act in DESKS.acts),
    steps=tuple(
        replace(step, act=STRICT_DRAW) if step.act is DRAW else step for step in DESKS.steps
    ),
)
"""A kind in which a draw may be refused."""


@dataclass
class Scene:
    """One move of desks, and what is done in it."""

    office: Office
    matters: Matters
    due: DueSteps
    matter: str = MATTER
    has_clock: bool = False
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def log(self) -> Log[Fact]:
        return self.office.log

    def as_act(self, today: date) -> Act:
        """An act of the office, at noon of a day where the record's clock is simulated."""
        number = str(next(self.numbers))
        at = noon(today) if self.has_clock else None
        return Act(by="office", command_id=key_id("desks", number), at=at, request=number)

    def register(self, *people: str, floor: str = "2") -> None:
        """People who work on a floor."""
        new = [
            (
                staff_stream(person),
                0,
                StaffRegistered(
                    staff_number=person,
                    effective_from=D(2010, 1, 1),
                    position={Facet.WORKPLACE: floor},
                ),
            )
            for person in people
        ]
        self.office.append(new, self.as_act(BEGUN))

    def begin(self, on: date = BEGUN, edition: str = "desks-1") -> None:
        """The move begins; desks move on 1 April."""
        asking = Asking("office", on, frozenset({"admin"}))
        self.matters.begin(
            self.as_act(on), asking, self.matter, Rules(), inputs={"edition": edition}
        )
        self.do(on, "fix-day", milestone="move", on=str(MOVED))

    def plan(self, group: str, people: Sequence[str], *, draw: bool = False) -> None:
        """A group whose letters go out on 1 February; everybody goes to the third floor, or there
        is a draw."""
        self.do(
            BEGUN,
            "plan-group",
            group=group,
            people=list(people),
            letters_on=str(LETTERS),
            draw_on=str(DRAWN) if draw else None,
        )
        for person in () if draw else people:
            self.do(BEGUN, "propose", person, floor="3")

    def do(
        self,
        today: date,
        what: str,
        person: str | None = None,
        *,
        happened_on: date | None = None,
        by: str = "office",
        roles: frozenset[str] = EVERYBODY,
        **inputs: object,
    ) -> Receipt | None:
        """An act of somebody."""
        return self.matters.do(
            self.as_act(today),
            Asking(by, today, roles),
            self.matter,
            what,
            person=person,
            happened_on=happened_on,
            inputs=inputs,
        )

    def settle(self, today: date, how: Settlement, person: str | None = None) -> None:
        """Settle everything that is to be settled of somebody."""
        for decision in self.matters.duties(self.matter, person):
            asking = Asking("settler", today, EVERYBODY)
            self.matters.settle(
                self.as_act(today), asking, self.matter, decision, how, reason="seen", person=person
            )

    def run(self, today: date) -> int:
        """Everything that is due by a day, of all procedures."""
        return self.due.take_due(self.as_act(today), self.matter, today=today)

    def whom(self, group: str | None = None, person: str | None = None) -> Whom:
        """The matter, one of its groups, or one person in it."""
        return Whom(self.matter, group, person)

    def take(
        self,
        today: date,
        group: str | None = None,
        person: str | None = None,
        progress: Callable[[int, int], None] = lambda _done, _of: None,
    ) -> int:
        """What one procedure takes."""
        return self.due.take(self.as_act(today), self.whom(group, person), today, progress)

    def following(
        self, today: date, group: str | None = None, person: str | None = None
    ) -> Following | None:
        """What one procedure waits for."""
        return self.due.following(self.whom(group, person), today)

    def waits(
        self, today: date, group: str | None = None, person: str | None = None
    ) -> tuple[str, date | None] | None:
        """The same, as a pair."""
        found = self.following(today, group, person)
        return None if found is None else (found.step, found.day)

    def desk(self, person: str) -> Desk:
        """How far somebody is."""
        return desk_of(self.matters.state(self.matter, person))

    def duties(self, person: str | None) -> list[str]:
        """Which steps are to be settled."""
        return sorted(duty.step for duty in self.matters.duties(self.matter, person).values())

    def says(self, person: str) -> list[str]:
        """The person's history in plain words, without what they were registered with."""
        events = self.log.read(staff_stream(person))
        known = self.due.worlds.known
        return [sentence for each in events if (sentence := known.sentence(each.fact))]

    def facts(self, fact: type[Fact]) -> list[Recorded[Any]]:
        """The facts of a kind, in the log's order."""
        return list(self.log.page(0, 100_000, [self.due.worlds.known.names[fact]]))


def scene_on(log: Log[Fact], rules: Rules | RulesFor | None = None) -> Scene:
    """The office of a log, with nothing in it."""
    office = Office(log, Vault(log.connection, bytes(32)))
    find = rules_of(rules or Rules()) if rules is None or isinstance(rules, Rules) else rules
    worlds = Worlds(office, find)
    return Scene(office, Matters(office, worlds), DueSteps(office, worlds))


@contextmanager
def desk_scene(
    database_url: str,
    kind: Kind = DESKS,
    rules: Rules | RulesFor | None = None,
    *,
    alone: Sequence[str] = ("S1",),
    drawn: Sequence[str] = ("S3", "S4"),
    simulated: bool = False,
    practice_on: date | None = None,
    pool_size: int = 8,
) -> Iterator[Scene]:
    """Group A, whose people go to the third floor; and group B, for whom there is a draw."""
    facts = known(kind)
    log = open_log(database_url, known=facts, pool_size=pool_size)
    scene = scene_on(log, rules)
    if simulated:
        log.clock.simulate()
        scene.has_clock = True
    if practice_on is not None:
        log.begin_practice(morning_in_london(practice_on))
    scene.register(*alone, *drawn)
    scene.begin()
    scene.plan("A", alone)
    scene.plan("B", drawn, draw=True)
    yield scene
    log.close()


__all__ = ["DESKS", "MATTER", "STRICT", "Rules", "Scene", "desk_scene", "known", "scene_on"]

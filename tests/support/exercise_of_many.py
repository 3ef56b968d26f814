"""An exercise of 2013 of as many people as one likes, on a simulated clock from day to day."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from fastapi import FastAPI
from fastapi.routing import APIRoute

from transfer.app import Record
from transfer.commands.exercises import exercise_matter
from transfer.commands.matters import Asking
from transfer.commands.office import Act, key_id
from transfer.core.dating.calendars import start_of_day_london
from transfer.imports.staff_return import import_return as imports
from transfer.imports.staff_return.sample import sample_return
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import BindingRules, binding

NAME = "tr-2013"
MATTER = exercise_matter(NAME)
ROLES = frozenset({"admin", "panel", "staff"})
_ROUTES = ("/exercises/{exercise}", "/exercises/{id}")
_FORM = f"/procedures/exercise/{NAME}/acts/form-group"
LETTERS, APPEALED = date(2013, 12, 2), date(2013, 12, 4)


@dataclass
class Times:
    """How long each part took, in seconds, and how much of the processors the program itself used
    from the part before on; said as it goes, unless `says` is false."""

    parts: dict[str, float] = field(default_factory=dict)
    used: dict[str, float] = field(default_factory=dict)
    says: bool = True
    _used_before: float = field(default_factory=time.process_time)

    def begin(self) -> None:
        """Count processor time from now on."""
        self._used_before = time.process_time()

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Time a block."""
        begun = time.perf_counter()
        yield
        self.add(name, time.perf_counter() - begun)

    def add(self, name: str, seconds: float) -> None:
        """Add to a part."""
        now = time.process_time()
        self.used[name] = self.used.get(name, 0.0) + now - self._used_before
        self._used_before = now
        self.parts[name] = self.parts.get(name, 0.0) + seconds
        if self.says:
            sys.stderr.write(f"{name}: {seconds:.1f} s\n")


class Played:
    """The exercise, and who plays it."""

    def __init__(self, record: Record, rules: BindingRules, times: Times) -> None:
        self.record, self.rules, self.times = record, rules, times
        self.numbers = 0

    def act(self, day: date) -> Act:
        """An act at noon of a day."""
        self.numbers += 1
        at = start_of_day_london(day) + timedelta(hours=12)
        return Act(by="office", command_id=key_id("scale", str(self.numbers)), at=at)

    def asking(self, day: date) -> Asking:
        """Somebody who may do anything."""
        return Asking("office", day, ROLES)

    def prepare(self, people: int, trusts: Sequence[str] | Literal["all"] = "all") -> list[str]:
        """The staff return, and the record of everybody in it."""
        content = sample_return(trusts, people=people, seed=1)
        day = date(2013, 11, 1)
        imports.import_return(
            self.record.office, self.act(day), content, document="sample", book=self.rules.rulebook
        )
        with self.record.log.connection() as connection:
            rows = connection.execute(
                "SELECT DISTINCT originator_id AS s FROM events WHERE originator_id LIKE 'staff:%'"
            ).fetchall()
        return sorted(row["s"].removeprefix("staff:") for row in rows)

    def open(self, people: Sequence[str], groups_of: int | None = None) -> None:
        """Open it, say whom it covers, propose and form the groups: one for each transferor and
        path, or several `groups_of` so many people, as where teams move by themselves."""
        exercises, day = self.record.exercises, date(2013, 11, 13)
        proposed_on, decided_on, formed_on = (date(2013, 11, n) for n in (14, 15, 18))
        transferors = tuple(each.name for each in self.rules.rulebook.transferors)
        exercises.open(
            self.act(day), self.asking(day), NAME, self.rules, transferors=transferors,
            rehearsed=True,
        )  # fmt: skip
        self.fix(day, "transfer", date(2014, 6, 1))
        self.fix(day, "dissolution", date(2014, 10, 31))
        with self.times.of("scope"):
            exercises.set_scope(
                self.act(day), self.asking(day), NAME, members=tuple(people), criterion="all"
            )
        with self.times.of("proposals"):
            unresolved = exercises.propose(
                self.act(proposed_on), self.asking(proposed_on), NAME, seed="1"
            ).unresolved
        everybody = {each.staff_number: {"to": "CRC", "reason": "panel"} for each in unresolved}
        self.record.matters.do_over(
            self.act(decided_on), self.asking(decided_on), MATTER, "decide-by-panel", everybody
        )
        with self.times.of("groups"):
            letters_on = {path.id: date(2013, 12, 2) for path in self.rules.rulebook.ways}
            for team, members in self._teams(people, groups_of):
                exercises.form_groups(
                    self.act(formed_on), self.asking(formed_on), NAME,
                    letters_on=letters_on, named=team, people=members,
                )  # fmt: skip

    def _teams(
        self, people: Sequence[str], of: int | None
    ) -> Iterator[tuple[str | None, Sequence[str] | None]]:
        """The people of each group and its name; everybody, where there are no teams."""
        if of is None:
            yield None, None
            return
        alike: dict[tuple[str | None, str], list[str]] = {}
        for number, own in self.record.exercises.participations(NAME, people):
            if own.proposal is not None:
                path = self.rules.path_of(own.proposal.route)
                alike.setdefault((own.transferor, path), []).append(number)
        teams = [each[n : n + of] for each in alike.values() for n in range(0, len(each), of)]
        yield from ((f"team-{n}", team) for n, team in enumerate(teams))

    def is_completed(self) -> bool:
        """Whether the exercise is over."""
        return self.record.exercises.plan(NAME).completed is not None

    def fix(self, day: date, milestone: str, to: date) -> None:
        """Set a milestone."""
        self.record.exercises.move_milestone(
            self.act(day), self.asking(day), NAME, milestone=milestone, to=to, reason="announced"
        )

    def appeal(self, people: Sequence[str], day: date) -> None:
        """So many appeal on one day."""
        with self.times.of("appeals"):
            for number in people:
                self.record.exercises.lodge_appeal(
                    self.act(day), self.asking(day), NAME, number, grounds="the caseload"
                )

    def determine(self, people: Sequence[str], day: date) -> None:
        """Their panels reject them."""
        with self.times.of("determinations"):
            for number in people:
                self.record.matters.do(
                    self.act(day),
                    self.asking(day),
                    f"appeal:{NAME}.{number}.1",
                    "determine",
                    person=number,
                    inputs={"outcome": "rejected", "reason": "heard"},
                )


def play_to_the_appeals(
    record: Record,
    people: int,
    trusts: Sequence[str] | Literal["all"] = "all",
    *,
    appealing: int,
) -> list[str]:
    """An exercise of so many people whose letters are out; the first of them have appealed. Answers
    their staff numbers. The clock stands at noon of the day after."""
    book = rulebook(NAME)
    rules = binding(book.with_values(assumed=book.suggested()))
    played = Played(record, rules, Times(says=False))
    numbers = played.prepare(people, trusts)
    played.open(numbers)
    for day in (LETTERS, APPEALED, APPEALED + timedelta(days=1)):
        record.log.clock.stop(start_of_day_london(day) + timedelta(hours=12))
        if day == APPEALED:
            played.appeal(numbers[:appealing], day)
        record.due.take_due(played.act(day), MATTER, today=day)
    return numbers


def exercise_pages(app: FastAPI) -> list[str]:
    """The address of every page about the exercise as a whole, files left out: also of one that is
    added later."""
    paths = (
        route.path
        for route in app.router.routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    )
    found = {_named(path) for path in paths if path.startswith(_ROUTES)}
    others = ("/", "/exercises", "/work", f"/procedures/exercise/{NAME}", _FORM)
    return [*others, *sorted(path for path in found if not {"{", "."} & set(path))]


def _named(path: str) -> str:
    for route in _ROUTES:
        path = path.replace(route, f"/exercises/{NAME}", 1)
    return path


__all__ = ["APPEALED", "MATTER", "NAME", "Played", "Times", "exercise_pages", "play_to_the_appeals"]

"""Playing without engines: time passes by the book of what is due, and answers are folded.

Every procedure that must be waiting by the log (`workflows.concerns`) is asked for its next step,
as its workflow would ask; the earliest day comes next.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from transfer.commands.acts.doing import Tools
from transfer.commands.due_steps import DueSteps
from transfer.commands.matter_worlds import Loaded, Worlds
from transfer.commands.office import Act, Office, key_id
from transfer.commands.records_in_matters import RecordsInMatters
from transfer.core.dating.calendars import end_of_day_london, start_of_day_london
from transfer.core.matter.replaying import standing
from transfer.core.matter.rows import Line, lines
from transfer.core.matter.words import Nature, Outcome, Whom, id_of
from transfer.core.streams import take_apart
from transfer.kinds import KNOWN
from transfer.procedures.exercise.exercise_facts import ScopeSet
from transfer.procedures.exercise.facts import BroughtIntoScope
from transfer.questions.attested import folded_position
from transfer.questions.liability import compared, gone
from transfer.rulebooks import Rulebook
from transfer.rulebooks.in_force import RulesOnRecord
from transfer.scenarios.answers import Shown
from transfer.scenarios.liability import days_in_memory, in_memory, shown
from transfer.scenarios.memory import MemoryLog, NoVault, OneEdition, PeopleInMemory
from transfer.scenarios.playing import Answered, Play, Played
from transfer.scenarios.reading import Scenario
from transfer.scenarios.showing import deadline_shown, position_shown
from workflows.concerns import must_be_waiting
from workflows.ids import actor, procedure_name


@dataclass(frozen=True)
class Alone:
    """An office without engines, for one edition."""

    book: Rulebook

    @cached_property
    def log(self) -> MemoryLog:
        """What is on record."""
        return MemoryLog(KNOWN)

    @cached_property
    def tools(self) -> Tools:
        """The commands over it."""
        office = Office(self.log, NoVault())
        office.editions = OneEdition(self.book)
        worlds = Worlds(office, RulesOnRecord(office.editions.by_digest), PeopleInMemory(self.log))
        office.reconsiders = RecordsInMatters(office, worlds)
        return Tools(office, worlds)

    @cached_property
    def due(self) -> DueSteps:
        """The steps of every kind of procedure."""
        return DueSteps(self.tools.office, self.tools.worlds)

    # --- time ------------------------------------------------------------------------------------

    def take_due(self, today: date) -> date | None:
        """Take everything that is due by a day; answers the next later one, if there is one."""
        while True:
            later: list[date] = []
            wrote = False
            found = must_be_waiting(self.tools.office, self.due)
            for trouble in found.unreadable.values():
                raise trouble
            for whose in (concern.whose for concern in found.concerns):
                following = self.due.following(whose.whom, today)
                if following is None or following.day is None:
                    continue
                if following.day > today:
                    later.append(following.day)
                    continue
                name = procedure_name(whose)
                at = start_of_day_london(today)
                act = Act(actor(whose), key_id(name), at=at, request=name)
                wrote |= self.due.take(act, whose.whom, today) > 0
            if not wrote:
                return min(later, default=None)

    # --- answers ---------------------------------------------------------------------------------

    def position(self, staff_number: str, effective_at: date, known_on: date) -> Shown:
        """See `Answers.position`."""
        known_at = end_of_day_london(known_on)
        scopes: dict[str, date] = {}
        for exercise, since in self._scopes(staff_number):
            scopes[exercise] = min(since, scopes.get(exercise, since))
        return position_shown(
            folded_position(self.log, scopes, staff_number, effective_at, known_at)
        )

    def _scopes(self, staff_number: str) -> Iterator[tuple[str, date]]:
        """The exercises that cover a person, by name, and since when."""
        for each in self.log.recorded:
            fact = each.fact
            if isinstance(fact, BroughtIntoScope):
                members: Sequence[str] = (take_apart(each.stream)[1],)
            elif isinstance(fact, ScopeSet):
                members = fact.members
            else:
                continue
            if staff_number in members:
                yield id_of(fact.matter), fact.effective_from

    def liability_information(
        self, matter: str, effective_at: date, known_on: date, since: date | None
    ) -> Shown:
        """See `Answers.liability_information`: as known now."""
        now = in_memory(self.tools, matter, effective_at, known_on)
        if since is not None:
            then = self._until(since)
            begun = then.tools.worlds.has_begun(matter)
            before = in_memory(then.tools, matter, effective_at, since) if begun else {}
            now = {
                number: compared(now[number], before.get(number))
                if number in now
                else gone(before[number])
                for number in sorted({*now, *before})
            }
        days, until = days_in_memory(self.tools, matter, effective_at)
        return shown(self.book.liability_information, now.values(), days, until)

    def _until(self, day: date) -> "Alone":
        """The office as it was at the end of a day."""
        earlier = Alone(self.book)
        earlier.__dict__["log"] = self.log.until(end_of_day_london(day))
        return earlier

    def deadlines(self, matter: str, staff_number: str | None, known_on: date) -> Sequence[Shown]:
        """See `Answers.deadlines`: as known now."""
        return [
            deadline_shown(
                what=line.slot.what,
                about=line.slot.about,
                owner=line.owner,
                state=_state(line, known_on),
                due_on=line.on,
                basis=line.basis,
                met_on=line.outcome_on if line.outcome is Outcome.MET else None,
                late=_is_late(line),
            )
            for line in self._lines(matter, staff_number)
            if line.outcome is not Outcome.SUPERSEDED
        ]

    def _lines(self, matter: str, staff_number: str | None) -> Iterator[Line]:
        worlds, loaded = self.tools.worlds, Loaded()
        if staff_number is None:
            state = standing(worlds.world(loaded, matter, None))[matter]
            for group in (None, *worlds.groups(loaded, matter)):
                yield from lines(state.book, Whom(matter, group)).values()
            return
        theirs = self.tools.office.person(staff_number).matters
        if theirs:
            states = standing(worlds.world(loaded, min(theirs), staff_number))
            for name in theirs:
                whom = Whom(name, None, staff_number)
                yield from lines(states[name].book, whom).values()


def _is_late(line: Line) -> bool:
    last, met_on = line.later or line.on, line.outcome_on
    met = line.outcome is Outcome.MET
    return met and last is not None and met_on is not None and met_on > last


def _state(line: Line, today: date) -> str:
    """Where something due stands (see `projections.deadlines`)."""
    if line.outcome is not None:
        return line.outcome.value
    last = line.later or line.on
    if last is None or last >= today:
        return "open"
    return "lapsed" if line.nature is Nature.RIGHT else "missed"


def play_alone(scenario: Scenario) -> Played:
    """Play a scenario without engines: in a fraction of a second."""
    alone = Alone(scenario.book)
    play = Play(scenario, alone.tools)
    answered: list[Answered] = []
    coming: date | None = None
    play.begin()
    for day in play.days:
        while coming is not None and coming < day:
            coming = alone.take_due(coming)
        coming = alone.take_due(day)
        for done in play.acts_on(day):
            play.do(done)
            coming = alone.take_due(day)
        for asked in play.asked_on(day):
            answered += [*play.of_procedures(asked), *play.of_record(asked, alone)]
    return play.played(answered)

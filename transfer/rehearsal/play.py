"""Playing a rehearsal: step simulated time, do what falls on each day, let the workflows do theirs.

The play holds an agenda by London date. It advances the one simulated clock to noon of the next
date that has anything on it; timers of the workflows that fall in between fire on their own. What
administrators, staff and panels would do is done by the same commands that serve them.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol
from uuid import UUID

from transfer.commands import exercises, people, record
from transfer.commands.office import Act, Office, key_id
from transfer.core.dating.calendars import start_of_day_london
from transfer.core.dating.effective_dating import Kind
from transfer.core.employed import is_employed
from transfer.core.record.entries import Correction
from transfer.core.streams import staff_stream
from transfer.core.words import (
    Answer,
    AppealOutcome,
    Effect,
    Facet,
    Late,
    MilestoneRole,
    Side,
    WindowKind,
)
from transfer.procedures.exercise.exercise import window_due, windows_of
from transfer.procedures.exercise.facts import (
    AppealAcceptedOutOfTime,
    AppealLodged,
    AppealRefusedOutOfTime,
)
from transfer.rehearsal.people import (
    Draws,
    conduct,
    corrections,
    destination_drawn,
    determination,
    objection,
)
from transfer.rehearsal.plan import WINDOW_RESET_BY, Plan
from transfer.rulebooks import TermsOfExercise
from transfer.rulebooks.deciding import places_left
from transfer.rulebooks.procedure import ChronicleEntry, GateFact

REHEARSED_BY = "rehearsal"
NOON = timedelta(hours=12)

_OF_THE_EXERCISE = frozenset({Effect.PLAN, Effect.DAY})
_BETWEEN_THE_SIDES = frozenset({Effect.MEETING, Effect.DRAFT, Effect.REFUSED, Effect.ENDORSED})


class Time(Protocol):
    """The one simulated clock."""

    async def advance_to(self, instant: datetime) -> None:
        """Let time pass until an instant; everything that falls due on the way is done."""

    async def settle(self) -> None:
        """Wait until everything that is due has been done and nothing is under way."""


Report = Callable[[date, str], None]
"""Told the simulated date and what happens on it."""

Deed = Callable[[date], None]


class Play:
    """One rehearsal of one exercise, on one office, from one seed."""

    def __init__(
        self,
        office: Office,
        terms: TermsOfExercise,
        plan: Plan,
        *,
        name: str,
        seed: int,
        members: tuple[str, ...],
        report: Report,
    ) -> None:
        self._office = office
        self._terms = terms
        self._plan = plan
        self._name = name
        self._seed = seed
        self._members = members
        self._report = report
        self._draws = Draws(seed)
        self._agenda: dict[date, list[tuple[str, Deed]]] = defaultdict(list)
        self._whose: dict[str, str | None] = {}
        self._today = plan.opens_on
        self.left_out: tuple[exercises.LeftOut, ...] = ()
        """Whom the scope leaves out, and why."""

    async def run(self, time: Time) -> None:
        """Play from the opening to the plan's end; the clock stops at the end of that day."""
        self._write_agenda()
        while (day := min(self._agenda, default=None)) is not None and day <= self._plan.ends_on:
            await time.advance_to(start_of_day_london(day) + NOON)
            await time.settle()
            self._today = day
            for what, deed in self._agenda.pop(day):
                self._report(day, what)
                await asyncio.to_thread(deed, day)
            await time.settle()
        await time.advance_to(start_of_day_london(self._plan.ends_on) + 2 * NOON)
        await time.settle()

    def open(self) -> None:
        """Open the exercise and its consultation, before the clock runs."""
        plan, day = self._plan, self._plan.opens_on
        self._whose = {
            person.staff_number: exercises.transferor_on(person, self._terms, plan.starts_on)
            for person in self._office.people(self._members)
        }
        transferors = sorted({whose for whose in self._whose.values() if whose is not None})
        exercises.open_exercise(
            self._office,
            self._act(day, "open"),
            name=self._name,
            terms=self._terms,
            transferors=tuple(transferors),
            on=day,
            milestones={},  # each goes on record on the day on which it was announced
            collisions=plan.collisions,
            rehearsed=True,
        )
        if not self._consults():
            return
        exercises.open_consultation(
            self._office,
            self._act(day, "open consultation"),
            name=self._name,
            bodies=self._bodies(),
            agreement=self._terms.rulebook.title,
            on=day,
        )

    def _consults(self) -> bool:
        """Whether the edition knows of a consultation: by its chronicle, an offer or a gate."""
        book = self._terms.rulebook
        asked = any(GateFact.CONSULTATION_BEGUN in gate.facts for gate in book.gates)
        return asked or bool(book.chronicle or book.offers)

    def _bodies(self) -> tuple[str, ...]:
        """Whom the chronicle shows between the sides, in the order in which they appear there."""
        book = self._terms.rulebook
        return tuple(
            dict.fromkeys(
                body
                for entry in book.chronicle
                if book.happening(entry.happening).effect in _BETWEEN_THE_SIDES
                for body in entry.bodies
            )
        )

    # --- the agenda ----------------------------------------------------------------------------

    def _write_agenda(self) -> None:
        plan, book = self._plan, self._terms.rulebook
        for entry in book.chronicle:
            effect = book.happening(entry.happening).effect
            if effect in _OF_THE_EXERCISE:
                continue
            if effect is Effect.MEETING:
                self._put(
                    max(plan.starts_on, plan.opens_on),
                    f"a meeting is called for {entry.on}",
                    partial(self._call_meeting, entry),
                )
            self._put(entry.on, entry.happening, partial(self._happen, entry))
        for announced in sorted({m.announced_on for m in book.milestones}):
            self._put(announced, "milestones announced", partial(self._announce, announced))
        self._put(plan.starts_on, "the scope is set", self._set_scope)
        self._put(plan.proposals_on, "assignments proposed", self._propose)
        self._put(plan.cohorts_on, "cohorts formed", self._form_cohorts)
        last_transfer = max(plan.transfers_on.values())
        objecting = self._members if self._terms.allows("objection") else ()
        for number in objecting:
            transfer_on = plan.transfer_on(self._whose[number])
            objects = objection(self._draws, number, before=transfer_on)
            if objects is not None:
                on, told_to = objects
                on = max(on, plan.cohorts_on)
                self._put(on, "an objection", partial(self._object, number, told_to))
        for number, on in corrections(self._draws, self._members, after=last_transfer).items():
            self._put(on, "an entry corrected", partial(self._correct, number))

    def _put(self, on: date, what: str, deed: Deed) -> None:
        """Put a deed on the agenda; what is past already is done on the day that is."""
        self._agenda[max(on, self._today)].append((what, deed))

    def _act(self, day: date, *what: str) -> Act:
        return Act(
            by=REHEARSED_BY,
            command_id=key_id("rehearsal", self._name, str(self._seed), str(day), *what),
            at=start_of_day_london(day) + NOON,
            request="\n".join((str(day), *what)),
        )

    # --- what the sides and the transferors do -------------------------------------------------

    def _call_meeting(self, entry: ChronicleEntry, day: date) -> None:
        exercises.call_meeting(
            self._office,
            self._act(day, "call meeting", str(entry.on)),
            name=self._name,
            on=entry.on,
            purpose=entry.account,
        )

    def _happen(self, entry: ChronicleEntry, day: date) -> None:
        exercises.record_happening(
            self._office,
            self._act(day, "happening", entry.happening),
            name=self._name,
            happening=entry.happening,
            on=entry.on,
            clause=entry.clause,
            document=entry.document,
            account=entry.account,
            conciliator=entry.bodies[-1] if entry.bodies else "",
        )

    def _announce(self, announced: date, day: date) -> None:
        for milestone in self._terms.rulebook.milestones_announced_on(announced):
            starts = milestone.role is MilestoneRole.START
            exercises.reset_milestone(
                self._office,
                self._act(day, "milestone", milestone.name, str(announced)),
                name=self._name,
                milestone=milestone.name,
                due_on=self._plan.starts_on if starts else milestone.on,
                reason=f"announced {announced}",
            )

    def _set_scope(self, day: date) -> None:
        self.left_out = exercises.set_scope(
            self._office,
            self._act(day, "scope"),
            name=self._name,
            members=self._members,
            criterion=self._criterion(day),
            on=day,
        )

    def _criterion(self, day: date) -> str:
        scope = self._terms.rulebook.scope
        said = scope.title if scope is not None and scope.title else "whom the scope covers"
        return f"{said}: on {day}, by the staff return"

    def _propose(self, day: date) -> None:
        unresolved = exercises.propose_assignments(
            self._office,
            self._act(day, "propose"),
            name=self._name,
            on=day,
            seed=f"{self._name}/{self._seed}",
        )
        if unresolved:
            numbers = tuple(each.staff_number for each in unresolved)
            what = f"a panel decides on {len(numbers)} whom no route reached"
            self._put(self._plan.panel_on, what, partial(self._decide_by_panel, numbers))

    def _decide_by_panel(self, numbers: tuple[str, ...], day: date) -> None:
        for number in numbers:
            exercises.decide_by_panel(
                self._office,
                self._act(day, "panel", number),
                name=self._name,
                staff_number=number,
                on=day,
                destination=destination_drawn(self._draws, number, self._with_places()),
                reason="the decision of a panel, as drawn by the rehearsal",
            )

    def _with_places(self) -> list[str]:
        """The transferees that are not full yet; all of them where every one is."""
        book = self._terms.rulebook
        if all(each.places is None for each in book.transferees.values()):
            return list(book.transferees)
        taken: Counter[str] = Counter()
        for person in self._office.people(self._members):
            to = person.in_exercise(self._name).destination
            taken.update([] if to is None else [to])
        left = places_left(self._terms, taken)
        return [id_ for id_ in book.transferees if left[id_] != 0] or list(book.transferees)

    def _form_cohorts(self, day: date) -> None:
        exercises.form_cohorts(
            self._office,
            self._act(day, "cohorts"),
            name=self._name,
            on=day,
            letters_on=self._plan.letters_on,
        )
        state, _ = self._office.exercise(self._name)
        for name, cohort in state.cohorts.items():
            windows = windows_of(cohort, self._terms)
            due = {window: window_due(cohort, window, self._terms) for window in windows}
            appeals = self._terms.rulebook.window_of(WindowKind.APPEAL)
            moves = cohort.formed.path == self._plan.reset_path
            if moves and appeals is not None and appeals.id in due:
                self._put(
                    due[appeals.id],
                    f"appeal window of {name} reset",
                    partial(self._reset_window, name, appeals.id, due[appeals.id]),
                )
            self._let_people_act(cohort.formed.members, cohort.formed.letters_on, due)

    def _reset_window(self, cohort: str, window: str, before: date, day: date) -> None:
        exercises.reset_window(
            self._office,
            self._act(day, "reset window", cohort),
            name=self._name,
            cohort=cohort,
            window=window,
            due_on=self._terms.calendar.add_working_days(before, WINDOW_RESET_BY),
            reason="assumed by the rehearsal: offices closed over the holidays",
        )

    # --- what staff and panels do --------------------------------------------------------------

    def _let_people_act(
        self, numbers: tuple[str, ...], letter_on: date, due: Mapping[str, date]
    ) -> None:
        answers: dict[tuple[date, str], dict[str, Answer]] = defaultdict(dict)
        for number in numbers:
            does = conduct(self._draws, number, letter_on=letter_on, due=due, terms=self._terms)
            if does.responds is not None:
                on, window, response = does.responds
                answers[on, window][number] = response
            if does.extended is not None:
                asked, until = does.extended
                self._put(asked, "a window extended", partial(self._extend, number, until))
            if does.appeals_on is not None:
                self._put(does.appeals_on, "an appeal", partial(self._appeal, number))
        for (on, window), responses in answers.items():
            self._put(on, f"{len(responses)} answer", partial(self._respond, window, responses))

    def _takes_part(self, number: str, day: date) -> bool:
        """Whether somebody is there to act: in scope, employed on the day, and not settled."""
        person = self._office.person(number)
        p = person.in_exercise(self._name)
        there = p.in_scope_from is not None and is_employed(person.entries, day)
        return there and not p.is_settled

    def _respond(self, window: str, responses: dict[str, Answer], day: date) -> None:
        there = [n for n in responses if self._takes_part(n, day)]
        responses = {number: responses[number] for number in there}
        if not responses:
            return
        people.record_responses(
            self._office,
            self._act(day, "responses", min(responses)),
            name=self._name,
            on=day,
            responses=responses,
            window=window,
        )

    def _extend(self, number: str, until: date, day: date) -> None:
        if not self._takes_part(number, day):
            return
        people.extend_window(
            self._office,
            self._act(day, "extend", number),
            name=self._name,
            staff_number=number,
            window=self._terms.window_of(WindowKind.APPEAL).name,
            due_on=until,
            reason="on approved leave when the letter was sent",
        )

    def _appeal(self, number: str, day: date) -> None:
        if not self._takes_part(number, day):
            return
        receipt = people.lodge_appeal(
            self._office,
            self._act(day, "appeal", number),
            name=self._name,
            staff_number=number,
            on=day,
            grounds="the criteria were not applied as published",
        )
        if receipt is None:
            return
        _, _, event_id = receipt.events[0]
        match self._fact(number, event_id):
            case AppealLodged() as lodged:
                self._hear(number, lodged.panel_due_on, day)
            case AppealRefusedOutOfTime():
                heard = self._terms.window_of(WindowKind.APPEAL).late is not Late.REFUSE
                if heard and self._draws.happens(number, "is heard although late, of those"):
                    on = self._terms.calendar.add_working_days(day, 2)
                    self._put(on, "a late appeal accepted", partial(self._accept, number))
            case other:
                raise AssertionError(f"an appeal became {other}")

    def _accept(self, number: str, day: date) -> None:
        if not self._takes_part(number, day):
            return
        receipt = people.accept_out_of_time(
            self._office,
            self._act(day, "accept late", number),
            name=self._name,
            staff_number=number,
            on=day,
            reason="the letter reached the person after the window had begun",
        )
        if receipt is None:
            return
        match self._fact(number, receipt.events[0][2]):
            case AppealAcceptedOutOfTime() as accepted:
                self._hear(number, accepted.panel_due_on, day)
            case other:
                raise AssertionError(f"a late appeal became {other}")

    def _hear(self, number: str, due: date, day: date) -> None:
        on, outcome = determination(self._draws, number, heard_from=day, due=due, terms=self._terms)
        if outcome is AppealOutcome.UPHELD and len(self._terms.rulebook.transferees) == 1:
            outcome = AppealOutcome.REJECTED  # there is nowhere else to go
        self._put(on, f"an appeal {outcome}", partial(self._determine, number, outcome))

    def _determine(self, number: str, outcome: AppealOutcome, day: date) -> None:
        if not self._takes_part(number, day):
            return
        p = self._office.person(number).in_exercise(self._name)
        others = [each for each in self._terms.rulebook.transferees if each != p.destination]
        people.determine_appeal(
            self._office,
            self._act(day, "determine", number),
            name=self._name,
            staff_number=number,
            on=day,
            outcome=outcome,
            destination=destination_drawn(self._draws, number, others)
            if outcome is AppealOutcome.UPHELD
            else None,
            reason="the panel's decision, as drawn by the rehearsal",
        )

    def _object(self, number: str, told_to: Side, day: date) -> None:
        if not self._takes_part(number, day):
            return
        people.raise_objection(
            self._office,
            self._act(day, "object", number),
            name=self._name,
            staff_number=number,
            on=day,
            told_to=told_to,
            learned_on=day,
        )

    def _correct(self, number: str, day: date) -> None:
        """HR finds that the staff return gave the wrong band: the registration is corrected."""
        person = self._office.person(number)
        registration = next(
            entry
            for event_id, known in person.record.entries.items()
            if known.is_registration and (entry := person.entries.entry(event_id)) is not None
        )
        held = {
            Facet(piece.key.name): piece.value
            for piece in registration.content
            if piece.key.kind is Kind.FACET
        }
        band = held.get(Facet.BAND)
        if band is None or not band.isdigit():
            return
        record.enter(
            self._office,
            self._act(day, "correct", number),
            number,
            Correction(
                of=registration.event_id,
                effective_from=registration.content[0].effective_from,
                changes=held | {Facet.BAND: str(max(1, int(band) - 1))},
                terms={},
                reason="the contract shows another band than the staff return gave",
            ),
        )

    def _fact(self, number: str, event_id: UUID) -> object:
        events = self._office.log.read(staff_stream(number))
        return next(recorded.fact for recorded in events if recorded.event_id == event_id)

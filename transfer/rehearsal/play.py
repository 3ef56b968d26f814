"""Playing a rehearsal: step simulated time, do what falls on each day, let the workflows do theirs.

The play holds an agenda by London date. It advances the one simulated clock to noon of the next
date that has anything on it; timers of the workflows that fall in between fire on their own. What
administrators, staff and panels would do is done by the same commands that serve them.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Protocol

from transfer.commands import record
from transfer.commands.exercises import (
    Exercises,
    LeftOut,
    consultation_matter,
    exercise_matter,
    one_person,
)
from transfer.commands.matters import Asking
from transfer.commands.office import Act, Office, key_id
from transfer.core.dating.calendars import start_of_day_london
from transfer.core.dating.effective_dating import Kind
from transfer.core.employed import is_employed
from transfer.core.matter.facts import ApprovalAsked
from transfer.core.matter.words import Settlement
from transfer.core.record.entries import Correction
from transfer.core.streams import matter_of, staff_stream, take_apart
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
from transfer.log.envelope import Receipt
from transfer.procedures.appeal.facts import (
    AppealAcceptedOutOfTime,
    AppealLodged,
    AppealRefusedOutOfTime,
)
from transfer.procedures.exercise.participation import Participation
from transfer.rehearsal.people import (
    Draws,
    conduct,
    corrections,
    destination_drawn,
    determination,
    objection,
)
from transfer.rehearsal.plan import WINDOW_RESET_BY, Plan
from transfer.rulebooks.deciding import places_left
from transfer.rulebooks.in_force import BindingRules
from transfer.rulebooks.procedure import ChronicleEntry, GateFact

REHEARSED_BY = "rehearsal"
APPROVED_BY = "rehearsal: who approves"
"""A second person: what one of them proposes the other approves, on the day it is asked."""
NOON = timedelta(hours=12)

_MOST = 100_000
_MOST_SETTLED = 20

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
        exercises: Exercises,
        terms: BindingRules,
        plan: Plan,
        *,
        name: str,
        seed: int,
        members: tuple[str, ...],
        report: Report,
    ) -> None:
        self._office = office
        self._exercises = exercises
        self._matters = exercises.matters
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
        self._looked_to = 0
        self.left_out: tuple[LeftOut, ...] = ()
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
            while await asyncio.to_thread(self._approve, day):
                await time.settle()
        await time.advance_to(start_of_day_london(self._plan.ends_on) + 2 * NOON)
        await time.settle()

    def open(self) -> None:
        """Open the exercise and its consultation, before the clock runs."""
        plan, day = self._plan, self._plan.opens_on
        self._whose = {
            person.staff_number: self._terms.transferor_of(
                one_person(person, plan.starts_on).facets
            )
            for person in self._office.people(self._members)
        }
        transferors = sorted({whose for whose in self._whose.values() if whose is not None})
        self._exercises.open(
            self._act(day, "open"),
            self._asking(day),
            self._name,
            self._terms,
            transferors=tuple(transferors),
            collisions=plan.collisions,
            rehearsed=True,
        )
        if self._consults():
            self._exercises.open_consultation(
                self._act(day, "open consultation"),
                self._asking(day),
                self._name,
                bodies=self._bodies(),
                agreement=self._terms.rulebook.title,
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

    # --- approvals -----------------------------------------------------------------------------

    def _approve(self, day: date) -> int:
        """Approve whatever waits for it; answers how many there were."""
        name = self._office.known.names[ApprovalAsked]
        page = self._office.log.page(self._looked_to, _MOST, [name])
        asked = [(event.stream, event.fact) for event in page]
        for stream, fact in asked:
            if not isinstance(fact, ApprovalAsked):
                continue
            of = None if matter_of(stream) is not None else take_apart(stream)[1]
            about = {"step": fact.step, "about": fact.about, "group": fact.group}
            act = self._act(day, "approve", fact.matter, *map(str, about.values()), str(of))
            self._matters.do(
                replace(act, by=APPROVED_BY),
                replace(self._asking(day), by=APPROVED_BY),
                fact.matter,
                "approve",
                person=of,
                inputs=about,
            )
        self._looked_to = self._office.log.head().position
        return len(asked)

    def _days_of_approval(self) -> Iterator[date]:
        """The days on which something may be asked to be approved, where the plan names them."""
        for milestone in self._terms.rulebook.milestones:
            if milestone.role in (MilestoneRole.TRANSFER, MilestoneRole.DISSOLUTION):
                yield milestone.on
        if self._terms.waits("issue-letters"):
            yield from self._plan.letters_on.values()

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
        self._put(plan.cohorts_on, "groups formed", self._form_groups)
        for on in self._days_of_approval():
            self._put(on, "what waits is approved", lambda _day: None)
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

    @staticmethod
    def _asking(day: date) -> Asking:
        """Whoever the rehearsal plays: it may do what any of them may."""
        return Asking(REHEARSED_BY, day, frozenset({"admin", "panel", "staff"}))

    # --- what the sides and the transferors do -------------------------------------------------

    def _call_meeting(self, entry: ChronicleEntry, day: date) -> None:
        self._matters.do(
            self._act(day, "call meeting", str(entry.on)),
            self._asking(day),
            consultation_matter(self._name),
            "call-meeting",
            inputs={"on": entry.on, "purpose": entry.account},
        )

    def _happen(self, entry: ChronicleEntry, day: date) -> None:
        self._matters.do(
            self._act(day, "happening", entry.happening),
            self._asking(day),
            consultation_matter(self._name),
            "record-happening",
            inputs={
                "happening": entry.happening,
                "clause": entry.clause,
                "document": entry.document,
                "account": entry.account,
                "conciliator": entry.bodies[-1] if entry.bodies else "",
            },
        )

    def _announce(self, announced: date, day: date) -> None:
        for milestone in self._terms.rulebook.milestones_announced_on(announced):
            starts = milestone.role is MilestoneRole.START
            self._exercises.move_milestone(
                self._act(day, "milestone", milestone.name, str(announced)),
                self._asking(day),
                self._name,
                milestone=milestone.name,
                to=self._plan.starts_on if starts else milestone.on,
                reason=f"announced {announced}",
            )

    def _set_scope(self, day: date) -> None:
        scoped = self._exercises.set_scope(
            self._act(day, "scope"),
            self._asking(day),
            self._name,
            members=self._members,
            criterion=self._criterion(day),
        )
        self.left_out = scoped.left_out

    def _criterion(self, day: date) -> str:
        scope = self._terms.rulebook.scope
        said = scope.title if scope is not None and scope.title else "whom the scope covers"
        return f"{said}: on {day}, by the staff return"

    def _propose(self, day: date) -> None:
        proposed = self._exercises.propose(
            self._act(day, "propose"),
            self._asking(day),
            self._name,
            seed=f"{self._name}/{self._seed}",
        )
        unresolved = proposed.unresolved
        if unresolved:
            numbers = tuple(each.staff_number for each in unresolved)
            what = f"a panel decides on {len(numbers)} whom no route reached"
            self._put(self._plan.panel_on, what, partial(self._decide_by_panel, numbers))

    def _decide_by_panel(self, numbers: tuple[str, ...], day: date) -> None:
        for number in numbers:
            self._matters.do(
                self._act(day, "panel", number),
                self._asking(day),
                exercise_matter(self._name),
                "decide-by-panel",
                person=number,
                inputs={
                    "to": destination_drawn(self._draws, number, self._with_places()),
                    "reason": "the decision of a panel, as drawn by the rehearsal",
                },
            )

    def _with_places(self) -> list[str]:
        """The transferees that are not full yet; all of them where every one is."""
        ids = list(self._terms.rulebook.transferees)
        if not self._terms.has_limited_places:
            return ids
        taken: Counter[str] = Counter()
        for _, own in self._exercises.participations(self._name, self._members):
            taken.update([] if own.destination is None else [own.destination])
        left = places_left(self._terms, taken)
        return [id_ for id_ in ids if left[id_] != 0] or ids

    def _form_groups(self, day: date) -> None:
        self._exercises.form_groups(
            self._act(day, "groups"),
            self._asking(day),
            self._name,
            letters_on=self._plan.letters_on,
        )
        for name, group in self._exercises.plan(self._name).groups.items():
            sent_on = group.letters_on.on or day
            due = {
                window.name: self._terms.period(window.length_clause, group.transferor).due_after(
                    sent_on, self._terms.calendar
                )
                for window in self._terms.letters(group.path).windows
            }
            appeals = self._terms.rulebook.window_of(WindowKind.APPEAL)
            if group.path == self._plan.reset_path and appeals is not None and appeals.id in due:
                self._put(
                    due[appeals.id],
                    f"appeal window of {name} reset",
                    partial(self._move_window, name, appeals.id, due[appeals.id]),
                )
            self._let_people_act(group.people, sent_on, due)

    def _move_window(self, group: str, window: str, before: date, day: date) -> None:
        self._matters.do(
            self._act(day, "reset window", group),
            self._asking(day),
            exercise_matter(self._name),
            "move-window",
            inputs={
                "group": group,
                "window": window,
                "until": self._terms.calendar.add_working_days(before, WINDOW_RESET_BY),
                "reason": "assumed by the rehearsal: offices closed over the holidays",
            },
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

    def _there(self, numbers: Sequence[str], day: date) -> dict[str, Participation]:
        """Those who are there to act: in scope, employed on the day, and not settled."""
        employed = {
            person.staff_number
            for person in self._office.people(numbers)
            if is_employed(person.entries, day)
        }
        return {
            number: own
            for number, own in self._exercises.participations(self._name, numbers)
            if number in employed and own.scope is not None and not own.is_settled
        }

    def _takes_part(self, number: str, day: date) -> bool:
        return bool(self._there([number], day))

    def _respond(self, window: str, responses: dict[str, Answer], day: date) -> None:
        there = {
            number: {"answer": responses[number], "window": window}
            for number in self._there(list(responses), day)
        }
        if there:
            act = self._act(day, "responses", min(there))
            matter = exercise_matter(self._name)
            self._matters.do_over(act, self._asking(day), matter, "record-answer", there)

    def _do(self, act: str, number: str, day: date, **inputs: object) -> None:
        """An act of one person in the exercise, where they are there to be part of it."""
        if self._takes_part(number, day):
            self._matters.do(
                self._act(day, act, number),
                self._asking(day),
                exercise_matter(self._name),
                act,
                person=number,
                inputs=inputs,
            )

    def _extend(self, number: str, until: date, day: date) -> None:
        window = self._terms.window_of(WindowKind.APPEAL).name
        why = "on approved leave when the letter was sent"
        self._do("extend-window", number, day, window=window, until=until, reason=why)

    def _object(self, number: str, told_to: Side, day: date) -> None:
        self._do("object", number, day, told_to=told_to)

    def _appeal(self, number: str, day: date) -> None:
        if not self._takes_part(number, day):
            return
        receipt = self._exercises.lodge_appeal(
            self._act(day, "appeal", number),
            self._asking(day),
            self._name,
            number,
            grounds="the criteria were not applied as published",
        )
        match self._made(number, receipt):
            case AppealLodged() as lodged:
                self._hear(lodged, number, day)
            case AppealRefusedOutOfTime() as refused:
                heard = self._terms.window_of(WindowKind.APPEAL).late is not Late.REFUSE
                if heard and self._draws.happens(number, "is heard although late, of those"):
                    on = self._terms.calendar.add_working_days(day, 2)
                    self._put(
                        on, "a late appeal accepted", partial(self._accept, refused.matter, number)
                    )
            case _:
                pass

    def _accept(self, appeal: str, number: str, day: date) -> None:
        if not self._takes_part(number, day):
            return
        receipt = self._matters.do(
            self._act(day, "accept late", number),
            self._asking(day),
            appeal,
            "admit-late",
            person=number,
            inputs={"reason": "the letter reached the person after the window had begun"},
        )
        match self._made(number, receipt):
            case AppealAcceptedOutOfTime() as accepted:
                self._hear(accepted, number, day)
            case _:
                pass

    def _hear(self, appeal: AppealLodged | AppealAcceptedOutOfTime, number: str, day: date) -> None:
        due = appeal.panel_by.on
        if due is None:
            raise AssertionError("a panel has a day")
        on, outcome = determination(self._draws, number, heard_from=day, due=due, terms=self._terms)
        if outcome is AppealOutcome.UPHELD and len(self._terms.rulebook.transferees) == 1:
            outcome = AppealOutcome.REJECTED  # there is nowhere else to go
        determine = partial(self._determine, appeal.matter, number, outcome)
        self._put(on, f"an appeal {outcome}", determine)

    def _determine(self, appeal: str, number: str, outcome: AppealOutcome, day: date) -> None:
        own = self._there([number], day).get(number)
        if own is None:
            return
        others = [each for each in self._terms.rulebook.transferees if each != own.destination]
        upheld = outcome is AppealOutcome.UPHELD
        self._matters.do(
            self._act(day, "determine", number),
            self._asking(day),
            appeal,
            "determine",
            person=number,
            inputs={
                "outcome": outcome,
                "to": destination_drawn(self._draws, number, others) if upheld else None,
                "reason": "the panel's decision, as drawn by the rehearsal",
            },
        )

    def _made(self, number: str, receipt: Receipt | None) -> object:
        """The last fact that an act made on a person's stream."""
        if receipt is None:
            return None
        _, _, event_id = receipt.events[-1]
        events = self._office.log.read(staff_stream(number))
        return next((event.fact for event in events if event.event_id == event_id), None)

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
        self._settle(number, day)

    def _settle(self, number: str, day: date) -> None:
        """Whatever was decided on the wrong record is made again, as somebody else says."""
        for _ in range(_MOST_SETTLED):
            duties = self._matters.duties(exercise_matter(self._name), number)
            if not duties:
                return
            decision, duty = next(iter(duties.items()))
            self._matters.settle(
                replace(self._act(day, "settle", number, str(decision)), by=APPROVED_BY),
                replace(self._asking(day), by=APPROVED_BY),
                duty.matter,
                decision,
                Settlement.REDO,
                reason="decided on a record that was wrong",
                person=number,
            )

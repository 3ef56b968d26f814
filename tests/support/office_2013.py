"""An exercise of 2013 in an office with engines: a real log, the commands, the read models.

Letters go out on 9 December 2013; the windows, of ten working days, close on the 23rd, and a panel
has ten. Everybody is sent to the CRC by a panel. The transfer is on 1 June 2014, the dissolution on
31 October. The record's clock is simulated, and every act is entered at noon of its day.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from deploy.data_folder import DataFolder
from projections.deadlines.deadlines import deadlines
from tests.support.words_2013 import Destination, MilestoneName
from transfer.app import Record, open_record
from transfer.commands import record as entries
from transfer.commands.matters import Asking
from transfer.commands.office import Act, key_id
from transfer.core.matter import facts as t
from transfer.core.matter.words import Settlement, Whom
from transfer.core.record.entries import Change, Correction, Registration
from transfer.core.streams import staff_stream
from transfer.core.words import Facet
from transfer.log.envelope import Receipt
from transfer.procedures.exercise.participation import Participation, participation_of
from transfer.questions import position as questions
from transfer.rulebooks import rulebook
from transfer.rulebooks.in_force import BindingRules, binding

NAME = "tr-2013"
EXERCISE = f"exercise:{NAME}"
TRUST = "London Probation Trust"
GROUP = "LDN.sifted"
OPENED = date(2013, 11, 13)
LETTERS = date(2013, 12, 9)
LAST_DAY = date(2013, 12, 23)
CLOSED = date(2013, 12, 24)
TRANSFER = date(2014, 6, 1)
DISSOLUTION = date(2014, 10, 31)
EVERYBODY = frozenset({"admin", "staff", "panel"})
HR, CHIEF = "hr", "chief"
"""Who records, and who approves and settles."""


def rules() -> BindingRules:
    """The edition of 2013, with what it does not know assumed."""
    assumed = {
        "TR-11b": "10wd",
        "TR-11b-panel": "10wd",
        "TR-10-response": "10wd",
        "TR-09b": "2013-10-31",
        "TR-09-share": "0.5",
    }
    return binding(rulebook("tr-2013").with_values(assumed=assumed))


@dataclass
class Scene:
    """The exercise, and what is done in it."""

    record: Record
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    # --- acts ------------------------------------------------------------------------------

    def act(self, today: date, by: str = HR) -> Act:
        """An act, at noon of a day."""
        number = str(next(self.numbers))
        at = noon(today)
        return Act(by=by, command_id=key_id("scene", number), at=at, request=number)

    def register(self, *people: str, employer: str = TRUST) -> None:
        """People of a Trust, since 2010."""
        for number in people:
            registration = Registration(
                staff_number=number,
                effective_from=date(2010, 1, 1),
                position={
                    Facet.EMPLOYER: employer,
                    Facet.ROLE: "probation officer",
                    Facet.BAND: "4",
                    Facet.FTE: "1",
                },
            )
            entries.register(
                self.record.office, self.act(OPENED), registration, personal={"name": number}
            )

    def open(self, *people: str) -> None:
        """Open the exercise for these people; their letters go out on 9 December."""
        exercises, asking = self.record.exercises, self.asking(OPENED)
        exercises.open(
            self.act(OPENED), asking, NAME, rules(), transferors=(TRUST,), rehearsed=True
        )
        days = {MilestoneName.TRANSFER: TRANSFER, MilestoneName.DISSOLUTION: DISSOLUTION}
        for name, day in days.items():
            self.do(OPENED, "move-milestone", milestone=name, to=day)
        exercises.set_scope(self.act(OPENED), asking, NAME, members=people, criterion="all")
        for person in people:
            self.do(OPENED, "decide-by-panel", person, to=Destination.CRC, reason="caseload")
        paths = {path.id: LETTERS for path in rules().rulebook.paths}
        exercises.form_groups(self.act(OPENED), asking, NAME, letters_on=paths)

    def asking(self, today: date, by: str = HR) -> Asking:
        """Somebody who may do everything."""
        return Asking(by, today, EVERYBODY)

    def do(
        self,
        today: date,
        what: str,
        person: str | None = None,
        *,
        matter: str = EXERCISE,
        happened_on: date | None = None,
        by: str = HR,
        **inputs: Any,
    ) -> Receipt | None:
        """An act of today, or of a day before that the office learned of today."""
        return self.record.matters.do(
            self.act(today, by),
            self.asking(today, by),
            matter,
            what,
            person=person,
            happened_on=happened_on,
            inputs=inputs,
        )

    def appeal(self, today: date, person: str, *, happened_on: date | None = None) -> str:
        """An appeal; answers its name."""
        receipt = self.record.exercises.lodge_appeal(
            self.act(today),
            self.asking(today),
            NAME,
            person,
            grounds="the caseload",
            happened_on=happened_on,
        )
        assert receipt is not None
        return f"appeal:{NAME}.{person}.1"

    def uphold(self, today: date, appeal: str, person: str) -> None:
        """The panel upholds an appeal: to the NPS."""
        self.do(
            today,
            "determine",
            person,
            matter=appeal,
            outcome="upheld",
            to=Destination.NPS,
            reason="heard",
        )

    def approve(self, today: date, step: str, person: str, *, by: str = CHIEF) -> None:
        """Somebody approves a step: somebody else than who proposed it, unless it is said who."""
        self.do(today, "approve", person, by=by, step=step)

    def correct(self, today: date, person: str, **changes: str | None) -> UUID:
        """Put the person's registration right."""
        first = self.record.log.read(staff_stream(person))[0]
        return self.puts_right(today, person, first.event_id, **changes)

    def puts_right(self, today: date, person: str, of: UUID, **changes: str | None) -> UUID:
        """Put an entry right, of which the rest stays as it is."""
        held = self.record.office.person(person).entries.entry(of)
        assert held is not None
        values = {piece.key.name: piece.value for piece in held.content}
        entry = Correction(
            of=of,
            effective_from=held.content[0].effective_from,
            changes={Facet(name): value for name, value in (values | changes).items()},
            reason="mistyped",
        )
        return entries.enter(self.record.office, self.act(today), person, entry).event_id

    def changes(self, today: date, person: str, **changes: str | None) -> UUID:
        """Enter a change of today."""
        values = {Facet(name): value for name, value in changes.items()}
        entry = Change(effective_from=today, changes=values, reason="as told")
        return entries.enter(self.record.office, self.act(today), person, entry).event_id

    def leaves(self, today: date, person: str, on: date) -> UUID:
        """Enter that nobody employs somebody any more from a day on."""
        entry = Change(effective_from=on, changes={Facet.EMPLOYER: None}, reason="left")
        return entries.enter(self.record.office, self.act(today), person, entry).event_id

    def settle(
        self,
        today: date,
        person: str | None,
        how: Settlement = Settlement.REDO,
        *,
        by: str = CHIEF,
    ) -> None:
        """Settle everything that is to be settled of somebody, and what follows."""
        for _ in range(20):
            duties = self.record.matters.duties(EXERCISE, person)
            if not duties:
                return
            decision, duty = min(duties.items(), key=lambda each: (each[1].decided_on, each[0]))
            self.do(
                today,
                "settle",
                person,
                matter=duty.matter,
                by=by,
                duty=str(decision),
                decision=how,
                reason="seen",
            )
        raise AssertionError(f"duties do not end: {self.duties(person)}")

    def run(self, today: date) -> None:
        """Everything that is due by a day, as the procedures would take it."""
        self.record.due.take_due(self.act(today), EXERCISE, today=today)

    def run_to(self, *days: date) -> None:
        """The same, on each of these days."""
        for day in days:
            self.run(day)

    def take(self, today: date, progress: Callable[[int, int], None]) -> None:
        """What the group's procedure takes on a day; it is told after every chunk of people."""
        self.record.due.take(self.act(today), Whom(EXERCISE, GROUP), today, progress)

    # --- answers ---------------------------------------------------------------------------

    def objected(self, person: str) -> None:
        """Run to the transfer with somebody who objected in time: their end waits for approval."""
        self.run(LETTERS)
        self.do(CLOSED, "object", person, told_to="transferor")
        self.run_to(CLOSED, TRANSFER)

    def duties(self, person: str | None) -> list[str]:
        """Which decisions are to be settled, by the step or act and its day."""
        found = self.record.matters.duties(EXERCISE, person).values()
        return sorted(f"{duty.step} {duty.decided_on}" for duty in found)

    def own(self, person: str) -> Participation:
        """How far the exercise has come with somebody."""
        return participation_of(self.record.matters.state(EXERCISE, person))

    def refusals(self, person: str) -> list[str]:
        """Why steps of somebody could not be taken."""
        facts = [each.fact for each in self.record.log.read(staff_stream(person))]
        return [why for fact in facts if isinstance(fact, t.StepRefused) for why in fact.reasons]

    def employer(self, person: str, on: date, known: date | None = None) -> str | None:
        """Who employs somebody on a day, as known at the end of a day, or now."""
        self.record.catch_up()
        record, known_at = self.record, None if known is None else _evening(known)
        found = questions.position(record.log, record.vault, person, on, known_at)
        held = found.position.get(Facet.EMPLOYER)
        return None if held is None else held.value

    def not_yet_recorded(
        self, person: str, on: date, known: date | None = None
    ) -> list[tuple[date, str]]:
        """What the law makes of somebody on a day and waits for approval: since when, and what."""
        self.record.catch_up()
        record, known_at = self.record, None if known is None else _evening(known)
        found = questions.position(record.log, record.vault, person, on, known_at)
        return [(each.by_law_on, each.step) for each in found.not_yet_recorded]

    def answers(self, person: str, known: date) -> object:
        """Everything that is answered of somebody as known at the end of a day: the timeline with
        its terms, the position of each day on which it changes, and the deadlines."""
        self.record.catch_up()
        record, known_at = self.record, _evening(known)
        timeline = questions.timeline(record.log, record.vault, person, known_at)
        days = sorted({TRANSFER + timedelta(days=n) for n in (-1, 0, 1, 200)})
        positions = [
            questions.position(record.log, record.vault, person, day, known_at) for day in days
        ]
        with record.log.connection() as conn:
            due = deadlines(conn, known_at, staff=person, limit=1000)
        return timeline, positions, due

    def due(self, person: str, what: str, known: date) -> list[tuple[date | None, str]]:
        """The deadlines of a name of somebody, and where each stands at the end of a day."""
        self.record.catch_up()
        with self.record.log.connection() as conn:
            found = deadlines(conn, _evening(known), staff=person, limit=1000).items
        return [(each.due_on, each.state.value) for each in found if each.what == what]


def noon(day: date) -> datetime:
    """Twelve o'clock UTC on a day."""
    return datetime.combine(day, time(12), tzinfo=UTC)


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(23), tzinfo=UTC)


@contextmanager
def scene_2013(
    database_url: str,
    folder: DataFolder,
    people: Sequence[str] = ("S1", "S2", "S3"),
    *,
    office_of_one: bool = False,
) -> Iterator[Scene]:
    """The exercise of these people, opened and with their group formed; the clock has not run."""
    with open_record(database_url, folder, office_of_one=office_of_one) as record:
        record.log.clock.simulate()
        scene = Scene(record)
        scene.register(*people)
        scene.open(*people)
        yield scene

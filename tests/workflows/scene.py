"""A small exercise of 2013 on a real log, with its cohorts formed, for procedures to run on.

London's sample staff; letters of the automatic path on 2 December 2013, of the sifted path on 9
December, of the drawn path on 16 December; windows of 10 working days, so that the sifted path's
windows end on 23 December; a panel has 10 working days. The transfer is on 1 April 2014 until
somebody moves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from itertools import count
from typing import TypeVar, cast

from tests.support.words_2013 import Destination, MilestoneName
from transfer.commands import exercises
from transfer.commands.office import Act, Office, key_id
from transfer.imports.staff_return import import_return as imports
from transfer.imports.staff_return.sample import sample_return
from transfer.log.application import Log
from transfer.log.envelope import Recorded
from transfer.procedures.exercise.person import Participation
from transfer.procedures.facts import STORED_NAMES, Fact
from transfer.rulebooks import TermsOfExercise, rulebook
from transfer.vault import Vault

F = TypeVar("F", bound=Fact)

NAME = "tr-2013.test"
OPENED = date(2013, 11, 13)
BEGINS = datetime(2013, 11, 20, 12, tzinfo=UTC)
LETTERS_ON = {
    "automatic": date(2013, 12, 2),
    "sifted": date(2013, 12, 9),
    "drawn": date(2013, 12, 16),
}
SIFTED_DUE = date(2013, 12, 23)
TRANSFER_ON = date(2014, 4, 1)
MILESTONES: dict[str, date] = {
    MilestoneName.ASSIGNMENT_STARTS: OPENED,
    MilestoneName.PEOPLE_TRANSITION_COMPLETE: TRANSFER_ON,
    MilestoneName.TRANSFER: TRANSFER_ON,
}
SIFTED = "LDN.sifted"


def noon(on: date) -> datetime:
    """Twelve o'clock UTC on a day."""
    return datetime.combine(on, time(12), tzinfo=UTC)


def terms() -> TermsOfExercise:
    """The rulebook with every unknown assumed."""
    return rulebook("tr-2013").with_values(
        assumed={
            "TR-09-share": "0.5",
            "TR-09b": "2013-10-31",
            "TR-10-response": "10wd",
            "TR-11b": "10wd",
            "TR-11b-panel": "10wd",
        }
    )


def office_on(log: Log[Fact]) -> Office:
    """The office of a log, its vault under a key of zeros."""
    return Office(log, Vault(log.connection, bytes(32)))


@dataclass
class Scene:
    """One exercise and what has been done in it."""

    office: Office
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def act(self, on: date) -> Act:
        """An act of the personnel office at noon of a day."""
        number = str(next(self._numbers))
        return Act(by="hr", command_id=key_id("scene", number), at=noon(on), request=number)

    def open(self, people: int, *, trusts: Sequence[str] = ("London",)) -> None:
        """Import staff, open the exercise, propose and form the cohorts."""
        office = self.office
        office.log.clock.simulate()
        data = sample_return(trusts if trusts != ("all",) else "all", seed=1, people=people)
        imports.import_return(office, self.act(OPENED), data, document="staff return")
        with office.log.connection() as connection:
            rows = connection.execute(
                "SELECT originator_id FROM events WHERE topic = 'staff-registered.v1' ORDER BY 1"
            ).fetchall()
        members = tuple(row["originator_id"].removeprefix("staff:") for row in rows)
        exercises.open_exercise(
            office,
            self.act(OPENED),
            name=NAME,
            terms=terms(),
            transferors=("London Probation Trust",),
            on=OPENED,
            milestones=MILESTONES,
            rehearsed=True,
        )
        exercises.set_scope(
            office, self.act(OPENED), name=NAME, members=members, criterion="all", on=OPENED
        )
        unresolved = exercises.propose_assignments(
            office, self.act(OPENED), name=NAME, on=OPENED, seed="1"
        )
        for each in unresolved:
            exercises.decide_by_panel(
                office,
                self.act(OPENED),
                name=NAME,
                staff_number=each.staff_number,
                on=OPENED,
                destination=Destination.NPS,
                reason="the panel's view",
            )
        exercises.form_cohorts(
            office, self.act(OPENED), name=NAME, on=OPENED, letters_on=LETTERS_ON
        )

    def members(self, cohort: str = SIFTED) -> tuple[str, ...]:
        """Who is in a cohort."""
        state, _ = self.office.exercise(NAME)
        return state.cohort(cohort).formed.members

    def cohorts(self) -> tuple[str, ...]:
        """The names of all cohorts."""
        state, _ = self.office.exercise(NAME)
        return tuple(state.cohorts)

    def person(self, staff_number: str) -> Participation:
        """What is on record of somebody in the exercise."""
        return self.office.person(staff_number).in_exercise(NAME)

    def facts(self, kind: type[F]) -> list[Recorded[F]]:
        """The facts of a kind, in the log's order."""
        page = self.office.log.page(0, 100_000, [STORED_NAMES[cast(type[Fact], kind)]])
        return cast(list[Recorded[F]], page)

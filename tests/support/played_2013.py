"""One person in the exercise of 2013, and their appeals: played without engines."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from tests.support.matters import Asked, Matters, ask
from tests.support.rules_2013 import APPEAL_DUE, LETTERS, RULES, TR_2013, TRANSFER
from tests.support.words_2013 import Destination
from transfer.core.dating.effective_dating import Entries, Entry, Key, Piece
from transfer.core.dating.effective_dating import Kind as KeyKind
from transfer.core.matter import facts as t
from transfer.core.matter.words import Outcome
from transfer.core.words import MAIN, AppealOutcome, Facet
from transfer.kinds import KNOWN
from transfer.procedures.appeal.decisions import Appeal
from transfer.procedures.exercise import facts as e
from transfer.procedures.exercise.participation import Participation, participation_of
from transfer.rulebooks.in_force import BindingRules

START = date(2013, 11, 11)
EXERCISE = "exercise:tr-2013"
FIRST, SECOND = "appeal:tr-2013.S1.1", "appeal:tr-2013.S1.2"
HEARD = date(2014, 2, 4)
UPHELD, REJECTED = AppealOutcome.UPHELD, AppealOutcome.REJECTED
GROUP, TRUST = "LDN.sifted", "London Probation Trust"


def employed(until: date | None = None, *, by: str = TRUST, then_by: str | None = None) -> Entries:
    """Employed since 2010, by somebody else (or by nobody) from `until` on."""
    key = Key(KeyKind.FACET, MAIN, Facet.EMPLOYER)
    pieces = [Piece(key, by, date(2010, 1, 1), until)]
    if until is not None and then_by is not None:
        pieces.append(Piece(key, then_by, until, None))
    recorded = datetime(2014, 1, 1, tzinfo=UTC)
    return Entries(
        [Entry(UUID(int=7 + n), recorded, content=(piece,)) for n, piece in enumerate(pieces)]
    )


class Played:
    """S1, of the Trust in London, in the exercise of 2013, and their appeals."""

    def __init__(self, rules: BindingRules = RULES, *, is_proposed: bool = True) -> None:
        self.office = Matters(KNOWN.kinds, rules, entries=employed())
        self.do(
            EXERCISE,
            "begin",
            START,
            person=None,
            edition=TR_2013.edition,
            transferors=[TRUST],
            rehearsed=True,
        )
        self.do(EXERCISE, "move-milestone", START, person=None, milestone="transfer", to=TRANSFER)
        if not is_proposed:
            return
        self.do(EXERCISE, "join", START)
        self.do(EXERCISE, "decide-by-panel", START, to=Destination.CRC, reason="the caseload")

    def do(
        self,
        matter: str,
        act: str,
        on: date,
        *,
        person: str | None = "S1",
        today: date | None = None,
        **inputs: Any,
    ) -> Asked:
        return ask(self.office, matter, act, on=on, today=today, person=person, **inputs)

    def letter(self, on: date = LETTERS) -> None:
        """Letters go out on a day, and open the windows."""
        self.do(
            EXERCISE,
            "form-group",
            START,
            person=None,
            group=GROUP,
            transferor="LDN",
            path="sifted",
            letters_on=on,
            people=["S1"],
        )
        assert self.clock(on) == [e.AssignmentLetterIssued]

    def extend(self, until: date, on: date, *, today: date | None = None) -> Asked:
        inputs: dict[str, Any] = {"window": "appeal", "until": until, "reason": "on sick leave"}
        return self.do(EXERCISE, "extend-window", on, today=today, **inputs)

    def lodge(
        self, on: date = APPEAL_DUE, matter: str = FIRST, *, today: date | None = None
    ) -> Asked:
        return ask(
            self.office,
            matter,
            "lodge",
            on=on,
            today=today,
            person="S1",
            against=EXERCISE,
            grounds="the caseload",
        )

    def admit(self, matter: str = FIRST, *, reason: str = "no fault", on: date) -> Asked:
        return self.do(matter, "admit-late", on, reason=reason)

    def determine(
        self,
        outcome: AppealOutcome = UPHELD,
        destination: Destination | None = Destination.NPS,
        *,
        on: date = HEARD,
        today: date | None = None,
        matter: str = FIRST,
    ) -> Asked:
        inputs: dict[str, Any] = {"outcome": outcome, "to": destination, "reason": "heard"}
        return self.do(matter, "determine", on, today=today, **inputs)

    def withdraw(self, on: date = HEARD, matter: str = FIRST) -> Asked:
        return self.do(matter, "withdraw", on)

    def clock(self, today: date) -> list[type[t.MatterFact]]:
        """What the clock does of S1's; then what is due of the group."""
        taken = self.office.run_clock(today)
        through = self.office.through(EXERCISE, "issue-letters", GROUP, today)
        if through:
            self.office.run_clock(today, EXERCISE)
        return [type(fact) for fact in taken]

    @property
    def exercise(self) -> Participation:
        return participation_of(self.office.state(EXERCISE, "S1"))

    def goes_to(self) -> str | None:
        """Where S1 goes, once that is final."""
        confirmed = self.exercise.confirmation
        return None if confirmed is None else confirmed.destination

    def appeal(self, matter: str = FIRST) -> Appeal:
        found = self.office.state(matter, "S1").mine.substance
        assert isinstance(found, Appeal)
        return found

    def due(self, matter: str, what: str) -> tuple[date | None, Outcome | None] | None:
        state = self.office.state(matter, "S1")
        found = state.due(what)
        return None if found is None else (state.book.last(found), found.outcome)

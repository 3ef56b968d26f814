import pathlib


def edit(path, *subs):
    p = pathlib.Path(path)
    s = p.read_text()
    for a, b in subs:
        if a not in s:
            print("MISSING", path, repr(a[:90]))
        s = s.replace(a, b)
    p.write_text(s)


S = "transfer/imports/staff_return/"
edit(S + "roles.py", ("Destination.NPS", '"NPS"'), ("Destination.CRC", '"CRC"'))
edit(
    S + "sample.py",
    ("    Destination.NPS:", '    "NPS":'),
    ("    Destination.CRC:", '    "CRC":'),
    ("from transfer.core.words import Destination\n", ""),
)
s = pathlib.Path(S + "sample.py").read_text()
print([l for l in s.splitlines() if ".automatic" in l or "Destination" in l])
edit(
    S + "cells.py",
    (
        "        return Destination(text.upper())\n",
        '        return {"NPS": "NPS", "CRC": "CRC"}[text.upper()]\n',
    ),
    (
        '    except ValueError:\n        raise CellFault("is neither NPS',
        '    except KeyError:\n        raise CellFault("is neither NPS',
    ),
)
edit(
    "transfer/rulebooks/model.py",
    ("    MilestoneRole,\n", ""),
    ("    WindowKind,\n", ""),
    (
        "from transfer.core.words import Facet, Mechanism\n",
        "from transfer.core.words import Facet, Mechanism, MilestoneRole, WindowKind\n",
    ),
    (
        "own = [each for each in found if transferor in map(named, each.transferors)]",
        "own = [each for each in found if transferor in [*map(named, each.transferors)]]",
    ),
)
edit(
    "transfer/rulebooks/planning.py",
    ("import MilestoneRole, WindowRule\n", "import WindowRule\n"),
    (
        "from transfer.procedures.exercise.exercise_facts",
        "from transfer.core.words import MilestoneRole\nfrom transfer.procedures.exercise.exercise_facts",
    ),
)
edit(
    "transfer/rulebooks/references.py",
    ("from transfer.rulebooks.procedure import MilestoneRole, WindowKind\n", ""),
    ("import Frozen\n", "import Frozen, MilestoneRole, WindowKind\n"),
)
edit(
    "transfer/commands/procedures.py",
    (
        "destination = p.confirmation and p.confirmation.destination",
        "destination = p.confirmation.destination if p.confirmation else None",
    ),
)
edit(
    "workflows/concerns.py",
    ("fact.milestone is MilestoneName.TRANSFER", "fact.role is MilestoneRole.TRANSFER"),
    ("import MilestoneName", "import MilestoneRole"),
)
edit(
    "transfer/procedures/exercise/facts.py",
    ("saw: dict[str, str] = {}", "saw: dict[str, str] = Field(default_factory=dict)"),
    (
        "from transfer.core.dating.effective_dating import Piece\n",
        "from pydantic import Field\n\nfrom transfer.core.dating.effective_dating import Piece\n",
    ),
    (
        "    which day of the plan employment ends, and `transferors` whose day that is, where not everybody's.",
        "    which day of the plan employment ends, and `transferors` whose that day is, where it is not\n    everybody's.",
    ),
)
edit(
    "transfer/procedures/exercise/person.py",
    (
        "    Where the edition has no such rule, nothing ends. Raises `Refused` for somebody whom a step was refused that is still due: it may be the record\n    that is wrong,",
        "    Where the edition has no such rule, nothing ends. Raises `Refused` for somebody whom a step was\n    refused that is still due: it may be the record that is wrong,",
    ),
)
p = pathlib.Path("transfer/rulebooks/deciding.py")
s = p.read_text()
s = s.replace("_known(terms, rule, case)", "_known(rule, case)").replace(
    "def _known(terms: TermsOfExercise, rule: RouteRule", "def _known(rule: RouteRule"
)
p.write_text(s)

p = pathlib.Path("transfer/rehearsal/plan.py")
s = p.read_text()
a = s.index("from collections.abc")
s = '''"""The plan of a rehearsal: which day what is done, from the rulebook's milestones and chronicle.

What the sources date is taken from the rulebook. What each transferor chooses for itself is not
sourced; the plan's own choices are in words in `planned`, and the report prints them as assumptions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from transfer.core.dating.calendars import Calendar
from transfer.core.refusals import Refused
from transfer.core.words import MilestoneRole, WindowKind
from transfer.procedures.exercise.exercise_facts import Collision
from transfer.rulebooks import Rulebook, TermsOfExercise
from transfer.rulebooks.planning import collisions
from transfer.rulebooks.procedure import Path

PROPOSALS_AFTER = 5
PANEL_DECISIONS_AFTER = 7
COHORTS_AFTER = 9
WINDOW_RESET_BY = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """The days of one rehearsal; all London dates. `reset_path`: whose appeal window is reset."""

    recorded_on: date
    opens_on: date
    starts_on: date
    proposals_on: date
    panel_on: date
    cohorts_on: date
    letters_on: Mapping[str, date]
    milestones: Mapping[str, date]
    transfers_on: Mapping[str | None, date]
    ends_on: date
    reset_path: str | None
    planned: tuple[str, ...]
    collisions: tuple[Collision, ...]

    def transfer_on(self, transferor: str | None) -> date:
        """The day of transfer of a transferor, as last announced."""
        return self.transfers_on.get(transferor) or max(self.transfers_on.values())


def make_plan(
    terms: TermsOfExercise, *, starts_on: date | None = None, until: date | None = None
) -> Plan:
    """Date a rehearsal that starts on a day (the rulebook's own unless given).

    Raises `Refused` where the start is not before the transfer or the end not after the start.
    """
    book = terms.rulebook
    first = min(m.announced_on for m in book.milestones)
    start = starts_on or min(
        m.on for m in book.milestones_announced_on(_announced_start(book)) if _starts(m.role)
    )
    final = max(book.milestones, key=lambda m: m.on).on
    known = book.milestones_known_on(start) or book.milestones_known_on(first)
    milestones = {name: milestone.on for name, milestone in known.items()}
    milestones |= {m.name: start for m in book.milestones if _starts(m.role)}
    opens = min([start, *(entry.on for entry in book.chronicle[:1])])
    transfers = _transfers(book)
    if start >= max(transfers.values()):
        raise Refused(
            f"--from {start} is not before the transfer on {max(transfers.values())}",
            clause=_transfer_clause(book),
        )
    if until is not None and until < start:
        raise Refused(f"--until {until} is before the start on {start}")
    calendar = terms.calendar
    letters = {path.id: _letters_on(path, start, calendar) for path in book.ways}
    before = calendar.working_days_between(start, min(letters.values()))
    proposals, panel, cohorts = (
        max(0, min(days, before - left))
        for days, left in ((PROPOSALS_AFTER, 3), (PANEL_DECISIONS_AFTER, 2), (COHORTS_AFTER, 1))
    )
    # One path is shown what it is like when a window moves; not where nobody can appeal.
    appeals = book.window_of(WindowKind.APPEAL)
    moved = book.panel_path if appeals is not None and book.paths else None
    ends = max(final, *transfers.values(), *letters.values()) + timedelta(days=1)
    if book.milestone_of(MilestoneRole.DISSOLUTION) is not None:
        ends = final
    return Plan(
        recorded_on=calendar.not_less_than_working_days_before(opens, 1),
        opens_on=opens,
        starts_on=start,
        proposals_on=calendar.add_working_days(start, proposals) if proposals else start,
        panel_on=calendar.add_working_days(start, panel) if panel else start,
        cohorts_on=calendar.add_working_days(start, cohorts) if cohorts else start,
        letters_on=letters,
        milestones=milestones,
        transfers_on=transfers,
        ends_on=min(until, ends) if until else ends,
        reset_path=None if moved is None else moved.id,
        planned=(
            f"assignments are proposed {proposals} working days after the start",
            *(
                f"letters of the {path.id} path go out {path.letters_after.words} after the start"
                for path in book.ways
            ),
            *_planned_reset(moved),
        ),
        collisions=collisions(terms, starts_on=start, letters_on=letters, milestones=milestones),
    )


def _planned_reset(moved: Path | None) -> tuple[str, ...]:
    if moved is None:
        return ()
    return (
        f"the {moved.id} path's appeal window is reset once, {WINDOW_RESET_BY} working days "
        "later, while it is open",
    )


def _starts(role: MilestoneRole | None) -> bool:
    return role is MilestoneRole.START


def _announced_start(book: Rulebook) -> date:
    return min(m.announced_on for m in book.milestones if _starts(m.role))


def _letters_on(path: Path, start: date, calendar: Calendar) -> date:
    day = path.letters_after.due_after(start, calendar)
    return day if calendar.is_working_day(day) else calendar.add_working_days(day, 1)


def _transfers(book: Rulebook) -> dict[str | None, date]:
    """The day of transfer of each transferor, and of whoever has none of their own (`None`)."""
    latest = sorted(book.milestones, key=lambda m: m.announced_on)
    found: dict[str | None, date] = {}
    for milestone in latest:
        if milestone.role is MilestoneRole.TRANSFER:
            for name in milestone.transferors or (None,):
                found[name and book.register.named(name)] = milestone.on
    return found


def _transfer_clause(book: Rulebook) -> str:
    of_role = [m for m in book.milestones if m.role is MilestoneRole.TRANSFER]
    return max(of_role, key=lambda m: m.announced_on).clause
'''
p.write_text(s)

edit(
    "transfer/rehearsal/people.py",
    (
        """The appeals' rate and the share upheld are the rulebook's (TR-11c). Every other share below is an
assumption of the rehearsal: no source gives it, and the report prints it as assumed.
""",
        """The appeals' rate and the share upheld are the rulebook's, where it publishes them. Every other share
below is an assumption of the rehearsal: no source gives it, and the report prints it as assumed.
""",
    ),
    (
        "from transfer.core.words import AppealOutcome, Destination, Response, Side, Window\n",
        "from transfer.core.words import Answer, AppealOutcome, Destination, Late, Side, WindowKind\n",
    ),
    ("EVEN_CHANCE = 0.5\n\n", ""),
    (
        '"""Shares that no source gives."""\n',
        '''"""Shares that no source gives."""

RATES: Mapping[str, float] = MappingProxyType({"appeals": 0.05, "appeals_upheld": 0.2})
"""What is assumed where the edition publishes no rate."""

_OF_APPEALS = frozenset(
    {
        "appeals late, of those who appeal",
        "is heard although late, of those",
        "panel overruns, of appeals",
        "is given longer to appeal",
    }
)
_OF_RESPONSES = frozenset({"acknowledges the letter", "reserves their rights"})


def assumed_shares(terms: TermsOfExercise) -> Mapping[str, float]:
    """The shares that a rehearsal under these terms draws by and no source gives."""
    book = terms.rulebook
    appeals = book.window_of(WindowKind.APPEAL) is not None
    answers = any(each.kind is not WindowKind.APPEAL for each in book.windows)
    drawn = {
        what: share
        for what, share in ASSUMED_SHARES.items()
        if (appeals or what not in _OF_APPEALS)
        and (answers or what not in _OF_RESPONSES)
        and (terms.allows("objection") or what != "objects to the transfer")
    }
    published = {rate.name for rate in book.rates}
    if appeals:
        drawn |= {
            f"{name.replace('_', ' ')}, no rate being published": share
            for name, share in RATES.items()
            if name not in published
        }
    return drawn


def _rate(terms: TermsOfExercise, name: str) -> float:
    found = [rate.share for rate in terms.rulebook.rates if rate.name == name]
    return float(found[0]) if found else RATES[name]
''',
    ),
)
p = pathlib.Path("transfer/rehearsal/people.py")
s = p.read_text()
a = s.index("@dataclass(frozen=True, slots=True)\nclass Conduct")
b = s.index("class Draws:")
s = (
    s[:a]
    + '''@dataclass(frozen=True, slots=True)
class Conduct:
    """What one person does once they have their letter; `None` is nothing.

    `responds` has the day, the window and the answer; `extended` is the day on which longer is
    asked for and the last day given.
    """

    responds: tuple[date, str, Answer] | None = None
    appeals_on: date | None = None
    extended: tuple[date, date] | None = None


'''
    + s[b:]
)
a = s.index("def conduct(")
b = s.index("def objection(")
s = (
    s[:a]
    + '''def conduct(
    draws: Draws,
    staff_number: str,
    *,
    letter_on: date,
    due: Mapping[str, date],
    terms: TermsOfExercise,
) -> Conduct:
    """What a person does about a letter of that day with those windows."""
    calendar = terms.calendar
    responds = _response(draws, staff_number, letter_on, due, terms)
    window = terms.rulebook.window_of(WindowKind.APPEAL)
    if window is None or window.id not in due:
        return Conduct(responds=responds)
    until = due[window.id]
    extended = None
    if draws.happens(staff_number, "is given longer to appeal"):
        asked = calendar.add_working_days(letter_on, 2)
        extended = (asked, calendar.add_working_days(until, 5))
    if draws.unit(staff_number, "appeals") >= _rate(terms, "appeals"):
        return Conduct(responds=responds, extended=extended)
    last = calendar.working_days_between(letter_on, until)
    if extended is None and draws.happens(staff_number, "appeals late, of those who appeal"):
        days = last + draws.whole(staff_number, "days late", 1, 5)
    else:
        days = draws.whole(staff_number, "day of appeal", 1, max(1, last))
    return Conduct(
        responds=responds,
        appeals_on=calendar.add_working_days(letter_on, days),
        extended=extended,
    )


def determination(
    draws: Draws, staff_number: str, *, heard_from: date, due: date, terms: TermsOfExercise
) -> tuple[date, AppealOutcome]:
    """When the panel decides an appeal that it hears from a day on and owes by another, and how."""
    calendar = terms.calendar
    last = max(1, calendar.working_days_between(heard_from, due))
    days = draws.whole(staff_number, "day of determination", 1, last)
    if draws.happens(staff_number, "panel overruns, of appeals"):
        days = last + draws.whole(staff_number, "days of overrun", 2, 10)
    upheld = draws.unit(staff_number, "upheld") < _rate(terms, "appeals_upheld")
    return (
        calendar.add_working_days(heard_from, days),
        AppealOutcome.UPHELD if upheld else AppealOutcome.REJECTED,
    )


def destination_drawn(
    draws: Draws, staff_number: str, among: Sequence[Destination]
) -> Destination:
    """What a panel decides for somebody whom no route reached."""
    return among[int(draws.unit(staff_number, "panel's destination") * len(among))]


'''
    + s[b:]
)
a = s.index("def _response(")
s = (
    s[:a]
    + '''def _response(
    draws: Draws,
    staff_number: str,
    letter_on: date,
    due: Mapping[str, date],
    terms: TermsOfExercise,
) -> tuple[date, str, Answer] | None:
    """An answer to the window for responses, or else to the one for a choice."""
    windows = [each for each in terms.windows if each.name in due]
    asked = [each for each in windows if each.kind is not WindowKind.APPEAL]
    if not asked:
        return None
    window = min(asked, key=lambda each: each.kind is not WindowKind.RESPONSE)
    u = draws.unit(staff_number, "response")
    first = ASSUMED_SHARES["acknowledges the letter"]
    answering = first + ASSUMED_SHARES["reserves their rights"]
    if u >= answering:
        return None
    answers = window.answers or ("answered",)
    # The first answer is the most usual one; the others share what is left.
    further = int((u - first) / (answering - first) * (len(answers) - 1)) + 1
    answer = answers[0] if u < first or len(answers) == 1 else answers[further]
    calendar = terms.calendar
    last = max(1, calendar.working_days_between(letter_on, due[window.name]))
    latest = last + 1 if window.late is Late.ACCEPT else last
    days = draws.whole(staff_number, "day of response", 1, latest)
    return calendar.add_working_days(letter_on, days), window.name, answer
'''
)
p.write_text(s)

edit(
    "transfer/rehearsal/report.py",
    (
        "from transfer.rehearsal.people import ASSUMED_SHARES\nfrom transfer.rehearsal.plan import PLANNED, Plan\n",
        "from transfer.rehearsal.people import assumed_shares\nfrom transfer.rehearsal.plan import Plan\n",
    ),
    (
        "def assumptions_of(terms: TermsOfExercise) -> Assumptions:",
        "def assumptions_of(terms: TermsOfExercise, plan: Plan) -> Assumptions:",
    ),
    ("plan=PLANNED,", "plan=plan.planned,"),
    ("shares=dict(ASSUMED_SHARES),", "shares=dict(assumed_shares(terms)),"),
    ("assumptions_of(terms),", "assumptions_of(terms, plan),"),
)
P = "transfer/rehearsal/play.py"
edit(
    P,
    (
        """    AppealOutcome,
    Destination,
    Facet,
    Happening,
    MilestoneName,
    Response,
    Side,
    Window,
""",
        """    Answer,
    AppealOutcome,
    Effect,
    Facet,
    MilestoneRole,
    Side,
    WindowKind,
""",
    ),
    ("import window_due\n", "import window_due, windows_of\n"),
    (
        "import AppealLodged, AppealRefusedOutOfTime\n",
        "import (\n    AppealAcceptedOutOfTime,\n    AppealLodged,\n    AppealRefusedOutOfTime,\n)\n",
    ),
    (
        """_OF_THE_EXERCISE = frozenset(
    {
        Happening.TRANSFER_DATE_RESET,
        Happening.TRUSTS_CEASE_TO_EMPLOY,
        Happening.TRANSFER,
        Happening.DISSOLUTION,
    }
)
""",
        """_OF_THE_EXERCISE = frozenset({Effect.PLAN, Effect.DAY})
_BETWEEN_THE_SIDES = frozenset({Effect.MEETING, Effect.DRAFT, Effect.REFUSED, Effect.ENDORSED})
""",
    ),
    (
        """        plan, day = self._plan, self._plan.opens_on
        employers = sorted(
            {
                employer
                for person in self._office.people(self._members)
                if (employer := exercises.facet_on(person, Facet.EMPLOYER, day)) is not None
            }
        )
""",
        """        plan, day = self._plan, self._plan.opens_on
        self._whose = {
            person.staff_number: exercises.transferor_on(person, self._terms, plan.starts_on)
            for person in self._office.people(self._members)
        }
        transferors = sorted({whose for whose in self._whose.values() if whose is not None})
""",
    ),
    ("transferors=tuple(employers),", "transferors=tuple(transferors),"),
    (
        """            bodies=("NNC", "SCCOG"),
            agreement="National Agreement on Staff Transfer and Protections",
""",
        """            bodies=self._bodies(),
            agreement=self._terms.rulebook.title,
""",
    ),
    (
        """    # --- the agenda ---""",
        '''    def _bodies(self) -> tuple[str, ...]:
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

    # --- the agenda ---''',
    ),
    (
        """            if entry.happening in _OF_THE_EXERCISE:
                continue
            if entry.happening == Happening.MEETING_WITHOUT_AGREEMENT_REFERRED_TO_CONCILIATION:
""",
        """            effect = book.happening(entry.happening).effect
            if effect in _OF_THE_EXERCISE:
                continue
            if effect is Effect.MEETING:
""",
    ),
    (
        """        transfer_on = max(m.on for m in book.milestones if m.name == MilestoneName.TRANSFER)
        for number in self._members:
            objects = objection(self._draws, number, before=transfer_on)
""",
        """        last_transfer = max(plan.transfers_on.values())
        objecting = self._members if self._terms.allows("objection") else ()
        for number in objecting:
            transfer_on = plan.transfer_on(self._whose[number])
            objects = objection(self._draws, number, before=transfer_on)
""",
    ),
    ("self._members, after=transfer_on)", "self._members, after=last_transfer)"),
    (
        """            purpose="endorsement of the National Agreement",
""",
        """            purpose=entry.account,
""",
    ),
    (
        """            happening=Happening(entry.happening),
""",
        """            happening=entry.happening,
""",
    ),
    (
        """            conciliator="ACAS",
""",
        """            conciliator=entry.bodies[-1] if entry.bodies else "",
""",
    ),
    (
        """            starts = milestone.name == MilestoneName.ASSIGNMENT_STARTS
""",
        """            starts = milestone.role is MilestoneRole.START
""",
    ),
    (
        """                milestone=MilestoneName(milestone.name),
""",
        """                milestone=milestone.name,
""",
    ),
    (
        """            criterion=f"employed by one of the Trusts on {day}, by the staff return",
""",
        """            criterion=self._criterion(day),
""",
    ),
    (
        """    def _propose(self, day: date) -> None:""",
        """    def _criterion(self, day: date) -> str:
        scope = self._terms.rulebook.scope
        said = scope.title if scope is not None and scope.title else "whom the scope covers"
        return f"{said}: on {day}, by the staff return"

    def _propose(self, day: date) -> None:""",
    ),
    (
        """                destination=destination_drawn(self._draws, number),
                reason="the Trust's panel, as drawn by the rehearsal",
""",
        """                destination=destination_drawn(self._draws, number, self._with_places()),
                reason=self._by_a_panel(),
""",
    ),
    (
        """    def _form_cohorts(self, day: date) -> None:""",
        '''    def _with_places(self) -> list[str]:
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

    def _form_cohorts(self, day: date) -> None:''',
    ),
    (
        """            due = {window: window_due(cohort, window, self._terms) for window in Window}
            if cohort.formed.letters_on == self._plan.letters_on["sifted"]:
                self._put(
                    due[Window.APPEAL],
                    f"appeal window of {name} reset",
                    partial(self._reset_window, name, due[Window.APPEAL]),
                )
""",
        """            windows = windows_of(cohort, self._terms)
            due = {window: window_due(cohort, window, self._terms) for window in windows}
            appeals = self._terms.rulebook.window_of(WindowKind.APPEAL)
            moves = cohort.formed.path == self._plan.reset_path
            if moves and appeals is not None and appeals.id in due:
                self._put(
                    due[appeals.id],
                    f"appeal window of {name} reset",
                    partial(self._reset_window, name, appeals.id, due[appeals.id]),
                )
""",
    ),
    (
        """    def _reset_window(self, cohort: str, before: date, day: date) -> None:""",
        """    def _reset_window(self, cohort: str, window: str, before: date, day: date) -> None:""",
    ),
    (
        """            window=Window.APPEAL,
            due_on=self._terms""",
        """            window=window,
            due_on=self._terms""",
    ),
    (
        """letter_on: date, due: Mapping[Window, date]
    ) -> None:
        answers: dict[date, dict[str, Response]] = defaultdict(dict)
""",
        """letter_on: date, due: Mapping[str, date]
    ) -> None:
        answers: dict[tuple[date, str], dict[str, Answer]] = defaultdict(dict)
""",
    ),
    (
        """                on, response = does.responds
                answers[on][number] = response
""",
        """                on, window, response = does.responds
                answers[on, window][number] = response
""",
    ),
    (
        """        for on, responses in answers.items():
            self._put(on, f"{len(responses)} answer", partial(self._respond, responses))

    def _respond(self, responses: dict[str, Response], day: date) -> None:""",
        """        for (on, window), responses in answers.items():
            self._put(on, f"{len(responses)} answer", partial(self._respond, window, responses))

    def _respond(self, window: str, responses: dict[str, Answer], day: date) -> None:""",
    ),
    (
        """            responses=responses,
""",
        """            responses=responses,
            window=window,
""",
    ),
    (
        """            window=Window.APPEAL,
            due_on=until""",
        """            window=self._terms.window_of(WindowKind.APPEAL).name,
            due_on=until""",
    ),
    (
        """            case AppealLodged():
                self._hear(number, day)
""",
        """            case AppealLodged() as lodged:
                self._hear(number, lodged.panel_due_on, day)
""",
    ),
    (
        """                if self._draws.happens(number, "is heard although late, of those"):
""",
        """                heard = self._terms.window_of(WindowKind.APPEAL).late is not Late.REFUSE
                if heard and self._draws.happens(number, "is heard although late, of those"):
""",
    ),
    (
        """        people.accept_out_of_time(
""",
        """        receipt = people.accept_out_of_time(
""",
    ),
    (
        """            reason="the letter reached the person after the window had begun",
        )
        self._hear(number, day)

    def _hear(self, number: str, day: date) -> None:
        on, outcome = determination(self._draws, number, heard_from=day, terms=self._terms)
""",
        """            reason="the letter reached the person after the window had begun",
        )
        if receipt is None:
            return
        match self._fact(number, receipt.events[0][2]):
            case AppealAcceptedOutOfTime() as accepted:
                self._hear(number, accepted.panel_due_on, day)
            case other:
                raise AssertionError(f"a late appeal became {other}")

    def _hear(self, number: str, due: date, day: date) -> None:
        on, outcome = determination(
            self._draws, number, heard_from=day, due=due, terms=self._terms
        )
        if outcome is AppealOutcome.UPHELD and len(self._terms.rulebook.transferees) == 1:
            outcome = AppealOutcome.REJECTED  # there is nowhere else to go
""",
    ),
    (
        """        other = Destination.CRC if p.destination is Destination.NPS else Destination.NPS
""",
        """        others = [each for each in self._terms.rulebook.transferees if each != p.destination]
""",
    ),
    (
        """            destination=other if outcome is AppealOutcome.UPHELD else None,
""",
        """            destination=destination_drawn(self._draws, number, others)
            if outcome is AppealOutcome.UPHELD
            else None,
""",
    ),
    (
        """        band = held.get(Facet.BAND)
        if band is None:
            return
""",
        """        band = held.get(Facet.BAND)
        if band is None or not band.isdigit():
            return
""",
    ),
    (
        "    AppealOutcome,\n    Effect,\n    Facet,\n    MilestoneRole,",
        "    AppealOutcome,\n    Effect,\n    Facet,\n    Late,\n    MilestoneRole,",
    ),
    ("from collections import defaultdict\n", "from collections import Counter, defaultdict\n"),
    (
        "from transfer.rulebooks import TermsOfExercise\n",
        "from transfer.rulebooks import TermsOfExercise\nfrom transfer.rulebooks.deciding import places_left\n",
    ),
    (
        """        self._today = plan.opens_on

    async""",
        """        self._whose: dict[str, str | None] = {}
        self._today = plan.opens_on

    async""",
    ),
    (
        "# --- what the sides and the Trusts do ---",
        "# --- what the sides and the transferors do ---",
    ),
)

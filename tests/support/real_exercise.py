"""An exercise as an administrator opens it: of today, or of the day on which a practice stands."""

from datetime import date, datetime, timedelta
from uuid import NAMESPACE_DNS, uuid5
from zoneinfo import ZoneInfo

from tests.support.words_2013 import MilestoneName
from transfer.commands.exercises import Exercises
from transfer.commands.matter_worlds import Worlds
from transfer.commands.matters import Asking, Matters
from transfer.commands.office import Act, Office
from transfer.imports.staff_return import import_return as imports
from transfer.imports.staff_return.sample import sample_return
from transfer.rulebooks import SuppliedValue, rulebook
from transfer.rulebooks.in_force import RulesOnRecord, binding

NAME = "tr-2013.london"
PEOPLE = 12

# Days, not working days: this test is of no calendar's years.
SUPPLIED = {
    clause: SuppliedValue(value=value, document="the Trust's own guidance")
    for clause, value in {
        "TR-11b": "15d",
        "TR-11b-panel": "20d",
        "TR-10-response": "8d",
        "TR-09b": "2013-11-11",
        "TR-09-share": "0.5",
    }.items()
}


def act(number: int) -> Act:
    return Act(by="hr", command_id=uuid5(NAMESPACE_DNS, str(number)), request=str(number))


def today() -> date:
    """The date in London by this machine's clock: a service lives in the present."""
    return datetime.now(ZoneInfo("Europe/London")).date()  # noqa: TID251 - see above


def exercises_of(office: Office) -> Exercises:
    """The exercises of an office, by the editions on its record."""
    worlds = Worlds(office, RulesOnRecord(office.editions.by_digest))
    return Exercises(office, Matters(office, worlds), worlds)


def open_a_real_exercise(
    office: Office,
    letters_on: date | None = None,
    on: date | None = None,
    *,
    people: int = PEOPLE,
) -> str:
    """Everything an administrator does up to the letters, today; answers a group's name. `on` is
    the day on which a practice stands."""
    opened = on or today()
    soon = opened + timedelta(days=200)
    content = sample_return(["London"], seed=1, people=people)
    imported = imports.import_return(office, act(1), content, document="staff return")
    assert imported.receipt is not None
    members = tuple(sorted({s.partition(":")[2] for s, _, _ in imported.receipt.events}))
    exercises = exercises_of(office)
    hr = Asking("hr", opened, frozenset({"admin"}))
    rules = binding(rulebook("tr-2013").with_values(SUPPLIED))
    transferors = ("London Probation Trust",)
    exercises.open(act(2), hr, NAME, rules, transferors=transferors)
    for number, milestone in enumerate((MilestoneName.TRANSFER, MilestoneName.DISSOLUTION)):
        exercises.move_milestone(
            act(10 + number), hr, NAME, milestone=milestone, to=soon, reason="planned"
        )
    exercises.set_scope(act(3), hr, NAME, members=members, criterion="all")
    exercises.propose(act(4), hr, NAME, seed="1")
    paths = dict.fromkeys(("automatic", "sifted", "drawn"), letters_on or opened)
    return exercises.form_groups(act(5), hr, NAME, letters_on=paths).names[0]

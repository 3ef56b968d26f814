"""A real exercise of today: no simulated clock, so that the database's own is the record's."""

from datetime import date, datetime, timedelta
from uuid import NAMESPACE_DNS, uuid5
from zoneinfo import ZoneInfo

from tests.support.words_2013 import MilestoneName
from transfer.commands import exercises
from transfer.commands.office import Act, Office
from transfer.imports.staff_return import import_return as imports
from transfer.imports.staff_return.sample import sample_return
from transfer.rulebooks import SuppliedValue, rulebook

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


def open_a_real_exercise(office: Office, letters_on: date | None = None) -> str:
    """Everything an administrator does up to the letters, today; answers a cohort's name."""
    opened = today()
    soon = opened + timedelta(days=200)
    content = sample_return(["London"], seed=1, people=PEOPLE)
    imported = imports.import_return(office, act(1), content, document="staff return")
    assert imported.receipt is not None
    members = tuple(sorted({s.partition(":")[2] for s, _, _ in imported.receipt.events}))
    exercises.open_exercise(
        office,
        act(2),
        name=NAME,
        terms=rulebook("tr-2013").with_values(SUPPLIED),
        transferors=("London Probation Trust",),
        on=opened,
        milestones={MilestoneName.TRANSFER: soon, MilestoneName.DISSOLUTION: soon},
    )
    exercises.set_scope(office, act(3), name=NAME, members=members, criterion="all", on=opened)
    exercises.propose_assignments(office, act(4), name=NAME, on=opened, seed="1")
    paths = dict.fromkeys(("automatic", "sifted", "drawn"), letters_on or opened)
    cohorts = exercises.form_cohorts(office, act(5), name=NAME, on=opened, letters_on=paths)
    return cohorts[0]

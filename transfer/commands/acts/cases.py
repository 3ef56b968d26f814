"""What the record is asked when the managers of cases are compared with it: who employs each."""

from datetime import date

from transfer.commands.acts.doing import Came, Doing, one
from transfer.commands.acts.given import ActGiven
from transfer.commands.matter_worlds import Loaded
from transfer.procedures.case_responsibility.decisions import RecordOfManager, register_of
from transfer.procedures.case_responsibility.register import Employment


class CaseResponsibilityCompareRecords(ActGiven):
    """Compares the managers of live cases with their own records, as they are known by now, on the
    day of the act. A case is owed a manager where its own is not employed, or is employed by an
    organisation that does not hold the case.
    """


def compare_records(doing: Doing, _body: ActGiven) -> Came:
    """Compare the managers of a register with their records."""
    day = doing.happened_on or doing.asking.today
    return one(doing, "compare-records", None, {"found": _found(doing, day)})


def _found(doing: Doing, day: date) -> list[dict[str, object]]:
    """Who employs each manager of a case that is live on a day, and since when."""
    cases = register_of(doing.tools.matters.state(doing.matter)).cases.values()
    managers = {held.manager for case in cases if case.is_live(day) for held in case.standing(day)}
    employment = Employment(doing.tools.worlds.records(Loaded(), managers))
    found = (
        RecordOfManager(
            manager=number, employer=employment.on(number, day), since=employment.since(number, day)
        )
        for number in sorted(managers)
    )
    return [each.model_dump(mode="json", exclude_none=True) for each in found]

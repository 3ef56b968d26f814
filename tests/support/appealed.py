"""Six people who appeal and on five of whom panels decide: what reports count."""

from datetime import date

from tests.support.asking import Json, created
from tests.support.practised import EXERCISE, Practised, consult

UNITS = {
    "S1": "Camden",
    "S2": "Camden",
    "S3": "Camden",
    "S4": "Brent",
    "S5": "Brent",
    "S6": "Brent",
}
BEFORE, DECIDED = "2013-12-13", "2013-12-20"
"""A day after the appeals, and one after the decisions."""

KNOWN_BEFORE = "2013-12-16T13:00:00Z"
"""What was decided on the 16th is recorded on the 20th."""

LONDON = "London Probation Trust"


def six_appeal(played: Practised) -> None:
    """S6 is on Band 3, the others on Band 4. North upholds two appeals, South rejects three, and S5
    waits. A group of two is the smallest shown."""
    played.service.small_group = 2
    for number, unit in UNITS.items():
        played.register(number, unit=unit, band="3" if number == "S6" else "4")
    played.open()
    played.to(date(2013, 11, 13))
    people = [*UNITS]
    created(played.act(EXERCISE, "set-scope", {"criterion": "all"}))
    panel = {"to": "CRC", "panel": "the local panel", "staff_numbers": people}
    created(played.act(EXERCISE, "decide-by-panel", panel))
    group = {"group": "LDN", "staff_numbers": people, "letters_on": "2013-12-02"}
    created(played.act(EXERCISE, "form-group", group))
    consult(played)
    played.to(date(2013, 12, 2))
    played.to(date(2013, 12, 10))
    for number in people:
        body = {"exercise": "tr", "staff_number": number, "grounds": "the caseload"}
        created(played.begin("appeal", body))
    played.to(date(2013, 12, 20))
    for number in ("S1", "S2", "S3", "S4", "S6"):
        upheld = number in ("S1", "S2")
        decided: Json = {
            "outcome": "upheld" if upheld else "rejected",
            "panel": "North" if upheld else "South",
            "reason": "heard",
            "happened_on": "2013-12-16",
        }
        decided |= {"to": "NPS"} if upheld else {}
        created(played.act(f"appeal/tr.{number}.1", "determine", decided))

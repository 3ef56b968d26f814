"""An exercise of two councils of Surrey, played behind the API, for its liability information."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from tests.support.asking import created
from tests.support.practised import Practised
from transfer.commands.office import Act, key_id
from transfer.commands.record import register
from transfer.core.record.entries import Registration
from transfer.core.words import Facet

OPENED: Final = date(2026, 10, 1)
EXERCISE: Final = "exercise/surrey"
EDITION: Final = "surrey-2027.2"
ELMBRIDGE, WOKING = "Elmbridge Borough Council", "Woking Borough Council"
FULL: Final = {
    "unit": "Housing",
    "role": "Housing officer",
    "workplace": "Esher",
    "fte": "1",
    "band": "6",
    "pay_point": "3",
    "terms_set": "NJC",
}
DOCUMENTS: Final = (
    "Written statements of particulars",
    "Disciplinary and grievance records of two years",
    "Claims of two years and claims expected",
    "Collective agreements that go on",
)


def open_surrey(played: Practised, edition: str = EDITION) -> None:
    """E1 has everything, E2 no date of birth and no pay point, W1 two part-time assignments, of
    which the second says less; an exercise that covers them, in which each has a proposal."""
    person(played, "E1", ELMBRIDGE)
    lacks = {name: value for name, value in FULL.items() if name != "pay_point"}
    person(played, "E2", ELMBRIDGE, lacks, born=None)
    person(played, "W1", WOKING, FULL | {"fte": "0.6"})
    second = {"employer": WOKING, "unit": "Planning", "role": "Clerk", "fte": "0.4"}
    change = {
        "effective_from": "2020-01-06",
        "assignment": "evenings",
        "changes": second,
        "reason": "a second post",
    }
    created(played.api.post("/staff/W1/changes", change))
    body: dict[str, object] = {"id": "surrey", "rulebook": edition}
    missing = played.begin("exercise", body, preview=True).json()["missing"]
    clauses = sorted({clause for each in missing for clause in each["clauses"]})
    values = [
        {"clause": each, "value": "0.6" if "share" in each else "15wd", "document": "a minute"}
        for each in clauses
    ]
    created(played.begin("exercise", body | {"values": values}))
    created(played.act(EXERCISE, "set-scope", {"criterion": "everybody"}))
    propose = {"staff_numbers": ["E1", "E2", "W1"], "seed": "1"}
    created(played.act(EXERCISE, "propose", propose))


def person(
    played: Practised,
    number: str,
    employer: str,
    details: Mapping[str, str] = FULL,
    born: str | None = "1980-02-29",
    begins: date = date(2015, 9, 1),
) -> None:
    """Register somebody of a council; with a birth date, as a return has it."""
    registration = Registration(
        staff_number=number,
        effective_from=begins,
        continuous_service_from=date(2009, 4, 1),
        position={Facet.EMPLOYER: employer} | {Facet(name): each for name, each in details.items()},
    )
    act = Act(by="office", command_id=key_id("surrey", number), request=number)
    personal = {"name": f"Person {number}"} | ({"date_of_birth": born} if born else {})
    entered = register(played.record.office, act, registration, personal=personal)
    played.service.acknowledge(entered.recorded_at)


def file_documents(played: Practised) -> None:
    """Register and file the documents that hold what the record cannot."""
    for title in DOCUMENTS:
        registered = created(
            played.api.post(
                "/documents", {"title": title, "issuer": "the councils", "dated_on": "2026-09-01"}
            )
        )
        filing = {"title": title, "document": registered["document"]}
        created(played.act(EXERCISE, "file-document", filing))

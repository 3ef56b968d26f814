"""A name that changes with a date: the entry goes to the log, the name to the vault alone."""

from transfer.commands.office import Act, Office
from transfer.commands.record import Entered
from transfer.core.record import staff
from transfer.core.record.entries import Naming
from transfer.core.record.names import name_of
from transfer.log.envelope import event_id_of


def name(office: Office, act: Act, staff_number: str, naming: Naming, name: str) -> Entered:
    """Record by what name somebody goes from a day, or put an earlier such entry right.

    Raises `NotOnRecord`, `Malformed`, `Conflict` (erased, or annulled), `KeyReused`,
    `StaleVersion`.
    """
    # The command writes this event first, so its id is known before.
    field = name_of(event_id_of(act.command_id, 0))
    sealed = office.vault.seal({staff_number: {field: name}})
    commitment = sealed.commitment(staff_number, field).hex()
    proved = naming.model_copy(update={"commitment": commitment})
    receipt = office.record_person(
        staff_number,
        act,
        lambda person: staff.name(person.record, proved),
        alongside=lambda cursor: office.vault.store(cursor, sealed),
    )
    return Entered.from_receipt(staff_number, receipt)

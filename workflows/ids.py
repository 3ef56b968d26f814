"""The names of workflows: made here and nowhere else, so that a fact always finds its own.

The type's name ends in its version: histories of years are replayed by the version that began them.
"""

from zlib import crc32

from workflows.messages import Lane, Whose

PROCEDURE = "transfer-procedure.v2"
"""The type of a workflow for a matter or a group."""

PEOPLE = "transfer-people.v1"
"""The type of a workflow for the people of a lane."""

LANES = 16
"""How many lanes there are. Another number does no harm: who is in two lanes for a while is looked
at twice."""


def task_queue_of(record: str) -> str:
    """The task queue of a record's service, unless the settings name another."""
    return f"transfer-{record}"


def procedure_name(whose: Whose) -> str:
    """What a procedure is called in the record and to whoever looks after the service.

    `exercise/tr-2013` is that of the matter `exercise:tr-2013`, `exercise/tr-2013/group/LDN.sifted`
    that of one of its groups, `exercise/tr-2013/person/S1` that of one person in it.
    """
    name = whose.matter.replace(":", "/", 1)
    if whose.group is not None:
        return f"{name}/group/{whose.group}"
    if whose.staff_number is not None:
        return f"{name}/person/{whose.staff_number}"
    return name


def runs_in(whose: Whose) -> Whose | Lane:
    """What a procedure runs in: a workflow for it alone, or the one of its person's lane."""
    if whose.staff_number is None:
        return whose
    return Lane(number=crc32(whose.staff_number.encode()) % LANES)


def workflow_name(of: Whose | Lane) -> str:
    """What a workflow is called: as its procedure, or `people/3`."""
    return f"people/{of.number}" if isinstance(of, Lane) else procedure_name(of)


def workflow_id(record: str, of: Whose | Lane) -> str:
    """The id under which a record's workflow runs, and never another beside it.

    It ends in the record's own identity: two offices that share a Temporal may both have a
    matter of one name.
    """
    return f"{workflow_name(of)}@{record}"


def name_under(record: str, workflow: str) -> str | None:
    """The name of the workflow of an id; `None` for one of another record."""
    name, at, of = workflow.rpartition("@")
    return name if at and of == record else None


def actor(whose: Whose) -> str:
    """Who is on record as having taken its steps, e.g. `procedure:exercise/tr-2013/group/A`."""
    return f"procedure:{procedure_name(whose)}"

"""The names of workflows: made here and nowhere else, so that a fact always finds its own.

The type's name ends in its version: histories of years are replayed by the version that began them.
"""

from workflows.messages import Whose

PROCEDURE = "transfer-procedure.v2"
"""The one type of workflow."""


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


def workflow_id(record: str, whose: Whose) -> str:
    """The id under which a record's procedure runs, and never another beside it.

    It ends in the record's own identity: two offices that share a Temporal may both have a
    matter of one name.
    """
    return f"{procedure_name(whose)}@{record}"


def procedure_of(record: str, workflow: str) -> str | None:
    """The procedure that runs under a workflow's id; `None` for one of another record."""
    name, at, of = workflow.rpartition("@")
    return name if at and of == record else None


def actor(whose: Whose) -> str:
    """Who is on record as having taken its steps, e.g. `procedure:exercise/tr-2013/group/A`."""
    return f"procedure:{procedure_name(whose)}"

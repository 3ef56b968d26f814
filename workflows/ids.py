"""The names of workflows: made here and nowhere else, so that a fact always finds its own.

The type's name ends in its version: histories of years are replayed by the version that began them.
"""

from workflows.messages import Whose

PROCEDURE = "transfer-procedure.v1"
"""The one type of workflow."""


def task_queue_of(record: str) -> str:
    """The task queue of a record's service, unless the settings name another."""
    return f"transfer-{record}"


def procedure_name(whose: Whose) -> str:
    """What a procedure is called in the record and to whoever looks after the service.

    `exercise/EXERCISE`, `cohort/EXERCISE/COHORT` or `person/EXERCISE/STAFF_NUMBER`.
    """
    if whose.cohort is not None:
        return f"cohort/{whose.exercise}/{whose.cohort}"
    if whose.staff_number is not None:
        return f"person/{whose.exercise}/{whose.staff_number}"
    return f"exercise/{whose.exercise}"


def workflow_id(record: str, whose: Whose) -> str:
    """The id under which a record's procedure runs, and never another beside it.

    It ends in the record's own identity: two offices that share a Temporal may both have an
    exercise of one name.
    """
    return f"{procedure_name(whose)}@{record}"


def procedure_of(record: str, workflow: str) -> str | None:
    """The procedure that runs under a workflow's id; `None` for one of another record."""
    name, at, of = workflow.rpartition("@")
    return name if at and of == record else None


def actor(whose: Whose) -> str:
    """Who is on record as having taken its steps, e.g. `procedure:cohort/tr-2013/LDN.sifted`."""
    return f"procedure:{procedure_name(whose)}"

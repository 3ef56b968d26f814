"""The names of workflows: made here and nowhere else, so that a fact always finds its own.

A type's name ends in its version: histories of years are replayed by the version that began them.
"""

from workflows.messages import Whose

SERVICE_QUEUE = "transfer"
"""The task queue of a service."""

EXERCISE_PROCEDURE = "transfer-exercise.v1"
COHORT_PROCEDURE = "transfer-cohort.v1"
PERSON_PROCEDURE = "transfer-person.v1"


def workflow_type(whose: Whose) -> str:
    """Which workflow runs the procedure."""
    if whose.cohort is not None:
        return COHORT_PROCEDURE
    return EXERCISE_PROCEDURE if whose.staff_number is None else PERSON_PROCEDURE


def workflow_id(whose: Whose) -> str:
    """The id under which a procedure runs, and never another beside it.

    `exercise/EXERCISE`, `cohort/EXERCISE/COHORT` or `person/EXERCISE/STAFF_NUMBER`.
    """
    if whose.cohort is not None:
        return f"cohort/{whose.exercise}/{whose.cohort}"
    if whose.staff_number is not None:
        return f"person/{whose.exercise}/{whose.staff_number}"
    return f"exercise/{whose.exercise}"


def actor(whose: Whose) -> str:
    """Who is on record as having taken its steps, e.g. `procedure:cohort/tr-2013/LDN.sifted`."""
    return f"procedure:{workflow_id(whose)}"

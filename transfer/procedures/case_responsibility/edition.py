"""What an edition says of responsibility for cases: the table `[case_responsibility]`."""

from transfer.core.editions.parts import ClauseId, Part


class CaseResponsibility(Part):
    """Every case has a manager at all times; for a while that may be one of another organisation.

    `manager` is the clause by which every case has an offender manager at every point. From the
    day of `aligned_from` up to and excluding that of `aligned_by` (both the clauses of a day) a
    manager whom another organisation employs than the one that holds the case may stay responsible.
    """

    manager: ClauseId
    aligned_from: ClauseId
    aligned_by: ClauseId

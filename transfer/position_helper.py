"""Where a process begins that helps to fill the positions: `python -m transfer.position_helper`."""

from projections.position.fill import work
from transfer.procedures.known_facts import KnownFacts


def _known() -> KnownFacts:
    # Only where a log has facts of a kind: to read all kinds takes longer than all that is above.
    from transfer.kinds import KNOWN

    return KNOWN


if __name__ == "__main__":
    work(_known)

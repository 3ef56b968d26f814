"""Where a process begins that helps to fill the positions: `python -m transfer.position_helper`."""

from projections.position.fill import work
from transfer.kinds import KNOWN

if __name__ == "__main__":
    work(KNOWN)

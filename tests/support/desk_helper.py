"""Where a process begins that helps to fill the positions of a program with the tests' own kind."""

from projections.position.fill import work
from tests.core.matter.desks import DESKS
from transfer.procedures.known_facts import KnownFacts

if __name__ == "__main__":
    work(lambda: KnownFacts((DESKS,)))

"""The kinds of procedure that the program has, and so every fact that it knows: a part of the
composition root that is quick to load, for the processes that help to fill a read model."""

from transfer.procedures.known_facts import KnownFacts

KNOWN = KnownFacts()

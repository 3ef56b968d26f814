"""The editions that the program knows, by name. One file holds each; a published one is frozen."""

from collections.abc import Mapping
from types import MappingProxyType

from transfer.core.refusals import Refused
from transfer.rulebooks.model import Rulebook, TermsOfExercise
from transfer.rulebooks.supplying import SuppliedValue
from transfer.rulebooks.tr_2013 import TR_2013
from transfer.rulebooks.values import parse_assumption, parse_value, print_value

__all__ = [
    "RULEBOOKS",
    "Rulebook",
    "SuppliedValue",
    "TermsOfExercise",
    "parse_assumption",
    "parse_value",
    "print_value",
    "rulebook",
]

RULEBOOKS: Mapping[str, Rulebook] = MappingProxyType({TR_2013.edition: TR_2013})


def rulebook(edition: str) -> Rulebook:
    """The rulebook of that edition; `Refused` with the known editions where there is none."""
    if edition not in RULEBOOKS:
        raise Refused(f"no rulebook {edition}; there are {', '.join(RULEBOOKS)}")
    return RULEBOOKS[edition]

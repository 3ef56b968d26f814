"""A copy of what a fold changes, so that a fold can go on while its result is still being read.

What nobody changes in place is shared: facts and other frozen models, words, numbers, days.
"""

import copy
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from pydantic import BaseModel

_NEVER_CHANGES = (str, bytes, int, float, Decimal, date, UUID, Enum, frozenset, type, type(None))


def copied(value: Any) -> Any:
    """A copy, which shares with the value only what nobody can change in place."""
    of: type = type(value)
    try:
        copier = _COPIERS[of]
    except KeyError:
        copier = _COPIERS[of] = _copier(of)
    return value if copier is None else copier(value)


_COPIERS: dict[type, Callable[[Any], Any] | None] = {}


def _copier(of: type) -> Callable[[Any], Any] | None:
    """How values of a class are copied; `None`: they are shared."""
    if issubclass(of, _NEVER_CHANGES):
        return None
    if issubclass(of, BaseModel) and of.model_config.get("frozen"):
        return None
    if of is dict:
        return lambda value: {key: copied(each) for key, each in value.items()}
    if of is list:
        return lambda value: [copied(each) for each in value]
    if of is set:
        return set
    if of is tuple:
        return lambda value: tuple([copied(each) for each in value])
    if is_dataclass(of):
        return _of_fields(of, [each.name for each in fields(of)])
    return copy.deepcopy


def _of_fields(of: type, names: list[str]) -> Callable[[Any], Any]:
    def copier(value: Any) -> Any:
        new: object = object.__new__(of)
        for name in names:
            object.__setattr__(new, name, copied(getattr(value, name)))
        return new

    return copier

"""The kinds of procedure that the program has."""

from transfer.core.matter.kind import Kind
from transfer.procedures.appeal.kind import APPEAL
from transfer.procedures.consultation.kind import CONSULTATION
from transfer.procedures.exercise.kind import EXERCISE

KINDS: tuple[Kind, ...] = (EXERCISE, APPEAL, CONSULTATION)

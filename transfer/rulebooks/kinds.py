"""The parts that an edition may have for kinds of procedure beside the exercise: a table each.

The model of a part stands in the room of its kind (`transfer/procedures/KIND/edition.py`). A kind
that goes by one has a line here.
"""

from typing import TypeVar, get_args

from pydantic import BaseModel, Field

from transfer.core.editions.parts import Part
from transfer.core.refusals import Refused
from transfer.procedures.accountability.edition import Accountability
from transfer.procedures.agreement.edition import Agreements
from transfer.procedures.case_responsibility.edition import CaseResponsibility
from transfer.procedures.choice.edition import Choice
from transfer.procedures.claim_window.edition import ClaimWindow
from transfer.procedures.departure.edition import Departure
from transfer.procedures.evaluation.edition import Evaluation
from transfer.procedures.grievance.edition import Grievances
from transfer.procedures.informing.edition import Informing
from transfer.procedures.key_work.edition import KeyWork
from transfer.procedures.liability_information.edition import LiabilityInformation
from transfer.procedures.posting.edition import Posting
from transfer.procedures.programme.edition import Programme
from transfer.procedures.protection.edition import Protection
from transfer.procedures.redundancy.edition import Redundancy
from transfer.procedures.staff_list.edition import StaffList
from transfer.procedures.statement.edition import StatementRules
from transfer.procedures.variation.edition import Variation
from transfer.procedures.vetting.edition import VettingRules
from transfer.procedures.warning.edition import WarningRules

P = TypeVar("P", bound=BaseModel)


def is_absent(part: object) -> bool:
    """Whether an edition does not have a part: then it is no part of what it says either."""
    return part is None


class ForKinds(Part):
    """The tables of an edition that are for kinds of procedure, by the names of the kinds."""

    edition: str
    choice: Choice | None = Field(default=None, exclude_if=is_absent)
    key_work: KeyWork | None = Field(default=None, exclude_if=is_absent)
    protection: Protection | None = Field(default=None, exclude_if=is_absent)
    vetting: VettingRules | None = Field(default=None, exclude_if=is_absent)
    claim_window: ClaimWindow | None = Field(default=None, exclude_if=is_absent)
    redundancy: Redundancy | None = Field(default=None, exclude_if=is_absent)
    case_responsibility: CaseResponsibility | None = Field(default=None, exclude_if=is_absent)
    agreement: Agreements | None = Field(default=None, exclude_if=is_absent)
    accountability: Accountability | None = Field(default=None, exclude_if=is_absent)
    warning: WarningRules | None = Field(default=None, exclude_if=is_absent)
    informing: Informing | None = Field(default=None, exclude_if=is_absent)
    posting: Posting | None = Field(default=None, exclude_if=is_absent)
    departure: Departure | None = Field(default=None, exclude_if=is_absent)
    variation: Variation | None = Field(default=None, exclude_if=is_absent)
    evaluation: Evaluation | None = Field(default=None, exclude_if=is_absent)
    grievance: Grievances | None = Field(default=None, exclude_if=is_absent)
    statement: StatementRules | None = Field(default=None, exclude_if=is_absent)
    programme: Programme | None = Field(default=None, exclude_if=is_absent)
    liability_information: LiabilityInformation | None = Field(default=None, exclude_if=is_absent)
    staff_list: StaffList | None = Field(default=None, exclude_if=is_absent)

    @property
    def parts(self) -> dict[str, BaseModel]:
        """The parts that the edition has, by the names of their kinds."""
        named = {name: getattr(self, name) for name in ForKinds.model_fields if name != "edition"}
        return {n.replace("_", "-"): part for n, part in named.items() if part is not None}

    def has(self, model: type[BaseModel]) -> bool:
        """Whether the edition has that part."""
        return any(isinstance(part, model) for part in self.parts.values())

    def part(self, model: type[P]) -> P:
        """The part of that model; `Refused` where the edition has none."""
        for part in self.parts.values():
            if isinstance(part, model):
                return part
        for name, info in ForKinds.model_fields.items():
            if model in get_args(info.annotation):
                raise Refused(f"{self.edition} has no rules for that: its file has no [{name}]")
        raise ValueError(f"no edition has a part {model.__name__}")

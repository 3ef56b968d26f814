"""What a staff return says beside the position, as an edition declares it; not judged."""

from pydantic import Field

from transfer.core.words import Basis, Frozen


class EvidenceReturned(Frozen):
    """The evidence that a return carries of one person.

    `values` are the fields that the return fills, in their written form; `documents` name the
    document behind a field, where the edition asks for one. `basis` says which edition and file.
    """

    values: dict[str, str] = Field(default_factory=dict)
    documents: dict[str, str] = Field(default_factory=dict)
    basis: Basis | None = None

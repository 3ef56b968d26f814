"""The declaration of a formal warning.

issued ─► who decides is not shown: the document is owed, until it is shown
       ─► issued by somebody who could not: to be reviewed, until it is withdrawn or let stand
"""

from collections.abc import Callable
from typing import TypeVar

from pydantic import BaseModel

from transfer.core.matter import common
from transfer.core.matter.deciding import Case
from transfer.core.matter.facts import ADMINISTRATION, MatterFact
from transfer.core.matter.kind import Act, Answer, Kind, Substance, closes, on, opens
from transfer.core.matter.reckoning import Reckoned
from transfer.core.matter.words import Nature, Outcome, Over
from transfer.procedures.warning import answers as q
from transfer.procedures.warning import decisions as d
from transfer.procedures.warning import facts as f
from transfer.procedures.warning.edition import Relation, WarningRules

N = TypeVar("N", bound=BaseModel)

ADMIN = ("admin",)
SHOW, REVIEW = "show-who-decides", "review-warning"


def _act(
    name: str, needs: type[N], decide: Callable[[Case, N], tuple[MatterFact, ...]], says: str
) -> Act[N]:
    return Act(name, Over.PERSON, ADMIN, needs, decide, says)


def _not_shown(fact: f.WarningIssued) -> Reckoned | None:
    return None if fact.is_shown else Reckoned(basis=fact.basis)


def _not_authorised(fact: f.WarningIssued | f.DecidingRelationShown) -> Reckoned | None:
    judged = not isinstance(fact, f.WarningIssued) or fact.is_shown
    return Reckoned(basis=fact.basis) if judged and not fact.is_authorised else None


def _are(relations: tuple[Relation, ...]) -> str:
    return " or ".join(each.replace("_", " ") for each in relations)


WARNING = Kind(
    name="warning",
    title="A formal warning, and who could issue it",
    part=WarningRules,
    begins="issue",
    facts={
        f.WarningIssued: "warning-issued.v1",
        f.DecidingRelationShown: "deciding-relation-shown.v1",
        f.WarningWithdrawn: "warning-withdrawn.v1",
        f.WarningLetStand: "warning-let-stand.v1",
    },
    acts=(
        _act("issue", d.Issuing, d.issue, "put a formal warning on record"),
        _act("show-who-decides", d.Shown, d.show, "say what a document shows of who decides"),
        _act("withdraw-warning", d.WhyWarning, d.withdraw, "withdraw the warning"),
        _act("let-stand", d.WhyWarning, d.let_stand, "let the warning stand"),
        common.SETTLE,
    ),
    steps=(),
    obligations=(
        on(
            f.WarningIssued,
            opens(SHOW, Nature.DUTY, owner=ADMINISTRATION, owed_to="staff", when=_not_shown),
            opens(REVIEW, Nature.DUTY, owner=ADMINISTRATION, owed_to="staff", when=_not_authorised),
        ),
        on(
            f.DecidingRelationShown,
            closes(SHOW),
            closes(REVIEW, Outcome.SUPERSEDED, if_=lambda f: f.is_authorised),
            opens(REVIEW, Nature.DUTY, owner=ADMINISTRATION, owed_to="staff", when=_not_authorised),
        ),
        on(f.WarningWithdrawn, closes(SHOW, Outcome.SUPERSEDED), closes(REVIEW)),
        on(f.WarningLetStand, closes(REVIEW)),
    ),
    sentences={
        f.WarningIssued: lambda f: (
            f"warned by {f.issued_by} ({f.process}), who is "
            + (f"their {_are(f.relations)}" if f.relations else "nothing to them by the record")
            + ("" if f.is_shown else "; no document shows who could")
        ),
        f.DecidingRelationShown: lambda f: (
            f"from {f.effective_from} a formal case is decided by the {_are(f.decided_by)}"
        ),
        f.WarningWithdrawn: lambda f: f"the warning is withdrawn: {f.reason}",
        f.WarningLetStand: lambda f: f"the warning stands: {f.reason}",
    },
    answers=(
        Answer(
            "authority",
            Over.PERSON,
            "Who could issue a warning on a day, and whether this one was issued by such a person",
            q.WarningAuthority,
            q.authority,
            of_all_known=True,
            reads=q.who_issued,
        ),
    ),
    person=Substance(d.FormalWarning, d.evolve),
)

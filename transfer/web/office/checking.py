"""What the pages that ask, check and record share: sentences, links, what a form carries along."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from markupsafe import Markup
from pydantic import BaseModel

from transfer.core.matter.facts import SETTLE
from transfer.core.refusals import Malformed
from transfer.questions.procedures import ToSettle
from transfer.web.frame.forms import Form, checked
from transfer.web.frame.wording import day_text, days_worded, facet_text

MOST_LINES = 50
"""How many sentences of one kind a page lists."""


def check_rows(form: Form[Any], body: BaseModel) -> list[dict[str, object]]:
    """What was filled in, as rows of a summary list."""
    return [summary_row(each.label, each.lines) for each in checked(form, body)]


def summary_row(label: str, lines: Sequence[str]) -> dict[str, object]:
    """A row of a summary list, each line on its own."""
    value = {"html": Markup("<br>").join(lines), "classes": "app-lines"}
    return {"key": {"text": label}, "value": value}


def procedure_address(kind: str, id_: str) -> str:
    """The address of a procedure; without an id, of its kind."""
    base = f"/procedures/{quote(kind, safe='')}"
    return f"{base}/{quote(id_, safe='')}" if id_ else base


def sentence(text: str, *, stop: bool = True) -> str:
    """A sentence with its dates as the office writes them."""
    said = days_worded(text.strip())
    return said[:1].upper() + said[1:] + ("." if stop and said and said[-1] not in ".?!" else "")


def settle_says(each: ToSettle) -> str:
    """Which decision would state something else by now, and why."""
    whose = f" of {each.staff_number}" if each.staff_number else ""
    return (
        f"{facet_text(each.step)}{whose}, decided on {day_text(each.decided_on)}, "
        f"because of {sentence(each.because_of, stop=False)}"
    )


def to_settle_link(each: ToSettle) -> dict[str, object]:
    """The same, with the address of the act that settles it."""
    kind, _, id_ = each.procedure.partition(":")
    return {
        "says": settle_says(each),
        "href": f"{procedure_address(kind, id_)}/acts/{SETTLE}?duty={each.duty}",
    }


_LATER = "later"
_WHAT_BECOMES = "If you choose nothing, it is put on the list of work, to be decided there."


def typed_of(fields: Mapping[str, str], own: Collection[str]) -> Iterator[tuple[str, str]]:
    """The inputs of a form itself, without decisions for which nothing was chosen; `own` are those
    that every form carries besides."""
    for name, text in fields.items():
        of_row = name.startswith(f"{_LATER}-") and name.endswith(("-name", "-value"))
        if of_row and not fields.get(f"{name.rpartition('-')[0]}-value"):
            continue
        if name not in own:
            yield name, text


def hidden_of(typed: Mapping[str, str]) -> list[tuple[str, str]]:
    """What a check carries along: not what it asks itself, which is what becomes of decisions."""
    return [
        (name, text) for name, text in typed.items() if text and not name.startswith(f"{_LATER}-")
    ]


def asks_what_becomes_of(
    form: Form[Any], to_settle: Sequence[ToSettle], typed: Mapping[str, str]
) -> dict[str, object]:
    """What is asked beside a check: what becomes of each decision with which it collides, in the
    field `later` of the form."""
    (later,) = (each for each in form.fields if each.name == _LATER)
    chosen = {
        text: typed.get(f"{name.removesuffix('-name')}-value", "")
        for name, text in typed.items()
        if name.startswith(f"{_LATER}-") and name.endswith("-name")
    }
    asks, rows, picked = [], [], dict(typed)
    for n, each in enumerate(to_settle[:MOST_LINES]):
        label = f"{settle_says(each)}: what becomes of it?"
        made = replace(later.fields[1], label=label, hint=_WHAT_BECOMES)
        asks.append((f"{_LATER}-{n}-value", made))
        rows.append((f"{_LATER}-{n}-name", str(each.duty)))
        picked[f"{_LATER}-{n}-value"] = chosen.get(str(each.duty), "")
    return {"asks": asks, "ask_rows": rows, "typed": picked}


def key_sent(fields: Mapping[str, str]) -> str:
    """The key of a confirmation: sent twice, it records once. Raises `Malformed`."""
    key = fields.get("key", "")
    if not key:
        raise Malformed("this form is incomplete: go back, and fill it in again", field="key")
    return key


def version_sent(fields: Mapping[str, str]) -> int | None:
    """The version on which a confirmation rests. Raises `Malformed`."""
    text = fields.get("version", "")
    if text and not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
        raise Malformed("not a version", field="version")
    return int(text) if text else None

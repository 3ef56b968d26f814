"""Whether the declarations of kinds are complete: each fact has a sentence, each step an act.

Checked once for all kinds together, by a test and at the start of the program.
"""

from collections.abc import Iterable, Iterator, Sequence

from transfer.core.matter import facts as t
from transfer.core.matter.kind import RELY_ON, Kind
from transfer.core.matter.words import Nature, Over


def faults(*kinds: Kind) -> tuple[str, ...]:
    """Everything that these declarations lack, each as a sentence; nothing for complete ones."""
    found: list[str] = []
    names: dict[str, str] = dict.fromkeys(t.STORED_NAMES.values(), "the engine")
    owners: dict[type, str] = dict.fromkeys(t.STORED_NAMES, "the engine")
    for kind in kinds:
        found += _faults_of(kind)
        for fact, name in kind.facts.items():
            if name in names:
                found.append(
                    f"{kind.name}: {fact.__name__} is stored as {name!r}, which is a name "
                    f"of {names[name]}"
                )
            if fact in owners:
                found.append(f"{kind.name}: {fact.__name__} is a fact of {owners[fact]} already")
            names[name], owners[fact] = kind.name, kind.name
    for kind in kinds:
        found += [
            f"{kind.name}: hears {fact.__name__}, which no kind has"
            for fact in kind.hears
            if fact not in owners
        ]
    found += _twice("kind", [kind.name for kind in kinds])
    return tuple(found)


def _faults_of(kind: Kind) -> Iterator[str]:
    acts = {act.name for act in kind.acts}
    yield from (f"{kind.name}: {each}" for each in _twice("act", [a.name for a in kind.acts]))
    yield from (f"{kind.name}: {each}" for each in _twice("step", [s.name for s in kind.steps]))
    for act in kind.acts:
        if not act.who:
            yield f"{kind.name}: nobody may do {act.name}"
        if not act.says.strip():
            yield f"{kind.name}: {act.name} does not say what it is"
        if act.for_body and act.for_body not in act.needs.model_fields:
            yield f"{kind.name}: {act.name} does not ask for the body that does it"
        if "union" in act.who and (not act.for_body or kind.bodies is None):
            yield f"{kind.name}: a representative may do {act.name}, and it is for no body"
    if kind.acts and kind.begins not in acts:
        yield f"{kind.name}: no act {kind.begins}, with which it would begin"
    yield from (f"{kind.name}: {each}" for each in _twice("answer", [a.name for a in kind.answers]))
    if kind.grounds is not None and RELY_ON not in acts:
        yield f"{kind.name}: nothing notes what rests on it: it has no act {RELY_ON}"
    if kind.acts and t.SETTLE not in acts:
        yield f"{kind.name}: nobody may settle a decision that would state something else"
    opened = {
        each.what for row in kind.obligations for each in row.does if each.nature is Nature.ACT
    }
    for step in kind.steps:
        if step.act.name not in acts:
            yield f"{kind.name}: step {step.name} takes an act that the kind does not have"
        if step.name not in opened:
            yield f"{kind.name}: no fact makes step {step.name} fall due"
        if not step.falls_due.strip():
            yield f"{kind.name}: step {step.name} does not say when it falls due"
    for act in kind.acts:
        if act.over is Over.PERSON and kind.several(act.name) is not None:
            yield f"{kind.name}: {act.name} is over one person and sees several"
    for what in sorted(opened - {step.name for step in kind.steps}):
        yield f"{kind.name}: {what} falls due and no step takes it"
    known = set(kind.facts) | set(t.STORED_NAMES) | set(kind.hears)
    for row in kind.obligations:
        if row.fact not in known:
            yield f"{kind.name}: obligations name {row.fact.__name__}, which it does not have"
    ended = {each.what for row in kind.obligations for each in row.does if each.nature is None}
    for row in kind.obligations:
        for each in row.does:
            if each.nature in (Nature.DUTY, Nature.ACT) and each.what not in ended:
                yield f"{kind.name}: nothing ends what {row.fact.__name__} opens: {each.what}"
    for fact in kind.facts:
        if fact not in kind.sentences:
            yield f"{kind.name}: {fact.__name__} has no sentence"
    tables: tuple[tuple[str, Iterable[type[t.MatterFact]]], ...] = (
        ("sentences", kind.sentences),
        ("effects", kind.effects),
        ("calls_for", kind.calls_for),
        ("reopens", kind.reopens),
    )
    for table, names in tables:
        for fact in names:
            if fact not in known:
                yield f"{kind.name}: {table} name {fact.__name__}, which it does not have"


def _twice(what: str, names: Sequence[str]) -> Iterator[str]:
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{what} {name} is declared twice"

"""transfer rulebook: the editions; show, check, add and compare them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from transfer.cli.common import (
    REFUSED,
    USAGE,
    AsJson,
    Data,
    at_work,
    say,
    say_json,
    say_table,
    settings_for,
    user,
    warn,
)
from transfer.cli.editions import edition_named, editions_known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from transfer.core.editions.parts import Clause
    from transfer.core.words import Confidence
    from transfer.rulebooks import Rulebook
    from transfer.rulebooks.loading import FaultyEdition

_ACTS = ("check", "add", "diff")
_USAGE = "transfer: rulebook [EDITION] | check FILE | add FILE | diff A B"


def register(app: typer.Typer) -> None:
    """Add the command."""

    @app.command()
    def rulebook(
        what: Annotated[
            list[str] | None,
            typer.Argument(metavar="[EDITION | check FILE | add FILE | diff A B]"),
        ] = None,
        data: Data = None,
        as_json: AsJson = False,
    ) -> None:
        """List the rulebooks, show one, check a file, add it to the record, compare two.

        With nothing: the program's editions, and those added to the data folder. With an edition
        or a file: its clauses, values, sources and confidence, and what is unknown. `check FILE`
        names every fault with its line, and exits with 1 where there is one. `add FILE` takes an
        edition into the record; one that something was opened under is never replaced: give the
        edition a new id. `diff A B` says what B does otherwise than A; both are editions or files.

        Confidence: S a source says so, G general law or practice, I inferred, X looked for and not
        found. The format of a file is described in docs/rulebooks.md.

        \b
        Examples:
          transfer rulebook
          transfer rulebook tr-2013
          transfer rulebook check merger-2027.toml
          transfer rulebook add merger-2027.toml
          transfer rulebook diff tr-2013 merger-2027.toml
        """
        raise typer.Exit(_do(what or [], data, as_json))


def _do(what: list[str], data: Path | None, as_json: bool) -> int:
    match what:
        case []:
            _list(editions_known(data), as_json)
        case ["check", name]:
            return _check(name, as_json)
        case ["add", name]:
            return _add(name, data, as_json)
        case ["diff", before, after]:
            _compare(edition_named(before, data), edition_named(after, data), as_json)
        case [name] if name not in _ACTS:
            book = edition_named(name, data)
            if as_json:
                say_json({**book.model_dump(mode="json"), "sha256": book.digest()})
            else:
                _show(book)
        case _:
            warn(_USAGE)
            return USAGE
    return 0


def _check(name: str, as_json: bool) -> int:
    from transfer.rulebooks.loading import FaultyEdition, load_edition

    try:
        book = load_edition(Path(name).read_bytes())
    except FaultyEdition as faulty:
        return _faulty(name, faulty, as_json)
    if as_json:
        say_json({"good": True, "faults": [], **_summary(book)})
    else:
        say(f"{name}: no faults.")
        _summarise(book)
    return 0


def _faulty(name: str, faulty: "FaultyEdition", as_json: bool) -> int:
    if as_json:
        faults = [{"line": it.line, "field": it.field, "reason": it.reason} for it in faulty.faults]
        say_json({"good": False, "faults": faults})
    else:
        for fault in faulty.faults:
            say(f"{name}, {fault}")
    count = len(faulty.faults)
    warn(f"transfer: {name} has {count} fault{'' if count == 1 else 's'}: it is no edition yet")
    return REFUSED


def _add(name: str, data: Path | None, as_json: bool) -> int:
    from transfer.rulebooks.loading import FaultyEdition

    source = Path(name).read_bytes()
    with at_work(
        settings_for(data), "transfer rulebook add", catch_up=False, begins=True
    ) as record:
        try:
            added = record.office.editions.add(source, by=user())
        except FaultyEdition as faulty:
            return _faulty(name, faulty, as_json)
    if as_json:
        say_json({"added": not added.already_there, **_summary(added.book)})
    elif added.already_there:
        say(f"{added.book.edition} is in the record already, with this very text.")
    else:
        say(f"Added {added.book.edition}, SHA-256 {added.book.digest()}")
        if added.book.law is not None:
            name = added.book.edition
            say(f"Next: transfer sample --rulebook {name} --people 50 --output staff.csv")
    return 0


def _list(books: "Mapping[str, Rulebook]", as_json: bool) -> None:
    if as_json:
        say_json({"rulebooks": [_summary(each) for each in books.values()]})
        return
    rows = [
        (
            each.edition,
            each.title,
            "" if each.law is None else each.law.is_.value,
            ", ".join(each.begins),
            str(len(each.clauses)),
        )
        for each in books.values()
    ]
    say_table("Rulebooks", ("edition", "title", "mechanism", "for", "clauses"), rows)


def _summary(book: "Rulebook") -> dict[str, object]:
    return {
        "edition": book.edition,
        "title": book.title,
        "mechanism": None if book.law is None else book.law.is_.value,
        "begins": book.begins,
        "clauses": len(book.clauses),
        "needs": [clause.id for clause in book.needs()],
        "sha256": book.digest(),
    }


def _say_title(book: "Rulebook") -> None:
    say(f"{book.edition}: {book.title}")
    if book.law is not None:
        say(f"Mechanism {book.law.is_.value} ({book.law.by}). Calendar {book.calendar}.")
    say(f"For: {', '.join(book.begins) or 'no procedure'}.")


def _summarise(book: "Rulebook") -> None:
    _say_title(book)
    if book.law is None:
        say_table("What it holds", ("what", "how many"), [("clauses", str(len(book.clauses)))])
        _say_needs(book)
        return
    rows = [
        ("transferors", str(len(book.transferors)), ""),
        ("transferees", str(len(book.transferees)), ", ".join(book.transferees)),
        ("clauses", str(len(book.clauses)), ""),
        ("evidence", str(len(book.evidence)), ", ".join(it.name for it in book.evidence)),
        ("routes", str(len(book.routes)), ", ".join(it.id for it in book.routes)),
        ("letters", str(len(book.letters)), ", ".join(it.id for it in book.letters)),
        ("windows", str(len(book.windows)), ", ".join(it.id for it in book.windows)),
        ("gates", str(len(book.gates)), ", ".join(it.before.value for it in book.gates)),
    ]
    say_table("What it holds", ("what", "how many", "which"), rows)
    _say_needs(book)


def _say_needs(book: "Rulebook") -> None:
    needed = book.needs()
    if not needed:
        return
    from transfer.rulebooks import print_value

    say("Nothing that goes by these begins before they are supplied, with their documents:")
    for clause in needed:
        suggested = clause.suggested_for_rehearsal
        proposed = "" if suggested is None else f" (rehearse with {print_value(suggested)})"
        own = ", of each transferor" if clause.each_transferor else ""
        say(f"  {clause.id}  {clause.title}: {clause.document_needed}{own}{proposed}")


def _say_unknown(book: "Rulebook") -> None:
    """What nobody knows and an exercise can open without."""
    unknown = [each for each in book.clauses if each.unknown_because and not each.needed]
    if unknown:
        say("Unknown too, and not needed to open; the document that would tell:")
    for clause in unknown:
        say(f"  {clause.id}  {clause.title}: {clause.document_needed}")


def _show(book: "Rulebook") -> None:
    _say_title(book)
    say(f"SHA-256 {book.digest()}")
    say()
    rows = [
        (
            clause.id,
            clause.title,
            _valued(clause),
            clause.confidence.value,
            "; ".join(clause.sources),
        )
        for clause in book.clauses
    ]
    say_table("Clauses", ("clause", "title", "value", "conf.", "sources"), rows)
    milestones = [
        (
            each.name,
            each.on.isoformat(),
            each.announced_on.isoformat(),
            each.clause,
            _weaker(book.by_id[each.clause].confidence, each.confidence),
            "; ".join(each.transferors) or "all",
        )
        for each in book.milestones
    ]
    head = ("milestone", "day", "announced", "clause", "conf.", "whose")
    if milestones:
        say_table("Milestones", head, milestones)
    routes = [
        (
            each.id,
            each.when,
            each.to or f"drawn among {', '.join(each.draw.between if each.draw else ())}",
            each.clause,
        )
        for each in book.routes
    ]
    if routes:
        say_table("Routes, in order", ("route", "when", "to", "clause"), routes)
    _say_needs(book)
    _say_unknown(book)


def _weaker(one: "Confidence", other: "Confidence") -> str:
    """The weaker of two: S a source, G general knowledge, I inferred, X not found."""
    return max(one.value, other.value, key="SGIX".index)


def _valued(clause: "Clause") -> str:
    from transfer.rulebooks import print_value

    parts = []
    if clause.value is not None:
        unit = f" {clause.unit}" if clause.unit else ""
        counted = f", {clause.counted}" if clause.counted else ""
        parts.append(f"{print_value(clause.value)}{unit}{counted}")
    elif clause.unknown_because:
        parts.append(f"unknown: {clause.unknown_because}")
    parts += [f"{name}: {print_value(value)}" for name, value in clause.values.items()]
    return "; ".join(parts)


def _compare(before: "Rulebook", after: "Rulebook", as_json: bool) -> None:
    from transfer.rulebooks.comparing import changes_between

    changes = changes_between(before, after)
    if as_json:
        say_json({"from": before.edition, "to": after.edition, "changes": changes})
        return
    for sentence in changes:
        say(sentence)
    if not changes:
        say(f"{before.edition} and {after.edition} say the same.")

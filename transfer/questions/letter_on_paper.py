"""A letter of an exercise as values of its document (`transfer/printing/templates/letter.typ`)."""

from datetime import date

from transfer.questions.letters_of_exercise import LetterRow, LetterState


def letter_on_paper(row: LetterRow, rehearsed: str | None) -> dict[str, object]:
    """The values of the document. One that is not sent yet is a draft, with what it has to say."""
    draft = row.state is LetterState.TO_SEND
    marks = [*(["Draft"] if draft else []), *(["Rehearsed: no letter"] if rehearsed else [])]
    day = row.sent_again_on or row.sent_on or row.goes_out_on
    return {
        "title": " and ".join(row.letters) or "Letter",
        "exercise": row.exercise,
        "staff_number": row.staff_number,
        "mark": ", ".join(marks) or None,
        "day": _day(day),
        "name": row.name or f"Staff number {row.staff_number}",
        "unit": row.unit,
        "transferor": row.employer or row.transferor,
        "paragraphs": list(_paragraphs(row)),
        "windows": [
            *(
                {"what": what, "last_day": _day(on) or "no day"}
                for what, on in row.last_days.items()
            ),
            *(
                {"what": what, "last_day": "set when the letter goes out"}
                for what in row.may
                if draft
            ),
        ],
        "clause": f"By clause {row.clause} of {row.edition}:" if row.clause else "",
        "contents": list(row.contents) if draft else [],
    }


def _paragraphs(row: LetterRow) -> list[str]:
    if row.destination_name is None:
        said = ["It is not decided yet where you go."]
    else:
        by = f", by the rule: {row.route_title}" if row.route_title else ""
        said = [f"You are to go to {row.destination_name}{by}."]
        if row.because:
            said.append(f"The reason: {row.because}.")
    if row.missing and row.state is LetterState.TO_SEND:
        said.append(f"Missing on the record: {'; '.join(row.missing)}.")
    return said


def _day(day: date | None) -> str | None:
    return None if day is None else f"{day.day} {day:%B %Y}"

"""What may be written down of an error: never what it quotes, for that may be personal data.

An error of pydantic quotes the input, one of the database the row, and any error may be raised with
what somebody wrote about themselves. Two ways to tell of one:

- `kept(error)`, for what is kept beside the record for whoever looks after it (a projection or a
  procedure that has stopped). They work on facts, which hold no personal data: what pydantic and
  the database quote is left out, and what the program says itself is kept.
- `traced(error)`, for the service's log, where anything may arrive: its type and where it came
  from, line by line, and nothing that it says.
"""

import traceback
from collections.abc import Iterator

import psycopg
from eventsourcing import persistence
from eventsourcing.persistence import PersistenceError
from pydantic import ValidationError

_ASKED_WRONGLY = (
    persistence.DataError,
    persistence.IntegrityError,
    persistence.NotSupportedError,
    persistence.ProgrammingError,
    psycopg.DataError,
    psycopg.IntegrityError,
    psycopg.NotSupportedError,
    psycopg.ProgrammingError,
)
_TOO_LARGE = "54"
"""The class of SQLSTATE for what exceeds a limit: a row that is too large for its index, say."""

NO_ANSWER = (psycopg.Error, PersistenceError)
"""The errors of a question to the database that got no answer."""

_WRONG_VALUE = "22"
"""The class of SQLSTATE for data that is not what it should be."""

_MOST_FRAMES = 50
_MOST_CAUSES = 10


def is_lost_connection(error: BaseException) -> bool:
    """Whether it is the server that failed, not what was asked of it: shut down, gone, full."""
    if isinstance(error, PersistenceError):
        cause = error.__cause__
        state = cause.sqlstate if isinstance(cause, psycopg.Error) else None
        is_too_large = state is not None and state.startswith(_TOO_LARGE)
        return not is_too_large and not isinstance(cause or error, _ASKED_WRONGLY)
    # psycopg says OperationalError also of a row that is too large for its index: not a loss.
    return isinstance(error, psycopg.OperationalError) and (
        error.sqlstate is None or error.sqlstate.startswith(("08", "53", "57P", "40"))
    )


def kept(error: BaseException) -> str:
    """An error's type and what it says, without the input or the row that it may quote."""
    match error:
        case ValidationError():
            found = error.errors(include_url=False, include_context=False, include_input=False)
            fields = "; ".join(
                f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in found
            )
            return f"{type(error).__name__}: {fields}"
        case psycopg.Error() if error.sqlstate is not None:
            # The row is in the error's detail; only what is wrong with a value quotes the value.
            says = error.diag.message_primary
            if error.sqlstate.startswith(_WRONG_VALUE) or says is None:
                says = error.sqlstate
            return f"{type(error).__name__}: {says}"
        case PersistenceError() if error.__cause__ is not None:
            return kept(error.__cause__)
        case _:
            return f"{type(error).__name__}: {error}"


def traced(error: BaseException) -> list[dict[str, object]]:
    """An error and what it came from: each one's type and the lines that it passed, innermost last.

    An error of the database has its code besides (`sqlstate`).
    """
    return [_one(each) for each in _causes(error)]


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    left: BaseException | None = error
    while left is not None and id(left) not in seen and len(seen) < _MOST_CAUSES:
        seen.add(id(left))
        yield left
        if isinstance(left, BaseExceptionGroup):
            for each in left.exceptions:
                yield from _causes(each)
        left = left.__cause__ or (None if left.__suppress_context__ else left.__context__)


def _one(error: BaseException) -> dict[str, object]:
    kind = type(error)
    told: dict[str, object] = {"type": f"{kind.__module__}.{kind.__qualname__}"}
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        told["sqlstate"] = error.sqlstate
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    told["at"] = [f"{each.filename}:{each.lineno} in {each.name}" for each in frames]
    return told

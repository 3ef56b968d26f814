"""What a running service writes down about itself: JSON lines in DIR/logs/service.log.

Warnings and worse also go to standard error, as plain lines. Where a platform collects what its
processes say, all of it goes to standard output instead, as the same JSON lines. None of them ever
has a body, a query, a token, a caller's name or personal data in it. Nothing here is given any, but
an error may quote whatever was being done when it happened, and so may the libraries that report
one. So of an error only its type and the lines that it passed are written (`transfer.log.faults`):
not what it says, not the source, not the values of variables. Of what a library says, only what
stands before the first colon or the end of the first line.

A JSON line says the role of its process. One that is written while a request is answered, or a step
of a procedure taken, has what that is followed by: `request_id` and `trace_id`
(`transfer.log.trace`).
"""

import logging
import re
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

import structlog
from structlog.typing import EventDict, ExcInfo, WrappedLogger

from transfer.log.faults import traced
from transfer.log.trace import current

_MOST_BYTES = 10 * 1024 * 1024
_OLD_FILES = 5

# Who sends nonsense to the port is no news for the operator: uvicorn warns of each of them.
_NOISY = {
    "asyncio": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "uvicorn.error": logging.ERROR,
}

_OURS = ("transfer", "workflows", "projections", "deploy")
_ASIDE = ("event", "exc_info", "level", "logger", "request_id", "role", "timestamp", "trace_id")
_FIRST_WORDS = re.compile(r"[^\n]*?(?=: |:?\n|:?$)")


def keep_log(path: Path | None, role: str) -> None:
    """Send everything that this process logs to that file, and warnings to standard error.

    Without a file everything goes to standard output. `role` is what the process does.
    """
    # Where a line cannot be written, the library would write what it was made of to standard error.
    logging.raiseExceptions = False

    def with_role(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        event["role"] = role
        return event

    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        with_role,
        _followed,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handlers: list[logging.Handler]
    if path is None:
        handlers = [logging.StreamHandler(sys.stdout)]
    else:
        file = RotatingFileHandler(
            path, maxBytes=_MOST_BYTES, backupCount=_OLD_FILES, encoding="utf-8"
        )
        shown = logging.StreamHandler(sys.stderr)
        shown.setLevel(logging.WARNING)
        shown.setFormatter(_Shown())
        handlers = [file, shown]
    handlers[0].setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _shorten],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(_traced),
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = handlers
    root.setLevel(logging.INFO)
    for name, level in _NOISY.items():
        logging.getLogger(name).setLevel(level)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class _Shown(logging.Formatter):
    """A line of what was logged, with the types of an error and nothing else of it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line; the record is left as it is for the other handlers."""
        if isinstance(record.msg, dict):  # as structlog hands it on
            rest = {name: value for name, value in record.msg.items() if name not in _ASIDE}
            about = ", ".join(f"{name} {value}" for name, value in rest.items())
            text = f"{record.msg['event']} ({about})" if about else str(record.msg["event"])
            error = record.msg.get("exc_info")
        else:
            text = _said(record.name, record.getMessage())
            error = record.exc_info
        if error is True:
            error = sys.exc_info()[1]
        elif isinstance(error, tuple):
            error = error[1]
        if isinstance(error, BaseException):
            text += ": " + ", from ".join(str(each["type"]) for each in traced(error))
        return f"transfer: {text}"


def _said(logger: str, text: str) -> str:
    """What may be written of what was logged: of a library's, its first words."""
    if logger.partition(".")[0] in _OURS:
        return text
    found = _FIRST_WORDS.match(text)
    return found[0] if found else ""


def _followed(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    trace = current.get()
    if trace is not None:
        event["trace_id"] = trace.trace_id
        if trace.request_id:
            event["request_id"] = trace.request_id
    return event


def _shorten(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    event["event"] = _said(str(event.get("logger", "")), str(event["event"]))
    return event


def _traced(exc_info: ExcInfo) -> list[dict[str, object]]:
    return traced(exc_info[1])

"""Structured logs: one line a fact, in JSON for machines or in colour for people. Personal data never gets here:
callers log identifiers and codes, and the last processor drops what looks like a secret all the same.
"""

import logging
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_NEVER = frozenset({"authorization", "token", "email", "password", "secret", "location_address", "body_md", "payload"})


def configure(*, as_json: bool, level: str, process: str) -> None:
    """Sets up logging for a process, once, at its start."""
    renderer: Processor = structlog.processors.JSONRenderer() if as_json else _for_people()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _without_secrets,
            structlog.processors.format_exc_info if as_json else structlog.processors.StackInfoRenderer(),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(process=process)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _for_people() -> Processor:
    """Coloured lines. Tracebacks are plain: the pretty ones print local variables, and those are people's data."""
    return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)


def _without_secrets(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    for name in _NEVER.intersection(event):
        event[name] = "(left out)"
    return event

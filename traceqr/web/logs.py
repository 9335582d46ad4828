"""What serving processes log: one line an event on standard error, JSON for programs, plain where a person reads.

Nothing that a client sent is in a line, whoever writes it. Our own events carry stable fields. Of what libraries say,
workers keep the template alone, with `...` for what is filled in, since that may come from a client; the master
process, which never sees a request, keeps it whole. Of exceptions the class and the places in the code are kept, never
the message, but for those about settings.
"""

from __future__ import annotations

import logging
import os
import re
import string
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

import structlog
from gevent.hub import Hub
from gunicorn.glogging import Logger  # type: ignore[import-untyped]

from traceqr.observing import Silent
from traceqr.settings import InvalidSetting

SELDOM_S = 60.0
"""The same line of a library's code is logged once in so many seconds: an outage says it with every attempt."""

_PLACES = 12
_FORMATTED = frozenset(string.ascii_letters + string.digits + " .,:;%()'!?-")
_PLACEHOLDER = re.compile(r"%%|%(\(\w+\))?[-.0-9]*[a-zA-Z]")


def events() -> Any:
    """Where our own events go: `events().info("server-started", workers=2)`."""
    return structlog.wrap_logger(
        logging.getLogger("traceqr"),
        processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


def places(trace: TracebackType | None) -> str:
    """Functions and lines that an exception came through, the innermost last. No text of either."""
    return "; ".join(f"{frame.name}:{frame.lineno}" for frame in traceback.extract_tb(trace)[-_PLACES:])


class RegistryChanges(Silent):
    """Logs that the registry has gone away and that it is back: once each, for reading and for recording."""

    def __init__(self) -> None:
        self._away: set[bool] = set()

    def unavailable(self, kind: str, recording: bool) -> None:
        """See `Observer.unavailable`."""
        if recording not in self._away:
            self._away.add(recording)
            events().error("registry-away", kind=kind, doing=_doing(recording))

    def reached(self, recording: bool) -> None:
        """See `Observer.reached`."""
        if recording in self._away:
            self._away.discard(recording)
            events().info("registry-back", doing=_doing(recording))


def _doing(recording: bool) -> str:
    return "recording" if recording else "reading"


class Lines(logging.Formatter):
    """A record as one line."""

    def __init__(self, master: int, *, people: bool) -> None:
        super().__init__()
        self._master = master
        self._render: Any = (
            structlog.dev.ConsoleRenderer(pad_event_to=24) if people else structlog.processors.JSONRenderer()
        )

    def format(self, record: logging.LogRecord) -> str:
        """See `logging.Formatter.format`."""
        own = isinstance(record.msg, dict)
        said = dict(record.msg) if isinstance(record.msg, dict) else self._of_library(record)
        line = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": said.pop("event"),
            "pid": record.process,
            **({} if own else {"logger": record.name}),
            **said,
        }
        return str(self._render(None, "", line))

    def _of_library(self, record: logging.LogRecord) -> dict[str, Any]:
        if record.process == self._master:
            return {"event": record.getMessage(), **_raised(record)}
        # Filled-in values make a template; without them, or with anything unusual, nobody knows who wrote the text.
        template = record.msg if record.args and isinstance(record.msg, str) else ""
        said = _unfilled(template) if template and set(template) <= _FORMATTED else "library-message"
        where = f"{record.module}.{record.funcName}:{record.lineno}"
        return {"event": said, "where": where, **_raised(record)}


def _unfilled(template: str) -> str:
    return _PLACEHOLDER.sub(lambda found: "%" if found[0] == "%%" else "...", template)


def _raised(record: logging.LogRecord) -> dict[str, Any]:
    """The exception that a record is about, given as such or among its values."""
    error = record.exc_info[1] if record.exc_info else next(_exceptions(record.args), None)
    if error is None:
        return {}
    found = {"kind": type(error).__name__, "places": places(error.__traceback__)}
    state = getattr(error, "sqlstate", None)  # five characters of SQL's own, from psycopg
    if isinstance(state, str):
        found["sqlstate"] = state
    if isinstance(error, InvalidSetting):
        found["reason"] = str(error)  # of our own environment
    return {name: value for name, value in found.items() if value}


def _exceptions(values: object) -> Iterator[BaseException]:
    yield from (value for value in (values if isinstance(values, tuple) else ()) if isinstance(value, BaseException))


class Relevant(logging.Filter):
    """All of our own events; of libraries what is an error, or a warning in the master, and that seldom enough."""

    def __init__(self, master: int) -> None:
        super().__init__()
        self._master = master
        self._last: dict[tuple[str, int], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """See `logging.Filter.filter`."""
        if isinstance(record.msg, dict) or record.process == self._master:
            return True
        if record.levelno < logging.ERROR and record.name.startswith("gunicorn"):
            return False  # a malformed request: anybody could fill the log with these
        place, now = (record.pathname, record.lineno), time.monotonic()
        if now - self._last.get(place, -SELDOM_S) < SELDOM_S:
            return False
        self._last[place] = now
        return True


def install(master: int) -> None:
    """Log through this module, from this process and those that it forks. `master` is the id of the process that
    never sees a request.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(master, people=sys.stderr.isatty()))
    handler.addFilter(Relevant(master))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("traceqr").setLevel(logging.INFO)
    logging.captureWarnings(True)


def install_in_worker(master: int) -> None:
    """The same in a worker. What gevent and threads would print by themselves, with the addresses of clients, is logged
    as well.
    """
    install(master)
    Hub.print_exception = _of_greenlet
    threading.excepthook = _of_thread


def _of_greenlet(_hub: object, _context: object, kind: type, error: object, trace: TracebackType | None) -> None:
    events().error("greenlet-failed", kind=kind.__name__, places=places(trace or getattr(error, "__traceback__", None)))


def _of_thread(failed: threading.ExceptHookArgs) -> None:
    events().error("thread-failed", kind=failed.exc_type.__name__, places=places(failed.exc_traceback))


class ServerLogger(Logger):  # type: ignore[misc]
    """gunicorn's own messages, through the same handler; no access log."""

    def setup(self, cfg: Any) -> None:
        """See `gunicorn.glogging.Logger.setup`."""
        super().setup(cfg)
        self.error_log.handlers[:] = []
        self.error_log.propagate = True
        self.error_log.setLevel(logging.WARNING)
        install(os.getpid())

    def warning(self, msg: object, *args: object, **more: Any) -> None:
        """As of the line of gunicorn's that says it, as are the two below."""
        self.error_log.warning(msg, *args, **{**more, "stacklevel": 2})

    def error(self, msg: object, *args: object, **more: Any) -> None:
        """See `warning`."""
        self.error_log.error(msg, *args, **{**more, "stacklevel": 2})

    def exception(self, msg: object, *args: object, **more: Any) -> None:
        """See `warning`."""
        self.error_log.exception(msg, *args, **{**more, "stacklevel": 2})

    def access(self, *_args: object) -> None:
        """The address of a request is a label's text, and who scanned what is nobody's business."""

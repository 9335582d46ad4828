"""Counts and durations for Prometheus, added up over all workers of a server.

`gunicorn.conf.py` makes a folder for them and names it in PROMETHEUS_MULTIPROC_DIR before any worker starts; where
there is none, such as in a test, the numbers are those of this process. Who asks must show the token.
"""

from __future__ import annotations

import hmac
import os
import platform
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from time import perf_counter
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from traceqr import __version__
from traceqr.observing import Observer
from traceqr.verdict import Code
from traceqr.web.site import site

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
EXTENSION = "traceqr-metrics"

_LATENCY = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 1.0, 3.0, 10.0)
"""Seconds. 0.05 is what the slowest 1% is held to, 0.3 what the European medicines system promises for 95%."""

_COMMIT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 10.0)
_READINGS, _PAUSE_S = 20, 0.02
"""Times that the files of all workers are read at most, until all are whole."""

_MEMBERS = (1, 2, 4, 8, 16, 32, 64)

blueprint = Blueprint("metrics", __name__)


class Metrics:
    """The instruments of one process: an `Observer`, which hands on to `others` what changes of the registry say."""

    def __init__(self, backend: str, others: Observer) -> None:
        self._own = own = CollectorRegistry()
        verdicts = Counter("traceqr_verdicts", "Verdicts given, by code", ("kind", "code"), registry=own)
        self._verdicts = {
            (str(code), recorded): verdicts.labels("scan" if recorded else "verification", str(code))
            for code in Code
            for recorded in (True, False)
        }
        self._members = Histogram(
            "traceqr_commit_members", "Scans and confirmations that were committed together", buckets=_MEMBERS,
            registry=own,
        )  # fmt: skip
        self._seconds = Histogram(
            "traceqr_commit_seconds", "Duration of such a commit, its statements and waiting for the lock included",
            buckets=_COMMIT, registry=own,
        )  # fmt: skip
        self._entries = Counter(
            "traceqr_hidden_codes", "Hidden codes that were entered, by what came of it", ("outcome",), registry=own
        )
        self._waiting = Gauge(
            "traceqr_scans_waiting", "Scans that came while the last commit was under way",
            multiprocess_mode="livesum", registry=own,
        )  # fmt: skip
        self._errors = Counter(
            "traceqr_registry_errors", "Times that the registry could not be used, by class of error",
            ("doing", "kind"), registry=own,
        )  # fmt: skip
        self._latency = Histogram(
            "traceqr_request_seconds", "Time to answer, by endpoint", ("endpoint",), buckets=_LATENCY, registry=own
        )
        self._of_endpoint: dict[str, Any] = {}
        self._failures = Counter(
            "traceqr_server_errors", "Answers with a status of 500 or above", ("status",), registry=own
        )
        Gauge(
            "traceqr_build_info", "The program that runs", ("version", "python", "backend"),
            multiprocess_mode="livemax", registry=own,
        ).labels(__version__, platform.python_version(), backend).set(1)  # fmt: skip
        self.reached = others.reached
        self._others = others

    def decided(self, code: str, recorded: bool) -> None:
        """See `Observer.decided`."""
        self._verdicts[code, recorded].inc()

    def committed(self, size: int, seconds: float, waiting: int) -> None:
        """See `Observer.committed`."""
        self._members.observe(size)
        self._seconds.observe(seconds)
        self._waiting.set(waiting)

    def entered(self, outcome: str) -> None:
        """See `Observer.entered`."""
        self._entries.labels(outcome).inc()

    def unavailable(self, kind: str, recording: bool) -> None:
        """See `Observer.unavailable`."""
        self._errors.labels("recording" if recording else "reading", kind).inc()
        self._others.unavailable(kind, recording)

    def answered(self, endpoint: str, seconds: float, status: str) -> None:
        """A request was answered by a view, or refused: then the endpoint is `none`."""
        instrument = self._of_endpoint.get(endpoint)
        if instrument is None:  # as many as there are views
            instrument = self._of_endpoint[endpoint] = self._latency.labels(endpoint)
        instrument.observe(seconds)
        if status >= "500":
            self._failures.labels(status).inc()

    def page(self) -> bytes:
        """All instruments in Prometheus' text format."""
        if not os.environ.get(FOLDER):
            return generate_latest(self._own)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        for _ in range(_READINGS):
            # A worker that starts at this moment makes its file before it writes into it.
            with suppress(struct.error, ValueError):
                return generate_latest(together)
            time.sleep(_PAUSE_S)
        return generate_latest(together)


def install(app: Flask, metrics: Metrics) -> None:
    """Time every request, and answer at /metrics."""
    app.extensions[EXTENSION] = metrics
    app.register_blueprint(blueprint)
    inner = app.wsgi_app

    def timed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        began = perf_counter()
        status, endpoint = "500", ""

        def start(line: str, *rest: Any) -> Any:
            nonlocal status, endpoint
            # What Flask has made of the environment, until it leaves; to ask Flask itself costs more.
            asked = environ.get("werkzeug.request")
            status, endpoint = line[:3], asked.endpoint if asked is not None else ""
            return start_response(line, *rest)

        body = inner(environ, start)
        metrics.answered(endpoint or "none", perf_counter() - began, status)
        return body

    app.wsgi_app = timed  # type: ignore[method-assign]


@blueprint.get("/metrics")
def page() -> Response:
    """For those with the token; for others there is no such page."""
    expected = f"Bearer {site().settings.metrics_token}".encode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), expected):
        abort(404)
    metrics: Metrics = current_app.extensions[EXTENSION]
    return Response(metrics.page(), content_type=CONTENT_TYPE_LATEST)

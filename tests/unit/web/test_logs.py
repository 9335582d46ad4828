"""Lines of the log: ours with their fields, those of libraries without anything that a client may have sent."""

from __future__ import annotations

import json
import logging
import os
import sys
from typing import Any

import pytest

from traceqr.settings import InvalidSetting
from traceqr.web.logs import Lines, RegistryChanges, Relevant, events

WORKER = os.getpid()
MASTER = WORKER + 1
HOSTILE = 'GET /01/069?s=1 203.0.113.7 \r\n{"event":"forged"}'


def line(record: logging.LogRecord, master: int = MASTER) -> dict[str, Any]:
    said = Lines(master, people=False).format(record)
    assert "\n" not in said
    return dict(json.loads(said))


def record(message: object, *values: object, level: int = logging.ERROR, **more: Any) -> logging.LogRecord:
    return logging.LogRecord("gunicorn.error", level, "/x/gunicorn/workers/base.py", 9, message, values, None, **more)


def raised(error: Exception) -> dict[str, Any]:
    try:
        raise error
    except Exception:
        made = record("Error handling request %s", HOSTILE)
        made.exc_info = sys.exc_info()
        return line(made)


def test_an_event_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    events().error("request-failed", incident="0a1b2c3d", kind="KeyError")
    said = line(caplog.records[0])
    assert said["event"] == "request-failed"
    assert (said["level"], said["pid"], said["incident"], said["kind"]) == ("error", WORKER, "0a1b2c3d", "KeyError")
    assert said["timestamp"].endswith("+00:00")
    assert "logger" not in said


@pytest.mark.parametrize(
    ("made", "event"),
    [
        (record(f"Invalid request from ip={HOSTILE}"), "library-message"),
        (record(f"Invalid request {HOSTILE}: %s", 1), "library-message"),
        (record("Error handling request %s %s", "GET", HOSTILE), "Error handling request ... ..."),
        (record("%d%% of %(name)r after %.2f sec: %s", {"name": HOSTILE}), "...% of ... after ... sec: ..."),
        (record(ValueError(HOSTILE)), "library-message"),
    ],
)
def test_a_library_in_a_worker(made: logging.LogRecord, event: str) -> None:
    said = line(made)
    assert (said["event"], said["where"], said["logger"]) == (event, "base.None:9", "gunicorn.error")
    for piece in ("203.0.113.7", "/01/", "forged", "GET"):
        assert piece not in json.dumps(said)


def test_a_library_in_the_master_is_told_whole() -> None:
    said = line(record("Worker (pid:%s) was sent %s!", 7, "SIGKILL"), master=WORKER)
    assert said["event"] == "Worker (pid:7) was sent SIGKILL!"


def test_an_exception_is_told_by_class_and_places() -> None:
    said = raised(ValueError(HOSTILE))
    assert said["kind"] == "ValueError"
    assert said["places"].startswith("raised:")
    assert "203.0.113.7" not in json.dumps(said)
    assert "reason" not in said


def test_a_setting_that_is_wrong_is_told_whole() -> None:
    """It comes from the environment of the server, and whoever started it must know."""
    assert raised(InvalidSetting("TRACEQR_ORIGIN is missing"))["reason"] == "TRACEQR_ORIGIN is missing"


def test_an_exception_among_the_values() -> None:
    class Refused(Exception):
        sqlstate = "28P01"

    said = line(record("error connecting in %r: %s", "pool", Refused("user traceqr at db.internal")))
    assert said["event"] == "error connecting in ...: ..."
    assert (said["kind"], said["sqlstate"]) == ("Refused", "28P01")
    assert "db.internal" not in json.dumps(said)


def test_for_people_it_is_no_json(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "traceqr"):
        events().info("server-started", workers=2)
    said = Lines(MASTER, people=True).format(caplog.records[0])
    assert "server-started" in said
    assert not said.startswith("{")


def test_malformed_requests_are_not_logged_and_others_seldom() -> None:
    kept = Relevant(MASTER)
    assert not kept.filter(record(f"Invalid request from ip={HOSTILE}", level=logging.WARNING))
    assert [kept.filter(record("Error handling request %s", "x")) for _ in range(3)] == [True, False, False]
    assert kept.filter(record("Worker timeout", level=logging.WARNING)) is False
    assert Relevant(WORKER).filter(record("Worker was sent SIGSEGV!", level=logging.WARNING))
    own = record({"event": "request-failed"})
    assert [kept.filter(own) for _ in range(3)] == [True] * 3


def test_changes_of_the_registry_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    changes = RegistryChanges()
    with caplog.at_level(logging.INFO, "traceqr"):
        changes.reached(True)
        for _ in range(3):
            changes.unavailable("PoolTimeout", True)
        changes.reached(False)  # reading still works, so recording is not back
        changes.unavailable("PoolTimeout", False)
        for _ in range(2):
            changes.reached(True)
            changes.reached(False)
    assert [(each.msg["event"], each.msg["doing"]) for each in caplog.records] == [  # type: ignore[index,call-overload]
        ("registry-away", "recording"),
        ("registry-away", "reading"),
        ("registry-back", "recording"),
        ("registry-back", "reading"),
    ]

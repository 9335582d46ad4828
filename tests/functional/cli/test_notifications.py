"""`traceqr deliver` and `traceqr notifications`, as operators run them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import Any

from support.program import PROGRAM, Program
from support.receivers import receiver
from support.staff import enterprise_id
from support.world import World, gtin

from traceqr import notifying, recalling
from traceqr.notifying import Body, Wish
from traceqr.webhook import WebhookSeal

SECRET = "a secret of this deployment alone"
TOLD = {"TRACEQR_SECRET_KEY": SECRET, "TRACEQR_WEBHOOKS": "loopback"}


def subscribe(shop: World, address: str, kind: str = "webhook") -> str:
    wish = Wish(kind, address, ["recall.issued"], loopback=True)
    made = notifying.add(shop.desk, WebhookSeal.of(SECRET), Body(enterprise_id(shop)), wish)
    recalling.open_on_product(shop.desk, "recall", gtin(), "a reason")
    return made.secret


def said(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def test_one_round(shop: World, program: Program) -> None:
    with receiver() as there:
        secret = subscribe(shop, f"http://127.0.0.1:{there.port}/in")
        ran = program.run("deliver", "--once", **TOLD)
    assert ran.exit_code == 0, ran.output
    (line,) = said(ran.stderr)
    assert {name: line[name] for name in ("event", "announced", "delivered", "failed")} == {
        "event": "deliveries",
        "announced": 1,
        "delivered": 1,
        "failed": 0,
    }
    assert json.loads(there.requests[0].body)["type"] == "recall.issued"
    assert secret not in ran.output
    assert "127.0.0.1" not in ran.output


def test_this_machine_is_not_called_unless_it_is_said(shop: World, program: Program) -> None:
    with receiver() as there:
        subscribe(shop, f"http://127.0.0.1:{there.port}/in")
        ran = program.run("deliver", "--once", **{**TOLD, "TRACEQR_WEBHOOKS": "public"})
    assert said(ran.stderr)[0]["failed"] == 1
    assert there.requests == []
    assert shop.one("SELECT fault FROM delivery")["fault"] == "endpoint"


def test_until_it_is_told_to_stop(shop: World, program: Program) -> None:
    with receiver() as there:
        subscribe(shop, f"http://127.0.0.1:{there.port}/in")
        environ = {**program.environment, **TOLD}
        with subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "deliver", "--every", "1"], env=environ, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr
            assert json.loads(process.stderr.readline())["event"] == "deliverer-started"
            assert json.loads(process.stderr.readline())["delivered"] == 1
            os.kill(process.pid, signal.SIGTERM)
            assert said(process.stderr.read())[-1]["event"] == "deliverer-stopped"
        assert process.returncode == 0
    assert shop.one("SELECT value FROM meta WHERE name = 'deliverer'")["value"] == "", "the next one need not wait"


def test_what_is_missing_is_named(shop: World, program: Program) -> None:
    assert "TRACEQR_SECRET_KEY is missing" in program.refused("deliver", "--once")
    wrong = program.refused("deliver", "--once", TRACEQR_SMTP="smtp://user:hunter2@/", TRACEQR_MAIL_FROM="a@b.example")
    assert "TRACEQR_SMTP" in wrong
    assert "hunter2" not in wrong


def test_the_list_names_nobody(shop: World, program: Program) -> None:
    subscribe(shop, "somebody@firm.example", "mail")
    program.run("deliver", "--once", **TOLD)
    shown = program.good("notifications", "list")
    assert "recall.issued" in shown
    assert "deliveries: 1 wait, 0 delivered, 0 given up" in shown
    assert "somebody" not in shown
    told = program.json("notifications", "list")
    assert told["deliveries"] == {"waiting": 1}
    assert [one["kind"] for one in told["subscriptions"]] == ["mail"]

"""What signs a webhook, and how its secret is kept. The way to verify it is the one of docs/operating.md."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from pathlib import Path
from typing import Any

import pytest

from traceqr.webhook import SecretUnreadable, WebhookSeal, headers, new_secret

SEAL = WebhookSeal.of("a secret of a deployment " * 2)
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OPERATING = Path(__file__).resolve().parents[2] / "docs" / "operating.md"


def documented() -> Any:
    """The function that the documentation gives to receivers."""
    page = OPERATING.read_text(encoding="utf-8")
    source = next(each for each in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "webhook-signature" in each)
    there: dict[str, Any] = {}
    exec(source, there)
    return there["verified"]


class TestSigning:
    def test_over_id_second_and_body(self) -> None:
        signed = b'msg_1.1600000000.{"a":1}'
        expected = base64.b64encode(hmac.new(bytes(range(32)), signed, hashlib.sha256).digest()).decode()
        assert headers(SECRET, "msg_1", 1_600_000_000, b'{"a":1}') == {
            "webhook-id": "msg_1",
            "webhook-timestamp": "1600000000",
            "webhook-signature": f"v1,{expected}",
        }

    def test_receivers_verify_it_as_documented(self) -> None:
        sent = headers(SECRET, "m", 1_600_000_000, b"{}")
        assert documented()(SECRET, sent, b"{}", 1_600_000_299)

    @pytest.mark.parametrize(
        ("changes", "body", "now"),
        [
            ({}, b"{ }", 1_600_000_000),
            ({"webhook-id": "other"}, b"{}", 1_600_000_000),
            ({"webhook-timestamp": "1600000001"}, b"{}", 1_600_000_000),
            ({"webhook-signature": "v1,"}, b"{}", 1_600_000_000),
            ({"webhook-signature": "v2,x"}, b"{}", 1_600_000_000),
            ({}, b"{}", 1_600_000_301),  # sent again by somebody who has listened
            ({}, b"{}", 1_599_999_699),
        ],
    )
    def test_and_nothing_else(self, changes: dict[str, str], body: bytes, now: int) -> None:
        sent = {**headers(SECRET, "m", 1_600_000_000, b"{}"), **changes}
        assert not documented()(SECRET, sent, body, now)

    def test_secrets_are_long_and_all_different(self) -> None:
        first, second = new_secret(), new_secret()
        assert first != second
        assert len(base64.b64decode(first.removeprefix("whsec_"))) == 32


class TestKeeping:
    def test_what_is_sealed_opens_for_its_subscription(self) -> None:
        sealed = SEAL.seal("s1", SECRET)
        assert SEAL.open("s1", sealed) == SECRET
        assert SECRET not in sealed
        assert sealed != SEAL.seal("s1", SECRET)

    @pytest.mark.parametrize(
        ("seal", "name", "sealed"),
        [
            (SEAL, "s2", SEAL.seal("s1", SECRET)),
            (WebhookSeal.of("another secret of a deployment"), "s1", SEAL.seal("s1", SECRET)),
            (SEAL, "s1", SEAL.seal("s1", SECRET)[:-8] + "AAAAAAA="),
            (SEAL, "s1", "no base64"),
            (SEAL, "s1", ""),
        ],
    )
    def test_and_for_nobody_else(self, seal: WebhookSeal, name: str, sealed: str) -> None:
        with pytest.raises(SecretUnreadable, match="renew it"):
            seal.open(name, sealed)

    def test_nothing_shows_the_key(self) -> None:
        assert str(SEAL.key) not in repr(SEAL)

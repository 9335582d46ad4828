from __future__ import annotations

from tests.unit.symbol.specimens import label_at
from traceqr.symbol.segments import Mode, segments


def test_upper_case_origin_is_alphanumeric() -> None:
    label = label_at()
    assert [(segment.mode, segment.text) for segment in segments(label)] == [
        (Mode.ALPHANUMERIC, "HTTPS://QR.EXAMPLE.ORG/01/"),
        (Mode.NUMERIC, "06901234567892"),
        (Mode.ALPHANUMERIC, "/21/"),
        (Mode.NUMERIC, "0000000100000042"),
        (Mode.BYTE, "?s="),
        (Mode.NUMERIC, str(label.seal)),
    ]


def test_lower_case_origin_is_bytes() -> None:
    head = segments(label_at("https://qr.example.org"))[0]
    assert (head.mode, head.text) == (Mode.BYTE, "https://qr.example.org/01/")


def test_texts_join_to_the_label() -> None:
    for origin in ("HTTPS://A.B", "https://a.b", "HTTP://127.0.0.1:8000", "http://localhost:8000"):
        label = label_at(origin)
        assert "".join(segment.text for segment in segments(label)) == str(label)

"""What the web and the guard say to each other, byte by byte."""

from __future__ import annotations

import pytest
from support.hidden import code, name

from traceqr.entering import Entry, Judgement
from traceqr.guard.frames import MAX_REQUEST, parse_answer, parse_request, to_answer, to_request
from traceqr.label.serial import Serial
from traceqr.wire.frames import FrameError

ENTRY = Entry(Serial(17, 204_311), code(7_445_096_103), name("device"), name("network")[:16])
REQUEST = to_request(ENTRY)


@pytest.mark.parametrize("network", ["", name("network")[:16]])
def test_a_request_there_and_back(network: str) -> None:
    entry = Entry(ENTRY.serial, ENTRY.code, ENTRY.device, network)
    assert parse_request(to_request(entry)) == entry
    assert len(to_request(entry)) == MAX_REQUEST == 70


@pytest.mark.parametrize(
    "judgement",
    [
        Judgement.right(),
        Judgement.wrong(0),
        Judgement.wrong(900),
        Judgement.wait(1, others=False),
        Judgement.wait(900, others=True),
    ],
)
def test_an_answer_there_and_back(judgement: Judgement) -> None:
    assert parse_answer(b"".join(to_answer(judgement))) == judgement


@pytest.mark.parametrize("content", [b"!failed\nwords", b"?garbled\n", b"x", b"!"])
def test_an_answer_that_tells_nothing(content: bytes) -> None:
    assert parse_answer(content) is None


@pytest.mark.parametrize("content", [b"", b"+x", b"-", b"-\0\0\0", b"w\0\0\0\1", b"w\0\0\0\1oo"])
def test_an_answer_that_is_none(content: bytes) -> None:
    """Above all: nothing that is cut off or added to becomes a yes."""
    with pytest.raises(FrameError, match="expected an answer of the guard"):
        parse_answer(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "expected a request E of version 1"),
        (b"\2" + REQUEST[1:], "expected a request E of version 1"),
        (b"\1S" + REQUEST[2:], "expected a request E of version 1"),
        (REQUEST[:-1], "and 70 bytes, got 69"),
        (REQUEST + b"\0", "got 71 bytes"),
        (REQUEST.replace(b"00000017", b"00000000"), "expected a serial"),
        (REQUEST.replace(b"00000017", b"0000001x"), "expected a serial"),
        (REQUEST.replace(b"00000017", b"000000\xff\xff"), "expected a serial"),
        (REQUEST.replace(b"7445096103", b"7445096104"), "expected a code whose check digits fit"),
        (REQUEST.replace(b"7445096103", b"744509610x"), "expected a code whose check digits fit"),
        (REQUEST.replace(b"7445096103", b"744509610\xff"), "expected a serial and a code in digits"),
    ],
)
def test_what_is_no_request(content: bytes, words: str) -> None:
    with pytest.raises(FrameError, match=words) as refused:
        parse_request(content)
    assert "7445" not in str(refused.value), "what was entered is not repeated"

"""What web workers and the guard say to each other, in the frames of `traceqr.wire.frames`.

A worker sends a request and waits for its answer, one at a time on a connection. All integers are big-endian.

    request = version (1), "E", serial (16 digits, ASCII), code (12 digits, ASCII), device (32), network (8)
    answer  = status (1), then by status
        "+" right    nothing
        "-" wrong    in how many seconds the device may enter another code (4)
        "w" wait     the same, then "s" if it is for the device's own wrong entries, "o" if for those of others:
                     the code was not looked at
        "!" failed   it cannot be told now: a reason, a line feed, words for the operator (UTF-8)
        "?" garbled  no request of this version: the same, and the connection is closed

A network that is not known is 8 zero bytes. There is no other request: none gives a code, a root, or a hash of them.
"""

from __future__ import annotations

import struct

from traceqr.entering import Entry, Judged, Judgement
from traceqr.label.hidden import HiddenCode, InvalidHiddenCode
from traceqr.label.serial import InvalidSerial, Serial
from traceqr.wire.frames import MAX_WORDS, FrameError

VERSION = 1
RIGHT, WRONG, WAIT = b"+", b"-", b"w"

_REQUEST = struct.Struct(">Bc16s12s32s8s")
MAX_REQUEST = _REQUEST.size
MAX_ANSWER = 1 + MAX_WORDS

_WRONG = struct.Struct(">I")
_WAIT = struct.Struct(">Ic")
_OWN, _OTHERS = b"s", b"o"
_NOWHERE = bytes(8)


def to_request(entry: Entry) -> bytes:
    """An entry as it stands in a frame."""
    network = bytes.fromhex(entry.network) if entry.network else _NOWHERE
    serial, code = str(entry.serial).encode("ascii"), entry.code.digits.encode("ascii")
    return _REQUEST.pack(VERSION, b"E", serial, code, bytes.fromhex(entry.device), network)


def parse_request(content: bytes) -> Entry:
    """Raises `FrameError`, whose words repeat no code."""
    if content[:2] != bytes([VERSION]) + b"E" or len(content) != _REQUEST.size:
        raise FrameError(
            f"expected a request E of version {VERSION} and {_REQUEST.size} bytes, got {len(content)} bytes that begin"
            f" with {content[:2]!r}"
        )
    _, _, serial, code, device, network = _REQUEST.unpack(content)
    try:
        return Entry(
            Serial.parse(serial.decode("ascii")),
            HiddenCode(code.decode("ascii")),
            device.hex(),
            "" if network == _NOWHERE else network.hex(),
        )
    except (UnicodeDecodeError, InvalidSerial) as error:
        raise FrameError(f"expected a serial and a code in digits, got a serial {serial!r}") from error
    except InvalidHiddenCode as error:
        raise FrameError("expected a code whose check digits fit, got another") from error


def to_answer(judgement: Judgement) -> tuple[bytes, bytes]:
    """A status, and what follows it."""
    if judgement.judged is Judged.RIGHT:
        return RIGHT, b""
    if judgement.judged is Judged.WRONG:
        return WRONG, _WRONG.pack(judgement.wait_s)
    return WAIT, _WAIT.pack(judgement.wait_s, _OTHERS if judgement.others else _OWN)


def parse_answer(content: bytes) -> Judgement | None:
    """None for an answer that tells nothing of the code. Raises `FrameError`."""
    status, rest = content[:1], content[1:]
    if status == RIGHT and not rest:
        return Judgement.right()
    if status == WRONG and len(rest) == _WRONG.size:
        return Judgement.wrong(*_WRONG.unpack(rest))
    if status == WAIT and len(rest) == _WAIT.size:
        seconds, whose = _WAIT.unpack(rest)
        return Judgement.wait(seconds, others=whose == _OTHERS)
    if status in (RIGHT, WRONG, WAIT) or not status:
        raise FrameError(f"expected an answer of the guard, got {len(content)} bytes of another form")
    return None

"""From the bytes of a file to its text, in the encodings that spreadsheets and editors in China write."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from traceqr.importing.fault import Fault, ImportRefused

MAX_BYTES = 20_000_000

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef]")
_LOST = "\ufffd"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in over the web: its name is what the sender calls it, and opens nothing."""

    name: str
    content: bytes


Source = Path | Upload
"""What is imported: a file on disk, or one that is in memory already."""


def read_text(source: Source, max_bytes: int = MAX_BYTES) -> str:
    """The text of a file. Raises `ImportRefused` for one that is missing, too large or not text."""
    return decode(read_content(source, max_bytes), source)


def read_content(source: Source, max_bytes: int = MAX_BYTES) -> bytes:
    """The bytes of a file. Raises `ImportRefused` for one that is missing or too large."""
    content = source.content if isinstance(source, Upload) else _read(source, max_bytes)
    if len(content) > max_bytes:
        raise _refused(source, f"expected at most {max_bytes:,} bytes, got more")
    return content


def _read(path: Path, max_bytes: int) -> bytes:
    """One byte more than is allowed, where there are so many."""
    try:
        with path.open("rb") as file:
            return file.read(max_bytes + 1)
    except OSError as error:
        raise _refused(path, f"expected a file that can be read: {error.strerror}") from error


def decode(content: bytes, path: Source) -> str:
    """By the byte order mark; else UTF-8 if every byte of it is; else GB18030 if every byte is. Nothing is guessed
    beyond that, and nothing replaced.
    """
    if content.startswith(_WORKBOOKS):
        raise _refused(path, "expected a text file, got an Excel workbook: save it as CSV UTF-8 (逗号分隔)")
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _strict(content[len(mark) :], encoding, path, len(mark))
    if b"\0" in content:
        raise _refused(path, f"expected a text file, got a zero byte at byte {content.index(0) + 1}")
    return _unmarked(content, path)


def _strict(content: bytes, encoding: str, path: Source, offset: int) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        at = error.start + offset + 1
        raise _refused(path, f"expected {encoding.upper()} as its byte order mark says, byte {at} is not") from error


def _unmarked(content: bytes, path: Source) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        utf8 = error.start + 1
    if _is_damaged_utf8(content):
        raise _refused(path, f"expected UTF-8 throughout, as most of the file is, byte {utf8} is not")
    try:
        text = content.decode("gb18030")
    except UnicodeDecodeError as error:
        at = error.start + 1
        raise _refused(
            path, f"expected UTF-8 or GB18030, got a text that is not UTF-8 at byte {utf8}, nor GB18030 at byte {at}"
        ) from error
    if stray := next(filter(_is_no_character, text), ""):
        at = len(text.partition(stray)[0].encode("gb18030")) + 1
        raise _refused(
            path,
            f"expected UTF-8 or GB18030, got a text that is not UTF-8 at byte {utf8}, and holds no character in GB18030"
            f" at byte {at} (U+{ord(stray):04X}): was it written in another encoding, such as Big5? save it as CSV"
            " UTF-8 (逗号分隔)",
        )
    return text


def _is_no_character(char: str) -> bool:
    """Whether no text holds it: GB18030 has a code for all of Unicode, private use and unassigned included.

    Big5 read as GB18030 is Chinese of a sort, but soon falls on its areas for private use. The planes of rare
    Chinese characters grow with each version of Unicode, so what is unassigned there is not held against a text.
    """
    category = unicodedata.category(char)
    return category == "Co" or (category == "Cn" and not 0x2_0000 <= ord(char) < 0x4_0000)


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether text that is not UTF-8 must have been: GB18030 would accept most of it, as garbage.

    Chinese in GB18030 hardly ever forms the three bytes of a Chinese character in UTF-8, and breaks its rules at
    nearly every character.
    """
    read = content.decode("utf-8", errors="replace")
    return len(_CHINESE.findall(read)) > 3 * read.count(_LOST)


def _refused(path: Source, message: str) -> ImportRefused:
    return ImportRefused(path.name, [Fault(0, "", message)])

"""Which encoding a file is taken to be in, and what is no text at all."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from traceqr.importing.decoding import MAX_BYTES, decode, read_text
from traceqr.importing.fault import ImportRefused

TEXT = "商品条码,名称\r\n6901234567892,龙井茶（特级）\r\n"
PATH = Path("products.csv")
CHINESE = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5))


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gbk"),
        TEXT.encode("gb18030"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
    ],
    ids=["utf-8", "utf-8-bom", "gbk", "gb18030", "utf-16-le", "utf-16-be"],
)
def test_encodings_of_spreadsheets(content: bytes) -> None:
    assert decode(content, PATH) == TEXT


def test_characters_beyond_gbk_in_gb18030() -> None:
    text = "企业名称\n𠮷野家€㐀\n"
    assert decode(text.encode("gb18030"), PATH) == text


@given(st.lists(CHINESE))
def test_any_chinese_below_a_chinese_header_in_gb18030(cells: list[str]) -> None:
    text = "统一社会信用代码,企业名称,行政区划代码\r\n" + "\r\n".join(cells)
    assert decode(text.encode("gb18030"), PATH) == text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (codecs.BOM_UTF8 + b"gtin\n\xff", "expected UTF-8 as its byte order mark says, byte 9 is not"),
        (codecs.BOM_UTF16_LE + b"g\0\xff", "expected UTF-16-LE as its byte order mark says, byte 5 is not"),
        (b"gtin\n\xff\xff", "not UTF-8 at byte 6, nor GB18030 at byte 6"),
        (TEXT.encode()[:-3] + b"\r\n", "expected UTF-8 throughout, as most of the file is, byte"),
        (b"g\0t\0i\0n\0", "expected a text file, got a zero byte at byte 2"),
        (b"PK\x03\x04 workbook", "got an Excel workbook: save it as CSV"),
        (b"\xd0\xcf\x11\xe0 old workbook", "got an Excel workbook: save it as CSV"),
    ],
)
def test_what_is_not_text(content: bytes, message: str) -> None:
    with pytest.raises(ImportRefused, match=r"^products[.]csv: nothing was imported, 1 fault:") as refused:
        decode(content, PATH)
    assert message in str(refused.value)


def test_a_damaged_byte_in_utf8_is_not_taken_for_gb18030() -> None:
    content = (TEXT * 3).encode()
    at = content.index("龙".encode())
    damaged = content[:at] + b"\xfe" + content[at + 1 :]
    with pytest.raises(ImportRefused, match=f"expected UTF-8 throughout.*byte {at + 1} is not"):
        decode(damaged, PATH)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("商品條碼,統一社會信用代碼\r\n", "at byte 12 (U+E5E6)"),
        ("商品名稱,品牌\r\n凍頂烏龍茶,坪林茶行\r\n文山包種茶,信義茶行\r\n", "(U+"),
    ],
)
def test_big5_is_not_taken_for_gb18030(text: str, place: str) -> None:
    content = text.encode("big5")
    assert content.decode("gb18030")
    with pytest.raises(ImportRefused, match=r"such as Big5\? save it as CSV UTF-8 \(逗号分隔\)") as refused:
        decode(content, PATH)
    assert place in str(refused.value)


@pytest.mark.parametrize("code", [0xE004, 0xF8FF, 0xF_0000, 0x0378])
def test_codes_of_no_character(code: int) -> None:
    content = f"名称\n茶{chr(code)}\n".encode("gb18030")
    with pytest.raises(ImportRefused, match=f"holds no character in GB18030 at byte 8 .U[+]{code:04X}.: was it"):
        decode(content, PATH)


@pytest.mark.parametrize("char", ["\U0002a6e0", "\U000323b0", "\U0003fff0", "\u2028", "\u00a0", "\ufe10"])
def test_rare_characters_are_characters(char: str) -> None:
    """Also those of the Chinese planes that this Python does not know yet."""
    assert decode(f"名称\n茶{char}\n".encode("gb18030"), PATH) == f"名称\n茶{char}\n"


def test_a_file_past_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ImportRefused, match="expected at most 20,000,000 bytes, got more"):
        read_text(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="expected a file that can be read: No such file"):
        read_text(tmp_path / "none.csv")
    with pytest.raises(ImportRefused, match="expected a file that can be read: Is a directory"):
        read_text(tmp_path)

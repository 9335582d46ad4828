"""Every message of templates and code is translated, and nothing else is in the catalogues."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Message as Message_
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from traceqr.web import words
from traceqr.web.catalogues import load
from traceqr.web.language import Language

WEB = Path(str(files("traceqr.web")))
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
TRANSLATED = [Language.ZH_HANS, Language.ZH_HANT]
Message = str | tuple[str, ...]


def in_code() -> set[Message]:
    found = extract_from_dir(WEB, METHODS, {}, keywords={"_": None, "ngettext": (1, 2)})
    return {message for _, _, message, _, _ in found}


def sources(language: Language) -> list[Path]:
    return sorted((WEB / "translations" / language.locale / "LC_MESSAGES").iterdir())


def catalogue(language: Language) -> list[Message_]:
    """All messages of all files; a file is one audience's."""
    found = []
    for source in sources(language):
        with source.open("rb") as file:
            found += list(read_po(file, locale=language.locale))
    return found


def test_files_share_no_message_and_are_the_same_in_each_language() -> None:
    names = {language: [source.name for source in sources(language)] for language in TRANSLATED}
    assert len({tuple(one) for one in names.values()}) == 1
    ids = [str(message.id) for message in catalogue(Language.ZH_HANS) if message.id]
    assert sorted(set(ids)) == sorted(ids)


def in_catalogue(language: Language) -> set[Message]:
    return {
        message.id if isinstance(message.id, str) else tuple(message.id)
        for message in catalogue(language)
        if message.id
    }


@pytest.mark.parametrize("language", TRANSLATED)
def test_same_messages(language: Language) -> None:
    assert len(in_code()) > 100
    assert in_catalogue(language) - in_code() == set(), "no longer used"
    assert in_code() - in_catalogue(language) == set(), "not in the catalogue"


@pytest.mark.parametrize("language", TRANSLATED)
def test_all_translated_none_fuzzy(language: Language) -> None:
    for message in catalogue(language):
        if message.id:
            strings = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(strings), f"{message.id!r} is not translated"
            assert not message.fuzzy, f"{message.id!r} is fuzzy"


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_kept(language: Language) -> None:
    for message in catalogue(language):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        expected = set(re.findall(r"%\(\w+\)s|%\(\w+\)d", " ".join(ids)))
        if message.id:
            for text in strings:
                assert set(re.findall(r"%\(\w+\)s|%\(\w+\)d", text)) == expected, message.id


def test_the_verdicts_in_the_glossarys_words() -> None:
    gettext = load(Language.ZH_HANS).gettext
    assert [gettext(name) for name in words.NAMES.values()] == [
        "码真",
        "已被查询过",
        "存疑",
        "尚未激活",
        "暂停销售",
        "召回",
        "作废",
        "伪码",
        "暂无法核验",
        "不是本平台的标签",
    ]


@pytest.mark.parametrize("language", TRANSLATED)
def test_never_genuine_goods(language: Language) -> None:
    """The code is real, not thereby the product."""
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources(language))
    body = "".join(line for line in text.splitlines() if line.startswith("msgstr"))
    assert "正品" not in body


@pytest.mark.parametrize("word", ["质", "码", "标签", "质量", "掃碼", "信息", "程式碼", "質量", "二維碼", "複制", "臺"])
def test_traditional_is_written_for_its_readers(word: str) -> None:
    body = "".join(str(message.string) for message in catalogue(Language.ZH_HANT) if message.id)
    assert word not in body


def test_traditional_has_a_space_around_latin_and_its_own_word_for_serial() -> None:
    strings = " ".join(str(message.string) for message in catalogue(Language.ZH_HANT) if message.id)
    assert "QR 碼" in strings
    assert not re.search("[\u4e00-\u9fff]QR", strings)
    assert "序號" in strings
    assert "序列號" not in strings


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_sample_that_was_opened_is_named_like_its_verdict(language: Language) -> None:
    gettext = load(language).gettext
    (note,) = (message for message in in_code() if "A sample that a second device opens" in message)
    assert gettext("Seen before") in gettext(str(note))


def test_no_compiled_catalogues() -> None:
    assert list(WEB.rglob("*.mo")) == []

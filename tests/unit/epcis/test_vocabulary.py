"""The words of the Core Business Vocabulary: three spellings of each, and no word that it does not have."""

from __future__ import annotations

import pytest

from traceqr.epcis import vocabulary
from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.vocabulary import CbvFormat, Vocabulary

ALL = {
    "steps": vocabulary.STEPS,
    "dispositions": vocabulary.DISPOSITIONS,
    "transactions": vocabulary.TRANSACTION_TYPES,
    "parties": vocabulary.PARTY_TYPES,
    "reasons": vocabulary.ERROR_REASONS,
    "components": vocabulary.COMPONENTS,
    "alerts": vocabulary.ALERTS,
    "measurements": vocabulary.MEASUREMENTS,
}


@pytest.mark.parametrize("words", ALL.values(), ids=ALL)
def test_each_word_is_read_in_every_spelling(words: Vocabulary) -> None:
    for word in words.words:
        assert words.read(word) == word
        assert words.read(words.write(word, CbvFormat.ALWAYS_WEB_URI)) == word
        assert words.read(words.write(word, CbvFormat.ALWAYS_URN)) == word
        assert words.write(word) == words.write(word, CbvFormat.NEVER_TRANSLATES) == word


@pytest.mark.parametrize("words", ALL.values(), ids=ALL)
@pytest.mark.parametrize("text", ["flying", "Shipping", "", " shipping", "a/b"])
def test_a_bare_word_of_nobody_is_refused(words: Vocabulary, text: str) -> None:
    with pytest.raises(InvalidSpelling, match=r"^expected (a|an|the) "):
        words.read(text)


@pytest.mark.parametrize("text", ["https://ref.gs1.org/cbv/BizStep-flying", "urn:epcglobal:cbv:bizstep:flying"])
def test_a_word_that_only_looks_like_the_standards_is_refused(text: str) -> None:
    with pytest.raises(InvalidSpelling, match=r"expected a business step that the CBV 2\.0 has, got"):
        vocabulary.STEPS.read(text)


def test_words_of_ones_own_are_uris() -> None:
    uri = "https://example.com/steps/withering"
    assert vocabulary.STEPS.read(uri) == uri
    assert vocabulary.STEPS.write(uri, CbvFormat.ALWAYS_URN) == uri


def test_spellings() -> None:
    assert vocabulary.STEPS.write("shipping", CbvFormat.ALWAYS_WEB_URI) == "https://ref.gs1.org/cbv/BizStep-shipping"
    assert vocabulary.STEPS.write("shipping", CbvFormat.ALWAYS_URN) == "urn:epcglobal:cbv:bizstep:shipping"
    assert vocabulary.STEPS.read("cbv:BizStep-shipping") == "shipping"
    assert vocabulary.STEPS.read("https://ns.gs1.org/cbv/BizStep-shipping") == "shipping"
    assert vocabulary.MEASUREMENTS.read("gs1:Temperature") == "Temperature"
    assert vocabulary.MEASUREMENTS.read("https://gs1.org/voc/Temperature") == "Temperature"
    assert vocabulary.MEASUREMENTS.write("Temperature", CbvFormat.ALWAYS_URN) == "Temperature"

"""Hidden codes: derived as the specification says, read strictly, and a typing error told from a wrong code."""

from __future__ import annotations

import json
import pickle
import re
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from stdnum.iso7064 import mod_97_10
from support import vectors

from traceqr.errors import TraceqrError
from traceqr.label import hidden
from traceqr.label.hidden import (
    LIMIT,
    VALUES,
    HiddenCode,
    HiddenRoot,
    InvalidHiddenCode,
    MistypedHiddenCode,
    grouped,
    reduced,
)
from traceqr.label.serial import InvalidSerial, Serial

ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "tests" / "vectors" / "hidden-v1.json"
SPECIFICATION = ROOT / "docs" / "label-format.md"
FILE: dict[str, Any] = json.loads(VECTORS.read_text(encoding="ascii"))
ROOTS = {
    name: HiddenRoot(number, bytes.fromhex(root["secret"]))
    for number, (name, root) in enumerate(FILE["roots"].items(), 1)
}
FIRST = ROOTS["first"]
OF_VECTOR: Any = {"ids": lambda vector: vector["name"]}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    return vectors.generator("generate")


class TestVectors:
    def test_regenerating_leaves_no_diff(self, generator: ModuleType) -> None:
        assert generator.rendered_hidden() == VECTORS.read_bytes(), "run: python tests/vectors/generate.py"

    def test_names_are_unique_and_readable(self) -> None:
        for part in ("codes", "streams", "typed"):
            names = [vector["name"] for vector in FILE[part]]
            assert len(names) == len(set(names)) >= 9
            assert [name for name in names if not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", name)] == []

    @pytest.mark.parametrize("name", ROOTS)
    def test_commitments(self, name: str) -> None:
        assert ROOTS[name].commitment == FILE["roots"][name]["commitment"]

    @pytest.mark.parametrize("vector", FILE["codes"], **OF_VECTOR)
    def test_codes(self, vector: dict[str, Any]) -> None:
        root, batch, index = ROOTS[vector["root"]], vector["batch"], vector["index"]
        serial = Serial(batch, index)
        assert root.batch_key(batch).hex() == vector["batch_key"]
        blocks = hidden._blocks(root.batch_key(batch), str(serial))
        assert [block.hex() for block, _ in zip(blocks, range(3), strict=False)] == vector["blocks"]
        code = root.code(serial)
        assert (code.digits, code.grouped) == (vector["digits"], vector["printed"])
        assert root.codes(batch, index, index) == [vector["digits"]]
        assert HiddenCode.parse(vector["printed"]) == code

    @pytest.mark.parametrize("vector", FILE["streams"], **OF_VECTOR)
    def test_streams(self, vector: dict[str, Any]) -> None:
        value = reduced(map(bytes.fromhex, vector["blocks"]))
        assert HiddenCode(vector["digits"]).digits[:10] == f"{value:010d}"

    @pytest.mark.parametrize("vector", FILE["typed"], **OF_VECTOR)
    def test_typed(self, vector: dict[str, Any]) -> None:
        expected = vector["expected"]
        if "digits" in expected:
            assert HiddenCode.parse(vector["typed"]).digits == expected["digits"]
            return
        with pytest.raises(InvalidHiddenCode) as caught:
            HiddenCode.parse(vector["typed"])
        assert isinstance(caught.value, MistypedHiddenCode) == (expected["error"] == "mistyped")

    def test_second_spellings_of_check_digits_have_teeth(self) -> None:
        """The remainder alone would let them in."""
        texts = {vector["name"]: vector["typed"] for vector in FILE["typed"]}
        for name in ("check-00-for-97", "check-01-for-98", "check-99-for-02"):
            assert mod_97_10.is_valid(texts[f"mistyped-{name}"])

    def test_specification_shows_a_vector_in_full(self) -> None:
        text, vector = SPECIFICATION.read_text(encoding="utf-8"), FILE["codes"][0]
        root = FILE["roots"]["first"]
        for shown in (root["secret"], root["commitment"], vector["batch_key"], vector["blocks"][0], vector["printed"]):
            assert shown in text


class TestReduction:
    def test_the_limit(self) -> None:
        assert LIMIT % VALUES == 0
        assert LIMIT <= 2**64 < LIMIT + VALUES

    def test_no_byte_of_an_endless_stream_is_read_too_many(self) -> None:
        blocks = (b"\xff" * 32 if number < 3 else b"\0" * 32 for number in count())
        assert reduced(blocks) == 0
        assert next(blocks) == b"\0" * 32

    @pytest.mark.parametrize("blocks", [[], [b"\xff" * 32], [b"\xff" * 24 + b"\0" * 7]])
    def test_a_stream_that_ends(self, blocks: list[bytes]) -> None:
        with pytest.raises(TraceqrError, match=f"expected a word below {LIMIT} in the stream, it ended without one"):
            reduced(blocks)

    def test_many_at_once_refuse_the_same_words(self, generator: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
        """In life one word in five thousand million is refused. With a limit of a twentieth, it is nineteen of twenty,
        and codes need up to dozens of blocks; the generator, which shares no code, is told the same limit.
        """
        limit = 2**64 // 20 // VALUES * VALUES
        monkeypatch.setattr(hidden, "LIMIT", limit)
        monkeypatch.setattr(generator, "WORD_LIMIT", limit)
        key, expected, deepest = generator.batch_key(FIRST.secret, 7), [], 0
        for index in range(300):
            blocks = [generator.stream_block(key, f"00000007{index:08d}", number) for number in range(60)]
            expected.append(generator.code_of(b"".join(blocks)))
            deepest = max(deepest, next(n for n, block in enumerate(blocks) if _has_word_below(block, limit)))
        assert deepest >= 10
        assert FIRST.codes(7, 0, 299) == expected
        assert [FIRST.code(Serial(7, index)).digits for index in range(300)] == expected


def _has_word_below(block: bytes, limit: int) -> bool:
    return any(int.from_bytes(block[at : at + 8], "big") < limit for at in range(0, 32, 8))


class TestRange:
    def test_is_the_codes_one_by_one(self) -> None:
        assert FIRST.codes(3, 95, 1_105) == [FIRST.code(Serial(3, index)).digits for index in range(95, 1_106)]

    def test_does_not_depend_on_how_it_is_cut(self) -> None:
        assert FIRST.codes(3, 0, 9) == FIRST.codes(3, 0, 3) + FIRST.codes(3, 4, 4) + FIRST.codes(3, 5, 9)

    @pytest.mark.parametrize(("first", "last"), [(1, 0), (-1, 3), (-2, -1)])
    def test_none(self, first: int, last: int) -> None:
        with pytest.raises(TraceqrError, match=f"expected a first label up to the last, got {first} to {last}"):
            FIRST.codes(1, first, last)

    @pytest.mark.parametrize(("batch", "last"), [(0, 0), (100_000_000, 0), (1, 100_000_000)])
    def test_outside_all_serials(self, batch: int, last: int) -> None:
        with pytest.raises(InvalidSerial):
            FIRST.codes(batch, 0, last)

    def test_travels_to_another_process(self) -> None:
        assert pickle.loads(pickle.dumps(FIRST)).codes(1, 0, 5) == FIRST.codes(1, 0, 5)


class TestSanity:
    """What a derivation that is wrong somewhere would show. All is fixed, so nothing here depends on chance."""

    CODES = FIRST.codes(1, 0, 49_999)

    def test_digits_are_even_in_each_place(self) -> None:
        """Chi-squared over ten digits; 33.7 would come by chance once in ten thousand times, and there are ten places.
        So 40. A value taken from 34 bits without refusing any, or from one digit less, comes to thousands.
        """
        for place in range(10):
            counts = [0] * 10
            for code in self.CODES:
                counts[int(code[place])] += 1
            expected = len(self.CODES) / 10
            assert sum((found - expected) ** 2 / expected for found in counts) < 40, place

    def test_there_are_hardly_any_twins(self) -> None:
        """Among 50,000 of 10^10 a pair is expected 0.125 times; of 10^8 it would be 12 times."""
        assert len(self.CODES) - len({code[:10] for code in self.CODES}) <= 2

    def test_neighbours_have_nothing_in_common(self) -> None:
        """Each place of the ten agrees with the next label's one time in ten."""
        agreeing = sum(
            a == b
            for one, other in zip(self.CODES, self.CODES[1:], strict=False)
            for a, b in zip(one[:10], other[:10], strict=True)
        )
        assert agreeing / (10 * (len(self.CODES) - 1)) == pytest.approx(0.1, abs=0.003)

    def test_batches_and_roots_have_nothing_in_common(self) -> None:
        several = [FIRST.codes(1, 0, 999), FIRST.codes(2, 0, 999), ROOTS["second"].codes(1, 0, 999)]
        assert len({code for codes in several for code in codes}) == 3_000

    def test_check_digits_are_those_of_the_standard(self) -> None:
        assert all(mod_97_10.is_valid(code) for code in self.CODES)


class TestSecrecy:
    CODE = FIRST.code(Serial(1, 0))

    def test_equality_is_by_digits_and_with_codes_only(self) -> None:
        assert HiddenCode(self.CODE.digits) == self.CODE
        assert hash(HiddenCode(self.CODE.digits)) == hash(self.CODE)
        assert FIRST.code(Serial(1, 1)) != self.CODE
        assert self.CODE.digits != self.CODE

    def test_comparison_takes_constant_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """By the one function of the library that does."""
        asked = []
        monkeypatch.setattr(hidden.hmac, "compare_digest", lambda a, b: asked.append((a, b)) or a == b)
        other = FIRST.code(Serial(1, 1))
        assert (other == self.CODE) is False
        assert asked == [(other.digits, self.CODE.digits)]

    def test_nothing_secret_is_in_repr(self) -> None:
        assert self.CODE.digits not in f"{self.CODE} {self.CODE!r}"
        assert str(FIRST.secret) not in f"{FIRST} {FIRST!r}"
        assert FIRST.secret.hex() not in f"{FIRST!r}"

    @pytest.mark.parametrize("typed", ["7445-0961-0378", "7445 0961 037", "7445--0961-0377", "x" * 5_000])
    def test_messages_do_not_repeat_what_was_typed(self, typed: str) -> None:
        with pytest.raises(InvalidHiddenCode) as caught:
            HiddenCode.parse(typed)
        assert "7445" not in str(caught.value)
        assert len(str(caught.value)) < 200

    def test_a_mistyped_code_is_no_wrong_one(self) -> None:
        wrong = FIRST.code(Serial(1, 1))
        assert HiddenCode.parse(wrong.grouped) != self.CODE, "well formed, and not this label's"
        with pytest.raises(MistypedHiddenCode, match="expected two last digits that fit the ten before them"):
            HiddenCode.parse(self.CODE.digits[:-1] + str((int(self.CODE.digits[-1]) + 1) % 10))

    @pytest.mark.parametrize("size", [0, 31, 33, 64])
    def test_a_root_of_another_size(self, size: int) -> None:
        with pytest.raises(TraceqrError, match=f"expected a hidden root of 32 bytes, got {size}"):
            HiddenRoot(1, bytes(size))


def test_grouped() -> None:
    assert grouped("123456789012") == "1234-5678-9012"

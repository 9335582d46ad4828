from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rfc8785

from traceqr.printing.format import PrintError
from traceqr.printing.volumes import Manifest, Volume, Written, faults, plan


def delivered(folder: Path) -> Manifest:
    """Three volumes on disk, and their manifest."""
    written = []
    for volume in plan(1, 5, 24, "csv", 8):
        content = f"labels {volume.first} to {volume.last}\r\n".encode()
        (folder / volume.name).write_bytes(content)
        written.append(Written.of(volume, len(content), hashlib.sha256(content).hexdigest()))
    return Manifest(1, "06901234567892", "csv", {"columns": "text,serial", "bom": True}, tuple(written))


class TestPlan:
    def test_names_say_batch_and_labels(self) -> None:
        assert plan(1, 0, 249_999, "csv") == (
            Volume("batch-00000001-labels-00000000-00099999.csv", 0, 99_999),
            Volume("batch-00000001-labels-00100000-00199999.csv", 100_000, 199_999),
            Volume("batch-00000001-labels-00200000-00249999.csv", 200_000, 249_999),
        )

    @pytest.mark.parametrize(
        ("first", "last", "count"), [(0, 0, 1), (0, 99_999, 100_000), (0, 100_000, 100_000), (7, 29, 5), (3, 12, 10)]
    )
    def test_volumes_cover_the_range_once(self, first: int, last: int, count: int) -> None:
        volumes = plan(7, first, last, "txt", count)
        assert [index for each in volumes for index in range(each.first, each.last + 1)] == list(range(first, last + 1))
        assert all(each.count == count for each in volumes[:-1])
        assert 1 <= volumes[-1].count <= count

    def test_names_sort_by_label(self) -> None:
        names = [volume.name for volume in plan(1, 0, 9_999_999, "csv")]
        assert len(names) == 100
        assert names == sorted(set(names))

    def test_a_whole_batch_of_the_largest_size(self) -> None:
        assert plan(99_999_999, 0, 99_999_999, "csv")[-1].name == "batch-99999999-labels-99900000-99999999.csv"

    def test_too_many_volumes(self) -> None:
        with pytest.raises(PrintError, match="expected at most 10,000 volumes, got 10,001: choose more labels"):
            plan(1, 0, 10_000, "csv", 1)

    def test_volumes_of_nothing(self) -> None:
        with pytest.raises(PrintError, match="expected volumes of one label at least, got 0"):
            plan(1, 0, 9, "csv", 0)

    @pytest.mark.parametrize(
        ("batch", "first", "last"), [(1, 5, 4), (1, -1, 4), (1, 0, 100_000_000), (0, 0, 1), (100_000_000, 0, 1)]
    )
    def test_no_such_labels(self, batch: int, first: int, last: int) -> None:
        with pytest.raises(PrintError, match=f"got {first} to {last} of {batch}"):
            plan(batch, first, last, "csv")


class TestManifest:
    def test_holds_what_a_print_house_checks(self, tmp_path: Path) -> None:
        manifest = delivered(tmp_path)
        values = json.loads(manifest.to_json())
        assert {key: values[key] for key in values if key != "volumes"} == {
            "version": "traceqr.volumes.v1",
            "batch": 1,
            "gtin": "06901234567892",
            "format": "csv",
            "options": {"columns": "text,serial", "bom": True},
            "first": 5,
            "last": 24,
            "count": 20,
        }
        assert values["volumes"][2] == {
            "name": "batch-00000001-labels-00000021-00000024.csv",
            "first": 21,
            "last": 24,
            "count": 4,
            "bytes": 17,
            "sha256": hashlib.sha256(b"labels 21 to 24\r\n").hexdigest(),
        }

    def test_is_canonical_and_comes_back(self, tmp_path: Path) -> None:
        manifest = delivered(tmp_path)
        content = manifest.to_json()
        assert rfc8785.dumps(json.loads(content)) == content
        assert Manifest.parse(content) == manifest

    def test_its_name(self, tmp_path: Path) -> None:
        assert delivered(tmp_path).name == "batch-00000001-labels-00000005-00000024.csv.manifest.json"

    def test_the_longest_fits(self) -> None:
        volumes = tuple(Written.of(each, 10**9, "0" * 64) for each in plan(1, 0, 9_999, "csv", 1))
        content = Manifest(1, "06901234567892", "csv", {}, volumes).to_json()
        assert len(Manifest.parse(content).volumes) == 10_000

    @pytest.mark.parametrize(
        "change",
        [
            lambda values: values["volumes"][0].update(name="../batch-00000001-labels-00000005-00000012.csv"),
            lambda values: values["volumes"][0].update(name="batch-00000001-labels-00000005-00000012.csv/../x"),
            lambda values: values["volumes"][0].update(name="/etc/passwd"),
            lambda values: values["volumes"][0].update(name=7),
            lambda values: values["volumes"][0].update(first=True),
            lambda values: values["volumes"][0].update(first=4),
            lambda values: values["volumes"][0].update(count=7),
            lambda values: values["volumes"][0].update(bytes=-1),
            lambda values: values["volumes"][0].update(bytes=1.5),
            lambda values: values["volumes"][0].update(sha256="A" * 64),
            lambda values: values["volumes"][0].update(sha256=None),
            lambda values: values["volumes"][0].update(more=1),
            lambda values: values["volumes"][0].pop("bytes"),
            lambda values: values["volumes"].pop(1),
            lambda values: values["volumes"].reverse(),
            lambda values: values["volumes"].clear(),
            lambda values: values.update(volumes={}),
            lambda values: values.update(version="traceqr.volumes.v2"),
            lambda values: values.update(count=21),
            lambda values: values.update(batch="1"),
            lambda values: values.update(batch=2),
            lambda values: values.update(options={"a": []}),
            lambda values: values.update(options=[]),
            lambda values: values.update(extra=1),
            lambda values: values.pop("gtin"),
        ],
    )
    def test_a_changed_one_is_refused(self, tmp_path: Path, change: Callable[[Any], object]) -> None:
        values = json.loads(delivered(tmp_path).to_json())
        change(values)
        with pytest.raises(PrintError, match="expected"):
            Manifest.parse(rfc8785.dumps(values))

    @pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"volumes":[1]}', b"1"])
    def test_other_content_is_refused(self, content: bytes) -> None:
        with pytest.raises(PrintError, match="expected a manifest of version"):
            Manifest.parse(content)

    def test_another_spelling_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(PrintError, match="as it was written, got one that was changed"):
            Manifest.parse(delivered(tmp_path).to_json() + b"\n")

    def test_one_of_many_megabytes_is_refused(self) -> None:
        with pytest.raises(PrintError, match="at most 8,388,608 bytes, got 8,388,609"):
            Manifest.parse(b" " * 8_388_609)


class TestFiles:
    def test_good_ones(self, tmp_path: Path) -> None:
        assert faults(delivered(tmp_path), tmp_path) == ()

    def test_one_is_missing(self, tmp_path: Path) -> None:
        manifest = delivered(tmp_path)
        (tmp_path / manifest.volumes[1].name).unlink()
        assert faults(manifest, tmp_path) == (
            "batch-00000001-labels-00000013-00000020.csv: expected in the folder, not found",
        )

    def test_one_is_short(self, tmp_path: Path) -> None:
        manifest = delivered(tmp_path)
        path = tmp_path / manifest.volumes[0].name
        path.write_bytes(path.read_bytes()[:-1])
        assert faults(manifest, tmp_path) == ("batch-00000001-labels-00000005-00000012.csv: expected 16 bytes, got 15",)

    def test_one_was_changed(self, tmp_path: Path) -> None:
        manifest = delivered(tmp_path)
        path = tmp_path / manifest.volumes[2].name
        path.write_bytes(path.read_bytes().replace(b"24", b"25"))
        (fault,) = faults(manifest, tmp_path)
        assert fault.startswith(f"{path.name}: expected SHA-256 {manifest.volumes[2].sha256}, got ")

    def test_one_is_a_folder(self, tmp_path: Path) -> None:
        manifest = delivered(tmp_path)
        path = tmp_path / manifest.volumes[0].name
        path.unlink()
        path.mkdir()
        (fault,) = faults(manifest, tmp_path)
        assert fault.startswith(f"{path.name}: expected a readable file, got ")

    def test_each_fault_is_told(self, tmp_path: Path) -> None:
        manifest = delivered(tmp_path)
        (tmp_path / manifest.volumes[0].name).unlink()
        (tmp_path / manifest.volumes[2].name).write_bytes(b"")
        assert len(faults(manifest, tmp_path)) == 2

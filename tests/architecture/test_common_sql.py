"""schema.sql and every statement in the registry stay in the SQL that SQLite and PostgreSQL both accept alike.

What cannot be common stands in one file per backend, which is not looked at here, and in the adapters.
"""

from __future__ import annotations

import ast
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = (ROOT / "schema.sql").read_text(encoding="utf-8")
REGISTRY = ROOT / "traceqr" / "registry"
BACKENDS = {"sqlite.py", "postgres.py", "session.py"}
OWN_FILE = ROOT / "traceqr" / "guard" / "counters.py"
"""The guard's counters are a file of SQLite's and no registry."""

FORBIDDEN: dict[str, tuple[str, str]] = {
    # what: (pattern, a bad example that it must find)
    "AUTOINCREMENT": (r"\bAUTOINCREMENT\b", "number BIGINT PRIMARY KEY AUTOINCREMENT"),
    "SERIAL": (r"\b(BIG|SMALL)?SERIAL\b", "number BIGSERIAL PRIMARY KEY"),
    "identity": (r"\bGENERATED\b.*\bIDENTITY\b", "number BIGINT GENERATED ALWAYS AS IDENTITY"),
    "BLOB": (r"\bBLOB\b", "content BLOB NOT NULL"),
    "BYTEA": (r"\bBYTEA\b", "content BYTEA NOT NULL"),
    "REAL": (r"\b(REAL|FLOAT|DOUBLE)\b", "price REAL"),
    "NUMERIC": (r"\b(NUMERIC|DECIMAL)\b", "price NUMERIC"),
    "DATETIME": (r"\b(DATETIME|TIMESTAMPTZ?|DATE)\b", "at DATETIME"),
    "BOOLEAN": (r"\b(BOOLEAN|TRUE|FALSE)\b", "confirmed BOOLEAN"),
    "VARCHAR": (r"\b(VAR)?CHAR(ACTER)?\b", "name VARCHAR(20)"),
    "JSON": (r"\bJSONB?\b|\bjson_\w+\s*\(|->>?", "SELECT entry ->> 'act' FROM ledger"),
    "STRICT or WITHOUT ROWID": (r"\bSTRICT\b|\bWITHOUT\b", ") STRICT"),
    "OR IGNORE, OR REPLACE": (r"\b(INSERT|UPDATE)\s+OR\b", "INSERT OR IGNORE INTO meta VALUES ('a', 'b')"),
    "REPLACE INTO": (r"\bREPLACE\s+INTO\b", "REPLACE INTO meta VALUES ('a', 'b')"),
    "GLOB": (r"\bGLOB\b", "SELECT * FROM meta WHERE name GLOB 'a*'"),
    "LIKE": (r"\bI?LIKE\b", "SELECT * FROM meta WHERE name LIKE 'a%'"),
    "REGEXP": (r"\bREGEXP\b|\bSIMILAR\b|~", "SELECT * FROM meta WHERE name REGEXP 'a'"),
    "IFNULL": (r"\b(IFNULL|NVL|IIF)\b", "SELECT IFNULL(a, 0) FROM b"),
    "two-argument MAX, MIN": (r"\b(MAX|MIN)\s*\([^()]*,", "SELECT MAX(first, 0) FROM span"),
    "GREATEST, LEAST": (r"\b(GREATEST|LEAST)\b", "SELECT GREATEST(first, 0) FROM span"),
    "rowid": (r"\b_?(rowid|oid|ctid)_?\b", "SELECT rowid FROM batch"),
    "last_insert_rowid": (r"\blast_insert_rowid\b|\bcurrval\b|\bnextval\b", "SELECT last_insert_rowid()"),
    "PRAGMA": (r"\bPRAGMA\b", "PRAGMA user_version"),
    "sqlite_master": (r"\bsqlite_\w+|\bpg_\w+|\binformation_schema\b", "SELECT name FROM sqlite_master"),
    "untyped :x IS NULL": (r":\w+\s+IS\b", "SELECT * FROM batch WHERE :lot IS NULL OR lot = :lot"),
    "column IS value": (r"\bIS\s+(?!NOT\s+NULL\b|NULL\b|NOT\s+DISTINCT\b|DISTINCT\b)", "WHERE lot IS :lot"),
    "NULLS FIRST, LAST": (r"\bNULLS\b", "SELECT lot FROM batch ORDER BY lot NULLS LAST"),
    "COLLATE": (r"\bCOLLATE\b", "SELECT name FROM meta ORDER BY name COLLATE NOCASE"),
    "question mark": (r"\?", "SELECT * FROM meta WHERE name = ?"),
    "percent": (r"%", "SELECT * FROM meta WHERE name = %s"),
    "numbered parameter": (r"(?<![:\w])[$@]\w|:[0-9]", "SELECT * FROM meta WHERE name = $1"),
    "cast by ::": (r"::", "SELECT number::text FROM batch"),
    "double-quoted": (r'"', 'SELECT * FROM meta WHERE name = "schema_version"'),
    "backquoted or bracketed": (r"`|\[", "SELECT `name` FROM [meta]"),
    "SUM without CAST": (r"(?<!CAST\()\b(SUM|AVG|TOTAL)\s*\(", "SELECT SUM(label_count) AS labels FROM batch"),
    "division": (r"\s/\s|\w/\w", "SELECT label_count / 2 FROM batch"),
    "time functions": (
        r"\b(NOW|strftime|date|time|julianday|unixepoch)\s*\(|\bCURRENT_\w+|\bEXTRACT\b",
        "SELECT strftime('%s') AS now FROM meta",
    ),
    "random": (r"\brandom\w*\s*\(", "SELECT random() AS r FROM meta"),
    "printf": (
        r"\b(printf|format|hex|unhex|instr|strpos|typeof|group_concat|string_agg)\s*\(",
        "SELECT hex(name) FROM meta",
    ),
    "substr": (r"\bsubstr(ing)?\s*\(", "SELECT * FROM gtin_claim WHERE substr(value, 2) = :stem"),
    "LIMIT a, b": (r"\bLIMIT\s+[:\w]+\s*,", "SELECT name FROM meta LIMIT 1, 2"),
    "RIGHT and FULL JOIN": (
        r"\b(RIGHT|FULL|NATURAL)\s+(OUTER\s+)?JOIN\b",
        "SELECT * FROM a FULL JOIN b ON a.x = b.x",
    ),
    "DELETE with LIMIT": (r"\bDELETE\b.*\bLIMIT\b", "DELETE FROM scan WHERE at_ms < 5 LIMIT 100"),
    "UPDATE ... FROM": (r"\bUPDATE\b.*\bSET\b.*\bFROM\b(?!.*\))", "UPDATE a SET x = b.x FROM b WHERE b.y = a.y"),
    "alias of an updated table": (r"\bUPDATE\s+\w+\s+(AS\s+)?(?!SET\b)\w+\s+SET\b", "UPDATE batch b SET lot = 'x'"),
    "UPSERT without target": (r"\bON\s+CONFLICT\s+DO\b", "INSERT INTO a (b) VALUES (1) ON CONFLICT DO NOTHING"),
    "CREATE TRIGGER": (
        r"\bCREATE\s+(TEMP\w*\s+)?(TRIGGER|VIEW|FUNCTION)\b",
        "CREATE TRIGGER t BEFORE UPDATE ON ledger",
    ),
    "IF NOT EXISTS": (r"\bIF\s+NOT\s+EXISTS\b", "CREATE TABLE IF NOT EXISTS a (b TEXT)"),
    "GROUP_CONCAT, HAVING alias": (r"\bHAVING\s+\w+\s*[<>=]", "SELECT COUNT(*) AS n FROM a GROUP BY b HAVING n > 1"),
    "ORDER BY a number": (r"\bORDER\s+BY\s+[0-9]", "SELECT name FROM meta ORDER BY 1"),
    "transactions": (r"\b(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|ATTACH|VACUUM)\b", "COMMIT"),
    "locking": (r"\bFOR\s+UPDATE\b|\bLOCK\b", "SELECT * FROM meta FOR UPDATE"),
}

RESERVED = frozenset(
    """
    all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
    current_date current_role current_time current_timestamp current_user default deferrable desc distinct do else
    end except false fetch for foreign from grant group having in initially intersect into lateral leading limit
    localtime localtimestamp not null offset on only or order placing primary references returning select
    session_user some symmetric table then to trailing true union unique user using variadic when where window with
    authorization binary concurrently cross current_schema freeze full ilike inner is isnull join left like natural
    notnull outer overlaps right similar tablesample verbose
    """.split()  # noqa: SIM905  a hundred words are read as words
)
"""What PostgreSQL reserves: the table 'SQL Key Words' of its manual, appendix C, with those that may name functions or
types and nothing else.
"""

TYPES = {"TEXT", "BIGINT", "INTEGER"}
ASCII_TEXT = {"id", "kind", "gtin", "value", "region", "uscc", "device", "place", "subscription_id"}
ASCII_TEXT |= {"low", "high"}
"""Text columns of digits and ASCII letters of one case alone: they sort alike under every collation."""


def bare(sql: str) -> str:
    """Without comments, and with the inside of text literals emptied: those are data."""
    return re.sub(r"'[^']*'", "''", re.sub(r"--[^\n]*", "", sql))


def words(sql: str) -> list[str]:
    """Forbidden things in a statement."""
    text = bare(sql)
    return [what for what, (pattern, _) in FORBIDDEN.items() if re.search(pattern, text, re.IGNORECASE | re.DOTALL)]


def columns(schema: str) -> dict[str, tuple[str, bool]]:
    """Type and whether it may be null, by column name; one of that name that may be null decides."""
    found: dict[str, tuple[str, bool]] = {}
    for line in bare(schema).splitlines():
        match = re.match(r"    ([a-z_]+) ([A-Z]+)\b(.*)", line)
        if match and match[1] not in ("ON",):
            nullable = "NOT NULL" not in match[3]
            found[match[1]] = (match[2], nullable or found.get(match[1], ("", False))[1])
    return found


COLUMNS = columns(SCHEMA)


def bad_types(schema: str) -> list[str]:
    """Columns that are not TEXT or BIGINT, INTEGER beyond 0 and 1."""
    found = [f"{name} {kind}" for name, (kind, _) in columns(schema).items() if kind not in TYPES]
    for line in bare(schema).splitlines():
        match = re.match(r"    ([a-z_]+) INTEGER\b(.*)", line)
        if match and f"CHECK ({match[1]} IN (0, 1))" not in match[2]:
            found.append(f"{match[1]} INTEGER beyond 0 and 1")
        if re.match(r"    [a-z_]+_ms (?!BIGINT)", line):
            found.append(f"{line.strip()}: an instant that is no BIGINT")
    return found


def order(sql: str) -> list[str]:
    """ORDER BY of what sorts differently: columns that may be null, and text beyond plain ASCII."""
    found = []
    for clause in re.findall(r"\bORDER BY\s+(.+?)(?:\bLIMIT\b|\)|$)", bare(sql), re.DOTALL | re.IGNORECASE):
        for term in clause.split(","):
            name = re.sub(r"\s+(ASC|DESC)$", "", term.strip(), flags=re.IGNORECASE).rpartition(".")[2]
            kind, nullable = COLUMNS.get(name, ("unknown", True))
            if nullable and kind != "unknown":
                found.append(f"{name} may be null")
            if kind == "TEXT" and name not in ASCII_TEXT:
                found.append(f"{name} depends on collation")
            if kind == "unknown":
                found.append(f"{name} is no column")
    return found


def compared(sql: str) -> list[str]:
    """Text compared by order, which depends on the collation; digits of `value` do not."""
    found = re.findall(r"([a-z_]+)\s*(?:<=?|>=?|\bBETWEEN\b)\s*[:\w(]", bare(sql))
    return [name for name in found if COLUMNS.get(name, ("", False))[0] == "TEXT" and name not in ASCII_TEXT]


def statements(source: str) -> Iterator[str]:
    """Every SQL text of a module, implicit concatenation and f-strings joined, docstrings left out."""
    tree = ast.parse(source)
    documentation = {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)} - {
        id(node) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)
    }
    for node in ast.walk(tree):
        text = None
        if isinstance(node, ast.JoinedStr):
            text = "".join(part.value if isinstance(part, ast.Constant) else "filled_in" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation | inside:
            text = node.value
        if text and re.search(r"\b(SELECT|INSERT|UPDATE|DELETE|WHERE|ORDER BY|VALUES|BETWEEN|LIMIT|AND|JOIN)\b", text):
            yield text


IN_MODULES = [
    pytest.param(path.stem, statement, id=f"{path.stem}-{at}")
    for path in sorted(REGISTRY.glob("*.py"))
    if path.name not in BACKENDS
    for at, statement in enumerate(statements(path.read_text(encoding="utf-8")))
]


NEVER_NULL = {
    **{name: {"first may be null"} for name in ("spans", "dossiers", "holdings", "bundle_sources", "sscc_allocations")},
    **{name: {"batch may be null"} for name in ("licences", "suspects", "happenings")},
    "recalls": {"changed_position may be null", "batch may be null", "first may be null"},
    "recall_reach": {"batch may be null", "first may be null"},
    **{name: {"due_ms may be null"} for name in ("cases", "inspections", "inspection_search")},
}
"""By module: `first`, `batch` and `gtin` may be null in notices, never in spans, suspects and in what batches carry;
`due_ms` in cases, never in corrections.
"""

for _name in ("bundle_sources", "holdings", "inspections", "passports", "products", "rosters"):
    NEVER_NULL[_name] = NEVER_NULL.get(_name, set()) | {"gtin may be null"}


@pytest.mark.parametrize(("module", "statement"), IN_MODULES)
def test_statements(module: str, statement: str) -> None:
    assert words(statement) == []
    assert set(order(statement)) <= NEVER_NULL.get(module, set())
    assert compared(statement) == []


def test_enough_statements_were_found() -> None:
    assert len(IN_MODULES) > 40


def test_there_is_sql_in_the_registry_alone() -> None:
    for path in ROOT.glob("traceqr/**/*.py"):
        if path.parent != REGISTRY and path != OWN_FILE:
            found = [
                text
                for text in statements(path.read_text(encoding="utf-8"))
                if re.match(r"\s*(SELECT .* FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b", text, re.DOTALL)
            ]
            assert found == [], path.name


class TestSchema:
    def test_words(self) -> None:
        assert words(SCHEMA) == []

    def test_types(self) -> None:
        assert len(COLUMNS) > 50
        assert bad_types(SCHEMA) == []

    def test_every_column_has_a_type_and_every_table_a_primary_key(self) -> None:
        with closing(sqlite3.connect(":memory:")) as database:
            database.executescript(SCHEMA)
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                info = database.execute(f"PRAGMA table_info({table})").fetchall()
                assert all(row[2] in TYPES for row in info), table
                assert any(row[5] for row in info), table
                assert all(row[3] for row in info if row[5]), f"{table}: a primary key that may be null"

    def test_no_name_is_reserved_in_postgresql(self) -> None:
        names = set(COLUMNS) | set(re.findall(r"CREATE (?:TABLE|UNIQUE INDEX|INDEX) ([a-z_]+)", SCHEMA))
        assert names & RESERVED == set()


class TestTheCheckItself:
    @pytest.mark.parametrize("what", FORBIDDEN)
    def test_each_forbidden_thing_is_found(self, what: str) -> None:
        assert what in words(FORBIDDEN[what][1])

    @pytest.mark.parametrize(
        "good",
        [
            "SELECT COALESCE(MAX(number), 0) + 1 AS number FROM batch -- a comment with LIKE and ?",
            "SELECT name FROM meta WHERE name = 'PRAGMA ? % like'",
            "INSERT INTO a (b) VALUES (:b) ON CONFLICT (b) DO UPDATE SET c = excluded.c",
            "SELECT CAST(SUM(label_count) AS BIGINT) AS labels FROM batch",
            "SELECT lot FROM batch WHERE lot IS NOT NULL AND lot IS NOT DISTINCT FROM :lot",
            "UPDATE meta SET value = :value WHERE name IN (SELECT name FROM meta)",
            "DELETE FROM span WHERE batch = :batch AND first BETWEEN :low AND :high",
        ],
    )
    def test_what_is_common_is_not(self, good: str) -> None:
        assert words(good) == []

    @pytest.mark.parametrize(
        "bad",
        [
            "    confirmed INTEGER NOT NULL,",
            "    confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1, 2)),",
            "    price MONEY NOT NULL,",
            "    at_ms TEXT NOT NULL,",
        ],
    )
    def test_bad_types_are_found(self, bad: str) -> None:
        assert bad_types(f"CREATE TABLE t (\n{bad}\n);")

    @pytest.mark.parametrize(
        "bad",
        [
            "SELECT number FROM batch ORDER BY lot",
            "SELECT number FROM batch b ORDER BY b.number DESC, b.expires_on",
            "SELECT id FROM enterprise ORDER BY name_zh",
            "SELECT id FROM notice ORDER BY closed_position DESC LIMIT 5",
            "SELECT id FROM notice ORDER BY length(reason)",
        ],
    )
    def test_bad_orders_are_found(self, bad: str) -> None:
        assert order(bad)

    def test_text_compared_by_order_is_found(self) -> None:
        assert compared("SELECT id FROM enterprise WHERE name_zh >= :low") == ["name_zh"]
        assert compared("SELECT id FROM enterprise WHERE e.name_en BETWEEN :low AND :high") == ["name_en"]
        assert compared("SELECT number FROM batch WHERE number >= :low") == []

    def test_statements_are_found_however_they_are_written(self) -> None:
        source = (
            '"""A docstring: SELECT nothing."""\n'
            'A = "SELECT a" " FROM b"\n'
            "def f(x):\n"
            '    """INSERT nothing."""\n'
            "    return A + f\" WHERE {x} LIKE :a\" + ' ORDER BY c'\n"
        )
        assert sorted(statements(source)) == [" ORDER BY c", " WHERE filled_in LIKE :a", "SELECT a FROM b"]

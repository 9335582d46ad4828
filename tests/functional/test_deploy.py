"""What stands in deploy/ is what the program, systemd and nginx take. Containers cannot be built where tests run, so of
theirs the parts are checked: the files that are copied, the commands, the settings, and that no secret has a default.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import textwrap
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest
from support import postgres
from support.ports import free_port
from support.program import Program
from support.server import ROOT, SECRET, serving
from support.shop import open_shop
from support.world import World

from tests.functional.test_documented_commands import faults, typed

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
COMPOSE = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
READ = re.compile(r"TRACEQR_[A-Z0-9_]*[A-Z0-9]")

HARDENED = (
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "RestrictNamespaces=yes",
    "SystemCallFilter=@system-service",
)


def files() -> list[Path]:
    return sorted(path for path in DEPLOY.rglob("*") if path.is_file())


# --- commands and settings, wherever they stand


def commands(path: Path) -> list[list[str]]:
    """The words after `traceqr` of every command in a file: of units, containers, compose and comments."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if listed := re.search(r"\[(.*\btraceqr\b.*)\]", line):  # a list of words, quoted or not
            words = [word.strip().strip('"') for word in listed[1].split(",")]
            line = " ".join(words) if words[0] == "traceqr" else " ".join(words[2:]) if words[0] == "sh" else ""
        elif command := re.match(r"(?:ExecStart\w*|ExecReload)=(.*)", line):
            line = command[1].replace("$$", "$").replace("%%", "%")
        elif line.startswith("#"):
            line = line.lstrip("# ").partition("    #")[0]
            line = line[line.index("traceqr") :] if re.search(r"tools traceqr ", line) else ""
            line = line.removeprefix("traceqr/") if not line.startswith("traceqr ") else line
        else:
            continue
        found += list(typed(line)) if "traceqr" in line else []
    return found


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_command_is_one_that_the_program_takes(path: Path) -> None:
    assert faults([(words, True) for words in commands(path)]) == []


def test_the_commands_are_found() -> None:
    found = {" ".join(words[:2]) for path in files() for words in commands(path)}
    assert found >= {"serve", "check", "keys list", "init", "grant traceqr_public", "--help", "serve --bind"}
    assert any(words[0] == "backup" for words in commands(DEPLOY / "systemd" / "traceqr-backup.service"))


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_every_setting_is_one_that_somebody_reads(path: Path) -> None:
    read = set(READ.findall((ROOT / "traceqr" / "settings.py").read_text(encoding="utf-8")))
    of_compose = {"TRACEQR_OWNER_PASSWORD", "TRACEQR_PUBLIC_PASSWORD", "TRACEQR_TLS"}
    assert set(READ.findall(path.read_text(encoding="utf-8"))) <= read | of_compose


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_no_secret_is_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    given = re.findall(r"^[ \t]*(\w*(?:PASSWORD|SECRET|TOKEN|PASSPHRASE)\w*)[ \t]*[:=][ \t]*(.*)$", text, re.MULTILINE)
    assert [(name, value) for name, value in given if value and not value.startswith("${")] == []
    assert "PRIVATE KEY" not in text


# --- systemd


@pytest.mark.parametrize("unit", [unit for unit in UNITS if unit.suffix == ".service"], ids=lambda unit: unit.name)
def test_services_are_hardened(unit: Path) -> None:
    lines = unit.read_text(encoding="utf-8").splitlines()
    assert [setting for setting in HARDENED if setting not in lines] == []
    assert any(line.startswith("User=traceqr") for line in lines)
    holds_keys = unit.name in ("traceqr-check.service", "traceqr-signer.service", "traceqr-guard.service")
    assert ("InaccessiblePaths=-/var/lib/traceqr/keys" in lines) is not holds_keys


def test_every_timer_has_its_service() -> None:
    timers = [unit for unit in UNITS if unit.suffix == ".timer"]
    assert len(timers) == 2
    assert all(timer.with_suffix(".service").exists() for timer in timers)


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd-analyze on this machine: the units were not verified")
    here = shutil.which("true") or "/bin/true"
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/traceqr/bin/traceqr", here)
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        [program, "verify", "--man=no", "--recursive-errors=no", *sorted(tmp_path.iterdir())],
        capture_output=True,
        text=True,
        check=False,
    )
    about_ours = [line for line in done.stderr.splitlines() if "traceqr" in line]
    assert (done.returncode, about_ours) == (0, []), done.stderr


# --- nginx


def test_ciphers_are_strong_and_known_to_openssl() -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on this machine: the list of ciphers was not tried")
    text = (DEPLOY / "nginx" / "traceqr.conf").read_text(encoding="utf-8")
    (wanted,) = re.findall(r"ssl_ciphers\s+(\S+);", text)
    done = subprocess.run([openssl, "ciphers", "-s", "-tls1_2", wanted], check=True, capture_output=True, text=True)
    names = done.stdout.strip().split(":")
    assert names
    assert all(name.startswith(("ECDHE-", "TLS_")) and ("GCM" in name or "CHACHA20" in name) for name in names)


def configured(folder: Path, upstream: int, http: int, https: int) -> Path:
    """Our configuration with other ports and places; the rest is as it stands in deploy/."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=qr.example.org", "-keyout", folder / "key.pem", "-out", folder / "fullchain.pem"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    ours = (DEPLOY / "nginx" / "traceqr.conf").read_text(encoding="utf-8")
    ours += (DEPLOY / "nginx" / "upstream-local.conf").read_text(encoding="utf-8")
    for theirs, here in (
        ("/etc/ssl/traceqr/", f"{folder}/"),
        ("/var/log/nginx/", f"{folder}/"),
        ("listen 80;", f"listen 127.0.0.1:{http};"),
        ("listen 443 ", f"listen 127.0.0.1:{https} "),
        ("127.0.0.1:8000", f"127.0.0.1:{upstream}"),
    ):
        assert theirs in ours, theirs
        ours = ours.replace(theirs, here)
    places = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    path.write_text(
        f"pid {folder}/pid;\nerror_log {folder}/error.log;\ndaemon off;\nevents {{}}\nhttp {{\n{places}{ours}}}\n"
    )
    return path


@pytest.fixture
def nginx() -> str:
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None or shutil.which("openssl") is None:
        pytest.skip("no nginx or no openssl on this machine: the proxy's configuration was not tried")
    return program


def test_nginx_passes_labels_on_as_they_came(nginx: str, tmp_path: Path) -> None:
    """Through the real proxy: the raw target arrives, what is not public does not answer, the rate is limited."""
    with open_shop(tmp_path) as shop:
        http, https = free_port(), free_port()
        path = configured(tmp_path, shop.server.port, http, https)
        subprocess.run([nginx, "-t", "-p", tmp_path, "-c", path], check=True, capture_output=True)
        process = subprocess.Popen([nginx, "-p", tmp_path, "-c", path], stderr=subprocess.DEVNULL)
        try:
            target = shop.path(1)
            genuine = asked(https, target, f"127.0.0.1:{shop.server.port}")
            assert json.loads(genuine[1])["code"] == "genuine"
            escaped = target.replace("?s=", "?%73=")
            assert json.loads(asked(https, escaped, "x")[1])["reason"] == "parameter-malformed"
            for hidden in ("/metrics", "/readyz", "/healthz"):
                assert asked(https, hidden, "x")[0] == 404
            assert b"403 Forbidden" in plain(http, "/api/v1/verify")
            assert b"\r\nLocation: https://qr.example.org/01/x" in plain(http, "/01/x")
            assert 429 in [asked(https, "/", "x")[0] for _ in range(60)]
        finally:
            process.terminate()
            process.wait(20)
        said = "".join(each.read_text() for each in tmp_path.glob("*.log") if "server-" not in each.name)
        assert "/01/" not in said


def plain(port: int, target: str) -> bytes:
    """The head of an answer over plain HTTP."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(f"GET {target} HTTP/1.1\r\nHost: qr.example.org\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: connection.recv(65_536), b"")).partition(b"\r\n\r\n")[0]


def asked(port: int, target: str, host: str) -> tuple[int, str]:
    """Status and body of one request over TLS, sent byte for byte."""
    import ssl
    import time

    context = ssl._create_unverified_context()
    for _ in range(200):
        try:
            raw = socket.create_connection(("127.0.0.1", port), 10)
            break
        except ConnectionRefusedError:
            time.sleep(0.05)
    with raw, context.wrap_socket(raw) as connection:
        request = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode(errors="replace")


# --- PostgreSQL


@pytest.fixture
def old_server() -> Iterator[Any]:
    """A server whose new databases have the schema public as version 14 makes it: their owner does not own it, and
    everybody may create in it.
    """
    folder = Path(tempfile.mkdtemp(prefix="tqde"))  # short: the server's socket lies there
    server = postgres.start(folder / "d")
    superuser(
        server, "\\connect template1\nALTER SCHEMA public OWNER TO postgres; GRANT ALL ON SCHEMA public TO PUBLIC;"
    )
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def superuser(server: Any, script: str) -> None:
    """Type into psql; the first fault ends it."""
    server.psql(f"\\set ON_ERROR_STOP on\n{script}")


def require_public_records_only(server: Any, folder: Path) -> None:
    """The owner makes the registry and grants; the public role then reads, and makes no table of its own."""
    owner, public = (
        server.get_uri("traceqr").replace("postgres:@", f"{name}@") for name in ("traceqr", "traceqr_public")
    )
    program = Program(folder)
    program.env["TRACEQR_DATABASE"] = owner
    program.good("init")
    program.good("grant", "traceqr_public")
    with psycopg.connect(public, autocommit=True) as connection:
        assert connection.execute("SELECT COUNT(*) FROM ledger").fetchone() == (3,), (
            "the first label key, the first hidden root and the first key for bundles"
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for schema public"):
            connection.execute("CREATE TABLE own (a TEXT)")


def test_what_the_handbook_has_the_superuser_type(old_server: Any, tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    block = re.search(r"(?:^    .+\n)*^    CREATE DATABASE .+\n(?:^    .+\n)*", page, re.MULTILINE)
    assert block
    superuser(old_server, textwrap.dedent(block[0]))
    require_public_records_only(old_server, tmp_path)


def test_what_the_container_of_the_database_runs(
    old_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (DEPLOY / "postgres" / "roles.sh").read_text(encoding="utf-8")
    monkeypatch.setenv("TRACEQR_PUBLIC_PASSWORD", "of the test")
    superuser(old_server, "CREATE ROLE traceqr SUPERUSER LOGIN;\nCREATE DATABASE traceqr OWNER traceqr;")
    superuser(old_server, "\\connect traceqr traceqr\n" + script.partition("<<'SQL'\n")[2].partition("\nSQL\n")[0])
    require_public_records_only(old_server, tmp_path)


# --- containers


def test_every_secret_of_compose_must_be_given() -> None:
    asked_for = re.findall(r"\$\{([A-Z_]+)([^}]*)\}", COMPOSE)
    assert asked_for
    assert [name for name, rest in asked_for if not rest.startswith(":?")] == []
    example = (DEPLOY / "settings.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^([A-Z_]+)=$", example, re.MULTILINE)) == {name for name, _ in asked_for}


def services() -> dict[str, str]:
    """The parts of compose.yaml by name, those that others are made of too."""
    parts = re.split(r"^([a-z-]+):(?: &\w+)?\n", COMPOSE, flags=re.MULTILINE)
    top = dict(zip(parts[1::2], parts[2::2], strict=True))
    inner = re.split(r"^  ([a-z0-9-]+):\n", top["services"], flags=re.MULTILINE)
    return top | dict(zip(inner[1::2], inner[2::2], strict=True))


def test_public_nodes_have_no_keys_and_a_role_of_their_own() -> None:
    parts = services()
    public = parts["x-public"]
    assert "TRACEQR_ROLES: public" in public
    assert "postgresql://traceqr_public@database/traceqr" in public
    assert "keys" not in re.sub(r"#.*", "", public)
    assert "OWNER_PASSWORD" not in public
    for node in ("public-1", "public-2"):
        assert parts[node].split() == ["<<:", "*public"]
    assert "traceqr grant traceqr_public" in parts["init"]
    for guard in ("read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"):
        assert guard in parts["x-program"]


def test_the_console_acts_without_keys_and_keeps_the_mark_that_commands_keep() -> None:
    parts = services()
    console = parts["console"]
    assert "TRACEQR_ROLES: console" in console
    assert "postgresql://traceqr@database/traceqr" in console
    assert "KEY_PASSPHRASE" not in console
    assert re.findall(r"- (\S+):", console.partition("volumes:")[2].partition("networks:")[0]) == ["mark"]
    (mark,) = set(re.findall(r"TRACEQR_HIGH_WATER: (\S+)", COMPOSE))
    for part in (console, parts["x-owner"]):
        assert f"TRACEQR_HIGH_WATER: {mark}" in part
        assert f"- mark:{Path(mark).parent}\n" in part
    assert f'"{Path(mark).parent}"' in DOCKERFILE, "a volume has the owner that its folder has in the image"
    assert "server console:8000;" in (DEPLOY / "nginx" / "upstream-compose.conf").read_text(encoding="utf-8")


def test_the_containers_files_are_there() -> None:
    copied = [name for line in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()]
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{name}" in ignored, name
    assert "*" in ignored
    for mounted in re.findall(r"- \./(\S+?):/", COMPOSE):
        assert (DEPLOY / mounted).is_file(), mounted


def test_the_container_is_nobody_in_particular_and_runs_no_shell() -> None:
    lines = DOCKERFILE.replace("\\\n", " ").splitlines()
    assert "USER 10001" in lines
    assert lines.index("USER 10001") < next(at for at, line in enumerate(lines) if line.startswith("CMD "))
    for line in lines:
        if match := re.search(r"^(?:RUN|CMD|HEALTHCHECK .*CMD) (.*)$", line):
            assert all(isinstance(word, str) for word in json.loads(match[1])), line


def test_what_the_container_copies_makes_a_whole_package(tmp_path: Path) -> None:
    """The wheel that its `pip install .` would make, from those files alone."""
    source = tmp_path / "src"
    source.mkdir()
    for line in re.findall(r"^COPY (?!--)(.*) \S+$", DOCKERFILE, re.MULTILINE):
        for name in line.split():
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, source / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / name, source / name)
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path, source], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    for needed in ("traceqr/web/gunicorn.conf.py", "traceqr/registry/schema.sql", "traceqr/registry/postgres.sql"):
        assert needed in names


def test_the_containers_health_check_tells_a_node_that_is_ready(tmp_path: Path) -> None:
    """The very words of HEALTHCHECK, at another port."""
    line = next(line for line in DOCKERFILE.replace("\\\n", " ").splitlines() if line.startswith("HEALTHCHECK"))
    words = json.loads(line.partition("CMD ")[2])
    with open_shop(tmp_path) as shop:
        check = [sys.executable, *(word.replace(":8000", f":{shop.server.port}") for word in words[1:])]
        assert subprocess.run(check, capture_output=True, check=False).returncode == 0
        shop.world.path.rename(tmp_path / "away")
        assert subprocess.run(check, capture_output=True, check=False).returncode != 0
        (tmp_path / "away").rename(shop.world.path)
    assert subprocess.run(check, capture_output=True, check=False).returncode != 0


# --- Prometheus


def test_rules_name_metrics_that_there_are(tmp_path: Path) -> None:
    rules = (DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8")
    named = set(re.findall(r"\btraceqr_\w+", rules))
    assert len(named) >= 5
    with closing(World(tmp_path)) as world, serving(tmp_path, world.url, TRACEQR_METRICS_TOKEN=SECRET) as server:
        server.get("/01/x?s=1", Accept="application/json")
        page = server.get("/metrics", Authorization=f"Bearer {SECRET}").text
    there = set(re.findall(r"^# TYPE (\w+) ", page, re.MULTILINE))
    source = (ROOT / "traceqr" / "web" / "metrics.py").read_text(encoding="utf-8")
    for name in named:
        base = re.sub(r"_(total|bucket|sum|count)$", "", name)
        assert f'"{base}"' in source, name
        if "errors" not in base:
            assert {base, name} & there, name

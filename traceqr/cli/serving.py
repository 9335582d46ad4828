"""`traceqr serve`: the web, by gunicorn."""

from __future__ import annotations

import os
import re
import socket
import sys
from contextlib import closing
from importlib.resources import files

import click

from traceqr.cli.house import open_house
from traceqr.errors import TraceqrError

DEFAULT_BIND = "127.0.0.1:8000"
WORKERS = click.IntRange(1, 64)
WORKERS_HELP = "Processes; WEB_CONCURRENCY by default, else 2."
APP = "traceqr.web.app:from_environment()"

_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")


class ServeError(TraceqrError):
    """The address cannot be served on."""


@click.command()
@click.option("--bind", default=DEFAULT_BIND, show_default=True, help="Address and port; loopback by default.")
@click.option("--workers", type=WORKERS, help=WORKERS_HELP)
def serve(bind: str, workers: int | None) -> None:
    """Serve the web. What is missing is said here, before the first worker starts."""
    host, port = address(bind)
    house = open_house()
    house.settings.require_origin()
    house.settings.require_secret_key()
    if "print" in house.settings.roles:
        house.settings.require_signer()
    house.database.close()
    require_free(host, port)
    os.execv(sys.executable, command(bind, workers))  # noqa: S606  our own interpreter, arguments checked above


def command(bind: str, workers: int | None) -> list[str]:
    """The server's command line. For None, gunicorn.conf.py says how many workers: it knows WEB_CONCURRENCY."""
    config = str(files("traceqr.web").joinpath("gunicorn.conf.py"))
    options = ["--config", config, "--bind", bind]
    if workers is not None:
        options += ["--workers", str(workers)]
    return [sys.executable, "-m", "gunicorn", *options, APP]


def address(bind: str) -> tuple[str, int]:
    """Host and port of `HOST:PORT`. Raises `click.BadParameter`."""
    match = _ADDRESS.fullmatch(bind)
    if match is None or not 1 <= int(match["port"]) <= 65_535:
        raise click.BadParameter(f"expected HOST:PORT, such as {DEFAULT_BIND}, got {bind!r}", param_hint="--bind")
    return match["host"].strip("[]"), int(match["port"])


def require_free(host: str, port: int) -> None:
    """Take the port for an instant: gunicorn would say only after several attempts that it cannot have it."""
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with closing(socket.socket(family, kind, protocol)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except OSError as error:
        raise ServeError(
            f"cannot serve on {host}:{port}: {error.strerror}; is another server running? choose another address with"
            " --bind"
        ) from error

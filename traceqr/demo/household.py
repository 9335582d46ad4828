"""The demonstration's folder: its own registry, keys, secret and samples, made once and kept."""

from __future__ import annotations

import hashlib
import os
import secrets
import shlex
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from traceqr.demo import people
from traceqr.demo.loading import Loader, Sample, read_samples, write_samples
from traceqr.errors import TraceqrError
from traceqr.instant import Clock
from traceqr.keying import KeyFolder
from traceqr.label.host import Origin
from traceqr.registry import opening
from traceqr.second_factor import Vault
from traceqr.settings import DEFAULT_TIMEZONE
from traceqr.wire.listening import MAX_PATH


class DemoError(TraceqrError):
    """The demonstration's folder cannot be made or read."""


@dataclass(frozen=True, slots=True)
class Household:
    """A folder with all that a demonstration needs, apart from the address that it is served on."""

    folder: Path
    database: str = ""
    """The registry's URL; a file in the folder where none is given."""

    def samples(self) -> list[Sample]:
        """The sample labels. Raises `DemoError`."""
        try:
            return read_samples(self.folder / "samples.json")
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise DemoError(
                f"expected the demo's samples in {self.folder}: remove that folder to begin anew"
            ) from error

    def environment(self, origin: Origin) -> dict[str, str]:
        """The settings of a process that works on the demonstration; `origin` is where it is served now."""
        folder = self.folder.absolute()
        printed = Origin.parse((folder / "origin").read_text(encoding="utf-8"))
        port = origin.host.partition(":")[2]
        return {
            "TRACEQR_ORIGIN": str(origin),
            "TRACEQR_OFFICIAL_HOSTS": f"{printed.host},localhost:{port}" if port else printed.host,
            "TRACEQR_DATABASE": self.database or f"sqlite:///{folder}/traceqr.db",
            "TRACEQR_KEYS": str(folder / "keys"),
            "TRACEQR_SECRET_KEY": (folder / "secret").read_text(encoding="utf-8"),
            "TRACEQR_SAMPLES": str(folder / "samples.json"),
            "TRACEQR_ROLES": "public,print,console,inspect",
            "TRACEQR_SIGNER": str(_socket(folder, "signer")),
            "TRACEQR_GUARD": str(_socket(folder, "guard")),
            "TRACEQR_SECOND_PERSON": "off",
        }

    def write_environment(self, environment: dict[str, str]) -> Path:
        """Keep the settings as a file for `source`, so that commands can be typed against the demonstration."""
        path = self.folder / "environment"
        lines = [f"export {name}={shlex.quote(value)}\n" for name, value in environment.items()]
        _write_closed(path, "".join(lines))
        return path


def _socket(folder: Path, name: str) -> Path:
    """Where the signer or the guard listens: in the folder, unless its name is too long for a socket's path."""
    path = folder / name
    if len(os.fsencode(path)) <= MAX_PATH:
        return path
    named = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    short = Path(tempfile.gettempdir()) / f"traceqr-demo-{os.geteuid()}-{named}"
    short.mkdir(mode=0o700, exist_ok=True)
    return short / name


Backend = Callable[[Path], AbstractContextManager[str]]
"""Gives the URL of a demonstration's database, by its folder, for as long as the context lasts."""


@contextmanager
def file_in(folder: Path) -> Iterator[str]:
    """A registry in one file of the folder."""
    yield f"sqlite:///{folder.absolute()}/traceqr.db"


def open_or_make(folder: Path, origin: Origin, clock: Clock, backend: Backend = file_in) -> Household:
    """The demonstration in a folder, made first if it is not there: whole, or not at all. Raises `DemoError`."""
    if not folder.exists():
        new = folder.with_name(folder.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        try:
            _make(new, origin, clock, backend)
            new.rename(folder)
        except OSError as error:
            raise DemoError(f"cannot make the demo's folder {folder}: {error.strerror}") from error
    return Household(folder)


def _make(folder: Path, origin: Origin, clock: Clock, backend: Backend) -> None:
    folder.mkdir(mode=0o700, parents=True)
    secret = secrets.token_urlsafe(48)
    _write_closed(folder / "secret", secret)
    (folder / "origin").write_text(str(origin), encoding="utf-8")
    with backend(folder) as url, closing(opening.create(url)) as database:
        loader = Loader(database, KeyFolder(folder / "keys", None), origin.upper(), ZoneInfo(DEFAULT_TIMEZONE), clock)
        write_samples(folder / "samples.json", loader.load())
        _write_closed(folder / "accounts", people.told(loader.employ(Vault.of(secret)), str(origin)))


def _write_closed(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)

"""The UNIX socket of a process of its own: who may reach it, that there is one process behind it, and who speaks at the
other end.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from traceqr.errors import TraceqrError

MODE = 0o660
BACKLOG = 64
MAX_PATH = 107
"""Bytes of a UNIX socket's path (unix(7))."""

_PEERGROUPS = 59
"""SO_PEERGROUPS of Linux 4.13, which Python does not name: the further groups of the one at the other end."""

_MOST_ASKED = 1_024
_CREDENTIALS = struct.Struct("iII")


class SocketError(TraceqrError):
    """A socket that cannot be listened on, or should not be."""


@dataclass(frozen=True, slots=True)
class Post:
    """Who listens, in words: the name of the process, and the setting that says where."""

    name: str
    setting: str


@contextmanager
def listening(path: Path, post: Post) -> Iterator[socket.socket]:
    """A socket of mode 0660 that is gone when the block ends; one that a dead process left is replaced.

    Raises `SocketError` where another such process lives, where something else lies at the path, and where others could
    put a socket of theirs in its place.
    """
    _require_safe(path, post.name)
    with alone(path, post.name), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        _remove_stale(path, post.setting)
        _bind(listener, path)
        try:
            yield listener
        finally:
            path.unlink(missing_ok=True)


def _require_safe(path: Path, name: str) -> None:
    if len(os.fsencode(path)) > MAX_PATH:
        raise SocketError(f"expected a path of at most {MAX_PATH} bytes for the {name}'s socket, got {str(path)!r}")
    folder = path.absolute().parent
    try:
        status = folder.stat()
    except OSError as error:
        raise SocketError(f"cannot use the folder {folder} of the {name}'s socket: {error.strerror}") from error
    if not stat.S_ISDIR(status.st_mode):
        raise SocketError(f"expected a folder for the {name}'s socket, {folder} is none")
    # The group's members are those who may connect, such as the web's workers: they are not to put another one there.
    if status.st_mode & (stat.S_IWOTH | stat.S_IWGRP) and not status.st_mode & stat.S_ISVTX:
        raise SocketError(
            f"expected a folder that others cannot write for the {name}'s socket, {folder} has mode"
            f" {stat.S_IMODE(status.st_mode):04o}: they could put a socket of their own there; run: chmod go-w {folder}"
        )
    if status.st_uid not in (os.geteuid(), 0):
        raise SocketError(f"expected the folder {folder} of the {name}'s socket to be ours, it is another user's")


@contextmanager
def alone(path: Path, name: str) -> Iterator[None]:
    """Hold the lock that tells a living process from a dead one, whichever of two starts first. Raises
    `SocketError`.
    """
    lock = path.with_name(path.name + ".lock")
    try:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise SocketError(f"cannot lock {lock}: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise SocketError(f"expected no other {name} at {path}, one lives: end it first") from error
        yield
    finally:
        os.close(handle)


def _remove_stale(path: Path, setting: str) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise SocketError(f"expected nothing, or a socket that was left behind, at {path}, found another file")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.setblocking(False)
        # A stranger's server, which knows no lock of ours, lives as long as it is connected to, or is too busy for it.
        if probe.connect_ex(str(path)) in (0, errno.EAGAIN):
            raise SocketError(f"expected no server at {path}, one answers there: choose another path in {setting}")
    path.unlink()


def _bind(listener: socket.socket, path: Path) -> None:
    before = os.umask(0o777 & ~MODE)
    try:
        listener.bind(str(path))
        listener.listen(BACKLOG)
    except OSError as error:
        raise SocketError(f"cannot listen on {path}: {error.strerror}") from error
    finally:
        os.umask(before)


class LocalDoor:
    """Lets in our own user and the group of the socket."""

    plain = True

    def __init__(self, path: Path) -> None:
        self._group = group_of(path)

    def stranger(self, connection: socket.socket) -> int | None:
        """The user, if he is neither."""
        return stranger(connection, self._group)

    def enter(self, connection: socket.socket) -> socket.socket:
        """As it is."""
        return connection


def group_of(path: Path) -> int:
    """The group that may reach a socket."""
    return path.stat().st_gid


def stranger(connection: socket.socket, group: int) -> int | None:
    """The user at the other end if it is neither ours nor of the group; None for one who may ask (SO_PEERCRED)."""
    _, user, primary = _CREDENTIALS.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    if user == os.geteuid() or group == primary or group in _further_groups(connection):
        return None
    return int(user)


def _further_groups(connection: socket.socket) -> set[int]:
    with suppress(OSError):  # an older kernel, or hundreds of groups: the primary one counts alone
        octets = connection.getsockopt(socket.SOL_SOCKET, _PEERGROUPS, _MOST_ASKED)
        return {group for (group,) in struct.iter_unpack("I", octets)}
    return set()

"""Work on what comes from outside, in a process of its own: with little memory, little time and nothing to write to.

A crafted file of a few kilobytes can keep a decoder busy for a minute, or end it. Here it ends with its process.
"""

from __future__ import annotations

import resource
import subprocess
import sys


def ask(module: str, content: bytes, wall_seconds: float) -> bytes | None:
    """What a module, run as a program, answers to the content; None where it dies or is too slow."""
    try:
        done = subprocess.run(  # noqa: S603  a module of our own
            [sys.executable, "-I", "-m", module],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # decoders repeat what the file says in their warnings
            timeout=wall_seconds,
            check=True,
            env={},
        )
    except subprocess.SubprocessError:
        return None
    return done.stdout


def confine(cpu_seconds: int, memory_bytes: int) -> None:
    """Take from this process what it does not need. A soft limit of time alone could be outlived."""
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

"""Regions by their names, for pages that have their codes."""

from __future__ import annotations

from traceqr.rostering import region_name


def place(code: str) -> str:
    """A region in Chinese, with its province before it; the code itself where it is not known."""
    return region_name(code)

"""Groups whose commands lie in modules of their own, each imported when it is asked for.

All of them together take ten times as long to import as the one that is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class Gathered(click.Group):
    """A group that knows where its commands are: names, each with a module of this package and what it is there."""

    def __init__(self, *args: Any, places: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """See `click.Group.list_commands`."""
        return sorted({*super().list_commands(ctx), *self._places})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """See `click.Group.get_command`."""
        if cmd_name in self._places and cmd_name not in self.commands:
            self.add_command(_command(self._places[cmd_name]), cmd_name)
        return super().get_command(ctx, cmd_name)


def _command(place: str) -> click.Command:
    module, _, name = place.partition(".")
    found = getattr(import_module(f"traceqr.cli.{module}"), name)
    assert isinstance(found, click.Command), place
    return found

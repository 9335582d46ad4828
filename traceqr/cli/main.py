"""The program: its commands, and the only place where errors become exit codes.

0 is good, 1 a bad verdict or failed work, 2 a wrong call, 130 an interruption.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

import click

from traceqr import __version__
from traceqr.cli.gathered import Gathered
from traceqr.cli.showing import plain
from traceqr.errors import TraceqrError

INTERRUPTED = 130

_UNHEARD = logging.NullHandler()


_PLACES = {
    "init": "registry.init",
    "migrate": "registry.migrate",
    "grant": "registry.grant",
    "account": "accounts.account",
    "organisation": "organisations.organisation",
    "enterprise": "enterprises.enterprise",
    "product": "products.product",
    "claim": "claims.claim",
    "campaign": "campaigns.campaign",
    "participant": "participants.participant",
    "pledge": "pledges.pledge",
    "mark": "licences.mark",
    "licence": "licences.licence",
    "recall": "recalls.recall",
    "material": "materials.material",
    "location": "locations.location",
    "event": "events.event",
    "recognition": "recognitions.recognition",
    "batch": "batches.batch",
    "notice": "notices.notice",
    "verify": "verification.verify",
    "symbol": "symbols.symbol",
    "design": "designs.design",
    "keys": "keys.keys",
    "bundle": "bundles.bundle",
    "passport": "passports.passport",
    "ledger": "ledger.ledger",
    "copy": "moving.copy",
    "backup": "moving.backup",
    "check": "checking.check",
    "case": "cases.case",
    "reports": "reports.reports",
    "scans": "scans.scans",
    "inspections": "inspections.inspections",
    "serve": "serving.serve",
    "deliver": "notifications.deliver",
    "notifications": "notifications.notifications",
    "signer": "signer.signer",
    "guard": "guard.guard",
    "demo": "demonstration.demo",
}


class _Program(Gathered):
    """A group that ends every expected fault with one message and its exit code, never with a traceback."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """See `click.Command.main`."""
        work = partial(super().main, *args, **{**kwargs, "standalone_mode": False})
        if not kwargs.get("standalone_mode", True):
            return work()
        sys.exit(_exit_code(work))

    def invoke(self, ctx: click.Context) -> Any:
        """See `click.Command.invoke`."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _abandon_output()
            ctx.exit(1)


def _exit_code(work: Callable[[], Any]) -> int:
    try:
        code = work()
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort as error:
        if isinstance(error.__cause__ or error.__context__, KeyboardInterrupt):
            return INTERRUPTED
        return _failed("nothing was done")
    except TraceqrError as error:
        return _failed(str(error))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        return _failed(f"{place}{error.strerror or error}")
    return code if isinstance(code, int) else 0


def _failed(message: str) -> int:
    click.echo(f"traceqr: {plain(message, lines=True)}", err=True)
    return 1


def _abandon_output() -> None:
    """The reader of our output has left: what is still buffered for it goes nowhere, without complaint."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
    except (OSError, ValueError):
        return


def _write_any_character() -> None:
    """A terminal of another encoding gets an escape for what it cannot show."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


@click.group(
    cls=_Program,
    places=_PLACES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="traceqr")
def main() -> None:
    """Signed QR labels that tell everyone who meets a product the truth about it.

    Settings are environment variables named TRACEQR_..., see docs/operating.md.
    """
    _write_any_character()
    # What the driver of PostgreSQL would tell a log is in our own message. Without a handler Python prints it.
    logging.getLogger("psycopg").addHandler(_UNHEARD)

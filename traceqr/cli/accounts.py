"""`traceqr account`: who has access to the consoles. The first operator gets in by a link that this prints."""

from __future__ import annotations

import click

from traceqr import admitting, authenticating
from traceqr.access import Role
from traceqr.admitting import Invited
from traceqr.cli import options
from traceqr.cli.house import House, confirm, open_house
from traceqr.cli.showing import echo_json, echo_table, moment
from traceqr.errors import TraceqrError
from traceqr.instant import to_iso
from traceqr.registry import accounts, enterprises, organisations


@click.group()
def account() -> None:
    """Who has access to the consoles, in which role."""


@account.command()
@click.option("--role", type=click.Choice([str(role) for role in Role]), required=True)
@click.option("--organisation", help="For an officer or an inspector: the Chinese name of an enrolled organisation.")
@click.option("--uscc", help="For a manager or a clerk: the code of an enrolled enterprise.")
@options.as_json
def invite(role: str, organisation: str | None, uscc: str | None, as_json: bool) -> None:
    """Print a link by which somebody gets an account: whoever has it is let in, once, within seven days."""
    house = open_house()
    house.settings.require_origin()
    ids = _ids(house, organisation, uscc)
    _tell(house, admitting.invite(house.desk, Role(role), **ids), as_json)


@account.command()
@click.argument("login")
@options.as_json
def anew(login: str, as_json: bool) -> None:
    """Print a link by which somebody who has lost password or phone gets in again. LOGIN as he signs in by."""
    house = open_house()
    house.settings.require_origin()
    _tell(house, admitting.invite_anew(house.desk, _id_of(house, login)), as_json)


@account.command("list")
@options.as_json
def list_(as_json: bool) -> None:
    """List all accounts, with what people sign in by."""
    with open_house().reading() as reader:
        rows = accounts.everyone(reader)
    if as_json:
        echo_json(rows)
        return
    names = ("login", "name", "role", "body_zh", "state")
    echo_table(names, ([row[name] for name in names] for row in rows), "there are no accounts")


@account.command("sign-out")
@click.argument("login", required=False)
@click.option("--everybody", is_flag=True, help="All accounts, instead of one.")
def sign_out(login: str | None, everybody: bool) -> None:
    """End all sessions of an account, or of everybody: after a break-in, or for a browser that was left open."""
    if everybody == (login is not None):
        raise click.UsageError("expected LOGIN, or --everybody")
    house = open_house()
    with house.reading() as reader:
        ids = [str(row["id"]) for row in accounts.everyone(reader)]
    authenticating.end_sessions(house.database, ids if login is None else [_id_of(house, login)])
    click.echo(f"signed out: {login or 'everybody'}")


@account.command()
@click.argument("login")
@options.yes
def close(login: str, yes: bool) -> None:
    """End somebody's access, for ever. What he did stays on the ledger, by the id of the account."""
    house = open_house()
    account_id = _id_of(house, login)
    confirm(f"Close the account {login} for ever?", yes)
    admitting.close(house.desk, account_id)
    click.echo(f"closed: {login}; to forget whose it was, run: traceqr account erase {account_id}")


@account.command()
@click.argument("account_id", metavar="ID")
@options.yes
def erase(account_id: str, yes: bool) -> None:
    """Forget whose a closed account was: name and login. ID as `account list --json` tells it."""
    house = open_house()
    confirm(f"Forget for ever whose account {account_id} was?", yes)
    admitting.erase(house.desk, account_id)
    click.echo(f"erased: {account_id}")


def _ids(house: House, organisation: str | None, uscc: str | None) -> dict[str, str | None]:
    """The bodies by their ids. Raises `TraceqrError` for one that is not enrolled."""
    with house.reading() as reader:
        found = organisations.by_name(reader, organisation) if organisation else None
        if organisation and found is None:
            raise TraceqrError(f"expected the Chinese name of an enrolled organisation, got {organisation!r}")
        firm = enterprises.by_uscc(reader, uscc) if uscc else None
        if uscc and firm is None:
            raise TraceqrError(f"expected the code of an enrolled enterprise, got {uscc!r}")
    return {"organisation": found.id if found else None, "enterprise": firm.id if firm else None}


def _id_of(house: House, login: str) -> str:
    with house.reading() as reader:
        found = accounts.by_login(reader, admitting.parse_login(login))
    if found is None:
        raise TraceqrError(f"expected what somebody signs in by, got {login!r}; see: traceqr account list")
    return found.id


def _tell(house: House, invited: Invited, as_json: bool) -> None:
    link = f"{house.settings.require_origin()}/account/invitation/{invited.token}"
    if as_json:
        echo_json({"link": link, "until": to_iso(invited.invitation.until_ms)})
        return
    click.echo(link)
    until = moment(invited.invitation.until_ms, house.settings.timezone)
    click.echo(f"whoever has this link is let in, once, until {until}", err=True)

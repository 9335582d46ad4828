"""Whom enterprises let state events about their things, and whom they let be told of their own."""

from __future__ import annotations

from traceqr.registry.database import Reader, Row, Transaction
from traceqr.tracing.event import Audience


def name(tx: Transaction, enterprise_id: str, partner_id: str, position: int, *, makes: bool) -> None:
    """Name a partner, or change what it may do."""
    tx.execute(
        "INSERT INTO partner (enterprise_id, partner_id, makes, state, position)"
        " VALUES (:enterprise, :partner, :makes, 'named', :position) ON CONFLICT (enterprise_id, partner_id)"
        " DO UPDATE SET makes = excluded.makes, state = excluded.state, position = excluded.position",
        {"enterprise": enterprise_id, "partner": partner_id, "makes": int(makes), "position": position},
    )


def drop(tx: Transaction, enterprise_id: str, partner_id: str, position: int) -> None:
    """Name it no longer."""
    tx.execute(
        "UPDATE partner SET state = 'dropped', position = :position"
        " WHERE enterprise_id = :enterprise AND partner_id = :partner",
        {"enterprise": enterprise_id, "partner": partner_id, "position": position},
    )


def is_named(reader: Reader, enterprise_id: str, partner_id: str) -> bool:
    """Whether an enterprise has named a partner, and not dropped it."""
    return partner_id in {row["partner_id"] for row in of_enterprise(reader, enterprise_id)}


def of_enterprise(reader: Reader, enterprise_id: str) -> list[Row]:
    """The partners that an enterprise has named, with their names and codes."""
    return reader.rows(
        "SELECT p.partner_id, p.makes, e.uscc, e.name_zh, e.name_en FROM partner p"
        " JOIN enterprise e ON e.id = p.partner_id"
        " WHERE p.enterprise_id = :enterprise AND p.state = 'named' ORDER BY e.uscc",
        {"enterprise": enterprise_id},
    )


def naming(reader: Reader, partner_id: str) -> dict[str, bool]:
    """The enterprises that have named this one a partner, and whether it may make things for them."""
    rows = reader.rows(
        "SELECT enterprise_id, makes FROM partner WHERE partner_id = :partner AND state = 'named'",
        {"partner": partner_id},
    )
    return {row["enterprise_id"]: bool(row["makes"]) for row in rows}


def ever_naming(reader: Reader, partner_id: str) -> set[str]:
    """The enterprises that have named this one a partner, those that dropped it since among them."""
    rows = reader.rows("SELECT enterprise_id FROM partner WHERE partner_id = :partner", {"partner": partner_id})
    return {row["enterprise_id"] for row in rows}


def audiences(reader: Reader, enterprise_id: str) -> dict[str, Audience]:
    """Who is told of an enterprise's events, by the step; the empty one stands for all others."""
    rows = reader.rows(
        "SELECT step, audience FROM step_audience WHERE enterprise_id = :enterprise ORDER BY position",
        {"enterprise": enterprise_id},
    )
    return {row["step"]: Audience(row["audience"]) for row in rows}


def set_audience(tx: Transaction, enterprise_id: str, step: str, audience: Audience, position: int) -> None:
    """Set who is told of an enterprise's events of a step from now on."""
    tx.execute(
        "INSERT INTO step_audience (enterprise_id, step, audience, position)"
        " VALUES (:enterprise, :step, :audience, :position) ON CONFLICT (enterprise_id, step)"
        " DO UPDATE SET audience = excluded.audience, position = excluded.position",
        {"enterprise": enterprise_id, "step": step, "audience": str(audience), "position": position},
    )

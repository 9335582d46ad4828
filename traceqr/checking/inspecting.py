"""What the acts of inspectors leave in the tables."""

from __future__ import annotations

from traceqr.checking.effect import Effect, same


def _inspection(**lasting: str) -> tuple[Effect, ...]:
    """An act that adds an entry to an inspection."""
    entry = {"digest": "digest", "device_id": "device", "account_id": "account"}
    return (
        Effect("inspection", {"organisation_id": "organisation", **lasting}, same("state")),
        Effect("inspection_entry", entry, more_key="entry"),
    )


_ERASED = {"state": "erased", "premises": "", "uscc": "", "enterprise_id": None, "reference": None, "follows": None}

INSPECTING: dict[str, tuple[Effect, ...]] = {
    "inspector.badge": (Effect("inspector", present=same("badge_digest")),),
    "device.enrol": (
        Effect("field_device", {"account_id": "account", **same("public_key")}, {}, {"state": "enrolled"}),
    ),
    "device.revoke": (Effect("field_device", {"account_id": "account"}, {}, {"state": "revoked"}),),
    "inspection.record": _inspection(account_id="account"),
    "inspection.add": _inspection(),
    "inspection.erase": (Effect("inspection", becomes=_ERASED),),
    "inspection.refer": (
        Effect("inspection_referral", {"inspection_id": "inspection", **same("kind", "target")}, instead="referral"),
    ),
}
"""By the name of the act."""

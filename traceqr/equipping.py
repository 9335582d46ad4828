"""Equipping: what inspectors go into the field with. Devices are enrolled by the second factor, and revoked when they
are lost; each inspector states the number of his certificate.
"""

from __future__ import annotations

from traceqr.access import Role
from traceqr.acting import Act, ActRefused, Desk
from traceqr.inspection.proof import DEVICE, BrokenSignature, DeviceKey, InvalidKey
from traceqr.noting import require_text, salted
from traceqr.registry import accounts, field_devices, inspectors
from traceqr.registry.field_devices import FieldDevice

MAX_NAME, MAX_BADGE = 60, 40
MAX_DEVICES = 10
"""Enrolled at the same time by one inspector."""


def device_key(jwk: object, proof: object, account_id: str) -> DeviceKey:
    """The key of a JWK, which has signed for an account. Raises `ActRefused`."""
    if not isinstance(jwk, dict):
        raise ActRefused("expected the key as a JWK, got no object", "key")
    try:
        key = DeviceKey.of_jwk(jwk)
    except InvalidKey as error:
        raise ActRefused(str(error), "key") from error
    try:
        key.verify(proof if isinstance(proof, str) else "", DEVICE + account_id.encode())
    except BrokenSignature as error:
        raise ActRefused(str(error), "proof") from error
    return key


def known(desk: Desk, key: DeviceKey, account_id: str) -> FieldDevice | None:
    """The device of a key that an account has enrolled already: its answer may have been lost. Raises `ActRefused` for
    a key of somebody else, and for one that was revoked.
    """
    with desk.database.snapshot() as reader:
        found = field_devices.by_key(reader, key.point)
    if found is not None and (found.account_id, found.state) != (account_id, "enrolled"):
        raise ActRefused("expected a key that was never enrolled, got one that was", "key")
    return found


def enrol(desk: Desk, account_id: str, name: str, key: DeviceKey) -> FieldDevice:
    """Enrol a device of an inspector. Whoever calls has asked for the second factor and for the key's proof."""
    called = require_text(name, "name", MAX_NAME, lines=False)
    with desk.act() as act:
        _require_inspector(act, account_id)
        if field_devices.by_key(act.tx, key.point) is not None:
            raise ActRefused("expected a key that was never enrolled, got one that was", "key")
        held = [each for each in field_devices.of_account(act.tx, account_id) if each.state == "enrolled"]
        if len(held) >= MAX_DEVICES:
            raise ActRefused(f"expected at most {MAX_DEVICES} devices, got one more: revoke what is not used", "device")
        device = FieldDevice(desk.new_id(), account_id, called, key.point, "enrolled", act.at_ms, None)
        payload = {"account": account_id, "public_key": key.point}
        field_devices.insert(act.tx, device, act.record("device.enrol", f"device:{device.id}", payload))
        return device


def revoke(desk: Desk, device_id: str) -> FieldDevice:
    """Let a device sign nothing any more: it is lost, or not used. What it has sent stays."""
    with desk.act() as act:
        device = field_devices.by_id(act.tx, device_id)
        if device is None or device.state != "enrolled":
            raise ActRefused(f"expected a device that is enrolled, {device_id!r} is none")
        position = act.record("device.revoke", f"device:{device_id}", {"account": device.account_id})
        field_devices.revoke(act.tx, device_id, act.at_ms, position)
        return device


def state_badge(desk: Desk, account_id: str, badge: str) -> None:
    """State the number of one's certificate, which stands in one's records from now on."""
    plain = require_text(badge, "badge", MAX_BADGE, lines=False)
    with desk.act() as act:
        _require_inspector(act, account_id)
        salt = desk.new_id()
        position = act.record("inspector.badge", f"account:{account_id}", {"badge_digest": salted(salt, plain)})
        inspectors.put(act.tx, account_id, plain, salt, position)


def _require_inspector(act: Act, account_id: str) -> None:
    account = accounts.by_id(act.tx, account_id)
    if account is None or account.role != Role.INSPECTOR or account.state != "active":
        raise ActRefused(f"expected the account of an inspector that is open, {account_id!r} is none")

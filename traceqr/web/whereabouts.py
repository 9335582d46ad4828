"""Where a request comes from: a coarse place, if a file of networks tells it, and a pseudonym of its network.

The address itself is used for nothing else and kept nowhere. Behind a proxy it is what the proxy says, and only a proxy
that is named in TRACEQR_PROXIES is believed: who could write the header himself would come from wherever he likes.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Collection, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import maxminddb

from traceqr import gazetteer
from traceqr.gazetteer import NOWHERE
from traceqr.settings import InvalidSetting, Network
from traceqr.web.device import derive

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

FORWARDED = "HTTP_X_FORWARDED_FOR"

MAX_HOPS = 8
"""Addresses of a header that are looked at, from its end."""

MAX_RADIUS_KM = 200
"""A file that is less sure of a network than so says no more than its country, whose middle is no place to name."""

_PREFIX = {4: 24, 6: 48}
"""Bits of an address by which networks are told apart: what one line or one small provider has at its disposal."""


class Whereabouts:
    """Reads places and networks of requests. Safe to share between threads and greenlets."""

    def __init__(self, secret: str, proxies: Collection[Network], places: Path | None) -> None:
        self._key = derive(secret, b"network.v1")
        self._proxies = tuple(proxies)
        self._places = _opened(places)
        self._address_of = lru_cache(maxsize=4096)(self._whose)
        self._network_of = lru_cache(maxsize=4096)(self._pseudonym)
        self._place_of = lru_cache(maxsize=4096)(self._found)

    def address(self, environ: Mapping[str, Any]) -> Address | None:
        """Whose request it is: the last address that no proxy of ours vouches for any further. None for one that does
        not come by network, or from a proxy that does not say for whom.
        """
        return self._address_of(environ.get("REMOTE_ADDR", ""), environ.get(FORWARDED, ""))

    def _whose(self, remote: str, forwarded: str) -> Address | None:
        for hop in (remote, *reversed(forwarded.split(",")[-MAX_HOPS:])):
            address = _parsed(hop.strip())
            if address is None:
                if hop:
                    return None
            elif not any(address in proxy for proxy in self._proxies if proxy.version == address.version):
                return address
        return None

    def network(self, environ: Mapping[str, Any]) -> str:
        """A pseudonym of the network, 16 hex digits, under a key of the deployment. Nothing ("") where the address is
        not known or none of the public net, which is no network to tell others apart by.
        """
        address = self.address(environ)
        return self._network_of(address) if address is not None and address.is_global else ""

    def place(self, environ: Mapping[str, Any]) -> str:
        """The place that the file of networks has for the address, or nowhere."""
        if self._places is None:
            return NOWHERE
        address = self.address(environ)
        return self._place_of(address) if address is not None else NOWHERE

    def _pseudonym(self, address: Address) -> str:
        bits = _PREFIX[address.version]
        network = ipaddress.ip_network((address, bits), strict=False)
        return hmac.digest(self._key, network.network_address.packed[: bits // 8], "sha256").hex()[:16]

    def _found(self, address: Address) -> str:
        assert self._places is not None
        record = self._places.get(address)
        return place_of(record) if isinstance(record, dict) else NOWHERE


def place_of(record: Mapping[str, Any]) -> str:
    """The place that a record of the MaxMind city format names, by its position and its country."""
    location, country = _part(record, "location"), _part(record, "country")
    latitude, longitude = location.get("latitude"), location.get("longitude")
    code = str(country.get("iso_code", ""))
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return NOWHERE
    radius = location.get("accuracy_radius", 0)
    if code == "CN" and isinstance(radius, int | float) and radius > MAX_RADIUS_KM:
        return NOWHERE
    return gazetteer.nearest(latitude, longitude, code)


def _part(record: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = record.get(name)
    return cast("Mapping[str, Any]", part) if isinstance(part, dict) else {}


def _opened(path: Path | None) -> maxminddb.Reader | None:
    if path is None:
        return None
    try:
        reader = maxminddb.open_database(path, maxminddb.MODE_AUTO)
    except (OSError, maxminddb.InvalidDatabaseError) as error:
        raise InvalidSetting(
            f"TRACEQR_PLACES: expected a file of cities in MaxMind's format at {str(path)!r}: {error}"
        ) from error
    if "city" not in reader.metadata().database_type.lower():
        raise InvalidSetting(
            f"TRACEQR_PLACES: expected a file of cities, got one of the kind {reader.metadata().database_type!r}"
        )
    return reader


def _parsed(text: str) -> Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # An IPv4 address that came by a socket of both kinds.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address

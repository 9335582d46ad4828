"""Words of the UN Transparency Protocol (UNTP), version 0.6.0, and of what it stands on."""

from __future__ import annotations

VERSION = "0.6.0"
"""Of the protocol: that of its releases for pilots."""

CREDENTIALS = "https://www.w3.org/ns/credentials/v2"
"""The context of W3C Verifiable Credentials 2.0."""

_UNTP = "https://test.uncefact.org/vocabulary/untp"
PASSPORT = f"{_UNTP}/dpp/{VERSION}/"
CONFORMITY = f"{_UNTP}/dcc/{VERSION}/"
TRACEABILITY = f"{_UNTP}/dte/{VERSION}/"
"""The contexts of the three kinds of credentials."""

_LINK_TYPES = "https://test.uncefact.org/vocabulary/linkTypes"
TO_CONFORMITY = f"{_LINK_TYPES}/dcc"
TO_EVENTS = f"{_LINK_TYPES}/dte"
"""Types of links to credentials."""

_GS1 = "https://ref.gs1.org/voc"
TO_PRODUCT = f"{_GS1}/pip"
TO_RECALLS = f"{_GS1}/recallStatus"
TO_CERTIFICATE = f"{_GS1}/certificationInfo"

GTIN_SCHEME = {"type": ["IdentifierScheme"], "id": "https://id.gs1.org/01/", "name": "Global Trade Item Number (GTIN)"}
USCC_SCHEME = {
    "type": ["IdentifierScheme"],
    "id": "https://www.gsxt.gov.cn/",
    "name": "Unified Social Credit Code (GB 32100-2015)",
}

ETHICS, COMPLIANCE, SAFETY = "governance.ethics", "governance.compliance", "social.safety"
"""Topics of conformity; the protocol has twelve more."""

JWT, JSON_LD, PLAIN = "application/vc+jwt", "application/ld+json", "application/vc"
"""Media types: a credential in its envelope, and one that stands by itself (VC-JOSE-COSE 1.0, VCDM 2.0)."""

"""Signed links to files of labels: which export, and until when. What the file holds, the ledger says."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass

from itsdangerous import BadData, URLSafeSerializer

from traceqr.errors import TraceqrError
from traceqr.web.device import derive


class BadLink(TraceqrError):
    """A link that leads nowhere. `reason` is a stable identifier."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Link:
    """An export, and the instant at which its link ends."""

    export: str
    until_ms: int


class Links:
    """Signs and reads links."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(
            derive(secret, b"print.v1"), salt=b"print", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def issue(self, link: Link) -> str:
        """The token that stands in the address."""
        return str(self._serializer.dumps(asdict(link)))

    def read(self, token: str, now_ms: int) -> Link:
        """The link of a token that this deployment signed, and that is good now. Raises `BadLink`."""
        try:
            link = Link(**self._serializer.loads(token))
        except (BadData, TypeError) as error:
            raise BadLink("link-altered", "expected a link of this deployment, got another or a part of one") from error
        if now_ms >= link.until_ms:
            raise BadLink("link-expired", f"expected a link that is still good, that of {link.export} has ended")
        return link

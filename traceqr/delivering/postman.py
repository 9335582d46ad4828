"""The postman: plain text by mail, over the server that the deployment names (RFC 5321), never without TLS but to this
machine.
"""

from __future__ import annotations

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from traceqr.delivering.outcome import Outcome
from traceqr.endpoint import InvalidEndpoint, mail_address
from traceqr.settings import MailServer

PATIENCE_S = 20.0
"""For each answer of our own server."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail. `id` tells it from all others, and is the same when it is sent again."""

    id: str
    to: str
    subject: str
    text: str
    language: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Postman:
    """Sends mail from one address. `server` is None where the deployment sends none."""

    server: MailServer | None
    sender: str
    context: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    patience_s: float = PATIENCE_S

    def send(self, mail: Mail) -> Outcome:
        """One mail. What goes wrong is in the outcome."""
        if self.server is None:
            return Outcome("mail-off")
        try:
            message = written(mail, self.sender)
            return self._handed_over(self.server, mail, message)
        except InvalidEndpoint:
            return Outcome("mail-refused")
        except (smtplib.SMTPException, OSError) as error:
            return _failed(error)

    def _handed_over(self, server: MailServer, mail: Mail, message: bytes) -> Outcome:
        line = self._connected(server)
        try:
            if not server.tls and not server.is_here:
                line.starttls(context=self.context)  # raises where it is not offered
            if server.user:
                line.login(server.user, server.password)
            line.sendmail(self.sender, [mail.to], message)
        finally:
            # Once the server has taken the mail, how it says goodbye does not matter.
            with suppress(smtplib.SMTPException, OSError):
                line.quit()
            line.close()
        return Outcome()

    def _connected(self, server: MailServer) -> smtplib.SMTP:
        here = self.sender.rpartition("@")[2]  # else every mail would ask how this machine is called
        if server.tls:
            return smtplib.SMTP_SSL(server.host, server.port, here, timeout=self.patience_s, context=self.context)
        return smtplib.SMTP(server.host, server.port, here, timeout=self.patience_s)


def written(mail: Mail, sender: str) -> bytes:
    """A mail as it is handed over. Neither address nor subject can end its header. Raises `InvalidEndpoint`."""
    message = EmailMessage(policy=SMTP)
    message["From"] = mail_address(sender)
    message["To"] = mail_address(mail.to)
    message["Subject"] = " ".join(mail.subject.split())
    message["Date"] = format_datetime(datetime.fromtimestamp(mail.at_ms // 1000, UTC))
    message["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no one's holiday answers to it
    message.set_content(mail.text, cte="base64")  # not every server takes octets of eight bits
    message["Content-Language"] = mail.language
    return message.as_bytes()


def _failed(error: Exception) -> Outcome:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Outcome("certificate")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return Outcome("mail-refused", min((code for code, _ in error.recipients.values()), default=None))
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPNotSupportedError):
        return Outcome("mail-server", getattr(error, "smtp_code", None))
    if isinstance(error, smtplib.SMTPResponseException):
        return Outcome("mail-refused", error.smtp_code)
    return Outcome("mail-server")

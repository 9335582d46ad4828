"""The postman hands mail to a real server of this machine, and to some that behave badly."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.receivers import MailHost, Papers, mail_host, papers, trusting

from traceqr.delivering.outcome import Outcome
from traceqr.delivering.postman import Mail, Postman, written
from traceqr.endpoint import InvalidEndpoint
from traceqr.settings import MailServer
from traceqr.web.language import Language

SENDER = "traceqr@association.example"
MAIL = Mail("n1.2", "quality@firm.example", "召回 Recall", "第一行\n. 第二行\n", "zh-Hans", 1_790_000_000_000)
NAMED = papers("localhost", "127.0.0.1")


class Elsewhere(MailServer):
    """A server that is here, and taken for one that is not."""

    @property
    def is_here(self) -> bool:
        return False


@pytest.fixture
def host(tmp_path: Path) -> Iterator[MailHost]:
    with mail_host(NAMED, tmp_path) as made:
        yield made


def postman(host: MailHost, *, kind: type[MailServer] = Elsewhere, given: Papers = NAMED, **more: Any) -> Postman:
    server = kind(**{"host": "localhost", "port": host.port, "tls": False, **more})
    return Postman(server, SENDER, trusting(given), patience_s=5)


def taken(host: MailHost) -> Any:
    (one,) = host.taken
    return email.message_from_string(one, policy=email.policy.default)


def lines(message: Any) -> str:
    return str(message.get_content()).replace("\r\n", "\n")


class TestAMail:
    def test_arrives_over_a_line_that_becomes_safe(self, host: MailHost) -> None:
        assert postman(host, user="u", password="p w").send(MAIL) == Outcome()
        assert host.secure == [True]
        assert host.logins == ["\0u\0p w"]
        assert host.recipients == ["rcpt TO:<quality@firm.example>"]
        message = taken(host)
        assert message["To"] == "quality@firm.example"
        assert message["From"] == SENDER
        assert message["Subject"] == "召回 Recall"
        assert message["Message-ID"] == "<n1.2@association.example>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message.get_content_type() == "text/plain"
        assert lines(message) == MAIL.text

    def test_or_over_one_that_is_safe_from_the_beginning(self, tmp_path: Path) -> None:
        with mail_host(NAMED, tmp_path, tls=True) as host:
            assert postman(host, tls=True).send(MAIL) == Outcome()
            assert host.secure == [True]

    def test_to_this_machine_it_goes_as_it_is(self, host: MailHost) -> None:
        assert postman(host, kind=MailServer).send(MAIL) == Outcome()
        assert host.secure == [False]

    def test_what_the_server_says_once_it_has_the_mail_does_not_matter(self, host: MailHost) -> None:
        host.says = {"QUIT": "421 no"}
        assert postman(host).send(MAIL) == Outcome()
        assert len(host.taken) == 1


class TestServersThatDoNotTakeIt:
    def test_none_is_set_up(self) -> None:
        assert Postman(None, "").send(MAIL) == Outcome("mail-off")

    def test_a_line_that_does_not_become_safe_carries_nothing(self, host: MailHost) -> None:
        """Somebody on the way has taken STARTTLS out of what is offered."""
        host.offers = ("AUTH PLAIN",)
        assert postman(host, user="u", password="p").send(MAIL) == Outcome("mail-server")
        assert (host.taken, host.logins) == ([], [])

    def test_a_certificate_of_somebody_else(self, host: MailHost) -> None:
        assert postman(host, given=papers("other.example")).send(MAIL) == Outcome("certificate")
        assert host.taken == []

    @pytest.mark.parametrize(
        ("says", "outcome"),
        [
            ({"RCPT": "550 nobody of that name"}, Outcome("mail-refused", 550)),
            ({"RCPT": "451 later"}, Outcome("mail-refused", 451)),
            ({"MAIL": "550 you not"}, Outcome("mail-refused", 550)),
            ({"DATA": "554 no"}, Outcome("mail-refused", 554)),
            ({"END": "554 spam"}, Outcome("mail-refused", 554)),
            ({"AUTH": "535 wrong"}, Outcome("mail-server", 535)),
        ],
    )
    def test_refusals(self, host: MailHost, says: dict[str, str], outcome: Outcome) -> None:
        host.says = says
        assert postman(host, user="u", password="p").send(MAIL) == outcome
        assert host.taken == []

    def test_one_that_says_nothing(self, host: MailHost) -> None:
        host.hangs = True
        assert replace(postman(host), patience_s=0.2).send(MAIL) == Outcome("mail-server")

    def test_nobody_there(self) -> None:
        assert postman(MailHost(port=9)).send(MAIL) == Outcome("mail-server")


class TestHeaders:
    @pytest.mark.parametrize(
        "to",
        ["quality@firm.example\r\nBcc: all@firm.example", "a@firm.example, b@firm.example", "<a@firm.example>", ""],
    )
    def test_no_address_is_two_or_ends_its_header(self, host: MailHost, to: str) -> None:
        with pytest.raises(InvalidEndpoint):
            written(replace(MAIL, to=to), SENDER)
        assert postman(host).send(replace(MAIL, to=to)) == Outcome("mail-refused")
        assert (host.taken, host.recipients) == ([], [])

    def test_no_subject_ends_its_header(self) -> None:
        message = email.message_from_bytes(
            written(replace(MAIL, subject="召回\r\nBcc: all@firm.example\n\nhello"), SENDER),
            policy=email.policy.default,
        )
        assert message["Bcc"] is None
        assert message["Subject"] == "召回 Bcc: all@firm.example hello"
        assert lines(message) == MAIL.text

    @pytest.mark.parametrize("language", Language)
    def test_the_language_is_told(self, language: Language) -> None:
        assert f"Content-Language: {language}".encode() in written(replace(MAIL, language=language), SENDER)

    def test_nothing_shows_the_password(self) -> None:
        server = MailServer("smtp.example.org", 465, True, "u", "hunter2")
        assert "hunter2" not in repr(Postman(server, SENDER))

"""Mail over a real SMTP server on loopback: what it gets, and what its answers mean."""

import email
import email.policy
import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from adapters.smtp import plugin
from adapters.smtp.channel import SmtpChannel
from deskside.errors import Permanent, Transient, UnknownOutcome
from tests.doubles import certificates

SENDER = "Support <support@example.com>"
USER, PASSWORD = "deskside", "canary-password"


class Mailbox:
    """Takes mail, or answers as a test tells it to."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.to: list[list[str]] = []
        self.recipient_answer = ""
        self.data_answer = ""
        self.hangs_up = False

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.recipient_answer:
            return self.recipient_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hangs_up:
            server.transport.abort()
            return "250 nobody hears this"
        if self.data_answer:
            return self.data_answer
        assert isinstance(envelope.content, bytes)
        self.mails.append(email.message_from_bytes(envelope.content, policy=email.policy.default))  # type: ignore[arg-type]
        self.to.append(list(envelope.rcpt_tos))
        return "250 OK"


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def ca_file(tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    path.write_bytes(certificates.root().pem)
    return path


def serving(*names: str) -> ssl.SSLContext:
    return certificates.serving(
        certificates.issue(*names, issuer=certificates.intermediate()), certificates.intermediate()
    )


class Server(Controller):
    """A server at a free port, told by what it is bound to."""

    def __init__(self, mailbox: Mailbox, **options: Any) -> None:
        super().__init__(mailbox, hostname="127.0.0.1", port=0, **options)

    def _trigger_server(self) -> None:
        # Port 0 is only known once the socket is there.
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def plain(mailbox: Mailbox) -> Iterator[SmtpChannel]:
    server = Server(mailbox)
    server.start()
    yield channel(server.port, security="none")
    server.stop()


def channel(port: int, **values: Any) -> SmtpChannel:
    section = {"host": "127.0.0.1", "port": port, "sender": SENDER, "timeout": 5, **values}
    return plugin.build(plugin.schema().load(section))


def test_a_mail_arrives_with_both_forms_and_a_name_of_its_own(plain: SmtpChannel, mailbox: Mailbox) -> None:
    receipt = plain.send(
        "ann@example.org", "Störung\n am Server", "Es dauert.\n", html="<p>Es dauert.</p>", marker="push-7-smtp"
    )
    (mail,) = mailbox.mails
    assert mailbox.to == [["ann@example.org"]]
    assert mail["Subject"] == "Störung am Server"
    assert mail["From"] == SENDER
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == receipt.reference
    assert mail.get_body(("plain",)).get_content().strip() == "Es dauert."  # type: ignore[union-attr]
    assert mail.get_body(("html",)).get_content().strip() == "<p>Es dauert.</p>"  # type: ignore[union-attr]


def test_the_same_message_sent_again_has_the_same_name(plain: SmtpChannel, mailbox: Mailbox) -> None:
    for marker in ("push-7-smtp", "push-7-smtp", "push-8-smtp"):
        plain.send("ann@example.org", "A", "B", marker=marker)
    names = [mail["Message-ID"] for mail in mailbox.mails]
    assert names[0] == names[1] != names[2]
    assert all(name.endswith("@example.com>") for name in names)


@pytest.mark.parametrize(
    "recipient", ["", "ann", "ann@example.org\r\nBcc: all@example.org", "ann @example.org", "a@b@c"]
)
def test_what_is_no_address_is_never_sent_to(plain: SmtpChannel, mailbox: Mailbox, recipient: str) -> None:
    with pytest.raises(Permanent, match="no usable address"):
        plain.send(recipient, "A", "B")
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("answer", "kind"), [("550 no such user", Permanent), ("450 try later", Transient), ("452 too many", Transient)]
)
def test_a_refused_recipient_is_for_good_or_for_now(
    plain: SmtpChannel, mailbox: Mailbox, answer: str, kind: type[Exception]
) -> None:
    mailbox.recipient_answer = answer
    with pytest.raises(kind, match=answer[:3]) as error:
        plain.send("ann@example.org", "A", "B")
    assert not isinstance(error.value, UnknownOutcome)


def test_a_refused_text_is_for_good_or_for_now(plain: SmtpChannel, mailbox: Mailbox) -> None:
    mailbox.data_answer = "554 spam"
    with pytest.raises(Permanent, match="554"):
        plain.send("ann@example.org", "A", "B")
    mailbox.data_answer = "451 later"
    with pytest.raises(Transient, match="451"):
        plain.send("ann@example.org", "A", "B")


def test_a_connection_that_breaks_after_the_text_leaves_us_in_doubt(plain: SmtpChannel, mailbox: Mailbox) -> None:
    mailbox.hangs_up = True
    with pytest.raises(UnknownOutcome):
        plain.send("ann@example.org", "A", "B")


def test_a_server_that_is_not_there_may_be_there_later(plain: SmtpChannel) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    with pytest.raises(Transient, match="no connection"):
        channel(port, security="none").send("ann@example.org", "A", "B")


@pytest.fixture
def guarded(mailbox: Mailbox) -> Iterator[Server]:
    """A server that takes a sign-in, and that only over TLS."""

    def authenticate(*arguments: Any) -> AuthResult:
        data = arguments[-1]
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)

    server = Server(
        mailbox,
        tls_context=serving("127.0.0.1"),
        require_starttls=True,
        authenticator=authenticate,
        auth_required=True,
    )
    server.start()
    yield server
    server.stop()


def test_starttls_with_a_sign_in(guarded: Server, mailbox: Mailbox, ca_file: Path) -> None:
    by_tls = channel(guarded.port, username=USER, password=PASSWORD, ca_file=str(ca_file))
    by_tls.send("ann@example.org", "A", "B")
    assert len(mailbox.mails) == 1
    (line,) = by_tls.check()
    assert line.ok


def test_a_certificate_nobody_vouches_for_is_not_trusted(guarded: Server, mailbox: Mailbox) -> None:
    distrustful = channel(guarded.port, username=USER, password=PASSWORD)
    with pytest.raises(Transient, match="not trusted"):
        distrustful.send("ann@example.org", "A", "B")
    assert mailbox.mails == []


def test_a_wrong_password_is_said_without_showing_it(guarded: Server, ca_file: Path) -> None:
    wrong = channel(guarded.port, username=USER, password=PASSWORD + "x", ca_file=str(ca_file))
    with pytest.raises(Permanent, match="refuses our username") as error:
        wrong.send("ann@example.org", "A", "B")
    (line,) = wrong.check()
    assert not line.ok
    assert line.cure
    assert PASSWORD not in f"{error.value!r}{line}{wrong._settings!r}"


def test_a_server_that_cannot_starttls_gets_nothing(plain: SmtpChannel, mailbox: Mailbox) -> None:
    insisting = channel(plain._settings.port)
    with pytest.raises(Permanent, match="STARTTLS"):
        insisting.send("ann@example.org", "A", "B")
    assert mailbox.mails == []


@pytest.mark.parametrize(
    ("section", "key"),
    [
        ({"host": "mail.example.com", "sender": SENDER, "security": "none"}, "security"),
        ({"host": "mail.example.com", "sender": "nobody"}, "sender"),
        ({"host": "mail.example.com", "sender": "a@b.example\nBcc: x@y.example"}, "sender"),
        ({"host": "mail.example.com", "sender": SENDER, "username": "u"}, "password"),
        ({"host": "mail.example.com", "sender": SENDER, "password": "p"}, "username"),
        ({"sender": SENDER}, "host"),
    ],
)
def test_a_section_that_cannot_work_is_refused_by_its_key(section: dict[str, Any], key: str) -> None:
    assert key in plugin.schema().validate(section)

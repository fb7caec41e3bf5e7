"""One message a connection: there are few, and none must wait for another's."""

import hashlib
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cached_property

from adapters.smtp.settings import NAME, Settings
from deskside.errors import ConfigurationError, DesksideError, Permanent, Transient, UnknownOutcome
from deskside.model.effect import Receipt
from deskside.ports import CheckResult
from deskside.store.database import utc_now
from deskside.text import clean


class SmtpChannel:
    """A mail server that takes our mail. Thread-safe: every message has a connection of its own."""

    name = NAME

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def send(self, recipient: str, subject: str, text: str, *, html: str = "", marker: str = "") -> Receipt:
        """Send one mail. Its Message-ID is made of `marker`, so a second copy is known for one (RFC 5322, 3.6.4).

        Raises `Permanent` when the recipient or the mail is refused, `Transient` when nothing was taken, and
        `UnknownOutcome` when the connection broke after the text was sent.
        """
        message = self._message(recipient, subject, text, html, marker)
        with self._connection() as server:
            try:
                server.send_message(message, to_addrs=[parseaddr(recipient)[1]])
            except smtplib.SMTPServerDisconnected:
                raise UnknownOutcome(f"{self._settings.host}: the connection broke while a mail was sent") from None
            except smtplib.SMTPException as error:
                raise self._refused(error) from None
            except OSError as error:
                raise UnknownOutcome(f"{self._settings.host}: {type(error).__name__} while a mail was sent") from None
        return Receipt(str(message["Message-ID"]))

    def check(self) -> Sequence[CheckResult]:
        """Connect, encrypt and sign in, and send nothing."""
        where = f"{self._settings.host}:{self._settings.port}"
        try:
            with self._connection() as server:
                server.noop()
        except (DesksideError, smtplib.SMTPException, OSError) as error:
            said = str(error) if isinstance(error, DesksideError) else type(error).__name__
            return [CheckResult(NAME, False, said, "check host, port, security, username and password in [smtp]")]
        return [CheckResult(NAME, True, f"{where} takes mail from us")]

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=self._settings.ca_file)
        except OSError as error:
            raise ConfigurationError(f"[smtp] ca_file: {self._settings.ca_file}: {error.strerror}") from None

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """A connection that is ready to send; nothing was said on it that could not be said again."""
        settings = self._settings
        server: smtplib.SMTP | None = None
        try:
            if settings.security == "tls":
                server = smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=self._tls)
            else:
                server = smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)
            if settings.security == "starttls":
                server.starttls(context=self._tls)
            if settings.username:
                server.login(settings.username, str(settings.password))
        except smtplib.SMTPAuthenticationError as error:
            _close(server)
            # What the server says about it may quote what we sent.
            raise Permanent(f"{settings.host} refuses our username and password ({error.smtp_code})") from None
        except smtplib.SMTPNotSupportedError as error:
            _close(server)
            raise Permanent(f"{settings.host}: {error}") from None
        except ssl.SSLCertVerificationError:
            _close(server)
            raise Transient(f"{settings.host}: its certificate is not trusted") from None
        except (smtplib.SMTPException, OSError) as error:
            _close(server)
            raise Transient(f"{settings.host}:{settings.port}: no connection ({type(error).__name__})") from None
        try:
            yield server
        finally:
            _close(server)

    def _message(self, recipient: str, subject: str, text: str, html: str, marker: str) -> EmailMessage:
        address = parseaddr(recipient)[1]
        if "@" not in address or any(character.isspace() or not character.isprintable() for character in recipient):
            raise Permanent("the recipient has no usable address")
        name, sender = parseaddr(self._settings.sender)
        domain = sender.rpartition("@")[2]
        message = EmailMessage(policy=SMTP)
        try:
            message["From"] = Address(name, addr_spec=sender)
            message["To"] = Address(addr_spec=address)
        except ValueError:
            raise Permanent("the recipient has no usable address") from None
        message["Subject"] = " ".join(clean(subject).split())
        message["Date"] = format_datetime(utc_now())
        token = hashlib.sha256((marker or f"{utc_now().timestamp()}{recipient}").encode()).hexdigest()[:32]
        message["Message-ID"] = f"<deskside.{token}@{domain}>"
        # RFC 3834: nobody's out-of-office shall answer.
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(clean(text))
        if html:
            message.add_alternative(html, subtype="html")
        return message

    def _refused(self, error: smtplib.SMTPException) -> DesksideError:
        """RFC 5321, 4.2.1: 5yz is for good, 4yz for now."""
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            codes = [code for code, _ in error.recipients.values()]
        else:
            codes = [getattr(error, "smtp_code", 0)]
        said = f"{self._settings.host} refuses the mail ({codes[0]})"
        return (
            Permanent(said) if codes[0] >= 500 or isinstance(error, smtplib.SMTPNotSupportedError) else Transient(said)
        )


def _close(server: smtplib.SMTP | None) -> None:
    if server is not None:
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()

"""What is wrong with a certificate: every reason, not only the first one OpenSSL stops at."""

import datetime as dt
import ipaddress
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from adapters.health.names import ascii_name

_STEPS = (7, 14, 21)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A server certificate in the words of a note. `names` are its DNS and IP subject alternative names.

    `days_left` counts whole days until `not_after`, 0 on the last day and negative after it.
    """

    names: tuple[str, ...]
    issuer: str
    not_before: dt.datetime
    not_after: dt.datetime
    self_signed: bool
    days_left: int


def read_certificate(der: bytes, now: dt.datetime) -> Certificate:
    """Read a DER certificate. Raises `ValueError` when it cannot be read."""
    try:
        parsed = x509.load_der_x509_certificate(der)
        return Certificate(
            names=_names(parsed),
            issuer=_issuer(parsed),
            not_before=parsed.not_valid_before_utc,
            not_after=parsed.not_valid_after_utc,
            self_signed=parsed.issuer == parsed.subject and _signs_itself(parsed),
            days_left=(parsed.not_valid_after_utc - now).days,
        )
    except (x509.DuplicateExtension, x509.UnsupportedGeneralNameType, x509.InvalidVersion) as error:
        raise ValueError(str(error)) from None


def faults(certificate: Certificate, host: str, now: dt.datetime) -> tuple[str, ...]:
    """The reasons a browser refuses it for `host`: expired, not_yet_valid, wrong_name, self_signed.

    Dates are compared as instants: whole days would call a certificate of one hour's life expired, or the reverse.
    """
    found = []
    if now > certificate.not_after:
        found.append("expired")
    if now < certificate.not_before:
        found.append("not_yet_valid")
    if not any(name_matches(pattern, host) for pattern in certificate.names):
        found.append("wrong_name")
    if certificate.self_signed:
        found.append("self_signed")
    return tuple(found)


def expiry_step(certificate: Certificate, now: dt.datetime, warn_days: float) -> int | None:
    """The smallest of 7, 14 and `warn_days` that the time left is within, or None.

    For short-lived certificates a third of their life is the limit: that is when renewal should have happened.
    """
    left = (certificate.not_after - now) / dt.timedelta(days=1)
    third = (certificate.not_after - certificate.not_before) / dt.timedelta(days=1) / 3
    if left < 0 or left > third:
        return None
    return next((step for step in (*_STEPS[:2], int(warn_days)) if left <= step), None)


def name_matches(pattern: str, host: str) -> bool:
    """Whether a name of a certificate covers `host` (RFC 9525): a wildcard is the whole first label, and only that.

    `host` is a DNS name in punycode or an IP address; an address matches only the same address.
    """
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if address is not None:
        try:
            return ipaddress.ip_address(pattern) == address
        except ValueError:
            return False
    name, wanted = host.rstrip(".").lower(), pattern.rstrip(".").lower()
    if not wanted.startswith("*."):
        return ascii_name(wanted) == name
    parent = ascii_name(wanted[2:])
    label, _, rest = name.partition(".")
    return parent is not None and "." in parent and bool(label) and rest == parent


def _names(parsed: x509.Certificate) -> tuple[str, ...]:
    try:
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return (*names.get_values_for_type(x509.DNSName), *addresses)


def _issuer(parsed: x509.Certificate) -> str:
    for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        attributes = parsed.issuer.get_attributes_for_oid(oid)
        if attributes:
            return str(attributes[0].value)
    return ""


def _signs_itself(parsed: x509.Certificate) -> bool:
    try:
        parsed.verify_directly_issued_by(parsed)
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True

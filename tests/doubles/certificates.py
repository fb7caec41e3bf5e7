"""Certificates made on the spot, good and bad, and TLS contexts that serve them."""

import datetime as dt
import functools
import ipaddress
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def issue(
    *names: str,
    issuer: Issued | None = None,
    days: float = 90,
    age: float = 1,
    authority: bool = False,
    title: str = "Throw-away",
) -> Issued:
    """A certificate for `names`, begun `age` days ago and with `days` left; self-signed without an `issuer`."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=age))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([_name(name) for name in names]), critical=False)
    return Issued(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


@functools.cache
def root() -> Issued:
    """The root that `trusting()` trusts."""
    return issue(authority=True, title="Throw-away root", days=3650, age=3650)


@functools.cache
def intermediate() -> Issued:
    """An intermediate below the root."""
    return issue(authority=True, issuer=root(), title="Throw-away intermediate", days=3650, age=3000)


@functools.cache
def trusting() -> ssl.SSLContext:
    """A client's context that trusts the throw-away root, as the product's trusts the system's."""
    context = ssl.create_default_context(cadata=root().pem.decode())
    context.check_hostname = False
    return context


def serving(issued: Issued, *chain: Issued) -> ssl.SSLContext:
    """A server's context with this certificate and the rest of the chain."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    key = issued.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "server.pem")
        path.write_bytes(b"".join([issued.pem, *(link.pem for link in chain), key]))
        context.load_cert_chain(path)
    return context

"""TLS: the certificate as it is, read unverified, and whether its chain leads to a known root."""

import asyncio
import datetime as dt
import functools
import socket
import ssl
import warnings
from collections.abc import Callable, Sequence

from adapters.health.certificate import Certificate, expiry_step, faults, read_certificate
from adapters.health.connect import Attempt, connect
from deskside.model.health import Finding, Sign, Word
from deskside.model.service import Target
from deskside.ports import Surroundings

# Ports that speak TLS from the first byte, the one to prefer first.
TLS_PORTS = (443, 8443, 465, 993, 995)
_OLD = ("SSLv3", "TLSv1", "TLSv1.1")
# OpenSSL's verify codes that mean "the chain does not lead to a known root" (x509_vfy.h).
_NO_ISSUER = (2, 20, 21)
_UNKNOWN_ROOT = 19


@functools.cache
def _reading_context() -> ssl.SSLContext:
    """Accepts every certificate and every TLS version, so that what is there can be seen."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
    return context


@functools.cache
def _verifying_context() -> ssl.SSLContext:
    """Verifies the chain with the system's roots; the name is judged apart, or it would hide the chain's faults."""
    context = ssl.create_default_context()
    context.check_hostname = False
    return context


class TlsProbe:
    """Two handshakes: one to read the certificate, one to verify its chain.

    `verifying` gives the context with the trusted roots; tests bring their own.
    """

    name = "tls"
    kind = "tls"

    def __init__(self, verifying: Callable[[], ssl.SSLContext] = _verifying_context) -> None:
        self._verifying = verifying

    def applies(self, target: Target) -> bool:
        """When there is a name to judge the certificate by, and a TLS port or no list of ports."""
        return target.host is not None and (not target.ports or _port(target) is not None)

    async def look(self, target: Target, surroundings: Surroundings) -> Sequence[Finding]:
        """One finding; details `reasons` lists every fault, `days_left` and `not_after` tell the expiry."""
        if surroundings.address is None or target.host is None:
            return ()
        port, limits = _port(target) or TLS_PORTS[0], surroundings.limits
        details: dict[str, object] = {"port": port}
        connected, der, version, chain = False, None, "", None
        try:
            async with asyncio.timeout(limits["tls_seconds"]):
                attempt = await connect(surroundings.address, port, limits["tcp_seconds"])
                if attempt.sock is None:
                    return (_shut(attempt, bool(target.ports), details),)
                connected = True
                der, version = await _handshake(attempt.sock, _reading_context(), target.host)
                chain = await self._chain_fault(surroundings.address, port, target.host, limits["tcp_seconds"])
        except TimeoutError:
            if der is None:
                sign = Sign.ALIVE if connected else Sign.SILENT
                return (_finding(Word.DOWN, sign, f"no TLS handshake on port {port} in time", "no_answer", details),)
        except (ssl.SSLError, OSError) as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            details["reason"] = reason
            return (_finding(Word.DOWN, Sign.ALIVE, f"TLS fails on port {port}: {reason}", "failed", details),)
        now = dt.datetime.now(dt.UTC)
        try:
            certificate = read_certificate(der or b"", now)
        except ValueError:
            return (_finding(Word.DOWN, Sign.ALIVE, "the certificate cannot be read", "unreadable", details),)
        return (
            judge_certificate(
                certificate,
                target.host,
                version=version,
                chain=chain,
                now=now,
                warn_days=limits["tls_warn_days"],
                port=port,
            ),
        )

    async def _chain_fault(self, address: str, port: int, host: str, seconds: float) -> str | None:
        """`incomplete_chain`, `unknown_root`, or None; what else may fail is not the chain's fault."""
        attempt = await connect(address, port, seconds)
        if attempt.sock is None:
            return None
        try:
            await _handshake(attempt.sock, self._verifying(), host)
        except ssl.SSLCertVerificationError as error:
            if error.verify_code in _NO_ISSUER:
                return "incomplete_chain"
            return "unknown_root" if error.verify_code == _UNKNOWN_ROOT else None
        except (ssl.SSLError, OSError):
            return None
        return None


def judge_certificate(
    certificate: Certificate,
    host: str,
    *,
    version: str,
    chain: str | None,
    now: dt.datetime,
    warn_days: float,
    port: int,
) -> Finding:
    """The finding over a certificate that was read: every reason, the worst word."""
    reasons = list(faults(certificate, host, now))
    if chain is not None and not certificate.self_signed:
        reasons.append(chain)
    word = Word.DOWN if reasons else Word.OK
    step = expiry_step(certificate, now, warn_days)
    if step is not None:
        reasons.append("expires_soon")
    if version in _OLD:
        reasons.append("old_version")
    if reasons and word is Word.OK:
        word = Word.DEGRADED
    details: dict[str, object] = {
        "port": port,
        "reasons": reasons,
        "host": host,
        "days_left": certificate.days_left,
        "not_after": certificate.not_after.isoformat(),
        "not_before": certificate.not_before.isoformat(),
        "within_days": step,
        "names": list(certificate.names[:5]),
        "more_names": max(0, len(certificate.names) - 5),
        "issuer": certificate.issuer,
        "version": version,
    }
    said = ", ".join(reason.replace("_", " ") for reason in reasons) or f"valid for {certificate.days_left} days"
    return _finding(word, Sign.ALIVE, f"certificate: {said}", "problems" if reasons else "valid", details)


def _port(target: Target) -> int | None:
    return next((port for port in TLS_PORTS if port in target.ports), None)


def _shut(attempt: Attempt, expected: bool, details: dict[str, object]) -> Finding:
    """No connection, no certificate: nothing is known about TLS, and the tcp probe tells of the port."""
    sign = Sign.ALIVE if attempt.state.alive else Sign.SILENT if attempt.state.silent else Sign.NOTHING
    details |= {"state": attempt.state.value, "expected": expected}
    summary = f"no certificate to look at: port {details['port']} {attempt.state.value}"
    return _finding(Word.UNKNOWN, sign, summary, "shut", details)


async def _handshake(sock: socket.socket, context: ssl.SSLContext, host: str) -> tuple[bytes, str]:
    """The server's certificate in DER and the TLS version. Takes the socket over and closes it."""
    try:
        _, writer = await asyncio.open_connection(sock=sock, ssl=context, server_hostname=host)
    except BaseException:
        sock.close()
        raise
    try:
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return tls.getpeercert(binary_form=True) or b"", tls.version() or ""
    finally:
        writer.transport.abort()


def _finding(word: Word, sign: Sign, summary: str, code: str, details: dict[str, object]) -> Finding:
    return Finding("tls", "tls", word, sign, summary, {"code": code, **details})


probe = TlsProbe()

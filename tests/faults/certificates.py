"""Certificates of servers, made anew for each session: one that is good, and ones that are not."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_Key = ec.EllipticCurvePrivateKey
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Certificates:
    """`authority` is the file that a source is told to trust; the others lie beside it."""

    authority: Path

    def of(self, name: str) -> Path:
        """A server's certificate with its key: good, expired, elsewhere or self-signed."""
        return self.authority.with_name(f"{name}.pem")


def made(folder: Path) -> Certificates:
    now = datetime.now(UTC)
    key = _key()
    root = _signed("an authority", key, key, "an authority", (now - _DAY, now + _DAY), None)
    authority = folder / "authority.pem"
    authority.write_bytes(root.public_bytes(serialization.Encoding.PEM))
    times = {"good": 0, "expired": -3, "elsewhere": 0, "self-signed": 0}
    for name, days in times.items():
        own = _key()
        within = (now + (days - 1) * _DAY, now + (days + 1) * _DAY)
        address = "127.0.0.99" if name == "elsewhere" else "127.0.0.1"
        signer = ("a server", own) if name == "self-signed" else ("an authority", key)
        leaf = _signed("a server", own, signer[1], signer[0], within, address)
        (folder / f"{name}.pem").write_bytes(_pem(leaf, own))
    return Certificates(authority)


def _signed(
    subject: str,
    key: _Key,
    signer: _Key,
    issuer: str,
    within: tuple[datetime, datetime],
    address: str | None,
) -> x509.Certificate:
    """A certificate for an address, or without one of an authority."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(within[0])
        .not_valid_after(within[1])
        .add_extension(x509.BasicConstraints(ca=address is None, path_length=None), critical=True)
    )
    if address is not None:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _key() -> _Key:
    return ec.generate_private_key(ec.SECP256R1())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(certificate: x509.Certificate, key: _Key) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )

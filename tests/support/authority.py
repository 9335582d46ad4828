"""An authority that certifies a guard and its nodes, and files of certificates as they are deployed."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from traceqr.settings import Secured

SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass
class Authority:
    """Keeps its files in a folder."""

    folder: Path
    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        built = self._of(self.name, self.key).add_extension(x509.BasicConstraints(True, 0), critical=True)
        self.certificate = built.add_extension(usage, critical=True).sign(self.key, hashes.SHA256())
        self.path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    @property
    def path(self) -> Path:
        return self.folder / f"{self.name}.pem"

    def certify(
        self, name: str, *uses: x509.ObjectIdentifier, hosts: tuple[str, ...] = (), days: int = 30
    ) -> tuple[Path, Path]:
        """The files of a certificate and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [
            x509.IPAddress(ipaddress.ip_address(host)) if host[:1].isdigit() else x509.DNSName(host) for host in hosts
        ]
        built = self._of(name, key, days).add_extension(x509.BasicConstraints(False, None), critical=True)
        built = built.add_extension(x509.SubjectAlternativeName(names or [x509.DNSName(name)]), critical=False)
        built = built.add_extension(x509.ExtendedKeyUsage(uses or (CLIENT,)), critical=False)
        certificate, key_file = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        signed = built.sign(self.key, hashes.SHA256())
        certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return certificate, key_file

    def place(self, port: int, name: str, *uses: x509.ObjectIdentifier, host: str = "127.0.0.1") -> Secured:
        """The settings of one side."""
        certificate, key = self.certify(name, *uses, hosts=("127.0.0.1",) if SERVER in uses else ())
        return Secured(host, port, certificate, key, self.path)

    def _of(self, name: str, key: ec.EllipticCurvePrivateKey, days: int = 30) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=60))
            .not_valid_after(now + datetime.timedelta(days=days))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )

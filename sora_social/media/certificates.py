"""The certificates that clips are signed with: the operator's own, or ones derived from SECRET_KEY.

What is derived is the same bytes in every process and after every restart: keys by HKDF (RFC 5869), signatures
without chance (RFC 6979), serials and validity fixed. Nobody outside knows such a root; who wants to check a clip
takes it from this service.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

# what a certificate must be for: signing claims (C2PA 2.4, 14.5.1), or the purposes that were taken before that was one
PURPOSES = (
    ObjectIdentifier("1.3.6.1.4.1.62558.2.1"),
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ObjectIdentifier("1.3.6.1.5.5.7.3.36"),
)
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (SEC 2, 2.4.2)
_DERIVED = b"sora-social clip signing 1"
_FROM, _UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2126, 1, 1, tzinfo=UTC)


_Kind = TypeVar("_Kind", bound=x509.ExtensionType)


@dataclass(frozen=True)
class Credentials:
    """All in PEM: the chain that goes into files, leaf first; the leaf's key; the root that others trust."""

    chain: str
    key: str = field(repr=False)
    anchor: str
    until: datetime


def current() -> Credentials:
    """What signs now. Raises ImproperlyConfigured when the operator's files are not a pair that can sign."""
    found = _credentials(settings.C2PA_CERTIFICATES_FILE, settings.C2PA_KEY_FILE, settings.SECRET_KEY)
    if found.until < datetime.now(UTC):
        raise ImproperlyConfigured("C2PA_CERTIFICATES_FILE: a certificate has run out, nothing can be signed")
    return found


def anchors() -> str:
    """What is trusted, in PEM: the root of what signs now, then those of what signed before."""
    retired = settings.C2PA_RETIRED_ANCHORS_FILE
    now = _credentials(settings.C2PA_CERTIFICATES_FILE, settings.C2PA_KEY_FILE, settings.SECRET_KEY)
    return now.anchor + (_retired(retired) if retired else "")


def require_usable() -> None:
    """Refuse to start with half a pair, or files that cannot sign. Raises ImproperlyConfigured."""
    if settings.C2PA_CERTIFICATES_FILE or settings.C2PA_KEY_FILE:
        current()
    if settings.C2PA_RETIRED_ANCHORS_FILE:
        _retired(settings.C2PA_RETIRED_ANCHORS_FILE)


@lru_cache(maxsize=8)
def _credentials(certificates_file: str, key_file: str, secret: str) -> Credentials:
    if not certificates_file and not key_file:
        return _derived(secret)
    if not certificates_file or not key_file:
        raise ImproperlyConfigured("C2PA_CERTIFICATES_FILE and C2PA_KEY_FILE belong together: one of them is empty")
    chain = _read_certificates("C2PA_CERTIFICATES_FILE", certificates_file)
    key = _read_key(key_file)
    _require_can_sign(chain, key)
    return _in_pem(chain, key)


@lru_cache(maxsize=8)
def _retired(file: str) -> str:
    return "".join(_pem(one) for one in _read_certificates("C2PA_RETIRED_ANCHORS_FILE", file))


# the operator's


def _read_certificates(setting: str, file: str) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(Path(file).read_bytes())
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{setting}: no certificates in PEM can be read from {file} ({error})") from error


def _read_key(file: str) -> ec.EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(Path(file).read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:  # TypeError: it is encrypted
        raise ImproperlyConfigured(f"C2PA_KEY_FILE: no key in PEM can be read from {file} ({error})") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
        raise ImproperlyConfigured("C2PA_KEY_FILE must hold an EC key on P-256 (ES256)")
    return key


def _require_can_sign(chain: list[x509.Certificate], key: ec.EllipticCurvePrivateKey) -> None:
    wrong = "C2PA_CERTIFICATES_FILE"
    if len(chain) < 2:
        raise ImproperlyConfigured(f"{wrong} must hold the leaf first and its root last: a leaf alone is not trusted")
    if chain[0].public_key() != key.public_key():
        raise ImproperlyConfigured(f"{wrong}: the first certificate is not that of the key in C2PA_KEY_FILE")
    for one, issuer in pairwise(chain):
        try:
            one.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise ImproperlyConfigured(f"{wrong}: each certificate must be issued by the next one") from error
    if not all(one.not_valid_before_utc <= datetime.now(UTC) <= one.not_valid_after_utc for one in chain):
        raise ImproperlyConfigured(f"{wrong}: each certificate must be valid now")
    purposes = _extension(chain[0], x509.ExtendedKeyUsage)
    if not set(purposes or ()) & set(PURPOSES):
        raise ImproperlyConfigured(f"{wrong}: the first certificate is not for signing content (extended key usage)")
    basic, usage = _extension(chain[0], x509.BasicConstraints), _extension(chain[0], x509.KeyUsage)
    if (basic is not None and basic.ca) or usage is None or not usage.digital_signature:
        raise ImproperlyConfigured(f"{wrong}: the first certificate must be for signatures (key usage), and not a root")


def _extension(certificate: x509.Certificate, kind: type[_Kind]) -> _Kind | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


# derived


def _derived(secret: str) -> Credentials:
    root_key, leaf_key = _derived_key(secret, b"root"), _derived_key(secret, b"leaf")
    root_name, leaf_name = _name("sora-social root"), _name("sora-social clips")
    root = _certificate(root_name, root_key, issuer=root_name, issuer_key=root_key, serial=1, is_root=True)
    leaf = _certificate(leaf_name, leaf_key, issuer=root_name, issuer_key=root_key, serial=2, is_root=False)
    return _in_pem([leaf, root], leaf_key)


def _derived_key(secret: str, use: bytes) -> ec.EllipticCurvePrivateKey:
    # 16 bytes more than the order has: taken modulo it no number is noticeably likelier than another
    wide = HKDF(algorithm=SHA256(), length=48, salt=None, info=_DERIVED + b" " + use).derive(secret.encode())
    return ec.derive_private_key(1 + int.from_bytes(wide, "big") % (_ORDER - 1), ec.SECP256R1())


def _name(common: str) -> x509.Name:
    pairs = ((NameOID.ORGANIZATION_NAME, "sora-social"), (NameOID.COMMON_NAME, common))
    return x509.Name([x509.NameAttribute(kind, text) for kind, text in pairs])


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    *,
    issuer: x509.Name,
    issuer_key: ec.EllipticCurvePrivateKey,
    serial: int,
    is_root: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not is_root:
        made = made.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return made.sign(issuer_key, SHA256(), ecdsa_deterministic=True)


def _in_pem(chain: list[x509.Certificate], key: ec.EllipticCurvePrivateKey) -> Credentials:
    return Credentials(
        chain="".join(_pem(one) for one in chain[:-1]),
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        anchor=_pem(chain[-1]),
        until=min(one.not_valid_after_utc for one in chain),
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()

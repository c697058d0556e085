"""The keys of this installation for what people take away: receipts, evidence, anchors. Ed25519 (RFC 8032)."""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

_KEY_BYTES = 32
_DERIVED = b"sora-social consent signing 1"


@dataclass(frozen=True)
class PublicKey:
    """A key that signatures are checked with; `kid` is its JWK thumbprint (RFC 7638)."""

    raw: bytes

    @cached_property
    def kid(self) -> str:
        members = {"crv": "Ed25519", "kty": "OKP", "x": _text(self.raw)}
        return _text(hashlib.sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).digest())

    @property
    def jwk(self) -> dict[str, str]:
        """As RFC 8037 has it."""
        return {"kty": "OKP", "crv": "Ed25519", "x": _text(self.raw), "kid": self.kid, "use": "sig", "alg": "EdDSA"}

    def signed(self, message: bytes, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    private: Ed25519PrivateKey
    public: PublicKey

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)

    def jws(self, payload: bytes, *, kind: str) -> str:
        """A JWS in compact form (RFC 7515) over exactly these bytes."""
        headers = {"kid": self.public.kid, "typ": kind}
        return jwt.PyJWS().encode(payload, self.private, algorithm="EdDSA", headers=headers)


def current_key() -> SigningKey:
    """The key that signs now. Raises ImproperlyConfigured when CONSENT_SIGNING_KEY is no base64 of 32 bytes."""
    return _key_of(settings.CONSENT_SIGNING_KEY, settings.SECRET_KEY)


@lru_cache(maxsize=8)
def _key_of(given: str, secret: str) -> SigningKey:
    seed = _key_bytes(given, "CONSENT_SIGNING_KEY") if given else _derived(secret)
    private = Ed25519PrivateKey.from_private_bytes(seed)
    return SigningKey(private, PublicKey(private.public_key().public_bytes_raw()))


def _derived(secret: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=_DERIVED).derive(secret.encode())


def published_keys() -> Mapping[str, PublicKey]:
    """By `kid`: the key that signs now, then those that signed before."""
    retired = (PublicKey(_key_bytes(text, "CONSENT_RETIRED_KEYS")) for text in settings.CONSENT_RETIRED_KEYS)
    return {key.kid: key for key in (current_key().public, *retired)}


def key_set() -> dict[str, Any]:
    """The published keys as a JWK set (RFC 7517)."""
    return {"keys": [key.jwk for key in published_keys().values()]}


def keys_from(key_set: Mapping[str, Sequence[Mapping[str, str]]]) -> Mapping[str, PublicKey]:
    """The Ed25519 keys of a JWK set, by their own thumbprints, whatever they are called in it."""
    found = (PublicKey(_bytes(key["x"])) for key in key_set["keys"] if key.get("crv") == "Ed25519")
    return {key.kid: key for key in found}


def is_signed(message: bytes, *, kid: str, signature: str, keys: Mapping[str, PublicKey]) -> bool:
    """Whether one of `keys` signed these bytes; `signature` in base64url."""
    try:
        raw = _bytes(signature)
        return kid in keys and _text(raw) == signature and keys[kid].signed(message, raw)
    except ValueError:
        return False


def in_text(signature: bytes) -> str:
    """Base64url without padding, as JOSE writes bytes."""
    return _text(signature)


def _key_bytes(text: str, setting: str) -> bytes:
    try:
        raw = _bytes(text.replace("+", "-").replace("/", "_"))
    except ValueError:
        raw = b""
    if len(raw) != _KEY_BYTES:
        raise ImproperlyConfigured(f"{setting} must be base64 of {_KEY_BYTES} bytes")
    return raw


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    text = text.rstrip("=")
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)

"""Signed links to media (stand-in until the media room lands)."""

import hashlib
from functools import cache

from django.conf import settings


@cache
def _key() -> bytes:
    return hashlib.blake2b(settings.SECRET_KEY.encode(), person=b"media").digest()


def media_prefix(kind: str, subject_id: int, viewer_id: int, now: int) -> tuple[bytes, bytes]:
    expires = now - now % 10 + settings.MEDIA_LINK_SECONDS
    body = b"%b/%d/%d.%d" % (kind.encode(), subject_id, viewer_id, expires)
    mac = hashlib.blake2b(body, key=_key(), digest_size=12).hexdigest().encode()
    return b"%b/media/%b.%b/" % (settings.PUBLIC_URL.encode(), body, mac), b'"2026-01-01T00:00:00Z"'


def viewer_of(kind: str, subject_id: int, grant: str, *, now: int) -> int:
    raise NotImplementedError

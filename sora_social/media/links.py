"""Links to media that live a minute: signed for one viewer and one subject, and asked again at every use.

A link only says who was given it. Whether that person may still see the subject is a question to the database, each
time; the link keeps strangers from guessing, and dies by itself.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Literal

from django.conf import settings

from sora_social.core.errors import NotFound

Kind = Literal["p", "d", "a", "c"]  # a post, a draft, an appearance, a cameo
STEP = 10  # seconds: pages of the same moment carry the same link, so that clients can keep what they loaded
_FORM = re.compile(r"([0-9]{1,19})\.([0-9]{1,12})\.([0-9a-f]{24})")


@cache
def _keyed(secret: str) -> "hashlib.blake2b":
    key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"media link").digest()
    return hashlib.blake2b(key=key, digest_size=12)


def _signer(kind: str, viewer_id: int, expires: int) -> Callable[[int], bytes]:
    """Signs subjects by their ids: made once for all links of a page."""
    fresh, name = _keyed(settings.SECRET_KEY).copy, kind.encode()

    def sign(subject_id: int) -> bytes:
        state = fresh()
        state.update(b"%b/%d/%d/%d" % (name, subject_id, viewer_id, expires))
        return state.hexdigest().encode()

    return sign


@lru_cache(maxsize=8)
def _frame(public_url: str, expires: int) -> tuple[bytes, bytes]:
    moment = datetime.fromtimestamp(expires, UTC)
    return public_url.encode(), moment.strftime('"%Y-%m-%dT%H:%M:%SZ"').encode()


def media_prefix(kind: Kind, subject_id: int, viewer_id: int, now: int) -> tuple[bytes, bytes]:
    """The address that all files of a subject begin with, for one viewer; and when it ends, as a JSON string.

    `now` in seconds of the epoch. The link lives at most `MEDIA_LINK_SECONDS`, and at worst ten seconds less.
    """
    prefix_of, expires_at = media_prefixes(kind, viewer_id, now)
    return prefix_of(subject_id), expires_at


def media_prefixes(kind: Kind, viewer_id: int, now: int) -> tuple[Callable[[int], bytes], bytes]:
    """The same for many subjects of a kind: their prefixes by id, and when all of them end."""
    expires = now - now % STEP + int(settings.MEDIA_LINK_SECONDS)
    origin, expires_at = _frame(settings.PUBLIC_URL, expires)
    head, tail = b"%b/media/%b/" % (origin, kind.encode()), b"/%d.%d." % (viewer_id, expires)
    sign = _signer(kind, viewer_id, expires)
    return (lambda subject_id: b"%b%d%b%b/" % (head, subject_id, tail, sign(subject_id))), expires_at


def viewer_of(kind: Kind, subject_id: int, grant: str, *, now: int) -> int:
    """Whom a link was given to. Raises NotFound when it is forged, was made for something else, or is over."""
    form = _FORM.fullmatch(grant)
    if form is None:
        raise NotFound
    viewer_id, expires = int(form[1]), int(form[2])
    is_ours = hmac.compare_digest(_signer(kind, viewer_id, expires)(subject_id), form[3].encode())
    # one made under longer settings may lie further ahead than ours would
    if not is_ours or not now < expires <= now + settings.MEDIA_LINK_SECONDS:
        raise NotFound
    return viewer_id

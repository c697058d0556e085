"""Links to media that live a minute: signed for one viewer and one subject, and asked again at every use.

A link only says who was given it. Whether that person may still see the subject is a question to the database, each
time; the link keeps strangers from guessing, and dies by itself.
"""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from functools import cache
from typing import Literal

from django.conf import settings

Kind = Literal["p", "d"]
_STEP = 10  # seconds: pages of the same moment carry the same link, so that clients can keep what they loaded
_FORM = re.compile(r"([0-9]{1,19})\.([0-9]{1,12})\.([0-9a-f]{24})")


@cache
def _keyed(secret: str) -> "hashlib.blake2b":
    key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"media link").digest()
    return hashlib.blake2b(key=key, digest_size=12)


def _signature(kind: str, subject_id: int, viewer_id: int, expires: int) -> str:
    state = _keyed(settings.SECRET_KEY).copy()
    state.update(b"%b/%d/%d/%d" % (kind.encode(), subject_id, viewer_id, expires))
    return state.hexdigest()


def expiry(now: float) -> int:
    """When a link made now ends, in seconds of the epoch: at most `MEDIA_LINK_SECONDS` ahead, ten seconds less at
    worst."""
    return int(now // _STEP) * _STEP + int(settings.MEDIA_LINK_SECONDS)


def expires_at(now: float) -> datetime:
    return datetime.fromtimestamp(expiry(now), UTC)


def media_prefix(kind: Kind, subject_id: int, viewer_id: int, now: float) -> str:
    """`/media/<kind>/<subject>/<viewer>.<expires>.<signature>/`, which covers every file of that subject.

    `now` in seconds of the epoch.
    """
    expires = expiry(now)
    return f"/media/{kind}/{subject_id}/{viewer_id}.{expires}.{_signature(kind, subject_id, viewer_id, expires)}/"


def check(kind: Kind, subject_id: int, link: str, now: float) -> int | None:
    """Whom a link was given to; None when it is forged, was made for something else, or is over."""
    form = _FORM.fullmatch(link)
    if form is None:
        return None
    viewer_id, expires = int(form[1]), int(form[2])
    known = _signature(kind, subject_id, viewer_id, expires)
    # a link of other settings may lie further ahead than ours would
    if not hmac.compare_digest(known, form[3]) or not now < expires <= now + settings.MEDIA_LINK_SECONDS:
        return None
    return viewer_id

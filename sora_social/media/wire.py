"""The shape of a playable clip on the wire."""

from datetime import datetime
from typing import Any, TypedDict

from django.conf import settings
from rest_framework import serializers

from sora_social.media import links
from sora_social.media.models import Clip


class MediaShape(TypedDict):
    url: str
    poster_url: str
    captions_url: str | None
    width: int
    height: int
    duration_ms: int
    mime: str
    expires_at: datetime


class MediaOut(serializers.Serializer[Any]):
    """Addresses of a clip's files, for this viewer, until `expires_at`; fetch the subject again for fresh ones."""

    url = serializers.CharField()
    poster_url = serializers.CharField()
    captions_url = serializers.CharField(allow_null=True)
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    mime = serializers.CharField()
    expires_at = serializers.DateTimeField()


def media_of(clip: Clip, kind: links.Kind, subject_id: int, viewer_id: int, now: float) -> MediaShape:
    """`now` in seconds of the epoch."""
    prefix = settings.PUBLIC_URL + links.media_prefix(kind, subject_id, viewer_id, now)
    return {
        "url": f"{prefix}video.mp4",
        "poster_url": f"{prefix}poster.jpg",
        "captions_url": f"{prefix}captions.vtt" if clip.captions_key else None,
        "width": clip.width,
        "height": clip.height,
        "duration_ms": clip.duration_ms,
        "mime": clip.mime,
        "expires_at": links.expires_at(now),
    }

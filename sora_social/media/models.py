"""What the service keeps of a file: where it is, and what was found in it."""

from django.db import models
from django.db.models.functions import Now

from sora_social.core.databases import IdField


class Clip(models.Model):
    """A finished video with its poster, and captions when there is speech. Keys name objects of the storage.

    `manifest_id` names the C2PA manifest in the video; empty in those made before there were manifests.
    """

    id = IdField()
    video_key = models.CharField(max_length=120, unique=True)
    poster_key = models.CharField(max_length=120)
    captions_key = models.CharField(max_length=120, blank=True)
    mime = models.CharField(max_length=40, default="video/mp4")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    duration_ms = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    stream_sha256 = models.CharField(max_length=64, db_index=True)
    manifest_id = models.CharField(max_length=60, blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"clip {self.id}"


class Picture(models.Model):
    """A still that somebody uploaded, always re-encoded by us: an avatar, a reference."""

    id = IdField()
    owner_id = models.BigIntegerField(db_index=True)
    key = models.CharField(max_length=120, unique=True)
    mime = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveBigIntegerField()
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"picture {self.id}"

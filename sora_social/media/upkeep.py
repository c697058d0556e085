"""Files that no row knows: left by a worker that died between storing them and writing its rows."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

import structlog
from django.core.files.storage import default_storage
from django.utils import timezone

from sora_social.media.models import Clip, Picture

log = structlog.get_logger(__name__)

OLD_ENOUGH = timedelta(days=1)  # longer than any job or upload is under way
_BATCH = 500


def remove_orphans() -> int:
    """Delete stored files that no row names and that are a day old. Returns how many. May run at any time, twice."""
    removed = 0
    for prefix in ("clips", "posters", "captions", "pictures"):
        keys = _stored(prefix)
        while batch := list(islice(keys, _BATCH)):
            for key in set(batch) - _known(prefix, batch):
                if default_storage.get_modified_time(key) < timezone.now() - OLD_ENOUGH:
                    default_storage.delete(key)
                    removed += 1
    if removed:
        log.info("orphans_removed", count=removed)
    return removed


def _known(prefix: str, keys: Sequence[str]) -> set[str]:
    if prefix == "pictures":
        return set(Picture.objects.filter(key__in=keys).values_list("key", flat=True))
    column = {"clips": "video_key", "posters": "poster_key", "captions": "captions_key"}[prefix]
    return set(Clip.objects.filter(**{f"{column}__in": keys}).values_list(column, flat=True))


def _stored(prefix: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(prefix)
    except FileNotFoundError:  # nothing of that kind yet
        return
    yield from (f"{prefix}/{name}" for name in files)
    for folder in folders:
        yield from _stored(f"{prefix}/{folder}")

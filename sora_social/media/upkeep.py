"""Files that no row knows: left by a worker that died between storing them and writing its rows."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from itertools import islice

import structlog
from django.core.files.storage import default_storage
from django.utils import timezone

from sora_social.media.models import Clip, Picture

log = structlog.get_logger(__name__)

OLD_ENOUGH = timedelta(days=1)  # longer than any job or upload is under way
_BATCH = 500


def remove_orphans() -> int:
    """Delete stored files of this room that no row names and that are a day old. Returns how many. May run at any
    time, twice."""
    return sum(
        remove_unknown(prefix, known=partial(_known, prefix), older_than=OLD_ENOUGH)
        for prefix in ("clips", "posters", "captions", "pictures")
    )


def remove_unknown(prefix: str, *, known: Callable[[Sequence[str]], set[str]], older_than: timedelta) -> int:
    """Delete the stored files under `prefix` that are older than that and that `known`, asked about some hundred
    keys at a time, does not give back. Returns how many.

    For the rooms above, which keep files of their own here and whose rows this room cannot ask.
    """
    removed = 0
    keys = _stored(prefix)
    while batch := list(islice(keys, _BATCH)):
        for key in set(batch) - known(batch):
            if _is_older(key, older_than):
                default_storage.delete(key)
                removed += 1
    if removed:
        log.info("orphans_removed", prefix=prefix, count=removed)
    return removed


def _is_older(key: str, age: timedelta) -> bool:
    try:
        return default_storage.get_modified_time(key) < timezone.now() - age
    except FileNotFoundError:  # somebody else removed it meanwhile
        return False


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

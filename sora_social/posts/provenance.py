"""What the file of a post says of where it comes from, and whether that still holds."""

import tempfile
import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from sora_social.accounts.models import User
from sora_social.core.errors import NotFound, Unavailable
from sora_social.media import intake, manifests
from sora_social.media.manifests import Credited, Reading, Statement
from sora_social.media.models import Clip
from sora_social.posts import presenting
from sora_social.posts.posting import post_for

AT_ONCE = 2  # in one process: each fetches a whole clip, and keeps a thread meanwhile
_places = threading.BoundedSemaphore(AT_ONCE)


def manifest_of(viewer: User, post_id: int) -> Mapping[str, Any]:
    """Read the manifest in the stored file of a post. Of a file that does not hold nothing that it says is repeated.

    The file names what everybody could know of when it was made; here only that is named which `viewer` may know of
    now, and of these only what stands. The file is read from a copy: what a storage fails at is no fault of the file.
    Raises NotFound, also for a post whose file was made before there were manifests; Unavailable while this process
    reads as many as it can.
    """
    clip = Clip.objects.get(pk=post_for(viewer, post_id).clip_id)
    if not clip.manifest_id:
        raise NotFound("It was made before there were manifests.", code="no_manifest")
    reading = _read(clip)
    answer = {
        "state": reading.state,
        "codes": reading.codes,
        "manifest_id": clip.manifest_id,
        "signed_by": reading.signed_by or None,
        "made_with": None,
        "ingredients": None,
        "credit": None,
    }
    return answer | _said(reading.statement, viewer) if reading.statement else answer


def _read(clip: Clip) -> Reading:
    if not _places.acquire(blocking=False):
        raise Unavailable("Other manifests are being read; try again in a moment.", retry_after=5)
    try:
        with tempfile.TemporaryDirectory(prefix="sora-manifest-") as folder:
            copy = intake.fetch_video(clip, Path(folder) / "clip.mp4")
            with copy.open("rb") as file:
                return manifests.read(file, expected=clip.manifest_id)
    except FileNotFoundError as error:
        raise NotFound from error
    finally:
        _places.release()


def _said(statement: Statement, viewer: User) -> dict[str, Any]:
    posts = [one.post for one in statement.ingredients] + [statement.root]
    known = presenting.listed_among(viewer, [post.post_id for post in posts if post is not None])
    return {
        "made_with": {
            "provider": statement.provider,
            "model": statement.model,
            "digital_source_type": statement.source_type,
        },
        "ingredients": [
            {"kind": one.kind, "ordinal": one.ordinal, "manifest": one.held, "post": _named(one.post, known)}
            for one in statement.ingredients
        ],
        "credit": {
            "label": manifests.LABEL,
            "author": {"handle": statement.handle},
            "root": _named(statement.root, known),
        },
    }


def _named(post: Credited | None, known: Collection[int]) -> Mapping[str, str] | None:
    return {"id": str(post.post_id), "handle": post.handle} if post is not None and post.post_id in known else None

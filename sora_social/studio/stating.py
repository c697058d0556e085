"""What a clip's manifest says: who made it, with what, and from what."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from remix import crediting
from remix.crediting import Named
from remix.lineage import Source
from sora_social.media import manifests
from sora_social.media.manifests import Credited, Held, Ingredient, Statement
from sora_social.media.models import Clip
from sora_social.studio import providers
from sora_social.studio.models import Generation


@dataclass(frozen=True)
class Used:
    """A direct source as it was when it was taken up: its place, and whether its file was what we had signed."""

    source: Source
    manifest_id: str
    held: Held


def used(post_id: int, kind: str, ordinal: int, *, clip: Clip, file: Path | None) -> Used:
    """Look at the file that a clip is to be made from; None where nothing of the file goes in."""
    source = Source(post_id, kind, ordinal)
    if file is None:
        return Used(source, clip.manifest_id, "not_used")
    with file.open("rb") as opened:
        return Used(source, clip.manifest_id, manifests.held(opened, expected=clip.manifest_id))


def statement_of(job: Generation, sources: Sequence[Used]) -> Statement:
    """What a clip of this job says of itself. Asked once it is made: what is public may have changed meanwhile."""
    origins = crediting.origins_of([one.source for one in sources], maker=job.owner)
    return Statement(
        provider=job.provider,
        model=job.model,
        is_trained=providers.is_trained(job.provider),
        handle=job.owner.handle,
        ingredients=[
            Ingredient(credit.kind, credit.ordinal, one.held, _credited(credit.post, one.manifest_id))
            for credit, one in zip(origins.sources, sources, strict=True)
        ],
        root=_credited(origins.root),
    )


def _credited(post: Named | None, manifest_id: str = "") -> Credited | None:
    return None if post is None else Credited(post.post_id, post.handle, manifest_id)

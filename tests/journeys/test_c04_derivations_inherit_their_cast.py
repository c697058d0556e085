"""C04: what is made of a clip inherits everybody in it, unless somebody is replaced, however deep, whoever is gone."""

import random

import pytest

from cameos import casting, consent
from cameos.consent import Mode
from cameos.models import Appearance
from remix.lineage import Source
from sora_social.posts import posting, presenting
from sora_social.posts.models import Post
from sora_social.studio import appearing, publishing
from tests import cast

WORDS = {"caption": "", "visibility": "public", "remix_policy": "everyone", "prompt_visibility": "public"}
DEEP = 20


class Lineage:
    """A trunk of 20 and its branches, with what must be true of them: who is cast, and from whom it came."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.makers = [cast.person(name) for name in ("bo", "cy", "dee")]
        self.faces = {name: cast.cameo(cast.person(name), audience="everyone") for name in ("ada", "eve", "fay")}
        self.cast: dict[int, set[str]] = {}
        self.sources: dict[int, list[int]] = {}
        self.made_at: list[int] = []
        self.trunk: list[int] = []

    def publish(self, kind, sources, *, swaps=None, added=()):
        maker = self.random.choice(self.makers)
        job = cast.finished_job(
            maker,
            sources=[Source(post_id, kind, place) for place, post_id in enumerate(sources)],
            cast_replacements={f"@{out}": f"@{new}" if new else None for out, new in (swaps or {}).items()},
            cast=[f"@{name}" for name in added],
        )
        post = publishing.publish_draft(maker, job.drafts.get().pk, **WORDS)
        inherited = set().union(*(self.cast[source] for source in sources)) - set(swaps or {})
        self.cast[post.pk] = inherited | {new for new in (swaps or {}).values() if new} | set(added)
        self.sources[post.pk] = list(sources)
        self.made_at.append(post.pk)
        return post.pk

    def grow(self) -> None:
        trunk = self.publish("remix", [], added=("ada", "eve"))
        self.trunk.append(trunk)
        for depth in range(DEEP):
            kind = ("remix", "extend", "stitch")[depth % 3]
            beside = [self.publish("remix", [], added=("fay",) if depth % 2 else ())] if kind == "stitch" else []
            below = self.publish(kind, [trunk, *beside])
            if depth % 4 == 1:  # branches: somebody is replaced, by another or by nobody; and it goes on from there
                swaps = {self.random.choice(["ada", "eve"]): "fay" if "fay" not in self.cast[trunk] else None}
                branch = self.publish("remix", [trunk], swaps=swaps)
                again = self.publish("extend", [branch])
                if len(self.cast[again]) < 3:
                    self.publish("remix", [again], added=[name for name in swaps if name])
            if depth == DEEP // 2:
                author = next(
                    maker for maker in self.makers if presenting.present(maker, [trunk]) and owns(maker, trunk)
                )
                posting.delete_post(author, trunk)
                self.deleted = trunk
            trunk = below
            self.trunk.append(trunk)

    def below(self, post_id: int, name: str) -> set[int]:
        """What came of a post's use of a face, by those that did not drop it on the way."""
        reached = {post_id}
        for child in self.made_at:
            rows = Appearance.objects.filter(post_id=child, cameo=self.faces[name], is_inherited=True)
            if reached & set(self.sources[child]) and name in self.cast[child] and rows.exists():
                reached.add(child)
        return reached

    def shown(self, viewer) -> set[int]:
        return set(presenting.present(viewer, self.made_at))

    def casting(self, name: str) -> set[int]:
        return {post_id for post_id, names in self.cast.items() if name in names}


def owns(maker, post_id):
    return posting.post_for(maker, post_id).author_id == maker.pk


@pytest.fixture
def lineage(db, settings):
    settings.CLIPS_PER_DAY = 1000
    return Lineage(seed=7)


def broken(lineage) -> list[str]:
    """What of the promise does not hold."""
    viewer = cast.person("stranger")
    lineage.grow()
    ada, eve, _ = lineage.faces.values()
    everything = set(lineage.made_at) - {lineage.deleted}
    found = []
    for post_id, names in lineage.cast.items():
        rows = Appearance.objects.filter(post_id=post_id).values_list("cameo__owner__handle", flat=True)
        if set(rows) != names:
            found.append("inherited")
    if lineage.shown(viewer) != everything:
        found.append("shown")
    row = Appearance.objects.filter(post_id__in=lineage.trunk[:6], cameo=eve).order_by("post_id").last()
    assert row is not None
    gone = lineage.below(row.post_id, "eve")
    appearing.remove(eve.owner, eve.pk, row.pk)
    if lineage.shown(viewer) != everything - gone:
        found.append("removed")
    consent.revoke(ada.owner, ada.pk, mode=Mode.UNPUBLISH_ALL)
    left = everything - gone - lineage.casting("ada")
    if lineage.shown(viewer) != left:
        found.append("revoked")
    assert min(len(gone), len(left)) > 5, "the lineage tells the cases apart"
    return found


def test_c04_twenty_deep_and_mixed_a_revocation_reaches_all_that_cast_and_no_other(lineage):
    assert broken(lineage) == []
    assert max(Post.objects.filter(pk__in=lineage.made_at).values_list("depth", flat=True)) == DEEP


def test_c04_mutant_nothing_is_inherited(lineage, monkeypatch):
    monkeypatch.setattr(casting, "cast_of_posts", lambda post_ids: [])
    monkeypatch.setattr(casting, "_swapped_out", lambda swaps, inherited: set())
    monkeypatch.setattr(Lineage, "below", lambda lineage, post_id, name: set(lineage.made_at[-6:]))
    assert "inherited" in broken(lineage)


def test_c04_a_draft_made_before_the_source_lapsed_goes_with_it(lineage):
    """Made from it, not yet published: what the owner removes takes the drafts and jobs below, too."""
    bo, cy = lineage.makers[:2]
    ada = lineage.faces["ada"]
    root = publishing.publish_draft(bo, cast.finished_job(bo, cast=["@ada"]).drafts.get().pk, **WORDS)
    draft = cast.finished_job(cy, sources=[Source(root.pk, "extend")]).drafts.get()
    appearing.remove(ada.owner, ada.pk, Appearance.objects.get(post_id=root.pk).pk)
    with pytest.raises(Exception, match="shown"):
        publishing.publish_draft(cy, draft.pk, **WORDS)
    assert Appearance.objects.get(draft_id=draft.pk).withdrawn_at is not None

"""Feeds in the order of time: following and latest, the newest first.

Skeletons are ids in order, read from an index alone; who may see them is asked of each page. Only where policy hides
hundreds of posts in a row does a page stay short, with a `next`: no viewer pays for all of them at once.
"""

from django.db.models import Exists, OuterRef, QuerySet

from feeds.page import SLACK, Facts, FeedPage, Place
from sora_social.accounts.models import Follow, Mute, User
from sora_social.core.cursors import seal, unseal
from sora_social.core.prepared import Prepared
from sora_social.posts import presenting
from sora_social.posts.models import Post, Visibility

MODEL = "chronological"
ROUNDS_AT_MOST = 4  # each twice as wide as the one before

_WHY = {
    "following": '[{"code":"following","text":"You follow its author","weight":1.0}]',
    "latest": '[{"code":"latest","text":"The newest post that you may see","weight":1.0}]',
}


def _heard(viewer: int) -> QuerySet[Follow]:
    """Whom `viewer` follows, without those whom they muted."""
    muted = Mute.objects.filter(muter=viewer, muted=OuterRef("followee"))
    return Follow.objects.filter(follower=viewer).exclude(Exists(muted)).values("followee")  # type: ignore[return-value]


_FOLLOWING = Prepared(
    lambda viewer, before: (
        Post.objects.filter(author__in=_heard(viewer), pk__lt=before).order_by("-pk").values_list("pk")
    ),
    "viewer",
    "before",
    limited=True,
)
_LATEST = Prepared(
    lambda before: (
        Post.objects.filter(visibility=Visibility.PUBLIC, deleted_at=None, removed_at=None, pk__lt=before)
        .order_by("-pk")
        .values_list("pk")
    ),
    "before",
    limited=True,
)


def page(viewer: User, feed: str, *, cursor: str, limit: int, request_id: int) -> FeedPage:
    """Raises Invalid for a cursor of another list or person."""
    purpose = f"{feed} {viewer.pk}"
    before, rank = unseal(purpose, cursor, 2) if cursor else (2**63 - 1, 0)
    shown: list[tuple[Place, bytes]] = []
    size = limit + SLACK + limit // 8
    is_more = False
    for _ in range(ROUNDS_AT_MOST):
        ids = _newest(viewer, feed, before, size)
        rendered = presenting.present(viewer, ids, listed=True)
        visible = [post_id for post_id in ids if post_id in rendered]
        taken = visible[: limit - len(shown)]
        shown += [(Place(post_id, 0.0, 1.0, _WHY[feed]), rendered[post_id]) for post_id in taken]
        is_more = len(visible) > len(taken) or len(ids) == size
        if len(shown) == limit:
            before = shown[-1][0].post_id
            break
        if not is_more:
            break
        before, size = ids[-1], 2 * size
    following = seal(purpose, before, rank + len(shown)) if is_more else None
    return FeedPage(shown, Facts(MODEL, 0, len(shown)), following, order_id=request_id, first_rank=rank)


def _newest(viewer: User, feed: str, before: int, count: int) -> list[int]:
    if feed == "following":
        return [row[0] for row in _FOLLOWING.rows(viewer=viewer.pk, before=before, limit=count)]
    return [row[0] for row in _LATEST.rows(before=before, limit=count)]

"""Feeds in the order of time, the newest first: following, latest, of a tag, of a challenge.

Skeletons are ids in order, read from an index alone; who may see them is asked of each page. Only where policy hides
hundreds of posts in a row does a page stay short, with a `next`: no viewer pays for all of them at once.
"""

from feeds.order import following
from feeds.order.places import SLACK, Facts, FeedPage, Place, Where
from sora_social.accounts.models import User
from sora_social.challenges.models import Challenge
from sora_social.core.cursors import seal, unseal
from sora_social.core.errors import NotFound
from sora_social.core.prepared import Prepared
from sora_social.posts import presenting
from sora_social.posts.models import Post, PostTag, Visibility
from sora_social.posts.presenting import Presented

MODEL = "chronological"
ROUNDS_AT_MOST = 4  # each twice as wide as the one before

WHY = {
    "following": '[{"code":"following","text":"You follow its author","weight":1.0}]',
    "latest": '[{"code":"latest","text":"The newest post that you may see","weight":1.0}]',
    "tag": '[{"code":"tag","text":"It has the tag that you asked for","weight":1.0}]',
    "challenge": '[{"code":"challenge","text":"It was made for this challenge","weight":1.0}]',
}
MINE = '[{"code":"mine","text":"You made it","weight":1.0}]'

_LATEST = Prepared(
    lambda before: (
        Post.objects.filter(visibility=Visibility.PUBLIC, deleted_at=None, removed_at=None, pk__lt=before)
        .order_by("-pk")
        .values_list("pk")
    ),
    "before",
    limited=True,
)
_TAGGED = Prepared(
    lambda tag, before: PostTag.objects.filter(tag=tag, post__lt=before).order_by("-post").values_list("post_id"),
    "tag",
    "before",
    limited=True,
)
_ENTERED = Prepared(
    lambda challenge, before: (
        Post.objects.filter(challenge=challenge, challenge__is_listed=True, pk__lt=before)
        .order_by("-pk")
        .values_list("pk")
    ),
    "challenge",
    "before",
    limited=True,
)


def page(viewer: User, feed: str, of: str, where: Where) -> FeedPage:
    """Raises Invalid for a cursor of another list or person, NotFound when there is no such challenge."""
    purpose = f"{feed} {of} {viewer.pk}"
    if feed == "challenge" and not where.cursor and not Challenge.objects.listed().filter(pk=of).exists():
        raise NotFound
    before, rank = unseal(purpose, where.cursor, 2) if where.cursor else (2**63 - 1, 0)
    shown: list[tuple[Place, bytes]] = []
    limit = where.limit
    size = limit + SLACK + limit // 8
    is_more = False
    for _ in range(ROUNDS_AT_MOST):
        ids = _newest(viewer, feed, of, before, size)
        rendered = presenting.present(viewer, ids, listed=True)
        visible = [post_id for post_id in ids if post_id in rendered]
        taken = visible[: limit - len(shown)]
        shown += [(_place(viewer, feed, post_id, rendered), rendered[post_id]) for post_id in taken]
        is_more = len(visible) > len(taken) or len(ids) == size
        if len(shown) == limit:
            before = shown[-1][0].post_id
            break
        if not is_more:
            break
        before, size = ids[-1], 2 * size
    onwards = seal(purpose, before, rank + len(shown)) if is_more else None
    return FeedPage(shown, Facts(MODEL, 0, len(shown)), onwards, order_id=where.request_id, first_rank=rank)


def _place(viewer: User, feed: str, post_id: int, rendered: Presented) -> Place:
    mine = feed == "following" and rendered.author_of(post_id) == viewer.pk
    return Place(post_id, 0.0, 1.0, MINE if mine else WHY[feed])


def _newest(viewer: User, feed: str, of: str, before: int, count: int) -> list[int]:
    match feed:
        case "following":
            return following.newest(viewer, before=before, count=count)
        case "tag":
            rows = _TAGGED.rows(tag=of, before=before, limit=count)
        case "challenge":
            rows = _ENTERED.rows(challenge=int(of), before=before, limit=count)
        case _:
            rows = _LATEST.rows(before=before, limit=count)
    return [row[0] for row in rows]

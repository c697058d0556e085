"""Feeds in the order of time, the newest first: following, latest, of a tag, of a challenge, of a template.

Skeletons are ids in order, read from an index alone; who may see them is asked of each page (`filling`).
"""

from collections.abc import Sequence

from django.db.models import Subquery

from feeds.order import following
from feeds.order.filling import fill
from feeds.order.places import Facts, FeedPage, Place, Where
from remix.models import Edge, EdgeKind
from sora_social.accounts.models import User
from sora_social.challenges.models import Challenge
from sora_social.core.cursors import seal, unseal
from sora_social.core.errors import NotFound
from sora_social.core.filling import Key
from sora_social.core.prepared import Prepared
from sora_social.posts import presenting
from sora_social.posts.models import Post, PostTag, Visibility
from sora_social.posts.presenting import Presented
from sora_social.studio.templates.models import Template
from sora_social.studio.templates.reading import opened

MODEL = "chronological"

WHY = {
    "following": '[{"code":"following","text":"You follow its author","weight":1.0}]',
    "latest": '[{"code":"latest","text":"The newest post that you may see","weight":1.0}]',
    "tag": '[{"code":"tag","text":"It has the tag that you asked for","weight":1.0}]',
    "challenge": '[{"code":"challenge","text":"It was made for this challenge","weight":1.0}]',
    "template": '[{"code":"template","text":"It was made with this template","weight":1.0}]',
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
    """Raises Invalid for a cursor of another list or person, NotFound when there is no such challenge or template."""
    purpose = f"{feed} {of} {viewer.pk}"
    if feed == "challenge" and not where.cursor and not Challenge.objects.listed().filter(pk=of).exists():
        raise NotFound
    if feed == "template":
        opened(viewer, int(of))
    before, rank = unseal(purpose, where.cursor, 2) if where.cursor else (2**63 - 1, 0)
    mine: set[int] = set()

    def ask(after: Key, count: int) -> Sequence[Key]:
        return _newest(viewer, feed, of, after[0], count)

    def seen(post_ids: Sequence[int]) -> Presented:
        if feed == "template":  # of a post's templates this one alone
            post_ids = list(Post.objects.filter(pk__in=post_ids, template__id=of).values_list("pk", flat=True))
        rendered = presenting.present(viewer, post_ids, listed=True)
        mine.update(post_id for post_id in rendered if rendered.author_of(post_id) == viewer.pk)
        return rendered

    found, following_key = fill(ask, seen, after=(before,), limit=where.limit)
    shown = [(_place(feed, post_id, is_mine=post_id in mine), body) for (post_id,), body in found]
    onwards = seal(purpose, *following_key, rank + len(shown)) if following_key else None
    return FeedPage(shown, Facts(MODEL, 0, len(shown)), onwards, order_id=where.request_id, first_rank=rank)


def _place(feed: str, post_id: int, *, is_mine: bool) -> Place:
    return Place(post_id, 0.0, 1.0, MINE if is_mine and feed == "following" else WHY[feed])


def _newest(viewer: User, feed: str, of: str, before: int, count: int) -> Sequence[Key]:
    match feed:
        case "following":
            return [(post_id,) for post_id in following.newest(viewer, before=before, count=count)]
        case "tag":
            return _TAGGED.rows(tag=of, before=before, limit=count)
        case "challenge":
            return _ENTERED.rows(challenge=int(of), before=before, limit=count)
        case "template":
            return _made_with(of, before, count)
        case _:
            return _LATEST.rows(before=before, limit=count)


def _made_with(template_id: str, before: int, count: int) -> Sequence[Key]:
    """What was made with any template of the same post, but for what its author hid."""
    source = Template.objects.filter(pk=template_id).values("post_id")
    made = Edge.objects.shown().filter(source=Subquery(source), kind=EdgeKind.TEMPLATE, derivation__lt=before)
    return list(made.order_by("-derivation").values_list("derivation_id")[:count])

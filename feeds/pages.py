"""A page of a feed: skeleton → policy → hydrate → bytes.

Skeleton: ranked or chronological ids. Policy and hydration: one query that asks visibility of every item again and
brings counts (`posts.presenting`). A page that policy made short is refilled from the skeleton. Only where policy hides
hundreds of posts in a row does a page of a chronological feed stay short, with a `next`: no viewer pays for all of them
at once.
"""

import secrets
import time
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from feeds import logbook, snapshots
from feeds.models import ServedPage
from feeds.snapshots import Facts, Place
from sora_social.accounts.models import Follow, Mute, User
from sora_social.core.cursors import seal, unseal
from sora_social.core.prepared import Prepared
from sora_social.posts import presenting
from sora_social.posts.models import Post, Visibility

FEEDS = ("for_you", "following", "latest")
CHRONOLOGICAL = "chronological"
SLACK = 8  # taken beyond the page, so that a few vanished posts cost no second round
ROUNDS_AT_MOST = 4  # each twice as wide as the one before


def _heard(viewer: int) -> QuerySet[Follow, Any]:
    """Whom `viewer` follows, without those whom they muted."""
    muted = Mute.objects.filter(muter=viewer, muted=OuterRef("followee"))
    return Follow.objects.filter(follower=viewer).exclude(Exists(muted)).values("followee")


# skeletons: ids in order, read from an index alone; who may see them is asked of each page
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


def new_request_id() -> int:
    """A time-ordered id made here: milliseconds since 2025, and 21 random bits."""
    return (int(time.time() * 1000) - 1_735_689_600_000) << 21 | secrets.randbits(21)


def page_for(viewer: User, *, feed: str, cursor: str, limit: int) -> bytes:
    """One page as JSON bytes. Raises Invalid for a cursor of another list or person."""
    if feed == "for_you":
        return _for_you(viewer, cursor, limit)
    return _chronological(viewer, feed, cursor, limit)


def _for_you(viewer: User, cursor: str, limit: int) -> bytes:
    purpose = f"for_you {viewer.pk}"
    request_id = new_request_id()
    snapshot_id, offset, began = unseal(purpose, cursor, 3) if cursor else (0, 0, request_id)
    found = snapshots.places_from(viewer, snapshot_id, offset, limit + SLACK) if cursor else None
    shown: list[tuple[Place, bytes]] = []
    first_rank = offset
    rebuilt = False
    facts = Facts("", 0, 0)
    while True:
        if found is None:
            if rebuilt:
                break
            logbook.flush()  # what was served a moment ago must not come again
            snapshot_id, offset, rebuilt = request_id, 0, True
            first_rank = first_rank if shown else 0
            facts, every = snapshots.build(viewer, snapshot_id=snapshot_id, began=began)
            found = facts, every[: limit + SLACK]
        facts, places = found
        rendered = presenting.present(viewer, [place.post_id for place in places], listed=True)
        already = {place.post_id for place, _ in shown}
        for place in places:
            if len(shown) == limit:
                break
            offset += 1
            if place.post_id in rendered and place.post_id not in already:
                shown.append((place, rendered[place.post_id]))
        if len(shown) == limit:
            break
        found = snapshots.places_from(viewer, snapshot_id, offset, limit + SLACK) if offset < facts.length else None
    following = seal(purpose, snapshot_id, offset, began) if len(shown) == limit else None
    page = ServedPage(pk=request_id, viewer=viewer, feed="for_you", snapshot_id=snapshot_id, first_rank=first_rank)
    _log(page, facts, [place for place, _ in shown])
    return presenting.list_bytes(
        (_item(request_id, index, place, post) for index, (place, post) in enumerate(shown)), following
    )


_WHY = {
    "following": '[{"code":"following","text":"You follow its author","weight":1.0}]',
    "latest": '[{"code":"latest","text":"The newest post that you may see","weight":1.0}]',
}


def _chronological(viewer: User, feed: str, cursor: str, limit: int) -> bytes:
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
    request_id = new_request_id()
    page = ServedPage(pk=request_id, viewer=viewer, feed=feed, snapshot_id=request_id, first_rank=rank)
    _log(page, Facts(CHRONOLOGICAL, 0, len(shown)), [place for place, _ in shown])
    following = seal(purpose, before, rank + len(shown)) if is_more else None
    return presenting.list_bytes(
        (_item(request_id, index, place, post) for index, (place, post) in enumerate(shown)), following
    )


def _newest(viewer: User, feed: str, before: int, count: int) -> list[int]:
    if feed == "following":
        return [row[0] for row in _FOLLOWING.rows(viewer=viewer.pk, before=before, limit=count)]
    return [row[0] for row in _LATEST.rows(before=before, limit=count)]


def _item(request_id: int, index: int, place: Place, post: bytes) -> bytes:
    impression = b"%d-%d" % (request_id, index)
    return b'{"type":"post","id":"%b","impression_id":"%b","why":%b,"post":%b}' % (
        impression,
        impression,
        place.why.encode(),
        post,
    )


def _log(page: ServedPage, facts: Facts, places: Sequence[Place]) -> None:
    """Hand the page's impressions to the log, with all that the ranker learns from."""
    if not places:
        return
    page.candidate_set_hash, page.model = facts.candidate_set_hash, facts.model
    page.post_ids = [place.post_id for place in places]
    page.scores = [place.score for place in places]
    page.propensities = [place.propensity for place in places]
    page.reasons = [place.why for place in places]
    logbook.record(page)

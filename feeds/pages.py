"""A page of a feed: skeleton → policy → hydrate → cards → bytes.

Skeleton: ranked (`ranked`) or chronological (`chronological`) ids. Policy and hydration: one query that asks visibility
of every item again and brings counts (`posts.presenting`). What is served is handed to the impression log.
"""

from feeds import chronological, logbook, ranked
from feeds.models import ServedPage
from feeds.page import FeedPage, Place, new_request_id
from sora_social.accounts.models import User
from sora_social.posts import presenting

FEEDS = ("for_you", "following", "latest")


def page_for(viewer: User, *, feed: str, cursor: str, limit: int) -> bytes:
    """One page as JSON bytes. Raises Invalid for a cursor of another list or person."""
    request_id = new_request_id()
    if feed == "for_you":
        page = ranked.page(viewer, cursor=cursor, limit=limit, request_id=request_id)
    else:
        page = chronological.page(viewer, feed, cursor=cursor, limit=limit, request_id=request_id)
    _log(viewer, feed, request_id, page)
    items = (_item(request_id, index, place, post) for index, (place, post) in enumerate(page.shown))
    return presenting.list_bytes(items, page.next)


def _item(request_id: int, index: int, place: Place, post: bytes) -> bytes:
    impression = b"%d-%d" % (request_id, index)
    return b'{"type":"post","id":"%b","impression_id":"%b","why":%b,"post":%b}' % (
        impression,
        impression,
        place.why.encode(),
        post,
    )


def _log(viewer: User, feed: str, request_id: int, page: FeedPage) -> None:
    """Hand the page's impressions to the log, with all that the ranker learns from."""
    if not page.shown:
        return
    places = [place for place, _ in page.shown]
    packed = b"".join([place.features for place in places])
    logbook.record(
        ServedPage(
            pk=request_id,
            viewer=viewer,
            feed=feed,
            snapshot_id=page.order_id,
            candidate_set_hash=page.facts.candidate_set_hash,
            model=page.facts.model,
            first_rank=page.first_rank,
            post_ids=[place.post_id for place in places],
            scores=[place.score for place in places],
            propensities=[place.propensity for place in places],
            slots=[place.slot for place in places],
            reasons=[place.why for place in places],
            features=packed or None,
            layout=page.facts.layout,
        )
    )

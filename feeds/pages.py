"""A page of a feed: skeleton → policy → hydrate → cards → bytes.

Skeleton: ranked (`ranked`) or chronological (`chronological`) ids. Policy and hydration: one query that asks visibility
of every item again and brings counts (`posts.presenting`). What is served is handed to the impression log.
"""

from typing import Any

from feeds import chronological, logbook, nudge_cards, ranked, scrolling
from feeds.models import ServedPage
from feeds.nudge_texts import Language
from feeds.page import FeedPage, Place, new_request_id
from sora_social.accounts.models import User

FEEDS = ("for_you", "following", "latest")


def page_for(viewer: User, *, feed: str, cursor: str, limit: int, language: Language = "en") -> bytes:
    """One page as JSON bytes. Raises Invalid for a cursor of another list or person."""
    request_id = new_request_id()
    cursor = "" if cursor == nudge_cards.BEGINNING else cursor
    with scrolling.page(viewer, wanted=limit) as entrance:
        if entrance.hold is not None:
            return nudge_cards.pause_bytes(entrance, cursor, language)
        page = _page(viewer, feed, cursor=cursor, limit=entrance.granted, request_id=request_id)
        entrance.leave(served=len(page.shown))
    _log(viewer, feed, request_id, page, arm=entrance.arm, nudge_state=entrance.state)
    items = (_item(request_id, index, place, post) for index, (place, post) in enumerate(page.shown))
    return nudge_cards.page_bytes(entrance, items, page.next, language)


def _page(viewer: User, feed: str, *, cursor: str, limit: int, request_id: int) -> FeedPage:
    if feed == "for_you":
        return ranked.page(viewer, cursor=cursor, limit=limit, request_id=request_id)
    return chronological.page(viewer, feed, cursor=cursor, limit=limit, request_id=request_id)


def _item(request_id: int, index: int, place: Place, post: bytes) -> bytes:
    impression = b"%d-%d" % (request_id, index)
    return b'{"type":"post","id":"%b","impression_id":"%b","why":%b,"post":%b}' % (
        impression,
        impression,
        place.why.encode(),
        post,
    )


def _log(viewer: User, feed: str, request_id: int, page: FeedPage, *, arm: str, nudge_state: dict[str, Any]) -> None:
    """Hand the page's impressions to the log, with all that the ranker learns from."""
    if not page.shown:
        return
    places = [place for place, _ in page.shown]
    logbook.record(
        ServedPage(
            pk=request_id,
            viewer=viewer,
            feed=feed,
            snapshot_id=page.order_id,
            candidate_set_hash=page.facts.candidate_set_hash,
            model=page.facts.model,
            steering=page.facts.steering,
            arm=arm,
            nudge_state=nudge_state,
            first_rank=page.first_rank,
            post_ids=[place.post_id for place in places],
            scores=[place.score for place in places],
            propensities=[place.propensity for place in places],
            reasons=[place.why for place in places],
        )
    )

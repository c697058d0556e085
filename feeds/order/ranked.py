"""For You: pages cut from the ranked order of one scroll.

Redis keeps the order; when it is gone or used up, a new one is made without what was served.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from feeds import logbook
from feeds.order import cutting, moods, pipeline, snapshots
from feeds.order.cutting import Renewed, read_from
from feeds.order.places import Facts, FeedPage, Place, Where
from sora_social.accounts.models import User


def purpose(viewer: User, mood: str) -> str:
    """What ties a cursor to the orders that are made for this viewer, of a mood if one is named."""
    return f"{f'mood {mood}' if mood else 'for_you'} {viewer.pk}"


def owner(viewer: User) -> str:
    """Whose orders Redis keeps, under their mark: one made by rules and switches that they changed since is found no
    more."""
    return f"{viewer.pk}:{viewer.feed_mark}"


@dataclass(frozen=True, slots=True)
class _OwnOrders:
    """The orders that are made for one viewer, of a mood if one is named."""

    viewer: User
    mood: str

    @property
    def purpose(self) -> str:
        return purpose(self.viewer, self.mood)

    @property
    def left(self) -> str:
        return ""

    @property
    def goes_on(self) -> bool:
        return True

    def read(self, order_id: int, offset: int, count: int) -> tuple[Facts, Sequence[Place]] | None:
        return snapshots.places_from(owner(self.viewer), order_id, offset, count)

    def renew(self, began: int, request_id: int) -> Renewed:
        logbook.flush()  # what was served a moment ago must not come again
        topics = moods.topics_of(self.mood) if self.mood else ()
        order = pipeline.make(pipeline.ask(self.viewer, order_id=request_id, began=began, topics=topics))
        snapshots.keep(owner(self.viewer), request_id, order.facts, order.places)
        return Renewed(request_id, began, partial(read_from, order.facts, order.places))

    def passed_over(self, order_id: int, began: int) -> frozenset[int]:
        """None: an order is made without them."""
        return frozenset()

    def unwanted(self, post_ids: Sequence[int]) -> frozenset[int]:
        """None: an order is made by the viewer's rules."""
        return frozenset()


def page(viewer: User, mood: str, where: Where) -> FeedPage:
    """Raises Invalid for a cursor of another list or person, and when there is no such mood."""
    return cutting.page(viewer, _OwnOrders(viewer, mood), where)

"""Orders that are the same for everybody: For You without personalisation, one for each region, and Top.

An order is made anew every few minutes by whoever asks first, kept in Redis, and scrolled through by all. Only policy
is the viewer's own: what they may not see is passed over. A scroll whose order is lost goes on in the present one,
without what it showed before.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256

import orjson
import redis
import structlog
from django.conf import settings

from feeds import logbook
from feeds.models import MostMade, ServedPage
from feeds.moments import PAGE_BITS
from feeds.order import cutting, moods, pipeline, ranked, snapshots
from feeds.order.cutting import Renewed, read_from
from feeds.order.places import Facts, FeedPage, Place, Where
from feeds.steering import steered
from sora_social.accounts.models import User
from sora_social.core import bus

log = structlog.get_logger(__name__)

FRESH_MS = 300_000  # an order is offered to new scrolls for so long
MAKING_SECONDS = 10  # who makes the next one is waited for no longer
TOP_AT_MOST = 500

Made = tuple[Facts, Sequence[Place]]
Make = Callable[[int, int], Made]

# the order that new scrolls begin in, unless somebody else was quicker to say which
_AGREE = """
local present = redis.call('GET', KEYS[1])
if present and present ~= ARGV[1] then return present end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return ARGV[2]
"""


def for_you(viewer: User, region: str, mood: str, where: Where) -> FeedPage:
    """For You, of a mood if one is named, as everybody in the region gets it.

    No source, feature or memory of one viewer is in its order. Raises Invalid for a cursor of another list or person,
    and when there is no such mood.
    """

    def make(order_id: int, seed: int) -> Made:
        topics = moods.topics_of(mood) if mood else ()
        order = pipeline.make(pipeline.ask_for_all(region, order_id=order_id, seed=seed, topics=topics))
        return Facts(f"all {order.facts.model}", order.facts.candidate_set_hash, order.facts.length), order.places

    orders = _SharedOrders(viewer, _list_of(mood), region, make, left=ranked.purpose(viewer, mood))
    return cutting.page(viewer, orders, where)


def is_of_for_you(viewer: User, mood: str, cursor: str) -> bool:
    """Whether a scroll is of For You as everybody gets it."""
    return cutting.belongs(cursor, _purpose(viewer, _list_of(mood)))


def _list_of(mood: str) -> str:
    return f"mood {mood}" if mood else "for_you"


def _purpose(viewer: User, name: str) -> str:
    return f"{name} of all {viewer.pk}"


def top(viewer: User, where: Where) -> FeedPage:
    """What most people made something of within a week. Raises Invalid for a cursor of another list or person."""
    return cutting.page(viewer, _SharedOrders(viewer, "top", "", _make_top), where)


def _make_top(order_id: int, seed: int) -> Made:
    rows = MostMade.objects.filter(maker_count__gt=0).order_by("-maker_count", "-pk").values_list("pk", "maker_count")
    places = [Place(post_id, float(makers), 1.0, _why_top(makers)) for post_id, makers in rows[:TOP_AT_MOST]]
    return Facts("top", 0, len(places)), places


def _why_top(makers: int) -> str:
    people = "1 person" if makers == 1 else f"{makers} people"
    return orjson.dumps([{"code": "top", "text": f"{people} made something of it this week", "weight": 1.0}]).decode()


@dataclass(frozen=True, slots=True)
class _SharedOrders:
    """`make` makes the order of a list in a region, given its id and a seed that all who ask in these minutes have.

    `left` is the purpose of scrolls that go on here when personalisation is switched off.
    """

    viewer: User
    name: str
    region: str
    make: Make
    left: str = ""

    @property
    def purpose(self) -> str:
        return _purpose(self.viewer, self.name)

    @property
    def goes_on(self) -> bool:
        return False

    @property
    def _owner(self) -> str:
        return f"all:{self.name} {self.region}"

    @property
    def _present_key(self) -> str:
        return f"feed:{self._owner}:present"

    def read(self, order_id: int, offset: int, count: int) -> Made | None:
        return snapshots.places_from(self._owner, order_id, offset, count)

    def renew(self, began: int, request_id: int) -> Renewed:
        """The present order. It is made when there is none, and when it is old and nobody else is at it.

        A scroll that goes on in it carries the moment when it began with a minus.
        """
        began = began if began == request_id else -abs(began)
        present, is_usable = self._present(request_id)
        if is_usable:
            return Renewed(present, began, partial(self.read, present))
        facts, places = self.make(request_id, _seed(self._owner, request_id))
        kept = settings.FEED_SNAPSHOT_SECONDS * 1000 // FRESH_MS
        snapshots.keep(self._owner, request_id, facts, places, at_most=kept)
        agreed = self._agree(present, request_id)
        if agreed != request_id and self.read(agreed, 0, 1) is not None:
            return Renewed(agreed, began, partial(self.read, agreed))
        return Renewed(request_id, began, partial(read_from, facts, places))

    def passed_over(self, order_id: int, began: int) -> frozenset[int]:
        if began > 0:  # it never lost an order
            return frozenset()
        logbook.flush()
        pages = ServedPage.objects.filter(viewer=self.viewer, pk__gte=-began, feed=self.name.split()[0])
        served = pages.exclude(snapshot_id=order_id).values_list("post_ids", flat=True)
        return frozenset(post_id for ids in served for post_id in ids)

    def unwanted(self, post_ids: Sequence[int]) -> frozenset[int]:
        """What the viewer said no to is not in their For You; their other rules change nothing that all share."""
        return steered.unwanted(self.viewer, post_ids) if self.name != "top" else frozenset()

    def _present(self, request_id: int) -> tuple[int, bool]:
        """The order that new scrolls begin in, 0 when none was told of; and whether it will do for this one."""
        present = 0
        try:
            present = int(bus.client().get(self._present_key) or 0)
            if not present or self.read(present, 0, 1) is None:
                return present, False
            is_fresh = (request_id - present) >> PAGE_BITS < FRESH_MS
            may_make = is_fresh or bus.client().set(f"{self._present_key}:making", 1, nx=True, ex=MAKING_SECONDS)
        except redis.RedisError as error:
            log.warning("shared_order_not_read", error=str(error))
            return present, False
        return present, is_fresh or not may_make

    def _agree(self, before: int, order_id: int) -> int:
        """Offer an order in the place of the one before; the one that all agree on."""
        try:
            return int(
                bus.client().eval(_AGREE, 1, self._present_key, before or "", order_id, settings.FEED_SNAPSHOT_SECONDS)
            )
        except redis.RedisError as error:
            log.warning("shared_order_not_agreed", error=str(error))
            return order_id


def _seed(owner: str, request_id: int) -> int:
    minutes = (request_id >> PAGE_BITS) // FRESH_MS
    return int.from_bytes(sha256(f"{owner} {minutes}".encode()).digest()[:8], "big")

"""Pages cut from an order: each place once, no page short of what there is, and the caps hold on every page.

A cursor names the order, the first place that was not dealt with, which of the places after it were, and the moment the
scroll began. It never grows. What would be a third post by an author or of a root on a page waits for the next one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from feeds.order.places import Facts, FeedPage, Place, Where
from ranking.slate import PAGE_SIZE, PER_AUTHOR, PER_ROOT
from sora_social.accounts.models import User
from sora_social.core.cursors import seal, unseal
from sora_social.core.errors import Invalid
from sora_social.core.filling import SLACK
from sora_social.posts import presenting
from sora_social.posts.presenting import Presented

AHEAD = 62  # places after the first open one that a cursor can tell of


Read = Callable[[int, int], "tuple[Facts, Sequence[Place]] | None"]
Unwanted = Callable[[Sequence[int]], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Renewed:
    """An order to begin with, or to go on in. `read` gives so many of its places from an offset on."""

    order_id: int
    began: int
    read: Read


class Orders(Protocol):
    """Where the order of a scroll is kept, and made."""

    @property
    def purpose(self) -> str:
        """Ties a cursor to this list and person."""

    @property
    def left(self) -> str:
        """The purpose of other cursors that may go on here, as if their order were lost; empty when none may."""

    @property
    def goes_on(self) -> bool:
        """Whether there is another order when one is used up."""

    def read(self, order_id: int, offset: int, count: int) -> "tuple[Facts, Sequence[Place]] | None":
        """`count` places from `offset` on; None when the order is gone."""

    def renew(self, began: int, request_id: int) -> Renewed:
        """`began` is what the cursor says of the beginning of the scroll, `request_id` when it begins now."""

    def passed_over(self, order_id: int, began: int) -> frozenset[int]:
        """Posts of this order that the scroll showed before it came to it."""

    def unwanted(self, post_ids: Sequence[int]) -> frozenset[int]:
        """Which of these posts of an order the viewer's own rules take from their page."""


class _Cut:
    """A page in the making: what is on it, and how far its order was dealt with."""

    def __init__(self, limit: int, *, offset: int = 0, after: int = 0) -> None:
        self.limit = limit
        pages = -(-limit // PAGE_SIZE)  # the caps are meant for one: a longer page may hold as many more
        self.per_author, self.per_root = PER_AUTHOR * pages, PER_ROOT * pages
        self.shown: list[tuple[Place, bytes]] = []
        self.authors: dict[int, int] = {}
        self.roots: dict[int, int] = {}
        self.begin(offset, after)

    def begin(self, offset: int = 0, after: int = 0) -> None:
        """Go on in another order, or further down in it. Bit n of `after`: the place offset + 1 + n was dealt with."""
        self.offset, self.after, self.next = offset, after, offset

    @property
    def is_full(self) -> bool:
        return len(self.shown) == self.limit

    @property
    def has_room_ahead(self) -> bool:
        return self.next - self.offset <= AHEAD

    def is_open(self, rank: int) -> bool:
        return rank == self.offset or (rank > self.offset and not self.after >> (rank - self.offset - 1) & 1)

    def close(self, rank: int) -> None:
        if rank > self.offset:
            self.after |= 1 << (rank - self.offset - 1)
            return
        while True:  # the first open place is gone, and with it those after it that were dealt with
            self.offset, gone, self.after = self.offset + 1, self.after & 1, self.after >> 1
            if not gone:
                break

    def take(self, rank: int, place: Place, rendered: Presented) -> None:
        author_id, root_id = rendered.maker_and_root(place.post_id)
        self.shown.append((place, rendered[place.post_id]))
        self.authors[author_id] = self.authors.get(author_id, 0) + 1
        self.roots[root_id] = self.roots.get(root_id, 0) + 1
        self.close(rank)

    def broken_by(self, place: Place, rendered: Presented) -> int:
        """0 when the post fits on the page, else what must give way for it: 1 the root's cap, 2 the author's."""
        author_id, root_id = rendered.maker_and_root(place.post_id)
        if self.authors.get(author_id, 0) >= self.per_author:
            return 2
        return int(self.roots.get(root_id, 0) >= self.per_root)


def page(viewer: User, orders: Orders, where: Where) -> FeedPage:
    """A page that policy made short is refilled. Raises Invalid for a cursor of another list or person."""
    order_id, offset, after, began = _unsealed(orders, where.cursor) if where.cursor else (0, 0, 0, where.request_id)
    cut = _Cut(where.limit, offset=offset, after=after)
    first_rank, facts = offset, None
    if order_id:
        passed_over = orders.passed_over(order_id, began)
        facts = _fill(viewer, cut, partial(orders.read, order_id), passed_over, orders.unwanted)
    if facts is None or (orders.goes_on and not cut.is_full):  # it is lost, or used up
        renewed = orders.renew(began, where.request_id)
        first_rank = first_rank if cut.shown else 0
        order_id, began = renewed.order_id, renewed.began
        cut.begin()
        passed_over = orders.passed_over(order_id, began)
        facts = _fill(viewer, cut, renewed.read, passed_over, orders.unwanted)
    onwards = seal(orders.purpose, order_id, cut.offset, cut.after, began) if cut.is_full else None
    return FeedPage(cut.shown, facts or Facts("", 0, 0), onwards, order_id=order_id, first_rank=first_rank)


def belongs(cursor: str, purpose: str) -> bool:
    """Whether a cursor is of this list and person."""
    try:
        unseal(purpose, cursor, 4)
    except Invalid:
        return False
    return True


def _unsealed(orders: Orders, cursor: str) -> tuple[int, ...]:
    if orders.left and belongs(cursor, orders.left):
        return 0, 0, 0, unseal(orders.left, cursor, 4)[3]
    return unseal(orders.purpose, cursor, 4)


def read_from(facts: Facts, places: Sequence[Place], offset: int, count: int) -> tuple[Facts, Sequence[Place]]:
    """Read an order that is at hand."""
    return facts, places[offset : offset + count]


def _fill(viewer: User, cut: _Cut, read: Read, passed_over: frozenset[int], unwanted: Unwanted) -> Facts | None:
    """Take places in their order; those that break a cap wait, and are taken only for want of others.

    None when the order is gone.
    """
    passed_over |= {place.post_id for place, _ in cut.shown}
    facts = None
    while not cut.is_full:
        waiting: list[tuple[int, int, Place, Presented]] = []
        while not cut.is_full and cut.has_room_ahead and (facts is None or cut.next < facts.length):
            # where caps made the first round short, the second one sees all that may be looked at
            count = max(cut.limit + SLACK, AHEAD + 1 - (cut.next - cut.offset)) if waiting else cut.limit + SLACK
            found = read(cut.next, count)
            if found is None:
                return None
            facts, places = found
            if places:
                left_out = passed_over | unwanted([place.post_id for place in places])
                _look_through(viewer, cut, places, left_out, waiting)
            else:  # it is shorter than it says
                cut.next = facts.length
        for _, rank, place, rendered in sorted(waiting, key=_what_gives_way):
            if not cut.is_full:
                cut.take(rank, place, rendered)
        if facts is None or cut.next >= facts.length:
            break
    return facts


def _look_through(
    viewer: User,
    cut: _Cut,
    places: Sequence[Place],
    passed_over: frozenset[int],
    waiting: list[tuple[int, int, Place, Presented]],
) -> None:
    ranked: Sequence[tuple[int, Place]] = list(enumerate(places, cut.next))
    if cut.after or cut.offset > cut.next:
        ranked = [(rank, place) for rank, place in ranked if cut.is_open(rank)]
    rendered = presenting.present(viewer, [place.post_id for _, place in ranked], listed=True)
    end = cut.next + len(places)
    for rank, place in ranked:
        cut.next = rank
        if cut.is_full or not cut.has_room_ahead:
            return
        if place.post_id in passed_over or place.post_id not in rendered:
            cut.close(rank)
        elif broken := cut.broken_by(place, rendered):
            waiting.append((broken, rank, place, rendered))
        else:
            cut.take(rank, place, rendered)
    cut.next = end


def _what_gives_way(waiting: tuple[int, int, Place, Presented]) -> tuple[int, int]:
    broken, rank, *_ = waiting
    return broken, rank

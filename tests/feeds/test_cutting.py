"""Pages cut from an order: nothing lost, nothing twice, no page short, and the caps hold. Hundreds of random orders."""

from collections import Counter
from functools import partial
from random import Random
from types import SimpleNamespace

import pytest

from feeds.order import cutting
from feeds.order.places import Facts, Place, Where
from sora_social.posts import presenting

ADA = SimpleNamespace(pk=7)


class Orders:
    """An order in memory, of posts by number; who made what, from which root, and what has vanished by now."""

    purpose, left, goes_on = "test", "", False

    def __init__(self, chance, count, *, authors, roots):
        self.author = [chance.randrange(authors) for _ in range(count)]
        self.root = [chance.randrange(roots) for _ in range(count)]
        self.places = [Place(post_id, 1.0, 1.0, "[]") for post_id in range(count)]
        self.vanished = set()

    def read(self, order_id, offset, count):
        return Facts("m", 0, len(self.places)), self.places[offset : offset + count]

    def renew(self, began, request_id):
        return cutting.Renewed(1, began, partial(self.read, 1))

    def passed_over(self, order_id, began):
        return frozenset()

    def unwanted(self, post_ids):
        return frozenset()

    def present(self, viewer, post_ids, *, listed):
        shown = {post_id: b"%d" % post_id for post_id in post_ids if post_id not in self.vanished}
        return Rendered(shown, self.author, self.root)


class Rendered(dict):
    def __init__(self, shown, author, root):
        super().__init__(shown)
        self.maker_and_root = lambda post_id: (author[post_id], root[post_id])


def cut(orders, limit, cursor="", *, request_id=5):
    page = cutting.page(ADA, orders, Where(cursor, limit, request_id))
    return [place.post_id for place, _ in page.shown], page.next


@pytest.fixture
def world(monkeypatch):
    def made(chance, count, **shape):
        orders = Orders(chance, count, **shape)
        monkeypatch.setattr(presenting, "present", orders.present)
        return orders

    return made


@pytest.mark.parametrize("seed", range(400))
def test_pages_hold_whatever_vanishes(seed, world):
    chance = Random(seed)
    count = chance.choice([0, 1, 19, 20, 21, 90, 200])
    orders = world(chance, count, authors=chance.choice([1, 2, 5, 40, 500]), roots=chance.choice([1, 3, 30, 500]))
    limit = chance.choice([1, 3, 20, 20, 20, 50, 100])
    shown, cursor, lengths = [], "", set()
    while cursor is not None:
        before = set(orders.vanished)
        vanishing = [post_id for post_id in range(count) if chance.random() < chance.choice([0.0, 0.02, 0.2])]
        orders.vanished |= set(vanishing)
        page, following = cut(orders, limit, cursor)
        assert len(page) == limit or following is None
        assert not set(page) & orders.vanished
        _caps_hold(orders, page, shown, limit)
        shown += page
        if following:
            lengths.add(len(following))
        cursor = following
        assert before <= orders.vanished
    assert len(shown) == len(set(shown))
    assert set(range(count)) - orders.vanished <= set(shown)  # no gap: what is there now was shown
    assert lengths <= {64}


def _caps_hold(orders, page, before, limit):
    """A cap is broken only for want of others: what was at hand for this page broke one too."""
    most = 2 * -(-limit // 20)
    authors = Counter(orders.author[post_id] for post_id in page)
    roots = Counter(orders.root[post_id] for post_id in page)
    if max([*authors.values(), *roots.values(), 0]) <= most:
        return
    left = [n for n in range(len(orders.places)) if n not in before and n not in page and n not in orders.vanished]
    open_places = [n for n in range(len(orders.places)) if n not in before and n not in orders.vanished]
    at_hand = [n for n in left if n <= open_places[0] + cutting.AHEAD]
    fits = [n for n in at_hand if authors[orders.author[n]] < most and roots[orders.root[n]] < most]
    assert not fits, f"{fits} would have fitted, and {page} breaks a cap"


def test_a_third_post_by_an_author_waits_for_the_next_page(world):
    orders = world(Random(1), 45, authors=500, roots=500)
    orders.author = [*[0] * 5, *range(100, 140)]
    orders.root = list(range(45))
    first, cursor = cut(orders, 20)
    assert first == [0, 1, *range(5, 23)]
    second, cursor = cut(orders, 20, cursor)
    assert second == [2, 3, *range(23, 41)]
    third, cursor = cut(orders, 20, cursor)
    assert (third, cursor) == ([4, 41, 42, 43, 44], None)


def test_the_caps_hold_over_pages_that_a_vanished_post_has_shifted(world):
    orders = world(Random(1), 60, authors=500, roots=500)
    orders.author = list(range(60))
    orders.root = [n if n % 10 else -1 for n in range(60)]  # 0, 10, 20, … are of one root: two in each page
    orders.vanished = {3}
    first, _ = cut(orders, 20)
    assert first == [0, 1, 2, *range(4, 20), 21]
    assert sum(orders.root[n] == -1 for n in first) == 2


def test_an_order_that_is_lost_between_pages_is_renewed_and_one_that_is_used_up_ends(world):
    orders = world(Random(1), 30, authors=500, roots=500)
    _, cursor = cut(orders, 20)
    read = orders.read
    orders.read = lambda order_id, offset, count: None if order_id == 1 else read(order_id, offset, count)
    orders.renew = lambda began, request_id: cutting.Renewed(2, began, partial(read, 2))
    orders.passed_over = lambda order_id, began: frozenset(range(20)) if order_id == 2 else frozenset()
    rest, end = cut(orders, 20, cursor)
    assert sorted(rest) == list(range(20, 30))
    assert end is None

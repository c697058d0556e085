"""F5: what a page costs in a small world and in a large one, on the same engines in one run."""

import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.bench.feed_pages import PRODUCT, Scroll, Setting, in_turn, open_sessions, scroll
from tests.bench.report import Row, spread
from tests.bench.servers import Crowd, Server, asking, get, serving, settled
from tests.bench.world import Shape, build

ITEMS = 20
SMALL = Shape.grown(posts=10_000, viewer_follows=1_000, people=2_000)
LARGE = Shape.grown(posts=1_000_000, viewer_follows=30_000, people=40_000)
SMALL_SMOKE = Shape.grown(posts=1_000, viewer_follows=50, people=200)
LARGE_SMOKE = Shape.grown(posts=3_000, viewer_follows=300, people=600)


def named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


def copied(owner_url: str, database: str) -> str:
    """A copy of the migrated database, before anything is in it; its address for the owner."""
    source = urlsplit(owner_url).path.lstrip("/")
    with psycopg.connect(named(owner_url, "postgres"), autocommit=True) as owner:
        words = sql.Identifier(database), sql.Identifier(source)
        owner.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*words))
    return named(owner_url, database)


@dataclass(frozen=True)
class World:
    """A world in a database of its own, and where its keys are in Redis."""

    name: str
    shape: Shape
    viewers: Sequence[int]
    redis_url: str


def build_worlds(owner_url: str, redis_url: str, *, smoke: bool) -> list[World]:
    worlds = []
    shapes = (SMALL_SMOKE, LARGE_SMOKE) if smoke else (SMALL, LARGE)
    for number, (name, shape) in enumerate(zip(("growth_small", "growth_large"), shapes, strict=True)):
        began = time.perf_counter()
        viewers = build(copied(owner_url, name), shape)
        print(f"{name}: {shape.posts:,} posts after {time.perf_counter() - began:.0f} s", flush=True)
        worlds.append(World(name, shape, viewers, redis_url.replace("db=0", f"db={5 + number}")))
    return worlds


@contextmanager
def entered(world: World) -> Iterator[None]:
    """This process speaks to the world's database, and to its Redis."""
    from django.conf import settings
    from django.db import connections

    from feeds.order import timelines
    from sora_social.core import bus

    before = {alias: connections[alias].settings_dict["NAME"] for alias in connections}
    url = settings.REDIS_URL
    try:
        _turn(dict.fromkeys(before, world.name), world.redis_url)
        yield
    finally:
        _turn(before, url)
        assert timelines._script.cache_info().currsize == 0
        assert bus.client.cache_info().currsize == 0


def _turn(databases: dict[str, str], redis_url: str) -> None:
    from django.conf import settings
    from django.db import connections

    from feeds.order import timelines
    from sora_social.core import bus

    for alias, name in databases.items():
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
    settings.REDIS_URL = redis_url
    bus.client.cache_clear()
    timelines._script.cache_clear()


def run(setting: Setting, worlds: Sequence[World]) -> Iterator[Row]:
    from feeds import exposure
    from feeds.order import most_made

    with ExitStack() as stack:
        sides: list[tuple[World, Server, Sequence[Scroll]]] = []
        for world in worlds:
            with entered(world):
                exposure.count()
                exposure.take_pulse()
                most_made.count()
                tokens = open_sessions(replace(setting, viewers=world.viewers))
            address = {name: named(os.environ[name], world.name) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
            server = stack.enter_context(
                serving(PRODUCT, {**address, "REDIS_URL": world.redis_url}, setting.folder / f"{world.name}.log")
            )
            sides.append((world, server, [scroll(server, *each) for each in tokens.items()]))
        for what, goal, requests in (
            ("For You, warm", 1.1, lambda scrolls: in_turn(scrolls, [each.for_you for each in scrolls])),
            ("Following, warm", 1.1, lambda scrolls: in_turn(scrolls, [each.following for each in scrolls])),
            ("For You, cold", 1.5, lambda scrolls: [get(f"/v1/feed?limit={ITEMS}", each.token) for each in scrolls]),
        ):
            crowds = [stack.enter_context(asking(server, requests(scrolls))) for _, server, scrolls in sides]
            for crowd in crowds:
                crowd.run(setting.seconds / 2)
            costs = [[_cost(setting, crowd) for crowd in crowds] for _ in range(setting.rounds)]
            yield _row(worlds, what, goal, costs)
    yield _row(
        worlds,
        "Following, its list made anew, without the page around it",
        1.5,
        [[_cost_of_lists(setting, world) for world in worlds] for _ in range(setting.rounds)],
    )


def _cost(setting: Setting, crowd: Crowd) -> float:
    """Milliseconds of processor time of all processes for a page."""
    settled()
    engines = setting.engine_cpu_seconds()
    rate = crowd.run(setting.seconds)
    return 1000 * (rate.cpu_seconds + setting.engine_cpu_seconds() - engines) / rate.answers


def _cost_of_lists(setting: Setting, world: World) -> float:
    from feeds.order import following, timelines
    from sora_social.accounts.models import User

    with entered(world):
        viewers = list(User.objects.filter(pk__in=world.viewers))
        act = _made_anew(viewers, following.newest, timelines._delete)
        act()
        engines, own = setting.engine_cpu_seconds(), time.process_time()
        for _ in range(3):
            act()
        spent = setting.engine_cpu_seconds() - engines + time.process_time() - own
    return 1000 * spent / (3 * len(viewers))


def _made_anew(
    viewers: Sequence[object], newest: Callable[..., object], delete: Callable[[Sequence[int]], None]
) -> Callable[[], None]:
    def act() -> None:
        for viewer in viewers:
            delete([viewer.pk])
            newest(viewer, count=28)

    return act


def _row(worlds: Sequence[World], what: str, goal: float, costs: Sequence[Sequence[float]]) -> Row:
    small, large = (world.shape for world in worlds)
    ratios = [big / little for little, big in costs]
    first, second = (statistics.median(side) for side in zip(*costs, strict=True))
    return Row(
        "F5",
        f"{what}: from {small.posts:,} posts and {small.viewer_follows:,} follows to {large.posts:,} and "
        f"{large.viewer_follows:,}. Processor time of all processes",
        f"{second:.2f} ms",
        f"{first:.2f} ms",
        spread(ratios),
        f"≤ {goal}×",
        statistics.median(ratios) <= goal,
    )

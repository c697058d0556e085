"""F1 to F4, B2: pages of feeds, against a static page, against the control, in statements, cold, and in memory."""

import json
import os
import statistics
import tempfile
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from tests.bench.report import Row, spread
from tests.bench.servers import Crowd, Rate, Server, asking, get, serving, settled

PRODUCT = "sora_social.wsgi:application"
STATIC = "tests.bench.static_page:application"
CONTROL = "tests.bench.control_wsgi:application"
PAGES_DEEP = 8
ITEMS = 20


@dataclass(frozen=True)
class Setting:
    """What all of these measurements share."""

    folder: Path
    viewers: Sequence[int]
    engine_pids: Sequence[int]
    rounds: int
    seconds: float
    pages: int = 10_000

    def engine_cpu_seconds(self) -> float:
        """Of PostgreSQL and Redis, and what those of their workers spent that have ended."""
        processes = [p for pid in self.engine_pids for p in (psutil.Process(pid), *psutil.Process(pid).children())]
        spent = 0.0
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # a worker of PostgreSQL may end meanwhile
                spent += sum(process.cpu_times()[:4])  # user, system, and the same of children that ended
        return spent


@dataclass(frozen=True)
class Scroll:
    """One viewer, their token, and the pages that they scroll through."""

    viewer_id: int
    token: str
    for_you: Sequence[str]
    following: Sequence[str]
    snapshot_id: int


def open_sessions(setting: Setting) -> dict[int, str]:
    from sora_social.accounts import sessions
    from sora_social.accounts.models import User

    people = User.objects.in_bulk(setting.viewers)
    return {viewer_id: sessions.open_session(people[viewer_id]) for viewer_id in setting.viewers}


def fetch(server: Server, path: str, token: str) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{path}", headers={"X-Session-Token": token})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return bytes(answer.read())


def scroll(server: Server, viewer_id: int, token: str) -> Scroll:
    """Walk the first pages once, so that the snapshot is there and the addresses are known."""
    from sora_social.core.cursors import unseal

    walked: dict[str, list[str]] = {"for_you": [], "following": []}
    snapshot_id = 0
    for feed, paths in walked.items():
        cursor = json.loads(fetch(server, f"/v1/feed?feed={feed}&limit={ITEMS}", token))["next"]
        if feed == "for_you":
            snapshot_id = unseal(f"for_you {viewer_id}", cursor, 4)[0]
        while cursor and len(paths) < PAGES_DEEP:
            path = f"/v1/feed?feed={feed}&limit={ITEMS}&cursor={cursor}"
            cursor = json.loads(fetch(server, path, token))["next"]
            if cursor and feed == "for_you" and unseal(f"for_you {viewer_id}", cursor, 4)[0] != snapshot_id:
                break  # the snapshot was scrolled to its end: that page was not a warm one
            paths.append(path)
    return Scroll(viewer_id, token, walked["for_you"], walked["following"], snapshot_id)


def in_turn(scrolls: Sequence[Scroll], paths: Sequence[Sequence[str]]) -> list[str]:
    """Everybody's first page, then everybody's second: neighbours are never of the same person."""
    return [
        get(of_one[page], each.token)
        for page in range(max(map(len, paths)))
        for each, of_one in zip(scrolls, paths, strict=True)
        if page < len(of_one)
    ]


def alternately(setting: Setting, *crowds: Crowd) -> Iterator[tuple[Rate, ...]]:
    for crowd in crowds:
        crowd.run(setting.seconds / 2)
    for _ in range(setting.rounds):
        rates = []
        for crowd in crowds:
            settled()
            rates.append(crowd.run(setting.seconds))
        yield tuple(rates)


def run(setting: Setting, wanted: Callable[[str], bool]) -> Iterator[Row]:
    with ExitStack() as stack:
        product = stack.enter_context(serving(PRODUCT, {}, setting.folder / "api.log"))
        scrolls = [scroll(product, *each) for each in open_sessions(setting).items()]
        body = setting.folder / "page.json"
        body.write_bytes(fetch(product, scrolls[0].for_you[0], scrolls[0].token))
        bench = {"BENCH_BODY": str(body)}
        if wanted("F1") or wanted("F2"):
            control = stack.enter_context(serving(CONTROL, bench, setting.folder / "control.log"))
        if wanted("F1"):
            static = stack.enter_context(serving(STATIC, bench, setting.folder / "static.log"))
            yield from _against_static(setting, product, static, control, scrolls)
        if wanted("F2"):
            yield from _against_control(setting, product, control, scrolls)
        if wanted("F3"):
            yield from _statements(scrolls)
        if wanted("F4"):
            yield from _cold(setting, product, scrolls)
        if wanted("B2"):
            with serving(PRODUCT, {}, setting.folder / "fresh.log") as fresh:
                yield from _memory(setting, fresh, scrolls)


def _against_static(
    setting: Setting, product: Server, static: Server, control: Server, scrolls: Sequence[Scroll]
) -> Iterator[Row]:
    """Static means two things: a bare WSGI callable under the same granian, and a plain view of the same Django."""
    requests = in_turn(scrolls, [each.for_you for each in scrolls])
    plain = [get("/v1/control/static", each.token) for each in scrolls]
    with (
        asking(product, requests) as ours,
        asking(static, requests) as bare,
        asking(control, plain) as view,
    ):
        rounds, engines = [], 0.0
        for crowd in (ours, bare, view):
            crowd.run(setting.seconds / 2)
        for _ in range(setting.rounds):
            settled()
            before = setting.engine_cpu_seconds()
            mine = ours.run(setting.seconds)
            engines += setting.engine_cpu_seconds() - before
            rounds.append((mine, bare.run(setting.seconds), view.run(setting.seconds)))
    pages = sum(mine.answers for mine, *_ in rounds)
    cost = (
        f"{_middle(rounds, 0)} req/s per core ({1000 * _mean_cpu(rounds, 0):.2f} ms; PostgreSQL and Redis "
        f"{1000 * engines / pages:.2f} ms more, on the other core)"
    )
    size_kb = len(fetch(static, "/", "")) / 1000
    for side, name in ((1, "a bare WSGI callable under the same granian"), (2, "a plain Django view, same middleware")):
        ratios = [rates[0].per_core / rates[side].per_core for rates in rounds]
        yield Row(
            "F1",
            f"For You, warm, {ITEMS} items, {size_kb:.0f} kB; other side: the same bytes from {name}",
            cost,
            f"{_middle(rounds, side)} req/s per core",
            spread(ratios, 3),
            "≥ 0.20",
            statistics.median(ratios) >= 0.20,
        )


def _against_control(setting: Setting, product: Server, control: Server, scrolls: Sequence[Scroll]) -> Iterator[Row]:
    same_content(product, control, scrolls[0])
    following = [[f"/v1/control/following?page={2 + n}" for n, _ in enumerate(each.following)] for each in scrolls]
    for_you = [
        [f"/v1/control/for_you?page={2 + n}&snapshot={each.snapshot_id}" for n, _ in enumerate(each.for_you)]
        for each in scrolls
    ]
    for name, ours, theirs in (
        ("Following", [each.following for each in scrolls], following),
        ("For You", [each.for_you for each in scrolls], for_you),
    ):
        fast, plain = (in_turn(scrolls, paths) for paths in (ours, theirs))
        with asking(product, fast) as mine, asking(control, plain) as other:
            rounds = list(alternately(setting, mine, other))
        ratios = [ours.per_core / control.per_core for ours, control in rounds]
        by_clock = [ours.per_second / control.per_second for ours, control in rounds]
        yield Row(
            "F2",
            f"{name}, warm, {ITEMS} items; other side: DRF list view with serializers",
            f"{_middle(rounds, 0)} req/s per core",
            f"{_middle(rounds, 1)} req/s per core",
            f"{spread(ratios, 1)} (by the clock {spread(by_clock, 1)})",
            "≥ 8×",
            statistics.median(ratios) >= 8,
        )


def same_content(product: Server, control: Server, each: Scroll) -> None:
    """Both sides show the same posts with the same fields, or the comparison is worth nothing."""
    ours = json.loads(fetch(product, f"/v1/feed?feed=following&limit={ITEMS}", each.token))["items"]
    theirs = json.loads(fetch(control, "/v1/control/following?page=1", each.token))["results"]
    assert [item["post"]["id"] for item in ours] == [item["post"]["id"] for item in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        for name in ("media", "created_at"):  # links of another ten seconds, and microseconds in another spelling
            mine["post"].pop(name), other["post"].pop(name)
        assert mine["post"] == other["post"], (mine["post"], other["post"])


def _statements(scrolls: Sequence[Scroll]) -> Iterator[Row]:
    """What really goes over the wire to PostgreSQL for a warm page, traced by libpq itself."""
    from django.test import Client

    client, each = Client(), scrolls[0]
    counts = {}
    for limit in (10, 50):
        for feed in ("for_you", "following"):
            headers = {"X-Session-Token": each.token}
            first = client.get("/v1/feed", {"feed": feed, "limit": limit}, headers=headers).json()
            ask = {"feed": feed, "limit": limit, "cursor": first["next"]}
            for _ in range(7):  # so that what is prepared after some uses is prepared
                client.get("/v1/feed", ask, headers=headers)
            counts[feed, limit] = traced(lambda ask=ask, headers=headers: client.get("/v1/feed", ask, headers=headers))
    most = max(len(found) for found in counts.values())
    words = "; ".join(f"{feed} {limit} items: {len(found)}" for (feed, limit), found in counts.items())
    yield Row(
        "F3",
        "statements to PostgreSQL for a warm page, as libpq traces them, with the person's row of the session check",
        words,
        "",
        f"{most - 1} beside the session check",
        "≤ 3, the same for 10 and 50",
        most - 1 <= 3
        and len({len(counts[feed, 10]) - len(counts[feed, 50]) for feed in ("for_you", "following")}) == 1,
    )


def traced(ask: Callable[[], Any]) -> list[str]:
    """The messages that made PostgreSQL execute something."""
    from django.db import connection

    connection.ensure_connection()
    with tempfile.TemporaryFile("w+") as file:
        connection.connection.pgconn.trace(file.fileno())
        answer = ask()
        connection.connection.pgconn.untrace()
        assert answer.status_code == 200, answer.content
        os.lseek(file.fileno(), 0, os.SEEK_SET)
        lines = file.read().splitlines()
    return [line for line in lines if "\tF\t" in line and ("\tQuery\t" in line or "\tExecute\t" in line)]


def _cold(setting: Setting, product: Server, scrolls: Sequence[Scroll]) -> Iterator[Row]:
    cold_requests = [get(f"/v1/feed?limit={ITEMS}", each.token) for each in scrolls]
    ratios, costs = [], []
    with (
        asking(product, cold_requests) as cold,
        asking(product, in_turn(scrolls, [each.for_you for each in scrolls])) as warm,
    ):
        for _ in range(setting.rounds):
            both = []
            for crowd in (cold, warm):
                settled()
                engines = setting.engine_cpu_seconds()
                rate = crowd.run(setting.seconds)
                both.append((rate.cpu_seconds + setting.engine_cpu_seconds() - engines) / rate.answers)
            costs.append(both)
            ratios.append(both[0] / both[1])
    cold_ms, warm_ms = (1000 * statistics.median(side) for side in zip(*costs, strict=True))
    yield Row(
        "F4",
        "first page after a long absence: candidates, ranking, 200 places kept; other side: a warm page. "
        "Processor time of all processes",
        f"{cold_ms:.1f} ms",
        f"{warm_ms:.2f} ms",
        spread(ratios, 1),
        "≤ 12×",
        statistics.median(ratios) <= 12,
    )


def _memory(setting: Setting, product: Server, scrolls: Sequence[Scroll]) -> Iterator[Row]:
    pages = 0
    with asking(product, in_turn(scrolls, [each.for_you for each in scrolls])) as crowd:
        while pages < setting.pages:
            pages += crowd.run(max(1.0, setting.seconds)).answers
    megabytes = product.worker().memory_info().rss / 1e6
    yield Row(
        "B2",
        f"resident memory of an `api` worker after {pages:,} feed pages",
        f"{megabytes:.0f} MB",
        figure=f"{megabytes:.0f} MB",
        goal="≤ 160 MB",
        met=megabytes <= 160,
    )


def _middle(rounds: Sequence[Sequence[Rate]], side: int) -> str:
    return f"{statistics.median(rates[side].per_core for rates in rounds):,.0f}"


def _mean_cpu(rounds: Sequence[Sequence[Rate]], side: int) -> float:
    return sum(rates[side].cpu_seconds for rates in rounds) / sum(rates[side].answers for rates in rounds)
